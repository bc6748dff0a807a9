# shellcheck shell=bash disable=SC2034 # variables shared between the files of rows
# SPDX-License-Identifier: GPL-3.0-or-later
# rows_live: live flows under route changes, policy changes, foreign rules, dying engines and a dead daemon.

# flow_open NAME NS ADDRESS SERVER - an SSH session that is sent a word every 50 ms and sends it back
# flow_alive NAME [SECONDS] - words still come back
flow_open() {
	: >"$TMP/flow.$1"
	spawn "$2" "$TMP/flow.$1" bash -c 'exec ssh -F none -i "$1" -o BatchMode=yes -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "root@$2" cat < <(while echo tick; do sleep 0.05; done)' \
		- "$TMP/$4/user" "$3"
	eval "FLOW_$1=$SPAWNED"
	wait_for "${VM:+3}5" grep -q tick "$TMP/flow.$1"	# an emulated processor needs longer
}

flow_alive() {
	local before
	before=$(wc -c <"$TMP/flow.$1")
	wait_for "${2:-1${VM:+0}}" flow_grew "$1" "$before"
}

flow_grew() {
	[ "$(wc -c <"$TMP/flow.$1")" -gt "$2" ]
}

flow_word() {
	if flow_alive "$@"; then echo stays; else echo cut; fi
}

flow_close() {
	local pid=FLOW_$1
	stop "${!pid}" 2>/dev/null
}

rows_changes() {
	group changes "changes under live flows" "通信中の変更" \
		"a route that changes under a live flow, flows older than their policy"
	flow_open net kanri 10.30.2.80 naibu-ssh
	flow_open lgwan kanri 10.20.1.20 shomei-ssh
	row_result stays "$(flow_word net)" "kanri -> net: an SSH session" "管理 -> ネット系: SSH セッション" ""

	bytes_begin_any outside 10.30.2.80
	at box ip route replace 10.30.2.80/32 via 203.0.113.80 dev eth5
	row_result cut "$(flow_word net 0.7)" "its route moves to outside: nothing comes back" "経路が外部へ変わる: 応答なし" ""
	bytes_end
	row_result 0 "$BYTES" "  payload bytes that reached outside" "  外部に出た内容のバイト数" ""
	at box ip route del 10.30.2.80/32
	row_result stays "$(flow_word net 5)" "  the route returns, the session goes on" "  経路が戻れば続く" ""

	policy_without hoshu-net
	row_result cut "$(flow_word net 0.7)" "its permit is removed: cut at the switch" "許可を外す: 切り替えと同時に切断" ""
	row_result stays "$(flow_word lgwan)" "  its neighbour (kanri -> lgwan) goes on" "  隣の通信 (管理 -> LGWAN系) は続く" ""
	row block "  a new session" "  新しいセッション" ssh kanri 10.30.2.80 22 naibu-ssh
	policy_base
	row pass "  + permit hoshu-net: a new session" "  + permit hoshu-net: 新しいセッション" ssh kanri 10.30.2.80 22 naibu-ssh
	row_result stays "$(flow_word lgwan)" "  the neighbour still goes on" "  隣の通信はなお続く" ""
	flow_close net
	flow_close lgwan
}

# policy_without PERMIT - the town's policy less one permit
policy_without() {
	awk -v p="permit $1 {" 'index($0, p) == 1 {skip = 1} !skip {print} /^}/ {skip = 0}' "$TOWN_DIR/town.rules" >"$TMP/policy/without-$1.rules"
	apply_file "$TMP/policy/without-$1.rules"
}

bytes_begin_any() {
	spawn "$1" "$TMP/bytes.log" tcpdump -i eth0 -nn -q -l --immediate-mode -w "$TMP/bytes.pcap" "inbound and dst host $2"
	BYTES_PID=$SPAWNED
	wait_for 5 grep -q listening "$TMP/bytes.log"
}

rows_foreign() {
	group foreign "somebody else touches the rules" "他者がルールに触れる" "packets lost with a foreign chain, missing queue rules"
	local i n=0 sent=0
	for i in 1 2 3 4 5 6; do
		at box nft "add table ip foreign$i; add chain ip foreign$i c { type filter hook forward priority -$((i * 3)); }" &
		tried put kikan uchi.kamisato.example 10.20.9.20 uchi && n=$((n + 1))
		wait $!
		at box nft "delete table ip foreign$i" &
		tried put kikan uchi.kamisato.example 10.20.9.20 uchi && n=$((n + 1))
		wait $!
		sent=$((sent + 2))
	done
	row_result $sent $n "kikan -> lgwan: PUTs while a foreign chain comes and goes" "基幹 -> LGWAN系: 他のチェインの出入り中の PUT" "$n/$sent"
	[ "$(box_queue_kind)" = fallback ] || {
		echo "$(words "   (iptables -F: the queue is native here, no iptables rule to flush)" "   (iptables -F: ここでは native queue、消すべき iptables ルールはない)")"
		return
	}
	kill -STOP "$BOX_PID"	# nobody mends it
	at box iptables-nft -F
	row block "iptables -F: kikan -> lgwan TLS" "iptables -F: 基幹 -> LGWAN系 TLS" tls kikan shomei.kamisato.example 10.20.1.20 shomei
	kill -CONT "$BOX_PID"
	row_recovery "  the daemon mends the rules" "  デーモンがルールを戻す"
	row pass "  then: kikan -> lgwan TLS" "  その後: 基幹 -> LGWAN系 TLS" tls kikan shomei.kamisato.example 10.20.1.20 shomei
}

rows_failures() {
	settled
	group failures "dying engines, a dead daemon" "検査プロセスの死、デーモンの死" "dead engines, no daemon"
	local pids
	pids=$(box_engines)
	kill -STOP "$BOX_PID"	# nobody replaces them
	# shellcheck disable=SC2086 # a list of numbers
	kill -9 $pids
	row block "engines killed (-9), not replaced: kikan -> lgwan TLS" "検査プロセスを kill -9、代わりなし: 基幹 -> LGWAN系 TLS" tls kikan shomei.kamisato.example 10.20.1.20 shomei
	kill -CONT "$BOX_PID"
	row_result 0 "$(box_counter n_unseen_open)" "  packets that passed unseen" "  検査なしで通ったパケット" ""
	row_recovery "  recovered" "  復旧"
	row pass "  then: mail, the server speaks first" "  その後: メール (サーバが先に話す)" smtp net 10.30.1.30 10.20.1.30 mailtext
	row pass "  then: SSH" "  その後: SSH" ssh kanri 10.20.1.20 22 shomei-ssh
	row pass "  then: passive FTP" "  その後: パッシブ FTP" ftp lgwan 10.99.0.21 koshin 10.20.1.40

	box_kill
	row block "daemon gone: kikan -> lgwan TLS (closed pair)" "デーモン消滅: 基幹 -> LGWAN系 TLS" tls kikan shomei.kamisato.example 10.20.1.20 shomei
	row block "daemon gone: kikan -> net HTTP (no permit)" "デーモン消滅: 基幹 -> ネット系 HTTP" http kikan http://10.30.2.80 naibu
	row block "daemon gone: net -> kikan HTTP (no permit)" "デーモン消滅: ネット系 -> 基幹 HTTP" http net http://10.10.1.10 gyomu
	box_spawn
	wait_for 10 quick_tls
	row pass "daemon again: kikan -> lgwan TLS" "デーモン再開: 基幹 -> LGWAN系 TLS" tls kikan shomei.kamisato.example 10.20.1.20 shomei
}

# row_recovery EN JA - the closed pair works again; how long that took
row_recovery() {
	local start end=no
	start=$(now_us)
	wait_for 15 quick_tls && end=yes
	row_result yes $end "$1" "$2" "$((($(now_us) - start) / 1000)) ms"
}

quick_tls() {
	TRY_SECONDS=0.5 tried tls kikan shomei.kamisato.example 10.20.1.20 shomei
}

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# verify: Debian's kernel read back, in the guest (tests/vm/check.sh): the native queue and a real flowtable as the daemon applies
# them are proved to be the policy, each change that somebody makes to them is found, and its undo is proved again.
#
# The record of that kernel and the class numbers are left in the job's directory; VM_KEEP=1 keeps it, and
# tests/unit/records/native.record was made so.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"
# shellcheck source=tests/netns/box.sh
. "$(dirname "$0")/../netns/box.sh"

POLICY=tests/unit/records/native.rules
HERE=$(dirname "$0")

verify_lab() {
	local i
	ns box
	for i in 1 2 3 4; do
		dummy eth$i
	done
	addr box eth1 10.10.0.1/16
	addr box eth2 10.20.0.1/16
	addr box eth3 10.30.0.1/16
	addr box eth4 10.99.0.1/24
	forwarding box
}

dummy() {
	ip -n "${PFX}box" link add "$1" type dummy && ip -n "${PFX}box" link set "$1" up
}

# The exit status; $SAID is what it found.
verify() {
	SAID=$(box_sekimori verify --json 2>"$TMP/why")
}

proved() {
	verify && [ "$(jq -r .kernel.result <<<"$SAID")" = proved ]
}

# what WORD SEVERITY - a finding of that name
what() {
	jq -e --arg w "$1" --arg s "$2" 'any(.kernel.findings[]; .what == $w and .severity == $s)' <<<"$SAID" >/dev/null
}

summary() {
	jq -r '.kernel | .result, (.findings[] | select(.severity != "note") | "\(.what): \(.message)")' <<<"$SAID"
	cat "$TMP/why"
}

# change TEXT STATUS WORD SEVERITY CHANGE UNDO - both are run by eval
change() {
	local text=$1 status out
	out=$(eval "$5" 2>&1) || { bad "$text: it can be made" "$out"; return; }
	verify
	status=$?
	if [ $status = "$2" ] && what "$3" "$4"; then
		ok "$text: $3"
	else
		bad "$text: $3 ($4), exit status $2" "exit status $status" "$(summary)"
	fi
	out=$(eval "$6" 2>&1) || bad "$text: it can be undone" "$out"
	proved || bad "$text: undone, it is proved again" "$(summary)"
}

found() { # TEXT WORD CHANGE UNDO
	change "$1" 1 "$2" fault "$3" "$4"
}

harmless() { # TEXT WORD CHANGE UNDO - told, and proved to change nothing
	change "$1" 0 "$2" note "$3" "$4"
}

# ---- rules of our table ----

rules() { # CHAIN
	at box nft -a list chain inet sekimori "$1" | sed -n 's/^\t\t\(.*\) # handle \([0-9]*\)$/\2 \1/p'
}

row() { # CHAIN PATTERN - from 0
	rules "$1" | grep -n -- "$2" | head -n 1 | awk -F : '{print $1 - 1}'
}

at_row() { # CHAIN ROW - "HANDLE TEXT"
	rules "$1" | sed -n "$(($2 + 1))p"
}

# edit CHAIN PATTERN TEXT - the first rule that matches becomes TEXT; without TEXT it goes
edit() {
	local line
	ROW=$(row "$1" "$2")
	[ -n "$ROW" ] || { echo "no such rule: $1: $2"; return 1; }
	line=$(at_row "$1" "$ROW")
	echo "$line" >"$TMP/edited"
	echo "$ROW" >"$TMP/row"
	if [ -n "${3:-}" ]; then
		at box nft replace rule inet sekimori "$1" handle "${line%% *}" "$3"
	else
		at box nft delete rule inet sekimori "$1" handle "${line%% *}"
	fi
}

# mend CHAIN - what the last edit changed is there again
mend() {
	local row line old
	row=$(cat "$TMP/row")
	old=$(cut -d ' ' -f 2- "$TMP/edited")
	line=$(at_row "$1" "$row")
	at box nft replace rule inet sekimori "$1" handle "${line%% *}" "$old"
}

# back CHAIN - a rule that went is there again
back() {
	local row old
	row=$(cat "$TMP/row")
	old=$(cut -d ' ' -f 2- "$TMP/edited")
	if [ "$row" = 0 ]; then
		at box nft insert rule inet sekimori "$1" "$old"
	else
		at box nft add rule inet sekimori "$1" index $((row - 1)) "$old"
	fi
}

nft_box() {
	at box nft "$@"
}

# element MAP KEY VALUE - the element has another value
element() {
	nft_box "delete element inet sekimori $1 { $2 }; add element inet sekimori $1 { $2 : $3 }"
}

# key_of VERDICT - of the class whose verdict that is, in the map of classes
key_of() {
	nft_box list map inet sekimori "class_$N" | grep -o "0x[0-9a-f]* : $1" | head -n 1 | cut -d ' ' -f 1
}

changes_to_ours() {
	found "another queue number" treats-otherwise "edit q_closed_$N queue 'queue to symhash mod 2 offset 4'" "mend q_closed_$N"
	found "one queue less" treats-otherwise "edit q_closed_$N queue 'queue to 0'" "mend q_closed_$N"
	found "a queue that lets pass when nobody listens" passes-unseen \
		"edit q_closed_$N queue 'queue flags bypass to symhash mod 2'" "mend q_closed_$N"
	found "no queue at all, so that ours drops what it has not seen" passes-less "edit q_closed_$N queue accept" "mend q_closed_$N"
	found "packets that no engine saw pass" passes-more "edit passed n_unseen_closed" "back passed"
	found "the class of a packet is not told the engines" treats-otherwise "edit facts 0x40000000" "back facts"
	found "the address check of a pair goes" not-at-home "edit p_kikan_lgwan_$N 'ip saddr !='" "back p_kikan_lgwan_$N"
	found "what is permitted is dropped" passes-less "edit forward pair_$N" "back forward"
	found "the policy of input flips" passes-more "edit input 'goto denied' && nft_box 'chain inet sekimori input { policy accept; }'" \
		"nft_box 'chain inet sekimori input { policy drop; }' && back input"
	found "a rule before the zones" isolation "nft_box insert rule inet sekimori forward accept" \
		"nft_box delete rule inet sekimori forward handle \$(rules forward | sed -n '1s/ .*//p')"
	found "one address more in a permit" passes-more "nft_box add element inet sekimori p4_net_cloud_$N '{ 10.30.0.0/16 . 10.99.0.11 . tcp . 22 : 0x00000002 }'" \
		"nft_box delete element inet sekimori p4_net_cloud_$N '{ 10.30.0.0/16 . 10.99.0.11 . tcp . 22 }'"
	found "a class that is no longer inspected" passes-unseen "element class_$N $LOGS 'accept'" "element class_$N $LOGS 'goto q_closed_$N'"
	found "a pair of zones that was closed" isolation "nft_box add element inet sekimori pair_$N '{ \"eth1\" . \"eth3\" : accept }'" \
		"nft_box delete element inet sekimori pair_$N '{ \"eth1\" . \"eth3\" }'"
	harmless "an address is cut off" cut "nft_box add element inet sekimori cut4 '{ 10.30.9.9 }'" "nft_box delete element inet sekimori cut4 '{ 10.30.9.9 }'"
}

changes_to_the_flowtable() {
	found "a conversation of mynumber leaves the rules" treats-otherwise "edit p_kikan_lgwan_$N 'ct mark vmap' 'ct mark != 0 flow add @ft'" "mend p_kikan_lgwan_$N"
	found "a line of the flowtable is made anew" flowtable-device "ip -n ${PFX}box link del eth4 && dummy eth4" \
		"nft_box add flowtable inet sekimori ft '{ hook ingress priority filter; devices = { eth4 }; }'"
	found "a foreign line joins it" flowtable-device \
		"dummy eth9 && nft_box add flowtable inet sekimori ft '{ hook ingress priority filter; devices = { eth9 }; }'" "ip -n ${PFX}box link del eth9"
}

stranger() { # HOOK PRIORITY RULE [OBJECTS]
	nft_box "table inet other { ${4:-} chain c { type filter hook $1 priority $2; $3; }; }"
}

changes_beside() {
	local gone="nft_box delete table inet other"
	harmless "a foreign chain that only counts" foreign-table "stranger forward -300 counter" "$gone"
	found "a foreign chain that drops, after ours" passes-less "stranger forward 300 'udp dport 514 drop'" "$gone"
	found "a foreign queue" treats-otherwise "stranger forward 5 'queue to 9'" "$gone"
	found "packets out of conntrack" notrack "stranger prerouting -300 'udp dport 514 notrack'" "$gone"
	found "a foreign conntrack mark" ctmark-writer "stranger forward 300 'ct mark set 0x00010001'" "$gone"
	found "a foreign packet mark" treats-otherwise "stranger prerouting -150 'meta mark set 7'" "$gone"
	found "a conntrack helper" helper "stranger prerouting 0 'tcp dport 21 ct helper set \"files\"' 'ct helper files { type \"ftp\" protocol tcp; };'" "$gone"
	found "translated addresses" nat "nft_box 'table ip other { chain c { type nat hook postrouting priority 100; masquerade; }; }'" "nft_box delete table ip other"
	found "rules at the entrance of a line" foreign-hook "nft_box 'table netdev other { chain c { type filter hook ingress device eth2 priority 0; accept; }; }'" \
		"nft_box delete table netdev other"
	found "tables of iptables-legacy" legacy-tables "at box iptables-legacy -A FORWARD -j ACCEPT" "at box iptables-legacy -F && modprobe -r iptable_filter"
	harmless "a rule of routing" routing-rule "ip -n ${PFX}box rule add fwmark 3 table 7" "ip -n ${PFX}box rule del fwmark 3 table 7"
	found "a filter of traffic control" traffic-control "at box tc qdisc add dev eth2 clsact && at box tc filter add dev eth2 ingress matchall action drop" \
		"at box tc qdisc del dev eth2 clsact"
	found "an XDP program" program xdp_on xdp_off
	found "a bridge" bridge "ip -n ${PFX}box link add br0 type bridge && ip -n ${PFX}box link set eth2 master br0" "ip -n ${PFX}box link del br0"
	found "a setting that loses events" sysctl "at box sysctl -qw net.netfilter.nf_conntrack_events=0" "at box sysctl -qw net.netfilter.nf_conntrack_events=1"
}

xdp_on() {
	: >"$TMP/xdp"
	spawn box "$TMP/xdp" python3 "$HERE/xdp.py" eth2
	echo "$SPAWNED" >"$TMP/xdp.pid"
	wait_for 60 grep -q attached "$TMP/xdp" || { cat "$TMP/xdp"; return 1; }
}

xdp_off() {
	kill "$(cat "$TMP/xdp.pid")"
	wait_for 60 xdp_gone
}

xdp_gone() {
	! ip -n "${PFX}box" link show eth2 | grep -q xdp
}

told_by_the_daemon() {
	jq -se 'map(select(.sekimori.detector == "drift")) | length > 10' "$BOX_LOG/eve.json" >/dev/null
}

daemon_proved() {
	[ "$(box_status | jq -r .kernel.result)" = proved ]
}

lib_begin verify nft jq tc iptables-legacy python3
verify_lab
box_start $POLICY 'engines = 2;'
N=$(nft_box list chains | sed -n 's/.*chain q_closed_\([0-9]*\) .*/\1/p')
LOGS=$(key_of "goto offl_$N" | sed 's/0x0002/0x0000/')
equal "the queue is nft's own" native "$(box_queue_kind)"
check "the flowtable has the lines of the zones" sh -c "ip netns exec ${PFX}box nft list flowtables | grep -q eth4"
check "the daemon proves its kernel" wait_for 60 daemon_proved
check "so does the CLI" proved
check "and keeps a record" box_sekimori verify --save "$TMP/native.record"
[ ! -d /run/job ] || cp "$TMP/native.record" "$BOX_STATE/numbers" /run/job/
changes_to_ours
changes_to_the_flowtable
changes_beside
check "the daemon told of it, too" told_by_the_daemon
check "and proves its kernel again" wait_for 60 daemon_proved
check "the record of before is still proved" box_sekimori verify --record "$TMP/native.record"
box_stop
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# kernel_dump: the kernel is read whole: as many things as nft lists, for a process with CAP_NET_ADMIN and nothing else,
# of one generation while somebody loads rules, and what is told of changes that real programs make.
# shellcheck disable=SC2016 # jq programs in single quotes
. "$(dirname "$0")/lib.sh"
lib_begin kernel_dump nft jq iptables-nft setpriv tc
BUILD=$(realpath -m "${B:-build}")
RECORD=$BUILD/tests/netns/record

ns box
link box v0 box v1
"$BUILD/sekimori" nft "$(dirname "$0")/town.rules" --flowtable >"$TMP/town.nft" 2>/dev/null ||
	"$BUILD/sekimori" nft "$(dirname "$0")/town.rules" >"$TMP/town.nft" || exit 2
at box nft -c -f "$TMP/town.nft" 2>/dev/null || "$BUILD/sekimori" nft "$(dirname "$0")/town.rules" --fallback >"$TMP/town.nft"
check "the town's ruleset loads" at box nft -f "$TMP/town.nft"

# ---- everything, once ----
counted() { # of nft, without the sets it does not name
	at box nft -j list ruleset | jq -c '[.nftables[] | keys[0]] | {tables: map(select(. == "table")) | length,
		chains: map(select(. == "chain")) | length, rules: map(select(. == "rule")) | length,
		objects: map(select(. == "counter")) | length}'
}
read_back() { "$RECORD" count "$TMP/town.record" | jq -c '{tables, chains, rules, objects}'; }
check "the kernel is read" at box "$RECORD" save "$TMP/town.record"
equal "as many tables, chains, rules and counters as nft lists" "$(counted)" "$(read_back)"
equal "... and sets with their elements" true "$("$RECORD" count "$TMP/town.record" | jq '.sets >= 30 and .elements >= 100')"
start=$(now_us)
at box "$RECORD" save "$TMP/again.record"
check "... within half a second ($((($(now_us) - start) / 1000)) ms)" [ $(($(now_us) - start)) -lt 500000 ]
check "nothing has changed meanwhile" "$RECORD" diff "$TMP/town.record" "$TMP/again.record"

chmod 777 "$TMP"
capable() {
	at box setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all,+net_admin --ambient-caps=-all,+net_admin \
		--bounding-set=-all,+net_admin "$RECORD" save "$TMP/user.record"
}
check "CAP_NET_ADMIN is enough" capable
equal "... and reads the same, but for what only root may read" "" \
	"$("$RECORD" diff "$TMP/town.record" "$TMP/user.record" | sed 's/.*: //' | tr ';' '\n' | grep -v -e tables_names -e '^nothing$')"
refuse "without it nothing is read" at box setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
	--bounding-set=-all "$RECORD" save "$TMP/none.record"

# ---- while somebody loads rules: a table of two chains is there whole or not at all ----
cat >"$TMP/churn.sh" <<-'CHURN'
	i=0
	while [ $i -lt 300 ]; do
		nft 'table ip churn { chain a { counter; counter; }; chain b { counter; }; }'
		nft delete table ip churn
		i=$((i + 1))
	done
CHURN
spawn box "$TMP/churn.log" sh "$TMP/churn.sh"
churn=$SPAWNED base=$("$RECORD" count "$TMP/town.record" | jq -r '"\(.tables) \(.chains) \(.rules)"')
whole="$base
$(echo "$base" | awk '{print $1 + 1, $2 + 2, $3 + 3}')"
reads=0 halves=0
while kill -0 "$churn" 2>/dev/null && [ $reads -lt 60 ]; do
	at box "$RECORD" save "$TMP/churn.record" 2>"$TMP/churn.why" || { grep -q 'faster' "$TMP/churn.why" || halves=$((halves + 1)); continue; }
	reads=$((reads + 1))
	"$RECORD" count "$TMP/churn.record" | jq -r '"\(.tables) \(.chains) \(.rules)"' | grep -qxF "$whole" || halves=$((halves + 1))
done
stop "$churn"
check "records while rules change ($reads): some were made" [ $reads -ge 5 ]
equal "... none is half of one ruleset and half of another" 0 $halves
at box nft delete table ip churn 2>/dev/null

# ---- what real programs change, in words ----
told() { # EXPECTED COMMAND...: in the words told of it
	local expected=$1 words
	shift
	at box "$RECORD" save "$TMP/before.record"
	at box "$@" >"$TMP/said" 2>&1 || bad "$*" "$(cat "$TMP/said")"
	at box "$RECORD" save "$TMP/after.record"
	words=$("$RECORD" diff "$TMP/before.record" "$TMP/after.record")
	case $words in
	*"$expected"*) ok "told: $expected" ;;
	*) bad "told: $expected" "$*" "$words" ;;
	esac
}
handle() { at box nft -a list chain inet sekimori forward | sed -n "s/.*$1.* # handle //p" | tail -n 1; }
told "1 rule removed: rule removed inet sekimori forward handle" nft delete rule inet sekimori forward handle "$(handle 'untracked')"
told "1 rule added: rule added inet sekimori forward handle" nft insert rule inet sekimori forward accept
told "goto denied -> accept" nft replace rule inet sekimori forward handle "$(handle 'goto denied')" accept
told "1 element added: element added inet sekimori cut4: 10.9.9.9" nft add element inet sekimori cut4 '{ 10.9.9.9 }'
told "1 table added, 1 chain added: table added ip other (with 1 in it); chain added ip other f: type filter hook 2 priority -100 policy accept" \
	nft 'table ip other { chain f { type filter hook forward priority -100; tcp dport 443 accept; }; }'
told "chain added ip filter FORWARD: type filter hook 2 priority 0 policy accept" sh -c 'iptables-nft -N x && iptables-nft -A FORWARD -j ACCEPT'
told "chain removed ip filter x" sh -c 'iptables-nft -F && iptables-nft -X x'
told "table removed ip other" nft delete table ip other
told "nothing" nft reset counters
told "nothing" nft 'add table ip nothing; delete table ip nothing'
told "chain added netdev n c: type filter hook 0" nft 'table netdev n { chain c { type filter hook ingress device v0 priority 0; }; }'
told "setting changed /proc/sys/net/ipv4/conf/v0/accept_source_route: " sh -c \
	'f=/proc/sys/net/ipv4/conf/v0/accept_source_route; echo $((1 - $(cat $f))) >$f'
told "1 interface added: interface added other" ip link add other type bridge
told "interface changed v1: veth -> veth, below interface" sh -c 'ip link add br0 type bridge && ip link set v1 master br0'
told "1 qdisc added: qdisc added interface" tc qdisc add dev v0 clsact
told "tc filters added" tc filter add dev v0 ingress u32 match u32 0 0 action mirred egress redirect dev v1
told "1 routing rule added" ip rule add fwmark 3 table 7
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# live_rehearse: what `rehearse` and `draft` say comes true. The town's programs run while everything is only observed; each
# conversation that was recorded is rehearsed under the town's policy; that policy is applied, the same programs run
# again, and prediction and observation are compared one by one. Then a draft made from the records, filled in, is
# applied, and everything that was observed passes again.
# shellcheck source=tests/netns/town.sh
. "$(dirname "$0")/town.sh"
# shellcheck source=tests/netns/box.sh
. "$(dirname "$0")/box.sh"
# shellcheck disable=SC2086 # a list of programs
lib_begin live_rehearse $TOWN_PROGRAMS jq conntrack
town_build
town_start

# who tries what: a try of tries.sh a line, each another conversation. In two parts, as no host may be observed to join
# the individual-number segment to the world in two hops
programs_one() {
	cat <<-END
		tls kikan shomei.kamisato.example 10.20.1.20 shomei
		http kikan http://10.20.1.20 shomei
		icmp kikan 10.20.1.20 lgwan
		dns kikan 10.20.1.20 shomei-dns
		ssh kikan 10.20.1.21 443 shomei-ssh
		put kikan uchi.kamisato.example 10.20.9.20 uchi
		proxy net http://www.good.example world
		proxy net https://www.good.example world
		proxy net http://www.forbidden.example world
		proxy net https://www.forbidden.example world
		proxy_second net http://www.forbidden.example world
		proxy_second net http://www.good.example world
		proxy_fronted net www.good.example www.forbidden.example world
		dns net 10.99.0.53 resolver
		dns net 10.99.0.54 resolver2
		syslog net 10.99.0.14 soc
		icmp net 10.99.0.10 cloud
		ssh kanri 10.20.1.20 22 shomei-ssh
		ssh kanri 10.30.2.80 22 naibu-ssh
		http kanri http://10.30.2.80 naibu
	END
}
programs_two() {
	cat <<-END
		smtp net 10.30.1.30 10.20.1.30 mailtext
		smtp net fd00:30::30 fd00:20::30 mailtext
		smtp net 10.30.2.5 10.20.1.30 mailtext
		ftp lgwan 10.99.0.21 koshin 10.20.1.40
		ftp lgwan 10.99.0.21 koshin 10.20.1.30
	END
}

# the town's zones, hosts, services and profiles, without a permit; $1: lines to put behind them
without_permits() {
	sed '/^permit /,/^}/d' "$TOWN_DIR/town.rules"
	echo "$1"
}
TOWN_DIR=$(cd "$(dirname "$0")" && pwd)
watch() {
	echo "crossing watch-$1 { between zone ${1%-*}, zone ${1#*-}; mode observe; owner \"情報政策課\"; until 2099-03-31; }"
}
mkdir -p "$TMP/one" "$TMP/two" "$TMP/closed"
# from the management zone a crossing would open the way back, too: there a permit that stops nothing is what observes
APPROVED='owner "情報政策課"; reason "観察"; reference "試験1"; approved-by "CISO"; approved-on 2026-04-01; review 2099-03-31;'
WATCH_KANRI="permit watch-kanri { kind maintenance; from zone kanri; to zone net; service any; profile observe; $APPROVED }
permit watch-ssh { kind maintenance; from host tanto; to host shomei; service ssh; application SSH; profile browse; $APPROVED }"
without_permits "$(for pair in kikan-lgwan net-cloud; do watch $pair; done; echo "$WATCH_KANRI")" >"$TMP/one/town.rules"
without_permits "$(for pair in net-lgwan lgwan-cloud; do watch $pair; done)" >"$TMP/two/town.rules"
without_permits "" >"$TMP/closed/town.rules"

written() {
	local before
	before=$(wc -c <"$BOX_LOG/eve.json")
	sleep 0.7
	[ "$(wc -c <"$BOX_LOG/eve.json")" = "$before" ]
}
flows_end() {
	at box conntrack -F 2>/dev/null
	wait_for 10 written
}

box_start "$TMP/one/town.rules"

# ---- observed: everything passes ----
observe() {
	local line from
	while read -r line <&3; do
		from=$(now_us)
		# shellcheck disable=SC2086 # words of the line
		if tried $line; then ok "observed: $line"; else bad "observed: $line" "$TRIED"; fi
		echo "$from $(now_us) $line" >>"$TMP/tries"
	done 3< <("$1")
	flows_end
}
observe programs_one
check "the other part is observed" box_sekimori apply "$TMP/two/town.rules" --reason test --override test
observe programs_two

# slice FROM TO - events of conversations that began between
slice() {
	/usr/bin/python3 - "$BOX_LOG/eve.json" "$1" "$2" <<-'END'
		import json, sys
		from datetime import datetime
		low, high = int(sys.argv[2]), int(sys.argv[3])
		for line in open(sys.argv[1], encoding="utf-8"):
		    event = json.loads(line)
		    if event["event_type"] != "flow":
		        continue
		    start = datetime.strptime(event["flow"]["start"], "%Y-%m-%dT%H:%M:%S.%f%z")
		    if low <= int(start.timestamp() * 1e6) <= high:
		        sys.stdout.write(line)
	END
}

# ---- rehearsed: one prediction each ----
while read -r from to line; do
	slice "$from" "$to" >"$TMP/slice.json"
	box_sekimori rehearse "$TOWN_DIR/town.rules" --events "$TMP/slice.json" --json >"$TMP/rehearsed.json" 2>"$TMP/rehearsed.err"
	total=$(jq '[.totals[]] | add' "$TMP/rehearsed.json")
	if [ "$(jq .totals.unclear "$TMP/rehearsed.json")" != 0 ] || [ "${total:-0}" = 0 ]; then
		verdict=unclear
		bad "rehearsed: $line" "$(jq -c . "$TMP/rehearsed.json")" "$(cat "$TMP/slice.json" "$TMP/rehearsed.err")"
	elif [ "$(jq .totals.cut "$TMP/rehearsed.json")" != 0 ]; then
		verdict=block
	else
		verdict=pass
	fi
	echo "$verdict $(jq -r '[.conversations[] | select(.outcome == "cut") | "\(.reason):\(.statement // "")"] | unique | join(",")' \
		"$TMP/rehearsed.json"). $line" >>"$TMP/predicted"
done <"$TMP/tries"
check "something would be cut, and something pass" sh -c "grep -q ^block '$TMP/predicted' && grep -q ^pass '$TMP/predicted'"
refuse "rehearse of all records ends in 1" box_sekimori rehearse "$TOWN_DIR/town.rules" --events "$BOX_LOG"
refuse "the promotion report says not yet" box_sekimori rehearse "$TMP/one/town.rules" --promote --events "$BOX_LOG"
for part in one two; do
	refuse "draft proposes something, part $part" box_sekimori draft "$TMP/$part/town.rules" --events "$BOX_LOG"
done
# both parts from one policy without a permit: what the crossings were makes no difference to a draft
box_sekimori draft "$TMP/closed/town.rules" --events "$BOX_LOG" >"$TMP/draft"

# ---- applied: what was predicted happens ----
check "the town's policy is applied" box_sekimori apply "$TOWN_DIR/town.rules" --reason test --override test
while read -r verdict why line <&3; do
	observed=block
	# shellcheck disable=SC2086 # words of the line
	tried $line && observed=pass
	equal "rehearsed as $verdict, so it is: $line ($why)" "$verdict" "$observed" || echo "     | $TRIED"
done 3<"$TMP/predicted"

# ---- explain asks the kernel that has it in force ----
explained() { box_sekimori explain "$@" --kernel >"$TMP/explained" 2>&1; }
check "explain --kernel: a permit, as the kernel has it" explained "$TOWN_DIR/town.rules" --from gyomu --to shomei --service https
check "... with its class and queue" grep -q 'goto q_closed' "$TMP/explained"
check "explain --kernel: IPv6" explained "$TOWN_DIR/town.rules" --from fd00:30::30 --to fd00:20::30 --service smtp
check "explain --kernel: ICMP" explained "$TOWN_DIR/town.rules" --from 10.30.2.5 --to proxy --service icmp/8
check "explain --kernel: a wide permit" explained "$TOWN_DIR/town.rules" --from 10.30.2.5 --to proxy --service proxy
check "explain --kernel: what nothing permits" explained "$TOWN_DIR/town.rules" --from 10.10.1.10 --to 10.20.1.20 --service tcp/22
check "... is in none of its maps" grep -q 'none of its maps' "$TMP/explained"
refuse "explain --kernel: another policy than is in force" explained "$TMP/closed/town.rules" --from 10.10.1.10 --to 10.20.1.20 --service tcp/443
check "... is told" grep -q 'SAYS OTHERWISE' "$TMP/explained"

# ---- the draft, filled in, without the crossings: what was observed passes ----
sed -e 's|^include .*|include "town.rules";|' -e 's/^# value/value/' "$TMP/draft" >"$TMP/closed/draft.rules"
check "the draft is applied once it is filled in" box_sekimori apply "$TMP/closed/draft.rules" --reason test --override test
while read -r line <&3; do
	# shellcheck disable=SC2086 # words of the line
	if tried $line; then ok "drafted: $line"; else bad "drafted: $line" "$TRIED"; fi
done 3< <(programs_one; programs_two)
box_stop
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# parity: all rows of the demo, while the box's own interfaces are captured; each stretch under one policy is then
# replayed with that policy, and live and replay must agree in the projection of contract C4 (projection.py).
# What a capture cannot know (a route that changes, an engine that is dead) is named and counted, not hidden:
# rows call `unknowable REASON` before such a stretch, which lasts until their group ends.
# shellcheck source=tests/netns/rows.sh
. "$(dirname "$0")/rows.sh"

BOX_INTERFACES="eth0 eth1 eth2 eth3 eth4 eth5"
EPOCH=0 EPOCH_PIDS=() UNKNOWABLE_NOW=
EPOCHS=$(mktemp)	# lines: number from to policy-file reason

# one tcpdump an interface, of what comes in: zones are told by interface, and no packet is seen twice
epoch_begin() {
	local i
	EPOCH=$((EPOCH + 1))
	EPOCH_REASON=${1:-}
	EPOCH_PIDS=()
	for i in $BOX_INTERFACES; do
		: >"$TMP/tcpdump.$i"
		spawn box "$TMP/tcpdump.$i" tcpdump -i "$i" -Q in -U -B 8192 -s 0 --immediate-mode -w "$TMP/$i.$EPOCH.pcap"
		EPOCH_PIDS+=("$SPAWNED")
	done
	for i in $BOX_INTERFACES; do
		wait_for 5 grep -q listening "$TMP/tcpdump.$i"
	done
	EPOCH_FROM=$(now_us)
}

epoch_end() {
	local p
	[ ${#EPOCH_PIDS[@]} -gt 0 ] || return
	echo "$EPOCH $EPOCH_FROM $(now_us) $POLICY_IN_FORCE $EPOCH_REASON" >>"$EPOCHS"
	for p in "${EPOCH_PIDS[@]}"; do
		stop "$p" INT
	done
	EPOCH_PIDS=()
}

# hooks of table.sh
before_apply() {
	epoch_end
}
after_apply() {
	epoch_begin "$UNKNOWABLE_NOW"
}
unknowable() {
	epoch_end
	UNKNOWABLE_NOW=$*
	epoch_begin "$*"
}
knowable() {
	[ -n "$UNKNOWABLE_NOW" ] || return
	epoch_end
	UNKNOWABLE_NOW=
	epoch_begin ''
}
settled() {
	flows_end
}

# Every conversation is over: the kernel reports its end, the recorder writes its flow event.
flows_end() {
	at box conntrack -F 2>/dev/null
	wait_for 5 written
}

written() {
	local before
	before=$(wc -c <"$BOX_LOG/eve.json")
	sleep 0.7
	[ "$(wc -c <"$BOX_LOG/eve.json")" = "$before" ]
}

# one stretch: number, from, to, policy, reason
compare_epoch() {
	local i files=() n=$1 from=$2 to=$3 policy=$4 live=$TMP/live.$1 replay=$TMP/replay.$1
	shift 4
	"$TOWN_DIR/projection.py" "$BOX_LOG/eve.json" "$((from / 1000000)).$(printf %06d $((from % 1000000)))" \
		"$((to / 1000000)).$(printf %06d $((to % 1000000)))" >"$live"
	if [ -n "$*" ]; then
		UNKNOWABLE=$((UNKNOWABLE + $(wc -l <"$live")))
		echo "     not compared, $(wc -l <"$live") live events: $*"
		return
	fi
	for i in $BOX_INTERFACES; do
		[ "$(wc -c <"$TMP/$i.$n.pcap")" -le 24 ] || files+=("$i=$TMP/$i.$n.pcap")	# more than the file's head
	done
	[ ${#files[@]} -gt 0 ] || { equal "stretch $n (${policy##*/}): nothing came in, nothing told" 0 "$(wc -l <"$live")"; return; }
	if ! box_sekimori replay --policy "$policy" "${files[@]}" >"$TMP/replay.json" 2>"$TMP/replay.err"; then
		bad "stretch $n (${policy##*/}) replays" "$(cat "$TMP/replay.err")"
		return
	fi
	"$TOWN_DIR/projection.py" "$TMP/replay.json" >"$replay"
	COMPARED=$((COMPARED + $(wc -l <"$replay")))
	if diff "$live" "$replay" >"$TMP/diff"; then
		ok "stretch $n (${policy##*/}): $(wc -l <"$live") events agree"
	else
		bad "stretch $n (${policy##*/}): live < and replay > differ" "$(cat "$TMP/diff")"
		[ -z "${KEEP:-}" ] || cp "$TMP/replay.json" "$TMP/replay.$n.json"
	fi
}

rows_begin parity
box_start "$TMP/policy/base.rules"
POLICY_IN_FORCE=$TMP/policy/base.rules
epoch_begin ''
# shellcheck disable=SC2086 # a list of words
if [ $# = 0 ]; then rows_run $ROW_GROUPS; else rows_run "$@"; fi
epoch_end
flows_end
box_stop
echo
COMPARED=0 UNKNOWABLE=0
while read -r line; do
	# shellcheck disable=SC2086 # words of the line
	compare_epoch $line
done <"$EPOCHS"
rm -f "$EPOCHS"
check "at least 50 events were compared" test "$COMPARED" -ge 50
echo "parity: $COMPARED events compared, $UNKNOWABLE in stretches that a capture cannot know"
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# parity: all rows of the demo, while the box's own interfaces are captured; each stretch under one policy is then
# replayed with that policy, and live and replay must agree in the projection of contract C4 (projection.py).
# What a capture cannot know (a route that changes, an engine that is dead) is named and counted, not hidden:
# rows call `unknowable REASON` before such a stretch.
# shellcheck source=tests/netns/rows.sh
. "$(dirname "$0")/rows.sh"

EPOCH=0
EPOCHS=$(mktemp)	# lines: number from to policy-file reason

epoch_begin() {
	EPOCH=$((EPOCH + 1))
	EPOCH_REASON=${1:-}
	local i args=()
	for i in 0 1 2 3 4 5; do
		args+=(-i "eth$i" -f inbound)
	done
	: >"$TMP/dumpcap.log"
	spawn box "$TMP/dumpcap.log" dumpcap -q -B 64 -s 0 "${args[@]}" -w "$TMP/epoch.$EPOCH.pcapng"
	EPOCH_PID=$SPAWNED
	wait_for 5 grep -q 'File:' "$TMP/dumpcap.log"
	EPOCH_FROM=$(now_us)
}

epoch_end() {
	[ -n "${EPOCH_PID:-}" ] || return
	echo "$EPOCH $EPOCH_FROM $(now_us) $POLICY_IN_FORCE $EPOCH_REASON" >>"$EPOCHS"
	stop "$EPOCH_PID" INT
	EPOCH_PID=
}

# hooks of table.sh
before_apply() {
	epoch_end
}
after_apply() {
	epoch_begin ''
}
unknowable() {
	epoch_end
	epoch_begin "$*"
}

# one stretch: number, from, to, policy, reason
compare_epoch() {
	local n=$1 from=$2 to=$3 policy=$4 live=$TMP/live.$1 replay=$TMP/replay.$1
	shift 4
	"$TOWN_DIR/projection.py" "$BOX_LOG/eve.json" "$((from / 1000000)).$(printf %06d $((from % 1000000)))" \
		"$((to / 1000000)).$(printf %06d $((to % 1000000)))" >"$live"
	if [ -n "$*" ]; then
		UNKNOWABLE=$((UNKNOWABLE + $(wc -l <"$live")))
		echo "     not compared, $(wc -l <"$live") live events: $*"
		return
	fi
	reordercap "$TMP/epoch.$n.pcapng" "$TMP/epoch.pcapng" >/dev/null 2>&1
	if ! box_sekimori replay --policy "$policy" "$TMP/epoch.pcapng" >"$TMP/replay.json" 2>"$TMP/replay.err"; then
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

need dumpcap reordercap
rows_begin parity
box_start "$TMP/policy/base.rules"
POLICY_IN_FORCE=$TMP/policy/base.rules
epoch_begin ''
# shellcheck disable=SC2086 # a list of words
if [ $# = 0 ]; then rows_run $ROW_GROUPS; else rows_run "$@"; fi
epoch_end
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

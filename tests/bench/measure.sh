# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# measure: one function a figure; each appends "FIGURE VARIANT VALUE" lines to $RESULTS. lab.sh says what stands in the box.

SECONDS_EACH=${SECONDS_EACH:-2}
PLANTS=10
declare -A PLANTED=()	# by variant, since it was started

# value KEY TEXT - of "key=value key=value"
value() {
	echo " $2" | sed -n "s/.* $1=\([^ ]*\).*/\1/p"
}

result() {
	echo "$1 $VARIANT $2" >>"$RESULTS"
}

# Names planted since the last call, told by the variant, passed to the server: a queued figure needs the first two equal and
# the third 0. Names keep their numbers within one life of the variant, so each measure plants with a new base.
plants_check() {
	local figure=$1 planted=$2 passed=$3
	case $VARIANT in sekimori | suricata | firewalled) ;; *) return 0 ;; esac
	local told all=$((${PLANTED[$VARIANT]:-0} + planted))
	wait_for 3 lab_told_at_least "$all"
	told=$(lab_told)
	PLANTED[$VARIANT]=$told
	if [ "$told" = "$all" ] && [ "$passed" = 0 ]; then
		result "$figure.plants" 0
	else
		echo "     $VARIANT $figure: planted $all, told $told, passed $passed" >&2
		result "$figure.plants" $((all - told + passed))
	fi
}

lab_told_at_least() {
	[ "$(lab_told)" -ge "$1" ]
}

# Bulk over HTTP, a protocol whose every request is judged: Gb/s
measure_bulk() {
	local out
	out=$(at client "$BIN/http_load" "$SERVER" 80 "$SECONDS_EACH" 4 /big $PLANTS $RANDOM $PLANT_BASE) || return
	result bulk "$(value gbps "$out")"
	PLANT_BASE=$((PLANT_BASE + PLANTS))
	plants_check bulk "$(value planted "$out")" "$(value answered "$out")"
}

# Bulk text that is scanned for numbers: Gb/s. It counts only when the lists of numbers that are fetched after it are all told.
measure_content() {
	local i before
	result content "$(value gbps "$(at client "$BIN/http_load" "$SERVER" 8080 "$SECONDS_EACH" 4 /text 0 $RANDOM 0)")"
	[ "$VARIANT" = sekimori ] || return 0
	before=$(lab_lists)
	for i in 0 1 2 3 4; do
		at client curl -s -m 10 -o /dev/null "http://$SERVER:8080/list$i"
	done
	wait_for 3 lists_told $((${before:-0} + 5))
	result content.plants $((${before:-0} + 5 - $(lab_lists)))
}

lists_told() {
	[ "$(lab_lists)" -ge "$1" ]
}

# Bulk that leaves the queue after the decision: Gb/s
measure_passed() {
	at client iperf3 -c "$SERVER" -t "$SECONDS_EACH" -O 0.3 -P 2 -J >"$TMP/iperf3.json" 2>/dev/null
	result passed "$(jq -r '.end.sum_received.bits_per_second / 1e9' "$TMP/iperf3.json")"
}

# 64-byte UDP flat out: thousand packets a second that arrive
measure_udp() {
	local out sent receiver
	: >"$TMP/udp.out"
	spawn server "$TMP/udp.out" "$BIN/dns_load" recv "$SERVER" 53 "$(awk -v s="$SECONDS_EACH" 'BEGIN {print s + 0.6}')"
	receiver=$SPAWNED
	wait_listen 2 server udp 53
	sent=$(at client "$BIN/dns_load" send "$SERVER" 53 "$SECONDS_EACH" 0 $PLANTS $RANDOM $PLANT_BASE)
	wait "$receiver"
	out=$(cat "$TMP/udp.out")
	result udp "$(value pps "$out" | awk '{print $1 / 1000}')"
	PLANT_BASE=$((PLANT_BASE + PLANTS))
	plants_check udp "$(value planted "$sent")" "$(value leaked "$out")"
}

# Short HTTP connections: new ones a second
measure_connections() {
	at client wrk -t 1 -c 32 -d "${SECONDS_EACH}s" -H 'Connection: close' "http://$SERVER/" >"$TMP/wrk.out" 2>&1
	result connections "$(awk '/Requests\/sec/ {print $2}' "$TMP/wrk.out")"
	local i planted=0 passed=0
	for i in 1 2 3; do	# planted after the load: the line is quiet enough for curl to be sure of its answer
		at client curl -s -m 0.5 -o /dev/null -H "Host: p$((PLANT_BASE + i)).plant.example" "http://$SERVER/" && passed=$((passed + 1))
		planted=$((planted + 1))
	done
	PLANT_BASE=$((PLANT_BASE + 4))
	plants_check connections $planted $passed
}

# Round trip of one small query at a time; $1 names the figure
measure_ping() {
	local out echo
	spawn server "$TMP/echo.log" "$BIN/dns_load" echo "${SERVER%.*}.3" 53
	echo=$SPAWNED
	wait_for 2 at client "$BIN/dns_load" ping "${SERVER%.*}.3" 53 1
	out=$(at client "$BIN/dns_load" ping "${SERVER%.*}.3" 53 "${2:-3000}")
	stop "$echo"
	result "$1.p50" "$(value p50_us "$out")"
	result "$1.p99" "$(value p99_us "$out")"
}

# The same while a UDP load of RATE packets a second is under way
measure_half_load() {
	local receiver sender
	spawn server "$TMP/half.log" "$BIN/dns_load" recv "$SERVER" 53 2.5
	receiver=$SPAWNED
	wait_listen 2 server udp 53
	spawn client "$TMP/half.log" "$BIN/dns_load" send "$SERVER" 53 2 "$1" 0 1 0
	sender=$SPAWNED
	measure_ping half 2500
	wait "$sender" "$receiver"
}

# Memory of our processes with 200,000 flows in the engines: MB (proportional share)
measure_memory() {
	local receiver
	spawn server "$TMP/flows.log" "$BIN/dns_load" recv 0.0.0.0 53 30
	receiver=$SPAWNED
	wait_listen 2 server udp 53
	at client "$BIN/dns_load" flows "$SERVER" 53 200000 >"$TMP/flows.out"
	result memory "$(box_memory_mb)"
	result memory.flows "$(box_flows)"
	stop "$receiver"
}

# Is everything that the kernel queued either received or known to be dropped? 0, once nothing is on its way
measure_balance() {
	wait_for 3 balanced
	result balance "$(box_balance)"
	[ "$(box_balance)" = 0 ] || box_sekimori stats --json | jq -c '{kernel, queues, balance}' >&2
}

balanced() {
	[ "$(box_balance)" = 0 ]
}

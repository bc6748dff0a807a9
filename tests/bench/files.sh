# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# files: what is measured without a network: a capture through replay, ndpiReader and `suricata -r`, and the compiler.

# A capture of the bench's own traffic: short HTTP connections and DNS, as it arrives at the box, from both sides.
make_capture() {
	local dump
	variant bare
	spawn bare "$TMP/tcpdump.log" tcpdump -i eth1 -s 0 -B 65536 -U -w "$TMP/bench.pcap"
	dump=$SPAWNED
	wait_for 5 grep -q listening "$TMP/tcpdump.log"
	spawn server "$TMP/flows.log" "$BIN/dns_load" recv "$SERVER" 53 10
	at client wrk -t 1 -c 8 -d 2s -H 'Connection: close' "http://$SERVER/" >/dev/null 2>&1
	at client "$BIN/dns_load" send "$SERVER" 53 2 40000 0 1 0 >/dev/null
	stop "$SPAWNED"
	stop "$dump" INT
	CAPTURE_PACKETS=$(sed -n 's/^\([0-9]*\) packets captured/\1/p' "$TMP/tcpdump.log")
}

# timed FIGURE VARIANT COMMAND... - thousand packets a second through it
timed() {
	local figure=$1 start
	VARIANT=$2
	shift 2
	start=$(now_us)
	"$@" >/dev/null 2>"$TMP/timed.out" || { echo "     $VARIANT: $(tail -n 1 "$TMP/timed.out")" >&2; return; }
	result "$figure" "$(awk -v n="$CAPTURE_PACKETS" -v t=$(($(now_us) - start)) 'BEGIN {print n * 1000 / t}')"
}

measure_replay() {
	local i d=$TMP/suricata
	make_capture
	sed 's/inspect content/inspect metadata/' "$BENCH_DIR/bench.rules" >"$TMP/metadata.rules"
	lab_suricata_settings "$d"
	mkdir -p "$d/r"
	for ((i = 0; i < ROUNDS; i++)); do
		timed replay.metadata sekimori "$BOX_BUILD/sekimori" replay --policy "$TMP/metadata.rules" "$TMP/bench.pcap"
		timed replay.content sekimori "$BOX_BUILD/sekimori" replay --policy "$BENCH_DIR/bench.rules" "$TMP/bench.pcap"
		timed replay.metadata ndpiReader ndpiReader -q -i "$TMP/bench.pcap"
		[ -z "$HAVE_SURICATA" ] || timed replay.content suricata suricata -c "$d/suricata.yaml" --runmode single -r "$TMP/bench.pcap" -l "$d/r"
	done
}

# Memory of two engines with 200,000 conversations that cannot be decided: MB, and how many were refused at the limit
measure_undecided() {
	local name mb refused
	VARIANT=sekimori
	while read -r name _ mb refused; do
		result "undecided.$name" "$mb"
		result "undecided.$name.refused" "$refused"
	done < <("$BIN/bench_memory")
}

# milliseconds from the text of 500 permits to the image
measure_compile() {
	local i
	VARIANT=sekimori
	[ -x "$BIN/bench_compile" ] || return 0
	for ((i = 0; i < ROUNDS; i++)); do
		result compile "$("$BIN/bench_compile" 500 | sed -n 's/.*: \([0-9.]*\) ms$/\1/p')"
	done
}

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# prove: what a proof, a difference and an edit cost, how long a kernel takes to load 10,000 permits, and how long what
# it holds of 1,000 takes to be read back and proved. Each line has its goal and whether it was reached; processor time of one core, so a busy machine changes little.
#
#	RUNS=3 tests/bench/prove.sh
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"
BIN=$(realpath -m "${B:-build}")
PERMITS=10000 VERIFIED=1000 GOAL=1000 RUNS=${RUNS:-3}
lib_begin prove nft

# used COMMAND... - its processor time in milliseconds, the kernel's on its behalf included
used() {
	local TIMEFORMAT='%U %S'
	{ time "$@" >/dev/null 2>&1; } 2>&1 | awk '{printf "%.0f", ($1 + $2) * 1000}'
}

# One load as an apply does it: what is added, then the switch; in a namespace that has the base rules only.
load_once() {
	local name=load$1 add switch
	ns "$name"
	at "$name" nft -f "$TMP/base.nft" || exit 2
	add=$(used at "$name" nft -f "$TMP/add.nft")
	switch=$(used at "$name" nft -f "$TMP/switch.nft")
	at "$name" nft list chain inet sekimori forward | grep -q 'vmap @' || { echo "prove: nothing was loaded" >&2; exit 2; }
	echo "$((add + switch)) $add $switch"
}

measure_load() {
	local part i
	"$BIN/tests/bench/bench_prove" --print $PERMITS >"$TMP/town.rules"
	"$BIN/sekimori" build "$TMP/town.rules" -o "$TMP/image" >/dev/null 2>&1 || exit 2
	for part in base add switch; do
		"$BIN/sekimori" nft --fallback --part $part "$TMP/image" >"$TMP/$part.nft" || exit 2
	done
	for ((i = 0; i < RUNS; i++)); do load_once "$i"; done | sort -n | sed -n "$(((RUNS + 1) / 2))p" |
		awk -v n=$PERMITS -v goal=$GOAL '{
			printf "prove: %-44s %8.1f ms  goal <= %d  %s  added %d, switched %d\n", n " town-like, loaded by nft", $1,
				goal, $1 <= goal ? "reached" : "MISSED", $2, $3 }'
}

measure_verify() {
	"$BIN/tests/bench/bench_compile" --print $VERIFIED >"$TMP/verified.rules"
	"$BIN/tests/bench/bench_verify" "$TMP/verified.rules" || exit 2
}

"$BIN/tests/bench/bench_prove"
measure_load
measure_verify

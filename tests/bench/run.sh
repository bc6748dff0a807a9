#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# bench: Sekimori beside bare forwarding and, where it is installed, Suricata inline: same machine, same run, same load.
# Prints the median of each figure with its goal and whether it was reached. Never fails a build: what is measured
# on a busy machine says little, so the machine's line stands above the table.
#
#	ROUNDS=3 SECONDS_EACH=2 tests/bench/run.sh [figure...]
# shellcheck disable=SC2034 # variables of the sourced files
# shellcheck source=tests/bench/lab.sh
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/bench/measure.sh
. "$(dirname "$0")/measure.sh"
# shellcheck source=tests/bench/table.sh
. "$(dirname "$0")/table.sh"
# shellcheck source=tests/bench/files.sh
. "$(dirname "$0")/files.sh"

ROUNDS=${ROUNDS:-3}
VARIANTS=${VARIANTS:-bare conntrack ruleset sekimori suricata}
lib_begin bench nginx iperf3 wrk curl jq nft conntrack ss
RESULTS=$TMP/results
BIN=$(realpath "${B:-build}")/tests/bench
PLANT_BASE=0
: >"$RESULTS"

begin_variant() {
	variant "$1"
	PLANTED_SO_FAR=0
}

# everything that is measured with VARIANT in the box
measure_all() {
	begin_variant "$1"
	measure_bulk
	measure_udp
	measure_connections
	measure_ping quiet
	measure_half_load "$HALF"
	[ "$1" = suricata ] || measure_passed
	[ "$1" != sekimori ] || measure_balance
	variant_off
}

measure_udp_only() {
	begin_variant "$1"
	measure_udp
	variant_off
}

has() {
	case " $VARIANTS " in *" $1 "*) ;; *) return 1 ;; esac
}

# Half load is the same rate for all: half of what the box carries through its queue.
calibrate() {
	HALF=30000
	has sekimori || return
	measure_udp_only sekimori
	HALF=$(awk '$1 == "udp" {printf "%d", $3 * 500}' "$RESULTS")
	: >"$RESULTS"
}

[ -n "$HAVE_SURICATA" ] || VARIANTS=${VARIANTS/suricata/}
lab_build
calibrate
for ((round = 1; round <= ROUNDS; round++)); do
	echo "round $round of $ROUNDS" >&2
	for v in $VARIANTS; do
		case $v in
		conntrack | ruleset) measure_udp_only "$v" ;;
		*) measure_all "$v" ;;
		esac
	done
done
if has sekimori; then
	begin_variant sekimori
	measure_memory
	variant_off
fi
measure_files
table

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# bench: Sekimori beside bare forwarding and, where it is installed, Suricata inline: same machine, same run, same load.
# Prints the median of each figure with its goal and whether it was reached. Never fails a build: what is measured
# on a busy machine says little, so the machine's line stands above the table.
#
#	ROUNDS=3 SECONDS_EACH=2 VARIANTS="bare sekimori" tests/bench/run.sh [bulk|content|passed|udp|connections|rtt|memory|replay|compile|prove...]
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
VARIANTS=${VARIANTS:-bare conntrack ruleset sekimori suricata firewalled}
lib_begin bench nginx iperf3 wrk curl jq nft conntrack ss
RESULTS=$TMP/results
BIN=$(realpath "${B:-build}")/tests/bench
PLANT_BASE=0
: >"$RESULTS"

begin_variant() {
	variant "$1"
	[ "$1" != sekimori ] || BOX_QUEUE=$(box_queue_kind)
}

# nothing of what ran before is in its memory
begin_anew() {
	variant "$1"
	variant_off
	unset "PLANTED[$1]"
	begin_variant "$1"
}

# wants FIGURE - it was asked for, or nothing was
wants() {
	case " $FIGURES " in *" $1 "* | "  ") ;; *) return 1 ;; esac
}

has() {
	case " $VARIANTS " in *" $1 "*) ;; *) return 1 ;; esac
}

# everything that is measured with VARIANT in the box
measure_all() {
	begin_variant "$1"
	! wants bulk || measure_bulk
	! wants content || measure_content
	! wants udp || measure_udp
	! wants connections || measure_connections
	! wants rtt || measure_round_trip
	[ "$1" = suricata ] || ! wants passed || measure_passed
	[ "$1" != sekimori ] || measure_balance
	lab_forget
}

# the rungs of a ladder, which say what part of the cost is whose
measure_rung() {
	wants udp || wants connections || wants passed || return 0
	begin_variant "$1"
	! wants udp || measure_udp
	! wants connections || measure_connections
	[ "$1" = firewalled ] || ! wants passed || measure_passed
	lab_forget
}

measure_round_trip() {
	measure_ping quiet
	measure_half_load "$HALF"
}

# Half load is the same rate for all: half of what the box carries through its queue.
calibrate() {
	HALF=30000
	has sekimori && wants rtt || return 0
	begin_variant sekimori
	measure_udp
	HALF=$(awk '$1 == "udp" {printf "%d", $3 * 500}' "$RESULTS")
	: >"$RESULTS"
}

measure_rounds() {
	local round v
	for ((round = 1; round <= ROUNDS; round++)); do
		echo "round $round of $ROUNDS" >&2
		for v in $VARIANTS; do
			case $v in
			conntrack | ruleset | firewalled) measure_rung "$v" ;;
			*) measure_all "$v" ;;
			esac
		done
	done
}

FIGURES=$*
[ -n "$HAVE_SURICATA" ] || VARIANTS=${VARIANTS/suricata*/}
lab_build
if wants bulk || wants content || wants passed || wants udp || wants connections || wants rtt; then
	calibrate
	measure_rounds
fi
if has sekimori && wants memory; then
	begin_anew sekimori
	measure_memory
	variant_off
	measure_undecided
fi
! wants replay || measure_replay
! wants compile || measure_compile
table
! wants prove || B=$BIN/../.. "$BENCH_DIR/prove.sh"

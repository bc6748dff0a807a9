# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# table: the medians of $RESULTS with goals and whether they were reached.

median() {
	awk -v f="$1" -v v="$2" '$1 == f && $2 == v && $3 != "" {print $3}' "$RESULTS" | sort -g |
		awk '{a[NR] = $1} END {if (NR) print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2}'
}

# the sum of plants not seen in a figure; 0 = it counts
unseen() {
	awk -v f="$1.plants" -v v="$2" '$1 == f && $2 == v {n += $3; k++} END {print k ? n : 0}' "$RESULTS"
}

machine() {
	printf '%s, %s cores, %s GB, Linux %s, queue %s\n' \
		"$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
		"$(awk '/MemTotal/ {printf "%d", $2 / 1048576 + 0.5}' /proc/meminfo)" "$(uname -r)" "${BOX_QUEUE:-unknown}"
	echo "median of $ROUNDS rounds of $SECONDS_EACH s; load during the run: $(cut -d' ' -f1-3 /proc/loadavg)"
}

# one line: FIGURE UNIT FORMAT LABEL
show() {
	local f=$1 unit=$2 fmt=$3 label=$4 v x
	printf '%-38s' "$label"
	for v in bare sekimori suricata; do
		x=$(median "$f" $v)
		# shellcheck disable=SC2059 # the format is ours
		if [ -z "$x" ]; then
			printf '%12s' -
		elif [ "$(unseen "${f%%.*}" $v)" != 0 ]; then
			printf "%11.${fmt}f*" "$x"
		else
			printf "%12.${fmt}f" "$x"
		fi
	done
	printf '  %s\n' "$unit"
}

# ladder FIGURE DECIMALS UNIT - whose part of the cost is what; "behind": Suricata behind our ruleset
ladder() {
	local v x
	printf '%-38s' "  ladder:"
	for v in bare conntrack ruleset sekimori firewalled; do
		x=$(median "$1" $v)
		[ -z "$x" ] || printf " %s %.*f," "${v/firewalled/ruleset + suricata}" "$2" "$x"
	done
	printf ' %s\n' "$3"
}

# goal LABEL A OP FACTOR B - reached when A OP FACTOR x B; a missing figure is "not measured"
goal() {
	awk -v l="$1" -v a="$2" -v op="$3" -v k="$4" -v b="$5" 'BEGIN {
		if (a == "" || b == "") {
			printf "  %-58s %12s  not measured\n", l, "-"; exit
		}
		ratio = b ? a / b : 0
		yes = op == ">=" ? a >= k * b : op == ">" ? a > k * b : a <= k * b
		printf "  %-58s %12.3f  %s\n", l, ratio, yes ? "reached" : "NOT REACHED"
	}'
}

# a queued figure, or nothing when a planted name was missed in it
counted() {
	[ "$(unseen "$1" sekimori)" = 0 ] && median "$1" sekimori
}

minus() {
	[ -n "$1" ] && [ -n "$2" ] && awk -v a="$1" -v b="$2" 'BEGIN {print a - b}'
}

table_goals() {
	local added
	echo "goals (ratio, reached):"
	if wants bulk; then
		goal "bulk TCP queued >= 0.5 x bare" "$(counted bulk)" '>=' 0.5 "$(median bulk bare)"
		goal "bulk TCP queued >= 5 x Suricata" "$(counted bulk)" '>=' 5 "$(median bulk suricata)"
	fi
	if wants content; then
		goal "bulk TCP scanned >= 0.35 x bare" "$(counted content)" '>=' 0.35 "$(median content bare)"
		goal "bulk TCP scanned >= 3 x Suricata" "$(counted content)" '>=' 3 "$(median content suricata)"
	fi
	! wants passed || goal "bulk TCP passed (offloaded) >= 0.9 x bare" "$(median passed sekimori)" '>=' 0.9 "$(median passed bare)"
	if wants udp; then
		goal "64-byte UDP queue >= 0.6 x ruleset" "$(counted udp)" '>=' 0.6 "$(median udp ruleset)"
		goal "64-byte UDP queue > Suricata" "$(counted udp)" '>' 1 "$(median udp suricata)"
	fi
	if wants connections; then
		goal "new connections >= 0.7 x bare" "$(counted connections)" '>=' 0.7 "$(median connections bare)"
		goal "new connections > Suricata" "$(counted connections)" '>' 1 "$(median connections suricata)"
	fi
	if wants rtt; then
		goal "round trip p50, quiet <= Suricata" "$(median quiet.p50 sekimori)" '<=' 1 "$(median quiet.p50 suricata)"
		goal "round trip p99, quiet <= Suricata" "$(median quiet.p99 sekimori)" '<=' 1 "$(median quiet.p99 suricata)"
		added=$(minus "$(median half.p99 sekimori)" "$(median half.p99 bare)")
		goal "added p99 at half load <= 500 us" "$added" '<=' 1 500
	fi
	if wants memory; then
		goal "memory with 200,000 flows <= 600 MB" "$(median memory sekimori)" '<=' 1 600
		goal "  the same, undecided noise <= 600 MB" "$(median undecided.noise sekimori)" '<=' 1 600
		goal "  the same, half a hello each <= 600 MB" "$(median undecided.hello sekimori)" '<=' 1 600
	fi
	if wants replay; then
		goal "replay, metadata >= 0.7 x ndpiReader" "$(median replay.metadata sekimori)" '>=' 0.7 "$(median replay.metadata ndpiReader)"
		goal "replay, content >= 1.5 x suricata -r" "$(median replay.content sekimori)" '>=' 1.5 "$(median replay.content suricata)"
	fi
	! wants compile || goal "500-permit policy compiled <= 20 ms" "$(median compile sekimori)" '<=' 1 20
}

table_round_trip() {
	show quiet.p50 "us" 1 "round trip, quiet line, p50"
	show quiet.p99 "us" 1 "round trip, quiet line, p99"
	show half.p99 "us" 1 "round trip at half load ($HALF pps), p99"
}

table_memory() {
	show memory "MB" 0 "memory, $(median memory.flows sekimori) flows"
	printf '%-38s dns %.0f, noise on 443 %.0f (%.0f refused), half a hello %.0f (%.0f refused) MB\n' "  200,000 undecided, engines only:" \
		"$(median undecided.dns sekimori)" "$(median undecided.noise sekimori)" "$(median undecided.noise.refused sekimori)" \
		"$(median undecided.hello sekimori)" "$(median undecided.hello.refused sekimori)"
}

table() {
	echo
	machine
	printf '%-38s%12s%12s%12s\n' '' bare sekimori suricata
	! wants bulk || show bulk "Gb/s" 2 "bulk TCP, every byte queued"
	! wants content || show content "Gb/s" 2 "bulk TCP, scanned for numbers"
	! wants passed || { show passed "Gb/s" 2 "bulk TCP, passed after the decision"; ladder passed 2 "Gb/s"; }
	! wants udp || { show udp "kpps" 0 "64-byte UDP"; ladder udp 0 kpps; }
	! wants connections || { show connections "1/s" 0 "new short TCP connections"; ladder connections 0 "1/s"; }
	! wants rtt || table_round_trip
	! wants memory || table_memory
	! wants replay || printf '%-38s ndpiReader %.0f, replay metadata %.0f, content %.0f, suricata -r %.0f kpps\n' "replay of one file:" \
		"$(median replay.metadata ndpiReader)" "$(median replay.metadata sekimori)" "$(median replay.content sekimori)" \
		"$(median replay.content suricata)"
	! wants compile || printf '%-38s %.1f ms\n' "500-permit policy compiled:" "$(median compile sekimori)"
	echo
	table_goals
	echo "  kernel counters = received + dropped: $(median balance sekimori | sed 's/^0$/yes/; s/^$/not measured/; s/^[0-9-].*/NO (&)/')"
	grep -qE 'plants (sekimori|suricata) [^0]' "$RESULTS" && echo "  * some planted names were not seen: the figure does not count"
	return 0
}

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Replay with metadata inspection against ndpiReader on the same file in the same run, one core, median of five.
# bench_replay.sh [PCAP]: without one it makes a capture of a million packets out of those in pcaps/.
set -eu
cd "$(dirname "$0")/../.."
B=${B:-build}
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
pcap=${1:-}
if [ -z "$pcap" ]; then
	pcap=$TMP/many.pcap
	python3 tests/bench/many.py "$pcap" "${PACKETS:-1000000}" pcaps/*.pcap
fi
packets=$(capinfos -cM "$pcap" | awk '/Number of packets/ {print $NF}')
median() { # COMMAND...: seconds, the middle of five
	for _ in 1 2 3 4 5; do
		python3 -c 'import subprocess, sys, time
t = time.monotonic(); subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); print(time.monotonic() - t)' "$@"
	done | sort -n | sed -n 3p
}
one="taskset -c 0"
# shellcheck disable=SC2086
ours=$(median $one "$B/sekimori" replay --policy tests/replay/lab.rules --client-zone near --server-zone far "$pcap")
# shellcheck disable=SC2086
reader=$(median $one ndpiReader -q -i "$pcap")
echo "$packets $ours $reader" | awk '{ printf "replay metadata: %.2f Mpps, ndpiReader %.2f Mpps, ratio %.2f (goal 0.70)\n", $1/$2/1e6, $1/$3/1e6, $3/$2 }'
if command -v suricata >/dev/null && [ -n "${SURICATA:-}" ]; then
	mkdir "$TMP/log"
	# shellcheck disable=SC2086
	theirs=$(median $one suricata -r "$pcap" -l "$TMP/log" --runmode single -S /dev/null -k none)
	echo "$packets $ours $theirs" | awk '{ printf "replay metadata against suricata -r: %.2f Mpps, ratio %.2f\n", $1/$3/1e6, $3/$2 }'
fi

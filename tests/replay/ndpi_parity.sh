#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# ndpi_parity.sh CORPORA: protocols, packets, bytes and flows of every capture that upstream's own tests describe
# for nDPI 4.2 are exactly those. Run as upstream runs its reader: tunnels opened, and its list of further ports.
set -u
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
corpora=${1:?usage: ndpi_parity.sh CORPORA}
expected=$corpora/expected-ndpi.tsv
[ -r "$expected" ] || { echo "ndpi parity: $expected cannot be read"; exit 2; }
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
echo 'tcp:81,tcp:8181@HTTP' >"$tmp/ports"	# the one line of it that a capture meets
passed=0 failed=0
for file in $(awk -F'\t' '$6 == "4.2" {print $1}' "$expected" | sort -u); do
	awk -F'\t' -v OFS='\t' -v f="$file" '$1 == f && $6 == "4.2" && $5 > 0 {print $2, $3, $4, $5}' "$expected" |
		sort >"$tmp/want"
	timeout 60 "$B/sekimori" replay --protocols --decapsulate --ndpi-protocols "$tmp/ports" \
		"$corpora/$file" >"$tmp/got" 2>"$tmp/said"
	rc=$?
	if [ $rc = 0 ] && sort "$tmp/got" | diff "$tmp/want" - >"$tmp/diff"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $file (exit $rc; < upstream, > ours)"
		head -n 3 "$tmp/said"
		head -n 20 "$tmp/diff"
	fi
done
echo "ndpi parity: $passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]

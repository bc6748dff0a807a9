#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# corpora.sh CORPORA: every file there, capture or not, damaged or not, through `sekimori replay` with tunnels opened:
# it ends in time, without a complaint of a sanitizer, and either well (0) or with one line that says what is wrong with
# the file (2).
set -u
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
export B ASAN_OPTIONS=exitcode=99:abort_on_error=0 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1
LIMIT=60		# seconds a file; the largest takes 2, 20 under the sanitizers

# Prints "ok FILE", "told FILE" or "FAIL FILE: why" and what was said.
one() {
	timeout -k 5 $LIMIT "$B/sekimori" replay --policy tests/replay/lab.rules --client-zone near --server-zone far \
		--decapsulate --stats "$1" 2>"$said" >/dev/null
	rc=$?
	lines=$(wc -l <"$said")
	case $rc,$lines in
	0,0) echo "ok $1" ;;
	2,1)
		if grep -qF "$1: " "$said"; then echo "told $1"; else echo "FAIL $1: the message does not name it"; fi
		;;
	*)
		echo "FAIL $1: exit $rc, $lines lines"
		head -n 25 "$said" | sed 's/^/  /'
		;;
	esac
}

if [ "${1:-}" = --some ]; then	# a worker of below
	shift
	said=$(mktemp) || exit 2
	trap 'rm -f "$said"' EXIT
	for file; do
		result=$(one "$file")
		printf '%s\n' "$result"	# in one piece, between those of the other worker
	done
	exit 0
fi
corpora=${1:?usage: corpora.sh CORPORA}
[ -x "$B/sekimori" ] || { echo "corpora: $B/sekimori is not built"; exit 2; }
results=$(mktemp) || exit 2
trap 'rm -f "$results"' EXIT
find "$corpora" -type f ! -name '*.tsv' ! -name '*.jsonl' ! -name '*.md' -print0 | sort -z |
	xargs -0 -P "$(nproc)" -n 10 "$0" --some |
	awk '{print} /^(ok|told|FAIL) / && ++n % 250 == 0 {print "corpora: " n " files so far" >"/dev/stderr"}' >"$results"
grep -vE '^(ok|told) ' "$results"
failed=$(grep -c '^FAIL ' "$results")
ok=$(grep -c '^ok ' "$results")
told=$(grep -c '^told ' "$results")
echo "corpora: $ok read, $told told what is wrong with them"
echo "corpora: $((ok + told)) passed, $failed failed"
[ "$failed" = 0 ] && [ $((ok + told)) -gt 0 ]

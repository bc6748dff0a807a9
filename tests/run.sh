#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the test rings named (default: all this machine can run) and ends in one line that counts tests.
# Every runner prints its failures and ends in a line "NAME: N passed, M failed"; this one adds them up.
set -u
cd "$(dirname "$0")/.." || exit 2
B=$(realpath -m "${B:-build}")	# the runners go to folders of their own
export B
rings=${*:-unit oracle rules replay fuzz content netns}
logs=$(mktemp -d) || exit 2
trap 'rm -rf "$logs"' EXIT
passed=0 failed=0 broken=

unit() {
	p=0 f=0
	for t in "$B"/tests/unit/test_*; do
		[ -x "$t" ] || continue
		case $t in *.*) continue ;; esac
		out=$(CMOCKA_MESSAGE_OUTPUT=TAP "$t" 2>&1)
		rc=$?
		p=$((p + $(printf '%s\n' "$out" | grep -c '^ok ')))
		bad=$(printf '%s\n' "$out" | grep -c '^not ok ')
		[ $rc = 0 ] || [ "$bad" != 0 ] || bad=1
		f=$((f + bad))
		[ $rc = 0 ] || { printf 'FAIL %s (exit %s)\n' "$t" $rc; printf '%s\n' "$out" | grep -v '^ok ' | tail -n 20; }
	done
	echo "unit: $p passed, $f failed"
	[ $f = 0 ] && [ $p -gt 0 ]
}
fuzz() {	# the kept inputs through every target, as plain programs
	p=0 f=0
	for t in "$B"/tests/fuzz/fuzz_*; do
		[ -x "$t" ] || continue
		case $t in *.*) continue ;; esac
		dir=tests/fuzz/corpus/${t##*/fuzz_}
		[ -d "$dir" ] || continue
		if out=$("$t" "$dir"/* 2>&1); then p=$((p + 1)); else f=$((f + 1)); printf 'FAIL %s\n%s\n' "$t" "$out" | tail -n 20; fi
	done
	echo "fuzz corpus: $p passed, $f failed"
	[ $f = 0 ]
}
oracle() {	# documents that Python makes and reads
	tests/oracle/unpack.py "$B/tests/oracle/texts" 100 1
}
rules() {
	s=0
	for r in tests/rules/run*.sh; do "$r" || s=1; done
	return $s
}
replay() {
	s=0
	for r in tests/replay/run*.sh; do "$r" || s=1; done
	return $s
}
netns() {
	if [ "$(id -u)" != 0 ]; then
		echo "netns: needs root: 0 passed, 1 failed"
		return 1
	fi
	tests/netns/run.sh
}
content() {
	tests/content/run.sh some
}
run() { # RING: its output and exit status into files
	start=$(date +%s)
	"$1" >"$logs/$1" 2>&1
	echo $? >"$logs/$1.rc"
	echo "  ($1: $(($(date +%s) - start)) s)" >>"$logs/$1"
}
# The namespaces mostly wait, so the other rings run beside them.
case " $rings " in *" netns "*) run netns & ;; esac
for ring in $rings; do
	if [ "$ring" = netns ]; then wait; else run "$ring"; fi
	log=$logs/$ring
	rc=$(cat "$log.rc")
	cat "$log"
	counts=$(sed -n 's/.*: \([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed.*/\1 \2/p' "$log")
	passed=$((passed + $(printf '%s\n' "$counts" | awk '{n += $1} END {print n + 0}')))
	bad=$(printf '%s\n' "$counts" | awk '{n += $2} END {print n + 0}')
	[ $rc = 0 ] || [ "$bad" != 0 ] || bad=1
	[ "$bad" = 0 ] || broken="$broken $ring"
	failed=$((failed + bad))
done
echo "tests: $passed passed, $failed failed${broken:+ (in:$broken)}"
[ $failed = 0 ] && [ $passed -gt 0 ]

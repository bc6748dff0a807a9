#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh [NAME...]: each fuzz target (or those named) under libFuzzer with ASan and UBSan for FUZZ_TIME seconds. What it
# finds new is kept in build/fuzz/found/NAME; an input that fails stands beside it as NAME-crash-*.
set -u
cd "$(dirname "$0")/../.." || exit 2
FUZZ_TIME=${FUZZ_TIME:-60}
B=build/fuzz
san=address,undefined
mkdir -p $B/found
# shellcheck disable=SC2046
libs=$(pkg-config --libs $(sed -n 's/^LIBS *:= *//p' Makefile)) || exit 2
support=$(find tests/unit -name '*.c' ! -name 'test_*')	# as in the Makefile
make --no-print-directory -j2 B=$B CC=clang SAN=$san CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' \
	$B/libtools.a $B/libdaemon.a $B/librules.a >$B.log 2>&1 || { tail -n 20 $B.log; echo "fuzz: the build failed"; exit 2; }
passed=0 failed=0
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(find tests/fuzz -name 'fuzz_*.c' | sed 's/.*fuzz_\(.*\)\.c/\1/' | sort)
for name; do
	mkdir -p "$B/found/$name"
	seeds=tests/fuzz/corpus/$name
	[ -d "$seeds" ] || seeds=
	# shellcheck disable=SC2086
	clang -std=gnu17 -D_GNU_SOURCE -I. -O1 -g -fsanitize=fuzzer,$san -fno-sanitize-recover=all \
		"tests/fuzz/fuzz_$name.c" $support $B/libtools.a $B/libdaemon.a $B/librules.a $libs \
		-o "$B/fuzz_$name" || { failed=$((failed + 1)); echo "FAIL $name does not build"; continue; }
	# shellcheck disable=SC2086
	if "$B/fuzz_$name" -max_total_time="$FUZZ_TIME" -timeout=25 -max_len=8192 -artifact_prefix="$B/found/$name-" \
		"$B/found/$name" $seeds >"$B/$name.log" 2>&1; then
		passed=$((passed + 1))
		echo "$name: $(tail -n 1 "$B/$name.log")"
	else
		failed=$((failed + 1))
		echo "FAIL $name"
		grep -E 'ERROR|SUMMARY|Assertion|runtime error|Test unit' "$B/$name.log" | head -n 5
	fi
done
echo "fuzz: $passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]

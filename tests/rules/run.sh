#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Policies that build and how they are listed, policies that do not and what is said of them.
#
#	ok/NAME.rules	builds; NAME.list: its canonical text, which builds to the same image; NAME.warn: its warnings
#	bad/NAME.rules	does not build; NAME.err: what is said, NAME.err.ja: in Japanese
#	same/NAME.*.rules	all build to the same image: order, spelling and layout mean nothing
#	values/NAME.rules	a preset, filled: proved; values/wrong: fills that are refused, each with the message it gets
#	diff/NAME.old.rules	and NAME.new.rules; NAME.diff: the difference and the exit code, NAME.diff.ja: in Japanese
#	proof/NAME.rules	builds; NAME.err: what the proof says of it, and the exit code; NAME.err.ja: in Japanese
#
# GOLDEN=1 writes the expected files anew; look at the difference before you commit it.
set -u
cd "$(dirname "$0")" || exit 2
B=${B:-build}
case $B in /*) ;; *) B=../../$B ;; esac
SEKIMORI=$(cd "$B" && pwd)/sekimori
[ -x "$SEKIMORI" ] || { echo "rules: no $SEKIMORI: 0 passed, 1 failed"; exit 1; }
GOLDEN=${GOLDEN:-}
unset LANG LC_MESSAGES NO_COLOR
export LC_ALL=C
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

pass() { passed=$((passed + 1)); }
fail() {
	failed=$((failed + 1))
	echo "FAIL rules/$1"
	[ -z "${2:-}" ] || sed -n '1,20s/^/    /p' "$2"
}
# same NAME EXPECTED GOT: compares, or writes what is expected
same() {
	if [ -n "$GOLDEN" ] && ! cmp -s "$2" "$3"; then cp "$3" "$2"; fi
	if diff -u "$2" "$3" >"$tmp/diff" 2>&1; then pass; else fail "$1" "$tmp/diff"; fi
}
# expect NAME CODE COMMAND...: the exit code
expect() {
	name=$1 want=$2
	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	if [ $got = "$want" ]; then pass; else fail "$name: exit $got, not $want" "$tmp/err"; fi
}
ids() { "$SEKIMORI" check --json "$1" 2>/dev/null | grep -o '"id":"[a-z0-9-]*"' | cut -d'"' -f4 >>"$tmp/ids"; }

# builds FILE: builds without an error, and its list builds to the same image
builds() {
	expect "$1" 0 "$SEKIMORI" build --no-proof "$1" -o "$tmp/image"
	grep -v '^\*\*\*' "$tmp/err" >"$tmp/warn"
	"$SEKIMORI" list "$tmp/image" >"$tmp/list" 2>"$tmp/err" || fail "$1: list" "$tmp/err"
	"$SEKIMORI" list "$1" 2>/dev/null | cmp -s - "$tmp/list" || fail "$1: the list of the text is another than that of the image"
	# what a policy names in files is looked for beside its text
	rm -rf "$tmp/beside"
	cp -r . "$tmp/beside"
	cp "$tmp/list" "$tmp/beside/again.rules"
	"$SEKIMORI" build --no-proof "$tmp/beside/again.rules" -o "$tmp/again" >/dev/null 2>"$tmp/err"
	if cmp -s "$tmp/image" "$tmp/again"; then pass; else fail "$1: its list builds to another image" "$tmp/err"; fi
}

cd ok || exit 2
for f in *.rules; do
	n=${f%.rules}
	builds "$f"
	same "ok/$n.list" "$n.list" "$tmp/list"
	if [ -s "$tmp/warn" ] || [ -f "$n.warn" ]; then
		touch "$n.warn"
		same "ok/$n.warn" "$n.warn" "$tmp/warn"
	fi
	ids "$f"
done
cd ../bad || exit 2
for f in *.rules; do
	n=${f%.rules}
	expect "bad/$f" 1 "$SEKIMORI" check "$f"
	same "bad/$n.err" "$n.err" "$tmp/err"
	if [ -f "$n.err.ja" ]; then
		LC_ALL=ja_JP.UTF-8 "$SEKIMORI" check "$f" >/dev/null 2>"$tmp/err"
		same "bad/$n.err.ja" "$n.err.ja" "$tmp/err"
	fi
	ids "$f"
done
cd ../same || exit 2
for first in *.1.rules; do
	n=${first%.1.rules}
	"$SEKIMORI" build --no-proof "$first" -o "$tmp/first" >/dev/null 2>"$tmp/err" || fail "same/$first" "$tmp/err"
	for f in "$n".*.rules; do
		"$SEKIMORI" build --no-proof "$f" -o "$tmp/image" >/dev/null 2>"$tmp/err"
		if cmp -s "$tmp/first" "$tmp/image"; then pass; else fail "same/$f: another image than $first" "$tmp/err"; fi
	done
done
cd ../proof || exit 2
# says FILE LOCALE OUT: what a proof as of one day says, and the exit code
says() {
	LC_ALL=$2 "$SEKIMORI" check --at 2026-06-01 "$1" >/dev/null 2>"$3"
	echo "exit $?" >>"$3"
}
for f in *.rules; do
	n=${f%.rules}
	says "$f" C "$tmp/err"
	same "proof/$n.err" "$n.err" "$tmp/err"
	says "$f" ja_JP.UTF-8 "$tmp/err"
	same "proof/$n.err.ja" "$n.err.ja" "$tmp/err"
	"$SEKIMORI" check --json --at 2026-06-01 "$f" 2>/dev/null | grep -o '"id":"[a-z0-9-]*"' | cut -d'"' -f4 >>"$tmp/ids"
done
expect 'check --no-proof' 0 "$SEKIMORI" check --no-proof cells.rules
if grep -q 'NOT PROVED' "$tmp/err"; then pass; else fail 'check --no-proof says so' "$tmp/err"; fi
cd ../diff || exit 2
for f in *.old.rules; do
	n=${f%.old.rules}
	for locale in C ja_JP.UTF-8; do
		LC_ALL=$locale "$SEKIMORI" diff "$f" "$n.new.rules" >"$tmp/out" 2>"$tmp/err"
		echo "exit $?" >>"$tmp/out"
		[ $locale = C ] && golden=$n.diff || golden=$n.diff.ja
		same "diff/$golden" "$golden" "$tmp/out"
	done
	"$SEKIMORI" build "$f" -o "$tmp/first" >/dev/null 2>&1
	"$SEKIMORI" build "$n.new.rules" -o "$tmp/image" >/dev/null 2>&1
	"$SEKIMORI" diff "$tmp/first" "$tmp/image" >"$tmp/out" 2>"$tmp/err"
	echo "exit $?" >>"$tmp/out"
	same "diff/$n of images" "$n.diff" "$tmp/out"
	"$SEKIMORI" diff --json "$f" "$n.new.rules" 2>/dev/null >"$tmp/out"
	if grep -q '^{"old":.*}$' "$tmp/out"; then pass; else fail "diff/$n --json" "$tmp/out"; fi
done
expect 'diff of a policy that does not build' 2 "$SEKIMORI" diff names.old.rules ../bad/hosts.rules
expect 'diff of what is not there' 2 "$SEKIMORI" diff names.old.rules no-such-file
cd ../values || exit 2
for f in *.rules; do
	builds "$f"
	if [ -s "$tmp/warn" ]; then fail "values/$f: warns" "$tmp/warn"; else pass; fi
	expect "values/$f is proved" 0 "$SEKIMORI" check --at 2026-06-01 "$f"
	if [ -s "$tmp/err" ]; then fail "values/$f: the proof warns" "$tmp/err"; else pass; fi
done
# wrong fills: file, value, what is written instead, the message
grep -v '^#' wrong | while IFS='	' read -r f value instead id; do
	sed "s|^value $value .*|value $value $instead;|" "$f.rules" >.wrong.rules
	cmp -s "$f.rules" .wrong.rules && echo "FAIL rules/values/wrong: no value $value in $f"
	if "$SEKIMORI" check --json --at 2026-06-01 .wrong.rules >"$tmp/out" 2>/dev/null; then
		echo "FAIL rules/values/wrong: $f proves with $value $instead"
	elif ! grep -q "\"id\":\"$id\"" "$tmp/out"; then
		echo "FAIL rules/values/wrong: $f with $value $instead: not $id but $(grep -o '"id":"[a-z0-9-]*"' "$tmp/out" | cut -d'"' -f4 | sort -u | tr '\n' ' ')"
	else
		echo ok
	fi
done >"$tmp/wrong"
rm -f .wrong.rules
passed=$((passed + $(grep -c '^ok$' "$tmp/wrong")))
failed=$((failed + $(grep -c '^FAIL' "$tmp/wrong")))
grep '^FAIL' "$tmp/wrong"
cd ..
# every preset with holes of its own has a wrong fill of one of them
for f in ../../rules/presets/*.rules; do
	sed -n 's/^hole \([a-z0-9-]*\) .*/\1/p' "$f" | sort >"$tmp/holes"
	[ -s "$tmp/holes" ] || continue
	if grep -v '^#' values/wrong | cut -f2 | sort | comm -12 - "$tmp/holes" | grep -q .; then pass; else fail "preset ${f##*/}: no wrong fill is tried"; fi
done
# every preset is filled somewhere, by itself or by another that includes it
for f in ../../rules/presets/*.rules; do
	if grep -qE "^include \"(.*/)?${f##*/}\"" values/*.rules ../../rules/presets/*.rules; then pass; else fail "preset ${f##*/} is filled by no file of values/"; fi
done

# the examples of the manual page
awk '/^\.Sh EXAMPLES/ {on = 1} /^\.Sh / && !/EXAMPLES/ {on = 0}
	on && /^\.Bd -literal/ {n++; body = 1; next} /^\.Ed/ {body = 0}
	on && body {gsub(/\\e/, "\\"); sub(/^\\&/, ""); print > ("'"$tmp"'/example-" n ".rules")}' ../../rules/sekimori.rules.5
for f in "$tmp"/example-*.rules; do expect "example ${f##*/} of sekimori.rules.5" 0 "$SEKIMORI" check "$f"; done
# every message of the language is hit by a policy here or by a unit test
sed -n '/define [A-Z]*_MESSAGES/,$s/^	X(\([A-Z0-9_]*\), .*/\1/p' ../../rules/diag_messages.h ../../rules/prove/messages.h | sort -u >"$tmp/all"
tr 'a-z-' 'A-Z_' <"$tmp/ids" | sort -u >"$tmp/hit"
grep -oh 'MSG_[A-Z0-9_]*' ../unit/*.c | sed 's/^MSG_//' | sort -u >>"$tmp/hit"
sort -u "$tmp/hit" | comm -23 "$tmp/all" - >"$tmp/missed"
if [ -s "$tmp/missed" ]; then fail 'messages that no test gives' "$tmp/missed"; else pass; fi

echo "rules: $passed passed, $failed failed"
[ $failed = 0 ]

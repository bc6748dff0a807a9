#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Recorded conversations: rehearse, its promotion report and draft, on the event files of a small town (seen/events.py).
#
# GOLDEN=1 writes the expected files anew; look at the difference before you commit it.
set -u
cd "$(dirname "$0")/seen" || exit 2
B=${B:-build}
case $B in /*) ;; *) B=../../../$B ;; esac
S=$(cd "$B" && pwd)/sekimori
[ -x "$S" ] || { echo "seen: no $S: 0 passed, 1 failed"; exit 1; }
unset LANG LC_MESSAGES NO_COLOR
export LC_ALL=C
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
events=$tmp/events
mkdir "$events" && ./events.py "$events" || exit 2
when="--at 2026-11-23 --since 2026-11-01"

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)) && echo "FAIL seen: $1" && sed -n '1,20s/^/    /p' "${2:-$tmp/err}"; }
# golden FILE LOCALE ARGUMENT...: what it prints, and the exit code
golden() {
	file=$1 locale=$2
	shift 2
	LC_ALL=$locale "$S" "$@" >"$tmp/out" 2>"$tmp/err"
	echo "exit $?" >>"$tmp/out"
	cat "$tmp/err" >>"$tmp/out"
	[ -z "${GOLDEN:-}" ] || cp "$tmp/out" "$file"
	if diff -u "$file" "$tmp/out" >"$tmp/diff" 2>&1; then ok; else bad "$file" "$tmp/diff"; fi
}
# exits CODE ARGUMENT...
exits() {
	want=$1
	shift
	"$S" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	if [ $got = "$want" ]; then ok; else bad "sekimori $* exits $got, not $want"; fi
}
says() { if grep -qF -- "$2" "$tmp/$1"; then ok; else bad "nothing says '$2'" "$tmp/$1"; fi; }
# jq FILTER: holds of what was printed last
holds() { if jq -e "$1" "$tmp/out" >/dev/null 2>"$tmp/err"; then ok; else cut -c1-300 "$tmp/out" >"$tmp/err" && bad "not so: $1"; fi; }

# shellcheck disable=SC2086 # two words
for locale in C ja_JP.UTF-8; do
	[ $locale = C ] && ja= || ja=.ja
	golden rehearse.out$ja $locale rehearse stricter.rules --old observe.rules --events "$events" $when
	golden promote.out$ja $locale rehearse observe.rules --promote --events "$events" --at 2026-11-23 --since 2026-11-10T16:00
	golden draft.out$ja $locale draft observe.rules --events "$events" $when
done

# the same policy cuts nothing, and every line is accounted for
# shellcheck disable=SC2086
{
	exits 0 rehearse observe.rules --events "$events" $when --json
	holds '.totals.cut == 0 and .totals.permitted == 0 and .damaged == 3 and .files == 3'
	exits 1 rehearse stricter.rules --events "$events" $when --json
	holds '([.conversations[].count] | add) == ([.totals | .cut, .permitted, ."inspected-differently", .unclear] | add)'
}
exits 1 rehearse stricter.rules --events "$events/eve.json.2.gz" --at 2026-11-23 --since 2026-11-01 --json
holds '.files == 1 and .totals.cut > 0'
head -c 2000 "$events/eve.json.2.gz" >"$tmp/broken.gz"
exits 0 rehearse observe.rules --events "$tmp/broken.gz" --at 2026-11-23 --since 2026-11-01 --json
holds '.damaged >= 1 and .totals.same > 0'
exits 0 rehearse observe.rules --events - --at 2026-11-23 --since 2026-11-01 --json
holds '.totals.same == 0'
exits 2 rehearse observe.rules --events "$tmp/nowhere"
says err 'no event files there'
mkdir "$tmp/empty"
exits 2 rehearse observe.rules --events "$tmp/empty"
exits 1 rehearse ../bad/zones.rules --events "$events"
exits 2 rehearse observe.rules --events "$events" --since never
exits 0 rehearse observe.rules --events "$events" --at 2027-01-15 --since 2027-01-01
says out 'no conversation was recorded'

# a window counts as of the conversation, a date as of --at
exits 1 rehearse stricter.rules --events "$events" --at 2026-12-02 --since 2026-11-01 --json
holds '[.conversations[] | select(.service == "udp 53" and .outcome == "cut")] | length == 0'
exits 1 rehearse stricter.rules --events "$events" --at 2026-11-23 --since 2026-11-01 --json
holds '[.conversations[] | select(.service == "udp 53" and .outcome == "cut" and .reason == "permit-ended")] | length == 20'
holds '[.conversations[] | select(.service == "tcp 22" and .outcome == "cut" and .reason == "permit-ended")] | length == 1'

# a draft builds once it is filled in, proves but for what the town has yet to accept, and covers what was observed
"$S" draft observe.rules --events "$events" --at 2026-11-23 --since 2026-11-01 >"$tmp/draft" 2>"$tmp/err"
[ $? = 1 ] && ok || bad 'draft exits 1'
mkdir "$tmp/town"
cp observe.rules ledger.csv "$tmp/town/"
cp "$tmp/draft" "$tmp/town/draft.rules"
exits 1 check "$tmp/town/draft.rules"
says err '@seen-1-owner@ is not filled in'
sed -i 's/^# value/value/' "$tmp/town/draft.rules"
exits 0 build --no-proof "$tmp/town/draft.rules" -o "$tmp/image"
grep -v '^\*\*\*' "$tmp/err" | grep -q . && bad 'the filled draft warns' || ok
sed -i '/^crossing/d' "$tmp/town/observe.rules"
exits 0 check "$tmp/town/draft.rules" --at 2026-11-23
exits 0 rehearse "$tmp/town/draft.rules" --events "$events" --at 2026-11-23 --since 2026-11-01 --json
holds '.totals.cut == 0'
exits 0 draft "$tmp/town/draft.rules" --events "$events" --at 2026-11-23 --since 2026-11-01
"$S" draft observe.rules --events "$events" --at 2026-11-23 --since 2026-11-01 --json >"$tmp/out" 2>"$tmp/err"
holds '.permits == (.proposals | length) and (.text | length > 1000) and ([.proposals[].count] | add > 100)'
"$S" build --no-proof observe.rules -o "$tmp/observe.image" >/dev/null 2>&1
exits 2 draft "$tmp/observe.image" --events "$events"
says err 'its text in a file is needed'
exits 0 draft observe.rules --events "$events" --at 2027-01-15 --since 2027-01-01

echo "seen: $passed passed, $failed failed"
[ $failed = 0 ]

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The kernel's ruleset of a few policies, letter by letter: nft/NAME.rules gives nft/NAME.nft, nft/base.nft is what all
# share. A line `# nft: OPTIONS` in a policy is for the verb. tests/netns/kernel_text.sh loads the same texts.
#
# GOLDEN=1 writes the expected files anew; look at the difference before you commit it.
set -u
cd "$(dirname "$0")/nft" || exit 2
B=${B:-build}
case $B in /*) ;; *) B=../../../$B ;; esac
SEKIMORI=$(cd "$B" && pwd)/sekimori
export LC_ALL=C
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

same() { # EXPECTED GOT
	[ -z "${GOLDEN:-}" ] || cp "$2" "$1"
	if diff -u "$1" "$2" >"$tmp/diff" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL rules/nft/$1"
		sed -n '1,20s/^/    /p' "$tmp/diff"
	fi
}
text() { # PART FILE
	# shellcheck disable=SC2046 # a list of options
	"$SEKIMORI" nft --apply 7 --at 2026-11-20T12:00 --part "$1" $(sed -n 's/^# nft: //p' "$2") "$2" 2>&1
}

text base small.rules >"$tmp/got"
same base.nft "$tmp/got"
for f in *.rules; do
	{ text add "$f"; text switch "$f"; } >"$tmp/got"
	same "${f%.rules}.nft" "$tmp/got"
done
echo "rules/nft: $passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]

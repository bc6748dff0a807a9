#!/bin/sh
# shellcheck disable=SC2046,SC2086
# SPDX-License-Identifier: GPL-3.0-or-later
# What a compiler does not say: direction of includes, foreign libraries in one file each, headers that compile
# alone, sizes, layout, man pages, scripts. Prints each finding; exit 1 when there is one. (Lists of file names are split
# on purpose: none has a space.)
set -u
cd "$(dirname "$0")/.." || exit 2
B=${B:-build}
findings=$(mktemp) || exit 2
trap 'rm -f "$findings"' EXIT
complain() { what=$1 awk '{print ENVIRON["what"] ": " $0}' >>"$findings"; }
c_files=$(git ls-files '*.c' '*.h')

# libc <- rules <- daemon <- tools <- tests; the daemon sees only the leaf of rules/.
grep -nE '#include "(daemon|tools|tests)/' $(git ls-files 'rules/*.[ch]') | complain 'include direction'
grep -nE '#include "(tools|tests)/' $(git ls-files 'daemon/*.[ch]') | complain 'include direction'
grep -nE '#include "tests/' $(git ls-files 'tools/*.[ch]') | complain 'include direction'
grep -nE '#include "rules/' $(git ls-files 'daemon/*.[ch]') |
	grep -vE '"rules/(cursor|ip|arena|text|json|utf8|sha256|jst|policy|review|image|version|kernel/(readback/)?[a-z_]+)\.h"' |
	grep -v '^daemon/apply/assess\.c:.*"rules/prove/diff\.h"' | complain 'beyond the leaf of rules'

# one file per foreign library
while read -r header file; do
	grep -lE "#include <$header" $c_files | grep -vE "^($file)$" | complain "<$header> outside $file"
done <<-END
	ndpi daemon/inspect\.c
	pcap daemon/source_pcap\.c
	libmnl daemon/kernel/netlink\.c
	libconfig daemon/conf\.c
	seccomp daemon/confine\.c
	sys/capability daemon/confine\.c
	argon2 daemon/content/scan/register_hash\.c
	zlib (tools/seen/segment|daemon/content/unpack/inflate|tests/unit/test_seen)\.c
	brotli daemon/content/unpack/inflate\.c
	zstd daemon/content/unpack/inflate\.c
END

for h in $(git ls-files 'rules/*.h' 'daemon/*.h' 'tools/*.h'); do
	echo "#include \"$h\"" | ${CC:-gcc} -std=gnu17 -Wall -Wextra -I. -D_GNU_SOURCE -fsyntax-only -xc - 2>&1 |
		grep -E 'error|warning' | complain "$h alone"
done

for f in $c_files $(git ls-files '*.sh' '*.py' Makefile .ci/run); do
	n=$(wc -l <"$f")
	[ "$n" -le 800 ] || echo "$f: $n lines" | complain 'over 800 lines'
	grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' "$f" || echo "$f" | complain 'no SPDX line'
done
# functions over 70 lines: from a brace in column 0 to the next closing one
for f in $(git ls-files '*.c'); do
	awk -v f="$f" '/^\{/ {s = NR} /^\}/ {if (s && NR - s > 71) print f ":" s ": " NR - s - 1 " lines"; s = 0}' "$f"
done | complain 'function over 70 lines'
grep -nE '(/\*|//|# ?)[^"]*\b(TODO|FIXME|XXX)\b' $c_files $(git ls-files '*.sh' '*.py') | grep -v '^tests/lint.sh' |
	complain 'unfinished'

clang-format --dry-run $(git ls-files '*.c') 2>&1 | grep -E 'warning: code should' | cut -d: -f1 | sort -u |
	complain 'layout (make format)'
for m in $(git ls-files '*.1' '*.5' '*.8'); do mandoc -T lint -W warning "$m" 2>&1; done | complain 'man page'
shellcheck -x -S warning $(git ls-files '*.sh' .ci/run) 2>&1 | grep -E '^In |SC[0-9]+' | complain shellcheck
cppcheck --quiet --inline-suppr --enable=warning,portability --std=c11 -I. -D_GNU_SOURCE \
	--suppress=normalCheckLevelMaxBranches $(git ls-files 'rules/*.c' 'daemon/*.c' 'tools/*.c') 2>&1 |
	grep -E '(error|warning|portability):' | complain cppcheck
cat "$findings"
n=$(wc -l <"$findings")
echo "lint: $n findings"
[ "$n" = 0 ]

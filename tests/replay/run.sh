#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every case of CASES against its golden, twice and cut in two; every line of every golden against EVE's schema.
# GOLDEN=NAME (or "all") writes goldens anew and shows the difference. SCHEMA is the folder of Suricata's schema files.
set -u
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
SCHEMA=${SCHEMA:-../shared/schema}
here=tests/replay
TMP=$(mktemp -d) || exit 2
trap 'rm -rf "$TMP"' EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAIL $*"; }

# The hash of the policy image stands in every event; a golden only says that it is there.
replay() { # POLICY OPTIONS CAPTURES...
	policy=$1 options=$2
	shift 2
	# shellcheck disable=SC2086
	"$B/sekimori" replay --policy "$here/$policy" $options "$@" 2>"$TMP/err" >"$TMP/raw" || { cat "$TMP/err" >&2; return 1; }
	sed 's/"policy":"[0-9a-f]\{64\}"/"policy":"HASH"/' "$TMP/raw"
}
paths() { echo "$1" | tr , '\n' | sed 's#^\([^=]*=\)\{0,1\}#&pcaps/#'; }

one() { # NAME CAPTURES POLICY OPTIONS
	name=$1 policy=$3 options=$4 golden=$here/golden/$1.json
	files=$(paths "$2")
	# shellcheck disable=SC2086
	replay "$policy" "$options" $files >"$TMP/a" || { bad "$name: replay failed"; return; }
	case ${GOLDEN:-} in
	"$name" | all)
		diff -u "$golden" "$TMP/a"
		cp "$TMP/a" "$golden" ;;
	esac
	if cmp -s "$golden" "$TMP/a"; then ok; else bad "$name differs from its golden"; diff "$golden" "$TMP/a" | head -n 6; fi
	# shellcheck disable=SC2086
	replay "$policy" "$options" $files >"$TMP/b"
	if cmp -s "$TMP/a" "$TMP/b"; then ok; else bad "$name: the second time it said something else"; fi
	case $2 in *,*) return ;; esac
	python3 $here/cut.py "${files#*=}" "$TMP/first.pcap" "$TMP/second.pcap"
	prefix=
	case $files in *=*) prefix=${files%%=*}= ;; esac
	replay "$policy" "$options" "$prefix$TMP/first.pcap" "$prefix$TMP/second.pcap" >"$TMP/b"
	if cmp -s "$TMP/a" "$TMP/b"; then ok; else bad "$name: cut into two captures it said something else"; diff "$TMP/a" "$TMP/b" | head -n 4; fi
}

while read -r name captures policy options; do
	case $name in '' | '#'*) continue ;; esac
	one "$name" "$captures" "$policy" "$options"
done <$here/CASES

# A capture that cannot be read to its end: one line, exit 2, the events so far are there.
head -c 2000 pcaps/tls_permitted.pcap >"$TMP/short.pcap"
"$B/sekimori" replay --policy $here/town.rules "$TMP/short.pcap" >"$TMP/a" 2>"$TMP/err"
if [ $? = 2 ] && [ -s "$TMP/a" ] && [ "$(wc -l <"$TMP/err")" = 1 ]; then ok; else bad "a capture cut short: exit, events or message"; fi
echo "this is no capture" >"$TMP/none.pcap"
"$B/sekimori" replay --policy $here/town.rules "$TMP/none.pcap" >"$TMP/a" 2>"$TMP/err"
if [ $? = 2 ] && [ ! -s "$TMP/a" ] && [ "$(wc -l <"$TMP/err")" = 1 ]; then ok; else bad "no capture: exit or message"; fi

# --record writes the same lines, numbered without a gap, and the Japanese lines beside them.
mkdir "$TMP/record"
"$B/sekimori" replay --policy $here/town.rules --record "$TMP/record" pcaps/tls_forbidden.pcap
if [ "$(wc -l <"$TMP/record/eve.json")" = "$(wc -l <$here/golden/tls_forbidden.json)" ] && grep -q '"seq":1,' "$TMP/record/eve.json" &&
	grep -q 許可のない接続先名 "$TMP/record/alerts.log"; then ok; else bad "--record"; fi

if [ -d "$SCHEMA" ]; then
	if python3 $here/validate.py "$SCHEMA" $here/golden/*.json; then ok; else bad "EVE schema"; fi
else
	echo "replay: no schema in $SCHEMA: lines not validated"
fi
echo "replay: $passed passed, $failed failed"
[ $failed = 0 ]

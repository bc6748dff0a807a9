#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The verbs that change a policy: what they say, in both languages, and what they write.
#
#	edit/NAME.out	the commands of a scene, their exit codes, what is said, and the files as they differ afterwards;
#			edit/NAME.out.ja: in Japanese
#
# GOLDEN=1 writes the expected files anew; look at the difference before you commit it.
set -u
cd "$(dirname "$0")" || exit 2
B=${B:-build}
case $B in /*) ;; *) B=../../$B ;; esac
S=$(cd "$B" && pwd)/sekimori
[ -x "$S" ] || { echo "editing: no $S: 0 passed, 1 failed"; exit 1; }
GOLDEN=${GOLDEN:-}
unset LANG LC_MESSAGES NO_COLOR VISUAL SUDO_USER
export LC_ALL=C
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
here=$PWD

# who holds a lock is another one each time
mask() { sed -E "s|$tmp|TMP|g; s/[0-9a-f]{12}/HASH/g;"'s/: [^ :]+, process [0-9]+, since [0-9T:-]+/: WHO, process N, since TIME/'; }
# verb ARGUMENT...: a command of the scene: what it says, and its exit code
verb() {
	echo "\$ sekimori $*"
	"$S" "$@" </dev/null >"$tmp/o" 2>"$tmp/e"
	code=$?
	mask <"$tmp/o"
	mask <"$tmp/e"
	echo "exit $code"
}
# differs FILE: how it differs from what it was at the beginning
differs() {
	diff -U0 "$tmp/was/$1" "$tmp/town/$1" | grep '^[-+]' | grep -v '^---\|^+++'
}
editor() { printf '#!/bin/sh\n%s\n' "$1" >"$tmp/editor" && chmod +x "$tmp/editor" && export EDITOR="$tmp/editor"; }

scene_renew() {
	verb renew kamisato.rules shomei-renkei --until 2028-03-31 --reference '令和9年"総"第3号' --at 2026-06-01
	verb renew kamisato.rules shomei-renkei --until 2028-03-31 --reference '令和9年"総"第3号' --at 2026-06-01 --yes
	verb renew kamisato.rules shomei-renkei --until 2028-03-31 --at 2026-06-01 --yes
	verb renew kamisato.rules web --until none --review 2026-12-01 --at 2026-06-01 --yes
	verb renew kamisato.rules shomei-renkai --until 2028-03-31
	verb renew kamisato.rules qqqqqqqq --until 2028-03-31
	verb renew kamisato.rules web
	verb renew kamisato.rules web --until 2026-05-31 --at 2026-06-01
	verb renew kamisato.rules web --until tomorrow
	verb renew kamisato.rules web --until none --at 2026-06-01 --yes
	verb renew kamisato.rules web --review none --at 2026-06-01 --yes
	verb renew kamisato.rules web --until 2028-03-31 --reference '' --at 2026-06-01
	verb renew kamisato.rules web --until 2028-03-31 --reference "$(printf 'a\nb')" --at 2026-06-01
	verb renew kamisato.rules web --until 2028-03-31 --approved-on '2026-04-01; vital yes' --at 2026-06-01
	verb renew broken.rules web --until 2028-03-31
	verb renew nowhere.rules web --until 2028-03-31
	differs kamisato.rules
	verb renew kamisato.rules web --until 2029-03-31 --at 2026-06-01 --confirm-within 10m
	verb renew kamisato.rules web --until 2029-03-31 --at 2026-06-01 --apply why --json
	verb renew kamisato.rules web --until 2029-03-31 --at 2026-06-01 --yes --apply why --confirm-within 10m
}
scene_disable() {
	verb disable kamisato.rules names --reason '新しい DNS へ移行' --at 2026-06-01 --yes
	differs kamisato.rules
	verb disable kamisato.rules web
	verb enable kamisato.rules names --at 2026-06-01 --yes
	verb enable kamisato.rules names --at 2026-06-01 --yes
	differs kamisato.rules
	verb disable town.rules konbini-data --reason '休止' --at 2026-06-01 --yes
	differs town.rules
	verb renew town.rules konbini-data --until none --review 2027-04-01 --at 2026-06-01 --yes
	differs town.rules
	verb enable town.rules konbini-data --at 2026-06-01 --yes
	differs town.rules
}
scene_add() {
	set -- --from 'host gyomu' --to 'host shomei' --service https --application TLS --profile strict --owner 住民課 --reason '試験 "x"' --approved-by CISO --approved-on 2026-04-01
	verb add permit kamisato.rules another --kind specific
	verb add permit kamisato.rules another --kind specific "$@" --at 2026-06-01
	verb add permit kamisato.rules another --kind specific "$@" --until 2027-03-31 --reference '令和8年総第99号' --at 2026-06-01 --yes
	verb add permit kamisato.rules again --kind ordinary "$@" --until 2027-03-31 --at 2026-06-01 --yes
	verb add permit kamisato.rules web --kind specific
	verb add permit kamisato.rules 'a } permit b' --kind specific
	verb add permit kamisato.rules third --kind specific --from 'zone kikan; vital yes' --to 'host shomei'
	verb add deny kamisato.rules third
	differs kamisato.rules
}
scene_edit() {
	editor 'sed -i "s/until 2027-03-31/until 2028-03-31/" "$1"'
	verb edit kamisato.rules --at 2026-06-01
	ls
	verb edit kamisato.rules --at 2026-06-01
	rm kamisato.rules.edit
	verb edit kamisato.rules --at 2026-06-01 --yes
	differs kamisato.rules
	editor 'echo "permit" >>"$1"'
	verb edit kamisato.rules --yes
	rm kamisato.rules.edit
	editor 'true'
	verb edit kamisato.rules --yes
	editor 'false'
	verb edit kamisato.rules --yes
	editor 'echo "# one more" >>"$1"'
	verb edit town.rules part.rules --at 2026-06-01 --yes
	differs part.rules
	verb edit kamisato.rules part.rules
	verb edit kamisato.rules nowhere.rules
	editor "$S renew kamisato.rules web --until 2030-03-31 --at 2026-06-01 --yes"
	verb edit kamisato.rules --yes
	editor 'echo "# written by another program" >>kamisato.rules; echo "# mine" >>"$1"'
	verb edit kamisato.rules --at 2026-06-01 --yes
	ls
}
# as a spreadsheet saves it again, changed by sed
changed() { sed "$1" ledger.csv >changed.csv; }
scene_ledger() {
	verb ledger kamisato.rules --at 2026-06-01 --out ledger.csv
	cat ledger.csv
	verb ledger kamisato.rules --in ledger.csv --at 2026-06-01 --yes
	changed 's|2027-03-31|2028/3/31|; /^"web"/s|"総務課"|"デジタル課"|'
	verb ledger kamisato.rules --in changed.csv --at 2026-06-01 --yes
	differs kamisato.rules
	cp "$tmp/was/kamisato.rules" .
	sed '1s/^\xef\xbb\xbf//' changed.csv | iconv -f UTF-8 -t CP932 >cp932.csv
	verb ledger kamisato.rules --in cp932.csv --at 2026-06-01 --yes
	differs kamisato.rules
	changed '/^"web"/s|2027-03-31|2027-02-30|; /^"names"/s|zone net|zone lgwan|; /^"mail-text"/s|"CISO"|""|'
	verb ledger kamisato.rules --in changed.csv --at 2026-06-01 --yes
	changed '/^"web"/s|2027-03-31||'
	verb ledger kamisato.rules --in changed.csv --at 2026-06-01 --yes
	changed 's|2027-03-31|2028-03-31|;/^"web"/d;/^"names"/s|names|nimes|'
	verb ledger kamisato.rules --in changed.csv --at 2026-06-01 --yes
	printf 'a,"b' >changed.csv
	verb ledger kamisato.rules --in changed.csv
	printf 'a,\202' >changed.csv
	verb ledger kamisato.rules --in changed.csv
	verb ledger kamisato.rules --in nowhere.csv
	verb ledger kamisato.rules --in ledger.csv --out ledger.csv
	verb ledger kamisato.rules --events nowhere
	verb disable kamisato.rules web --reason '=cmd' --at 2026-06-01 --yes
	printf '%s\n' '{"timestamp":"2026-06-01T09:00:00.000000+0900","flow_id":1,"event_type":"flow","src_ip":"10.30.0.7","src_port":1,"dest_ip":"10.99.0.53","dest_port":53,"proto":"UDP","flow":{"pkts_toserver":1,"pkts_toclient":1,"bytes_toserver":60,"bytes_toclient":90,"start":"2026-06-01T08:59:58.000000+0900","end":"2026-06-01T09:00:00.000000+0900","age":2,"state":"closed","reason":"timeout"},"sekimori":{"zone_from":"net","zone_to":"cloud","permit":"names"}}' >eve.json
	verb ledger kamisato.rules --events eve.json --at 2026-06-02
	verb ledger kamisato.rules --events eve.json --since 2026-06-02 --at 2026-06-02 --json
}

# no daemon answers here
printf 'clock = "trusted"; state-directory = "%s"; log-directory = "%s"; run-directory = "%s";\n' "$tmp/state" "$tmp" "$tmp" >"$tmp/conf"
export SEKIMORI_CONF="$tmp/conf"
for scene in renew disable add edit ledger; do
	for locale in C ja_JP.UTF-8; do
		rm -rf "$tmp/town" "$tmp/was"
		mkdir "$tmp/town"
		cp ok/kamisato.rules values/daicho.csv "$tmp/town"
		cp -r ../../rules/presets "$tmp/town/presets"
		sed 's|../../../rules/presets/|presets/|' values/alpha.rules >"$tmp/town/town.rules"
		echo '# a part' >"$tmp/town/part.rules"
		echo 'include "part.rules";' >>"$tmp/town/town.rules"
		echo 'permit web { until' >"$tmp/town/broken.rules"
		cp -r "$tmp/town" "$tmp/was"
		(cd "$tmp/town" && LC_ALL=$locale && export LC_ALL && scene_$scene >"$tmp/out" 2>&1)
		diff -r "$tmp/was/presets" "$tmp/town/presets" >>"$tmp/out" 2>&1
		golden=$here/edit/$scene.out
		[ $locale = C ] || golden=$golden.ja
		if [ -n "$GOLDEN" ] && ! cmp -s "$golden" "$tmp/out"; then cp "$tmp/out" "$golden"; fi
		if diff -u "$golden" "$tmp/out" >"$tmp/diff" 2>&1; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAIL editing: $scene in $locale"
			sed -n '1,20s/^/    /p' "$tmp/diff"
		fi
	done
done

echo "editing: $passed passed, $failed failed"
[ $failed = 0 ]

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command line: usage, exit codes, languages, JSON, what is written and what is left alone.
set -u
cd "$(dirname "$0")" || exit 2
B=${B:-build}
case $B in /*) ;; *) B=../../$B ;; esac
S=$(cd "$B" && pwd)/sekimori
[ -x "$S" ] || { echo "command line: no $S: 0 passed, 1 failed"; exit 1; }
unset LANG LC_MESSAGES
export LC_ALL=C
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
town=ok/kamisato.rules

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)) && echo "FAIL command line: $1" && sed -n '1,10s/^/    /p' "$tmp/out" "$tmp/err"; }
# exits CODE ARGUMENT...
exits() {
	want=$1
	shift
	"$S" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	if [ $got = "$want" ]; then ok; else bad "sekimori $* exits $got, not $want"; fi
}
says() { if grep -qF -- "$2" "$tmp/$1"; then ok; else bad "nothing says '$2'"; fi; }
json() {
	"$S" "$@" --json >"$tmp/out" 2>"$tmp/err"
	if python3 -c 'import json,sys; json.load(sys.stdin)' <"$tmp/out" 2>>"$tmp/err"; then ok; else bad "sekimori $* --json is no JSON"; fi
}

exits 2
exits 0 help
exits 0 --help
exits 0 --version
exits 0 help language
exits 0 help language permit
exits 0 help permit
exits 2 help nothing
exits 2 chekc
says err "did you mean 'check'?"
exits 2 check
says err 'something is missing: FILE'
exits 2 check a b
exits 2 check --no-prof a
says err "did you mean '--no-proof'?"
exits 2 build $town
exits 2 build $town -o
exits 2 build $town -o "$tmp/a" --output "$tmp/b"
says err 'given twice'
exits 2 version --json=1
for verb in $("$S" help --list); do
	exits 0 help "$verb"
	exits 0 "$verb" --help
	LC_ALL=ja_JP.UTF-8 "$S" "$verb" --help >"$tmp/out" 2>"$tmp/err"
	says out 使い方
done
LC_ALL=ja_JP.UTF-8 "$S" chekc 2>"$tmp/err"
says err のことですか
LC_ALL=C LANG=ja_JP.UTF-8 "$S" chekc 2>"$tmp/err"
says err 'did you mean'
env -u LC_ALL LC_MESSAGES=ja_JP.UTF-8 LANG=C "$S" chekc 2>"$tmp/err"
says err のことですか

exits 0 check --no-proof $town
exits 1 check --no-proof bad/zones.rules
exits 2 check "$tmp/nowhere"
exits 2 list "$tmp/nowhere"
"$S" check --no-proof - <$town >"$tmp/out" 2>"$tmp/err" && ok || bad 'check of standard input'
json version
json check --no-proof $town
json check --no-proof bad/zones.rules
json list $town

# an image is written whole or not at all
exits 0 build $town -o "$tmp/image"
cp "$tmp/image" "$tmp/before"
exits 1 build bad/zones.rules -o "$tmp/image"
cmp -s "$tmp/image" "$tmp/before" && ok || bad 'a failed build touched the image'
exits 2 build $town -o "$tmp/no/such/folder/image"
exits 2 build "$tmp/image" -o "$tmp/other"
[ "$(find "$tmp" -name 'image*' | wc -l)" = 1 ] && ok || bad 'a temporary file is left'
exits 0 list "$tmp/image"
head -c 1000 "$tmp/before" >"$tmp/short"
exits 2 list "$tmp/short"
says err 'no valid image'
for at in 9 40 200 4000; do
	cp "$tmp/before" "$tmp/flipped"
	byte=$(od -An -tu1 -j $at -N 1 "$tmp/before")
	printf "\\$(printf %o $((byte ^ 1)))" | dd of="$tmp/flipped" bs=1 seek=$at conv=notrunc 2>/dev/null
	exits 2 list "$tmp/flipped"
done
: >"$tmp/empty"
exits 1 list "$tmp/empty"

# what check refuses is neither built nor applied, as a text or as an image
printf 'clock = "trusted"; state-directory = "%s"; log-directory = "%s"; run-directory = "%s";\n' "$tmp/state" "$tmp" "$tmp" >"$tmp/conf"
export SEKIMORI_CONF="$tmp/conf"
exits 1 check proof/cells.rules
rm -f "$tmp/refuted"
exits 1 build proof/cells.rules -o "$tmp/refuted"
says err 'refused: broken promises of model'
[ ! -e "$tmp/refuted" ] && ok || bad 'an image of a refuted policy was written'
exits 0 build --no-proof proof/cells.rules -o "$tmp/refuted"
says err 'NOT PROVED'
for how in '' --offline; do
	for what in proof/cells.rules "$tmp/refuted"; do
		# shellcheck disable=SC2086 # no word at all, or one
		exits 1 apply "$what" --reason test $how
		says err 'refused: broken promises of model'
		[ ! -e "$tmp/state" ] && ok || bad "apply $what went further than its proof"
	done
done
LC_ALL=ja_JP.UTF-8 "$S" build proof/cells.rules -o "$tmp/x" >"$tmp/out" 2>"$tmp/err"
says err '守られていません'
exits 2 apply "$town" --reason test
says err 'no sekimorid answers'

# a kernel that was recorded, against the policy it was loaded from, and against another number of engines
record="--record ../unit/records/town.record --printed --at 2026-11-22T12:00 ../unit/records/town.rules"
# shellcheck disable=SC2086 # words
exits 0 verify $record --queues 2
says out 'PROVED: the loaded rules do what the policy says, for every packet'
# shellcheck disable=SC2086 # words
exits 1 verify $record --queues 1
says out 'REFUTED'
exits 2 verify --record ../unit/records/town.rules --printed ../unit/records/town.rules
says err 'no record of a kernel'
exits 2 verify --record x --save y
says err 'not both'

# the manual pages have every verb, option, kind and key as the tables do; GOLDEN=1 writes those parts anew
# page FILE MARK ARGUMENT...
page() {
	file=$1 mark=$2
	shift 2
	"$S" help "$@" --mdoc >"$tmp/out" 2>"$tmp/err"
	awk -v mark="$mark" -v part="$tmp/out" '
		$0 == ".\\\" end " mark {on = 0}
		!on {print}
		$0 == ".\\\" begin " mark {on = 1; while ((getline line <part) > 0) print line}' "$file" >"$tmp/page"
	[ -z "${GOLDEN:-}" ] || cmp -s "$tmp/page" "$file" || cat "$tmp/page" >"$file"
	cmp -s "$tmp/page" "$file" && ok || bad "$file is not as its tables say (GOLDEN=1 tests/rules/run_cli.sh)"
}
page ../../tools/sekimori.1 verbs
page ../../rules/sekimori.rules.5 schema language

# explain
explain() { exits 0 explain $town "$@"; }
explain --from gyomu --to shomei --service https --at 2026-06-01
says out 'permit shomei-renkei (証明書発行連携)'
says out 'application: TLS'
says out 'nothing passes'
says out 'path: forward, pair_N -> p_kikan_lgwan_N -> h4_kikan_lgwan_N -> class_N -> q_closed -> queue 0... -> engine'
explain --from gyomu --to shomei --service https --at 2027-04-01
says out 'NOT IN FORCE'
explain --from 10.10.1.10 --to 10.20.1.20 --service tcp/22
says out 'DENIED: nothing permits it'
explain --from kikan --to net
says out 'DENIED: nothing permits it'
explain --from 'zone net' --to cloud
says out 'Everything else between them is denied'
exits 2 explain $town --from gyomo --to shomei
says err "did you mean 'gyomu'?"
exits 2 explain $town --from 192.0.2.1 --to shomei
says err 'lies in no zone'
exits 2 explain $town --from gyomu --to shomei --service htps
exits 2 explain $town --from gyomu --to shomei --at yesterday
exits 2 explain $town --from gyomu
json explain $town --from gyomu --to shomei --service https
says out '"path":{"entry":"forward, pair","chain":"p_kikan_lgwan","map":"h4_kikan_lgwan","target":"q_closed","queues":"0..."}'
LC_ALL=ja_JP.UTF-8 "$S" explain $town --from gyomu --to shomei >"$tmp/out" 2>"$tmp/err"
says out '検査して次に合うものだけ'

# init: a policy from the presets
presets=$(cd ../../rules/presets && pwd)
init() { want=$1 && shift && exits "$want" init "$@" --presets "$presets"; }
init 1 "$tmp/first.rules" --model alpha --with school,control
says out 'values are to be filled in'
says out 'kikan-network'
says out 'sekimori check'
exits 1 check "$tmp/first.rules"
says err 'is not filled in'
init 2 "$tmp/first.rules" --model alpha
says err 'is there already'
init 2 "$tmp/other.rules" --model alfa
says err "did you mean 'alpha'?"
init 2 "$tmp/other.rules" --model alpha --with scool
says err "did you mean 'school'?"
init 2 "$tmp/other.rules"
says err '--model is needed'
[ ! -e "$tmp/other.rules" ] && ok || bad 'a refused init wrote a file'
cp values/daicho.csv "$tmp/"
with=$(sed -n 's|.*presets/\(.*\)\.rules";|\1|p' values/alpha.rules | grep -v '^alpha$' | tr '\n' ',')
sed '/^include/d' values/alpha.rules >"$tmp/values"
init 0 "$tmp/filled.rules" --model alpha --with "$with" --values "$tmp/values"
says out 'everything is filled in'
says out 'PROVED'
exits 0 check "$tmp/filled.rules"
grep -v lgwan-network "$tmp/values" >"$tmp/fewer"
init 1 "$tmp/fewer.rules" --model alpha --with "$with" --values "$tmp/fewer"
says out 'lgwan-network'
sed -i 's/^# value/value/' "$tmp/fewer.rules"
exits 0 check "$tmp/fewer.rules"
init 2 "$tmp/other.rules" --model beta --values "$tmp/nowhere"
"$S" init "$tmp/json.rules" --model beta --presets "$presets" --json >"$tmp/out" 2>"$tmp/err"
python3 -c 'import json,sys; d = json.load(sys.stdin); assert d["model"] == "beta" and d["open"] and not d["proved"]' <"$tmp/out" 2>>"$tmp/err" && ok || bad 'init --json'
for model in alpha-prime beta beta-prime; do
	init 1 "$tmp/$model.rules" --model $model
done
LC_ALL=ja_JP.UTF-8 "$S" init "$tmp/ja.rules" --model alpha --presets "$presets" >"$tmp/out" 2>"$tmp/err"
says out 記入後に
# on a terminal it asks: the model, what else there is, and each value; an end of the answers leaves the rest open
(
	printf 'alpha\n'
	yes '' | head -n 16
	printf 'eth9\n'
) >"$tmp/answers"
script -qec "'$S' init '$tmp/asked.rules' --presets '$presets'" /dev/null <"$tmp/answers" >"$tmp/out" 2>"$tmp/err"
says out 'Which model'
if grep -q '^value [a-z-]* .*eth9' "$tmp/asked.rules"; then ok; else bad 'an answer is in the policy'; fi
# every preset is a model, offered by init, or part of another
for f in "$presets"/*.rules; do
	n=$(basename "$f" .rules)
	if "$S" init --help | grep -qw -- "$n" || grep -qF "include \"$n.rules\"" "$presets"/*.rules; then ok; else bad "preset $n is not offered by init"; fi
done

echo "command line: $passed passed, $failed failed"
[ $failed = 0 ]

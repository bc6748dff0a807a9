#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sekimori-register from outside: a table of numbers becomes two files, and no digit of them is in any output.
set -u
cd "$(dirname "$0")" || exit 2
B=${B:-build}
case $B in /*) ;; *) B=../../$B ;; esac
R=$(cd "$B" && pwd)/sekimori-register
export LC_ALL=C.UTF-8
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAIL register: $*"; }
# exits STATUS ARGUMENT...: both languages, into out and err; everything said is kept for the last test
exits() {
	want=$1
	shift
	LC_ALL=ja_JP.UTF-8 "$R" "$@" >"$tmp/ja" 2>&1
	rm -f "$tmp/f" "$tmp/k"
	"$R" "$@" >"$tmp/out" 2>"$tmp/err"
	got=$?
	cat "$tmp/ja" "$tmp/out" "$tmp/err" >>"$tmp/said"
	[ $got = "$want" ] && ok || bad "$* exits $got, not $want: $(head -n 2 "$tmp/err")"
}
says() { grep -q "$2" "$tmp/$1" && ok || bad "no '$2' in $1"; }

# numbers drawn with a fixed seed, tied to nobody
python3 - "$tmp" <<'PYTHON'
import random, sys
r = random.Random(11)
def number():
    d = [r.randrange(10) for _ in range(11)]
    s = sum(d[10 - i] * (i + 2 if i < 6 else i - 4) for i in range(11)) % 11
    return "".join(map(str, d)) + str(0 if s <= 1 else 11 - s)
n = [number() for _ in range(60)]
t = sys.argv[1]
def table(name, text, encoding="utf-8"):
    open(f"{t}/{name}", "w", encoding=encoding, newline="").write(text)
table("numbers", "\n".join(n) + "\n")
table("good.csv", "氏名,個人番号\r\n" + "".join(f"住民{i},{x}\r\n" for i, x in enumerate(n)), "cp932")
table("plain.csv", "\n".join(n[:5]))
table("bad.csv", f"個人番号\n{n[0]}\n{n[1][:-1]}{(int(n[1][-1]) + 1) % 10}\n{n[2][1:]}\n{n[3]}9\n")
table("two.csv", f"a,b\n{n[0]},{n[1]}\n")
table("quote.csv", f'個人番号\n"{n[0]}\n')
PYTHON

exits 0 build "$tmp/good.csv" -o "$tmp/f" --key-out "$tmp/k"
says out '60 numbers'
says out 'any of about 6510417 valid numbers'
says out 'as the individual numbers themselves'
says ja '個人番号そのものとして'
[ "$(stat -c %a "$tmp/f" "$tmp/k" | sort -u)" = 600 ] && ok || bad "modes are not 600"
cp "$tmp/f" "$tmp/filter"; cp "$tmp/k" "$tmp/key"; chmod 600 "$tmp/filter" "$tmp/key"
exits 0 info "$tmp/filter" --key "$tmp/key"
says out '60 numbers'
exits 0 info "$tmp/filter" --key "$tmp/key" --json
says out '"hidden_among":6510416'
cp "$tmp/filter" "$tmp/hurt"; printf 'x' | dd of="$tmp/hurt" bs=1 seek=200 conv=notrunc 2>/dev/null
exits 1 info "$tmp/hurt" --key "$tmp/key"
says err 'is damaged, or of another key'
exits 0 build "$tmp/plain.csv" -o "$tmp/f" --key-out "$tmp/k"
cp "$tmp/k" "$tmp/other"
exits 1 info "$tmp/filter" --key "$tmp/other"

exits 1 build "$tmp/bad.csv" -o "$tmp/f" --key-out "$tmp/k"
says err 'bad.csv:3: the check digit is wrong'
says err 'bad.csv:4: too few digits'
says err 'bad.csv:5: not twelve digits'
says err '3 bad lines; nothing was written'
says ja '検査用数字が合いません'
[ ! -e "$tmp/f" ] && [ ! -e "$tmp/k" ] && ok || bad "bad lines, and something was written"
exits 2 build "$tmp/two.csv" -o "$tmp/f" --key-out "$tmp/k"
says err 'which column'
exits 0 build "$tmp/two.csv" --column b -o "$tmp/f" --key-out "$tmp/k"
exits 2 build "$tmp/quote.csv" -o "$tmp/f" --key-out "$tmp/k"
exits 2 build "$tmp/good.csv" -o "$tmp/filter" --key-out "$tmp/k"
says err 'File exists'
exits 2 build "$tmp/good.csv" -o "$tmp/f"
exits 2 build "$tmp/none" -o "$tmp/f" --key-out "$tmp/k"
exits 2 frobnicate

# six digits of any number, anywhere: in what was said, in the index, in the key
cut -c 1-6 "$tmp/numbers" >"$tmp/heads"
cut -c 7-12 "$tmp/numbers" >>"$tmp/heads"
grep -v -E '^0*$' "$tmp/heads" >"$tmp/parts"
for f in said filter key; do
	grep -aqFf "$tmp/parts" "$tmp/$f" && bad "digits of a number in $f" || ok
done
echo "register: $passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]

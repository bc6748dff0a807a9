#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Texts that nobody writes by hand: too many, too long, too deep, not text at all. Each is refused with its message, or
# handled, within SECONDS_MAX of processor time and MEMORY_MAX kilobytes.
set -u
B=$(realpath -m "${B:-build}")
SEKIMORI=$B/sekimori
[ -x "$SEKIMORI" ] || { echo "hostile: no $SEKIMORI: 0 passed, 1 failed"; exit 1; }
SECONDS_MAX=20 MEMORY_MAX=1500000
if grep -q __asan_init "$SEKIMORI"; then # it reserves terabytes and takes its time
	SECONDS_MAX=240 MEMORY_MAX=unlimited
fi
unset LANG LC_MESSAGES
export LC_ALL=C
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 2
passed=0 failed=0

# check NAME EXIT [ID...] - NAME.rules gives this exit code and these messages
check() {
	local name=$1 want=$2 got id
	shift 2
	(ulimit -t $SECONDS_MAX -v $MEMORY_MAX
		exec timeout 600 "$SEKIMORI" check --json "$name.rules") >out 2>err
	got=$?
	for id; do grep -q "\"id\":\"$id\"" out || got="$got, no $id"; done
	if [ "$got" = "$want" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL hostile/$name: exit $got, not $want: $(head -c 300 err)"
	fi
}

# town - a town of two zones, then what standard input adds
town() {
	cat <<-'END'
		model custom;
		zone aa { role internet; interface "eth1"; network 10.0.0.0/9, fd00:1::/64; }
		zone bb { role internet; interface "eth2"; network 10.128.0.0/9, fd00:2::/64; }
		service web { tcp 80; }
		profile soft { inspect metadata; on-uninspectable alert; on-unknown-application alert; }
	END
	cat
}
# permits N [FROM TO] - that many, each between two addresses of its own unless the ends are given
permits() {
	awk -v n="$1" -v from="${2:-}" -v to="${3:-}" 'BEGIN {
		for (i = 0; i < n; i++) {
			a = int(i / 65536) "." int(i / 256) % 256 "." i % 256
			printf "permit p%d { kind ordinary; from %s; to %s; service %s; profile soft; owner \"a\"; reason \"b\"; " \
				"approved-by \"c\"; approved-on 2026-04-01; until 2099-03-31; application %s; }\n", i,
				from ? from : "10." a, to ? to : "10.128." int(i / 256) % 256 "." i % 256, to ? "s" i : "web",
				i % 2 ? "TLS" : "HTTP"
		}
	}'
}
many() { # N TEXT: the text N times, without line ends
	awk -v n="$1" -v s="$2" 'BEGIN { while (n--) printf "%s", s }'
}

# --- too many
permits 15000 | town >permits-15000.rules
check permits-15000 0
permits 100000 | town >permits-100000.rules
check permits-100000 1 boxes-too-many
{ awk 'BEGIN { for (i = 0; i < 1500; i++) printf "service s%d { tcp %d-%d; }\n", i, 1 + i, 60000 + i }'
	permits 1500 "zone aa" "zone bb"; } | town >overlap.rules
check overlap 2
if grep -q '"result":"unknown"' out; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo 'FAIL hostile/overlap: not unknown'; fi
awk 'BEGIN { for (i = 0; i < 250000; i++) printf "host h%d { zone aa; address 10.%d.%d.%d; }\n", i, i / 65536, i / 256 % 256, i % 256 }' |
	town >hosts.rules
check hosts 1 blocks-too-many
{ printf 'group g { zone aa; member '; awk 'BEGIN { for (i = 0; i < 100000; i++) printf "h%d, ", i }'; echo 'h; }'; } | town >members.rules
check members 1
many 1000000 'permit { ' | town >blocks-open.rules
check blocks-open 1
awk 'BEGIN { for (i = 0; i < 100000; i++) print "nonsense " i ";" }' | town >errors.rules
check errors 1
for i in $(seq 1 300); do echo "# $i" >"many-$i.inc"; echo "include \"many-$i.inc\";"; done | town >files.rules
check files 1 files-too-many

# --- too long
{ printf 'zone cc { role internet; label "'; many 1048576 a; printf '"; interface "eth3"; network 10.64.0.0/16; }\n'; } | town >string.rules
check string 1 string-long
{ printf 'zone '; many 1048576 a; printf ' { role internet; }\n'; } | town >word.rules
check word 1 word-long
{ printf '# '; many 1048576 あ; echo; permits 1; } | town >comment.rules
check comment 0
{ many 1048576 ' '; permits 1; } | town >spaces.rules
check spaces 0
{ printf 'zone cc { role internet; interface "eth3"; network '; many 200000 '10.64.0.0/16, '; echo '10.64.0.0/16; }'; } | town >networks.rules
check networks 1
{ printf 'service cc { tcp '; awk 'BEGIN { for (i = 0; i < 65536; i += 2) printf "%d, ", i }'; echo '65535; }'; permits 10; } |
	town >ports.rules
check ports 0
{ town </dev/null; many 1200000 '# 0123456789012345678901234567890123456789012345678901234567
'; } >bytes.rules
check bytes 2 files-too-long

# --- too deep, round and round
for i in $(seq 1 40); do echo "include \"deep-$((i + 1)).inc\";" >"deep-$i.inc"; done
echo 'include "deep-1.inc";' | town >deep.rules
check deep 1 include-deep
echo 'include "round.rules";' | town >round.rules
check round 1 include-cycle

# --- no text
for f in /dev/zero /dev/null . pipe; do
	[ "$f" != pipe ] || mkfifo pipe
	echo "include \"$f\";" | town >device.rules
	check device 1 file-special
done
head -c 4000000 /dev/urandom >random.rules
check random 1
printf 'モデル 全角；\n' | iconv -f UTF-8 -t CP932 >cp932.rules
check cp932 1 encoding-cp932
{ many 100000 'ｚｏｎｅ　ａａ　｛　ｒｏｌｅ　ｉｎｔｅｒｎｅｔ；　｝
'; } | town >fullwidth.rules
check fullwidth 1

echo "hostile: $passed passed, $failed failed"
[ $failed = 0 ]

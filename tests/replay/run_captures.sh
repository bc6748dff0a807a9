#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# One conversation in every shape a capture can have gives the same events; a broken capture gives what came before,
# one line and exit 2. The captures are written by mkpcap.
set -u
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
LC_ALL=C
export LC_ALL

check() {	# check TEXT COMMAND...
	text=$1
	shift
	if "$@" >"$tmp/check" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $text"
		head -n 10 "$tmp/check"
	fi
}
make() { "$B/tools/mkpcap" >"$tmp/$1"; }	# make NAME <SCRIPT
replay() {	# events into $tmp/events, what was said into $tmp/said, the exit code into $rc
	timeout 60 "$B/sekimori" replay --policy tests/replay/lab.rules "$@" >"$tmp/events" 2>"$tmp/said"
	rc=$?
}
same() { [ $rc = 0 ] && diff "$tmp/wanted" "$tmp/events"; }
told() {	# told WORDS: exit 2 and one line that holds them
	[ $rc = 2 ] && [ "$(wc -l <"$tmp/said")" = 1 ] && grep -F -- "$1" "$tmp/said"
}

talk() {	# talk FIRST_LINES [AFTER_EACH_PACKET]
	printf '%s\n' "$1"
	cat <<-END
		time 1700000000
		tcp 192.0.2.1:40000 > 198.51.100.1:80
		open
		> "GET /a HTTP/1.1\r\nHost: www.town.example\r\n\r\n"
		< "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
		close
		udp 192.0.2.1:5000 > 198.51.100.53:53
		> 1234 0100 0001 0000 0000 0000 03 "www" 04 "town" 07 "example" 00 0001 0001
		< 1234 8180 0001 0001 0000 0000 03 "www" 04 "town" 07 "example" 00 0001 0001 c00c 0001 0001 0000003c 0004 c6336401
		icmp 192.0.2.1 > 198.51.100.1
		> "ping"
		< "ping"
	END
}
talk 'format pcap' | make plain
replay "$tmp/plain"
check "a conversation gives its events" test $rc = 0
check "... an http event" grep -q '"event_type":"http"' "$tmp/events"
check "... a dns event" grep -q '"event_type":"dns"' "$tmp/events"
check "... flow events" grep -q '"event_type":"flow"' "$tmp/events"
cp "$tmp/events" "$tmp/wanted"

replay "$tmp/plain"
check "the same capture gives the same bytes again" same
replay - <"$tmp/plain"
check "standard input is a capture" same
cat "$tmp/plain" | replay -
check "a pipe is a capture" same
talk 'format pcap-ns' | make ns
replay "$tmp/ns"
check "nanoseconds" same
talk 'link raw' | make raw
replay "$tmp/raw"
check "raw IP" same
talk 'format pcapng' | make ng
replay "$tmp/ng"
check "pcapng" same
talk 'link sll2' | make sll2
replay "$tmp/sll2"
check "Linux cooked v2" same

# the same on the interfaces of a box that forwards: each packet twice
forwarded() {	# each packet on the interface it came in by; ONCE=1: only there
	sed 's/^open$/syn/; s/^close$/reset/; /^format/d' | awk -v once="${ONCE:-}" '
		BEGIN {print "format pcapng\ninterface near0\ninterface far0"}
		/^</ {print "interface far0"}
		/^(>|syn|reset)/ {print "interface near0"}
		{print}
		/^</ && !once {print "forwarded near0"}
		/^(>|syn|reset)/ && !once {print "forwarded far0"}'
}
talk 'format pcap' | ONCE=1 forwarded | make once
replay "$tmp/once"
cp "$tmp/events" "$tmp/wanted"
talk 'format pcap' | forwarded | make box
replay "$tmp/box"
check "a forwarded packet counts once, where it came in" same

# several files, an interface each, merged by time
printf 'time 1700000000\nstep 0.01\nudp 192.0.2.1:5000 > 198.51.100.1:6000\n> "a"\n> "b"\n' | make one
printf 'time 1700000000.005\nstep 0.01\nudp 192.0.2.1:5000 > 198.51.100.1:6000\n< "c"\n< "d"\n' | make two
printf 'time 1700000000\nstep 0.005\nudp 192.0.2.1:5000 > 198.51.100.1:6000\n> "a"\n< "c"\n> "b"\n< "d"\n' | make both
replay "$tmp/both"
cp "$tmp/events" "$tmp/wanted"
replay "near0=$tmp/one" "far0=$tmp/two"
check "files of one interface each are merged by time" same
replay "far0=$tmp/one" "near0=$tmp/two"
check "the interface given with a file counts" grep -q '"in_iface":"far0".*"reason":"spoofed-address"' "$tmp/events"

# fragments, tags
talk 'mtu 68' | make fragments
talk 'format pcap' | make plain
replay "$tmp/plain"
cp "$tmp/events" "$tmp/wanted"
replay "$tmp/fragments"
check "fragments are put together" same
talk 'vlan 10 20' | make tagged
replay "$tmp/tagged"
sed -i 's/"vlan":\[[^]]*\],//' "$tmp/events"
check "tagged frames" same

# broken ones
size=$(wc -c <"$tmp/plain")
head -c $((size - 10)) "$tmp/plain" >"$tmp/cut"
replay "$tmp/cut"
check "a truncated capture is told" told "$tmp/cut: cut off after packet 11"
check "... and its events up to there stand" grep -q '"event_type":"http"' "$tmp/events"
LC_ALL=ja_JP.UTF-8 replay "$tmp/cut"
check "... in Japanese too" told "途切れています"
head -c 24 "$tmp/plain" >"$tmp/empty"
replay "$tmp/empty"
check "a capture without packets is told" told "$tmp/empty: holds no packets"
echo "a letter, not a capture" >"$tmp/text"
replay "$tmp/text"
check "a text is no capture" told "$tmp/text: not a capture file"
: >"$tmp/nothing"
replay "$tmp/nothing"
check "an empty file is no capture" told "$tmp/nothing: not a capture file"
replay "$tmp"
check "a directory is told" told "cannot be read"
replay "$tmp/missing"
check "a missing file is told" told "No such file"
{ head -c 20 "$tmp/plain"; printf '\275\000\000\000'; tail -c +25 "$tmp/plain"; } >"$tmp/usb"
replay "$tmp/usb"
check "an unknown link type is told by name" told "189 USB_LINUX"
{ head -c 300 "$tmp/plain"; head -c 64 /dev/zero | tr '\000' '\377'; } >"$tmp/damaged"
replay "$tmp/damaged"
check "a damaged capture is told" told "after packet"
head -c $((size - 10)) "$tmp/ng" >"$tmp/ngcut"
replay "$tmp/ngcut"
check "a truncated pcapng is told" told "cut off after packet"
replay --protocols "$tmp/cut"
check "--protocols tells it as well" told "cut off after packet 11"

echo "captures: $passed passed, $failed failed"
[ $failed = 0 ]

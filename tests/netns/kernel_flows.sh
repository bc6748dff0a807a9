#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Conversations under way: related errors, midstream, permits that end, policies that change.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/kernel.sh
. "$(dirname "$0")/kernel.sh"
lib_begin kernel_flows nft nc ping python3 tcpdump conntrack
kernel_lab
ns far
link bb far0 far eth0
at bb sysctl -qw net.ipv4.ip_forward=1
addr bb far0 10.2.200.1/24
addr far eth0 10.2.200.2/24
route far default via 10.2.200.1
route box 10.2.200.0/24 via 10.2.0.2
ip -n "${PFX}bb" link set far0 mtu 1200


# --- related ICMP
{
	permit web "zone aa" "zone bb" web bare
	permit out "zone cc" "zone aa" web bare
} | policy related
apply related
spawn far "$TMP/far" nc -l -k 80
wait_listen $((5 * PATIENCE)) far tcp 80
# more than the path's MTU in one piece: without the router's error it would hang
check "fragmentation needed from a router of the zone arrives" \
	at aa bash -c "head -c 300000 /dev/zero | timeout $((10 * PATIENCE)) nc -N 10.2.200.2 80"
mtu_learnt() { at aa ip route get 10.2.200.2 | grep -q "mtu 1200"; }
check "and the sender has learnt the MTU" mtu_learnt
ip -n "${PFX}box" link set eth2 mtu 1280
at aa ip route flush cache
check "fragmentation needed from the box itself arrives" \
	at aa bash -c "head -c 300000 /dev/zero | timeout $((10 * PATIENCE)) nc -N 10.2.200.2 80"
ip -n "${PFX}box" link set eth2 mtu 1500

hear bb 80
talk one aa 10.2.0.2 80
# an error about the conversation one, sent by somebody
tell_error() { # NS SOURCE SPORT
	at "$1" python3 - "$2" "$3" <<-'END'
		import socket, struct, sys
		def sum16(b):
		    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
		    while s >> 16: s = (s & 0xffff) + (s >> 16)
		    return ~s & 0xffff
		def ip(src, dst, proto, n):
		    h = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + n, 1, 0, 64, proto, 0, socket.inet_aton(src), socket.inet_aton(dst))
		    return h[:10] + struct.pack("!H", sum16(h)) + h[12:]
		inner = ip("10.1.0.2", "10.2.0.2", 6, 20) + struct.pack("!HHII", int(sys.argv[2]), 80, 0, 0) + b"\x50\x10" + bytes(6)
		icmp = struct.pack("!BBHHH", 3, 1, 0, 0, 0) + inner
		icmp = icmp[:2] + struct.pack("!H", sum16(icmp)) + icmp[4:]
		s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
		s.sendto(ip(sys.argv[1], "10.1.0.2", 1, len(icmp)) + icmp, ("10.1.0.2", 0))
	END
}
sport=$(at aa ss -Htn 'dport = :80 and dst 10.2.0.2' | awk '{ n = split($4, a, ":"); print a[n] }')
spawn aa "$TMP/errors" tcpdump -l -n -i eth0 icmp
wait_for $((5 * PATIENCE)) grep -q "listening on" "$TMP/errors"
tell_error bb 10.2.0.9 "$sport"
check "an error from the other zone of the conversation arrives" wait_for $((2 * PATIENCE)) grep -q "10.2.0.9 > 10.1.0.2" "$TMP/errors"
n=$(counter n_denied)
tell_error cc 10.3.0.9 "$sport"
check "an error from a third zone is refused" wait_for 2 test "$(counter n_denied)" -gt "$n"
refuse "and does not arrive" grep -q "10.3.0.9 > 10.1.0.2" "$TMP/errors"

# --- the middle of a conversation whose beginning nobody saw
sed 's/profile bare {/profile bare { on-midstream pass;/' "$TMP/related.rules" >"$TMP/loose.rules"
say one before && check "the conversation talks" heard bb before
at box conntrack -F 2>/dev/null
say one lost
check "midstream closed: the client is reset at once" got one reset
talk two aa 10.2.0.2 80
say two tick
check "midstream closed: the server ticks" got two ticked
at box conntrack -F 2>/dev/null
check "midstream closed: the server, speaking first, is reset" heard bb reset
check "and that is counted" test "$(counter n_midstream)" -gt 1
apply loose
talk three aa 10.2.0.2 80
at box conntrack -F 2>/dev/null
say three still
check "midstream pass: the conversation goes on" heard bb still
say three answer
check "midstream pass: in both directions" got three answered
say three tick
got three ticked
at box conntrack -F 2>/dev/null
: >"$TMP/got.three"
check "midstream pass: also when the server speaks first" got three ticked

# --- a policy change: one permit goes, its neighbour stays
{
	permit web "host a1" "host b1" web bare
	permit alt "host a1" "host b1" alt bare
} | policy both
permit web "host a1" "host b1" web bare | policy web
{
	permit aaa "zone aa" "zone bb" echo bare
	permit web "host a1" "host b1" web bare
	permit alt "host a1" "host b1" alt bare
} | policy more
for n in one two three; do stop_talk $n; done
apply both
at box conntrack -F 2>/dev/null
hear bb 81
talk web aa 10.2.0.2 80
talk alt aa fd00:2::2 81
web=$(class_of 80) alt=$(class_of 81)
apply web
say alt denied
say web kept
check "policy change: the permitted neighbour goes on" heard bb kept
refuse "policy change: what is denied now no longer arrives" heard bb denied
equal "policy change: its entries are gone" 0 "$(entries 'dport=81 ' | wc -l)"
refuse "policy change: and no new one begins" tcp aa fd00:2::2 81
apply more
talk web2 aa 10.2.0.2 80
talk alt2 aa fd00:2::2 81
equal "class numbers are kept over applies (web)" "$web" "$(class_of 80)"
equal "class numbers come back with the permit (alt)" "$alt" "$(class_of 81)"
say web again
check "the neighbour never noticed" heard bb again
rm "$TMP/state/numbers"
apply more
highest=$((web > alt ? web : alt))
talk web3 aa 10.2.0.2 80
talk alt3 aa fd00:2::2 81
check "numbers file lost: new numbers start above those in conntrack" \
	test "$(entries 'dport=8[01] ' | sed -n 's/.*mark=\([0-9]*\).*/\1/p' | sort -n | tail -n 1)" -gt "$highest"
say web thrice
check "numbers file lost: conversations are found again" heard bb thrice

# --- the end of a permit, with nobody there to end it
closes=$(TZ=JST-9 date -d "+$((6 * PATIENCE)) seconds" +%Y-%m-%dT%H:%M:%S)
{
	permit web "host a1" "host b1" web bare "until $closes;"
	permit alt "host a1" "host b1" alt bare
} | policy until
apply until
talk last aa 10.2.0.2 80
talk stays aa fd00:2::2 81
check "until: before the end it talks" heard bb thrice
ended() { [ "$(TZ=JST-9 date +%Y-%m-%dT%H:%M:%S)" \> "$closes" ]; }
wait_for $((10 * PATIENCE)) ended
say last over
refuse "until: at the end the conversation is cut, without any daemon" heard bb over
refuse "until: and no new one begins" tcp aa 10.2.0.2 80
say stays on
check "until: the neighbour stays" heard bb on

# --- an address that moves to the box, or from it, while a conversation lives on: judged anew, as what it is now
{
	permit web "host a1" "zone bb" web bare
	echo 'service names { tcp 53; }'
	permit names "host a1" "host box" names bare
} | policy moved
apply moved
test_denied() { [ "$(counter n_denied)" -gt "$1" ]; }
moved() { # FROM TO ADDRESS
	ip -n "$PFX$1" address del "$3" dev "$(card_of "$1")"
	ip -n "$PFX$2" address add "$3" dev "$(card_of "$2")"
	ip -n "${PFX}box" neighbour flush all
}
card_of() { if [ "$1" = box ]; then echo eth2; else echo eth0; fi; }
addr bb eth0 10.2.0.9/32
hear box 53
addr box eth2 10.2.0.8/32
talk through aa 10.2.0.9 80
talk with aa 10.2.0.8 53
say through before
check "address moves: it was a conversation through the box" heard bb before
n=$(counter n_denied)
moved bb box 10.2.0.9/32
say through after
check "address moves to the box: what was forwarded is denied there" wait_for $((2 * PATIENCE)) test_denied "$n"
refuse "... and the box itself never answers" got through reset
say with before
check "address moves: it was a conversation with the box" heard box before
n=$(counter n_denied)
moved box bb 10.2.0.8/32
say with after
check "address moves from the box: what it was told is not forwarded" wait_for $((2 * PATIENCE)) test_denied "$n"
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The base alone, then one permitted pair: everything else stays shut, in both families; spoofing, MAC, refusals.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/kernel.sh
. "$(dirname "$0")/kernel.sh"
lib_begin kernel_deny nft nc ping hping3 conntrack
kernel_lab

# --- the base: nothing passes, nothing reaches the box, but neighbours find each other
check "boot without a policy loads the base" kernel_sekimori apply --offline --boot
for t in 10.2.0.2 10.1.0.1 10.3.0.2; do refuse "base: aa does not reach $t" ping4 aa $t; done
refuse "base: aa does not reach fd00:2::2" ping4 aa fd00:2::2
refuse "base: the box reaches nobody" ping4 box 10.1.0.2
neighbour_lives() {
	at aa ip -6 neigh flush dev eth0
	ping4 aa fd00:1::1
	at aa ip -6 neigh show fd00:1::1 | grep -q lladdr
}
check "base: neighbour discovery of the box lives" neighbour_lives
forwards() { [ "$(at box sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | tr -d '\n')" = 11 ]; }
check "base: the box forwards" forwards

# --- one pair
{
	permit web "host a1" "host b1" web bare
	permit ping "zone aa" "zone bb" ping bare
	KIND=maintenance permit ssh "zone kanri" "host box" alt bare 'reference "1";'
	echo 'deny b-to-c { from zone bb; to zone cc; service web; reason "test"; answer reset; }'
	echo 'deny b-to-a { from zone bb; to zone aa; service alt; reason "test"; answer silent; log none; }'
} | policy one
apply one
for n in aa bb cc; do listen $n 80 && listen $n 81; done
listen box 81
check "permitted: aa -> bb:80 over IPv4" tcp aa 10.2.0.2 80
check "permitted: aa -> bb:80 over IPv6" tcp aa fd00:2::2 80
check "permitted: ping aa -> bb" ping4 aa 10.2.0.2
check "permitted: ping aa -> bb over IPv6" ping4 aa fd00:2::2
check "permitted: kanri -> the box" tcp kanri 10.4.0.1 81
refuse "denied: aa -> bb:81" tcp aa 10.2.0.2 81
refuse "denied: aa -> bb:81 over IPv6" tcp aa fd00:2::2 81
refuse "denied: bb -> aa:80, the other direction" tcp bb 10.1.0.2 80
refuse "denied: bb -> aa:80 over IPv6" tcp bb fd00:1::2 80
refuse "denied: ping bb -> aa" ping4 bb 10.1.0.2
refuse "denied: ping bb -> aa over IPv6" ping4 bb fd00:1::2
refuse "denied: aa -> cc" tcp aa 10.3.0.2 80
refuse "denied: aa -> cc over IPv6" tcp aa fd00:3::2 80
refuse "denied: aa -> the box" tcp aa 10.1.0.1 81
refuse "denied: the box -> aa" tcp box 10.1.0.2 80
refuse "denied: between two interfaces of one zone" ping4 cc 10.3.128.2
refuse "denied: another protocol (GRE) aa -> bb" at aa hping3 -q -c 1 --rawip --ipproto 47 10.2.0.2
addr aa eth0 10.1.0.3/16
refuse "denied: another host of the zone" at aa nc -z -w "$PATIENCE" -s 10.1.0.3 10.2.0.2 80

# --- how it is told
quickly() { # COMMAND: fails within half a second
	local t
	t=$(now_us)
	! "$@" && [ $(($(now_us) - t)) -lt $((500000 * PATIENCE)) ]
}
check "zone refuse reset: cc is told at once" quickly tcp cc 10.2.0.2 80
check "zone refuse reset: over IPv6" quickly tcp cc fd00:2::2 80
check "zone refuse reset: ICMP for UDP" quickly at cc bash -c 'exec 3<>/dev/udp/10.2.0.2/7; echo x >&3; read -r -t 2 -u 3; r=$?; [ $r -gt 128 ]'
check "deny answer reset: bb -> cc:80 is told at once" quickly tcp bb 10.3.0.2 80
refuse "deny answer silent: bb -> aa:81 is not" quickly tcp bb 10.1.0.2 81

# --- spoofed source, unknown card
n=$(counter n_spoofed)
at aa hping3 -q -c 3 -i u1000 -a 10.2.0.9 -S -p 80 10.2.0.2 >/dev/null 2>&1
equal "spoofed source of another zone dies in prerouting" $((n + 3)) "$(counter n_spoofed)"
n=$(counter spoof_aa)
at aa hping3 -q -c 3 -i u1000 -a 192.0.2.1 -S -p 80 10.2.0.2 >/dev/null 2>&1
equal "spoofed source of no zone is counted for the zone" $((n + 3)) "$(counter spoof_aa)"
equal "a spoofed packet makes no conntrack entry" 0 "$(entries '192\.0\.2\.1' | wc -l)"

sed 's/host a1 { zone aa;/host a1 { zone aa; mac 02:00:00:00:00:aa;/' "$TMP/one.rules" >"$TMP/mac.rules"
apply mac
check "the registered card passes" tcp aa 10.2.0.2 80
check "the registered card passes over IPv6" tcp aa fd00:2::2 80
mac aa eth0 02:00:00:00:00:bb
at box ip neigh flush dev eth1
n=$(counter n_wrong_card)
refuse "another card with the host's address does not" tcp aa 10.2.0.2 80
refuse "another card does not, over IPv6" tcp aa fd00:2::2 80
check "and is counted" test "$(counter n_wrong_card)" -gt "$n"
check "a host without a registered card is not asked for one" at aa ping -c 1 -W 1 -I 10.1.0.3 10.2.0.2
mac aa eth0 02:00:00:00:00:aa

# --- inside one zone
sed 's/refuse reset;/refuse reset; inside permit;/' "$TMP/one.rules" >"$TMP/inside.rules"
apply inside
check "inside permit: between two interfaces of one zone" ping4 cc 10.3.128.2
check "inside permit: and back" ping4 cd 10.3.0.2
refuse "inside permit opens nothing else" ping4 cc 10.2.0.2
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The way through the queue: fail policies without a listener, marks toward the engine, verdicts from it.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/kernel.sh
. "$(dirname "$0")/kernel.sh"
lib_begin kernel_queue nft nc ping python3 iptables-nft conntrack
kernel_lab
{
	permit web "host a1" "host b1" web closed
	permit alt "host a1" "host b1" alt open
	permit echo "host a1" "host b1" echo closed
	permit ping "zone aa" "zone bb" ping bare
} | policy queue
apply queue
hear bb 80
hear bb 81

# --- nobody listens
n=$(counter n_closed)
refuse "closed, no listener: nothing passes" tcp aa 10.2.0.2 80
refuse "closed, no listener: nor over IPv6" tcp aa fd00:2::2 80
check "closed: it was sent to the queue" test "$(counter n_closed)" -gt "$n"
check "open, no listener: passes" tcp aa 10.2.0.2 81
check "open, no listener: passes over IPv6" tcp aa fd00:2::2 81
check "open: what passed unseen is counted" test "$(counter n_unseen_open)" -gt 0
check "not inspected: passes" ping4 aa 10.2.0.2

# --- the rules of the fallback are gone
if at box nft list ruleset | grep -q SEKIMORI; then
	n=$(counter n_unseen_closed)
	at box iptables-nft -F
	at box ip6tables-nft -F
	refuse "iptables -F: closed stays closed" tcp aa 10.2.0.2 80
	refuse "iptables -F: closed stays closed over IPv6" tcp aa fd00:2::2 80
	check "iptables -F: it is counted" test "$(counter n_unseen_closed)" -gt "$n"
	check "iptables -F: open passes" tcp aa 10.2.0.2 81
	apply queue
	at box iptables-nft -S SEKIMORI >"$TMP/slots"
	equal "the next apply writes them again" 4 "$(grep -c NFQUEUE "$TMP/slots")"
	equal "and enters them first in FORWARD" "-A FORWARD -m mark --mark 0x40000000/0x40000000 -j SEKIMORI" "$(at box iptables-nft -S FORWARD | sed -n 2p)"
	apply queue
	equal "and only once" 1 "$(at box iptables-nft -S FORWARD | grep -c SEKIMORI)"
fi

# --- marks and verdicts
sees() { # QUEUE PATTERN: some packet came with that mark
	grep -qE "$2" "$TMP/queue.$1"
}
both() { # OPEN|CLOSED ANSWER: stand-ins on both queues of a group
	local q=0
	[ "$1" = open ] && q=16
	engine $q "$1" "$2"
	FIRST=$SPAWNED
	engine $((q + 1)) "$1" "$2"
	SECOND=$SPAWNED
	cat "$TMP/queue.$q" "$TMP/queue.$((q + 1))" >"$TMP/queue.all"
}
leave() {
	stop "$FIRST"
	stop "$SECOND"
}
both closed none
talk one aa 10.2.0.2 80
class=$(printf %04x "$(class_of 80)")
cat "$TMP/queue.0" "$TMP/queue.1" >"$TMP/queue.all"
check "first packet: its class, the bits first and must-be-seen" sees all "^4[01]10$class\$"
check "answers carry the bit reply" sees all "^4[01]08$class\$"
say one word
check "no opinion: everything passes" heard bb word
before=$(cat "$TMP/queue.0" "$TMP/queue.1" | wc -l)
say one word2
heard bb word2
check "no opinion: and comes again" test "$(cat "$TMP/queue.0" "$TMP/queue.1" | wc -l)" -gt "$before"
spread() { [ "$(wc -l <"$TMP/queue.0")" -gt 1 ] && [ "$(wc -l <"$TMP/queue.1")" -gt 1 ]; }
for _ in {1..24}; do tcp aa 10.2.0.2 80; done
check "conversations are spread over the queues" wait_for 2 spread
slots_agree() { ! sed 1d "$TMP/queue.0" | grep -v '^40' && ! sed 1d "$TMP/queue.1" | grep -v '^41'; }
if at box nft list ruleset | grep -q SEKIMORI; then check "each queue has its own slot" slots_agree; fi
leave

both closed pass
talk two aa fd00:2::2 80
before=$(cat "$TMP/queue.0" "$TMP/queue.1" | wc -l)
for w in p1 p2 p3; do say two $w; done
check "PASS: the conversation goes on" heard bb p3
equal "PASS: and has left the queue" "$before" "$(cat "$TMP/queue.0" "$TMP/queue.1" | wc -l)"
leave
say two unwatched
check "PASS: outlives the engine" heard bb unwatched
apply queue
say two applied
check "PASS: outlives an apply that leaves its permit alone" heard bb applied
sed 's/host b1; service web; profile closed;/host b1; service web; profile open;/' "$TMP/queue.rules" >"$TMP/changed.rules"
both open drop
apply changed
say two judged
refuse "PASS: not an apply that changes its permit: judged again" heard bb judged
leave
apply queue

both closed drop
refuse "DROP: nothing is accepted" tcp aa 10.2.0.2 80
leave
both closed none
talk four aa 10.2.0.2 80
leave
both closed drop
say four dropped
refuse "DROP: what is said no longer arrives" heard bb dropped
verdict_kept() { entries "dport=80 .*mark=$((3 * 65536 + 16#$class)) " | grep -q .; }
check "DROP: the verdict is kept with the conversation" verdict_kept
leave
say four unwatched4
refuse "DROP: outlives the engine" heard bb unwatched4
both closed reset
quickly() {
	local t
	t=$(now_us)
	! "$@" && [ $(($(now_us) - t)) -lt $((500000 * PATIENCE)) ]
}
check "RESET: the sender is told at once" quickly tcp aa 10.2.0.2 80
leave
both open none
talk three aa 10.2.0.2 81
cat "$TMP/queue.16" "$TMP/queue.17" >"$TMP/queue.all"
check "open group: its bit, its queues" sees all "^4[01]50"
leave
balance() { # everything that went in has come out somewhere
	local in out
	in=$(($(counter n_closed) + $(counter n_open)))
	out=$(($(counter n_seen) + $(counter n_unseen_closed) + $(counter n_unseen_open)))
	[ "$out" -le "$in" ]
}
check "no packet was seen twice" balance
finish

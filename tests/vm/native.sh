#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# native: what only Debian's kernel has, in the guest (tests/vm/check.sh): the nft queue statement, the flowtable, VLAN
# interfaces, and applies under load without loss.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"
# shellcheck source=tests/netns/box.sh
. "$(dirname "$0")/../netns/box.sh"

NUMBERED=$BOX_BUILD/tests/netns/numbered
PERMIT='kind security-cloud; from zone net; to zone cloud; owner "test"; reason "test"; approved-by "test"; approved-on 2026-04-01; review 2099-03-31;'

# client -- VLAN 10 of eth1 -- box -- eth2 -- server
native_lab() {
	ns client box server
	link client eth0 box eth1
	link server eth0 box eth2
	ip -n "${PFX}client" link add link eth0 name eth0.10 type vlan id 10
	ip -n "${PFX}box" link add link eth1 name eth1.10 type vlan id 10
	ip -n "${PFX}client" link set eth0.10 up
	ip -n "${PFX}box" link set eth1.10 up
	addr client eth0.10 10.1.0.2/16
	addr box eth1.10 10.1.0.1/16
	addr box eth2 10.2.0.1/16
	addr server eth0 10.2.0.2/16
	route client default via 10.1.0.1
	route server default via 10.2.0.1
	forwarding box
	# each on one processor: one that moves leaves packets behind where the emulation has stopped, and they come late
	spawn server "$TMP/server" taskset -c 1 "$NUMBERED" serve 10.2.0.2 7000
	spawn server "$TMP/server2" "$NUMBERED" serve 10.2.0.2 7001
	wait_listen 10 server tcp 7000 && wait_listen 10 server tcp 7001
	at server nft -f - <<-END
		table inet count { counter quick { }; chain c { type filter hook input priority 0; meta l4proto { tcp, udp } th dport 7001 counter name quick; }; }
	END
}

native_policy() {
	cat >"$TMP/plain.rules" <<-END
		model alpha;
		zone net   { role internet; interface "eth1.10"; network 10.1.0.0/16; }
		zone cloud { role cloud;    interface "eth2";    network 10.2.0.0/16; }
		service steady { tcp 7000; udp 7000; }
		service quick  { tcp 7001; udp 7001; }
		profile plain { inspect metadata; on-unknown-application pass; }
		profile fast  { inspect metadata; on-unknown-application pass; offload yes; }
		permit steady { service steady; profile plain; $PERMIT }
	END
	cat "$TMP/plain.rules" - >"$TMP/offload.rules" <<-END
		permit quick { service quick; profile fast; $PERMIT }
	END
}

apply() {
	box_sekimori apply "$TMP/$1.rules" --reason vm
}

offloaded() {
	at box conntrack -L 2>/dev/null | grep OFFLOAD | grep -q 'dport=7001'
}

arrived() {
	at server nft list counter inet count quick | sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}

arrived_more_than() {
	[ "$(arrived)" -gt "$1" ]
}

stands_still() {
	local n
	n=$(arrived)
	sleep 1
	[ "$(arrived)" = "$n" ]
}

lib_begin native nft conntrack ss taskset
native_lab
native_policy
box_start "$TMP/offload.rules"
equal "the queue is nft's own" native "$(box_queue_kind)"
check "a VLAN interface is a zone's: TCP and UDP pass" at client timeout --preserve-status -s TERM 3 taskset -c 0 "$NUMBERED" send 10.2.0.2 7000 200
spawn client "$TMP/quick" "$NUMBERED" send 10.2.0.2 7001 500
check "the flow arrives" wait_for 10 arrived_more_than 200
check "the decided flow is in the flowtable" wait_for 10 offloaded
check "the flowtable has the devices of both zones" sh -c "ip netns exec ${PFX}box nft list flowtables | grep -q eth2"
check "a policy without its permit applies" apply plain
check "the offloaded flow is dead at once" stands_still
refuse "and is no longer offloaded" offloaded

spawn client "$TMP/steady" taskset -c 0 "$NUMBERED" send 10.2.0.2 7000 500
STEADY=$SPAWNED
for policy in offload plain offload plain offload plain; do
	apply $policy >/dev/null || bad "apply $policy under load"
done
kill -TERM "$STEADY"
wait "$STEADY"
equal "six applies under load: no number is missing, either way" 0 $?
sed 's/^/     /' "$TMP/steady"
box_stop
finish

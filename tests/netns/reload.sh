#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# reload: numbered UDP and TCP both ways through the box at 10,000 messages a second each, while two policies are
# applied in turn APPLIES times. The second one lacks the neighbour's permit: no number of the first flow may be missing,
# and the neighbour's flow ends at every switch that denies it.
#
#	APPLIES=1000 tests/netns/reload.sh	# make check-reload; make check runs 20
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/box.sh
. "$(dirname "$0")/box.sh"

APPLIES=${APPLIES:-20}
RATE=${RATE:-10000}
NUMBERED=$BOX_BUILD/tests/netns/numbered
STEADY=7000 NEIGHBOUR=7001

reload_policies() {
	cat >"$TMP/without.rules" <<-END
		model alpha;
		zone net   { role internet; interface "eth1"; network 10.1.0.0/16; }
		zone cloud { role cloud;    interface "eth2"; network 10.2.0.0/16; }
		service steady    { tcp $STEADY; udp $STEADY; }
		service neighbour { tcp $NEIGHBOUR; udp $NEIGHBOUR; }
		profile plain { inspect metadata; on-unknown-application pass; }
		permit steady {
			kind security-cloud; from zone net; to zone cloud; service steady; profile plain;
			owner "test"; reason "test"; approved-by "test"; approved-on 2026-04-01; review 2099-03-31;
		}
	END
	cat "$TMP/without.rules" - >"$TMP/with.rules" <<-END
		permit neighbour {
			kind security-cloud; from zone net; to zone cloud; service neighbour; profile plain;
			owner "test"; reason "test"; approved-by "test"; approved-on 2026-04-01; review 2099-03-31;
		}
	END
}

reload_lab() {
	ns client box server
	link client eth0 box eth1
	link server eth0 box eth2
	addr client eth0 10.1.0.2/16
	addr box eth1 10.1.0.1/16
	addr box eth2 10.2.0.1/16
	addr server eth0 10.2.0.2/16
	route client default via 10.1.0.1
	route server default via 10.2.0.1
	forwarding box
	at server nft -f - <<-END
		table inet count { counter n_udp { }; counter n_tcp { }; chain c { type filter hook input priority 0;
			udp dport $NEIGHBOUR counter name n_udp; tcp dport $NEIGHBOUR counter name n_tcp; }; }
	END
	spawn server "$TMP/steady.server" "$NUMBERED" serve 10.2.0.2 $STEADY
	STEADY_SERVER=$SPAWNED
	spawn server "$TMP/neighbour.server" "$NUMBERED" serve 10.2.0.2 $NEIGHBOUR
	wait_listen 5 server tcp $STEADY && wait_listen 5 server tcp $NEIGHBOUR || exit 2
}

# packets of the neighbour's flows that reached its server
arrived() {
	at server nft list counter inet count "n_$1" | sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}

arrived_more_than() {
	[ "$(arrived "$1")" -gt "$2" ]
}

apply() {
	box_sekimori apply "$TMP/$1.rules" --reason reload >"$TMP/apply.out" 2>&1 || {
		bad "apply $1" "$(cat "$TMP/apply.out")"
		FAILED_APPLIES=$((FAILED_APPLIES + 1))
	}
}

# The neighbour's permit is gone: whatever it sends, nothing arrives.
neighbour_is_dead() {
	local udp tcp
	apply without
	udp=$(arrived udp) tcp=$(arrived tcp)
	sleep 0.1	# a hundred of its messages
	[ "$(arrived udp)" = "$udp" ] && [ "$(arrived tcp)" = "$tcp" ]
}

# The permit is back: its UDP goes on by itself, its TCP begins anew.
neighbour_lives() {
	local udp tcp
	udp=$(arrived udp) tcp=$(arrived tcp)
	apply with
	stop "$NEIGHBOUR_TCP"
	spawn client "$TMP/neighbour.tcp" "$NUMBERED" send 10.2.0.2 $NEIGHBOUR 1000 tcp
	NEIGHBOUR_TCP=$SPAWNED
	wait_for 5 arrived_more_than udp "$((udp + 20))" && wait_for 5 arrived_more_than tcp "$((tcp + 20))"
}

lib_begin reload nft conntrack ss
reload_policies
reload_lab
box_start "$TMP/with.rules"
spawn client "$TMP/steady" "$NUMBERED" send 10.2.0.2 $STEADY "$RATE"
STEADY_PID=$SPAWNED
spawn client "$TMP/neighbour.udp" "$NUMBERED" send 10.2.0.2 $NEIGHBOUR 1000 udp
spawn client "$TMP/neighbour.tcp" "$NUMBERED" send 10.2.0.2 $NEIGHBOUR 1000 tcp
NEIGHBOUR_TCP=$SPAWNED
wait_for 5 arrived_more_than udp 20 || bad "the neighbour's flow begins"
FAILED_APPLIES=0 died=0 lived=0
start=$(now_us)
for ((i = 0; i < APPLIES / 2; i++)); do
	if neighbour_is_dead; then died=$((died + 1)); fi
	if neighbour_lives; then lived=$((lived + 1)); fi
done
took=$((($(now_us) - start) / 1000))
kill -TERM "$STEADY_PID"
wait "$STEADY_PID"
clean=$?
stop "$STEADY_SERVER"
equal "$APPLIES applies of $((took / APPLIES)) ms each, none failed" 0 "$FAILED_APPLIES"
equal "no number of $RATE UDP and TCP messages a second is missing, either way" 0 $clean
equal "the touched flow died every time" $((APPLIES / 2)) $died
equal "and lived again every time" $((APPLIES / 2)) $lived
sed 's/^/     client: /' "$TMP/steady"
sed 's/^/     server: /' "$TMP/steady.server"
box_stop
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# clock: what opens and closes by date, over power cuts, with a battery clock that is wrong (tests/vm/check.sh). One guest after
# the other with the same disk, which holds the state directory:
#
#	clock.sh right	battery clock right: the first policy on a clock that nobody keeps, then a time server; one permit
#			ends in the kernel while no daemon runs, another one while none comes back; the power fails
#	clock.sh past	the battery is empty: the clock says the year 2000
#	clock.sh future	it says 2031
#
# The time server is a real one (chrony) behind a permit of the policy. It serves the guest's own clock: what it does to
# the guest is to make the kernel say "synchronised" (which chrony does only with rtcsync, as Debian sets it).
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"
# shellcheck source=tests/netns/box.sh
. "$(dirname "$0")/../netns/box.sh"

STATE=/run/state
PORTS="7001 7002 7003 7004 7005 7006 7007 7008"
COMPLETE='owner "test"; reason "test"; approved-by "test"; approved-on 2026-04-01;'
NUMBERED=$BOX_BUILD/tests/netns/numbered

clock_lab() {
	modprobe virtio_blk && modprobe ext4 || exit 2
	mkdir -p $STATE
	[ "$1" != right ] || mkfs.ext4 -q -F /dev/vda || exit 2
	mount /dev/vda $STATE || exit 2
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
	local p
	for p in $PORTS; do
		spawn server "$TMP/server.$p" "$NUMBERED" serve 10.2.0.2 "$p"
		wait_listen 10 server tcp "$p"
	done
	at server nft -f - <<-END
		table inet count { counter live { }; chain c { type filter hook input priority 0; tcp dport { 7002, 7006 } counter name live; }; }
	END
	BOX_CLOCK=synchronised BOX_STATE=$STATE/sekimori
	box_settings 'engines = 1;'
}

# permit PORT DATES... - from net to cloud, passing also without the daemon
clock_permit() {
	local port=$1
	shift
	echo "service p$port { tcp $port; }"
	echo "permit p$port { kind security-cloud; from zone net; to zone cloud; service p$port; profile open; $* $COMPLETE }"
}

# clock_policy SOON LATER - until which second 7006 and 7008 stand
clock_policy() {
	cat <<-END
		model alpha;
		zone net   { role internet; interface "eth1"; network 10.1.0.0/16; }
		zone cloud { role cloud;    interface "eth2"; network 10.2.0.0/16; }
		host time  { zone cloud; address 10.2.0.2; }
		service ntp { udp 123; }
		window morning { hours 08:00-12:00; }
		profile open { inspect metadata; on-unknown-application pass; on-overload pass; on-no-inspector pass; on-restart pass; on-midstream pass; }
		permit time { kind ordinary; from host box; to host time; service ntp; profile open; $COMPLETE review 2099-03-31; }
	END
	clock_permit 7001 "review 2099-03-31;"
	clock_permit 7002 "until 2027-06-30;"
	clock_permit 7003 "since 2027-01-01; review 2099-03-31;"
	clock_permit 7004 "until 2026-11-20;"
	clock_permit 7005 "since 2026-11-20; review 2099-03-31;"
	clock_permit 7006 "until $1;"
	clock_permit 7007 "window morning; review 2099-03-31;"
	clock_permit 7008 "until $2;"
}

# which ports a client reaches, all tried at once
clock_open() {
	{
		local p
		for p in $PORTS; do
			at client nc -zw 5 10.2.0.2 "$p" && echo "$p" &
		done
		wait
	} | sort | paste -sd ' '
}

clock_opens() {
	[ "$(clock_open)" = "$1" ]
}

clock_server() {
	cat >"$TMP/server.conf" <<-END
		local stratum 1
		allow
		bindaddress 10.2.0.2
		cmdport 0
		pidfile $TMP/server.pid
	END
	spawn server "$TMP/chrony.server" chronyd -x -d -u root -f "$TMP/server.conf"
}

clock_client() {
	cat >"$TMP/client.conf" <<-END
		server 10.2.0.2 iburst minpoll 0 maxpoll 1
		rtcsync
		cmdport 0
		pidfile $TMP/client.pid
	END
	spawn box "$TMP/chrony.client" chronyd -d -u root -f "$TMP/client.conf"
}

kernel_synchronised() {
	python3 -c 'import ctypes, sys
t = (ctypes.c_long * 64)()
sys.exit(ctypes.CDLL(None).adjtimex(t) == 5)'
}

believed() {
	[ "$(box_status | jq .clock_synchronised)" = "$1" ]
}

# it is ready, whether or not it believes the clock
stands() {
	believed "$1" && [ "$(box_status | jq -r .state)" = enforcing ]
}

told() {
	jq -se "any(.[]; $1)" "$BOX_LOG/eve.json" >/dev/null
}

in_jst() {
	TZ=JST-9 date -d "$1" +%Y-%m-%dT%H:%M:%S
}

arrived() {
	at server nft list counter inet count live | sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}

arrives() {
	local n
	n=$(arrived)
	wait_for 20 arrived_more_than "$n"
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

kept_after() {
	[ "$(cat "$BOX_STATE/clock")" -gt "$1" ]
}

# Everything of the daemon dies but the guard, a unit of its own.
box_kill_but() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -9 $(box_pids | grep -vx "$1")
	wait "$BOX_PID" 2>/dev/null
	BOX_PID=
	rm -f "$TMP/box/run/ctl.sock"
}

past() {
	[ "$(date +%s)" -gt "$1" ]
}

# The power fails: the machine is gone this instant, nothing is written out.
power_cut() {
	LIB_NAME=clock-$PHASE
	(finish)
	echo $? >/run/job/rc
	touch /run/job/cut
	sleep 60
}

phase_right() {
	local soon later
	clock_policy 2027-06-30 2027-06-30 >"$STATE/policy.rules"
	equal "nobody keeps the clock yet" 1 "$(kernel_synchronised; echo $?)"
	box_spawn
	check "the first policy of a machine applies all the same" wait_for 20 box_apply "$STATE/policy.rules"
	check "... and says by which time it judges" grep -q "the clock is not trusted: dates are judged as of 2026-11-22T" "$TMP/box/apply.out"
	check "an event says that the clock is not trusted" wait_for 10 told '.sekimori.reason == "clock" and .alert.signature_id == 1708118'
	check "status says so" believed false
	refuse "no element ends by itself" at box sh -c 'nft list table inet sekimori | grep -q expires'
	clock_client
	check "the time server is reached through its permit" wait_for 60 kernel_synchronised
	check "the daemon believes it" wait_for 10 believed true
	check "elements end by themselves now" wait_for 20 at box sh -c 'nft list table inet sekimori | grep -q expires'
	equal "what is open" "7001 7002 7005 7006 7007 7008" "$(clock_open)"
	check "the time is kept" wait_for 10 test -s "$BOX_STATE/clock"

	soon=$(($(date +%s) + 40))
	clock_policy "$(in_jst "@$soon")" 2027-06-30 >"$STATE/policy.rules"
	check "a permit gets an end that is near" box_apply "$STATE/policy.rules"
	spawn client "$TMP/ending" "$NUMBERED" send 10.2.0.2 7006 50 tcp
	check "a connection through a permit that ends soon" arrives
	box_kill
	[ "$(date +%s)" -ge "$soon" ] || check "... goes on without any daemon" arrives
	wait_for 120 past "$soon"
	# the element was counted from when nft had loaded it, some seconds in emulation
	check "at its end it is cut, without any daemon" wait_for 10 stands_still
	equal "and nothing begins there" "7001 7002 7005 7007 7008" "$(clock_open)"
	box_spawn
	check "the daemon comes back" wait_for 60 stands true
	check "and keeps the time" wait_for 10 kept_after "$soon"
	equal "with the same open" "7001 7002 7005 7007 7008" "$(clock_open)"

	later=$(($(date +%s) + 20))
	clock_policy "$(in_jst "@$soon")" "$(in_jst "@$later")" >"$STATE/policy.rules"
	check "another permit gets an end that is near" box_apply "$STATE/policy.rules"
	spawn box "$TMP/guard" "$BOX_BUILD/sekimorid" -g -c "$BOX_CONF"
	box_kill_but "$SPAWNED"
	check "the daemon does not come back; after that end the guard keeps the time" wait_for 120 kept_after "$later"
	equal "what is open without a daemon" "7001 7002 7005 7007" "$(clock_open)"
	power_cut
}

# What stood when the power failed stands again, before and with the daemon, whatever the clock says; what had ended by the
# time that was kept has ended, although no daemon saw it.
phase_wrong() {
	check "the rules are loaded before the network" box_sekimori apply --offline --boot
	equal "nothing opened or closed by the wrong date" "7001 7002 7005 7007" "$(clock_open)"
	box_spawn
	check "the daemon starts" wait_for 60 stands false
	equal "nothing opened or closed with it" "7001 7002 7005 7007" "$(clock_open)"
	check "an event says that the clock is not trusted" wait_for 10 told '.sekimori.reason == "clock"'
	check "the same policy applies anew" box_apply "$STATE/policy.rules"
	check "... judged by the last time that was right" grep -q "dates are judged as of 2026-11-22T" "$TMP/box/apply.out"
	equal "and opens and closes nothing" "7001 7002 7005 7007" "$(clock_open)"
}

phase_past() {
	phase_wrong
	clock_client
	check "a time server says the year 2000 is right" wait_for 60 kernel_synchronised
	check "it is not believed: that time has already been" believed false
	check "an event says so" wait_for 10 told '.sekimori.reason == "clock" and (.sekimori.detail | test("already been"))'
	equal "nothing opened or closed" "7001 7002 7005 7007" "$(clock_open)"
	box_stop
	sed -i 's/"synchronised"/"trusted"/' "$BOX_CONF"
	box_spawn
	check "nor where the settings trust the clock" wait_for 60 stands false
	equal "still nothing opened or closed" "7001 7002 7005 7007" "$(clock_open)"
	power_cut
}

phase_future() {
	phase_wrong
	spawn client "$TMP/ended" "$NUMBERED" send 10.2.0.2 7002 50 tcp
	check "a connection through a permit whose end nobody can tell" arrives
	clock_client
	check "a time server says the year 2031 is right" wait_for 60 kernel_synchronised
	check "what has ended closes, what has begun opens" wait_for 60 clock_opens "7001 7003 7005"
	check "and the connection has ended with its permit" stands_still
	check "the clock is believed" believed true
	box_stop
	finish
}

PHASE=$1
lib_begin clock chronyd nft nc jq python3 mkfs.ext4
clock_lab "$PHASE"
clock_server
case $PHASE in
right | past | future) "phase_$PHASE" ;;
*) echo "usage: clock.sh right|past|future" >&2; exit 2 ;;
esac

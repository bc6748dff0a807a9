#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# units: the systemd units on a booted system (tests/vm/check.sh; units_before.sh installed and enabled them): rules before the
# network, readiness, one capability, reload, watchdog, stop.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"

property() {
	systemctl show -P "$2" "$1"
}

active() {
	[ "$(property sekimorid ActiveState)" = active ]
}

enforcing() {
	[ "$(sekimori status --json | jq -r .state)" = enforcing ]
}

other_main() {
	active && [ "$(property sekimorid MainPID)" != "$1" ] && [ "$(property sekimorid MainPID)" != 0 ]
}

rules_stand() {
	nft list chain inet sekimori forward | grep -q 'policy drop' && nft list table inet sekimori | grep -q 'p_kikan_lgwan_'
}

engine_replaced() {
	local now
	now=$(sekimori status --json | jq -r '.engines[0].pid')
	[ -n "$now" ] && [ "$now" != "$1" ] && enforcing
}

journal() {
	journalctl -b --no-pager -u sekimorid -u sekimori-boot | tail -n 30
}

lib_begin units systemctl nft jq
wait_for 90 active || journal
equal "sekimori-boot loaded its rules" active "$(property sekimori-boot ActiveState)"
check "before the network began" test "$(property sekimori-boot ActiveEnterTimestampMonotonic)" -le "$(property systemd-networkd InactiveExitTimestampMonotonic)"
check "without a policy everything is denied" sh -c "nft list chain inet sekimori forward | grep -q 'policy drop'"
equal "sekimorid told systemd that it is ready" active "$(property sekimorid ActiveState)"
main=$(property sekimorid MainPID)
equal "it runs as its own user" sekimori "$(ps -o user= -p "$main")"
equal "with one capability" 0000000000001000 "$(awk '/CapEff/ {print $2}' "/proc/$main/status")"

check "a policy applies" sekimori apply /etc/sekimori/town.rules --reason units --override "a test has one person"
check "the barrier stands" wait_for 20 enforcing
check "its rules are in the kernel" rules_stand

mv /var/log/sekimori/eve.json /var/log/sekimori/eve.json.1
check "reload" systemctl reload sekimorid
check "opens the log files anew" wait_for 20 test -e /var/log/sekimori/eve.json
equal "in the same process" "$main" "$(property sekimorid MainPID)"

engine=$(sekimori status --json | jq -r '.engines[0].pid')
kill -9 "$engine"
check "a killed engine is replaced" wait_for 30 engine_replaced "$engine"

ports() {
	awk '{print $1, $2}' /proc/net/netfilter/nfnetlink_queue
}
queues=$(ports)
check "restart" systemctl restart sekimorid
check "the barrier stands again" wait_for 30 enforcing
equal "the queues' sockets outlive a restart, and the packets in them" "$queues" "$(ports)"
main=$(property sekimorid MainPID)

kill -STOP "$main"
check "the watchdog replaces a daemon that hangs" wait_for 90 other_main "$main"
check "with the same policy in force" wait_for 30 enforcing
check "and the rules in the kernel" rules_stand

check "stop" systemctl stop sekimorid
check "the rules stay" rules_stand
nft delete table inet sekimori
check "sekimori-boot brings the last policy back" systemctl restart sekimori-boot
check "whole" rules_stand
check "the units are well formed" systemd-analyze verify /usr/lib/systemd/system/sekimorid.service /usr/lib/systemd/system/sekimori-boot.service
[ "$LIB_FAILED" = 0 ] || journal
systemd-analyze security --no-pager sekimorid 2>/dev/null | tail -n 1
finish

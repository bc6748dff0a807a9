#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# units_confirm: a policy that has to be confirmed, on a booted system (tests/vm/check.sh; units_before.sh installed and
# enabled the units): the guard is a unit of its own, and neither a stopped daemon nor a clock that is set moves its time.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/../netns/lib.sh"

property() {
	systemctl show -P "$2" "$1"
}
is_active() { [ "$(property "$1" ActiveState)" = active ]; }
enforcing() { [ "$(sekimori status --json | jq -r .state)" = enforcing ]; }
renkei() { nft list table inet sekimori | grep -q 'chain p_kikan_lgwan_'; }
shut() { ! renkei; }
left() { sekimori approve --json | jq -r '.trial.seconds // 0'; }

lib_begin units_confirm systemctl nft jq
wait_for 90 is_active sekimorid
check "the guard is a unit of its own" wait_for 30 is_active sekimori-guard
guard=$(property sekimori-guard MainPID)
equal "it runs as our user" sekimori "$(ps -o user= -p "$guard")"
sed '/^permit/,/^}/d' /etc/sekimori/town.rules >/etc/sekimori/shut.rules
check "a first policy needs nobody else" sekimori apply /etc/sekimori/town.rules --reason units
check "the barrier stands" wait_for 30 enforcing
check "its permit is in the kernel" renkei

check "a policy to be confirmed" sekimori apply /etc/sekimori/shut.rules --reason units --confirm-within 40s
check "is in force" wait_for 20 shut
equal "the unit guards it, no other process" "$guard" "$(pgrep -f 'sekimorid -g|sekimori-guard' | head -n 1)"
date -s "+2 hours" >/dev/null
check "a clock that is set two hours ahead does not end it" test "$(left)" -gt 5
check "still in force" shut
date -s "-3 hours" >/dev/null
systemctl stop sekimorid
check "the daemon stopped: still in force" shut
check "its time is over: the policy before is back, without a daemon" wait_for 60 renkei
check "the daemon starts" systemctl start sekimorid
check "with it in force" wait_for 30 renkei
check "the history says who brought it back" sh -c "sekimori history --json | jq -e 'any(.lines[]; .act == \"expire\" and .who == \"guard\")'"

check "a second one" sekimori apply /etc/sekimori/shut.rules --reason units --confirm-within 20s
check "is in force, the policy before swept" wait_for 20 shut
kill -9 "$(property sekimori-guard MainPID)"
check "a guard that is killed comes back, and does its work" wait_for 60 renkei

check "a third one" wait_for 60 sekimori apply /etc/sekimori/shut.rules --reason units --confirm-within 500s
check "is in force" wait_for 20 shut
systemctl stop sekimorid
nft delete table inet sekimori # as after a restart of the machine, but for the boot's name
check "a boot loads the confirmed policy" systemctl restart sekimori-boot
check "not the one that waits" renkei
systemctl start sekimorid
check "the units are well formed" systemd-analyze verify /usr/lib/systemd/system/sekimori-guard.service
[ "$LIB_FAILED" = 0 ] || journalctl -b --no-pager -u sekimorid -u sekimori-boot -u sekimori-guard | tail -n 40
finish

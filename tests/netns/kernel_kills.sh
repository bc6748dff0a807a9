#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An apply that is killed at any step leaves the old policy or the new one, whole; what was in force last is what boots.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/kernel.sh
. "$(dirname "$0")/kernel.sh"
lib_begin kernel_kills nft nc
kernel_lab
{
	permit echo "host a1" "host b1" echo closed
	permit web "host a1" "host b1" web bare
} | policy old
{
	permit echo "host a1" "host b1" echo closed
	permit alt "host a1" "host b1" alt bare
} | policy new
for p in old new; do
	kernel_sekimori build "$TMP/$p.rules" -o "$TMP/$p.img" >"$TMP/build.out" 2>&1 || bad "build $p" "$(cat "$TMP/build.out")"
done
listen bb 80
listen bb 81

# --- killed at every step
applier() { # IMAGE [STEP]
	at box "$KERNEL_BUILD/tests/netns/applier" "$TMP/state" "$TMP/$1.img" 2 "${2:-}" >"$TMP/applier.out" 2>&1
}
old_rules() { tcp aa 10.2.0.2 80 && ! tcp aa 10.2.0.2 81; }
new_rules() { tcp aa 10.2.0.2 81 && ! tcp aa 10.2.0.2 80; }
generations() { at box nft -t list table inet sekimori | sed -n 's/^\t\(map\|set\|chain\) .*_\([0-9]*\) {$/\2/p' | sort -u | wc -l; }
applier old
check "an apply puts a policy in force" old_rules
for step in base settle room image gate numbers fates engines store add switch; do
	applier new $step
	check "killed at $step: the old policy stands" old_rules
	applier old
	check "killed at $step: the next apply works" old_rules
	kernel_sekimori apply "$TMP/old.rules" --offline --reason sweep >/dev/null 2>&1
	equal "killed at $step: nothing is left over" 1 "$(generations)"
done
for step in end offloaded tell promote; do
	applier new $step
	check "killed at $step: the new policy stands" new_rules
	rm -f "$TMP/boot"
	at box env SEKIMORI_CONF="$KERNEL_CONF" "$KERNEL_BUILD/sekimori" apply --offline --boot >"$TMP/boot" 2>&1
	check "killed at $step: after a restart, too" new_rules
	equal "killed at $step: nothing is left over" 1 "$(generations)"
	applier old
done
at box nft delete table inet sekimori
check "boot loads what was in force last" kernel_sekimori apply --offline --boot
check "and it stands" old_rules
printf 'x' | dd of="$TMP/old.img" bs=1 seek=600 conv=notrunc status=none
refuse "a damaged image is refused" applier old
check "and changes nothing" old_rules
check "and says so" grep -q SHA-256 "$TMP/applier.out"
equal "the history has a line for every apply that ended" "$(wc -l <"$TMP/state/history.jsonl")" \
	"$(python3 -c 'import json,sys; print(sum(1 for l in open(sys.argv[1]) if json.loads(l)["result"]))' "$TMP/state/history.jsonl")"
finish

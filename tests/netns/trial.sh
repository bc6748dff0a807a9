# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# trial: two policies, and what the tests of policies that wait to be confirmed ask of them. Source it after lib_begin.
kernel_lab
{
	permit echo "host a1" "host b1" echo bare
	permit web "host a1" "host b1" web bare
	KIND=maintenance permit ssh "zone kanri" "host box" alt bare 'reference "1";'
} | policy old
{
	permit echo "host a1" "host b1" echo bare
	permit alt "host a1" "host b1" alt bare
} | policy new
for p in old new; do
	kernel_sekimori build "$TMP/$p.rules" -o "$TMP/$p.img" >"$TMP/build.out" 2>&1 || bad "build $p" "$(cat "$TMP/build.out")"
done
listen bb 80
listen bb 81
listen box 81

put() { # NAME OPTIONS...
	local name=$1
	shift
	kernel_sekimori apply "$TMP/$name.rules" --offline --reason test "$@" >"$TMP/apply.out" 2>&1
}
code() { "$@" >"$TMP/code.out" 2>&1; echo $?; }
old_rules() { tcp aa 10.2.0.2 80 && ! tcp aa 10.2.0.2 81; }
new_rules() { tcp aa 10.2.0.2 81 && ! tcp aa 10.2.0.2 80; }
act() { jq -r '"\(.act) \(.result)"' "$TMP/state/history.jsonl" | tail -n 1; }
guards() {
	local p
	for p in $(ip netns pids "${PFX}box"); do
		[ "$(cat "/proc/$p/comm" 2>/dev/null)" = sekimori-guard ] && echo "$p"
	done
}
no_guard() { [ -z "$(guards)" ]; }
# what stands before every case: the old policy, confirmed, nothing pending
begin() {
	put old || bad "the old policy" "$(cat "$TMP/apply.out")"
	wait_for 5 no_guard
}

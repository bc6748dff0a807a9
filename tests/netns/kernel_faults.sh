#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A policy that waits to be confirmed goes back whatever dies meanwhile; a failing nft and a full disk leave the old
# policy or the new one, whole.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/kernel.sh
. "$(dirname "$0")/kernel.sh"
lib_begin kernel_faults nft nc jq unshare
# shellcheck source=tests/netns/trial.sh
. "$(dirname "$0")/trial.sh"

# --- what dies meanwhile
begin
put new --confirm-within 100s
at box nft delete table inet sekimori # the machine is started anew: the kernel knows nothing
check "after a restart of the machine" kernel_sekimori apply --offline --boot
check "the confirmed policy stands, not the one that waited" old_rules
equal "the history says so" "expire in-force" "$(act)"
check "the guard goes" wait_for 5 no_guard
put new --confirm-within 2s
kill -9 "$(guards)"
check "guard killed: the policy stays for its time" new_rules
late() { [ "$(kernel_sekimori approve --json 2>/dev/null | jq .trial.seconds)" = 0 ]; }
wait_for 10 late
check "guard killed, time over: whoever starts next brings it back" kernel_sekimori apply --offline --boot
check "it is back" old_rules

applier() { # IMAGE STEP SECONDS
	at box "$KERNEL_BUILD/tests/netns/applier" "$TMP/state" "$TMP/$1.img" 2 "${2:-none}" "${3:-0}" >"$TMP/applier.out" 2>&1
}
for step in base settle room image gate numbers fates engines store add; do
	applier new $step 60
	check "killed at $step: the old policy stands" old_rules
	check "killed at $step: nothing waits to be confirmed" put old
	wait_for 5 no_guard || bad "killed at $step: the guard stays"
done
for step in end offloaded tell promote record; do
	applier new $step 3
	check "killed at $step: the new policy stands" new_rules
	check "killed at $step: it goes back in time" wait_for 8 old_rules
	wait_for 5 no_guard
	check "killed at $step: and a boot loads the old one" kernel_sekimori apply --offline --boot
	check "killed at $step: which stands" old_rules
done
for step in base settle room image gate numbers fates engines store add; do
	put new --confirm-within 60s
	kill -9 "$(guards)"
	at box env SEKIMORI_CONF="$KERNEL_CONF" "$KERNEL_BUILD/tests/netns/applier" "$TMP/state" "$TMP/old.img" 2 $step >/dev/null 2>&1
	check "while one waits, another killed at $step: the new policy stands" new_rules
	check "while one waits, another killed at $step: it can be taken back" kernel_sekimori rollback --offline
	check "while one waits, another killed at $step: the old policy is back" old_rules
done
equal "the history is whole" 0 "$(code kernel_sekimori history)"

# --- nft fails: at the base, the addition, the switch
cp "$(command -v nft)" "$TMP/nft.real"
cat >"$TMP/nft" <<-WRAPPER
	#!/bin/sh
	# the real one, but for input that holds the text of \$TMP/fail
	[ "\$1" = -f ] || exec "$TMP/nft.real" "\$@"
	in=\$(mktemp) && cat >"\$in"
	if [ -s "$TMP/fail" ] && grep -qf "$TMP/fail" "\$in"; then echo "Error: no" >&2; rm "\$in"; exit 1; fi
	"$TMP/nft.real" -f - <"\$in"; s=\$?; rm "\$in"; exit \$s
WRAPPER
chmod 755 "$TMP/nft"
with_bad_nft() { # COMMAND...: in a mount namespace where nft is the wrapper
	at box unshare -m sh -c 'mount --bind "$1" "$(readlink -f /usr/sbin/nft)" && shift && exec "$@"' - "$TMP/nft" \
		env SEKIMORI_CONF="$KERNEL_CONF" "$@"
}
begin
for fails in 'map class_' 'flush chain inet sekimori forward'; do
	echo "$fails" >"$TMP/fail"
	equal "nft fails at '$fails': cannot" 2 "$(code with_bad_nft "$KERNEL_BUILD/sekimori" apply "$TMP/new.rules" --offline --reason test --confirm-within 60s)"
	check "nft fails at '$fails': the old policy stands" old_rules
	check "nft fails at '$fails': nobody guards" wait_for 5 no_guard
	equal "nft fails at '$fails': the history says so" "apply refused" "$(act)"
done
: >"$TMP/fail"
with_bad_nft "$KERNEL_BUILD/sekimori" apply "$TMP/new.rules" --offline --reason test --confirm-within 2s >/dev/null
echo 'flush chain inet sekimori forward' >"$TMP/fail"
wait_for 10 late
check "nft fails when the old policy is to come back: the new one stands, whole" new_rules
: >"$TMP/fail"
check "and as soon as nft works again it comes back" wait_for 10 old_rules

# --- the disk is full
umount_state() { umount "$TMP/state" 2>/dev/null; lib_cleanup; }
trap umount_state EXIT
wait_for 5 no_guard
rm -rf "$TMP/state.kept" && cp -a "$TMP/state" "$TMP/state.kept"
mount -t tmpfs -o size=2m,mode=700 none "$TMP/state"
cp -a "$TMP/state.kept/." "$TMP/state/"
begin
lines=$(wc -l <"$TMP/state/history.jsonl")
dd if=/dev/zero of="$TMP/state/filler" bs=4k status=none 2>/dev/null
equal "disk full: nothing is applied" 2 "$(code put new --confirm-within 60s)"
check "disk full: and it says so" grep -qi 'no space' "$TMP/apply.out"
check "disk full: the old policy stands" old_rules
rm "$TMP/state/filler"
check "with room again it works" put new --confirm-within 4s
dd if=/dev/zero of="$TMP/state/filler" bs=4k status=none 2>/dev/null
check "disk full while one waits: it is in force" new_rules
check "disk full: the policy before comes back all the same" wait_for 8 old_rules
wait_for 5 no_guard
equal "disk full: an emergency works" 0 "$(code kernel_sekimori emergency last-good --reason "disk full")"
check "disk full: the confirmed policy is in force" old_rules
rm "$TMP/state/filler"
check "the history has gone on" test "$(wc -l <"$TMP/state/history.jsonl")" -gt "$lines"
equal "and is whole" 0 "$(code kernel_sekimori history)"
wait_for 5 no_guard
umount "$TMP/state"
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A policy that has to be confirmed, without a daemon: it goes back by itself, whatever dies meanwhile; a full disk and
# a failing nft leave the old policy or the new one, whole; the history is chained; emergencies work.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/kernel.sh
. "$(dirname "$0")/kernel.sh"
lib_begin kernel_confirm nft nc jq unshare
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

# --- nobody confirms
begin
check "a policy to be confirmed comes into force" put new --confirm-within 4s --reference "R8-12"
check "and says until when, and what comes back" grep -q 'until .* unless somebody runs .sekimori confirm.' "$TMP/apply.out"
check "it is in force" new_rules
g=$(guards)
equal "the guard has a session of its own, without a terminal" "? no" \
	"$(ps -o tty= -p "$g") $([ "$(ps -o sid= -p "$g")" = "$(ps -o sid= -p $$)" ] && echo yes || echo no)"
equal "and is nobody's child" 1 "$(ps -o ppid= -p "$g" | tr -d ' ')"
equal "a second change is refused" 1 "$(code put old)"
check "and says why" grep -q 'waits to be confirmed' "$TMP/apply.out"
check "the policy before comes back" wait_for 8 old_rules
check "the guard goes" wait_for 5 no_guard
equal "the history says so" "expire in-force" "$(act)"
equal "confirming too late is refused" 1 "$(code kernel_sekimori confirm --offline)"

# --- somebody does
put new --confirm-within 20s
check "confirm" kernel_sekimori confirm --offline
check "the guard goes at once" wait_for 5 no_guard
check "and the policy stays" new_rules
equal "a second confirm is refused" 1 "$(code kernel_sekimori confirm --offline)"
at box nft delete table inet sekimori
check "a boot loads it" kernel_sekimori apply --offline --boot
check "and it stands" new_rules

# --- rollback
begin
put new --confirm-within 60s
check "rollback while it waits" kernel_sekimori rollback --offline
check "the old policy is back at once" old_rules
check "the guard goes" wait_for 5 no_guard
put new
check "rollback of what was confirmed" kernel_sekimori rollback --offline --reason "it broke the printers"
check "the policy before is in force" old_rules
n=$(jq 'select(.act == "apply" and .result == "in-force") | .apply' "$TMP/state/history.jsonl" | tail -n 1)
check "rollback to the apply of a number" kernel_sekimori rollback "$n" --offline
check "that policy is in force" new_rules
equal "a number that never was is refused" 1 "$(code kernel_sekimori rollback 99999 --offline)"
equal "no number at all is refused" 2 "$(code kernel_sekimori rollback x --offline)"
for wrong in 10 0m 25h m -5m 1d; do
	equal "--confirm-within $wrong is refused" 2 "$(code put old "--confirm-within=$wrong")"
done

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

# --- emergency
begin
equal "isolate-all" 0 "$(code kernel_sekimori emergency isolate-all --reason "ransomware")"
refuse "isolated: nothing passes" tcp aa 10.2.0.2 80
refuse "isolated: nothing passes that needs no inspection either" tcp aa 10.2.0.2 7
check "isolated: management reaches the box as the policy says" tcp kanri 10.4.0.1 81
equal "isolated: no apply" 1 "$(code put new)"
at box nft delete table inet sekimori
kernel_sekimori apply --offline --boot >/dev/null 2>&1
refuse "isolated: also after a restart" tcp aa 10.2.0.2 80
check "isolated: management also after a restart" tcp kanri 10.4.0.1 81
equal "the state says so" all "$(kernel_sekimori approve --json | jq -r .closed)"
equal "emergency end" 0 "$(code kernel_sekimori emergency end)"
check "the policy is in force again" old_rules
equal "a second end is refused" 1 "$(code kernel_sekimori emergency end)"
equal "an emergency that is none" 2 "$(code kernel_sekimori emergency open-all)"
mv "$TMP/state/current" "$TMP/current.kept"
rm -f "$TMP/state/trial"
equal "isolate-all without any policy" 0 "$(code kernel_sekimori emergency isolate-all)"
refuse "then nothing passes" tcp aa 10.2.0.2 80
refuse "not even management, which no policy names" tcp kanri 10.4.0.1 81
mv "$TMP/current.kept" "$TMP/state/current"
kernel_sekimori emergency last-good >/dev/null 2>&1
check "last-good" old_rules
h=$(awk '{print $2}' "$TMP/state/current")
put new
mv "$TMP/state/images/$(awk '{print $2}' "$TMP/state/current").img" "$TMP/lost.img"
equal "last-good with a lost image" 0 "$(code kernel_sekimori emergency last-good)"
equal "is the one before" "$h" "$(awk '{print $2}' "$TMP/state/current")"

# --- the history
equal "it is whole" 0 "$(code kernel_sekimori history)"
check "it has the reference" grep -q R8-12 "$TMP/code.out"
check "as JSON, too" sh -c "SEKIMORI_CONF=$KERNEL_CONF $KERNEL_BUILD/sekimori history --json --last 3 | jq -e '.faults == 0 and (.lines | length) == 3'"
sed -i '3s/"reason":"[^"]*"/"reason":"quite another"/' "$TMP/state/history.jsonl"
equal "a changed line shows" 1 "$(code kernel_sekimori history)"
check "in words" grep -q 'does not follow' "$TMP/code.out"
sed -i 5d "$TMP/state/history.jsonl"
equal "a line taken out shows" 1 "$(code kernel_sekimori history)"
printf '{"seq":' >>"$TMP/state/history.jsonl"
put old
equal "after half a line the next one is whole" "apply in-force" "$(tail -n 1 "$TMP/state/history.jsonl" | jq -r '"\(.act) \(.result)"')"
kernel_sekimori history --json >"$TMP/code.out" 2>/dev/null
equal "and the three faults are told" 3 "$(jq .faults "$TMP/code.out")"
finish

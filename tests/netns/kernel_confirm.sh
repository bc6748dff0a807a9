#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A policy that has to be confirmed, without a daemon: it goes back by itself unless somebody confirms it; emergencies
# work; the history is chained.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/kernel.sh
. "$(dirname "$0")/kernel.sh"
lib_begin kernel_confirm nft nc jq
# shellcheck source=tests/netns/trial.sh
. "$(dirname "$0")/trial.sh"

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

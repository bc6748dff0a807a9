#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Applies under load lose nothing.
#
#	APPLIES=100 RATE=10000 tests/netns/kernel_apply.sh
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/kernel.sh
. "$(dirname "$0")/kernel.sh"
APPLIES=${APPLIES:-40} RATE=${RATE:-10000}
lib_begin kernel_apply nft nc
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

applier() { # IMAGE [STEP]
	at box "$KERNEL_BUILD/tests/netns/applier" "$TMP/state" "$TMP/$1.img" 2 "${2:-}" >"$TMP/applier.out" 2>&1
}
applier old

# --- under load: the verdict stand-ins judge every packet and never decide
engine 0 closed none quiet
engine 1 closed none quiet
spawn bb "$TMP/serve" "$KERNEL_BUILD/tests/netns/numbered" serve 10.2.0.2 7
wait_listen 5 bb tcp 7
spawn aa "$TMP/send" "$KERNEL_BUILD/tests/netns/numbered" send 10.2.0.2 7 "$RATE"
sender=$SPAWNED
kernel_sekimori build "$TMP/old.rules" -o "$TMP/old.img" >/dev/null 2>&1
failed=0
t=$(now_us)
for ((i = 0; i < APPLIES; i++)); do
	if ((i % 2)); then applier old; else applier new; fi || failed=$((failed + 1))
done
took=$((($(now_us) - t) / APPLIES / 1000))
kill -TERM "$sender"
wait "$sender"
equal "$APPLIES applies under load ($took ms each)" 0 $failed
check "none of $(sed -n 's/^udp sent=\([0-9]*\) .*/\1/p' "$TMP/send") datagrams is missing, none is out of order" \
	grep -q "^udp .* gaps=0 reordered=0 " "$TMP/send"
check "each of $(sed -n 's/^tcp sent=\([0-9]*\) .*/\1/p' "$TMP/send") messages over TCP arrives once, in order" \
	grep -q "^tcp .* gaps=0 reordered=0 " "$TMP/send"
cat "$TMP/send"
finish

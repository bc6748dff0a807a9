#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The text of `sekimori nft` is what this kernel takes: every policy that the rule tests build, loaded whole and piece by
# piece; and ten thousand boxes within a second.
#
#	NATIVE=1 tests/netns/kernel_text.sh	# with `queue` and flowtable: on a kernel that has them (tests/vm)
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
lib_begin kernel_text nft
SEKIMORI=$(realpath -m "${B:-build}")/sekimori
RULES=$(cd "$(dirname "$0")/../rules" && pwd)
ns box
how=(--fallback)
if [ -n "${NATIVE:-}" ]; then how=(--queues 2); fi

empty() { at box nft delete table inet sekimori 2>/dev/null; }
whole() { # FILE
	empty
	"$SEKIMORI" nft "${how[@]}" "$1" >"$TMP/text" && at box nft -f "$TMP/text"
}
pieces() { # FILE
	empty
	local part
	for part in base add switch; do
		"$SEKIMORI" nft "${how[@]}" --apply 3 --part $part "$1" >"$TMP/text" && at box nft -f "$TMP/text" || return
	done
}
count=0
for f in "$RULES"/nft/*.rules "$RULES"/ok/*.rules; do
	name=${f#"$RULES"/}
	if ! out=$(whole "$f" 2>&1); then bad "$name loads" "$out"; else count=$((count + 1)); fi
done
check "all of $count policies load whole" test $count -ge 8
for f in "$RULES"/nft/*.rules; do
	check "${f#"$RULES"/} loads in pieces" pieces "$f"
	check "and what is listed loads again" at box bash -c 'nft list table inet sekimori >'"$TMP"'/listed && nft delete table inet sekimori && nft -f '"$TMP"'/listed'
done

if [ -n "${NATIVE:-}" ]; then
	ip -n "${PFX}box" link add eth1 type dummy
	ip -n "${PFX}box" link add eth2 type dummy
	empty
	check "the flowtable loads when its devices exist" \
		bash -c "'$SEKIMORI' nft --flowtable --queues 2 '$RULES/nft/small.rules' | ip netns exec ${PFX}box nft -f -"
fi

# --- scale
{
	echo 'model custom;
		zone aa { role internet; interface "eth1"; network 10.1.0.0/16; }
		zone bb { role internet; interface "eth2"; network 10.2.0.0/16; }
		profile bare { inspect none; }'
	for ((i = 0; i < 2500; i++)); do
		echo "service s$i { tcp $((1000 + i)); }"
		echo "host h$i { zone aa; address 10.1.$((i / 250)).$((i % 250 + 1)); }"
		echo "permit p$i { kind ordinary; from host h$i; to 10.2.$((i / 250)).0/24, 10.2.100.$((i % 250 + 1)), 10.2.101.7, 10.2.$((i % 50 + 150)).0/28;" \
			"service s$i; profile bare; owner \"t\"; reason \"t\"; approved-by \"t\"; approved-on 2026-04-01; review 2099-03-31; }"
	done
} >"$TMP/big.rules"
"$SEKIMORI" build "$TMP/big.rules" -o "$TMP/big.img" >"$TMP/out" 2>&1 || bad "ten thousand boxes build" "$(tail -n 3 "$TMP/out")"
boxes=$("$SEKIMORI" nft "${how[@]}" --part add "$TMP/big.img" | grep -c ' tcp . [0-9]* : ')
empty
"$SEKIMORI" nft "${how[@]}" --part base "$TMP/big.img" | at box nft -f -
"$SEKIMORI" nft "${how[@]}" --part add "$TMP/big.img" >"$TMP/text"
t=$(now_us)
at box nft -f "$TMP/text"
took=$((($(now_us) - t) / 1000))
limit=1000
if [ -n "${NATIVE:-}" ]; then limit=60000; fi # an emulated processor
check "$boxes boxes load in $took ms" test $boxes -ge 10000 -a $took -le $limit
finish

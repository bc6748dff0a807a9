#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Policies drawn at random, really applied, and packets near every edge of them: what the kernel does with each is
# what policy_decide() says and what the proof's diagrams hold. Forward, input and output, IPv4 and IPv6.
#
#	SEED=n POLICIES=n PACKETS=n	others, or more of them
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/netns/kernel.sh
. "$(dirname "$0")/kernel.sh"
SEED=${SEED:-20261122} POLICIES=${POLICIES:-8} PACKETS=${PACKETS:-13000}
lib_begin kernel_differential nft iptables-nft conntrack
ns box
forwarding box
mkdir -p "$TMP/state" "$TMP/run"
echo "user = \"\"; clock = \"trusted\"; engines = 1; state-directory = \"$TMP/state\";
	log-directory = \"$TMP\"; run-directory = \"$TMP/run\";" >"$TMP/sekimori.conf"

# Zone i stands behind one router, which nobody has to ask for its address.
cat >"$TMP/setup" <<'END'
set -e
for i in 0 1 2 3; do
	ip link set e$i address 02:00:00:ff:00:0$i mtu 1500 up
	ip addr add 10.$i.255.254/32 dev e$i
	ip neigh add 10.$i.255.253 lladdr 02:00:00:ee:00:0$i dev e$i nud permanent
	ip route add 10.$i.0.0/16 via 10.$i.255.253 dev e$i onlink
	[ $i = 0 ] && continue
	ip addr add fd00:$i::fffe/128 dev e$i nodad
	ip neigh add fd00:$i::fffd lladdr 02:00:00:ee:00:0$i dev e$i nud permanent
	ip route add fd00:$i::/64 via fd00:$i::fffd dev e$i onlink
done
nft -f - <<-TABLE
	table inet observe {
		chain input {
			type filter hook input priority 100; policy accept;
			iif lo accept
			log group 9 queue-threshold 1
			drop
		}
	}
	TABLE
END
cat >"$TMP/apply" <<END
conntrack -F >/dev/null 2>&1
SEKIMORI_CONF=$TMP/sekimori.conf $KERNEL_BUILD/sekimori apply $TMP/drawn.rules --offline --reason test >$TMP/apply.out 2>&1 ||
	{ cat $TMP/apply.out >&2; exit 1; }
END
began=$(now_us)
at box timeout 300 "$KERNEL_BUILD/tests/netns/inject" "$TMP" "$SEED" "$POLICIES" "$PACKETS" \
	"bash $TMP/setup" "bash $TMP/apply" >"$TMP/said" 2>"$TMP/err"
code=$?
cat "$TMP/said"
cp "$TMP/drawn.rules" "${KEPT:-/dev/null}"
if [ $code = 0 ]; then
	ok "kernel, decision and diagrams agree: seed $SEED, $POLICIES policies, $((($(now_us) - began) / 1000000)) s"
else
	bad "kernel, decision and diagrams disagree (exit $code)" "$(tail -n 20 "$TMP/err")"
fi
finish

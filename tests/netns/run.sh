#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tests in network namespaces. Most of their time is waiting, so several run beside each other (LANES, two for
# each processor); those that load the box run alone. Each one's output stands together. Exit 1 when one fails.
B=$(realpath -m "${B:-build}")	# seen from where we were called
export B
cd "$(dirname "$0")" || exit 2
LANES=${LANES:-$((2 * $(nproc)))}
alone=(kernel_apply.sh reload.sh)
logs=$(mktemp -d) || exit 2
trap 'rm -rf "$logs"' EXIT

one() {
	local start=$SECONDS status=0
	timeout 900 "./$1" >"$logs/$1" 2>&1 || status=1
	[ $status = 0 ] || echo "FAIL tests/netns/$1" >>"$logs/$1"
	echo "  ($1: $((SECONDS - start)) s)" >>"$logs/$1"
	cat "$logs/$1"
	return $status
}

status=0 running=0 begun=
# The longest first.
for t in parity.sh live_rehearse.sh live_confirm.sh kernel_faults.sh kernel_kills.sh $(ls kernel_*.sh live_*.sh town.sh); do
	case " ${alone[*]} $begun " in *" $t "*) continue ;; esac
	begun="$begun $t"
	if [ $running -ge "$LANES" ]; then
		wait -n || status=1
		running=$((running - 1))
	fi
	one "$t" &
	running=$((running + 1))
done
for ((; running > 0; running--)); do
	wait -n || status=1
done
for t in "${alone[@]}"; do
	one "$t" || status=1
done
exit $status

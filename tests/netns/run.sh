#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tests in network namespaces, one after the other (two cores are not enough for more). Exit 1 when one fails.
B=$(realpath -m "${B:-build}")	# seen from where we were called
export B
cd "$(dirname "$0")" || exit 2
status=0
for t in town.sh kernel_*.sh live_*.sh parity.sh reload.sh; do
	[ -e "$t" ] || continue
	start=$SECONDS
	if ! timeout 900 "./$t"; then
		echo "FAIL tests/netns/$t"
		status=1
	fi
	echo "  ($t: $((SECONDS - start)) s)"
done
exit $status

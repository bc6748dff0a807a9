#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# rows: what the product promises, tried by real programs in the town against the real daemon. The demo
# (tools/demo.sh) shows the same rows. Each group is a function; `rows.sh GROUP...` runs some of them.
TOWN_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/netns/town.sh
. "$TOWN_DIR/town.sh"
# shellcheck source=tests/netns/box.sh
. "$TOWN_DIR/box.sh"
# shellcheck source=tests/netns/table.sh
. "$TOWN_DIR/table.sh"
# shellcheck source=tests/netns/rows_policy.sh
. "$TOWN_DIR/rows_policy.sh"
# shellcheck source=tests/netns/rows_packets.sh
. "$TOWN_DIR/rows_packets.sh"
# shellcheck source=tests/netns/rows_live.sh
. "$TOWN_DIR/rows_live.sh"

ROW_GROUPS="segmentation application names addresses packets protocols changes foreign model failures"

rows_begin() {
	# shellcheck disable=SC2086 # a list of programs
	lib_begin "$1" $TOWN_PROGRAMS
	town_build
	town_start
	policy_text base </dev/null
}

rows_run() {
	local g
	row_head
	for g in "$@"; do
		"rows_$g"
	done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	rows_begin rows
	box_start "$TMP/policy/base.rules"
	# shellcheck disable=SC2086 # a list of words
	if [ $# = 0 ]; then rows_run $ROW_GROUPS; else rows_run "$@"; fi
	box_stop
	finish
fi

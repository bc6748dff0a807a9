#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# demo: the main job on real programs. A town in network namespaces, the real daemon in its middle, and a table of who tried
# what, what was expected and what really happened, by the client's exit code and the server's own log. Nothing
# outside the namespaces is touched. Exit 1 when any row differs. `make demo` installs and builds first.
# shellcheck source=tests/netns/rows.sh
. "$(dirname "$0")/../tests/netns/rows.sh"

demo_intro() {
	words "A town of seven networks and $(echo "$SERVER_PROGRAMS" | wc -w) kinds of real programs, built in namespaces; the box forwards between them." \
		"実在のプログラムが動く七つのネットワークの町を名前空間に作り、関守をその真ん中に置きます。"
	words "First without Sekimori: everything reaches everything." "まず関守なし: すべてがすべてに届きます。"
}

# The same attempts that are blocked later succeed here: what blocks them is the box.
demo_bare() {
	local passed=$LIB_PASSED failed=$LIB_FAILED
	town_prove_bare >"$TMP/bare.out"
	[ "$LIB_FAILED" = "$failed" ] || cat "$TMP/bare.out"
	words "  $((LIB_PASSED - passed)) attempts, all of them arrive." "  $((LIB_PASSED - passed)) 通りを試し、すべて届きました。"
}

demo_start() {
	box_start "$TMP/policy/base.rules"
	words "Now Sekimori with tests/netns/town.rules ($(box_queue_kind) queue, Linux $(uname -r))." \
		"次に関守を tests/netns/town.rules で動かします（キュー: $(box_queue_kind)、Linux $(uname -r)）。"
}

demo_end() {
	echo
	words "== alerts.log, the last lines (one Japanese line an alert)" "== alerts.log の末尾"
	tail -n 8 "$BOX_LOG/alerts.log"
	echo
	words "== sekimori status" "== sekimori status"
	box_sekimori status
	box_stop
	echo
	words "$LIB_PASSED rows as expected, $LIB_FAILED different, in $SECONDS s." "$LIB_PASSED 行が期待どおり、$LIB_FAILED 行が相違（$SECONDS 秒）。"
}

rows_begin demo
demo_intro
demo_bare
demo_start
# shellcheck disable=SC2086 # a list of words
rows_run $ROW_GROUPS
demo_end
finish

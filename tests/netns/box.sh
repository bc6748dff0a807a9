# shellcheck shell=bash disable=SC2034 # variables for those who source this
# SPDX-License-Identifier: GPL-3.0-or-later
#
# box: the real daemon and CLI in the namespace `box`, with settings, state and logs of this run under $TMP.
# Source lib.sh first; the programs come from $B.

BOX_BUILD=$(realpath -m "${B:-build}")
BOX_PID=

# box_start POLICY [SETTING...] - the base ruleset, the daemon, and POLICY in force
box_start() {
	local policy=$1 d=$TMP/box
	shift
	BOX_LOG=$d/log BOX_CONF=$d/sekimori.conf
	rm -rf "$d"
	mkdir -p "$d"/{log,state,run}
	{
		echo 'user = ""; clock = "trusted"; stats-interval = 1;'
		echo "state-directory = \"$d/state\"; log-directory = \"$d/log\"; run-directory = \"$d/run\";"
		printf '%s\n' "$@"
	} >"$BOX_CONF"
	at box sysctl -qw net.netfilter.nf_conntrack_acct=1 net.netfilter.nf_conntrack_events=1 \
		net.netfilter.nf_conntrack_timestamp=1	# as systemd/sysctl.conf does
	box_spawn
	box_sekimori apply "$policy" --reason "test" >"$d/apply.out" 2>&1 || { cat "$d/apply.out" "$d/daemon" >&2; exit 2; }
}

box_spawn() {
	spawn box "$TMP/box/daemon" "$BOX_BUILD/sekimorid" -c "$BOX_CONF"
	BOX_PID=$SPAWNED
	wait_for 10 test -S "$TMP/box/run/ctl.sock" || { cat "$TMP/box/daemon" >&2; exit 2; }
}

box_stop() {
	stop "$BOX_PID"
	BOX_PID=
}

# box_sekimori VERB... - the CLI beside that daemon
box_sekimori() {
	at box env SEKIMORI_CONF="$BOX_CONF" LC_ALL="$(box_locale)" "$BOX_BUILD/sekimori" "$@"
}

box_locale() {
	if [ "$LIB_LANGUAGE" = ja ]; then echo ja_JP.UTF-8; else echo C.UTF-8; fi
}

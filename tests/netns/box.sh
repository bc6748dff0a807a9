# shellcheck shell=bash disable=SC2034 # variables for those who source this
# SPDX-License-Identifier: GPL-3.0-or-later
#
# box: the real daemon and CLI in the namespace `box`, with settings, state and logs of this run under $TMP.
# Source lib.sh first; the programs come from $B.

BOX_BUILD=$(realpath -m "${B:-build}")
BOX_PID=

# box_settings [SETTING...] - the daemon's directories and settings. $BOX_CLOCK: whether it believes the clock [trusted];
# $BOX_STATE: its state directory [one that ends with this run]
box_settings() {
	local d=$TMP/box
	BOX_LOG=$d/log BOX_CONF=$d/sekimori.conf BOX_STATE=${BOX_STATE:-$d/state}
	rm -rf "$d"
	mkdir -p "$d"/{log,run} "$BOX_STATE"
	{
		echo "user = \"\"; clock = \"${BOX_CLOCK:-trusted}\"; stats-interval = 1;"
		echo "state-directory = \"$BOX_STATE\"; log-directory = \"$d/log\"; run-directory = \"$d/run\";"
		printf '%s\n' "$@"
	} >"$BOX_CONF"
	modprobe -q nf_conntrack 2>/dev/null	# its settings have to be there
	at box sysctl -qw net.netfilter.nf_conntrack_acct=1 net.netfilter.nf_conntrack_events=1 \
		net.netfilter.nf_conntrack_timestamp=1	# as systemd/sysctl.conf does
}

# box_start POLICY [SETTING...] - the base ruleset, the daemon, and POLICY in force
box_start() {
	local policy=$1
	shift
	box_settings "$@"
	box_spawn
	wait_for 10 box_apply "$policy" || { cat "$TMP/box/apply.out" "$TMP/box/daemon" >&2; exit 2; }
}

# A daemon that is still starting refuses; nothing is changed then.
box_apply() {
	box_sekimori apply "$1" --reason "test" --override "a test has one person" >"$TMP/box/apply.out" 2>&1
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

# what the supervisor says, as JSON
box_status() {
	box_sekimori status --json
}

# pids of the engines that inspect
box_engines() {
	box_status | jq -r '.engines[].pid'
}

# pids of all our processes in the box
box_pids() {
	local p
	for p in $(ip netns pids "${PFX}box"); do
		case $(cat "/proc/$p/comm" 2>/dev/null) in sekimori*) echo "$p" ;; esac
	done
}

# native or fallback
box_queue_kind() {
	if at box iptables-nft -t filter -S 2>/dev/null | grep -q NFQUEUE; then echo fallback; else echo native; fi
}

# box_counter NAME - packets of a named counter of the kernel's ruleset
box_counter() {
	at box nft list counter inet sekimori "$1" 2>/dev/null | awk '/packets/ {print $2; f = 1} END {if (!f) print 0}'
}

# Everything of the daemon dies at once, as when the machine's memory is gone; the kernel's rules stay.
box_kill() {
	# shellcheck disable=SC2046 # a list of numbers
	kill -9 "$BOX_PID" $(box_pids) 2>/dev/null
	wait "$BOX_PID" 2>/dev/null
	BOX_PID=
	rm -f "$TMP/box/run/ctl.sock"
}

# proportional share of the memory of all processes, MB
box_memory_mb() {
	local p
	for p in $(box_pids); do
		cat "/proc/$p/smaps_rollup" 2>/dev/null
	done | awk '/^Pss:/ {n += $2} END {printf "%.0f", n / 1024}'
}

# flows that the engines hold
box_flows() {
	box_sekimori stats --json | jq '[.engines[].flow.active] | add'
}

# The kernel's counter before the queues less what the engines received and what the queues say they dropped: 0 (dataplane.md 3.3)
box_balance() {
	box_sekimori stats --json | jq '([.queues[] | .full + .unread] | add) as $full |
		.balance | .queued - .received - $full - .waiting - .unseen'
}

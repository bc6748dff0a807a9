# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# lib: what every test in network namespaces stands on. Source it, then call lib_begin.
#
#	. "$(dirname "$0")/lib.sh"
#	lib_begin mytest curl nginx		# name, programs that it needs
#	ns client; ns box; ns server		# namespaces; their real names carry this run's prefix
#	link client eth0 box eth1		# a veth pair; `mac`, `addr`, `route`, `forwarding` fill it in
#	spawn server web.log nginx -c ...	# in the background, pid in $SPAWNED, ended by the trap
#	wait_for 5 at client nc -z 10.0.0.1 80	# poll a condition; nothing here ever just sleeps
#	check "the page arrives" at client curl -s http://10.0.0.1/
#	finish					# the closing line "N passed, N failed", exit code
#
# Nothing is skipped silently: without root or a program the run ends with exit 2 and says what to do.
# Only processes that this run started are ended: those it spawned, and what they left in its namespaces.

LIB_PASSED=0 LIB_FAILED=0
LIB_PIDS=() LIB_NAMESPACES=()
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in	# what the tables and sekimori speak; everything else speaks C
ja*) LIB_LANGUAGE=ja ;;
*) LIB_LANGUAGE=en ;;
esac
export LIB_LANGUAGE LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin

# lib_begin NAME [PROGRAM...] - $PFX (prefix of namespaces), $TMP (directory of this run), the trap
lib_begin() {
	LIB_NAME=$1
	shift
	need "$@" ip
	if [ "$(id -u)" != 0 ]; then
		echo "$LIB_NAME: needs root for network namespaces: sudo $0, or unshare -Urnm $0" >&2
		exit 2
	fi
	PFX=sk$$-
	TMP=$(mktemp -d "${TMPDIR:-/tmp}/sekimori-$LIB_NAME.XXXXXX")
	chmod 755 "$TMP"
	trap lib_cleanup EXIT
	trap 'exit 130' INT TERM HUP
}

# need PROGRAM... - every one is there, or say so and end
need() {
	local missing=() p
	for p in "$@"; do
		command -v "$p" >/dev/null || missing+=("$p")
	done
	[ ${#missing[@]} = 0 ] && return
	echo "${LIB_NAME:-$0}: not installed: ${missing[*]} (tools/deps.sh check installs it)" >&2
	exit 2
}

lib_cleanup() {
	local p n
	trap - EXIT INT TERM HUP
	for p in "${LIB_PIDS[@]}"; do
		kill "$p" 2>/dev/null
	done
	for n in "${LIB_NAMESPACES[@]}"; do
		lib_end_processes "$n"
		ip netns del "$n" 2>/dev/null
	done
	if [ -n "${KEEP:-}" ]; then
		echo "$LIB_NAME: kept $TMP" >&2
	elif [ -n "${TMP:-}" ]; then
		rm -rf "$TMP"
	fi
}

# What a spawned server left behind in a namespace of ours: ask, wait up to a second, insist.
lib_end_processes() {
	local pids i
	for i in 1 2 3 4 5 6 7 8 9 10 11; do
		pids=$(ip netns pids "$1" 2>/dev/null) || return
		[ -z "$pids" ] && return
		# shellcheck disable=SC2086 # a list of numbers
		case $i in
		1) kill $pids 2>/dev/null ;;
		11) kill -9 $pids 2>/dev/null ;;
		esac
		sleep 0.1
	done
}

# ns NAME... - a namespace with loopback up, IPv6 without duplicate address detection
ns() {
	local n
	for n in "$@"; do
		ip netns add "$PFX$n" || exit 2
		LIB_NAMESPACES+=("$PFX$n")
		at "$n" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.default.router_solicitations=0 net.ipv4.ping_group_range="0 2147483647"
		ip -n "$PFX$n" link set lo up
	done
}

# at NAME COMMAND... - run it in the namespace
at() {
	local n=$1
	shift
	ip netns exec "$PFX$n" "$@"
}

# link NS1 IF1 NS2 IF2 - a veth pair between two namespaces, both ends up
link() {
	ip link add "$2" netns "$PFX$1" type veth peer name "$4" netns "$PFX$3" || exit 2
	ip -n "$PFX$1" link set "$2" up
	ip -n "$PFX$3" link set "$4" up
}

# mac NS IF ADDRESS
mac() {
	ip -n "$PFX$1" link set "$2" address "$3" || exit 2
}

# addr NS IF ADDRESS/LEN...
addr() {
	local n=$1 i=$2 a
	shift 2
	for a in "$@"; do
		case $a in
		*:*) ip -n "$PFX$n" addr add "$a" dev "$i" nodad || exit 2 ;;
		*) ip -n "$PFX$n" addr add "$a" dev "$i" || exit 2 ;;
		esac
	done
}

# route NS ip-route-arguments... - "route box 10.9.0.0/16 via 10.0.0.2"; the family follows the text
route() {
	local n=$1
	shift
	case "$*" in
	*:*) ip -n "$PFX$n" -6 route replace "$@" || exit 2 ;;
	*) ip -n "$PFX$n" route replace "$@" || exit 2 ;;
	esac
}

# forwarding NS - the namespace routes, IPv4 and IPv6, without redirects and reverse-path surprises
forwarding() {
	at "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.send_redirects=0
}

# spawn NS LOGFILE COMMAND... - in the background; "-" is this namespace. Its pid is in $SPAWNED
spawn() {
	local n=$1 log=$2
	shift 2
	if [ "$n" = - ]; then
		"$@" >>"$log" 2>&1 </dev/null &
	else
		# exec: the pid is the program's own, not a shell's
		(exec ip netns exec "$PFX$n" "$@") >>"$log" 2>&1 </dev/null &
	fi
	SPAWNED=$!
	LIB_PIDS+=("$SPAWNED")
}

# stop PID [SIGNAL] - end one that was spawned, and wait until it is gone
stop() {
	kill "-${2:-TERM}" "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	return 0
}

# wait_for SECONDS COMMAND... - poll until it succeeds; 1 when the time is over
wait_for() {
	local end
	printf -v end %.0f "${1}e6"	# microseconds
	end=$((end + ${EPOCHREALTIME/./}))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -gt "$end" ] && return 1
		sleep 0.05
	done
}

# wait_listen SECONDS NS tcp|udp PORT - somebody has bound the port there
wait_listen() {
	wait_for "$1" lib_listening "$2" "$3" "$4"
}

lib_listening() {
	at "$1" ss -Hnl "--$2" "sport = :$3" | grep -q .
}

# microseconds since 1970
now_us() {
	echo "${EPOCHREALTIME/./}"
}

ok() {
	LIB_PASSED=$((LIB_PASSED + 1))
	echo "ok   $*"
}

# bad TEXT [DETAIL...] - the details stand below it, indented
bad() {
	LIB_FAILED=$((LIB_FAILED + 1))
	echo "FAIL $1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@" | sed 's/^/     | /'
}

# check TEXT COMMAND... - ok when it succeeds; its output is shown when it does not
check() {
	local text=$1 out
	shift
	if out=$("$@" 2>&1); then
		ok "$text"
	else
		bad "$text" "$*" "$out"
	fi
}

# refuse TEXT COMMAND... - ok when it fails
refuse() {
	local text=$1 out
	shift
	if out=$("$@" 2>&1); then
		bad "$text" "$*" "$out"
	else
		ok "$text"
	fi
}

# equal TEXT EXPECTED OBSERVED
equal() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		bad "$1" "expected: $2" "observed: $3"
	fi
}

# finish - the closing line and the exit code of the whole run
finish() {
	echo "$LIB_NAME: $LIB_PASSED passed, $LIB_FAILED failed"
	[ "$LIB_FAILED" = 0 ]
	exit
}

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# live_smoke: the daemon by itself: what it refuses to start with, a permit and a block on real programs, processes that
# die, hang and come back, files that are rotated, cables that are exchanged, and counters that balance.
# shellcheck disable=SC2016 # jq and sh programs in single quotes
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/box.sh"
lib_begin live_smoke curl ssh nc jq python3 nft setpriv

ns client box server
link client eth0 box net0
link server eth0 box cloud0
addr client eth0 10.1.0.2/24
addr server eth0 10.2.0.2/24
addr box net0 10.1.0.1/24
addr box cloud0 10.2.0.1/24
route client default via 10.1.0.1
route server default via 10.2.0.1
forwarding box

policy() {
	cat <<POLICY
model alpha;
zone net { role internet; interface "net0"; network 10.1.0.0/24; }
zone cloud { role cloud; interface "cloud0"; network 10.2.0.0/24; }
host web { zone cloud; address 10.2.0.2; }
service http { tcp 80; }
service tls { tcp 443; }
profile browse { inspect metadata; on-restart pass; on-midstream pass; }
permit web { kind security-cloud; from zone net; to host web; service http; application HTTP; profile browse;
	owner "a"; reason "b"; approved-by "c"; approved-on 2026-04-01; until 2027-03-31; }
permit secure { kind security-cloud; from zone net; to host web; service tls; application TLS; profile browse;
	owner "a"; reason "b"; approved-by "c"; approved-on 2026-04-01; until 2027-03-31; }
POLICY
}
policy >"$TMP/a.rules"
mkdir "$TMP/www"
head -c 3000000 /dev/zero >"$TMP/www/big"
echo hello >"$TMP/www/small"
spawn server "$TMP/http" python3 -m http.server --directory "$TMP/www" 80
wait_listen 5 server tcp 80
box_start "$TMP/a.rules" 'engines = 2; engine-timeout = 1;'

eve() { cat "$TMP"/box/log/eve.json* 2>/dev/null; }
event() { eve | jq -se "any(.[]; $1)" >/dev/null; }
get() { at client curl -sf -m 5 -o /dev/null "http://10.2.0.2/$1"; }
pid_of() { box_status | jq -r "$1"; }
said() { grep -q "$1" "$TMP/box/daemon"; }
state_is() { [ "$(box_status | jq -r .state)" = "$1" ]; }

# ---- a permit and a block ----
check "HTTP through its permit" get small
refuse "a port without a permit" at client curl -sf -m 1 http://10.2.0.2:81/
check "... is told" wait_for 5 event '.sekimori.reason == "not-permitted" and .dest_port == 81'
check "... and why says what would allow it" sh -c "$(declare -p PFX); ip netns exec ${PFX}box env SEKIMORI_CONF=$BOX_CONF \
	$BOX_BUILD/sekimori why 10.1.0.2 | grep -q 'service new { tcp 81; }'"
spawn server "$TMP/ssh.bytes" nc -l -p 443
wait_listen 5 server tcp 443
refuse "SSH where TLS was approved" at client timeout 5 ssh -p 443 -o StrictHostKeyChecking=no -o BatchMode=yes 10.2.0.2 true
equal "bytes of SSH that reached the server" 0 "$(stat -c %s "$TMP/ssh.bytes")"
check "... is told as another application" wait_for 5 event '.sekimori.reason == "application-mismatch" and .alert.action == "blocked"'
at box conntrack -D >/dev/null 2>&1
check "one flow event with the kernel's figures" wait_for 10 event \
	'.event_type == "flow" and .sekimori.permit == "web" and .sekimori.application == "HTTP" and .flow.bytes_toclient > 200'
equal "status says so with its exit code" 0 "$(box_sekimori status >/dev/null; echo $?)"

# ---- processes ----
confined() { grep -q "^Seccomp:.2" "/proc/$1/status" && grep -q "^CapEff:.$2" "/proc/$1/status"; }
check "an engine has CAP_NET_ADMIN alone and its filter" confined "$(pid_of '.engines[0].pid')" 0000000000001000
check "the recorder has no capability" confined "$(pid_of .recorder.pid)" 0000000000000000
check "the watcher has no capability" confined "$(pid_of .watcher.pid)" 0000000000000000

for i in 0 1; do
	old=$(pid_of ".engines[$i].pid")
	kill -9 "$old"
	check "engine $i killed: another one in its place" wait_for 5 sh -c \
		"[ \"\$(ip netns exec ${PFX}box env SEKIMORI_CONF=$BOX_CONF $BOX_BUILD/sekimori status --json | jq '.engines[$i].pid // $old')\" != $old ]"
done
check "HTTP right after" get small
check "the time without it is told" wait_for 5 event '.sekimori.detail // "" | test("took the place after")'
echo "    $(grep -o 'took the place after .*' "$TMP/box/daemon" | tr '\n' ' ')"
old=$(pid_of '.engines[0].pid')
kill -STOP "$old"
check "an engine that hangs is replaced" wait_for 10 sh -c "! kill -0 $old 2>/dev/null"
kill -9 "$(pid_of .recorder.pid)" "$(pid_of .watcher.pid)"
check "recorder and watcher come back" wait_for 5 sh -c \
	"ip netns exec ${PFX}box env SEKIMORI_CONF=$BOX_CONF $BOX_BUILD/sekimori status --json | jq -e '.recorder.state == \"ready\" and .watcher.state == \"ready\"'"
refuse "a port without a permit, again" at client curl -sf -m 1 http://10.2.0.2:82/
check "... is told by the new ones" wait_for 5 event '.dest_port == 82'
check "enforcing again" wait_for 5 state_is enforcing

# ---- files ----
mv "$TMP/box/log/eve.json" "$TMP/box/log/eve.json.1"
kill -HUP "$BOX_PID"
check "reopen by signal: a new file" wait_for 5 test -e "$TMP/box/log/eve.json"
refuse "a third port" at client curl -sf -m 1 http://10.2.0.2:83/
wait_for 5 event '.dest_port == 83'
gaps() { cat "$TMP/box/log/eve.json.1" "$TMP/box/log/eve.json" | jq -s '[.[].sekimori.seq] | [range(1; length) as $i | .[$i] - .[$i - 1] | select(. != 1)] | length'; }
equal "gaps in the numbers across files and recorders" 0 "$(gaps)"

# ---- the control socket ----
cat >"$TMP/garbage.py" <<'PYTHON'
import socket, struct, sys
def ask(data):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.settimeout(5); s.connect(sys.argv[1])
    try:
        s.send(data); return s.recv(4096)
    except OSError:
        return b""
head = lambda verb, n: struct.pack("<IHHI", 0x31304b53, verb, 0, n)
for data in (b"x", b"GET / HTTP/1.1\r\n\r\n", head(0, 5), head(0, 1) + b"ab", head(99, 0), head(3, 0), b"A" * 9000):
    ask(data)
crowd = []
for i in range(40):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); crowd.append(s)
sys.exit(0 if ask(head(0, 0))[4:6] == b"\0\0" else 1)
PYTHON
check "garbage and a crowd at the control socket keep nobody out" at box python3 "$TMP/garbage.py" "$TMP/box/run/ctl.sock"
check "... and are counted" sh -c "[ $(box_status | jq .refused_requests) -ge 7 ]"
chmod 755 "$TMP" "$TMP/box" "$TMP/box/run"
install -m 755 "$BOX_BUILD/sekimori" "$TMP/sekimori"	# the tree may stand where no stranger may look
stranger() {
	at box setpriv --reuid=65534 --regid=65534 --clear-groups env SEKIMORI_CONF="$BOX_CONF" "$TMP/sekimori" status
}
equal "a user of no group is refused" 2 "$(stranger >/dev/null 2>&1; echo $?)"
stranger_told() { # only the first refusal of a second is told with its sender
	stranger >/dev/null 2>&1
	event '.sekimori.reason == "refused-request" and (.sekimori.detail | test("uid 65534"))'
}
check "... and that is told" wait_for 10 stranger_told

# ---- a restart: decided connections go on ----
cat >"$TMP/slow.py" <<'PYTHON'
import socket, sys, time
s = socket.create_connection(("10.2.0.2", 80), timeout=20)
s.sendall(b"GET /big HTTP/1.0\r\nHost: x\r\n\r\n"); got = len(s.recv(20000))
print("begun", flush=True); sys.stdin.readline()
while True:
    d = s.recv(65536)
    if not d: break
    got += len(d)
sys.exit(0 if got > 3000000 else 1)
PYTHON
mkfifo "$TMP/go"
at client python3 "$TMP/slow.py" <"$TMP/go" >"$TMP/slow.out" &
slow=$!
exec 3>"$TMP/go"
check "a long download has begun" wait_for 10 grep -q begun "$TMP/slow.out"
box_stop
box_spawn
check "the daemon is ready again" wait_for 15 state_is enforcing
echo >&3
exec 3>&-
wait "$slow"
equal "the download ends whole" 0 $?
check "HTTP after the restart" get small

# ---- cables ----
plug() { # exchange the two cables: each name keeps its zone, the other network comes in
	ip -n "${PFX}box" link set net0 down
	ip -n "${PFX}box" link set cloud0 down
	ip -n "${PFX}box" link set net0 name tmp0
	ip -n "${PFX}box" link set cloud0 name net0
	ip -n "${PFX}box" link set tmp0 name cloud0
	ip -n "${PFX}box" link set net0 up
	ip -n "${PFX}box" link set cloud0 up
}
plug
shout() {
	local i
	for i in 1 2 3 4; do
		at client timeout 0.2 nc -zw 1 10.2.0.2 $((9000 + i))
		at server timeout 0.2 nc -zw 1 10.1.0.2 $((9100 + i))
	done
	box_status | jq -e '.findings[] | select(.word == "plugs-exchanged")' >/dev/null
}
check "exchanged cables are noticed" wait_for 30 shout
check "... and told" wait_for 5 event '.sekimori.reason == "plugs-exchanged"'
plug

# ---- counters ----
equal "packets unaccounted for" 0 "$(box_balance)"
equal "events lost" 0 "$(box_sekimori stats --json | jq '[.engines[].events.lost, .supervisor.events.lost, .recorder.recorder.lost, .watcher.watcher.lost] | add')"
box_stop
equal "status without a daemon" 2 "$(box_sekimori status >/dev/null 2>&1; echo $?)"

# ---- what it refuses to start with: one line, exit 2 ----
start_fails() { # TEXT-IN-THE-LINE COMMAND-PREFIX...
	local want=$1 out
	shift
	out=$(at box timeout 20 "$@" "$BOX_BUILD/sekimorid" -c "$BOX_CONF" 2>&1)
	[ $? = 2 ] && [ "$(wc -l <<<"$out")" = 1 ] && grep -q "$want" <<<"$out"
}
check "without CAP_NET_ADMIN" start_fails CAP_NET_ADMIN setpriv --bounding-set -net_admin --inh-caps -net_admin
cat >"$TMP/take.py" <<'PYTHON'
import socket, struct, sys, time
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12); s.bind((0, 0))
attr = struct.pack("=HHBBH", 8, 1, 1, 0, 0)
body = struct.pack("!BBH", 0, 0, int(sys.argv[1])) + attr
s.send(struct.pack("=IHHII", 16 + len(body), 0x0302, 1, 1, 0) + body)
print("taken", flush=True); time.sleep(60)
PYTHON
spawn box "$TMP/taken" python3 "$TMP/take.py" 1
wait_for 5 grep -q taken "$TMP/taken"
check "with a queue bound by another program" start_fails "queue 1 is bound by another program"
stop "$SPAWNED"
# a machine where that program is not there (in a mount namespace of its own)
: >"$TMP/nothing"
lacks() {
	start_fails "$2.*apt install nftables iptables" unshare -m sh -c 'mount --bind "$0" "$1" && shift && exec "$@"' \
		"$TMP/nothing" "$(realpath "$(command -v "$1")")"
}
check "without nft" lacks nft "cannot have the ruleset: nft"
[ "$(box_queue_kind)" = native ] || check "with neither nft queue nor iptables-nft" lacks iptables-nft "queue rules of iptables-nft"
echo 'engins = 2;' >>"$BOX_CONF"
check "with a setting that does not exist" start_fails "engins: unknown setting"
finish

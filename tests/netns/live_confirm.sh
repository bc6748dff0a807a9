#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# live_confirm: an administrator locks himself out, over SSH to the box and through it, and the same sessions go on; the
# second person; emergencies, also past a daemon that hangs; hostile requests.
# shellcheck disable=SC2016 # jq programs in single quotes
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/box.sh"
. "$(dirname "$0")/servers.sh"
lib_begin live_confirm ssh sshd jq python3 nft setpriv curl

ns kanri lg my box
link kanri eth0 box eth4
link lg eth0 box eth2
link my eth0 box eth1
mac lg eth0 02:00:00:00:20:02
mac my eth0 02:00:00:00:10:02
addr kanri eth0 10.40.0.2/24
addr lg eth0 10.20.0.2/24
addr my eth0 10.10.0.2/24
addr box eth4 10.40.0.1/24
addr box eth2 10.20.0.1/24
addr box eth1 10.10.0.1/24
for n in kanri lg my; do at $n ip route add default via "$(at $n ip -4 -br addr show eth0 | awk '{print $3}' | sed 's/\.2\/24/.1/')"; done
forwarding box

signed='owner "情報係"; reason "試験"; approved-by "課長"; approved-on 2026-04-01; review 2099-03-31; reference "R8-1";'
policy() { # NAME, permits on standard input
	{
		cat <<-POLICY
			model alpha;
			zone kikan { role mynumber; interface "eth1"; network 10.10.0.0/24; }
			zone lgwan { role lgwan; interface "eth2"; network 10.20.0.0/24; }
			zone kanri { role management; interface "eth4"; network 10.40.0.0/24; }
			host soumu { zone lgwan; address 10.20.0.2; mac 02:00:00:00:20:02; }
			host juki { zone kikan; address 10.10.0.2; mac 02:00:00:00:10:02; }
			host admin { zone kanri; address 10.40.0.2; }
			service ssh { tcp 22; }
			service web { tcp 8080; }
			service web2 { tcp 8081; }
			profile watch { inspect metadata; on-uninspectable alert; on-unknown-application alert; }
		POLICY
		cat
	} >"$TMP/$1.rules"
}
to_box="permit to-box { kind maintenance; from host admin; to host box; service ssh; profile strict; $signed }"
to_lg="permit to-lg { kind maintenance; from host admin; to host soumu; service ssh; application SSH; profile watch; $signed }"
juki="permit renkei { kind specific; from host soumu; to host juki; service web; application HTTP; profile watch; $signed }"
printf '%s\n' "$to_box" "$to_lg" | policy open
printf '%s\n' "$juki" | policy shut
printf '%s\n' "$to_box" "$to_lg" "$juki" | policy looser
printf '%s\n' "$to_box" "$to_lg" "$juki" "${juki/renkei/renkei2}" | sed 's/renkei2\(.*\)service web;/renkei2\1service web2;/' | policy loosest

# people: alice and bob may change, carol may not
mkdir -p "/etc/netns/${PFX}box" "$TMP/bin"
netns_files() { rm -rf "/etc/netns/${PFX}box"; lib_cleanup; }
trap netns_files EXIT
{ cat /etc/passwd; for u in alice:2001 bob:2002 carol:2003; do echo "${u%:*}:x:${u#*:}:${u#*:}::/:/bin/sh"; done; } >"/etc/netns/${PFX}box/passwd"
{ grep -v '^sekimori' /etc/group; echo 'sekimori-admin:x:2900:alice,bob'; } >"/etc/netns/${PFX}box/group"
cp "$BOX_BUILD/sekimori" "$TMP/bin/"
as() { # USER VERB...
	local user=$1 uid
	shift
	uid=$(awk -F: -v u="$user" '$1 == u {print $3}' "/etc/netns/${PFX}box/passwd")
	at box setpriv --reuid="$uid" --regid="$uid" --groups="$([ "$user" = carol ] && echo 2003 || echo 2900)" \
		env SEKIMORI_CONF="$BOX_CONF" "$TMP/bin/sekimori" "$@"
}
code() { "$@" >"$TMP/code.out" 2>&1; echo $?; }
said() { grep -q "$1" "$TMP/code.out"; }
event() { cat "$TMP"/box/log/eve.json | jq -se "any(.[]; $1)" >/dev/null; }
told() { wait_for 5 event ".sekimori.reason == \"$1\" and .alert.severity == $2"; }
put() { local name=$1; shift; code box_sekimori apply "$TMP/$name.rules" --reason test "$@"; }
last() { jq -r '"\(.act) \(.result)"' "$TMP/box/state/history.jsonl" | tail -n 1; }

server_sshd box sshbox 10.40.0.1
server_sshd lg sshlg 10.20.0.2
wait_listen 5 box tcp 22
wait_listen 5 lg tcp 22
spawn my "$TMP/web" python3 -m http.server --directory "$TMP/bin" 8080
wait_listen 5 my tcp 8080
box_start "$TMP/open.rules" 'engines = 2;'

# session NAME ADDRESS - a real SSH session that echoes what it is told
session() {
	mkfifo "$TMP/$1.in"
	at kanri ssh -i "$TMP/$1/user" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes \
		-o ServerAliveInterval=0 "root@$2" cat <"$TMP/$1.in" >"$TMP/$1.out" 2>"$TMP/$1.err" &
	LIB_PIDS+=("$!")
	eval "$1_pid=$!"
}
heard() { grep -qx "$2" "$TMP/$1.out"; }
session sshbox 10.40.0.1
exec 5>"$TMP/sshbox.in"
session sshlg 10.20.0.2
exec 6>"$TMP/sshlg.in"
echo before >&5
echo before >&6
check "a session with the box" wait_for 10 heard sshbox before
check "a session through the box" wait_for 10 heard sshlg before

# ---- locked out ----
equal "a policy without the administrator's own access" 0 "$(put shut --override "one person" --confirm-within 5s)"
check "says until when" said 'until .* unless somebody runs'
check "status says so" sh -c "$(declare -p PFX); [ $(box_status | jq .trial.seconds) -le 5 ]"
check "verify: the kernel holds the policy that waits" box_sekimori verify
echo during >&5
echo during >&6
refuse "locked out of the box" wait_for 1 heard sshbox during
refuse "locked out behind the box" heard sshlg during
equal "a second change is refused" 1 "$(put open)"
check "the same session with the box goes on" wait_for 15 heard sshbox during
check "the same session through the box goes on" wait_for 15 heard sshlg during
echo after >&5
echo after >&6
check "and both live" wait_for 5 heard sshbox after
check "... both" wait_for 5 heard sshlg after
equal "the history says so" "expire in-force" "$(last)"
check "an event says so" told unconfirmed 2

# ---- locked out, and the daemon dies ----
put shut --override "one person" --confirm-within 4s >/dev/null
guard=$(pgrep -x sekimori-guard --ns "$BOX_PID" --nslist net) # which is to outlive them all
# shellcheck disable=SC2046 # a list of numbers
kill -9 "$BOX_PID" $(box_pids | grep -vx "$guard")
wait "$BOX_PID" 2>/dev/null
echo dead >&5
refuse "locked out with the daemon dead" wait_for 1 heard sshbox dead
check "the same session goes on, though the daemon is dead" wait_for 15 heard sshbox dead
equal "by the guard" "expire in-force guard" "$(last) $(jq -r .who "$TMP/box/state/history.jsonl" | tail -n 1)"
box_spawn
check "the daemon starts with the confirmed policy" wait_for 10 sh -c \
	"[ \"\$(ip netns exec ${PFX}box env SEKIMORI_CONF=$BOX_CONF $BOX_BUILD/sekimori status --json | jq -r .state)\" = enforcing ]"
echo alive >&6
check "and the session through the box goes on, too" wait_for 15 heard sshlg alive

# ---- confirmed ----
equal "once more" 0 "$(put looser --override "one person" --confirm-within 30s)"
equal "confirmed by another" 0 "$(code as bob confirm)"
check "an event says so" told confirm 3
equal "nothing waits any more" 1 "$(code as bob confirm)"
equal "back to the policy before" 0 "$(code as alice rollback --reason "tidy up")"
check "an event says so" told rollback 2

# ---- the second person ----
equal "what loosens mynumber waits" 1 "$(code as alice apply "$TMP/looser.rules" --reason "renkei" --reference R8-2)"
check "and says what to do" said 'sekimori approve'
equal "nothing has changed" 7 "$(at lg curl -s -m 2 -o /dev/null http://10.10.0.2:8080/ || echo $? | sed 's/28/7/')"
check "an event says so" told waiting 2
hash=$(as bob approve --json | jq -r .waiting.policy)
equal "the other one sees it" 0 "$(code as bob approve)"
check "who, and which traffic" sh -c "grep -q alice $TMP/code.out && grep -q renkei $TMP/code.out"
equal "the proposer cannot approve" 1 "$(code as alice approve "$hash")"
equal "root cannot" 1 "$(code box_sekimori approve "$hash")"
refuse "a stranger cannot" as carol approve "$hash"
equal "another image is not approved by it" 1 "$(code as bob approve "${hash:12:12}${hash:0:12}")"
check "refusals are told" wait_for 5 event '.sekimori.reason == "approve" and .alert.action == "blocked"'
equal "another's change is refused meanwhile" 1 "$(code as bob apply "$TMP/loosest.rules" --reason x)"
equal "it still waits" 1 "$(code as alice apply "$TMP/looser.rules" --reason "renkei")"
equal "the second person approves" 0 "$(code as bob approve "$hash")"
check "an event says so" told approve 3
equal "another image waits all the same" 1 "$(code as alice apply "$TMP/loosest.rules" --reason "more")"
equal "which voids the approval" 1 "$(code as alice apply "$TMP/looser.rules" --reason "renkei")"
equal "so it is approved anew" 0 "$(code as bob approve "$hash")"
equal "and applied" 0 "$(code as alice apply "$TMP/looser.rules" --reason "renkei")"
equal "the history has both" "alice bob" "$(jq -r 'select(.approved_by) | "\(.who) \(.approved_by)"' "$TMP/box/state/history.jsonl" | tail -n 1)"
check "and the traffic passes" at lg curl -sf -m 5 -o /dev/null http://10.10.0.2:8080/
equal "an override needs its reason" 2 "$(code as alice apply "$TMP/loosest.rules" --reason "more" --override "")"
equal "an override" 0 "$(code as alice apply "$TMP/loosest.rules" --reason "more" --override "nobody in the office")"
check "is an alarm" told override 1
equal "and in the history" "nobody in the office" "$(jq -r 'select(.override) | .override' "$TMP/box/state/history.jsonl" | tail -n 1)"
equal "what tightens needs nobody" 0 "$(code as alice apply "$TMP/open.rules" --reason "back")"
equal "going back to what is looser does" 1 "$(code as alice rollback)"

# ---- emergencies ----
equal "an emergency needs root" 2 "$(code as alice emergency isolate-all)"
equal "isolate-all" 0 "$(code box_sekimori emergency isolate-all --reason drill)"
check "is an alarm" told emergency 1
echo isolated >&5
check "the session with the box goes on" wait_for 5 heard sshbox isolated
echo isolated >&6
refuse "the one through it does not" wait_for 2 heard sshlg isolated
check "verify: the kernel holds the policy, but for what is closed" box_sekimori verify
equal "status says so" all "$(box_status | jq -r .closed)"
stop "$BOX_PID"
box_spawn
wait_for 10 sh -c "ip netns exec ${PFX}box env SEKIMORI_CONF=$BOX_CONF $BOX_BUILD/sekimori status --json | jq -e '.closed == \"all\"'"
refuse "a restart does not end it" at kanri timeout 3 nc -zw 2 10.20.0.2 22
equal "end" 0 "$(code box_sekimori emergency end)"
check "what was permitted is permitted" at kanri nc -zw 3 10.20.0.2 22
put shut --override "one person" --confirm-within 60s >/dev/null
kill -STOP "$BOX_PID"
equal "last-good past a daemon that hangs" 0 "$(code box_sekimori emergency last-good --reason "it hangs")"
echo past >&5
check "the session with the box goes on" wait_for 15 heard sshbox past
kill -CONT "$BOX_PID"
agree() { [ "$(box_status | jq .policy.apply)" = "$(cut -d' ' -f1 "$TMP/box/state/current")" ]; }
check "the daemon finds out, and agrees" wait_for 20 agree
equal "the history is whole" 0 "$(code box_sekimori history)"

# ---- hostile requests ----
cat >"$TMP/hostile.py" <<'PYTHON'
import socket, struct, sys
def ask(verb, text):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.settimeout(5); s.connect(sys.argv[1])
    s.send(struct.pack("<IHHI", 0x31304b53, verb, 0, len(text)) + text)
    try: return s.recv(4096)[4:5]
    except OSError: return b""
verbs = range(5, 12)
bad = [b"x", b"reason", b"raison=x", b"hash=a&hash=b", b"within=0", b"within=-1", b"within=99999", b"back=x",
       b"reason=%41", b"reason=" + b"x" * 700, b"=", b"&", b"reason=" + b"%" * 10]
n = sum(ask(v, t) == b"\1" for v in verbs for t in bad)
sys.exit(0 if n == len(verbs) * len(bad) else n % 200 + 1)
PYTHON
before=$(box_status | jq .refused_requests)
check "arguments that make no sense are refused" at box python3 "$TMP/hostile.py" "$TMP/box/run/ctl.sock"
equal "each is counted" 91 $(($(box_status | jq .refused_requests) - before))
own() { at box setpriv --reuid=2001 --regid=2001 --groups=2900 /usr/bin/python3 - "$TMP/box/run/ctl.sock" <<-'PYTHON'; }
	import socket, struct, sys
	s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.settimeout(5); s.connect(sys.argv[1])
	s.send(struct.pack("<IHHI", 0x31304b53, 8, 0, 0))
	sys.exit(0 if s.recv(4096)[4:5] == b"\1" else 1)
PYTHON
check "only the guard's user may end a trial's time" own
check "everything still answers" box_status
box_stop
finish

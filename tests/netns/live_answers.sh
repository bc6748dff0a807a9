#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# live_answers: what a refused client sees by `answer page` and `answer smtp-reject`, with real programs: curl, swaks, postfix;
# what the server sees of it; and that the injector can send nothing else.
# shellcheck disable=SC2016 # jq programs in single quotes
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/box.sh"
lib_begin live_answers curl jq python3 nft swaks

ns client box server
link client eth0 box net0
link server eth0 box cloud0
addr client eth0 10.1.0.2/24 fd00:1::2/64
addr server eth0 10.2.0.2/24 fd00:2::2/64
addr box net0 10.1.0.1/24 fd00:1::1/64
addr box cloud0 10.2.0.1/24 fd00:2::1/64
route client default via 10.1.0.1
route client default via fd00:1::1
route server default via 10.2.0.1
route server default via fd00:2::1
forwarding box

policy() { # ANSWER-OF-THE-PAGES
	cat <<POLICY
model alpha;
zone net { role internet; interface "net0"; network 10.1.0.0/24, fd00:1::/64; }
zone cloud { role cloud; interface "cloud0"; network 10.2.0.0/24, fd00:2::/64; }
host web { zone cloud; address 10.2.0.2, fd00:2::2; }
service http { tcp 80; }
service tls { tcp 443; }
profile browse { inspect metadata; on-restart pass; on-midstream pass; answer $1; }
permit web { label "ウェブ <閲覧>"; kind security-cloud; from zone net; to host web; service http; application HTTP; name *.good.example; profile browse;
	owner "a"; reason "b"; approved-by "c"; approved-on 2026-04-01; until 2027-03-31; }
permit secure { kind security-cloud; from zone net; to host web; service tls; application TLS; name *.good.example; profile browse;
	owner "a"; reason "b"; approved-by "c"; approved-on 2026-04-01; until 2027-03-31; }
POLICY
}
policy page >"$TMP/a.rules"
policy reset >"$TMP/reset.rules"
cat >"$TMP/web.py" <<'PYTHON'
import http.server, socket, sys
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.answer()
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"])); self.answer()
    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionResetError:
            print("reset", flush=True); self.close_connection = True
    def answer(self):
        print("host", self.headers["Host"], flush=True)
        self.send_response(200); self.send_header("Content-Length", "6"); self.end_headers(); self.wfile.write(b"hello\n")
    def log_message(self, *a):
        pass
Server(("::", int(sys.argv[1])), Handler).serve_forever()
PYTHON
spawn server "$TMP/web" python3 "$TMP/web.py" 80
wait_listen 5 server tcp 80
box_start "$TMP/a.rules" 'contact = "情報政策課 内線 1234";'

eve() { cat "$TMP"/box/log/eve.json* 2>/dev/null; }
event() { eve | jq -se "any(.[]; $1)" >/dev/null; }
ask() { # ADDRESS HOST CURL-OPTIONS...: the page into $TMP/page, its headers into $TMP/head, curl's view printed
	local to=$1 host=$2
	shift 2
	at client curl -s -m 8 -o "$TMP/page" -D "$TMP/head" -w '%{http_code} %{exitcode}' "$@" -H "Host: $host" "http://$to/"
}
injector() { box_sekimori stats --json | jq ".injector.injector.$1"; }
counted() { [ "$(injector "$1")" = "$2" ]; }
ended() { ! at "$1" ss -Htn state established | grep -q .; }

# ---- HTTP ----
equal "a permitted name: the server's answer" "200 0" "$(ask 10.2.0.2 www.good.example)"
equal "a forbidden one: a page" "403 0" "$(ask 10.2.0.2 www.forbidden.example)"
check "... in Japanese and in English" grep -q 'この通信は遮断されました' "$TMP/page"
check "... in English as well" grep -q 'has stopped this request' "$TMP/page"
check "... with the permit, escaped" grep -q 'ウェブ &lt;閲覧&gt;' "$TMP/page"
check "... with what was asked for" grep -q 'www.forbidden.example' "$TMP/page"
check "... and whom to ask" grep -q '情報政策課 内線 1234' "$TMP/page"
id=$(sed -n 's/.*event<dd>\([0-9]*\).*/\1/p' "$TMP/page")
check "... and the event's number" wait_for 5 event ".flow_id == ${id:-0} and .sekimori.reason == \"name-mismatch\" and .alert.action == \"blocked\""
refuse "nothing of it came to the server" grep -q forbidden "$TMP/web"
check "the server's end is closed" wait_for 3 ended server
equal "over IPv6 as well" "403 0" "$(ask '[fd00:2::2]' www.forbidden.example)"
check "... the server's end too" wait_for 3 ended server
equal "without timestamps" "403 0" "$(at client sysctl -qw net.ipv4.tcp_timestamps=0; ask 10.2.0.2 www.forbidden.example; at client sysctl -qw net.ipv4.tcp_timestamps=1)"
head -c 300000 /dev/zero >"$TMP/upload"
equal "of a request with a body too large for a packet" "403 0" "$(ask 10.2.0.2 www.forbidden.example -H Expect: --data-binary "@$TMP/upload")"
cat >"$TMP/second.py" <<'PYTHON'
import http.client
c = http.client.HTTPConnection("10.2.0.2", timeout=8)
c.request("GET", "/", headers={"Host": "www.good.example"}); first = c.getresponse(); first.read()
c.request("GET", "/", headers={"Host": "www.forbidden.example"}); second = c.getresponse(); body = second.read()
print(first.status, second.status, second.getheader("Connection"), "Sekimori" in body.decode())
PYTHON
equal "the second request of a connection" "200 403 close True" "$(at client python3 "$TMP/second.py")"
equal "pages sent" 5 "$(injector pages)"
equal "... each with a reset for the server" 5 "$(injector resets)"
equal "TLS gets no page: it is reset" 35 "$(spawn server "$TMP/tls" nc -lk 443; wait_listen 5 server tcp 443
	at client curl -s -m 5 -o /dev/null -w '%{exitcode}' --connect-to ::10.2.0.2:443 https://www.forbidden.example/)"
not_answered() { [ "$(box_sekimori stats --json | jq '[.engines[].engine.not_answered] | add')" = "$1" ]; }
check "... which is counted" wait_for 5 not_answered 1

# ---- the process ----
has() { grep -q "^$2:.$3\$" "/proc/$1/status"; }
pid=$(box_status | jq .injector.pid)
check "the injector has no capability" has "$pid" CapPrm 0000000000000000
check "... and its filter" has "$pid" Seccomp 2
check "the supervisor keeps CAP_NET_ADMIN alone" has "$BOX_PID" CapPrm 0000000000001000
check "... and can never have another" has "$BOX_PID" CapBnd 0000000000001000
kill -9 "$pid"
check "killed, it comes back" wait_for 5 sh -c "[ \"\$(ip netns exec ${PFX}box env SEKIMORI_CONF=$BOX_CONF $BOX_BUILD/sekimori status --json | jq '.injector.pid // $pid')\" != $pid ]"
equal "... and sends pages" "403 0" "$(wait_for 3 sh -c "ip netns exec ${PFX}box env SEKIMORI_CONF=$BOX_CONF $BOX_BUILD/sekimori status --json | jq -e '.injector.state == \"ready\"'"
	ask 10.2.0.2 www.forbidden.example)"

# ---- what such a socket can send ----
cat >"$TMP/raw.py" <<'PYTHON'
import ctypes, socket, struct, sys
libc = ctypes.CDLL(None); libc.setfsuid(59853)
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW); libc.setfsuid(0)
def packet(src, dst, proto, rest):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(rest), 0, 0x4000, 64, proto, 0, socket.inet_aton(src), socket.inet_aton(dst)) + rest
tcp = lambda sport, dport, flags: struct.pack("!HHIIBBHHH", sport, dport, 1, 1, 0x50, flags, 100, 0, 0)
tries = [("10.2.0.2", "10.1.0.2", 6, tcp(80, 5555, 0x18)), ("10.1.0.1", "10.1.0.2", 17, struct.pack("!HHHH", 1, 53, 8, 0)),
    ("10.1.0.2", "10.2.0.2", 6, tcp(5555, 80, 0x04)), ("127.0.0.1", "127.0.0.1", 6, tcp(1, 2, 0x02))]
passed = 0
for src, dst, proto, rest in tries:
    try:
        s.sendto(packet(src, dst, proto, rest), (dst, 0)); passed += 1
    except PermissionError:
        pass
print(passed)
PYTHON
equal "of packets about no refused conversation, sent" 0 "$(at box python3 "$TMP/raw.py")"
check "the kernel's rules are proved, that chain too" box_sekimori verify

# ---- without the capabilities ----
box_stop
spawn box "$TMP/box/daemon" setpriv --bounding-set -net_raw --inh-caps -net_raw "$BOX_BUILD/sekimorid" -c "$BOX_CONF"
BOX_PID=$SPAWNED
wait_for 10 sh -c "ip netns exec ${PFX}box env SEKIMORI_CONF=$BOX_CONF $BOX_BUILD/sekimori status --json | jq -e '.state == \"enforcing\"'"
equal "without CAP_NET_RAW: a reset" "000 56" "$(ask 10.2.0.2 www.forbidden.example)"
check "... status says why" sh -c "ip netns exec ${PFX}box env SEKIMORI_CONF=$BOX_CONF $BOX_BUILD/sekimori status --json | jq -e 'any(.findings[]; .word == \"no-injector\")'"
balanced() { [ "$(box_balance)" = 0 ]; }
check "no packet is unaccounted for" wait_for 5 balanced
box_stop
finish

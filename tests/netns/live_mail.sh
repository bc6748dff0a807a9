#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# live_mail: a mail with a list of individual numbers is refused in the middle of its text, with real programs at both ends:
# postfix and swaks send, postfix receives. The sender's server gives up at once instead of trying for days, whatever the mail's
# size; what came to the receiving server of the rest is blank, and it has no mail.
# shellcheck disable=SC2016 # jq programs in single quotes
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/box.sh"
. "$(dirname "$0")/servers.sh"
lib_begin live_mail jq python3 nft swaks postfix postconf tcpdump

ns relay box mx
link relay eth0 box lgwan0
link mx eth0 box net0
addr relay eth0 10.2.0.2/24
addr mx eth0 10.1.0.2/24
addr box lgwan0 10.2.0.1/24
addr box net0 10.1.0.1/24
route relay default via 10.2.0.1
route mx default via 10.1.0.1
forwarding box

policy() { # ANSWER
	cat <<POLICY
model alpha;
zone net { role internet; interface "net0"; network 10.1.0.0/24; }
zone lgwan { role lgwan; interface "lgwan0"; network 10.2.0.0/24; }
host relay { zone lgwan; address 10.2.0.2; }
host mx { zone net; address 10.1.0.2; }
service smtp { tcp 25; }
profile mail { inspect content; answer $1; on-overload drop; on-no-inspector drop; on-midstream drop; on-undecodable drop;
	on-uninspectable alert; on-unknown-application alert; my-number block 7 per message; }
permit mail-out { kind mail-text; from host relay; to host mx; service smtp; application SMTP; profile mail;
	owner "a"; reason "b"; reference "c"; approved-by "d"; approved-on 2026-04-01; review 2099-03-31; }
POLICY
}
policy smtp-reject >"$TMP/reject.rules"
configured() { # as server_postfix, which also starts it
	spawn() { :; }
	server_postfix "$@"
}
server_postfix mx in 10.1.0.2
d=$TMP/in
(configured relay out 127.0.0.1)
o=$TMP/out
postconf -c "$d/etc" message_size_limit=60000000 virtual_mailbox_limit=0
postconf -c "$o/etc" myhostname=relay.lgwan.example "relayhost=[10.1.0.2]" virtual_mailbox_domains= smtp_host_lookup=native \
	smtp_dns_support_level=disabled smtpd_relay_restrictions=permit_mynetworks,reject message_size_limit=60000000
cat >>"$o/etc/master.cf" <<-END
	smtp      unix - - n - - smtp
	relay     unix - - n - - smtp
END
spawn relay "$o/out" postfix -c "$o/etc" start-fg
wait_listen 20 mx tcp 25
wait_listen 20 relay tcp 25
box_start "$TMP/reject.rules" 'contact = "desk 12";'

# numbers tied to nobody, with a fixed seed, and as much text after them as wanted
cat >"$TMP/mail.py" <<'PYTHON'
import random, sys
r = random.Random(int(sys.argv[1])); size = int(sys.argv[2])
def number():
    d = [r.randrange(10) for _ in range(11)]
    s = sum(d[10 - i] * (i + 2 if i < 6 else i - 4) for i in range(11)) % 11
    return "".join(map(str, d)) + str(0 if s <= 1 else 11 - s)
words = ["office", "report", "meeting", "paper", "train", "garden", "bridge", "letter"]
out = sys.stdout.write
if sys.argv[3] == "numbers":
    for _ in range(40):
        out(number() + "\n")
n = 0
while n < size:
    line = " ".join(r.choice(words) for _ in range(10)) + "\n"
    out(line); n += len(line)
out("the very end\n")
PYTHON
send() { # SUBJECT TO SIZE numbers|none: swaks hands it over
	python3 "$TMP/mail.py" 1 "$3" "$4" >"$TMP/body"
	at relay swaks --server "$2" --from a@relay.lgwan.example --to b@kamisato.example --header "Subject: $1" --timeout 20 \
		--body "@$TMP/body" >"$TMP/$1" 2>&1
}
arrived() { grep -qs "^Subject: $1" "$d/mail/mbox"; }
said() { grep -q "$1" "$o/mail.log"; }
bounces() { grep -c "status=bounced" "$o/mail.log"; }
total() { box_sekimori stats --json | jq "[.engines[].engine.$1] | add"; }

send plain 127.0.0.1 3000 none
check "a mail without numbers arrives" wait_for 15 arrived plain
spawn mx "$TMP/pcap.log" tcpdump -i eth0 -s 0 -U -w "$TMP/mx.pcap" tcp port 25
wait_for 5 grep -q listening "$TMP/pcap.log"

n=0
for size in 100 60000 3000000 20000000; do
	n=$((n + 1))
	start=$(now_us)
	send "list$size" 127.0.0.1 $size numbers
	check "postfix gives up at once: $size bytes after the list" wait_for 40 sh -c "[ \$(grep -c \"to=<b@.*status=bounced\" $o/mail.log) = $n ]"
	echo "    after $((($(now_us) - start) / 1000)) ms"
	grep 'to=<b@' "$o/mail.log" | grep -o 'status=.*' | tail -1 | cut -c 1-160 | sed 's/^/    /'
done
refuse "... none of them is deferred" said status=deferred
check "... the reply is the one that says why" said '554.5.7.1 Blocked by the gate'
for size in 100 60000 3000000 20000000; do
	refuse "the mail with $size bytes did not arrive" arrived "list$size"
done
check "the receiving server saw its clients go" wait_for 5 sh -c "[ \$(grep -c 'lost connection after DATA' $d/mail.log) -ge 3 ]"
stop "$SPAWNED"
python3 - "$TMP/mx.pcap" >"$TMP/leak" <<'PYTHON'
import sys
data = open(sys.argv[1], "rb").read()
print(data.count(b"the very end"), data.count(b"XXXXXX XX") + data.count(b"XXXXXXXXXXXXXXXX") > 0)
PYTHON
equal "ends of those texts at the receiving server, and blanks" "0 True" "$(cat "$TMP/leak")"
send direct 10.1.0.2 200000 numbers
check "swaks is told the same" grep -q '<\*\* 554-5.7.1' "$TMP/direct"
equal "SMTP replies sent" 5 "$(box_sekimori stats --json | jq .injector.injector.smtp_rejects)"
check "packets passed overwritten" sh -c "[ $(total blanked) -gt 100 ]"
send last 127.0.0.1 3000 none
check "a mail without numbers still arrives" wait_for 15 arrived last
balanced() { [ "$(box_balance)" = 0 ]; }
check "no packet is unaccounted for" wait_for 5 balanced
box_stop
finish

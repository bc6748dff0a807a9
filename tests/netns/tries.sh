# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# tries: one attempt of a real client each. `tried KIND ARGUMENTS...` runs it and succeeds when the client says so AND
# the server's own log has it; $TRY_RC is the client's exit code, $TRY_HITS how often the server saw it (each
# attempt carries a token of its own), $TRIED both in words and the last line of what the client said.

TRY_N=0
TRY_SECONDS=${TRY_SECONDS:-2}	# how long a client waits for an answer
[ -n "${VM:-}" ] && TRY_SECONDS=6
TRY_LOGIN=$((TRY_SECONDS + ${VM:+3}2))	# and for a whole SSH session: an emulated processor needs longer

tried() {
	local kind=$1
	shift
	TRY_N=$((TRY_N + 1))
	TRY_TOKEN=t$$x$TRY_N
	TRY_BEFORE=0
	: >"$TMP/try.out"
	"try_$kind" "$@"
	[ "$TRY_RC" != 0 ] || [ "$TRY_HITS" != 0 ] || { wait_for 2 try_seen; TRY_HITS=$(try_hits); }
	TRIED="client $TRY_RC, server $TRY_HITS"
	[ "$TRY_RC" = 0 ] || TRIED="$TRIED ($(tail -n 1 "$TMP/try.out" | cut -c1-100))"
	[ "$TRY_RC" = 0 ] && [ "$TRY_HITS" -gt 0 ]
}

# how often the server saw this attempt: TRY_LOG holds the token, or TRY_COUNTER rose in namespace TRY_NS
try_hits() {
	if [ -n "${TRY_COUNTER:-}" ]; then
		echo $(($(try_counter "$TRY_NS" "$TRY_COUNTER") - TRY_BEFORE))
	else
		cat "$TRY_LOG" 2>/dev/null | grep -c -- "$TRY_TOKEN"
	fi
}

try_seen() {
	[ "$(try_hits)" -gt 0 ]
}

try_run() {
	"$@" >>"$TMP/try.out" 2>&1 </dev/null
	TRY_RC=$?
	TRY_HITS=$(try_hits)
}

# a counter of the kernel in that namespace, by its name in nstat
try_counter() {
	at "$1" nstat -asz "$2" 2>/dev/null | awk -v n="$2" '$1 == n {print $2; f = 1} END {if (!f) print 0}'
}

# http NAMESPACE URL SERVER [SOURCE]
try_http() {
	TRY_COUNTER='' TRY_LOG=$TMP/$3/access.log
	try_run at "$1" curl -sS -g -f -m "$TRY_SECONDS" -o /dev/null ${4:+--interface "$4"} "$2/$TRY_TOKEN"
}

# tls NAMESPACE NAME ADDRESS SERVER - certificate checked
try_tls() {
	TRY_COUNTER='' TRY_LOG=$TMP/$4/access.log
	try_run at "$1" curl -sS -f -m "$TRY_SECONDS" -o /dev/null --cacert "$TMP/ca/ca.pem" --resolve "$2:443:$3" "https://$2/$TRY_TOKEN"
}

# put NAMESPACE NAME ADDRESS SERVER - 300 KB up over TLS, compared at the server
try_put() {
	TRY_COUNTER='' TRY_LOG=$TMP/$4/access.log
	try_run at "$1" curl -sS -f -m "$((TRY_SECONDS * 2))" -o /dev/null --cacert "$TMP/ca/ca.pem" --resolve "$2:443:$3" \
		-T "$TMP/koshin/root/pattern.dat" "https://$2/put/$TRY_TOKEN"
	[ "$TRY_RC" != 0 ] || cmp -s "$TMP/koshin/root/pattern.dat" "$TMP/$4/files/put/$TRY_TOKEN" || TRY_RC=99
}

# proxy NAMESPACE URL SERVER - through the explicit proxy of the cloud
try_proxy() {
	TRY_COUNTER='' TRY_LOG=$TMP/$3/access.log
	try_run at "$1" curl -sS -f -m "$TRY_SECONDS" -o /dev/null --cacert "$TMP/ca/ca.pem" -x http://10.99.0.10:8080 "$2/$TRY_TOKEN"
}

# dns NAMESPACE RESOLVER SERVER
try_dns() {
	TRY_COUNTER='' TRY_LOG=$TMP/$3/queries.log
	try_run at "$1" dig +tries=1 +time="$TRY_SECONDS" "@$2" "$TRY_TOKEN.good.example"
}

# icmp NAMESPACE ADDRESS SERVER-NAMESPACE [ping options]
try_icmp() {
	local n=$1 a=$2
	TRY_NS=$3 TRY_COUNTER=IcmpMsgInType8
	case $a in *:*) TRY_COUNTER=Icmp6InEchos ;; esac
	TRY_BEFORE=$(try_counter "$TRY_NS" "$TRY_COUNTER")
	shift 3
	try_run at "$n" ping -n -c 1 -W "$TRY_SECONDS" "$@" "$a"
}

# proto NAMESPACE ADDRESS PROTOCOL SERVER-NAMESPACE - a bare packet of another protocol
try_proto() {
	TRY_NS=$4 TRY_COUNTER=IpInUnknownProtos
	TRY_BEFORE=$(try_counter "$TRY_NS" "$TRY_COUNTER")
	try_run at "$1" /usr/bin/python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, int(sys.argv[2]))
s.sendto(b"12345678", (sys.argv[1], 0))' "$2" "$3"
	wait_for 0.3 try_seen
	TRY_HITS=$(try_hits)
	[ "$TRY_HITS" -gt 0 ] || TRY_RC=1	# nobody answers, so only the server can tell
}

# ssh NAMESPACE ADDRESS PORT SERVER - the server says whom it let in
try_ssh() {
	local before
	TRY_COUNTER='' TRY_LOG=$TMP/$4/log
	TRY_TOKEN="Accepted publickey for root"
	before=$(try_hits)
	try_run timeout "$TRY_LOGIN" ip netns exec "$PFX$1" ssh -F none -i "$TMP/$4/user" -p "$3" -o BatchMode=yes \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout="$TRY_SECONDS" \
		"root@$2" true
	TRY_HITS=$((TRY_HITS - before))
}

# smtp NAMESPACE FROM-ADDRESS ADDRESS SERVER
try_smtp() {
	TRY_COUNTER='' TRY_LOG=$TMP/$4/mail/mbox
	try_run at "$1" swaks --timeout "$TRY_SECONDS" --local-interface "$2" --server "$3" --to "box@kamisato.example" \
		--from sender@good.example --header "Subject: $TRY_TOKEN" --body "text only"
}

# ftp NAMESPACE ADDRESS SERVER [SOURCE] - passive
try_ftp() {
	TRY_COUNTER='' TRY_LOG=$TMP/$3/ftp.log
	TRY_TOKEN="OK DOWNLOAD.*pattern.dat"
	TRY_BEFORE=$(try_hits)
	try_run at "$1" lftp -c "set net:timeout $TRY_SECONDS; set net:max-retries 1; set net:reconnect-interval-base 1;
		set ftp:passive-mode on; set dns:order inet; ${4:+set net:socket-bind-ipv4 $4;} open $2; get -O / pattern.dat -o $TMP/try.file" </dev/null
	[ "$TRY_RC" != 0 ] || cmp -s "$TMP/koshin/root/pattern.dat" "$TMP/try.file" || TRY_RC=99
	rm -f "$TMP/try.file"
	TRY_HITS=$(($(try_hits) - TRY_BEFORE))
}

# syslog NAMESPACE ADDRESS SERVER - one way; only the server can tell
try_syslog() {
	TRY_COUNTER='' TRY_LOG=$TMP/$3/messages
	try_run at "$1" logger --udp --rfc3164 --server "$2" --port 514 "$TRY_TOKEN"
	wait_for 0.5 try_seen
	TRY_HITS=$(try_hits)
	[ "$TRY_HITS" -gt 0 ] || TRY_RC=1
}

# tls_from NAMESPACE SOURCE NAME ADDRESS SERVER
try_tls_from() {
	TRY_COUNTER='' TRY_LOG=$TMP/$5/access.log
	try_run at "$1" curl -sS -f -m "$TRY_SECONDS" -o /dev/null --interface "$2" --cacert "$TMP/ca/ca.pem" --resolve "$3:443:$4" "https://$3/$TRY_TOKEN"
}

# proxy_second NAMESPACE URL SERVER - a good request first, then this one on the same connection to the proxy
try_proxy_second() {
	TRY_COUNTER='' TRY_LOG=$TMP/$3/access.log
	try_run at "$1" curl -sS -f -m "$TRY_SECONDS" -x http://10.99.0.10:8080 -o /dev/null http://www.good.example/first \
		--next -sS -f -m "$TRY_SECONDS" -x http://10.99.0.10:8080 -o /dev/null "$2/$TRY_TOKEN"
}

# proxy_fronted NAMESPACE CONNECT-NAME INNER-NAME SERVER - CONNECT says one name, the TLS inside another
try_proxy_fronted() {
	TRY_COUNTER='' TRY_LOG=$TMP/$4/access.log
	try_run at "$1" curl -sS -f -m "$TRY_SECONDS" -x http://10.99.0.10:8080 --cacert "$TMP/ca/ca.pem" -o /dev/null \
		--connect-to "$3:443:$2:443" "https://$3/$TRY_TOKEN"
}

# stray NAMESPACE SOURCE ADDRESS PORT SERVER-NAMESPACE - a TCP segment of no connection
try_stray() {
	TRY_NS=$5 TRY_COUNTER=TcpInSegs
	TRY_BEFORE=$(try_counter "$TRY_NS" "$TRY_COUNTER")
	try_run at "$1" /usr/bin/python3 -c 'import sys
from scapy.all import IP, TCP, Raw, send
send(IP(src=sys.argv[1], dst=sys.argv[2]) / TCP(sport=40000, dport=int(sys.argv[3]), flags="A", seq=1, ack=1) / Raw(b"stray"), verbose=0)' "$2" "$3" "$4"
	wait_for 0.3 try_seen
	TRY_HITS=$(try_hits)
	[ "$TRY_HITS" -gt 0 ] || TRY_RC=1
}

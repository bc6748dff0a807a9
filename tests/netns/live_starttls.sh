#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# live_starttls: a mail server offers STARTTLS, and its clients would take it: swaks and postfix. By `starttls refuse` the offer
# does not reach them and the mail goes in clear text, where it can be read; by `starttls pass` it goes encrypted.
# shellcheck disable=SC2016 # jq programs in single quotes
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/box.sh"
. "$(dirname "$0")/servers.sh"
lib_begin live_starttls jq python3 nft swaks postfix postconf openssl

ns relay box mailtext
link relay eth0 box net0
link mailtext eth0 box lgwan0
addr relay eth0 10.1.0.2/24 fd00:1::2/64
addr mailtext eth0 10.2.0.2/24 fd00:2::2/64
addr box net0 10.1.0.1/24 fd00:1::1/64
addr box lgwan0 10.2.0.1/24 fd00:2::1/64
route relay default via 10.1.0.1
route relay default via fd00:1::1
route mailtext default via 10.2.0.1
route mailtext default via fd00:2::1
forwarding box

policy() { # STARTTLS
	cat <<POLICY
model alpha;
zone net { role internet; interface "net0"; network 10.1.0.0/24, fd00:1::/64; }
zone lgwan { role lgwan; interface "lgwan0"; network 10.2.0.0/24, fd00:2::/64; }
host relay { zone net; address 10.1.0.2, fd00:1::2; }
host mailtext { zone lgwan; address 10.2.0.2, fd00:2::2; }
service smtp { tcp 25; }
profile mail { inspect content; starttls $1; on-overload drop; on-no-inspector drop; on-midstream drop; on-undecodable drop;
	on-uninspectable alert; on-unknown-application alert; }
permit mail-text { kind mail-text; from host relay; to host mailtext; service smtp; application SMTP; profile mail;
	owner "a"; reason "b"; reference "c"; approved-by "d"; approved-on 2026-04-01; review 2099-03-31; }
POLICY
}
policy refuse >"$TMP/refuse.rules"
policy pass >"$TMP/pass.rules"
server_ca
configured() { # as server_postfix, which also starts it
	spawn() { :; }
	server_postfix "$@"
}
(configured mailtext mx "10.2.0.2, fd00:2::2")
d=$TMP/mx
postconf -c "$d/etc" smtpd_tls_security_level=may "smtpd_tls_cert_file=$TMP/ca/cert.pem" "smtpd_tls_key_file=$TMP/ca/key.pem" \
	smtpd_tls_loglevel=1 "smtpd_tls_session_cache_database="
echo "tlsmgr unix - - n 1000? 1 tlsmgr" >>"$d/etc/master.cf"
spawn mailtext "$d/out" postfix -c "$d/etc" start-fg
# a sending postfix: everything goes to the other one, encrypted if it can be
(configured relay out 127.0.0.1)
o=$TMP/out
postconf -c "$o/etc" myhostname=relay.net.example "relayhost=[10.2.0.2]" smtp_tls_security_level=may smtp_tls_loglevel=1 virtual_mailbox_domains= smtp_host_lookup=native \
	smtp_dns_support_level=disabled smtpd_relay_restrictions=permit_mynetworks,reject
cat >>"$o/etc/master.cf" <<-END
	tlsmgr    unix - - n 1000? 1 tlsmgr
	smtp      unix - - n - - smtp
	relay     unix - - n - - smtp
END
spawn relay "$o/out" postfix -c "$o/etc" start-fg
wait_listen 20 mailtext tcp 25
wait_listen 20 relay tcp 25
box_start "$TMP/refuse.rules"

mail() { # SUBJECT TO SWAKS-OPTIONS...
	local subject=$1 to=$2
	shift 2
	at relay swaks --server "$to" --from a@net.example --to b@kamisato.example --header "Subject: $subject" --timeout 8 "$@"
}
arrived() { grep -qs "^Subject: $1" "$d/mail/mbox"; }
encrypted() { grep -c 'TLS connection established' "$d/mail.log"; }
hidden() { [ "$(box_sekimori stats --json | jq '[.engines[].engine.offers_hidden] | add')" = "$1" ]; }

mail one 10.2.0.2 --tls-optional >"$TMP/one" 2>&1
check "swaks that would encrypt delivers in clear text" grep -q '^ -> \.' "$TMP/one"
check "... the offer was hidden, as long as it was" grep -q '250-XXXXXXXX' "$TMP/one"
refuse "... and not shown" grep -q '250.STARTTLS' "$TMP/one"
check "... the mail is there" wait_for 8 arrived one
mail six fd00:2::2 --tls-optional >"$TMP/six" 2>&1
check "over IPv6" wait_for 8 arrived six
check "... hidden there, too" grep -q '250-XXXXXXXX' "$TMP/six"
mail two 127.0.0.1 >"$TMP/two" 2>&1
check "postfix with smtp_tls_security_level=may delivers in clear text" wait_for 15 arrived two
equal "connections that were encrypted" 0 "$(encrypted)"
check "offers hidden are counted" wait_for 5 hidden 3
refuse "a client that insists on encryption does not get it" mail three 10.2.0.2 --tls
refuse "... and sends nothing" arrived three
check "counters balance" wait_for 5 sh -c "[ \"$(box_balance)\" = 0 ]"

check "the profile passes it from now on" box_apply "$TMP/pass.rules"
mail four 10.2.0.2 --tls-optional >"$TMP/four" 2>&1
check "then swaks encrypts" grep -q '^ ~> ' "$TMP/four"
check "... and the mail is there" wait_for 8 arrived four
equal "connections that were encrypted" 1 "$(encrypted)"
box_stop
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# town: the town of tests/netns/town.rules in namespaces, with real servers, and the box in its middle.
#
#	kikan   10.10.0.0/16   eth1 --+                +-- eth0  cloud   10.99.0.0/24    proxy, resolver, syslog, updates
#	lgwan   10.20.0.0/16   eth2 --+---- [ box ] ---+-- eth4  kanri   10.40.0.0/24    administrator
#	  uchi  10.20.9.0/24 (MTU 1280)     |          +-- eth5  outside 203.0.113.0/24  the rest of the world
#	net     10.30.0.0/16   eth3 --------+                      cloud -- outside: its own line, past the box
#
# Sourced, it gives town_build, town_start and the directory of each server under $TMP. Run by itself it proves the bare
# town: with plain forwarding every client reaches every server, so whatever is blocked later, the box blocked.
# shellcheck source=tests/netns/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/netns/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/servers.sh"
# shellcheck source=tests/netns/tries.sh
. "$(dirname "${BASH_SOURCE[0]}")/tries.sh"

TOWN_ZONES="kikan lgwan net cloud kanri outside"
# shellcheck disable=SC2034 # for those who source this
TOWN_PROGRAMS="$SERVER_PROGRAMS curl swaks dig ping ssh lftp logger ss sysctl tcpdump python3"

# town_link ZONE BOX-INTERFACE BOX-ADDRESS ADDRESS... - one line of the box; the zone's default route is the box
town_link() {
	local zone=$1 boxif=$2 gateway=$3
	shift 3
	link "$zone" eth0 box "$boxif"
	addr box "$boxif" "$gateway"
	addr "$zone" eth0 "$@"
	route "$zone" default via "${gateway%/*}"
}

town_build() {

	# shellcheck disable=SC2086 # a list of names
	ns $TOWN_ZONES uchi box
	town_link cloud eth0 10.99.0.1/24 10.99.0.10/24 10.99.0.53/24 10.99.0.54/24 10.99.0.14/24 10.99.0.21/24
	town_link kikan eth1 10.10.0.1/16 10.10.1.10/16 10.10.1.66/16
	town_link lgwan eth2 10.20.0.1/16 10.20.1.20/16 10.20.1.21/16 10.20.1.30/16 10.20.1.40/16
	town_link net eth3 10.30.0.1/16 10.30.2.5/16 10.30.1.30/16 10.30.2.80/16
	town_link kanri eth4 10.40.0.1/24 10.40.0.5/24
	town_link outside eth5 203.0.113.1/24 203.0.113.80/24 203.0.113.81/24 203.0.113.53/24
	mac kikan eth0 02:00:00:10:01:10
	mac lgwan eth0 02:00:00:20:01:20

	addr box eth1 fd00:10::1/64
	addr box eth2 fd00:20::1/64
	addr box eth3 fd00:30::1/64
	addr kikan eth0 fd00:10::10/64
	addr lgwan eth0 fd00:20::20/64 fd00:20::30/64
	addr net eth0 fd00:30::5/64 fd00:30::30/64
	route kikan default via fd00:10::1
	route lgwan default via fd00:20::1
	route net default via fd00:30::1

	link lgwan eth1 uchi eth0		# a branch office behind a router of the zone, on a narrow line
	addr lgwan eth1 10.20.9.1/24
	addr uchi eth0 10.20.9.20/24
	route uchi default via 10.20.9.1 mtu 1280 advmss 1460	# it asks for full segments that its line cannot carry
	route box 10.20.9.0/24 via 10.20.1.20
	ip -n "${PFX}lgwan" link set eth1 mtu 1280

	link cloud eth1 outside eth1		# the cloud's own way out
	addr cloud eth1 192.0.2.1/30
	addr outside eth1 192.0.2.2/30
	route cloud 203.0.113.0/24 via 192.0.2.2
	route outside 10.99.0.0/24 via 192.0.2.1
	forwarding box
	forwarding lgwan
	at outside sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
}

town_start() {
	server_ca
	server_nginx lgwan shomei 10.20.1.20 "[fd00:20::20]"
	server_nginx kikan gyomu 10.10.1.10
	server_dnsmasq lgwan shomei-dns 10.20.1.20
	server_sshd lgwan shomei-ssh 10.20.1.20:22 10.20.1.21:443
	server_postfix lgwan mailtext "10.20.1.30, fd00:20::30"
	server_nginx uchi uchi 10.20.9.20
	server_nginx net naibu 10.30.2.80 "[fd00:30::5]"
	server_sshd net naibu-ssh 10.30.2.80:22
	server_dnsmasq net naibu-dns 10.30.2.80
	server_squid cloud proxy 10.99.0.10 10.99.0.53
	server_dnsmasq cloud resolver 10.99.0.53
	server_dnsmasq cloud resolver2 10.99.0.54
	HTTP_ALSO=10.99.0.21:50077 server_nginx cloud koshin-http 10.99.0.21
	server_vsftpd cloud koshin 10.99.0.21
	server_syslog cloud soc 10.99.0.14
	server_nginx outside world 203.0.113.80 203.0.113.81
	server_dnsmasq outside world-dns 203.0.113.53
	town_ready
}

# every port answers, or the run ends here: later failures would say nothing
town_ready() {
	local at port
	while read -r at port; do
		# shellcheck disable=SC2086 # "tcp 80" is two words
		wait_listen 60 "$at" $port || {
			echo "town: no server on $at $port" >&2
			tail -n 3 "$TMP"/*/out "$TMP"/*/*.log >&2
			exit 2
		}
	done <<-END
		lgwan tcp 443
		lgwan tcp 22
		lgwan tcp 25
		uchi tcp 443
		net tcp 80
		net tcp 22
		net udp 53
		cloud tcp 8080
		cloud udp 53
		cloud tcp 21
		cloud udp 514
		outside tcp 443
		outside udp 53
	END
}

# The bare town: everything reaches everything.
town_prove_bare() {
	local name line
	while read -r name line; do
		# shellcheck disable=SC2086
		if tried $line; then ok "bare town: $name"; else bad "bare town: $name" "$TRIED"; fi
	done <<-END
		TCP http kikan http://10.30.2.80 naibu
		IPv6 http kikan http://[fd00:30::5] naibu
		UDP dns kikan 10.30.2.80 naibu-dns
		ICMP icmp kikan 10.30.2.80 net
		ICMPv6 icmp kikan fd00:30::5 net
		protocol-253 proto kikan 10.30.2.80 253 net
		SSH ssh kikan 10.30.2.80 22 naibu-ssh
		TLS tls kikan shomei.kamisato.example 10.20.1.20 shomei
		SSH-on-443 ssh kikan 10.20.1.21 443 shomei-ssh
		narrow-line put kikan uchi.kamisato.example 10.20.9.20 uchi
		mail smtp net 10.30.1.30 10.20.1.30 mailtext
		mail-over-IPv6 smtp net fd00:30::30 fd00:20::30 mailtext
		proxy proxy net http://www.good.example world
		proxy-CONNECT proxy net https://www.good.example world
		resolver dns net 10.99.0.53 resolver
		foreign-resolver dns net 203.0.113.53 world-dns
		another-resolver dns net 10.99.0.54 resolver2
		to-outside http kikan http://203.0.113.80 world
		HTTP-lgwan http kikan http://10.20.1.20 shomei
		ping-lgwan icmp kikan 10.20.1.20 lgwan
		DNS-lgwan dns kikan 10.20.1.20 shomei-dns
		SSH-from-net ssh net 10.20.1.20 22 shomei-ssh
		proxy-from-kanri proxy kanri http://www.good.example world
		mail-from-another-host smtp net fd00:30::5 fd00:20::30 mailtext
		stray-ACK-cloud stray net 10.30.1.30 10.99.0.10 25 cloud
		kept-proxy-connection proxy_second net http://www.forbidden.example world
		fronted-proxy proxy_fronted net www.good.example www.forbidden.example world
		other-source tls_from kikan 10.10.1.66 shomei.kamisato.example 10.20.1.20 shomei
		to-kikan http net http://10.10.1.10 gyomu
		passive-FTP ftp lgwan 10.99.0.21 koshin
		port-of-a-range http lgwan http://10.99.0.21:50077 koshin-http 10.20.1.40
		stray-ACK stray net 10.30.1.30 10.20.1.30 25 lgwan
		fragments icmp net 10.99.0.21 cloud -s 4000
		maintenance ssh kanri 10.20.1.20 22 shomei-ssh
		syslog syslog net 10.99.0.14 soc
	END
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	# shellcheck disable=SC2086 # a list of programs
	lib_begin town $TOWN_PROGRAMS
	town_build
	town_start
	town_prove_bare
	finish
fi

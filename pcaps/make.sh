#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the captures of this folder anew from real programs in two network namespaces (root):
# nginx, sshd, squid, dnsmasq, vsftpd, nc on one end, curl, ssh, dig, ping on the other, tcpdump between.
# Times and keys differ each time, so the goldens of tests/replay have to be written anew afterwards.
set -eu
cd "$(dirname "$0")"
OUT=${1:-.}
C=skpc-client S=skpc-server
TMP=$(mktemp -d)
chmod 755 "$TMP"
pids=
finish() {
	for p in $pids; do kill "$p" 2>/dev/null || :; done
	for n in $C $S; do for p in $(ip netns pids $n 2>/dev/null); do kill -9 "$p" || :; done; done
	ip netns del $C 2>/dev/null || :
	ip netns del $S 2>/dev/null || :
	[ -z "${KEEP:-}" ] || cp "$TMP/log" "$KEEP"
	rm -rf "$TMP"
}
trap finish EXIT INT TERM
c() { ip netns exec $C "$@"; }
s() { ip netns exec $S "$@"; }
spawn() { ip netns exec $S "$@" >>"$TMP/log" 2>&1 & pids="$pids $!"; }
until_ok() { n=0; until "$@" >/dev/null 2>&1; do n=$((n + 1)); [ $n -lt 100 ] || { echo "never: $*" >&2; cat "$TMP/log" >&2; exit 1; }; sleep 0.05; done; }
listens() { s ss -Htuln | grep -q "[:.]$1 "; }

# ---- two hosts and a wire; no offloads, so that the wire shows what a wire shows ----
ip netns add $C
ip netns add $S
ip link add c0 netns $C address 02:00:00:10:01:10 type veth peer name s0 netns $S address 02:00:00:00:00:fe
for x in "$C c0" "$S s0"; do
	# shellcheck disable=SC2086
	set -- $x
	ip -n "$1" link set lo up
	ip netns exec "$1" ethtool -K "$2" tx off rx off tso off gso off gro off sg off >/dev/null 2>&1
	ip netns exec "$1" sysctl -qw "net.ipv6.conf.$2.accept_dad=0" "net.ipv6.conf.$2.router_solicitations=0" \
		net.ipv4.tcp_timestamps=1
	ip -n "$1" link set "$2" up
done
for a in 10.10.1.10/32 10.30.1.10/32; do ip -n $C addr add $a dev c0; done
for a in 10.20.1.20/32 10.20.1.21/32 10.99.0.10/32 10.99.0.53/32 10.99.0.80/32; do ip -n $S addr add $a dev s0; done
ip -n $C route add 10.20.0.0/16 dev c0
ip -n $C route add 10.99.0.0/24 dev c0
ip -n $S route add 10.10.0.0/16 dev s0
ip -n $S route add 10.30.0.0/16 dev s0
ip -n $C -6 addr add fd00:30::10/64 dev c0
ip -n $S -6 addr add fd00:20::20/64 dev s0
ip -n $C -6 route add fd00:20::/64 dev c0
ip -n $S -6 route add fd00:30::/64 dev s0

# ---- servers ----
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/O=Kamisato/CN=shomei.lgwan.example" \
	-keyout "$TMP/key" -out "$TMP/cert" 2>/dev/null
cat >"$TMP/nginx.conf" <<-EOF
	pid $TMP/nginx.pid; error_log $TMP/log; daemon off; worker_processes 1; events { }
	http { access_log off; client_body_temp_path $TMP; proxy_temp_path $TMP; fastcgi_temp_path $TMP; uwsgi_temp_path $TMP; scgi_temp_path $TMP;
	  server { listen 10.20.1.20:443 ssl; listen 10.99.0.80:443 ssl; listen [fd00:20::20]:443 ssl; listen 10.20.1.20:80; listen 10.99.0.80:80;
	    ssl_certificate $TMP/cert; ssl_certificate_key $TMP/key; ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve prime256v1:secp384r1;
	    location / { default_type text/plain; return 200 "hello\n"; } } }
EOF
ssh-keygen -q -t ed25519 -N "" -f "$TMP/hostkey"
mkdir -p /run/sshd "$TMP/ftp"
echo "a file of the FTP server" >"$TMP/ftp/file.txt"
cat >"$TMP/vsftpd.conf" <<-EOF
	listen=YES
	listen_address=10.20.1.21
	background=NO
	anonymous_enable=YES
	anon_root=$TMP/ftp
	pasv_min_port=50000
	pasv_max_port=50020
	seccomp_sandbox=NO
EOF
cat >"$TMP/squid.conf" <<-EOF
	http_port 10.99.0.10:8080
	http_access allow all
	cache deny all
	cache_log $TMP/log
	access_log none
	pid_filename $TMP/squid.pid
	coredump_dir $TMP
	pinger_enable off
	hosts_file $TMP/hosts
	dns_nameservers 10.99.0.53
	shutdown_lifetime 0 seconds
EOF
printf '10.99.0.80 www.good.example www.evil.example\n' >"$TMP/hosts"
chmod 644 "$TMP"/*.conf "$TMP/hosts"
spawn nginx -c "$TMP/nginx.conf"
spawn /usr/sbin/sshd -D -e -h "$TMP/hostkey" -o ListenAddress=10.20.1.21:443 -o PidFile=none -o UsePAM=no
spawn dnsmasq -k -C /dev/null --no-resolv --no-hosts --user=root --listen-address=10.99.0.53 --bind-interfaces \
	--address=/good.example/10.99.0.80 --txt-record=big.good.example,"$(printf '%0200d' 0 | tr 0 x)" --cname=alias.good.example,www.good.example --pid-file=
spawn vsftpd "$TMP/vsftpd.conf"
spawn squid -N -f "$TMP/squid.conf"
for p in 20:443 20:80 53:53 21:21 10:8080 21:443; do until_ok listens "$p"; done

# ---- record NAME COMMAND...: what passes the wire while it runs ----
record() {
	name=$1
	shift
	: >"$TMP/tcpdump"
	ip netns exec $C tcpdump --immediate-mode -q -U -n -i c0 -w "$TMP/$name.pcap" not arp and not icmp6 2>"$TMP/tcpdump" &
	t=$!
	until_ok grep -q listening "$TMP/tcpdump"
	"$@" >>"$TMP/log" 2>&1 || :
	sleep 0.3
	kill $t
	wait $t || :
	mv "$TMP/$name.pcap" "$OUT/$name.pcap"
}
web() { from=$1; host=$2; addr=$3; shift 3; c curl -sk -m 5 --interface "$from" --connect-to "$host::$addr:" "$@"; }
proxy() { c curl -sk -m 5 --interface 10.30.1.10 -x http://10.99.0.10:8080 "$@"; }
tls_permitted() { web 10.10.1.10 shomei.lgwan.example 10.20.1.20 https://shomei.lgwan.example/; }
tls_forbidden() { web 10.10.1.10 evil.example 10.20.1.20 https://evil.example/; }
tls_retry() { web 10.10.1.10 shomei.lgwan.example 10.20.1.20 --curves X25519:P-256 https://shomei.lgwan.example/; }
tls12() { web 10.10.1.10 shomei.lgwan.example 10.20.1.20 --tls-max 1.2 https://shomei.lgwan.example/; }
tls_v6() { c curl -sk -m 5 --connect-to "shomei.lgwan.example::[fd00:20::20]:" https://shomei.lgwan.example/; }
ssh443() { c timeout 3 ssh -b 10.10.1.10 -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p 443 nobody@10.20.1.21 true; }
http_plain() { web 10.30.1.10 www.good.example 10.99.0.80 http://www.good.example/a http://www.good.example/b; }
http_post() { web 10.30.1.10 www.good.example 10.99.0.80 -d "name=value" http://www.good.example/form; }
proxy_requests() { proxy http://www.good.example/one http://www.evil.example/two http://www.good.example/three; }
proxy_connect() { proxy https://www.good.example/ ; }
proxy_connect_evil() { proxy https://www.evil.example/ ; }
proxy_fronting() { proxy --connect-to www.evil.example:443:www.good.example:443 https://www.evil.example/; }
dns_udp() { for n in www.good.example alias.good.example big.good.example nothing.good.example; do c dig -b 10.30.1.10 +tries=1 +time=1 @10.99.0.53 $n ANY +notcp; done; }
dns_tcp() { c dig -b 10.30.1.10 +tcp +tries=1 @10.99.0.53 www.good.example; }
dns_evil() { c dig -b 10.30.1.10 +tries=1 +time=1 @10.99.0.53 exfil.evil.example; }
ftp_passive() { c curl -s -m 5 --interface 10.30.1.10 ftp://10.20.1.21/file.txt; }
ftp_unannounced() { ftp_passive; echo x | c nc -w 1 -s 10.30.1.10 10.20.1.21 50020; }
pings() { c ping -c 3 -i 0.2 -I 10.30.1.10 10.99.0.53; c ping -c 1 -s 4000 -I 10.30.1.10 10.99.0.53; }
udp_one_way() { for i in 1 2 3 4 5; do echo "<13>syslog message $i" | c nc -u -q 0 -s 10.10.1.10 -p 5514 10.20.1.20 514; done; }
refused() { for p in 22 25 3389; do c nc -z -w 1 -s 10.30.1.10 10.20.1.20 $p; done; c ping -c 2 -i 0.2 -I 10.10.1.10 10.99.0.53; }

for f in tls_permitted tls_forbidden tls_retry tls12 tls_v6 ssh443 http_plain http_post proxy_requests proxy_connect proxy_connect_evil \
	proxy_fronting dns_udp dns_tcp dns_evil ftp_passive ftp_unannounced pings udp_one_way refused; do
	record $f $f
done

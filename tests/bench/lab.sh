# shellcheck shell=bash disable=SC2034 # variables for those who source this
# SPDX-License-Identifier: GPL-3.0-or-later
#
# lab: client - box - server, and what can stand in the box. `variant NAME` puts one there, `variant_off` takes it out.
#
#	bare		forwarding alone
#	conntrack	one rule that needs connection tracking
#	ruleset		Sekimori's own rules with accept in place of queue
#	sekimori	everything
#	suricata	Suricata inline on two queues, workers, batches of 20
#	firewalled	Suricata behind that ruleset: what a gate without inspection of its own would need beside it
# shellcheck source=tests/netns/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../netns/lib.sh"
# shellcheck source=tests/netns/box.sh
. "$(dirname "${BASH_SOURCE[0]}")/../netns/box.sh"

BENCH_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
HAVE_SURICATA=$(command -v suricata || true)

lab_build() {
	ns client box server
	link client eth0 box eth1
	link server eth0 box eth2
	addr client eth0 10.1.0.2/16
	addr box eth1 10.1.0.1/16
	addr box eth2 10.2.0.1/16
	addr server eth0 10.2.0.2/16 10.2.0.3/16 10.2.0.4/16 10.2.0.5/16 10.2.0.6/16
	route client default via 10.1.0.1
	route server default via 10.2.0.1
	forwarding box
	at box sysctl -qw net.netfilter.nf_conntrack_max=1048576 2>/dev/null
	at client sysctl -qw net.ipv4.tcp_tw_reuse=1 net.ipv4.ip_local_port_range="1024 65000"
	lab_servers
}

lab_servers() {
	local d=$TMP/web
	mkdir -p "$d/files" "$d/tmp"
	echo 'a short page of some eighty bytes, as most answers of a town office are small ones.' >"$d/files/index.html"
	truncate -s 64M "$d/files/big"
	cat >"$d/nginx.conf" <<-END
		user root; daemon off; worker_processes 1; pid $d/pid; error_log $d/error.log;
		events { worker_connections 4096; }
		http { access_log off; sendfile on; keepalive_requests 1000000;
			client_body_temp_path $d/tmp; proxy_temp_path $d/tmp/p; fastcgi_temp_path $d/tmp/f; uwsgi_temp_path $d/tmp/u;
			scgi_temp_path $d/tmp/s; server { listen 10.2.0.2:80 backlog=4096 default_server; root $d/files; } }
	END
	spawn server "$d/out" nginx -p "$d" -c "$d/nginx.conf" -e "$d/error.log"
	spawn server "$TMP/iperf3.log" iperf3 -s -B 10.2.0.2
	wait_listen 5 server tcp 80 && wait_listen 5 server tcp 5201 || { cat "$d/error.log" "$TMP/iperf3.log" >&2; exit 2; }
}

variant() {
	VARIANT=$1
	VARIANT_PID=
	case $1 in
	bare) ;;
	conntrack) echo 'table inet b { chain f { type filter hook forward priority 0; ct state new,established accept; }; }' | at box nft -f - ;;
	ruleset) lab_ruleset ;;
	sekimori) box_start "$BENCH_DIR/bench.rules" ;;
	suricata) lab_suricata ;;
	firewalled) lab_ruleset && lab_suricata ;;
	esac
}

variant_off() {
	case $VARIANT in
	sekimori) box_stop ;;
	suricata | firewalled)
		stop "$VARIANT_PID" INT
		at box iptables-nft -F FORWARD
		;;
	esac
	at box nft flush ruleset
	at box conntrack -F 2>/dev/null
}

# The rules as applied; only the last word of each way to the queue differs: the packet counts as seen, unopposed.
lab_ruleset() {
	box_sekimori nft "$BENCH_DIR/bench.rules" |
		sed -E 's/^(.*)(queue (flags bypass )?to .*|symhash mod .*)$/\1meta mark set meta mark or 0x80000000 accept/' |
		at box nft -f -
}

lab_suricata_settings() {
	local d=$TMP/suricata
	mkdir -p "$d"
	cat >"$d/suricata.yaml" <<-END
		%YAML 1.1
		---
		vars: { address-groups: { HOME_NET: "any", EXTERNAL_NET: "any" } }
		default-log-dir: $d
		outputs:
		  - eve-log: { enabled: yes, filetype: regular, filename: eve.json, types: [ alert ] }
		nfq: { mode: accept, batchcount: 20, fail-open: no }
		app-layer: { protocols: { http: { enabled: yes }, dns: { udp: { enabled: yes }, tcp: { enabled: yes } } } }
		stream: { memcap: 256mb, inline: auto, reassembly: { memcap: 512mb, depth: 0 } }
		flow: { memcap: 512mb, hash-size: 65536, prealloc: 10000 }
		max-pending-packets: 1024
		logging: { default-log-level: error, outputs: [ { console: { enabled: no } } ] }
		default-rule-path: $d
		rule-files: [ plant.rules ]
		classification-file: /etc/suricata/classification.config
		reference-config-file: /etc/suricata/reference.config
		unix-command: { enabled: no }
	END
	cat >"$d/plant.rules" <<-'END'
		drop dns any any -> any any (msg:"planted"; dns.query; content:"plant.example"; endswith; sid:1000001; rev:1;)
		drop http any any -> any any (msg:"planted"; http.host; content:"plant.example"; endswith; sid:1000002; rev:1;)
	END
}

lab_suricata() {
	local d=$TMP/suricata
	lab_suricata_settings
	: >"$d/eve.json"
	at box iptables-nft -A FORWARD -j NFQUEUE --queue-balance 0:1
	spawn box "$d/out" suricata -c "$d/suricata.yaml" --runmode workers -q 0 -q 1 -l "$d"
	VARIANT_PID=$SPAWNED
	wait_for 20 lab_queues_bound || { cat "$d/out" >&2; exit 2; }
}

lab_queues_bound() {
	[ "$(at box cat /proc/net/netfilter/nfnetlink_queue 2>/dev/null | wc -l)" -ge 2 ]
}

# how many different planted names the variant in the box has told of
lab_told() {
	local log=$TMP/suricata/eve.json
	[ "$VARIANT" = sekimori ] && log=$BOX_LOG/eve.json
	grep '"alert"' "$log" 2>/dev/null | grep -oE '\bp[0-9]+\.plant\.example' | sort -u | wc -l
}

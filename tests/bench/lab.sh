# shellcheck shell=bash disable=SC2034 # variables for those who source this
# SPDX-License-Identifier: GPL-3.0-or-later
#
# lab: client - box - server, with a box of its own for each thing that can stand there, side by side: `variant NAME`
# starts it when it is first asked for and sends what is measured from now on through it, so that one second of each
# follows one second of the other on the same machine in the same mood. `variant_off` takes it away again.
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

declare -A LAB_NUMBER=() LAB_PID=()

lab_build() {
	ns client server
	at client sysctl -qw net.ipv4.tcp_tw_reuse=1 net.ipv4.ip_local_port_range="1024 65000"
	lab_servers
}

# the namespace of a variant; box.sh knows Sekimori's as `box`
lab_box() {
	if [ "$1" = sekimori ]; then echo box; else echo "$1"; fi
}

# its own two networks: 10.1.N.0/24 on the client's side, 10.2.N.0/24 on the server's
lab_wire() {
	local n=${#LAB_NUMBER[@]} b
	b=$(lab_box "$1")
	LAB_NUMBER[$1]=$n
	ns "$b"
	link client "eth$n" "$b" eth1
	link server "eth$n" "$b" eth2
	addr client "eth$n" "10.1.$n.2/24"
	addr "$b" eth1 "10.1.$n.1/24"
	addr "$b" eth2 "10.2.$n.1/24"
	addr server "eth$n" "10.2.$n.2/24" "10.2.$n.3/24" "10.2.$n.4/24" "10.2.$n.5/24" "10.2.$n.6/24"
	route client "10.2.$n.0/24" via "10.1.$n.1"
	route server "10.1.$n.0/24" via "10.2.$n.1"
	forwarding "$b"
	at "$b" sysctl -qw net.netfilter.nf_conntrack_max=1048576 net.netfilter.nf_conntrack_acct=1 \
		net.netfilter.nf_conntrack_events=1 net.netfilter.nf_conntrack_timestamp=1 2>/dev/null
}

lab_servers() {
	local d=$TMP/web
	mkdir -p "$d/files" "$d/tmp"
	echo 'a short page of some eighty bytes, as most answers of a town office are small ones.' >"$d/files/index.html"
	truncate -s 64M "$d/files/big"
	"$BENCH_DIR/texts.py" "$d/files" "$RANDOM" || exit 2
	cat >"$d/nginx.conf" <<-END
		user root; daemon off; worker_processes 1; pid $d/pid; error_log $d/error.log;
		events { worker_connections 4096; }
		http { access_log off; sendfile on; keepalive_requests 1000000;
			client_body_temp_path $d/tmp; proxy_temp_path $d/tmp/p; fastcgi_temp_path $d/tmp/f; uwsgi_temp_path $d/tmp/u;
			scgi_temp_path $d/tmp/s; server { listen 80 backlog=4096 default_server; listen 8080 backlog=4096 default_server; root $d/files; } }
	END
	spawn server "$d/out" nginx -p "$d" -c "$d/nginx.conf" -e "$d/error.log"
	spawn server "$TMP/iperf3.log" iperf3 -s
	wait_listen 5 server tcp 8080 && wait_listen 5 server tcp 5201 || { cat "$d/error.log" "$TMP/iperf3.log" >&2; exit 2; }
}

# what goes to $SERVER goes through it
variant() {
	VARIANT=$1
	[ -n "${LAB_NUMBER[$1]:-}" ] || lab_wire "$1"
	SERVER=10.2.${LAB_NUMBER[$1]}.2
	[ -n "${LAB_PID[$1]:-}" ] || lab_start
}

lab_start() {
	LAB_PID[$VARIANT]=none
	case $VARIANT in
	bare) ;;
	conntrack) echo 'table inet b { chain f { type filter hook forward priority 0; ct state new,established accept; }; }' | at conntrack nft -f - ;;
	ruleset) lab_ruleset ;;
	sekimori) box_start "$BENCH_DIR/bench.rules" ;;
	suricata) lab_suricata ;;
	firewalled) lab_ruleset && lab_suricata ;;
	esac
}

variant_off() {
	local b
	b=$(lab_box "$VARIANT")
	case $VARIANT in
	sekimori) box_stop ;;
	suricata | firewalled)
		stop "${LAB_PID[$VARIANT]}" INT
		at "$b" iptables-nft -F FORWARD
		;;
	esac
	at "$b" nft flush ruleset
	lab_forget
	unset "LAB_PID[$VARIANT]"
}

# no conversation of an earlier measurement is left, and what there was to tell of them is told
lab_forget() {
	at "$(lab_box "$VARIANT")" conntrack -F 2>/dev/null
	LAB_TICKS=
	wait_for 5 lab_idle
}

# nobody in the box has worked since the last look
lab_idle() {
	local now
	# shellcheck disable=SC2046 # a list of numbers
	now=$(cat $(ip netns pids "$PFX$(lab_box "$VARIANT")" | sed 's,.*,/proc/&/stat,') 2>/dev/null </dev/null | awk '{n += $14 + $15} END {print n + 0}')
	[ "$now" = "$LAB_TICKS" ] && return
	LAB_TICKS=$now
	return 1
}

# The rules as applied; only the last word of each way to the queue differs: the packet counts as seen, unopposed.
lab_ruleset() {
	"$BOX_BUILD/sekimori" nft "$BENCH_DIR/bench.rules" |
		sed -E 's/^(.*)(queue (flags bypass )?to .*|symhash mod .*)$/\1meta mark set meta mark or 0x80000000 accept/' |
		at "$VARIANT" nft -f -
}

# in directory $1
lab_suricata_settings() {
	local d=$1
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
	local d=$TMP/$VARIANT
	lab_suricata_settings "$d"
	: >"$d/eve.json"
	at "$VARIANT" iptables-nft -A FORWARD -j NFQUEUE --queue-balance 0:1
	spawn "$VARIANT" "$d/out" suricata -c "$d/suricata.yaml" --runmode workers -q 0 -q 1 -l "$d"
	LAB_PID[$VARIANT]=$SPAWNED
	wait_for 20 lab_queues_bound || { cat "$d/out" >&2; exit 2; }
}

lab_queues_bound() {
	[ "$(at "$VARIANT" cat /proc/net/netfilter/nfnetlink_queue 2>/dev/null | wc -l)" -ge 2 ]
}

# how many different planted names the variant in the box has told of
# lists of numbers that Sekimori has told
lab_lists() {
	grep -c '"detector":"my-number"' "$BOX_LOG/eve.json" 2>/dev/null
}

lab_told() {
	local log=$TMP/$VARIANT/eve.json
	[ "$VARIANT" = sekimori ] && log=$BOX_LOG/eve.json
	grep '"alert"' "$log" 2>/dev/null | grep -oE '\bp[0-9]+\.plant\.example' | sort -u | wc -l
}

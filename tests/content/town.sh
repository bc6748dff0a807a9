# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# town: a client, the box, and a host with every server that still speaks in clear. The host has all of 10.2.0.0/16, so
# that each attempt (a "cell") goes to an address of its own: one capture holds them all and is told apart afterwards.
#
#	client 10.1.0.10 --- eth1 [ box ] eth2 --- server 10.2.0.0/16
#
# shellcheck source=tests/netns/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../netns/lib.sh"
# shellcheck source=tests/netns/servers.sh
. "$(dirname "${BASH_SOURCE[0]}")/../netns/servers.sh"

# shellcheck disable=SC2034 # for those who source this
CONTENT_PROGRAMS="curl swaks nginx postfix vsftpd nc tcpdump python3 ethtool ss"
# shellcheck disable=SC2034
CONTENT_MORE="smbd smbclient dovecot in.tftpd"

content_town() {
	ns client box server
	link client eth0 box eth1
	link server eth0 box eth2
	addr client eth0 10.1.0.10/16
	addr box eth1 10.1.0.1/16
	addr box eth2 10.3.0.1/24
	addr server eth0 10.3.0.2/24
	at server ip route add local 10.2.0.0/16 dev lo
	route client default via 10.1.0.1
	route server default via 10.3.0.1
	route box 10.2.0.0/16 via 10.3.0.2
	forwarding box
	content_wire client eth0 box eth1
	content_wire server eth0 box eth2
	SERVED=$TMP/served
	mkdir -m 777 "$SERVED"
}

# no offloads: the capture shows what a wire shows
content_wire() {
	at "$1" ethtool -K "$2" tx off tso off gso off gro off sg off >/dev/null 2>&1
	at "$3" ethtool -K "$4" tx off tso off gso off gro off sg off >/dev/null 2>&1
}

# content_servers all|some - what the small part needs is `some`
content_servers() {
	content_nginx
	server_postfix server mail all
	content_vsftpd
	content_print
	[ "$1" = some ] || { content_samba; content_dovecot; content_tftp; }
	content_ready "$1"
}

# PUT into put/, anything else to /form is taken and forgotten, get/ holds the documents and comes compressed
content_nginx() {
	local d=$TMP/nginx
	mkdir -p "$d/tmp" "$SERVED/put"
	chmod 777 "$d/tmp" "$SERVED/put"
	cat >"$d/nginx.conf" <<-END
		user root; daemon off; master_process off; pid $d/pid; error_log $d/error.log;
		events { worker_connections 512; }
		http {
			access_log off; client_body_temp_path ${NGINX_BODIES:-$d/tmp};
			${NGINX_BODIES:+client_body_in_file_only on;} proxy_temp_path $d/tmp/p; fastcgi_temp_path $d/tmp/f;
			uwsgi_temp_path $d/tmp/u; scgi_temp_path $d/tmp/s; client_max_body_size 64m;
			gzip on; gzip_types *; gzip_min_length 0;
			log_format received '\$server_addr \$request_method \$status \$request_length';
			server {
				listen 80; root $SERVED; access_log $d/access.log received;
				location /put/ { dav_methods PUT; }
				location /form { client_body_buffer_size 1m; proxy_pass http://127.0.0.1:81/; }
				location /get/ { alias $DOCUMENTS/; }
			}
			server { listen 127.0.0.1:81; return 200 "taken\n"; }
		}
	END
	spawn server "$d/out" nginx -p "$d" -c "$d/nginx.conf" -e "$d/error.log"
}

content_vsftpd() {
	local d=$TMP/vsftpd
	mkdir -p "$d/secure" "$SERVED/ftp/in"
	chmod 555 "$SERVED/ftp"
	chmod 777 "$SERVED/ftp/in"
	cat >"$d/vsftpd.conf" <<-END
		listen=YES
		background=NO
		anonymous_enable=YES
		no_anon_password=YES
		anon_root=$SERVED/ftp
		anon_upload_enable=YES
		anon_umask=022
		write_enable=YES
		secure_chroot_dir=$d/secure
		local_enable=NO
		connect_from_port_20=YES
		xferlog_enable=YES
		vsftpd_log_file=$d/ftp.log
		seccomp_sandbox=NO
	END
	spawn server "$d/out" vsftpd "$d/vsftpd.conf"
}

# a printer that takes anything
content_print() {
	spawn server "$SERVED/printed" nc -l -k 9100
}

content_samba() {
	local d=$TMP/samba
	mkdir -p "$d"/{private,lock,state,cache,pid,ncalrpc} "$SERVED/smb"
	chmod 777 "$SERVED/smb"
	cat >"$d/smb.conf" <<-END
		[global]
		server role = standalone server
		map to guest = Bad User
		guest account = root
		server smb encrypt = off
		disable netbios = yes
		smb ports = 445
		load printers = no
		printcap name = /dev/null
		disable spoolss = yes
		private dir = $d/private
		lock directory = $d/lock
		state directory = $d/state
		cache directory = $d/cache
		pid directory = $d/pid
		ncalrpc dir = $d/ncalrpc
		log file = $d/log
		[share]
		path = $SERVED/smb
		guest ok = yes
		read only = no
	END
	spawn server "$d/out" smbd -F --no-process-group -s "$d/smb.conf"
}

# every name is a user; boxes are maildirs below $SERVED/mail
content_dovecot() {
	local d=$TMP/dovecot
	mkdir -p "$d/run" "$SERVED/mail"
	chmod 777 "$SERVED/mail"
	cat >"$d/dovecot.conf" <<-END
		base_dir = $d/run
		state_dir = $d/run
		log_path = $d/log
		protocols = imap pop3
		ssl = no
		disable_plaintext_auth = no
		mail_location = maildir:~/box
		first_valid_uid = 1
		default_internal_user = dovecot
		default_login_user = dovenull
		passdb {
		  driver = static
		  args = nopassword=y
		}
		userdb {
		  driver = static
		  args = uid=$(id -u postfix) gid=$(id -g postfix) home=$SERVED/mail/%u
		}
		default_process_limit = 200
		default_client_limit = 2000
	END
	spawn server "$d/out" dovecot -F -c "$d/dovecot.conf"
}

content_tftp() {
	mkdir -p "$SERVED/tftp"
	chmod 777 "$SERVED/tftp"
	spawn server "$TMP/tftp.log" in.tftpd -L -4 --address 0.0.0.0:69 --create --secure "$SERVED/tftp"
}

content_ready() {
	local port more="tcp:445 tcp:143 tcp:110 udp:69"
	[ "$1" = some ] && more=
	for port in tcp:80 tcp:25 tcp:21 tcp:9100 $more; do
		wait_listen 60 server "${port%:*}" "${port#*:}" && continue
		echo "content: no server on $port" >&2
		tail -n 3 "$TMP"/*/out "$TMP"/*/log >&2
		exit 2
	done
}

# content_boxes - what POP3 will fetch (plan.py says which)
content_boxes() {
	local a
	for a in "$DOCUMENTS"/pop3/*; do
		[ -e "$a" ] || continue
		mkdir -p "$SERVED/mail/${a##*/}/box/"{new,cur,tmp}
		cp -L "$a" "$SERVED/mail/${a##*/}/box/cur/1.a.box:2,"
	done
	[ ! -d "$SERVED/mail" ] || chown -R postfix "$SERVED/mail"
}

# content_record FILE - what passes the box from now on
content_record() {
	spawn box "$TMP/tcpdump.log" tcpdump --immediate-mode -B 65536 -U -n -i eth1 -w "$1" ip
	CONTENT_TCPDUMP=$SPAWNED
	wait_for 10 grep -q listening "$TMP/tcpdump.log" || { cat "$TMP/tcpdump.log" >&2; exit 2; }
}

# content_recorded - end it; a capture that lost packets proves nothing
content_recorded() {
	sleep 1	# what is under way
	stop "$CONTENT_TCPDUMP"
	grep -q '^0 packets dropped by kernel' "$TMP/tcpdump.log" || { echo "tcpdump lost packets" >&2; exit 2; }
}

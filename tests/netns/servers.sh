# shellcheck shell=bash disable=SC2034 # variables for those who source this
# SPDX-License-Identifier: GPL-3.0-or-later
#
# servers: real programs as the town's servers, each in its namespace with a directory and logs of its own
# under $TMP. Every function is `server_KIND NAMESPACE NAME ADDRESS...`; it starts the program, the town waits
# for the ports later. Source lib.sh first.

SERVER_PROGRAMS="nginx openssl dnsmasq squid postfix postconf sshd ssh-keygen vsftpd nc"

# A throw-away certificate authority and one certificate for every name of the town.
server_ca() {
	local d=$TMP/ca
	mkdir -p "$d"
	{
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Test CA" \
			-addext basicConstraints=critical,CA:TRUE -keyout "$d/ca.key" -out "$d/ca.pem"
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=town" -keyout "$d/key.pem" -out "$d/csr"
		echo "subjectAltName=DNS:shomei.kamisato.example,DNS:uchi.kamisato.example,DNS:*.good.example,DNS:*.forbidden.example" >"$d/ext"
		openssl x509 -req -in "$d/csr" -CA "$d/ca.pem" -CAkey "$d/ca.key" -CAcreateserial -days 2 -extfile "$d/ext" -out "$d/cert.pem"
	} >"$d/log" 2>&1 || { cat "$d/log" >&2; exit 2; }
}

# HTTP on 80 (and on $HTTP_ALSO), TLS on 443, PUT into files/; access.log: URI, bytes received, status
server_nginx() {
	local n=$1 name=$2 d=$TMP/$2 a
	shift 2
	mkdir -p "$d/files" "$d/tmp"
	printf 'welcome to %s\n' "$name" >"$d/files/index.html"
	head -c 2000000 /dev/zero | tr '\0' 'x' >"$d/files/big"
	chmod 777 "$d/files" "$d/tmp"
	{
		echo "user root; daemon off; master_process off; pid $d/pid; error_log $d/error.log;"
		echo "events { worker_connections 512; }"
		echo "http { log_format town '\$request_uri \$request_length \$status \$ssl_server_name'; access_log $d/access.log town;"
		echo "client_body_temp_path $d/tmp; proxy_temp_path $d/tmp/p; fastcgi_temp_path $d/tmp/f; uwsgi_temp_path $d/tmp/u;"
		echo "scgi_temp_path $d/tmp/s; ssl_certificate $TMP/ca/cert.pem; ssl_certificate_key $TMP/ca/key.pem; server {"
		for a in "$@"; do
			echo "listen $a:80; listen $a:443 ssl; ${HTTP_ALSO:+listen $HTTP_ALSO;}"
		done
		echo "root $d/files; client_max_body_size 64m; dav_methods PUT; location / { try_files \$uri /index.html; } location /put/ { } } }"
	} >"$d/nginx.conf"
	mkdir -p "$d/files/put"
	spawn "$n" "$d/out" nginx -p "$d" -c "$d/nginx.conf" -e "$d/error.log"
}

# DNS on 53: every *.good.example and *.forbidden.example has an answer; queries are logged
server_dnsmasq() {
	local n=$1 d=$TMP/$2
	mkdir -p "$d"
	spawn "$n" "$d/out" dnsmasq -k -C /dev/null --user=root --no-resolv --no-hosts --bind-interfaces \
		--listen-address="$3" --except-interface=lo --pid-file="$d/pid" --log-queries --log-facility="$d/queries.log" \
		--address=/good.example/203.0.113.80 --address=/forbidden.example/203.0.113.81 --no-negcache
}

# an explicit proxy on 8080
server_squid() {
	local n=$1 d=$TMP/$2
	mkdir -p "$d"
	chmod 777 "$d"
	cat >"$d/squid.conf" <<-END
		http_port $3:8080
		visible_hostname proxy.kamisato.example
		acl CONNECT method CONNECT
		http_access allow all
		cache deny all
		dns_nameservers $4
		access_log stdio:$d/access.log
		cache_log $d/cache.log
		cache_effective_user proxy
		pid_filename none
		coredump_dir $d
		netdb_filename none
		shutdown_lifetime 0 seconds
		client_persistent_connections on
		pinger_enable off
		max_filedescriptors 1024
		icp_port 0
	END
	spawn "$n" "$d/out" squid -N -f "$d/squid.conf"
}

# a receiving SMTP server on 25; mail for kamisato.example lands in mbox
server_postfix() {
	local n=$1 d=$TMP/$2
	mkdir -p "$d"/{etc,queue,data,mail}
	chown postfix "$d/data" "$d/mail"
	cp /etc/postfix/dynamicmaps.cf "$d/etc/" 2>/dev/null
	cat >"$d/etc/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $d/queue
		data_directory = $d/data
		command_directory = /usr/sbin
		daemon_directory = /usr/lib/postfix/sbin
		myhostname = mailtext.kamisato.example
		mydestination =
		inet_interfaces = $3
		inet_protocols = all
		mynetworks = 127.0.0.0/8
		virtual_mailbox_domains = kamisato.example
		virtual_mailbox_base = $d/mail
		virtual_mailbox_maps = static:mbox
		virtual_uid_maps = static:$(id -u postfix)
		virtual_gid_maps = static:$(id -g postfix)
		smtpd_peername_lookup = no
		smtpd_relay_restrictions = reject_unauth_destination
		maillog_file = $d/mail.log
		maillog_file_prefixes = /var, /dev/stdout, $TMP
		alias_maps =
		biff = no
	END
	cat >"$d/etc/master.cf" <<-END
		smtp      inet n - n - - smtpd
		cleanup   unix n - n - 0 cleanup
		qmgr      unix n - n 300 1 qmgr
		rewrite   unix - - n - - trivial-rewrite
		bounce    unix - - n - 0 bounce
		defer     unix - - n - 0 bounce
		trace     unix - - n - 0 bounce
		verify    unix - - n - 1 verify
		virtual   unix - n n - - virtual
		proxymap  unix - - n - - proxymap
		error     unix - - n - - error
		retry     unix - - n - - error
		anvil     unix - - n - 1 anvil
		postlog   unix-dgram n - n - 1 postlogd
	END
	postfix -c "$d/etc" check >"$d/check" 2>&1	# makes the queue's directories
	spawn "$n" "$d/out" postfix -c "$d/etc" start-fg
}

# SSH on the ports given as ADDRESS:PORT; one key opens root
server_sshd() {
	local n=$1 d=$TMP/$2 a
	shift 2
	mkdir -p "$d" /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$d/host" && ssh-keygen -q -t ed25519 -N '' -f "$d/user"
	{
		for a in "$@"; do echo "ListenAddress $a"; done
		echo "HostKey $d/host"
		echo "PidFile none"
		echo "AuthorizedKeysFile $d/user.pub"
		echo "StrictModes no"
		echo "UsePAM no"
		echo "PermitRootLogin yes"
		echo "PasswordAuthentication no"
		echo "UseDNS no"
		echo "LogLevel VERBOSE"
	} >"$d/sshd_config"
	spawn "$n" "$d/log" /usr/sbin/sshd -D -e -f "$d/sshd_config"
}

# FTP on 21, passive data on 50000-50100, one anonymous folder
server_vsftpd() {
	local n=$1 d=$TMP/$2
	mkdir -p "$d/root" "$d/secure"
	head -c 300000 /dev/zero | tr '\0' 'f' >"$d/root/pattern.dat"
	chmod 555 "$d/root"
	cat >"$d/vsftpd.conf" <<-END
		listen=YES
		listen_address=$3
		background=NO
		anonymous_enable=YES
		no_anon_password=YES
		anon_root=$d/root
		secure_chroot_dir=$d/secure
		local_enable=NO
		pasv_min_port=50000
		pasv_max_port=50100
		xferlog_enable=YES
		vsftpd_log_file=$d/ftp.log
		log_ftp_protocol=YES
		seccomp_sandbox=NO
		ftpd_banner=update server of the town
	END
	spawn "$n" "$d/out" vsftpd "$d/vsftpd.conf"
}

# a syslog collector: whatever arrives on UDP 514
server_syslog() {
	mkdir -p "$TMP/$2"
	spawn "$1" "$TMP/$2/messages" nc -u -l -k "$3" 514
}

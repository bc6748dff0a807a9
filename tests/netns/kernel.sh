# shellcheck shell=bash disable=SC2034 # variables for those who source this
# SPDX-License-Identifier: GPL-3.0-or-later
#
# kernel: what the kernel_*.sh tests share: a box between three zones and management, the policy by
# `sekimori apply --offline`, and a stand-in for the engine. No daemon runs in any of them.
#
#	aa   10.1.0.2 fd00:1::2  eth1          bb   10.2.0.2 fd00:2::2  eth2
#	cc   10.3.0.2 fd00:3::2  eth3, and cd 10.3.128.2 on eth5 (one zone); refuses with a reset
#	kanri 10.4.0.2 eth4 (management)

# PATIENCE: seconds that are waited for one packet; more where the processor is emulated (tests/vm).

KERNEL_BUILD=$(realpath -m "${B:-build}")
PATIENCE=${PATIENCE:-1}

kernel_lab() {
	ns aa bb cc cd kanri box
	link aa eth0 box eth1
	link bb eth0 box eth2
	link cc eth0 box eth3
	link kanri eth0 box eth4
	link cd eth0 box eth5
	mac aa eth0 02:00:00:00:00:aa
	addr aa eth0 10.1.0.2/16 fd00:1::2/64
	addr bb eth0 10.2.0.2/16 fd00:2::2/64
	addr cc eth0 10.3.0.2/17 fd00:3::2/64
	addr cd eth0 10.3.128.2/17
	addr kanri eth0 10.4.0.2/24
	addr box eth1 10.1.0.1/16 fd00:1::1/64
	addr box eth2 10.2.0.1/16 fd00:2::1/64
	addr box eth3 10.3.0.1/17 fd00:3::1/64
	addr box eth4 10.4.0.1/24
	addr box eth5 10.3.128.1/17
	route aa default via 10.1.0.1
	route aa default via fd00:1::1
	route bb default via 10.2.0.1
	route bb default via fd00:2::1
	route cc default via 10.3.0.1
	route cc default via fd00:3::1
	route cd default via 10.3.128.1
	route kanri default via 10.4.0.1
	mkdir -p "$TMP/state" "$TMP/run"
	KERNEL_CONF=$TMP/sekimori.conf
	echo "user = \"\"; clock = \"trusted\"; engines = 2; state-directory = \"$TMP/state\";
		log-directory = \"$TMP\"; run-directory = \"$TMP/run\";" >"$KERNEL_CONF"
}

kernel_sekimori() {
	at box env SEKIMORI_CONF="$KERNEL_CONF" "$KERNEL_BUILD/sekimori" "$@"
}

# policy NAME - the common part and, from standard input, what this test adds, as $TMP/NAME.rules
policy() {
	{
		cat <<-END
			model custom;
			zone aa { role internet; interface "eth1"; network 10.1.0.0/16, fd00:1::/64; }
			zone bb { role internet; interface "eth2"; network 10.2.0.0/16, fd00:2::/64; }
			zone cc { role internet; interface "eth3", "eth5"; network 10.3.0.0/16, fd00:3::/64; refuse reset; }
			zone kanri { role management; interface "eth4"; network 10.4.0.0/24; }
			host a1 { zone aa; address 10.1.0.2, fd00:1::2; }
			host b1 { zone bb; address 10.2.0.2, fd00:2::2; }
			host c1 { zone cc; address 10.3.0.2, fd00:3::2; }
			service web { tcp 80; }
			service alt { tcp 81; }
			service echo { tcp 7; udp 7; }
			service ping { icmp echo-request; icmpv6 echo-request; }
			profile bare { inspect none; on-unknown-application pass; }
			profile open { inspect metadata; on-overload pass; on-no-inspector pass; on-unknown-application pass; }
			profile closed { inspect metadata; on-overload drop; on-no-inspector drop; on-unknown-application pass; }
		END
		cat
	} >"$TMP/$1.rules"
}

# permit NAME FROM TO SERVICE PROFILE [KEYS] - one block; standing unless KEYS say otherwise
permit() {
	local keys=${6:-}
	case $keys in *until*) ;; *) keys="$keys review 2099-03-31;" ;; esac
	echo "permit $1 { kind ${KIND:-ordinary}; from $2; to $3; service $4; profile $5; owner \"test\"; reason \"test\";" \
		"approved-by \"test\"; approved-on 2026-04-01; $keys }"
}

# apply NAME - put $TMP/NAME.rules in force, or end the test: nothing after it would mean anything
apply() {
	kernel_sekimori apply "$TMP/$1.rules" --offline --reason "test" >"$TMP/apply.out" 2>&1 && return
	bad "apply $1" "$(cat "$TMP/apply.out")"
	finish
}

counter() {
	at box nft list counter inet sekimori "$1" | sed -n 's/.*packets \([0-9]*\) .*/\1/p'
}

# tcp NS ADDRESS PORT - a connection is accepted in time
tcp() {
	at "$1" nc -z -w "$PATIENCE" "$2" "$3"
}

# listen NS PORT - a server on all addresses that answers nothing, and one that echoes over UDP
listen() {
	spawn "$1" "$TMP/listen" nc -l -k "$2"
	spawn "$1" "$TMP/listen" nc -6 -l -k "$2"
	wait_listen $((5 * PATIENCE)) "$1" tcp "$2"
}

ping4() {
	at "$1" ping -c 1 -W "$PATIENCE" "$2"
}

# engine QUEUE open|closed ANSWER [quiet] - the stand-in; its pid in $SPAWNED, the marks it saw in $TMP/queue.QUEUE
engine() {
	: >"$TMP/queue.$1"
	spawn box "$TMP/queue.$1" "$KERNEL_BUILD/tests/netns/verdict" "$@"
	wait_for $((5 * PATIENCE)) grep -q ready "$TMP/queue.$1"
}

# hear NS PORT - a TCP server that says `hello`, writes down every line it gets, and does what some of them ask:
# `answer` once, `tick` ten times a second from then on
hear() {
	: >"$TMP/heard.$1"
	cat >"$TMP/hear.py" <<-'END'
		import socket, sys, threading, time
		def serve(c):
		    c.sendall(b"hello\n")
		    try:
		        for line in c.makefile():
		            print(line.strip(), flush=True)
		            if line == "answer\n":
		                c.sendall(b"answered\n")
		            while line == "tick\n":
		                c.sendall(b"ticked\n")
		                time.sleep(0.1)
		    except OSError:
		        print("reset", flush=True)
		s = socket.create_server(("", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
		while True:
		    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
	END
	spawn "$1" "$TMP/heard.$1" python3 "$TMP/hear.py" "$2"
	wait_listen $((5 * PATIENCE)) "$1" tcp "$2"
}

# talk NAME NS ADDRESS PORT - a connection that says what `say NAME` tells it to, and writes down what it gets
talk() {
	mkfifo "$TMP/talk.$1"
	: >"$TMP/got.$1"
	cat >"$TMP/talk.py" <<-'END'
		import socket, sys, threading
		c = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3)
		c.settimeout(None)
		def get():
		    try:
		        for line in c.makefile():
		            print(line.strip(), flush=True)
		    except OSError:
		        print("reset", flush=True)
		threading.Thread(target=get, daemon=True).start()
		while True:
		    for line in open(sys.argv[3]):
		        try:
		            c.sendall(line.encode())
		        except OSError:
		            print("reset", flush=True)
	END
	spawn "$2" "$TMP/got.$1" python3 "$TMP/talk.py" "$3" "$4" "$TMP/talk.$1"
	echo "$SPAWNED" >"$TMP/pid.$1"
	wait_for $((3 * PATIENCE)) grep -q hello "$TMP/got.$1"
}

stop_talk() { # NAME
	stop "$(cat "$TMP/pid.$1")" KILL
}

say() { # NAME TEXT
	echo "$2" >"$TMP/talk.$1"
}

heard() { # NS TEXT: in time
	wait_for $((2 * PATIENCE)) grep -qx "$2" "$TMP/heard.$1"
}

got() { # NAME TEXT
	wait_for $((2 * PATIENCE)) grep -qx "$2" "$TMP/got.$1"
}

# entries [PATTERN] - the conversations that conntrack knows, both families
entries() {
	{
		at box conntrack -L -f ipv4
		at box conntrack -L -f ipv6
	} 2>/dev/null | grep -E "${1:-.}"
}

# class_of DPORT - the class of the conversations to a port, as their conntrack marks say
class_of() {
	entries "dport=$1 " | sed -n 's/.*mark=\([0-9]*\).*/\1/p' | awk 'NR == 1 { print $1 % 65536 }'
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rows_policy: who may talk to whom, as what, under which name.

APPROVED='owner "情報政策課"; reason "試験"; reference "試験1"; approved-by "CISO"; approved-on 2026-04-01; review 2099-03-31;'

rows_segmentation() {
	group segmentation "mynumber and the internet segment: no protocol, no exception" "マイナンバー系とインターネット系: どのプロトコルも通さない"
	row block "kikan -> net: HTTP" "基幹 -> ネット系: HTTP" http kikan http://10.30.2.80 naibu
	row block "kikan -> net: SSH" "基幹 -> ネット系: SSH" ssh kikan 10.30.2.80 22 naibu-ssh
	row block "kikan -> net: DNS (UDP)" "基幹 -> ネット系: DNS (UDP)" dns kikan 10.30.2.80 naibu-dns
	row block "kikan -> net: ping" "基幹 -> ネット系: ping" icmp kikan 10.30.2.80 net
	row block "kikan -> net: IP protocol 253" "基幹 -> ネット系: IP プロトコル 253" proto kikan 10.30.2.80 253 net
	row block "kikan -> net: HTTP over IPv6" "基幹 -> ネット系: IPv6 の HTTP" http kikan "http://[fd00:30::5]" naibu
	row block "kikan -> net: ping over IPv6" "基幹 -> ネット系: IPv6 の ping" icmp kikan fd00:30::5 net
	row block "kikan -> outside: HTTP" "基幹 -> 外部: HTTP" http kikan http://203.0.113.80 world
	row block "net -> kikan: HTTP" "ネット系 -> 基幹: HTTP" http net http://10.10.1.10 gyomu
	model_refuses kikan-net <<-END
		service http { tcp 80; }
		permit kikan-net { kind specific; from host gyomu; to host naibu; service http; application HTTP; profile content; $APPROVED }
	END
	row block "kikan -> lgwan: HTTP to a server without a permit" "基幹 -> LGWAN系: 許可のない HTTP" http kikan http://10.20.1.20 shomei
	twin shomei-http "HTTP to it" "同じ HTTP" http kikan http://10.20.1.20 shomei <<-END
		service http { tcp 80; }
		permit shomei-http { kind specific; from host gyomu; to host shomei; service http; application HTTP; profile content; $APPROVED }
	END
	row block "kikan -> lgwan: ping" "基幹 -> LGWAN系: ping" icmp kikan 10.20.1.20 lgwan
	twin shomei-ping "ping" "同じ ping" icmp kikan 10.20.1.20 lgwan <<-END
		permit shomei-ping { kind specific; from host gyomu; to host shomei; service ping; application ICMP; profile content; $APPROVED }
	END
	row block "kikan -> lgwan: DNS (UDP)" "基幹 -> LGWAN系: DNS (UDP)" dns kikan 10.20.1.20 shomei-dns
	twin shomei-dns "DNS (UDP)" "同じ DNS (UDP)" dns kikan 10.20.1.20 shomei-dns <<-END
		permit shomei-dns { kind specific; from host gyomu; to host shomei; service dns; application DNS; profile content; $APPROVED }
	END
	policy_base
}

# payload bytes that reach a server's port, counted at the server: bytes_begin NS HOST PORT; bytes_end -> $BYTES
bytes_begin() {
	: >"$TMP/bytes"
	spawn "$1" "$TMP/bytes.log" tcpdump -i eth0 -nn -q -l --immediate-mode -w "$TMP/bytes.pcap" "inbound and tcp dst port $3 and dst host $2"
	BYTES_PID=$SPAWNED
	wait_for 5 grep -q listening "$TMP/bytes.log"
}

bytes_end() {
	stop "$BYTES_PID" INT
	BYTES=$(tcpdump -nn -q -r "$TMP/bytes.pcap" 2>/dev/null | awk '{n += $NF} END {print n + 0}')
	rm -f "$TMP/bytes.log"
}

rows_application() {
	group application "the application must be the one the permit names" "許可に書かれたアプリケーションだけが通る"
	row pass "kikan -> lgwan 443: TLS, as permitted" "基幹 -> LGWAN系 443: 許可された TLS" tls kikan shomei.kamisato.example 10.20.1.20 shomei
	bytes_begin lgwan 10.20.1.21 443
	row block "kikan -> lgwan 443: SSH where TLS is approved" "基幹 -> LGWAN系 443: TLS の許可に SSH" ssh kikan 10.20.1.21 443 shomei-ssh
	bytes_end
	row_result 0 "$BYTES" "  payload bytes that reached the server before the block" "  遮断までにサーバに届いた内容のバイト数" ""
	twin shomei-ssh "SSH on 443" "443 の SSH" ssh kikan 10.20.1.21 443 shomei-ssh <<-END
		permit shomei-ssh { kind specific; from host gyomu; to host shomei; service https; application SSH; profile strict; $APPROVED }
	END
	policy_base
}

rows_names() {
	group names "names: through the proxy, in TLS, in DNS" "名前: プロキシ経由、TLS の中、DNS"
	row pass "net -> proxy: http://www.good.example" "ネット系 -> プロキシ: http://www.good.example" proxy net http://www.good.example world
	row pass "net -> proxy: https://www.good.example" "ネット系 -> プロキシ: https://www.good.example" proxy net https://www.good.example world
	row block "net -> proxy: http://www.forbidden.example" "ネット系 -> プロキシ: http://www.forbidden.example" proxy net http://www.forbidden.example world
	row block "net -> proxy: https://www.forbidden.example (CONNECT)" "ネット系 -> プロキシ: https://www.forbidden.example (CONNECT)" proxy net https://www.forbidden.example world
	row block "net -> proxy: second request of a kept connection" "ネット系 -> プロキシ: 同じ接続の二つ目の要求" proxy_second net http://www.forbidden.example world
	row block "net -> proxy: CONNECT good, TLS inside names another" "ネット系 -> プロキシ: CONNECT は可、中の TLS が別名" proxy_fronted net www.good.example www.forbidden.example world
	twin web-second "http://www.forbidden.example" "http://www.forbidden.example" proxy net http://www.forbidden.example world <<-END
		permit web-second { kind security-cloud; from zone net; to host proxy; service proxy; name *.forbidden.example; profile browse; $APPROVED }
	END
	row pass "  ... https (CONNECT)" "  ... https (CONNECT)" proxy net https://www.forbidden.example world
	row pass "  ... second request of a kept connection" "  ... 同じ接続の二つ目の要求" proxy_second net http://www.forbidden.example world
	row pass "  ... CONNECT good, TLS inside names it" "  ... CONNECT は good、中の TLS がその名前" proxy_fronted net www.good.example www.forbidden.example world
	policy_base
	row pass "net -> the cloud's resolver" "ネット系 -> クラウドのリゾルバ" dns net 10.99.0.53 resolver
	row block "net -> a foreign resolver (outside)" "ネット系 -> 外部のリゾルバ" dns net 203.0.113.53 world-dns
	model_refuses net-outside <<-END
		permit net-outside { kind ordinary; from zone net; to zone outside; service dns; application DNS; profile content; $APPROVED }
	END
	row block "net -> another resolver in the cloud" "ネット系 -> クラウドの別のリゾルバ" dns net 10.99.0.54 resolver2
	twin names-second "another resolver" "別のリゾルバ" dns net 10.99.0.54 resolver2 <<-END
		host resolver2 { zone cloud; address 10.99.0.54; }
		permit names-second { kind security-cloud; from zone net; to host resolver2; service dns; application DNS; profile content; $APPROVED }
	END
	policy_base
}

# What the model of this town forbids has no twin in it. Here the same machines, servers and permits stand under model custom with
# kikan as a school's network: the same attempts fail, and each passes when only its permit is added.
rows_model() {
	group model "what only the model forbids: the same town as model custom, kikan a school" "モデルだけが禁じるもの: 同じ町を model custom、基幹を学校系として" \
		"refusals that were told within the minute before"
	local POLICY_BASE=free_policy	# policy_text reads it
	policy free </dev/null
	row block "kikan -> net: HTTP" "基幹 -> ネット系: HTTP" http kikan http://10.30.2.80 naibu
	row block "kikan -> outside: HTTP" "基幹 -> 外部: HTTP" http kikan http://203.0.113.80 world
	row block "net -> kikan: HTTP" "ネット系 -> 基幹: HTTP" http net http://10.10.1.10 gyomu
	row block "net -> a foreign resolver" "ネット系 -> 外部のリゾルバ" dns net 203.0.113.53 world-dns
	row block "net -> lgwan: SSH" "ネット系 -> LGWAN系: SSH" ssh net 10.20.1.20 22 shomei-ssh
	row block "kanri -> cloud: HTTP proxy" "管理 -> クラウド: プロキシ" proxy kanri http://www.good.example world
	twin kikan-net "HTTP" "HTTP" http kikan http://10.30.2.80 naibu <<-END
		service every { tcp 22, 80; udp 53; icmp echo-request; icmpv6 echo-request; protocol 253; }
		permit kikan-net { kind ordinary; from zone kikan; to zone net; service every; profile content; $APPROVED }
	END
	row pass "  ... SSH" "  ... SSH" ssh kikan 10.30.2.80 22 naibu-ssh
	row pass "  ... DNS (UDP)" "  ... DNS (UDP)" dns kikan 10.30.2.80 naibu-dns
	row pass "  ... ping" "  ... ping" icmp kikan 10.30.2.80 net
	row pass "  ... IP protocol 253" "  ... IP プロトコル 253" proto kikan 10.30.2.80 253 net
	row pass "  ... HTTP over IPv6" "  ... IPv6 の HTTP" http kikan "http://[fd00:30::5]" naibu
	row pass "  ... ping over IPv6" "  ... IPv6 の ping" icmp kikan fd00:30::5 net
	twin kikan-outside "HTTP" "HTTP" http kikan http://203.0.113.80 world <<-END
		service http { tcp 80; }
		permit kikan-outside { kind ordinary; from zone kikan; to zone outside; service http; application HTTP; profile content; $APPROVED }
	END
	twin net-kikan "HTTP" "HTTP" http net http://10.10.1.10 gyomu <<-END
		service http { tcp 80; }
		permit net-kikan { kind ordinary; from zone net; to zone kikan; service http; application HTTP; profile content; $APPROVED }
	END
	twin net-outside "the foreign resolver" "外部のリゾルバ" dns net 203.0.113.53 world-dns <<-END
		permit net-outside { kind ordinary; from zone net; to zone outside; service dns; application DNS; profile content; $APPROVED }
	END
	twin net-lgwan "SSH" "SSH" ssh net 10.20.1.20 22 shomei-ssh <<-END
		permit net-lgwan { kind screen; from zone net; to host shomei; service ssh; application SSH; profile content; $APPROVED }
	END
	twin kanri-cloud "the proxy" "プロキシ" proxy kanri http://www.good.example world <<-END
		permit kanri-cloud { kind ordinary; from zone kanri; to host proxy; service proxy; application HTTP; profile browse; $APPROVED }
	END
	# shellcheck disable=SC2034 # policy_text reads it
	POLICY_BASE=town_policy
	policy_base
}

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# rows_packets: forged addresses, IPv6, fragments, narrow lines, protocols with several connections.

rows_addresses() {
	group addresses "addresses: who it says it is" "アドレスの詐称"
	addr net lo 10.20.1.30/32
	row block "net, as 10.20.1.30 of lgwan -> cloud: ping" "ネット系が LGWAN系 10.20.1.30 を名乗る: ping" icmp net 10.99.0.10 cloud -I 10.20.1.30
	ip -n "${PFX}net" addr del 10.20.1.30/32 dev lo
	row pass "  with its own address" "  自分のアドレスなら通る" icmp net 10.99.0.10 cloud
	row block "kikan, unregistered 10.10.1.66 -> lgwan: TLS" "基幹の未登録端末 10.10.1.66 -> LGWAN系: TLS" tls_from kikan 10.10.1.66 shomei.kamisato.example 10.20.1.20 shomei
	twin shomei-66 "registered and permitted" "登録して許可" tls_from kikan 10.10.1.66 shomei.kamisato.example 10.20.1.20 shomei <<-END
		host t66 { zone kikan; address 10.10.1.66; mac 02:00:00:10:01:10; }
		permit shomei-66 { kind specific; from host t66; to host shomei; service https; application TLS; profile strict; $APPROVED }
	END
	policy_base
	town_mac 02:00:00:66:66:66
	row block "kikan, gyomu's address from another MAC: TLS" "基幹、業務サーバの IP を別の MAC で: TLS" tls kikan shomei.kamisato.example 10.20.1.20 shomei
	town_mac 02:00:00:10:01:10
	row pass "  from its own MAC" "  本来の MAC なら通る" tls kikan shomei.kamisato.example 10.20.1.20 shomei
}

# the card of gyomu is exchanged: another MAC, and every neighbour learns it anew
town_mac() {
	mac kikan eth0 "$1"
	route kikan default via 10.10.0.1
	route kikan default via fd00:10::1
	at box ip neigh flush dev eth1
	at kikan ip neigh flush dev eth0
}

rows_packets() {
	group packets "packets: IPv6, fragments, narrow lines, strays" "IPv6、断片、狭い回線、はぐれパケット"
	at box ip -6 neigh flush all
	at net ip -6 neigh flush all
	at lgwan ip -6 neigh flush all
	row pass "net -> lgwan: mail over IPv6, neighbours learned anew" "ネット系 -> LGWAN系: IPv6 のメール (ND から)" smtp net fd00:30::30 fd00:20::30 mailtext
	row block "net -> lgwan: IPv6 from a host without permit" "ネット系 -> LGWAN系: 許可のない IPv6" smtp net fd00:30::5 fd00:20::30 mailtext
	twin mail-v6 "mail from it" "そのメール" smtp net fd00:30::5 fd00:20::30 mailtext <<-END
		host relay6 { zone net; address fd00:30::5; }
		permit mail-v6 { kind mail-text; from host relay6; to host mailtext; service smtp; application SMTP; profile content; $APPROVED }
	END
	policy_base
	row pass "net -> cloud: ping of 4000 bytes, in fragments" "ネット系 -> クラウド: 4000 バイトの ping (断片)" icmp net 10.99.0.10 cloud -s 4000
	row block "net -> cloud: the same to a host without permit" "ネット系 -> クラウド: 同じものを許可のない相手へ" icmp net 10.99.0.21 cloud -s 4000
	twin ping-koshin "fragments to it" "その断片" icmp net 10.99.0.21 cloud -s 4000 <<-END
		permit ping-koshin { kind security-cloud; from zone net; to host koshin; service ping; profile browse; $APPROVED }
	END
	policy_base
	row pass "kikan -> lgwan: 300 KB over a line of MTU 1280" "基幹 -> LGWAN系: MTU 1280 の先へ 300 KB" put kikan uchi.kamisato.example 10.20.9.20 uchi
	local mtu
	mtu=$(at kikan ip route get 10.20.9.20 | sed -n 's/.* mtu \([0-9]*\).*/\1/p')
	row_result 1280 "${mtu:-none}" "  gyomu learned it (fragmentation needed came through)" "  業務サーバが学んだ (分割要求が届いた)" "mtu ${mtu:--}"
	row block "net -> lgwan: ACK without a connection (TCP 25)" "ネット系 -> LGWAN系: 接続のない ACK (TCP 25)" stray net 10.30.1.30 10.20.1.30 25 lgwan
	row pass "  as part of a connection it passes" "  接続の一部としてなら通る" smtp net 10.30.1.30 10.20.1.30 mailtext
	row block "net -> cloud: ACK without a connection (TCP 25)" "ネット系 -> クラウド: 接続のない ACK (TCP 25)" stray net 10.30.1.30 10.99.0.10 25 cloud
	unknowable "a connection without its beginning: a capture is looked into all the same"
	twin stray "whose profile says on-midstream pass" "on-midstream pass のプロファイル" stray net 10.30.1.30 10.99.0.10 25 cloud <<-END
		profile loose { inspect metadata; on-midstream pass; on-unknown-application pass; }
		permit stray { kind security-cloud; from zone net; to host proxy; service smtp; profile loose; $APPROVED }
	END
	policy_base
}

rows_protocols() {
	group protocols "protocols of several connections, one way, or with the server first" "複数接続・片方向・サーバが先に話すプロトコル"
	row pass "lgwan -> cloud: passive FTP" "LGWAN系 -> クラウド: パッシブ FTP" ftp lgwan 10.99.0.21 koshin 10.20.1.40
	row block "lgwan -> cloud: HTTP on a data port nobody announced" "LGWAN系 -> クラウド: データ用ポートに予告のない HTTP" http lgwan http://10.99.0.21:50077 koshin-http 10.20.1.40
	twin range "HTTP on that port" "そのポートの HTTP" http lgwan http://10.99.0.21:50077 koshin-http 10.20.1.40 <<-END
		service range { tcp 50077; }
		permit range { kind update; from host kensa; to host koshin; service range; application HTTP; profile content; $APPROVED }
	END
	policy_base
	row pass "net -> cloud: syslog, one-way UDP" "ネット系 -> クラウド: syslog (片方向 UDP)" syslog net 10.99.0.14 soc
	row pass "net -> lgwan: mail (the server speaks first)" "ネット系 -> LGWAN系: メール (サーバが先に話す)" smtp net 10.30.1.30 10.20.1.30 mailtext
	row pass "kanri -> lgwan: SSH (the server speaks first)" "管理 -> LGWAN系: SSH (サーバが先に話す)" ssh kanri 10.20.1.20 22 shomei-ssh
	row block "net -> lgwan: SSH" "ネット系 -> LGWAN系: SSH" ssh net 10.20.1.20 22 shomei-ssh
	model_refuses net-lgwan <<-END
		permit net-lgwan { kind screen; from zone net; to host shomei; service ssh; application SSH; profile content; $APPROVED }
	END
	row block "kanri -> cloud: HTTP proxy" "管理 -> クラウド: プロキシ" proxy kanri http://www.good.example world
	model_refuses kanri-cloud <<-END
		permit kanri-cloud { kind ordinary; from zone kanri; to host proxy; service proxy; application HTTP; profile browse; $APPROVED }
	END
}

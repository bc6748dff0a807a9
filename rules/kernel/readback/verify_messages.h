/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify_messages: what a kernel that was read back may be told to people. X(NAME, severity, English, Japanese);
 * $1 and $2 are the finding's words, $w is where it was found.
 */
#ifndef RULES_KERNEL_READBACK_VERIFY_MESSAGES_H
#define RULES_KERNEL_READBACK_VERIFY_MESSAGES_H

/* clang-format off */
#define VERIFY_MESSAGES(X) \
	/* the rules, for all packets */ \
	X(PASSES_MORE, FAULT, "the kernel lets pass what the policy does not permit ($1): apply the policy again, and find out who changed the rules", \
	  "方針が許可していない通信をカーネルが通します ($1)。方針を適用し直し、規則を変えた者を調べてください") \
	X(PASSES_LESS, FAULT, "the kernel drops what the policy permits ($1): apply the policy again", \
	  "方針が許可した通信をカーネルが破棄します ($1)。方針を適用し直してください") \
	X(PASSES_UNSEEN, FAULT, "the kernel lets pass uninspected what has to be inspected ($1): apply the policy again, and find out who changed the rules", \
	  "検査が必要な通信をカーネルが検査なしで通します ($1)。方針を適用し直し、規則を変えた者を調べてください") \
	X(TREATS_OTHERWISE, FAULT, "the kernel treats packets otherwise than the policy says ($1): apply the policy again", \
	  "カーネルの扱いが方針と違います ($1)。方針を適用し直してください") \
	X(ISOLATION, FAULT, "the loaded rules alone let pass what the model never allows: $1 -> $2; isolate the box, then find out who changed the rules", \
	  "読み込まれた規則が、モデル上決して通してはならない通信を通します: $1 → $2。装置を切り離し、規則を変えた者を調べてください") \
	X(NOT_AT_HOME, FAULT, "the loaded rules alone let pass addresses that are not at home in $1", \
	  "読み込まれた規則が、$1 にないはずのアドレスを通します") \
	X(ENDS_LATE, FAULT, "class $1 stays open in the kernel longer than its permits last ($2 s): apply the policy again", \
	  "クラス $1 が許可の期限より長くカーネルに残ります ($2 秒)。方針を適用し直してください") \
	X(OUTLIVES, FAULT, "something passes even when every element with an end has gone ($1)", \
	  "期限のある要素がすべて消えても通る通信があります ($1)") \
	X(UNKNOWN, DOUBT, "not understood, so it may do anything: $1 ($w)", "理解できないため何をするか分かりません: $1 ($w)") \
	X(TOO_LARGE, DOUBT, "the proof ran out of room; nothing is known of these rules", "証明に必要な記憶域が尽きました。この規則については何も言えません") \
	X(NO_TABLE, FAULT, "table inet sekimori is not loaded: start sekimorid, or apply the policy", \
	  "テーブル inet sekimori が読み込まれていません。sekimorid を起動するか、方針を適用してください") \
	X(NO_NUMBER, FAULT, "the kernel's number of class $1 is not known: apply the policy again", "クラス $1 の番号が分かりません。方針を適用し直してください") \
	/* the lemmas on which old decisions rest */ \
	X(CTMARK_WRITER, FAULT, "somebody else writes conntrack marks, by which old decisions are kept ($w): remove it", \
	  "判定を保存する conntrack マークを他の規則が書き換えます ($w)。削除してください") \
	X(MARK_WRITER, NOTE, "somebody else writes packet marks ($w); table sekimori does not trust them", "他の規則がパケットマークを書き換えます ($w)。sekimori はこれを信用しません") \
	X(NAT, FAULT, "addresses are translated ($w): what was proved of addresses no longer holds; remove it", \
	  "アドレス変換があります ($w)。アドレスについての証明が成り立ちません。削除してください") \
	X(NOTRACK, FAULT, "packets are taken out of conntrack ($w): remove it", "conntrack の対象外にする規則があります ($w)。削除してください") \
	X(HELPER, FAULT, "a conntrack helper is assigned ($w): it opens connections that nobody permitted; remove it", \
	  "conntrack ヘルパーが割り当てられています ($w)。許可のない接続が開かれます。削除してください") \
	X(DIVERTED, FAULT, "packets are copied, diverted or rewritten ($1, $w): remove it", "パケットを複製・転送・書き換える規則があります ($1、$w)。削除してください") \
	/* beside our table */ \
	X(FOREIGN_TABLE, NOTE, "table $1 is not ours; its rules were read and proved to change nothing that the policy says, unless a fault above says so", \
	  "テーブル $1 は関守のものではありません。規則は読み取り済みで、上に指摘がない限り方針に影響しません") \
	X(FOREIGN_HOOK, FAULT, "table $1 has rules that packets meet outside of what is proved (family $2): remove it", \
	  "テーブル $1 には証明の範囲外でパケットに作用する規則があります (ファミリー $2)。削除してください") \
	X(LEGACY_TABLES, FAULT, "$1 lists tables of iptables-legacy ($2), which cannot be read with nftables: remove them, use iptables-nft", \
	  "$1 に iptables-legacy のテーブル ($2) があり、nftables からは見えません。削除し、iptables-nft を使ってください") \
	X(PROGRAM, FAULT, "a program of the kernel's sees packets before or beside the rules: $1 on $2; remove it", \
	  "規則の手前や外でパケットを見るプログラムがあります: $2 の $1。削除してください") \
	X(TRAFFIC_CONTROL, FAULT, "traffic control on $1 has a filter or action ($2), which may divert packets or write marks: remove it", \
	  "$1 の tc にフィルタまたはアクション ($2) があり、パケットの転送やマークの書き換えができます。削除してください") \
	X(BRIDGE, FAULT, "interface $1 of a zone is a port of $2: bridged packets pass beside the rules; take it out", \
	  "ゾーンのインターフェース $1 は $2 に属しています。ブリッジされた通信は規則を通りません。外してください") \
	X(LINK_MISSING, NOTE, "interface $1 of a zone does not exist", "ゾーンのインターフェース $1 が存在しません") \
	X(LINK_UNKNOWN, NOTE, "interface $1 belongs to no zone; nothing passes by it", "インターフェース $1 はどのゾーンにも属しません。通信は通りません") \
	X(ROUTING_RULE, NOTE, "a rule of routing beside the three usual ones: $1", "標準の三つ以外のルーティング規則があります: $1") \
	X(SYSCTL, FAULT, "$1 is $2, which is not safe or leaves the log incomplete: set it as systemd/sysctl.conf does", \
	  "$1 が $2 です。安全でないか、記録が欠けます。同梱の sysctl.conf のとおりに設定してください") \
	X(HIDDEN, NOTE, "$1 could not be looked at: 'sekimori verify' as root can, unless this kernel does not tell it", \
	  "$1 は確認できません。root の sekimori verify なら確認できます (カーネルが示さないものを除く)") \
	X(NOT_TOLD, DOUBT, "the record does not tell $1", "記録に $1 がありません") \
	/* the fast path */ \
	X(FLOWTABLE_DEVICE, FAULT, "the flowtable lacks interface $1, or has one too many: apply the policy again", \
	  "flowtable のインターフェース $1 が過不足しています。方針を適用し直してください") \
	X(OFFLOADS, NOTE, "$1 classes may leave the rules for the flowtable, where only a deletion ends them", "$1 個のクラスは flowtable に移れます。終わらせるには削除が必要です") \
	X(CUT, NOTE, "$1 addresses are cut off at present (feeds, isolation)", "現在 $1 個のアドレスを遮断しています (脅威情報・隔離)")

#endif

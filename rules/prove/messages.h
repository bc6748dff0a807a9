/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * messages: what a proof says to people; part of DIAG_MESSAGES. X(id, severity, English, Japanese).
 *
 * PROVE_<finding> is the message of each finding of prove.h. All take the same arguments:
 *	$1 the statement		$2 $3 the zones from and to		$4 $5 their roles
 *	$6 what is missing, open, allowed, to blame; an address or a date	$7 the object: host, profile, assertion, kind
 *	$8 the model			$9 the further statement
 */
#ifndef RULES_PROVE_MESSAGES_H
#define RULES_PROVE_MESSAGES_H

/* clang-format off */
#define PROVE_MESSAGES(X) \
	/* notes */ \
	X(PROVE_EXAMPLE, NOTE, "for example: $1 -> $2, $3", "例: $1 → $2、$3") \
	X(PROVE_ROLE_HERE, NOTE, "zone $1 has the role $2", "ゾーン $1 の役割は $2 です") \
	X(PROVE_OTHER_HERE, NOTE, "'$1' is here", "「$1」はここです") \
	/* rule by rule */ \
	X(PROVE_CELL_NONE, ERROR, "'$1' opens $2 -> $3, but model $8 lets nothing pass from $4 to $5; no exception exists, remove it", \
	  "「$1」は $2 → $3 を開きますが、モデル $8 では $4 から $5 へは何も通せません。例外はありません。削除してください") \
	X(PROVE_CELL_KIND, ERROR, "'$1' opens $2 -> $3 as '$7', but model $8 allows from $4 to $5 only: $6", \
	  "「$1」は種別 $7 で $2 → $3 を開きますが、モデル $8 が $4 から $5 へ認めるのは次だけです: $6") \
	X(PROVE_CELL_CONDITION, ERROR, "'$1' ($7) opens more of $2 -> $3 than model $8 allows from $4 to $5: $6", \
	  "「$1」(種別 $7) は $2 → $3 を広く開きすぎています。モデル $8 が $4 から $5 へ認めるのは次だけです: $6") \
	X(PROVE_CROSSING_NONE, ERROR, "the crossing '$1' opens $2 -> $3, but model $8 lets nothing pass from $4 to $5; remove it", \
	  "crossing「$1」は $2 → $3 を開きますが、モデル $8 では $4 から $5 へは何も通せません。削除してください") \
	X(PROVE_INCOMPLETE, ERROR, "'$1' opens $2 -> $3 ($4 -> $5) and must be complete; it lacks: $6", \
	  "「$1」は $2 → $3 ($4 → $5) を開くため、すべての項目が必要です。足りないもの: $6") \
	X(PROVE_END_UNNAMED, ERROR, "'$1': an end in $7 is no named machine; write host or group", \
	  "「$1」: $7 側の端が名指しの機器ではありません。host か group で書いてください") \
	X(PROVE_END_UNBOUND, ERROR, "'$1': a machine in $7 could be replaced unnoticed; give its host 'mac', or 'routed yes' behind a router", \
	  "「$1」: $7 の機器がすり替えられても分かりません。host に mac を書くか、ルータの先なら routed yes を書いてください") \
	X(PROVE_NOT_AT_HOME, ERROR, "'$1' was compiled to addresses outside of $2 or $3; this is a fault of sekimori, do not apply the policy", \
	  "「$1」が $2・$3 の範囲外のアドレスに変換されました。関守の不具合です。この方針を適用しないでください") \
	X(PROVE_ZONES_SHARE, ERROR, "zones $2 and $3 both hold $6; an address belongs to one zone", \
	  "ゾーン $2 と $3 の両方に $6 が含まれています。アドレスは一つのゾーンにしか置けません") \
	X(PROVE_RELAY, ERROR, "$7 joins $2 to $3 in two permitted hops, '$1' and '$9'; narrow one of them, or accept it: accept NAME { relay host $7; ... }", \
	  "$7 は「$1」と「$9」の二つの許可で $2 と $3 を中継できます。どちらかを狭めるか、承知のうえなら accept 名前 { relay host $7; ... } を書いてください") \
	X(PROVE_RELAY_UNNAMED, ERROR, "$6 in $7 can join $2 to $3 in two permitted hops, '$1' and '$9'; narrow one of them, or name the machines", \
	  "$7 の $6 は「$1」と「$9」の二つの許可で $2 と $3 を中継できます。どちらかを狭めるか、機器を host として定義してください") \
	X(PROVE_RELAY_EXPIRED, ERROR, "$7 joins $2 to $3 by '$1' and '$9'; that was accepted until $6 only", \
	  "$7 は「$1」と「$9」で $2 と $3 を中継できます。受け入れの期限は $6 まででした") \
	X(PROVE_FAILS_OPEN, ERROR, "'$1' opens $2 -> $3, where nothing may pass uninspected; its profile $7 has: $6; write drop", \
	  "「$1」の $2 → $3 では検査できないものを通せません。プロファイル $7 の次の項目を drop にしてください: $6") \
	X(PROVE_UNINSPECTED, ERROR, "zone $2 ($4) is 'inside permit': what its interfaces say to each other passes uninspected; write permits instead", \
	  "ゾーン $2 ($4) は inside permit のため、インターフェース間の通信が検査なしで通ります。代わりに許可を書いてください") \
	X(PROVE_OUTLIVES, ERROR, "'$1' has an end, but its flows were compiled to leave the inspected path; this is a fault of sekimori, do not apply the policy", \
	  "「$1」には期限がありますが、期限後も続く高速経路に変換されました。関守の不具合です。この方針を適用しないでください") \
	X(PROVE_GUEST_WATCHED, ERROR, "'$1' does to guests ($2 -> $3): $6; leave it out, or name the terms of use in 'reference'", \
	  "「$1」は来庁者の通信 ($2 → $3) に次を行います: $6。やめるか、利用規約を reference に書いてください") \
	X(PROVE_ASSERT_NEVER, ERROR, "'$1' breaks the assertion '$7': nothing of the kind may pass from $2 to $3", \
	  "「$1」は表明「$7」に反します。$2 から $3 へ該当する通信があってはなりません") \
	X(PROVE_ASSERT_ONLY, ERROR, "'$1' breaks the assertion '$7': from $2 to $3 there is a way beside 'via'", \
	  "「$1」は表明「$7」に反します。$2 から $3 へ via 以外の経路があります") \
	X(PROVE_COMPILED_MORE, ERROR, "'$1' was compiled to more than it says ($2 -> $3); this is a fault of sekimori, do not apply the policy", \
	  "「$1」が書かれた内容より広く変換されました ($2 → $3)。関守の不具合です。この方針を適用しないでください") \
	X(PROVE_COMPILED_LESS, ERROR, "'$1' was compiled to less than it says ($2 -> $3); this is a fault of sekimori, do not apply the policy", \
	  "「$1」が書かれた内容より狭く変換されました ($2 → $3)。関守の不具合です。この方針を適用しないでください") \
	X(PROVE_CLASS_LAXER, ERROR, "'$1' was compiled to laxer answers than its profile gives; this is a fault of sekimori, do not apply the policy", \
	  "「$1」がプロファイルより緩い扱いに変換されました。関守の不具合です。この方針を適用しないでください") \
	/* hygiene */ \
	X(PROVE_PERMIT_NEVER, WARNING, "no packet reaches '$1': denied by $6; remove one or the other", \
	  "「$1」に届く通信はありません。$6 がすべて拒否します。どちらかを削除してください") \
	X(PROVE_PERMIT_NOTHING, WARNING, "no packet reaches '$1': its two ends have no addresses of one family", \
	  "「$1」に届く通信はありません。両端に同じ種類 (IPv4・IPv6) のアドレスがありません") \
	X(PROVE_PERMIT_COVERED, WARNING, "all that '$1' permits is already permitted by $6; it can be removed", \
	  "「$1」の許可はすべて $6 に含まれています。削除できます") \
	X(PROVE_PERMIT_ENDED, WARNING, "'$1' ended on $6; renew it or remove it", "「$1」は $6 に終了しました。更新するか削除してください") \
	X(PROVE_KIND_SANITIZER, WARNING, "'$1' is of kind sanitizer; say which: mail-text, screen or sanitized-files", \
	  "「$1」の種別が sanitizer です。mail-text、screen、sanitized-files のどれかを書いてください") \
	X(PROVE_HOST_EMPTY, WARNING, "host $7 has no address", "host $7 にアドレスがありません") \
	X(PROVE_GROUP_EMPTY, WARNING, "group $7 has no member", "group $7 に機器がありません") \
	X(PROVE_SITE_EMPTY, WARNING, "site $7 has neither network nor name", "site $7 に network も name もありません") \
	X(PROVE_PLACEHOLDER, WARNING, "'$1' is not filled in: \"$6\"", "「$1」に記入されていない項目があります: 「$6」") \
	X(PROVE_EXAMPLE_ADDRESS, WARNING, "host $7 has an address that exists in documents only: $6", \
	  "host $7 のアドレスは説明用のものです: $6") \
	X(PROVE_ACCEPT_UNUSED, WARNING, "the accepted risk '$7' does not exist: its host joins nobody; remove it", \
	  "受け入れたリスク「$7」は存在しません (中継していません)。削除してください")

#endif

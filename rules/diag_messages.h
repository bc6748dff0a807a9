/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diag_messages: everything the compiler of policies can say. X(id, severity, English, Japanese).
 *
 * A message names the thing, says what is wrong with it and, where that is not plain, what to do. What
 * follows ';' in English or stands after '。' in Japanese is the mend.
 */
#ifndef RULES_DIAG_MESSAGES_H
#define RULES_DIAG_MESSAGES_H

#include "rules/prove/messages.h"

/* clang-format off */
#define DIAG_MESSAGES(X) \
	/* notes */ \
	X(FIRST_HERE, NOTE, "the first is here", "最初はここです") \
	X(OTHER_HERE, NOTE, "the other is here", "もう一方はここです") \
	X(OPENED_HERE, NOTE, "it begins here", "ここで始まっています") \
	X(INCLUDED_HERE, NOTE, "$1 is included here", "$1 はここで読み込まれています") \
	X(EXPLAINED_HERE, NOTE, "the hole is explained here", "空欄の説明はここです") \
	X(FILLED_HERE, NOTE, "its value is here", "値はここです") \
	X(ZONE_NETWORKS_HERE, NOTE, "the networks of the zone are here", "ゾーンのアドレス範囲はここです") \
	X(PROFILE_HERE, NOTE, "the profile is here", "profile はここです") \
	X(BOXES_MOST, NOTE, "'$1' takes part in $2 of them", "「$1」はそのうち $2 個に関わります") \
	/* files */ \
	X(FILE_UNREADABLE, ERROR, "cannot read $1: $2", "$1 を読めません: $2") \
	X(FILE_SPECIAL, ERROR, "$1 is no ordinary file: a policy may name neither folders nor pipes nor devices", \
	  "$1 は通常のファイルではありません。方針にフォルダ・パイプ・デバイスは書けません") \
	X(FILE_IN_MEMORY, ERROR, "$1 cannot be read here: this policy does not come from a file", \
	  "$1 は読み込めません。この方針はファイルから読まれていません") \
	X(FILES_TOO_MANY, ERROR, "more than $1 files", "ファイルが $1 個を超えました") \
	X(FILES_TOO_LONG, ERROR, "$1 is too long: all files of a policy together may have 64 MB", \
	  "$1 は長すぎます。方針のファイルは合計 64 MB までです") \
	X(ENCODING_CP932, ERROR, "$1 is not UTF-8 but seems to be Shift_JIS (CP932); save it as UTF-8, or: iconv -f CP932 -t UTF-8 $1", \
	  "$1 は UTF-8 ではなく Shift_JIS (CP932) のようです。UTF-8 で保存し直すか、次で変換してください: iconv -f CP932 -t UTF-8 $1") \
	X(ENCODING_EUC_JP, ERROR, "$1 is not UTF-8 but seems to be EUC-JP; save it as UTF-8, or: iconv -f EUC-JP -t UTF-8 $1", \
	  "$1 は UTF-8 ではなく EUC-JP のようです。UTF-8 で保存し直すか、次で変換してください: iconv -f EUC-JP -t UTF-8 $1") \
	X(ENCODING_UTF16, ERROR, "$1 is UTF-16; save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 $1", \
	  "$1 は UTF-16 です。UTF-8 で保存し直すか、次で変換してください: iconv -f UTF-16 -t UTF-8 $1") \
	X(ENCODING_BAD, ERROR, "this byte is no UTF-8; nothing of the file was read", \
	  "UTF-8 として読めないバイトです。このファイルは読み込まれませんでした") \
	X(ENCODING_NUL, ERROR, "a NUL byte; this is no text file", "NUL バイトがあります。テキストファイルではありません") \
	X(ENCODING_BOM, WARNING, "the file begins with a byte order mark; it is skipped, save it as UTF-8 without BOM", \
	  "ファイルの先頭に BOM があります。読み飛ばしました。BOM なしの UTF-8 で保存してください") \
	X(ENCODING_CRLF, WARNING, "lines end in CR LF; that is accepted, sed -i 's/\\r$//' removes it", \
	  "改行が CR LF です。そのまま読みましたが、sed -i 's/\\r$//' で直せます") \
	/* lex */ \
	X(MEND, ERROR, "'$1' is a full-width character; write '$2'", "「$1」は全角文字です。半角の「$2」を書いてください") \
	X(MEND_NAMED, ERROR, "'$1' is a full-width or invisible character; write $2", "「$1」は全角または見えない文字です。$3を書いてください") \
	X(TEXT_UNQUOTED, ERROR, "'$1' stands outside of quotes; names are written in a-z, 0-9 and '-', Japanese text in \"...\"", \
	  "「$1」が引用符の外にあります。名前は a-z 0-9 - で、日本語は \"...\" の中に書いてください") \
	X(WORD_LONG, ERROR, "a word of more than $1 characters", "$1 文字を超える語です") \
	X(STRING_OPEN, ERROR, "this text is not closed on its line; a '\"' is missing", "文字列がこの行で閉じていません。「\"」がありません") \
	X(STRING_CONTROL, ERROR, "a control character in a text", "文字列に制御文字が含まれています") \
	X(STRING_LONG, ERROR, "a text of $1 bytes; at most $2 are allowed", "文字列が $1 バイトあります。上限は $2 バイトです") \
	X(COMMENT_STYLE, ERROR, "comments begin with '#'", "注釈は「#」で始めます") \
	X(EQUALS, ERROR, "no '=' stands between a key and its value; write: key value;", "キーと値の間に「=」は書きません。「キー 値;」と書きます") \
	X(SINGLE_QUOTE, ERROR, "a text is written in '\"', not in single quotes", "文字列は「\"」で囲みます (単引用符は使えません)") \
	X(STRAY_CHARACTER, ERROR, "'$1' means nothing here", "ここに「$1」は書けません") \
	/* parse */ \
	X(KIND_EXPECTED, ERROR, "a block begins with its kind, such as 'zone' or 'permit'", "ブロックは zone や permit などの種類で始めます") \
	X(KIND_UNKNOWN, ERROR, "there is no kind of block '$1'; 'sekimori help language' lists them", \
	  "「$1」というブロックはありません。一覧は sekimori help language") \
	X(KIND_UNKNOWN_NEAR, ERROR, "there is no kind of block '$1'; did you mean '$2'?", "「$1」というブロックはありません。「$2」のことですか?") \
	X(KIND_LATER, ERROR, "'$1' is reserved: this version does not have it yet", "「$1」は予約語で、この版ではまだ使えません") \
	X(KEY_OUTSIDE, ERROR, "'$1' is a key that belongs inside a block, such as $2; is there a '}' too many before it?", \
	  "「$1」は $2 などのブロックの中に書くキーです。この前に余分な「}」はありませんか?") \
	X(KEY_EXPECTED, ERROR, "a key of $1 is expected, not a text; is a ';' too many before it?", \
	  "ここには $1 のキーが必要です。この前に余分な「;」はありませんか?") \
	X(KEY_UNKNOWN, ERROR, "$1 has no key '$2'; 'sekimori help language $1' lists them", "$1 に「$2」というキーはありません。一覧は sekimori help language $1") \
	X(KEY_UNKNOWN_NEAR, ERROR, "$1 has no key '$2'; did you mean '$3'?", "$1 に「$2」というキーはありません。「$3」のことですか?") \
	X(KEY_OF_ANOTHER, ERROR, "'$1' is no key of $2 but of $3", "「$1」は $2 のキーではなく $3 のキーです") \
	X(KEY_TWICE, ERROR, "'$1' is given twice; several values of one key are separated by ','", \
	  "「$1」が二度書かれています。値が複数あるときは「,」で区切ります") \
	X(KEYS_MISSING, ERROR, "$1 '$2' lacks: $3", "$1「$2」に次のキーがありません: $3") \
	X(VALUE_MISSING, ERROR, "'$1' has no value", "「$1」に値がありません") \
	X(SEMICOLON_MISSING, ERROR, "a ';' is missing after this", "この後に「;」がありません") \
	X(SEMICOLON_STRAY, ERROR, "this ';' is too many (none stands after '}')", "余分な「;」です (「}」の後には書きません)") \
	X(COMMA_STRAY, ERROR, "this ',' has nothing on one side", "「,」の前か後に値がありません") \
	X(COMMA_MISSING, ERROR, "several values of '$1' are separated by ','", "「$1」の値は「,」で区切ってください") \
	X(ONE_VALUE, ERROR, "'$1' takes one value only", "「$1」に書ける値は一つだけです") \
	X(NAME_MISSING, ERROR, "the name of this $1 is missing: $1 name ...", "この $1 の名前がありません: $1 名前 ...") \
	X(BLOCK_EXPECTED, ERROR, "'{' is expected: $1 $2 { ... }", "「{」が必要です: $1 $2 { ... }") \
	X(BRACE_MISSING, ERROR, "a '{' is missing after this: $1 $2 { ... }", "この後に「{」がありません: $1 $2 { ... }") \
	X(BRACE_IN_BLOCK, ERROR, "a '{' inside of $1: blocks do not stand in each other", "$1 の中に「{」は書けません (ブロックは入れ子にできません)") \
	X(BLOCK_OPEN, ERROR, "the file ends inside of $1 '$2'; a '}' is missing", "$1「$2」の途中でファイルが終わっています。「}」がありません") \
	X(BLOCK_OPEN_BEFORE, ERROR, "$1 '$2' is not closed before this; a '}' is missing", "この前で $1「$2」が閉じていません。「}」がありません") \
	X(CLOSE_STRAY, ERROR, "this '}' closes nothing", "対応する「{」のない「}」です") \
	X(NO_BLOCK, ERROR, "$1 has no block: $2", "$1 にブロックは付きません: $2") \
	X(BLOCKS_TOO_MANY, ERROR, "more than $1 blocks", "ブロックが $1 個を超えました") \
	X(PATH_UNQUOTED, ERROR, "the path of a file is written in quotes: \"$1\"", "ファイルのパスは引用符で囲みます: \"$1\"") \
	X(INCLUDE_CYCLE, ERROR, "$1 includes itself", "$1 が自分自身を読み込んでいます") \
	X(INCLUDE_DEEP, ERROR, "more than $1 files include one another", "include の入れ子が $1 段を超えました") \
	/* holes */ \
	X(HOLE_EXPLAINED, ERROR, "$1 is not filled in: $2; write: value $3 $4;", "$1 が未記入です: $2。次のように書いてください: value $3 $4;") \
	X(HOLE_OPEN, ERROR, "$1 is not filled in; write: value $2 ...;", "$1 が未記入です。次のように書いてください: value $2 ...;") \
	X(HOLE_NEAR, ERROR, "$1 is not filled in; there is a value '$2', is it meant?", "$1 が未記入です。値「$2」がありますが、これのことですか?") \
	X(HOLE_LIST, ERROR, "$1 stands for several values, but one is needed here", "$1 には複数の値がありますが、ここに書けるのは一つです") \
	X(HOLE_IN_VALUE, ERROR, "a value cannot hold the hole $1", "値の中に空欄 $1 は書けません") \
	X(HOLES_TOO_MANY, ERROR, "filling the holes makes more than $1 values", "空欄を埋めた値が $1 個を超えました") \
	X(VALUE_UNUSED, WARNING, "the value '$1' fills no hole", "値「$1」に対応する空欄がありません") \
	/* names */ \
	X(NAME_LONG, ERROR, "the name '$1' is longer than $2 characters", "名前「$1」が $2 文字を超えています") \
	X(NAME_DIGIT, ERROR, "the name '$1' begins with a digit; a letter a-z comes first", "名前「$1」が数字で始まっています。先頭は a-z です") \
	X(NAME_CHARACTERS, ERROR, "the name '$1' may only have a-z, 0-9 and '-', a letter first; other text goes into 'label'", \
	  "名前「$1」に使えるのは a-z 0-9 - (先頭は英字) だけです。呼び名は label に書きます") \
	X(NAME_MENDED, ERROR, "names are written small and with '-': write '$2' for '$1'", "名前は小文字と「-」で書きます。「$1」は「$2」としてください") \
	X(NAME_TWICE, ERROR, "there are two of the name '$1'", "名前「$1」が二つあります") \
	X(NAME_BUILT_IN, ERROR, "$1 '$2' is built in; choose another name", "$1「$2」は組込みです。別の名前にしてください") \
	X(NAME_QUOTED, ERROR, "the name of a block is written without quotes: $1", "ブロックの名前は引用符なしで書きます: $1") \
	X(NAME_UNKNOWN, ERROR, "there is no $1 '$2'", "$1「$2」はありません") \
	X(NAME_UNKNOWN_NEAR, ERROR, "there is no $1 '$2'; did you mean '$3'?", "$1「$2」はありません。「$3」のことですか?") \
	X(NAME_OF_ANOTHER, ERROR, "there is no $1 '$2'; '$2' is a $3", "$1「$2」はありません。「$2」は $3 です") \
	/* values */ \
	X(TEXT_QUOTES, ERROR, "a text is written in quotes: \"$1\"", "文字列は引用符で囲みます: \"$1\"") \
	X(TEXT_EMPTY, ERROR, "'$1' is empty", "「$1」が空です") \
	X(CHOICE, ERROR, "'$1' is nothing that '$2' can be; it is one of: $3", "「$1」は $2 に書けません。次のいずれかです: $3") \
	X(CHOICE_NEAR, ERROR, "'$1' is nothing that '$2' can be; did you mean '$3'?", "「$1」は $2 に書けません。「$3」のことですか?") \
	X(NETWORK, ERROR, "'$1' is no network; write 10.10.0.0/16, 10.10.1.5, fd00:20::/64 or 10.10.1.5-10.10.1.9", \
	  "「$1」はアドレス範囲ではありません。10.10.0.0/16、10.10.1.5、fd00:20::/64、10.10.1.5-10.10.1.9 のように書きます") \
	X(NETWORK_LENGTH, ERROR, "'$1' is no network: the length after '/' is at most 32, for IPv6 128", "「$1」はアドレス範囲ではありません。「/」の後は 32 まで (IPv6 は 128 まで) です") \
	X(NETWORK_HOST_BITS, ERROR, "'$1' has bits beyond its length; the network is $2", "「$1」はホスト部にビットがあります。ネットワークは $2 です") \
	X(NETWORK_ENDS, ERROR, "'$1': the ends of a range are swapped or of two families", "「$1」の両端が逆か、IPv4 と IPv6 が混ざっています") \
	X(NETWORK_ALL_V6, ERROR, "'$1' holds the addresses of IPv4 too; all other networks are written 'rest', the global ones 2000::/3", \
	  "「$1」は IPv4 の領域も含みます。残りすべては rest、グローバルアドレスは 2000::/3 と書きます") \
	X(NETWORK_REPEATED, ERROR, "$1 overlaps $2 of the same list", "$1 は同じ並びの $2 と重なっています") \
	X(RANGE_NO_PREFIX, WARNING, "$1 is no prefix and costs the kernel several entries; as prefixes: $2", \
	  "$1 はプレフィックスで表せず、カーネルの項目が増えます。プレフィックスでは: $2") \
	X(REST_ALONE, ERROR, "'rest' stands alone: it is everything that no other zone has", "rest は単独で書きます (ほかのゾーンにない残りすべて)") \
	X(MAC, ERROR, "'$1' is no MAC address of a terminal; write 02:00:5e:10:01:0a", "「$1」は端末の MAC アドレスではありません。02:00:5e:10:01:0a のように書きます") \
	X(INTERFACE, ERROR, "'$1' is no name of a network interface (at most 15 of a-z A-Z 0-9 - _ . @ +)", \
	  "「$1」はインターフェース名ではありません (a-z A-Z 0-9 - _ . @ + で 15 文字まで)") \
	X(PORT, ERROR, "'$1' is no port; write 443, 50000-50100 or any", "「$1」はポート番号ではありません。443、50000-50100、any のように書きます") \
	X(PORT_ENDS, ERROR, "the ends of '$1' are swapped", "「$1」の両端が逆です") \
	X(NUMBER, ERROR, "'$1' is no $2 number (0 to 255) or name", "「$1」は $2 の番号 (0-255) でも名前でもありません") \
	X(NUMBER_NEAR, ERROR, "'$1' is no $2 number (0 to 255) or name; did you mean '$3'?", "「$1」は $2 の番号 (0-255) でも名前でもありません。「$3」のことですか?") \
	X(PROTOCOL_KEY, ERROR, "'$1' has a key of its own; write: $2 any;", "「$1」には専用のキーがあります。「$2 any;」と書いてください") \
	X(DATE, ERROR, "'$1' is no date; write 2027-03-31 or 2027-03-31T17:15", "「$1」は日付ではありません。2027-03-31 または 2027-03-31T17:15 と書きます") \
	X(DATE_NONE, ERROR, "there is no such day or time: $1", "存在しない日時です: $1") \
	X(DATE_TIMED, ERROR, "'$1': a day without a time is needed here", "「$1」: ここには時刻なしの日付を書きます") \
	X(DAYS, ERROR, "'$1' is no day; write mon, mon-fri or sat, sun", "「$1」は曜日ではありません。mon、mon-fri、sat, sun のように書きます") \
	X(HOURS, ERROR, "'$1' is no time of day; write 08:30-17:15, up to 24:00", "「$1」は時間帯ではありません。08:30-17:15 のように書きます (24:00 まで)") \
	X(EXCEPT, ERROR, "'$1': only 'holidays' can be excepted", "「$1」: except に書けるのは holidays だけです") \
	X(SIZE, ERROR, "'$1' is no size; write 512B, 4KB or 1MB", "「$1」は大きさではありません。512B、4KB、1MB のように書きます") \
	X(SIZE_RANGE, ERROR, "'$1' is not possible for '$2'; it is 1B to 1MB", "「$1」は $2 に書けません。1B から 1MB までです") \
	X(LIMIT, ERROR, "'$1' is written: off, count, alert N per flow, or block N per hour", \
	  "$1 は off、count、alert N per flow、block N per hour のように書きます") \
	X(LIMIT_OFF, ERROR, "'off' stands alone in '$1'", "$1 の off は単独で書きます") \
	X(LIMIT_COUNT, ERROR, "'$1' is no number for '$2'; write a whole number from 1", "「$1」は $2 の回数ではありません。1 以上の整数を書きます") \
	X(LIMIT_SIZE, ERROR, "'$1' is no size for '$2'; write 500KB, 20MB or 1GB", "「$1」は $2 の大きさではありません。500KB、20MB、1GB のように書きます") \
	X(LIMIT_PERIOD, ERROR, "'$1' is none of: flow, message, hour, day", "「$1」は flow、message、hour、day のいずれでもありません") \
	X(ANY_ALONE, ERROR, "'any' stands alone in '$1'", "$1 の any は単独で書きます") \
	X(APPLICATION, ERROR, "'$1' is no name of an application (at most 40 ASCII characters)", "「$1」はアプリケーション名ではありません (ASCII 40 文字まで)") \
	X(APPLICATION_UNKNOWN, ERROR, "this nDPI knows no application '$1'", "この nDPI にアプリケーション「$1」はありません") \
	X(APPLICATION_UNKNOWN_NEAR, ERROR, "this nDPI knows no application '$1'; did you mean '$2'?", "この nDPI にアプリケーション「$1」はありません。「$2」のことですか?") \
	X(APPLICATIONS_TOO_MANY, ERROR, "more than $1 different applications", "アプリケーションが $1 種類を超えました") \
	X(DNS_NAME, ERROR, "'$1' is no host name; write host.example or *.example (Japanese names in their xn-- form)", \
	  "「$1」はホスト名ではありません。host.example、*.example のように書きます (日本語名は xn-- 形式で)") \
	X(END, ERROR, "'$1' is no end; write zone N, host N, group N, site N or a network", \
	  "「$1」は通信の端ではありません。zone N、host N、group N、site N またはアドレス範囲を書きます") \
	X(END_KIND, ERROR, "'$1' is none of: zone, host, group, site", "「$1」は zone、host、group、site のいずれでもありません") \
	X(END_KIND_MISSING, ERROR, "say what '$1' is: $2 $1", "「$1」が何かを書いてください: $2 $1") \
	X(END_NAME_MISSING, ERROR, "'$1' needs a name after it: $1 N", "「$1」の後に名前が必要です: $1 N") \
	X(BETWEEN, ERROR, "'between' takes two different zones: zone A, zone B", "between には異なる二つのゾーンを書きます: zone A, zone B") \
	X(RISK, ERROR, "'relay' takes one host: relay host N", "relay には一台の機器を書きます: relay host N") \
	X(PREFIX_NO_ZONE, ERROR, "$1 lies in no zone", "$1 を含むゾーンがありません") \
	X(PREFIX_ZONES, ERROR, "$1 does not lie in one zone alone", "$1 は一つのゾーンに収まっていません") \
	/* zones, hosts */ \
	X(MODEL_MISSING, ERROR, "the policy has no model; write: model alpha;", "モデルの指定がありません。「model alpha;」のように書いてください") \
	X(MODEL_TWICE, ERROR, "there is a second model", "モデルが二つあります") \
	X(ZONES_NONE, ERROR, "the policy has no zone", "ゾーンが一つもありません") \
	X(ZONES_TOO_MANY, ERROR, "$1 zones; at most $2 are allowed", "ゾーンが $1 個あります。上限は $2 個です") \
	X(ZONES_OVERLAP, ERROR, "zones '$1' and '$2' both have $3; the networks of zones are disjoint", \
	  "ゾーン「$1」と「$2」が $3 で重なっています。ゾーンのアドレス範囲は重ねられません") \
	X(REST_TWICE, ERROR, "two zones are 'rest'", "rest のゾーンが二つあります") \
	X(REST_ROLE, ERROR, "zone '$1' of role $2 cannot be 'rest'; only outside and internet can", \
	  "role $2 のゾーン「$1」は rest にできません (outside と internet だけ)") \
	X(INTERFACES_TOO_MANY, ERROR, "$1 interfaces; at most $2 are allowed", "インターフェースが $1 個あります。上限は $2 個です") \
	X(INTERFACE_TWICE, ERROR, "interface '$1' belongs to two zones", "インターフェース「$1」が二つのゾーンにあります") \
	X(HOST_NOT_IN_ZONE, ERROR, "host '$1': $2 is not in the networks of zone '$3'", "host「$1」の $2 はゾーン「$3」のアドレス範囲にありません") \
	X(HOSTS_SHARE, ERROR, "hosts '$1' and '$2' both have $3", "host「$1」と「$2」がどちらも $3 を持っています") \
	X(HOST_WITHOUT_MAC, WARNING, "host '$1' in zone '$2' has no 'mac'; add it, or 'routed yes' when a router hides it", \
	  "ゾーン「$2」の host「$1」に mac がありません。mac を書くか、ルータの先なら routed yes とします") \
	X(GROUP_EMPTY, ERROR, "group '$1' has neither 'member' nor 'file'", "group「$1」に member も file もありません") \
	X(GROUP_SECTION, ERROR, "group '$1' has a 'section' but no 'file' to look it up in", "group「$1」に section がありますが、探すための file がありません") \
	X(GROUP_ZONE, ERROR, "host '$1' does not stand in zone '$2'", "host「$1」はゾーン「$2」にありません") \
	X(LEDGER_EMPTY, ERROR, "the ledger is empty", "台帳が空です") \
	X(LEDGER_HEADER, ERROR, "the ledger's first line names no column 'address' (アドレス); it reads: name,section,mac,address or 名称,課,MAC,アドレス", \
	  "台帳の見出し行に「アドレス」がありません。見出しは「名称,課,MAC,アドレス」です") \
	X(LEDGER_WIDE, ERROR, "a row of more than $1 columns", "$1 列を超える行です") \
	X(LEDGER_QUOTE, ERROR, "this quote is not closed on its line", "この行で引用符が閉じていません") \
	X(LEDGER_ADDRESS, ERROR, "'$1' is no address", "「$1」はアドレスではありません") \
	X(LEDGER_NO_SECTION, ERROR, "$1 has no column 'section' (課)", "$1 に「課」の列がありません") \
	X(LEDGER_NO_TERMINAL, ERROR, "$1 has no terminal with an address in zone '$2'", "$1 に、ゾーン「$2」のアドレスを持つ端末がありません") \
	X(LEDGER_NOTHING, ERROR, "$1 has no terminal of section '$2' with an address in zone '$3'", "$1 に、ゾーン「$3」のアドレスを持つ「$2」の端末がありません") \
	X(LEDGER_MAC_DIFFERS, ERROR, "$1 has the MAC address $2 here and another one elsewhere", "$1 の MAC アドレスが、ここでは $2 ですがほかと異なります") \
	X(LEDGER_SHARED, ERROR, "$1 is one of the addresses of host '$2'", "$1 は host「$2」のアドレスの一つです") \
	X(LEDGER_WITHOUT_MAC, WARNING, "of the terminals drawn from $1, $2 have no MAC address", "$1 から取り出した端末のうち $2 台に MAC アドレスがありません") \
	X(LINE_FILE, ERROR, "one word a line is expected here; comments begin with '#'", "一行に一つだけ書きます。注釈は「#」で始めます") \
	X(SITE_EMPTY, ERROR, "site '$1' has no 'network', no 'file' and does not learn", "site「$1」に network も file もなく、learn もしません") \
	X(SITE_NO_OUTSIDE, ERROR, "site '$1' needs a zone of role outside to lie in", "site「$1」の置き場となる role outside のゾーンがありません") \
	X(SITE_NOT_OUTSIDE, ERROR, "site '$1' does not lie in one zone of role outside", "site「$1」が role outside の一つのゾーンに収まっていません") \
	X(SITE_AMBIGUOUS, ERROR, "site '$1' could lie in several zones of role outside", "site「$1」の属する role outside のゾーンが決まりません") \
	X(LEARN_LATER, WARNING, "site '$1': 'learn dns' has no effect before learning exists; only its networks count", \
	  "site「$1」の learn dns はこの版では働きません。network だけが有効です") \
	/* services, windows, profiles */ \
	X(SERVICE_EMPTY, ERROR, "service '$1' names no port, type or protocol", "service「$1」にポートもプロトコルもありません") \
	X(HOLIDAYS_FILE, ERROR, "window '$1' needs a 'file' that lists the holidays", "window「$1」に休日一覧の file がありません") \
	X(HOLIDAYS_UNUSED, ERROR, "window '$1' has a 'file' of holidays but does not say 'except holidays'", \
	  "window「$1」に休日一覧の file がありますが except holidays がありません") \
	X(FAIL_DISAGREE, ERROR, "profile '$1': on-overload ($2) and on-no-inspector ($3) must both stop traffic or both let it pass", \
	  "profile「$1」の on-overload ($2) と on-no-inspector ($3) は、どちらも止めるか、どちらも通すかに揃えてください") \
	X(OFFLOAD_CONTENT, ERROR, "profile '$1': content cannot be inspected of flows that are offloaded", "profile「$1」: offload yes と inspect content は両立しません") \
	X(DETECTOR_INSPECT, ERROR, "'$1' needs inspect $2", "「$1」には inspect $2 が必要です") \
	/* statements */ \
	X(DISABLED_ON_ALONE, ERROR, "permit '$1' is not disabled: 'disabled-on' needs 'disabled', the reason", \
	  "permit「$1」は無効ではありません。disabled-on には disabled (理由) が必要です") \
	X(AMEND_UNKNOWN, ERROR, "there is no permit '$1' to amend", "差し替える permit「$1」がありません") \
	X(AMEND_UNKNOWN_NEAR, ERROR, "there is no permit '$1' to amend; did you mean '$2'?", "差し替える permit「$1」がありません。「$2」のことですか?") \
	X(AMEND_NONE, ERROR, "permit '$1' has no '$2' that could be taken away", "permit「$1」に取り除く $2 がありません") \
	X(PERMIT_ENDLESS, ERROR, "permit '$1' needs 'until' (it closes then) or 'review' (it is reminded of then)", \
	  "permit「$1」に until (期限で閉じる) か review (見直しを促す) が必要です") \
	X(PERMIT_REFERENCE, ERROR, "permit '$1' of kind $2 needs a 'reference', the document of its approval", \
	  "kind $2 の permit「$1」には reference (承認文書) が必要です") \
	X(PERMIT_APPLICATION, ERROR, "permit '$1' touches zone '$2', so it names its 'application'", \
	  "permit「$1」はゾーン「$2」に関わるため application を書く必要があります") \
	X(PROFILE_UNSTATED, ERROR, "permit '$1' touches zone '$2', so its profile '$3' has to say '$4' itself", \
	  "permit「$1」はゾーン「$2」に関わるため、profile「$3」に $4 を明記する必要があります") \
	X(PERMIT_UNINSPECTED, ERROR, "'$1' cannot be held with profile '$2': it does not inspect", "profile「$2」は検査をしないため「$1」を守らせることができません") \
	X(FTP_UNINSPECTED, ERROR, "service '$1' is FTP: its data connections are only told apart by inspection", \
	  "service「$1」は FTP です。データ接続の見分けには検査が必要です") \
	X(PERMIT_NOTHING, ERROR, "'$1' opens nothing: its ends have no common address family or no address", \
	  "「$1」では何も通りません。両端に共通のアドレス系列かアドレスがありません") \
	X(END_NOT_NAMED, WARNING, "zone '$1' asks for named hosts or groups, not for a $2", "ゾーン「$1」の端は host か group で書きます ($2 ではなく)") \
	X(BOX_UNSEEN, ERROR, "'$1' cannot be held toward the appliance itself: its packets are not inspected", \
	  "関守自身との通信は検査されないため「$1」を守らせることができません") \
	X(BOX_DENY_TIMED, ERROR, "deny '$1' of traffic of the appliance itself cannot be limited in time", "関守自身との通信の deny「$1」に期間は付けられません") \
	X(UNTIL_BEFORE_SINCE, ERROR, "'$1' ends before it begins", "「$1」の終わりが始まりより前です") \
	X(UNTIL_BEFORE_APPROVAL, ERROR, "'$1' ends before it was approved", "「$1」の終わりが承認日より前です") \
	X(AT_END_UNUSED, ERROR, "'$1' has no 'until' at whose end to alarm", "「$1」に until がないため at-end は意味を持ちません") \
	X(FEED_LATER, WARNING, "deny '$1' has no effect before feeds exist", "deny「$1」の feed はこの版では働きません") \
	X(CROSSING_BOX, ERROR, "crossing '$1': the appliance itself cannot be crossed to", "crossing「$1」に関守自身は書けません") \
	X(CROSSING_NEVER, ERROR, "no crossing may stand between $1 and $2", "$1 と $2 の間に crossing は置けません") \
	X(ASSERT_VIA, ERROR, "assert '$1': 'rule only' needs 'via'", "assert「$1」: rule only には via が必要です") \
	X(ASSERT_VIA_UNUSED, ERROR, "assert '$1': 'rule never' has no 'via'", "assert「$1」: rule never に via は書けません") \
	X(OVERLAP_DISAGREES, ERROR, "'$1' and '$2' overlap ($6) and their profiles disagree on '$3': $4 and $5", \
	  "「$1」と「$2」は重なり ($6)、profile の $3 が $4 と $5 で食い違います") \
	X(OVERLAP_SAME, WARNING, "'$1' and '$2' permit the same ($3) and nothing tells them apart", \
	  "「$1」と「$2」は同じ通信 ($3) を許可し、区別がつきません") \
	X(BOXES_TOO_MANY, ERROR, "the permits and denies from zone '$1' to zone '$2' cut each other into more than $3 pieces; these multiply most", \
	  "ゾーン「$1」から「$2」への許可と拒否が互いに $3 個を超える区画に分かれます。最も増やしているのは次のものです") \
	X(CLASSES_TOO_MANY, ERROR, "the permits overlap in more than $1 different ways", "許可の重なり方が $1 通りを超えました") \
	/* ends and reviews */ \
	X(REVIEW_OVER, WARNING, "'$1' was to be reviewed on $2: renew it, or disable it", \
	  "「$1」は $2 に見直す予定でした。更新するか無効にしてください") \
	X(REVIEW_ENDS, WARNING, "$1 '$2' ends on $3, $4 days from now", "$1「$2」は $3 に終了します (あと $4 日)") \
	X(REVIEW_ENDED, WARNING, "$1 '$2' ended on $3; renew it or remove it", "$1「$2」は $3 に終了しました。更新するか削除してください") \
	/* proofs */ \
	PROVE_MESSAGES(X)
/* clang-format on */

#endif

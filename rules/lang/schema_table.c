/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schema_table: every kind of block and every key, laid out by hand. */
#include "rules/lang/schema.h"

#include <stddef.h>

#include "rules/policy.h"

#define BIT(n) (1u << (n))
#define WORDS(name, list) static const struct words name = { list, sizeof(list) / sizeof(list[0]) }
#define TWO(name, no, yes) \
	static const char *const name##_list[] = { no, yes }; \
	WORDS(name, name##_list)

/* clang-format off */
TWO(yes_no, "no", "yes");
TWO(deny_permit, "deny", "permit");
TWO(silent_reset, "silent", "reset");
TWO(none_dns, "none", "dns");
TWO(refuse_pass, "refuse", "pass");
TWO(close_alarm, "close", "alarm");
TWO(never_only, "never", "only");
static const char *const observe_list[] = { "observe" };
static const char *const format_list[] = { "plain", "csv", "stix", "misp" };

WORDS(mode_words, observe_list);
WORDS(format_words, format_list);
static const struct words model_words = { policy_model_words, MODEL_COUNT };
static const struct words role_words = { policy_role_words, ROLE_COUNT };
static const struct words kind_words = { policy_kind_words, KIND_COUNT };
static const struct words inspect_words = { policy_inspect_words, INSPECT_COUNT };
static const struct words direction_words = { policy_direction_words, DIRECTION_COUNT };
static const struct words action_words = { policy_action_words, ACTION_COUNT };
static const struct words answer_words = { policy_answer_words, ANSWER_COUNT };
static const struct words log_words = { policy_log_words, LOG_COUNT_ };

#define YES_NO VALUE_CHOICE, .words = &yes_no
#define DROP BIT(ACTION_DROP)
#define RESET BIT(ACTION_RESET)
#define BLOCK BIT(ACTION_BLOCK)
#define ALERT BIT(ACTION_ALERT)
#define PASS BIT(ACTION_PASS)
#define PASS_METADATA BIT(ACTION_PASS_METADATA)
#define ACTIONS(set) VALUE_CHOICE, .words = &action_words, .allowed = (set)
#define AT(record, field) .offset = offsetof(struct record, field)
#define LABEL(record) \
	{ "label", VALUE_TEXT, AT(record, label), \
	  .help = { "what people call it", "人が読む名前" } }
#define MUST .required = true
#define LIST .several = true

static const struct key model_keys[] = {
	{ "model", VALUE_CHOICE, MUST, .words = &model_words, .offset = NO_FIELD,
	  .help = { "the model of the town's network; lab is for replay and tests",
		    "三層の対策のモデル。lab は再生と試験用" } },
};
static const struct key include_keys[] = {
	{ "include", VALUE_PATH, MUST, .offset = NO_FIELD,
	  .help = { "the file to read, relative to this one",
		    "読み込むファイル (このファイルからの相対パス)" } },
};
static const struct key value_keys[] = {
	{ "value", VALUE_ANYTHING, MUST, LIST, .offset = NO_FIELD,
	  .help = { "what stands for @name@", "@名前@ の代わりに置くもの" } },
};
static const struct key hole_keys[] = {
	{ "label", VALUE_TEXT, MUST, .offset = NO_FIELD,
	  .help = { "what has to be filled in", "何を記入するか" } },
	{ "example", VALUE_ANYTHING, LIST, .offset = NO_FIELD,
	  .help = { "how it may look", "記入例" } },
};
static const struct key zone_keys[] = {
	LABEL(zone),
	{ "role", VALUE_CHOICE, MUST, AT(zone, role), .words = &role_words,
	  .allowed = ~BIT(ROLE_BOX),
	  .help = { "what the network is for; the model says what may connect to what",
		    "ネットワークの役割。つないでよい相手はモデルが決める" } },
	{ "interface", VALUE_INTERFACES, MUST, LIST, AT(zone, interfaces),
	  .help = { "network interfaces of the appliance toward it",
		    "関守からこのネットワークへのインターフェース" } },
	{ "network", VALUE_ZONE_NETWORKS, MUST, LIST, AT(zone, nets),
	  .help = { "its addresses, disjoint from every other zone's; or rest, all others",
		    "アドレス範囲 (他のゾーンと重ならない)。rest は残りすべて" } },
	{ "inside", VALUE_CHOICE, AT(zone, inside_permit), .words = &deny_permit, .preset = "deny",
	  .help = { "between interfaces of this zone", "同じゾーンのインターフェース間" } },
	{ "refuse", VALUE_CHOICE, AT(zone, refuse_reset), .words = &silent_reset,
	  .preset = "silent",
	  .help = { "how its hosts learn that something was denied",
		    "拒否を端末に知らせるか" } },
};
static const struct key host_keys[] = {
	LABEL(host),
	{ "section", VALUE_TEXT, AT(host, section),
	  .help = { "whose it is, for events", "所属 (記録に出る)" } },
	{ "zone", VALUE_NAME, MUST, AT(host, zone), .of = BLOCK_ZONE,
	  .help = { "the zone it stands in", "所属ゾーン" } },
	{ "address", VALUE_NETWORKS, MUST, LIST, AT(host, nets),
	  .help = { "its addresses", "アドレス" } },
	{ "mac", VALUE_MACS, LIST, AT(host, macs),
	  .help = { "its MAC addresses; another MAC with its address is refused",
		    "MAC アドレス。異なる MAC からの同じアドレスは拒否" } },
	{ "routed", YES_NO, AT(host, routed), .preset = "no",
	  .help = { "a router hides its MAC address", "ルータの先にあり MAC が見えない" } },
};
static const struct key group_keys[] = {
	LABEL(group),
	{ "zone", VALUE_NAME, MUST, AT(group, zone), .of = BLOCK_ZONE,
	  .help = { "the zone its hosts stand in", "所属ゾーン" } },
	{ "member", VALUE_MEMBERS, LIST, AT(group, members), .of = BLOCK_HOST,
	  .help = { "names of hosts", "host の名前" } },
	{ "file", VALUE_PATH, AT(group, file),
	  .help = { "the ledger of terminals, CSV with a header: name, section, MAC, address",
		    "端末台帳。見出し行「名称,課,MAC,アドレス」のある CSV" } },
	{ "section", VALUE_TEXT, AT(group, section),
	  .help = { "only the ledger's rows of this section", "台帳のうちこの課の行だけ" } },
};
static const struct key site_keys[] = {
	LABEL(site),
	{ "network", VALUE_NETWORKS, LIST, AT(site, nets),
	  .help = { "its addresses", "アドレス範囲" } },
	{ "name", VALUE_PATTERNS, LIST, AT(site, names),
	  .help = { "its DNS names, *.example too; a permit to it asks for them",
		    "DNS 名 (*.example も可)。許可にはこの名前が求められる" } },
	{ "file", VALUE_PATH, AT(site, file),
	  .help = { "a list of networks, one a line", "アドレス範囲の一覧 (一行に一つ)" } },
	{ "learn", VALUE_CHOICE, AT(site, learn_dns), .words = &none_dns, .preset = "none",
	  .help = { "take its addresses from DNS answers", "DNS の応答からアドレスを学ぶ" } },
	{ "until", VALUE_END_DATE, AT(site, until),
	  .help = { "the last day of this list", "一覧の最終日" } },
};
static const struct key service_keys[] = {
	LABEL(service),
	{ "tcp", VALUE_PORTS, LIST, AT(service, ports), .of = 6,
	  .help = { "TCP ports of the server: 443, 50000-50100, any", "サーバの TCP ポート" } },
	{ "udp", VALUE_PORTS, LIST, AT(service, ports), .of = 17,
	  .help = { "UDP ports of the server", "サーバの UDP ポート" } },
	{ "icmp", VALUE_ICMP_TYPES, LIST, AT(service, ports), .of = 1,
	  .help = { "ICMP types by name or number: echo-request", "ICMP の型 (名前か番号)" } },
	{ "icmpv6", VALUE_ICMP_TYPES, LIST, AT(service, ports), .of = 58,
	  .help = { "ICMPv6 types by name or number", "ICMPv6 の型 (名前か番号)" } },
	{ "protocol", VALUE_PROTOCOLS, LIST, AT(service, ports),
	  .help = { "other IP protocols by name or number: esp, gre; any: all there are",
		    "その他の IP プロトコル (名前か番号)。any はすべて" } },
};
static const struct key window_keys[] = {
	LABEL(window),
	{ "days", VALUE_DAYS, LIST, AT(window, days), .preset = "sun-sat",
	  .help = { "days of the week: mon-fri, sun", "曜日" } },
	{ "hours", VALUE_HOURS, AT(window, from_minute), .preset = "00:00-24:00",
	  .help = { "time of day in Japan, 08:30-17:15; 22:00-05:00 runs over midnight",
		    "時間帯。22:00-05:00 は翌朝まで" } },
	{ "except", VALUE_HOLIDAYS, AT(window, except_holidays),
	  .help = { "holidays: closed on the days of the file", "holidays: 休日一覧の日は閉じる" } },
	{ "file", VALUE_PATH, AT(window, file),
	  .help = { "the holidays, a date a line", "休日の一覧 (一行に一日)" } },
};

#define FAIL(word, field, set, default_, en, ja) \
	{ word, ACTIONS(set), AT(profile, field), .preset = default_, .help = { en, ja } }
#define DETECTOR(word, number, en, ja) \
	{ word, VALUE_LIMITS, LIST, AT(profile, limits), .of = DETECT_##number, .preset = "off", \
	  .help = { en, ja } }

static const struct key profile_keys[] = {
	LABEL(profile),
	{ "inspect", VALUE_CHOICE, AT(profile, inspect), .words = &inspect_words,
	  .preset = "metadata",
	  .help = { "how deep the engine looks: not at all, application and name, content",
		    "検査の深さ: なし、アプリケーションと名前、内容まで" } },
	{ "offload", YES_NO, AT(profile, offload), .preset = "no",
	  .help = { "a decided flow may leave the inspecting path for good",
		    "判定済みの通信を高速経路に移してよい" } },
	{ "undecided", VALUE_SIZE, AT(profile, undecided), .preset = "4KB",
	  .help = { "bytes each way that may pass before the application is known",
		    "アプリケーション判明前に通してよいバイト数 (片方向)" } },
	FAIL("on-overload", on_overload, DROP | PASS_METADATA | PASS, "drop",
	     "more packets than the engine can inspect", "検査が追いつかないとき"),
	FAIL("on-no-inspector", on_no_inspector, DROP | PASS, "drop", "no engine is running",
	     "検査プロセスがないとき"),
	FAIL("on-memory", on_memory, DROP | PASS, "drop", "no room for one more flow",
	     "通信の記憶域が尽きたとき"),
	FAIL("on-midstream", on_midstream, DROP | RESET | ALERT | PASS, "drop",
	     "a TCP connection whose beginning was not seen", "途中から現れた TCP 接続"),
	FAIL("on-restart", on_restart, DROP | RESET | ALERT | PASS, "drop",
	     "a connection that was open when the engine restarted", "検査プロセス再起動時の接続"),
	FAIL("on-undecodable", on_undecodable, DROP | ALERT | PASS, "drop",
	     "a packet that cannot be decoded", "解読できないパケット"),
	{ "on-uninspectable", ACTIONS(BLOCK | ALERT | PASS), AT(profile, on_uninspectable),
	  .preset = "alert", .stated = true,
	  .help = { "content that a reader met and could not read", "内容を読み取れないとき" } },
	{ "on-unknown-application", ACTIONS(BLOCK | ALERT | PASS),
	  AT(profile, on_unknown_application), .preset = "alert", .stated = true,
	  .help = { "the application stays unknown", "アプリケーションが分からないとき" } },
	FAIL("on-mismatch", on_mismatch, BLOCK | ALERT, "block",
	     "another application or name than permitted", "許可と異なるアプリケーションや名前"),
	DETECTOR("my-number", MY_NUMBER, "confirmed individual numbers", "マイナンバー"),
	DETECTOR("resident-code", RESIDENT_CODE, "confirmed resident codes", "住民票コード"),
	DETECTOR("record", RECORD, "records of residents", "住民情報のレコード"),
	DETECTOR("labels", LABELS, "words that mark confidential documents", "機密区分の表示"),
	DETECTOR("register", REGISTER, "numbers of the town's own register", "自庁の登録番号"),
	DETECTOR("upload", UPLOAD, "bytes sent outward", "外へ送ったバイト数"),
	DETECTOR("files", FILES, "files sent outward", "外へ送ったファイル"),
	{ "starttls", VALUE_CHOICE, AT(profile, starttls_pass), .words = &refuse_pass,
	  .preset = "refuse",
	  .help = { "whether a clear connection may turn into an encrypted one",
		    "平文の接続が暗号化に切り替わってよいか" } },
	{ "answer", VALUE_CHOICE, AT(profile, answer), .words = &answer_words, .preset = "reset",
	  .help = { "what the two ends are told of a block", "遮断したことの知らせ方" } },
	{ "log", VALUE_CHOICE, AT(profile, log), .words = &log_words,
	  .allowed = BIT(LOG_ALL) | BIT(LOG_CONNECTION), .preset = "connection",
	  .help = { "each message of a protocol, or one line a connection",
		    "一件ごと、または接続ごとに記録" } },
};

#define FROM \
	{ "from", VALUE_ENDPOINTS, MUST, LIST, AT(statement, from), \
	  .help = { "who opens: zone N, host N, group N, site N, or a network", \
		    "接続を開く側: zone、host、group、site またはアドレス範囲" } }
#define TO \
	{ "to", VALUE_ENDPOINTS, MUST, LIST, AT(statement, to), \
	  .help = { "who answers", "接続を受ける側" } }
#define OWNER(record, must) \
	{ "owner", VALUE_TEXT, .required = must, AT(record, owner), \
	  .help = { "the section that answers for it", "責任を持つ課" } }
#define REASON(record, must) \
	{ "reason", VALUE_TEXT, .required = must, AT(record, reason), .help = { "why", "理由" } }
#define APPROVED_BY(record) \
	{ "approved-by", VALUE_TEXT, MUST, AT(record, approved_by), \
	  .help = { "who approved it", "承認者" } }
#define REFERENCE(record) \
	{ "reference", VALUE_TEXT, AT(record, reference), \
	  .help = { "the document of the approval", "承認文書" } }
#define UNTIL(record, must, en, ja) \
	{ "until", VALUE_END_DATE, .required = must, AT(record, until), .help = { en, ja } }
#define SINCE \
	{ "since", VALUE_START, AT(statement, since), .help = { "the first day", "開始日" } }
#define SERVICE(preset_, must) \
	{ "service", VALUE_NAMES, .required = must, LIST, AT(statement, services), .of = BLOCK_SERVICE, \
	  .preset = preset_, .help = { "what is asked for", "サービス" } }
#define APPLICATION \
	{ "application", VALUE_APPLICATIONS, LIST, AT(statement, applications), \
	  .preset = "any", \
	  .help = { "as nDPI names it: TLS, HTTP, DNS; required where mynumber, lgwan or " \
		    "public-line take part", \
		    "nDPI の呼び名。mynumber・lgwan・public-line が関わる許可では必須" } }
#define NAME_KEY \
	{ "name", VALUE_PATTERNS, LIST, AT(statement, names), \
	  .help = { "names the client may ask for: host.example, *.example", \
		    "求めてよい接続先の名前" } }

static const struct key permit_keys[] = {
	LABEL(statement),
	{ "kind", VALUE_CHOICE, MUST, AT(statement, kind), .words = &kind_words,
	  .help = { "what sort of opening this is; the model says where it may stand",
		    "通信の種別。置ける場所はモデルが決める" } },
	FROM,
	TO,
	SERVICE(NULL, true),
	APPLICATION,
	NAME_KEY,
	{ "direction", VALUE_CHOICE, AT(statement, direction), .words = &direction_words,
	  .preset = "both",
	  .help = { "which way data may flow, seen from the opener",
		    "データの向き (開く側から見て)" } },
	{ "profile", VALUE_NAME, MUST, AT(statement, profile), .of = BLOCK_PROFILE,
	  .help = { "how it is inspected", "検査の仕方" } },
	{ "window", VALUE_NAME, AT(statement, window), .of = BLOCK_WINDOW,
	  .help = { "only then", "有効な時間帯" } },
	OWNER(statement, true),
	REASON(statement, true),
	{ "article", VALUE_TEXT, AT(statement, article),
	  .help = { "the by-law's article", "根拠条文" } },
	REFERENCE(statement),
	APPROVED_BY(statement),
	{ "approved-on", VALUE_DATE, MUST, AT(statement, approved_on),
	  .help = { "when", "承認日" } },
	SINCE,
	UNTIL(statement, false, "the last day; one of until and review is required",
	      "最終日。until か review のどちらかが必須"),
	{ "review", VALUE_DATE, AT(statement, review),
	  .help = { "from this day on it is reminded of, and stays open",
		    "この日から見直しを促す (閉じない)" } },
	{ "at-end", VALUE_CHOICE, AT(statement, at_end_alarm), .words = &close_alarm,
	  .preset = "close",
	  .help = { "close at the end, or only raise an alarm", "期限で閉じるか、警報だけか" } },
	{ "vital", YES_NO, AT(statement, vital), .preset = "no",
	  .help = { "never isolated or expired silently", "黙って止めてはならない通信" } },
	{ "disabled", VALUE_TEXT, AT(statement, disabled),
	  .help = { "why nothing of it passes any more; the text stays for the auditor",
		    "無効にした理由。何も通さず、記述だけを監査のために残す" } },
	{ "disabled-on", VALUE_DATE, AT(statement, disabled_on),
	  .help = { "since when", "無効にした日" } },
};
static const struct key deny_keys[] = {
	LABEL(statement),
	FROM,
	TO,
	SERVICE("any", false),
	APPLICATION,
	NAME_KEY,
	{ "feed", VALUE_NAME, AT(statement, feed), .of = BLOCK_FEED,
	  .help = { "only what this feed lists", "この脅威情報に載るものだけ" } },
	{ "answer", VALUE_CHOICE, AT(statement, answer), .words = &answer_words,
	  .help = { "what the two ends are told; left out: as the zone's refuse",
		    "遮断の知らせ方。省略時はゾーンの refuse に従う" } },
	{ "log", VALUE_CHOICE, AT(statement, log), .words = &log_words,
	  .allowed = BIT(LOG_ALL) | BIT(LOG_COUNT) | BIT(LOG_NONE), .preset = "all",
	  .help = { "an event each time, a figure only, or nothing",
		    "毎回記録、回数だけ、なし" } },
	OWNER(statement, false),
	REASON(statement, true),
	SINCE,
	UNTIL(statement, false, "the last day", "最終日"),
};
static const struct key crossing_keys[] = {
	LABEL(statement),
	{ "between", VALUE_BETWEEN, MUST, LIST, AT(statement, from),
	  .help = { "two zones: zone A, zone B", "二つのゾーン" } },
	{ "mode", VALUE_CHOICE, MUST, .words = &mode_words, .offset = NO_FIELD,
	  .help = { "observe: what would be denied passes and is recorded",
		    "observe: 拒否するはずの通信を通して記録する" } },
	OWNER(statement, true),
	REASON(statement, false),
	SINCE,
	UNTIL(statement, true, "the last day", "最終日"),
};
static const struct key accept_keys[] = {
	LABEL(accept_risk),
	{ "relay", VALUE_RISK, MUST, AT(accept_risk, host), .of = BLOCK_HOST,
	  .help = { "host N: it may join zones that the model keeps apart",
		    "host N: モデルが分けるゾーンを中継し得るホスト" } },
	OWNER(accept_risk, true),
	REASON(accept_risk, true),
	REFERENCE(accept_risk),
	APPROVED_BY(accept_risk),
	UNTIL(accept_risk, true, "the last day", "最終日"),
};
static const struct key feed_keys[] = {
	LABEL(feed),
	{ "file", VALUE_PATH, MUST, AT(feed, file),
	  .help = { "the threat list", "脅威情報のファイル" } },
	{ "format", VALUE_WORD, MUST, .words = &format_words, AT(feed, format),
	  .help = { "how it is written", "書式" } },
	{ "until", VALUE_END_DATE, AT(feed, until),
	  .help = { "the last day it counts", "有効な最終日" } },
};
static const struct key assert_keys[] = {
	LABEL(assertion),
	{ "rule", VALUE_CHOICE, MUST, AT(assertion, only), .words = &never_only,
	  .help = { "never: no such traffic; only: no other way than via",
		    "never: 通信なし、only: via 以外なし" } },
	{ "from", VALUE_ENDPOINTS, MUST, LIST, AT(assertion, from),
	  .help = { "who opens", "接続を開く側" } },
	{ "to", VALUE_ENDPOINTS, MUST, LIST, AT(assertion, to),
	  .help = { "who answers", "接続を受ける側" } },
	{ "service", VALUE_NAMES, LIST, AT(assertion, services), .of = BLOCK_SERVICE,
	  .preset = "any", .help = { "for these services", "対象サービス" } },
	{ "via", VALUE_ENDPOINTS, LIST, AT(assertion, via),
	  .help = { "the only way", "唯一の経路" } },
};

#define KIND(number_, name_, form_, sample_, en, ja) \
	[BLOCK_##number_] = { name_, BLOCK_##number_, form_, NULL, 0, { en, ja }, sample_ }
#define KEYS(number_, name_, form_, keys_, sample_, en, ja) \
	[BLOCK_##number_] = { name_, BLOCK_##number_, form_, keys_, \
			      sizeof(keys_) / sizeof(keys_[0]), { en, ja }, sample_ }

static const struct schema kinds[BLOCK_KIND_COUNT] = {
	KEYS(MODEL, "model", FORM_ITEMS, model_keys, "model alpha;",
	     "the model that the policy follows; exactly one",
	     "従うモデル。必ず一つ"),
	KEYS(INCLUDE, "include", FORM_ITEMS, include_keys, "include \"presets/alpha.rules\";",
	     "reads another file as if it stood here; a file is read once, however often it is included",
	     "ほかのファイルをここに書いたものとして読む (同じファイルは一度だけ)"),
	KEYS(VALUE, "value", FORM_NAMED_ITEMS, value_keys, "value kikan-network 10.10.0.0/16;",
	     "fills the hole @name@ wherever it stands",
	     "@名前@ と書かれた空欄を埋める"),
	KEYS(HOLE, "hole", FORM_BLOCK, hole_keys,
	     "hole kikan-network { label \"マイナンバー利用事務系のアドレス範囲\"; example 10.10.0.0/16; }",
	     "explains a hole of a preset, for the message when it is not filled",
	     "ひな形の空欄の説明 (未記入のときに表示する)"),
	KEYS(ZONE, "zone", FORM_BLOCK, zone_keys,
	     "zone lgwan { role lgwan; interface \"eth2\"; network 10.20.0.0/16, fd00:20::/64; }",
	     "a network behind one or more interfaces of the appliance; zone box is the appliance",
	     "関守のインターフェースの先のネットワーク。zone box は関守自身"),
	KEYS(HOST, "host", FORM_BLOCK, host_keys,
	     "host gyomu { zone kikan; address 10.10.1.10; mac 02:00:00:10:01:10; }",
	     "a machine; host box is the appliance",
	     "一台の機器。host box は関守自身"),
	KEYS(GROUP, "group", FORM_BLOCK, group_keys,
	     "group juki { zone kikan; file \"ledger.csv\"; section \"住民課\"; }",
	     "several hosts, by name or drawn from the town's ledger of terminals",
	     "機器のまとまり。名前で挙げるか端末台帳から取り出す"),
	KEYS(SITE, "site", FORM_BLOCK, site_keys,
	     "site office { name *.office.example; network 198.51.100.0/24; }",
	     "a destination in the zone of role outside that changes its addresses",
	     "role outside のゾーンにある、アドレスの変わる接続先"),
	KEYS(SERVICE, "service", FORM_BLOCK, service_keys,
	     "service dns { udp 53; tcp 53; }",
	     "ports and protocols of a server; service any is everything, TCP 21 with a passive range is FTP",
	     "サーバのポートとプロトコル。service any はすべて。TCP 21 と受動ポート範囲で FTP"),
	KEYS(WINDOW, "window", FORM_BLOCK, window_keys,
	     "window office { days mon-fri; hours 08:30-17:15; except holidays; file \"holidays.txt\"; }",
	     "when a permit is open, in Japan Standard Time",
	     "許可の有効な時間帯 (日本時間)"),
	KEYS(PROFILE, "profile", FORM_BLOCK, profile_keys,
	     "profile browse { inspect metadata; upload alert 20MB per hour; }",
	     "how permitted traffic is inspected and what happens when it cannot be; built in: strict, observe",
	     "許可した通信の検査の仕方と、検査できないときの扱い。組込み: strict、observe"),
	KEYS(PERMIT, "permit", FORM_BLOCK, permit_keys,
	     "permit web { kind ordinary; from zone net; to host proxy; service https; profile strict; ... }",
	     "an opening: named, owned, approved, ending",
	     "通信の許可。名前・責任課・承認・期限を持つ"),
	KEYS(AMEND, "amend", FORM_BLOCK, permit_keys,
	     "amend konbini { until 2028-03-31; reference \"令和9年総第3号\"; }",
	     "changes keys of the permit of that name, as when it stands in a preset; 'none' takes a key away",
	     "同じ名前の permit のキーを差し替える (ひな形の許可など)。none はそのキーを取り除く"),
	KEYS(DENY, "deny", FORM_BLOCK, deny_keys,
	     "deny no-telnet { from zone net; to zone lgwan; service telnet; reason \"...\"; }",
	     "subtracts from the permits and always wins",
	     "許可から差し引く。常に優先"),
	KEYS(CROSSING, "crossing", FORM_BLOCK, crossing_keys,
	     "crossing trial { between zone net, zone cloud; mode observe; owner \"総務課\"; until 2027-03-31; }",
	     "for a time, what would be denied between two zones passes and is recorded",
	     "期間を限り、二つのゾーン間で拒否するはずの通信を通して記録する"),
	KEYS(ACCEPT, "accept", FORM_BLOCK, accept_keys,
	     "accept mail { relay host mailtext; owner \"総務課\"; reason \"...\"; approved-by \"CISO\"; until 2027-03-31; }",
	     "a risk that was seen and accepted",
	     "承知のうえで受け入れたリスク"),
	KEYS(FEED, "feed", FORM_BLOCK, feed_keys, "feed cnc { file \"cnc.csv\"; format csv; }",
	     "a list of hostile addresses and names",
	     "脅威情報 (悪性アドレス・名前の一覧)"),
	KEYS(ASSERT, "assert", FORM_BLOCK, assert_keys,
	     "assert no-way-out { rule never; from zone kikan; to zone net; }",
	     "what must hold of the whole policy, beyond the model",
	     "モデルに加えて方針全体が満たすべきこと"),
	KIND(TRANSLATE, "translate", FORM_RESERVED, NULL,
	     "address translation; not in this version", "アドレス変換。この版にはない"),
	KIND(PORT, "port", FORM_RESERVED, NULL,
	     "VLANs and names of devices; not in this version", "VLAN と装置名。この版にはない"),
	KIND(EMERGENCY, "emergency", FORM_RESERVED, NULL,
	     "a policy for emergencies; not in this version", "緊急時の方針。この版にはない"),
};
/* clang-format on */

const struct schema *schema_kinds(void)
{
	return kinds;
}

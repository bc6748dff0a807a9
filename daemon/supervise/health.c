/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/supervise/health.h"

const char *const health_words[HEALTH_STATES] = { [HEALTH_ENFORCING] = "enforcing",
						  [HEALTH_OPEN] = "degraded-open",
						  [HEALTH_CLOSED] = "degraded-closed" };

static bool no_ruleset(const struct health_facts *f)
{
	return f->policy && !f->ruleset;
}

static bool no_policy(const struct health_facts *f)
{
	return !f->policy;
}

static bool table_full(const struct health_facts *f)
{
	return f->table_full;
}

static bool vacant_closed(const struct health_facts *f)
{
	return f->vacant && (f->closed_classes || f->unseen_closed || !f->open_classes);
}

static bool vacant_open(const struct health_facts *f)
{
	return f->vacant && !vacant_closed(f);
}

static bool bypassed_closed(const struct health_facts *f)
{
	return f->bypassed && f->closed_classes;
}

static bool bypassed_open(const struct health_facts *f)
{
	return f->bypassed && !f->closed_classes;
}

static bool overload_closed(const struct health_facts *f)
{
	return !f->vacant && f->unseen_closed;
}

static bool overload_open(const struct health_facts *f)
{
	return f->unseen_open;
}

#define IS(FIELD) \
	static bool FIELD(const struct health_facts *f) \
	{ \
		return f->FIELD; \
	}
IS(not_recording)
IS(not_watching)
IS(lost_events)
IS(clock_wrong)
IS(clock_behind)
IS(plugs)
IS(apply_failed)
IS(differs)
IS(no_pages)

/* In the order in which a person should hear of them. */
/* clang-format off */
static const struct {
	bool (*holds)(const struct health_facts *f);
	struct health_finding finding;
} table[] = {
	{ no_ruleset,
	  { HEALTH_OPEN,
	    "ruleset-gone",
	    { "the ruleset is not in the kernel: nothing separates the zones", "規則がカーネルにありません。ゾーンは分離されていません" },
	    { "it is being loaded again; see who removed it: journalctl -u sekimorid", "読み直しています。誰が消したか確認してください: journalctl -u sekimorid" } } },
	{ no_policy,
	  { HEALTH_CLOSED,
	    "no-policy",
	    { "no policy is in force: nothing passes", "施行中の方針がありません。何も通りません" },
	    { "sekimori apply FILE", "sekimori apply FILE を実行してください" } } },
	{ table_full,
	  { HEALTH_CLOSED,
	    "table-full",
	    { "the connection table is full: new connections are dropped", "接続表が満杯です。新しい接続は落とされます" },
	    { "find who opens so many (sekimori events --severity 2), or raise net.netfilter.nf_conntrack_max",
	      "大量に接続している端末を調べるか（sekimori events --severity 2）、net.netfilter.nf_conntrack_max を増やしてください" } } },
	{ vacant_closed,
	  { HEALTH_CLOSED,
	    "no-inspector",
	    { "an inspector is missing: closed pairs wait, then drop", "検査プロセスが欠けています。閉じる設定の通信は待たされ、やがて落とされます" },
	    { "it is being replaced; if this stays: journalctl -u sekimorid", "取り替えています。続くようなら journalctl -u sekimorid を確認してください" } } },
	{ vacant_open,
	  { HEALTH_OPEN,
	    "no-inspector",
	    { "an inspector is missing: open pairs pass uninspected", "検査プロセスが欠けています。開く設定の通信は検査されずに通ります" },
	    { "it is being replaced; if this stays: journalctl -u sekimorid", "取り替えています。続くようなら journalctl -u sekimorid を確認してください" } } },
	{ bypassed_closed,
	  { HEALTH_CLOSED,
	    "queue-rules-gone",
	    { "the rules that lead to the inspectors had gone: closed pairs were dropped, open pairs passed", "検査へ導く規則がなくなっていました。閉じる設定の通信は落とされ、開く設定の通信は素通りしました" },
	    { "they are being written again; see who removed them (iptables-nft -S)", "書き直しています。誰が消したか確認してください (iptables-nft -S)" } } },
	{ bypassed_open,
	  { HEALTH_OPEN,
	    "queue-rules-gone",
	    { "the rules that lead to the inspectors had gone: packets passed uninspected", "検査へ導く規則がなくなっていました。通信は検査されずに通りました" },
	    { "they are being written again; see who removed them (iptables-nft -S)", "書き直しています。誰が消したか確認してください (iptables-nft -S)" } } },
	{ overload_closed,
	  { HEALTH_CLOSED,
	    "overload",
	    { "more packets than can be inspected: closed pairs lose some", "検査が追いつかず、閉じる設定の通信の一部を落としています" },
	    { "sekimori stats shows which queue; raise queue-length or engines, or find the source of the load",
	      "sekimori stats でどの待ち行列か確認し、queue-length や engines を増やすか、負荷の元を調べてください" } } },
	{ overload_open,
	  { HEALTH_OPEN,
	    "overload",
	    { "more packets than can be inspected: open pairs pass some uninspected", "検査が追いつかず、開く設定の通信の一部が検査されずに通っています" },
	    { "sekimori stats shows which queue; raise queue-length or engines, or find the source of the load",
	      "sekimori stats でどの待ち行列か確認し、queue-length や engines を増やすか、負荷の元を調べてください" } } },
	{ plugs,
	  { HEALTH_ENFORCING,
	    "plugs-exchanged",
	    { "two cables look exchanged: each side's addresses come in by the other's plug", "配線が入れ替わっているようです。互いのゾーンのアドレスが逆の口から来ています" },
	    { "compare the cables with the zones of the policy", "配線と方針のゾーンを照らし合わせてください" } } },
	{ not_recording,
	  { HEALTH_ENFORCING,
	    "not-recording",
	    { "events cannot be written", "イベントを書けません" },
	    { "make room on the disk of the log directory", "ログを置くディスクの空きを確認してください" } } },
	{ not_watching,
	  { HEALTH_ENFORCING,
	    "not-watching",
	    { "refused packets and ended flows are not heard", "拒否と通信終了の記録が届いていません" },
	    { "journalctl -u sekimorid", "journalctl -u sekimorid を確認してください" } } },
	{ lost_events,
	  { HEALTH_ENFORCING,
	    "events-lost",
	    { "events were lost within the last minute", "直近1分にイベントが失われました" },
	    { "sekimori stats shows where; the disk or the processor is too slow", "sekimori stats で場所を確認してください。ディスクか CPU が追いついていません" } } },
	{ clock_behind,
	  { HEALTH_ENFORCING,
	    "clock",
	    { "the clock stands before a time that has already been: nothing opens or closes by date", "時計が過去の時刻を指しています。期日による開閉を止めています" },
	    { "set the clock (a flat battery?); if it is right now and was wrong before, remove the file clock of the state directory",
	      "時計を合わせてください（電池切れ？）。今が正しく以前が誤りなら、状態ディレクトリのファイル clock を消してください" } } },
	{ clock_wrong,
	  { HEALTH_ENFORCING,
	    "clock",
	    { "the clock is not synchronised: nothing opens or closes by date", "時計が同期していません。期日による開閉を止めています" },
	    { "check the time source (timedatectl), or set clock = \"trusted\" in sekimori.conf", "時刻の同期を確認するか（timedatectl）、sekimori.conf に clock = \"trusted\" を書いてください" } } },
	{ differs,
	  { HEALTH_ENFORCING,
	    "kernel-differs",
	    { "the rules in the kernel are not what the policy says", "カーネルの規則が方針のとおりではありません" },
	    { "sekimori verify shows a packet; find out who changed them (sekimori events), then apply the policy again",
	      "sekimori verify で例を確認し、変更した者を調べて (sekimori events)、方針を適用し直してください" } } },
	{ no_pages,
	  { HEALTH_ENFORCING,
	    "no-injector",
	    { "block pages and SMTP replies cannot be sent: refusals are resets", "遮断ページや SMTP の応答を送れません。代わりにリセットで応答しています" },
	    { "start sekimorid by its unit, which gives CAP_NET_RAW and CAP_SETUID for the start; or journalctl -u sekimorid",
	      "起動時に CAP_NET_RAW と CAP_SETUID を与えるユニットで起動するか、journalctl -u sekimorid を確認してください" } } },
	{ apply_failed,
	  { HEALTH_ENFORCING,
	    "apply-failed",
	    { "the last apply failed: the policy before it is in force", "直近の適用に失敗しました。以前の方針が施行中です" },
	    { "sekimori apply FILE shows why", "sekimori apply FILE で理由を確認してください" } } },
};
/* clang-format on */

size_t health_judge(const struct health_facts *f,
		    const struct health_finding *out[static HEALTH_FINDINGS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (table[i].holds(f))
			out[n++] = &table[i].finding;
	}
	return n;
}

enum health_state health_state(const struct health_finding *const *findings, size_t n)
{
	return n ? findings[0]->state : HEALTH_ENFORCING;
}

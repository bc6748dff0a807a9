/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/verify/telling.h"

#include "daemon/log.h"
#include "daemon/verify/culprits.h"
#include "daemon/verify/judgement.h"
#include "rules/kernel/readback/changes.h"
#include "rules/text.h"

#include <time.h>

#define WORDS 1200u /* of what changed, in an event */

static int64_t now_real_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

struct words {
	struct text en, ja;
	uint8_t severity; /* 0: the signature's own */
};

static void words_done(struct words *w)
{
	text_done(&w->en);
	text_done(&w->ja);
}

static void both(struct words *w, const char *en, const char *ja)
{
	text_puts(&w->en, en);
	text_puts(&w->ja, ja);
}

static void emit(const struct telling *t, enum event_reason reason, struct words *w)
{
	struct event ev = { .type = EVENT_ALERT,
			    .detector = DETECTOR_DRIFT,
			    .reason = (uint8_t)reason,
			    .severity = w->severity,
			    .time = now_real_ns(),
			    .policy = t->policy,
			    .detail = w->en.bytes,
			    .detail_ja = w->ja.bytes };

	if (w->en.failed || w->ja.failed || !w->en.bytes || !w->ja.bytes)
		ev.detail = ev.detail_ja = NULL; /* the signature says what it can */
	t->sink.emit(t->sink.ctx, &ev);
	log_say(w->severity == 3 ? LOG_LINE_INFO : LOG_LINE_WARN, "%s", "%s",
		log_word(ev.detail ? ev.detail : "", ev.detail_ja ? ev.detail_ja : ""));
}

static void put_changes(const struct changes *c, bool mixed, struct words *w)
{
	if (c->total == 0) {
		both(w, ": nothing is different afterwards", ": 結果として違いはありません");
		return;
	}
	both(w, ": ", ": ");
	changes_text(c, false, WORDS, &w->en);
	changes_text(c, true, WORDS, &w->ja);
	if (mixed)
		both(w,
		     " (an apply of ours fell into the same moment, what it changed is among these)",
		     "（同じ時に行われた関守自身の適用による変更を含みます）");
}

static void put_judgement(const struct judgement *j, struct words *w)
{
	if (!j->made)
		return;
	text_printf(&w->en, "; %s", j->en);
	text_printf(&w->ja, "。%s", j->ja);
}

void telling_foreign(const struct telling *t, const struct changes *c, const struct judgement *j)
{
	struct words w = { .severity = j->made && j->result == VERIFY_PROVED ? 2 : 1 };

	culprits_text(t->culprits, t->generation, false, &w.en);
	culprits_text(t->culprits, t->generation, true, &w.ja);
	text_printf(&w.en, " changed the kernel's rules (generation %u)", t->generation);
	text_printf(&w.ja, " がカーネルの規則を変更しました（世代 %u）", t->generation);
	put_changes(c, culprits_own(t->culprits, t->generation), &w);
	put_judgement(j, &w);
	emit(t, EVENT_REASON_FOREIGN_CHANGE, &w);
	words_done(&w);
}

void telling_setting(const struct telling *t, const struct changes *c, const struct judgement *j)
{
	struct words w = { .severity = j->made && j->result == VERIFY_REFUTED ? 1 : 2 };

	both(&w, "changed without an announcement", "カーネルの設定が変わりました");
	put_changes(c, false, &w);
	put_judgement(j, &w);
	emit(t, EVENT_REASON_SETTING_CHANGE, &w);
	words_done(&w);
}

void telling_judgement(const struct telling *t, const struct judgement *j)
{
	struct words w = { .severity = j->result == VERIFY_PROVED    ? 3
				       : j->result == VERIFY_REFUTED ? 1
								     : 2 };

	if (j->result == VERIFY_PROVED)
		both(&w, "the kernel is what the policy says again (proved)",
		     "カーネルは再び方針のとおりです（証明済み）");
	else
		both(&w, "the kernel held against the policy: ", "カーネルと方針の照合: ");
	if (j->result != VERIFY_PROVED)
		both(&w, j->en, j->ja);
	emit(t, EVENT_REASON_KERNEL_DIFFERS, &w);
	words_done(&w);
}

void telling_unread(const struct telling *t, const char why[2][DUMP_WHY])
{
	struct words w = { 0 };

	text_printf(&w.en, "the kernel cannot be read back: %s", why[0]);
	text_printf(&w.ja, "カーネルの状態を読み戻せません: %s", why[1]);
	emit(t, EVENT_REASON_KERNEL_DIFFERS, &w);
	words_done(&w);
}

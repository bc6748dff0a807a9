/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/verify/judgement.h"

#include "daemon/attest.h"
#include "rules/text.h"

#include <stdio.h>
#include <string.h>

/* Cut at a whole character. */
static void put(char out[static JUDGEMENT_WORDS], const struct text *t)
{
	size_t cut = JUDGEMENT_WORDS - 1;

	snprintf(out, JUDGEMENT_WORDS, "%s", t->bytes ? t->bytes : "");
	if (t->len < JUDGEMENT_WORDS)
		return;
	while (cut && ((unsigned char)t->bytes[cut] & 0xc0) == 0x80)
		cut--;
	out[cut] = '\0';
}

static void say(const struct verify *v, bool japanese, char out[static JUDGEMENT_WORDS])
{
	static const char *const words[2][3] = {
		{ "proved: it does what the policy says", "refuted: ", "not proved: " },
		{ "証明済み: 方針のとおりです", "反証: ", "未証明: " },
	};
	const uint32_t counted = v->faults + v->doubts;
	struct text t = { 0 };

	text_puts(&t, words[japanese][v->result]);
	if (v->result != VERIFY_PROVED && v->findings_count)
		verify_sentence(&v->findings[0], japanese, &t);
	if (v->result != VERIFY_PROVED && counted > 1)
		text_printf(&t,
			    japanese ? " (ほか %u 件。sekimori verify で表示)"
				     : " (and %u more: sekimori verify)",
			    counted - 1);
	put(out, &t);
	text_done(&t);
}

static bool ran_out(const struct verify *v)
{
	for (uint32_t i = 0; i < v->findings_count; i++) {
		if (v->findings[i].what == VERIFY_TOO_LARGE)
			return true;
	}
	return false;
}

void judgement_make(struct judgement *j, const struct attest_conf *conf, const void *record,
		    size_t len)
{
	struct verify v = { 0 };
	const int e = attest(conf, record, len, &v);

	*j = (struct judgement){ .made = true, .result = VERIFY_NOT_PROVED };
	if (e < 0) {
		snprintf(j->en, sizeof j->en, "not proved: %s", strerror(-e));
		snprintf(j->ja, sizeof j->ja, "未証明: %s", strerror(-e));
	} else {
		j->result = v.result;
		j->cut = v.result == VERIFY_NOT_PROVED && ran_out(&v);
		say(&v, false, j->en);
		say(&v, true, j->ja);
	}
	verify_done(&v);
}

bool judgement_same(const struct judgement *a, const struct judgement *b)
{
	return a->made == b->made && a->result == b->result && strcmp(a->en, b->en) == 0;
}

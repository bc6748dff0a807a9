/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terms_key: the terms of a statement as raw bytes, for a quick "nothing changed". */
#include "rules/prove/terms.h"

#include <string.h>

#include "rules/prove/ranges.h"
#include "rules/text.h"

#define ADD(out, x) text_add((out), (const char *)&(x), sizeof(x))

static void add_string(const struct policy *p, uint32_t s, struct text *out)
{
	const char *text = policy_string(p, s);

	text_add(out, text, strlen(text) + 1);
}

static void add_words(const struct policy *p, struct span words, struct text *out)
{
	ADD(out, words.count);
	for (uint32_t i = words.first; i < words.first + words.count; i++)
		add_string(p, p->words[i], out);
}

static void add_apps(const struct policy *p, struct span apps, struct text *out)
{
	ADD(out, apps.count);
	for (uint32_t i = apps.first; i < apps.first + apps.count; i++)
		add_string(p, p->apps[p->refs[i]], out);
}

static void add_profile(const struct policy *p, uint32_t index, struct text *out)
{
	if (index == POLICY_NONE)
		return;
	struct profile x = p->profiles[index];

	text_add(out, (const char *)SLICE(p->limits, x.limits),
		 x.limits.count * sizeof(*p->limits));
	x.name = x.label = x.limits.first = 0;
	ADD(out, x);
}

static void add_window(const struct policy *p, uint32_t index, struct text *out)
{
	if (index == POLICY_NONE)
		return;
	struct window x = p->windows[index];

	text_add(out, (const char *)SLICE(p->dates, x.holidays),
		 x.holidays.count * sizeof(*p->dates));
	x.name = x.label = x.file = x.holidays.first = 0;
	ADD(out, x);
}

void terms_key(struct terms_of a, struct text *out)
{
	const struct policy *p = a.p;
	const struct statement *s = &p->statements[a.statement];
	const uint8_t bytes[] = { s->type, s->direction, s->answer,
				  s->log,  s->vital,     s->at_end_alarm };

	ADD(out, bytes);
	ADD(out, s->since);
	ADD(out, s->until);
	add_apps(p, s->applications, out);
	add_words(p, s->names, out);
	add_profile(p, s->profile, out);
	add_window(p, s->window, out);
	if (s->feed != POLICY_NONE)
		add_string(p, p->feeds[s->feed].file, out);
}

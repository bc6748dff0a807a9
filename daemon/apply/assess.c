/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/apply/assess.h"

#include <errno.h>

#include "rules/json.h"
#include "rules/policy.h"
#include "rules/prove/diff.h"

#define ENTRIES 20u /* in the history; the totals count all */

static const char *const changes[DIFF_CHANGE_COUNT] = { "opened", "closed", "changed" };
static const char *const results[DIFF_RESULT_COUNT] = { "neutral", "tightening", "loosening",
							"unknown" };

static const char *statement_of(const struct policy *p, uint32_t i)
{
	return i < p->statements_count ? policy_string(p, p->statements[i].name) : NULL;
}

static void put_entry(struct json *j, const struct diff_entry *e, const struct policy *before,
		      const struct policy *after)
{
	bool gone = e->statement == POLICY_NONE && e->change == DIFF_CHANGED;
	const struct policy *p = e->change == DIFF_CLOSED || gone ? before : after;

	if (e->from >= p->zones_count || e->to >= p->zones_count)
		return;
	json_open(j, NULL, '{');
	json_string(j, "change", changes[e->change]);
	json_string(j, "statement", statement_of(p, gone ? e->before : e->statement));
	json_string(j, "from", policy_string(p, p->zones[e->from].name));
	json_string(j, "to", policy_string(p, p->zones[e->to].name));
	json_close(j, '}');
}

static void put_diff(struct json *j, const struct diff *d, const struct policy *before,
		     const struct policy *after)
{
	json_open(j, NULL, '{');
	json_string(j, "result", results[d->result]);
	json_bool(j, "protected", d->protected);
	for (int i = 0; i < DIFF_CHANGE_COUNT; i++)
		json_uint(j, changes[i], d->totals[i]);
	json_open(j, "entries", '[');
	for (uint32_t i = 0; i < d->entries_count && i < ENTRIES; i++)
		put_entry(j, &d->entries[i], before, after);
	json_close(j, ']');
	json_close(j, '}');
}

int apply_assess(const struct policy *before, const struct policy *after, struct assessment *out)
{
	struct differ *v = before ? differ_new(0) : NULL;
	struct json j = json_to(&out->json);
	struct diff d = { 0 };

	*out = (struct assessment){ .word = "first" };
	if (!before) {
		text_puts(&out->json, "{\"result\":\"first\"}");
		return out->json.failed ? -ENOMEM : 0;
	}
	int e = v ? diff_policies(v, before, after, &d) : -ENOMEM;

	differ_free(v);
	if (e < 0)
		return e;
	put_diff(&j, &d, before, after);
	out->word = results[d.result];
	out->two = d.result == DIFF_UNKNOWN || (d.result == DIFF_LOOSENING && d.protected);
	diff_done(&d);
	return out->json.failed ? -ENOMEM : 0;
}

static bool is_protected(const struct policy *p, uint32_t zone)
{
	return p->zones[zone].role == ROLE_MYNUMBER || p->zones[zone].role == ROLE_PUBLIC_LINE;
}

bool apply_touches_protected(const struct policy *p)
{
	for (uint32_t i = 0; i < p->pairs_count; i++)
		if (p->pairs[i].boxes.count &&
		    (is_protected(p, p->pairs[i].from) || is_protected(p, p->pairs[i].to)))
			return true;
	return false;
}

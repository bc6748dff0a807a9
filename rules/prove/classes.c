/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * classes: what the compiler made of the answers of several permits: a class is never laxer than any
 * permit of it, and what has an end is never handed to the fast path (rule 5).
 */
#include "rules/prove/parts.h"

#include <string.h>

static bool opens(uint8_t action)
{
	return action == ACTION_PASS || action == ACTION_ALERT || action == ACTION_PASS_METADATA;
}

/* From the one that lets least pass to the one that lets most. */
static unsigned int laxity(uint8_t action)
{
	return action == ACTION_PASS            ? 3
	       : action == ACTION_PASS_METADATA ? 2
						: action == ACTION_ALERT;
}

static bool has_limit(const struct policy *p, const struct profile *j, const struct limit *l)
{
	for (uint32_t i = 0; i < j->limits.count; i++)
		if (!memcmp(&p->limits[j->limits.first + i], l, sizeof(*l)))
			return true;
	return false;
}

static bool actions_laxer(const struct profile *j, const struct profile *m)
{
	return laxity(j->on_overload) > laxity(m->on_overload) ||
	       laxity(j->on_no_inspector) > laxity(m->on_no_inspector) ||
	       laxity(j->on_memory) > laxity(m->on_memory) ||
	       laxity(j->on_midstream) > laxity(m->on_midstream) ||
	       laxity(j->on_restart) > laxity(m->on_restart) ||
	       laxity(j->on_undecodable) > laxity(m->on_undecodable) ||
	       laxity(j->on_uninspectable) > laxity(m->on_uninspectable) ||
	       laxity(j->on_unknown_application) > laxity(m->on_unknown_application) ||
	       laxity(j->on_mismatch) > laxity(m->on_mismatch);
}

static bool is_laxer(const struct policy *p, const struct class *k, const struct profile *m)
{
	const struct profile *j = &k->joined;

	for (uint32_t i = 0; i < m->limits.count; i++)
		if (!has_limit(p, j, &p->limits[m->limits.first + i]))
			return true;
	return actions_laxer(j, m) || j->inspect < m->inspect || j->undecided > m->undecided ||
	       j->offload > m->offload || j->starttls_pass > m->starttls_pass ||
	       (!opens(m->on_no_inspector) && !k->closed) ||
	       (m->inspect != INSPECT_NONE && !k->queued && !k->box_end);
}

static void report(struct parts *x, enum proof_what what, uint32_t class, uint32_t statement)
{
	struct finding *f = findings_add(x->findings, what);

	if (!f)
		return;
	f->statement = statement;
	f->object = class;
}

static bool may_end(const struct statement *s)
{
	return s->until || s->since || s->window != POLICY_NONE;
}

static void check_member(struct parts *x, uint32_t class, uint32_t statement)
{
	const struct class *k = &x->p->classes[class];
	const struct statement *s = &x->p->statements[statement];
	bool unseen = s->type == STATEMENT_DENY && !k->queued && !k->box_end;

	x->claims += 2;
	if (unseen || (s->type != STATEMENT_DENY && is_laxer(x->p, k, &x->p->profiles[s->profile])))
		report(x, PROOF_CLASS_LAXER, class, statement);
	if (k->joined.offload && may_end(s))
		report(x, PROOF_OUTLIVES, class, statement);
}

void parts_classes(struct parts *x)
{
	for (uint32_t i = 0; i < x->p->classes_count; i++) {
		const struct class *k = &x->p->classes[i];

		for (uint32_t m = 0; !k->denied && m < k->members.count; m++)
			check_member(x, i, x->p->refs[k->members.first + m]);
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/report.h"

#include <errno.h>

#include "rules/prove/names.h"
#include "rules/prove/parts.h"
#include "rules/prove/witness.h"
#include "rules/prove/words.h"
#include "rules/text.h"

/* The places of messages.h. */
enum {
	ARG_STATEMENT = 1,
	ARG_FROM,
	ARG_TO,
	ARG_ROLE_FROM,
	ARG_ROLE_TO,
	ARG_DETAIL,
	ARG_OBJECT,
	ARG_MODEL,
	ARG_OTHER,
	ARGS
};

struct reporting {
	const struct policy *p;
	const struct proof_places *at;
	struct names names;
	struct diags *d;
	struct text detail, object; /* of the finding at hand */
};

static const enum diag_id ids[PROOF_FINDING_COUNT] = {
#define ID_(N) [PROOF_##N] = MSG_PROVE_##N,
	PROOF_FINDINGS(ID_)
};

/* ---- places ---- */

static struct location place(const struct location *of, uint32_t i)
{
	return of && i != POLICY_NONE ? of[i] : (struct location){ 0 };
}

static struct location main_place(const struct reporting *r, const struct finding *f)
{
	const struct proof_places *at = r->at;

	switch (f->what) {
	case PROOF_ZONES_SHARE: return place(at->zones, f->to);
	case PROOF_UNINSPECTED: return place(at->zones, f->from);
	case PROOF_HOST_EMPTY:
	case PROOF_EXAMPLE_ADDRESS: return place(at->hosts, f->object);
	case PROOF_ACCEPT_UNUSED: return place(at->accepts, f->object);
	default: return place(at->statements, f->statement);
	}
}

static const char *text_of(const struct text *t)
{
	return t->bytes ? t->bytes : "";
}

/* "for example: gyomu 10.10.1.10 (kikan) -> relay 10.30.1.30 (net), tcp 25 (smtp)" */
static void note_example(struct reporting *r, const struct witness *w)
{
	struct text src = { 0 }, dst = { 0 }, service = { 0 };

	witness_put_end(&r->names, w->from, w->tuple.src, &src);
	witness_put_end(&r->names, w->to, w->tuple.dst, &dst);
	names_put_service(&r->names, w->tuple.protocol, w->tuple.dport, &service);
	diag_add(r->d, MSG_PROVE_EXAMPLE, (struct location){ 0 }, text_of(&src), text_of(&dst),
		 text_of(&service));
	text_done(&src);
	text_done(&dst);
	text_done(&service);
}

static void note_role(struct reporting *r, uint32_t zone)
{
	struct location at = place(r->at->zones, zone);

	if (zone != POLICY_NONE && at.text)
		diag_add(r->d, MSG_PROVE_ROLE_HERE, at, words_zone(r->p, zone),
			 words_role(r->p, zone));
}

static void note_other(struct reporting *r, struct location at, const char *name)
{
	if (at.text)
		diag_add(r->d, MSG_PROVE_OTHER_HERE, at, name);
}

static void note_acceptance(struct reporting *r, uint32_t host)
{
	const struct accept_risk *a = parts_acceptance(r->p, host);

	if (a)
		note_other(r, place(r->at->accepts, (uint32_t)(a - r->p->accepts)),
			   policy_string(r->p, a->name));
}

static void add_notes(struct reporting *r, const struct finding *f)
{
	if (f->has_witness)
		note_example(r, &f->witness);
	if (f->has_second)
		note_example(r, &f->second);
	for (uint32_t i = 0; i < f->others_count; i++)
		note_other(r, place(r->at->statements, f->others[i]),
			   words_statement(r->p, f->others[i]));
	if (f->what == PROOF_ASSERT_NEVER || f->what == PROOF_ASSERT_ONLY)
		note_other(r, place(r->at->assertions, f->object), text_of(&r->object));
	else if (f->what == PROOF_RELAY_EXPIRED)
		note_acceptance(r, f->object);
	else if (f->what == PROOF_END_UNBOUND && f->has_witness)
		note_role(r, f->object);
	else if (proof_is_error(f->what)) {
		note_role(r, f->from);
		if (f->to != f->from)
			note_role(r, f->to);
	}
}

static enum diag_id id_of(const struct finding *f)
{
	if (f->what == PROOF_PERMIT_NEVER && f->others_count == 0)
		return MSG_PROVE_PERMIT_NOTHING;
	return ids[f->what];
}

static void report_one(struct reporting *r, const struct finding *f)
{
	const struct policy *p = r->p;
	const char *args[ARGS + 1] = { NULL };

	text_clear(&r->detail);
	text_clear(&r->object);
	words_put_detail(p, f, &r->detail);
	words_put_object(p, f, &r->object);
	args[ARG_STATEMENT] = words_statement(p, f->statement);
	args[ARG_FROM] = words_zone(p, f->from);
	args[ARG_TO] = words_zone(p, f->to);
	args[ARG_ROLE_FROM] = words_role(p, f->from);
	args[ARG_ROLE_TO] = words_role(p, f->to);
	args[ARG_DETAIL] = text_of(&r->detail);
	args[ARG_OBJECT] = text_of(&r->object);
	args[ARG_MODEL] = policy_model_words[p->model];
	args[ARG_OTHER] = f->others_count ? words_statement(p, f->others[0]) : "";
	diag_report(r->d, id_of(f), main_place(r, f), args);
	add_notes(r, f);
}

int proof_report(const struct proof *f, const struct policy *p, const struct proof_places *at,
		 struct diags *d)
{
	struct reporting r = { .p = p, .at = at, .d = d };

	if (names_init(&r.names, p) < 0)
		return -ENOMEM;
	for (uint32_t i = 0; i < f->findings_count; i++)
		report_one(&r, &f->findings[i]);
	bool failed = r.detail.failed || r.object.failed || d->failed;

	text_done(&r.detail);
	text_done(&r.object);
	names_done(&r.names);
	return failed ? -ENOMEM : 0;
}

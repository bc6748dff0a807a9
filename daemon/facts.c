/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * facts: what is known of a flow so far, put before the policy.
 */
#include "daemon/content/http.h"
#include "daemon/content/tls.h"
#include "daemon/engine_state.h"
#include "daemon/record/event.h"

/* Their first words leave nothing for nDPI to add; TLS, HTTP and DNS may turn out to be somebody's. */
static bool says_it_all(enum recognised what)
{
	switch (what) {
	case KNOWN_NOTHING:
	case KNOWN_TLS:
	case KNOWN_HTTP:
	case KNOWN_DNS: return false;
	default: return true;
	}
}

static bool app_known(const struct known *k)
{
	return k && (k->own || k->finding.confident);
}

/* Nothing identified it and nothing will. */
static bool given_up(const struct flow *f)
{
	const struct work *w = f->work;

	if (app_known(f->known))
		return w && w->blind;
	return !w || w->blind || (!w->nd && !w->looking);
}

/* The packet that would exceed `undecided` is judged before it passes. */
static bool over_budget(const struct engine *e, const struct step *s)
{
	const struct work *w = s->f->work;

	return w && w->passed[s->reply] + s->length >
			    e->now->policy->classes[s->f->class].joined.undecided;
}

uint8_t flow_inspection(const struct flow *f)
{
	if (f->midstream)
		return INSPECTION_MIDSTREAM;
	if (f->work && (f->work->bad || f->work->blind))
		return INSPECTION_UNINSPECTABLE;
	if (app_known(f->known))
		return INSPECTION_COMPLETE;
	return f->up.payload || f->down.payload ? INSPECTION_GAVE_UP : INSPECTION_NONE;
}

static uint64_t uploaded(const struct step *s)
{
	const struct flow *f = s->f;
	const struct work *w = f->work;

	if (!w)
		return f->up.payload;
	/* Where requests are read, a body is refused at its head: the rest is asking, not sending. */
	if (w->http && !w->tunnel && !w->bad)
		return 0;
	return w->passed[0] - w->before_tunnel + (s->reply ? 0 : s->length);
}

static struct facts facts_of(const struct engine *e, const struct step *s, bool exhausted)
{
	const struct flow *f = s->f;
	const struct known *k = f->known;
	struct facts facts = {
		.up = uploaded(s),
		.down = f->work ? f->work->passed[1] + (s->reply ? s->length : 0) : f->down.payload,
		.now = engine_second(e, s->p->time),
	};

	if (!k)
		return facts;
	facts.apps = loaded_bits(e->now, &k->finding, k->own) | e->now->own[k->inner];
	facts.app_known = app_known(k);
	facts.app_final = exhausted || k->app_final || says_it_all(k->own);
	facts.name = k->name;
	facts.name_known = k->name;
	facts.name_final = exhausted || k->name_final || says_it_all(k->own);
	return facts;
}

/* A request that brings a body where only fetching is permitted is refused at its head. */
static void refuse_body(const struct engine *e, const struct step *s, struct decision *d)
{
	const struct policy *p = e->now->policy;
	const struct work *w = s->f->work;

	if (d->verdict != VERDICT_PASS || d->statement == POLICY_NONE || !w || !w->http ||
	    w->tunnel || !w->http->newest)
		return;
	const struct statement *st = &p->statements[d->statement];

	if (st->type != STATEMENT_PERMIT || st->direction != DIRECTION_DOWNLOAD ||
	    !w->http->newest->body)
		return;
	d->verdict = VERDICT_DENY;
	d->reason = REASON_DIRECTION;
	d->alert_only = p->profiles[st->profile].on_mismatch == ACTION_ALERT;
}

bool engine_judge(struct engine *e, struct step *s)
{
	struct flow *f = s->f;
	bool up = given_up(f), full = over_budget(e, s);
	struct facts facts = facts_of(e, s, up);
	struct situation now = {
		.policy = e->now->policy,
		.class = f->class,
		.decision = policy_decide(e->now->policy, f->class, &facts),
		.app_known = facts.app_known,
		.name_known = facts.name_known,
		.exhausted = up || full,
		.midstream = f->midstream,
		.unreadable = f->work && f->work->bad && !f->midstream,
	};

	if (now.decision.verdict == VERDICT_MORE && full) {
		facts = facts_of(e, s, true);
		now.decision = policy_decide(e->now->policy, f->class, &facts);
	}
	refuse_body(e, s, &now.decision);
	now.watched = f->work && f->known && read_watched(e, f);
	now.content = contents_watched(f);
	s->judgement = judge(&now);
	if (s->judgement.statement != POLICY_NONE)
		f->statement = s->judgement.statement;
	if (s->judgement.alert)
		tell_once(e, s, s->judgement.detector, s->judgement.reason, false);
	return s->judgement.what == JUDGED_DENY;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/rehearsal.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/content/recognise.h"
#include "daemon/inspect.h"
#include "daemon/judge.h"
#include "daemon/loaded.h"
#include "daemon/record/event.h"
#include "tools/seen/sighting.h"

#define FTP_PAIRS 4096u /* ends with a control connection; of more, data connections are unclear */

struct ftp_pair {
	ip_t a, b;
};

/* Bits of labels that were met: nDPI is asked for a name by comparing it with all of its own. */
#define LABELS 256u

struct label {
	char text[SIGHTING_WORD];
	uint64_t bits;
};

struct rehearsal {
	struct policy policy;         /* as given, with statements of our own */
	struct statement *statements; /* owned; dates settled */
	struct loaded *loaded;        /* owned */
	struct inspect *inspect;      /* borrowed */
	struct label labels[LABELS];  /* by hash of the text; a later one takes the place */
	struct ftp_pair *ftp;         /* owned */
	uint32_t ftp_count, ftp_room;
};

/* ---- the policy on its day ---- */

#define NEVER 1 /* an end in 1970 */

/* Windows stay; a statement whose dates are not of this day is over. */
static void settle_dates(struct statement *s, int64_t day, bool crossings)
{
	const bool begun = !s->since || s->since <= day;
	const bool ended = s->until && s->until <= day && !s->at_end_alarm;

	s->since = 0;
	s->until = 0;
	if (begun && !ended && (s->type != STATEMENT_CROSSING || crossings))
		return;
	s->until = NEVER;
	s->at_end_alarm = false;
}

int rehearsal_new(const struct policy *p, struct inspect *in, int64_t day, bool crossings,
		  struct rehearsal **out, char why[static 160])
{
	struct rehearsal *r = calloc(1, sizeof(*r));
	int e = -ENOMEM;

	if (r)
		r->statements = calloc(p->statements_count + 1u, sizeof(*r->statements));
	if (r && r->statements) {
		if (p->statements_count)
			memcpy(r->statements, p->statements,
			       p->statements_count * sizeof(*r->statements));
		for (uint32_t i = 0; i < p->statements_count; i++)
			settle_dates(&r->statements[i], day, crossings);
		r->policy = *p;
		r->policy.statements = r->statements;
		r->inspect = in;
		e = loaded_new(&r->policy, NULL, in, NULL, &r->loaded, why);
	}
	if (e < 0)
		rehearsal_free(r);
	else
		*out = r;
	return e;
}

void rehearsal_free(struct rehearsal *r)
{
	if (!r)
		return;
	loaded_free(r->loaded);
	free(r->statements);
	free(r->ftp);
	free(r);
}

const struct policy *rehearsal_policy(const struct rehearsal *r)
{
	return &r->policy;
}

/* ---- applications ---- */

static uint64_t bits_of_word(const struct rehearsal *r, const char *word)
{
	uint16_t number;

	return inspect_app_named(r->inspect, word, &number) == 0 ? r->loaded->bits[number] : 0;
}

/* "TLS.Google" is both; a name of nDPI's may have a dot itself. */
static uint64_t look_up_label(const struct rehearsal *r, const char *label)
{
	uint64_t bits = bits_of_word(r, label);
	char word[SIGHTING_WORD];

	for (const char *dot = strchr(label, '.'); dot; dot = strchr(dot + 1, '.')) {
		const size_t n = (size_t)(dot - label);

		memcpy(word, label, n);
		word[n] = '\0';
		bits |= bits_of_word(r, word) | bits_of_word(r, dot + 1);
	}
	return bits;
}

static uint64_t bits_of_label(struct rehearsal *r, const char *text)
{
	uint32_t h = 5381;
	struct label *l;

	if (!text[0])
		return 0;
	for (const char *c = text; *c; c++)
		h = h * 33 + (uint8_t)*c;
	l = &r->labels[h % LABELS];
	if (strcmp(l->text, text) != 0) {
		snprintf(l->text, sizeof(l->text), "%s", text);
		l->bits = look_up_label(r, text);
	}
	return l->bits;
}

static uint64_t bits_of_eve(const struct rehearsal *r, const char *app_proto)
{
	uint64_t bits = 0;

	for (int i = 1; i < KNOWN_COUNT; i++)
		if (strcmp(recognised_eve[i], app_proto) == 0)
			bits |= r->loaded->own[i];
	return bits;
}

static bool known(const struct sighting *s)
{
	return s->application[0] || s->app_proto[0];
}

/* ---- facts ---- */

struct view { /* one conversation before one policy */
	struct rehearsal *r;
	const struct sighting *s;
	struct rehearsed_as as;
	bool refusal; /* only its first packets are known */
};

static bool reads_http(const struct sighting *s)
{
	return strcmp(s->app_proto, "http") == 0 && !s->inside[0] && !s->unreadable;
}

/* As facts.c of the daemon: where requests are read, a body is refused at its head. */
static struct facts facts_of(const struct view *v, const char *name, bool most)
{
	const struct sighting *s = v->s;
	struct facts f = {
		.apps = bits_of_label(v->r, s->application) | bits_of_eve(v->r, s->app_proto) |
			(s->inside[0] ? bits_of_label(v->r, s->inside) : 0),
		.app_known = known(s),
		.app_final = known(s),
		.name_known = name,
		.name_final = known(s),
		.name = name,
		.up = reads_http(s) ? 0
		      : most        ? s->most_up
				    : s->least_up,
		.down = most ? s->most_down : s->least_down,
		.now = s->start,
	};

	return f;
}

static void refuse_body(const struct view *v, struct decision *d)
{
	const struct policy *p = &v->r->policy;

	if (d->verdict != VERDICT_PASS || d->statement == POLICY_NONE || !v->s->body)
		return;
	const struct statement *st = &p->statements[d->statement];

	if (st->type != STATEMENT_PERMIT || st->direction != DIRECTION_DOWNLOAD)
		return;
	d->verdict = VERDICT_DENY;
	d->reason = REASON_DIRECTION;
	d->alert_only = p->profiles[st->profile].on_mismatch == ACTION_ALERT;
}

/* Whether nothing more would have been found out of an unknown application: no, yes, or nobody can say. */
enum maybe { NO, YES, UNSURE };

static enum maybe exhausted(const struct view *v)
{
	const struct sighting *s = v->s;
	const uint32_t undecided = v->r->policy.classes[v->as.class].joined.undecided;
	const struct inspect_conf *c = &inspect_conf_default;

	if (known(s))
		return NO;
	if (s->least_up > undecided || s->least_down > undecided || s->unreadable)
		return YES;
	if (s->most_up > undecided || s->most_down > undecided)
		return UNSURE;
	if (s->tuple.protocol == IPPROTO_UDP)
		return s->packets_seen > c->udp_packets ? YES : NO;
	if (s->tuple.protocol != IPPROTO_TCP)
		return s->packets_seen > c->other_packets ? YES : NO;
	return s->packets_seen > c->tcp_packets ? UNSURE : NO; /* which of them bore payload? */
}

static struct judgement judge_with(const struct view *v, const char *name, bool most, bool over)
{
	struct facts facts = facts_of(v, name, most);
	struct situation now = {
		.policy = &v->r->policy,
		.class = v->as.class,
		.app_known = facts.app_known,
		.name_known = facts.name_known,
		.exhausted = over,
		.unreadable = v->s->unreadable && !v->s->midstream,
		.midstream = v->s->midstream,
	};

	if (over)
		facts.app_final = facts.name_final = true;
	now.decision = policy_decide(&v->r->policy, v->as.class, &facts);
	refuse_body(v, &now.decision);
	return judge(&now);
}

static bool same_judgement(const struct judgement *a, const struct judgement *b)
{
	return (a->what == JUDGED_DENY) == (b->what == JUDGED_DENY) && a->alert == b->alert;
}

static uint8_t what_of(const struct view *v, const struct judgement *j)
{
	if (j->what == JUDGED_DENY)
		return REHEARSED_CUT;
	if (!j->alert)
		return REHEARSED_PASS;
	return j->statement != POLICY_NONE &&
			       v->r->policy.statements[j->statement].type == STATEMENT_CROSSING &&
			       j->reason == EVENT_REASON_OBSERVED
		       ? REHEARSED_PASS
		       : REHEARSED_ALARM;
}

static void settle(struct view *v, uint8_t what, uint8_t reason, uint32_t statement)
{
	v->as.what = what;
	v->as.reason = reason;
	v->as.statement = statement;
}

/* With one of its names. Both ends of what is not exactly known have to say the same. */
static void judge_name(struct view *v, const char *name)
{
	const enum maybe over = exhausted(v);
	const struct judgement j = judge_with(v, name, true, over == YES);
	const struct judgement low = judge_with(v, name, false, over != NO);
	const uint8_t what = what_of(v, &j);

	if (!same_judgement(&j, &low) ||
	    (what == REHEARSED_CUT && name && strchr(name, '*') && j.reason == EVENT_REASON_NAME))
		settle(v, REHEARSED_UNCLEAR, j.reason ? j.reason : low.reason, j.statement);
	else
		settle(v, what, j.reason, j.statement);
}

/* It is as bad as the worst of what it asked for. */
static bool worse(uint8_t a, uint8_t b)
{
	static const uint8_t rank[] = { [REHEARSED_PASS] = 0,
					[REHEARSED_ALARM] = 1,
					[REHEARSED_UNCLEAR] = 2,
					[REHEARSED_CUT] = 3 };

	return rank[a] > rank[b];
}

static void judge_names(struct view *v)
{
	struct rehearsed_as worst = { 0 };
	char name[SIGHTING_NAMES];

	if (!v->s->names[0]) {
		judge_name(v, NULL);
		return;
	}
	for (const char *at = v->s->names; *at;) {
		const size_t n = strcspn(at, "\n");

		memcpy(name, at, n);
		name[n] = '\0';
		judge_name(v, name);
		if (at == v->s->names || worse(v->as.what, worst.what))
			worst = v->as;
		at += n + (at[n] == '\n');
	}
	v->as = worst;
	if (v->s->names_cut && v->as.what == REHEARSED_PASS)
		v->as.what = REHEARSED_UNCLEAR;
}

/* ---- the way of the packet ---- */

static uint8_t event_reason_of(const struct decision *d)
{
	switch (d->reason) {
	case REASON_DENIED: return EVENT_REASON_DENIED;
	case REASON_ENDED: return EVENT_REASON_ENDED;
	default: return EVENT_REASON_NOT_PERMITTED;
	}
}

/* What the kernel decides before an engine sees anything. Return: whether it is settled. */
static bool by_kernel(struct view *v)
{
	const struct policy *p = &v->r->policy;
	const struct facts none = { .now = v->s->start };
	const struct class *k;
	struct decision d;

	if (v->as.from != POLICY_NONE && v->as.from == v->as.to &&
	    p->zones[v->as.from].inside_permit) {
		settle(v, REHEARSED_PASS, EVENT_REASON_NONE, POLICY_NONE);
		return true;
	}
	if (v->as.class == POLICY_NONE) {
		settle(v, REHEARSED_CUT, EVENT_REASON_NOT_PERMITTED, POLICY_NONE);
		return true;
	}
	k = &p->classes[v->as.class];
	d = policy_decide(p, v->as.class, &none);
	/* a crossing that is not in force is as if it were not there */
	if (d.reason == REASON_ENDED && p->statements[d.statement].type == STATEMENT_CROSSING) {
		d.reason = REASON_NOT_PERMITTED;
		d.statement = POLICY_NONE;
	}
	if (k->denied || d.verdict == VERDICT_DENY) {
		settle(v, REHEARSED_CUT, k->denied ? EVENT_REASON_DENIED : event_reason_of(&d),
		       d.statement);
		return true;
	}
	settle(v, REHEARSED_PASS, EVENT_REASON_NONE, d.statement);
	return !k->queued;
}

/* Where every permit is FTP, what no control connection announced is refused. */
static bool is_ftp_data(const struct view *v)
{
	const struct tuple *t = &v->s->tuple;

	return v->r->loaded->traits[v->as.class].ftp_only && t->protocol == IPPROTO_TCP &&
	       loaded_ftp_data(v->r->loaded, v->as.class, t->dport);
}

/* Nobody looked when it was recorded: whatever a permit asks of the application or the name is open. */
static void judge_blind(struct view *v)
{
	const struct judgement j = judge_with(v, NULL, true, true);

	if (what_of(v, &j) == REHEARSED_PASS)
		settle(v, REHEARSED_PASS, EVENT_REASON_NONE, j.statement);
	else
		settle(v, REHEARSED_UNCLEAR, EVENT_REASON_UNKNOWN_APPLICATION, v->as.statement);
}

static void by_engine(struct view *v)
{
	const struct sighting *s = v->s;

	if (is_ftp_data(v))
		v->as.what = REHEARSED_FTP_DATA;
	else if (s->refused && !known(s))
		v->as.what = REHEARSED_PASS; /* so far: the kernel would let it begin */
	else if (!s->most_up && !s->most_down)
		v->as.what = REHEARSED_PASS; /* a handshake tells nothing */
	else if (!s->packets_seen && !known(s))
		judge_blind(v);
	else
		judge_names(v);
}

static void note_ftp(struct rehearsal *r, const struct tuple *t)
{
	const struct ftp_pair pair = { t->src, t->dst };

	for (uint32_t i = r->ftp_count; i-- > 0 && r->ftp_count - i < 64;)
		if (memcmp(&r->ftp[i], &pair, sizeof(pair)) == 0)
			return;
	if (r->ftp_count == r->ftp_room) {
		const uint32_t room = r->ftp_room ? r->ftp_room * 2 : 64;
		void *grown = room > FTP_PAIRS ? NULL : realloc(r->ftp, room * sizeof(pair));

		if (!grown)
			return;
		r->ftp = grown;
		r->ftp_room = room;
	}
	r->ftp[r->ftp_count++] = pair;
}

bool rehearsal_ftp(const struct rehearsal *r, const struct tuple *t)
{
	for (uint32_t i = 0; i < r->ftp_count; i++)
		if ((r->ftp[i].a == t->src && r->ftp[i].b == t->dst) ||
		    (r->ftp[i].a == t->dst && r->ftp[i].b == t->src))
			return true;
	return false;
}

static uint32_t zone_of(const struct policy *p, ip_t a, bool box)
{
	return box ? policy_box_zone(p) : policy_zone_of_address(p, a);
}

struct rehearsed_as rehearsal_judge(struct rehearsal *r, const struct sighting *s)
{
	const struct policy *p = &r->policy;
	struct view v = { .r = r, .s = s };

	v.as.from = zone_of(p, s->tuple.src, s->from_box);
	v.as.to = zone_of(p, s->tuple.dst, s->to_box);
	v.as.class = policy_classify(p, v.as.from, v.as.to, &s->tuple);
	v.as.statement = POLICY_NONE;
	if (!by_kernel(&v))
		by_engine(&v);
	if (v.as.what < REHEARSED_CUT && strcmp(s->app_proto, "ftp") == 0)
		note_ftp(r, &s->tuple);
	return v.as;
}

/* ---- two classes ---- */

static bool same_limits(const struct policy *a, struct span x, const struct policy *b,
			struct span y)
{
	return x.count == y.count &&
	       (x.count == 0 || memcmp(a->limits + x.first, b->limits + y.first,
				       x.count * sizeof(*a->limits)) == 0);
}

bool rehearsal_alike(const struct policy *a, uint32_t class_a, const struct policy *b,
		     uint32_t class_b)
{
	if (class_a == POLICY_NONE || class_b == POLICY_NONE)
		return class_a == class_b;
	const struct class *x = &a->classes[class_a], *y = &b->classes[class_b];
	struct profile m = x->joined, n = y->joined;

	m.name = m.label = n.name = n.label = 0;
	m.log = n.log = 0;
	m.limits = n.limits = (struct span){ 0 };
	return x->closed == y->closed && x->queued == y->queued && memcmp(&m, &n, sizeof(m)) == 0 &&
	       same_limits(a, x->joined.limits, b, y->joined.limits);
}

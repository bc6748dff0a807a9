/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/proposal.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/content/recognise.h"
#include "daemon/inspect.h"
#include "daemon/record/event.h"
#include "rules/prove/matrix.h"
#include "tools/seen/proposing.h"
#include "tools/seen/rehearsal.h"
#include "tools/seen/seen.h"
#include "tools/seen/who.h"

#define MANY_TERMINALS 6u        /* doing the same: their zone */
#define MANY_TERMINALS_LGWAN 20u /* its servers are terminals too: rather a list */
#define MANY_PORTS 16u           /* of one server and application: a range */

#define TAG_STATEMENT 0xffffffu /* low bits; all set: none */

uint32_t proposals_tag(const struct rehearsed_as *as)
{
	const uint32_t st = as->statement < TAG_STATEMENT ? as->statement : TAG_STATEMENT;
	uint32_t why = WHY_NONE;

	if (as->what == REHEARSED_ALARM)
		why = WHY_ALARM;
	else if (as->what == REHEARSED_UNCLEAR)
		why = WHY_UNCLEAR;
	else if (as->what != REHEARSED_CUT)
		return 0; /* data of FTP goes with its control connection */
	if (as->from == POLICY_NONE || as->to == POLICY_NONE)
		why = WHY_NO_ZONE;
	else if (as->what == REHEARSED_CUT && as->reason == EVENT_REASON_DENIED)
		why = WHY_DENIED;
	else if (as->what == REHEARSED_CUT && as->reason == EVENT_REASON_ENDED &&
		 as->class != POLICY_NONE)
		why = WHY_ENDED;
	else if (as->what == REHEARSED_CUT && as->reason == EVENT_REASON_DIRECTION)
		why = WHY_DIRECTION;
	return (why + 1) << 24 | st;
}

void proposals_done(struct proposals *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		free(s->at[i].src.at);
		free(s->at[i].dst.at);
	}
	free(s->at);
	*s = (struct proposals){ 0 };
}

/* ---- one proposal for a server and service ---- */

struct making {
	const struct policy *p;
	const struct seen *seen;
	struct inspect *in;
	const struct who *who;
	struct proposals *out;
};

struct part { /* an entry and where it belongs */
	const struct seen_entry *e;
	uint32_t from, to, profile, statement;
	uint8_t why;
	bool ftp;
};

static bool is_ftp(const struct seen *s, const struct seen_entry *e)
{
	return strncmp(seen_text(s, e->app_proto), "ftp", 3) == 0 ||
	       strncmp(seen_text(s, e->application), "FTP_", 4) == 0;
}

static uint32_t zone_of(const struct policy *p, ip_t a, bool box)
{
	return box ? policy_box_zone(p) : policy_zone_of_address(p, a);
}

/* Beside a permit of the same addresses and port a new one has to be inspected alike. */
static uint32_t profile_there(const struct policy *p, uint32_t class)
{
	if (class == POLICY_NONE)
		return POLICY_NONE;
	const struct span m = p->classes[class].members;

	for (uint32_t i = m.first; i < m.first + m.count; i++)
		if (p->statements[p->refs[i]].type == STATEMENT_PERMIT)
			return p->statements[p->refs[i]].profile;
	return POLICY_NONE;
}

static struct part part_of(const struct making *m, const struct seen_entry *e)
{
	struct part part = { .e = e,
			     .from = zone_of(m->p, e->tuple.src, e->from_box),
			     .to = zone_of(m->p, e->tuple.dst, e->to_box),
			     .profile = POLICY_NONE,
			     .statement = e->tag & TAG_STATEMENT,
			     .why = (uint8_t)((e->tag >> 24) - 1),
			     .ftp = is_ftp(m->seen, e) };

	if (part.statement == TAG_STATEMENT || part.why == WHY_NONE)
		part.statement = POLICY_NONE;
	if (part.why == WHY_NONE)
		part.profile =
			profile_there(m->p, policy_classify(m->p, part.from, part.to, &e->tuple));
	return part;
}

#define ORDER(a, b) \
	do { \
		if ((a) != (b)) \
			return (a) < (b) ? -1 : 1; \
	} while (0)

static int by_server(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	ORDER(x->why, y->why);
	ORDER(x->statement, y->statement);
	ORDER(x->from, y->from);
	ORDER(x->to, y->to);
	ORDER(x->profile, y->profile);
	ORDER(x->e->tuple.dst, y->e->tuple.dst);
	ORDER(x->ftp, y->ftp);
	if (x->ftp)
		return 0;
	ORDER(x->e->tuple.protocol, y->e->tuple.protocol);
	ORDER(x->e->tuple.dport, y->e->tuple.dport);
	return 0;
}

static int by_server_and_place(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	const int r = by_server(a, b);

	return r ? r : (x->e > y->e) - (x->e < y->e);
}

static struct proposal *new_proposal(struct proposals *s)
{
	if (s->count == s->room) {
		const uint32_t room = s->room ? s->room * 2 : 16;
		void *grown = realloc(s->at, room * sizeof(*s->at));

		if (!grown)
			return NULL;
		s->at = grown;
		s->room = room;
	}
	s->at[s->count] = (struct proposal){ 0 };
	return &s->at[s->count++];
}

/* The word a policy says; NULL: it was not recognised. */
static const char *application(const struct making *m, const struct seen_entry *e)
{
	const char *eve = seen_text(m->seen, e->app_proto);
	const char *label = seen_text(m->seen, e->application);
	char word[64];
	uint16_t number;

	for (int i = 1; i < KNOWN_COUNT; i++)
		if (strcmp(recognised_eve[i], eve) == 0)
			return strcmp(eve, "smb") == 0 ? "SMB" : recognised_applications[i];
	const size_t n = strcspn(label, ".");

	if (n == 0 || n >= sizeof(word))
		return NULL;
	memcpy(word, label, n);
	word[n] = '\0';
	return inspect_app_named(m->in, word, &number) == 0 ? inspect_app_name(m->in, number)
							    : NULL;
}

/* A conversation that asked for several names is told by the last; a list of names would not be all of them. */
static void add_names(struct proposal *p, const struct making *m, const struct seen_entry *e)
{
	const char *names = seen_text(m->seen, e->names);

	if (!*names)
		p->names.without += e->count;
	else if (strchr(names, '\n'))
		p->names.more++;
	const char *last = strrchr(names, '\n');

	if (*names)
		proposal_add_word(&p->names, last ? last + 1 : names, e->count);
}

static bool add_part(const struct making *m, struct proposal *p, const struct part *part)
{
	const struct seen_entry *e = part->e;
	const char *app = application(m, e);
	const bool any = e->tuple.protocol != IPPROTO_TCP && e->tuple.protocol != IPPROTO_UDP &&
			 e->tuple.protocol != IPPROTO_ICMP && e->tuple.protocol != IPPROTO_ICMPV6;
	const struct port_range r = { .lo = any ? 0 : e->tuple.dport,
				      .hi = any ? UINT16_MAX : e->tuple.dport,
				      .protocol = e->tuple.protocol };

	proposal_add_port(p, r);
	if (app)
		proposal_add_word(&p->applications, app, e->count);
	else if (e->payload || !e->looked_at)
		p->applications.without += e->count;
	add_names(p, m, e);
	p->count += e->count;
	p->bytes_up += e->bytes_up;
	p->bytes_down += e->bytes_down;
	p->first = p->first && p->first < e->first ? p->first : e->first;
	p->last = p->last > e->last ? p->last : e->last;
	return proposal_add_end(&p->src, e->tuple.src, e->count) &&
	       proposal_add_end(&p->dst, e->tuple.dst, e->count);
}

static bool gather(const struct making *m, const struct part *parts, uint32_t count)
{
	struct proposal *p = NULL;

	for (uint32_t i = 0; i < count; i++) {
		if (!i || by_server(&parts[i - 1], &parts[i]) != 0) {
			p = new_proposal(m->out);
			if (!p)
				return false;
			p->why = parts[i].why;
			p->statement = parts[i].statement;
			p->from = parts[i].from;
			p->to = parts[i].to;
			p->profile = parts[i].profile;
			p->ftp = parts[i].ftp;
			p->group = POLICY_NONE;
		}
		if (!add_part(m, p, &parts[i]))
			return false;
	}
	return true;
}

/* ---- what the model has for it ---- */

static bool one_port(const struct proposal *p, uint8_t protocol, uint16_t port)
{
	return p->port_count == 1 && p->ports[0].lo == port && p->ports[0].hi == port &&
	       (!protocol || p->ports[0].protocol == protocol);
}

static bool condition_holds(const struct proposal *p, uint8_t condition)
{
	switch (condition) {
	case MATRIX_TIME: return one_port(p, IPPROTO_UDP, 123);
	case MATRIX_NAMES: return one_port(p, 0, 53);
	case MATRIX_SSH: return one_port(p, IPPROTO_TCP, 22);
	case MATRIX_PING: return one_port(p, IPPROTO_ICMP, 8) || one_port(p, IPPROTO_ICMPV6, 128);
	case MATRIX_LOGS: return one_port(p, 0, 514) || one_port(p, IPPROTO_TCP, 6514);
	default: return true;
	}
}

static void find_allowance(const struct making *m, struct proposal *p)
{
	const enum model model = (enum model)m->p->model;
	const enum role from = (enum role)m->p->zones[p->from].role,
			to = (enum role)m->p->zones[p->to].role;

	if (matrix_is_free(model, from, to))
		return;
	do {
		p->allowance = matrix_next(model, from, to, p->allowance);
	} while (p->allowance && !condition_holds(p, p->allowance->condition));
	if (!p->allowance)
		p->why = WHY_MODEL;
}

bool proposal_names_told(const struct proposal *p)
{
	if (!p->names.count || p->names.more || p->names.without)
		return false;
	for (uint32_t i = 0; i < p->names.count; i++) {
		const char *w = p->names.at[i].word;

		if (strspn(w, "abcdefghijklmnopqrstuvwxyz0123456789-.") != strlen(w) ||
		    !strchr(w, '.') || w[0] == '.' || w[0] == '-' || strlen(w) > 200)
			return false;
	}
	return true;
}

/* ---- wider sources ---- */

static bool overlaps_port(const struct proposal *p, const struct box *b)
{
	for (uint32_t i = 0; i < p->port_count; i++) {
		const struct port_range *r = &p->ports[i];

		if (r->protocol >= b->protocol && r->protocol <= b->protocol_hi &&
		    (b->kind == BOX_PROTOCOL || (r->lo <= b->hi && b->lo <= r->hi)))
			return true;
	}
	return false;
}

static bool holds_any(const struct proposal_ends *s, struct ip_range r)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (ip_in(r, s->at[i].address))
			return true;
	return false;
}

/* Sources that have permits of their own to the same server and port are left alone. */
static bool may_widen(const struct making *m, const struct proposal *p)
{
	const struct span s = m->p->pairs[p->from * m->p->zones_count + p->to].boxes;

	if (p->profile != POLICY_NONE)
		return false;
	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		const struct box *b = &m->p->boxes[i];

		if (profile_there(m->p, b->class) != POLICY_NONE && overlaps_port(p, b) &&
		    holds_any(&p->dst, b->dst))
			return false;
	}
	return true;
}

static bool group_has(const struct policy *p, const struct group *g, uint32_t host)
{
	for (uint32_t i = g->hosts.first; i < g->hosts.first + g->hosts.count; i++)
		if (p->refs[i] == host)
			return true;
	return false;
}

/* All of them are the group's, and they are half of it or more. */
static bool group_fits(const struct making *m, const struct proposal *p, const struct group *g)
{
	if (g->zone != p->from || p->src.count < 2 || p->src.count * 2 < g->hosts.count)
		return false;
	for (uint32_t i = 0; i < p->src.count; i++) {
		const uint32_t h = who_has(m->who, p->src.at[i].address);

		if (h == POLICY_NONE || !group_has(m->p, g, h))
			return false;
	}
	return true;
}

static void widen(const struct making *m, struct proposal *p)
{
	const uint8_t role = m->p->zones[p->from].role;
	const uint32_t many = role == ROLE_LGWAN ? MANY_TERMINALS_LGWAN : MANY_TERMINALS;

	if (p->from == policy_box_zone(m->p) || !may_widen(m, p))
		return;
	for (uint32_t g = 0; g < m->p->groups_count; g++)
		if (group_fits(m, p, &m->p->groups[g])) {
			p->how = FROM_GROUP;
			p->group = g;
			return;
		}
	if (p->src.count >= many && role != ROLE_MYNUMBER && role != ROLE_PUBLIC_LINE)
		p->how = FROM_ZONE;
}

/* ---- all of them ---- */

/* Very many ports of one server and application are its range. */
static void make_range(struct proposal *p)
{
	struct port_range *r = p->ports;

	if (p->port_count < MANY_PORTS || p->ftp)
		return;
	for (uint32_t i = 1; i < p->port_count; i++)
		if (p->ports[i].protocol != r->protocol)
			return;
	r->hi = p->ports[p->port_count - 1].hi;
	p->port_count = 1;
}

static void judge_one(const struct making *m, struct proposal *p)
{
	if (p->why)
		return;
	find_allowance(m, p);
	if (!p->why && p->profile != POLICY_NONE && !proposal_names_told(p) &&
	    !p->applications.count)
		p->why = WHY_NAMES;
	if (!p->why)
		widen(m, p);
}

void proposals_make(const struct policy *p, struct seen *seen, struct inspect *in,
		    const struct who *who, struct proposals *out)
{
	struct making m = { .p = p, .seen = seen, .in = in, .who = who, .out = out };
	uint32_t count, used = 0;
	const struct seen_entry *entries = seen_entries(seen, &count);
	struct part *parts = calloc(count + 1u, sizeof(*parts));
	bool ok = parts;

	for (uint32_t i = 0; ok && i < count; i++)
		if (entries[i].tag)
			parts[used++] = part_of(&m, &entries[i]);
	if (ok && used)
		qsort(parts, used, sizeof(*parts), by_server_and_place);
	ok = ok && gather(&m, parts, used);
	for (uint32_t i = 0; ok && i < out->count; i++)
		judge_one(&m, &out->at[i]);
	ok = ok && proposals_join(out);
	for (uint32_t i = 0; i < out->count; i++)
		make_range(&out->at[i]);
	free(parts);
	out->no_memory = !ok;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/reply.h"

#include <netinet/in.h>
#include <string.h>

#include "daemon/engine_state.h"
#include "daemon/inject.h"

#define OPTION_STAMPS 8u

/* ---- whether there is a place for it ---- */

/* Invariant 6: nothing is put before a guest unless the permit refers to terms of use. */
static bool is_for_guests(const struct policy *p, const struct step *s)
{
	const uint32_t i = s->judgement.statement;

	if (s->f->zone_from == POLICY_NONE || p->zones[s->f->zone_from].role != ROLE_GUEST)
		return false;
	return i == POLICY_NONE || p->statements[i].type == STATEMENT_DENY ||
	       !p->statements[i].reference;
}

/* A page answers a request: nothing of the server's own answer may have come before it. */
static bool is_request(const struct step *s)
{
	return s->f->known->own == KNOWN_HTTP && !s->f->work->tunnel && !s->reply;
}

static bool has_place(const struct engine *e, const struct step *s, uint8_t answer)
{
	const struct flow *f = s->f;

	if (!s->p->live || !e->conf.inject.request || s->h.protocol != IPPROTO_TCP || !f->work ||
	    !f->known || !f->reply_seen || is_for_guests(e->now->policy, s))
		return false;
	return answer == ANSWER_PAGE ? is_request(s) : f->known->own == KNOWN_SMTP;
}

/* ---- numbers ---- */

static uint32_t later(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0 ? a : b;
}

/*
 * What a side sends next by what has passed; the packet at hand has not. Where the readers follow the stream, they know
 * better than the flow's figures, which count what was refused as well.
 */
static uint32_t passed_to(const struct step *s, bool reply)
{
	const struct flow_side *side = reply ? &s->f->down : &s->f->up;
	const struct work *w = s->f->work;

	if (w->stream[reply].started && !w->blind && !w->unread)
		return s->f->known->expect[reply];
	return reply == s->reply && s->seq_known ? s->next_seq : side->next_seq;
}

static void put_numbers(const struct step *s, struct injection *q)
{
	q->server_seq = passed_to(s, false);
	q->seq = passed_to(s, true);
	if (!s->reply && (s->h.tcp_flags & TCP_ACK))
		q->seq = later(q->seq, s->h.ack);
	q->ack = s->f->up.next_seq;
}

bool reply_stamps(const struct headers *h, uint32_t *value, uint32_t *echo)
{
	struct cursor c = cursor_of(h->ip + h->ip_len + 20, h->l4_len - 20u);

	while (c.left) {
		const uint8_t kind = cursor_u8(&c), len = kind > 1 ? cursor_u8(&c) : 1;

		if (kind == 0 || c.tripped || (kind > 1 && len < 2))
			return false;
		if (kind == OPTION_STAMPS && len == 10) {
			*value = cursor_be32(&c);
			*echo = cursor_be32(&c);
			return !c.tripped;
		}
		cursor_skip(&c, len - (kind > 1 ? 2u : 1u));
	}
	return false;
}

/*
 * The timestamps of the packet at hand, turned toward the client. One that is older than what the server has sent since would
 * make the client throw the answer away (RFC 7323, 5.3).
 */
static void put_stamps(const struct step *s, struct injection *q)
{
	const struct work *w = s->f->work;
	uint32_t value, echo;

	q->stamped = reply_stamps(&s->h, &value, &echo);
	if (!q->stamped)
		return;
	q->stamp = s->reply ? value : echo;
	q->echo = s->reply ? echo : value;
	if (w->server_stamped)
		q->stamp = later(q->stamp, w->server_stamp);
}

/* ---- texts ---- */

static void put_text(char out[static INJECTION_TEXT], const char *text)
{
	const size_t n = strnlen(text, INJECTION_TEXT - 1);

	memcpy(out, text, n);
	out[n] = '\0';
}

static void put_rule(const struct policy *p, uint32_t i, struct injection *q)
{
	if (i == POLICY_NONE)
		return;
	const struct statement *t = &p->statements[i];

	put_text(q->permit, policy_string(p, t->label ? t->label : t->name));
}

static void put_name(const struct known *k, struct injection *q)
{
	const size_t n = k->name ? strnlen(k->name, INJECTION_TEXT - 1) : 0;

	if (n)
		q->name[event_mask(k->name, n, q->name)] = '\0';
}

bool reply_instead(struct engine *e, struct step *s, uint8_t answer)
{
	struct injection q = {
		.kind = answer == ANSWER_PAGE ? INJECT_PAGE : INJECT_SMTP_REJECT,
		.client = s->f->tuple.src,
		.server = s->f->tuple.dst,
		.client_port = s->f->tuple.sport,
		.server_port = s->f->tuple.dport,
		.event = s->f->id,
	};

	if (answer != ANSWER_PAGE && answer != ANSWER_SMTP_REJECT)
		return false;
	if (!has_place(e, s, answer) ||
	    !bucket_take(&e->replies, s->p->time, REPLY_RATE, REPLY_RATE)) {
		e->count.not_answered++;
		return false;
	}
	put_numbers(s, &q);
	put_stamps(s, &q);
	put_rule(e->now->policy, s->judgement.statement, &q);
	put_name(s->f->known, &q);
	const bool asked = e->conf.inject.request(e->conf.inject.ctx, &q);

	e->count.answered += asked;
	e->count.not_answered += !asked;
	return asked;
}

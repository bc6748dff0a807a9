/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/mangle.h"

#include <netinet/in.h>
#include <string.h>

#include "daemon/content/hide_starttls.h"
#include "daemon/engine_state.h"

#define CHECKSUM 16u /* bytes into the header of TCP */

/* RFC 1071; an odd last byte counts as the upper half of a word. */
static uint32_t sum(const uint8_t *at, size_t n, uint32_t start)
{
	for (size_t i = 0; i < n; i++)
		start += (uint32_t)at[i] << (i % 2 ? 0 : 8);
	return start;
}

void mangle_sum(uint8_t *packet, size_t len, size_t ip_len)
{
	const bool v4 = packet[0] >> 4 == 4;
	uint8_t *tcp = packet + ip_len;
	/* the pseudo header: both addresses, the protocol, the length */
	uint32_t s =
		sum(packet + (v4 ? 12 : 8), v4 ? 8 : 32, IPPROTO_TCP + (uint32_t)(len - ip_len));

	tcp[CHECKSUM] = tcp[CHECKSUM + 1] = 0;
	s = sum(tcp, len - ip_len, s);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	tcp[CHECKSUM] = (uint8_t)(~s >> 8);
	tcp[CHECKSUM + 1] = (uint8_t)~s;
}

static bool speaks(const struct flow *f, enum hide_protocol *p)
{
	static const uint8_t protocols[] = {
		[HIDE_SMTP] = KNOWN_SMTP,
		[HIDE_IMAP] = KNOWN_IMAP,
		[HIDE_POP3] = KNOWN_POP3,
	};

	for (size_t i = 0; f->known && i < sizeof(protocols); i++) {
		if (f->known->own == protocols[i]) {
			*p = (enum hide_protocol)i;
			return true;
		}
	}
	return false;
}

/* Where content is inspected, and the profile wants to go on reading. */
static bool refuses(const struct engine *e, const struct flow *f)
{
	const struct profile *joined = &e->now->policy->classes[f->class].joined;

	return joined->inspect == INSPECT_CONTENT && !joined->starttls_pass;
}

static bool is_whole(const struct step *s)
{
	return s->p->live && s->length && !s->h.cut && s->p->len == s->h.total &&
	       s->p->len <= MANGLE_MAX && s->h.protocol == IPPROTO_TCP;
}

static void pass_with(struct engine *e, struct step *s)
{
	mangle_sum(e->mangled, s->p->len, s->h.ip_len);
	s->out.rewrite = e->mangled;
	s->out.rewrite_len = s->p->len;
}

void mangle_offer(struct engine *e, struct step *s)
{
	const size_t head = (size_t)s->h.ip_len + s->h.l4_len;
	enum hide_protocol protocol;

	if (!s->reply || s->p->gso || !speaks(s->f, &protocol) || !refuses(e, s->f) || !is_whole(s))
		return;
	memcpy(e->mangled, s->p->data, s->p->len);
	if (!hide_starttls(protocol, e->mangled + head, s->p->len - head))
		return;
	pass_with(e, s);
	e->count.hidden++;
}

void mangle_payload(struct engine *e, struct step *s, void (*change)(uint8_t *at, size_t n))
{
	const size_t head = (size_t)s->h.ip_len + s->h.l4_len;

	if (!is_whole(s))
		return;
	memcpy(e->mangled, s->p->data, s->p->len);
	change(e->mangled + head, s->p->len - head);
	pass_with(e, s);
}

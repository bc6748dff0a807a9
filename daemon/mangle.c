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
	if (!f->known || f->known->own != KNOWN_SMTP)
		return false;
	*p = HIDE_SMTP;
	return true;
}

/* Where content is inspected, and the profile wants to go on reading. */
static bool refuses(const struct engine *e, const struct flow *f)
{
	const struct profile *joined = &e->now->policy->classes[f->class].joined;

	return joined->inspect == INSPECT_CONTENT && !joined->starttls_pass;
}

void mangle_offer(struct engine *e, struct step *s)
{
	const struct packet *p = s->p;
	const size_t head = (size_t)s->h.ip_len + s->h.l4_len;
	enum hide_protocol protocol;

	if (!p->live || p->gso || !s->reply || !s->length || s->h.cut || p->len != s->h.total ||
	    p->len > MANGLE_MAX || s->h.protocol != IPPROTO_TCP || !speaks(s->f, &protocol) ||
	    !refuses(e, s->f))
		return;
	memcpy(e->mangled, p->data, p->len);
	if (!hide_starttls(protocol, e->mangled + head, p->len - head))
		return;
	mangle_sum(e->mangled, p->len, s->h.ip_len);
	s->out.rewrite = e->mangled;
	s->out.rewrite_len = p->len;
	e->count.hidden++;
}

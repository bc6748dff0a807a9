/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/witness.h"

#include <netinet/in.h>

#include "rules/text.h"

#define EPHEMERAL 49152u
#define BEST 9u /* nothing reads better: the search may stop */

static unsigned int pick_protocol(struct ip_range r, ip_t *at)
{
	static const uint8_t order[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6 };

	for (unsigned int i = 0; i < sizeof(order); i++)
		if (ip_in(r, order[i])) {
			*at = order[i];
			return BEST - i;
		}
	return 1;
}

static unsigned int pick_port(const struct names *n, struct ip_range r, ip_t *at)
{
	uint16_t port;

	if (names_known_port(n, r, &port)) {
		*at = port;
		return BEST;
	}
	if (r.lo == 0 && r.hi > 0)
		*at = 1;
	return *at ? 2 : 1;
}

/* The network's own address is no terminal's: one further where there is room. */
static unsigned int pick_address(const struct names *n, struct ip_range r, ip_t *at)
{
	bool v4 = ip_is_v4(r.lo);

	if (names_host_in(n, r, at) != POLICY_NONE)
		return v4 ? BEST : BEST - 1;
	if (r.hi - r.lo >= 2)
		*at = r.lo + 1;
	return v4 ? 3 : 2;
}

static unsigned int pick(const void *ctx, enum space_field f, struct ip_range r, ip_t *at)
{
	const struct names *n = ctx;

	*at = r.lo;
	if (f == SPACE_PROTOCOL)
		return pick_protocol(r, at);
	if (f == SPACE_PORT)
		return pick_port(n, r, at);
	if (f == SPACE_DST || f == SPACE_SRC)
		return pick_address(n, r, at);
	if (f == SPACE_SPORT && ip_in(r, EPHEMERAL))
		*at = EPHEMERAL;
	return BEST;
}

bool witness_of(const struct names *n, struct space *s, bdd_t set, uint32_t from, uint32_t to,
		struct witness *w)
{
	struct space_point p;

	if (!space_witness(s, set, (struct space_taste){ pick, n, BEST }, &p))
		return false;
	*w = (struct witness){
		.from = from,
		.to = to,
		.tuple = {
			.src = p.at[SPACE_SRC],
			.dst = p.at[SPACE_DST],
			.sport = (uint16_t)p.at[SPACE_SPORT],
			.dport = (uint16_t)p.at[SPACE_PORT],
			.protocol = (uint8_t)p.at[SPACE_PROTOCOL],
		},
	};
	return true;
}

void witness_put_end(const struct names *n, uint32_t zone, ip_t address, struct text *out)
{
	if (zone == policy_box_zone(n->p)) {
		text_puts(out, "box");
		return;
	}
	names_put_address(n, address, out);
	text_printf(out, " in %s", policy_string(n->p, n->p->zones[zone].name));
}

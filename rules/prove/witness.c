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

/*
 * A named machine; somewhere in the world an address for examples; else not the network's own address,
 * which is no terminal's, where there is room.
 */
static unsigned int pick_address(const struct names *n, struct ip_range r, bool peer, ip_t *at)
{
	/* RFC 5737, RFC 3849; and the first that is not "this network" */
	const ip_t examples[] = { ip_from_v4(0xcb007101), ip_from_v4(0xc6336401),
				  ((ip_t)0x20010db8 << 96) + 1, ip_from_v4(0x01000001) };
	bool v4 = ip_is_v4(r.lo);

	if (names_host_in(n, r, at) != POLICY_NONE)
		return v4 ? BEST : BEST - 1;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		if (ip_in(r, examples[i])) {
			*at = examples[i];
			return ip_is_v4(*at) ? 5 : 4;
		}
	if (r.hi - r.lo >= 3)
		*at = r.lo + (peer ? 2 : 1); /* in one zone, not twice the same */
	return v4 ? 3 : 2;
}

static unsigned int pick(const void *ctx, uint32_t f, struct ip_range r, ip_t *at)
{
	const struct names *n = ctx;

	*at = r.lo;
	if (f == SPACE_PROTOCOL)
		return pick_protocol(r, at);
	if (f == SPACE_PORT)
		return pick_port(n, r, at);
	if (f == SPACE_DST || f == SPACE_SRC)
		return pick_address(n, r, f == SPACE_DST, at);
	if (f == SPACE_SPORT && ip_in(r, EPHEMERAL))
		*at = EPHEMERAL;
	return BEST;
}

bool witness_of(const struct names *n, struct space *s, bdd_t set, uint32_t from, uint32_t to,
		struct witness *w)
{
	struct space_point p;

	if (!space_witness(s, set, (struct space_taste){ pick, n, BEST }, p.at))
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
	char buf[IP_TEXT];
	ip_t at;
	uint32_t host = names_host_in(n, (struct ip_range){ address, address }, &at);

	if (zone == policy_box_zone(n->p)) {
		text_puts(out, "box");
		return;
	}
	if (host != POLICY_NONE) {
		names_put_host(n->p, host, out);
		text_putc(out, ' ');
	}
	text_printf(out, "%s (%s)", ip_text(address, buf),
		    policy_string(n->p, n->p->zones[zone].name));
}

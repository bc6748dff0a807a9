/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/bounds.h"

bool bounds_empty(const struct lane_item *i)
{
	return i->dst.count == 0 || i->src.count == 0 || i->services.count == 0;
}

static struct ip_range outer(const struct lane *l, struct span r)
{
	return (struct ip_range){ l->ranges.at[r.first].lo,
				  l->ranges.at[r.first + r.count - 1].hi };
}

static double width(struct ip_range r)
{
	return (double)(r.hi - r.lo) + 1;
}

struct bounds bounds_of(const struct lane *l, uint32_t item)
{
	const struct lane_item *i = &l->items[item];
	const struct lane_service *first = &l->services[i->services.first];
	const struct lane_service *last = first + i->services.count - 1;
	struct bounds b = {
		.dst = outer(l, i->dst),
		.src = outer(l, i->src),
		.item = item,
		.protocol = first->protocol,
		.protocol_hi = last->protocol_hi,
		.port = UINT16_MAX,
	};

	for (const struct lane_service *s = first; s <= last; s++) {
		b.port = s->lo < b.port ? s->lo : b.port;
		b.port_hi = s->hi > b.port_hi ? s->hi : b.port_hi;
	}
	b.volume = width(b.dst) * width(b.src) * (b.port_hi - b.port + 1.0) *
		   (b.protocol_hi - b.protocol + 1.0);
	return b;
}

bool bounds_overlap(const struct bounds *a, const struct bounds *b)
{
	return ip_overlaps(a->src, b->src) && ip_overlaps(a->dst, b->dst) &&
	       a->port <= b->port_hi && b->port <= a->port_hi && a->protocol <= b->protocol_hi &&
	       b->protocol <= a->protocol_hi;
}

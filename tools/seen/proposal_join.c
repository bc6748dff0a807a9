/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "tools/seen/proposing.h"

#define JOIN_WINDOW 512u /* proposals that a further one is compared with: a scan makes very many */

static bool same_source(const struct proposal *a, const struct proposal *b)
{
	return a->why == b->why && a->statement == b->statement && a->from == b->from &&
	       a->to == b->to && a->profile == b->profile && a->allowance == b->allowance &&
	       a->how == b->how && a->group == b->group &&
	       (a->how != FROM_LIST || proposal_same_ends(&a->src, &b->src));
}

static bool joins_servers(const struct proposal *a, const struct proposal *b)
{
	return same_source(a, b) && proposal_same_ports(a, b) &&
	       (a->why || proposal_same_words(&a->applications, &b->applications));
}

static bool joins_services(const struct proposal *a, const struct proposal *b)
{
	return same_source(a, b) && !a->ftp && !b->ftp && proposal_same_ends(&a->dst, &b->dst) &&
	       proposal_same_words(&a->applications, &b->applications) &&
	       a->port_count + b->port_count <= 64;
}

static bool join(struct proposal *a, struct proposal *b)
{
	bool ok = true;

	a->src.more |= b->src.more;
	a->dst.more |= b->dst.more;
	for (uint32_t i = 0; i < b->src.count; i++)
		ok &= proposal_add_end(&a->src, b->src.at[i].address, b->src.at[i].count);
	for (uint32_t i = 0; i < b->dst.count; i++)
		ok &= proposal_add_end(&a->dst, b->dst.at[i].address, b->dst.at[i].count);
	for (uint32_t i = 0; i < b->port_count; i++)
		proposal_add_port(a, b->ports[i]);
	proposal_join_words(&a->applications, &b->applications);
	proposal_join_words(&a->names, &b->names);
	a->count += b->count;
	a->bytes_up += b->bytes_up;
	a->bytes_down += b->bytes_down;
	a->first = b->first < a->first ? b->first : a->first;
	a->last = b->last > a->last ? b->last : a->last;
	free(b->src.at);
	free(b->dst.at);
	return ok;
}

static bool join_all(struct proposals *s,
		     bool (*joins)(const struct proposal *, const struct proposal *))
{
	uint32_t kept = 0;
	bool ok = true;

	for (uint32_t i = 0; i < s->count; i++) {
		uint32_t k = kept > JOIN_WINDOW ? kept - JOIN_WINDOW : 0;

		while (k < kept && !joins(&s->at[k], &s->at[i]))
			k++;
		if (k < kept)
			ok &= join(&s->at[k], &s->at[i]);
		else
			s->at[kept++] = s->at[i];
	}
	s->count = kept;
	return ok;
}

bool proposals_join(struct proposals *s)
{
	return join_all(s, joins_servers) && join_all(s, joins_services);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "tools/seen/proposing.h"

#define ENDS_MAX 4096u /* of a proposal: beyond, the zone is meant anyway */

bool proposal_add_end(struct proposal_ends *s, ip_t a, uint64_t count)
{
	uint32_t lo = 0, hi = s->count;

	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;

		if (s->at[mid].address < a)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < s->count && s->at[lo].address == a) {
		s->at[lo].count += count;
		return true;
	}
	if (s->count == ENDS_MAX) {
		s->more = true;
		return true;
	}
	if (s->count == s->room) {
		const uint32_t room = s->room ? s->room * 2 : 4;
		void *grown = realloc(s->at, room * sizeof(*s->at));

		if (!grown)
			return false;
		s->at = grown;
		s->room = room;
	}
	memmove(s->at + lo + 1, s->at + lo, (s->count - lo) * sizeof(*s->at));
	s->at[lo] = (struct proposal_end){ a, count };
	s->count++;
	return true;
}

void proposal_add_word(struct proposal_words *w, const char *word, uint64_t count)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (strcmp(w->at[i].word, word) == 0) {
			w->at[i].count += count;
			return;
		}
	if (w->count == PROPOSAL_NAMES) {
		w->more++;
		return;
	}
	w->at[w->count].word = word;
	w->at[w->count++].count = count;
}

void proposal_join_words(struct proposal_words *to, const struct proposal_words *from)
{
	for (uint32_t i = 0; i < from->count; i++)
		proposal_add_word(to, from->at[i].word, from->at[i].count);
	to->more += from->more;
	to->without += from->without;
}

bool proposal_same_words(const struct proposal_words *a, const struct proposal_words *b)
{
	if (a->count != b->count || a->more || b->more || !a->without != !b->without)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		bool found = false;

		for (uint32_t k = 0; k < b->count; k++)
			found |= strcmp(a->at[i].word, b->at[k].word) == 0;
		if (!found)
			return false;
	}
	return true;
}

bool proposal_same_ends(const struct proposal_ends *a, const struct proposal_ends *b)
{
	if (a->count != b->count || a->more || b->more)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (a->at[i].address != b->at[i].address)
			return false;
	return true;
}

static bool port_before(const struct port_range *a, const struct port_range *b)
{
	return a->protocol != b->protocol ? a->protocol < b->protocol : a->lo < b->lo;
}

void proposal_add_port(struct proposal *p, struct port_range r)
{
	uint32_t i = 0;

	for (; i < p->port_count; i++)
		if (p->ports[i].protocol == r.protocol && p->ports[i].lo <= r.lo &&
		    r.hi <= p->ports[i].hi)
			return;
	for (i = 0; i < p->port_count && port_before(&p->ports[i], &r); i++)
		;
	if (p->port_count < sizeof(p->ports) / sizeof(p->ports[0])) {
		memmove(p->ports + i + 1, p->ports + i, (p->port_count - i) * sizeof(r));
		p->ports[i] = r;
		p->port_count++;
		return;
	}
	i = i && p->ports[i - 1].protocol == r.protocol ? i - 1 : i;
	if (i < p->port_count && p->ports[i].protocol == r.protocol) {
		p->ports[i].lo = r.lo < p->ports[i].lo ? r.lo : p->ports[i].lo;
		p->ports[i].hi = r.hi > p->ports[i].hi ? r.hi : p->ports[i].hi;
	}
}

bool proposal_same_ports(const struct proposal *a, const struct proposal *b)
{
	if (a->ftp || b->ftp)
		return a->ftp == b->ftp;
	return a->port_count == b->port_count &&
	       memcmp(a->ports, b->ports, a->port_count * sizeof(a->ports[0])) == 0;
}

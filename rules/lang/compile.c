/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/compile.h"

#include "rules/lang/tables.h"

/* A site that will learn its addresses has none yet; that has been said. */
static bool learns(const struct draft *d, const struct statement *s)
{
	const struct span ends[] = { s->from, s->to };

	for (size_t k = 0; k < 2; k++)
		for (uint32_t i = ends[k].first; i < ends[k].first + ends[k].count; i++)
			if (d->endpoints[i].kind == END_SITE &&
			    d->sites[d->endpoints[i].index].learn_dns)
				return true;
	return false;
}

/* Its ends have no address family in common, or no address: no packet was ever cut for it. */
static void report_empty(struct compile *c)
{
	const struct draft *d = &c->u->draft;

	for (uint32_t i = 0; i < d->statements_count; i++) {
		const struct block *b = c->u->tables[TABLE_STATEMENTS].blocks[i];

		if (c->cells[i] == 0 && d->statements[i].type != STATEMENT_DENY &&
		    !learns(d, &d->statements[i]))
			diag_add(c->u->diags, MSG_PERMIT_NOTHING, b->at, b->name);
	}
}

static bool prepare(struct compile *c)
{
	uint32_t n = c->u->draft.statements_count + 1;

	c->cells = unit_alloc(c->u, n * sizeof(*c->cells));
	c->disagreed = unit_alloc(c->u, n);
	c->undistinguished = unit_alloc(c->u, n);
	return c->cells && c->disagreed && c->undistinguished;
}

static void add_pair(struct compile *c, uint32_t number, uint32_t *next_part)
{
	struct draft *d = &c->u->draft;
	uint32_t first = d->boxes_count, part = *next_part;
	struct pair *p = draft_add_pairs(d);

	while (*next_part < c->parts_count && c->parts[*next_part].pair == number)
		++*next_part;
	if (*next_part > part)
		compile_pair(c, number, c->parts + part, *next_part - part);
	if (!p)
		return;
	p->from = number / d->zones_count;
	p->to = number % d->zones_count;
	p->boxes = (struct span){ first, d->boxes_count - first };
}

void compile_unit(struct unit *u)
{
	struct compile c = { .u = u };
	uint32_t pairs = u->draft.zones_count * u->draft.zones_count, part = 0;

	if (!prepare(&c))
		return;
	compile_parts(&c);
	for (uint32_t i = 0; i < pairs && !unit_failed(u) && !c.refused; i++)
		add_pair(&c, i, &part);
	if (unit_failed(u) || c.refused)
		return;
	report_empty(&c);
	compile_meanings(&c);
}

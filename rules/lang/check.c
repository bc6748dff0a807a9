/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/check.h"

#include <string.h>

#include "rules/lang/read.h"
#include "rules/lang/tables.h"

/* --- records ----------------------------------------------------------------------------------- */

/* References refer to nothing at first, and what has to be chosen is not: where the text made a mistake
 * nothing is taken for granted. */
static void start_record(enum unit_table table, void *record, const struct block *b)
{
	struct statement *s = record;

	if (table == TABLE_ZONES)
		((struct zone *)record)->role = ROLE_COUNT;
	if (table == TABLE_HOSTS)
		((struct host *)record)->zone = POLICY_NONE;
	if (table == TABLE_GROUPS)
		((struct group *)record)->zone = POLICY_NONE;
	if (table != TABLE_STATEMENTS && table != TABLE_DISABLED)
		return;
	s->profile = s->window = s->feed = POLICY_NONE;
	s->type = b->kind->number == BLOCK_PERMIT ? STATEMENT_PERMIT
		  : b->kind->number == BLOCK_DENY ? STATEMENT_DENY
						  : STATEMENT_CROSSING;
	s->kind = s->type == STATEMENT_PERMIT ? KIND_COUNT : 0;
}

/* All records of a section, before any block is read: blocks refer to each other by index. */
#define FILL_(section, N) \
	static void fill_##section(struct unit *u) \
	{ \
		const struct table *t = &u->tables[TABLE_##N]; \
\
		for (uint32_t i = 0; i < t->count && !unit_failed(u); i++) \
			draft_add_##section(&u->draft); \
		for (uint32_t i = 0; i < t->count && !unit_failed(u); i++) { \
			start_record(TABLE_##N, &u->draft.section[i], t->blocks[i]); \
			read_block(u, t->blocks[i], &u->draft.section[i]); \
		} \
	}
UNIT_TABLES(FILL_)

static const struct {
	void (*fill)(struct unit *u);
	void (*check)(struct unit *u);
} steps[TABLE_COUNT] = {
#define STEP_(section, N) [TABLE_##N] = { fill_##section, check_##section },
	UNIT_TABLES(STEP_)
};

/* --- the model --------------------------------------------------------------------------------- */

static void check_model(struct unit *u)
{
	const struct block *first = NULL;

	for (const struct block *b = u->parse.first; b; b = b->next) {
		if (b->kind->number != BLOCK_MODEL)
			continue;
		if (first) {
			diag_add(u->diags, MSG_MODEL_TWICE, b->at);
			diag_add(u->diags, MSG_FIRST_HERE, first->at);
			continue;
		}
		first = b;
		if (!b->items)
			continue;
		uint8_t model = 0;
		struct reading r = { .u = u,
				     .block = b,
				     .key = &b->kind->keys[0],
				     .items = b->items,
				     .at = b->at,
				     .field = &model };

		read_choice(&r);
		u->model = model;
		u->model_at = b->items->at;
	}
	if (!first)
		diag_add(u->diags, MSG_MODEL_MISSING, unit_nowhere());
}

void check_unit(struct unit *u)
{
	check_model(u);
	for (size_t i = 0; i < TABLE_COUNT && !unit_failed(u); i++) {
		steps[i].fill(u);
		if (!unit_failed(u))
			steps[i].check(u);
	}
}

/* --- what the parts share ------------------------------------------------------------------------ */

struct location check_network_place(const struct block *b, const char *key, struct ip_range r)
{
	const struct entry *e = read_entry(b, key);

	for (const struct item *i = e ? e->items : NULL; i; i = i->next) {
		struct ip_range here;

		if (ip_parse_range(i->terms->text, &here) == 0 && ip_overlaps(here, r))
			return i->at;
	}
	return e ? e->at : b->at;
}

bool check_ends_in_role(const struct unit *u, struct span ends, uint32_t roles)
{
	for (uint32_t i = ends.first; i < ends.first + ends.count; i++) {
		uint32_t zone = u->draft.endpoints[i].zone;

		if (roles >> u->draft.zones[zone].role & 1)
			return true;
	}
	return false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/verify/culprits.h"

#include "rules/text.h"

#include <string.h>

#define TOLD_MAX 4u /* by name in one event */

void culprits_claim(struct culprits *c, uint32_t process, bool ended)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < CLAIMS_MAX; i++) {
		if (c->claims[i].process == process) {
			c->claims[i].ended = ended;
			return;
		}
	}
	if (ended)
		return;
	while (at < CLAIMS_MAX - 1 && c->claims[at].process)
		at++;
	c->claims[at].process = process;
	c->claims[at].ended = false;
}

void culprits_settle(struct culprits *c)
{
	for (uint32_t i = 0; i < CLAIMS_MAX; i++) {
		if (c->claims[i].ended)
			c->claims[i].process = 0;
	}
}

static bool is_ours(const struct culprits *c, const struct generation *g)
{
	const uint32_t process = c->by_port ? g->port : g->process;

	for (uint32_t i = 0; process && i < CLAIMS_MAX; i++) {
		if (c->claims[i].process == process)
			return true;
	}
	return false;
}

struct culprit *culprits_hear(struct culprits *c, const struct generation *g)
{
	const bool ours = is_ours(c, g);

	if (c->count == CULPRITS_MAX) {
		c->more++;
		c->lost |= !ours;
		return NULL;
	}
	c->list[c->count] = (struct culprit){ .g = *g, .ours = ours, .login = NOBODY };
	return &c->list[c->count++];
}

static bool any(const struct culprits *c, uint32_t generation, bool ours)
{
	for (uint32_t i = 0; i < c->count; i++) {
		if (c->list[i].ours == ours && !generations_after(c->list[i].g.id, generation))
			return true;
	}
	return false;
}

bool culprits_foreign(const struct culprits *c, uint32_t generation)
{
	return c->lost || any(c, generation, false);
}

bool culprits_own(const struct culprits *c, uint32_t generation)
{
	return any(c, generation, true);
}

void culprits_forget(struct culprits *c, uint32_t generation)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->count; i++) {
		if (generations_after(c->list[i].g.id, generation))
			c->list[n++] = c->list[i];
	}
	c->count = n;
	c->more = 0;
	c->lost = false;
}

/* One process that commits many transactions is told once. */
static bool told_before(const struct culprits *c, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++) {
		if (!c->list[k].ours && c->list[k].g.process == c->list[i].g.process)
			return true;
	}
	return false;
}

static void put_one(const struct culprit *x, bool japanese, struct text *out)
{
	text_printf(out, japanese ? "プロセス %u (%s)" : "process %u (%s)", x->g.process,
		    x->g.program[0] ? x->g.program : "?");
	if (x->login != NOBODY)
		text_printf(out, japanese ? " ログイン uid %u" : " of login uid %u", x->login);
}

void culprits_text(const struct culprits *c, uint32_t generation, bool japanese, struct text *out)
{
	uint32_t told = 0, others = c->more;

	for (uint32_t i = 0; i < c->count; i++) {
		const struct culprit *x = &c->list[i];

		if (x->ours || generations_after(x->g.id, generation) || told_before(c, i))
			continue;
		if (told == TOLD_MAX) {
			others++;
			continue;
		}
		text_puts(out, told++ ? (japanese ? "、" : ", ") : "");
		put_one(x, japanese, out);
	}
	if (told == 0)
		text_puts(out,
			  japanese ? "不明なプロセス" : "a process that the kernel could not name");
	else if (others)
		text_printf(out, japanese ? " ほか %u" : " and %u more", others);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compile_overlap: permits over one box: do they agree where they must, can they be told apart. */
#include <stdio.h>
#include <string.h>

#include "rules/lang/compile.h"
#include "rules/lang/read.h"

static const struct statement *statement_at(const struct compile *c, uint32_t i)
{
	return &c->u->draft.statements[i];
}

static const struct profile *profile_of(const struct compile *c, uint32_t statement)
{
	return &c->u->draft.profiles[statement_at(c, statement)->profile];
}

/* Keys that must be the same wherever two permits can both apply: they act before it is known which. */
static const struct {
	const char *key;
	size_t offset;
	const char *const *words;
} shared_keys[] = {
	{ "inspect", offsetof(struct profile, inspect), policy_inspect_words },
	{ "on-overload", offsetof(struct profile, on_overload), policy_action_words },
	{ "on-no-inspector", offsetof(struct profile, on_no_inspector), policy_action_words },
	{ "on-memory", offsetof(struct profile, on_memory), policy_action_words },
	{ "on-midstream", offsetof(struct profile, on_midstream), policy_action_words },
	{ "on-restart", offsetof(struct profile, on_restart), policy_action_words },
	{ "on-undecodable", offsetof(struct profile, on_undecodable), policy_action_words },
};

static const struct block *block_of(const struct compile *c, uint32_t statement)
{
	return c->u->tables[TABLE_STATEMENTS].blocks[statement];
}

/* One conversation of the box, for a message: "10.0.0.1 -> 10.1.0.1, tcp 443". */
static const char *example(const struct box *b, char *buf, size_t size)
{
	static const char *const protocols[] = {
		[1] = "icmp", [6] = "tcp", [17] = "udp", [58] = "icmpv6"
	};
	char src[IP_TEXT], dst[IP_TEXT];

	ip_text(b->src.lo, src);
	ip_text(b->dst.lo, dst);
	if (b->kind == BOX_PROTOCOL)
		snprintf(buf, size, "%s -> %s, protocol %u", src, dst, b->protocol);
	else
		snprintf(buf, size, "%s -> %s, %s %u", src, dst, protocols[b->protocol], b->lo);
	return buf;
}

/* Return: whether the two disagree about a shared key; said once for the later of them. */
static bool report_disagreement(struct compile *c, uint32_t a, uint32_t b, const struct box *box)
{
	const uint8_t *pa = (const uint8_t *)profile_of(c, a),
		      *pb = (const uint8_t *)profile_of(c, b);
	char where[160];

	for (size_t i = 0; i < sizeof(shared_keys) / sizeof(shared_keys[0]); i++) {
		uint8_t va = pa[shared_keys[i].offset], vb = pb[shared_keys[i].offset];

		if (va == vb)
			continue;
		if (!c->disagreed[b]) {
			diag_add(c->u->diags, MSG_OVERLAP_DISAGREES,
				 read_place(block_of(c, b), "profile"), block_of(c, b)->name,
				 block_of(c, a)->name, shared_keys[i].key, shared_keys[i].words[vb],
				 shared_keys[i].words[va], example(box, where, sizeof(where)));
			diag_add(c->u->diags, MSG_OTHER_HERE,
				 read_place(block_of(c, a), "profile"));
		}
		c->disagreed[b] = true;
		return true;
	}
	return false;
}

static bool same_span(const uint32_t *list, struct span a, struct span b)
{
	return a.count == b.count &&
	       (a.count == 0 || !memcmp(list + a.first, list + b.first, a.count * sizeof(*list)));
}

/* Nothing tells them apart: events name the first of them, and each outlives the other's end. */
static void report_undistinguished(struct compile *c, uint32_t a, uint32_t b, const struct box *box)
{
	const struct statement *sa = statement_at(c, a), *sb = statement_at(c, b);
	char where[160];

	if (c->undistinguished[b] ||
	    !same_span(c->u->draft.refs, sa->applications, sb->applications) ||
	    !same_span(c->u->draft.words, sa->names, sb->names))
		return;
	c->undistinguished[b] = true;
	diag_add(c->u->diags, MSG_OVERLAP_SAME, block_of(c, b)->at, block_of(c, b)->name,
		 block_of(c, a)->name, example(box, where, sizeof(where)));
	diag_add(c->u->diags, MSG_OTHER_HERE, block_of(c, a)->at);
}

void compile_overlap(struct compile *c, const uint32_t *members, uint32_t count,
		     const struct box *box)
{
	uint32_t before = POLICY_NONE;

	for (uint32_t i = 0; i < count; i++) {
		if (statement_at(c, members[i])->type != STATEMENT_PERMIT)
			continue;
		if (before != POLICY_NONE && !report_disagreement(c, before, members[i], box))
			report_undistinguished(c, before, members[i], box);
		before = members[i];
	}
}

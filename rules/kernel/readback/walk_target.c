/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * walk_target: matches and targets of iptables-nft. The kernel keeps them as the structs of xtables, in
 * host order; nft prints some of them as if they were its own, and others not at all.
 *
 *	NFQUEUE 0	number 2		1: number 2, total 2		2: ... bypass 2		3: ... flags 2
 */
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables_compat.h>

#include "rules/kernel/readback/record.h"
#include "rules/kernel/readback/walk_parts.h"

#define NFQUEUE_BYPASS 1u
#define QUEUES_MOST 64u

static bool do_nfqueue(struct frame *f, const struct expr *e)
{
	struct slice info = e->attrs[NFTA_TARGET_INFO];
	struct cursor c = cursor_of(info.at, info.len);
	uint32_t rev = expr_number(e, NFTA_TARGET_REV);
	uint32_t first = record_host16(&c), total = rev >= 1 ? record_host16(&c) : 1;
	uint32_t flags = rev >= 2 ? record_host16(&c) : 0;

	if (c.tripped || rev > 3 || total == 0 || total > QUEUES_MOST)
		return frame_unknown(f, "NFQUEUE");
	for (uint32_t i = 0; i < total; i++)
		frame_queue(f, first + i, flags & NFQUEUE_BYPASS);
	return false;
}

static bool do_go_on(struct frame *f, const struct expr *e)
{
	(void)f;
	(void)e;
	return true;
}

static bool do_refuse(struct frame *f, const struct expr *e)
{
	(void)e;
	return frame_verdict(f, NF_DROP, RULESET_NONE);
}

static const struct {
	const char *name;
	bool (*run)(struct frame *f, const struct expr *e);
} targets[] = {
	{ "NFQUEUE", do_nfqueue }, { "LOG", do_go_on },    { "NFLOG", do_go_on },
	{ "TRACE", do_go_on },     { "TCPMSS", do_go_on }, { "REJECT", do_refuse },
};

static bool run_target(struct frame *f, const struct expr *e)
{
	const char *name = expr_text(e, NFTA_TARGET_NAME);

	for (size_t i = 0; name && i < sizeof(targets) / sizeof(targets[0]); i++)
		if (strcmp(name, targets[i].name) == 0)
			return targets[i].run(f, e);
	return frame_unknown(f, name ? name : "target");
}

bool walk_target(struct frame *f, const struct expr *e)
{
	if (e->kind == EXPR_TARGET)
		return run_target(f, e);
	const char *name = expr_text(e, NFTA_MATCH_NAME);

	if (!name || strcmp(name, "comment") != 0)
		frame_chance(f);
	return true;
}

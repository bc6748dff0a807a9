/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_queue: the chains that lead to the engines, and into the flowtable. They are numbered like all
 * else of a policy: the number of engines may differ from apply to apply.
 */
#include "rules/kernel/mark.h"
#include "rules/kernel/nft.h"
#include "rules/kernel/nft_names.h"
#include "rules/text.h"

static const struct queue_chain {
	const char *name, *counter;
	bool open, one; /* one: flows that belong together (FTP) meet one engine */
} queues[] = {
	{ "q_closed", "n_closed", false, false },
	{ "q_closed_one", "n_closed", false, true },
	{ "q_open", "n_open", true, false },
	{ "q_open_one", "n_open", true, true },
};
#define QUEUES (sizeof(queues) / sizeof(queues[0]))

static void put_native(const struct queue_chain *q, unsigned int n, struct text *out)
{
	text_printf(out, "\t\tqueue %sto ", q->open ? "flags bypass " : "");
	if (n > 1)
		text_printf(out, q->open ? "symhash mod %u offset %u\n" : "symhash mod %u\n", n,
			    QUEUE_OPEN_OFFSET);
	else
		text_printf(out, "%u\n", q->open ? QUEUE_OPEN_OFFSET : 0);
}

/* The fallback: the slot goes into the mark, by which iptables-nft queues. */
static void put_slots(const struct nft_plan *plan, unsigned int n, struct text *out)
{
	if (n == 1) {
		text_printf(out, "\t\tgoto q0_%u\n", plan->apply);
		return;
	}
	text_printf(out, "\t\tsymhash mod %u vmap { ", n);
	for (unsigned int i = 0; i < n; i++)
		text_printf(out, "%s%u : goto q%u_%u", i ? ", " : "", i, i, plan->apply);
	text_puts(out, " }\n");
}

static void put_queue(const struct nft_plan *plan, const struct queue_chain *q, struct text *out)
{
	unsigned int n = q->one ? 1 : plan->queues;

	text_printf(out,
		    "\tchain %s_%u {\n"
		    "\t\tmeta l4proto tcp ct mark and 0x00070000 == 0 jump empty\n"
		    "\t\tjump facts\n",
		    q->name, plan->apply);
	if (q->open)
		text_printf(out, "\t\tmeta mark set meta mark or 0x%08x\n", MARK_OPEN);
	text_printf(out, "\t\tcounter name %s\n", q->counter);
	if (plan->native_queue)
		put_native(q, n, out);
	else
		put_slots(plan, n, out);
	text_puts(out, "\t}\n");
}

void nft_put_queues(const struct nft_plan *plan, struct text *out)
{
	for (unsigned int i = 0; i < plan->queues && !plan->native_queue; i++)
		text_printf(out,
			    "\tchain q%u_%u {\n\t\tmeta mark set meta mark or 0x%08x accept\n\t}\n",
			    i, plan->apply, i << MARK_SLOT_SHIFT);
	for (size_t i = 0; i < QUEUES; i++)
		put_queue(plan, &queues[i], out);
	text_printf(out, "\tchain offl_%u {\n%s\t\taccept\n\t}\n", plan->apply,
		    plan->flowtable ? "\t\tmeta l4proto { tcp, udp } flow add @ft\n" : "");
}

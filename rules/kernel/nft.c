/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/nft.h"

#include "rules/kernel/mark.h"
#include "rules/kernel/nft_names.h"
#include "rules/policy.h"
#include "rules/text.h"

static void put_interfaces(const struct nft_plan *plan, struct text *out)
{
	const struct policy *p = plan->policy;
	const char *comma = "";

	for (uint32_t z = 0; z < p->zones_count; z++) {
		struct span s = p->zones[z].interfaces;

		for (uint32_t i = s.first; i < s.first + s.count; i++, comma = ", ")
			text_printf(out, "%s\"%s\"", comma, policy_string(p, p->words[i]));
	}
}

void nft_add(const struct nft_plan *plan, struct text *out)
{
	text_puts(out, "table " NFT_TABLE " {\n");
	if (plan->flowtable) {
		text_puts(out, "\tflowtable ft {\n\t\thook ingress priority filter; devices = { ");
		put_interfaces(plan, out);
		text_puts(out, " };\n\t}\n");
	}
	nft_put_queues(plan, out);
	nft_put_classes(plan, out);
	nft_put_maps(plan, out);
	nft_put_homes(plan, out);
	nft_put_pairs(plan, out);
	text_puts(out, "}\n");
}

void nft_slots(unsigned int queues, struct text *out)
{
	text_puts(out, "*filter\n:SEKIMORI - [0:0]\n");
	for (unsigned int i = 0; i < queues; i++)
		for (unsigned int open = 0; open < 2; open++)
			text_printf(out,
				    "-A SEKIMORI -m mark --mark 0x%08x/0x%08x -j NFQUEUE "
				    "--queue-num %u%s\n",
				    MARK_MUST | i << MARK_SLOT_SHIFT | (open ? MARK_OPEN : 0),
				    MARK_MUST | MARK_SLOT | MARK_OPEN,
				    i + (open ? QUEUE_OPEN_OFFSET : 0),
				    open ? " --queue-bypass" : "");
	text_puts(out, "COMMIT\n");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * explain: what a policy says of the traffic between two ends, in words.
 *
 * Every box of the two zones that the question touches is answered, one answer a class; what no box
 * covers is denied. The boxes are those the kernel's maps are made of, so nothing is said twice.
 */
#include <time.h>

#include "rules/json.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_end.h"
#include "tools/cli_explain.h"
#include "tools/cli_policy.h"

/* The first address that a range of the box and an end have in common. */
static bool common(const struct cli_end *end, struct ip_range r, ip_t *out)
{
	for (uint32_t i = 0; i < end->count; i++)
		if (ip_overlaps(end->ranges[i], r)) {
			*out = end->ranges[i].lo > r.lo ? end->ranges[i].lo : r.lo;
			return true;
		}
	return false;
}

static bool touches(const struct explain *q, const struct box *b, struct tuple *t)
{
	return cli_service_touches(&q->service, b, t) && common(&q->from, b->src, &t->src) &&
	       common(&q->to, b->dst, &t->dst);
}

static void note(struct explain *q, const struct box *b, const struct tuple *t)
{
	for (uint32_t i = 0; i < q->count; i++)
		if (q->findings[i].class == b->class)
			return;
	if (q->count == FINDINGS_MAX)
		q->more = true;
	else
		q->findings[q->count++] = (struct explain_finding){ b->class, b, *t };
}

static void find(struct explain *q)
{
	struct span boxes = q->p->pairs[q->from.zone * q->p->zones_count + q->to.zone].boxes;

	for (uint32_t i = boxes.first; i < boxes.first + boxes.count; i++) {
		struct tuple t = { 0 };

		if (touches(q, &q->p->boxes[i], &t))
			note(q, &q->p->boxes[i], &t);
	}
}

static bool ask(struct explain *q)
{
	struct cli *c = q->c;

	q->at = time(NULL);
	if (cli_given(c, "at") && !cli_time(c, "at", &q->at))
		return false;
	return cli_end_of(c, q->p, "from", &q->from) && cli_end_of(c, q->p, "to", &q->to) &&
	       cli_service_of(c, q->p, "service", &q->service);
}

static int explain(struct explain *q)
{
	struct text t = { 0 };
	struct json j = json_to(&t);

	if (!ask(q))
		return CLI_CANNOT;
	find(q);
	if (!q->c->json) {
		explain_say(q);
		return CLI_YES;
	}
	explain_json(q, &j);
	return cli_put(q->c, &t);
}

static int run(struct cli *c)
{
	struct explain q = { .c = c };
	struct cli_policy p;
	int r;

	if (!cli_given(c, "from") || !cli_given(c, "to"))
		return cli_usage(c, "--from and --to are needed",
				 "--from と --to を指定してください");
	r = cli_policy_open(c, c->operands[0], &p);
	if (r != CLI_YES)
		return r;
	q.p = p.policy;
	r = explain(&q);
	cli_policy_close(&p);
	return r;
}

static const struct cli_option options[] = {
	{ "from", 0, "END", { "who opens", "接続を開く側" } },
	{ "to", 0, "END", { "who answers", "接続を受ける側" } },
	{ "service",
	  0,
	  "SERVICE",
	  { "what is asked for (left out: everything)", "サービス (省略時はすべて)" } },
	{ "at", 0, "TIME", { "when, in Japan (left out: now)", "日本時間の日時 (省略時は現在)" } },
	{ 0 },
};

const struct cli_verb cmd_explain = {
	.name = "explain",
	.run = run,
	.operands = "FILE",
	.help = { "what a policy says of the traffic between two ends",
		  "二者間の通信を方針がどう扱うか説明する" },
	.more = { "END is an address, a network, or the name of a host, group, site or zone.\n"
		  "SERVICE is the name of a service, or tcp/443, udp/53, icmp/8, icmpv6/128, 50.",
		  "END はアドレス、アドレス範囲、または host・group・site・zone の名前。\n"
		  "SERVICE は service の名前か、tcp/443、udp/53、icmp/8、icmpv6/128、50 の形。" },
	.options = options,
	.json = true,
};

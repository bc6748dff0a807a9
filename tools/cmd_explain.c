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
		q->findings[q->count++] =
			(struct explain_finding){ .class = b->class, .box = b, .example = *t };
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

/* One packet, when the question names one: what the kernel makes of it where nothing permits it. */
static bool one_packet(const struct explain *q, struct tuple *t)
{
	const struct port_range *r = q->service.ranges;

	if (!cli_end_is_point(&q->from) || !cli_end_is_point(&q->to) || q->service.count != 1 ||
	    r->any || ip_is_v4(q->from.ranges[0].lo) != ip_is_v4(q->to.ranges[0].lo))
		return false;
	*t = (struct tuple){ .src = q->from.ranges[0].lo,
			     .dst = q->to.ranges[0].lo,
			     .protocol = r->protocol,
			     .dport = r->lo };
	return true;
}

static void ask_kernel(struct explain *q)
{
	q->ask_kernel = true;
	for (uint32_t i = 0; i < q->count; i++)
		cli_kernel_ask(q->p, q->from.zone, q->to.zone, &q->findings[i].example,
			       &q->findings[i].kernel);
	q->refused_asked = q->count == 0 && one_packet(q, &q->refused_tuple);
	if (q->refused_asked)
		cli_kernel_ask(q->p, q->from.zone, q->to.zone, &q->refused_tuple, &q->refused);
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
	for (uint32_t i = 0; i < q->count; i++)
		cli_path_of(q->p, q->from.zone, q->to.zone, q->findings[i].box,
			    &q->findings[i].path);
	if (cli_given(q->c, "kernel"))
		ask_kernel(q);
	if (!q->c->json) {
		explain_say(q);
	} else {
		explain_json(q, &j);
		if (cli_put(q->c, &t) != CLI_YES)
			return CLI_CANNOT;
	}
	return explain_agrees(q) ? CLI_YES : CLI_NO;
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
	{ "kernel",
	  0,
	  NULL,
	  { "ask the running kernel's maps too (root)",
	    "動作中のカーネルのマップにも尋ねる（root）" } },
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
		  "SERVICE is the name of a service, or tcp/443, udp/53, icmp/8, icmpv6/128, 50.\n"
		  "The path names chains and maps of the ruleset; N stands for the number of the apply. "
		  "Exit status 1, with --kernel only: the running kernel does otherwise.",
		  "END はアドレス、アドレス範囲、または host・group・site・zone の名前。\n"
		  "SERVICE は service の名前か、tcp/443、udp/53、icmp/8、icmpv6/128、50 の形。\n"
		  "経路はルールセットのチェインとマップの名前で、N は適用の番号。"
		  "終了コード 1（--kernel のときだけ）: 動作中のカーネルが方針と違う。" },
	.options = options,
	.json = true,
};

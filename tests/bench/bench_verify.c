/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_verify: a policy is loaded into the kernel in a network namespace of its own, then read back and proved to be
 * what the policy says: processor time of one core, the kernel's included, the median of five runs.
 *
 *	bench_compile --print 1000 > town.rules; bench_verify town.rules	(root)
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/kernel/dump.h"
#include "daemon/kernel/features.h"
#include "daemon/kernel/table.h"
#include "rules/build.h"
#include "rules/kernel/live.h"
#include "rules/kernel/nft.h"
#include "rules/kernel/readback/verify.h"
#include "rules/text.h"

#define RUNS 5
#define QUEUES 2
#define GOAL_MS 1000.0

static int cannot(const char *what, const struct text *why)
{
	fprintf(stderr, "bench_verify: %s: %s\n", what, why && why->bytes ? why->bytes : "failed");
	return 2;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Classes are numbered by their place, as conf.numbers == NULL has it. */
static struct live_class *number(const struct policy *p, int64_t now)
{
	struct live_class *live = calloc(p->classes_count + 1u, sizeof(*live));

	if (!live)
		return NULL;
	live_classes(p, now, true, live);
	for (uint32_t i = 0; i < p->classes_count; i++)
		live[i].number = live[i].state == LIVE_ABSENT ? 0 : (uint16_t)(i + 1);
	return live;
}

static int load(const struct policy *p, int64_t now, bool native)
{
	struct live_class *live = number(p, now);
	const struct nft_plan plan = {
		.apply = 1, .policy = p, .classes = live, .queues = QUEUES, .native_queue = native
	};
	struct text rules = { 0 }, slots = { 0 }, said = { 0 };
	bool changed;
	int r = 0;

	nft_base(&rules);
	nft_add(&plan, &rules);
	nft_switch(&plan, &rules);
	nft_slots(QUEUES, &slots);
	if (!live || rules.failed || table_load(&rules, &said) < 0 ||
	    (!native && features_slots(slots.bytes, &changed, &said) < 0))
		r = cannot("loading", &said);
	free(live);
	text_done(&rules);
	text_done(&slots);
	text_done(&said);
	return r;
}

static int read_back(struct text *record)
{
	char why[2][DUMP_WHY] = { "" };
	struct dump d;

	if (dump_open(&d) < 0)
		return cannot("netlink", NULL);
	int r = dump_read(&d, record, why);

	dump_close(&d);
	if (r < 0)
		fprintf(stderr, "bench_verify: %s\n", why[0]);
	return r < 0 ? 2 : 0;
}

static uint32_t permits_of(const struct policy *p)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->statements_count; i++)
		n += p->statements[i].type == STATEMENT_PERMIT;
	return n;
}

static void row(const struct verify *v, const struct policy *p, double ms)
{
	char what[64];

	snprintf(what, sizeof(what), "ruleset of %u permits, read back and proved", permits_of(p));
	printf("prove: %-44s %8.1f ms  goal <= %.0f  %s  %u rules, %u elements, %lu nodes at most, %u claims\n",
	       what, ms, GOAL_MS, ms <= GOAL_MS ? "reached" : "MISSED", v->rules, v->elements,
	       (unsigned long)v->nodes, v->claims);
}

/* Once, from the kernel to the result. */
static int verify_once(struct verify *v, const struct policy *p, const struct verify_conf *conf)
{
	struct text record = { 0 };
	int r = read_back(&record);

	if (r == 0 && verify_record(v, record.bytes, record.len, p, conf) < 0)
		r = cannot("verify", NULL);
	text_done(&record);
	return r;
}

static int prove(const struct policy *p, const struct verify_conf *conf)
{
	double ms[RUNS];
	struct verify v = { 0 };

	for (int i = 0; i < RUNS; i++) {
		double start = now_ms();

		verify_done(&v);
		if (verify_once(&v, p, conf) != 0)
			return 2;
		ms[i] = now_ms() - start;
	}
	qsort(ms, RUNS, sizeof(ms[0]), by_value);
	row(&v, p, ms[RUNS / 2]);
	for (uint32_t i = 0; i < v.findings_count; i++)
		if (v.findings[i].packet.given)
			return cannot("the loaded rules are not what the policy says", NULL);
	verify_done(&v);
	return 0;
}

static void told(void *ctx, const char *path, const char *value, bool failed)
{
	(void)ctx;
	(void)path;
	(void)value;
	(void)failed;
}

static int measure(const struct policy *p)
{
	struct verify_conf conf = { .now = time(NULL), .dated = true, .queues = QUEUES };

	if (unshare(CLONE_NEWNET) < 0)
		return cannot("a network namespace (needs root)", NULL);
	if (features_queue(&conf.native_queue) < 0)
		return cannot("nft", NULL);
	features_settings(NULL, told, NULL);
	int r = load(p, conf.now, conf.native_queue);

	return r == 0 ? prove(p, &conf) : r;
}

int main(int argc, char **argv)
{
	struct build b;

	if (argc != 2)
		return cannot("usage", &(struct text){ .bytes = (char[]){ "bench_verify FILE" } });
	if (build_file(argv[1], &b) != 0 || !b.ok)
		return cannot(argv[1], NULL);
	int r = measure(&b.policy);

	build_done(&b);
	return r;
}

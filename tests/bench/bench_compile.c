/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_compile: a policy text of N town-like permits to its image: processor time of one core, the median
 * of five runs.
 *
 *	bench_compile [N ...]		default 500 10000
 *	bench_compile --print N		the text itself
 *
 * Town-like: five zones, one host or a small network to one host, a port of some eighty, three in a
 * hundred are denies. The generator is seeded, so everybody measures the same text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rules/build.h"
#include "rules/image.h"
#include "rules/text.h"

#define RUNS 5

static uint32_t next(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % below;
}

static const struct {
	const char *name, *role;
	unsigned int net;
} zones[] = {
	{ "kikan", "mynumber", 10 }, { "lgwan", "lgwan", 20 },      { "net", "internet", 30 },
	{ "cloud", "cloud", 99 },    { "kanri", "management", 40 },
};

#define ZONES ((unsigned int)(sizeof(zones) / sizeof(zones[0])))

static void write_head(struct text *t)
{
	text_puts(t, "model lab;\n");
	for (unsigned int i = 0; i < ZONES; i++)
		text_printf(t,
			    "zone %s { role %s; interface \"eth%u\"; network 10.%u.0.0/16, "
			    "fd00:%u::/64; }\n",
			    zones[i].name, zones[i].role, i, zones[i].net, zones[i].net);
	text_puts(t, "profile town { inspect metadata; on-unknown-application alert; }\n");
	for (unsigned int i = 0; i < 80; i++)
		text_printf(t, "service s%u { tcp %u; }\n", i, i < 40 ? 20 + i * 11 : 8000 + i * 3);
}

static void write_host(struct text *t, unsigned int i, uint64_t *seed)
{
	unsigned int zone = i % ZONES;

	text_printf(t, "host h%u { zone %s; address 10.%u.%u.%u", i, zones[zone].name,
		    zones[zone].net, i / ZONES / 250, i / ZONES % 250 + 1);
	if (next(seed, 4) == 0)
		text_printf(t, ", fd00:%u::%x", zones[zone].net, i + 1);
	text_puts(t, "; routed yes; }\n");
}

static void write_permit(struct text *t, unsigned int i, unsigned int hosts, uint64_t *seed)
{
	unsigned int from = next(seed, hosts), to = next(seed, hosts);

	text_printf(t, "permit p%u {\n\tkind ordinary; ", i);
	if (next(seed, 5) == 0)
		text_printf(t, "from 10.%u.%u.0/24; ", zones[from % ZONES].net, next(seed, 8));
	else
		text_printf(t, "from host h%u; ", from);
	text_printf(t, "to host h%u; service s%u; application TLS; profile town;\n", to,
		    next(seed, 80));
	text_puts(t, "\towner \"総務課\"; reason \"業務\"; approved-by \"CISO\"; approved-on "
		     "2026-04-01; until 2027-03-31;\n}\n");
}

static void write_deny(struct text *t, unsigned int i, unsigned int hosts, uint64_t *seed)
{
	text_printf(t, "deny d%u { from zone %s; to host h%u; service s%u; reason \"x\"; }\n", i,
		    zones[next(seed, ZONES)].name, next(seed, hosts), next(seed, 80));
}

static void write_policy(struct text *t, unsigned int permits)
{
	unsigned int hosts = permits / 2 < 100 ? 100 : permits / 2;
	uint64_t seed = 20260401;

	write_head(t);
	for (unsigned int i = 0; i < hosts; i++)
		write_host(t, i, &seed);
	for (unsigned int i = 0; i < permits; i++) {
		if (next(&seed, 100) < 3)
			write_deny(t, i, hosts, &seed);
		else
			write_permit(t, i, hosts, &seed);
	}
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

static int measure(unsigned int permits)
{
	struct text t = { 0 }, image = { 0 };
	double ms[RUNS];
	struct build b = { 0 };

	write_policy(&t, permits);
	for (int i = 0; i < RUNS; i++) {
		double start = now_ms();

		build_done(&b);
		text_clear(&image);
		if (t.failed || build_bytes("town", t.bytes, t.len, &b) != 0)
			return 2;
		if (b.ok && image_write(&b.policy, &image) != 0)
			return 2;
		ms[i] = now_ms() - start;
	}
	qsort(ms, RUNS, sizeof(ms[0]), by_value);
	if (!b.ok) {
		diag_print(&b.diags, (struct diag_style){ 0 }, stderr);
		return 2;
	}
	printf("compile: %u permits and denies, %zu KB of text, %u boxes, %u classes, %zu KB image: %.1f ms\n",
	       permits, t.len / 1024, b.policy.boxes_count, b.policy.classes_count,
	       image.len / 1024, ms[RUNS / 2]);
	build_done(&b);
	text_done(&t);
	text_done(&image);
	return 0;
}

int main(int argc, char **argv)
{
	struct text t = { 0 };
	int r = 0;

	if (argc == 3 && !strcmp(argv[1], "--print")) {
		write_policy(&t, (unsigned int)strtoul(argv[2], NULL, 10));
		fputs(t.bytes, stdout);
		text_done(&t);
		return 0;
	}
	if (argc == 1)
		return measure(500) || measure(10000) ? 2 : 0;
	for (int i = 1; i < argc && r == 0; i++)
		r = measure((unsigned int)strtoul(argv[i], NULL, 10));
	return r;
}

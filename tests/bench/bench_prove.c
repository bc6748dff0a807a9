/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_prove: what a proof and a difference cost: processor time of one core, the median of five runs; the
 * memory is the most that the whole process held.
 *
 *	bench_prove [ROW...]	hostile, order, town, edit; all without arguments; each with its goal
 *	bench_prove --print N	the text of the town-like policy of N permits
 *
 * hostile	Statements that overlap as badly as they can: 12 pairs of zones, TCP, UDP or any protocol, a
 *		port, a range or all, prefixes of 16 to 32 bits over 40 networks with 12 and 20 in a hundred
 *		wildcards, 30 in a hundred denies. No compiler takes it, so it has no boxes: what is proved is
 *		proved of the statements. All analyses, the matrix, 20 assertions, and a difference of 1 in 100.
 * first match	The same rules read in order, as other firewalls do: compiled, every rule's shadow and
 *		redundancy, compiled again with 1 in 100 changed, and the difference. The diagrams alone.
 * town-like	A policy text of the alpha model as a town has it, only larger: compiled and proved, boxes too.
 * one edit	One permit of it altered: proof and difference in a session that knows the policy before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "rules/build.h"
#include "rules/prove/diff.h"
#include "rules/prove/prove.h"
#include "rules/prove/space.h"
#include "rules/text.h"

#define ADDRESSES_AND_PORTS \
	(1u << SPACE_PROTOCOL | 1u << SPACE_PORT | 1u << SPACE_DST | 1u << SPACE_SRC)
#define RUNS 5

static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % below;
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

static double median(double ms[RUNS])
{
	qsort(ms, RUNS, sizeof(ms[0]), by_value);
	return ms[RUNS / 2];
}

static unsigned int megabytes(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (unsigned int)(u.ru_maxrss / 1024);
}

static void row(const char *what, double ms, double goal, const char *more)
{
	printf("prove: %-44s %8.1f ms  goal <= %.0f  %s  %s\n", what, ms, goal,
	       ms <= goal ? "reached" : "MISSED", more);
}

/* ---- hostile rules ---- */

#define ZONES 4u
#define NETWORKS 40u /* of a zone: 10 + 50 * zone . 0.0 and so on */

struct rule {
	uint32_t from, to; /* zones */
	struct ip_range src, dst;
	bool any_src, any_dst;
	struct port_range port;
	bool deny;
};

static struct ip_range draw_prefix(uint64_t *seed, uint32_t zone)
{
	uint32_t net = (10 + zone) << 24 | draw(seed, NETWORKS) << 16 | draw(seed, 65536);
	uint32_t bits = 16 + draw(seed, 17);
	uint32_t host = bits == 32 ? 0 : UINT32_MAX >> bits;

	return (struct ip_range){ ip_from_v4(net & ~host), ip_from_v4(net | host) };
}

static struct port_range draw_service(uint64_t *seed)
{
	struct port_range r = { .lo = 0, .hi = UINT16_MAX, .protocol = 6 };
	uint32_t protocol = draw(seed, 10), ports = draw(seed, 10);

	if (protocol == 9) {
		r.protocol = 0;
		r.any = true;
	} else if (protocol >= 6) {
		r.protocol = 17;
	}
	if (r.any || ports == 9)
		return r;
	r.lo = (uint16_t)(ports < 6 ? 1 + draw(seed, 1024) : draw(seed, 60000));
	r.hi = (uint16_t)(ports < 6 ? r.lo : r.lo + draw(seed, 5000));
	return r;
}

static struct rule draw_rule(uint64_t *seed)
{
	struct rule r = { .from = draw(seed, ZONES) };

	r.to = (r.from + 1 + draw(seed, ZONES - 1)) % ZONES;
	r.any_dst = draw(seed, 100) < 12;
	r.any_src = draw(seed, 100) < 20;
	r.dst = draw_prefix(seed, r.to);
	r.src = draw_prefix(seed, r.from);
	r.port = draw_service(seed);
	r.deny = draw(seed, 100) < 30;
	return r;
}

/* The same rules every time; with `changed`, one in a hundred is another. */
static struct rule *draw_rules(uint32_t n, bool changed)
{
	struct rule *rules = malloc(n * sizeof(*rules));
	uint64_t seed = 20260401, other = 77;

	for (uint32_t i = 0; rules && i < n; i++) {
		rules[i] = draw_rule(&seed);
		if (changed && draw(&other, 100) == 0)
			rules[i] = draw_rule(&other);
	}
	return rules;
}

/* ---- the rules as a policy ---- */

#define ASSERTIONS 20u

struct hostile {
	struct policy p;
	char strings[64];
	uint32_t words[ZONES], *refs;
	struct ip_range *nets;
	struct zone zones[ZONES + 1];
	struct port_range *ports;
	struct service *services;
	struct profile profiles[1];
	struct endpoint *endpoints;
	struct statement *statements;
	struct assertion assertions[ASSERTIONS];
	struct pair pairs[(ZONES + 1) * (ZONES + 1)];
};

static void add_zones(struct hostile *h)
{
	struct policy *p = &h->p;

	/* "", "a".."d", "e0".."e3", "box" at offsets that are easy to say */
	memcpy(h->strings, "\0a\0b\0c\0d\0e0\0e1\0e2\0e3\0box", 25);
	for (uint32_t z = 0; z < ZONES; z++) {
		h->words[z] = 9 + 3 * z;
		h->nets[z] = (struct ip_range){ ip_from_v4((10 + z) << 24),
						ip_from_v4((10 + z) << 24 | 0xffffff) };
		h->zones[z] = (struct zone){ .name = 1 + 2 * z,
					     .interfaces = { z, 1 },
					     .nets = { z, 1 },
					     .role = ROLE_INTERNET };
	}
	h->zones[ZONES] = (struct zone){ .name = 21, .role = ROLE_BOX };
	for (uint32_t i = 0; i < (ZONES + 1) * (ZONES + 1); i++)
		h->pairs[i] = (struct pair){ { 0, 0 }, i / (ZONES + 1), i % (ZONES + 1) };
	p->strings_count = 25;
	p->words_count = p->nets_count = ZONES;
	p->zones_count = ZONES + 1;
	p->pairs_count = (ZONES + 1) * (ZONES + 1);
	p->profiles_count = 1;
}

static struct span add_end(struct hostile *h, uint32_t zone, struct ip_range r, bool any)
{
	struct policy *p = &h->p;
	struct endpoint *e = &h->endpoints[p->endpoints_count];

	*e = (struct endpoint){ any ? END_ZONE : END_PREFIX, any ? zone : p->nets_count, zone };
	if (!any)
		h->nets[p->nets_count++] = r;
	return (struct span){ p->endpoints_count++, 1 };
}

static struct span add_service(struct hostile *h, struct port_range r)
{
	struct policy *p = &h->p;

	h->ports[p->ports_count] = r;
	h->services[p->services_count] = (struct service){ .ports = { p->ports_count++, 1 } };
	h->refs[p->refs_count] = p->services_count++;
	return (struct span){ p->refs_count++, 1 };
}

static void add_statement(struct hostile *h, const struct rule *r)
{
	struct statement *s = &h->statements[h->p.statements_count++];

	s->type = r->deny ? STATEMENT_DENY : STATEMENT_PERMIT;
	s->kind = KIND_ORDINARY;
	s->profile = r->deny ? POLICY_NONE : 0;
	s->window = s->feed = POLICY_NONE;
	s->from = add_end(h, r->from, r->src, r->any_src);
	s->to = add_end(h, r->to, r->dst, r->any_dst);
	s->services = add_service(h, r->port);
}

static void add_assertion(struct hostile *h, const struct rule *r)
{
	struct assertion *a = &h->assertions[h->p.assertions_count++];

	a->from = add_end(h, r->from, r->src, r->any_src);
	a->to = add_end(h, r->to, r->dst, r->any_dst);
	a->services = add_service(h, r->port);
}

static struct hostile *hostile_new(const struct rule *rules, uint32_t n)
{
	struct hostile *h = calloc(1, sizeof(*h));
	uint32_t room = n + ASSERTIONS;
	uint64_t seed = 5;

	if (!h)
		abort();
	h->refs = calloc(room, sizeof(*h->refs));
	h->nets = calloc(2 * room + ZONES, sizeof(*h->nets));
	h->ports = calloc(room, sizeof(*h->ports));
	h->services = calloc(room, sizeof(*h->services));
	h->endpoints = calloc(2 * room, sizeof(*h->endpoints));
	h->statements = calloc(n, sizeof(*h->statements));
	if (!h->refs || !h->nets || !h->ports || !h->services || !h->endpoints || !h->statements)
		abort();
	h->p.model = MODEL_ALPHA;
	h->p.strings = h->strings;
	h->p.words = h->words;
	h->p.refs = h->refs;
	h->p.nets = h->nets;
	h->p.zones = h->zones;
	h->p.ports = h->ports;
	h->p.services = h->services;
	h->p.profiles = h->profiles;
	h->p.endpoints = h->endpoints;
	h->p.statements = h->statements;
	h->p.assertions = h->assertions;
	h->p.pairs = h->pairs;
	add_zones(h);
	for (uint32_t i = 0; i < n; i++)
		add_statement(h, &rules[i]);
	for (uint32_t i = 0; i < ASSERTIONS; i++) {
		struct rule r = draw_rule(&seed);

		add_assertion(h, &r);
	}
	return h;
}

static void hostile_free(struct hostile *h)
{
	free(h->refs);
	free(h->nets);
	free(h->ports);
	free(h->services);
	free(h->endpoints);
	free(h->statements);
	free(h);
}

/* ---- rows ---- */

struct figures {
	double prove, diff;
	struct proof proof;
	struct diff delta;
};

static void prove_once(struct prover *v, const struct policy *p, unsigned int flags,
		       struct figures *f)
{
	double start = now_ms();

	if (prove_policy(v, p, 0, flags, &f->proof) < 0)
		abort();
	f->prove = now_ms() - start;
}

static void diff_once(struct differ *v, const struct policy *a, const struct policy *b,
		      struct figures *f)
{
	double start = now_ms();

	if (diff_policies(v, a, b, &f->delta) < 0)
		abort();
	f->diff = now_ms() - start;
}

static void measure_hostile(uint32_t n, double goal)
{
	struct rule *one = draw_rules(n, false), *other = draw_rules(n, true);
	struct hostile *a = hostile_new(one, n), *b = hostile_new(other, n);
	double all[RUNS], prove[RUNS], diff[RUNS];
	char what[64], more[160];
	struct figures f;

	for (int i = 0; i < RUNS; i++) {
		struct prover *v = prover_new(0);
		struct differ *w = differ_new(0);

		prove_once(v, &a->p, PROOF_STATEMENTS_ONLY, &f);
		diff_once(w, &a->p, &b->p, &f);
		all[i] = f.prove + f.diff;
		prove[i] = f.prove;
		diff[i] = f.diff;
		snprintf(more, sizeof(more), "%u claims, %u findings, %lu nodes at most, %s",
			 f.proof.claims, f.proof.errors + f.proof.warnings,
			 (unsigned long)f.proof.nodes,
			 f.proof.result == PROOF_UNKNOWN || f.delta.result == DIFF_UNKNOWN
				 ? "UNKNOWN"
				 : "decided");
		proof_done(&f.proof);
		diff_done(&f.delta);
		prover_free(v);
		differ_free(w);
	}
	snprintf(what, sizeof(what), "%u hostile, analyses + matrix + diff", n);
	row(what, median(all), goal, more);
	printf("prove:   of it the proof %.1f ms, the difference of 1 in 100 %.1f ms; %u MB so far (goal <= 256)\n",
	       median(prove), median(diff), megabytes());
	hostile_free(a);
	hostile_free(b);
	free(one);
	free(other);
}

/* ---- first match ---- */

struct ordered {
	struct space *s;
	bdd_t *match, *policy, *cover; /* of each rule; policy: of the rules from it on */
};

static bdd_t match_of(struct space *s, const struct rule *r)
{
	const struct ip_range all = { 0, 255 };
	struct ip_range protocol = { r->port.protocol, r->port.protocol };
	struct ip_range port = { r->port.lo, r->port.hi };
	bdd_t set = r->any_src ? BDD_TRUE : space_range(s, SPACE_SRC, r->src, BDD_TRUE);

	if (!r->any_dst)
		set = space_range(s, SPACE_DST, r->dst, set);
	set = space_range(s, SPACE_PORT, port, set);
	return space_range(s, SPACE_PROTOCOL, r->port.any ? all : protocol, set);
}

static void cut_rule(struct space *s, const struct rule *r)
{
	if (!r->port.any)
		space_cut(s, SPACE_PROTOCOL,
			  (struct ip_range){ r->port.protocol, r->port.protocol });
	space_cut(s, SPACE_PORT, (struct ip_range){ r->port.lo, r->port.hi });
	if (!r->any_dst)
		space_cut(s, SPACE_DST, r->dst);
	if (!r->any_src)
		space_cut(s, SPACE_SRC, r->src);
}

/* One pair: the policy of each suffix, last to first. Return: that of all rules. */
static bdd_t fold(struct space *s, const struct rule *const *rules, uint32_t n, bdd_t *match,
		  bdd_t *suffix)
{
	suffix[n] = BDD_FALSE;
	for (uint32_t i = n; i-- > 0;) {
		match[i] = match_of(s, rules[i]);
		suffix[i] = rules[i]->deny ? bdd_diff(space_bdd(s), suffix[i + 1], match[i])
					   : bdd_or(space_bdd(s), suffix[i + 1], match[i]);
	}
	return suffix[0];
}

static uint32_t select_pair(const struct rule *rules, uint32_t n, uint32_t from, uint32_t to,
			    const struct rule **out)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < n; i++)
		if (rules[i].from == from && rules[i].to == to)
			out[k++] = &rules[i];
	return k;
}

struct tally {
	uint32_t shadowed, redundant;
	long double differ;
};

static void analyse(struct space *s, const struct rule *const *rules, uint32_t n,
		    const bdd_t *match, const bdd_t *suffix, struct tally *t)
{
	bdd_t cover = BDD_FALSE;

	for (uint32_t i = 0; i < n; i++) {
		bdd_t effective = bdd_diff(space_bdd(s), match[i], cover);
		bdd_t below = rules[i]->deny ? bdd_not(suffix[i + 1]) : suffix[i + 1];

		if (effective == BDD_FALSE)
			t->shadowed++;
		else
			t->redundant += bdd_implies(space_bdd(s), effective, below);
		cover = bdd_or(space_bdd(s), cover, match[i]);
	}
}

static void ordered_pair(struct space *s, const struct rule *const *a, uint32_t n,
			 const struct rule *const *b, uint32_t m, bdd_t *match, bdd_t *suffix,
			 struct tally *t)
{
	space_reset(s);
	for (uint32_t i = 0; i < n; i++)
		cut_rule(s, a[i]);
	for (uint32_t i = 0; i < m; i++)
		cut_rule(s, b[i]);
	space_freeze(s);
	bdd_t before = fold(s, a, n, match, suffix);

	analyse(s, a, n, match, suffix, t);
	bdd_t after = fold(s, b, m, match, suffix);

	t->differ += space_size(s, bdd_xor(space_bdd(s), before, after), ADDRESSES_AND_PORTS).about;
	if (space_failed(s))
		abort();
}

static double ordered_once(const struct rule *a, const struct rule *b, uint32_t n, struct tally *t)
{
	double start = now_ms();
	struct space *s = space_new(0);
	const struct rule **mine = malloc(n * sizeof(*mine)), **other = malloc(n * sizeof(*other));
	bdd_t *match = malloc((n + 1) * sizeof(*match)),
	      *suffix = malloc((n + 1) * sizeof(*suffix));

	*t = (struct tally){ 0 };
	for (uint32_t i = 0; i < ZONES * ZONES; i++) {
		uint32_t k = select_pair(a, n, i / ZONES, i % ZONES, mine);
		uint32_t m = select_pair(b, n, i / ZONES, i % ZONES, other);

		ordered_pair(s, mine, k, other, m, match, suffix, t);
	}
	free(match);
	free(suffix);
	free(mine);
	free(other);
	space_free(s);
	return now_ms() - start;
}

static void measure_ordered(uint32_t n, double goal)
{
	struct rule *a = draw_rules(n, false), *b = draw_rules(n, true);
	double ms[RUNS];
	char what[64], more[96];
	struct tally t;

	for (int i = 0; i < RUNS; i++)
		ms[i] = ordered_once(a, b, n, &t);
	snprintf(what, sizeof(what), "%u in order, shadow + redundancy + diff", n);
	snprintf(more, sizeof(more), "%u shadowed, %u redundant; %u MB so far", t.shadowed,
		 t.redundant, megabytes());
	row(what, median(ms), goal, more);
	free(a);
	free(b);
}

/* ---- town-like ---- */

/* What alpha allows, so that everything of it can be proved. */
static const struct {
	const char *from, *to, *kind, *profile;
	uint32_t from_net, to_net, from_group,
		to_group; /* third byte: groups that no relay joins */
} ways[] = {
	{ "kikan", "lgwan", "specific", "strict", 10, 20, 0, 0 },
	{ "lgwan", "kikan", "specific", "strict", 20, 10, 0, 0 },
	{ "lgwan", "lgwan", "ordinary", "content", 20, 20, 0, 0 },
	{ "lgwan", "net", "screen", "content", 20, 30, 100, 0 },
	{ "net", "lgwan", "sanitized-files", "content", 30, 20, 0, 100 },
	{ "net", "cloud", "security-cloud", "open", 30, 99, 0, 0 },
	{ "cloud", "lgwan", "update", "content", 99, 20, 0, 100 },
	{ "kanri", "lgwan", "maintenance", "content", 40, 20, 0, 0 },
	{ "net", "net", "ordinary", "open", 30, 30, 0, 0 },
};

#define WAYS ((uint32_t)(sizeof(ways) / sizeof(ways[0])))
#define GROUP_HOSTS 100u /* third bytes of a group */

static void write_head(struct text *t)
{
	static const char *const zones[] = { "kikan mynumber 10", "lgwan lgwan 20",
					     "net internet 30", "cloud cloud 99",
					     "kanri management 40" };

	text_puts(t, "model alpha;\n");
	for (unsigned int i = 0; i < 5; i++) {
		char name[16], role[16];
		unsigned int net;

		if (sscanf(zones[i], "%15s %15s %u", name, role, &net) != 3)
			abort();
		text_printf(t, "zone %s { role %s; interface \"eth%u\"; network 10.%u.0.0/16; }\n",
			    name, role, i, net);
	}
	text_puts(
		t,
		"profile content { inspect content; on-uninspectable alert; on-unknown-application "
		"alert; }\nprofile open { inspect metadata; on-overload pass; on-no-inspector pass; }\n");
	for (unsigned int i = 0; i < 80; i++)
		text_printf(t, "service s%u { tcp %u; }\n", i, i < 40 ? 20 + i * 11 : 8000 + i * 3);
}

/* Hosts are numbered so that each statement's two are its own: 10.NET.GROUP+x.y */
static void write_host(struct text *t, const char *zone, uint32_t net, uint32_t group, uint32_t i)
{
	text_printf(t, "host %s%u-%u { zone %s; address 10.%u.%u.%u; routed yes; }\n", zone, group,
		    i, zone, net, group + i / 250, i % 250 + 1);
}

static void write_hosts(struct text *t, uint32_t hosts)
{
	for (uint32_t i = 0; i < hosts; i++) {
		write_host(t, "kikan", 10, 0, i);
		write_host(t, "lgwan", 20, 0, i);
		write_host(t, "lgwan", 20, 100, i);
		write_host(t, "net", 30, 0, i);
		write_host(t, "cloud", 99, 0, i);
		write_host(t, "kanri", 40, 0, i);
	}
}

static void write_statement(struct text *t, uint32_t i, uint32_t hosts, uint64_t *seed)
{
	uint32_t w = draw(seed, WAYS);
	bool deny = draw(seed, 100) < 3;

	text_printf(t, "%s p%u { ", deny ? "deny" : "permit", i);
	if (w >= 5 && draw(seed, 5) == 0 && ways[w].from_net != 10)
		text_printf(t, "from 10.%u.%u.0/24; ", ways[w].from_net,
			    ways[w].from_group + draw(seed, 4));
	else
		text_printf(t, "from host %s%u-%u; ", ways[w].from, ways[w].from_group,
			    draw(seed, hosts));
	text_printf(t, "to host %s%u-%u; service s%u; reason \"業務\"; ", ways[w].to,
		    ways[w].to_group, draw(seed, hosts), draw(seed, 80));
	if (!deny)
		text_printf(
			t,
			"kind %s; application TLS; profile %s; owner \"総務課\"; reference \"令和8年%u号\"; "
			"approved-by \"CISO\"; approved-on 2026-04-01; until 2027-03-31; ",
			ways[w].kind, ways[w].profile, i);
	text_puts(t, "}\n");
}

static void write_town(struct text *t, uint32_t permits)
{
	uint32_t hosts = permits / 12 < 50 ? 50 : permits / 12;
	uint64_t seed = 20260401;

	if (hosts > 24 * 250)
		hosts = 24 * 250;
	write_head(t);
	write_hosts(t, hosts);
	for (uint32_t i = 0; i < permits; i++)
		write_statement(t, i, hosts, &seed);
}

static void compile(const struct text *t, struct build *b)
{
	if (t->failed || build_bytes("town", t->bytes, t->len, b) < 0)
		abort();
	if (b->ok)
		return;
	diag_print(&b->diags, (struct diag_style){ 0 }, stderr);
	exit(2);
}

static const char *result_of(const struct proof *f)
{
	static const char *const words[] = {
		[PROOF_HOLDS] = "proved", [PROOF_FAILS] = "REFUTED", [PROOF_UNKNOWN] = "UNKNOWN"
	};

	return words[f->result];
}

static void measure_town(uint32_t n, double goal)
{
	struct text t = { 0 };
	double all[RUNS], prove[RUNS];
	char what[64], more[160];
	struct build b = { 0 };
	struct figures f;

	write_town(&t, n);
	for (int i = 0; i < RUNS; i++) {
		double start = now_ms();
		struct prover *v;

		build_done(&b);
		compile(&t, &b);
		v = prover_new(0);
		prove_once(v, &b.policy, 0, &f);
		all[i] = now_ms() - start;
		prove[i] = f.prove;
		snprintf(more, sizeof(more), "%s, %u boxes, %u claims, %lu nodes at most",
			 result_of(&f.proof), b.policy.boxes_count, f.proof.claims,
			 (unsigned long)f.proof.nodes);
		proof_done(&f.proof);
		prover_free(v);
	}
	snprintf(what, sizeof(what), "%u town-like, compiled and proved", n);
	row(what, median(all), goal, more);
	printf("prove:   of it the proof %.1f ms\n", median(prove));
	build_done(&b);
	text_done(&t);
}

/* ---- one edit ---- */

/* The text with the port of one permit changed. */
static void edit(const struct text *t, uint32_t permit, struct text *out)
{
	char head[32];

	snprintf(head, sizeof(head), "permit p%u {", permit);
	const char *at = strstr(t->bytes, head);
	const char *service = at ? strstr(at, "service s") : NULL;

	if (!service)
		abort();
	const char *end = strchr(service, ';');

	text_add(out, t->bytes, (size_t)(service - t->bytes));
	text_puts(out, "service s7");
	text_puts(out, end);
}

static void measure_edit(uint32_t n, double goal)
{
	struct text t = { 0 }, edited = { 0 };
	struct build before, after;
	struct prover *v = prover_new(0);
	struct differ *w = differ_new(0);
	double ms[RUNS];
	char what[64], more[96];
	struct figures f;

	write_town(&t, n);
	edit(&t, n / 2 + 1, &edited);
	compile(&t, &before);
	compile(&edited, &after);
	prove_once(v, &before.policy, 0, &f);
	proof_done(&f.proof);
	for (int i = 0; i < RUNS; i++) {
		prove_once(v, &after.policy, 0, &f);
		diff_once(w, &before.policy, &after.policy, &f);
		ms[i] = f.prove + f.diff;
		snprintf(more, sizeof(more), "proof %.1f, difference %.1f (%u opened, %u closed)",
			 f.prove, f.diff, f.delta.totals[DIFF_OPENED], f.delta.totals[DIFF_CLOSED]);
		proof_done(&f.proof);
		diff_done(&f.delta);
		prove_once(v, &before.policy, 0,
			   &f); /* so that the next run meets the edit again */
		proof_done(&f.proof);
	}
	snprintf(what, sizeof(what), "one permit of %u edited, warm", n);
	row(what, median(ms), goal, more);
	build_done(&before);
	build_done(&after);
	prover_free(v);
	differ_free(w);
	text_done(&t);
	text_done(&edited);
}

static bool asked(int argc, char **argv, const char *what)
{
	bool any = argc == 1;

	for (int i = 1; i < argc; i++)
		any |= !strcmp(argv[i], what);
	return any;
}

int main(int argc, char **argv)
{
	struct text t = { 0 };

	if (argc == 3 && !strcmp(argv[1], "--print")) {
		write_town(&t, (uint32_t)strtoul(argv[2], NULL, 10));
		fputs(t.bytes, stdout);
		text_done(&t);
		return 0;
	}
	if (asked(argc, argv, "hostile")) {
		measure_hostile(500, 60);
		measure_hostile(10000, 1500);
	}
	if (asked(argc, argv, "order"))
		measure_ordered(10000, 1500);
	if (asked(argc, argv, "town")) {
		measure_town(500, 60);
		measure_town(10000, 1000);
	}
	if (asked(argc, argv, "edit"))
		measure_edit(10000, 20);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* objects: what can be said without looking at packets: addresses shared, objects empty, texts not filled in. */
#include "rules/prove/parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- rule 2: an address belongs to one zone ---- */

struct held {
	struct ip_range range;
	uint32_t zone;
};

static int by_start(const void *a, const void *b)
{
	struct held x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x.range.lo < y.range.lo ? -1 : x.range.lo > y.range.lo;
}

static struct held *all_held(const struct policy *p, uint32_t *count)
{
	uint32_t n = 0;

	for (uint32_t z = 0; z < p->zones_count; z++)
		n += p->zones[z].nets.count;
	struct held *all = malloc((n + 1) * sizeof(*all));

	*count = 0;
	for (uint32_t z = 0; all && z < p->zones_count; z++)
		for (uint32_t i = 0; i < p->zones[z].nets.count; i++)
			all[(*count)++] = (struct held){ p->nets[p->zones[z].nets.first + i], z };
	if (all)
		qsort(all, *count, sizeof(*all), by_start);
	return all;
}

void parts_zones(struct parts *x)
{
	uint32_t n;
	struct held *all = all_held(x->p, &n);

	x->unknown |= !all;
	for (uint32_t i = 1; all && i < n; i++) {
		x->claims++;
		if (all[i].range.lo > all[i - 1].range.hi)
			continue;
		struct finding *f = findings_add(x->findings, PROOF_ZONES_SHARE);

		if (!f)
			continue;
		f->from = all[i - 1].zone;
		f->to = all[i].zone;
		f->witness = (struct witness){ f->from,
					       f->to,
					       { .src = all[i].range.lo, .dst = all[i].range.lo } };
	}
	free(all);
}

/* ---- hygiene ---- */

/* What stands in a form until somebody writes the real thing. */
static const char *const placeholders[] = {
	"TODO", "TBD", "FIXME", "XXX", "???", "...",  "@",      "要記入",     "未記入",
	"〇〇", "○○",  "●●",    "△△",  "××",  "＊＊", "（仮）", "ここに記入",
};

#define PLACEHOLDERS (sizeof(placeholders) / sizeof(placeholders[0]))

struct starts { /* whether any placeholder begins with the byte: most text needs no closer look */
	bool byte[256];
};

static struct starts first_bytes(void)
{
	struct starts s = { { false } };

	for (size_t i = 0; i < PLACEHOLDERS; i++)
		s.byte[(uint8_t)placeholders[i][0]] = true;
	return s;
}

static bool is_placeholder(const struct starts *s, const char *text)
{
	for (; *text; text++)
		for (size_t i = 0; s->byte[(uint8_t)*text] && i < PLACEHOLDERS; i++)
			if (!strncmp(text, placeholders[i], strlen(placeholders[i])))
				return true;
	return false;
}

static void report(struct parts *x, enum proof_what what, uint32_t statement, uint32_t object)
{
	struct finding *f = findings_add(x->findings, what);

	if (!f)
		return;
	f->statement = statement;
	f->object = object;
}

/* Of an owner or a reason that many share, each text is looked at once. */
static void check_texts(struct parts *x)
{
	const struct policy *p = x->p;
	const struct starts starts = first_bytes();
	uint8_t *known =
		calloc(p->strings_count + 1, 1); /* by offset: 1 looked at, 2 a placeholder */

	x->unknown |= !known;
	for (uint32_t i = 0; known && i < p->statements_count; i++) {
		const struct statement *s = &p->statements[i];
		const uint32_t texts[] = { s->owner, s->reason, s->reference, s->approved_by };

		for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
			uint8_t *k = &known[texts[t]];

			if (!*k)
				*k = is_placeholder(&starts, policy_string(p, texts[t])) ? 2 : 1;
			if (*k == 1)
				continue;
			report(x, PROOF_PLACEHOLDER, i, texts[t]);
			break;
		}
	}
	free(known);
}

#define EXAMPLES 4u

/* Addresses for documents: RFC 5737, RFC 3849. */
static void example_ranges(struct ip_range out[EXAMPLES])
{
	static const char *const texts[EXAMPLES] = { "192.0.2.0/24", "198.51.100.0/24",
						     "203.0.113.0/24", "2001:db8::/32" };

	for (size_t i = 0; i < EXAMPLES; i++) {
		int r = ip_parse_range(texts[i], &out[i]);

		assert(r == 0);
		(void)r;
	}
}

static bool is_example(const struct ip_range *examples, const struct policy *p, struct span nets)
{
	for (size_t i = 0; i < EXAMPLES; i++)
		for (uint32_t n = nets.first; n < nets.first + nets.count; n++)
			if (ip_covers(examples[i], p->nets[n]))
				return true;
	return false;
}

static void check_hosts(struct parts *x)
{
	const struct policy *p = x->p;
	struct ip_range examples[EXAMPLES];

	example_ranges(examples);
	for (uint32_t i = 0; i < p->hosts_count; i++) {
		if (p->hosts[i].zone == policy_box_zone(p))
			continue;
		if (p->hosts[i].nets.count == 0)
			report(x, PROOF_HOST_EMPTY, POLICY_NONE, i);
		else if (p->model != MODEL_LAB && is_example(examples, p, p->hosts[i].nets))
			report(x, PROOF_EXAMPLE_ADDRESS, POLICY_NONE, i);
	}
}

static void check_kinds(struct parts *x)
{
	for (uint32_t i = 0; i < x->p->statements_count; i++)
		if (x->p->statements[i].type == STATEMENT_PERMIT &&
		    x->p->statements[i].kind == KIND_SANITIZER)
			report(x, PROOF_KIND_SANITIZER, i, POLICY_NONE);
}

void parts_objects(struct parts *x)
{
	const struct policy *p = x->p;

	check_hosts(x);
	check_texts(x);
	check_kinds(x);
	for (uint32_t i = 0; i < p->groups_count; i++)
		if (p->groups[i].hosts.count == 0)
			report(x, PROOF_GROUP_EMPTY, POLICY_NONE, i);
	for (uint32_t i = 0; i < p->sites_count; i++)
		if (p->sites[i].nets.count == 0 && p->sites[i].names.count == 0)
			report(x, PROOF_SITE_EMPTY, POLICY_NONE, i);
}

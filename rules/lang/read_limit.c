/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_limit: sizes, detectors, applications and DNS names: what the engine measures and compares. */
#include <stdlib.h>
#include <string.h>

#include "rules/lang/read.h"

#define AMOUNT_MAX ((uint64_t)1 << 50)
#define UNDECIDED_MAX ((uint64_t)1 << 20)
#define APPLICATION_MAX 40

/* "20", "5MB": a number and perhaps a unit. */
struct amount {
	uint64_t value;
	bool bytes;
	bool ok;
};

static struct amount parse_amount(const char *s)
{
	static const struct {
		const char *word;
		unsigned int shift;
	} units[] = { { "B", 0 }, { "KB", 10 }, { "MB", 20 }, { "GB", 30 }, { "TB", 40 } };
	struct amount a = { .ok = *s >= '0' && *s <= '9' };

	for (; *s >= '0' && *s <= '9'; s++) {
		a.value = a.value * 10 + (uint64_t)(*s - '0');
		a.ok &= a.value <= AMOUNT_MAX;
		if (!a.ok)
			return a;
	}
	if (!*s)
		return a;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(s, units[i].word)) {
			a.bytes = true;
			a.ok &= a.value <= AMOUNT_MAX >> units[i].shift;
			a.value <<= units[i].shift;
			return a;
		}
	a.ok = false;
	return a;
}

void read_size(const struct reading *r)
{
	const struct term *t = read_only_term(r);

	if (!t)
		return;
	struct amount a = parse_amount(t->text);

	if (!a.ok || !a.bytes)
		diag_add(r->u->diags, MSG_SIZE, t->at, t->text);
	else if (a.value == 0 || a.value > UNDECIDED_MAX)
		diag_add(r->u->diags, MSG_SIZE_RANGE, t->at, t->text, r->key->name);
	else
		*(uint32_t *)r->field = (uint32_t)a.value;
}

/* --- detectors --------------------------------------------------------------------------------- */

/* The place of a word among some; the count when it is none of them. */
static uint32_t word_in(const char *const *words, uint32_t count, const char *word)
{
	uint32_t i = 0;

	while (i < count && strcmp(words[i], word) != 0)
		i++;
	return i;
}

static void add_limit(const struct reading *r, struct limit l)
{
	struct limit *slot = draft_add_limits(&r->u->draft);

	l.detector = r->key->of;
	if (slot)
		*slot = l;
}

/* alert N per PERIOD -- all four terms are there. */
static void read_threshold(const struct reading *r, const struct term *t, struct limit l)
{
	const struct term *amount = t->next, *per = amount->next, *period = per->next;
	struct amount a = parse_amount(amount->text);
	bool upload = r->key->of == DETECT_UPLOAD;

	l.amount = a.value;
	l.bytes = a.bytes;
	l.per = (uint8_t)word_in(policy_per_words, PER_COUNT, period->text);
	if (!a.ok || a.value == 0 || a.bytes != upload)
		diag_add(r->u->diags, upload ? MSG_LIMIT_SIZE : MSG_LIMIT_COUNT, amount->at,
			 amount->text, r->key->name);
	else if (strcmp(per->text, "per") != 0)
		diag_add(r->u->diags, MSG_LIMIT, per->at, r->key->name);
	else if (l.per == PER_COUNT)
		diag_add(r->u->diags, MSG_LIMIT_PERIOD, period->at, period->text);
	else
		add_limit(r, l);
}

static void read_limit(const struct reading *r, const struct item *item)
{
	const struct term *t = item->terms;
	struct limit l = { .action = (uint8_t)word_in(policy_limit_words, LIMIT_COUNT_, t->text) };
	unsigned int terms = 0;

	for (const struct term *i = t; i; i = i->next) {
		if (i->bad)
			return;
		terms++;
	}
	if (l.action == LIMIT_OFF && terms == 1) {
		if (r->items->next)
			diag_add(r->u->diags, MSG_LIMIT_OFF, item->at, r->key->name);
	} else if (l.action == LIMIT_COUNT && terms == 1) {
		add_limit(r, l);
	} else if ((l.action == LIMIT_ALERT || l.action == LIMIT_BLOCK) && terms == 4) {
		read_threshold(r, t, l);
	} else {
		diag_add(r->u->diags, MSG_LIMIT, item->at, r->key->name);
	}
}

static int by_limit(const void *a, const void *b)
{
	const struct limit *x = a, *y = b;

	if (x->action != y->action)
		return x->action < y->action ? -1 : 1;
	if (x->per != y->per)
		return x->per < y->per ? -1 : 1;
	return (x->amount > y->amount) - (x->amount < y->amount);
}

/* The detectors of a profile are one span; each key adds its part in the order of the schema. */
void read_limits(const struct reading *r)
{
	struct draft *d = &r->u->draft;
	struct span *all = r->field;
	uint32_t first = d->limits_count;

	for (const struct item *i = r->items; i; i = i->next)
		read_limit(r, i);
	if (d->limits_count > first)
		qsort(d->limits + first, d->limits_count - first, sizeof(struct limit), by_limit);
	if (all->count == 0)
		all->first = first;
	all->count = d->limits_count - all->first;
}

/* --- applications ------------------------------------------------------------------------------ */

static bool same_letters(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = (char)(*a >= 'A' && *a <= 'Z' ? *a + 32 : *a);
		char y = (char)(*b >= 'A' && *b <= 'Z' ? *b + 32 : *b);

		if (x != y)
			return false;
	}
	return *a == *b;
}

/* The bit of an application. nDPI does not tell TLS from tls: of several spellings one is kept. */
static uint32_t application(const struct reading *r, const struct term *t)
{
	struct draft *d = &r->u->draft;

	for (uint32_t i = 0; i < d->apps_count; i++)
		if (same_letters(draft_text(d, d->apps[i]), t->text)) {
			if (strcmp(t->text, draft_text(d, d->apps[i])) < 0)
				d->apps[i] = draft_string(d, t->text, strlen(t->text));
			return i;
		}
	if (d->apps_count == POLICY_APPS_MAX) {
		diag_add(r->u->diags, MSG_APPLICATIONS_TOO_MANY, t->at,
			 diag_number(r->u->diags, POLICY_APPS_MAX));
		return POLICY_NONE;
	}
	uint32_t *slot = draft_add_apps(d);

	if (!slot)
		return POLICY_NONE;
	*slot = draft_string(d, t->text, strlen(t->text));
	r->u->app_places[d->apps_count - 1] = t->at;
	return d->apps_count - 1;
}

static bool is_application(const char *s)
{
	size_t n = strlen(s);

	for (const char *p = s; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			return false;
	return n && n <= APPLICATION_MAX;
}

void read_applications(const struct reading *r)
{
	uint32_t first = r->u->draft.refs_count;

	for (const struct item *i = r->items; i; i = i->next) {
		const struct term *t = read_one_term(r, i);

		if (!t)
			continue;
		if (!strcmp(t->text, "any")) {
			if (r->items->next)
				diag_add(r->u->diags, MSG_ANY_ALONE, t->at, r->key->name);
			continue;
		}
		if (!is_application(t->text)) {
			diag_add(r->u->diags, MSG_APPLICATION, t->at, t->text);
			continue;
		}
		uint32_t app = application(r, t);
		uint32_t *ref = app == POLICY_NONE ? NULL : draft_add_refs(&r->u->draft);

		if (ref)
			*ref = app;
	}
	*(struct span *)r->field = read_sorted_refs(r->u, first);
}

/* --- DNS names --------------------------------------------------------------------------------- */

/* RFC 1035, 2.3.4: labels of 1 to 63, 253 in all; '_' occurs in practice. Lower case. */
static bool is_dns_name(const char *s)
{
	size_t label = 0, all = strlen(s);

	if (all == 0 || all > 253)
		return false;
	for (; *s; s++) {
		if (*s == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '-' ||
		      *s == '_') ||
		    ++label > 63)
			return false;
	}
	return label > 0;
}

void read_patterns(const struct reading *r)
{
	struct draft *d = &r->u->draft;
	uint32_t first = d->words_count;

	for (const struct item *i = r->items; i; i = i->next) {
		const struct term *t = read_one_term(r, i);
		char name[256] = "";

		if (!t)
			continue;
		for (size_t k = 0; t->text[k] && k + 1 < sizeof(name); k++)
			name[k] = (char)(t->text[k] >= 'A' && t->text[k] <= 'Z' ? t->text[k] + 32
										: t->text[k]);
		if (strlen(t->text) >= sizeof(name) ||
		    !is_dns_name(strncmp(name, "*.", 2) ? name : name + 2)) {
			diag_add(r->u->diags, MSG_DNS_NAME, t->at, t->text);
			continue;
		}
		uint32_t *word = draft_add_words(d);

		if (word)
			*word = draft_string(d, name, strlen(name));
	}
	*(struct span *)r->field = read_sorted_words(r->u, first);
}

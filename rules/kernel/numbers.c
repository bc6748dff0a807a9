/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/kernel/live.h"
#include "rules/sha256.h"
#include "rules/text.h"

#define HEADER "sekimori numbers 1\n"
#define BUCKETS 131072u /* twice the numbers: short chains of probing */

struct entry {
	bool known;
	uint32_t apply; /* the last that had it in force */
	uint8_t key[SHA256_BYTES];
};

struct numbers {
	struct entry entries[NUMBERS_MAX + 1]; /* by number; 0 unused */
	uint16_t buckets[BUCKETS];             /* key -> number; 0 empty */
	uint32_t count;
};

struct numbers *numbers_new(void)
{
	return calloc(1, sizeof(struct numbers));
}

void numbers_free(struct numbers *n)
{
	free(n);
}

/* The bucket of a key, or the empty one where it belongs. Keys are hashes: any four bytes spread. */
static uint32_t bucket_of(const struct numbers *n, const uint8_t *key)
{
	uint32_t i;

	memcpy(&i, key, sizeof(i));
	for (i %= BUCKETS; n->buckets[i]; i = (i + 1) % BUCKETS)
		if (memcmp(n->entries[n->buckets[i]].key, key, SHA256_BYTES) == 0)
			break;
	return i;
}

static uint16_t number_of(const struct numbers *n, const uint8_t *key)
{
	return n->buckets[bucket_of(n, key)];
}

static void add(struct numbers *n, uint16_t number, uint32_t apply, const uint8_t *key)
{
	struct entry *e = &n->entries[number];

	e->known = true;
	e->apply = apply;
	memcpy(e->key, key, SHA256_BYTES);
	n->buckets[bucket_of(n, key)] = number;
	n->count++;
}

/* Forget the retired ones; the buckets are made anew, since probing knows no holes. */
static void retire(struct numbers *n, uint32_t in_force, const struct numbers_borne *borne)
{
	memset(n->buckets, 0, sizeof(n->buckets));
	n->count = 0;
	for (uint32_t i = 1; i <= NUMBERS_MAX; i++) {
		struct entry *e = &n->entries[i];
		bool needed = e->apply >= in_force || numbers_is_borne(borne, (uint16_t)i);

		if (!e->known)
			continue;
		e->known = needed;
		if (needed)
			add(n, (uint16_t)i, e->apply, e->key);
	}
}

static uint32_t highest(const struct numbers_borne *borne)
{
	uint32_t i = NUMBERS_MAX;

	while (i > 0 && !numbers_is_borne(borne, (uint16_t)i))
		i--;
	return i;
}

/* The next number after `last` (which it moves on) that means nothing and is borne by nothing; 0 none. */
static uint16_t free_number(const struct numbers *n, const struct numbers_borne *borne,
			    uint32_t *last)
{
	for (uint32_t tries = 0; tries < NUMBERS_MAX; tries++) {
		*last = *last % NUMBERS_MAX + 1;
		if (!n->entries[*last].known && !numbers_is_borne(borne, (uint16_t)*last))
			return (uint16_t)*last;
	}
	return 0;
}

static bool number_all(struct numbers *n, uint32_t apply, const struct numbers_borne *borne,
		       struct live_class *classes, size_t count)
{
	uint32_t last = n->count ? 0 : highest(borne);

	for (size_t i = 0; i < count; i++) {
		if (classes[i].state == LIVE_ABSENT)
			continue;
		uint16_t number = number_of(n, classes[i].key);

		if (!number) {
			number = free_number(n, borne, &last);
			if (!number)
				return false;
			add(n, number, apply, classes[i].key);
		}
		n->entries[number].apply = apply;
		classes[i].number = number;
	}
	return true;
}

int numbers_assign(struct numbers *n, uint32_t apply, uint32_t in_force,
		   const struct numbers_borne *borne, struct live_class *classes, size_t count)
{
	struct numbers *trial = malloc(sizeof(*trial));

	if (!trial)
		return -ENOMEM;
	*trial = *n;
	if (trial->count >
	    NUMBERS_MAX / 2) /* only when it fills: what comes back finds its old number */
		retire(trial, in_force, borne);
	bool ok = number_all(trial, apply, borne, classes, count);

	if (!ok) {
		*trial = *n;
		retire(trial, in_force, borne);
		ok = number_all(trial, apply, borne, classes, count);
	}
	if (ok)
		*n = *trial;
	for (size_t i = 0; !ok && i < count; i++)
		classes[i].number = 0;
	free(trial);
	return ok ? 0 : -ENOSPC;
}

void numbers_recall(const struct numbers *n, struct live_class *classes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		classes[i].number =
			classes[i].state == LIVE_ABSENT ? 0 : number_of(n, classes[i].key);
}

const uint8_t *numbers_key(const struct numbers *n, uint16_t number)
{
	return number <= NUMBERS_MAX && n->entries[number].known ? n->entries[number].key : NULL;
}

void numbers_print(const struct numbers *n, struct text *out)
{
	char hex[SHA256_HEX];

	text_puts(out, HEADER);
	for (uint32_t i = 1; i <= NUMBERS_MAX; i++)
		if (n->entries[i].known)
			text_printf(out, "%u %u %s\n", i, n->entries[i].apply,
				    sha256_hex(n->entries[i].key, hex));
}

/* A decimal number and the byte after it; false when it is not so or too big. */
static bool take_number(const char **at, const char *end, uint32_t max, uint32_t *out)
{
	uint64_t v = 0;
	const char *p = *at;

	while (p < end && *p >= '0' && *p <= '9' && v <= max)
		v = v * 10 + (uint64_t)(*p++ - '0');
	if (p == *at || p == end || *p != ' ' || v > max)
		return false;
	*out = (uint32_t)v;
	*at = p + 1;
	return true;
}

static bool take_key(const char **at, const char *end, uint8_t key[static SHA256_BYTES])
{
	static const char hex_digits[] = "0123456789abcdef";
	const char *p = *at;

	if ((size_t)(end - p) < 2 * SHA256_BYTES + 1 || p[2 * SHA256_BYTES] != '\n')
		return false;
	for (int i = 0; i < 2 * SHA256_BYTES; i++) {
		const char *digit = p[i] ? strchr(hex_digits, p[i]) : NULL;

		if (!digit)
			return false;
		key[i / 2] = (uint8_t)(key[i / 2] << 4 | (digit - hex_digits));
	}
	*at = p + 2 * SHA256_BYTES + 1;
	return true;
}

static bool parse_line(struct numbers *n, const char **at, const char *end)
{
	uint32_t number, apply;
	uint8_t key[SHA256_BYTES] = { 0 };

	if (!take_number(at, end, NUMBERS_MAX, &number) ||
	    !take_number(at, end, UINT32_MAX, &apply) || !take_key(at, end, key))
		return false;
	if (number == 0 || n->entries[number].known || number_of(n, key))
		return false;
	add(n, (uint16_t)number, apply, key);
	return true;
}

int numbers_parse(struct numbers *n, const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + len;
	size_t header = sizeof(HEADER) - 1;

	if (len < header || memcmp(at, HEADER, header) != 0)
		return -EBADMSG;
	for (at += header; at < end;) {
		if (!parse_line(n, &at, end)) {
			memset(n, 0, sizeof(*n));
			return -EBADMSG;
		}
	}
	return 0;
}

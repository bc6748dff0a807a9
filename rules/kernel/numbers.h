/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * numbers: which 16-bit number the kernel knows a meaning by, kept from apply to apply.
 *
 * Flows carry the number in their conntrack mark. So a meaning keeps its number as long as the table
 * knows it, and a number goes to another meaning only when it is not in force and no conntrack entry
 * bears it: an old verdict is never read as one about something else.
 *
 *	sekimori numbers 1			the file, one meaning a line: number, last apply, key
 *	17 42 9f86d081884c7d65...
 */
#ifndef RULES_KERNEL_NUMBERS_H
#define RULES_KERNEL_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live_class;
struct text;

#define NUMBERS_MAX 65534u

/* Which numbers conntrack entries bear: bit n of the map. */
struct numbers_borne {
	uint64_t bits[1024];
};

static inline void numbers_bear(struct numbers_borne *b, uint32_t mark)
{
	b->bits[(mark & 0xffff) / 64] |= (uint64_t)1 << (mark % 64);
}

static inline bool numbers_is_borne(const struct numbers_borne *b, uint16_t number)
{
	return b->bits[number / 64] >> (number % 64) & 1;
}

struct numbers;

struct numbers *numbers_new(void);	/* empty; NULL: no memory */
void numbers_free(struct numbers *n);	/* takes NULL */

/* numbers_parse - fill an empty table from the file's bytes. Return: 0; -EBADMSG (the table stays empty) */
int numbers_parse(struct numbers *n, const char *bytes, size_t len);
void numbers_print(const struct numbers *n, struct text *out);

/**
 * numbers_assign - give every class that is not LIVE_ABSENT its number
 * @apply: number of this apply, greater than any before
 * @in_force: the apply in force now; what it uses is not given away
 * @borne: of conntrack, now. With an empty table (its file was lost) numbers start above the highest borne.
 * Return: 0; -ENOMEM; -ENOSPC more meanings than numbers (nothing has been changed).
 */
int numbers_assign(struct numbers *n, uint32_t apply, uint32_t in_force, const struct numbers_borne *borne,
		   struct live_class *classes, size_t count);

/* numbers_recall - the numbers of classes as they were assigned before; 0 for a meaning not known */
void numbers_recall(const struct numbers *n, struct live_class *classes, size_t count);

/* numbers_key - the meaning a number stands for, 32 bytes, or NULL */
const uint8_t *numbers_key(const struct numbers *n, uint16_t number);

#endif

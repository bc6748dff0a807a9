/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * register: is this number one of the town's residents'? An index of numbers that holds none in clear (methods.md B.7).
 *
 * First a filter of keyed fast hashes, 8 bits a number: each entry could be any of 10^11 / (256 * N) valid numbers. What
 * passes it is looked up in a sorted table of slow hashes, at most REGISTER_RATE a second. The index is to be handled as
 * the numbers themselves all the same (sekimori-register(1)); made by that program, off unless both files are there.
 *
 *	filter	"SKREGIS1" count segment segments length  seed  memory passes salt[16]  bytes[length]  table[count]  seal[32]
 *	key	"SKREGKY1" fast[32] pepper[32]
 * Numbers are little-endian: 4 bytes, `seed` and the table's entries 8. The seal is HMAC-SHA-256 of all before it.
 */
#ifndef DAEMON_CONTENT_SCAN_REGISTER_H
#define DAEMON_CONTENT_SCAN_REGISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/scan/fuse.h"
#include "daemon/content/scan/register_hash.h"

#define REGISTER_FILTER "register.filter"	/* in the state directory, as the next */
#define REGISTER_KEY "register.key"
#define REGISTER_MAGIC "SKREGIS1"
#define REGISTER_KEY_MAGIC "SKREGKY1"
#define REGISTER_HEADER 64u
#define REGISTER_KEY_FILE (8 + 2 * REGISTER_KEY_BYTES)
#define REGISTER_RATE 50u			/* slow hashes a second */

struct register_counts {
	uint64_t asked, fast, slow, found, limited, failed;	/* limited: not looked up for the rate */
};

struct register_index {
	struct fuse fuse;
	struct register_key key;
	struct register_cost cost;
	uint32_t count;
	const uint8_t *table;		/* in `bytes` */
	uint32_t allowance;		/* slow hashes left of this second */
	struct register_counts counts;
	size_t len;
	uint8_t bytes[];
};

enum register_fault { REGISTER_OK, REGISTER_ABSENT, REGISTER_UNREADABLE, REGISTER_OPEN, REGISTER_DAMAGED,
		      REGISTER_MEMORY };
extern const char *const register_fault_words[][2];	/* English, Japanese */

/**
 * register_read - an index from its bytes
 * Return: REGISTER_OK; REGISTER_DAMAGED for whatever is not whole, or sealed with another key; REGISTER_MEMORY
 */
enum register_fault register_read(const void *filter, size_t n, const void *key, size_t key_len,
				  struct register_index **out);

/* register_load - from two files of a directory; REGISTER_OPEN: others than their owner may read one of them */
enum register_fault register_load(const char *directory, struct register_index **out);
void register_free(struct register_index *r);	/* takes NULL; overwrites the keys */

void register_second(struct register_index *r);	/* a second has passed */

/* register_has - for scan_set_register(): @ctx is the index. Nothing of the digits is kept. */
bool register_has(void *ctx, const char digits[static REGISTER_DIGITS]);

#endif

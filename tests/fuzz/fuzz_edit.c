/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a block, after a first line "key value": a block that is changed is still one and has that value; the same
 * change once more changes nothing, and what is taken away is gone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/edit/block.h"
#include "rules/edit/value.h"
#include "rules/lang/schema.h"
#include "rules/text.h"

#define MEMORY ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int set(const char *block, size_t len, const char *key, const char *value, struct text *out)
{
	struct arena *a = arena_new(MEMORY);
	int r = a ? block_set(a, block, len, key, value, out) : -1;

	arena_free(a);
	return r;
}

static void change(const char *block, size_t len, const char *key, const char *value)
{
	struct text once = { 0 }, twice = { 0 }, gone = { 0 }, none = { 0 };

	if (set(block, len, key, value, &once) == 0) {
		/* the same once more changes nothing */
		if (set(once.bytes, once.len, key, value, &twice) != 0 || once.len != twice.len ||
		    memcmp(once.bytes, twice.bytes, once.len) != 0)
			abort();
		/* taken away it is gone */
		if (set(once.bytes, once.len, key, NULL, &gone) != 0 ||
		    set(gone.bytes, gone.len, key, NULL, &none) == 0)
			abort();
	}
	text_done(&once);
	text_done(&twice);
	text_done(&gone);
	text_done(&none);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = memchr(data, '\n', size), *space = memchr(data, ' ', size);
	struct text value = { 0 };

	if (!line || !space || space > line || memchr(data, '\0', size))
		return 0;
	char *key = strndup((const char *)data, (size_t)(space - data));
	char *typed = strndup((const char *)space + 1, (size_t)(line - space - 1));
	const struct key *k = key ? schema_key(&schema_kinds()[BLOCK_PERMIT], key) : NULL;

	if (k && typed && value_write(k, typed, &value) == VALUE_FINE)
		change((const char *)line + 1, size - (size_t)(line + 1 - data), key, value.bytes);
	text_done(&value);
	free(key);
	free(typed);
	return 0;
}

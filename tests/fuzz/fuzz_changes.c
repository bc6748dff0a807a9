/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_changes: two records of a kernel in one input, the second from its second magic on: what is different is
 * told both ways.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/json.h"
#include "rules/kernel/readback/changes.h"
#include "rules/kernel/readback/record.h"
#include "rules/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(const struct changes *c)
{
	struct text t = { 0 };
	struct json j = json_to(&t);

	changes_text(c, false, 500, &t);
	changes_text(c, true, 500, &t);
	changes_json(c, &j, NULL);
	text_done(&t);
}

static void compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	struct changes c;

	if (changes_between(&c, a, a_len, b, b_len, 1000) < 0)
		return;
	if (a == b && c.total)
		abort();
	tell(&c);
	changes_done(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *second =
		size ? memmem(data + 1, size - 1, RECORD_MAGIC, RECORD_MAGIC_LEN) : NULL;
	const size_t first = second ? (size_t)(second - data) : size;

	compare(data, first, data, first);
	if (!second)
		return 0;
	compare(data, first, second, size - first);
	compare(second, size - first, data, first);
	return 0;
}

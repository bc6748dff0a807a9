/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a ledger: read or refused; what is read and written again reads as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/edit/csv.h"
#include "rules/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_table(const struct csv *c, struct text *out)
{
	csv_begin(out);
	for (uint32_t r = 0; r < c->count; r++) {
		for (uint32_t i = 0; i < c->rows[r].count; i++)
			csv_put(out, c->rows[r].cells[i]);
		csv_end_row(out);
	}
}

static void expect_same(const struct csv *a, const struct csv *b)
{
	if (a->count != b->count)
		abort();
	for (uint32_t r = 0; r < a->count; r++) {
		if (a->rows[r].count != b->rows[r].count)
			abort();
		for (uint32_t i = 0; i < a->rows[r].count; i++)
			if (strcmp(a->rows[r].cells[i], b->rows[r].cells[i]) != 0)
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv first, second;
	struct text t = { 0 };

	if (csv_read(data, size, &first) < 0)
		return 0;
	write_table(&first, &t);
	if (csv_read(t.bytes, t.len, &second) < 0)
		abort();
	expect_same(&first, &second);
	csv_close(&first);
	csv_close(&second);
	text_done(&t);
	return 0;
}

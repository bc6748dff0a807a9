/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any payload: what is changed keeps its length and line ends, becomes nothing but X, and is hidden for good. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/content/hide_starttls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hide(enum hide_protocol p, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		return;
	if (size)
		memcpy(copy, data, size);
	const bool changed = hide_starttls(p, copy, size);

	for (size_t i = 0; i < size; i++)
		assert(copy[i] == data[i] || copy[i] == 'X');
	assert(changed || size == 0 || memcmp(copy, data, size) == 0);
	assert(!changed || p != HIDE_SMTP || !hide_starttls(p, copy, size));
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int p = HIDE_SMTP; p <= HIDE_POP3; p++)
		hide((enum hide_protocol)p, data, size);
	return 0;
}

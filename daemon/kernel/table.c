/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/table.h"

#include <errno.h>

#include "daemon/kernel/command.h"
#include "rules/kernel/nft.h"
#include "rules/text.h"

#define SECONDS 120 /* ten thousand address ranges take Debian's kernel some seconds */

int table_load(const struct text *rules, struct text *err)
{
	static const char *const argv[] = { "nft", "-f", "-", NULL };

	if (rules->failed)
		return -ENOMEM;
	int r = command_run(argv, rules->bytes, rules->len, NULL, err, SECONDS);

	return r > 0 ? -EIO : r;
}

int table_list(struct text *out)
{
	static const char *const argv[] = {
		"nft", "-t", "list", "table", "inet", "sekimori", NULL
	};
	int r = command_run(argv, NULL, 0, out, NULL, SECONDS);

	if (r > 0)
		return -ENODATA;
	return r == 0 && out->failed ? -ENOMEM : r;
}

int table_sweep(const char *listing, uint32_t keep, struct text *err)
{
	struct text doomed = { 0 };
	int r = 0;

	if (nft_sweep(listing, keep, &doomed) > 0)
		r = table_load(&doomed, err);
	text_done(&doomed);
	return r;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_since.h"

#include <stdlib.h>

#include "tools/cli.h"

#define AGO_MAX 36500ull

bool cli_since(const struct cli *c, const char *name, int64_t now, int64_t *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	const char *value = cli_value(c, name);
	char *end;
	unsigned long long n;

	if (!value)
		return true;
	n = strtoull(value, &end, 10);
	for (size_t i = 0; end > value && i < sizeof(units) / sizeof(units[0]); i++) {
		if (end[0] == units[i].unit && !end[1] && n < AGO_MAX) {
			*out = now - (int64_t)n * units[i].seconds;
			return true;
		}
	}
	return cli_time(c, name, out);
}

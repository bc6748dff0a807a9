/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/watch/domain.h"

#include <string.h>

#include <libpsl.h>

const char *domain_registered(const char *name)
{
	const char *found = psl_registrable_domain(psl_builtin(), name);

	return found ? found : name;
}

bool domain_within(const char *name, const char *domain)
{
	size_t n = strlen(name), m = strlen(domain);

	if (n < m || strcmp(name + (n - m), domain) != 0)
		return false;
	return n == m || name[n - m - 1] == '.';
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/interfaces.h"

#include <stdlib.h>
#include <string.h>

void interfaces_done(struct interfaces *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->names[i]);
	free(t->names);
	t->names = NULL;
	t->count = 0;
}

static uint32_t add(struct interfaces *t, const char *name)
{
	char *copy;

	if (!t->names)
		t->names = calloc(INTERFACES_MAX, sizeof(char *));
	if (!t->names || t->count == INTERFACES_MAX)
		return 0;
	copy = strdup(name);
	if (!copy)
		return 0;
	t->names[t->count++] = copy;
	if (t->told)
		t->told(t->ctx, (uint32_t)t->count, copy);
	return (uint32_t)t->count;
}

uint32_t interfaces_number(struct interfaces *t, const char *name)
{
	if (name[0] == '\0')
		return 0;
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->names[i], name) == 0)
			return (uint32_t)i + 1;
	return add(t, name);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nft_sweep: what an earlier apply left, read off the kernel itself, so that a crash at any step is
 * swept by the next start.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rules/kernel/nft.h"
#include "rules/text.h"

#define NAME_MAX_ 256

struct object {
	const char *kind; /* one of kinds[] */
	char name[NAME_MAX_];
	uint32_t number;
};

static const char *const kinds[] = { "map", "set", "chain" };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* "p_kikan_lgwan_7" -> 7; 0: the name carries no number, so it is shared */
static uint32_t number_of(const char *name)
{
	const char *underscore = strrchr(name, '_');
	char *end;

	if (!underscore || underscore[1] < '1' || underscore[1] > '9')
		return 0;
	unsigned long n = strtoul(underscore + 1, &end, 10);

	return *end || n > UINT32_MAX ? 0 : (uint32_t)n;
}

/* A line like "\tmap p4_kikan_lgwan_7 {". */
static bool parse_object(const char *line, const char *end, const char *kind, struct object *o)
{
	size_t n = strlen(kind);

	if ((size_t)(end - line) < n + 5 || line[0] != '\t' || memcmp(line + 1, kind, n) != 0 ||
	    line[n + 1] != ' ' || end[-1] != '{' || end[-2] != ' ')
		return false;
	const char *name = line + n + 2;
	size_t len = (size_t)(end - 2 - name);

	if (end - 2 <= name || len >= sizeof(o->name) || memchr(name, ' ', len))
		return false;
	memcpy(o->name, name, len);
	o->name[len] = '\0';
	o->kind = kind;
	o->number = number_of(o->name);
	return o->number != 0;
}

/* Writes one command for every object of a kind that is not of `keep`. */
static size_t each_doomed(const char *listing, uint32_t keep, const char *kind, const char *command,
			  struct text *out)
{
	struct object o;
	size_t n = 0;

	for (const char *line = listing, *end; (end = strchr(line, '\n')); line = end + 1) {
		if (!parse_object(line, end, kind, &o) || o.number == keep)
			continue;
		text_printf(out, "%s %s " NFT_TABLE " %s\n", command, kind, o.name);
		n++;
	}
	return n;
}

/* Rules go first, they refer to maps; maps next, they refer to chains. */
size_t nft_sweep(const char *listing, uint32_t keep, struct text *out)
{
	size_t n = 0;

	each_doomed(listing, keep, "chain", "flush", out);
	for (size_t i = 0; i < KINDS; i++)
		n += each_doomed(listing, keep, kinds[i], "delete", out);
	return n;
}

uint32_t nft_highest(const char *listing)
{
	struct object o;
	uint32_t highest = 0;

	for (const char *line = listing, *end; (end = strchr(line, '\n')); line = end + 1)
		for (size_t i = 0; i < KINDS; i++)
			if (parse_object(line, end, kinds[i], &o) && o.number > highest)
				highest = o.number;
	return highest;
}

uint32_t nft_in_force(const char *listing)
{
	static const char mark[] = "iifname . oifname vmap @pair_";
	const char *at = strstr(listing, mark);

	return at ? (uint32_t)strtoul(at + sizeof(mark) - 1, NULL, 10) : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parse: the parts of reading a ruleset; private to ruleset.c, ruleset_set.c and expr.c.
 */
#ifndef RULES_KERNEL_READBACK_PARSE_H
#define RULES_KERNEL_READBACK_PARSE_H

#include "rules/kernel/readback/record.h"
#include "rules/kernel/readback/ruleset.h"

/* A message of nf_tables about something in a table. */
struct message {
	uint8_t type;		/* NFT_MSG_* */
	uint8_t family;
	struct cursor attrs;
};

/* What the parsers share. Both steps see every message: names first, then what refers to them. */
struct parse {
	struct ruleset *r;
	uint32_t last_table;	/* found last: most messages are about the same */
	bool no_memory, bad;
};

/* parse_table - the table that an attribute names; RULESET_NONE and p->bad when there is none */
uint32_t parse_table(struct parse *p, const struct message *m, uint16_t attr);

/* parse_name - a text attribute, ""  when it is not there */
const char *parse_name(const struct message *m, uint16_t attr);

/* parse_grow - room for one more of an array in the arena, zeroed; NULL and p->no_memory */
void *parse_grow(struct parse *p, void *items, uint32_t count, size_t size);

/* parse_number - a big-endian attribute of 1 to 8 bytes; 0 when it is not there */
uint64_t parse_number(struct cursor attrs, uint16_t attr);

void parse_set(struct parse *p, const struct message *m);
void parse_elements(struct parse *p, const struct message *m);

void expr_parse(struct cursor body, struct expr *e);

/* verdict_parse - of data that is nested; false: it is no verdict */
bool verdict_parse(const struct ruleset *r, uint32_t table, struct cursor data, int32_t *verdict, uint32_t *chain);

#endif

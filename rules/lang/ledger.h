/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger: the town's list of terminals, a CSV file as a spreadsheet saves it.
 *
 *	名称,課,MAC,アドレス			or	name,section,mac,address
 *	PC-0123,住民課,02-00-5E-10-01-23,10.10.2.23
 *
 * The columns may stand in any order among others; the header names them. UTF-8, with a BOM or without.
 */
#ifndef RULES_LANG_LEDGER_H
#define RULES_LANG_LEDGER_H

#include "rules/ip.h"
#include "rules/lang/unit.h"

#define LEDGER_COLUMNS_MAX 64

struct ledger_row {
	const char *name, *section;	/* arena; "" when the cell is empty or the column is not there */
	const char *mac, *address;	/* arena; as written */
	struct location mac_at, address_at;
	struct location at;		/* the row */
	uint32_t line;			/* from 1 */
};

struct ledger {
	struct ledger *next;		/* arena */
	const struct source_file *file;
	const char *path;		/* as the policy names it */
	const struct source_text *from;	/* the text that names it */
	struct ledger_row *rows;	/* arena */
	uint32_t count;
	bool has_section;
	uint8_t hash[32];		/* of the file */
};

/* ledger_read - NULL after a message, or for no memory */
struct ledger *ledger_read(struct unit *u, const struct term *path);

#endif

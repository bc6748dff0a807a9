/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * import: a ledger that somebody changed in a spreadsheet, as wishes for the policy. All or nothing.
 */
#ifndef TOOLS_LEDGER_IMPORT_H
#define TOOLS_LEDGER_IMPORT_H

#include "tools/ledger/ledger.h"

struct csv;

/* What one cell asks for: a key of a permit gets a value, or loses it. */
struct import_wish {
	const char *permit, *key;	/* borrowed from ledger and headings */
	char *value;			/* owned; NULL: taken away */
};

struct import {
	struct import_wish *wishes;	/* owned */
	uint32_t count;
	uint32_t refused;		/* cells */
	struct text complaints;		/* owned; a line for each refused cell, by row and column */
	bool failed;			/* no memory */
};

/* import_cells - what differs between the ledger of the policy and a table. Dates may be written 2027/3/31. */
void import_cells(const struct ledger *l, const struct csv *table, struct import *out);
void import_done(struct import *im);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * biff: numbers of Excel's sheets before 2007 (MS-XLS). They are no text there: IEEE doubles, or 30 bits of one (RK).
 *
 *	sector 0: compound file header ... sector n: 09 08 length 00 06 (BOF)  type length data  type length data ...
 *
 * The workbook is read from its first BOF on as one run of sectors, as programs write it that save it anew. Where the
 * run is broken, records make no sense any more and reading stops until the next BOF at a sector's beginning.
 */
#ifndef DAEMON_CONTENT_UNPACK_BIFF_H
#define DAEMON_CONTENT_UNPACK_BIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct part;

#define BIFF_RECORD 512u		/* of a record, as much as numbers need */

struct biff {
	struct part *part;		/* borrowed: where the text of numbers is opened */
	struct part *cells;		/* owned until closed; NULL: no number yet */
	uint64_t at;			/* byte in the file */
	bool inside, told;
	uint32_t left;			/* of the record */
	size_t n;			/* in `record` */
	uint8_t record[BIFF_RECORD];	/* with its head */
};

void biff_init(struct biff *b, struct part *p);
void biff_feed(struct biff *b, const uint8_t *at, size_t n);
void biff_end(struct biff *b);

#endif

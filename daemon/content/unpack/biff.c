/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/unpack/biff.h"

#include <stdio.h>
#include <string.h>

#include "daemon/content/document.h"
#include "daemon/content/unpack/unpack.h"
#include "rules/cursor.h"

#define SECTOR 512u
#define HEAD 4u
#define RECORD_MAX 8224u /* MS-XLS 2.1.4 */

enum { BOF = 0x809, FILEPASS = 0x2f, NUMBER = 0x203, RK = 0x27e, MULRK = 0xbd, FORMULA = 0x06 };

void biff_init(struct biff *b, struct part *p)
{
	*b = (struct biff){ .part = p };
}

static void put(struct biff *b, uint32_t row, uint32_t column, double v)
{
	const struct part_hint h = { .kind = BODY_LINE, .text = true, .word = "data" };
	char text[32];

	if (!(v >= 1e6 && v < 1e15)) /* no identifier */
		return;
	if (!b->cells)
		b->cells = part_open(b->part, &h);
	part_cell(b->cells, row, column, true);
	part_feed(b->cells, (const uint8_t *)text, (size_t)snprintf(text, sizeof(text), "%.0f", v));
}

static double of_bits(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

/* 2.5.217: an integer, or the upper 30 bits of a double; bit 0: hundredths. */
static double of_rk(uint32_t rk)
{
	double v = rk & 2 ? (double)((int32_t)rk >> 2) : of_bits((uint64_t)(rk & ~3u) << 32);

	return rk & 1 ? v / 100 : v;
}

static void many(struct biff *b, struct cursor *c, uint32_t row, uint32_t column)
{
	while (c->left >= 8) { /* style, number; the last column stands behind them */
		cursor_skip(c, 2);
		put(b, row, column++, of_rk(cursor_le32(c)));
	}
}

static void read_record(struct biff *b)
{
	struct cursor c = cursor_of(b->record, b->n < BIFF_RECORD ? b->n : BIFF_RECORD);
	uint16_t type = cursor_le16(&c);

	cursor_skip(&c, 2);
	if (type == FILEPASS && !b->told) {
		part_unread(b->part, UNREAD_ENCRYPTED_OFFICE, "xls", (struct body_text){ 0 }, 0);
		b->told = true;
	}
	uint32_t row = cursor_le16(&c), column = cursor_le16(&c);

	if (type == MULRK) {
		many(b, &c, row, column);
		return;
	}
	cursor_skip(&c, 2);
	if (c.tripped)
		return;
	if (type == NUMBER || type == FORMULA)
		put(b, row, column, of_bits(cursor_le64(&c)));
	else if (type == RK)
		put(b, row, column, of_rk(cursor_le32(&c)));
}

static void head(struct biff *b)
{
	struct cursor c = cursor_of(b->record, HEAD);
	uint16_t type = cursor_le16(&c), len = cursor_le16(&c);

	b->left = len;
	if (len > RECORD_MAX || (!type && !len))
		b->inside = false;
}

/* One byte of a run of records. */
static void inside(struct biff *b, uint8_t byte)
{
	if (b->n < BIFF_RECORD)
		b->record[b->n] = byte;
	b->n++;
	if (b->n == HEAD)
		head(b);
	else if (b->n > HEAD)
		b->left--;
	if (b->n >= HEAD && !b->left) {
		if (b->inside)
			read_record(b);
		b->n = 0;
	}
}

/* At the beginning of a sector: is it a BOF of BIFF8? */
static void outside(struct biff *b, uint8_t byte)
{
	static const uint8_t bof[] = { 0x09, 0x08, 0x10, 0x00, 0x00, 0x06 };

	if (b->at % SECTOR == 0)
		b->n = 0;
	if (b->n != b->at % SECTOR || b->n >= sizeof(bof) || byte != bof[b->n])
		return;
	b->record[b->n++] = byte;
	if (b->n < sizeof(bof))
		return;
	b->inside = true;
	b->left = 0x10 - 2;
}

void biff_feed(struct biff *b, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++, b->at++) {
		if (b->inside)
			inside(b, at[i]);
		else
			outside(b, at[i]);
	}
}

void biff_end(struct biff *b)
{
	part_close(b->cells, true);
	b->cells = NULL;
}

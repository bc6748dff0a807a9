/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digits: finds numbers of the length of identifiers in a text, in every encoding at once (methods.md B.6).
 *
 * Three views of the same bytes: single and multi-byte (ASCII, UTF-8, Shift_JIS, EUC-JP, ISO-2022-JP with its escapes),
 * UTF-16LE, UTF-16BE. A token is digits of one form, whole or in groups of four joined by the same separator twice, with
 * nothing on either side that would make it part of something else. The carry between feeds is the token under way.
 */
#ifndef DAEMON_CONTENT_SCAN_DIGITS_H
#define DAEMON_CONTENT_SCAN_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGITS_MAX 20u
#define DIGITS_GROUPS 5u
#define DIGITS_VIEWS 3u

/* A number as it stood; digits are values. Valid during the call only, and wiped after it. */
struct digits_token {
	const uint8_t *digit;
	uint8_t count;			/* 10 to 13 */
	bool grouped;			/* 4-4-4, or 4-6 */
	bool amount;			/* beside a sign of money, or a comma group */
	uint64_t at, end;		/* bytes in the text */
	uint32_t line, column;		/* separators since the line began; both from 0 */
};

struct digits_calls {
	void (*token)(void *ctx, const struct digits_token *t);
	void *ctx;
};

/* How one view stands. */
struct digits_view {
	uint8_t digit[DIGITS_MAX];
	uint8_t count;			/* over DIGITS_MAX: too long to be one */
	uint8_t group[DIGITS_GROUPS];	/* digits of each group */
	uint64_t group_at[DIGITS_GROUPS];	/* where it begins */
	uint8_t groups;
	uint8_t form;			/* enum of digits.c: which characters the digits are */
	uint8_t separator;		/* between groups, 0 none yet */
	uint8_t open;			/* a separator has been seen, a digit not yet */
	bool bad_before;		/* what stands before would make it part of something */
	bool money_before;
	bool running;			/* a token is under way */
	uint8_t last;			/* class of the character before */
	uint64_t end;
	uint32_t line, column;
	bool quoted;
	uint8_t pending;		/* first byte of a two-byte character or unit */
	uint8_t pending2;
	uint8_t pending_count;
	uint8_t mode;			/* ISO-2022-JP: 0 one byte, 1 two bytes; escape under way above */
};

struct digits {
	struct digits_view view[DIGITS_VIEWS];
	uint64_t at;			/* bytes fed */
};

void digits_init(struct digits *d);
void digits_feed(struct digits *d, const uint8_t *at, size_t n, const struct digits_calls *calls);
void digits_end(struct digits *d, const struct digits_calls *calls);

/* digits_cell - what comes is another cell of a spreadsheet, whatever came before has ended */
void digits_cell(struct digits *d, uint32_t row, uint32_t column, const struct digits_calls *calls);

#endif

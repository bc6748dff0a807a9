/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bodies: what a reader hands on, remembered, and as a text that a test can compare.
 *
 *	SMTP mail> name|type|coding "bytes";	a body: kind, '>' the client's or '<' the server's, '!' broken off, '~' no end
 *	#bad SMTP bare_lf;			a note
 *	=word					the reader gave up
 */
#ifndef TESTS_UNIT_BODIES_H
#define TESTS_UNIT_BODIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/content/body.h"

#define BODIES_MAX 96u		/* more are not remembered */

struct bodies {
	struct body_seen {
		const char *protocol;
		char kind, state;	/* state: 'o' open, 'e' ended, 'b' broken off */
		bool server;
		uint32_t id;
		char name[300], type[128], encoding[64];
		uint8_t *at;		/* owned */
		size_t len, capacity;
	} list[BODIES_MAX];
	size_t count;
	char notes[4096];
	size_t notes_len;
	const char *gave_up;
	bool misused;			/* a call that body.h rules out: an id begun twice, bytes for none */
};

struct bodies *bodies_new(void);
void bodies_free(struct bodies *b);
struct body_sink bodies_sink(struct bodies *b);

/* bodies_text - all of it; @lines: bodies of kind BODY_LINE too. Return: borrowed until the next call */
const char *bodies_text(const struct bodies *b, bool lines);
bool bodies_same(const struct bodies *a, const struct bodies *b);

struct turn {			/* what one side says */
	bool server;
	const char *at;
	size_t len;
};
#define C(T) { false, T, sizeof(T) - 1 }
#define S(T) { true, T, sizeof(T) - 1 }

/* How a turn is cut: the length of the next piece, of `left` bytes. */
struct cuts {
	size_t piece;		/* 0: at random by `seed`, which changes */
	uint32_t seed;
};
size_t cuts_next(struct cuts *c, size_t left);

/* bodies_talk - one connection from its start to both closes */
struct bodies *bodies_talk(const struct reader *r, const struct turn *turns, size_t n, struct cuts cuts);

/* bodies_said - the same whole, in pieces of each size up to 40, at random. Return: the result, or that they differ */
const char *bodies_said(const struct reader *r, const struct turn *turns, size_t n, bool lines);

/* bodies_two_cuts - whether the turns with the longest one cut in two, at every place, give the same result */
bool bodies_two_cuts(const struct reader *r, const struct turn *turns, size_t n);

/* bodies_prefixes - whether each truncation of each turn keeps to body.h */
bool bodies_prefixes(const struct reader *r, const struct turn *turns, size_t n);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * talks: the conversations of a capture file, each read by the reader of its server's port, FTP data and TFTP by what
 * was announced.
 */
#ifndef TESTS_UNIT_TALKS_H
#define TESTS_UNIT_TALKS_H

#include <stddef.h>

#include "tests/unit/bodies.h"

#define TALKS_MAX 512u		/* more conversations are passed over */

struct talk;

struct talks {
	struct talk *list[TALKS_MAX];	/* owned */
	size_t count;
};

/* talks_read - Return: NULL when the file cannot be read as a capture */
struct talks *talks_read(const char *path);
void talks_free(struct talks *t);

/* talks_bodies - what a conversation brought; NULL: no reader was for it */
const struct bodies *talks_bodies(const struct talks *t, size_t i);

#endif

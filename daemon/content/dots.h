/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dots: text that a line with one dot ends (RFC 5321, 4.5.2; RFC 1939, 3): finds the end, takes stuffed dots out.
 *
 * Only CR LF "." CR LF ends it. What some servers take for the same and others do not (a bare LF or CR on either
 * side of the dot) is how a second message is hidden in one: it is told, and stays part of the text.
 */
#ifndef DAEMON_CONTENT_DOTS_H
#define DAEMON_CONTENT_DOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct body_sink;
struct cursor;

struct dots {
	uint8_t state;
	bool bare;		/* the line that starts here followed a bare LF or CR */
	bool ambiguous;		/* an end that only some servers see has come */
};

void dots_init(struct dots *d);

/* dots_read - hand on text of body @id until its end. Return: whether the end has come; what follows is left in @c */
bool dots_read(struct dots *d, struct cursor *c, uint32_t id, const struct body_sink *sink);

#endif

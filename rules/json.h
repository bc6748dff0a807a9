/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json: an append-only JSON writer (RFC 8259). Commas are its own business; keys are literals.
 *
 * Text that is not valid UTF-8 comes out with U+FFFD in place of each bad byte, control characters
 * and DEL escaped, so a line stays one line whatever a peer put into a name.
 */
#ifndef RULES_JSON_H
#define RULES_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

struct json {
	struct text *out;	/* borrowed */
	bool comma;		/* the next value needs one before it */
};

static inline struct json json_to(struct text *out)
{
	return (struct json){ .out = out };
}

/* Containers. `key` is NULL inside an array and at the top. */
void json_open(struct json *j, const char *key, char bracket);	/* '{' or '[' */
void json_close(struct json *j, char bracket);			/* '}' or ']' */

void json_string(struct json *j, const char *key, const char *value);	/* NULL value: nothing at all */
void json_bytes(struct json *j, const char *key, const void *bytes, size_t n);
void json_uint(struct json *j, const char *key, uint64_t value);
void json_int(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_json: reading the daemon's own JSON: one event line, one answer (RFC 8259).
 *
 * A document is parsed into nodes that point into its bytes; nothing is copied until a text is asked for. A
 * log line may have been damaged: whatever is not whole JSON is refused, depth and size are bounded.
 */
#ifndef TOOLS_CLI_JSON_H
#define TOOLS_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_JSON_DEPTH 32u
#define CLI_JSON_NODES 65536u

enum cli_json_type { CLI_JSON_NULL, CLI_JSON_BOOL, CLI_JSON_NUMBER, CLI_JSON_STRING, CLI_JSON_ARRAY, CLI_JSON_OBJECT };

struct cli_json_node {
	uint32_t key, key_len;		/* bytes of the key without quotes, as written; 0, 0 in an array and at the top */
	uint32_t at, len;		/* bytes of the value; a string's without quotes */
	uint32_t next;			/* the sibling after it; 0 none */
	uint32_t child;			/* first element; 0 none */
	uint8_t type;			/* enum cli_json_type */
};

struct cli_json {
	const char *bytes;		/* borrowed */
	struct cli_json_node *nodes;	/* owned; [0] is the document */
	uint32_t count, capacity;
};

/**
 * cli_json_parse - a document; an earlier one in *j is given up, its memory used again
 * Return: 0; -EBADMSG it is no JSON, too deep or too large; -ENOMEM.
 */
int cli_json_parse(struct cli_json *j, const char *bytes, size_t len);
void cli_json_done(struct cli_json *j);

/* cli_json_get - the value at a path of keys "alert.severity", from a node; NULL there is none */
const struct cli_json_node *cli_json_get(const struct cli_json *j, const struct cli_json_node *from, const char *path);
static inline const struct cli_json_node *cli_json_top(const struct cli_json *j)
{
	return j->count ? j->nodes : NULL;
}
const struct cli_json_node *cli_json_first(const struct cli_json *j, const struct cli_json_node *n);
const struct cli_json_node *cli_json_next(const struct cli_json *j, const struct cli_json_node *n);

/* cli_json_text - a string's text, escapes resolved, cut to the room; "" for NULL or another type. Return: out */
const char *cli_json_text(const struct cli_json *j, const struct cli_json_node *n, char *out, size_t size);
const char *cli_json_key(const struct cli_json *j, const struct cli_json_node *n, char *out, size_t size);
/* cli_json_is - whether it is the string `text` (without escapes) */
bool cli_json_is(const struct cli_json *j, const struct cli_json_node *n, const char *text);
/* cli_json_uint - a number, true as 1; 0 for NULL or anything else */
uint64_t cli_json_uint(const struct cli_json *j, const struct cli_json_node *n);

#endif

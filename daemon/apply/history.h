/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * history: what was done to the policy, one JSON object a line, only ever appended to.
 *
 * Each line carries `seq`, and in `prev` the SHA-256 of the line before it (64 zeros in the first), so that a
 * line that was changed, taken out or put in shows. A line that a power cut left half written stays, and the
 * next one carries its hash too.
 *
 * Values at the top of a line are texts, numbers and `diff`, an object that nobody here looks into.
 */
#ifndef DAEMON_APPLY_HISTORY_H
#define DAEMON_APPLY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct apply_request;
struct apply_result;
struct store;

#define HISTORY_FILE "history.jsonl"
#define HISTORY_LINE 16384	/* bytes of a line at most */

struct history_entry {			/* texts may be NULL: left out */
	int64_t now;			/* seconds since 1970 */
	const char *act;		/* "apply", "confirm", ... */
	const char *result;		/* "in-force", "refused", "waiting", "recorded" */
	uint32_t apply;			/* 0 none */
	const char *who;
	uint32_t uid, login;		/* UINT32_MAX: not known */
	const char *reason, *reference, *override;
	const char *policy, *before;	/* hashes, hex */
	const char *approved_by;
	uint32_t within;		/* seconds until it has to be confirmed; 0 none */
	const char *closed;		/* what is kept closed */
	const char *diff;		/* JSON object; NULL none */
	const char *error;
};

/* history_append - chained to the last line, synced. Return: 0 or -errno; then nothing was added */
int history_append(const struct store *s, const struct history_entry *e);

enum history_fault { HISTORY_WHOLE, HISTORY_TORN, HISTORY_CHAIN };

/**
 * history_each - every line in order
 * @fd: of the file, at its beginning; borrowed
 * @told: a line without its newline, NUL-terminated; HISTORY_TORN it is no object of ours, HISTORY_CHAIN it does not
 *	follow from the one before. It may be NULL
 * Return: number of lines that are not whole; -errno
 */
int history_each(int fd, void (*told)(void *ctx, const char *line, enum history_fault fault), void *ctx);

/* history_in_force - the policy that the last line says is in force, hex; "" none */
void history_in_force(const struct store *s, char hex[static 65]);

/* history_text, history_number - a value at the top of a line; "" or 0 when there is none */
const char *history_text(const char *line, const char *key, char *out, size_t size);
int64_t history_number(const char *line, const char *key);

/**
 * history_policy - the policy to go back to
 * @n: the one that apply n put in force; 0: the last one confirmed before @current
 * Return: 0 with its hash in hex; -ENOENT there is none; -errno
 */
int history_policy(const struct store *s, uint32_t n, const char *current, char hex[static 65]);

#endif

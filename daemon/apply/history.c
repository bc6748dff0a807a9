/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/apply/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/apply/store.h"
#include "rules/json.h"
#include "rules/jst.h"
#include "rules/sha256.h"
#include "rules/text.h"

/* --- values of a line ------------------------------------------------------------------------- */

/* Past a value that begins at p: a text, an object with all it holds, or a bare word. */
static const char *skip_value(const char *p)
{
	int depth = 0;

	do {
		if (*p == '"') {
			for (p++; *p && *p != '"'; p++)
				p += *p == '\\' && p[1];
		} else if (*p == '{' || *p == '[') {
			depth++;
		} else if (*p == '}' || *p == ']') {
			depth--;
		}
		p += *p != '\0';
	} while (*p && (depth > 0 || (*p != ',' && *p != '}')));
	return p;
}

/* The value of a key at the top of the line, or NULL. */
static const char *value_of(const char *line, const char *key)
{
	const size_t len = strlen(key);
	const char *p = line;

	while (*p == '{' || *p == ',') {
		const char *name = ++p;

		if (*name != '"')
			return NULL;
		for (p++; *p && *p != '"'; p++)
			;
		if (p[0] != '"' || p[1] != ':')
			return NULL;
		if ((size_t)(p - name) == len + 1 && memcmp(name + 1, key, len) == 0)
			return p + 2;
		p = skip_value(p + 2);
	}
	return NULL;
}

/* The writer escapes the quote, the backslash and control characters; the last never stand in our texts. */
static char unescaped(char c)
{
	return c == '"' || c == '\\' || c == '/' ? c : ' ';
}

const char *history_text(const char *line, const char *key, char *out, size_t size)
{
	const char *p = value_of(line, key);
	size_t n = 0;

	if (p && *p == '"') {
		for (p++; *p && *p != '"' && n + 1 < size; p++) {
			if (*p == '\\' && p[1])
				out[n++] = unescaped(*++p);
			else
				out[n++] = *p;
		}
	}
	out[n] = '\0';
	return out;
}

int64_t history_number(const char *line, const char *key)
{
	const char *p = value_of(line, key);

	return p ? strtoll(p, NULL, 10) : 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

struct chain {
	char prev[SHA256_HEX]; /* hash of the line before */
	uint64_t seq;
};

static void chain_on(struct chain *c, const char *line, size_t len)
{
	uint8_t hash[SHA256_BYTES];

	sha256_of(line, len, hash);
	sha256_hex(hash, c->prev);
}

/* One object and nothing else: its last bracket is the last byte. */
static bool is_object(const char *line, size_t len)
{
	int depth = 0;
	size_t i = 0;

	for (; i < len && (uint8_t)line[i] >= 0x20; i++) {
		if (line[i] == '"') {
			for (i++; i < len && line[i] != '"'; i++)
				i += line[i] == '\\';
		} else if (line[i] == '{' || line[i] == '[') {
			depth++;
		} else if (line[i] == '}' || line[i] == ']') {
			depth--;
		}
		if (depth == 0)
			break;
	}
	return len > 1 && line[0] == '{' && i + 1 == len && line[i] == '}';
}

static enum history_fault judge(struct chain *c, const char *line, size_t len)
{
	char prev[SHA256_HEX];
	enum history_fault fault = HISTORY_WHOLE;
	uint64_t seq = (uint64_t)history_number(line, "seq");

	if (!is_object(line, len))
		fault = HISTORY_TORN;
	else if (strcmp(history_text(line, "prev", prev, sizeof(prev)), c->prev) != 0 ||
		 seq != c->seq + 1)
		fault = HISTORY_CHAIN;
	if (fault != HISTORY_TORN)
		c->seq = seq;
	chain_on(c, line, len);
	return fault;
}

static int walk(int fd, struct chain *c,
		void (*told)(void *ctx, const char *line, enum history_fault fault), void *ctx)
{
	FILE *f = fdopen(dup(fd), "r");
	size_t capacity = 0;
	char *line = NULL;
	int faults = 0;
	ssize_t n;

	*c = (struct chain){ 0 };
	memcpy(c->prev, zeros, sizeof(zeros));
	if (!f)
		return -errno;
	while ((n = getline(&line, &capacity, f)) > 0) {
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		enum history_fault fault = judge(c, line, (size_t)n);

		faults += fault != HISTORY_WHOLE;
		if (told)
			told(ctx, line, fault);
	}
	free(line);
	fclose(f);
	return faults;
}

int history_each(int fd, void (*told)(void *ctx, const char *line, enum history_fault fault),
		 void *ctx)
{
	struct chain c;

	return walk(fd, &c, told, ctx);
}

static int open_history(const struct store *s)
{
	int fd = openat(s->dir, HISTORY_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

/* --- what it says is in force ------------------------------------------------------------------ */

static void keep_policy(void *ctx, const char *line, enum history_fault fault)
{
	char result[16];

	if (fault != HISTORY_TORN &&
	    strcmp(history_text(line, "result", result, sizeof(result)), "in-force") == 0)
		history_text(line, "policy", ctx, 65);
}

void history_in_force(const struct store *s, char hex[static 65])
{
	int fd = open_history(s);

	hex[0] = '\0';
	if (fd < 0)
		return;
	history_each(fd, keep_policy, hex);
	close(fd);
}

/* --- going back ------------------------------------------------------------------------------- */

struct search {
	uint32_t n;
	const char *current;
	char found[65];
};

/* Lines that made a policy the one to stand by; a trial only does when it was confirmed. */
static void look(void *ctx, const char *line, enum history_fault fault)
{
	struct search *s = ctx;
	char result[16], act[32], policy[65];
	bool confirmed = strcmp(history_text(line, "act", act, sizeof(act)), "confirm") == 0;

	if (fault == HISTORY_TORN ||
	    strcmp(history_text(line, "result", result, sizeof(result)), "in-force") != 0)
		return;
	history_text(line, "policy", policy, sizeof(policy));
	if (s->n ? history_number(line, "apply") == s->n
		 : strcmp(policy, s->current) != 0 &&
			    (confirmed || history_number(line, "confirm_within") == 0))
		memcpy(s->found, policy, sizeof(policy));
}

int history_policy(const struct store *s, uint32_t n, const char *current, char hex[static 65])
{
	struct search search = { .n = n, .current = current };
	int fd = open_history(s), r;

	if (fd < 0)
		return fd;
	r = history_each(fd, look, &search);
	close(fd);
	if (r < 0 || !search.found[0])
		return r < 0 ? r : -ENOENT;
	memcpy(hex, search.found, 65);
	return 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Where the chain stands, and whether the last line has its end. */
static int chain_end(const struct store *s, struct chain *c, bool *torn)
{
	int fd = open_history(s), r;
	char last = '\n';

	memcpy(c->prev, zeros, sizeof(zeros));
	c->seq = 0;
	*torn = false;
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	r = walk(fd, c, NULL, NULL);
	off_t size = lseek(fd, 0, SEEK_END);

	if (size > 0 && pread(fd, &last, 1, size - 1) == 1)
		*torn = last != '\n';
	close(fd);
	return r < 0 ? r : 0;
}

static void put_uid(struct json *j, const char *key, uint32_t uid)
{
	if (uid != UINT32_MAX)
		json_uint(j, key, uid);
}

static void put_number(struct json *j, const char *key, uint64_t n)
{
	if (n)
		json_uint(j, key, n);
}

static void put_who(struct json *j, const struct history_entry *e)
{
	json_string(j, "who", e->who);
	put_uid(j, "uid", e->uid);
	put_uid(j, "login", e->login);
	json_string(j, "reason", e->reason);
	json_string(j, "reference", e->reference);
	json_string(j, "override", e->override);
	json_string(j, "approved_by", e->approved_by);
}

static void put_line(const struct history_entry *e, const struct chain *c, struct text *t)
{
	char when[JST_TEXT];
	struct json j = json_to(t);

	json_open(&j, NULL, '{');
	json_uint(&j, "seq", c->seq + 1);
	json_string(&j, "time", jst_iso_text(e->now * 1000000000, when));
	json_string(&j, "act", e->act);
	json_string(&j, "result", e->result);
	put_number(&j, "apply", e->apply);
	put_who(&j, e);
	json_string(&j, "policy", e->policy);
	json_string(&j, "before", e->before);
	put_number(&j, "confirm_within", e->within);
	json_string(&j, "closed", e->closed);
	if (e->diff) {
		text_puts(t, ",\"diff\":");
		text_puts(t, e->diff);
	}
	json_string(&j, "error", e->error);
	json_string(&j, "prev", c->prev);
	json_close(&j, '}');
	text_putc(t, '\n');
}

int history_append(const struct store *s, const struct history_entry *e)
{
	struct text t = { 0 };
	struct chain c;
	bool torn;
	int r = chain_end(s, &c, &torn);

	if (r < 0)
		return r;
	if (torn)
		text_putc(&t, '\n');
	put_line(e, &c, &t);
	if (t.failed)
		r = -ENOMEM;
	else
		r = t.len > HISTORY_LINE ? -EMSGSIZE
					 : store_append(s, HISTORY_FILE, t.bytes, t.len);
	text_done(&t);
	return r;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/hide_starttls.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define OFFER "STARTTLS"
#define OFFER_LEN (sizeof(OFFER) - 1)

struct line {
	uint8_t *at;
	size_t len; /* without its end */
};

/* The next line that has its end here; false: none is left. */
static bool next_line(uint8_t **at, size_t *left, struct line *out)
{
	const uint8_t *end = *left ? memchr(*at, '\n', *left) : NULL;

	if (!end)
		return false;
	const size_t n = (size_t)(end - *at) + 1;

	*out = (struct line){ *at, n > 1 && (*at)[n - 2] == '\r' ? n - 2 : n - 1 };
	*at += n;
	*left -= n;
	return true;
}

static bool is_word(const struct line *l, size_t at, const char *word)
{
	const size_t n = strlen(word);

	return l->len >= at + n && strncasecmp((const char *)l->at + at, word, n) == 0 &&
	       (l->len == at + n || !isalnum(l->at[at + n]));
}

static bool starts(const struct line *l, const char *text)
{
	const size_t n = strlen(text);

	return l->len >= n && strncasecmp((const char *)l->at, text, n) == 0;
}

static void overwrite(const struct line *l, size_t at, size_t n)
{
	memset(l->at + at, 'X', n);
}

/* ---- SMTP ---- */

static bool hide_smtp(uint8_t *at, size_t left)
{
	bool changed = false;
	struct line l;

	while (next_line(&at, &left, &l)) {
		if ((!starts(&l, "250-") && !starts(&l, "250 ")) || !is_word(&l, 4, OFFER))
			continue;
		overwrite(&l, 4, OFFER_LEN);
		changed = true;
	}
	return changed;
}

/* ---- IMAP ---- */

/* Tagged or not, the answer's first line; further lines may be a message's. */
static bool lists_capabilities(const struct line *l)
{
	static const char key[] = "[CAPABILITY ";

	return starts(l, "* CAPABILITY ") ||
	       memmem(l->at, l->len, key, sizeof(key) - 1); /* servers write it in capitals */
}

static bool hide_imap(uint8_t *at, size_t left)
{
	bool changed = false;
	struct line l;

	if (!next_line(&at, &left, &l) || !lists_capabilities(&l))
		return false;
	for (size_t i = 1; i + OFFER_LEN <= l.len; i++) {
		if (l.at[i - 1] != ' ' || !is_word(&l, i, OFFER))
			continue;
		overwrite(&l, i, OFFER_LEN);
		changed = true;
	}
	return changed;
}

/* ---- POP3 ---- */

struct capa {
	struct line offer; /* at NULL: none */
	bool uidl;         /* every server has it; a message's text as a rule has not */
	bool whole;
};

/* A message has an empty line after its header; a list of capabilities has none. */
static bool is_capability(const struct line *l)
{
	return l->len > 0 && isalnum(l->at[0]);
}

static struct capa read_capa(uint8_t *at, size_t left)
{
	struct capa c = { 0 };
	struct line l;

	if (!next_line(&at, &left, &l) || !starts(&l, "+OK"))
		return c;
	while (next_line(&at, &left, &l)) {
		if (l.len == 1 && l.at[0] == '.') {
			c.whole = left == 0;
			return c;
		}
		if (!is_capability(&l))
			return c;
		c.uidl |= is_word(&l, 0, "UIDL");
		if (l.len == 4 && is_word(&l, 0, "STLS"))
			c.offer = l;
	}
	return c;
}

static bool hide_pop3(uint8_t *at, size_t left)
{
	const struct capa c = read_capa(at, left);

	if (!c.whole || !c.uidl || !c.offer.at)
		return false;
	overwrite(&c.offer, 0, c.offer.len);
	return true;
}

static bool (*const hiders[])(uint8_t *, size_t) = {
	[HIDE_SMTP] = hide_smtp,
	[HIDE_IMAP] = hide_imap,
	[HIDE_POP3] = hide_pop3,
};

bool hide_starttls(enum hide_protocol p, uint8_t *bytes, size_t n)
{
	return hiders[p](bytes, n);
}

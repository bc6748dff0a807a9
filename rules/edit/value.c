/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/edit/value.h"

#include <stdbool.h>
#include <string.h>

#include "rules/lang/lex.h"
#include "rules/lang/schema.h"
#include "rules/text.h"
#include "rules/utf8.h"

static const char word_characters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	"-_.:/*+@%";

static bool is_text(const struct key *key)
{
	return key->type == VALUE_TEXT || key->type == VALUE_PATH || key->type == VALUE_INTERFACES;
}

static bool is_hole(const char *s)
{
	size_t n = strlen(s);

	return n > 2 && s[0] == '@' && s[n - 1] == '@' && strspn(s, word_characters) == n;
}

static enum value_fault check_characters(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t left = strlen(s);

	while (left) {
		size_t n = *p < 0x80 ? 1 : utf8_sequence(p, left);

		if (n == 0 || *p < 0x20 || *p == 0x7f)
			return VALUE_CONTROL;
		p += n;
		left -= n;
	}
	return VALUE_FINE;
}

static enum value_fault write_text(const char *s, struct text *out)
{
	if (strlen(s) > LEX_STRING_MAX)
		return VALUE_LONG;
	text_putc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			text_putc(out, '\\');
		text_putc(out, *s);
	}
	text_putc(out, '"');
	return VALUE_FINE;
}

/* Words and commas; blanks at either end are a slip of the hand. */
static enum value_fault write_words(const char *s, struct text *out)
{
	size_t n;

	s += strspn(s, " ");
	for (n = strlen(s); n && s[n - 1] == ' ';)
		n--;
	if (n == 0)
		return VALUE_EMPTY;
	for (size_t i = 0, word = 0; i < n; i++) {
		if (!strchr(word_characters, s[i]) && s[i] != ' ' && s[i] != ',')
			return VALUE_CHARACTER;
		word = s[i] == ' ' || s[i] == ',' ? 0 : word + 1;
		if (word > LEX_WORD_MAX)
			return VALUE_LONG;
	}
	text_add(out, s, n);
	return VALUE_FINE;
}

enum value_fault value_write(const struct key *key, const char *typed, struct text *out)
{
	enum value_fault fault = check_characters(typed);

	if (fault)
		return fault;
	if (is_text(key) && !is_hole(typed))
		return *typed ? write_text(typed, out) : VALUE_EMPTY;
	return write_words(typed, out);
}

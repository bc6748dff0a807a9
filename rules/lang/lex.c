/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/lex.h"

#include <string.h>

#include "rules/arena.h"
#include "rules/utf8.h"

/* Characters that look right on the screen and are not. A run of code points maps onto ascii... */
static const struct {
	uint32_t first, last;
	char ascii;     /* what was meant */
	const char *en; /* how the mend is called when `ascii` does not show it; NULL: it does */
	const char *ja;
} mends[] = {
	{ 0xff1b, 0xff1b, ';', NULL, NULL },
	{ 0xff5b, 0xff5b, '{', NULL, NULL },
	{ 0xff5d, 0xff5d, '}', NULL, NULL },
	{ 0xff0c, 0xff0c, ',', NULL, NULL },
	{ 0x3001, 0x3001, ',', NULL, NULL },
	{ 0x3000, 0x3000, ' ', "an ordinary space", "半角の空白" },
	{ 0x00a0, 0x00a0, ' ', "an ordinary space", "半角の空白" },
	{ 0xff03, 0xff03, '#', NULL, NULL },
	{ 0x201c, 0x201d, '"', NULL, NULL },
	{ 0xff02, 0xff02, '"', NULL, NULL },
	{ 0x300c, 0x300d, '"', NULL, NULL },
	{ 0xff10, 0xff19, '0', "a half-width digit", "半角の数字" },
	{ 0xff21, 0xff3a, 'A', "a half-width letter", "半角の英字" },
	{ 0xff41, 0xff5a, 'a', "a half-width letter", "半角の英字" },
	{ 0xff0d, 0xff0d, '-', NULL, NULL },
	{ 0x2010, 0x2015, '-', NULL, NULL },
	{ 0x30fc, 0x30fc, '-', NULL, NULL },
	{ 0x2212, 0x2212, '-', NULL, NULL },
	{ 0xff0e, 0xff0e, '.', NULL, NULL },
	{ 0xff0f, 0xff0f, '/', NULL, NULL },
	{ 0xff1a, 0xff1a, ':', NULL, NULL },
	{ 0xff0a, 0xff0a, '*', NULL, NULL },
	{ 0xff20, 0xff20, '@', NULL, NULL },
	{ 0xfeff, 0xfeff, ' ', "nothing: it is an invisible mark", "何も書かない (見えない文字)" },
	{ 0x200b, 0x200f, ' ', "nothing: it is an invisible mark", "何も書かない (見えない文字)" },
};

#define MENDS (sizeof(mends) / sizeof(mends[0]))
#define FOREIGN 0x100 /* a character that is neither ASCII nor mended */
#define END 0x101

/* One character as it was meant. */
struct meant {
	int c;        /* ASCII, FOREIGN or END */
	uint32_t len; /* bytes of the text */
	size_t mend;  /* index; MENDS: none */
};

struct lexer lex_of(struct arena *arena, struct diags *d, const struct source_text *text)
{
	bool bom = text->len >= 3 && !memcmp(text->bytes, "\xef\xbb\xbf", 3);

	return (struct lexer){
		.arena = arena, .diags = d, .text = text, .at = bom ? 3 : 0, .line_start = true
	};
}

static struct meant peek(const struct lexer *l)
{
	const uint8_t *p = (const uint8_t *)l->text->bytes + l->at;
	uint32_t left = l->text->len - l->at;

	if (left == 0)
		return (struct meant){ END, 0, MENDS };
	if (*p < 0x80)
		return (struct meant){ *p, 1, MENDS };
	struct meant m = { FOREIGN, (uint32_t)utf8_sequence(p, left), MENDS };
	uint32_t cp = utf8_decode(p);

	for (size_t i = 0; i < MENDS; i++)
		if (cp >= mends[i].first && cp <= mends[i].last) {
			m.c = mends[i].ascii;
			if (mends[i].en && m.c != ' ')
				m.c += (int)(cp - mends[i].first);
			m.mend = i;
		}
	return m;
}

static struct location place(const struct lexer *l, uint32_t from)
{
	return (struct location){ l->text, from, l->at - from };
}

/* Takes the character; the first of each sort of slip in a file is named. */
static void take(struct lexer *l, struct meant m)
{
	uint32_t from = l->at;

	l->at += m.len;
	if (m.mend == MENDS || (l->mended >> m.mend & 1))
		return;
	l->mended |= 1u << m.mend;
	char shown[2] = { mends[m.mend].ascii, '\0' };
	char was[5] = "";

	memcpy(was, l->text->bytes + from, m.len);
	diag_add(l->diags, mends[m.mend].en ? MSG_MEND_NAMED : MSG_MEND, place(l, from), was,
		 mends[m.mend].en ? mends[m.mend].en : shown,
		 mends[m.mend].ja ? mends[m.mend].ja : shown);
}

static bool is_word(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && c < 0x80 && strchr("-_.:/*+@%", c));
}

static void skip_line(struct lexer *l)
{
	const char *p = l->text->bytes + l->at;
	const char *end = memchr(p, '\n', l->text->len - l->at);

	l->at = end ? (uint32_t)(end - l->text->bytes) : l->text->len;
}

/* Comments as other languages write them: named, and skipped as what they are. */
static bool foreign_comment(struct lexer *l)
{
	const char *p = l->text->bytes + l->at;
	uint32_t from = l->at;

	if (l->text->len - l->at < 2 || p[0] != '/' || (p[1] != '/' && p[1] != '*'))
		return false;
	const char *close = p[1] == '*' ? memmem(p + 2, l->text->len - l->at - 2, "*/", 2) : NULL;

	l->at += 2;
	diag_add(l->diags, MSG_COMMENT_STYLE, place(l, from));
	if (close)
		l->at = (uint32_t)(close + 2 - l->text->bytes);
	else
		skip_line(l);
	return true;
}

/* Spaces and comments before a token. */
static void skip_blank(struct lexer *l)
{
	for (;;) {
		struct meant m = peek(l);

		if (m.c == '\n')
			l->line_start = true;
		if (m.c == ' ' || (m.c >= '\t' && m.c <= '\r')) {
			take(l, m);
		} else if (m.c == '#') {
			take(l, m);
			skip_line(l);
		} else if (m.c != '/' || !foreign_comment(l)) {
			return;
		}
	}
}

static struct token finish(struct lexer *l, enum token_type type, uint32_t from, const char *text,
			   size_t len)
{
	struct token t = { .type = type, .at = place(l, from), .line_start = l->line_start };

	l->line_start = false;
	if (!text)
		return t;
	t.text = arena_text(l->arena, text, len);
	if (!t.text) {
		l->failed = true;
		t.type = TOKEN_END;
	}
	return t;
}

static struct token lex_word(struct lexer *l)
{
	char buf[LEX_WORD_MAX];
	uint32_t from = l->at;
	size_t len = 0, all = 0;

	for (struct meant m = peek(l); is_word(m.c); m = peek(l), all++) {
		if (len < sizeof(buf))
			buf[len++] = (char)m.c;
		take(l, m);
	}
	struct token t = finish(l, TOKEN_WORD, from, buf, len);

	if (all > sizeof(buf)) {
		t.bad = true;
		diag_add(l->diags, MSG_WORD_LONG, t.at, diag_number(l->diags, LEX_WORD_MAX));
	}
	return t;
}

/* Japanese outside quotes: one word up to the next space or punctuation, with its katakana dashes. */
static struct token lex_foreign(struct lexer *l)
{
	uint32_t from = l->at;

	for (struct meant m = peek(l); m.c == FOREIGN || is_word(m.c); m = peek(l))
		l->at += m.len;
	const char *p = l->text->bytes + from;
	size_t len = l->at - from;
	struct token t = finish(l, TOKEN_WORD, from, p, len < LEX_WORD_MAX ? len : LEX_WORD_MAX);

	t.bad = true;
	if (t.text)
		diag_add(l->diags, MSG_TEXT_UNQUOTED, t.at, t.text);
	return t;
}

/* How a string ended. */
enum string_end { STRING_CLOSED, STRING_OPEN_ENDED, STRING_CONTROL };

/* The quote that ends a string is the one that began it; a mended one stands for all of its sort. */
static bool ends_string(struct meant quote, struct meant m)
{
	return m.c == quote.c && (m.mend == MENDS || quote.mend != MENDS);
}

/* The bytes of a string without quotes and escapes; out NULL only counts them. */
static enum string_end string_bytes(struct lexer *l, struct meant quote, char *out, size_t *len)
{
	enum string_end end = STRING_CLOSED;

	for (*len = 0;;) {
		struct meant m = peek(l);
		const char *p = l->text->bytes + l->at;

		if (m.c == END || m.c == '\n')
			return STRING_OPEN_ENDED;
		if (ends_string(quote, m)) {
			l->at += m.len;
			return end;
		}
		if (m.mend == MENDS && (m.c == 0x7f || m.c < 0x20))
			end = STRING_CONTROL;
		if (*p == '\\' && l->at + 1 < l->text->len && (p[1] == '"' || p[1] == '\\')) {
			l->at++;
			p++;
			m.len = 1;
		}
		if (out)
			memcpy(out + *len, p, m.len);
		*len += m.len;
		l->at += m.len;
	}
}

/* A string that is not closed probably ends before the next ';' of its line: go on there. */
static void mend_open_string(struct lexer *l, uint32_t from)
{
	const char *p = l->text->bytes + from;
	const char *semicolon = memchr(p, ';', l->at - from);

	if (semicolon)
		l->at = (uint32_t)(semicolon - l->text->bytes);
}

static void report_string(struct lexer *l, struct token *t, enum string_end end, size_t len)
{
	t->bad = true;
	if (end == STRING_OPEN_ENDED) {
		struct location quote = { t->at.text, t->at.offset, 1 };

		diag_add(l->diags, MSG_STRING_OPEN, quote);
	} else if (end == STRING_CONTROL) {
		diag_add(l->diags, MSG_STRING_CONTROL, t->at);
	} else if (len > LEX_STRING_MAX) {
		diag_add(l->diags, MSG_STRING_LONG, t->at, diag_number(l->diags, len),
			 diag_number(l->diags, LEX_STRING_MAX));
	} else {
		t->bad = false;
	}
}

static struct token lex_string(struct lexer *l, struct meant quote)
{
	uint32_t from = l->at, inside;
	size_t len;

	take(l, quote);
	inside = l->at;
	enum string_end how = string_bytes(l, quote, NULL, &len);
	char *out = arena_alloc(l->arena, len + 1);

	if (!out) {
		l->failed = true;
		return (struct token){ .type = TOKEN_END };
	}
	l->at = inside;
	string_bytes(l, quote, out, &len);
	if (how == STRING_OPEN_ENDED)
		mend_open_string(l, inside);
	struct token t = finish(l, TOKEN_STRING, from, NULL, 0);

	t.text = out;
	report_string(l, &t, how, len);
	if (quote.c == '\'' && !t.bad)
		diag_add(l->diags, MSG_SINGLE_QUOTE, t.at);
	return t;
}

static enum token_type punctuation(int c)
{
	switch (c) {
	case '{': return TOKEN_OPEN;
	case '}': return TOKEN_CLOSE;
	case ';': return TOKEN_SEMICOLON;
	case ',': return TOKEN_COMMA;
	default: return TOKEN_END;
	}
}

/* A character that no token starts with, such as '=' between key and value. */
static void report_stray(struct lexer *l, struct meant m)
{
	uint32_t from = l->at;
	char shown[2] = { (char)m.c, '\0' };

	take(l, m);
	if (m.c == '=')
		diag_add(l->diags, MSG_EQUALS, place(l, from));
	else
		diag_add(l->diags, MSG_STRAY_CHARACTER, place(l, from), shown);
}

struct token lex_next(struct lexer *l)
{
	while (!l->failed && l->diags->errors < LEX_ERRORS_MAX) {
		skip_blank(l);
		struct meant m = peek(l);
		uint32_t from = l->at;

		if (m.c == END)
			break;
		if (m.c == FOREIGN)
			return lex_foreign(l);
		if (m.c == '"' || m.c == '\'')
			return lex_string(l, m);
		if (is_word(m.c))
			return lex_word(l);
		if (punctuation(m.c) != TOKEN_END) {
			take(l, m);
			return finish(l, punctuation(m.c), from, NULL, 0);
		}
		report_stray(l, m);
	}
	return (struct token){ .type = TOKEN_END, .at = place(l, l->at) };
}

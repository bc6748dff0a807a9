/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/reference.h"

#include <string.h>

#include "rules/lang/built_in.h"
#include "rules/text.h"

#define VALUE_WORDS 256

static const char grammar[] = "  kind item, item;\n"
			      "  kind name { key item, item; key item; ... }\n"
			      "  # comment\n";

void reference_overview(enum diag_language language, struct text *out)
{
	bool japanese = language == DIAG_JAPANESE;
	const struct schema *kinds = schema_kinds();

	text_puts(out, japanese ? "文法:\n\n" : "The grammar:\n\n");
	text_puts(out, grammar);
	text_puts(
		out,
		japanese
			? "\n"
			  "書かれていない通信は通さない。permit が加え、deny が差し引き、deny が常に勝つ。\n"
			  "順序に意味はない。日付は日本時間で、その日を含む。\n\n"
			  "ブロックの種類 ('sekimori help language 種類' で詳しく):\n\n"
			: "\n"
			  "What is not permitted is denied; permits add, denies subtract and always win.\n"
			  "Order never matters. Dates are Japan's and inclusive.\n\n"
			  "Kinds of block ('sekimori help language KIND' explains one):\n\n");
	for (size_t i = 0; i < BLOCK_KIND_COUNT; i++)
		text_printf(out, "  %-10s %s\n", kinds[i].name, kinds[i].help[language]);
	text_puts(out, japanese ? "\n組込み:\n\n" : "\nBuilt in:\n\n");
	text_puts(out, built_in_text);
}

static void key_lines(const struct key *key, enum diag_language language, struct text *out)
{
	bool japanese = language == DIAG_JAPANESE;
	char words[VALUE_WORDS];

	text_printf(out, "  %s %s%s", key->name, schema_value_words(key, words, sizeof(words)),
		    key->several ? ", ..." : "");
	if (key->required)
		text_puts(out, japanese ? "  (必須)" : "  (required)");
	else if (key->preset)
		text_printf(out, "  [%s]", key->preset);
	text_printf(out, "\n      %s\n", key->help[language]);
}

void reference_kind(const struct schema *kind, enum diag_language language, struct text *out)
{
	text_printf(out, "%s: %s\n\n", kind->name, kind->help[language]);
	if (kind->sample)
		text_printf(out, "  %s\n\n", kind->sample);
	for (uint32_t k = 0; k < kind->key_count && kind->form == FORM_BLOCK; k++)
		key_lines(&kind->keys[k], language, out);
}

/* --- mdoc -------------------------------------------------------------------------------------- */

/* A dot or quote at the start of a line, and backslashes, mean something to mdoc. */
static void mdoc_text(struct text *out, const char *s, bool sentence)
{
	if (*s == '.' || *s == '\'')
		text_puts(out, "\\&");
	if (sentence && *s >= 'a' && *s <= 'z')
		text_putc(out, (char)(*s++ - 'a' + 'A'));
	for (; *s; s++) {
		if (*s == '\\')
			text_puts(out, "\\e");
		else
			text_putc(out, *s);
	}
}

/* Words of the language are literal, capitals stand for something, bars stand between. */
static const char *mdoc_macro(const char *word, size_t n)
{
	if (n == 1 && *word == '|')
		return "No";
	for (size_t i = 0; i < n; i++)
		if (word[i] >= 'a' && word[i] <= 'z')
			return "Cm";
	return "Ar";
}

/* What stands after a key, each word with its macro. */
static void mdoc_values(const char *words, struct text *out)
{
	while (*words) {
		size_t n = strcspn(words, " ");

		text_printf(out, " %s ", mdoc_macro(words, n));
		for (size_t i = 0; i < n; i++) {
			if (words[i] == '"')
				text_puts(out, "\\(dq");
			else if (words[i] == '|')
				text_puts(out, "\\&|");
			else
				text_putc(out, words[i]);
		}
		words += n + (words[n] == ' ');
	}
}

static void mdoc_key(const struct key *key, struct text *out)
{
	char words[VALUE_WORDS];

	text_printf(out, ".It Ic %s", key->name);
	mdoc_values(schema_value_words(key, words, sizeof(words)), out);
	text_puts(out, key->several ? " , No ...\n" : "\n");
	mdoc_text(out, key->help[DIAG_ENGLISH], true);
	text_puts(out, ".\n");
	if (key->required)
		text_puts(out, "Required.\n");
	else if (key->preset)
		text_printf(out, "Default:\n.Cm %s .\n", key->preset);
}

static void mdoc_kind(const struct schema *kind, struct text *out)
{
	text_printf(out, ".Ss %s\n", kind->name);
	mdoc_text(out, kind->help[DIAG_ENGLISH], true);
	text_puts(out, ".\n");
	if (kind->sample) {
		text_puts(out, ".Bd -literal -offset indent\n");
		mdoc_text(out, kind->sample, false);
		text_puts(out, "\n.Ed\n");
	}
	if (kind->form != FORM_BLOCK)
		return;
	text_puts(out, ".Bl -tag -width Ds\n");
	for (uint32_t k = 0; k < kind->key_count; k++)
		mdoc_key(&kind->keys[k], out);
	text_puts(out, ".El\n");
}

void reference_mdoc(struct text *out)
{
	for (size_t i = 0; i < BLOCK_KIND_COUNT; i++)
		mdoc_kind(&schema_kinds()[i], out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/lang/lex.h"
#include "rules/lang/schema.h"
#include "rules/policy.h"
#include "rules/text.h"
#include "tools/cli_edit.h"

struct answers {
	const struct cli *c;
	const struct schema *kind;
	struct text typed[CLI_OPTIONS_MAX]; /* owned; by key; empty: not given */
};

static const char *answer(const struct answers *a, const char *key)
{
	const struct key *k = schema_key(a->kind, key);
	const struct text *t = &a->typed[k - a->kind->keys];

	return t->len ? t->bytes : NULL;
}

/* Kinds of permits that need the document of their approval. */
static bool is_formal(const char *kind)
{
	static const enum kind formal[] = { KIND_SPECIFIC, KIND_UPDATE, KIND_MAINTENANCE };

	for (size_t i = 0; kind && i < sizeof(formal) / sizeof(formal[0]); i++)
		if (!strcmp(kind, policy_kind_words[formal[i]]))
			return true;
	return false;
}

/* Whether a permit cannot do without the key, as far as the answers before it tell. */
static bool is_needed(const struct answers *a, const struct key *k)
{
	if (!strcmp(k->name, "reference"))
		return is_formal(answer(a, "kind"));
	if (!strcmp(k->name, "until"))
		return !answer(a, "review");
	return k->required;
}

/* A line from the terminal. Return: false at its end */
static bool read_line(struct text *out)
{
	int ch;

	while ((ch = getchar()) != EOF && ch != '\n')
		text_putc(out, (char)ch);
	return ch != EOF;
}

/* Asked until something is answered; what cannot be a value is asked again. Return: false the end of the input */
static bool ask(const struct answers *a, const struct key *k, struct text *out)
{
	const struct cli *c = a->c;
	struct text written = { 0 };
	char words[200];
	bool more = true, fine = false;

	schema_value_words(k, words, sizeof(words));
	while (more && !fine) {
		text_clear(out);
		fprintf(stderr, "%s - %s [%s]: ", k->name, k->help[c->style.language], words);
		more = read_line(out);
		text_clear(&written);
		fine = out->len && cli_edit_value(c, k, out->bytes, &written) == CLI_YES;
	}
	text_done(&written);
	return fine;
}

static int complain_missing(const struct answers *a)
{
	struct text missing = { 0 };
	int r;

	for (uint32_t i = 0; i < a->kind->key_count; i++)
		if (!a->typed[i].len && is_needed(a, &a->kind->keys[i]))
			text_printf(&missing, " --%s%s", a->kind->keys[i].name,
				    strcmp(a->kind->keys[i].name, "until") ? "" : "|--review");
	r = cli_usage(a->c, "a permit needs more:%s", "許可に必要なものが足りません:%s",
		      missing.bytes ? missing.bytes : "");
	text_done(&missing);
	return r;
}

/* What was given, then what is asked for. */
static int gather(struct answers *a)
{
	bool asks = isatty(STDIN_FILENO) && !a->c->json;

	for (uint32_t i = 0; i < a->kind->key_count; i++) {
		const char *given = cli_value(a->c, a->kind->keys[i].name);

		if (given)
			text_puts(&a->typed[i], given);
	}
	for (uint32_t i = 0; i < a->kind->key_count; i++) {
		const struct key *k = &a->kind->keys[i];

		if (a->typed[i].len || !is_needed(a, k))
			continue;
		if (!asks || !ask(a, k, &a->typed[i]))
			return complain_missing(a);
	}
	return CLI_YES;
}

static int write_block(const struct answers *a, const char *name, struct text *out)
{
	int r = CLI_YES;

	text_printf(out, "%s %s {\n", a->kind->name, name);
	for (uint32_t i = 0; r == CLI_YES && i < a->kind->key_count; i++) {
		const struct key *k = &a->kind->keys[i];

		if (!a->typed[i].len)
			continue;
		text_printf(out, "\t%s ", k->name);
		r = cli_edit_value(a->c, k, a->typed[i].bytes, out);
		text_puts(out, ";\n");
	}
	text_puts(out, "}\n");
	return r;
}

/* A name that would be more than one is none. */
static bool is_word(const char *name)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-_.";
	size_t n = strlen(name);

	return n > 0 && n <= LEX_WORD_MAX && strspn(name, characters) == n;
}

int cli_block_permit(const struct cli *c, const char *name, struct text *out)
{
	struct answers a = { .c = c, .kind = schema_kind("permit") };
	int r;

	if (!is_word(name))
		return cli_usage(c, "'%s' is no name: letters, digits and '-' make one",
				 "「%s」は名前になりません。英数字と「-」を使ってください", name);
	r = gather(&a);
	if (r == CLI_YES)
		r = write_block(&a, name, out);
	for (size_t i = 0; i < CLI_OPTIONS_MAX; i++)
		text_done(&a.typed[i]);
	return r;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_mdoc.h"

#include <string.h>

#include "rules/text.h"
#include "tools/cli.h"

/* Text, each sentence on a line of its own; what mdoc would take for its own is escaped. */
static void add_text(const char *s, struct text *out)
{
	for (bool start = true; *s; s++) {
		if (start && (*s == '.' || *s == '\''))
			text_puts(out, "\\&");
		bool ends = s[0] == '.' && s[1] == ' ' && s[2] >= 'A' && s[2] <= 'Z';

		if (*s == '\\')
			text_puts(out, "\\e");
		else
			text_putc(out, *s);
		start = *s == '\n' || ends;
		if (!ends)
			continue;
		text_putc(out, '\n');
		s++;
	}
}

/* The one-line help, as a sentence. */
static void add_sentence(const char *s, struct text *out)
{
	size_t n = strlen(s);

	if (*s >= 'a' && *s <= 'z') {
		text_putc(out, (char)(*s - 'a' + 'A'));
		s++;
	}
	add_text(s, out);
	text_puts(out, n && s[strlen(s) - 1] == '.' ? "\n" : ".\n");
}

/* "ADDRESS [DEST]" */
static void add_operands(const char *spec, struct text *out)
{
	while (*spec) {
		size_t n = strcspn(spec, " ");
		bool optional = *spec == '[';
		bool many = n > 3 && !strncmp(spec + n - 3, "...", 3);
		size_t from = optional ? 1 : 0, to = n - (optional ? 1 : 0) - (many ? 3 : 0);

		text_puts(out, optional ? " Oo Ar " : " Ar ");
		text_add(out, spec + from, to - from);
		text_puts(out, many ? " ..." : "");
		text_puts(out, optional ? " Oc" : "");
		spec += n + (spec[n] == ' ');
	}
}

static void add_option(const struct cli_option *o, struct text *out)
{
	text_puts(out, ".It");
	if (o->letter)
		text_printf(out, " Fl %c ,", o->letter);
	text_printf(out, " Fl -%s", o->name);
	if (o->value)
		text_printf(out, " Ar %s", o->value);
	text_putc(out, '\n');
	add_sentence(o->help[DIAG_ENGLISH], out);
}

static void add_verb(const struct cli_verb *v, struct text *out)
{
	static const struct cli_option json = {
		"json", 0, NULL, { "print JSON instead of text", "" }
	};

	text_printf(out, ".It Ic %s", v->name);
	if (v->options && v->options->name)
		text_puts(out, " Oo Ar options Oc");
	add_operands(v->operands, out);
	text_putc(out, '\n');
	add_sentence(v->help[DIAG_ENGLISH], out);
	if (v->more[DIAG_ENGLISH]) {
		add_text(v->more[DIAG_ENGLISH], out);
		text_putc(out, '\n');
	}
	if (!v->json && !(v->options && v->options->name))
		return;
	text_puts(out, ".Bl -tag -width Ds\n");
	struct cli_option_room room;
	const struct cli_option *o;

	for (size_t i = 0; (o = cli_option(v, i, &room)); i++)
		add_option(o, out);
	if (v->json)
		add_option(&json, out);
	text_puts(out, ".El\n");
}

void cli_mdoc(struct text *out)
{
	text_puts(out, ".Bl -tag -width Ds\n");
	for (const struct cli_verb *const *v = cli_verbs(); *v; v++)
		add_verb(*v, out);
	text_puts(out, ".El\n");
}

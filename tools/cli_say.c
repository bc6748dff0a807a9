/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/text.h"

/* POSIX: the first of the three that is set and not empty decides. */
static const char *locale_name(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *v = getenv(names[i]);

		if (v && *v)
			return v;
	}
	return "C";
}

/* The Linux text console has no Japanese glyphs, whatever the locale says. */
static bool has_glyphs(int fd)
{
	const char *term = getenv("TERM");

	return !isatty(fd) || !term || strcmp(term, "linux") != 0;
}

struct diag_style cli_style(int fd)
{
	struct diag_style s = { .language = diag_language_of(locale_name()) };
	const char *term = getenv("TERM"), *plain = getenv("NO_COLOR");

	s.colour = isatty(fd) && term && strcmp(term, "dumb") != 0 && !(plain && *plain);
	if (s.language == DIAG_JAPANESE && !has_glyphs(fd)) {
		s.language = DIAG_ENGLISH;
		s.ascii = true;
	}
	return s;
}

__attribute__((format(printf, 2, 0))) static void error_line(const struct cli *c,
							     const char *format, va_list ap)
{
	fprintf(stderr, "sekimori %s: ", c->verb->name);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
}

int cli_error(const struct cli *c, const char *en, const char *ja, ...)
{
	va_list ap;

	va_start(ap, ja);
	error_line(c, cli_tr(c, en, ja), ap);
	va_end(ap);
	return CLI_CANNOT;
}

static void usage_line(const struct cli *c, const struct cli_verb *v, FILE *out)
{
	fprintf(out, "%s sekimori %s%s%s%s%s\n", cli_tr(c, "usage:", "使い方:"), v->name,
		*v->operands ? " " : "", v->operands,
		v->options && v->options->name ? cli_tr(c, " [options]", " [オプション]") : "",
		v->json ? " [--json]" : "");
}

int cli_usage(const struct cli *c, const char *en, const char *ja, ...)
{
	va_list ap;

	va_start(ap, ja);
	error_line(c, cli_tr(c, en, ja), ap);
	va_end(ap);
	usage_line(c, c->verb, stderr);
	fprintf(stderr, cli_tr(c, "more: sekimori help %s\n", "詳しくは: sekimori help %s\n"),
		c->verb->name);
	return CLI_CANNOT;
}

void cli_say(const struct cli *c, const char *en, const char *ja, ...)
{
	va_list ap;

	va_start(ap, ja);
	vprintf(cli_tr(c, en, ja), ap);
	va_end(ap);
}

int cli_put(const struct cli *c, struct text *t)
{
	bool failed = t->failed;

	if (!failed && t->len)
		fwrite(t->bytes, 1, t->len, stdout);
	if (c->json && !failed)
		fputc('\n', stdout);
	text_done(t);
	if (failed)
		return cli_error(c, "out of memory", "メモリが足りません");
	if (fflush(stdout) != 0)
		return cli_error(c, "standard output: %s", "標準出力: %s", strerror(errno));
	return CLI_YES;
}

static void option_line(const struct cli *c, const struct cli_option *o)
{
	char left[sizeof(struct cli_option_room)];

	snprintf(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
		 o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name, o->value ? " " : "",
		 o->value ? o->value : "");
	printf("  %-30s %s\n", left, o->help[c->style.language]);
}

void cli_help_verb(const struct cli *c, const struct cli_verb *v)
{
	static const struct cli_option json = {
		"json", 0, NULL, { "print JSON instead of text", "JSON で出力する" }
	};
	static const struct cli_option help = {
		"help", 'h', NULL, { "this text", "この説明を表示する" }
	};

	usage_line(c, v, stdout);
	printf("\n%s\n", v->help[c->style.language]);
	if (v->more[c->style.language])
		printf("\n%s\n", v->more[c->style.language]);
	printf("\n");
	struct cli_option_room room;
	const struct cli_option *o;

	for (size_t i = 0; (o = cli_option(v, i, &room)); i++)
		option_line(c, o);
	if (v->json)
		option_line(c, &json);
	option_line(c, &help);
}

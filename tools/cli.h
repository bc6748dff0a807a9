/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli: what every verb of `sekimori` shares: options and operands, language, errors, JSON output.
 *
 * A verb is one file tools/cmd_NAME.c that defines `const struct cli_verb cmd_NAME`, and one line in
 * the table of sekimori.c. Parsing, usage errors, `help VERB` and shell completion walk its option table,
 * so they cannot disagree.
 */
#ifndef TOOLS_CLI_H
#define TOOLS_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/diag.h"

struct text;
struct cli;

enum cli_exit { CLI_YES = 0, CLI_NO = 1, CLI_CANNOT = 2 };	/* 1: refused, found, differs; 2: usage, cannot run */

#define CLI_LANGUAGES 2		/* texts in English and Japanese, indexed by enum diag_language */
#define CLI_OPTIONS_MAX 40

struct cli_option {
	const char *name;			/* "since" for --since; NULL ends the table */
	char letter;				/* 'o' for -o; 0 none */
	const char *value;			/* what stands after it, "IMAGE"; NULL: a flag */
	const char *help[CLI_LANGUAGES];
};

struct cli_verb {
	const char *name;
	int (*run)(struct cli *c);		/* Return: enum cli_exit */
	const char *operands;			/* "FILE", "ADDRESS [DEST]", "PCAP..."; "" none */
	const char *help[CLI_LANGUAGES];	/* one line */
	const char *more[CLI_LANGUAGES];	/* paragraphs under the usage; NULL none */
	const struct cli_option *options;	/* NULL none */
	const char *block;			/* the keys of this kind of block are options, too; NULL none */
	bool json;				/* takes --json */
};

struct cli {
	const struct cli_verb *verb;		/* borrowed */
	struct diag_style style;
	bool json;
	const char *values[CLI_OPTIONS_MAX];	/* by number of the option; NULL not given, "" a flag */
	char **operands;			/* borrowed */
	int operand_count;
};

struct cli_option_room {			/* an option, and where what stands for its value is kept */
	struct cli_option option;
	char value[200];
};

/* cli_option - option number i of a verb: its own, then the keys of its block. Return: NULL there are no more */
const struct cli_option *cli_option(const struct cli_verb *v, size_t i, struct cli_option_room *room);

/* cli_style - language, colour and glyphs from the environment and the terminal at descriptor fd */
struct diag_style cli_style(int fd);

/**
 * cli_parse - options and operands of a verb from its arguments
 * @argv: arguments after the verb; reordered so that the operands stand together
 * Return: 0; CLI_CANNOT after a usage error was printed; -1 when --help was asked for.
 */
int cli_parse(struct cli *c, const struct cli_verb *verb, int argc, char **argv);

/* cli_value - what was given for --name; NULL when it was not. The name must be an option of the verb. */
const char *cli_value(const struct cli *c, const char *name);
static inline bool cli_given(const struct cli *c, const char *name)
{
	return cli_value(c, name) != NULL;
}

/* cli_number - --name as a number from min to max. Return: false after a usage error was printed. */
bool cli_number(const struct cli *c, const char *name, uint64_t min, uint64_t max, uint64_t *out);

/* cli_time - --name as a date or time in Japan, in seconds since 1970. Return: as cli_number. */
bool cli_time(const struct cli *c, const char *name, int64_t *out);

/* cli_usage - print what is wrong with the command line and how it is used. Return: CLI_CANNOT */
int cli_usage(const struct cli *c, const char *en, const char *ja, ...)
	__attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* cli_error - one line on standard error: "sekimori VERB: ...". Return: CLI_CANNOT */
int cli_error(const struct cli *c, const char *en, const char *ja, ...)
	__attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* cli_say - the same text on standard output without a prefix, for people */
void cli_say(const struct cli *c, const char *en, const char *ja, ...)
	__attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* cli_tr - the text in the language of this run */
__attribute__((format_arg(2), format_arg(3))) static inline const char *cli_tr(const struct cli *c, const char *en, const char *ja)
{
	return c->style.language == DIAG_JAPANESE ? ja : en;
}

/* cli_put - write a document (JSON: with a newline) to standard output and free it. Return: CLI_YES or CLI_CANNOT */
int cli_put(const struct cli *c, struct text *t);

/* cli_help_verb - usage, options and explanation of a verb on standard output */
void cli_help_verb(const struct cli *c, const struct cli_verb *v);

/* cli_verbs - the table of all verbs, NULL-terminated (sekimori.c) */
const struct cli_verb *const *cli_verbs(void);
const struct cli_verb *cli_verb_named(const char *name);

#endif

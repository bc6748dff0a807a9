/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sekimori: the command line. One table of verbs; help, completion and dispatch walk it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rules/near.h"
#include "tools/cli.h"

/* In the order a person meets them: write, look, apply, watch. X(name) is tools/cmd_NAME.c. */
#define VERBS(X) \
	X(init) \
	X(draft) \
	X(check) \
	X(edit) \
	X(add) \
	X(renew) \
	X(disable) \
	X(enable) \
	X(ledger) \
	X(review) \
	X(build) \
	X(list) \
	X(explain) \
	X(diff) \
	X(rehearse) \
	X(nft) \
	X(apply) \
	X(verify) \
	X(confirm) \
	X(rollback) \
	X(history) \
	X(approve) \
	X(emergency) \
	X(status) \
	X(stats) \
	X(events) \
	X(why) \
	X(replay) \
	X(help) \
	X(version)

#define VERB_DECLARE(name) extern const struct cli_verb cmd_##name;
#define VERB_ENTRY(name) &cmd_##name,

VERBS(VERB_DECLARE)

static const struct cli_verb *const verbs[] = { VERBS(VERB_ENTRY) NULL };

const struct cli_verb *const *cli_verbs(void)
{
	return verbs;
}

const struct cli_verb *cli_verb_named(const char *name)
{
	for (const struct cli_verb *const *v = verbs; *v; v++)
		if (!strcmp((*v)->name, name))
			return *v;
	return NULL;
}

/* A program of a package of its own, beside this one or on the path. Return: only when it is not there. */
static int other_program(struct cli *c, char **argv)
{
	argv[0] = (char[]){ "sekimori-register" };
	execvp(argv[0], argv);
	return cli_error(
		c,
		"this is done by sekimori-register, which is not installed (make install-register)",
		"sekimori-register の機能です。導入されていません（make install-register）");
}

static int unknown_verb(struct cli *c, const char *name)
{
	struct near n = near_to(name, strlen(name));

	for (const struct cli_verb *const *v = verbs; *v; v++)
		near_try(&n, (*v)->name);
	fprintf(stderr, "sekimori: ");
	if (near_best(&n))
		fprintf(stderr,
			cli_tr(c, "there is no verb '%s'; did you mean '%s'?\n",
			       "動詞「%s」はありません。「%s」のことですか?\n"),
			name, near_best(&n));
	else
		fprintf(stderr,
			cli_tr(c, "there is no verb '%s'; 'sekimori help' lists them\n",
			       "動詞「%s」はありません。一覧は 'sekimori help'\n"),
			name);
	return CLI_CANNOT;
}

/* What people type out of habit. */
static const char *verb_word(const char *arg)
{
	if (!strcmp(arg, "--help") || !strcmp(arg, "-h"))
		return "help";
	if (!strcmp(arg, "--version") || !strcmp(arg, "-V"))
		return "version";
	return arg;
}

int main(int argc, char **argv)
{
	struct cli c = { .style = cli_style(STDERR_FILENO) };
	const char *word = argc > 1 ? verb_word(argv[1]) : "help";
	const struct cli_verb *v = cli_verb_named(word);

	if (!v && strcmp(word, "register") == 0)
		return other_program(&c, argv + 1);
	if (!v)
		return unknown_verb(&c, word);
	int r = cli_parse(&c, v, argc > 2 ? argc - 2 : 0, argv + (argc > 2 ? 2 : argc));

	if (r < 0) {
		cli_help_verb(&c, v);
		r = CLI_YES;
	} else if (r == 0) {
		r = v->run(&c);
	}
	if (fflush(stdout) != 0 && r == CLI_YES)
		r = cli_error(&c, "standard output cannot be written", "標準出力に書き込めません");
	return argc > 1 || r ? r : CLI_CANNOT;
}

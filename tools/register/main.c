/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sekimori-register: one verb as a program of its own, so that a town that does not want it does not have it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/cli.h"

extern const struct cli_verb cmd_register;

static const struct cli_verb *const verbs[] = { &cmd_register, NULL };

const struct cli_verb *const *cli_verbs(void)
{
	return verbs;
}

const struct cli_verb *cli_verb_named(const char *name)
{
	return strcmp(name, cmd_register.name) == 0 ? &cmd_register : NULL;
}

int main(int argc, char **argv)
{
	struct cli c = { .style = cli_style(STDERR_FILENO) };
	int r = cli_parse(&c, &cmd_register, argc - 1, argv + 1);

	if (r < 0) {
		cli_help_verb(&c, &cmd_register);
		r = CLI_YES;
	} else if (r == 0) {
		r = cmd_register.run(&c);
	}
	if (fflush(stdout) != 0 && r == CLI_YES)
		r = cli_error(&c, "standard output cannot be written", "標準出力に書き込めません");
	return r;
}

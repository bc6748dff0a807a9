/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/apply.h"
#include "daemon/conf.h"
#include "daemon/confine.h"
#include "daemon/guard.h"
#include "daemon/log.h"
#include "daemon/supervisor.h"
#include "rules/version.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool japanese(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return log_is_japanese(value);
	}
	return false;
}

static int usage(FILE *out, int status)
{
	fprintf(out, "%s",
		log_word("usage: sekimorid [-ghnV] [-c FILE]\n",
			 "使い方: sekimorid [-ghnV] [-c ファイル]\n"));
	fprintf(out, "%s",
		log_word("  -c FILE  settings (" CONF_FILE
			 ")\n  -g       be the guard: bring back a policy that nobody confirms\n"
			 "  -n       check the settings and stop\n"
			 "  -V       version\n\nsettings and their defaults:\n",
			 "  -c ファイル  設定 (" CONF_FILE
			 ")\n  -g           番人: 確認されない方針を元に戻す\n"
			 "  -n           設定を確かめて終わる\n"
			 "  -V           版を表示\n\n設定と既定値:\n"));
	conf_help(out, japanese());
	return status;
}

/* A process of its own, so that no death of the daemon's keeps the policy before from coming back. */
static int guard(const struct conf *c)
{
	char socket[CONF_TEXT + 16];
	const struct apply_conf conf = { c->state_directory, c->engines, socket, c };
	int r;

	snprintf(socket, sizeof socket, "%s/ctl.sock", c->run_directory);
	r = confine_capable() ? confine_user(c->user) : 0;
	if (r == 0)
		r = guard_run(&conf, true);
	if (r < 0)
		log_error("guard: %s: %s", c->state_directory, strerror(-r));
	return r < 0 ? 2 : 0;
}

int main(int argc, char **argv)
{
	const char *path = CONF_FILE, *given = NULL;
	bool check = false, guards = false;
	struct conf conf;
	char why[2][256];
	int option, r;

	log_open(getenv("JOURNAL_STREAM") != NULL, japanese());
	while ((option = getopt(argc, argv, "c:ghnV")) != -1) {
		switch (option) {
		case 'c': path = given = optarg; break;
		case 'g': guards = true; break;
		case 'n': check = true; break;
		case 'h': return usage(stdout, 0);
		case 'V': return puts("sekimorid " SEKIMORI_VERSION) < 0;
		default: return usage(stderr, 2);
		}
	}
	if (optind < argc)
		return usage(stderr, 2);
	r = conf_load(&conf, path, why);
	if (r < 0 && (r != -ENOENT || given)) {
		log_error("%s", log_word(why[0], why[1]));
		return 2;
	}
	if (check)
		return 0;
	umask(027);
	if (guards)
		return guard(&conf);
	return supervisor_run(&conf);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conf: the daemon's settings (not its policy): one table of names, types, bounds, defaults and help,
 * read from /etc/sekimori/sekimori.conf in libconfig's syntax (`engines = 2;`).
 *
 * sekimori.conf(5), `sekimorid -h` and the sample file show the same table. An unknown setting is an error:
 * a misspelt one would silently leave the default in force.
 */
#ifndef DAEMON_CONF_H
#define DAEMON_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONF_FILE "/etc/sekimori/sekimori.conf"
#define CONF_TEXT 88		/* bytes of a text setting; a socket's path must fit 108 */

enum conf_clock { CLOCK_SYNCHRONISED, CLOCK_TRUSTED };

struct conf {
	uint32_t engines;		/* 1 to 16 */
	uint32_t flows;			/* of each engine's table */
	uint32_t queue_length;		/* packets that may wait for one engine, each group */
	uint32_t recorder_flows;	/* flows whose facts wait for their end */
	uint32_t stats_interval;	/* seconds between stats events; 0 none */
	uint32_t engine_timeout;	/* seconds without a sign of life until an engine is replaced */
	uint32_t clock;			/* enum conf_clock */
	bool alerts_log;
	bool restore;			/* apply again when somebody else changed the kernel's rules */
	char user[CONF_TEXT];		/* "" : stay who we are */
	char contact[CONF_TEXT];	/* whom pages and SMTP replies tell to ask; "" nobody */
	char state_directory[CONF_TEXT];
	char log_directory[CONF_TEXT];
	char run_directory[CONF_TEXT];
};

enum conf_type { CONF_NUMBER, CONF_BOOL, CONF_WORD, CONF_STRING };

struct conf_setting {
	const char *name;
	enum conf_type type;
	size_t offset;			/* in struct conf */
	uint32_t min, max;		/* numbers */
	uint32_t number;		/* default of numbers, booleans and words (index) */
	const char *text;		/* default of texts */
	const char *const *words;	/* of a word; NULL-terminated */
	const char *help[2];		/* English, Japanese */
};

extern const struct conf_setting conf_settings[];	/* ends with name NULL */

void conf_default(struct conf *c);	/* engines: one for each processor, at most 16 */

/**
 * conf_load - defaults, and over them what the file says
 * @why: on failure "FILE:LINE: what is wrong", English and Japanese
 * Return: 0; -ENOENT no such file (the defaults hold); -EINVAL and -errno with why filled.
 */
int conf_load(struct conf *c, const char *path, char why[2][256]);

void conf_help(FILE *out, bool japanese);

#endif

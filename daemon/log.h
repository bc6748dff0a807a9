/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log: lines for the journal or a terminal, on standard error. Only the programs' own processes use it.
 *
 * Under systemd each line begins with its priority ("<4>", sd-daemon(3)); by hand with the process's
 * name. What an administrator has to act on is said in English and Japanese; the locale chooses.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdbool.h>

enum log_priority { LOG_LINE_ERROR = 3, LOG_LINE_WARN = 4, LOG_LINE_INFO = 6 };	/* syslog(3) priorities */

/**
 * log_open - how this process writes
 * @journal: priorities for systemd
 * @japanese: the language of log_say
 */
void log_open(bool journal, bool japanese);
void log_name(const char *process);	/* "engine 0"; kept by reference */

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* log_say - one line for the administrator, in the language of the locale; the formats take the same arguments */
void log_say(enum log_priority level, const char *en, const char *ja, ...)
	__attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* log_word - the one of the two in the language of the locale */
const char *log_word(const char *en, const char *ja);

/* log_is_japanese - of a locale's name */
bool log_is_japanese(const char *locale);

#endif

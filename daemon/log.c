/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 1024

/* The one module with state of its own: a line has to be possible from anywhere in a process. */
static struct {
	bool journal, japanese;
	const char *process;
} out = { .process = "sekimorid" };

void log_open(bool journal, bool japanese)
{
	out.journal = journal;
	out.japanese = japanese;
}

void log_name(const char *process)
{
	out.process = process;
}

const char *log_word(const char *en, const char *ja)
{
	return out.japanese ? ja : en;
}

bool log_is_japanese(const char *locale)
{
	return locale && strncmp(locale, "ja", 2) == 0;
}

/* One write() a line, so that lines of several processes never mix. */
static void line(enum log_priority level, const char *fmt, va_list ap)
{
	char buf[LINE_BYTES];
	int n = out.journal ? snprintf(buf, sizeof buf, "<%d>%s: ", (int)level, out.process)
			    : snprintf(buf, sizeof buf, "%s: ", out.process);
	const int m = vsnprintf(buf + n, sizeof buf - (size_t)n - 1, fmt, ap);

	if (m < 0)
		return;
	n = (int)strnlen(buf, sizeof buf - 2);
	buf[n++] = '\n';
	(void)!write(STDERR_FILENO, buf, (size_t)n);
}

#define LINE(level, fmt) \
	do { \
		va_list ap; \
		va_start(ap, fmt); \
		line(level, fmt, ap); \
		va_end(ap); \
	} while (0)

void log_error(const char *fmt, ...)
{
	LINE(LOG_LINE_ERROR, fmt);
}

void log_warn(const char *fmt, ...)
{
	LINE(LOG_LINE_WARN, fmt);
}

void log_info(const char *fmt, ...)
{
	LINE(LOG_LINE_INFO, fmt);
}

void log_say(enum log_priority level, const char *en, const char *ja, ...)
{
	va_list ap;

	va_start(ap, ja);
	line(level, out.japanese ? ja : en, ap);
	va_end(ap);
}

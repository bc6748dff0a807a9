/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/timex.h>

#include "daemon/apply/store.h"
#include "daemon/conf.h"
#include "rules/text.h"

#define FILE_NAME "clock"

enum clock_verdict clock_verdict(bool trusted, bool synchronised, int64_t now, int64_t known)
{
	if (now < known - CLOCK_NOTE_SECONDS)
		return CLOCK_BEHIND;
	return trusted || synchronised ? CLOCK_RIGHT : CLOCK_UNSYNCHRONISED;
}

static bool kernel_is_synchronised(void)
{
	struct timex t = { 0 };

	return adjtimex(&t) != TIME_ERROR && !(t.status & STA_UNSYNC);
}

enum clock_verdict clock_judge(const struct conf *conf, int64_t now)
{
	return clock_verdict(conf->clock == CLOCK_TRUSTED, kernel_is_synchronised(), now,
			     clock_known(conf->state_directory));
}

/* A file that is not ours, or damaged, is none: then only the kernel is asked. */
static int64_t parse(const struct text *t)
{
	int64_t second = 0;
	char end = 0;

	if (!t->bytes || t->len > 32 || sscanf(t->bytes, "%" SCNd64 "%c", &second, &end) != 2 ||
	    end != '\n' || second < 0)
		return 0;
	return second;
}

int64_t clock_known(const char *state_directory)
{
	struct text t = { 0 };
	struct store s;
	int64_t known = 0;

	if (store_open(&s, state_directory, false) == 0 && store_read(&s, FILE_NAME, &t) == 0)
		known = parse(&t);
	store_close(&s);
	text_done(&t);
	return known;
}

int clock_note(const char *state_directory, int64_t now)
{
	struct store s;
	char line[32];
	int e = store_open(&s, state_directory, false);

	if (e < 0)
		return e;
	e = store_write(&s, FILE_NAME, line,
			(size_t)snprintf(line, sizeof(line), "%" PRId64 "\n", now));
	store_close(&s);
	return e;
}

int clock_keep(const struct conf *conf, int64_t now)
{
	const int64_t patience = CLOCK_NOTE_SECONDS + CLOCK_LATE_SECONDS;
	const int64_t left = clock_known(conf->state_directory) + patience - now;

	if (left > 0)
		return left < patience ? (int)left : (int)patience;
	if (clock_judge(conf, now) == CLOCK_RIGHT)
		clock_note(conf->state_directory, now);
	return CLOCK_NOTE_SECONDS;
}

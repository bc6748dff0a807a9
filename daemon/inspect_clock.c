/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/inspect_clock.h"

#include <sys/time.h>
#include <time.h>

/* The one piece of state outside of log.c: functions of the C library have nowhere else to keep any. */
static _Thread_local int64_t packet_time;

void inspect_clock_set(int64_t now)
{
	packet_time = now;
}

void inspect_clock_clear(void)
{
	packet_time = 0;
}

static struct timespec now(void)
{
	struct timespec t = { packet_time / 1000000000, packet_time % 1000000000 };

	if (!packet_time)
		clock_gettime(CLOCK_REALTIME, &t);
	return t;
}

time_t time(time_t *out)
{
	time_t t = now().tv_sec;

	if (out)
		*out = t;
	return t;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec t = now();

	(void)zone; /* obsolete: POSIX leaves it unspecified */
	*out = (struct timeval){ t.tv_sec, t.tv_nsec / 1000 };
	return 0;
}

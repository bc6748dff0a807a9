/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * interfaces: names of interfaces and the numbers the engine knows them by, from 1 in order of appearance.
 */
#ifndef DAEMON_CAPTURE_INTERFACES_H
#define DAEMON_CAPTURE_INTERFACES_H

#include <stddef.h>
#include <stdint.h>

#define INTERFACES_MAX 1024	/* names beyond it get number 0, "unknown" */

struct interfaces {
	char **names;		/* owned, count of them, each owned */
	size_t count;
	void (*told)(void *ctx, uint32_t number, const char *name);	/* NULL: nobody wants to know */
	void *ctx;
};

void interfaces_done(struct interfaces *t);

/* interfaces_number - the number of a name; a new one is told. 0 for "", when full, for no memory */
uint32_t interfaces_number(struct interfaces *t, const char *name);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inspect_clock: the clock that nDPI sees is the packet's.
 *
 * Its dissectors of NetFlow and uTP compare a time in the packet with the C library's time() or
 * gettimeofday(), so what they say of a capture would depend on the day it is read. Both functions are
 * therefore defined here and take precedence over the C library's: between set and clear they give
 * the packet's time, else the system's.
 */
#ifndef DAEMON_INSPECT_CLOCK_H
#define DAEMON_INSPECT_CLOCK_H

#include <stdint.h>

void inspect_clock_set(int64_t now);	/* ns since 1970; 0: before the first packet, the system's time */
void inspect_clock_clear(void);

#endif

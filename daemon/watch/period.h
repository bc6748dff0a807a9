/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * period: do events come at a period? A likelihood-ratio test on the gaps between them (methods.md B.3).
 *
 *	H1	0.92 * [(1-q) U(a,b) + 0.8q (U+U)(a,b) + 0.2q (U+U+U)(a,b)] + 0.08 Exp(mean)
 *		a beat that varies between a and b, now and then one or two missed (the gap is then the sum of two or
 *		three), and some events of another kind; a and b from a grid of quantiles, q of .03, .12 and .25
 *	H0	the better of Exp(mean) and a lognormal no narrower than sigma 0.9: people and chance
 *
 * The evidence is log(H1/H0) minus the price of the parameters that were chosen, in nats. Nothing here knows
 * a clock or a frequency: no spectrum, no autocorrelation.
 */
#ifndef DAEMON_WATCH_PERIOD_H
#define DAEMON_WATCH_PERIOD_H

#include <stddef.h>
#include <stdint.h>

#define PERIOD_EVENTS 512u	/* at most; the last ones */
#define PERIOD_GAPS_MIN 12u
#define PERIOD_NATS 11.0	/* from here on it is periodic; chance and people stay below 4 in 10^5 days (bench-detect) */

struct period {
	double nats;		/* evidence; not above 0 when there are too few gaps */
	double low, high;	/* the beat found, seconds */
	unsigned int gaps;	/* that were looked at: pauses of 20 medians and more are left out */
};

/* period_of - @times: ascending, ms; n at most PERIOD_EVENTS */
struct period period_of(const int64_t *times, size_t n);

#endif

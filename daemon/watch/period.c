/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/watch/period.h"

#include <math.h>
#include <stdlib.h>

#define PAUSE 20.0     /* medians: the machine was off */
#define OTHER 0.08     /* of the events are of another kind */
#define SIGMA_MIN 0.9  /* of the lognormal: people are at least so irregular */
#define WIDTH_MIN 0.01 /* of the beat, as a part of it: what clocks and queues add */
#define GAP_MIN 0.001  /* seconds: two events in one millisecond */

static const double lows[] = { 0.02, 0.05, 0.10, 0.20, 0.30 };
static const double highs[] = { 0.50, 0.60, 0.70, 0.80, 0.90, 0.95, 0.98 };
static const double missed[] = { 0.03, 0.12, 0.25 };

struct gaps {
	double at[PERIOD_EVENTS]; /* ascending, seconds */
	size_t n;
	double mean, log_mean, log_sigma;
};

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const struct gaps *g, double q)
{
	double place = q * (double)(g->n - 1);
	size_t i = (size_t)place;
	double part = place - (double)i;

	return i + 1 < g->n ? g->at[i] * (1 - part) + g->at[i + 1] * part : g->at[i];
}

static void leave_pauses_out(struct gaps *g)
{
	double most = PAUSE * g->at[g->n / 2];

	while (g->n && g->at[g->n - 1] > most)
		g->n--;
}

static void describe(struct gaps *g)
{
	double sum = 0, logs = 0, squares = 0, n = (double)g->n;

	for (size_t i = 0; i < g->n; i++) {
		sum += g->at[i];
		logs += log(g->at[i]);
	}
	g->mean = sum / n;
	g->log_mean = logs / n;
	for (size_t i = 0; i < g->n; i++)
		squares += pow(log(g->at[i]) - g->log_mean, 2);
	g->log_sigma = fmax(sqrt(squares / n), SIGMA_MIN);
}

static void find_gaps(const int64_t *times, size_t n, struct gaps *g)
{
	g->n = 0;
	for (size_t i = 1; i < n; i++)
		g->at[g->n++] = fmax((double)(times[i] - times[i - 1]) / 1000, GAP_MIN);
	if (!g->n)
		return;
	qsort(g->at, g->n, sizeof(g->at[0]), ascending);
	leave_pauses_out(g);
	if (g->n)
		describe(g);
}

static double exponential(double x, double mean)
{
	return exp(-x / mean) / mean;
}

/* log likelihood of chance and of people, the better one */
static double null_model(const struct gaps *g)
{
	double chance = 0, people = 0;

	for (size_t i = 0; i < g->n; i++) {
		double z = (log(g->at[i]) - g->log_mean) / g->log_sigma;

		chance += -g->at[i] / g->mean - log(g->mean);
		people += -z * z / 2 - log(g->at[i] * g->log_sigma * sqrt(2 * M_PI));
	}
	return fmax(chance, people);
}

static double within(double x, double a, double b)
{
	return x >= a && x <= b ? 1 / (b - a) : 0;
}

/* One beat missed: the sum of two gaps, each anywhere between a and b. */
static double two_beats(double x, double a, double b)
{
	double w = b - a, z = (x - 2 * a) / w;

	if (z <= 0 || z >= 2)
		return 0;
	return (z < 1 ? z : 2 - z) / w;
}

/* Two missed: the sum of three. */
static double three_beats(double x, double a, double b)
{
	double w = b - a, z = (x - 3 * a) / w;

	if (z <= 0 || z >= 3)
		return 0;
	if (z < 1)
		return z * z / 2 / w;
	if (z < 2)
		return (-2 * z * z + 6 * z - 3) / 2 / w;
	return (3 - z) * (3 - z) / 2 / w;
}

static double beat_model(const struct gaps *g, double a, double b, double q)
{
	double sum = 0;

	for (size_t i = 0; i < g->n; i++) {
		double x = g->at[i];
		double beat = (1 - q) * within(x, a, b) + 0.8 * q * two_beats(x, a, b) +
			      0.2 * q * three_beats(x, a, b);

		sum += log((1 - OTHER) * beat + OTHER * exponential(x, g->mean));
	}
	return sum;
}

static void try_beat(const struct gaps *g, double a, double b, struct period *best)
{
	double room = WIDTH_MIN * b / 2;

	a = fmax(a - room, 0);
	b += room;
	for (size_t k = 0; k < sizeof(missed) / sizeof(missed[0]); k++) {
		double nats = beat_model(g, a, b, missed[k]);

		if (nats <= best->nats)
			continue;
		best->nats = nats;
		best->low = a;
		best->high = b;
	}
}

struct period period_of(const int64_t *times, size_t n)
{
	struct period best = { .nats = -INFINITY };
	struct gaps g;

	find_gaps(times, n, &g);
	if (g.n < PERIOD_GAPS_MIN)
		return (struct period){ .gaps = (unsigned int)g.n };
	for (size_t i = 0; i < sizeof(lows) / sizeof(lows[0]); i++)
		for (size_t k = 0; k < sizeof(highs) / sizeof(highs[0]); k++)
			try_beat(&g, quantile(&g, lows[i]), quantile(&g, highs[k]), &best);
	best.nats -= null_model(&g) + 2 * log((double)g.n);
	best.gaps = (unsigned int)g.n;
	return best;
}

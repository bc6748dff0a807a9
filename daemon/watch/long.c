/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * long: a connection that stays open for hours, told while it still is: after one hour as a record, after four, eight
 * and twelve to be looked at when it leaves the town.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/watch/detector.h"
#include "daemon/watch/table.h"
#include "daemon/watch/watch.h"
#include "daemon/watch/who.h"

#define SECOND (1000000000ll)
#define FLOWS 65536u

static const struct {
	int64_t hours;
	uint8_t severity;
} grades[] = { { 1, 3 }, { 4, 3 }, { 8, 2 }, { 12, 2 } };
#define GRADES (sizeof(grades) / sizeof(grades[0]))

struct open_flow {
	uint8_t told; /* grades */
};

struct long_watch {
	struct watch_table *flows; /* owned */
	uint64_t key;
};

static void long_free(void *d)
{
	if (d)
		watch_table_free(((struct long_watch *)d)->flows);
	free(d);
}

static void *long_new(uint64_t key)
{
	struct long_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->key = key;
	w->flows = watch_table_new(FLOWS, sizeof(struct open_flow), NULL);
	if (w->flows)
		return w;
	long_free(w);
	return NULL;
}

static const struct watch_table *long_table(const void *d)
{
	return ((const struct long_watch *)d)->flows;
}

static void tell(struct watch *w, const struct event *ev, int64_t age, uint8_t severity)
{
	struct watch_alarm a = { .detector = DETECTOR_LONG_CONNECTION, .severity = severity };
	char name[WHO_TEXT], up[24], down[24];
	double hours = (double)age / 3600;

	a.name = who_destination(ev, name);
	a.count = (uint64_t)age;
	who_megabytes(ev->flow.bytes_up, up);
	who_megabytes(ev->flow.bytes_down, down);
	snprintf(a.detail, sizeof(a.detail), "open for %.1f hours to %s: %s sent, %s fetched",
		 hours, name, up, down);
	snprintf(a.detail_ja, sizeof(a.detail_ja), "%.1f時間続く接続: %s(送信%s、受信%s)", hours,
		 name, up, down);
	watch_alarm(w, ev, &a);
}

static void long_event(void *state, struct watch *w, const struct event *ev)
{
	struct long_watch *d = state;
	int64_t age = (ev->flow.end - ev->flow.start) / SECOND;
	bool fresh;

	if (ev->type != EVENT_FLOW || !ev->has_tuple || !ev->flow_id ||
	    age < grades[0].hours * 3600 || !who_outward(watch_policy_of(w), ev))
		return;
	struct open_flow *f =
		watch_table_get(d->flows, watch_hash(d->key, &ev->flow_id, sizeof(ev->flow_id)),
				&fresh);
	uint8_t reached = 0;

	while (reached < GRADES && age >= grades[reached].hours * 3600)
		reached++;
	if (reached <= f->told)
		return;
	f->told = reached;
	tell(w, ev, age, grades[reached - 1].severity);
}

const struct detector detect_long = {
	.word = "long",
	.new = long_new,
	.free = long_free,
	.event = long_event,
	.table = long_table,
};

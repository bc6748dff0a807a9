/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/watch/watch.h"

#include <stdlib.h>

#include "daemon/watch/detector.h"
#include "daemon/watch/table.h"

#define TICK_NS (10 * (int64_t)1000000000)

static const struct detector *const detectors[] = {
	&detect_dns, &detect_beacon, &detect_upload, &detect_long, &detect_scan,
};
#define DETECTORS (sizeof(detectors) / sizeof(detectors[0]))

struct watch {
	struct watch_conf conf;
	const struct policy *policy; /* borrowed */
	void *state[DETECTORS];      /* owned */
	int64_t ticked;              /* ns */
};

struct watch *watch_new(const struct watch_conf *conf)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->conf = *conf;
	for (size_t i = 0; i < DETECTORS; i++) {
		w->state[i] = detectors[i]->new (conf->key);
		if (!w->state[i]) {
			watch_free(w);
			return NULL;
		}
	}
	return w;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < DETECTORS; i++)
		detectors[i]->free(w->state[i]);
	free(w);
}

void watch_policy(struct watch *w, const struct policy *p)
{
	w->policy = p;
}

const struct policy *watch_policy_of(const struct watch *w)
{
	return w->policy;
}

void watch_tick(struct watch *w, int64_t now)
{
	if (now - w->ticked < TICK_NS)
		return;
	w->ticked = now;
	for (size_t i = 0; i < DETECTORS; i++)
		if (detectors[i]->tick)
			detectors[i]->tick(w->state[i], w, now);
}

void watch_event(struct watch *w, const struct event *ev)
{
	for (size_t i = 0; i < DETECTORS; i++)
		detectors[i]->event(w->state[i], w, ev);
	watch_tick(w, ev->time);
}

void watch_alarm(struct watch *w, const struct event *ev, const struct watch_alarm *a)
{
	struct event out = {
		.type = EVENT_ALERT,
		.detector = a->detector,
		.reason = a->reason,
		.severity = a->severity,
		.time = ev->time,
		.has_tuple = ev->has_tuple,
		.tuple = ev->tuple,
		.flow_id = ev->flow_id,
		.app_proto = ev->app_proto,
		.application = ev->application,
		.name = a->name,
		.zone_from = ev->zone_from,
		.zone_to = ev->zone_to,
		.permit = ev->permit,
		.policy = ev->policy,
		.asset = ev->asset,
		.asset_mac = ev->asset_mac,
		.asset_how = ev->asset_how,
		.count = a->count,
		.detail = a->detail,
		.detail_ja = a->detail_ja[0] ? a->detail_ja : NULL,
	};

	w->conf.sink.emit(w->conf.sink.ctx, &out);
}

size_t watch_counters(const struct watch *w, struct event_counter *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < DETECTORS && n + 2 <= max; i++) {
		const struct watch_table *t = detectors[i]->table(w->state[i]);

		out[n++] = (struct event_counter){ detectors[i]->word, "watched",
						   watch_table_used(t) };
		out[n++] = (struct event_counter){ detectors[i]->word, "forgotten",
						   watch_table_evicted(t) };
	}
	return n;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * upload: how much a terminal sends to one destination, against what it sent there before (methods.md B.4).
 *
 *	first	more than FIRST_BYTES to a place it had not sent to before today, more sent than fetched
 *	unusual	more in a day than its own days with that place say: six robust deviations of the logarithm
 *	drift	over thirty days more than DRIFT_BYTES, each day little, to a place that hardly anybody else sends to
 *	cap	the profile's own `upload` limits, an hour and a day, all destinations of a permit together
 *
 * Running flows report while they run (ev->quiet), so an alarm does not wait for the end.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/watch/detector.h"
#include "daemon/watch/table.h"
#include "daemon/watch/watch.h"
#include "daemon/watch/who.h"

#define SECOND (1000000000ll)
#define DAY (86400 * SECOND)
#define HOUR (3600 * SECOND)
#define JST (9 * HOUR)
#define PAIRS 65536u
#define FLOWS 65536u
#define PLACES 16384u
#define PERMITS 4096u
#define FIRST_BYTES 5000000u
#define DRIFT_BYTES 50000000u
#define DRIFT_DAYS 30
#define COMMON 5u
#define PUSH 0.4 /* producer-consumer ratio (up - down) / (up + down) */
#define Z_MAX 6.0
#define DAYS_KNOWN 5 /* days with that place before "unusual" can be said */

enum told { TOLD_FIRST = 1, TOLD_UNUSUAL = 2, TOLD_DRIFT = 4 };

struct sent {
	int64_t first, day; /* ns of the first flow; number of the day at hand */
	uint64_t up, down;  /* of the day at hand */
	uint64_t month;     /* sent since month_start */
	int64_t month_start;
	float mean, deviation; /* of log1p(bytes a day), running */
	uint16_t days;
	uint8_t told; /* bits of enum told: today's, drift's */
};

struct running {
	uint64_t up, down; /* of the flow, as told last */
};

struct place {
	uint32_t clients[COMMON];
	uint8_t count;
};

struct cap {
	int64_t hour, day;
	uint64_t in_hour, in_day;
	bool told_hour, told_day;
};

struct upload_watch {
	struct watch_table *pairs, *flows, *places, *caps; /* owned */
	uint64_t key;
};

static void upload_free(void *d)
{
	struct upload_watch *w = d;

	if (!w)
		return;
	watch_table_free(w->pairs);
	watch_table_free(w->flows);
	watch_table_free(w->places);
	watch_table_free(w->caps);
	free(w);
}

static void *upload_new(uint64_t key)
{
	struct upload_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->key = key;
	w->pairs = watch_table_new(PAIRS, sizeof(struct sent), NULL);
	w->flows = watch_table_new(FLOWS, sizeof(struct running), NULL);
	w->places = watch_table_new(PLACES, sizeof(struct place), NULL);
	w->caps = watch_table_new(PERMITS, sizeof(struct cap), NULL);
	if (w->pairs && w->flows && w->places && w->caps)
		return w;
	upload_free(w);
	return NULL;
}

static const struct watch_table *upload_table(const void *d)
{
	return ((const struct upload_watch *)d)->pairs;
}

/* ---- a terminal and a place ---- */

static unsigned int common(struct upload_watch *d, const char *name, ip_t client)
{
	bool fresh;
	struct place *p =
		watch_table_get(d->places, watch_hash(d->key, name, strlen(name)), &fresh);
	uint32_t who = (uint32_t)watch_hash(d->key, &client, sizeof(client));
	uint8_t i = 0;

	while (i < p->count && p->clients[i] != who)
		i++;
	if (i == p->count && p->count < COMMON)
		p->clients[p->count++] = who;
	return p->count;
}

/* A day is over: it becomes part of what is usual. */
static void close_day(struct sent *s)
{
	float x = log1pf((float)s->up), weight = s->days < 10 ? 1.0f / (float)(s->days + 1) : 0.1f;
	float off = fabsf(x - s->mean);

	if (s->up) {
		s->deviation += weight * (off - s->deviation);
		s->mean += weight * (x - s->mean);
		s->days++;
	}
	s->up = s->down = 0;
	s->told &= TOLD_DRIFT;
}

static void turn_over(struct sent *s, int64_t now)
{
	int64_t day = (now + JST) / DAY;

	if (day > s->day) {
		if (s->day)
			close_day(s);
		s->day = day;
	}
	if (now - s->month_start > DRIFT_DAYS * DAY) {
		s->month_start = now;
		s->month = 0;
		s->told &= (uint8_t)~TOLD_DRIFT;
	}
}

static bool pushed(const struct sent *s)
{
	double up = (double)s->up, down = (double)s->down;

	return (up - down) / (up + down) > PUSH;
}

static void say(struct watch *w, const struct event *ev, const struct sent *s, const char *name,
		const char *why, const char *why_ja, uint8_t severity)
{
	struct watch_alarm a = {
		.detector = DETECTOR_UPLOAD, .severity = severity, .count = s->up, .name = name
	};
	char up[24], down[24];

	who_megabytes(s->up, up);
	who_megabytes(s->down, down);
	snprintf(a.detail, sizeof(a.detail), "%s: %s sent, %s fetched today; %s", name, up, down,
		 why);
	snprintf(a.detail_ja, sizeof(a.detail_ja), "アップロード: %s へ本日%s送信(受信%s)。%s",
		 name, up, down, why_ja);
	watch_alarm(w, ev, &a);
}

static bool once(struct sent *s, enum told bit)
{
	bool before = s->told & bit;

	s->told |= (uint8_t)bit;
	return !before;
}

static double deviations(const struct sent *s)
{
	return (log1p((double)s->up) - s->mean) / (1.4826 * s->deviation + 0.3);
}

static void judge(struct watch *w, const struct event *ev, struct sent *s, const char *name,
		  unsigned int clients)
{
	char why[96], why_ja[160];
	bool new_here = (s->first + JST) / DAY == s->day;

	if (s->up >= FIRST_BYTES && pushed(s) && new_here && once(s, TOLD_FIRST))
		say(w, ev, s, name, "first seen today", "この端末が初めて通信した宛先", 2);
	else if (s->up >= FIRST_BYTES && s->days >= DAYS_KNOWN && deviations(s) > Z_MAX &&
		 once(s, TOLD_UNUSUAL)) {
		snprintf(why, sizeof(why), "%.1f deviations above its own %u days", deviations(s),
			 s->days);
		snprintf(why_ja, sizeof(why_ja), "過去%u日の実績から%.1f偏差の逸脱", s->days,
			 deviations(s));
		say(w, ev, s, name, why, why_ja, 2);
	} else if (s->month >= DRIFT_BYTES && s->up < FIRST_BYTES && clients <= 2 && pushed(s) &&
		   ev->time - s->month_start > 7 * DAY && once(s, TOLD_DRIFT)) {
		char sum[24];

		who_megabytes(s->month, sum);
		snprintf(why, sizeof(why), "%s within %d days, and hardly anybody else sends there",
			 sum, DRIFT_DAYS);
		snprintf(why_ja, sizeof(why_ja), "%d日間の合計%s、他にほとんど利用のない宛先",
			 DRIFT_DAYS, sum);
		say(w, ev, s, name, why, why_ja, 2);
	}
}

/* ---- the profile's limits ---- */

static const struct statement *permit_of(const struct policy *p, const char *name)
{
	for (uint32_t i = 0; p && name && i < p->statements_count; i++)
		if (strcmp(policy_string(p, p->statements[i].name), name) == 0)
			return &p->statements[i];
	return NULL;
}

static void say_cap(struct watch *w, const struct event *ev, uint64_t sum, const struct limit *l)
{
	struct watch_alarm a = { .detector = DETECTOR_UPLOAD,
				 .reason = EVENT_REASON_LIMIT,
				 .count = sum };
	char up[24], most[24];

	who_megabytes(sum, up);
	who_megabytes(l->amount, most);
	snprintf(a.detail, sizeof(a.detail), "%s sent in this %s under permit %s (limit %s)", up,
		 policy_per_words[l->per], ev->permit, most);
	snprintf(a.detail_ja, sizeof(a.detail_ja),
		 "アップロードの上限超過: この%sに%s送信(許可 %s、上限%s)",
		 l->per == PER_HOUR ? "1時間" : "1日", up, ev->permit, most);
	watch_alarm(w, ev, &a);
}

static void judge_limits(struct watch *w, const struct event *ev, struct cap *c)
{
	const struct policy *p = watch_policy_of(w);
	const struct statement *st = permit_of(p, ev->permit);

	if (!st || st->profile == POLICY_NONE)
		return;
	struct span limits = p->profiles[st->profile].limits;

	for (uint32_t i = limits.first; i < limits.first + limits.count; i++) {
		const struct limit *l = &p->limits[i];
		bool hour = l->per == PER_HOUR, *told = hour ? &c->told_hour : &c->told_day;
		uint64_t sum = hour ? c->in_hour : c->in_day;

		if (l->detector != DETECT_UPLOAD || l->action < LIMIT_ALERT || !l->bytes ||
		    (!hour && l->per != PER_DAY) || sum < l->amount || *told)
			continue;
		*told = true;
		say_cap(w, ev, sum, l);
	}
}

static void count_cap(struct upload_watch *d, struct watch *w, const struct event *ev, uint64_t up)
{
	bool fresh;
	uint64_t key = watch_hash(d->key, &ev->tuple.src, sizeof(ev->tuple.src));
	int64_t hour = ev->time / HOUR, day = (ev->time + JST) / DAY;

	if (!ev->permit)
		return;
	struct cap *c =
		watch_table_get(d->caps, watch_hash(key, ev->permit, strlen(ev->permit)), &fresh);

	if (hour != c->hour)
		c->in_hour = c->told_hour = 0;
	if (day != c->day)
		c->in_day = c->told_day = 0;
	c->hour = hour;
	c->day = day;
	c->in_hour += up;
	c->in_day += up;
	judge_limits(w, ev, c);
}

/* ---- flows ---- */

/* What has come since the flow was told last: it may be told many times while it runs. */
static struct running progress(struct upload_watch *d, const struct event *ev)
{
	bool fresh;
	struct running *r =
		watch_table_get(d->flows, watch_hash(d->key, &ev->flow_id, sizeof(ev->flow_id)),
				&fresh);
	uint64_t up = ev->flow.has_payload ? ev->flow.payload_up : ev->flow.bytes_up;
	uint64_t down = ev->flow.has_payload ? ev->flow.payload_down : ev->flow.bytes_down;
	struct running more = { up > r->up ? up - r->up : 0, down > r->down ? down - r->down : 0 };

	r->up += more.up;
	r->down += more.down;
	return more;
}

static void upload_event(void *state, struct watch *w, const struct event *ev)
{
	struct upload_watch *d = state;
	char name[WHO_TEXT];
	bool fresh;

	if (ev->type != EVENT_FLOW || !ev->has_tuple || !ev->flow_id ||
	    !who_outward(watch_policy_of(w), ev))
		return;
	struct running more = progress(d, ev);
	uint64_t key = watch_hash(d->key, &ev->tuple.src, sizeof(ev->tuple.src));

	who_destination(ev, name);
	struct sent *s = watch_table_get(d->pairs, watch_hash(key, name, strlen(name)), &fresh);

	if (fresh)
		s->first = s->month_start = ev->flow.start;
	turn_over(s, ev->time);
	s->up += more.up;
	s->down += more.down;
	s->month += more.up;
	judge(w, ev, s, name, common(d, name, ev->tuple.src));
	count_cap(d, w, ev, more.up);
}

const struct detector detect_upload = {
	.word = "upload",
	.new = upload_new,
	.free = upload_free,
	.event = upload_event,
	.table = upload_table,
};

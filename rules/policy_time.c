/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy_time: when a statement is in force: since, until and window, on the clock of Japan.
 *
 * A window whose end is not after its start runs over midnight ("22:00-05:00") and belongs to the
 * day it began: a holiday or a day not named closes what would begin on it, not what began before.
 */
#include "rules/policy.h"

#include "rules/jst.h"

#define DAY 86400

static int64_t day_of(int64_t now)
{
	int64_t local = now + JST_OFFSET;

	return local / DAY - (local % DAY < 0);
}

static bool is_holiday(const struct policy *p, const struct window *w, int64_t day)
{
	uint32_t lo = w->holidays.first, end = lo + w->holidays.count, hi = end;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (p->dates[mid] < day)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < end && p->dates[lo] == day;
}

/* Whether the window opens on that day at all. */
static bool opens_on(const struct policy *p, const struct window *w, int64_t day)
{
	int weekday = (int)((day % 7 + 11) % 7); /* 1970-01-01 was a Thursday */

	return (w->days >> weekday & 1) && !(w->except_holidays && is_holiday(p, w, day));
}

/* The end of what opens on a day; the same day or, over midnight, the next. */
static int64_t end_on(const struct window *w, int64_t day)
{
	int64_t minute = w->to_minute > w->from_minute ? w->to_minute : w->to_minute + 1440;

	return day * DAY + minute * 60 - JST_OFFSET;
}

static int64_t start_on(const struct window *w, int64_t day)
{
	return day * DAY + w->from_minute * 60 - JST_OFFSET;
}

static bool window_open(const struct policy *p, const struct window *w, int64_t now)
{
	int64_t today = day_of(now);

	for (int64_t day = today - 1; day <= today; day++)
		if (opens_on(p, w, day) && start_on(w, day) <= now && now < end_on(w, day))
			return true;
	return false;
}

/* The first second after `now` at which the window opens or closes; INT64_MAX never. */
static int64_t window_change(const struct policy *p, const struct window *w, int64_t now)
{
	bool open = window_open(p, w, now);
	int64_t first = day_of(now) - 1;
	/* each holiday can keep shut one day of a week at most, so beyond this nothing changes */
	int64_t last = first + 7 * ((int64_t)w->holidays.count + 1) + 2;

	for (int64_t day = first; day <= last; day++) {
		int64_t edges[2] = { start_on(w, day), end_on(w, day) };

		for (int i = 0; i < 2; i++)
			if (edges[i] > now && window_open(p, w, edges[i]) != open)
				return edges[i];
	}
	return INT64_MAX;
}

bool policy_live(const struct policy *p, const struct statement *s, int64_t now)
{
	if (s->since && now < s->since)
		return false;
	if (s->until && now >= s->until && !s->at_end_alarm)
		return false;
	return s->window == POLICY_NONE || window_open(p, &p->windows[s->window], now);
}

/* The next second after `now` at which any of the three may change; never before it does. */
static int64_t next_edge(const struct policy *p, const struct statement *s, int64_t now)
{
	int64_t edge = INT64_MAX;

	if (s->since > now)
		return s->since;
	if (s->until && s->until <= now && !s->at_end_alarm)
		return INT64_MAX;
	if (s->window != POLICY_NONE)
		edge = window_change(p, &p->windows[s->window], now);
	if (s->until > now && !s->at_end_alarm && s->until < edge)
		edge = s->until;
	return edge;
}

int64_t policy_changes(const struct policy *p, const struct statement *s, int64_t now)
{
	bool live = policy_live(p, s, now);

	for (now = next_edge(p, s, now); now != INT64_MAX; now = next_edge(p, s, now))
		if (policy_live(p, s, now) != live)
			return now;
	return INT64_MAX;
}

int64_t policy_ends(const struct policy *p, const struct statement *s, int64_t now)
{
	return policy_live(p, s, now) ? policy_changes(p, s, now) : now + 1;
}

int64_t policy_next_change(const struct policy *p, int64_t now)
{
	int64_t next = INT64_MAX;

	for (uint32_t i = 0; i < p->statements_count; i++) {
		int64_t t = policy_changes(p, &p->statements[i], now);

		if (t < next)
			next = t;
	}
	return next;
}

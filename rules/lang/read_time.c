/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_time: dates, days, hours. All in Japan Standard Time. */
#include <errno.h>
#include <string.h>

#include "rules/jst.h"
#include "rules/lang/read.h"

#define DAY 86400

bool read_date(struct unit *u, const struct term *t, int64_t *seconds, bool *has_time)
{
	int why = t->string ? -EINVAL : jst_parse(t->text, seconds, has_time);

	if (why == -ERANGE)
		diag_add(u->diags, MSG_DATE_NONE, t->at, t->text);
	else if (why)
		diag_add(u->diags, MSG_DATE, t->at, t->text);
	return why == 0;
}

bool read_day_of_date(struct unit *u, const struct term *t, uint32_t *day)
{
	int64_t seconds;
	bool has_time = false;

	if (!read_date(u, t, &seconds, &has_time))
		return false;
	if (has_time) {
		diag_add(u->diags, MSG_DATE_TIMED, t->at, t->text);
		return false;
	}
	*day = (uint32_t)((seconds + JST_OFFSET) / DAY);
	return true;
}

void read_start(const struct reading *r)
{
	const struct term *t = read_only_term(r);
	int64_t seconds;

	if (t && read_date(r->u, t, &seconds, NULL))
		*(int64_t *)r->field = seconds;
}

/* A date is inclusive: what ends is the first second after that day. */
void read_end_date(const struct reading *r)
{
	const struct term *t = read_only_term(r);
	bool has_time = false;
	int64_t seconds;

	if (t && read_date(r->u, t, &seconds, &has_time))
		*(int64_t *)r->field = has_time ? seconds : seconds + DAY;
}

void read_date_only(const struct reading *r)
{
	const struct term *t = read_only_term(r);
	uint32_t day;

	if (t && read_day_of_date(r->u, t, &day))
		*(int64_t *)r->field = (int64_t)day * DAY - JST_OFFSET;
}

/* --- days of the week -------------------------------------------------------------------------- */

/* The day that starts at s, or -1; three letters. */
static int weekday(const char *s)
{
	static const char names[] = "sunmontuewedthufrisat";

	for (int i = 0; i < 7; i++)
		if (!strncmp(s, names + 3 * i, 3))
			return i;
	return -1;
}

/* "mon", "mon-fri", "fri-mon" as bits; 0 when it is neither. */
static uint8_t day_bits(const char *s)
{
	int from = weekday(s), to = from;
	uint8_t bits = 0;

	if (from < 0)
		return 0;
	if (s[3] == '-')
		to = weekday(s + 4);
	if (to < 0 || s[s[3] == '-' ? 7 : 3])
		return 0;
	for (int day = from;; day = (day + 1) % 7) {
		bits |= (uint8_t)(1 << day);
		if (day == to)
			return bits;
	}
}

void read_days(const struct reading *r)
{
	uint8_t bits = 0;

	for (const struct item *i = r->items; i; i = i->next) {
		const struct term *t = read_one_term(r, i);
		uint8_t some = t ? day_bits(t->text) : 0;

		if (t && !some)
			diag_add(r->u->diags, MSG_DAYS, t->at, t->text);
		bits |= some;
	}
	*(uint8_t *)r->field = bits;
}

/* "HH:MM" as minutes of the day, 24:00 too; -1 when it is none. */
static int minutes(const char *s)
{
	for (int i = 0; i < 5; i++)
		if (i == 2 ? s[i] != ':' : s[i] < '0' || s[i] > '9')
			return -1;
	int hour = (s[0] - '0') * 10 + s[1] - '0', minute = (s[3] - '0') * 10 + s[4] - '0';

	if (minute > 59 || hour > 24 || (hour == 24 && minute))
		return -1;
	return hour * 60 + minute;
}

void read_hours(const struct reading *r)
{
	struct window *w =
		(struct window *)((char *)r->field - offsetof(struct window, from_minute));
	const struct term *t = read_only_term(r);

	if (!t)
		return;
	int from = strlen(t->text) == 11 ? minutes(t->text) : -1;
	int to = from >= 0 && t->text[5] == '-' ? minutes(t->text + 6) : -1;

	if (from < 0 || to < 0 || from == 1440 || to == 0) {
		diag_add(r->u->diags, MSG_HOURS, t->at, t->text);
		return;
	}
	w->from_minute = (uint16_t)from;
	w->to_minute = (uint16_t)to;
}

void read_holidays(const struct reading *r)
{
	const struct term *t = read_only_term(r);

	if (!t)
		return;
	if (strcmp(t->text, "holidays") != 0)
		diag_add(r->u->diags, MSG_EXCEPT, t->at, t->text);
	else
		*(bool *)r->field = true;
}

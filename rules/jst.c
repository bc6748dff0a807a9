/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/jst.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Days from the civil date: the year starts in March, so the leap day is its last. */
int64_t jst_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int64_t jst_seconds(const struct jst *t)
{
	return jst_days(t->year, t->month, t->day) * 86400 + t->hour * 3600 + t->minute * 60 +
	       t->second - JST_OFFSET;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct jst jst_of(int64_t seconds)
{
	int64_t local = seconds + JST_OFFSET, days = floor_div(local, 86400),
		rest = local - days * 86400;
	int64_t z = days + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	struct jst t = {
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.month = (int)(mp < 10 ? mp + 3 : mp - 9),
		.hour = (int)(rest / 3600),
		.minute = (int)(rest / 60 % 60),
		.second = (int)(rest % 60),
		.weekday = (int)((days % 7 + 11) % 7),
	};
	t.year = (int)(yoe + era * 400) + (t.month <= 2);
	return t;
}

/* Exactly n digits and then the separator; -1 when it is not so. */
static int digits(const char **p, int n, char then)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return -1;
		v = v * 10 + (**p - '0');
	}
	if (then && *(*p)++ != then)
		return -1;
	return v;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

int jst_parse(const char *text, int64_t *seconds, bool *has_time)
{
	struct jst t = { 0 };
	bool timed = strchr(text, 'T') != NULL;

	if ((t.year = digits(&text, 4, '-')) < 0 || (t.month = digits(&text, 2, '-')) < 0 ||
	    (t.day = digits(&text, 2, timed ? 'T' : '\0')) < 0)
		return -EINVAL;
	if (timed) {
		if ((t.hour = digits(&text, 2, ':')) < 0 || (t.minute = digits(&text, 2, '\0')) < 0)
			return -EINVAL;
		if (*text == ':' && (text++, t.second = digits(&text, 2, '\0')) < 0)
			return -EINVAL;
	}
	if (*text)
		return -EINVAL;
	if (t.year < 1970 || t.month < 1 || t.month > 12 || t.day < 1 ||
	    t.day > days_in(t.year, t.month) || t.hour > 23 || t.minute > 59 || t.second > 59)
		return -ERANGE;
	*seconds = jst_seconds(&t);
	if (has_time)
		*has_time = timed;
	return 0;
}

const char *jst_date_text(int64_t seconds, char buf[static JST_TEXT])
{
	struct jst t = jst_of(seconds);

	snprintf(buf, JST_TEXT, "%04d-%02d-%02d", t.year, t.month, t.day);
	return buf;
}

const char *jst_time_text(int64_t seconds, char buf[static JST_TEXT])
{
	struct jst t = jst_of(seconds);

	snprintf(buf, JST_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", t.year, t.month, t.day, t.hour,
		 t.minute, t.second);
	return buf;
}

const char *jst_iso_text(int64_t ns, char buf[static JST_TEXT])
{
	struct jst t = jst_of(floor_div(ns, 1000000000));
	int us = (int)((ns % 1000000000 + 1000000000) % 1000000000 / 1000);

	snprintf(buf, JST_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%06d+0900", t.year, t.month, t.day,
		 t.hour, t.minute, t.second, us);
	return buf;
}

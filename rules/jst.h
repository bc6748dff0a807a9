/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jst: dates and times of the policy. Always Japan Standard Time, UTC+9 without summer time, so
 * the arithmetic is our own and never asks the machine's zone files.
 */
#ifndef RULES_JST_H
#define RULES_JST_H

#include <stdbool.h>
#include <stdint.h>

#define JST_OFFSET (9 * 3600)
#define JST_TEXT 40

struct jst {
	int year, month, day;		/* 1 to 12, 1 to 31 */
	int hour, minute, second;
	int weekday;			/* 0 Sunday */
};

int64_t jst_days(int year, int month, int day);		/* days since 1970-01-01, proleptic Gregorian */
int64_t jst_seconds(const struct jst *t);		/* seconds since 1970 UTC of a wall-clock time in Japan */
struct jst jst_of(int64_t seconds);

/**
 * jst_parse - "2027-03-31", "2027-03-31T17:15" or "2027-03-31T17:15:00"
 * @has_time: set to whether a time of day was given; may be NULL
 * Return: 0; -EINVAL not of that form; -ERANGE no such day or time.
 */
int jst_parse(const char *text, int64_t *seconds, bool *has_time);

const char *jst_date_text(int64_t seconds, char buf[static JST_TEXT]);	/* 2027-03-31 */
const char *jst_time_text(int64_t seconds, char buf[static JST_TEXT]);	/* 2027-03-31T17:15:00 */

/* jst_iso_text - ISO 8601 with microseconds as EVE wants it: 2027-03-31T17:15:00.000000+0900 */
const char *jst_iso_text(int64_t ns, char buf[static JST_TEXT]);

#endif

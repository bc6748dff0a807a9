/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * review: what of a policy ends or has to be looked at again, and when somebody is to be told.
 *
 * Thirty days before, seven, one, and when the day is over: what is then still there is a finding of an audit.
 * Days are days in Japan.
 */
#ifndef RULES_REVIEW_H
#define RULES_REVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct text;

enum review_of { REVIEW_STATEMENT, REVIEW_ACCEPT, REVIEW_SITE, REVIEW_FEED, REVIEW_OF_COUNT };
enum review_stage { REVIEW_FAR, REVIEW_MONTH, REVIEW_WEEK, REVIEW_DAY, REVIEW_OVER };

#define REVIEW_DAYS 30		/* from so many days before on it is due */

struct review_item {
	uint8_t of;			/* enum review_of */
	bool closes;			/* the last day of `until`; else the day of `review` */
	bool alarm_only;		/* at-end alarm: it stays open */
	bool vital;
	uint32_t index;			/* in the policy's array */
	int64_t day;			/* days since 1970 */
	int32_t left;			/* days until then; 0 today, negative past */
};

/* review_next - the item after *at in the policy's order (0 to begin). Return: false there are no more */
bool review_next(const struct policy *p, int64_t now, uint64_t *at, struct review_item *out);

/* review_stage - of so many days left; a review is over from its day on, an end after it */
enum review_stage review_stage(const struct review_item *item);

/**
 * review_news - the items that entered another stage since a time before, as far as somebody is to be told
 * @before: 0 never told: everything that is due
 * What has been over for long is told again every thirty days.
 */
bool review_news(const struct policy *p, int64_t before, int64_t now, uint64_t *at, struct review_item *out);

/* review_owner, review_name, review_kind - "総務課", "web", "permit" */
const char *review_owner(const struct policy *p, const struct review_item *item);
const char *review_name(const struct policy *p, const struct review_item *item);
const char *review_kind(const struct policy *p, const struct review_item *item);

/* review_words - "permit web (総務課): ends in 7 days, on 2027-03-31"; @japanese: in Japanese */
void review_words(const struct policy *p, const struct review_item *item, bool japanese, struct text *out);

#endif

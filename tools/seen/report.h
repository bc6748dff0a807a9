/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: a rehearsal for people and as JSON: totals, then by host and section; and the promotion report.
 */
#ifndef TOOLS_SEEN_REPORT_H
#define TOOLS_SEEN_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/diag.h"

struct archive;
struct json;
struct rehearse;
struct text;

struct report_view {
	struct rehearse *r;			/* borrowed, finished */
	const struct archive *archive;		/* borrowed */
	enum diag_language language;
	const char *name;			/* of the new policy, as the user named it */
	int64_t day, since;
	bool all;				/* every kind, not only the most frequent of a host */
};

#define REPORT_LINES 20u	/* of a host and an outcome, unless all are wanted */

/* report_text, report_json - Return: false for no memory */
bool report_text(const struct report_view *v, struct text *out);
bool report_json(const struct report_view *v, struct json *j);

/* report_promotion - by statement: may it go to the next stage. Return: whether every one may; -ENOMEM */
int report_promotion_text(const struct report_view *v, struct text *out);
int report_promotion_json(const struct report_view *v, struct json *j);

/* report_date - "2026-11-22 10:12" in Japan; report_port - "tcp 443", "icmp 8", "protocol 50" */
const char *report_date(int64_t seconds, char buf[static 24]);
struct tuple;
const char *report_port(const struct tuple *t, char buf[static 24]);

#endif

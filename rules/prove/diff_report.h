/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff_report: a difference in words, for people and for programs.
 */
#ifndef RULES_PROVE_DIFF_REPORT_H
#define RULES_PROVE_DIFF_REPORT_H

#include "rules/diag.h"
#include "rules/prove/diff.h"

struct json;
struct text;

#define DIFF_SHOWN_MAX 60u	/* entries, and boxes of an entry, that a text shows unless all are asked for */

struct diff_view {
	const struct diff *d;
	const struct policy *before, *after;
	enum diag_language language;
	bool all;		/* however many */
};

/* diff_put_text - entry by entry: what, where, how many, an example, who decided before; 0 or -ENOMEM */
int diff_put_text(const struct diff_view *v, struct text *out);

/* diff_put_json - members of the object that is open; 0 or -ENOMEM */
int diff_put_json(const struct diff_view *v, struct json *j);

#endif

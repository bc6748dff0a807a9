/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_review.h"

#include "rules/build.h"
#include "rules/jst.h"
#include "rules/review.h"

static struct location place_of(const struct build *b, const struct review_item *item)
{
	if (item->of == REVIEW_STATEMENT)
		return b->statements_at[item->index];
	return item->of == REVIEW_ACCEPT ? b->accepts_at[item->index] : (struct location){ 0 };
}

/* What the proof does not speak of: of a permit or an accepted risk that is over it does. */
static bool is_unsaid(const struct policy *p, const struct review_item *item)
{
	return item->of != REVIEW_ACCEPT && (item->of != REVIEW_STATEMENT ||
					     p->statements[item->index].type != STATEMENT_PERMIT);
}

static void report(struct build *b, const struct review_item *item)
{
	const struct policy *p = &b->policy;
	const char *name = review_name(p, item), *kind = review_kind(p, item);
	char date[JST_TEXT];

	jst_date_text(item->day * 86400 - JST_OFFSET, date);
	if (!item->closes && review_stage(item) == REVIEW_OVER)
		diag_add(&b->diags, MSG_REVIEW_OVER, place_of(b, item), name, date);
	else if (item->closes && item->left >= 0)
		diag_add(&b->diags, MSG_REVIEW_ENDS, place_of(b, item), kind, name, date,
			 diag_number(&b->diags, (uint64_t)item->left));
	else if (item->closes && is_unsaid(p, item))
		diag_add(&b->diags, MSG_REVIEW_ENDED, place_of(b, item), kind, name, date);
}

void cli_review(struct build *b, int64_t now)
{
	struct review_item item;

	for (uint64_t at = 0; review_next(&b->policy, now, &at, &item);)
		if (review_stage(&item) != REVIEW_FAR)
			report(b, &item);
	diag_sort(&b->diags);
}

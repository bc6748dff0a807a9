/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/review.h"

#include "rules/jst.h"
#include "rules/text.h"

#define DAY 86400

static int64_t day_of(int64_t seconds)
{
	seconds += JST_OFFSET;
	return seconds >= 0 ? seconds / DAY : -((DAY - 1 - seconds) / DAY);
}

/* What has an end: its last second is the one before. */
static void set_end(struct review_item *item, int64_t until)
{
	item->closes = true;
	item->day = until ? day_of(until - 1) : 0;
}

/* A statement has two places: its end, and its review. */
static void set_statement(const struct policy *p, uint32_t place, struct review_item *item)
{
	const struct statement *s = &p->statements[place / 2];

	item->of = REVIEW_STATEMENT;
	item->index = place / 2;
	item->vital = s->vital;
	item->alarm_only = s->at_end_alarm;
	if (place % 2 == 0)
		set_end(item, s->until);
	else if (s->review)
		item->day = day_of(s->review);
}

/* The item at a place; day 0: there is none. Return: false behind the last */
static bool item_at(const struct policy *p, uint64_t at, struct review_item *item)
{
	const uint64_t counts[REVIEW_OF_COUNT] = { 2ull * p->statements_count, p->accepts_count,
						   p->sites_count, p->feeds_count };
	uint8_t of = 0;

	for (; of < REVIEW_OF_COUNT && at >= counts[of]; of++)
		at -= counts[of];
	*item = (struct review_item){ .of = of, .index = (uint32_t)at };
	switch (of) {
	case REVIEW_STATEMENT: set_statement(p, (uint32_t)at, item); return true;
	case REVIEW_ACCEPT: set_end(item, p->accepts[at].until); return true;
	case REVIEW_SITE: set_end(item, p->sites[at].until); return true;
	case REVIEW_FEED: set_end(item, p->feeds[at].until); return true;
	default: return false;
	}
}

bool review_next(const struct policy *p, int64_t now, uint64_t *at, struct review_item *out)
{
	while (item_at(p, *at, out)) {
		(*at)++;
		if (!out->day)
			continue;
		int64_t left = out->day - day_of(now);

		out->left = left > INT32_MAX   ? INT32_MAX
			    : left < INT32_MIN ? INT32_MIN
					       : (int32_t)left;
		return true;
	}
	return false;
}

enum review_stage review_stage(const struct review_item *item)
{
	if (item->left < 0 || (item->left == 0 && !item->closes))
		return REVIEW_OVER;
	if (item->left <= 1)
		return REVIEW_DAY;
	if (item->left <= 7)
		return REVIEW_WEEK;
	return item->left <= REVIEW_DAYS ? REVIEW_MONTH : REVIEW_FAR;
}

/* Which reminder of an item is the latest: its stage, and then each thirty days one more. */
static int64_t reminder(const struct review_item *item)
{
	enum review_stage stage = review_stage(item);

	return stage == REVIEW_OVER ? stage + -(int64_t)item->left / REVIEW_DAYS : stage;
}

bool review_news(const struct policy *p, int64_t before, int64_t now, uint64_t *at,
		 struct review_item *out)
{
	while (review_next(p, now, at, out)) {
		struct review_item then = *out;

		then.left = out->left + (int32_t)(day_of(now) - day_of(before));
		if (review_stage(out) != REVIEW_FAR && (!before || reminder(out) > reminder(&then)))
			return true;
	}
	return false;
}

/* --- words ------------------------------------------------------------------------------------- */

const char *review_name(const struct policy *p, const struct review_item *item)
{
	const uint32_t names[REVIEW_OF_COUNT] = {
		[REVIEW_STATEMENT] =
			item->of == REVIEW_STATEMENT ? p->statements[item->index].name : 0,
		[REVIEW_ACCEPT] = item->of == REVIEW_ACCEPT ? p->accepts[item->index].name : 0,
		[REVIEW_SITE] = item->of == REVIEW_SITE ? p->sites[item->index].name : 0,
		[REVIEW_FEED] = item->of == REVIEW_FEED ? p->feeds[item->index].name : 0,
	};

	return policy_string(p, names[item->of]);
}

const char *review_owner(const struct policy *p, const struct review_item *item)
{
	if (item->of == REVIEW_STATEMENT)
		return policy_string(p, p->statements[item->index].owner);
	return item->of == REVIEW_ACCEPT ? policy_string(p, p->accepts[item->index].owner) : "";
}

const char *review_kind(const struct policy *p, const struct review_item *item)
{
	static const char *const types[] = { [STATEMENT_PERMIT] = "permit",
					     [STATEMENT_DENY] = "deny",
					     [STATEMENT_CROSSING] = "crossing" };
	static const char *const kinds[] = {
		[REVIEW_ACCEPT] = "accept", [REVIEW_SITE] = "site", [REVIEW_FEED] = "feed"
	};

	return item->of == REVIEW_STATEMENT ? types[p->statements[item->index].type]
					    : kinds[item->of];
}

/* What happens at an end: nothing, when it only alarms. */
static const char *verb_of(const struct review_item *item, bool japanese)
{
	static const char *const words[][2] = { { "to be reviewed", "見直し" },
						{ "ends", "期限" },
						{ "ended", "期限" } };

	return words[item->closes + (item->closes && item->left < 0)][japanese];
}

static void put_left(const struct review_item *item, bool japanese, struct text *out)
{
	int64_t n = item->left < 0 ? -(int64_t)item->left : item->left;

	if (n == 0)
		text_puts(out, japanese ? "本日" : "today");
	else if (item->left > 0)
		text_printf(out,
			    japanese ? "あと %lld 日"
			    : n == 1 ? "in %lld day"
				     : "in %lld days",
			    (long long)n);
	else
		text_printf(out,
			    japanese ? "%lld 日超過"
			    : n == 1 ? "%lld day ago"
				     : "%lld days ago",
			    (long long)n);
}

void review_words(const struct policy *p, const struct review_item *item, bool japanese,
		  struct text *out)
{
	const char *owner = review_owner(p, item);
	char date[JST_TEXT];

	text_printf(out, "%s %s", review_kind(p, item), review_name(p, item));
	if (*owner)
		text_printf(out, japanese ? "（%s）" : " (%s)", owner);
	text_printf(out, ": %s ", verb_of(item, japanese));
	put_left(item, japanese, out);
	jst_date_text(item->day * DAY - JST_OFFSET, date);
	text_printf(out, japanese ? "（%s）" : ", on %s", date);
	if (item->closes && item->alarm_only)
		text_puts(out, japanese ? "、閉じずに警報のみ" : ", alarm only");
	if (item->vital)
		text_puts(out, japanese ? "、重要な通信" : ", vital");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/supervise/remind.h"

#include "daemon/record/event.h"
#include "rules/review.h"
#include "rules/text.h"

#define REMINDERS_MAX 1000u /* a day; a policy with more tells the rest in `sekimori review` */

static enum event_reason reason_of(const struct review_item *item)
{
	if (!item->closes)
		return EVENT_REASON_REVIEW;
	return review_stage(item) == REVIEW_OVER ? EVENT_REASON_ENDED : EVENT_REASON_ENDING;
}

/* What stops a vital conversation, and what an auditor will find, is to be looked at today. */
static uint8_t severity_of(const struct review_item *item)
{
	return item->vital || (!item->closes && review_stage(item) == REVIEW_OVER) ? 2 : 3;
}

static void tell(const struct policy *p, const struct review_item *item, const struct event *begin,
		 const struct event_sink *sink)
{
	struct event ev = *begin;
	struct text en = { 0 }, ja = { 0 };

	review_words(p, item, false, &en);
	review_words(p, item, true, &ja);
	ev.type = EVENT_ALERT;
	ev.detector = DETECTOR_ADMIN;
	ev.reason = (uint8_t)reason_of(item);
	ev.severity = severity_of(item);
	if (item->of == REVIEW_STATEMENT)
		ev.permit = review_name(p, item);
	ev.detail = en.bytes;
	ev.detail_ja = ja.bytes;
	sink->emit(sink->ctx, &ev);
	text_done(&en);
	text_done(&ja);
}

unsigned int remind(const struct policy *p, int64_t before, int64_t now, const struct event *begin,
		    const struct event_sink *sink)
{
	struct review_item item;
	unsigned int n = 0;

	for (uint64_t at = 0; n < REMINDERS_MAX && review_news(p, before, now, &at, &item); n++)
		tell(p, &item, begin, sink);
	return n;
}

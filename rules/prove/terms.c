/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/terms.h"

#include <stddef.h>
#include <string.h>

#include "rules/jst.h"
#include "rules/text.h"

static const struct statement *statement(struct terms_of a)
{
	return &a.p->statements[a.statement];
}

static const struct profile *profile(struct terms_of a)
{
	uint32_t i = statement(a)->profile;

	return i == POLICY_NONE ? NULL : &a.p->profiles[i];
}

/* Whether a lets less (stricter) or more (laxer) pass, of two numbers. */
static unsigned int rank(int64_t a, int64_t b, bool more_is_laxer)
{
	if (a == b)
		return TERMS_SAME;
	return (a > b) == more_is_laxer ? TERMS_LAXER : TERMS_STRICTER;
}

/* Of two sets, each saying whether it holds the other. */
static unsigned int inclusion(bool a_holds_b, bool b_holds_a)
{
	if (a_holds_b && b_holds_a)
		return TERMS_SAME;
	return a_holds_b ? TERMS_LAXER : b_holds_a ? TERMS_STRICTER : TERMS_UNLIKE;
}

/* ---- applications and names: none means any ---- */

static const char *app(struct terms_of a, uint32_t i)
{
	return policy_string(a.p, a.p->apps[a.p->refs[statement(a)->applications.first + i]]);
}

static const char *name(struct terms_of a, uint32_t i)
{
	return policy_string(a.p, a.p->words[statement(a)->names.first + i]);
}

static bool has_app(struct terms_of a, const char *wanted)
{
	for (uint32_t i = 0; i < statement(a)->applications.count; i++)
		if (!strcmp(app(a, i), wanted))
			return true;
	return false;
}

static bool apps_hold(struct terms_of a, struct terms_of b)
{
	uint32_t n = statement(b)->applications.count;

	if (statement(a)->applications.count == 0 || n == 0)
		return statement(a)->applications.count == 0;
	for (uint32_t i = 0; i < n; i++)
		if (!has_app(a, app(b, i)))
			return false;
	return true;
}

static unsigned int order_apps(struct terms_of a, struct terms_of b)
{
	return inclusion(apps_hold(a, b), apps_hold(b, a));
}

static void put_list(struct terms_of a, uint32_t n, const char *(*at)(struct terms_of, uint32_t),
		     struct text *out)
{
	for (uint32_t i = 0; i < n; i++)
		text_printf(out, "%s%s", i ? ", " : "", at(a, i));
	if (n == 0)
		text_puts(out, "any");
}

static void put_apps(struct terms_of a, struct text *out)
{
	put_list(a, statement(a)->applications.count, app, out);
}

/* Every name that the pattern stands for is one of a's: "*.b" holds "*.a.b", not the reverse. */
static bool has_pattern(struct terms_of a, const char *pattern)
{
	for (uint32_t i = 0; i < statement(a)->names.count; i++)
		if (!strcmp(name(a, i), pattern) ||
		    policy_name_matches(name(a, i), pattern[0] == '*' ? pattern + 1 : pattern))
			return true;
	return false;
}

static bool names_hold(struct terms_of a, struct terms_of b)
{
	uint32_t n = statement(b)->names.count;

	if (statement(a)->names.count == 0 || n == 0)
		return statement(a)->names.count == 0;
	for (uint32_t i = 0; i < n; i++)
		if (!has_pattern(a, name(b, i)))
			return false;
	return true;
}

static unsigned int order_names(struct terms_of a, struct terms_of b)
{
	return inclusion(names_hold(a, b), names_hold(b, a));
}

static void put_names(struct terms_of a, struct text *out)
{
	put_list(a, statement(a)->names.count, name, out);
}

/* ---- direction and time ---- */

static unsigned int order_direction(struct terms_of a, struct terms_of b)
{
	uint8_t x = statement(a)->direction, y = statement(b)->direction;

	return inclusion(x == y || x == DIRECTION_BOTH, x == y || y == DIRECTION_BOTH);
}

static void put_direction(struct terms_of a, struct text *out)
{
	text_puts(out, policy_direction_words[statement(a)->direction]);
}

static const struct window *window(struct terms_of a)
{
	uint32_t i = statement(a)->window;

	return i == POLICY_NONE ? NULL : &a.p->windows[i];
}

static bool same_window(struct terms_of a, struct terms_of b)
{
	const struct window *x = window(a), *y = window(b);

	return x->days == y->days && x->from_minute == y->from_minute &&
	       x->to_minute == y->to_minute && x->except_holidays == y->except_holidays &&
	       x->holidays.count == y->holidays.count &&
	       (x->holidays.count == 0 ||
		!memcmp(a.p->dates + x->holidays.first, b.p->dates + y->holidays.first,
			x->holidays.count * sizeof(*a.p->dates)));
}

static unsigned int order_window(struct terms_of a, struct terms_of b)
{
	if (!window(a) || !window(b))
		return inclusion(!window(a), !window(b));
	return same_window(a, b) ? TERMS_SAME : TERMS_UNLIKE;
}

static void put_window(struct terms_of a, struct text *out)
{
	const struct window *w = window(a);

	text_puts(out, w ? policy_string(a.p, w->name) : "none");
}

static unsigned int order_since(struct terms_of a, struct terms_of b)
{
	return rank(statement(a)->since, statement(b)->since, false);
}

/* Midnight is written as the day alone. */
static void put_moment(int64_t at, struct text *out)
{
	struct jst t = jst_of(at);
	char buf[JST_TEXT];

	text_puts(out,
		  t.hour || t.minute || t.second ? jst_time_text(at, buf) : jst_date_text(at, buf));
}

static void put_since(struct terms_of a, struct text *out)
{
	if (statement(a)->since)
		put_moment(statement(a)->since, out);
	else
		text_puts(out, "none");
}

static int64_t end_of(struct terms_of a)
{
	return statement(a)->until ? statement(a)->until : INT64_MAX;
}

static unsigned int order_until(struct terms_of a, struct terms_of b)
{
	return rank(end_of(a), end_of(b), true);
}

/* The last day, as it is written; what is kept is the first second after it. */
static void put_until(struct terms_of a, struct text *out)
{
	int64_t end = statement(a)->until;
	struct jst t = jst_of(end);

	if (!end)
		text_puts(out, "none");
	else
		put_moment(t.hour || t.minute || t.second ? end : end - 86400, out);
}

static unsigned int order_at_end(struct terms_of a, struct terms_of b)
{
	return rank(statement(a)->at_end_alarm, statement(b)->at_end_alarm, true);
}

static void put_at_end(struct terms_of a, struct text *out)
{
	text_puts(out, statement(a)->at_end_alarm ? "alarm" : "close");
}

/* ---- inspection ---- */

static unsigned int order_inspect(struct terms_of a, struct terms_of b)
{
	return rank(profile(a)->inspect, profile(b)->inspect, false);
}

static void put_inspect(struct terms_of a, struct text *out)
{
	text_puts(out, policy_inspect_words[profile(a)->inspect]);
}

static unsigned int order_undecided(struct terms_of a, struct terms_of b)
{
	return rank(profile(a)->undecided, profile(b)->undecided, true);
}

static void put_undecided(struct terms_of a, struct text *out)
{
	text_printf(out, "%u", profile(a)->undecided);
}

#define YES_NO(field) \
	static unsigned int order_##field(struct terms_of a, struct terms_of b) \
	{ \
		return rank(profile(a)->field, profile(b)->field, true); \
	} \
	static void put_##field(struct terms_of a, struct text *out) \
	{ \
		text_puts(out, profile(a)->field ? "yes" : "no"); \
	}
YES_NO(offload)
YES_NO(starttls_pass)

/* From the one that lets least pass to the one that lets most. */
static const uint8_t laxity[ACTION_COUNT] = {
	[ACTION_DROP] = 0,  [ACTION_RESET] = 0,         [ACTION_BLOCK] = 0,
	[ACTION_ALERT] = 1, [ACTION_PASS_METADATA] = 2, [ACTION_PASS] = 3,
};

#define FAIL(field) \
	static unsigned int order_##field(struct terms_of a, struct terms_of b) \
	{ \
		return rank(laxity[profile(a)->field], laxity[profile(b)->field], true); \
	} \
	static void put_##field(struct terms_of a, struct text *out) \
	{ \
		text_puts(out, policy_action_words[profile(a)->field]); \
	}
FAIL(on_overload)
FAIL(on_no_inspector)
FAIL(on_memory)
FAIL(on_midstream)
FAIL(on_restart)
FAIL(on_undecodable)
FAIL(on_uninspectable)
FAIL(on_unknown_application)
FAIL(on_mismatch)

static const struct limit *limit(struct terms_of a, uint32_t i)
{
	return &a.p->limits[profile(a)->limits.first + i];
}

static unsigned int order_limits(struct terms_of a, struct terms_of b)
{
	uint32_t n = profile(a)->limits.count, m = profile(b)->limits.count;

	if (n == 0 || m == 0)
		return inclusion(n == 0, m == 0);
	if (n != m)
		return TERMS_UNLIKE;
	for (uint32_t i = 0; i < n; i++)
		if (memcmp(limit(a, i), limit(b, i), sizeof(struct limit)) != 0)
			return TERMS_UNLIKE;
	return TERMS_SAME;
}

static void put_limits(struct terms_of a, struct text *out)
{
	uint32_t n = profile(a)->limits.count;

	for (uint32_t i = 0; i < n; i++) {
		const struct limit *l = limit(a, i);

		text_printf(out, "%s%s %s", i ? ", " : "", policy_detector_words[l->detector],
			    policy_limit_words[l->action]);
		if (l->amount || l->action >= LIMIT_ALERT)
			text_printf(out, " %llu%s per %s", (unsigned long long)l->amount,
				    l->bytes ? "B" : "", policy_per_words[l->per]);
	}
	if (n == 0)
		text_puts(out, "none");
}

static unsigned int order_answer(struct terms_of a, struct terms_of b)
{
	uint8_t x = profile(a) ? profile(a)->answer : statement(a)->answer;
	uint8_t y = profile(b) ? profile(b)->answer : statement(b)->answer;

	return x == y ? TERMS_SAME : TERMS_UNLIKE;
}

static void put_answer(struct terms_of a, struct text *out)
{
	text_puts(out, policy_answer_words[profile(a) ? profile(a)->answer : statement(a)->answer]);
}

static unsigned int order_log(struct terms_of a, struct terms_of b)
{
	return rank(statement(a)->log, statement(b)->log, false);
}

static void put_log(struct terms_of a, struct text *out)
{
	text_puts(out, policy_log_words[statement(a)->log]);
}

/* ---- the table ---- */

/* X(word, functions, what it is about) */
#define TABLE(X) \
	X("application", apps, WHAT) \
	X("name", names, WHAT) \
	X("direction", direction, WHAT) \
	X("window", window, WHAT) \
	X("since", since, WHAT) \
	X("until", until, WHAT) \
	X("at-end", at_end, WHAT) \
	X("inspect", inspect, HOW) \
	X("undecided", undecided, HOW) \
	X("offload", offload, HOW) \
	X("starttls pass", starttls_pass, HOW) \
	X("on-overload", on_overload, HOW) \
	X("on-no-inspector", on_no_inspector, HOW) \
	X("on-memory", on_memory, HOW) \
	X("on-midstream", on_midstream, HOW) \
	X("on-restart", on_restart, HOW) \
	X("on-undecodable", on_undecodable, HOW) \
	X("on-uninspectable", on_uninspectable, HOW) \
	X("on-unknown-application", on_unknown_application, HOW) \
	X("on-mismatch", on_mismatch, HOW) \
	X("detectors", limits, HOW) X("answer", answer, TOLD) X("log", log, TOLD)

enum about {
	WHAT, /* what may pass, and when */
	HOW,  /* how it is inspected: a deny has no such terms */
	TOLD, /* what the ends are told and what is written down: lets nothing pass */
};

static const struct {
	const char *word;
	unsigned int (*order)(struct terms_of a, struct terms_of b);
	void (*put)(struct terms_of a, struct text *out);
	enum about about;
} table[] = {
#define ROW_(word, functions, about) { word, order_##functions, put_##functions, about },
	TABLE(ROW_)
};

unsigned int terms_count(void)
{
	return sizeof(table) / sizeof(table[0]);
}

const char *terms_word(unsigned int term)
{
	return table[term].word;
}

static bool applies(unsigned int term, struct terms_of a)
{
	return table[term].about != HOW || profile(a);
}

unsigned int terms_order(unsigned int term, struct terms_of a, struct terms_of b)
{
	if (!applies(term, a) || !applies(term, b))
		return TERMS_SAME;
	return table[term].order(a, b);
}

void terms_value(unsigned int term, struct terms_of a, struct text *out)
{
	if (applies(term, a))
		table[term].put(a, out);
}

unsigned int terms_compare(struct terms_of a, struct terms_of b)
{
	unsigned int order = TERMS_SAME;

	for (unsigned int i = 0; i < terms_count(); i++)
		if (table[i].about != TOLD)
			order |= terms_order(i, a, b);
	return order;
}

bool terms_cover(const struct policy *p, uint32_t wide, uint32_t narrow)
{
	struct terms_of a = { p, wide }, b = { p, narrow };

	for (unsigned int i = 0; i < terms_count(); i++) {
		unsigned int order = terms_order(i, a, b);

		if ((order & TERMS_STRICTER) || (order && table[i].about != WHAT))
			return false;
	}
	return true;
}

/* What the value does not say by itself. */
static void put_window_exactly(struct terms_of a, struct text *out)
{
	const struct window *w = window(a);

	if (!w)
		return;
	text_printf(out, "%u %u %u %u", w->days, w->from_minute, w->to_minute, w->except_holidays);
	if (w->holidays.count)
		text_add(out, (const char *)(a.p->dates + w->holidays.first),
			 w->holidays.count * sizeof(*a.p->dates));
}

static void put_feed(struct terms_of a, struct text *out)
{
	uint32_t feed = statement(a)->feed;

	if (feed != POLICY_NONE)
		text_puts(out, policy_string(a.p, a.p->feeds[feed].file));
}

void terms_put(struct terms_of a, struct text *out)
{
	text_putc(out, (char)('0' + statement(a)->type));
	text_putc(out, '\0');
	for (unsigned int i = 0; i < terms_count(); i++) {
		if (table[i].order == order_window)
			put_window_exactly(a, out);
		else
			terms_value(i, a, out);
		text_putc(out, '\0');
	}
	put_feed(a, out);
	text_putc(out, '\0');
}

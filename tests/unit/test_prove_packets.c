/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diagrams and decisions, packet by packet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include "rules/prove/lane.h"
#include "rules/prove/space.h"
#include "tests/unit/prove_town.h"

struct watching { /* the sets of one pair */
	struct lane lane;
	struct space *space;
	struct lane_index index;
};

static struct space_point point_of(const struct tuple *t)
{
	return (struct space_point){ .at = { [SPACE_PROTOCOL] = t->protocol,
					     [SPACE_PORT] = t->dport,
					     [SPACE_SRC] = t->src,
					     [SPACE_DST] = t->dst,
					     [SPACE_SPORT] = t->sport } };
}

static bool is_member(const struct policy *p, uint32_t class, uint32_t statement)
{
	if (class == POLICY_NONE || p->classes[class].denied)
		return false;
	for (uint32_t i = 0; i < p->classes[class].members.count; i++)
		if (p->refs[p->classes[class].members.first + i] == statement)
			return true;
	return false;
}

/* Facts that satisfy everything a permit asks of them. */
static struct facts facts_for(const struct policy *p, const struct statement *s)
{
	struct facts f = { .app_known = true, .app_final = true, .name_final = true };

	for (uint32_t i = 0; i < s->applications.count && i < 1; i++)
		f.apps |= UINT64_C(1) << p->refs[s->applications.first + i];
	f.now = s->until ? s->until - 1 : town_at("2026-06-01");
	return f;
}

static void assert_item_agrees(struct watching *w, const struct policy *p, uint32_t item,
			       const struct tuple *t, uint32_t class)
{
	const struct lane_item *it = &w->lane.items[item];
	const struct statement *s = &p->statements[it->statement];
	struct space_point point = point_of(t);
	bool effective = space_holds(w->space, it->effective, point.at);

	if (s->type == STATEMENT_DENY)
		return;
	assert_int_equal(effective, is_member(p, class, it->statement));
	if (!effective)
		return;
	struct facts f = facts_for(p, s);
	struct decision d = policy_decide(p, class, &f);

	/* it passes, or by another permit, unless a deny of the same application takes it */
	if (d.verdict != VERDICT_PASS)
		assert_int_equal(d.reason, REASON_DENIED);
}

static void assert_tuple_agrees(struct watching *w, const struct policy *p, const struct tuple *t,
				uint64_t *seed)
{
	uint32_t class = policy_classify(p, w->lane.from, w->lane.to, t);
	struct space_point point = point_of(t);
	bool permitted = space_holds(w->space, w->lane.permitted, point.at);
	struct facts f = { .apps = town_draw(seed, 16),
			   .app_known = town_draw(seed, 2),
			   .app_final = true,
			   .name_final = true,
			   .now = town_at("2026-06-01") };
	struct decision d = policy_decide(p, class, &f);

	if (!permitted)
		assert_int_equal(d.verdict, VERDICT_DENY);
	for (uint32_t i = 0; i < w->lane.count; i++)
		assert_item_agrees(w, p, i, t, class);
}

static uint32_t compare_pair(struct watching *w, const struct policy *p, uint32_t from, uint32_t to,
			     uint64_t *seed)
{
	lane_load(&w->lane, p, &w->index, from, to, 0);
	if (w->lane.count == 0)
		return 0;
	space_reset(w->space);
	lane_cut(&w->lane, w->space);
	space_freeze(w->space);
	lane_build(&w->lane, w->space);
	for (uint32_t i = 0; i < 400; i++) {
		struct tuple t = town_draw_tuple(seed, p, from, to);

		assert_tuple_agrees(w, p, &t, seed);
	}
	return 400;
}

static void diagrams_agree_with_decisions_on_random_packets(void **state)
{
	struct watching w = { .space = space_new(0) };
	uint64_t seed = 20261122;
	uint32_t packets = 0;

	(void)state;
	while (packets < 120000) {
		struct build b;

		town_draw_build(&seed, "lab", 25, &b);
		const struct policy *p = &b.policy;

		assert_int_equal(lane_index_init(&w.index, p), 0);
		for (uint32_t i = 0; i < (p->zones_count - 1) * (p->zones_count - 1); i++)
			packets += compare_pair(&w, p, i / (p->zones_count - 1),
						i % (p->zones_count - 1), &seed);
		lane_index_done(&w.index);
		build_done(&b);
	}
	lane_done(&w.lane);
	space_free(w.space);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diagrams_agree_with_decisions_on_random_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

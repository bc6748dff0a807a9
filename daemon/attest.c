/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/attest.h"

#include "daemon/apply/store.h"
#include "rules/kernel/closed.h"
#include "rules/kernel/live.h"
#include "rules/kernel/readback/record.h"
#include "rules/kernel/readback/ruleset.h"
#include "rules/policy.h"
#include "rules/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What the policy was compiled for shows in our own table; either is proved as strictly. */
static int find_target(const void *record, size_t len, struct verify_conf *conf)
{
	struct ruleset r;
	const int e = ruleset_parse(&r, record, len);

	for (uint32_t i = 0; e == 0 && i < r.rules_count; i++) {
		const struct rule *x = &r.rules[i];
		const bool ours = ruleset_is_ours(&r, r.chains[x->chain].table);

		for (uint32_t k = 0; ours && k < x->count; k++)
			conf->native_queue |= r.exprs[x->first + k].kind == EXPR_QUEUE;
	}
	for (uint32_t i = 0; e == 0 && i < r.flowtables_count; i++)
		conf->flowtable |= ruleset_is_ours(&r, r.flowtables[i].table);
	ruleset_done(&r);
	return e;
}

static int64_t time_of(const void *record, size_t len)
{
	struct cursor c = record_begin(record, len);
	struct record rec;

	while (record_next(&c, &rec)) {
		char text[24] = "";

		if (rec.type != RECORD_FILE ||
		    !cursor_starts(&rec.body, RECORD_TIME, sizeof RECORD_TIME))
			continue;
		cursor_skip(&rec.body, sizeof RECORD_TIME);
		snprintf(text, sizeof text, "%.*s", (int)(rec.body.left < 20 ? rec.body.left : 20),
			 (const char *)rec.body.at);
		return strtoll(text, NULL, 10);
	}
	return 0;
}

/* What the state directory adds: the point in force, and the numbers of classes. */
struct state {
	struct store_point point;
	struct text numbers;
	bool known;
};

static bool read_point(const struct store *s, struct store_point *out)
{
	if (store_point(s, "trial", out) == 0 && store_is_trial(out))
		return true;
	return store_point(s, "current", out) == 0;
}

static int read_state(const char *directory, struct state *state)
{
	struct store s;
	int e = store_open(&s, directory, false);

	if (e == -ENOENT)
		return 0; /* nothing was ever applied here */
	if (e < 0)
		return e;
	state->known = read_point(&s, &state->point);
	e = store_read(&s, "numbers", &state->numbers);
	store_close(&s);
	return e == -ENOENT ? 0 : e;
}

/* What an emergency keeps shut is not expected to pass. */
static int narrow(struct policy *p, const struct state *state, int64_t now, struct closed *out)
{
	struct live_class *live;
	int e;

	if (!state->known || !state->point.closed)
		return 0;
	live = calloc(p->classes_count + 1u, sizeof *live);
	if (!live)
		return -ENOMEM;
	live_classes(p, now, true, live);
	e = closed_apply(p, live, state->point.closed, out);
	free(live);
	return e;
}

static int prove(const struct attest_conf *c, struct verify_conf *conf, const void *record,
		 size_t len, struct verify *out)
{
	struct closed closed = { 0 };
	struct state state = { 0 };
	struct policy p = *c->policy;
	int e = c->state_directory ? read_state(c->state_directory, &state) : 0;

	if (!conf->dated && state.known)
		conf->now = state.point.now; /* where the clock is not believed */
	if (state.numbers.bytes) {
		conf->numbers = state.numbers.bytes;
		conf->numbers_len = state.numbers.len;
	}
	if (e == 0)
		e = narrow(&p, &state, conf->now, &closed);
	if (e == 0)
		e = verify_record(out, record, len, &p, conf);
	closed_done(&closed);
	text_done(&state.numbers);
	return e;
}

int attest(const struct attest_conf *c, const void *record, size_t len, struct verify *out)
{
	struct verify_conf conf = {
		.now = c->now, .dated = c->dated, .queues = c->queues, .node_max = c->node_max
	};
	int e = find_target(record, len, &conf);

	if (!conf.now)
		conf.now = time_of(record, len);
	if (e == 0)
		e = c->policy ? prove(c, &conf, record, len, out)
			      : verify_record(out, record, len, NULL, &conf);
	return e;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/prove/diff_pair.h"
#include "rules/prove/terms.h"

#define WORDS_(N, en, ja) { en, ja },
const char *const diff_change_words[DIFF_CHANGE_COUNT][2] = { DIFF_CHANGES(WORDS_) };
const char *const diff_result_words[DIFF_RESULT_COUNT][2] = { DIFF_RESULTS(WORDS_) };

struct differ {
	struct space *space;  /* owned */
	struct place *places; /* owned */
	uint32_t places_count, places_room;
};

struct differ *differ_new(uint32_t node_max)
{
	struct differ *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->space = space_new(node_max);
	if (v->space)
		return v;
	differ_free(v);
	return NULL;
}

void differ_free(struct differ *v)
{
	if (!v)
		return;
	space_free(v->space);
	free(v->places);
	free(v);
}

/* ---- places ---- */

static bool add_place(struct differ *v, struct place x)
{
	for (uint32_t i = 0; i < v->places_count; i++)
		if (!memcmp(&v->places[i], &x, sizeof(x)))
			return true;
	if (v->places_count == v->places_room) {
		uint32_t room = v->places_room ? v->places_room * 2 : 16;
		struct place *p = realloc(v->places, room * sizeof(*p));

		if (!p)
			return false;
		v->places = p;
		v->places_room = room;
	}
	v->places[v->places_count++] = x;
	return true;
}

/* The interfaces of one policy, each with its zone in both. */
static bool add_interfaces(struct differ *v, const struct policy *const p[SIDES], int side)
{
	const struct policy *mine = p[side];

	for (uint32_t z = 0; z < mine->zones_count; z++) {
		struct span names = mine->zones[z].interfaces;

		for (uint32_t i = names.first; i < names.first + names.count; i++) {
			const char *name = policy_string(mine, mine->words[i]);
			struct place x = { {
				policy_zone_of_interface(p[BEFORE], name),
				policy_zone_of_interface(p[AFTER], name),
			} };

			if (!add_place(v, x))
				return false;
		}
	}
	return true;
}

static bool find_places(struct differ *v, const struct policy *const p[SIDES])
{
	const struct place box = { { policy_box_zone(p[BEFORE]), policy_box_zone(p[AFTER]) } };

	v->places_count = 0;
	return add_interfaces(v, p, BEFORE) && add_interfaces(v, p, AFTER) && add_place(v, box);
}

/* ---- the result ---- */

static int by_change(const void *a, const void *b)
{
	const struct diff_entry *x = a, *y = b;
	const uint32_t keys[][2] = {
		{ x->change, y->change },       { x->from, y->from },     { x->to, y->to },
		{ x->statement, y->statement }, { x->before, y->before },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

static void conclude(struct diff_pair *x, struct diff *out)
{
	bool laxer = out->totals[DIFF_OPENED] > 0, any = laxer || out->totals[DIFF_CLOSED] > 0;

	for (uint32_t i = 0; i < out->entries_count; i++) {
		laxer |= (out->entries[i].order & TERMS_LAXER) != 0;
		any |= out->entries[i].order != TERMS_SAME;
	}
	laxer |= out->entries_count == DIFF_ENTRIES_MAX; /* what was not kept was not looked at */
	if (space_failed(x->space) || out->boxes.failed)
		out->result = DIFF_UNKNOWN;
	else
		out->result = laxer ? DIFF_LOOSENING : any ? DIFF_TIGHTENING : DIFF_NEUTRAL;
	if (out->entries_count)
		qsort(out->entries, out->entries_count, sizeof(*out->entries), by_change);
}

static int compare(struct differ *v, struct diff_pair *x)
{
	bool unknown = false;

	if (!find_places(v, x->p))
		return -ENOMEM;
	for (uint32_t i = 0; i < v->places_count && !x->failed; i++)
		for (uint32_t k = 0; k < v->places_count && !x->failed; k++) {
			diff_pair_run(x, v->places[i], v->places[k]);
			unknown |= space_failed(v->space);
		}
	if (x->failed)
		return -ENOMEM;
	conclude(x, x->out);
	if (unknown)
		x->out->result = DIFF_UNKNOWN;
	return 0;
}

int diff_policies(struct differ *v, const struct policy *before, const struct policy *after,
		  struct diff *out)
{
	struct diff made = { 0 };
	struct diff_pair x = { .p = { before, after }, .space = v->space, .out = &made };
	struct lane_index index[SIDES] = { { 0 } };
	struct names names[SIDES] = { { 0 } };
	int r = 0;

	for (int i = 0; i < SIDES && r == 0; i++) {
		r = lane_index_init(&index[i], x.p[i]);
		if (r == 0)
			r = names_init(&names[i], x.p[i]);
		x.index[i] = &index[i];
		x.names[i] = &names[i];
	}
	if (r == 0)
		r = compare(v, &x);
	diff_pair_done(&x);
	for (int i = 0; i < SIDES; i++) {
		lane_index_done(&index[i]);
		names_done(&names[i]);
	}
	if (r == 0)
		*out = made;
	else
		diff_done(&made);
	return r;
}

void diff_done(struct diff *d)
{
	free(d->entries);
	boxes_done(&d->boxes);
	*d = (struct diff){ 0 };
}

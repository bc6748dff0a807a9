/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/json.h"
#include "rules/kernel/readback/items.h"
#include "rules/text.h"

#define SLACK 2000u /* ms: an element that was to end about now */
#define COMPARED_MAX \
	400u /* rules of a chain between the first and the last that differ, compared one by one */

#define KIND_WORD_(N, word, ja) { word, ja },
static const char *const kind_words[CHANGE_KIND_COUNT][2] = { CHANGE_KINDS(KIND_WORD_) };

static const char *const act_words[CHANGE_ACTS][2] = { { "added", "追加" },
						       { "removed", "削除" },
						       { "changed", "変更" } };

struct side {
	const struct items *l;
	uint32_t from, to; /* those of one kind and key, or a part of them */
};

/* A table, chain, set or interface that came or went: what stood in it did, too. */
struct whole {
	struct item item;
	bool after;      /* it came */
	uint32_t change; /* its place in the list; CHANGES_MAX: it is not in it */
};

struct work {
	struct changes *out;
	struct items before, after;
	struct whole *wholes; /* owned */
	uint32_t wholes_count, wholes_room;
	uint64_t elapsed;
	bool failed;
};

/* ---- telling ---- */

static struct change *tell(struct work *w, enum change_act act, const struct items *l,
			   const struct item *i)
{
	struct changes *out = w->out;
	struct change *c;

	out->total++;
	out->by[i->kind][act]++;
	if (out->count == CHANGES_MAX)
		return NULL;
	c = &out->list[out->count++];
	*c = (struct change){ .kind = i->kind, .act = (uint8_t)act, .handle = i->handle };
	item_where(l, i, c->where, sizeof c->where);
	item_what(l, i, c->what, sizeof c->what);
	return c;
}

static void tell_modified(struct work *w, const struct item *old, const struct item *now)
{
	struct change *c = tell(w, CHANGE_MODIFIED, &w->after, now);

	if (c)
		item_what(&w->before, old, c->was, sizeof c->was);
}

/* ---- what came or went with its table, chain or set ---- */

static bool holds_others(const struct item *i)
{
	return i->kind == CHANGE_TABLE || i->kind == CHANGE_CHAIN || i->kind == CHANGE_SET ||
	       i->kind == CHANGE_LINK;
}

/* ".../conf/NAME/..." : a setting that every interface has */
static bool is_setting_of(const char *interface, const char *path)
{
	const char *at = strstr(path, "/conf/");
	const size_t n = strlen(interface);

	return at && strncmp(at + 6, interface, n) == 0 && at[6 + n] == '/';
}

static bool stands_in(const struct items *outer_of, const struct item *outer,
		      const struct items *inner_of, const struct item *inner)
{
	if (outer->kind == CHANGE_LINK || inner->kind == CHANGE_FILE)
		return outer->kind == CHANGE_LINK && inner->kind == CHANGE_FILE &&
		       is_setting_of(item_key(outer_of, outer), item_key(inner_of, inner));
	return outer->key_len <= inner->key_len &&
	       (outer->kind != CHANGE_CHAIN || inner->kind == CHANGE_RULE) &&
	       (outer->kind != CHANGE_SET || inner->kind == CHANGE_ELEMENT) &&
	       memcmp(item_key(outer_of, outer), item_key(inner_of, inner), outer->key_len) == 0;
}

/* Whether a thing that came or went is told by what it stood in. A chain that packets meet is always told itself. */
static bool swallowed(struct work *w, bool after, const struct item *i)
{
	const struct items *l = after ? &w->after : &w->before;

	if ((i->kind > CHANGE_ELEMENT && i->kind != CHANGE_FILE) || i->kind == CHANGE_TABLE ||
	    item_is_hooked(i))
		return false;
	for (uint32_t k = 0; k < w->wholes_count; k++) {
		const struct whole *x = &w->wholes[k];

		if (x->after != after || !stands_in(l, &x->item, l, i))
			continue;
		if (x->change < CHANGES_MAX)
			w->out->list[x->change].inside++;
		return true;
	}
	return false;
}

static void remember_whole(struct work *w, bool after, const struct item *i, uint32_t change)
{
	if (w->wholes_count == w->wholes_room) {
		const uint32_t room = w->wholes_room ? 2 * w->wholes_room : 64;
		struct whole *p = reallocarray(w->wholes, room, sizeof *p);

		w->failed |= !p;
		if (!p)
			return;
		w->wholes = p;
		w->wholes_room = room;
	}
	w->wholes[w->wholes_count++] = (struct whole){ *i, after, change };
}

static bool ended_by_itself(const struct work *w, const struct item *i)
{
	return i->timed && i->expires <= w->elapsed + SLACK;
}

static void came_or_went(struct work *w, bool after, const struct item *i)
{
	const uint32_t at = w->out->count;

	if (swallowed(w, after, i) || (!after && ended_by_itself(w, i)))
		return;
	tell(w, after ? CHANGE_ADDED : CHANGE_REMOVED, after ? &w->after : &w->before, i);
	if (holds_others(i))
		remember_whole(w, after, i, at < w->out->count ? at : CHANGES_MAX);
}

/* ---- those of one kind and key: one of each, or the rules of a chain in their order ---- */

static const struct item *at(const struct side *s, uint32_t i)
{
	return &s->l->list[s->from + i];
}

static bool same(const struct side *a, uint32_t i, const struct side *b, uint32_t k)
{
	return items_same(a->l, at(a, i), b->l, at(b, k));
}

static void strip(struct side *a, struct side *b)
{
	while (a->from < a->to && b->from < b->to && same(a, 0, b, 0)) {
		a->from++;
		b->from++;
	}
	while (a->from < a->to && b->from < b->to &&
	       same(a, a->to - a->from - 1, b, b->to - b->from - 1)) {
		a->to--;
		b->to--;
	}
}

/* Longest common subsequence: length of that of the ends a[i..], b[k..]. NULL: no memory. */
static uint16_t *common(const struct side *a, uint32_t n, const struct side *b, uint32_t m)
{
	uint16_t *best = calloc((size_t)(n + 1) * (m + 1), sizeof *best);

	for (uint32_t i = n; best && i-- > 0;)
		for (uint32_t k = m; k-- > 0;) {
			uint16_t *here = &best[i * (m + 1) + k];
			const uint16_t down = here[m + 1], right = here[1];

			if (same(a, i, b, k))
				*here = (uint16_t)(here[m + 2] + 1);
			else
				*here = down > right ? down : right;
		}
	return best;
}

/* A run of removed ones beside a run of added ones: pairs are modified. */
static void tell_run(struct work *w, const struct side *a, uint32_t i, uint32_t n,
		     const struct side *b, uint32_t k, uint32_t m)
{
	uint32_t pairs = n < m ? n : m;

	for (uint32_t p = 0; p < pairs; p++)
		tell_modified(w, at(a, i + p), at(b, k + p));
	for (uint32_t p = pairs; p < n; p++)
		came_or_went(w, false, at(a, i + p));
	for (uint32_t p = pairs; p < m; p++)
		came_or_went(w, true, at(b, k + p));
}

static void compare_ordered(struct work *w, struct side a, struct side b)
{
	strip(&a, &b);
	const uint32_t n = a.to - a.from, m = b.to - b.from;
	uint32_t i = 0, k = 0;

	if (n == 0 || m == 0 || n > COMPARED_MAX || m > COMPARED_MAX) {
		tell_run(w, &a, 0, n, &b, 0, m);
		return;
	}
	uint16_t *best = common(&a, n, &b, m);

	w->failed |= !best;
	while (best && (i < n || k < m)) {
		const uint32_t from_i = i, from_k = k;

		while (i < n || k < m) {
			if (i < n && k < m && same(&a, i, &b, k))
				break;
			if (k == m ||
			    (i < n && best[(i + 1) * (m + 1) + k] >= best[i * (m + 1) + k + 1]))
				i++;
			else
				k++;
		}
		tell_run(w, &a, from_i, i - from_i, &b, from_k, k - from_k);
		while (i < n && k < m && same(&a, i, &b, k)) {
			i++;
			k++;
		}
	}
	free(best);
}

/* ---- both lists, side by side ---- */

static uint32_t group_end(const struct items *l, uint32_t from)
{
	uint32_t to = from + 1;

	while (to < l->count && items_order(l, &l->list[from], l, &l->list[to]) == 0)
		to++;
	return to;
}

static void all(struct work *w, bool after, const struct items *l, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		came_or_went(w, after, &l->list[i]);
}

static void compare_lists(struct work *w)
{
	const struct items *a = &w->before, *b = &w->after;
	uint32_t i = 0, k = 0;

	while (i < a->count || k < b->count) {
		const int order = i == a->count   ? 1
				  : k == b->count ? -1
						  : items_order(a, &a->list[i], b, &b->list[k]);
		const uint32_t i_end = order <= 0 ? group_end(a, i) : i;
		const uint32_t k_end = order >= 0 ? group_end(b, k) : k;

		if (order < 0)
			all(w, false, a, i, i_end);
		else if (order > 0)
			all(w, true, b, k, k_end);
		else
			compare_ordered(w, (struct side){ a, i, i_end },
					(struct side){ b, k, k_end });
		i = i_end;
		k = k_end;
	}
}

int changes_between(struct changes *out, const void *before, size_t before_len, const void *after,
		    size_t after_len, uint64_t elapsed)
{
	struct work w = { .out = out, .elapsed = elapsed };

	*out = (struct changes){ .list = calloc(CHANGES_MAX, sizeof *out->list) };
	int r = out->list ? items_read(&w.before, before, before_len) : -ENOMEM;

	if (r == 0)
		r = items_read(&w.after, after, after_len);
	if (r == 0)
		compare_lists(&w);
	if (r == 0 && w.failed)
		r = -ENOMEM;
	items_done(&w.before);
	items_done(&w.after);
	free(w.wholes);
	if (r < 0)
		changes_done(out);
	return r;
}

void changes_done(struct changes *c)
{
	free(c->list);
	*c = (struct changes){ 0 };
}

/* ---- words ---- */

void changes_sum(const struct changes *c, bool japanese, struct text *out)
{
	bool first = true;

	for (int kind = 0; kind < CHANGE_KIND_COUNT; kind++) {
		for (int act = 0; act < CHANGE_ACTS; act++) {
			const uint32_t n = c->by[kind][act];

			if (n == 0)
				continue;
			text_puts(out, first ? "" : japanese ? "、" : ", ");
			if (japanese)
				text_printf(out, "%s %u 件%s", kind_words[kind][1], n,
					    act_words[act][1]);
			else
				text_printf(out, "%u %s%s %s", n, kind_words[kind][0],
					    n == 1 ? "" : "s", act_words[act][0]);
			first = false;
		}
	}
}

static void put_where(const struct change *c, bool japanese, struct text *out)
{
	if (c->where[0])
		text_printf(out, " %s", c->where);
	if (c->handle)
		text_printf(out, " handle %llu", (unsigned long long)c->handle);
	if (c->inside)
		text_printf(out, japanese ? " (中の %u 件とともに)" : " (with %u in it)",
			    c->inside);
}

void change_text(const struct change *c, bool japanese, struct text *out)
{
	if (japanese)
		text_printf(out, "%s%s", kind_words[c->kind][1], act_words[c->act][1]);
	else
		text_printf(out, "%s %s", kind_words[c->kind][0], act_words[c->act][0]);
	put_where(c, japanese, out);
	if (c->act == CHANGE_MODIFIED)
		text_printf(out, ": %s -> %s", c->was, c->what);
	else if (c->what[0])
		text_printf(out, ": %s", c->what);
}

void changes_text(const struct changes *c, bool japanese, size_t room, struct text *out)
{
	const size_t end = out->len + room;

	changes_sum(c, japanese, out);
	for (uint32_t i = 0; i < c->count; i++) {
		struct text one = { 0 };

		change_text(&c->list[i], japanese, &one);
		const bool fits = !one.failed && out->len + one.len + 40 < end;

		if (fits)
			text_printf(out, "%s%s", i ? "; " : ": ", one.bytes ? one.bytes : "");
		else
			text_printf(out, japanese ? " … ほか %u 件" : " ... and %u more",
				    c->total - i);
		text_done(&one);
		if (!fits)
			return;
	}
}

void changes_json(const struct changes *c, struct json *j, const char *key)
{
	json_open(j, key, '{');
	json_uint(j, "total", c->total);
	json_open(j, "list", '[');
	for (uint32_t i = 0; i < c->count; i++) {
		const struct change *x = &c->list[i];

		json_open(j, NULL, '{');
		json_string(j, "what", kind_words[x->kind][0]);
		json_string(j, "act", act_words[x->act][0]);
		json_string(j, "where", x->where);
		if (x->handle)
			json_uint(j, "handle", x->handle);
		if (x->inside)
			json_uint(j, "inside", x->inside);
		if (x->act == CHANGE_MODIFIED)
			json_string(j, "was", x->was);
		json_string(j, "is", x->what);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

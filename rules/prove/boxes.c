/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/boxes.h"

#include <stdlib.h>
#include <string.h>

void boxes_done(struct boxes *b)
{
	free(b->at);
	free(b->services);
	ranges_done(&b->ranges);
	*b = (struct boxes){ 0 };
}

void boxes_clear(struct boxes *b)
{
	b->count = b->services_count = 0;
	b->more = b->failed = false;
	ranges_clear(&b->ranges);
}

/* Room for one more item; NULL when there is no memory. */
static void *room_for(struct boxes *b, void *items, uint32_t count, uint32_t *room, size_t size)
{
	if (count < *room)
		return items;
	uint32_t more = *room ? *room * 2 : 16;
	void *p = realloc(items, more * size);

	if (!p) {
		b->failed = true;
		return NULL;
	}
	*room = more;
	return p;
}

static void add_service(struct boxes *b, struct box_service s)
{
	struct box_service *p =
		room_for(b, b->services, b->services_count, &b->services_room, sizeof(*p));

	if (!p)
		return;
	b->services = p;
	p[b->services_count++] = s;
}

static void add_box(struct boxes *b, struct box_set x)
{
	struct box_set *p = room_for(b, b->at, b->count, &b->room, sizeof(*p));

	if (!p)
		return;
	b->at = p;
	p[b->count++] = x;
}

/* ---- one level: pieces of a field, grouped by what is left ---- */

struct piece {
	struct box_service service; /* of the first level */
	struct ip_range range;      /* of the others */
	bdd_t then;
	uint32_t order; /* pieces of one group stay as they came */
};

struct pieces {
	struct piece *at; /* owned */
	uint32_t count, room;
};

static void add_piece(struct boxes *b, struct pieces *list, struct piece x)
{
	struct piece *p = room_for(b, list->at, list->count, &list->room, sizeof(*p));

	if (!p)
		return;
	list->at = p;
	x.order = list->count;
	p[list->count++] = x;
}

/* Groups in the order of their first pieces would need a second pass; by name is as good, and stable. */
static int by_rest(const void *a, const void *b)
{
	struct piece x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	if (x.then != y.then)
		return x.then < y.then ? -1 : 1;
	return (x.order > y.order) - (x.order < y.order);
}

static void group(struct pieces *list)
{
	if (list->count > 1)
		qsort(list->at, list->count, sizeof(*list->at), by_rest);
}

/* The end of the group that begins at i. */
static uint32_t group_end(const struct pieces *list, uint32_t i)
{
	uint32_t end = i + 1;

	while (end < list->count && list->at[end].then == list->at[i].then)
		end++;
	return end;
}

struct taking { /* one set being taken apart */
	struct boxes *b;
	struct space *s;
	uint32_t limit;
	struct box_set box; /* the levels above */
};

static const enum space_field levels[] = { SPACE_DST, SPACE_SRC, SPACE_MAC };

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

static bool is_everything(struct ip_range r)
{
	return r.lo == 0 && r.hi == ((ip_t)1 << 48) - 1;
}

static void take(struct taking *t, bdd_t set, size_t level);

/* One group of a level: its ranges go into the box, then the next level. */
static void descend(struct taking *t, const struct pieces *list, uint32_t i, uint32_t end,
		    size_t level)
{
	struct span *const slots[LEVELS] = { &t->box.dst, &t->box.src, &t->box.macs };
	uint32_t first = t->b->ranges.count;

	for (uint32_t k = i; k < end; k++)
		if (levels[level] != SPACE_MAC || !is_everything(list->at[k].range))
			ranges_add(&t->b->ranges, list->at[k].range);
	*slots[level] = (struct span){ first, t->b->ranges.count - first };
	take(t, list->at[i].then, level + 1);
}

static void take(struct taking *t, bdd_t set, size_t level)
{
	const struct space_part *parts;
	struct pieces list = { 0 };

	if (level == LEVELS) {
		if (t->b->count < t->limit)
			add_box(t->b, t->box);
		else
			t->b->more = true;
		return;
	}
	if (t->b->more)
		return;
	uint32_t n = space_parts(t->s, set, levels[level], &parts);

	for (uint32_t i = 0; i < n; i++)
		add_piece(t->b, &list,
			  (struct piece){ .range = parts[i].range, .then = parts[i].then });
	group(&list);
	for (uint32_t i = 0, end; i < list.count; i = end) {
		end = group_end(&list, i);
		descend(t, &list, i, end, level);
	}
	free(list.at);
}

/* Protocol and port together are the first level. */
static void list_services(struct taking *t, bdd_t set, struct pieces *list)
{
	const struct space_part *protocols, *ports;
	uint32_t n = space_parts(t->s, set, SPACE_PROTOCOL, &protocols);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t m = space_parts(t->s, protocols[i].then, SPACE_PORT, &ports);

		for (uint32_t k = 0; k < m; k++)
			add_piece(t->b, list,
				  (struct piece){
					  .service = { (uint8_t)protocols[i].range.lo,
						       (uint8_t)protocols[i].range.hi,
						       (uint16_t)ports[k].range.lo,
						       (uint16_t)ports[k].range.hi },
					  .then = ports[k].then,
				  });
	}
}

struct span boxes_add(struct boxes *b, struct space *s, bdd_t set, uint32_t limit)
{
	struct taking t = { .b = b, .s = s, .limit = limit };
	struct pieces list = { 0 };
	uint32_t first = b->count;

	list_services(&t, set, &list);
	group(&list);
	for (uint32_t i = 0, end; i < list.count; i = end) {
		uint32_t from = b->services_count;

		end = group_end(&list, i);
		for (uint32_t k = i; k < end; k++)
			add_service(b, list.at[k].service);
		t.box.services = (struct span){ from, b->services_count - from };
		take(&t, list.at[i].then, 0);
	}
	free(list.at);
	b->failed |= b->ranges.failed || space_failed(s);
	return (struct span){ first, b->count - first };
}

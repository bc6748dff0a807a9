/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "rules/kernel/readback/record.h"

void devices_done(struct devices *l)
{
	free(l->at);
	free(l->beginnings);
	*l = (struct devices){ 0 };
}

/* Room for one more of an array; NULL when there is none. */
static void *room_for(struct devices *l, void *items, uint32_t count, uint32_t *room, size_t size)
{
	uint32_t more = *room ? *room * 2 : 32;
	void *p = items;

	if (count == *room && count < LINKS_MAX) {
		p = realloc(items, more * size);
		*room = p ? more : *room;
	}
	l->failed |= !p || count >= LINKS_MAX;
	return l->failed ? NULL : p;
}

static struct link *add(struct devices *l, const char *name, size_t len)
{
	struct link *p = room_for(l, l->at, l->count, &l->room, sizeof(*p));

	if (!p)
		return NULL;
	l->at = p;
	p += l->count++;
	*p = (struct link){ .type = LINK_ETHERNET };
	memcpy(p->name, name, len < LINK_NAME ? len : LINK_NAME);
	return p;
}

static uint32_t find(const struct devices *l, const char *name, size_t len)
{
	char padded[LINK_NAME] = { 0 };

	if (len > LINK_NAME)
		return LINK_NONE;
	memcpy(padded, name, len);
	for (uint32_t i = 1; i < l->count; i++)
		if (memcmp(l->at[i].name, padded, LINK_NAME) == 0)
			return i;
	return LINK_NONE;
}

uint32_t devices_find(const struct devices *l, const char *name)
{
	return find(l, name, strlen(name));
}

/* ---- what exists ---- */

static void put_kind(struct link *x, struct cursor info)
{
	const char *kind = record_text(record_attr_find(info, IFLA_INFO_KIND));

	if (!info.tripped && kind)
		strncpy(x->kind, kind, sizeof(x->kind) - 1);
}

static bool has_program(struct cursor xdp)
{
	struct cursor attached = record_attr_find(xdp, IFLA_XDP_ATTACHED);

	return !xdp.tripped && cursor_u8(&attached) != XDP_ATTACHED_NONE;
}

static void read_link(struct devices *l, struct cursor c)
{
	cursor_skip(&c, 2); /* family, padding */
	uint32_t type = record_host16(&c), index = record_host32(&c);

	cursor_skip(&c, 8); /* flags, change */
	const char *name = record_text(record_attr_find(c, IFLA_IFNAME));
	struct cursor master = record_attr_find(c, IFLA_MASTER);
	struct link *x = name && !c.tripped ? add(l, name, strlen(name)) : NULL;

	if (!x)
		return;
	x->exists = true;
	x->index = index;
	x->type = type;
	x->master = record_host32(&master);
	x->xdp = has_program(record_attr_find(c, IFLA_XDP));
	put_kind(x, record_attr_find(c, IFLA_LINKINFO));
}

int devices_read(struct devices *l, const void *bytes, size_t len)
{
	struct cursor c = record_begin(bytes, len);
	struct record rec;

	*l = (struct devices){ 0 };
	add(l, "", 0);
	while (!l->failed && record_next(&c, &rec))
		if (rec.type == RTM_NEWLINK)
			read_link(l, rec.body);
	if (l->failed)
		return -ENOMEM;
	return c.tripped ? -EBADMSG : 0;
}

/* ---- what is asked for ---- */

static void want_name(struct devices *l, const char *name, size_t len)
{
	if (len > 0 && find(l, name, len) == LINK_NONE)
		add(l, name, len);
}

static void want_beginning(struct devices *l, const char *text, size_t len)
{
	struct link_beginning *p = l->beginnings;

	for (uint32_t i = 0; i < l->beginnings_count; i++)
		if (p[i].len == len && memcmp(p[i].text, text, len) == 0)
			return;
	p = room_for(l, p, l->beginnings_count, &l->beginnings_room, sizeof(*p));
	if (!p)
		return;
	l->beginnings = p;
	p += l->beginnings_count++;
	*p = (struct link_beginning){ .len = (uint32_t)len };
	memcpy(p->text, text, len);
}

void devices_want(struct devices *l, const char *name, size_t len, bool beginning)
{
	if (len > LINK_NAME) {
		l->failed = true;
		return;
	}
	size_t written = strnlen(name, len);

	if (!beginning || written < len)
		want_name(l, name, written);
	else
		want_beginning(l, name, len);
}

/* ---- what nobody has ---- */

/* '~' is unusual in a name; whoever has it, or is asked for by it, is in the list by now. */
static void add_anybody(struct devices *l, const struct link_beginning *b)
{
	char fresh[LINK_NAME];

	memcpy(fresh, b->text, b->len);
	for (size_t len = b->len; len < LINK_NAME; len++) {
		fresh[len] = '~';
		if (find(l, fresh, len + 1) != LINK_NONE)
			continue;
		struct link *x = add(l, fresh, len + 1);

		if (x)
			x->anybody = true;
		return;
	}
}

void devices_close(struct devices *l)
{
	want_beginning(l, "", 0);
	for (uint32_t i = 0; i < l->beginnings_count && !l->failed; i++)
		add_anybody(l, &l->beginnings[i]);
}

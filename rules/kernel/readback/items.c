/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/items.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_cthelper.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "rules/kernel/readback/changes.h"
#include "rules/kernel/readback/record.h"

struct set_kind { /* what has to be known of a set to read its elements */
	const char *table, *name;
	uint8_t family;
	bool collects; /* packets fill it */
	uint64_t key_type;
};

/* ---- the list ---- */

static void *grow(struct items *l, void *at, uint32_t count, uint32_t *room, size_t size)
{
	if (count < *room)
		return at;

	const uint32_t more = *room ? *room * 2 : 64;
	void *p = more > *room ? reallocarray(at, more, size) : NULL;

	l->failed |= !p;
	*room = p ? more : *room;
	return p;
}

static struct item *add(struct items *l, enum change_kind kind, struct cursor body)
{
	struct item *p = grow(l, l->list, l->count, &l->room, sizeof *p);

	if (!p)
		return NULL;
	l->list = p;
	p += l->count;
	*p = (struct item){ .kind = (uint8_t)kind, .order = l->count++, .body = body };
	p->key = l->bytes.len;
	return p;
}

static void put(struct items *l, const void *bytes, size_t n)
{
	text_add(&l->bytes, bytes, n);
}

static void put_name(struct items *l, struct cursor attrs, uint16_t attr)
{
	const char *name = record_text(record_attr_find(attrs, attr));

	put(l, name ? name : "", name ? strlen(name) + 1 : 1);
}

static void key_ends(struct items *l, struct item *i)
{
	i->key_len = (uint32_t)(l->bytes.len - i->key);
	i->content = l->bytes.len;
}

static void content_ends(struct items *l, struct item *i)
{
	i->content_len = (uint32_t)(l->bytes.len - i->content);
}

/* ---- contents without what changes by itself ---- */

static void put_attr(struct items *l, const struct record_attr *a)
{
	const uint32_t head[2] = { a->type, (uint32_t)a->value.left };

	put(l, head, sizeof head);
	put(l, a->value.at, a->value.left);
}

/* Attributes whose numbers are in the mask. */
static void put_attrs(struct items *l, struct cursor attrs, uint64_t mask)
{
	struct record_attr a;

	while (record_attr_next(&attrs, &a))
		if (a.type < 64 && mask >> a.type & 1)
			put_attr(l, &a);
	l->bad |= attrs.tripped;
}

#define BIT(n) (UINT64_C(1) << (n))

/* Figures of expressions; what is not in the table is kept whole. */
static const struct {
	const char *name;
	uint64_t keep;
} figures[] = {
	{ "counter", 0 },
	{ "last", 0 },
	{ "quota", BIT(NFTA_QUOTA_BYTES) | BIT(NFTA_QUOTA_FLAGS) },
	{ "connlimit", BIT(NFTA_CONNLIMIT_COUNT) | BIT(NFTA_CONNLIMIT_FLAGS) },
};

static void put_expr(struct items *l, struct cursor expr)
{
	const char *name = record_text(record_attr_find(expr, NFTA_EXPR_NAME));
	const struct cursor data = record_attr_find(expr, NFTA_EXPR_DATA);

	put_name(l, expr, NFTA_EXPR_NAME);
	for (size_t i = 0; name && i < sizeof figures / sizeof *figures; i++) {
		if (strcmp(figures[i].name, name) == 0) {
			if (!data.tripped)
				put_attrs(l, data, figures[i].keep);
			return;
		}
	}
	if (!data.tripped)
		put_attr(l, &(struct record_attr){ NFTA_EXPR_DATA, data });
}

static void put_exprs(struct items *l, struct cursor list)
{
	struct record_attr a;

	while (!list.tripped && record_attr_next(&list, &a))
		put_expr(l, a.value);
}

/* ---- nf_tables ---- */

struct message {
	uint8_t family;
	struct cursor attrs;
};

static uint64_t number(struct cursor attrs, uint16_t attr)
{
	struct cursor v = record_attr_find(attrs, attr);
	uint64_t n = 0;

	for (size_t left = v.left; !v.tripped && left > 0 && left <= 8; left--)
		n = n << 8 | cursor_u8(&v);
	return n;
}

static struct item *add_named(struct items *l, enum change_kind kind, const struct message *m,
			      uint16_t table, uint16_t name)
{
	struct item *i = add(l, kind, m->attrs);

	if (!i)
		return NULL;
	put(l, &m->family, 1);
	put_name(l, m->attrs, table);
	if (name)
		put_name(l, m->attrs, name);
	key_ends(l, i);
	return i;
}

static void read_table(struct items *l, const struct message *m)
{
	struct item *i = add_named(l, CHANGE_TABLE, m, NFTA_TABLE_NAME, 0);

	if (!i)
		return;
	put_attrs(l, m->attrs, BIT(NFTA_TABLE_FLAGS));
	content_ends(l, i);
}

static void read_chain(struct items *l, const struct message *m)
{
	struct item *i = add_named(l, CHANGE_CHAIN, m, NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME);

	if (!i)
		return;
	put_attrs(l, m->attrs,
		  BIT(NFTA_CHAIN_HOOK) | BIT(NFTA_CHAIN_POLICY) | BIT(NFTA_CHAIN_TYPE) |
			  BIT(NFTA_CHAIN_FLAGS));
	content_ends(l, i);
}

static void read_rule(struct items *l, const struct message *m)
{
	struct item *i = add_named(l, CHANGE_RULE, m, NFTA_RULE_TABLE, NFTA_RULE_CHAIN);

	if (!i)
		return;
	i->handle = number(m->attrs, NFTA_RULE_HANDLE);
	put_exprs(l, record_attr_find(m->attrs, NFTA_RULE_EXPRESSIONS));
	put_attrs(l, m->attrs, BIT(NFTA_RULE_COMPAT));
	content_ends(l, i);
}

static void remember_set(struct items *l, const struct message *m)
{
	struct set_kind *p = grow(l, l->sets, l->sets_count, &l->sets_room, sizeof *p);
	const char *table = record_text(record_attr_find(m->attrs, NFTA_SET_TABLE));
	const char *name = record_text(record_attr_find(m->attrs, NFTA_SET_NAME));

	if (!p)
		return;
	l->sets = p;
	p[l->sets_count++] = (struct set_kind){
		.table = table ? table : "",
		.name = name ? name : "",
		.family = m->family,
		.collects = number(m->attrs, NFTA_SET_FLAGS) & NFT_SET_EVAL,
		.key_type = number(m->attrs, NFTA_SET_KEY_TYPE),
	};
}

static void read_set(struct items *l, const struct message *m)
{
	struct item *i = add_named(l, CHANGE_SET, m, NFTA_SET_TABLE, NFTA_SET_NAME);

	if (!i)
		return;
	put_attrs(l, m->attrs,
		  BIT(NFTA_SET_FLAGS) | BIT(NFTA_SET_KEY_TYPE) | BIT(NFTA_SET_KEY_LEN) |
			  BIT(NFTA_SET_DATA_TYPE) | BIT(NFTA_SET_DATA_LEN) | BIT(NFTA_SET_DESC) |
			  BIT(NFTA_SET_TIMEOUT) | BIT(NFTA_SET_OBJ_TYPE));
	if (!record_attr_find(m->attrs, NFTA_SET_EXPR).tripped)
		put_expr(l, record_attr_find(m->attrs, NFTA_SET_EXPR));
	put_exprs(l, record_attr_find(m->attrs, NFTA_SET_EXPRESSIONS));
	content_ends(l, i);
}

static const struct set_kind *set_of(const struct items *l, const struct message *m)
{
	const char *table = record_text(record_attr_find(m->attrs, NFTA_SET_ELEM_LIST_TABLE));
	const char *name = record_text(record_attr_find(m->attrs, NFTA_SET_ELEM_LIST_SET));

	for (uint32_t i = 0; table && name && i < l->sets_count; i++) {
		const struct set_kind *s = &l->sets[i];

		if (s->family == m->family && strcmp(s->name, name) == 0 &&
		    strcmp(s->table, table) == 0)
			return s;
	}
	return NULL;
}

/* The key with its end and the flag of an interval's end; the rest is what it answers. */
static void read_element(struct items *l, const struct message *m, const struct set_kind *s,
			 struct cursor e)
{
	struct item *i =
		add_named(l, CHANGE_ELEMENT, m, NFTA_SET_ELEM_LIST_TABLE, NFTA_SET_ELEM_LIST_SET);

	if (!i)
		return;
	put_attrs(l, e,
		  BIT(NFTA_SET_ELEM_KEY) | BIT(NFTA_SET_ELEM_KEY_END) | BIT(NFTA_SET_ELEM_FLAGS));
	key_ends(l, i);
	i->body = e;
	i->key_type = s->key_type;
	i->timed = !record_attr_find(e, NFTA_SET_ELEM_EXPIRATION).tripped;
	i->expires = number(e, NFTA_SET_ELEM_EXPIRATION);
	put_attrs(l, e,
		  BIT(NFTA_SET_ELEM_DATA) | BIT(NFTA_SET_ELEM_TIMEOUT) | BIT(NFTA_SET_ELEM_OBJREF));
	if (!record_attr_find(e, NFTA_SET_ELEM_EXPR).tripped)
		put_expr(l, record_attr_find(e, NFTA_SET_ELEM_EXPR));
	put_exprs(l, record_attr_find(e, NFTA_SET_ELEM_EXPRESSIONS));
	content_ends(l, i);
}

static void read_elements(struct items *l, const struct message *m)
{
	struct cursor list = record_attr_find(m->attrs, NFTA_SET_ELEM_LIST_ELEMENTS);
	const struct set_kind *s = set_of(l, m);
	struct record_attr a;

	l->bad |= !s;
	while (s && !s->collects && !list.tripped && record_attr_next(&list, &a))
		read_element(l, m, s, a.value);
}

static void read_object(struct items *l, const struct message *m)
{
	struct item *i = add_named(l, CHANGE_OBJECT, m, NFTA_OBJ_TABLE, NFTA_OBJ_NAME);
	const uint64_t type = number(m->attrs, NFTA_OBJ_TYPE);
	const struct cursor data = record_attr_find(m->attrs, NFTA_OBJ_DATA);

	if (!i)
		return;
	put_attrs(l, m->attrs, BIT(NFTA_OBJ_TYPE));
	if (type == NFT_OBJECT_QUOTA && !data.tripped)
		put_attrs(l, data, BIT(NFTA_QUOTA_BYTES) | BIT(NFTA_QUOTA_FLAGS));
	else if (type != NFT_OBJECT_COUNTER)
		put_attrs(l, m->attrs, BIT(NFTA_OBJ_DATA));
	content_ends(l, i);
}

static void read_flowtable(struct items *l, const struct message *m)
{
	struct item *i =
		add_named(l, CHANGE_FLOWTABLE, m, NFTA_FLOWTABLE_TABLE, NFTA_FLOWTABLE_NAME);

	if (!i)
		return;
	put_attrs(l, m->attrs, BIT(NFTA_FLOWTABLE_HOOK) | BIT(NFTA_FLOWTABLE_FLAGS));
	content_ends(l, i);
}

/* ---- the rest: what is whole by itself, or has an index in front ---- */

static void read_whole(struct items *l, enum change_kind kind, struct cursor body)
{
	struct item *i = add(l, kind, body);

	if (!i)
		return;
	put(l, body.at, body.left);
	key_ends(l, i);
}

static void read_link(struct items *l, struct cursor body)
{
	struct item *i = add(l, CHANGE_LINK, body);
	struct cursor c = body;

	cursor_skip(&c, 4); /* family, padding, type */
	const uint32_t index = record_host32(&c);

	cursor_skip(&c, 8); /* flags, change */
	if (!i)
		return;
	i->body = c;
	put_name(l, c, IFLA_IFNAME);
	key_ends(l, i);
	put(l, &index, sizeof index);
	put_attrs(l, c, BIT(IFLA_MASTER) | BIT(IFLA_LINK) | BIT(IFLA_XDP));
	const struct cursor info = record_attr_find(c, IFLA_LINKINFO);

	if (!info.tripped)
		put_attrs(l, info, BIT(IFLA_INFO_KIND));
	content_ends(l, i);
}

/* struct tcmsg without its padding, then what kind it is: figures and actions' times are in the rest */
static void read_traffic(struct items *l, enum change_kind kind, struct cursor body)
{
	struct item *i = add(l, kind, body);
	struct cursor c = body;

	cursor_skip(&c, 4);
	const uint8_t *head = cursor_take(&c, 16);

	if (!i || !head)
		return;
	i->body = c;
	put(l, head, kind == CHANGE_QDISC ? 12 : 16); /* the last is a qdisc's count of users */
	key_ends(l, i);
	put_name(l, c, TCA_KIND);
	content_ends(l, i);
}

static void read_file(struct items *l, struct cursor body)
{
	const uint8_t *nul = body.left ? memchr(body.at, '\0', body.left) : NULL;
	const bool path = nul && *body.at == '/'; /* else something of the record itself */
	struct item *i = path ? add(l, CHANGE_FILE, body) : NULL;

	l->bad |= !nul;
	if (!i)
		return;
	const size_t name = (size_t)(nul - body.at) + 1;

	put(l, body.at, name);
	key_ends(l, i);
	put(l, body.at + name, body.left - name);
	content_ends(l, i);
}

/* ---- all of it ---- */

static const struct {
	uint8_t type;
	void (*read)(struct items *l, const struct message *m);
} of_tables[] = {
	{ NFT_MSG_NEWTABLE, read_table },         { NFT_MSG_NEWCHAIN, read_chain },
	{ NFT_MSG_NEWRULE, read_rule },           { NFT_MSG_NEWSET, read_set },
	{ NFT_MSG_NEWSETELEM, read_elements },    { NFT_MSG_NEWOBJ, read_object },
	{ NFT_MSG_NEWFLOWTABLE, read_flowtable },
};

static struct message message_of(struct cursor body)
{
	struct message m = { .family = cursor_u8(&body) };

	cursor_skip(&body, sizeof(struct nfgenmsg) - 1);
	m.attrs = body;
	return m;
}

static void read_nf(struct items *l, const struct record *rec)
{
	const struct message m = message_of(rec->body);
	const uint8_t type = (uint8_t)rec->type;

	l->bad |= m.attrs.tripped;
	if (rec->type >> 8 == NFNL_SUBSYS_HOOK)
		read_whole(l, CHANGE_HOOK, m.attrs);
	else if (rec->type >> 8 == NFNL_SUBSYS_CTHELPER)
		read_whole(l, CHANGE_HELPER, m.attrs);
	for (size_t i = 0;
	     rec->type >> 8 == NFNL_SUBSYS_NFTABLES && i < sizeof of_tables / sizeof *of_tables;
	     i++)
		if (of_tables[i].type == type)
			of_tables[i].read(l, &m);
}

static void read_record(struct items *l, const struct record *rec)
{
	switch (rec->type) {
	case RTM_NEWLINK: read_link(l, rec->body); break;
	case RTM_NEWRULE: read_whole(l, CHANGE_ROUTING, rec->body); break;
	case RTM_NEWQDISC: read_traffic(l, CHANGE_QDISC, rec->body); break;
	case RTM_NEWTFILTER: read_traffic(l, CHANGE_FILTER, rec->body); break;
	case RECORD_FILE: read_file(l, rec->body); break;
	case RECORD_PROGRAM: read_whole(l, CHANGE_PROGRAM, rec->body); break;
	case RECORD_HIDDEN: break;
	default: read_nf(l, rec);
	}
}

int items_order(const struct items *a, const struct item *x, const struct items *b,
		const struct item *y)
{
	const uint32_t n = x->key_len < y->key_len ? x->key_len : y->key_len;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	const int r = n ? memcmp(item_key(a, x), item_key(b, y), n) : 0;

	if (r)
		return r;
	return x->key_len == y->key_len ? 0 : x->key_len < y->key_len ? -1 : 1;
}

bool items_same(const struct items *a, const struct item *x, const struct items *b,
		const struct item *y)
{
	return x->content_len == y->content_len &&
	       (x->content_len == 0 ||
		memcmp(item_content(a, x), item_content(b, y), x->content_len) == 0);
}

bool item_is_hooked(const struct item *i)
{
	return i->kind == CHANGE_CHAIN && !record_attr_find(i->body, NFTA_CHAIN_HOOK).tripped;
}

static int compare(const void *a, const void *b, void *ctx)
{
	const struct item *x = a, *y = b;
	const int r = items_order(ctx, x, ctx, y);

	return r ? r : x->order < y->order ? -1 : x->order > y->order;
}

static void each(struct items *l, struct cursor c, bool sets)
{
	struct record rec;

	while (!l->failed && !l->bad && record_next(&c, &rec)) {
		const bool set = rec.type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSET);
		const struct message m = set && sets ? message_of(rec.body) : (struct message){ 0 };

		if (set && sets)
			remember_set(l, &m);
		else if (!sets)
			read_record(l, &rec);
	}
	l->bad |= c.tripped;
}

int items_read(struct items *l, const void *bytes, size_t len)
{
	const struct cursor c = record_begin(bytes, len);

	*l = (struct items){ 0 };
	each(l, c, true);
	each(l, c, false);
	if (l->failed || l->bytes.failed)
		return -ENOMEM;
	if (l->bad)
		return -EBADMSG;
	if (l->count)
		qsort_r(l->list, l->count, sizeof *l->list, compare, l);
	return 0;
}

void items_done(struct items *l)
{
	free(l->list);
	free(l->sets);
	text_done(&l->bytes);
	*l = (struct items){ 0 };
}

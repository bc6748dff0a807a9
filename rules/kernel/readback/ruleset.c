/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/ruleset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "rules/arena.h"
#include "rules/kernel/nft.h"
#include "rules/kernel/readback/parse.h"

#define TABLES_MAX 4096u /* they are searched one by one */
#define ARENA_BYTES ((size_t)2 << 30)

/* ---- what the parsers share ---- */

void *parse_grow(struct parse *p, void *items, uint32_t count, size_t size)
{
	void *grown = arena_grow(p->r->arena, items, count, size);

	if (!grown) {
		p->no_memory = true;
		return NULL;
	}
	memset((char *)grown + count * size, 0, size);
	return grown;
}

const char *parse_name(const struct message *m, uint16_t attr)
{
	const char *name = record_text(record_attr_find(m->attrs, attr));

	return name ? name : "";
}

uint64_t parse_number(struct cursor attrs, uint16_t attr)
{
	struct cursor v = record_attr_find(attrs, attr);
	uint64_t n = 0;

	for (size_t left = v.left; !v.tripped && left > 0 && left <= 8; left--)
		n = n << 8 | cursor_u8(&v);
	return n;
}

static bool is_table(const struct table *t, uint8_t family, const char *name)
{
	return t->family == family && strcmp(t->name, name) == 0;
}

uint32_t parse_table(struct parse *p, const struct message *m, uint16_t attr)
{
	const char *name = parse_name(m, attr);
	struct ruleset *r = p->r;

	if (p->last_table < r->tables_count && is_table(&r->tables[p->last_table], m->family, name))
		return p->last_table;
	for (uint32_t i = 0; i < r->tables_count; i++)
		if (is_table(&r->tables[i], m->family, name))
			return p->last_table = i;
	p->bad = true;
	return RULESET_NONE;
}

/* ---- tables, chains, objects, flowtables ---- */

static void parse_generation(struct parse *p, const struct message *m)
{
	p->r->generation = (uint32_t)parse_number(m->attrs, NFTA_GEN_ID);
}

static void add_table(struct parse *p, const struct message *m)
{
	struct ruleset *r = p->r;
	struct table *t = parse_grow(p, r->tables, r->tables_count, sizeof(*t));

	if (!t)
		return;
	p->bad |= r->tables_count >= TABLES_MAX;
	r->tables = t;
	t[r->tables_count++] = (struct table){
		.name = parse_name(m, NFTA_TABLE_NAME),
		.family = m->family,
		.dormant = parse_number(m->attrs, NFTA_TABLE_FLAGS) & NFT_TABLE_F_DORMANT,
	};
}

static void add_chain(struct parse *p, const struct message *m)
{
	struct ruleset *r = p->r;
	struct chain *c = parse_grow(p, r->chains, r->chains_count, sizeof(*c));
	struct cursor hook = record_attr_find(m->attrs, NFTA_CHAIN_HOOK);

	if (!c)
		return;
	r->chains = c;
	c[r->chains_count++] = (struct chain){
		.table = parse_table(p, m, NFTA_CHAIN_TABLE),
		.name = parse_name(m, NFTA_CHAIN_NAME),
		.handle = parse_number(m->attrs, NFTA_CHAIN_HANDLE),
		.base = !hook.tripped,
		.hook = hook.tripped ? 0 : (uint32_t)parse_number(hook, NFTA_HOOK_HOOKNUM),
		.priority = hook.tripped ? 0 : (int32_t)parse_number(hook, NFTA_HOOK_PRIORITY),
		.policy_drop = !hook.tripped &&
			       !record_attr_find(m->attrs, NFTA_CHAIN_POLICY).tripped &&
			       parse_number(m->attrs, NFTA_CHAIN_POLICY) == NF_DROP,
		.type = parse_name(m, NFTA_CHAIN_TYPE),
	};
}

static void add_object(struct parse *p, const struct message *m)
{
	struct ruleset *r = p->r;
	struct object *o = parse_grow(p, r->objects, r->objects_count, sizeof(*o));

	if (!o)
		return;
	r->objects = o;
	o[r->objects_count++] = (struct object){
		.table = parse_table(p, m, NFTA_OBJ_TABLE),
		.name = parse_name(m, NFTA_OBJ_NAME),
		.type = (uint32_t)parse_number(m->attrs, NFTA_OBJ_TYPE),
	};
}

static void add_devices(struct parse *p, struct flowtable *f, struct cursor hook)
{
	struct cursor list = record_attr_find(hook, NFTA_FLOWTABLE_HOOK_DEVS);
	struct record_attr a;

	while (!list.tripped && record_attr_next(&list, &a)) {
		const char **at = parse_grow(p, f->devices, f->devices_count, sizeof(*at));
		const char *name = record_text(a.value);

		if (!at)
			return;
		f->devices = at;
		at[f->devices_count++] = name ? name : "";
	}
}

static void add_flowtable(struct parse *p, const struct message *m)
{
	struct ruleset *r = p->r;
	struct flowtable *f = parse_grow(p, r->flowtables, r->flowtables_count, sizeof(*f));

	if (!f)
		return;
	r->flowtables = f;
	f += r->flowtables_count++;
	f->table = parse_table(p, m, NFTA_FLOWTABLE_TABLE);
	f->name = parse_name(m, NFTA_FLOWTABLE_NAME);
	add_devices(p, f, record_attr_find(m->attrs, NFTA_FLOWTABLE_HOOK));
}

/* ---- rules ---- */

static void add_exprs(struct parse *p, struct rule *rule, struct cursor list)
{
	struct ruleset *r = p->r;
	struct record_attr a;

	rule->first = r->exprs_count;
	while (!list.tripped && record_attr_next(&list, &a)) {
		struct expr *e = parse_grow(p, r->exprs, r->exprs_count, sizeof(*e));

		if (!e)
			return;
		r->exprs = e;
		expr_parse(a.value, &e[r->exprs_count++]);
		rule->count++;
	}
}

/* The kernel tells the rules of a chain one after the other. */
static void enter_rule(struct parse *p, uint32_t chain, uint32_t rule)
{
	struct chain *c = &p->r->chains[chain];

	if (c->count == 0)
		c->first = rule;
	p->bad |= c->first + c->count != rule;
	c->count++;
}

static void add_rule(struct parse *p, const struct message *m)
{
	struct ruleset *r = p->r;
	uint32_t table = parse_table(p, m, NFTA_RULE_TABLE);
	uint32_t chain = ruleset_chain(r, table, parse_name(m, NFTA_RULE_CHAIN));
	struct rule *rule = parse_grow(p, r->rules, r->rules_count, sizeof(*rule));

	if (!rule || chain == RULESET_NONE) {
		p->bad = true;
		return;
	}
	r->rules = rule;
	rule += r->rules_count;
	rule->chain = chain;
	rule->handle = parse_number(m->attrs, NFTA_RULE_HANDLE);
	enter_rule(p, chain, r->rules_count++);
	add_exprs(p, rule, record_attr_find(m->attrs, NFTA_RULE_EXPRESSIONS));
}

/* ---- by name ---- */

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return strcmp(x->name, y->name);
}

static struct named *index_of(struct parse *p, uint32_t count)
{
	struct named *list = arena_alloc(p->r->arena, (count + 1) * sizeof(*list));

	p->no_memory |= !list;
	return list;
}

/* Two of one name in a table are no dump of a kernel. */
static void sort_index(struct parse *p, struct named *list, uint32_t count)
{
	if (!list)
		return;
	qsort(list, count, sizeof(*list), by_name);
	for (uint32_t i = 1; i < count; i++)
		p->bad |= by_name(&list[i - 1], &list[i]) == 0;
}

static void index_all(struct parse *p)
{
	struct ruleset *r = p->r;

	r->chains_by_name = index_of(p, r->chains_count);
	for (uint32_t i = 0; r->chains_by_name && i < r->chains_count; i++)
		r->chains_by_name[i] = (struct named){ r->chains[i].table, i, r->chains[i].name };
	r->sets_by_name = index_of(p, r->sets_count);
	for (uint32_t i = 0; r->sets_by_name && i < r->sets_count; i++)
		r->sets_by_name[i] = (struct named){ r->sets[i].table, i, r->sets[i].name };
	sort_index(p, r->chains_by_name, r->chains_count);
	sort_index(p, r->sets_by_name, r->sets_count);
}

static uint32_t find(const struct named *list, uint32_t count, uint32_t table, const char *name)
{
	const struct named wanted = { .table = table, .name = name };
	const struct named *at =
		list ? bsearch(&wanted, list, count, sizeof(*list), by_name) : NULL;

	return at ? at->index : RULESET_NONE;
}

uint32_t ruleset_chain(const struct ruleset *r, uint32_t table, const char *name)
{
	return find(r->chains_by_name, r->chains_count, table, name);
}

uint32_t ruleset_set(const struct ruleset *r, uint32_t table, const char *name)
{
	return find(r->sets_by_name, r->sets_count, table, name);
}

bool ruleset_is_ours(const struct ruleset *r, uint32_t table)
{
	return is_table(&r->tables[table], NFPROTO_INET, "sekimori");
}

/* ---- all of it ---- */

static const struct reader {
	uint8_t type;
	void (*read)(struct parse *p, const struct message *m);
} tables_first[] = { { NFT_MSG_NEWGEN, parse_generation }, { NFT_MSG_NEWTABLE, add_table } },
  then_names[] = { { NFT_MSG_NEWCHAIN, add_chain },
		   { NFT_MSG_NEWSET, parse_set },
		   { NFT_MSG_NEWOBJ, add_object },
		   { NFT_MSG_NEWFLOWTABLE, add_flowtable } },
  then_contents[] = { { NFT_MSG_NEWRULE, add_rule }, { NFT_MSG_NEWSETELEM, parse_elements } };
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void read_one(struct parse *p, struct record *rec, const struct reader *readers, size_t n)
{
	struct message m = { .type = (uint8_t)rec->type };

	if (rec->type >> 8 != NFNL_SUBSYS_NFTABLES)
		return;
	m.family = cursor_u8(&rec->body);
	cursor_skip(&rec->body, sizeof(struct nfgenmsg) - 1);
	p->bad |= rec->body.tripped;
	m.attrs = rec->body;
	for (size_t i = 0; i < n; i++)
		if (readers[i].type == m.type)
			readers[i].read(p, &m);
}

static void read_all(struct parse *p, struct cursor c, const struct reader *readers, size_t n)
{
	struct record rec;

	while (!p->bad && !p->no_memory && record_next(&c, &rec))
		read_one(p, &rec, readers, n);
	p->bad |= c.tripped;
}

int ruleset_parse(struct ruleset *r, const void *bytes, size_t len)
{
	struct parse p = { .r = r };
	struct cursor c = record_begin(bytes, len);

	*r = (struct ruleset){ .arena = arena_new(ARENA_BYTES) };
	if (!r->arena)
		return -ENOMEM;
	read_all(&p, c, tables_first, COUNT(tables_first));
	read_all(&p, c, then_names, COUNT(then_names));
	if (!p.bad && !p.no_memory)
		index_all(&p);
	read_all(&p, c, then_contents, COUNT(then_contents));
	if (p.no_memory)
		return -ENOMEM;
	return p.bad ? -EBADMSG : 0;
}

void ruleset_done(struct ruleset *r)
{
	arena_free(r->arena);
	*r = (struct ruleset){ 0 };
}

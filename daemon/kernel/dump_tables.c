/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/dump_part.h"
#include "rules/kernel/readback/record.h"
#include "rules/text.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>

/* What stands in the kernel for one set of numbers: a dump that saw two of them is made again. */
static int read_generation(struct dump_run *r, uint32_t *generation)
{
	const size_t before = r->out->len;

	dump_begin_nf(r, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN, NLM_F_ACK, NFPROTO_UNSPEC);
	int e = dump_ask(r, r->d->netfilter);

	if (e < 0)
		return e;
	struct cursor c = cursor_of(r->out->bytes + before, r->out->len - before);
	struct record rec;

	if (!record_next(&c, &rec))
		return -EBADMSG;
	cursor_skip(&rec.body, sizeof(struct nfgenmsg));
	struct cursor id = record_attr_find(rec.body, NFTA_GEN_ID);

	*generation = cursor_be32(&id);
	return id.tripped ? -EBADMSG : 0;
}

static int read_kind(struct dump_run *r, uint8_t type)
{
	dump_begin_nf(r, NFNL_SUBSYS_NFTABLES, type, NLM_F_DUMP, NFPROTO_UNSPEC);
	return dump_ask(r, r->d->netfilter);
}

/* ---- elements ---- */

static int read_elements(struct dump_run *r, uint8_t family, const char *table, const char *set)
{
	dump_begin_nf(r, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETSETELEM, NLM_F_DUMP, family);
	netlink_put_text(&r->w, NFTA_SET_ELEM_LIST_TABLE, table);
	netlink_put_text(&r->w, NFTA_SET_ELEM_LIST_SET, set);
	int e = dump_ask(r, r->d->netfilter);

	return e == -ENOENT ? -EAGAIN : e; /* it has gone meanwhile */
}

struct set_id {
	uint8_t family;
	char table[NFT_TABLE_MAXNAMELEN], set[NFT_SET_MAXNAMELEN];
};

static bool name_of(struct cursor attrs, uint16_t attr, char *out, size_t size)
{
	const char *name = record_text(record_attr_find(attrs, attr));

	if (!name || strlen(name) >= size)
		return false;
	strcpy(out, name);
	return true;
}

/* A copy of the names: the text they stand in grows while the elements are read. */
static bool identify(struct record *rec, struct set_id *id)
{
	id->family = cursor_u8(&rec->body);
	cursor_skip(&rec->body, sizeof(struct nfgenmsg) - 1);
	return name_of(rec->body, NFTA_SET_TABLE, id->table, sizeof id->table) &&
	       name_of(rec->body, NFTA_SET_NAME, id->set, sizeof id->set);
}

static int read_every_set(struct dump_run *r, size_t from)
{
	const size_t end = r->out->len;
	int e = 0;

	while (e == 0 && from < end) {
		struct cursor c = cursor_of(r->out->bytes + from, end - from);
		struct record rec;
		struct set_id id;

		if (!record_next(&c, &rec) || !identify(&rec, &id))
			return -EBADMSG;
		from = end - c.left;
		e = read_elements(r, id.family, id.table, id.set);
	}
	return e;
}

/* ---- one generation ---- */

static int read_once(struct dump_run *r)
{
	static const uint8_t kinds[] = { NFT_MSG_GETTABLE, NFT_MSG_GETCHAIN, NFT_MSG_GETRULE,
					 NFT_MSG_GETOBJ, NFT_MSG_GETFLOWTABLE };
	uint32_t before = 0, after = 0;
	int e = read_generation(r, &before);

	for (size_t i = 0; e == 0 && i < sizeof kinds; i++)
		e = read_kind(r, kinds[i]);
	const size_t sets = r->out->len;

	if (e == 0)
		e = read_kind(r, NFT_MSG_GETSET);
	if (e == 0)
		e = read_every_set(r, sets);
	const size_t whole = r->out->len;

	if (e == 0)
		e = read_generation(r, &after);
	r->out->len = whole; /* the number stands in front already */
	r->d->generation = before;
	return e == 0 && before != after ? -EAGAIN : e;
}

int dump_tables(struct dump_run *r)
{
	const size_t before = r->out->len;
	int e = -EAGAIN;

	for (unsigned int i = 0; e == -EAGAIN && i < DUMP_TRIES; i++) {
		r->out->len = before;
		e = read_once(r);
	}
	return e;
}

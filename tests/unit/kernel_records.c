/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/kernel_records.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#define NOON 1795316400 /* 2026-11-22T12:00 in Japan */
/* Two minutes before native.record was taken: the timers of that guest, an emulated one, lagged behind its clock. */
#define NOON_IN_GUEST 1795316417
#define ROOM 65536 /* for what tests add */

/* Without cmocka: fuzz targets are linked with this, too. */
static void must(bool ok)
{
	if (!ok)
		abort();
}

static uint8_t *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p;
	long n;

	must(f);
	fseek(f, 0, SEEK_END);
	n = ftell(f);
	rewind(f);
	p = malloc((size_t)n + ROOM);
	must(p);
	*len = fread(p, 1, (size_t)n, f);
	must(*len == (size_t)n);
	fclose(f);
	return p;
}

static void open_policy(struct loaded *l, const char *path)
{
	size_t n;
	uint8_t *text = read_file(path, &n);

	memset(l, 0, sizeof(*l));
	must(build_bytes("town", text, n, &l->build) == 0);
	must(l->build.ok);
	free(text);
}

void loaded_open(struct loaded *l)
{
	open_policy(l, "tests/unit/records/town.rules");
	l->bytes = read_file("tests/unit/records/town.record", &l->len);
	l->conf = (struct verify_conf){ .now = NOON, .dated = true, .queues = 2 };
}

void loaded_open_native(struct loaded *l)
{
	size_t n;

	open_policy(l, "tests/unit/records/native.rules");
	l->bytes = read_file("tests/unit/records/native.record", &l->len);
	l->numbers = (char *)read_file("tests/unit/records/native.numbers", &n);
	l->conf = (struct verify_conf){ .now = NOON_IN_GUEST,
					.dated = true,
					.queues = 2,
					.native_queue = true,
					.flowtable = true,
					.numbers = l->numbers,
					.numbers_len = n };
}

void loaded_close(struct loaded *l)
{
	build_done(&l->build);
	free(l->bytes);
	free(l->numbers);
}

int loaded_verify(const struct loaded *l, struct verify *out)
{
	return verify_record(out, l->bytes, l->len, &l->build.policy, &l->conf);
}

/* ---- messages ---- */

static size_t begun; /* where the message at hand begins */

void loaded_put(struct loaded *l, const void *bytes, size_t n)
{
	if (n)
		memcpy(l->bytes + l->len, bytes, n);
	l->len += n;
}

static void pad(struct loaded *l)
{
	static const uint8_t zero[4];

	loaded_put(l, zero, (4 - (l->len - begun) % 4) % 4);
}

void loaded_begin(struct loaded *l, uint16_t type)
{
	uint8_t header[16] = { 0 };

	begun = l->len;
	memcpy(header + 4, &type, sizeof(type));
	loaded_put(l, header, sizeof(header));
}

void loaded_end(struct loaded *l)
{
	uint32_t n = (uint32_t)(l->len - begun);

	memcpy(l->bytes + begun, &n, sizeof(n));
	pad(l);
}

size_t loaded_nest(struct loaded *l, uint16_t type)
{
	uint16_t header[2] = { 0, type };
	size_t at = l->len;

	loaded_put(l, header, sizeof(header));
	return at;
}

void loaded_unnest(struct loaded *l, size_t at)
{
	uint16_t n = (uint16_t)(l->len - at);

	memcpy(l->bytes + at, &n, sizeof(n));
	pad(l);
}

void loaded_attr(struct loaded *l, uint16_t type, const void *bytes, size_t n)
{
	size_t at = loaded_nest(l, type);

	loaded_put(l, bytes, n);
	loaded_unnest(l, at);
}

void loaded_text(struct loaded *l, uint16_t type, const char *text)
{
	loaded_attr(l, type, text, strlen(text) + 1);
}

void loaded_be32(struct loaded *l, uint16_t type, uint32_t v)
{
	uint32_t big = htonl(v);

	loaded_attr(l, type, &big, sizeof(big));
}

/* ---- a table of somebody else ---- */

static void nft_message(struct loaded *l, uint8_t type, uint8_t family)
{
	const uint8_t header[4] = { family };

	loaded_begin(l, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type));
	loaded_put(l, header, sizeof(header));
}

static void put_chain(struct loaded *l, const struct foreign *f)
{
	nft_message(l, NFT_MSG_NEWCHAIN, f->family);
	loaded_text(l, NFTA_CHAIN_TABLE, "stranger");
	loaded_text(l, NFTA_CHAIN_NAME, "c");
	size_t hook = loaded_nest(l, NFTA_CHAIN_HOOK);

	loaded_be32(l, NFTA_HOOK_HOOKNUM, f->hook);
	loaded_be32(l, NFTA_HOOK_PRIORITY, (uint32_t)f->priority);
	loaded_unnest(l, hook);
	loaded_be32(l, NFTA_CHAIN_POLICY, f->policy);
	loaded_text(l, NFTA_CHAIN_TYPE, f->type ? f->type : "filter");
	loaded_end(l);
}

void loaded_foreign(struct loaded *l, const struct foreign *f)
{
	nft_message(l, NFT_MSG_NEWTABLE, f->family);
	loaded_text(l, NFTA_TABLE_NAME, "stranger");
	loaded_end(l);
	put_chain(l, f);
	if (!f->put)
		return;
	nft_message(l, NFT_MSG_NEWRULE, f->family);
	loaded_text(l, NFTA_RULE_TABLE, "stranger");
	loaded_text(l, NFTA_RULE_CHAIN, "c");
	size_t list = loaded_nest(l, NFTA_RULE_EXPRESSIONS);

	f->put(l);
	loaded_unnest(l, list);
	loaded_end(l);
}

void loaded_expr(struct loaded *l, const char *name)
{
	size_t elem = loaded_nest(l, NFTA_LIST_ELEM);

	loaded_text(l, NFTA_EXPR_NAME, name);
	loaded_unnest(l, elem);
}

void loaded_verdict(struct loaded *l, int32_t verdict)
{
	size_t elem = loaded_nest(l, NFTA_LIST_ELEM);

	loaded_text(l, NFTA_EXPR_NAME, "immediate");
	size_t data = loaded_nest(l, NFTA_EXPR_DATA);

	loaded_be32(l, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	size_t value = loaded_nest(l, NFTA_IMMEDIATE_DATA), v = loaded_nest(l, NFTA_DATA_VERDICT);

	loaded_be32(l, NFTA_VERDICT_CODE, (uint32_t)verdict);
	loaded_unnest(l, v);
	loaded_unnest(l, value);
	loaded_unnest(l, data);
	loaded_unnest(l, elem);
}

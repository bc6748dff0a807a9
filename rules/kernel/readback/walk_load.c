/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * walk_load: what rules read of packets and conversations, and the marks that they write.
 */
#include <netinet/in.h>
#include <string.h>

#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "rules/kernel/readback/devices.h"
#include "rules/kernel/readback/walk_parts.h"

#define LINK_SOURCE 6u /* bytes before the source address of Ethernet */

static bool load_unknown(struct frame *f, uint32_t to, uint32_t bytes)
{
	bdd_t *reg = frame_reg(f, to, bytes);

	if (!reg)
		return frame_unknown(f, "a register");
	for (uint32_t i = 0; i < bytes * 8; i++)
		reg[i] = BIT_UNKNOWN;
	return true;
}

static bool load_extra(struct frame *f, uint32_t to, enum packet_extra kind, uint32_t a, uint32_t b,
		       uint32_t bytes)
{
	bdd_t bits[128];

	packet_extra(frame_packet(f), kind, a, b, bytes * 8, bits);
	frame_load(f, to, bits, bytes * 8);
	return true;
}

static bool load_number(struct frame *f, uint32_t to, uint64_t v, uint32_t n, bool host)
{
	bdd_t bits[64];

	bits_number(v, n, bits);
	if (host)
		frame_load_host(f, to, bits, n);
	else
		frame_load(f, to, bits, n);
	return true;
}

/* ---- interfaces ---- */

static void name_of(const struct devices *l, uint32_t link, uint8_t *bytes)
{
	memcpy(bytes, l->at[link].name, LINK_NAME);
}

static void index_of(const struct devices *l, uint32_t link, uint8_t *bytes)
{
	memcpy(bytes, &l->at[link].index, sizeof(l->at[link].index));
}

static void type_of(const struct devices *l, uint32_t link, uint8_t *bytes)
{
	uint16_t type = (uint16_t)l->at[link].type;

	memcpy(bytes, &type, sizeof(type));
}

static const struct of_link {
	uint32_t key;
	enum packet_field field;
	uint32_t bytes;
	void (*what)(const struct devices *l, uint32_t link, uint8_t *bytes);
} of_links[] = {
	{ NFT_META_IIFNAME, PACKET_IIF, LINK_NAME, name_of },
	{ NFT_META_OIFNAME, PACKET_OIF, LINK_NAME, name_of },
	{ NFT_META_IIF, PACKET_IIF, 4, index_of },
	{ NFT_META_OIF, PACKET_OIF, 4, index_of },
	{ NFT_META_IIFTYPE, PACKET_IIF, 2, type_of },
	{ NFT_META_OIFTYPE, PACKET_OIF, 2, type_of },
};

static bool load_link(struct frame *f, const struct of_link *x, uint32_t to)
{
	const struct packet *k = frame_packet(f);
	bdd_t bits[LINK_NAME * 8];

	packet_link(k, x->field, x->what, x->bytes, bits);
	frame_load(f, to, bits, x->bytes * 8);
	return x->what != type_of || frame_test(f, bdd_not(packet_is(k, x->field, LINK_NONE)));
}

/* ---- meta ---- */

static bool load_mark(struct frame *f, uint32_t value, uint32_t to)
{
	frame_load_host(f, to, walk_bits(frame_walk(f), value)->bit, 32);
	return true;
}

static bool load_protocol(struct frame *f, uint32_t to)
{
	const struct packet *k = frame_packet(f);
	bdd_t bits[8];

	packet_bits(k, PACKET_PROTOCOL, 0, 8, bits);
	frame_load(f, to, bits, 8);
	return frame_test(f, packet_is(k, PACKET_PORTLESS, 0));
}

/* Facts of the socket that a packet came out of, where it has one. */
static bool load_owner(struct frame *f, uint32_t key, uint32_t to)
{
	bdd_t has[8];

	packet_extra(frame_packet(f), EXTRA_META, key, PACKET_OWNED, 1, has);
	if (has[0] == BIT_UNKNOWN)
		frame_chance(f);
	else if (!frame_test(f, has[0]))
		return false;
	return load_extra(f, to, EXTRA_META, key, 0, 4);
}

static bool load_meta(struct frame *f, uint32_t key, uint32_t to)
{
	bool v6 = frame_packet(f)->v6;

	for (size_t i = 0; i < sizeof(of_links) / sizeof(of_links[0]); i++)
		if (of_links[i].key == key)
			return load_link(f, &of_links[i], to);
	switch (key) {
	case NFT_META_MARK: return load_mark(f, f->s.mark, to);
	case NFT_META_L4PROTO: return load_protocol(f, to);
	case NFT_META_NFPROTO:
		return load_number(f, to, v6 ? NFPROTO_IPV6 : NFPROTO_IPV4, 8, false);
	case NFT_META_PROTOCOL: return load_number(f, to, v6 ? ETH_P_IPV6 : ETH_P_IP, 16, false);
	case NFT_META_PKTTYPE: return load_extra(f, to, EXTRA_META, key, 0, 1);
	case NFT_META_SKUID:
	case NFT_META_SKGID:
	case NFT_META_CGROUP: return load_owner(f, key, to);
	}
	frame_chance(f);
	return load_unknown(f, to, 16);
}

/* The row of bits that a register holds as a number in host order. */
static bool take_mark(struct frame *f, uint32_t from, uint32_t *value)
{
	const bdd_t *reg = frame_reg(f, from, 4);
	bdd_t bits[32];

	if (!reg)
		return frame_unknown(f, "a register");
	host_order(reg, 32, bits);
	*value = walk_value(frame_walk(f), bits);
	return true;
}

/* Keys that change nothing rules can tell, beside the mark. */
static bool set_meta(struct frame *f, uint32_t key, uint32_t from)
{
	switch (key) {
	case NFT_META_MARK: return take_mark(f, from, &f->s.mark);
	case NFT_META_PRIORITY:
	case NFT_META_NFTRACE:
	case NFT_META_SECMARK: return true;
	}
	return frame_unknown(f, "meta set");
}

/* ---- conntrack ---- */

static const uint8_t state_bits[STATE_COUNT] = {
	[STATE_INVALID] = 1, [STATE_ESTABLISHED] = 2, [STATE_RELATED] = 4,
	[STATE_NEW] = 8,     [STATE_UNTRACKED] = 64,
};

static bool load_state(struct frame *f, uint32_t to)
{
	const struct packet *k = frame_packet(f);
	bdd_t bits[32];

	for (uint32_t i = 0; i < 32; i++) {
		bits[31 - i] = BDD_FALSE;
		for (uint32_t s = 0; s < STATE_COUNT; s++)
			if (i < 8 && state_bits[s] >> i & 1)
				bits[31 - i] = packet_is(k, PACKET_STATE, s);
	}
	frame_load_host(f, to, bits, 32);
	return true;
}

static bool load_tuple(struct frame *f, bool v6, enum packet_field field, bool reply, uint32_t to)
{
	const struct packet *k = frame_packet(f);
	bdd_t bits[128];

	if (v6 != k->v6)
		return frame_test(f, BDD_FALSE);
	if (reply)
		return load_extra(f, to, EXTRA_CT, field, 1, v6 ? 16 : 4);
	frame_load(f, to, bits, packet_address(k, field, bits));
	return true;
}

static bool load_ct(struct frame *f, uint32_t key, uint32_t direction, uint32_t to)
{
	const struct packet *k = frame_packet(f);
	bdd_t bits[32];

	if (key == NFT_CT_STATE)
		return load_state(f, to);
	if (!frame_test(f, packet_tracked(k)))
		return false;
	switch (key) {
	case NFT_CT_MARK: return load_mark(f, f->s.ctmark, to);
	case NFT_CT_DIRECTION:
		bits_number(0, 7, bits);
		packet_bits(k, PACKET_DIRECTION, 0, 1, bits + 7);
		frame_load(f, to, bits, 8);
		return true;
	case NFT_CT_STATUS:
		packet_bits(k, PACKET_STATUS, 0, 32, bits);
		frame_load_host(f, to, bits, 32);
		return true;
	case NFT_CT_SRC_IP:
	case NFT_CT_SRC_IP6:
		return load_tuple(f, key == NFT_CT_SRC_IP6, PACKET_OPENER, direction, to);
	case NFT_CT_DST_IP:
	case NFT_CT_DST_IP6:
		return load_tuple(f, key == NFT_CT_DST_IP6, PACKET_PEER, direction, to);
	}
	frame_chance(f);
	return load_unknown(f, to, 16);
}

/* Packets without a conversation go on as they are. */
static bool set_ct(struct frame *f, uint32_t key, uint32_t from)
{
	struct bdd *b = frame_packet(f)->b;
	bdd_t tracked = packet_tracked(frame_packet(f)), others = bdd_diff(b, f->s.when, tracked);

	if (key != NFT_CT_MARK)
		return key == NFT_CT_EVENTMASK || key == NFT_CT_SECMARK || key == NFT_CT_LABELS ||
		       frame_unknown(f, "ct set");
	if (others != BDD_FALSE)
		frame_part(f, others);
	f->s.when = bdd_and(b, f->s.when, tracked);
	return f->s.when != BDD_FALSE && take_mark(f, from, &f->s.ctmark);
}

/* ---- headers ---- */

struct header {
	enum packet_field field;
	uint32_t offset, bytes, skip; /* of the header; bits of the field that do not stand in it */
};

static const struct header ipv4[] = {
	{ PACKET_SRC, 12, 4, 96 }, { PACKET_DST, 16, 4, 96 }, { PACKET_PROTOCOL, 9, 1, 0 }, { 0 }
};
static const struct header ipv6[] = { { PACKET_SRC, 8, 16, 0 }, { PACKET_DST, 24, 16, 0 }, { 0 } };
static const struct header transport[] = {
	{ PACKET_SPORT, 0, 2, 0 }, { PACKET_DPORT, 2, 2, 0 }, { PACKET_FLAGS, 13, 1, 0 }, { 0 }
};
static const struct header ethernet[] = { { PACKET_CARD, LINK_SOURCE, 6, 0 }, { 0 } };

/* One byte of a header. */
static void header_byte(struct packet *k, const struct header *h, enum packet_extra kind,
			uint32_t at, bdd_t *out)
{
	for (; h->bytes; h++)
		if (at >= h->offset && at < h->offset + h->bytes) {
			packet_bits(k, h->field, h->skip + (at - h->offset) * 8, 8, out);
			return;
		}
	packet_extra(k, kind, at, 0, 8, out);
}

static bool load_header(struct frame *f, uint32_t base, uint32_t at, uint32_t n, uint32_t to)
{
	struct packet *k = frame_packet(f);
	const struct header *h = k->v6 ? ipv6 : ipv4;
	enum packet_extra kind = EXTRA_NETWORK;
	bdd_t bits[REGISTER_BITS];

	if (base == NFT_PAYLOAD_TRANSPORT_HEADER) {
		h = transport;
		kind = EXTRA_TRANSPORT;
	} else if (base == NFT_PAYLOAD_LL_HEADER) {
		h = ethernet;
		kind = EXTRA_LINK;
	}
	for (uint32_t i = 0; i < n; i++)
		header_byte(k, h, kind, at + i, bits + i * 8);
	frame_load(f, to, bits, n * 8);
	return true;
}

/* How far a header can be trusted to reach; beyond, a load may end the rule. */
static bool load_payload(struct frame *f, const struct expr *e)
{
	uint32_t base = expr_number(e, NFTA_PAYLOAD_BASE), at = expr_number(e, NFTA_PAYLOAD_OFFSET),
		 n = expr_number(e, NFTA_PAYLOAD_LEN), to = expr_register(e, NFTA_PAYLOAD_DREG);
	const struct packet *k = frame_packet(f);
	static const uint32_t reach[] = { [NFT_PAYLOAD_LL_HEADER] = 14,
					  [NFT_PAYLOAD_NETWORK_HEADER] = 20,
					  [NFT_PAYLOAD_TRANSPORT_HEADER] = 63 };

	if (expr_has(e, NFTA_PAYLOAD_SREG) || !n || n > 64 || !frame_reg(f, to, (n + 3) / 4 * 4))
		return frame_unknown(f, "payload");
	if (base > NFT_PAYLOAD_TRANSPORT_HEADER || at > 64 ||
	    at + n > reach[base] + (base == NFT_PAYLOAD_NETWORK_HEADER && k->v6 ? 20 : 0)) {
		frame_chance(f);
		return load_unknown(f, to, (n + 3) / 4 * 4);
	}
	if (base == NFT_PAYLOAD_TRANSPORT_HEADER &&
	    !frame_test(f, bdd_and(k->b, packet_is(k, PACKET_PORTLESS, 0),
				   packet_between(k, PACKET_LENGTH, at + n, 63))))
		return false;
	return load_header(f, base, at, n, to);
}

static bool load_hash(struct frame *f, const struct expr *e)
{
	uint32_t to = expr_register(e, NFTA_HASH_DREG);
	bdd_t bits[32];

	if (!frame_reg(f, to, 4))
		return frame_unknown(f, "hash");
	if (e->strange || expr_number(e, NFTA_HASH_TYPE) != NFT_HASH_SYM)
		return load_unknown(f, to, 4);
	packet_hash(frame_packet(f), expr_number(e, NFTA_HASH_MODULUS),
		    expr_number(e, NFTA_HASH_OFFSET), bits);
	frame_load_host(f, to, bits, 32);
	return true;
}

bool walk_load(struct frame *f, const struct expr *e)
{
	if (e->kind == EXPR_PAYLOAD)
		return load_payload(f, e);
	if (e->kind == EXPR_HASH)
		return load_hash(f, e);
	if (e->kind == EXPR_META && expr_has(e, NFTA_META_SREG))
		return set_meta(f, expr_number(e, NFTA_META_KEY), expr_register(e, NFTA_META_SREG));
	if (e->kind == EXPR_META)
		return load_meta(f, expr_number(e, NFTA_META_KEY),
				 expr_register(e, NFTA_META_DREG));
	if (expr_has(e, NFTA_CT_SREG))
		return set_ct(f, expr_number(e, NFTA_CT_KEY), expr_register(e, NFTA_CT_SREG));
	return load_ct(f, expr_number(e, NFTA_CT_KEY), expr_number(e, NFTA_CT_DIRECTION),
		       expr_register(e, NFTA_CT_DREG));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/want.h"

#include <netinet/in.h>
#include <string.h>

#include <linux/netfilter/nf_tables.h>

#include "rules/kernel/live.h"
#include "rules/kernel/mark.h"
#include "rules/kernel/readback/devices.h"
#include "rules/kernel/readback/want_parts.h"
#include "rules/policy.h"

/* ---- zones ---- */

bdd_t want_zone(const struct want *q, uint32_t zone, enum packet_field field)
{
	struct span s = q->p->zones[zone].interfaces;
	bdd_t r = BDD_FALSE;

	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		uint32_t link = devices_find(q->k->links, policy_string(q->p, q->p->words[i]));

		if (link != LINK_NONE)
			r = bdd_or(q->k->b, r, packet_is(q->k, field, link));
	}
	return r;
}

bdd_t want_home(const struct want *q, uint32_t zone, enum packet_field address)
{
	struct span s = q->p->zones[zone].nets;
	bdd_t r = BDD_FALSE;

	if (zone == policy_box_zone(q->p))
		return BDD_TRUE;
	for (uint32_t i = s.first; i < s.first + s.count; i++)
		r = bdd_or(q->k->b, r, packet_in(q->k, address, q->p->nets[i]));
	return r;
}

/* ---- small sets ---- */

bdd_t want_types(const struct packet *k, const uint8_t *types)
{
	bdd_t r = BDD_FALSE, whole;
	uint8_t protocol = k->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;

	for (; *types; types++)
		r = bdd_or(k->b, r,
			   packet_between(k, PACKET_SPORT, *types * 256u, *types * 256u + 255));
	whole = bdd_and(k->b, packet_is(k, PACKET_PROTOCOL, protocol),
			packet_is(k, PACKET_PORTLESS, 0));
	return bdd_and(k->b, r, bdd_and(k->b, whole, packet_between(k, PACKET_LENGTH, 1, 63)));
}

/* Types of errors about a conversation (RFC 792; RFC 4443). */
bdd_t want_errors(const struct packet *k)
{
	return want_types(k, k->v6 ? (const uint8_t[]){ 1, 2, 3, 4, 0 }
				   : (const uint8_t[]){ 3, 11, 12, 0 });
}

void want_add(const struct want *q, bdd_t when, enum outcome_kind kind, uint32_t mark,
	      uint32_t ctmark, struct outcomes *out)
{
	bool marks = kind == OUTCOME_ACCEPT;

	(void)q;
	outcomes_add(out, (struct outcome){ .when = when,
					    .kind = (uint8_t)kind,
					    .mark = marks ? mark : 0,
					    .ctmark = marks ? ctmark : 0,
					    .rule = RULESET_NONE,
					    .chain = RULESET_NONE });
}

/* Takes out of `*left` what `set` holds; Return: that. */
bdd_t want_take(const struct want *q, bdd_t *left, bdd_t set)
{
	bdd_t r = bdd_and(q->k->b, *left, set);

	*left = bdd_diff(q->k->b, *left, set);
	return r;
}

static bdd_t mark_is(const struct want *q, enum packet_field field, uint32_t mask, uint32_t v)
{
	const struct value *m = walk_bits(q->w, walk_field(q->w, field));
	bdd_t r = BDD_TRUE;

	for (uint32_t i = 32; i-- > 0;)
		if (mask >> (31 - i) & 1)
			r = bdd_and(q->k->b, v >> (31 - i) & 1 ? m->bit[i] : bdd_not(m->bit[i]), r);
	return r;
}

/* ---- prerouting: who is at home where ---- */

static const struct ip_range link_local = { (ip_t)0xfe80 << 112, ((ip_t)0xfec0 << 112) - 1 };

/* What clients start with, before they have an address. */
static bdd_t starters(const struct packet *k)
{
	struct bdd *b = k->b;

	if (k->v6)
		return bdd_or(b, packet_in(k, PACKET_SRC, (struct ip_range){ 0, 0 }),
			      packet_in(k, PACKET_SRC, link_local));
	bdd_t dhcp = bdd_and(b, packet_is(k, PACKET_PROTOCOL, IPPROTO_UDP),
			     packet_is(k, PACKET_DPORT, 67));

	dhcp = bdd_and(b, dhcp, packet_is(k, PACKET_PORTLESS, 0));
	dhcp = bdd_and(b, dhcp, packet_between(k, PACKET_LENGTH, 4, 63));
	return bdd_and(b, dhcp,
		       packet_in(k, PACKET_SRC, (struct ip_range){ IP_V4_BASE, IP_V4_BASE }));
}

static bdd_t ethernet(const struct packet *k)
{
	bdd_t r = BDD_FALSE;

	for (uint32_t i = 1; i < k->links->count; i++)
		if (k->links->at[i].type == LINK_ETHERNET)
			r = bdd_or(k->b, r, packet_is(k, PACKET_IIF, i));
	return r;
}

static bdd_t cards_of(const struct want *q, const struct host *h)
{
	bdd_t r = BDD_FALSE;

	for (uint32_t i = h->macs.first; i < h->macs.first + h->macs.count; i++) {
		uint64_t mac = 0;

		for (int j = 0; j < 6; j++)
			mac = mac << 8 | q->p->macs[i].bytes[j];
		r = bdd_or(q->k->b, r, packet_is(q->k, PACKET_CARD, mac));
	}
	return r;
}

/* Sources of a zone whose card is known and is another. */
static bdd_t wrong_cards(const struct want *q, uint32_t zone)
{
	struct bdd *b = q->k->b;
	bdd_t carded = BDD_FALSE, right = BDD_FALSE;

	for (uint32_t i = 0; i < q->p->hosts_count; i++) {
		const struct host *h = &q->p->hosts[i];
		bdd_t src = BDD_FALSE;

		if (h->zone != zone || h->routed || h->macs.count == 0)
			continue;
		for (uint32_t n = h->nets.first; n < h->nets.first + h->nets.count; n++)
			src = bdd_or(b, src, packet_in(q->k, PACKET_SRC, q->p->nets[n]));
		carded = bdd_or(b, carded, src);
		right = bdd_or(b, right, bdd_and(b, src, cards_of(q, h)));
	}
	return bdd_and(b, bdd_diff(b, carded, right), ethernet(q->k));
}

static void prerouting(const struct want *q, bdd_t when, struct outcomes *out)
{
	uint32_t mark = walk_field(q->w, PACKET_MARK), ct = walk_field(q->w, PACKET_CTMARK);
	struct bdd *b = q->k->b;

	for (uint32_t z = 0; q->p && z < policy_box_zone(q->p); z++) {
		bdd_t in = want_take(q, &when, want_zone(q, z, PACKET_IIF));

		want_add(q, want_take(q, &in, wrong_cards(q, z)), OUTCOME_DROP, 0, 0, out);
		bdd_t home = bdd_or(b, want_home(q, z, PACKET_SRC), starters(q->k));

		want_add(q, want_take(q, &in, home), OUTCOME_ACCEPT, mark, ct, out);
		want_add(q, in, OUTCOME_DROP, 0, 0, out);
	}
	want_add(q, when, OUTCOME_ACCEPT, mark, ct, out);
}

/* ---- forward ---- */

static void forward(const struct want *q, bdd_t when, struct outcomes *out)
{
	uint32_t none = walk_number(q->w, 0);
	struct bdd *b = q->k->b;
	bdd_t cut = bdd_or(b, walk_set(q->w, q->k->v6 ? "cut6" : "cut4", PACKET_SRC),
			   walk_set(q->w, q->k->v6 ? "cut6" : "cut4", PACKET_DST));

	want_add(q, want_take(q, &when, bdd_not(packet_tracked(q->k))), OUTCOME_DROP, 0, 0, out);
	want_add(q, want_take(q, &when, cut), OUTCOME_DROP, 0, 0, out);
	for (uint32_t from = 0; q->p && from < policy_box_zone(q->p); from++) {
		bdd_t in = want_take(q, &when, want_zone(q, from, PACKET_IIF));

		for (uint32_t to = 0; to < policy_box_zone(q->p); to++)
			want_pair(q, from, to, want_take(q, &in, want_zone(q, to, PACKET_OIF)),
				  none, out);
		want_add(q, in, OUTCOME_DROP, 0, 0, out);
	}
	want_add(q, when, OUTCOME_DROP, 0, 0, out);
}

/* ---- the box itself ---- */

static bdd_t loopback(const struct want *q, enum packet_field field)
{
	uint32_t lo = devices_find(q->k->links, "lo");

	return lo == LINK_NONE ? BDD_FALSE : packet_is(q->k, field, lo);
}

/* The bits of bytes that no field holds. */
static bdd_t byte_is(struct packet *k, enum packet_extra kind, uint32_t at, uint8_t v)
{
	bdd_t bits[8];

	packet_extra(k, kind, at, 0, 8, bits);
	return bits_known(bits, 8) ? bits_equal(k->b, bits, &v, 8) : BDD_NONE;
}

/* Neighbour discovery and multicast listeners: from this link, whatever conntrack says (RFC 4861, 3810). */
static bdd_t neighbours_in(const struct want *q)
{
	struct bdd *b = q->k->b;
	bdd_t nd = want_types(q->k, (const uint8_t[]){ 135, 136, 0 });
	bdd_t mld = want_types(q->k, (const uint8_t[]){ 130, 143, 0 });

	if (!q->k->v6)
		return BDD_FALSE;
	return bdd_or(b, bdd_and(b, nd, byte_is(q->k, EXTRA_NETWORK, 7, 255)),
		      bdd_and(b, mld, byte_is(q->k, EXTRA_NETWORK, 7, 1)));
}

static void input(const struct want *q, bdd_t when, struct outcomes *out)
{
	uint32_t mark = walk_field(q->w, PACKET_MARK), ct = walk_field(q->w, PACKET_CTMARK);
	bdd_t lo = want_take(q, &when, loopback(q, PACKET_IIF));

	want_add(q, lo, OUTCOME_ACCEPT, mark, ct, out);
	want_add(q, want_take(q, &when, neighbours_in(q)), OUTCOME_ACCEPT, mark, ct, out);
	want_add(q, want_take(q, &when, bdd_not(packet_tracked(q->k))), OUTCOME_DROP, 0, 0, out);
	for (uint32_t z = 0; q->p && z < policy_box_zone(q->p); z++)
		want_pair(q, z, policy_box_zone(q->p),
			  want_take(q, &when, want_zone(q, z, PACKET_IIF)), mark, out);
	want_add(q, when, OUTCOME_DROP, 0, 0, out);
}

/* Resets and errors that the kernel makes of packets it refuses or cannot send on. */
static bdd_t refusals(const struct want *q)
{
	struct packet *k = q->k;
	struct bdd *b = k->b;
	bdd_t flags[8], code4 = bdd_or(b, packet_is(k, PACKET_SPORT, 3 * 256 + 13),
				       packet_is(k, PACKET_SPORT, 3 * 256 + 4));
	bdd_t related = packet_is(k, PACKET_STATE, STATE_RELATED);

	packet_bits(k, PACKET_FLAGS, 0, 8, flags);
	bdd_t reset = bdd_and(b, packet_is(k, PACKET_PROTOCOL, IPPROTO_TCP), flags[5]);
	bdd_t errors = bdd_and(b, related, bdd_or(b, want_errors(k), reset));
	bdd_t own = bdd_and(b, code4, packet_is(k, PACKET_PROTOCOL, IPPROTO_ICMP));

	if (k->v6)
		own = bdd_and(b, packet_is(k, PACKET_PROTOCOL, IPPROTO_ICMPV6),
			      bdd_or(b, packet_is(k, PACKET_SPORT, 256 + 1),
				     packet_between(k, PACKET_SPORT, 512, 767)));
	own = bdd_and(b, own, packet_is(k, PACKET_PORTLESS, 0));
	own = bdd_and(b, own, packet_between(k, PACKET_LENGTH, 2, 63));
	if (k->v6) /* a packet that is too big is told by its type alone */
		own = bdd_or(b, own, want_types(k, (const uint8_t[]){ 2, 0 }));
	return bdd_or(b, errors, own);
}

/* ---- answers in the place of a server ---- */

/* Packets of the socket that INJECTOR_UID opened. */
static bdd_t injectors(const struct want *q)
{
	static const uint32_t uid = INJECTOR_UID;
	bdd_t has, bits[32];

	packet_extra(q->k, EXTRA_META, NFT_META_SKUID, PACKET_OWNED, 1, &has);
	packet_extra(q->k, EXTRA_META, NFT_META_SKUID, 0, 32, bits);
	if (has == BIT_UNKNOWN || !bits_known(bits, 32))
		return BDD_NONE;
	return bdd_and(q->k->b, has, bits_equal(q->k->b, bits, (const uint8_t *)&uid, 32));
}

/* A reset and nothing else: the length that the header of IP gives. */
static bdd_t bare_resets(const struct want *q)
{
	struct packet *k = q->k;
	struct bdd *b = k->b;
	uint32_t at = k->v6 ? 4 : 2;
	bdd_t flags[8], length = bdd_and(b, byte_is(k, EXTRA_NETWORK, at, 0),
					 byte_is(k, EXTRA_NETWORK, at + 1, k->v6 ? 20 : 40));

	packet_bits(k, PACKET_FLAGS, 0, 8, flags);
	return bdd_and(b, flags[5], length);
}

/* Of refused conversations only: anything of TCP to who began it, a bare reset to the other end. */
static bdd_t answers(const struct want *q)
{
	struct packet *k = q->k;
	struct bdd *b = k->b;
	bdd_t tcp = bdd_and(b, packet_is(k, PACKET_PROTOCOL, IPPROTO_TCP),
			    bdd_and(b, packet_tracked(k), packet_is(k, PACKET_PORTLESS, 0)));
	bdd_t refused = mark_is(q, PACKET_CTMARK, MARK_VERDICT, (uint32_t)MARK_DROP << 16);

	return bdd_and(b, bdd_and(b, tcp, refused),
		       bdd_ite(b, packet_is(k, PACKET_DIRECTION, 1), BDD_TRUE, bare_resets(q)));
}

static void output(const struct want *q, bdd_t when, struct outcomes *out)
{
	uint32_t mark = walk_field(q->w, PACKET_MARK), ct = walk_field(q->w, PACKET_CTMARK);
	static const uint8_t speaks[] = { 135, 136, 143, 0 };
	bdd_t injected = want_take(q, &when, injectors(q));
	bdd_t lo = want_take(q, &when, loopback(q, PACKET_OIF));
	bdd_t own = q->k->v6 ? want_types(q->k, speaks) : BDD_FALSE;

	want_add(q, want_take(q, &injected, answers(q)), OUTCOME_ACCEPT, mark, ct, out);
	want_add(q, injected, OUTCOME_DROP, 0, 0, out);
	want_add(q, lo, OUTCOME_ACCEPT, mark, ct, out);
	want_add(q, want_take(q, &when, own), OUTCOME_ACCEPT, mark, ct, out);
	want_add(q, want_take(q, &when, packet_is(q->k, PACKET_STATE, STATE_UNTRACKED)),
		 OUTCOME_DROP, 0, 0, out);
	want_add(q, want_take(q, &when, refusals(q)), OUTCOME_ACCEPT, mark, ct, out);
	want_add(q, want_take(q, &when, packet_is(q->k, PACKET_STATE, STATE_INVALID)), OUTCOME_DROP,
		 0, 0, out);
	for (uint32_t z = 0; q->p && z < policy_box_zone(q->p); z++)
		want_pair(q, policy_box_zone(q->p), z,
			  want_take(q, &when, want_zone(q, z, PACKET_OIF)), mark, out);
	want_add(q, when, OUTCOME_DROP, 0, 0, out);
}

static void postrouting(const struct want *q, bdd_t when, struct outcomes *out)
{
	want_add(q, when, OUTCOME_ACCEPT, walk_field(q->w, PACKET_MARK),
		 walk_field(q->w, PACKET_CTMARK), out);
}

static void (*const hooks[WANT_HOOKS])(const struct want *, bdd_t, struct outcomes *) = {
	[WANT_PREROUTING] = prerouting, [WANT_FORWARD] = forward,         [WANT_INPUT] = input,
	[WANT_OUTPUT] = output,         [WANT_POSTROUTING] = postrouting,
};

void want_hook(const struct want *q, enum want_hook hook, bdd_t when, struct outcomes *out)
{
	hooks[hook](q, when, out);
	outcomes_join(q->k->b, out);
}

/* ---- after the queue ---- */

/* The mark of the packet, some of its bits, and others set, becomes the conversation's. */
static uint32_t kept(const struct want *q, uint32_t mask, uint32_t set)
{
	bdd_t bits[32];

	packet_bits(q->k, PACKET_MARK, 0, 32, bits);
	for (uint32_t i = 0; i < 32; i++) {
		if (!(mask >> (31 - i) & 1))
			bits[i] = BDD_FALSE;
		if (set >> (31 - i) & 1)
			bits[i] = BDD_TRUE;
	}
	return walk_value(q->w, bits);
}

void want_queued(const struct want *q, struct outcomes *out)
{
	uint32_t mark = walk_field(q->w, PACKET_MARK), ct = walk_field(q->w, PACKET_CTMARK);
	uint32_t verdict = MARK_VERDICT, reset = (uint32_t)MARK_IS_RESET << 16;
	bdd_t when = packet_tracked(q->k);
	bdd_t unseen = mark_is(q, PACKET_MARK, MARK_SEEN | MARK_MUST, MARK_MUST);
	bdd_t open = bdd_and(q->k->b, unseen, mark_is(q, PACKET_MARK, MARK_OPEN, MARK_OPEN));

	want_add(q, want_take(q, &when, open), OUTCOME_ACCEPT, mark, ct, out);
	want_add(q, want_take(q, &when, unseen), OUTCOME_DROP, 0, 0, out);
	want_add(q, want_take(q, &when, mark_is(q, PACKET_MARK, MARK_SEEN, 0)), OUTCOME_ACCEPT,
		 mark, ct, out);
	want_add(q, want_take(q, &when, mark_is(q, PACKET_MARK, verdict, 0)), OUTCOME_ACCEPT, mark,
		 ct, out);
	want_add(q, want_take(q, &when, mark_is(q, PACKET_MARK, verdict, reset)), OUTCOME_ACCEPT,
		 mark, kept(q, MARK_CLASS, (uint32_t)MARK_RESET << 16), out);
	bdd_t no = bdd_or(q->k->b, mark_is(q, PACKET_MARK, verdict, (uint32_t)MARK_DROP << 16),
			  mark_is(q, PACKET_MARK, verdict, (uint32_t)MARK_RESET << 16));

	want_add(q, want_take(q, &when, no), OUTCOME_DROP, 0, 0, out);
	want_add(q, when, OUTCOME_ACCEPT, mark, kept(q, MARK_DECISION, 0), out);
	outcomes_join(q->k->b, out);
}

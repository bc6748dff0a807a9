/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/packet.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "rules/kernel/readback/devices.h"

#define FIELD_BITS_(N, bits) [PACKET_##N] = bits,
static const uint16_t width[PACKET_FIELD_COUNT] = { PACKET_FIELDS(FIELD_BITS_) };

static uint32_t first_of(enum packet_field f)
{
	uint32_t first = 0;

	for (enum packet_field i = 0; i < f; i++)
		first += width[i];
	return first;
}

int packet_init(struct packet *k, const struct devices *links, uint32_t node_max)
{
	*k = (struct packet){ .b = bdd_new(node_max), .links = links };
	return k->b ? 0 : -ENOMEM;
}

void packet_begin(struct packet *k, bool v6)
{
	bdd_reset(k->b);
	k->v6 = v6;
	k->extras_count = k->modulus = 0;
	k->next = first_of(PACKET_FIELD_COUNT);
}

void packet_done(struct packet *k)
{
	bdd_free(k->b);
	*k = (struct packet){ 0 };
}

/* ---- values ---- */

static bdd_t variable(const struct packet *k, uint32_t var)
{
	return bdd_node(k->b, var, BDD_FALSE, BDD_TRUE);
}

/* Bits that a number of an interface never needs are no variables. */
static bool is_idle(const struct packet *k, enum packet_field f, uint32_t bit)
{
	return f <= PACKET_OIF && (k->links->count - 1) >> (width[f] - 1 - bit) == 0;
}

void packet_bits(const struct packet *k, enum packet_field f, uint32_t from, uint32_t n, bdd_t *out)
{
	uint32_t first = first_of(f) + from;

	for (uint32_t i = 0; i < n; i++)
		out[i] = is_idle(k, f, from + i) ? BDD_FALSE : variable(k, first + i);
}

uint32_t packet_address(const struct packet *k, enum packet_field f, bdd_t *out)
{
	uint32_t n = k->v6 ? 128 : 32;

	packet_bits(k, f, 128 - n, n, out);
	return n;
}

static const struct extra *extra_of(struct packet *k, enum packet_extra kind, uint32_t a,
				    uint32_t b, uint32_t n)
{
	for (uint32_t i = 0; i < k->extras_count; i++) {
		const struct extra *x = &k->extras[i];

		if (x->kind == kind && x->a == a && x->b == b && x->bits == n)
			return x;
	}
	if (k->extras_count == EXTRAS_MAX || k->next + n > BDD_VARIABLES_MAX)
		return NULL;
	struct extra *x = &k->extras[k->extras_count++];

	*x = (struct extra){ (uint8_t)kind, a, b, k->next, n };
	k->next += n;
	return x;
}

void packet_extra(struct packet *k, enum packet_extra kind, uint32_t a, uint32_t b, uint32_t n,
		  bdd_t *out)
{
	const struct extra *x = extra_of(k, kind, a, b, n);

	for (uint32_t i = 0; i < n; i++)
		out[i] = x ? variable(k, x->first + i) : BIT_UNKNOWN;
}

/* A choice of 2^n numbers, each with bits of its own. */
static void choose(struct bdd *b, const bdd_t *index, uint32_t n, const uint64_t *numbers,
		   bdd_t out[static 32])
{
	for (uint32_t i = 0; i < 32; i++)
		out[i] = BDD_FALSE;
	for (uint32_t v = 0; v < 1u << n; v++) {
		uint8_t value = (uint8_t)(v << (8 - n));
		bdd_t here = bits_equal(b, index, &value, n);

		for (uint32_t i = 0; i < 32; i++)
			if (numbers[v] >> (31 - i) & 1)
				out[i] = bdd_or(b, out[i], here);
	}
}

void packet_hash(struct packet *k, uint32_t modulus, uint32_t offset, bdd_t out[static 32])
{
	uint64_t numbers[16];
	bdd_t index[4];

	if (!k->modulus)
		k->modulus = modulus;
	if (k->modulus == modulus)
		packet_bits(k, PACKET_HASH, 0, 4, index);
	else
		packet_extra(k, EXTRA_HASH, modulus, 0, 4, index);
	if (modulus == 0 || modulus > 16 || !bits_known(index, 4)) {
		for (uint32_t i = 0; i < 32; i++)
			out[i] = BIT_UNKNOWN;
		return;
	}
	for (uint32_t v = 0; v < 16; v++)
		numbers[v] = (v < modulus ? v : 0) + (uint64_t)offset;
	choose(k->b, index, 4, numbers, out);
}

void packet_link(const struct packet *k, enum packet_field f,
		 void (*what)(const struct devices *l, uint32_t link, uint8_t *bytes), uint32_t n,
		 bdd_t *out)
{
	uint8_t bytes[LINK_NAME];

	for (uint32_t i = 0; i < n * 8; i++)
		out[i] = BDD_FALSE;
	for (uint32_t link = 0; link < k->links->count; link++) {
		bdd_t here = packet_is(k, f, link);

		memset(bytes, 0, sizeof(bytes));
		what(k->links, link, bytes);
		for (uint32_t i = 0; i < n * 8; i++)
			if (bytes[i / 8] >> (7 - i % 8) & 1)
				out[i] = bdd_or(k->b, out[i], here);
	}
}

/* ---- sets by value ---- */

static bool bit_of(const uint8_t *value, uint32_t i)
{
	return value[i / 8] >> (7 - i % 8) & 1;
}

/* Whether it is a plain variable above r: then what it is joined with needs one node and no search. */
static bool is_on_top(struct bdd *b, bdd_t bit, bdd_t r)
{
	return !(bit & 1) && !bdd_is_leaf(bit) && bdd_lo(b, bit) == BDD_FALSE &&
	       bdd_hi(b, bit) == BDD_TRUE && bdd_var(b, bit) < bdd_var(b, r);
}

/* Packets of r in which the bit has this value. */
static bdd_t with_bit(struct bdd *b, bdd_t bit, bool one, bdd_t r)
{
	if (bit >= BIT_UNKNOWN || r == BDD_NONE || !is_on_top(b, bit, r))
		return bdd_and(b, one ? bit : bdd_not(bit), r);
	return one ? bdd_node(b, bdd_var(b, bit), BDD_FALSE, r)
		   : bdd_node(b, bdd_var(b, bit), r, BDD_FALSE);
}

/* Packets of r, and those in which the bit has this value. */
static bdd_t or_bit(struct bdd *b, bdd_t bit, bool one, bdd_t r)
{
	return bdd_not(with_bit(b, bit, !one, bdd_not(r)));
}

#define RUNS_MAX 32u

/* Bits whose variables follow each other, so that runs lie apart; fixed ones (padding) among them. */
struct run {
	uint32_t from, end;
	uint32_t lowest; /* of the diagram: the last variable, plus one; 0 none */
};

static struct run run_from(struct bdd *b, const bdd_t *bits, uint32_t from, uint32_t n, bool last)
{
	struct run x = { .from = from, .end = from };

	for (; x.end < n; x.end++) {
		if (bdd_is_leaf(bits[x.end]))
			continue;
		uint32_t next = bdd_var(b, bits[x.end]) + 1;

		if (x.lowest && !last && (next < x.lowest || next > x.lowest + 1))
			break;
		x.lowest = next;
	}
	return x;
}

/*
 * Run by run, the lowest first: a set that is put on top of others costs its own nodes, one that is put
 * below them costs theirs again.
 */
bdd_t bits_equal(struct bdd *b, const bdd_t *bits, const uint8_t *value, uint32_t n)
{
	struct run runs[RUNS_MAX] = { 0 };
	uint32_t count = 0;
	bdd_t r = BDD_TRUE;

	for (uint32_t from = 0; from < n; count++) {
		struct run x = run_from(b, bits, from, n, count + 1 == RUNS_MAX);
		uint32_t at = count;

		for (; at > 0 && runs[at - 1].lowest > x.lowest; at--)
			runs[at] = runs[at - 1];
		runs[at] = x;
		from = x.end;
	}
	while (count-- > 0)
		for (uint32_t i = runs[count].end; i-- > runs[count].from && r != BDD_FALSE;)
			r = with_bit(b, bits[i], bit_of(value, i), r);
	return r;
}

/* Where the ends part, each half has one end left; from the last bit to the first, so that each step is on top. */
bdd_t bits_range(struct bdd *b, const bdd_t *bits, const uint8_t *lo, const uint8_t *hi, uint32_t n)
{
	uint32_t same = 0;

	while (same < n && bit_of(lo, same) == bit_of(hi, same))
		same++;
	bdd_t r = BDD_TRUE;

	if (same < n) {
		bdd_t low = BDD_TRUE, high = BDD_TRUE;

		for (uint32_t i = n; i-- > same + 1;) {
			low = bit_of(lo, i) ? with_bit(b, bits[i], true, low)
					    : or_bit(b, bits[i], true, low);
			high = bit_of(hi, i) ? or_bit(b, bits[i], false, high)
					     : with_bit(b, bits[i], false, high);
		}
		if (bit_of(lo, same))
			return BDD_FALSE; /* lo above hi */
		r = bdd_ite(b, bits[same], high, low);
	}
	for (uint32_t i = same; i-- > 0 && r != BDD_FALSE;)
		r = with_bit(b, bits[i], bit_of(lo, i), r);
	return r;
}

bool bits_known(const bdd_t *bits, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (bits[i] == BIT_UNKNOWN)
			return false;
	return true;
}

bool bits_fixed(const bdd_t *bits, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!bdd_is_leaf(bits[i]))
			return false;
	return true;
}

void bits_of(const uint8_t *bytes, uint32_t n, bdd_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = bit_of(bytes, i) ? BDD_TRUE : BDD_FALSE;
}

void bits_number(uint64_t v, uint32_t n, bdd_t *out)
{
	for (uint32_t i = 0; i < n; i++)
		out[i] = v >> (n - 1 - i) & 1 ? BDD_TRUE : BDD_FALSE;
}

/* ---- sets by field ---- */

/* The number's last n bits, from the most significant on. */
static void spread(ip_t v, uint32_t n, uint8_t bytes[static 16])
{
	v <<= 128 - n;
	for (int i = 0; i < 16; i++)
		bytes[i] = (uint8_t)(v >> (120 - 8 * i));
}

bdd_t packet_is(const struct packet *k, enum packet_field f, uint64_t v)
{
	return packet_between(k, f, v, v);
}

bdd_t packet_between(const struct packet *k, enum packet_field f, uint64_t lo, uint64_t hi)
{
	uint8_t a[16], z[16];
	bdd_t bits[128];

	packet_bits(k, f, 0, width[f], bits);
	spread(lo, width[f], a);
	spread(hi, width[f], z);
	return bits_range(k->b, bits, a, z, width[f]);
}

bdd_t packet_in(const struct packet *k, enum packet_field f, struct ip_range r)
{
	uint8_t a[16], z[16];
	bdd_t bits[128];

	if (ip_is_v4(r.lo) == k->v6)
		return BDD_FALSE;
	uint32_t n = packet_address(k, f, bits);

	spread(r.lo, n, a);
	spread(r.hi, n, z);
	return bits_range(k->b, bits, a, z, n);
}

bdd_t packet_tracked(const struct packet *k)
{
	return packet_between(k, PACKET_STATE, STATE_NEW, STATE_RELATED);
}

/* Conntrack takes no packet for its own whose transport header is cut short (RFC 793, 768, 792, 4443). */
static const struct {
	uint8_t protocol, least;
} headers[] = { { IPPROTO_TCP, 20 },   { IPPROTO_UDP, 8 },   { IPPROTO_ICMP, 8 },
		{ IPPROTO_ICMPV6, 8 }, { IPPROTO_SCTP, 12 }, { IPPROTO_DCCP, 12 },
		{ IPPROTO_UDPLITE, 8 } };

static bdd_t has_link(const struct packet *k, enum packet_field f, enum packet_has has)
{
	uint32_t last = k->links->count - 1;

	return packet_between(k, f, has == PACKET_SOME ? 1 : 0, has == PACKET_NONE ? 0 : last);
}

bdd_t packet_exists(const struct packet *k, enum packet_has has_in, enum packet_has has_out)
{
	struct bdd *b = k->b;
	bdd_t whole = bdd_not(packet_is(k, PACKET_PORTLESS, 1));
	bdd_t in = has_link(k, PACKET_IIF, has_in), out = has_link(k, PACKET_OIF, has_out);

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		bdd_t cut = bdd_and(b, packet_is(k, PACKET_PROTOCOL, headers[i].protocol),
				    packet_between(k, PACKET_LENGTH, 0, headers[i].least - 1u));

		whole = bdd_diff(b, whole, cut);
	}
	bdd_t state = bdd_ite(b, packet_tracked(k), whole,
			      packet_between(k, PACKET_STATE, 0, STATE_COUNT - 1));

	return bdd_and(b, bdd_and(b, in, out), state);
}

/* ---- one packet ---- */

void packet_sample(const struct packet *k, bdd_t set, struct packet_sample *out)
{
	memset(out, 0, sizeof(*out));
	while (set != BDD_NONE && !bdd_is_leaf(set)) {
		bdd_t lo = bdd_lo(k->b, set);

		if (lo == BDD_FALSE)
			out->bit[bdd_var(k->b, set)] = 1;
		set = lo == BDD_FALSE ? bdd_hi(k->b, set) : lo;
	}
}

ip_t packet_value(const struct packet *k, const struct packet_sample *s, enum packet_field f)
{
	ip_t v = 0;
	bool address = width[f] == 128;
	uint32_t n = address && !k->v6 ? 32 : width[f], first = first_of(f) + width[f] - n;

	for (uint32_t i = 0; i < n; i++)
		v = v << 1 | s->bit[first + i];
	return address && !k->v6 ? IP_V4_BASE | v : v;
}

bool packet_holds(const struct packet *k, bdd_t set, const struct packet_sample *s)
{
	while (set != BDD_NONE && !bdd_is_leaf(set))
		set = s->bit[bdd_var(k->b, set)] ? bdd_hi(k->b, set) : bdd_lo(k->b, set);
	return set == BDD_TRUE;
}

bdd_t packet_alone(const struct packet *k, const struct packet_sample *s)
{
	bdd_t r = BDD_TRUE;

	for (uint32_t var = k->next; var-- > 0;)
		r = bdd_node(k->b, var, s->bit[var] ? BDD_FALSE : r, s->bit[var] ? r : BDD_FALSE);
	return r;
}

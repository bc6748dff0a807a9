/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/flow_key.h"

#include "daemon/decode.h"

#include <netinet/in.h>
#include <string.h>

/* ICMP answers and the queries they belong to: RFC 792, 950, 4443. */
static const struct {
	uint8_t protocol, query, answer;
} icmp_pairs[] = {
	{ IPPROTO_ICMP, 8, 0 },   { IPPROTO_ICMP, 13, 14 },     { IPPROTO_ICMP, 15, 16 },
	{ IPPROTO_ICMP, 17, 18 }, { IPPROTO_ICMPV6, 128, 129 },
};

static void icmp_key(struct flow_key *k)
{
	k->icmp = true;
	for (size_t i = 0; i < sizeof(icmp_pairs) / sizeof(icmp_pairs[0]); i++) {
		if (icmp_pairs[i].protocol != k->tuple.protocol)
			continue;
		if (k->tuple.dport == icmp_pairs[i].query)
			k->oneway = true;
		if (k->tuple.dport != icmp_pairs[i].answer)
			continue;
		k->tuple = (struct tuple){ k->tuple.dst, k->tuple.src, k->tuple.sport,
					   icmp_pairs[i].query, k->tuple.protocol };
		k->oneway = k->answer = true;
		return;
	}
}

struct flow_key flow_key_of_tuple(struct tuple t, uint16_t vlan)
{
	struct flow_key k = { .tuple = t, .vlan = vlan };

	if (t.protocol == IPPROTO_ICMP || t.protocol == IPPROTO_ICMPV6)
		icmp_key(&k);
	return k;
}

struct flow_key flow_key_of(const struct headers *h, uint16_t vlan)
{
	return flow_key_of_tuple((struct tuple){ h->src, h->dst, h->sport, h->dport, h->protocol },
				 vlan);
}

static uint64_t mix(uint64_t x) /* the finaliser of SplitMix64 */
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/*
 * NH of UMAC (RFC 4418, 5.2.2) on 64-bit words: the sum of (word + key) * (word + key). Whatever two
 * flows a peer picks, their sums agree for one secret in 2^64, so without the secret nobody aims at a
 * bucket. Three multiplications a packet, and no table.
 */
uint64_t flow_key_hash(const uint64_t key[static FLOW_KEY_WORDS], const struct flow_key *k)
{
	const struct tuple *p = &k->tuple;
	bool turn = p->src > p->dst || (!k->icmp && p->src == p->dst && p->sport > p->dport);
	ip_t a = turn ? p->dst : p->src, b = turn ? p->src : p->dst;
	uint16_t x = turn && !k->icmp ? p->dport : p->sport;
	uint16_t y = turn && !k->icmp ? p->sport : p->dport;
	uint64_t ports = (uint64_t)x << 16 | y, rest = (uint64_t)k->vlan << 8 | p->protocol;
	unsigned __int128 sum;

	sum = (unsigned __int128)((uint64_t)(a >> 64) + key[0]) * ((uint64_t)a + key[1]);
	sum += (unsigned __int128)((uint64_t)(b >> 64) + key[2]) * ((uint64_t)b + key[3]);
	sum += (unsigned __int128)(ports + key[4]) * (rest + key[5]);
	return mix((uint64_t)sum ^ (uint64_t)(sum >> 64));
}

/* Each half of the secret runs a SplitMix64 sequence of its own. */
void flow_key_words(const uint8_t secret[static 16], uint64_t out[static FLOW_KEY_WORDS])
{
	uint64_t half[2];

	memcpy(half, secret, sizeof(half));
	for (uint64_t i = 0; i < FLOW_KEY_WORDS; i++)
		out[i] = mix(half[0] + (i + 1) * 0x9e3779b97f4a7c15u) ^
			 mix(half[1] + (i + 1) * 0xd1b54a32d192ed03u);
}

static bool same(const struct tuple *a, const struct tuple *b)
{
	return a->src == b->src && a->dst == b->dst && a->sport == b->sport &&
	       a->dport == b->dport && a->protocol == b->protocol;
}

static bool same_turned(const struct tuple *a, const struct tuple *b, bool icmp)
{
	uint16_t sport = icmp ? b->sport : b->dport, dport = icmp ? b->dport : b->sport;

	return a->src == b->dst && a->dst == b->src && a->sport == sport && a->dport == dport &&
	       a->protocol == b->protocol;
}

enum flow_match flow_key_match(const struct flow_key *k, const struct tuple *t)
{
	if (same(t, &k->tuple))
		return k->answer ? FLOW_MATCH_REPLY : FLOW_MATCH;
	return !k->oneway && same_turned(t, &k->tuple, k->icmp) ? FLOW_MATCH_REPLY
								: FLOW_MATCH_NONE;
}

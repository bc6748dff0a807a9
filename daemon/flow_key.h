/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flow_key: what identifies the flow of a packet, and a hash of it that both directions share.
 *
 * TCP, UDP: a port belongs to an address, and both directions are one flow. ICMP: identifier and type belong
 * to neither; where the type says who asked, the key is the query's.
 */
#ifndef DAEMON_FLOW_KEY_H
#define DAEMON_FLOW_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct headers;

struct flow_key {
	struct tuple tuple;
	uint16_t vlan;
	bool icmp;
	bool oneway;		/* the tuple turned is another flow */
	bool answer;		/* the packet runs against the tuple */
};

struct flow_key flow_key_of(const struct headers *h, uint16_t vlan);
struct flow_key flow_key_of_tuple(struct tuple t, uint16_t vlan);

#define FLOW_KEY_WORDS 6
/* flow_key_words - the words of the hash from a secret of 16 bytes */
void flow_key_words(const uint8_t secret[static 16], uint64_t out[static FLOW_KEY_WORDS]);
uint64_t flow_key_hash(const uint64_t words[static FLOW_KEY_WORDS], const struct flow_key *k);

enum flow_match { FLOW_MATCH_NONE, FLOW_MATCH, FLOW_MATCH_REPLY };
/* flow_key_match - whether a packet of that key belongs to the flow of that tuple, and which way it runs */
enum flow_match flow_key_match(const struct flow_key *k, const struct tuple *t);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * packet: all packets of one family and their conversations, as variables of a decision diagram.
 *
 * Every bit that a rule can look at is a variable, so any mask, shift or range of any expression is
 * exact. What is not known otherwise (a byte of a header, a user's number) gets variables of its own when
 * it is first asked for, and may have any value beside any other: a packet that exists is always among
 * those that are looked at, perhaps with some that do not exist; what is shown of all holds for it.
 *
 * A value is a row of bits, the most significant first, each a set of packets: BDD_FALSE and BDD_TRUE for
 * what is fixed, BIT_UNKNOWN for what nobody knows.
 */
#ifndef RULES_KERNEL_READBACK_PACKET_H
#define RULES_KERNEL_READBACK_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/ip.h"
#include "rules/prove/bdd.h"

struct devices;

/* X(NAME, bits) in the order of the variables, which matters for the size of the diagrams. */
#define PACKET_FIELDS(X) \
	X(IIF, 12)		/* interfaces: a number of devices.h */ \
	X(OIF, 12) \
	X(STATE, 3)		/* of conntrack: enum packet_state */ \
	X(DIRECTION, 1)		/* 1: an answer */ \
	X(HASH, 4)		/* symmetric hash of the conversation, by the modulus that was first asked for */ \
	X(PORTLESS, 1)		/* no transport protocol is known: asking for it ends the rule */ \
	X(PROTOCOL, 8) \
	X(LENGTH, 6)		/* bytes of the transport header that can be read; asking for more ends the rule */ \
	X(FLAGS, 8)		/* byte 13 of the transport header: of TCP */ \
	X(DST, 128)		/* of IPv4 the last 32 bits */ \
	X(SRC, 128) \
	X(DPORT, 16)		/* bytes 2 and 3 of the transport header */ \
	X(SPORT, 16)		/* bytes 0 and 1; of ICMP type and code */ \
	X(STATUS, 32)		/* IPS_* of conntrack */ \
	X(CARD, 48)		/* source address of Ethernet */ \
	X(OPENER, 128)		/* source of the conversation's first packet */ \
	X(PEER, 128)		/* its destination */ \
	X(CTMARK, 32)		/* as the packet finds it */ \
	X(MARK, 32)

#define PACKET_FIELD_(N, bits) PACKET_##N,
enum packet_field { PACKET_FIELDS(PACKET_FIELD_) PACKET_FIELD_COUNT };

enum packet_state {
	STATE_INVALID, STATE_NEW, STATE_ESTABLISHED, STATE_RELATED, STATE_UNTRACKED, STATE_COUNT
};

#define BIT_UNKNOWN (UINT32_MAX - 1)	/* BDD_NONE says that the session failed */

/* What else may be asked for: where it stands, then a number. */
enum packet_extra { EXTRA_META, EXTRA_CT, EXTRA_LINK, EXTRA_NETWORK, EXTRA_TRANSPORT, EXTRA_HASH };

#define PACKET_OWNED 1u		/* of a fact of EXTRA_META about a socket, as `b`: whether there is one that says it */

struct extra {
	uint8_t kind;
	uint32_t a, b;
	uint32_t first, bits;
};

#define EXTRAS_MAX 64u

struct packet {
	struct bdd *b;			/* owned */
	const struct devices *links;	/* borrowed */
	bool v6;
	struct extra extras[EXTRAS_MAX];
	uint32_t modulus;		/* of HASH; 0 nobody has asked */
	uint32_t extras_count, next;	/* next: the first variable that is free */
};

/* packet_init - a session of at most node_max nodes; 0 or -ENOMEM */
int packet_init(struct packet *k, const struct devices *links, uint32_t node_max);
void packet_begin(struct packet *k, bool v6);	/* forgets all sets */
void packet_done(struct packet *k);

/* packet_bits - bits [from, from + n) of a field */
void packet_bits(const struct packet *k, enum packet_field f, uint32_t from, uint32_t n, bdd_t *out);

/* packet_address - 32 or 128 bits of an address field; returns how many */
uint32_t packet_address(const struct packet *k, enum packet_field f, bdd_t *out);

/* packet_extra - variables for what no field holds; BIT_UNKNOWN when there are none left */
void packet_extra(struct packet *k, enum packet_extra kind, uint32_t a, uint32_t b, uint32_t n, bdd_t *out);

/* packet_hash - the symmetric hash of the conversation, 0 to modulus - 1, plus offset, in 32 bits */
void packet_hash(struct packet *k, uint32_t modulus, uint32_t offset, bdd_t out[static 32]);

/* packet_link - one of n bits that follow from the interface: what(link index) gives the bytes */
void packet_link(const struct packet *k, enum packet_field iif_or_oif,
		 void (*what)(const struct devices *l, uint32_t link, uint8_t *bytes), uint32_t bytes, bdd_t *out);

/* Sets of packets by the value of n bits; false of them when a bit is unknown is the caller's to avoid. */
bdd_t bits_equal(struct bdd *b, const bdd_t *bits, const uint8_t *value, uint32_t n);
bdd_t bits_range(struct bdd *b, const bdd_t *bits, const uint8_t *lo, const uint8_t *hi, uint32_t n);
bool bits_known(const bdd_t *bits, uint32_t n);
bool bits_fixed(const bdd_t *bits, uint32_t n);	/* each is BDD_FALSE or BDD_TRUE */
void bits_of(const uint8_t *bytes, uint32_t n, bdd_t *out);	/* fixed ones */
void bits_number(uint64_t v, uint32_t n, bdd_t *out);

/* The same of a field, by number. */
bdd_t packet_is(const struct packet *k, enum packet_field f, uint64_t v);
bdd_t packet_between(const struct packet *k, enum packet_field f, uint64_t lo, uint64_t hi);
bdd_t packet_in(const struct packet *k, enum packet_field address, struct ip_range r);	/* of the family, else empty */
bdd_t packet_tracked(const struct packet *k);	/* belongs to a conversation */

enum packet_has { PACKET_NONE, PACKET_SOME, PACKET_EITHER };	/* interfaces, by hook */

/* packet_exists - what conntrack and the hook guarantee of a packet */
bdd_t packet_exists(const struct packet *k, enum packet_has in, enum packet_has out);

/* packet_value - what a field has in one packet of a set */
struct packet_sample {
	uint8_t bit[BDD_VARIABLES_MAX];
};
void packet_sample(const struct packet *k, bdd_t set, struct packet_sample *out);
ip_t packet_value(const struct packet *k, const struct packet_sample *s, enum packet_field f);
bool packet_holds(const struct packet *k, bdd_t set, const struct packet_sample *s);
bdd_t packet_alone(const struct packet *k, const struct packet_sample *s);	/* the set of that packet */

#endif

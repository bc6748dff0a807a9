/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * field: what the rules of a kernel look at of a packet and its conversation, one axis of the space each.
 *
 * A field exists because some rule (or what is to be shown) asks for it. Whatever is not known otherwise
 * is a field of its own and free: it may have any value beside any other. So a packet that exists is
 * always among those that are looked at, perhaps with some that do not exist; what is shown of all of
 * them holds for the real ones.
 *
 * Forms: NAMED fields have few values, each known as bytes; NUMBER fields are cut into ranges; BITS
 * fields are known bit by bit, which masks and marks need.
 */
#ifndef RULES_KERNEL_READBACK_FIELD_H
#define RULES_KERNEL_READBACK_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/ip.h"

/*
 * X(NAME, form, bits) in the order of the variables. `a` and `b` of a key tell fields of a kind apart;
 * bits 0: the key's `bits`.
 */
#define FIELD_KINDS(X) \
	X(IIF, NAMED, 0)		/* interfaces: names.h */ \
	X(OIF, NAMED, 0) \
	X(FAMILY, NAMED, 0)		/* 0 IPv4, 1 IPv6 */ \
	X(STATE, NAMED, 0)		/* of conntrack: enum field_state */ \
	X(DIRECTION, NAMED, 0)		/* 0 original, 1 reply */ \
	X(CTMARK, BITS, 32)		/* as the packet finds it */ \
	X(STATUS, BITS, 32)		/* IPS_* */ \
	X(PROTOCOL, NUMBER, 8) \
	X(TRANSPORT, NUMBER, 0)		/* a: offset. 0: source port, or type and code; 2: destination port */ \
	X(DST, NUMBER, 128) \
	X(SRC, NUMBER, 128) \
	X(LINK, NUMBER, 0)		/* a: offset; 6: source address of Ethernet */ \
	X(NETWORK4, BITS, 8)		/* a: offset of a byte that is none of the above */ \
	X(NETWORK6, BITS, 8) \
	X(ORIGINAL, NUMBER, 128)	/* conntrack tuple; a: direction, b: 0 source, 1 destination */ \
	X(META, BITS, 0)		/* a: key of nf_tables, b: 0 */ \
	X(CT, BITS, 0)			/* a: key, b: direction */ \
	X(HASH, BITS, 0)		/* a: modulus; symmetric hash of the conversation */ \
	X(OPAQUE, BITS, 0)		/* a, b: where it was loaded */ \
	X(CHANCE, BITS, 1)		/* a: which; what may turn out either way */ \
	X(SHORT, BITS, 1)		/* no transport header: a load of it ends the rule */ \
	X(ENDED, BITS, 1)		/* a: set whose timed elements may be gone */ \
	X(SEEN, BITS, 1)		/* an engine answered the packet when it was queued */ \
	X(ENGINE, BITS, 32)		/* with this mark */ \
	X(MARK, BITS, 32)		/* of the packet, as it came in */ \
	X(VALUE, BITS, 32)		/* what a map answers, while it is being read */

#define FIELD_KIND_(N, form, bits) FIELD_##N,
enum field_kind { FIELD_KINDS(FIELD_KIND_) FIELD_KIND_COUNT };
enum field_form { FIELD_NAMED, FIELD_NUMBER, FIELD_BITS };
enum field_state { STATE_INVALID, STATE_NEW, STATE_ESTABLISHED, STATE_RELATED, STATE_UNTRACKED, STATE_COUNT };

#define FIELD_NONE UINT32_MAX
#define FIELDS_MAX 900u			/* beyond: the ruleset asks for too much, nothing is shown */

struct field {
	uint8_t kind, form;
	uint8_t bits;		/* width of NUMBER and BITS; bytes in a register are bits / 8, at least 1 */
	uint32_t a, b;
	uint32_t axis;		/* in the space, once it is made */
};

struct fields {
	struct field *at;	/* owned */
	uint32_t count, room;
	bool failed;		/* no memory, or more than FIELDS_MAX */
};

struct space;

void fields_done(struct fields *f);

/* fields_want - the field with this key, made when nobody has asked before; FIELD_NONE when that failed */
uint32_t fields_want(struct fields *f, enum field_kind kind, uint32_t a, uint32_t b, uint8_t bits);

/* fields_find - the same without making one */
uint32_t fields_find(const struct fields *f, enum field_kind kind, uint32_t a, uint32_t b);

/* fields_bitwise - from now on it must be known bit by bit; false: too wide for that */
bool fields_bitwise(struct fields *f, uint32_t field);

/* fields_place - give each its axis in a bare space; @named: values of interfaces */
void fields_place(struct fields *f, struct space *s, uint32_t named);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * want: what has to become of all packets, from the policy alone (contract C1), as walk says what does.
 *
 * Written from the contract, not from the text that nft is given, so that a mistake there shows.
 */
#ifndef RULES_KERNEL_READBACK_WANT_H
#define RULES_KERNEL_READBACK_WANT_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/kernel/readback/walk.h"

struct live_class;
struct policy;

/* What a class, and a verdict about one of its conversations, means for a packet. */
struct want_action {
	uint8_t kind;			/* enum outcome_kind */
	bool open, one, offload;	/* QUEUE: of the open group, always the first engine; ACCEPT: may be offloaded */
};

struct want_decided {			/* conversations with such a mark meet such an action */
	struct want_action action;
	bdd_t when;
};

#define WANT_ACTIONS 8u

struct want_decisions {
	struct want_decided at[WANT_ACTIONS];
	uint32_t count;
};

struct want {
	struct walk *w;			/* borrowed; values are its own */
	struct packet *k;		/* borrowed */
	const struct policy *p;		/* borrowed; NULL: nothing is permitted */
	const struct live_class *live;	/* borrowed; numbered; also says which pairs have rules at all */
	bool ended;			/* classes with an end are gone */
	unsigned int queues;
	bool native_queue, flowtable;
	struct want_decisions decided[2];	/* about forwarded conversations; about those with the box itself */
};

/* want_begin - after walk_begin: reads the marks' meanings */
void want_begin(struct want *q);

enum want_hook { WANT_PREROUTING, WANT_FORWARD, WANT_INPUT, WANT_OUTPUT, WANT_POSTROUTING, WANT_HOOKS };

/* want_hook - outcomes of the packets in `when`, joined */
void want_hook(const struct want *q, enum want_hook hook, bdd_t when, struct outcomes *out);

/* want_queued - of packets that have been in a queue, or should have been: by their mark alone */
void want_queued(const struct want *q, struct outcomes *out);

/* want_zone - packets of a zone by their interface; want_home - by one of their addresses */
bdd_t want_zone(const struct want *q, uint32_t zone, enum packet_field iif_or_oif);
bdd_t want_home(const struct want *q, uint32_t zone, enum packet_field address);

#endif

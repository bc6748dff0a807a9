/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flow: step 3 of 7, which conversation a packet belongs to.
 *
 * The table is fixed: when full it ends the flow seen longest ago (to the second) and counts it.
 * Time is the packet's own, so a replay expires flows as the live run did. A flow keeps little; what
 * inspection needs hangs on it (`work`) and is freed when the flow is decided.
 */
#ifndef DAEMON_FLOW_H
#define DAEMON_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/policy.h"

struct headers;
struct known;			/* what inspection found out: work.h */
struct work;			/* inspection state of an undecided flow: work.h */

/*
 * TCP, coarser than RFC 9293, 3.3.2, by what passes the box: NEW until the handshake is through,
 * CLOSING after one FIN, CLOSED after both or a plausible RST. Others: ESTABLISHED once answered.
 */
enum flow_state { FLOW_NEW, FLOW_ESTABLISHED, FLOW_CLOSING, FLOW_CLOSED };
enum flow_end { FLOW_END_NONE, FLOW_END_TIMEOUT, FLOW_END_CLOSED, FLOW_END_EVICTED, FLOW_END_FINISH,
		FLOW_GOES_ON };		/* not an end: told while it runs */

struct flow_side {
	uint64_t bytes, packets;	/* IP packets as counted on the wire, here at the box */
	uint64_t payload;		/* transport payload bytes */
	uint32_t next_seq;		/* TCP: sequence number expected next */
	uint32_t syn;			/* ... of its SYN */
	uint8_t flags;			/* TCP flags seen */
	bool seq_known, syn_known;	/* next_seq, syn */
};

struct flow {
	struct tuple tuple;		/* opener is src */
	int64_t start, last;		/* ns since 1970 */
	struct flow *hash_next;		/* borrowed: chain of the bucket */
	struct flow *newer, *older;	/* borrowed: by time of last packet, among those that wait as long */
	struct flow_side up, down;	/* from and to the opener */
	uint64_t id;			/* flow_id of the events */
	uint32_t class;			/* index of the policy in force, or POLICY_NONE */
	uint32_t statement;		/* permit or deny that decided, or POLICY_NONE */
	uint32_t zone_from, zone_to;	/* of opener and peer, or POLICY_NONE */
	uint16_t class_number;		/* as the kernel knows it; replay: class index + 1 */
	uint16_t vlan;
	uint8_t verdict;		/* enum mark_verdict */
	uint8_t state;			/* enum flow_state */
	uint8_t reason;			/* enum event_reason */
	uint8_t inspection;		/* enum event_inspection */
	uint8_t wait;			/* flow.c: which of the timeouts it is under */
	uint8_t told_hours;		/* of its age, when it was told last while it runs */
	uint16_t told_uploads;		/* FLOW_UPLOAD_STEP bytes each */
	bool reply_seen;
	bool midstream;			/* began before the first packet we saw */
	bool alerted;
	bool told;			/* live: its facts have been emitted */
	bool reset_sent;		/* verdict RESET: the receiver of the offending packet has its RST */
	uint32_t epoch;			/* engine.c: which judgement of the whole table `class` belongs to */
	struct work *work;		/* owned; NULL once nothing is left to find out */
	struct known *known;		/* owned; application, name and facts for events; NULL when none */
};

#define FLOW_UPLOAD_STEP ((uint64_t)1 << 20)

struct flow_table;

/* How long a flow without packets is kept, ns: the kernel's conntrack defaults, so that replay ends
 * flows as the kernel does. */
struct flow_timeouts {
	int64_t tcp_new, tcp_established, tcp_closing;
	int64_t tcp_unanswered;		/* established as far as seen, but one way only */
	int64_t tcp_reset;		/* after a RST */
	int64_t udp, udp_stream;	/* stream: answered, and older than 2 s */
	int64_t icmp, other;
};
extern const struct flow_timeouts flow_timeouts_default;

/**
 * flow_table_new - a table of at most @capacity flows (at least 1); untouched ones cost no memory
 * @timeouts: copied
 * @key: keys the hash, so that peers cannot aim at one bucket; a replay passes a constant
 * @ended: called before a flow is forgotten, with its context; it frees work and known
 * Return: NULL for no memory.
 */
struct flow_table *flow_table_new(size_t capacity, const struct flow_timeouts *timeouts, const uint8_t key[static 16],
				  void (*ended)(void *ctx, struct flow *f, enum flow_end why), void *ctx);
void flow_table_free(struct flow_table *t);

/**
 * flow_lookup - find or start the flow of a packet
 * @h: decoded headers, addresses and ports in host order
 * @vlan: part of the identity; 0 where it is none (the kernel's conntrack has none)
 * @reply: out: the packet runs against the opener's direction
 * @fresh: out: the flow was started by this packet
 *
 * Both directions of a 5-tuple find the same flow. The opener is who sent the first packet seen,
 * except that the receiver of a SYN-ACK or of an ICMP answer is; such a flow is `midstream`, as is TCP
 * that starts without a SYN. ICMP: a query and its answer by identifier and type of the query, any
 * other type one flow both ways; errors are flows of their own unless flow_related finds what they
 * speak of. A flow idle for longer than its timeout, and a closed one that gets a new SYN, ends here and
 * a new one starts. A new flow has POLICY_NONE in class, statement and zones, and is otherwise zero.
 * Return: borrowed until the next call; never NULL.
 */
struct flow *flow_lookup(struct flow_table *t, const struct headers *h, uint16_t vlan, int64_t now, bool *reply,
			 bool *fresh);

/*
 * Live, packets without payload need not come; what they would have told follows from those with SYN:
 *
 * flow_begins - before the lookup of a SYN that the kernel says begins a conversation: an earlier one on the same
 * addresses and ports, whose end nobody told us of, is over, unless it began with that very SYN, which comes again
 * flow_answered - after the count of a SYN's answer: the handshake is as good as through
 */
void flow_begins(struct flow_table *t, const struct headers *syn, uint16_t vlan);
void flow_answered(struct flow_table *t, struct flow *f, int64_t now);

/* flow_find - the flow of a packet as flow_lookup finds it, or NULL; starts and ends nothing */
struct flow *flow_find(struct flow_table *t, const struct headers *h, uint16_t vlan, bool *reply);

/* flow_of_tuple - the flow with that opener and peer, or NULL */
struct flow *flow_of_tuple(struct flow_table *t, const struct tuple *tuple, uint16_t vlan);

/* flow_related - the flow an ICMP error speaks of, from the header it quotes, or NULL */
struct flow *flow_related(struct flow_table *t, const struct headers *embedded, uint16_t vlan);

/* flow_count - add a packet to the flow's figures and state; to be called once for each packet looked up */
void flow_count(struct flow_table *t, struct flow *f, const struct headers *h, bool reply, int64_t now);

void flow_expire(struct flow_table *t, int64_t now, unsigned int budget);	/* ends at most budget idle flows */
void flow_end_all(struct flow_table *t);	/* end of a capture: every flow, the one seen longest ago first */
void flow_forget(struct flow_table *t, struct flow *f, enum flow_end why);

/* flow_each - every flow, in no particular order; it may be changed but not ended */
void flow_each(struct flow_table *t, void (*visit)(void *ctx, struct flow *f), void *ctx);

size_t flow_table_used(const struct flow_table *t);
uint64_t flow_table_evicted(const struct flow_table *t);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine: the way of every packet, live or from a file: decode, flow, inspect, decide, verdict, event.
 *
 * One engine is one process (live) or one replay; it shares nothing. It takes no time, randomness or
 * environment from outside: the same packets and the same policy give the same events, byte for byte.
 * Two policies can be loaded at once while an apply is under way.
 */
#ifndef DAEMON_ENGINE_H
#define DAEMON_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/inject.h"
#include "daemon/packet.h"
#include "daemon/record/event.h"

struct engine;
struct policy;
struct register_index;
struct source;

struct engine_conf {
	size_t flows;			/* capacity of the flow table */
	uint8_t hash_key[16];		/* live: random; replay: constant */
	uint64_t flow_id_seed;		/* high bits of flow ids: engine number, start time; replay: 0 */
	uint32_t client_zone, server_zone;	/* replay of foreign captures: opener and peer; else POLICY_NONE */
	struct event_sink sink;
	struct register_index *numbers;	/* borrowed: the town's own numbers (content/scan/register.h); NULL: none */
	struct inject_sink inject;	/* live: where answers in a server's place are asked for */
};

struct engine *engine_new(const struct engine_conf *conf);	/* NULL: no memory or nDPI refused to start */
void engine_free(struct engine *e);

/**
 * engine_load - take a policy beside the one in force
 * @p: borrowed until engine_free, or until two more policies have been switched to after it
 * @numbers: kernel number of each class (0: not in the kernel); NULL: index + 1
 * @why: on refusal, what nDPI does not know
 * Return: 0; -ENOMEM; -ENOENT an application name this nDPI does not know.
 */
int engine_load(struct engine *e, const struct policy *p, const uint16_t *numbers, char why[static 160]);

/* engine_as_of - dates and windows of the policy loaded last are judged as of that second (since 1970), since the clock by which
 * packets are stamped is not believed; 0: by each packet's time, as after engine_load */
void engine_as_of(struct engine *e, int64_t second);

/* engine_switch - the loaded policy is in force from now on; flows are judged by it when they come */
void engine_switch(struct engine *e);

/* engine_interface - interface number @index belongs to the zone (live: ifindex; replay: as the source counts) */
int engine_interface(struct engine *e, uint32_t index, const char *name);

/* engine_packet - the way of one packet; the outcome is for the source it came from */
struct outcome engine_packet(struct engine *e, const struct packet *p);

/* engine_drain - next(), engine_packet(), verdict() until none is left or the budget is used; as next() */
int engine_drain(struct engine *e, struct source *s, unsigned int budget);

/* engine_tick - time goes on without packets: ends idle flows. ns since 1970 */
void engine_tick(struct engine *e, int64_t now);

struct engine_end {
	struct tuple tuple;
	int64_t at;			/* ns since 1970 when the kernel's entry ended; 0 not known */
};

/**
 * engine_ended - the kernel's conntrack entry is gone (live): forget the flow
 * The news may be late: a conversation that began after that end on the same addresses and ports stays.
 */
void engine_ended(struct engine *e, const struct engine_end *end);

/* engine_finish - end of a capture: end and report every flow */
void engine_finish(struct engine *e);

/* engine_counters - named figures for stats, the same array each time. Return: how many */
size_t engine_counters(const struct engine *e, struct event_counter *out, size_t max);

#endif

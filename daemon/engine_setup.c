/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine_setup: an engine's life around the packets: policies, interfaces, ends of flows, figures.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/content/charset.h"
#include "daemon/content/scan/register.h"
#include "daemon/content/scan/scan.h"
#include "daemon/content/scan/shared.h"
#include "daemon/engine_state.h"
#include "daemon/record/event.h"
#include "daemon/tally.h"
#include "rules/kernel/mark.h"

#define EXPIRE_PER_TICK 4096
#define DOCUMENT_BYTES ((size_t)256 << 20) /* of all documents of an engine */
#define WORK_BYTES_PER_FLOW 1280u          /* an ordinary undecided flow takes some 1,100 */

/* A refused conversation has a flow event too; one that never passed the boundary has none. */
static void flow_ended(void *ctx, struct flow *f, enum flow_end why)
{
	struct engine *e = ctx;

	if (e->now && why != FLOW_END_NONE) {
		read_end(e, f, f->last);
		if (f->verdict == MARK_UNDECIDED)
			f->inspection = flow_inspection(f);
		if (!f->told)
			tell_flow(e, f, why);
	}
	work_free(f->work, &e->works);
	known_free(f->known);
	f->work = NULL;
	f->known = NULL;
}

struct engine *engine_new(const struct engine_conf *conf)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->conf = *conf;
	e->change_at = INT64_MAX;
	e->works.max = conf->flows * WORK_BYTES_PER_FLOW;
	e->documents.max = DOCUMENT_BYTES;
	memcpy(e->documents.key, conf->hash_key, sizeof(e->documents.key));
	e->documents.charsets = charsets_new();
	e->tallies = tallies_new();
	e->inspect = inspect_new(&inspect_conf_default);
	e->interfaces = calloc(ENGINE_INTERFACES_MAX, sizeof(*e->interfaces));
	e->flows =
		flow_table_new(conf->flows, &flow_timeouts_default, conf->hash_key, flow_ended, e);
	if (e->inspect && e->interfaces && e->flows && e->tallies && e->documents.charsets)
		return e;
	engine_free(e);
	return NULL;
}

/* Whoever ends without engine_finish does not want the flows told. */
static void be_silent(void *ctx, const struct event *ev)
{
	(void)ctx;
	(void)ev;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	e->conf.sink.emit = be_silent;
	flow_table_free(e->flows);
	loaded_free(e->next);
	loaded_free(e->now);
	loaded_free(e->before);
	inspect_free(e->inspect);
	ruleset_free(e->denied);
	tallies_free(e->tallies);
	charsets_free(e->documents.charsets);
	free(e->interfaces);
	free(e);
}

/* ---- policies ---- */

int engine_load(struct engine *e, const struct policy *p, const uint16_t *numbers,
		char why[static 160])
{
	struct loaded *l;
	int r = loaded_new(p, numbers, e->inspect, e->documents.charsets, &l, why);

	if (r)
		return r;
	if (l->scan && e->conf.numbers)
		scan_set_register(l->scan->set, register_has, e->conf.numbers);
	loaded_free(e->next);
	e->next = l;
	return 0;
}

void engine_as_of(struct engine *e, int64_t second)
{
	struct loaded *l = e->next ? e->next : e->now;

	if (!l || l->as_of == second)
		return;
	l->as_of = second;
	if (l == e->now) {
		e->epoch++;
		engine_next_change(e);
	}
}

int64_t engine_second(const struct engine *e, int64_t ns)
{
	return e->now->as_of ? e->now->as_of : ns / 1000000000;
}

void engine_next_change(struct engine *e)
{
	e->change_at = e->now->as_of ? INT64_MAX
				     : policy_next_change(e->now->policy, e->time / 1000000000);
}

static uint32_t zone_of_name(const struct engine *e, const char *name)
{
	return e->now ? policy_zone_of_interface(e->now->policy, name) : POLICY_NONE;
}

/* From the indexes of the policy before to those of the one now, by name. */
struct moved {
	struct engine *e;
	uint32_t *statements; /* owned; NOT_LOOKED_UP until a flow needs it; NULL: no memory */
};
#define NOT_LOOKED_UP (POLICY_NONE - 1)

static uint32_t statement_named(const struct policy *p, const char *name)
{
	for (uint32_t i = 0; i < p->statements_count; i++)
		if (strcmp(policy_string(p, p->statements[i].name), name) == 0)
			return i;
	return POLICY_NONE;
}

static uint32_t move_statement(const struct moved *m, uint32_t i)
{
	const struct policy *from = m->e->before->policy;

	if (!m->statements || i >= from->statements_count)
		return POLICY_NONE;
	if (m->statements[i] == NOT_LOOKED_UP)
		m->statements[i] = statement_named(m->e->now->policy,
						   policy_string(from, from->statements[i].name));
	return m->statements[i];
}

static uint32_t move_zone(const struct moved *m, uint32_t i)
{
	const struct policy *from = m->e->before->policy;

	if (i >= from->zones_count)
		return POLICY_NONE;
	return policy_zone_named(m->e->now->policy, policy_string(from, from->zones[i].name));
}

/* Its class is found anew with its next packet; until then the flow is only told. */
static void move_flow(void *ctx, struct flow *f)
{
	const struct moved *m = ctx;
	struct engine *e = m->e;
	bool known = f->epoch >= e->before->since;

	if (f->epoch >= e->now->since)
		return;
	/* The last chance to say by which permit it passed: that name will be gone. */
	if (known && !f->told && f->statement != POLICY_NONE &&
	    move_statement(m, f->statement) == POLICY_NONE) {
		f->inspection = flow_inspection(f);
		tell_flow(e, f, FLOW_END_NONE);
		f->told = true;
	}
	f->zone_from = known ? move_zone(m, f->zone_from) : POLICY_NONE;
	f->zone_to = known ? move_zone(m, f->zone_to) : POLICY_NONE;
	f->statement = known ? move_statement(m, f->statement) : POLICY_NONE;
	f->class = e->now->by_number[f->class_number];
	f->epoch = e->now->since;
}

/* The policy before goes for good: flows that still have its indexes get those of the one now. */
static void forget_before(struct engine *e)
{
	struct moved m = { .e = e };

	if (!e->before)
		return;
	uint32_t n = e->before->policy->statements_count;

	m.statements = calloc(n + 1u, sizeof(*m.statements));
	for (uint32_t i = 0; m.statements && i < n; i++)
		m.statements[i] = NOT_LOOKED_UP;
	flow_each(e->flows, move_flow, &m);
	free(m.statements);
	loaded_free(e->before);
	e->before = NULL;
}

void engine_switch(struct engine *e)
{
	if (!e->next)
		return;
	forget_before(e);
	e->before = e->now;
	e->now = e->next;
	e->next = NULL;
	e->now->since = ++e->epoch;
	engine_next_change(e);
	for (uint32_t i = 0; i < e->interface_count; i++)
		e->interfaces[i].zone = zone_of_name(e, e->interfaces[i].name);
}

const struct loaded *loaded_of(const struct engine *e, const struct flow *f)
{
	if (f->epoch >= e->now->since)
		return e->now;
	return e->before && f->epoch >= e->before->since ? e->before : NULL;
}

const struct policy *policy_of(const struct engine *e, const struct flow *f)
{
	const struct loaded *l = loaded_of(e, f);

	return l ? l->policy : NULL;
}

/* ---- interfaces ---- */

static struct interface *interface_at(const struct engine *e, uint32_t index)
{
	for (uint32_t i = 0; index && i < e->interface_count; i++)
		if (e->interfaces[i].index == index)
			return &e->interfaces[i];
	return NULL;
}

int engine_interface(struct engine *e, uint32_t index, const char *name)
{
	struct interface *at = interface_at(e, index);

	if (!at && e->interface_count == ENGINE_INTERFACES_MAX)
		return -ENOSPC;
	if (!at)
		at = &e->interfaces[e->interface_count++];
	at->index = index;
	snprintf(at->name, sizeof(at->name), "%s", name);
	at->zone = zone_of_name(e, at->name);
	return 0;
}

uint32_t interface_zone(const struct engine *e, uint32_t index)
{
	const struct interface *at = interface_at(e, index);

	return at ? at->zone : POLICY_NONE;
}

const char *interface_name(const struct engine *e, uint32_t index)
{
	const struct interface *at = interface_at(e, index);

	return at ? at->name : NULL;
}

/* ---- ends ---- */

void engine_tick(struct engine *e, int64_t now)
{
	if (now > e->time)
		e->time = now;
	flow_expire(e->flows, now, EXPIRE_PER_TICK);
}

/* A SYN that reopens ports of a connection in TIME_WAIT ends the old entry itself, and arrived before that end. */
#define END_SLACK_NS (10 * (int64_t)1000000)

void engine_ended(struct engine *e, const struct engine_end *end)
{
	struct flow *f = flow_of_tuple(e->flows, &end->tuple, 0);

	if (f && (!end->at || f->start < end->at - END_SLACK_NS))
		flow_forget(e->flows, f, FLOW_END_CLOSED);
}

void engine_finish(struct engine *e)
{
	flow_end_all(e->flows);
}

/* ---- figures ---- */

size_t engine_counters(const struct engine *e, struct event_counter *out, size_t max)
{
	struct engine_counts now = e->count;

	now.active = flow_table_used(e->flows);
	now.evicted = flow_table_evicted(e->flows);
	now.parts = e->documents.parts;
	now.content_bytes = e->documents.bytes;
	now.unpacked = e->documents.unpacked;
	now.parts_unread = e->documents.unread;
	now.content_memory = e->documents.used;
#define COUNTER_(G, N, F) { G, N, now.F },
	const struct event_counter all[] = { ENGINE_COUNTERS(COUNTER_) };
#undef COUNTER_
	size_t n = sizeof(all) / sizeof(all[0]) < max ? sizeof(all) / sizeof(all[0]) : max;

	memcpy(out, all, n * sizeof(all[0]));
	return n;
}

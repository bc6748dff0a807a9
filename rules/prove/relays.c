/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * relays: rule 3, every host through which two permitted hops join mynumber to internet, cloud or outside.
 *
 *	mynumber  <-- may talk, whoever opens -->  host in zone X  <-- may talk -->  internet, cloud, outside
 *
 * Data flows both ways on a connection, so who opened it does not matter. Time that the box itself asks
 * or answers (UDP 123) carries nothing further and joins nobody.
 */
#include "rules/prove/parts.h"

#include <stdlib.h>

#include "rules/prove/witness.h"

enum side { NEAR, FAR }; /* mynumber's, the outside's */

static uint32_t roles_of(enum side side)
{
	return side == NEAR ? 1u << ROLE_MYNUMBER : GATE_OUTER;
}

static const struct gate_result *result_of(const struct parts *x, uint32_t from, uint32_t to)
{
	return x->results[from * x->p->zones_count + to];
}

/* The addresses of a zone that may talk to a side. */
static void talkers(const struct parts *x, uint32_t zone, enum side side, struct ranges *out)
{
	for (uint32_t z = 0; z < x->p->zones_count; z++) {
		if (!gate_role_is((enum role)x->p->zones[z].role, roles_of(side)))
			continue;
		const struct gate_result *in = result_of(x, z, zone), *back = result_of(x, zone, z);

		if (in)
			ranges_add_all(out, in->dst.at, in->dst.count);
		if (back)
			ranges_add_all(out, back->src.at, back->src.count);
	}
	ranges_sort(out);
}

/* ---- what joins nobody ---- */

static const struct ip_range udp = { 17, 17 }, time_port = { 123, 123 };

void relays_cut(struct space *s)
{
	space_cut(s, SPACE_PROTOCOL, udp);
	space_cut(s, SPACE_PORT, time_port);
}

bdd_t relays_ignore(const struct lane *l, struct space *s)
{
	uint32_t box = policy_box_zone(l->p);

	if (l->from != box && l->to != box)
		return BDD_FALSE;
	return space_range(s, SPACE_PROTOCOL, udp, space_range(s, SPACE_PORT, time_port, BDD_TRUE));
}

/* ---- which statements make a hop ---- */

struct hop {
	uint32_t statement;
	bool found;
	struct witness witness;
};

/* Looks at one pair again: the statement that lets this host's addresses take part. */
static bool find_in_pair(struct parts *x, uint32_t from, uint32_t to, bool as_source,
			 const struct ranges *host, struct hop *hop)
{
	enum space_field f = as_source ? SPACE_SRC : SPACE_DST;
	struct lane l = { 0 };

	lane_load(&l, x->p, x->index, from, to, x->now);
	space_reset(x->space);
	lane_cut(&l, x->space);
	relays_cut(x->space);
	for (uint32_t i = 0; i < host->count; i++)
		space_cut(x->space, f, host->at[i]);
	space_freeze(x->space);
	lane_build(&l, x->space);
	bdd_t mine = space_set(x->space, f, host->at, host->count, BDD_TRUE);

	mine = bdd_diff(space_bdd(x->space), mine, relays_ignore(&l, x->space));

	for (uint32_t i = 0; i < l.count && !hop->found; i++) {
		bdd_t set = bdd_and(space_bdd(x->space), l.items[i].effective, mine);

		if (x->p->statements[l.items[i].statement].type == STATEMENT_DENY ||
		    set == BDD_FALSE)
			continue;
		hop->statement = l.items[i].statement;
		hop->found = witness_of(x->names, x->space, set, from, to, &hop->witness);
	}
	lane_done(&l);
	return hop->found;
}

static struct hop find_hop(struct parts *x, uint32_t zone, enum side side,
			   const struct ranges *host)
{
	struct hop hop = { .statement = POLICY_NONE };

	for (uint32_t z = 0; z < x->p->zones_count && !hop.found; z++) {
		if (!gate_role_is((enum role)x->p->zones[z].role, roles_of(side)))
			continue;
		if (!find_in_pair(x, z, zone, false, host, &hop))
			find_in_pair(x, zone, z, true, host, &hop);
	}
	return hop;
}

/* The further hop from the very address that the first one reaches, when there is one. */
static struct hop find_further(struct parts *x, uint32_t zone, const struct hop *near,
			       const struct ranges *addresses)
{
	ip_t a = near->witness.from == zone ? near->witness.tuple.src : near->witness.tuple.dst;
	struct ip_range here = { a, a };
	struct ranges same = { .at = &here, .count = 1, .room = 1 };
	struct hop far = { .statement = POLICY_NONE };

	if (near->found)
		far = find_hop(x, zone, FAR, &same);
	return far.found ? far : find_hop(x, zone, FAR, addresses);
}

static void report(struct parts *x, enum proof_what what, uint32_t zone, uint32_t host,
		   const struct ranges *addresses)
{
	struct finding *f = findings_add(x->findings, what);

	if (!f)
		return;
	struct hop near = find_hop(x, zone, NEAR, addresses);
	struct hop far = find_further(x, zone, &near, addresses);

	f->statement = near.statement;
	f->from = near.found ? (near.witness.from == zone ? near.witness.to : near.witness.from)
			     : zone;
	f->to = far.found ? (far.witness.from == zone ? far.witness.to : far.witness.from) : zone;
	f->object = what == PROOF_RELAY_UNNAMED ? zone : host;
	f->has_witness = near.found;
	f->witness = near.witness;
	f->has_second = far.found;
	f->second = far.witness;
	if (far.found)
		finding_other(f, far.statement);
}

/* ---- accepted ones ---- */

const struct accept_risk *parts_acceptance(const struct policy *p, uint32_t host)
{
	const struct accept_risk *last = NULL;

	for (uint32_t i = 0; i < p->accepts_count; i++)
		if (p->accepts[i].host == host && (!last || p->accepts[i].until > last->until))
			last = &p->accepts[i];
	return last;
}

static void check_host(struct parts *x, uint32_t zone, uint32_t host,
		       const struct ranges *addresses)
{
	const struct accept_risk *a = parts_acceptance(x->p, host);

	if (!a)
		report(x, PROOF_RELAY, zone, host, addresses);
	else if (a->until && x->now >= a->until)
		report(x, PROOF_RELAY_EXPIRED, zone, host, addresses);
	else
		x->relays_accepted++;
}

/* ---- one zone ---- */

static void check_hosts(struct parts *x, uint32_t zone, struct ranges *joined, bool *relays)
{
	const struct policy *p = x->p;
	struct ranges named = { 0 }, mine = { 0 };

	for (uint32_t h = 0; h < p->hosts_count; h++) {
		if (p->hosts[h].zone != zone)
			continue;
		ranges_clear(&mine);
		if (zone == policy_box_zone(p))
			ranges_add_all(&mine, joined->at, joined->count);
		for (uint32_t i = 0; i < p->hosts[h].nets.count; i++)
			ranges_add_within(&mine, p->nets[p->hosts[h].nets.first + i], joined->at,
					  joined->count);
		ranges_sort(&mine);
		ranges_add_all(&named, mine.at, mine.count);
		if (mine.count == 0)
			continue;
		relays[h] = true;
		check_host(x, zone, h, &mine);
	}
	ranges_sort(&named);
	ranges_remove(joined, &named);
	x->unknown |= named.failed || mine.failed || joined->failed;
	if (joined->count)
		report(x, PROOF_RELAY_UNNAMED, zone, POLICY_NONE, joined);
	ranges_done(&named);
	ranges_done(&mine);
}

static void check_zone(struct parts *x, uint32_t zone, bool *relays)
{
	struct ranges near = { 0 }, far = { 0 };

	talkers(x, zone, NEAR, &near);
	talkers(x, zone, FAR, &far);
	ranges_keep(&near, &far);
	x->claims++;
	x->unknown |= near.failed || far.failed;
	if (near.count)
		check_hosts(x, zone, &near, relays);
	ranges_done(&near);
	ranges_done(&far);
}

void parts_relays(struct parts *x)
{
	bool *relays = calloc(x->p->hosts_count + 1, sizeof(*relays));

	if (!relays) {
		x->unknown = true;
		return;
	}
	for (uint32_t z = 0; z < x->p->zones_count; z++)
		if (!gate_role_is((enum role)x->p->zones[z].role, 1u << ROLE_MYNUMBER | GATE_OUTER))
			check_zone(x, z, relays);
	for (uint32_t i = 0; i < x->p->accepts_count; i++) {
		struct finding *f;

		if (relays[x->p->accepts[i].host])
			continue;
		f = findings_add(x->findings, PROOF_ACCEPT_UNUSED);
		if (f)
			f->object = i;
	}
	free(relays);
}

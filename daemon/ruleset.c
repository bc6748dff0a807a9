/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ruleset: for a packet of a capture, what the kernel's ruleset does live before an engine sees it
 * (architecture.md 5): zones, addresses at home, MAC addresses, the class of a new conversation, and the
 * aggregation of what is refused.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine_state.h"
#include "daemon/record/event.h"

#define TOLD_SIZE 16384u /* sets told4, told6, told4x, told6x: size and timeout */
#define TOLD_NS (10 * (int64_t)1000000000)
#define TOLD_PROBES 16u
#define LIMIT_RATE 50 /* `limit rate 50/second`, burst 5 */
#define LIMIT_BURST 5

struct told {
	struct told_entry {
		ip_t src, dst;
		int64_t until;
		uint16_t port;
		uint8_t protocol;
	} entries[TOLD_SIZE];
	struct bucket rest;
};

bool bucket_take(struct bucket *b, int64_t now, uint32_t rate, uint32_t burst)
{
	uint64_t gained = now > b->last ? (uint64_t)(now - b->last) / 1000 * rate / 1000 : 0;

	if (b->last == 0 || gained + b->tokens > (uint64_t)burst * 1000)
		b->tokens = burst * 1000;
	else
		b->tokens += (uint32_t)gained;
	if (now > b->last)
		b->last = now;
	if (b->tokens < 1000)
		return false;
	b->tokens -= 1000;
	return true;
}

void ruleset_free(struct told *t)
{
	free(t);
}

static uint32_t told_slot(ip_t src, ip_t dst, uint16_t port, uint8_t protocol)
{
	uint64_t x = (uint64_t)src * 0x9e3779b97f4a7c15u;

	x = (x ^ (uint64_t)dst ^ (uint64_t)(dst >> 64)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ port ^ (uint64_t)protocol << 16) * 0x94d049bb133111ebu;
	return (uint32_t)(x >> 40) % TOLD_SIZE;
}

static bool told_of(const struct told_entry *t, ip_t src, ip_t dst, uint16_t port, uint8_t protocol)
{
	return t->src == src && t->dst == dst && t->port == port && t->protocol == protocol;
}

/* The entry that stands for these packets, or where one could be put (*room), or neither. */
static struct told_entry *find_told(struct told *t, ip_t src, ip_t dst, uint16_t port,
				    uint8_t protocol, int64_t now, struct told_entry **room)
{
	uint32_t at = told_slot(src, dst, port, protocol);

	*room = NULL;
	for (uint32_t i = 0; i < TOLD_PROBES; i++, at = (at + 1) % TOLD_SIZE) {
		struct told_entry *one = &t->entries[at];

		if (one->until > now && told_of(one, src, dst, port, protocol))
			return one;
		if (one->until <= now && !*room)
			*room = one;
	}
	return NULL;
}

/*
 * Whether this packet is told: the first of its kind in ten seconds, or under the limit. Where nobody
 * refused the packet when the capture was made, it was answered, and the answer is not told either.
 */
static bool first_of_its_kind(struct told *t, const struct headers *h, int64_t now)
{
	bool ports = h->protocol == IPPROTO_TCP || h->protocol == IPPROTO_UDP;
	uint16_t port = ports ? h->dport : 0, from = ports ? h->sport : 0;
	struct told_entry *room;

	if (find_told(t, h->dst, h->src, from, h->protocol, now, &room) ||
	    find_told(t, h->src, h->dst, port, h->protocol, now, &room))
		return false;
	if (!room)
		return bucket_take(&t->rest, now, LIMIT_RATE, LIMIT_BURST);
	*room = (struct told_entry){ h->src, h->dst, now + TOLD_NS, port, h->protocol };
	return true;
}

/* The networks say where an address is; the interface where it came from says more. */
static uint32_t zone_from(const struct engine *e, const struct step *s, ip_t a)
{
	uint32_t zone = interface_zone(e, s->p->ifin);

	return zone != POLICY_NONE ? zone : policy_zone_of_address(e->now->policy, a);
}

static void refuse(struct engine *e, struct step *s, uint32_t from, uint32_t to, uint8_t reason,
		   uint32_t statement)
{
	e->count.refused++;
	if (!e->denied)
		e->denied = calloc(1, sizeof(*e->denied));
	if (e->denied && first_of_its_kind(e->denied, &s->h, s->p->time))
		tell_boundary(e, s, from, to, reason, statement);
	else
		e->count.suppressed++;
}

void ruleset_refuse(struct engine *e, struct step *s, uint8_t reason, uint32_t statement)
{
	refuse(e, s, zone_from(e, s, s->h.src), policy_zone_of_address(e->now->policy, s->h.dst),
	       reason, statement);
}

/* Never forwarded: RFC 1812, 5.3.5 and 4.2.2.11, RFC 4291, 2.4 to 2.7. */
static bool stays_on_the_link(ip_t a)
{
	uint8_t top = (uint8_t)(a >> 120), second = (uint8_t)(a >> 112);
	uint32_t v4 = (uint32_t)a;

	if (ip_is_v4(a))
		return v4 == 0 || v4 >> 28 >= 0xe || v4 >> 24 == 127 || v4 >> 16 == 0xa9fe;
	return a <= 1 || top == 0xff || (top == 0xfe && (second & 0xc0) == 0x80);
}

static bool mac_matches(const struct policy *p, const struct host *h, const uint8_t mac[6])
{
	for (uint32_t i = h->macs.first; i < h->macs.first + h->macs.count; i++)
		if (memcmp(p->macs[i].bytes, mac, 6) == 0)
			return true;
	return false;
}

/* A host with registered MAC addresses is used from one of them. */
static bool wrong_mac(const struct policy *p, const struct packet *packet, ip_t a)
{
	bool registered = false;

	for (uint32_t i = 0; packet->has_mac && i < p->hosts_count; i++) {
		const struct host *h = &p->hosts[i];

		if (!h->macs.count || h->routed)
			continue;
		for (uint32_t k = h->nets.first; k < h->nets.first + h->nets.count; k++) {
			if (!ip_in(p->nets[k], a))
				continue;
			if (mac_matches(p, h, packet->mac))
				return false;
			registered = true;
		}
	}
	return registered;
}

/* A foreign capture has addresses of its own: outside the zone it is put into, one of the zone stands in. */
static ip_t stand_in(const struct policy *p, uint32_t zone, ip_t a)
{
	struct span nets = p->zones[zone].nets;

	if (policy_zone_holds(p, zone, a))
		return a;
	for (uint32_t i = nets.first; i < nets.first + nets.count; i++)
		if (ip_is_v4(p->nets[i].lo) == ip_is_v4(a))
			return p->nets[i].lo;
	return a;
}

/* A host that has no address yet, or speaks to its link: every zone's interface takes these. */
static bool needs_no_home(ip_t a)
{
	return a == 0 || a == ip_from_v4(0) || a >> 118 == 0xfe80 >> 6;
}

/* The first reason why the packet may not even ask for a class, or NONE. */
static uint8_t at_home(const struct engine *e, const struct step *s, uint32_t from)
{
	const struct policy *p = e->now->policy;

	if (from != POLICY_NONE && interface_zone(e, s->p->ifin) == from &&
	    !needs_no_home(s->h.src) && !policy_zone_holds(p, from, s->h.src))
		return EVENT_REASON_SPOOFED_ADDRESS;
	return wrong_mac(p, s->p, s->h.src) ? EVENT_REASON_WRONG_MAC : EVENT_REASON_NONE;
}

/* TCP that begins without a SYN where `on-midstream` closes: the kernel answers it with a RST. */
static bool unseen_beginning(const struct engine *e, const struct step *s)
{
	bool alert;

	return s->f->midstream && s->h.protocol == IPPROTO_TCP &&
	       judge_fail(e->now->policy->classes[s->f->class].joined.on_midstream, &alert) ==
		       JUDGED_DENY;
}

/* Met under way, it may have been opened from the far end. */
static void classify(const struct engine *e, struct step *s)
{
	struct flow *f = s->f;
	struct tuple t = f->tuple;
	uint32_t from = f->zone_from;

	f->class = policy_classify(e->now->policy, f->zone_from, f->zone_to, &t);
	if (f->class != POLICY_NONE || !f->midstream || t.protocol != IPPROTO_TCP)
		return;
	t = (struct tuple){ t.dst, t.src, t.dport, t.sport, t.protocol };
	f->class = policy_classify(e->now->policy, f->zone_to, f->zone_from, &t);
	if (f->class == POLICY_NONE)
		return;
	f->tuple = t;
	f->zone_from = f->zone_to;
	f->zone_to = from;
	s->reply = !s->reply;
}

static enum admission by_class(struct engine *e, struct step *s)
{
	const struct policy *p = e->now->policy;
	struct flow *f = s->f;
	struct facts none = { .now = engine_second(e, s->p->time) };
	struct decision d;

	if (f->class == POLICY_NONE) {
		refuse(e, s, f->zone_from, f->zone_to, EVENT_REASON_NOT_PERMITTED, POLICY_NONE);
		return REFUSED;
	}
	d = policy_decide(p, f->class, &none);
	if (p->classes[f->class].denied || d.verdict == VERDICT_DENY) {
		uint8_t reason = p->classes[f->class].denied || d.reason == REASON_DENIED
					 ? EVENT_REASON_DENIED
				 : d.reason == REASON_ENDED ? EVENT_REASON_ENDED
							    : EVENT_REASON_NOT_PERMITTED;

		if (d.statement == POLICY_NONE && p->classes[f->class].denied)
			d.statement = p->refs[p->classes[f->class].members.first];
		refuse(e, s, f->zone_from, f->zone_to, reason, d.statement);
		return REFUSED;
	}
	if (unseen_beginning(e, s)) {
		refuse(e, s, f->zone_from, f->zone_to, EVENT_REASON_MIDSTREAM, POLICY_NONE);
		return REFUSED;
	}
	f->class_number = e->now->numbers[f->class];
	return ADMITTED;
}

static enum admission admit_foreign(struct engine *e, struct step *s)
{
	const struct policy *p = e->now->policy;
	struct flow *f = s->f;
	struct tuple t = f->tuple;

	f->zone_from = e->conf.client_zone;
	f->zone_to = e->conf.server_zone;
	t.src = stand_in(p, f->zone_from, t.src);
	t.dst = stand_in(p, f->zone_to, t.dst);
	f->class = policy_classify(p, f->zone_from, f->zone_to, &t);
	return by_class(e, s);
}

enum admission ruleset_admit(struct engine *e, struct step *s)
{
	const struct policy *p = e->now->policy;
	struct flow *f = s->f;
	uint32_t from, to;

	if (e->conf.client_zone != POLICY_NONE && e->conf.server_zone != POLICY_NONE)
		return admit_foreign(e, s);
	from = zone_from(e, s, s->h.src);
	to = policy_zone_of_address(p, s->h.dst);
	f->zone_from = s->reply ? to : from;
	f->zone_to = s->reply ? from : to;
	uint8_t reason = at_home(e, s, from);

	if (reason) {
		refuse(e, s, from, to, reason, POLICY_NONE);
		return REFUSED;
	}
	if (stays_on_the_link(s->h.src) || stays_on_the_link(s->h.dst))
		return NOT_FORWARDED;
	if (from == to && from != POLICY_NONE && p->zones[from].inside_permit)
		return NOT_FORWARDED;
	classify(e, s);
	return by_class(e, s);
}

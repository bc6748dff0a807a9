/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/record/names.h"

#include "daemon/record/event.h"
#include "daemon/record/watched.h"
#include "daemon/supervise/image_slot.h"
#include "daemon/supervise/link_table.h"
#include "rules/kernel/mark.h"

#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <string.h>

static const struct policy *policy_of(const struct names *n)
{
	return n->image->map ? &n->image->policy : NULL;
}

static const char *text_or_null(const struct policy *p, uint32_t offset)
{
	return offset ? policy_string(p, offset) : NULL;
}

static const char *zone_name(const struct policy *p, uint32_t zone)
{
	return zone == POLICY_NONE ? NULL : policy_string(p, p->zones[zone].name);
}

uint32_t names_interface_zone(const struct names *n, uint32_t index)
{
	const char *name = link_table_name(n->links, index);

	return name && policy_of(n) ? policy_zone_of_interface(policy_of(n), name) : POLICY_NONE;
}

static void put_asset(const struct policy *p, ip_t address, struct event *ev)
{
	for (uint32_t i = 0; i < p->hosts_count; i++) {
		const struct span nets = p->hosts[i].nets;

		for (uint32_t k = nets.first; k < nets.first + nets.count; k++) {
			if (!ip_in(p->nets[k], address))
				continue;
			ev->asset = text_or_null(p, p->hosts[i].name);
			ev->asset_how = "policy";
			return;
		}
	}
}

void names_zones(const struct names *n, struct event *ev)
{
	const struct policy *p = policy_of(n);

	if (!p)
		return;
	ev->policy = n->image->hash;
	ev->zone_from = zone_name(p, policy_zone_of_address(p, ev->tuple.src));
	ev->zone_to = zone_name(p, policy_zone_of_address(p, ev->tuple.dst));
	put_asset(p, ev->tuple.src, ev);
}

/* ---- refused packets ---- */

/* A log statement's prefix is a reason, and after a colon the number of the class that denied. */
static uint8_t reason_of(const char *rule)
{
	const size_t n = strcspn(rule, ": ");

	for (uint8_t i = 1; i < EVENT_REASON_COUNT; i++) {
		if (strlen(event_reason_words[i]) == n &&
		    strncmp(event_reason_words[i], rule, n) == 0)
			return i;
	}
	return EVENT_REASON_NOT_PERMITTED;
}

/* The deny of a class: its only member, or nothing that could be named for certain. */
static const char *statement_of_class(const struct names *n, uint32_t mark)
{
	const struct policy *p = policy_of(n);
	const uint32_t class = image_slot_class(n->image, (uint16_t)(mark & MARK_CLASS));

	if (!p || class == POLICY_NONE || p->classes[class].members.count != 1)
		return NULL;
	return text_or_null(p, p->statements[p->refs[p->classes[class].members.first]].name);
}

void names_refused(struct names *n, const struct refused *r, uint64_t count, struct event *ev)
{
	const struct policy *p = policy_of(n);
	const uint32_t from = names_interface_zone(n, r->ifin),
		       to = names_interface_zone(n, r->ifout);

	*ev = (struct event){ .type = EVENT_ALERT,
			      .detector = DETECTOR_SEGMENTATION,
			      .reason = reason_of(r->rule),
			      .blocked = true,
			      .has_tuple = r->tuple.src || r->tuple.dst,
			      .time = r->time,
			      .tuple = r->tuple,
			      .count = count,
			      .in_iface = link_table_name(n->links, r->ifin) };
	names_zones(n, ev);
	/* The plug is a fact, the address a claim; a packet to the box itself has no way out. */
	if (from != POLICY_NONE)
		ev->zone_from = zone_name(p, from);
	if (to != POLICY_NONE)
		ev->zone_to = zone_name(p, to);
	else if (p && r->ifin && !r->ifout && ev->reason != EVENT_REASON_SPOOFED_ADDRESS)
		ev->zone_to = zone_name(p, policy_box_zone(p));
	if (ev->reason == EVENT_REASON_DENIED)
		ev->permit = statement_of_class(n, r->mark);
	if (r->has_mac)
		ev->asset_mac = mac_text(r->mac, n->mac);
}

/* ---- ended flows ---- */

void names_flow_figures(const struct conntrack_end *e, struct event *ev)
{
	if (e->counted) {
		ev->flow.packets_up = e->packets_up;
		ev->flow.packets_down = e->packets_down;
		ev->flow.bytes_up = e->bytes_up;
		ev->flow.bytes_down = e->bytes_down;
	}
	if (e->start)
		ev->flow.start = e->start;
	if (e->end)
		ev->flow.end = ev->time = e->end;
}

/* EVE's words. The kernel says how a TCP connection stood at its end; a reset leaves it in CLOSE. */
static const char *state_of(const struct conntrack_end *e)
{
	if (e->tuple.protocol == IPPROTO_TCP && e->tcp_state >= TCP_CONNTRACK_FIN_WAIT &&
	    e->tcp_state <= TCP_CONNTRACK_CLOSE)
		return "closed";
	return e->replied ? "established" : "new";
}

/* What reached the appliance or left it: its own addresses lie in the zones of its interfaces, its class tells. */
static void put_box(const struct names *n, uint32_t mark, struct event *ev)
{
	const struct policy *p = policy_of(n);
	const uint32_t class = image_slot_class(n->image, (uint16_t)(mark & MARK_CLASS));

	if (!p || class == POLICY_NONE || !p->classes[class].box_end)
		return;
	const struct statement *s = &p->statements[p->refs[p->classes[class].members.first]];

	if (s->from.count && p->endpoints[s->from.first].zone == policy_box_zone(p))
		ev->zone_from = zone_name(p, policy_box_zone(p));
	if (s->to.count && p->endpoints[s->to.first].zone == policy_box_zone(p))
		ev->zone_to = zone_name(p, policy_box_zone(p));
}

void names_end(const struct names *n, const struct conntrack_end *e, struct event *ev)
{
	const uint32_t verdict = (e->mark & MARK_VERDICT) >> 16;

	*ev = (struct event){
		.type = EVENT_FLOW, .has_tuple = true, .time = e->end, .tuple = e->tuple
	};
	names_zones(n, ev);
	put_box(n, e->mark, ev);
	names_flow_figures(e, ev);
	ev->permit = statement_of_class(n, e->mark);
	ev->inspection = verdict == MARK_OFFLOAD ? INSPECTION_OFFLOADED : INSPECTION_NONE;
	ev->flow.state = state_of(e);
	ev->flow.why = strcmp(ev->flow.state, "closed") == 0 ? "closed" : "timeout";
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * names: what the recorder adds to the kernel's bare facts: zones, permit, terminal, out of the policy.
 */
#ifndef DAEMON_RECORD_NAMES_H
#define DAEMON_RECORD_NAMES_H

#include <stdint.h>

struct conntrack_end;
struct event;
struct image_slot;
struct link_table;
struct refused;

struct names {
	const struct image_slot *image;		/* borrowed; empty: no policy yet */
	const struct link_table *links;		/* borrowed */
	char mac[18];				/* room for the event's text */
};

/* names_zones - zones and terminal of the event's tuple, by address */
void names_zones(const struct names *n, struct event *ev);

/* names_refused - the event of a refused packet. Texts live as long as the image, the links and @n. */
void names_refused(struct names *n, const struct refused *r, uint64_t count, struct event *ev);

/* names_end - a flow event from the kernel's record alone */
void names_end(const struct names *n, const struct conntrack_end *e, struct event *ev);

/* names_flow_figures - the kernel's figures into a flow event */
void names_flow_figures(const struct conntrack_end *e, struct event *ev);

/* names_interface_zone - zone of an interface, or POLICY_NONE */
uint32_t names_interface_zone(const struct names *n, uint32_t index);

#endif

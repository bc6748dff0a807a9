/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/unwrap.h"

#include "daemon/capture/copies.h"
#include "daemon/capture/decap.h"
#include "daemon/capture/defrag.h"
#include "daemon/capture/frame.h"
#include "daemon/capture/interfaces.h"
#include "daemon/capture/link.h"
#include "daemon/packet.h"
#include "daemon/record/event.h"
#include "daemon/source_pcap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NESTED_MAX = 4 }; /* tunnels in tunnels */

struct unwrap {
	struct source_pcap_conf conf;
	struct interfaces *interfaces;    /* borrowed */
	struct defrag *defrag;            /* owned; NULL: fragments are handed over */
	struct copies *copies;            /* owned; NULL: both sights are */
	uint32_t last_index, last_number; /* Linux cooked v2: the number found for an index */
	struct {
		uint64_t frames, bytes, other, malformed, copies, decapsulated;
	} counters;
};

static const char *name_of_index(const struct unwrap *u, uint32_t index, char buf[static 16])
{
	for (size_t i = 0; i < u->conf.index_count; i++)
		if (u->conf.indexes[i].index == index)
			return u->conf.indexes[i].name;
	snprintf(buf, 16, "#%u", index);
	return buf;
}

static uint32_t number_of_index(struct unwrap *u, uint32_t index)
{
	char buf[16];

	if (index != u->last_index) {
		u->last_number = interfaces_number(u->interfaces, name_of_index(u, index, buf));
		u->last_index = index;
	}
	return u->last_number;
}

static void set_packet(struct unwrap *u, const struct frame *f, const struct link *l,
		       struct packet *p)
{
	uint32_t header = f->len - (uint32_t)l->ip.left;
	uint32_t number = f->number;

	if (!number && l->ifindex)
		number = number_of_index(u, l->ifindex);
	*p = (struct packet){
		.data = l->ip.at,
		.len = (uint32_t)l->ip.left,
		.wire_len = f->wire_len - header,
		.frame_len = f->len,
		.time = f->time,
		.ifin = number,
		.vlan = l->vlan,
		.has_mac = l->has_mac,
	};
	memcpy(p->mac, l->mac, sizeof(p->mac));
}

/*
 * Tunnels are opened one by one; each may have been fragmented outside or inside. Return: whether there
 * is a packet to look at.
 */
static bool open_tunnels(struct unwrap *u, struct packet *p)
{
	for (int n = 0;; n++) {
		if (u->defrag && defrag_packet(u->defrag, p) == DEFRAG_KEPT)
			return false;
		if (!u->conf.decapsulate || n == NESTED_MAX)
			return true;
		switch (decap_packet(u->conf.decapsulate, p)) {
		case DECAP_NONE: return true;
		case DECAP_OPENED: u->counters.decapsulated++; break;
		case DECAP_NO_IP: u->counters.other++; return false;
		}
	}
}

static bool begins_like_ip(const struct cursor *c)
{
	return c->left >= 20 && (c->at[0] >> 4 == 4 || c->at[0] >> 4 == 6);
}

/* Where neither interfaces nor directions are known there is nothing to tell copies by. */
static bool is_copy(struct unwrap *u, const struct packet *p, uint8_t direction)
{
	return u->copies && (p->ifin || direction) &&
	       copies_seen(u->copies, p, direction == LINK_OUT);
}

enum unwrap_result unwrap_frame(struct unwrap *u, const struct frame *f, struct packet *p)
{
	struct link l;
	uint8_t direction;

	u->counters.frames++;
	u->counters.bytes += f->len;
	switch (link_strip(f->link_type, cursor_of(f->data, f->len), &l)) {
	case LINK_IP: break;
	case LINK_OTHER:
		if (u->conf.loose && begins_like_ip(&l.ip))
			break;
		u->counters.other++;
		return UNWRAP_NOTHING;
	case LINK_SHORT: u->counters.malformed++; return UNWRAP_NOTHING;
	case LINK_UNKNOWN: return UNWRAP_UNKNOWN_LINK;
	}
	set_packet(u, f, &l, p);
	direction = f->direction ? f->direction : l.direction;
	if (is_copy(u, p, direction)) {
		u->counters.copies++;
		return UNWRAP_NOTHING;
	}
	if (direction == LINK_OUT) {
		p->ifout = p->ifin;
		p->ifin = 0;
	}
	return open_tunnels(u, p) ? UNWRAP_PACKET : UNWRAP_NOTHING;
}

struct unwrap *unwrap_new(const struct source_pcap_conf *conf, struct interfaces *interfaces)
{
	struct unwrap *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->conf = *conf;
	u->interfaces = interfaces;
	u->defrag = conf->fragments ? NULL : defrag_new(&defrag_conf_default);
	u->copies = conf->copies ? NULL : copies_new();
	if ((u->defrag || conf->fragments) && (u->copies || conf->copies))
		return u;
	unwrap_free(u);
	return NULL;
}

void unwrap_free(struct unwrap *u)
{
	if (!u)
		return;
	defrag_free(u->defrag);
	copies_free(u->copies);
	free(u);
}

size_t unwrap_counters(const struct unwrap *u, struct event_counter *out, size_t max)
{
	static const struct defrag_counters none;
	const struct defrag_counters *d = u->defrag ? defrag_counters(u->defrag) : &none;
	const struct event_counter all[] = {
		{ "capture", "frames", u->counters.frames },
		{ "capture", "bytes", u->counters.bytes },
		{ "capture", "not_ip", u->counters.other },
		{ "capture", "malformed", u->counters.malformed },
		{ "capture", "copies", u->counters.copies },
		{ "capture", "decapsulated", u->counters.decapsulated },
		{ "defrag", "fragments", d->fragments },
		{ "defrag", "reassembled", d->reassembled },
		{ "defrag", "duplicates", d->duplicates },
		{ "defrag", "overlaps", d->overlaps },
		{ "defrag", "timeouts", d->timeouts },
		{ "defrag", "refused", d->refused },
	};
	size_t n = sizeof(all) / sizeof(all[0]);

	if (n > max)
		n = max;
	memcpy(out, all, n * sizeof(*out));
	return n;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_net: networks, MAC addresses and interfaces. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/lang/lex.h"
#include "rules/lang/networks.h"
#include "rules/lang/read.h"
#include "rules/text.h"

static void report_network(struct unit *u, const struct term *t, int why, struct ip_range whole)
{
	char buf[IP_RANGE_TEXT];

	switch (why) {
	case -ERANGE: diag_add(u->diags, MSG_NETWORK_LENGTH, t->at, t->text); break;
	case -EDOM:
		diag_add(u->diags, MSG_NETWORK_HOST_BITS, t->at, t->text,
			 ip_range_text(whole, buf));
		break;
	case -EBADMSG: diag_add(u->diags, MSG_NETWORK_ENDS, t->at, t->text); break;
	default: diag_add(u->diags, MSG_NETWORK, t->at, t->text); break;
	}
}

/* IPv6 text that spans the v4-mapped part ("::/0") stands for two ranges and is refused as one. */
static bool crosses_families(struct ip_range r)
{
	struct ip_range v4 = ip_all_v4();

	return !ip_is_v4(r.lo) && r.lo < v4.lo && r.hi > v4.hi;
}

static void suggest_prefixes(struct unit *u, const struct term *t, struct ip_range r)
{
	struct text all = { 0 };
	struct ip_range part;
	unsigned int count = 0;

	for (bool more = true; more && count < 4; count++) {
		char buf[IP_RANGE_TEXT];

		more = networks_next_prefix(&r, &part);
		text_printf(&all, "%s%s", all.len ? ", " : "", ip_range_text(part, buf));
		if (count == 3 && more)
			text_puts(&all, " ...");
	}
	if (!all.failed)
		diag_add(u->diags, MSG_RANGE_NO_PREFIX, t->at, t->text, all.bytes);
	text_done(&all);
}

bool read_network(struct unit *u, const struct term *t, struct ip_range *out)
{
	struct ip_range r = { 0 };
	int why = ip_parse_range(t->text, &r);

	if (why) {
		report_network(u, t, why, r);
		return false;
	}
	if (crosses_families(r)) {
		diag_add(u->diags, MSG_NETWORK_ALL_V6, t->at, t->text);
		return false;
	}
	if (ip_prefix_length(r) < 0)
		suggest_prefixes(u, t, r);
	*out = r;
	return true;
}

struct listed { /* a network of a list and where it stands */
	struct ip_range net;
	struct location at;
};

static int by_start(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	if (x->net.lo != y->net.lo)
		return x->net.lo < y->net.lo ? -1 : 1;
	return (x->at.offset > y->at.offset) - (x->at.offset < y->at.offset);
}

/* Of two the one that stands later is at fault. */
static void report_overlap(const struct reading *r, const struct listed *a, const struct listed *b)
{
	const struct listed *first = a->at.offset < b->at.offset ? a : b,
			    *later = first == a ? b : a;
	char one[IP_RANGE_TEXT], other[IP_RANGE_TEXT];

	diag_add(r->u->diags, MSG_NETWORK_REPEATED, later->at, ip_range_text(later->net, one),
		 ip_range_text(first->net, other));
	diag_add(r->u->diags, MSG_FIRST_HERE, first->at);
}

static void check_overlaps(const struct reading *r, struct listed *all, uint32_t count)
{
	qsort(all, count, sizeof(*all), by_start);
	for (uint32_t i = 1, widest = 0; i < count && r->u->diags->errors < LEX_ERRORS_MAX; i++) {
		if (all[i].net.lo <= all[widest].net.hi)
			report_overlap(r, &all[widest], &all[i]);
		if (all[i].net.hi > all[widest].net.hi)
			widest = i;
	}
}

/* The networks of a list in the draft, sorted and joined; one inside another is reported. */
static struct span read_list(const struct reading *r)
{
	struct draft *d = &r->u->draft;
	uint32_t first = d->nets_count, items = 0, count = 0;

	for (const struct item *i = r->items; i; i = i->next)
		items++;
	struct listed *all = unit_alloc(r->u, items * sizeof(*all));

	for (const struct item *i = r->items; i && all; i = i->next) {
		const struct term *t = read_one_term(r, i);

		if (t && read_network(r->u, t, &all[count].net))
			all[count++].at = t->at;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct ip_range *slot = draft_add_nets(d);

		if (slot)
			*slot = all[i].net;
	}
	if (count)
		check_overlaps(r, all, count);
	return networks_sort(d, first);
}

void read_networks(const struct reading *r)
{
	*(struct span *)r->field = read_list(r);
}

/* `rest` is marked here and computed when all other zones are known. */
void read_zone_networks(const struct reading *r)
{
	struct zone *z = (struct zone *)((char *)r->field - offsetof(struct zone, nets));
	const struct term *t = r->items->terms;

	if (t->string || t->next || strcmp(t->text, "rest") != 0) {
		z->nets = read_list(r);
		return;
	}
	z->rest = true;
	if (r->items->next)
		diag_add(r->u->diags, MSG_REST_ALONE, r->items->next->at);
}

/* --- MAC addresses and interfaces ------------------------------------------------------------ */

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct mac));
}

void read_macs(const struct reading *r)
{
	struct draft *d = &r->u->draft;
	uint32_t first = d->macs_count;

	for (const struct item *i = r->items; i; i = i->next) {
		const struct term *t = read_one_term(r, i);
		uint8_t mac[6];

		if (!t)
			continue;
		if (!networks_mac(t->text, mac)) {
			diag_add(r->u->diags, MSG_MAC, t->at, t->text);
			continue;
		}
		struct mac *slot = draft_add_macs(d);

		if (slot)
			memcpy(slot->bytes, mac, sizeof(mac));
	}
	if (d->macs_count > first)
		qsort(d->macs + first, d->macs_count - first, sizeof(struct mac), by_bytes);
	*(struct span *)r->field = (struct span){ first, d->macs_count - first };
}

static bool is_interface(const char *s)
{
	size_t n = strlen(s);

	for (const char *p = s; *p; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
		      (*p >= '0' && *p <= '9') || strchr("-_.@+", *p)))
			return false;
	return n >= 1 && n <= 15 && strcmp(s, ".") && strcmp(s, "..") && strcmp(s, "lo");
}

void read_interfaces(const struct reading *r)
{
	struct draft *d = &r->u->draft;
	uint32_t first = d->words_count;

	for (const struct item *i = r->items; i; i = i->next) {
		const struct term *t = read_one_term(r, i);

		if (!t)
			continue;
		if (!is_interface(t->text)) {
			diag_add(r->u->diags, MSG_INTERFACE, t->at, t->text);
			continue;
		}
		uint32_t *word = draft_add_words(d);

		if (word)
			*word = draft_string(d, t->text, strlen(t->text));
	}
	*(struct span *)r->field = read_sorted_words(r->u, first);
}

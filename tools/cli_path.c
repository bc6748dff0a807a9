/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_path.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/kernel/command.h"
#include "daemon/kernel/table.h"
#include "rules/kernel/mark.h"
#include "rules/kernel/nft.h"
#include "rules/text.h"

#define NFT_SECONDS 20

/* ---- as it is compiled ---- */

static const char *zone_name(const struct policy *p, uint32_t zone)
{
	return policy_string(p, p->zones[zone].name);
}

static bool serves_ftp(const struct policy *p, const struct class *k)
{
	for (uint32_t i = k->members.first; i < k->members.first + k->members.count; i++) {
		const struct statement *s = &p->statements[p->refs[i]];

		for (uint32_t n = s->services.first; n < s->services.first + s->services.count; n++)
			if (s->type == STATEMENT_PERMIT && p->services[p->refs[n]].ftp)
				return true;
	}
	return false;
}

/* The letter of a box's map, as nft_map.c chooses it. */
static char map_letter(const struct box *b)
{
	if (b->kind == BOX_ICMP)
		return 'i';
	if (b->kind == BOX_PROTOCOL)
		return 'x';
	return b->src.lo == b->src.hi && b->dst.lo == b->dst.hi && b->lo == b->hi ? 'h' : 'p';
}

static void put_target(const struct policy *p, const struct class *k, struct cli_path *out)
{
	const bool one = serves_ftp(p, k);

	if (k->denied) {
		snprintf(out->target, sizeof(out->target), "denied");
	} else if (k->box_end || !k->queued) {
		snprintf(out->target, sizeof(out->target), "%s",
			 k->joined.offload && !k->box_end ? "offl" : "accept");
	} else {
		snprintf(out->target, sizeof(out->target), "q_%s%s", k->closed ? "closed" : "open",
			 one ? "_one" : "");
		snprintf(out->queues, sizeof(out->queues), one ? "%u" : "%u...",
			 k->closed ? 0 : QUEUE_OPEN_OFFSET);
	}
}

static const char *classes_of(const struct policy *p, uint32_t from, uint32_t to)
{
	const uint32_t box = policy_box_zone(p);

	return from == box || to == box ? "class_box" : "class";
}

void cli_path_of(const struct policy *p, uint32_t from, uint32_t to, const struct box *b,
		 struct cli_path *out)
{
	const uint32_t box = policy_box_zone(p);

	*out = (struct cli_path){ 0 };
	snprintf(out->entry, sizeof(out->entry), "%s",
		 to == box     ? "input, in"
		 : from == box ? "output, out"
			       : "forward, pair");
	snprintf(out->chain, sizeof(out->chain), "p_%s_%s", zone_name(p, from), zone_name(p, to));
	snprintf(out->map, sizeof(out->map), "%c%c_%s_%s", map_letter(b),
		 ip_is_v4(b->src.lo) ? '4' : '6', zone_name(p, from), zone_name(p, to));
	out->classes = classes_of(p, from, to);
	put_target(p, &p->classes[b->class], out);
}

/* ---- as the kernel has it ---- */

/* What stands behind " : " of the one element that nft shows. */
static bool value_of(const char *listing, char *out, size_t size)
{
	const char *at = listing ? strstr(listing, "elements = {") : NULL;
	size_t n;

	at = at ? strstr(at, " : ") : NULL;
	if (!at)
		return false;
	at += 3;
	n = strcspn(at, ",}\n");
	while (n && at[n - 1] == ' ')
		n--;
	snprintf(out, size, "%.*s", (int)n, at);
	return n > 0;
}

static bool get(const char *map, const char *key, char value[static PATH_NAME])
{
	char element[256];
	const char *const argv[] = { "nft",      "-n", "get",   "element", "inet",
				     "sekimori", map,  element, NULL };
	struct text out = { 0 };
	bool found;

	snprintf(element, sizeof(element), "{ %s }", key);
	found = command_run(argv, "", 0, &out, NULL, NFT_SECONDS) == 0 &&
		value_of(out.bytes, value, PATH_NAME);
	text_done(&out);
	return found;
}

/* What follows the addresses in a map's key, and its letters in the order they are tried. */
static const char *rest_of_key(const struct tuple *t, char buf[static 32])
{
	switch (t->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP: snprintf(buf, 32, "%u . %u", t->protocol, t->dport); return "hp";
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6: snprintf(buf, 32, "%u", t->dport); return "i";
	default: snprintf(buf, 32, "%u", t->protocol); return "x";
	}
}

/* A map without the side that is all of a family has keys without it. */
static bool get_class(const char *map, const struct tuple *t, const char *rest,
		      char value[static PATH_NAME])
{
	char src[IP_TEXT], dst[IP_TEXT], key[160];

	ip_text(t->src, src);
	ip_text(t->dst, dst);
	for (int sides = 3; sides >= 0; sides--) {
		snprintf(key, sizeof(key), "%s%s%s%s%s", sides & 1 ? src : "",
			 sides & 1 ? " . " : "", sides & 2 ? dst : "", sides & 2 ? " . " : "",
			 rest);
		if (get(map, key, value))
			return true;
	}
	return false;
}

static void ask_maps(const struct policy *p, uint32_t from, uint32_t to, const struct tuple *t,
		     struct cli_kernel *out)
{
	char rest[32], value[PATH_NAME], key[32];
	const char *letters = rest_of_key(t, rest);

	out->state = CLI_KERNEL_REFUSED;
	for (; *letters; letters++) {
		snprintf(out->map, sizeof(out->map), "%c%c_%s_%s_%u", *letters,
			 ip_is_v4(t->src) ? '4' : '6', zone_name(p, from), zone_name(p, to),
			 out->apply);
		if (get_class(out->map, t, rest, value))
			break;
	}
	if (!*letters)
		return;
	out->class = (uint32_t)strtoul(value, NULL, 0) & 0xffff;
	snprintf(out->classes, sizeof(out->classes), "%s_%u", classes_of(p, from, to), out->apply);
	snprintf(key, sizeof(key), "0x%08x", out->class);
	if (get(out->classes, key, out->action))
		out->state = CLI_KERNEL_FOUND;
}

void cli_kernel_ask(const struct policy *p, uint32_t from, uint32_t to, const struct tuple *t,
		    struct cli_kernel *out)
{
	struct text listing = { 0 };
	const int e = table_list(&listing);

	*out = (struct cli_kernel){ .state = CLI_KERNEL_UNREADABLE, .error = e };
	if (e == -ENODATA)
		out->state = CLI_KERNEL_NONE;
	else if (e == 0) {
		out->apply = listing.bytes ? nft_in_force(listing.bytes) : 0;
		out->state = CLI_KERNEL_EMPTY;
	}
	text_done(&listing);
	if (out->apply)
		ask_maps(p, from, to, t, out);
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool cli_kernel_agrees(const struct policy *p, uint32_t class, bool live,
		       const struct cli_kernel *k)
{
	const struct class *c = class == POLICY_NONE ? NULL : &p->classes[class];

	if (k->state != CLI_KERNEL_FOUND || !c || c->denied || !live)
		return (!c || c->denied || !live) &&
		       (k->state == CLI_KERNEL_REFUSED ||
			(k->state == CLI_KERNEL_FOUND &&
			 (starts(k->action, "goto denied") || starts(k->action, "goto refused"))));
	if (c->box_end || !c->queued)
		return starts(k->action, "accept") || starts(k->action, "goto offl");
	return starts(k->action, c->closed ? "goto q_closed" : "goto q_open");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/image_check.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "rules/policy.h"
#include "rules/utf8.h"

struct check {
	const struct policy *p;
	char *why; /* borrowed; 160 bytes */
};

static bool refuse_at(struct check *c, const char *section, uint32_t i, const char *what)
{
	return image_refuse(c->why, "%s[%u]: %s", section, i, what);
}

/* UTF-8 without control characters; NUL stands between texts, the first text is empty. */
static bool check_strings(struct check *c)
{
	const uint8_t *s = (const uint8_t *)c->p->strings;
	uint32_t n = c->p->strings_count, i = 0;

	if (n == 0 || s[0] || s[n - 1])
		return image_refuse(c->why, "strings: do not start and end with NUL");
	while (i < n) {
		size_t len = utf8_sequence(s + i, n - i);

		if (len == 0 || (len == 1 && s[i] && (s[i] < ' ' || s[i] == 0x7f)))
			return image_refuse(c->why, "strings: byte %u is no text", i);
		i += (uint32_t)len;
	}
	return true;
}

/* Ends in order, and both in one family (a range of IPv6 does not run over the v4-mapped part). */
static bool is_range(struct ip_range r)
{
	struct ip_range v4 = ip_all_v4();

	if (r.lo > r.hi)
		return false;
	return ip_is_v4(r.lo) ? ip_is_v4(r.hi) : r.hi < v4.lo || r.lo > v4.hi;
}

static bool check_nets(struct check *c)
{
	for (uint32_t i = 0; i < c->p->nets_count; i++)
		if (!is_range(c->p->nets[i]))
			return refuse_at(c, "nets", i, "is no range");
	for (uint32_t i = 0; i < c->p->words_count; i++)
		if (!image_is_text(c->p, c->p->words[i]))
			return refuse_at(c, "words", i, "is no text");
	for (uint32_t i = 0; i < c->p->apps_count; i++)
		if (!image_is_text(c->p, c->p->apps[i]))
			return refuse_at(c, "apps", i, "is no text");
	return true;
}

static bool is_one_of(char ch, const char *set)
{
	return ch && strchr(set, ch);
}

static bool is_alnum(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9');
}

/* Names of zones become names of nft chains, joined by '_'. */
static bool is_zone_name(const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (!is_alnum(s[i]) && s[i] != '-')
			return false;
	return n >= 1 && n <= 64;
}

/* As the kernel's dev_valid_name(), and nothing that would end the quoted text of nft. */
static bool is_interface_name(const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (!is_alnum(s[i]) && !is_one_of(s[i], "-_.@+"))
			return false;
	return n >= 1 && n <= 15 && strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

static bool check_zone(struct check *c, uint32_t i)
{
	const struct policy *p = c->p;
	const struct zone *z = &p->zones[i];
	bool last = i == policy_box_zone(p);

	if (!is_zone_name(policy_string(p, z->name)))
		return refuse_at(c, "zones", i, "name");
	if ((z->role == ROLE_BOX) != last || (last && (z->nets.count || z->interfaces.count)))
		return refuse_at(c, "zones", i, "the last zone, and no other, is the box");
	if (policy_zone_named(p, policy_string(p, z->name)) != i)
		return refuse_at(c, "zones", i, "another zone has this name");
	for (uint32_t n = 1; n < z->nets.count; n++)
		if (p->nets[z->nets.first + n - 1].hi >= p->nets[z->nets.first + n].lo)
			return refuse_at(c, "zones", i, "networks out of order");
	for (uint32_t w = z->interfaces.first; w < z->interfaces.first + z->interfaces.count; w++) {
		const char *name = policy_string(p, p->words[w]);

		if (!is_interface_name(name))
			return refuse_at(c, "zones", i, "interface name");
		if (policy_zone_of_interface(p, name) != i)
			return refuse_at(c, "zones", i,
					 "another zone has an interface of this one");
	}
	return true;
}

/* Two ordered lists of ranges. */
static bool lists_overlap(const struct policy *p, struct span a, struct span b)
{
	while (a.count && b.count) {
		struct ip_range ra = p->nets[a.first], rb = p->nets[b.first];

		if (ip_overlaps(ra, rb))
			return true;
		struct span *behind = ra.hi < rb.lo ? &a : &b;

		behind->first++;
		behind->count--;
	}
	return false;
}

static bool check_zones(struct check *c)
{
	const struct policy *p = c->p;
	uint64_t interfaces = 0;

	if (p->zones_count == 0 || p->zones_count > POLICY_ZONES_MAX)
		return image_refuse(c->why, "zones: %u, at most %u", p->zones_count,
				    POLICY_ZONES_MAX);
	for (uint32_t i = 0; i < p->zones_count; i++)
		interfaces += p->zones[i].interfaces.count;
	if (interfaces > POLICY_INTERFACES_MAX)
		return image_refuse(c->why, "zones: more than %u interfaces",
				    POLICY_INTERFACES_MAX);
	for (uint32_t i = 0; i < p->zones_count; i++)
		if (!check_zone(c, i))
			return false;
	for (uint32_t i = 0; i < p->zones_count; i++)
		for (uint32_t j = 0; j < i; j++)
			if (lists_overlap(p, p->zones[i].nets, p->zones[j].nets))
				return refuse_at(c, "zones", i, "network overlaps another zone's");
	return true;
}

static bool check_times(struct check *c)
{
	const struct policy *p = c->p;

	for (uint32_t i = 0; i < p->windows_count; i++) {
		const struct window *w = &p->windows[i];

		if (w->from_minute >= 1440 || w->to_minute < 1 || w->to_minute > 1440)
			return refuse_at(c, "windows", i, "hours");
		for (uint32_t d = 1; d < w->holidays.count; d++)
			if (p->dates[w->holidays.first + d - 1] >= p->dates[w->holidays.first + d])
				return refuse_at(c, "windows", i, "holidays out of order");
	}
	return true;
}

static bool check_services(struct check *c)
{
	for (uint32_t i = 0; i < c->p->ports_count; i++)
		if (c->p->ports[i].lo > c->p->ports[i].hi)
			return refuse_at(c, "ports", i, "ends are swapped");
	return true;
}

static bool check_endpoints(struct check *c)
{
	const struct policy *p = c->p;
	const uint32_t counts[] = {
		[END_ZONE] = p->zones_count,   [END_HOST] = p->hosts_count,
		[END_GROUP] = p->groups_count, [END_SITE] = p->sites_count,
		[END_PREFIX] = p->nets_count,
	};

	for (uint32_t i = 0; i < p->endpoints_count; i++) {
		const struct endpoint *e = &p->endpoints[i];

		if (e->kind >= sizeof(counts) / sizeof(counts[0]) || e->index >= counts[e->kind])
			return refuse_at(c, "endpoints", i, "kind or index");
	}
	return true;
}

static bool check_statements(struct check *c)
{
	const struct policy *p = c->p;

	if (p->apps_count > POLICY_APPS_MAX)
		return image_refuse(c->why, "apps: %u, at most %u", p->apps_count, POLICY_APPS_MAX);
	for (uint32_t i = 0; i < p->statements_count; i++) {
		const struct statement *s = &p->statements[i];

		if ((s->profile == POLICY_NONE) != (s->type == STATEMENT_DENY))
			return refuse_at(c, "statements", i, "profile");
		if (s->disabled || s->disabled_on)
			return refuse_at(c, "statements", i, "disabled, yet in force");
	}
	for (uint32_t i = 0; i < p->disabled_count; i++)
		if (p->disabled[i].type != STATEMENT_PERMIT || !p->disabled[i].disabled ||
		    p->disabled[i].profile == POLICY_NONE)
			return refuse_at(c, "disabled", i, "is no disabled permit");
	return true;
}

static bool check_classes(struct check *c)
{
	const struct policy *p = c->p;

	if (p->classes_count > POLICY_CLASSES_MAX)
		return image_refuse(c->why, "classes: %u, at most %u", p->classes_count,
				    POLICY_CLASSES_MAX);
	for (uint32_t i = 0; i < p->classes_count; i++) {
		const struct class *k = &p->classes[i];

		if (k->members.count == 0)
			return refuse_at(c, "classes", i, "no members");
		for (uint32_t m = 1; m < k->members.count; m++)
			if (p->refs[k->members.first + m - 1] >= p->refs[k->members.first + m])
				return refuse_at(c, "classes", i, "members out of order");
		if ((k->denied || k->box_end) && k->queued)
			return refuse_at(c, "classes", i, "queued though denied or the box's own");
	}
	return true;
}

/* --- boxes ------------------------------------------------------------------------------------ */

static bool zone_covers(const struct policy *p, uint32_t zone, struct ip_range r)
{
	struct span s = p->zones[zone].nets;
	uint32_t lo = s.first, hi = s.first + s.count;

	if (zone == policy_box_zone(p))
		return true;
	while (lo < hi) { /* the first that does not end before r */
		uint32_t mid = lo + (hi - lo) / 2;

		if (p->nets[mid].hi < r.lo)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s.first + s.count && ip_covers(p->nets[lo], r);
}

static bool is_one_side(const struct box *b)
{
	return is_range(b->src) && is_range(b->dst) && ip_is_v4(b->src.lo) == ip_is_v4(b->dst.lo);
}

static bool holds_special(const struct box *b)
{
	static const uint8_t special[] = { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6 };

	for (size_t i = 0; i < sizeof(special); i++)
		if (b->protocol <= special[i] && special[i] <= b->protocol_hi)
			return true;
	return false;
}

static bool is_service(const struct box *b)
{
	bool one = b->protocol == b->protocol_hi, v4 = ip_is_v4(b->src.lo);

	if (b->lo > b->hi || b->protocol > b->protocol_hi)
		return false;
	if (b->kind == BOX_PORTS)
		return one && (b->protocol == IPPROTO_TCP || b->protocol == IPPROTO_UDP);
	if (b->kind == BOX_ICMP)
		return one && b->hi <= 255 && b->protocol == (v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	return b->lo == 0 && b->hi == UINT16_MAX && !holds_special(b);
}

/* -1 before, 0 equal, 1 neither: overlapping, or out of order. */
static int order(ip_t alo, ip_t ahi, ip_t blo, ip_t bhi)
{
	if (ahi < blo)
		return -1;
	return alo != blo || ahi != bhi;
}

/* The nesting that policy_classify() searches: the first level that differs must be in order. */
static bool is_nested(const struct box *a, const struct box *b)
{
	int levels[] = {
		order(a->kind, a->kind, b->kind, b->kind),
		order(a->protocol, a->protocol_hi, b->protocol, b->protocol_hi),
		order(a->lo, a->hi, b->lo, b->hi),
		order(a->dst.lo, a->dst.hi, b->dst.lo, b->dst.hi),
		order(a->src.lo, a->src.hi, b->src.lo, b->src.hi),
	};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i] != 0)
			return levels[i] < 0;
	return false; /* the same box twice */
}

static bool check_box(struct check *c, const struct pair *pair, uint32_t i)
{
	const struct policy *p = c->p;
	const struct box *b = &p->boxes[i];

	if (!is_one_side(b) || !is_service(b))
		return refuse_at(c, "boxes", i, "is no box");
	if (!zone_covers(p, pair->from, b->src) || !zone_covers(p, pair->to, b->dst))
		return refuse_at(c, "boxes", i, "outside its zones");
	bool box_end = pair->from == policy_box_zone(p) || pair->to == policy_box_zone(p);

	if (p->classes[b->class].box_end != box_end)
		return refuse_at(c, "boxes", i, "its class has the box as an end, or has not");
	if (i > pair->boxes.first && !is_nested(b - 1, b))
		return refuse_at(c, "boxes", i, "out of order, or overlaps the one before");
	return true;
}

static bool check_pairs(struct check *c)
{
	const struct policy *p = c->p;
	uint32_t next = 0;

	if (p->pairs_count != p->zones_count * p->zones_count)
		return image_refuse(c->why, "pairs: %u of %u zones", p->pairs_count,
				    p->zones_count);
	for (uint32_t i = 0; i < p->pairs_count; i++) {
		const struct pair *pair = &p->pairs[i];

		if (pair->from * p->zones_count + pair->to != i)
			return refuse_at(c, "pairs", i, "is not the pair of this place");
		if (pair->boxes.first != next)
			return refuse_at(c, "pairs", i, "its boxes do not follow the last pair's");
		next += pair->boxes.count;
		for (uint32_t b = pair->boxes.first; b < next; b++)
			if (!check_box(c, pair, b))
				return false;
	}
	return next == p->boxes_count ||
	       image_refuse(c->why, "boxes: %u of no pair", p->boxes_count - next);
}

int image_check(const struct policy *p, char why[static 160])
{
	struct check c = { .p = p, .why = why };
	bool ok;

	if (p->model >= MODEL_COUNT)
		ok = image_refuse(why, "model %u", p->model);
	else
		ok = check_strings(&c) && check_nets(&c) && image_fields(p, why) &&
		     check_zones(&c) && check_times(&c) && check_services(&c) &&
		     check_endpoints(&c) && check_statements(&c) && check_classes(&c) &&
		     check_pairs(&c);
	return ok ? 0 : -EBADMSG;
}

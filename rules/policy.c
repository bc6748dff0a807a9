/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/policy.h"

#include <netinet/in.h>
#include <string.h>

#define WORD_(N, W) W,
const char *const policy_model_words[MODEL_COUNT] = { POLICY_MODELS(WORD_) };
const char *const policy_role_words[ROLE_COUNT] = { POLICY_ROLES(WORD_) };
const char *const policy_kind_words[KIND_COUNT] = { POLICY_KINDS(WORD_) };
const char *const policy_inspect_words[INSPECT_COUNT] = { POLICY_INSPECTS(WORD_) };
const char *const policy_direction_words[DIRECTION_COUNT] = { POLICY_DIRECTIONS(WORD_) };
const char *const policy_action_words[ACTION_COUNT] = { POLICY_ACTIONS(WORD_) };
const char *const policy_answer_words[ANSWER_COUNT] = { POLICY_ANSWERS(WORD_) };
const char *const policy_log_words[LOG_COUNT_] = { POLICY_LOGS(WORD_) };
const char *const policy_detector_words[DETECT_COUNT] = { POLICY_DETECTORS(WORD_) };
const char *const policy_limit_words[LIMIT_COUNT_] = { POLICY_LIMITS(WORD_) };
const char *const policy_per_words[PER_COUNT] = { POLICY_PERS(WORD_) };

uint32_t policy_zone_named(const struct policy *p, const char *name)
{
	for (uint32_t z = 0; z < p->zones_count; z++)
		if (strcmp(policy_string(p, p->zones[z].name), name) == 0)
			return z;
	return POLICY_NONE;
}

uint32_t policy_zone_of_interface(const struct policy *p, const char *ifname)
{
	for (uint32_t z = 0; z < p->zones_count; z++) {
		struct span s = p->zones[z].interfaces;

		for (uint32_t i = s.first; i < s.first + s.count; i++)
			if (strcmp(policy_string(p, p->words[i]), ifname) == 0)
				return z;
	}
	return POLICY_NONE;
}

uint32_t policy_zone_of_address(const struct policy *p, ip_t a)
{
	for (uint32_t z = 0; z < policy_box_zone(p); z++)
		if (policy_zone_holds(p, z, a))
			return z;
	return POLICY_NONE;
}

bool policy_zone_holds(const struct policy *p, uint32_t zone, ip_t a)
{
	struct span s = p->zones[zone].nets;
	uint32_t lo = s.first, hi = s.first + s.count;

	if (zone == policy_box_zone(p))
		return true;
	while (lo < hi) { /* the first range that does not end before a */
		uint32_t mid = lo + (hi - lo) / 2;

		if (p->nets[mid].hi < a)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s.first + s.count && ip_in(p->nets[lo], a);
}

/*
 * One level of the nesting: how the interval of a box lies to the value of the tuple. Below zero,
 * before it; 0 holds it; above zero, after it.
 */
static int side(ip_t lo, ip_t hi, ip_t value)
{
	return hi < value ? -1 : lo > value;
}

static int by_service(const struct box *b, const struct tuple *t)
{
	bool ports = t->protocol == IPPROTO_TCP || t->protocol == IPPROTO_UDP;
	bool icmp = t->protocol == IPPROTO_ICMP || t->protocol == IPPROTO_ICMPV6;
	int kind = ports ? BOX_PORTS : icmp ? BOX_ICMP : BOX_PROTOCOL;
	int order = (int)b->kind - kind;

	if (order == 0)
		order = side(b->protocol, b->protocol_hi, t->protocol);
	if (order == 0 && kind != BOX_PROTOCOL)
		order = side(b->lo, b->hi, t->dport);
	return order;
}

static int by_dst(const struct box *b, const struct tuple *t)
{
	return side(b->dst.lo, b->dst.hi, t->dst);
}

static int by_src(const struct box *b, const struct tuple *t)
{
	return side(b->src.lo, b->src.hi, t->src);
}

/* The first box of [lo, hi) that is not before `limit` at this level; hi when there is none. */
static uint32_t bound(const struct policy *p, uint32_t lo, uint32_t hi, const struct tuple *t,
		      int (*level)(const struct box *, const struct tuple *), int limit)
{
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (level(&p->boxes[mid], t) < limit)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint32_t policy_classify(const struct policy *p, uint32_t from, uint32_t to, const struct tuple *t)
{
	static int (*const levels[])(const struct box *, const struct tuple *) = {
		by_service,
		by_dst,
		by_src,
	};

	if (from >= p->zones_count || to >= p->zones_count)
		return POLICY_NONE;
	if (!policy_zone_holds(p, from, t->src) || !policy_zone_holds(p, to, t->dst))
		return POLICY_NONE;
	struct span s = p->pairs[from * p->zones_count + to].boxes;
	uint32_t lo = s.first, hi = s.first + s.count;

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		uint32_t first = bound(p, lo, hi, t, levels[i], 0);

		hi = bound(p, first, hi, t, levels[i], 1);
		lo = first;
	}
	return lo < hi ? p->boxes[lo].class : POLICY_NONE;
}

bool policy_name_matches(const char *pattern, const char *name)
{
	if (pattern[0] != '*' || pattern[1] != '.')
		return strcmp(pattern, name) == 0;
	size_t n = strlen(name), suffix = strlen(pattern + 1); /* ".example" */

	return n > suffix && strcmp(name + n - suffix, pattern + 1) == 0;
}

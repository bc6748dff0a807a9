/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/live.h"

#include <string.h>

#include "rules/policy.h"

#define GRACE 2 /* seconds that a shared class outlives its first permit */

static bool has_conditions(const struct statement *s)
{
	return s->applications.count || s->names.count;
}

static bool uses_ftp(const struct policy *p, const struct statement *s)
{
	for (uint32_t i = s->services.first; i < s->services.first + s->services.count; i++)
		if (p->services[p->refs[i]].ftp)
			return true;
	return false;
}

/* What the members of one class add up to. */
struct sum {
	unsigned int permits, denies; /* in force; denies without conditions only */
	bool refuse, silent;          /* of those denies: all of them */
	int64_t first, last;          /* ends of permits in force */
	int64_t deny;                 /* begin of the next deny without conditions */
	bool whole, ftp;
};

static void add_permit(const struct policy *p, struct sum *sum, const struct statement *s,
		       int64_t now)
{
	int64_t end = policy_ends(p, s, now);

	sum->permits++;
	sum->first = end < sum->first ? end : sum->first;
	sum->last = end > sum->last ? end : sum->last;
	sum->ftp |= uses_ftp(p, s);
}

static void add_deny(struct sum *sum, const struct statement *s)
{
	sum->denies++;
	sum->refuse &= s->answer != ANSWER_SILENT;
	sum->silent &= s->log == LOG_NONE || s->log == LOG_COUNT;
}

static void add_member(const struct policy *p, struct sum *sum, const struct statement *s,
		       int64_t now)
{
	bool live = policy_live(p, s, now);
	bool plain_deny = s->type == STATEMENT_DENY && !has_conditions(s);

	sum->whole &= live;
	if (s->type != STATEMENT_DENY && live)
		add_permit(p, sum, s, now);
	else if (plain_deny && live)
		add_deny(sum, s);
	else if (plain_deny) {
		int64_t begin = policy_changes(p, s, now);

		sum->deny = begin < sum->deny ? begin : sum->deny;
	}
}

static int64_t lasts(const struct sum *sum, int64_t now)
{
	int64_t end = sum->first;

	if (end != INT64_MAX && sum->last > end)
		end += GRACE;
	if (sum->deny < end)
		end = sum->deny;
	return end == INT64_MAX ? 0 : end - now;
}

/* The meaning, and which members are in force when not all are. */
static void make_key(const struct policy *p, const struct class *k, int64_t now, bool whole,
		     uint8_t key[static SHA256_BYTES])
{
	struct sha256 h;

	memcpy(key, k->meaning, SHA256_BYTES);
	if (whole)
		return;
	sha256_init(&h);
	sha256_add(&h, k->meaning, SHA256_BYTES);
	for (uint32_t i = k->members.first; i < k->members.first + k->members.count; i++) {
		uint8_t live = policy_live(p, &p->statements[p->refs[i]], now);

		sha256_add(&h, &live, 1);
	}
	sha256_end(&h, key);
}

static struct live_class judge(const struct policy *p, const struct class *k, int64_t now,
			       bool dated)
{
	struct live_class live = { .state = LIVE_ABSENT };
	struct sum sum = {
		.refuse = true,
		.silent = true,
		.first = INT64_MAX,
		.deny = INT64_MAX,
		.whole = true,
	};

	for (uint32_t i = k->members.first; i < k->members.first + k->members.count; i++)
		add_member(p, &sum, &p->statements[p->refs[i]], now);
	if (sum.denies) {
		live.state = LIVE_DENIED;
		live.refuse = sum.refuse;
		live.silent = sum.silent;
	} else if (sum.permits) {
		live.state = LIVE_OPEN;
		live.ftp = sum.ftp;
		live.lasts = dated ? lasts(&sum, now) : 0;
	}
	make_key(p, k, now, sum.whole, live.key);
	return live;
}

void live_classes(const struct policy *p, int64_t now, bool dated, struct live_class *out)
{
	for (uint32_t i = 0; i < p->classes_count; i++)
		out[i] = judge(p, &p->classes[i], now, dated);
}

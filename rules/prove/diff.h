/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff: what changes for packets between two policies, exactly: newly permitted, newly denied, and
 * permitted before and after but otherwise (application, name, time, inspection).
 *
 * Zones are matched by interface, as packets arrive: renaming a zone, a host or a permit changes nothing,
 * moving an interface changes everything that passes it. Which texts changed is not asked here.
 */
#ifndef RULES_PROVE_DIFF_H
#define RULES_PROVE_DIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"
#include "rules/prove/boxes.h"
#include "rules/prove/prove.h"

/* X(NAME, English, Japanese) */
#define DIFF_CHANGES(X) \
	X(OPENED, "newly permitted", "新たに許可") X(CLOSED, "newly denied", "新たに拒否") \
	X(CHANGED, "permitted as before, but otherwise", "許可のまま扱いが変わる")
#define DIFF_RESULTS(X) \
	X(NEUTRAL, "neutral", "変化なし") X(TIGHTENING, "tightening", "厳しくなる") \
	X(LOOSENING, "loosening", "緩くなる") X(UNKNOWN, "unknown", "不明")

#define DIFF_CHANGE_(N, en, ja) DIFF_##N,
enum diff_change { DIFF_CHANGES(DIFF_CHANGE_) DIFF_CHANGE_COUNT };
enum diff_result { DIFF_RESULTS(DIFF_CHANGE_) DIFF_RESULT_COUNT };

#define DIFF_BOXES_MAX 100u	/* of one entry; beyond, `more` */
#define DIFF_ENTRIES_MAX 5000u	/* kept; beyond, only counted */
#define DIFF_OTHERS_MAX 3u

#define DIFF_INSIDE (POLICY_NONE - 1)	/* in place of a statement: the zone is `inside permit` */

/*
 * What one statement changes between two zones. `statement` is of the new policy, but for CLOSED of the
 * old one. CHANGED names what applied before and applies instead; one of the two may be POLICY_NONE.
 */
struct diff_entry {
	uint8_t change;			/* enum diff_change */
	uint8_t order;			/* of CHANGED: TERMS_STRICTER, TERMS_LAXER, both, or neither (terms.h) */
	uint8_t others_count;
	bool more;			/* boxes are missing */
	uint32_t from, to;		/* zones of the policy that has the statement */
	uint32_t statement;
	uint32_t before;		/* of CHANGED: the statement of the old policy */
	uint32_t others[DIFF_OTHERS_MAX];	/* the other policy's plain denies that decide there */
	struct span boxes;		/* of boxes.at */
	struct space_count count;	/* conversations: addresses, protocol, port */
	struct witness witness;		/* zones as from, to */
};

struct diff {
	enum diff_result result;
	bool protected;			/* something opened or loosened touches mynumber or a public line */
	struct diff_entry *entries;	/* owned; by change, then pair, then statement */
	uint32_t entries_count;
	uint32_t totals[DIFF_CHANGE_COUNT];	/* all entries, also those not kept */
	struct boxes boxes;
	uint32_t pairs;			/* of zones that had to be compared */
	uint64_t nodes;
};

struct differ;
struct differ *differ_new(uint32_t node_max);	/* NULL for no memory */
void differ_free(struct differ *v);

/* diff_policies - 0 and *out filled (diff_done frees it), UNKNOWN when nodes ran out; -ENOMEM */
int diff_policies(struct differ *v, const struct policy *before, const struct policy *after, struct diff *out);
void diff_done(struct diff *d);

extern const char *const diff_change_words[DIFF_CHANGE_COUNT][2];	/* English, Japanese */
extern const char *const diff_result_words[DIFF_RESULT_COUNT][2];

#endif

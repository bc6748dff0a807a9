/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/words.h"

#include "rules/jst.h"
#include "rules/prove/gate_rules.h"
#include "rules/prove/matrix.h"
#include "rules/prove/names.h"
#include "rules/prove/parts.h"
#include "rules/text.h"

const char *words_statement(const struct policy *p, uint32_t i)
{
	return i == POLICY_NONE ? "" : policy_string(p, p->statements[i].name);
}

const char *words_zone(const struct policy *p, uint32_t i)
{
	return i == POLICY_NONE ? "" : policy_string(p, p->zones[i].name);
}

const char *words_role(const struct policy *p, uint32_t i)
{
	return i == POLICY_NONE ? "" : policy_role_words[p->zones[i].role];
}

static void put_item(struct text *t, const char *word)
{
	text_printf(t, "%s%s", t->len ? ", " : "", word);
}

static void put_bits(uint32_t bits, const char *const *words, uint32_t n, struct text *t)
{
	for (uint32_t i = 0; i < n; i++)
		if (bits >> i & 1)
			put_item(t, words[i]);
}

static void put_kinds(uint16_t kinds, const char *condition, struct text *t)
{
	for (uint32_t k = 0; k < KIND_COUNT; k++) {
		if (!(kinds >> k & 1))
			continue;
		put_item(t, policy_kind_words[k]);
		if (*condition)
			text_printf(t, " %s", condition);
	}
}

/* What the cell allows: "screen, mail-text", "ordinary to host", "udp 123, port 53". */
static void put_allowed(const struct policy *p, const struct finding *f, struct text *t)
{
	enum role from = (enum role)p->zones[f->from].role, to = (enum role)p->zones[f->to].role;
	const uint16_t every = (1u << KIND_COUNT) - 1;
	const struct allowance *a = NULL;

	while ((a = matrix_next((enum model)p->model, from, to, a))) {
		const char *condition = matrix_condition_words[a->condition];

		if (a->kinds == every)
			put_item(t, condition);
		else
			put_kinds(a->kinds, condition, t);
	}
}

/* Each open key with the value that opens it. */
static void put_open(const struct policy *p, const struct finding *f, struct text *t)
{
	const struct profile *profile = &p->profiles[f->object];

#define OPEN_(field, key) \
	if (f->bits >> RULE_##field & 1) { \
		put_item(t, key); \
		text_printf(t, " %s", policy_action_words[profile->field]); \
	}
	RULE_FAILS(OPEN_)
#undef OPEN_
}

static void put_others(const struct policy *p, const struct finding *f, struct text *t)
{
	for (uint32_t i = 0; i < f->others_count; i++) {
		put_item(t, "'");
		text_printf(t, "%s'", words_statement(p, f->others[i]));
	}
}

static void put_last_day(int64_t until, struct text *t)
{
	char buf[JST_TEXT];

	text_puts(t, jst_date_text(until - 1, buf));
}

void words_put_address(ip_t a, struct text *t)
{
	char buf[IP_TEXT];

	text_puts(t, ip_text(a, buf));
}

/* Of a relay: its own address in the first hop. */
static ip_t relay_address(const struct policy *p, const struct finding *f)
{
	bool opened = p->zones[f->witness.from].role == ROLE_MYNUMBER;

	return opened ? f->witness.tuple.dst : f->witness.tuple.src;
}

static void put_example_address(const struct policy *p, uint32_t host, struct text *t)
{
	char buf[IP_RANGE_TEXT];

	text_puts(t, ip_range_text(p->nets[p->hosts[host].nets.first], buf));
}

void words_put_detail(const struct policy *p, const struct finding *f, struct text *t)
{
	switch (f->what) {
	case PROOF_CELL_KIND:
	case PROOF_CELL_CONDITION: put_allowed(p, f, t); break;
	case PROOF_INCOMPLETE: put_bits(f->bits, rule_part_words, RULE_PART_COUNT, t); break;
	case PROOF_FAILS_OPEN: put_open(p, f, t); break;
	case PROOF_GUEST_WATCHED: put_bits(f->bits, rule_guest_words, RULE_GUEST_COUNT, t); break;
	case PROOF_ZONES_SHARE: words_put_address(f->witness.tuple.src, t); break;
	case PROOF_RELAY_UNNAMED: words_put_address(relay_address(p, f), t); break;
	case PROOF_RELAY_EXPIRED: put_last_day(parts_acceptance(p, f->object)->until, t); break;
	case PROOF_PERMIT_NEVER:
	case PROOF_PERMIT_COVERED: put_others(p, f, t); break;
	case PROOF_PERMIT_ENDED: put_last_day(p->statements[f->statement].until, t); break;
	case PROOF_PLACEHOLDER: text_puts(t, policy_string(p, f->object)); break;
	case PROOF_EXAMPLE_ADDRESS: put_example_address(p, f->object, t); break;
	default: break;
	}
}

void words_put_object(const struct policy *p, const struct finding *f, struct text *t)
{
	uint32_t i = f->object;

	switch (f->what) {
	case PROOF_CELL_KIND:
	case PROOF_CELL_CONDITION:
		text_puts(t, policy_kind_words[p->statements[f->statement].kind]);
		break;
	case PROOF_END_UNNAMED:
	case PROOF_END_UNBOUND:
	case PROOF_RELAY_UNNAMED: text_puts(t, words_zone(p, i)); break;
	case PROOF_RELAY:
	case PROOF_RELAY_EXPIRED:
	case PROOF_HOST_EMPTY:
	case PROOF_EXAMPLE_ADDRESS: names_put_host(p, i, t); break;
	case PROOF_FAILS_OPEN: text_puts(t, policy_string(p, p->profiles[i].name)); break;
	case PROOF_ASSERT_NEVER:
	case PROOF_ASSERT_ONLY: text_puts(t, policy_string(p, p->assertions[i].name)); break;
	case PROOF_GROUP_EMPTY: text_puts(t, policy_string(p, p->groups[i].name)); break;
	case PROOF_SITE_EMPTY: text_puts(t, policy_string(p, p->sites[i].name)); break;
	case PROOF_ACCEPT_UNUSED: text_puts(t, policy_string(p, p->accepts[i].name)); break;
	default: break;
	}
}

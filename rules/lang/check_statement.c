/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_statement: permits are complete, denies and crossings make sense; accepted risks, assertions. */
#include <string.h>

#include "rules/lang/check.h"
#include "rules/lang/read.h"
#include "rules/lang/tables.h"

static const struct block *block_of(const struct unit *u, uint32_t statement)
{
	return u->tables[TABLE_STATEMENTS].blocks[statement];
}

/* --- the appliance as an end ------------------------------------------------------------------- */

/* Whether every conversation of a statement ends at the appliance, or any does. */
static bool box_only(const struct unit *u, const struct statement *s)
{
	return !check_ends_in_role(u, s->from, ~(1u << ROLE_BOX)) ||
	       !check_ends_in_role(u, s->to, ~(1u << ROLE_BOX));
}

static bool box_at_all(const struct unit *u, const struct statement *s)
{
	return check_ends_in_role(u, s->from, 1u << ROLE_BOX) ||
	       check_ends_in_role(u, s->to, 1u << ROLE_BOX);
}

/* What only the engine could hold apart, where no engine sees the packets. */
static void check_box_end(struct unit *u, const struct statement *s, const struct block *b)
{
	static const char *const keys[] = { "application", "name", "feed" };
	bool said[] = { s->applications.count > 0, s->names.count > 0, s->feed != POLICY_NONE };

	if (!box_at_all(u, s))
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (said[i] && read_entry(b, keys[i]))
			diag_add(u->diags, MSG_BOX_UNSEEN, read_place(b, keys[i]), keys[i]);
	if (s->type == STATEMENT_DENY && (s->since || s->until))
		diag_add(u->diags, MSG_BOX_DENY_TIMED, read_place(b, s->until ? "until" : "since"),
			 b->name);
}

/* --- times ------------------------------------------------------------------------------------- */

static void check_times(struct unit *u, const struct statement *s, const struct block *b)
{
	if (s->since && s->until && s->until <= s->since) {
		diag_add(u->diags, MSG_UNTIL_BEFORE_SINCE, read_place(b, "until"), b->name);
		diag_add(u->diags, MSG_OTHER_HERE, read_place(b, "since"));
	}
	if (s->approved_on && s->until && s->until <= s->approved_on) {
		diag_add(u->diags, MSG_UNTIL_BEFORE_APPROVAL, read_place(b, "until"), b->name);
		diag_add(u->diags, MSG_OTHER_HERE, read_place(b, "approved-on"));
	}
	if (s->at_end_alarm && !s->until)
		diag_add(u->diags, MSG_AT_END_UNUSED, read_place(b, "at-end"), b->name);
}

/* --- permits ----------------------------------------------------------------------------------- */

/* A permit to sites that have names asks for those names, unless it says its own. */
static void inherit_names(struct unit *u, struct statement *s)
{
	struct draft *d = &u->draft;
	uint32_t first = d->words_count;

	if (s->names.count || s->to.count == 0)
		return;
	for (uint32_t i = s->to.first; i < s->to.first + s->to.count; i++)
		if (d->endpoints[i].kind != END_SITE ||
		    d->sites[d->endpoints[i].index].names.count == 0)
			return;
	for (uint32_t i = s->to.first; i < s->to.first + s->to.count; i++) {
		struct span names = d->sites[d->endpoints[i].index].names;

		for (uint32_t n = 0; n < names.count; n++) {
			uint32_t word = d->words[names.first + n], *slot = draft_add_words(d);

			if (slot)
				*slot = word;
		}
	}
	s->names = read_sorted_words(u, first);
}

static bool touches_protected(const struct unit *u, const struct statement *s)
{
	return check_ends_in_role(u, s->from, CHECK_PROTECTED_ROLES) ||
	       check_ends_in_role(u, s->to, CHECK_PROTECTED_ROLES);
}

static const char *protected_zone(const struct unit *u, const struct statement *s)
{
	const struct span ends[] = { s->from, s->to };

	for (size_t k = 0; k < 2; k++)
		for (uint32_t i = ends[k].first; i < ends[k].first + ends[k].count; i++) {
			uint32_t zone = u->draft.endpoints[i].zone;

			if (CHECK_PROTECTED_ROLES >> u->draft.zones[zone].role & 1)
				return u->tables[TABLE_ZONES].blocks[zone]->name;
		}
	return "";
}

static void check_complete(struct unit *u, const struct statement *s, const struct block *b)
{
	bool formal =
		s->kind == KIND_SPECIFIC || s->kind == KIND_UPDATE || s->kind == KIND_MAINTENANCE;

	if (b->broken)
		return;
	if (!s->until && !s->review && !read_entry(b, "until") && !read_entry(b, "review"))
		diag_add(u->diags, MSG_PERMIT_ENDLESS, b->at, b->name);
	if (formal && !read_entry(b, "reference") && read_entry(b, "kind"))
		diag_add(u->diags, MSG_PERMIT_REFERENCE, b->at, b->name,
			 policy_kind_words[s->kind]);
	if (s->applications.count == 0 && touches_protected(u, s) && !box_only(u, s) &&
	    (!read_entry(b, "application") ||
	     !strcmp(read_entry(b, "application")->items->terms->text, "any")))
		diag_add(u->diags, MSG_PERMIT_APPLICATION, read_place(b, "application"), b->name,
			 protected_zone(u, s));
}

/* What has to be seen of packets that no engine is asked to look at. */
static void check_uninspected(struct unit *u, const struct statement *s, const struct block *b)
{
	static const char *const keys[] = { "application", "name", "direction" };
	bool said[] = { s->applications.count > 0, s->names.count > 0,
			s->direction != DIRECTION_BOTH };
	const struct draft *d = &u->draft;

	if (s->profile == POLICY_NONE || d->profiles[s->profile].inspect != INSPECT_NONE)
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (said[i])
			diag_add(u->diags, MSG_PERMIT_UNINSPECTED, read_place(b, keys[i]), keys[i],
				 u->tables[TABLE_PROFILES].blocks[s->profile]->name);
	for (uint32_t i = s->services.first; i < s->services.first + s->services.count; i++)
		if (d->services[d->refs[i]].ftp)
			diag_add(u->diags, MSG_FTP_UNINSPECTED, read_place(b, "profile"),
				 u->tables[TABLE_SERVICES].blocks[d->refs[i]]->name);
}

/* What the inspection does when it cannot tell is a decision of somebody's there, not a default. */
static void check_stated(struct unit *u, const struct statement *s, const struct block *b)
{
	static const struct {
		const char *key;
		enum inspect_level from;
	} keys[] = {
		{ "on-unknown-application", INSPECT_METADATA },
		{ "on-uninspectable", INSPECT_CONTENT },
	};
	const struct block *profile;

	if (s->profile == POLICY_NONE || !touches_protected(u, s) || box_only(u, s))
		return;
	profile = u->tables[TABLE_PROFILES].blocks[s->profile];
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (u->draft.profiles[s->profile].inspect < keys[i].from || profile->built_in ||
		    profile->broken || read_entry(profile, keys[i].key))
			continue;
		diag_add(u->diags, MSG_PROFILE_UNSTATED, read_place(b, "profile"), b->name,
			 protected_zone(u, s), profile->name, keys[i].key);
		diag_add(u->diags, MSG_PROFILE_HERE, profile->at);
	}
}

/* In mynumber and public-line every end is a named machine; proved in full by `check`, said here. */
static void check_named(struct unit *u, const struct block *b, const char *key, struct span ends)
{
	static const char *const kinds[] = { "zone", "host", "group", "site", "network" };
	const struct draft *d = &u->draft;
	uint32_t roles = 1u << ROLE_MYNUMBER | 1u << ROLE_PUBLIC_LINE;

	for (uint32_t i = ends.first; i < ends.first + ends.count; i++) {
		const struct endpoint *e = &d->endpoints[i];

		if (!(roles >> d->zones[e->zone].role & 1) || e->kind == END_HOST ||
		    e->kind == END_GROUP)
			continue;
		diag_add(u->diags, MSG_END_NOT_NAMED, read_place(b, key),
			 u->tables[TABLE_ZONES].blocks[e->zone]->name, kinds[e->kind]);
	}
}

static void check_permit(struct unit *u, struct statement *s, const struct block *b)
{
	inherit_names(u, s);
	if (s->disabled_on) {
		diag_add(u->diags, MSG_DISABLED_ON_ALONE, read_place(b, "disabled-on"), b->name);
		s->disabled_on = 0;
	}
	check_complete(u, s, b);
	check_uninspected(u, s, b);
	check_stated(u, s, b);
	check_named(u, b, "from", s->from);
	check_named(u, b, "to", s->to);
	if (s->profile != POLICY_NONE)
		s->log = u->draft.profiles[s->profile].log;
	else /* reported; the image would not hold together without one */
		s->profile = tables_find(u, TABLE_PROFILES, "strict");
}

/* --- denies and crossings ---------------------------------------------------------------------- */

static void check_deny(struct unit *u, struct statement *s, const struct block *b)
{
	const struct draft *d = &u->draft;
	bool reset = s->from.count > 0;

	for (uint32_t i = s->from.first; i < s->from.first + s->from.count; i++)
		reset &= d->zones[d->endpoints[i].zone].refuse_reset;
	if (!read_entry(b, "answer"))
		s->answer = reset ? ANSWER_RESET : ANSWER_SILENT;
	if (s->feed != POLICY_NONE)
		diag_add(u->diags, MSG_FEED_LATER, read_place(b, "feed"), b->name);
}

/* Nothing but named permits may ever join these to the rest, so neither may an observed crossing. */
static bool never_crosses(uint8_t a, uint8_t b)
{
	uint32_t inner = 1u << ROLE_MYNUMBER | 1u << ROLE_PUBLIC_LINE;

	return (inner >> a & 1) && !(CHECK_PROTECTED_ROLES >> b & 1);
}

static void check_crossing(struct unit *u, struct statement *s, const struct block *b)
{
	const struct draft *d = &u->draft;
	uint32_t *any = draft_add_refs(&u->draft);

	if (any)
		*any = tables_find(u, TABLE_SERVICES, "any");
	s->services = (struct span){ u->draft.refs_count - 1, 1 };
	s->profile = tables_find(u, TABLE_PROFILES, "observe");
	s->log = d->profiles[s->profile].log;
	if (s->from.count == 0 || s->to.count == 0)
		return;
	const struct endpoint *from = &d->endpoints[s->from.first],
			      *to = &d->endpoints[s->to.first];
	uint8_t a = d->zones[from->zone].role, z = d->zones[to->zone].role;

	if (a == ROLE_COUNT || z == ROLE_COUNT)
		return;
	if (a == ROLE_BOX || z == ROLE_BOX)
		diag_add(u->diags, MSG_CROSSING_BOX, read_place(b, "between"), b->name);
	else if (never_crosses(a, z) || never_crosses(z, a))
		diag_add(u->diags, MSG_CROSSING_NEVER, read_place(b, "between"),
			 policy_role_words[a], policy_role_words[z]);
}

void check_statements(struct unit *u)
{
	static void (*const parts[])(struct unit *, struct statement *, const struct block *) = {
		[STATEMENT_PERMIT] = check_permit,
		[STATEMENT_DENY] = check_deny,
		[STATEMENT_CROSSING] = check_crossing,
	};

	for (uint32_t i = 0; i < u->draft.statements_count && !unit_failed(u); i++) {
		struct statement *s = &u->draft.statements[i];
		const struct block *b = block_of(u, i);

		parts[s->type](u, s, b);
		check_box_end(u, s, b);
		check_times(u, s, b);
	}
}

/* What is out of force needs only what a permit cannot be shown without. */
void check_disabled(struct unit *u)
{
	struct draft *d = &u->draft;

	for (uint32_t i = 0; i < d->disabled_count; i++)
		if (d->disabled[i].profile == POLICY_NONE) /* reported */
			d->disabled[i].profile = tables_find(u, TABLE_PROFILES, "strict");
}

void check_accepts(struct unit *u)
{
	for (uint32_t i = 0; i < u->draft.accepts_count; i++)
		u->draft.accepts[i].word = draft_string(&u->draft, "relay", 5);
}

void check_assertions(struct unit *u)
{
	for (uint32_t i = 0; i < u->draft.assertions_count; i++) {
		const struct block *b = u->tables[TABLE_ASSERTIONS].blocks[i];
		const struct assertion *a = &u->draft.assertions[i];

		if (a->only && !read_entry(b, "via"))
			diag_add(u->diags, MSG_ASSERT_VIA, b->at, b->name);
		if (!a->only && read_entry(b, "via"))
			diag_add(u->diags, MSG_ASSERT_VIA_UNUSED, read_place(b, "via"), b->name);
	}
}

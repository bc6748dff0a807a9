/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "daemon/apply/run.h"
#include "daemon/kernel/ctnetlink.h"
#include "daemon/kernel/features.h"
#include "daemon/kernel/table.h"
#include "rules/kernel/fate.h"
#include "rules/kernel/live.h"
#include "rules/kernel/mark.h"
#include "rules/kernel/nft.h"

static bool offloads(const struct policy *p)
{
	for (uint32_t i = 0; i < p->classes_count; i++)
		if (p->classes[i].joined.offload)
			return true;
	return false;
}

static struct nft_plan plan_of(const struct run *r)
{
	if (r->nothing)
		return (struct nft_plan){ .queues = r->conf->queues };
	return (struct nft_plan){
		.apply = r->out->apply,
		.policy = &r->fresh.policy,
		.classes = r->fresh.live,
		.queues = r->conf->queues,
		.native_queue = r->native_queue,
		.flowtable = r->flowtable,
	};
}

static int load_part(struct run *r, void (*write)(const struct nft_plan *, struct text *),
		     const char *en, const char *ja)
{
	struct nft_plan plan = plan_of(r);
	struct text rules = { 0 }, said = { 0 };

	write(&plan, &rules);
	int e = table_load(&rules, &said);

	if (e < 0)
		apply_fail(r->out->why, e, en, ja, &said);
	text_done(&rules);
	text_done(&said);
	return e;
}

/* The kernel counts from when it is told: what the steps before took is not given on top. */
static void take_off_time(struct run *r)
{
	const int64_t took = (store_clock() - r->judged) / INT64_C(1000000000);

	for (uint32_t i = 0; i < r->fresh.policy.classes_count; i++) {
		struct live_class *live = &r->fresh.live[i];

		if (live->lasts)
			live->lasts = live->lasts > took ? live->lasts - took : 1;
	}
}

int apply_add(struct run *r)
{
	const struct policy *p = &r->fresh.policy;

	if (r->nothing)
		return 0;
	take_off_time(r);
	r->flowtable = offloads(p) && features_devices(p) && features_flowtable();
	return load_part(r, nft_add, "adding the new rules", "新しい規則の追加");
}

int apply_switch(struct run *r)
{
	int e = load_part(r, nft_switch, "switching to the new rules", "新しい規則への切り替え");

	r->out->in_force = e == 0;
	return e;
}

int apply_end_classes(struct run *r)
{
	int e = 0;

	for (uint32_t i = 0; r->fates && i < r->old.policy.classes_count; i++) {
		if (r->fates[i] != FATE_ENDED || r->old.live[i].number == 0)
			continue;
		int one = ctnetlink_delete_class(r->netlink, r->old.live[i].number);

		r->out->classes_ended += one == 0;
		e = e ? e : one;
	}
	if (e < 0)
		apply_explain(r->out->why, "ending conversations that are now denied: %s",
			      "拒否になった通信の終了: %s", strerror(-e));
	return e;
}

/* The class of an opener's tuple in the new policy, or NULL. */
static const struct live_class *live_of(const struct run *r, const struct tuple *t, uint32_t *class)
{
	const struct policy *p = &r->fresh.policy;

	*class = policy_classify(p, policy_zone_of_address(p, t->src),
				 policy_zone_of_address(p, t->dst), t);
	return *class == POLICY_NONE ? NULL : &r->fresh.live[*class];
}

/* Offloaded packets meet no rule, so those whose class is gone are judged here: what the addresses alone
 * permit may go on, as PASS; anything else has to begin anew and be inspected. */
static uint32_t keep_offloaded(void *ctx, const struct tuple *t, uint16_t number)
{
	const struct run *r = ctx;
	struct facts nothing = { .now = r->now };
	uint32_t class;
	const struct live_class *live = live_of(r, t, &class);

	if (!live || live->state != LIVE_OPEN)
		return 0;
	if (live->number == number)
		return (uint32_t)MARK_OFFLOAD << 16 | number;
	struct decision d = policy_decide(&r->fresh.policy, class, &nothing);

	return d.verdict == VERDICT_PASS && d.final ? (uint32_t)MARK_PASS << 16 | live->number : 0;
}

int apply_end_offloaded(struct run *r)
{
	if (r->nothing || (!r->flowtable && !(r->old.known && offloads(&r->old.policy))))
		return 0;
	int e = ctnetlink_offloaded(r->netlink, keep_offloaded, r, &r->out->offloads_ended);

	if (e < 0)
		apply_explain(r->out->why, "offloaded conversations: %s", "オフロード中の通信: %s",
			      strerror(-e));
	return e;
}

int apply_tell(struct run *r)
{
	if (r->nothing)
		return 0;
	if (r->calls->in_force)
		r->calls->in_force(r->calls->ctx, r->out->apply);
	apply_set_interfaces(r);
	return 0;
}

/* The seconds count from here, whatever the steps before took. */
static int begin_trial(const struct run *r)
{
	struct store_point trial;
	int e = store_rename(&r->store, "next", "trial");

	if (e == 0 && r->within)
		e = store_point(&r->store, "trial", &trial);
	if (e < 0 || !r->within)
		return e;
	trial.until = store_clock() + r->within * INT64_C(1000000000);
	return store_set_point(&r->store, "trial", &trial);
}

static int promote(const struct run *r)
{
	int e;

	if (r->within || r->until)
		return begin_trial(r);
	e = r->nothing ? store_forget(&r->store, "current")
		       : store_rename(&r->store, "next", "current");
	if (e == 0)
		e = store_forget(&r->store, "trial");
	if (e == 0 && r->q->act == APPLY_NEW)
		e = proposal_forget(&r->store);
	return e;
}

static int say_store(struct run *r, int e)
{
	if (e < 0)
		apply_explain(r->out->why, "%s: %s", "%s: %s", r->conf->state_directory,
			      strerror(-e));
	return e;
}

int apply_promote(struct run *r)
{
	return say_store(r, promote(r));
}

int apply_confirm(struct run *r)
{
	struct store_point p = r->trial;
	int e;

	p.until = 0;
	if (!p.closed)
		p.boot[0] = '\0';
	e = store_set_point(&r->store, "current", &p);
	if (e == 0)
		e = store_forget(&r->store, "trial");
	if (e == 0)
		proposal_forget(&r->store);
	r->out->apply = p.apply;
	r->out->in_force = e == 0;
	return say_store(r, e);
}

/* T2 has not happened: what T1 added goes again, and nobody keeps what was loaded. */
void apply_undo(struct run *r)
{
	struct text listing = { 0 }, err = { 0 };

	if (r->out->apply && table_list(&listing) == 0)
		table_sweep(listing.bytes, r->in_force, &err);
	store_forget(&r->store, "next");
	if (r->out->apply && r->calls->dropped)
		r->calls->dropped(r->calls->ctx, r->out->apply);
	text_done(&listing);
	text_done(&err);
}

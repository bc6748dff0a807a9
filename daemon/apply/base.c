/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/apply/run.h"
#include "daemon/kernel/features.h"
#include "daemon/kernel/table.h"
#include "rules/kernel/nft.h"

static void say(const struct run *r, const char *en, const char *ja)
{
	if (r->calls->progress)
		r->calls->progress(r->calls->ctx, en, ja);
}

static int probe(struct run *r)
{
	struct text none = { 0 };
	int e = features_queue(&r->native_queue);

	return e < 0 ? apply_fail(r->out->why, e, "nft (needs root)", "nft (root 権限が必要)",
				  &none)
		     : 0;
}

static int load(struct run *r, const struct text *rules, const char *en, const char *ja)
{
	struct text said = { 0 };
	int e = table_load(rules, &said);

	if (e < 0)
		apply_fail(r->out->why, e, "base rules", "基本の規則", &said);
	else
		say(r, en, ja);
	text_done(&said);
	return e;
}

/* All of it, or after an upgrade what is shared: then some packets may be lost, this once. */
static int load_base(struct run *r)
{
	struct text rules = { 0 }, none = { 0 };
	int e = table_list(&r->listing);

	if (e == -ENODATA) {
		nft_base(&rules);
		e = load(r, &rules,
			 "base rules loaded: everything is denied until a policy is applied",
			 "基本の規則を読み込みました。定義を適用するまで全て拒否します");
	} else if (e < 0) {
		apply_fail(r->out->why, e, "listing the ruleset", "規則の一覧", &none);
	} else if (!strstr(r->listing.bytes, "chain " NFT_BASE_VERSION " {")) {
		nft_shared(&rules);
		e = load(r, &rules, "shared rules renewed", "共通の規則を更新しました");
	}
	text_done(&rules);
	return e;
}

static int load_slots(struct run *r)
{
	struct text rules = { 0 }, said = { 0 };
	bool changed = false;

	nft_slots(r->conf->queues, &rules);
	int e = rules.failed ? -ENOMEM : features_slots(rules.bytes, &changed, &said);

	if (e < 0)
		apply_fail(r->out->why, e, "queue rules of iptables-nft",
			   "iptables-nft のキュー規則", &said);
	else if (changed)
		say(r, "queue rules of iptables-nft written (this kernel has no nft queue)",
		    "iptables-nft のキュー規則を設定 (このカーネルには nft の queue がありません)");
	text_done(&rules);
	text_done(&said);
	return e;
}

static void told_setting(void *ctx, const char *path, const char *value, bool failed)
{
	char en[200], ja[200];

	snprintf(en, sizeof(en), failed ? "%s could not be set to %s" : "%s set to %s", path,
		 value);
	snprintf(ja, sizeof(ja), failed ? "%s を %s にできません" : "%s を %s に設定", path, value);
	say(ctx, en, ja);
}

int apply_make_base(struct run *r)
{
	int e = probe(r);

	if (e == 0)
		e = load_base(r);
	if (e == 0 && !r->native_queue)
		e = load_slots(r);
	if (e == 0)
		features_settings(NULL, told_setting, r);
	return e;
}

int apply_list(struct run *r)
{
	struct text said = { 0 };
	int e = table_list(&r->listing);

	if (e < 0 && e != -ENODATA)
		apply_fail(r->out->why, e, "listing the ruleset", "規則の一覧", &said);
	return e == -ENODATA ? 0 : e;
}

void apply_set_interfaces(struct run *r)
{
	features_settings(&r->fresh.policy, told_setting, r);
}

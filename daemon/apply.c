/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/apply.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/kernel/ctnetlink.h"
#include "daemon/kernel/features.h"
#include "daemon/kernel/netlink.h"
#include "daemon/kernel/table.h"
#include "daemon/store.h"
#include "rules/image.h"
#include "rules/json.h"
#include "rules/jst.h"
#include "rules/kernel/fate.h"
#include "rules/kernel/live.h"
#include "rules/kernel/mark.h"
#include "rules/kernel/nft.h"
#include "rules/kernel/numbers.h"
#include "rules/policy.h"
#include "rules/text.h"

#include <linux/netlink.h>

/* A policy as the kernel is told it. */
struct side {
	struct policy policy;
	struct live_class *live; /* owned; numbered */
	const void *map;         /* owned; NULL: the bytes are the caller's */
	size_t map_len;
	bool known; /* policy and live are filled */
};

struct run {
	const struct apply_conf *conf;
	const struct apply_request *q;
	const struct apply_calls *calls;
	struct apply_result *out;
	struct store store;
	struct features features;
	struct store_point current; /* apply 0: none */
	uint32_t in_force;          /* as the kernel says */
	int64_t now;                /* by which the new policy is judged */
	struct side old, fresh;
	const void *image; /* borrowed; of the fresh one */
	size_t image_len;
	struct numbers *numbers; /* owned */
	uint8_t *fates;          /* owned; of the old one's classes */
	int netlink;             /* owned */
	struct text err;         /* what a program said */
};

/* --- saying what went wrong ------------------------------------------------------------------- */

__attribute__((format(printf, 2, 4), format(printf, 3, 4))) static void
explain(char why[2][APPLY_WHY], const char *en, const char *ja, ...)
{
	const char *const texts[2] = { en, ja };
	va_list ap;

	for (int i = 0; i < 2; i++) {
		va_start(ap, ja);
		vsnprintf(why[i], APPLY_WHY, texts[i], ap);
		va_end(ap);
	}
}

/* The first line a program complained in is the one that says what is wrong. */
static const char *first_line(struct text *err)
{
	if (!err->bytes)
		return "";
	err->bytes[strcspn(err->bytes, "\n")] = '\0';
	return err->bytes;
}

static int fail_command(char why[2][APPLY_WHY], int error, const char *en, const char *ja,
			struct text *err)
{
	const char *said = first_line(err);

	if (error == -ENOENT)
		explain(why, "%s: the program is not installed (apt install nftables iptables)",
			"%s: プログラムがありません (apt install nftables iptables)", en);
	else if (error == -EIO)
		explain(why, "%s: %s", "%s: %s", en, said);
	else
		explain(why, "%s: %s", "%s: %s", en, strerror(-error));
	if (error != -ENOENT)
		snprintf(why[1], APPLY_WHY, "%s: %s", ja, error == -EIO ? said : strerror(-error));
	text_clear(err);
	return error;
}

static void progress(const struct apply_calls *calls, const char *en, const char *ja)
{
	if (calls && calls->progress)
		calls->progress(calls->ctx, en, ja);
}

/* --- the base --------------------------------------------------------------------------------- */

struct base {
	const struct apply_conf *conf;
	void (*progress)(void *ctx, const char *en, const char *ja);
	void *ctx;
};

static void base_says(const struct base *b, const char *en, const char *ja)
{
	if (b->progress)
		b->progress(b->ctx, en, ja);
}

static void told_setting(void *ctx, const char *path, const char *value, bool failed)
{
	char en[200], ja[200];

	snprintf(en, sizeof(en), failed ? "%s could not be set to %s" : "%s set to %s", path,
		 value);
	snprintf(ja, sizeof(ja), failed ? "%s を %s にできません" : "%s を %s に設定", path, value);
	base_says(ctx, en, ja);
}

/* All of it, or after an upgrade what is shared: then some packets may be lost, this once. */
static int load_base(const struct base *b, char why[2][APPLY_WHY])
{
	struct text rules = { 0 }, listing = { 0 }, err = { 0 };
	int r = table_list(&listing);

	if (r == -ENODATA) {
		nft_base(&rules);
		r = table_load(&rules, &err);
		if (r == 0)
			base_says(
				b,
				"base rules loaded: everything is denied until a policy is applied",
				"基本の規則を読み込みました。定義を適用するまで全て拒否します");
	} else if (r == 0 && !strstr(listing.bytes, "chain " NFT_BASE_VERSION " {")) {
		nft_shared(&rules);
		r = table_load(&rules, &err);
		base_says(b, "shared rules renewed", "共通の規則を更新しました");
	}
	if (r < 0)
		fail_command(why, r, "base rules", "基本の規則", &err);
	text_done(&rules);
	text_done(&listing);
	text_done(&err);
	return r;
}

static int load_slots(const struct base *b, char why[2][APPLY_WHY])
{
	struct text rules = { 0 }, err = { 0 };
	bool changed = false;

	nft_slots(b->conf->queues, &rules);
	int r = rules.failed ? -ENOMEM : features_slots(rules.bytes, &changed, &err);

	if (r < 0)
		fail_command(why, r, "queue rules of iptables-nft", "iptables-nft のキュー規則",
			     &err);
	else if (changed)
		base_says(
			b, "queue rules of iptables-nft written (this kernel has no nft queue)",
			"iptables-nft のキュー規則を設定 (このカーネルには nft の queue がありません)");
	text_done(&rules);
	text_done(&err);
	return r;
}

static int make_base(const struct base *b, struct features *f, char why[2][APPLY_WHY])
{
	struct text none = { 0 };
	int r = features_probe(f);

	if (r < 0)
		return fail_command(why, r, "nft (needs root)", "nft (root 権限が必要)", &none);
	r = load_base(b, why);
	if (r == 0 && !f->native_queue)
		r = load_slots(b, why);
	if (r == 0)
		features_settings(NULL, told_setting, (void *)(uintptr_t)b);
	return r;
}

int apply_base(const struct apply_conf *conf,
	       void (*told)(void *ctx, const char *en, const char *ja), void *ctx,
	       char why[2][APPLY_WHY])
{
	struct base b = { conf, told, ctx };
	struct features f;

	why[0][0] = why[1][0] = '\0';
	return make_base(&b, &f, why);
}

/* --- the steps before the commit point -------------------------------------------------------- */

static int step_base(struct run *r)
{
	struct base b = { r->conf, r->calls ? r->calls->progress : NULL,
			  r->calls ? r->calls->ctx : NULL };

	return make_base(&b, &r->features, r->out->why);
}

/* What an interrupted apply left: the kernel says whether its T2 had happened. */
static int step_settle(struct run *r)
{
	struct text listing = { 0 };
	struct store_point next = { 0 };
	int e = table_list(&listing);

	if (e < 0) {
		text_done(&listing);
		return fail_command(r->out->why, e, "listing the ruleset", "規則の一覧", &r->err);
	}
	r->in_force = nft_in_force(listing.bytes);
	if (store_point(&r->store, "next", &next) == 0 && next.apply == r->in_force)
		store_promote(&r->store);
	store_forget_next(&r->store);
	if (store_point(&r->store, "current", &r->current) < 0)
		r->current = (struct store_point){ 0 };
	uint32_t highest = nft_highest(listing.bytes);

	if (next.apply > highest)
		highest = next.apply;
	if (r->current.apply > highest)
		highest = r->current.apply;
	r->out->apply = highest + 1;
	e = table_sweep(listing.bytes, r->in_force, &r->err);
	text_done(&listing);
	if (e < 0)
		fail_command(r->out->why, e, "sweeping the last apply", "前回の適用の後始末",
			     &r->err);
	return e;
}

static int load_side(struct side *s, int fd, char why[static 160])
{
	int e = image_load(fd, &s->policy, &s->map, &s->map_len, why);

	close(fd);
	return e;
}

static bool judge_side(struct side *s, int64_t now, bool dated)
{
	s->live = calloc(s->policy.classes_count + 1, sizeof(*s->live));
	if (!s->live)
		return false;
	live_classes(&s->policy, now, dated, s->live);
	s->known = true;
	return true;
}

/* The one in force: only to know whose conversations end. Without it they are looked up when they come. */
static void load_old(struct run *r)
{
	char why[160];
	int fd = r->in_force && r->in_force == r->current.apply
			 ? store_image(&r->store, r->current.hash)
			 : -1;

	if (fd >= 0 && load_side(&r->old, fd, why) == 0)
		judge_side(&r->old, r->current.now, true);
}

static int load_again(struct run *r, char why[static 160])
{
	int fd = r->current.apply ? store_image(&r->store, r->current.hash) : -ENOENT;

	if (fd < 0) {
		snprintf(why, 160, "%s", "no policy has been applied yet");
		return fd;
	}
	int e = load_side(&r->fresh, fd, why);

	r->image = r->fresh.map;
	r->image_len = r->fresh.map_len;
	return e;
}

static int step_image(struct run *r)
{
	char why[160] = "";
	int e;

	if (r->q->image) {
		e = image_read(r->q->image, r->q->len, &r->fresh.policy, why);
		r->image = r->q->image;
		r->image_len = r->q->len;
	} else {
		e = load_again(r, why);
	}
	if (e < 0) {
		explain(r->out->why, "policy image: %s", "定義イメージ: %s",
			why[0] ? why : strerror(-e));
		return r->q->image ? -EPERM : e;
	}
	if (r->fresh.policy.model == MODEL_LAB) {
		explain(r->out->why, "model lab is for replay and tests and is never applied",
			"model lab は再生と試験用で、適用できません");
		return -EPERM;
	}
	/* an unsynchronised clock opens and closes nothing: what was in force stays so */
	r->now = r->q->dated || !r->current.apply ? r->q->now : r->current.now;
	memcpy(r->out->hash, r->fresh.policy.hash, SHA256_BYTES);
	load_old(r);
	return judge_side(&r->fresh, r->now, r->q->dated) ? 0 : -ENOMEM;
}

static void read_numbers(struct run *r)
{
	struct text t = { 0 };

	/* lost or damaged: numbers start above what conntrack bears */
	if (store_read(&r->store, "numbers", &t) == 0 && t.bytes)
		numbers_parse(r->numbers, t.bytes, t.len);
	text_done(&t);
}

static int save_numbers(struct run *r)
{
	struct text t = { 0 };

	numbers_print(r->numbers, &t);
	int e = t.failed ? -ENOMEM : store_write(&r->store, "numbers", t.bytes, t.len);

	text_done(&t);
	return e;
}

static int step_numbers(struct run *r)
{
	struct numbers_borne *borne = calloc(1, sizeof(*borne));
	int e = -ENOMEM;

	r->numbers = numbers_new();
	r->netlink = netlink_open(NETLINK_NETFILTER);
	if (r->netlink < 0)
		e = r->netlink;
	else if (r->numbers && borne)
		e = ctnetlink_borne(r->netlink, borne);
	if (e == 0) {
		read_numbers(r);
		if (r->old.known)
			numbers_recall(r->numbers, r->old.live, r->old.policy.classes_count);
		e = numbers_assign(r->numbers, r->out->apply, r->in_force, borne, r->fresh.live,
				   r->fresh.policy.classes_count);
	}
	free(borne);
	if (e == 0)
		e = save_numbers(r);
	if (e < 0)
		explain(r->out->why, "class numbers: %s", "クラス番号: %s", strerror(-e));
	return e;
}

static int step_fates(struct run *r)
{
	if (!r->old.known)
		return 0;
	r->fates = calloc(r->old.policy.classes_count + 1, 1);
	if (!r->fates)
		return -ENOMEM;
	fate_of_classes(&r->old.policy, r->old.live, &r->fresh.policy, r->fresh.live, r->fates);
	return 0;
}

static int step_engines(struct run *r)
{
	uint32_t n = r->fresh.policy.classes_count;
	uint16_t *numbers;
	int e;

	if (!r->calls || !r->calls->load)
		return 0;
	numbers = calloc(n + 1, sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		numbers[i] = r->fresh.live[i].number;
	e = r->calls->load(r->calls->ctx, r->out->apply, &r->fresh.policy, numbers, r->image,
			   r->image_len, r->out->why);
	free(numbers);
	return e;
}

static int step_store(struct run *r)
{
	struct store_point next = { .apply = r->out->apply, .now = r->now };
	int e;

	memcpy(next.hash, r->out->hash, SHA256_BYTES);
	e = store_save_image(&r->store, next.hash, r->image, r->image_len);
	if (e == 0)
		e = store_set_point(&r->store, "next", &next);
	if (e < 0)
		explain(r->out->why, "%s: %s", "%s: %s", r->conf->state_directory, strerror(-e));
	return e;
}

static struct nft_plan plan_of(const struct run *r)
{
	return (struct nft_plan){
		.apply = r->out->apply,
		.policy = &r->fresh.policy,
		.classes = r->fresh.live,
		.queues = r->conf->queues,
		.native_queue = r->features.native_queue,
		.flowtable = r->features.flowtable && features_devices(&r->fresh.policy),
	};
}

static int load_part(struct run *r, void (*write)(const struct nft_plan *, struct text *),
		     const char *en, const char *ja)
{
	struct nft_plan plan = plan_of(r);
	struct text rules = { 0 };

	write(&plan, &rules);
	int e = table_load(&rules, &r->err);

	text_done(&rules);
	return e < 0 ? fail_command(r->out->why, e, en, ja, &r->err) : 0;
}

static int step_add(struct run *r)
{
	return load_part(r, nft_add, "adding the new rules", "新しい規則の追加");
}

static int step_switch(struct run *r)
{
	int e = load_part(r, nft_switch, "switching to the new rules", "新しい規則への切り替え");

	r->out->in_force = e == 0;
	return e;
}

/* --- the steps after it ----------------------------------------------------------------------- */

static int step_end_classes(struct run *r)
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
		explain(r->out->why, "ending conversations that are now denied: %s",
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

static int step_end_offloaded(struct run *r)
{
	if (!r->features.flowtable)
		return 0;
	int e = ctnetlink_offloaded(r->netlink, keep_offloaded, r, &r->out->offloads_ended);

	if (e < 0)
		explain(r->out->why, "offloaded conversations: %s", "オフロード中の通信: %s",
			strerror(-e));
	return e;
}

static int step_tell(struct run *r)
{
	struct base b = { r->conf, r->calls ? r->calls->progress : NULL,
			  r->calls ? r->calls->ctx : NULL };

	if (r->calls && r->calls->in_force)
		r->calls->in_force(r->calls->ctx, r->out->apply);
	features_settings(&r->fresh.policy, told_setting, &b);
	return 0;
}

static int step_promote(struct run *r)
{
	int e = store_promote(&r->store);

	if (e < 0)
		explain(r->out->why, "%s: %s", "%s: %s", r->conf->state_directory, strerror(-e));
	return e;
}

static const struct step {
	int (*run)(struct run *r);
	const char *en, *ja;
} before[] = {
	{ step_base, "base", "基本" },
	{ step_settle, "settle", "前回の確認" },
	{ step_image, "image", "イメージの検査" },
	{ step_numbers, "numbers", "番号" },
	{ step_fates, "fates", "既存通信の扱い" },
	{ step_engines, "engines", "検査プロセスへの読み込み" },
	{ step_store, "store", "保存" },
	{ step_add, "add", "規則の追加" },
	{ step_switch, "switch", "切り替え" },
}, after[] = {
	{ step_end_classes, "end", "拒否になった通信の終了" },
	{ step_end_offloaded, "offloaded", "オフロード中の通信" },
	{ step_tell, "tell", "検査プロセスへの通知" },
	{ step_promote, "promote", "確定" },
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Stops at the first failure: nothing has happened yet. */
static int run_before(struct run *r)
{
	for (size_t i = 0; i < COUNT(before); i++) {
		progress(r->calls, before[i].en, before[i].ja);
		int e = before[i].run(r);

		if (e < 0)
			return e;
	}
	return 0;
}

/* Goes on after a failure: the new policy is in force, and each of these makes it truer. */
static int run_after(struct run *r)
{
	int first = 0;

	for (size_t i = 0; i < COUNT(after); i++) {
		progress(r->calls, after[i].en, after[i].ja);
		int e = after[i].run(r);

		first = first ? first : e;
	}
	return first;
}

/* T2 has not happened: what T1 added goes again, and nobody keeps what was loaded. */
static void undo(struct run *r)
{
	struct text listing = { 0 }, err = { 0 };

	if (r->out->apply && table_list(&listing) == 0)
		table_sweep(listing.bytes, r->in_force, &err);
	store_forget_next(&r->store);
	if (r->out->apply && r->calls && r->calls->dropped)
		r->calls->dropped(r->calls->ctx, r->out->apply);
	text_done(&listing);
	text_done(&err);
}

static void write_history(struct run *r, int error)
{
	char hex[SHA256_HEX], when[JST_TEXT];
	struct text t = { 0 };
	struct json j = json_to(&t);

	json_open(&j, NULL, '{');
	json_string(&j, "time", jst_iso_text(r->q->now * 1000000000, when));
	json_uint(&j, "apply", r->out->apply);
	json_string(&j, "who", r->q->who);
	json_string(&j, "reason", r->q->reason);
	json_string(&j, "policy", sha256_hex(r->out->hash, hex));
	json_string(&j, "result", r->out->in_force ? "in-force" : "refused");
	if (error)
		json_string(&j, "error", r->out->why[0]);
	json_close(&j, '}');
	text_putc(&t, '\n');
	if (!t.failed)
		store_append(&r->store, "history.jsonl", t.bytes, t.len);
	text_done(&t);
}

static void side_done(struct side *s)
{
	free(s->live);
	if (s->map)
		munmap((void *)(uintptr_t)s->map, s->map_len);
}

static void run_done(struct run *r)
{
	side_done(&r->old);
	side_done(&r->fresh);
	numbers_free(r->numbers);
	free(r->fates);
	text_done(&r->err);
	if (r->netlink >= 0)
		close(r->netlink);
	store_close(&r->store);
}

int apply_run(const struct apply_conf *conf, const struct apply_request *q,
	      const struct apply_calls *calls, struct apply_result *out)
{
	struct run r = { .conf = conf, .q = q, .calls = calls, .out = out, .netlink = -1 };

	*out = (struct apply_result){ .next_change = INT64_MAX };
	int e = store_open(&r.store, conf->state_directory, true);

	if (e < 0) {
		explain(out->why, "%s: %s", "%s: %s", conf->state_directory,
			e == -EBUSY ? "another apply is running" : strerror(-e));
		return e;
	}
	e = run_before(&r);
	if (e == 0)
		e = run_after(&r);
	else
		undo(&r);
	if (out->in_force && q->dated)
		out->next_change = policy_next_change(&r.fresh.policy, r.now);
	if (e < 0 && !out->why[0][0])
		explain(out->why, "%s", "%s", strerror(-e));
	write_history(&r, e);
	run_done(&r);
	return e;
}

int apply_sweep(const struct apply_conf *conf, char why[2][APPLY_WHY])
{
	struct text listing = { 0 }, err = { 0 };
	struct store store;
	int e = store_open(&store, conf->state_directory, true);

	why[0][0] = why[1][0] = '\0';
	if (e == 0)
		e = table_list(&listing);
	if (e == 0)
		e = table_sweep(listing.bytes, nft_in_force(listing.bytes), &err);
	if (e < 0)
		fail_command(why, e, "sweeping the last apply", "前回の適用の後始末", &err);
	store_close(&store);
	text_done(&listing);
	text_done(&err);
	return e;
}

int apply_current(const struct apply_conf *conf)
{
	struct store_point current;
	struct store store;
	int e = store_open(&store, conf->state_directory, false);

	if (e == 0)
		e = store_point(&store, "current", &current);
	if (e == 0)
		e = store_image(&store, current.hash);
	store_close(&store);
	return e;
}

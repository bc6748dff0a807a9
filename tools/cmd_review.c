/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <time.h>

#include "rules/json.h"
#include "rules/jst.h"
#include "rules/review.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_policy.h"

struct list {
	struct review_item *items; /* owned */
	size_t count;
};

static int by_day(const void *a, const void *b)
{
	const struct review_item *x = a, *y = b;

	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	if (x->of != y->of)
		return x->of < y->of ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* Everything that is due, the most urgent first. Return: false no memory */
static bool gather(const struct policy *p, int64_t now, bool all, struct list *l)
{
	size_t most =
		2ull * p->statements_count + p->accepts_count + p->sites_count + p->feeds_count;
	struct review_item item;

	l->items = calloc(most + 1, sizeof(*l->items));
	if (!l->items)
		return false;
	for (uint64_t at = 0; review_next(p, now, &at, &item);)
		if (all || review_stage(&item) != REVIEW_FAR)
			l->items[l->count++] = item;
	qsort(l->items, l->count, sizeof(*l->items), by_day);
	return true;
}

static const char *const stages[] = { [REVIEW_FAR] = "later",
				      [REVIEW_MONTH] = "month",
				      [REVIEW_WEEK] = "week",
				      [REVIEW_DAY] = "day",
				      [REVIEW_OVER] = "over" };

static void put_json(const struct policy *p, const struct list *l, struct text *out)
{
	struct json j = json_to(out);
	char date[JST_TEXT];

	json_open(&j, NULL, '[');
	for (size_t i = 0; i < l->count; i++) {
		const struct review_item *item = &l->items[i];

		json_open(&j, NULL, '{');
		json_string(&j, "block", review_kind(p, item));
		json_string(&j, "id", review_name(p, item));
		json_string(&j, "what", item->closes ? "until" : "review");
		json_string(&j, "date", jst_date_text(item->day * 86400 - JST_OFFSET, date));
		json_int(&j, "days_left", item->left);
		json_string(&j, "stage", stages[review_stage(item)]);
		json_string(&j, "owner", review_owner(p, item));
		json_bool(&j, "vital", item->vital);
		json_close(&j, '}');
	}
	json_close(&j, ']');
}

static void put_text(const struct cli *c, const struct policy *p, const struct list *l,
		     struct text *out)
{
	for (size_t i = 0; i < l->count; i++) {
		text_puts(out, review_stage(&l->items[i]) == REVIEW_OVER ? "! " : "  ");
		review_words(p, &l->items[i], c->style.language == DIAG_JAPANESE, out);
		text_putc(out, '\n');
	}
	if (l->count == 0)
		text_puts(out, cli_tr(c, "nothing is due within 30 days\n",
				      "30 日以内に期限・見直しを迎えるものはありません\n"));
}

static int print(const struct cli *c, const struct policy *p, int64_t now)
{
	struct text out = { 0 };
	struct list l = { 0 };
	bool over = false;
	int r;

	if (!gather(p, now, cli_given(c, "all"), &l))
		return cli_error(c, "out of memory", "メモリが足りません");
	for (size_t i = 0; i < l.count; i++)
		over |= review_stage(&l.items[i]) == REVIEW_OVER;
	if (c->json)
		put_json(p, &l, &out);
	else
		put_text(c, p, &l, &out);
	free(l.items);
	r = cli_put(c, &out);
	return r == CLI_YES && over ? CLI_NO : r;
}

static int run(struct cli *c)
{
	int64_t now = (int64_t)time(NULL);
	struct cli_policy p;
	int r;

	if (cli_given(c, "at") && !cli_time(c, "at", &now))
		return CLI_CANNOT;
	r = cli_policy_open(c, c->operands[0], &p);
	if (r != CLI_YES)
		return CLI_CANNOT;
	r = print(c, p.policy, now);
	cli_policy_close(&p);
	return r;
}

static const struct cli_option options[] = {
	{ "at", 0, "DATE", { "as of that day", "その日の時点で" } },
	{ "all", 0, NULL, { "also what is further away", "先のものも表示する" } },
	{ 0 },
};

const struct cli_verb cmd_review = {
	.name = "review",
	.run = run,
	.operands = "FILE",
	.help = { "what ends or has to be looked at again, the most urgent first",
		  "期限や見直しの時期を迎えるものを急ぐ順に示す" },
	.more = { "FILE is a policy text or an image. Shown is what is due within 30 days, and with '!' what is over. The daemon "
		  "reminds of the same 30, 7 and 1 days before, and when the day has passed. Exit status 1: something is over.",
		  "FILE は定義ファイルかイメージ。30 日以内のものと、過ぎたもの (「!」) を示す。デーモンも 30 日・7 日・"
		  "1 日前と経過後に知らせる。終了コード 1: 過ぎたものがある。" },
	.options = options,
	.json = true,
};

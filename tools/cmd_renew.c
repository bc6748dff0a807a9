/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "rules/jst.h"
#include "tools/cli.h"
#include "tools/cli_edit.h"

static const char *const keys[] = { "until", "review", "reference", "approved-by", "approved-on" };

#define KEYS (sizeof(keys) / sizeof(keys[0]))
#define ENDS 2 /* the first of them are dates of an end */

static bool is_none(const char *value)
{
	return !strcmp(value, "none");
}

/* An end that is over would close the permit: that is what disable is for. */
static int check_date(struct cli *c, const char *key, int64_t now)
{
	const char *value = cli_value(c, key);
	struct jst today = jst_of(now);
	int64_t at;

	if (!value || is_none(value))
		return CLI_YES;
	if (!cli_time(c, key, &at))
		return CLI_CANNOT;
	if (at >= jst_days(today.year, today.month, today.day) * 86400 - JST_OFFSET)
		return CLI_YES;
	cli_error(
		c,
		"--%s %s has passed: a renewed permit holds until a later day; 'sekimori disable' takes it "
		"out of force",
		"--%s %s は過ぎた日です。後の日付を指定してください。無効にするには 'sekimori disable'",
		key, value);
	return CLI_NO;
}

static int set_keys(struct cli_edit *s, const char *permit)
{
	int r = cli_edit_permit(s, permit);

	for (size_t i = 0; r == CLI_YES && i < KEYS; i++) {
		const char *value = cli_value(s->c, keys[i]);

		if (value)
			r = cli_edit_set(s, permit, keys[i],
					 i < ENDS && is_none(value) ? NULL : value);
	}
	return r;
}

static int run(struct cli *c)
{
	struct cli_edit s;
	int r;

	if (!cli_given(c, "until") && !cli_given(c, "review"))
		return cli_usage(c, "--until or --review is missing: the day until which it holds",
				 "--until か --review がありません (いつまで有効にするか)");
	r = cli_edit_begin(c, c->operands[0], &s);
	if (r != CLI_YES)
		return r;
	for (size_t i = 0; r == CLI_YES && i < ENDS; i++)
		r = check_date(c, keys[i], s.change.now);
	if (r == CLI_YES)
		r = set_keys(&s, c->operands[1]);
	return r == CLI_YES ? cli_edit_finish(&s) : cli_edit_stop(&s, r);
}

static const struct cli_option options[] = {
	{ "until", 0, "DATE", { "the new last day, or none", "新しい最終日。none で取り除く" } },
	{ "review",
	  0,
	  "DATE",
	  { "the day from which it is to be looked at again, or none",
	    "見直しを促す日。none で取り除く" } },
	{ "reference", 0, "TEXT", { "the document of the approval", "承認文書" } },
	{ "approved-by", 0, "TEXT", { "who approved it", "承認者" } },
	{ "approved-on", 0, "DATE", { "when", "承認日" } },
	CLI_CHANGE_OPTIONS,
	{ 0 },
};

const struct cli_verb cmd_renew = {
	.name = "renew",
	.run = run,
	.operands = "FILE NAME",
	.help = { "a permit holds until another day", "許可の期限を延ばす" },
	.more = { "The value is changed where it stands; comments and layout stay. A permit of a preset is amended in "
		  "FILE itself. What check refuses is not written. Exit status 1: refused, or not wanted.",
		  "書かれている場所の値だけを変え、注釈と体裁は残る。ひな形の許可は FILE の amend で差し替える。"
		  "check が拒否する変更は書き込まない。終了コード 1: 拒否したか、取りやめた。" },
	.options = options,
	.json = true,
};

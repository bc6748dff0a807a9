/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_edit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rules/edit/value.h"
#include "rules/jst.h"
#include "rules/lang/schema.h"

static int no_memory(const struct cli *c)
{
	return cli_error(c, "out of memory", "メモリが足りません");
}

/* --- lock and read ----------------------------------------------------------------------------- */

int cli_edit_lock(struct cli *c, const char *path, struct save_lock *l)
{
	char who[SAVE_HOLDER_MAX], holder[SAVE_HOLDER_MAX] = "", time_text[JST_TEXT];
	int r;

	snprintf(who, sizeof(who), "%s, process %d, since %s", cli_who(), (int)getpid(),
		 jst_time_text((int64_t)time(NULL), time_text));
	r = save_lock(path, who, l, holder);
	if (r == -EWOULDBLOCK) {
		cli_error(c, "%s is being changed by somebody else: %s",
			  "%s は他の人が変更中です: %s", path, holder);
		return CLI_NO;
	}
	if (r < 0)
		return cli_error(c, "%s: %s", "%s: %s", path, strerror(-r));
	return CLI_YES;
}

int cli_edit_begin(struct cli *c, const char *path, struct cli_edit *s)
{
	int r;

	*s = (struct cli_edit){ .c = c, .change = { .path = path } };
	if (!cli_change_now(c, &s->change.now))
		return CLI_CANNOT;
	r = cli_edit_lock(c, path, &s->lock);
	if (r != CLI_YES)
		return r;
	r = edit_open(&s->edit, path);
	if (r == 0)
		return CLI_YES;
	if (r == -ENOMEM)
		return cli_edit_stop(s, no_memory(c));
	diag_sort(&s->edit.diags);
	diag_print(&s->edit.diags, c->style, stderr);
	cli_error(c, "%s has errors: mend them first, with 'sekimori edit %s'",
		  "%s にエラーがあります。先に 'sekimori edit %s' で直してください", path, path);
	return cli_edit_stop(s, CLI_NO);
}

int cli_edit_stop(struct cli_edit *s, int r)
{
	r = cli_change_end(s->c, &s->change, r);
	edit_close(&s->edit);
	save_unlock(&s->lock);
	return r;
}

/* --- wishes ------------------------------------------------------------------------------------ */

int cli_edit_permit(const struct cli_edit *s, const char *permit)
{
	const char *near;

	if (edit_has(&s->edit, permit, &near))
		return CLI_YES;
	if (near)
		cli_error(s->c, "there is no permit '%s'; did you mean '%s'?",
			  "permit「%s」はありません。「%s」のことですか?", permit, near);
	else
		cli_error(s->c, "there is no permit '%s'", "permit「%s」はありません", permit);
	return CLI_NO;
}

int cli_edit_value(const struct cli *c, const struct key *key, const char *typed, struct text *out)
{
	static const char *const faults[][2] = {
		[VALUE_EMPTY] = { "nothing is given", "値がありません" },
		[VALUE_LONG] = { "too long", "長すぎます" },
		[VALUE_CONTROL] = { "a line's end, a control character or bytes that are no UTF-8",
				    "改行・制御文字、または UTF-8 でない文字があります" },
		[VALUE_CHARACTER] = { "a character that no such value has",
				      "この値に使えない文字があります" },
	};
	enum value_fault fault = value_write(key, typed, out);

	if (out->failed)
		return no_memory(c);
	if (fault == VALUE_FINE)
		return CLI_YES;
	cli_error(c, "%s: %s", "%s: %s", key->name, cli_tr(c, faults[fault][0], faults[fault][1]));
	return CLI_NO;
}

/* "web: until 2027-03-31 -> 2028-03-31" */
static void note(struct cli_edit *s, const char *permit, const char *key, const char *value)
{
	struct text before = { 0 };
	const char *none = cli_tr(s->c, "(none)", "(なし)");
	bool was = edit_value(&s->edit, permit, key, &before);

	text_printf(&s->change.wishes, "%s: %s %s -> %s\n", permit, key, was ? before.bytes : none,
		    value ? value : none);
	text_done(&before);
}

static int set(struct cli_edit *s, const char *permit, const char *key, const char *value)
{
	int r;

	note(s, permit, key, value);
	r = edit_set(&s->edit, permit, key, value);
	if (r == -EROFS) {
		cli_error(
			s->c,
			"permit '%s' is amended in a file of a package; it can be changed there only",
			"permit「%s」はパッケージのファイルの amend で差し替えられているため、変更できません",
			permit);
		return CLI_NO;
	}
	return r == 0 ? CLI_YES : no_memory(s->c);
}

int cli_edit_set(struct cli_edit *s, const char *permit, const char *key, const char *typed)
{
	const struct key *k = schema_key(&schema_kinds()[BLOCK_PERMIT], key);
	struct text value = { 0 };
	int r = CLI_YES;

	if (typed)
		r = cli_edit_value(s->c, k, typed, &value);
	if (r == CLI_YES)
		r = set(s, permit, key, typed ? value.bytes : NULL);
	text_done(&value);
	return r;
}

/* --- to the disk ------------------------------------------------------------------------------- */

/* Files that come out as they were are not written. */
static bool nothing_changes(const struct edit *e)
{
	for (uint32_t i = 0; i < e->texts_count; i++) {
		const struct edit_text *t = &e->texts[i];

		if (t->after.len != t->before_len ||
		    (t->before_len && memcmp(t->after.bytes, t->before, t->before_len) != 0))
			return false;
	}
	return true;
}

int cli_edit_finish(struct cli_edit *s)
{
	struct cli *c = s->c;
	int r;

	if (edit_texts(&s->edit) < 0)
		return cli_edit_stop(s, no_memory(c));
	if (nothing_changes(&s->edit)) {
		if (!c->json)
			cli_say(c, "nothing changes: it says so already\n",
				"変更はありません。すでにその内容です\n");
		return cli_edit_stop(s, CLI_YES);
	}
	s->change.texts = s->edit.texts;
	s->change.count = s->edit.texts_count;
	r = cli_change_try(c, &s->change);
	if (r == CLI_YES)
		r = cli_change_write(c, &s->change);
	else if (r == CLI_NO)
		cli_error(c, "refused, as check refuses it: %s is unchanged",
			  "check と同じ理由で拒否しました。%s は変更していません", s->change.path);
	return cli_edit_stop(s, r);
}

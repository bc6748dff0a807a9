/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_change.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rules/edit/save.h"
#include "rules/json.h"
#include "rules/prove/diff_report.h"
#include "tools/cli_changes.h"
#include "tools/cli_policy.h"
#include "tools/cli_proof.h"

extern const struct cli_verb cmd_apply;

static int no_memory(const struct cli *c)
{
	return cli_error(c, "out of memory", "メモリが足りません");
}

const char *cli_who(void)
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *p = getpwuid(getuid());

	if (sudo && sudo[0])
		return sudo;
	return p ? p->pw_name : "?";
}

bool cli_change_now(const struct cli *c, int64_t *now)
{
	*now = (int64_t)time(NULL);
	if (cli_given(c, "confirm-within") && !cli_given(c, "apply")) {
		cli_usage(c, "--confirm-within goes with --apply",
			  "--confirm-within は --apply と共に使ってください");
		return false;
	}
	if (cli_given(c, "apply") && c->json) {
		cli_usage(
			c, "--apply goes without --json: run 'sekimori apply --json'",
			"--apply と --json は同時に使えません。'sekimori apply --json' を使ってください");
		return false;
	}
	return !cli_given(c, "at") || cli_time(c, "at", now);
}

int cli_confirm(const struct cli *c, const char *en, const char *ja)
{
	char line[64];

	if (!isatty(STDIN_FILENO))
		return -1;
	fflush(stdout);
	fprintf(stderr, "%s [y/N] ", cli_tr(c, en, ja));
	if (!fgets(line, sizeof(line), stdin))
		return 0;
	return line[0] == 'y' || line[0] == 'Y' || !strncmp(line, "はい", strlen("はい"));
}

/* --- trying ------------------------------------------------------------------------------------ */

static struct file_swap *swaps_of(const struct cli_change *w)
{
	struct file_swap *swaps = calloc((size_t)w->count + 1, sizeof(*swaps));

	for (uint32_t i = 0; swaps && i < w->count; i++)
		swaps[i] =
			(struct file_swap){ w->texts[i].device, w->texts[i].inode,
					    w->texts[i].after.bytes ? w->texts[i].after.bytes : "",
					    w->texts[i].after.len };
	return swaps;
}

static int build_and_prove(struct cli *c, struct cli_change *w)
{
	struct file_swap *swaps = swaps_of(w);
	int r = swaps ? cli_policy_build_with(c, w->path, swaps, w->count, &w->after)
		      : no_memory(c);

	if (r == CLI_YES && w->after.ok)
		r = cli_prove(c, &w->after, w->now, &w->proof);
	free(swaps);
	return r;
}

static int refusal(const struct cli_change *w)
{
	if (!w->after.ok)
		return w->after.unreadable ? CLI_CANNOT : CLI_NO;
	return w->proof.result == PROOF_HOLDS   ? CLI_YES
	       : w->proof.result == PROOF_FAILS ? CLI_NO
						: CLI_CANNOT;
}

int cli_change_try(struct cli *c, struct cli_change *w)
{
	int r = build_and_prove(c, w);

	if (r != CLI_YES)
		return r;
	if (!c->json)
		diag_print(&w->after.diags, c->style, stderr);
	return refusal(w);
}

/* --- showing ----------------------------------------------------------------------------------- */

/* A policy that did not build before has nothing to be compared with. */
static int compare(struct cli *c, struct cli_change *w)
{
	struct differ *v;
	int r = cli_policy_build(c, w->path, &w->before);

	if (r != CLI_YES || !w->before.ok)
		return r;
	v = differ_new(0);
	r = v ? diff_policies(v, &w->before.policy, &w->after.policy, &w->diff) : -1;
	differ_free(v);
	w->compared = r == 0;
	return w->compared ? CLI_YES : no_memory(c);
}

static struct diff_view view_of(const struct cli *c, const struct cli_change *w)
{
	return (struct diff_view){ .d = &w->diff,
				   .before = &w->before.policy,
				   .after = &w->after.policy,
				   .language = c->style.language };
}

static int show(struct cli *c, struct cli_change *w)
{
	struct text out = { 0 };

	if (c->json)
		return CLI_YES;
	if (w->wishes.len)
		text_add(&out, w->wishes.bytes, w->wishes.len);
	if (!w->compared) {
		text_puts(&out,
			  cli_tr(c,
				 "the policy had errors before: there is nothing to compare with\n",
				 "変更前の定義にはエラーがあり、比較できません\n"));
		return cli_put(c, &out);
	}
	struct diff_view view = view_of(c, w);

	cli_changes(&w->before.policy, &w->after.policy, &out);
	if (diff_put_text(&view, &out) < 0)
		out.failed = true;
	return cli_put(c, &out);
}

/* --- writing ----------------------------------------------------------------------------------- */

static int save(struct cli *c, struct cli_change *w)
{
	uint32_t failed;
	int r = save_texts(w->texts, w->count, &failed);

	w->written = r == 0;
	if (r == 0)
		return CLI_YES;
	if (r == -ESTALE) {
		cli_error(c, "%s was changed by somebody else meanwhile; nothing was written",
			  "%s が他の人に変更されていました。何も書き込んでいません",
			  w->texts[failed].path);
		return CLI_NO;
	}
	return cli_error(c, "%s: %s; nothing was written", "%s: %s。何も書き込んでいません",
			 w->texts[failed].path, strerror(-r));
}

static int ask(const struct cli *c)
{
	int answer = cli_given(c, "yes") ? 1 : -1;

	if (answer < 0 && !c->json)
		answer = cli_confirm(c, "write this?", "書き込みますか?");
	if (answer > 0)
		return CLI_YES;
	if (answer < 0)
		cli_error(c, "nothing was written: there is no terminal to ask on; --yes writes",
			  "書き込んでいません。確認できる端末がありません。--yes で書き込みます");
	else
		cli_error(c, "nothing was written", "書き込んでいません");
	return CLI_NO;
}

static void say_written(const struct cli *c, const struct cli_change *w)
{
	for (uint32_t i = 0; i < w->count && !c->json; i++)
		cli_say(c, "%s: written\n", "%s: 書き込みました\n", w->texts[i].path);
}

/* The verb itself, as if it had been typed. */
static int apply(const struct cli *c, const struct cli_change *w)
{
	struct cli verb = { .style = c->style };
	const char *within = cli_value(c, "confirm-within");
	char *argv[] = { (char *)(uintptr_t)w->path, (char[]){ "--reason" },
			 (char *)(uintptr_t)cli_value(c, "apply"), (char[]){ "--confirm-within" },
			 (char *)(uintptr_t)within };
	int r = cli_parse(&verb, &cmd_apply, within ? 5 : 3, argv);

	return r == 0 ? cmd_apply.run(&verb) : CLI_CANNOT;
}

int cli_change_write(struct cli *c, struct cli_change *w)
{
	int r = compare(c, w);

	if (r == CLI_YES)
		r = show(c, w);
	if (r == CLI_YES)
		r = ask(c);
	if (r == CLI_YES)
		r = save(c, w);
	if (r == CLI_YES)
		say_written(c, w);
	if (r == CLI_YES && cli_given(c, "apply"))
		r = apply(c, w);
	return r;
}

/* --- the end ----------------------------------------------------------------------------------- */

static void put_json(struct cli *c, struct cli_change *w, struct text *out)
{
	struct json j = json_to(out);

	json_open(&j, NULL, '{');
	json_string(&j, "file", w->path);
	json_bool(&j, "written", w->written);
	json_bool(&j, "proved", w->proof.claims && w->proof.result == PROOF_HOLDS);
	json_open(&j, "files", '[');
	for (uint32_t i = 0; i < w->count; i++)
		json_string(&j, NULL, w->texts[i].path);
	json_close(&j, ']');
	if (w->compared) {
		struct diff_view view = view_of(c, w);

		json_open(&j, "difference", '{');
		if (diff_put_json(&view, &j) < 0)
			out->failed = true;
		json_close(&j, '}');
	}
	if (w->after.arena)
		diag_json(&w->after.diags, &j, "diagnostics");
	json_close(&j, '}');
}

int cli_change_end(struct cli *c, struct cli_change *w, int r)
{
	struct text out = { 0 };

	if (c->json && w->after.arena) {
		put_json(c, w, &out);
		int put = cli_put(c, &out);

		r = r == CLI_YES ? put : r;
	}
	if (w->compared)
		diff_done(&w->diff);
	proof_done(&w->proof);
	if (w->before.arena)
		build_done(&w->before);
	if (w->after.arena)
		build_done(&w->after);
	text_done(&w->wishes);
	*w = (struct cli_change){ 0 };
	return r;
}

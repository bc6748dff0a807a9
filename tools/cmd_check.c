/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "rules/image.h"
#include "rules/json.h"
#include "rules/prove/report.h"
#include "rules/sha256.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_policy.h"
#include "tools/cli_proof.h"
#include "tools/cli_review.h"

/* What a policy amounts to, in figures. */
static void say_figures(const struct cli *c, const char *path, const struct policy *p)
{
	cli_say(c, "%s: %u zones, %u statements, %u boxes in %u classes\n",
		"%s: ゾーン %u、許可・拒否 %u、区画 %u (クラス %u)\n", path, p->zones_count - 1,
		p->statements_count, p->boxes_count, p->classes_count);
}

/* The proof of a policy that built; NULL: none was asked for, or it did not build. */
static int print_json(const struct cli *c, const char *path, const struct build *b,
		      const struct proof *f)
{
	struct text t = { 0 };
	struct json j = json_to(&t);

	json_open(&j, NULL, '{');
	json_string(&j, "file", path);
	json_bool(&j, "ok", b->ok);
	json_bool(&j, "proved", f && f->result == PROOF_HOLDS);
	json_uint(&j, "errors", b->diags.errors);
	json_uint(&j, "warnings", b->diags.warnings);
	if (b->ok) {
		json_uint(&j, "zones", b->policy.zones_count - 1);
		json_uint(&j, "statements", b->policy.statements_count);
		json_uint(&j, "boxes", b->policy.boxes_count);
		json_uint(&j, "classes", b->policy.classes_count);
	}
	if (f && proof_json(f, &b->policy, &j, "proof") < 0)
		t.failed = true;
	diag_json(&b->diags, &j, "diagnostics");
	json_close(&j, '}');
	return cli_put(c, &t);
}

static const char *plural(const struct cli *c, unsigned int n)
{
	return n == 1 ? "" : cli_tr(c, "s", "");
}

static void print_text(const struct cli *c, const char *path, const struct build *b,
		       const struct proof *f)
{
	diag_print(&b->diags, c->style, stderr);
	if (!b->ok) {
		fprintf(stderr,
			cli_tr(c, "%s: %u error%s, %u warning%s\n",
			       "%s: エラー %u 件%s、警告 %u 件%s\n"),
			path, b->diags.errors, plural(c, b->diags.errors), b->diags.warnings,
			plural(c, b->diags.warnings));
		return;
	}
	say_figures(c, path, &b->policy);
	if (f)
		cli_proof_say(c, &b->policy, f);
	else
		cli_proof_say_none(c);
}

static int exit_code(const struct build *b, const struct proof *f)
{
	if (!b->ok)
		return b->unreadable ? CLI_CANNOT : CLI_NO;
	if (f && f->result == PROOF_UNKNOWN)
		return CLI_CANNOT;
	return f && f->result == PROOF_FAILS ? CLI_NO : CLI_YES;
}

static int run(struct cli *c)
{
	const char *path = c->operands[0];
	struct proof proof = { 0 }, *f = NULL;
	int64_t now = (int64_t)time(NULL);
	struct build b;

	if (cli_given(c, "at") && !cli_time(c, "at", &now))
		return CLI_CANNOT;
	int r = cli_policy_build(c, path, &b);

	if (r != CLI_YES)
		return r;
	if (b.ok)
		cli_review(&b, now);
	if (b.ok && !cli_given(c, "no-proof")) {
		r = cli_prove(c, &b, now, &proof);
		f = &proof;
	}
	if (r == CLI_YES && c->json)
		r = print_json(c, path, &b, f);
	else if (r == CLI_YES)
		print_text(c, path, &b, f);
	if (r == CLI_YES)
		r = exit_code(&b, f);
	proof_done(&proof);
	build_done(&b);
	return r;
}

static const struct cli_option options[] = {
	{ "at",
	  0,
	  "DATE",
	  { "prove as if it were that day: permits end, risks are accepted until a day",
	    "その日の時点として証明する (許可の終了や受け入れの期限に関わる)" } },
	{ "no-proof",
	  0,
	  NULL,
	  { "check the text only; nothing is proved", "定義の検査だけを行い、証明しない" } },
	{ 0 },
};

const struct cli_verb cmd_check = {
	.name = "check",
	.run = run,
	.operands = "FILE",
	.help = { "check a policy text and prove that it keeps the zones apart",
		  "定義ファイルを検査し、ゾーンの分離を証明する" },
	.more = { "FILE is a policy text, '-' is standard input. What the model promises is shown for every packet; "
		  "each promise that is broken comes with an example. Exit status 1: the policy has errors or is "
		  "refuted; 2: it cannot be read, or the proof ran out of room.",
		  "FILE は定義ファイル、'-' は標準入力。モデルの約束をすべてのパケットについて確かめ、守られない約束は"
		  "例とともに示す。終了コード 1: エラーがあるか反証された、2: 読めないか証明の記憶域が尽きた。" },
	.options = options,
	.json = true,
};

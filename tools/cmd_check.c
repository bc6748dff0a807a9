/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "rules/image.h"
#include "rules/json.h"
#include "rules/sha256.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_policy.h"

/* What a policy amounts to, in figures. */
static void say_figures(const struct cli *c, const char *path, const struct policy *p)
{
	cli_say(c, "%s: %u zones, %u statements, %u boxes in %u classes\n",
		"%s: ゾーン %u、許可・拒否 %u、区画 %u (クラス %u)\n", path, p->zones_count - 1,
		p->statements_count, p->boxes_count, p->classes_count);
}

static void say_unproved(const struct cli *c)
{
	cli_say(c,
		"NOT PROVED: this version checks the policy but does not yet prove that the zones "
		"are kept apart (--no-proof hides this line)\n",
		"未証明: この版は定義の検査だけを行い、ゾーンの分離はまだ証明しません "
		"(--no-proof でこの行を省きます)\n");
}

static int print_json(const struct cli *c, const char *path, const struct build *b)
{
	struct text t = { 0 };
	struct json j = json_to(&t);

	json_open(&j, NULL, '{');
	json_string(&j, "file", path);
	json_bool(&j, "ok", b->ok);
	json_bool(&j, "proved", false);
	json_uint(&j, "errors", b->diags.errors);
	json_uint(&j, "warnings", b->diags.warnings);
	if (b->ok) {
		json_uint(&j, "zones", b->policy.zones_count - 1);
		json_uint(&j, "statements", b->policy.statements_count);
		json_uint(&j, "boxes", b->policy.boxes_count);
		json_uint(&j, "classes", b->policy.classes_count);
	}
	diag_json(&b->diags, &j, "diagnostics");
	json_close(&j, '}');
	return cli_put(c, &t);
}

static const char *plural(const struct cli *c, unsigned int n)
{
	return n == 1 ? "" : cli_tr(c, "s", "");
}

static void print_text(const struct cli *c, const char *path, const struct build *b)
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
	if (!cli_given(c, "no-proof"))
		say_unproved(c);
}

static int run(struct cli *c)
{
	const char *path = c->operands[0];
	struct build b;
	int r = cli_policy_build(c, path, &b);

	if (r != CLI_YES)
		return r;
	if (c->json)
		r = print_json(c, path, &b);
	else
		print_text(c, path, &b);
	if (r == CLI_YES && !b.ok)
		r = b.unreadable ? CLI_CANNOT : CLI_NO;
	build_done(&b);
	return r;
}

static const struct cli_option options[] = {
	{ "no-proof",
	  0,
	  NULL,
	  { "do not remind that nothing is proved", "未証明の注意を表示しない" } },
	{ 0 },
};

const struct cli_verb cmd_check = {
	.name = "check",
	.run = run,
	.operands = "FILE",
	.help = { "check a policy text", "定義ファイルを検査する" },
	.more = { "FILE is a policy text, '-' is standard input. Exit status 1: the policy has errors.",
		  "FILE は定義ファイル、'-' は標準入力。終了コード 1: エラーがある。" },
	.options = options,
	.json = true,
};

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * init: a first policy from the presets: a model, what else the town has, and the values that differ from town to
 * town; asked for on a terminal, or from a file.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rules/arena.h"
#include "rules/build.h"
#include "rules/json.h"
#include "rules/lang/blanks.h"
#include "rules/near.h"
#include "rules/prove/prove.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_policy.h"
#include "tools/cli_proof.h"

#define PRESETS "/usr/share/sekimori/presets"
#define ARENA_BYTES ((size_t)256 << 20)
#define ANSWER_MAX 1024
#define ADDITIONS_MAX 32u

/* X(preset's file, what it is) in the order they are offered. */
static const struct preset {
	const char *name;
	const char *help[CLI_LANGUAGES];
} models[] = {
	{ "alpha",
	  { "terminals in the LGWAN zone, the internet by screen transfer",
	    "業務端末は LGWAN接続系、インターネットは画面転送" } },
	{ "alpha-prime",
	  { "alpha, and a local breakout to named cloud services",
	    "αに加え、特定のクラウドへのローカルブレイクアウト" } },
	{ "beta",
	  { "terminals in the internet zone, LGWAN by screen transfer",
	    "業務端末はインターネット接続系、LGWAN は画面転送" } },
	{ "beta-prime",
	  { "beta, and business systems on the internet side",
	    "βに加え、業務システムもインターネット接続系" } },
};

static const struct preset additions[] = {
	{ "juki-net", { "resident register network", "住基ネット" } },
	{ "jpki", { "public key certification of residents", "公的個人認証" } },
	{ "chukan-server", { "information linkage", "中間サーバー (情報連携)" } },
	{ "eltax", { "local taxes", "eLTAX" } },
	{ "konbini", { "certificates at convenience stores", "コンビニ交付" } },
	{ "mynaportal", { "citizens' portal", "マイナポータル" } },
	{ "jichitai-cloud", { "municipal cloud", "自治体クラウド" } },
	{ "lgwan-asp", { "services inside LGWAN", "LGWAN-ASP" } },
	{ "e-application", { "electronic applications", "電子申請" } },
	{ "e-bidding", { "electronic bidding", "電子入札" } },
	{ "l-alert", { "warnings to residents", "Lアラート" } },
	{ "school", { "schools", "学校 (校務系・学習系)" } },
	{ "guest-wifi", { "free Wi-Fi", "来庁者・避難所の無料 Wi-Fi" } },
	{ "iot", { "IoT devices", "IoT 機器" } },
	{ "telework", { "telework", "テレワーク" } },
	{ "control", { "control and disaster telemetry", "制御・防災テレメータ" } },
};

#define COUNT(table) (sizeof(table) / sizeof(table[0]))

struct making {
	struct cli *c;
	const char *path;    /* of the policy to be written */
	const char *presets; /* directory */
	bool ask;            /* somebody sits at a terminal */
	const struct preset *model;
	const struct preset *added[ADDITIONS_MAX];
	unsigned int added_count;
	struct arena *arena; /* owned */
	struct diags diags;
	struct blank *blanks; /* arena */
	uint32_t count;
};

static int no_memory(const struct cli *c)
{
	return cli_error(c, "out of memory", "メモリが足りません");
}

/* ---- questions ---- */

/* A line from the terminal; NULL: no more. */
static const char *ask(const struct making *m, char answer[static ANSWER_MAX])
{
	fputs("> ", stdout);
	fflush(stdout);
	if (!fgets(answer, ANSWER_MAX, stdin))
		return NULL;
	answer[strcspn(answer, "\r\n")] = '\0';
	(void)m;
	return answer;
}

static const struct preset *find(const struct preset *table, size_t count, const char *name,
				 size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(table[i].name) == len && strncmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

static int unknown(const struct cli *c, const struct preset *table, size_t count, const char *name,
		   size_t len)
{
	struct near n = near_to(name, len);

	for (size_t i = 0; i < count; i++)
		near_try(&n, table[i].name);
	if (near_best(&n))
		return cli_error(c, "there is no preset '%.*s'; did you mean '%s'?",
				 "ひな形「%.*s」はありません。「%s」のことですか?", (int)len, name,
				 near_best(&n));
	return cli_error(c, "there is no preset '%.*s'; see 'sekimori init --help'",
			 "ひな形「%.*s」はありません。一覧は 'sekimori init --help'", (int)len,
			 name);
}

static int choose_model(struct making *m)
{
	const char *name = cli_value(m->c, "model");
	char answer[ANSWER_MAX];

	if (!name && !m->ask)
		return cli_usage(m->c, "--model is needed where nobody can be asked",
				 "端末でないときは --model を指定してください");
	if (!name) {
		cli_say(m->c, "Which model does the town follow?\n", "どのモデルですか?\n");
		for (size_t i = 0; i < COUNT(models); i++)
			printf("  %-12s %s\n", models[i].name,
			       models[i].help[m->c->style.language]);
		name = ask(m, answer);
	}
	m->model = name ? find(models, COUNT(models), name, strlen(name)) : NULL;
	if (!m->model)
		return name ? unknown(m->c, models, COUNT(models), name, strlen(name)) : CLI_CANNOT;
	return CLI_YES;
}

static bool yes(const char *answer)
{
	return answer && (answer[0] == 'y' || answer[0] == 'Y' || strncmp(answer, "はい", 6) == 0);
}

static void ask_additions(struct making *m)
{
	char answer[ANSWER_MAX];

	cli_say(m->c, "What else does the town have? (y, or Enter for no)\n",
		"ほかにあるものは? (ある: y、ない: Enter)\n");
	for (size_t i = 0; i < COUNT(additions); i++) {
		printf("  %s (%s) ", additions[i].help[m->c->style.language], additions[i].name);
		if (yes(ask(m, answer)))
			m->added[m->added_count++] = &additions[i];
	}
}

static int choose_additions(struct making *m)
{
	const char *list = cli_value(m->c, "with");

	if (!list && m->ask)
		ask_additions(m);
	while (list && *list) {
		const size_t n = strcspn(list, ", ");
		const struct preset *p = find(additions, COUNT(additions), list, n);

		if (!p && n)
			return unknown(m->c, additions, COUNT(additions), list, n);
		if (p && m->added_count < ADDITIONS_MAX)
			m->added[m->added_count++] = p;
		list += n + (list[n] != '\0');
	}
	return CLI_YES;
}

/* ---- values ---- */

/* Somebody who types a text seldom thinks of the quotation marks that the example has. */
static const char *quoted(struct making *m, const struct blank *b, const char *answer)
{
	struct text t = { 0 };
	const char *copy;

	if (b->example[0] == '"' && answer[0] != '"')
		text_printf(&t, "\"%s\"", answer);
	else
		text_puts(&t, answer);
	copy = arena_text(m->arena, t.bytes, t.len);
	text_done(&t);
	return copy;
}

static void ask_values(struct making *m)
{
	char answer[ANSWER_MAX];

	cli_say(m->c, "Values (Enter leaves one open; it can be filled in later)\n",
		"記入するもの (Enter で空欄のまま。あとで記入できる)\n");
	for (uint32_t i = 0; i < m->count; i++) {
		struct blank *b = &m->blanks[i];

		if (b->value)
			continue;
		cli_say(m->c, "  %s, for example %s\n", "  %s (例: %s)\n", b->label, b->example);
		if (!ask(m, answer))
			return;
		if (answer[0] && !strpbrk(answer, ";{}#"))
			b->value = quoted(m, b, answer);
	}
}

static int take_values(struct making *m)
{
	const char *path = cli_value(m->c, "values");
	struct blank *given = NULL;
	uint32_t count = 0;

	if (!path)
		return CLI_YES;
	if (blanks_values(path, m->arena, &m->diags, &given, &count) < 0)
		return no_memory(m->c);
	for (uint32_t g = 0; g < count; g++)
		for (uint32_t i = 0; i < m->count; i++)
			if (strcmp(m->blanks[i].name, given[g].name) == 0)
				m->blanks[i].value = given[g].value;
	if (!m->diags.errors)
		return CLI_YES;
	diag_print(&m->diags, m->c->style, stderr);
	return CLI_CANNOT;
}

/* ---- the file ---- */

static void put_includes(const struct making *m, struct text *out)
{
	text_puts(
		out,
		cli_tr(m->c,
		       "# The policy of our boundary, begun by 'sekimori init'. See sekimori.rules(5).\n\n",
		       "# 境界の方針 ('sekimori init' で作成)。書き方は sekimori.rules(5)。\n\n"));
	text_printf(out, "include \"%s/%s.rules\";\n", m->presets, m->model->name);
	for (unsigned int i = 0; i < m->added_count; i++)
		text_printf(out, "include \"%s/%s.rules\";\n", m->presets, m->added[i]->name);
}

static void put_values(const struct making *m, bool filled, struct text *out)
{
	for (uint32_t i = 0; i < m->count; i++) {
		const struct blank *b = &m->blanks[i];

		if (!b->value == !filled)
			text_printf(out,
				    filled ? "value %s %s;	# %s\n"
					   : "# value %s %s;	# %s\n",
				    b->name, filled ? b->value : b->example, b->label);
	}
}

static uint32_t open_blanks(const struct making *m)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->count; i++)
		n += !m->blanks[i].value;
	return n;
}

static void put_policy(const struct making *m, struct text *out)
{
	put_includes(m, out);
	if (open_blanks(m) < m->count) {
		text_putc(out, '\n');
		put_values(m, true, out);
	}
	if (open_blanks(m)) {
		text_puts(
			out,
			cli_tr(m->c,
			       "\n# To be filled in: take away the first #, and put what is so in this town.\n",
			       "\n# 未記入: 先頭の # を取り、この団体の値に直す。\n"));
		put_values(m, false, out);
	}
}

/* Never over something that is there. */
static int write_new(const struct making *m, const char *path, const struct text *t)
{
	FILE *f = fopen(path, "wxe");
	bool ok = f && fwrite(t->bytes, 1, t->len, f) == t->len;

	if (f && fclose(f) != 0)
		ok = false;
	if (ok)
		return CLI_YES;
	return errno == EEXIST
		       ? cli_error(m->c, "%s is there already; name another file, or edit it",
				   "%s はすでにあります。別の名前にするか、それを編集してください",
				   path)
		       : cli_error(m->c, "%s: %s", "%s: %s", path, strerror(errno));
}

/* The presets' holes are read from the file as it is to be, so far without values. */
static int read_blanks(struct making *m)
{
	struct text t = { 0 };
	int r;

	put_includes(m, &t);
	r = t.failed ? no_memory(m->c) : write_new(m, m->path, &t);
	text_done(&t);
	if (r != CLI_YES)
		return r;
	if (blanks_read(m->path, m->arena, &m->diags, &m->blanks, &m->count) < 0)
		r = no_memory(m->c);
	else if (m->diags.errors) {
		diag_print(&m->diags, m->c->style, stderr);
		r = CLI_CANNOT;
	}
	unlink(m->path);
	return r;
}

static int write_policy(struct making *m)
{
	struct text t = { 0 };
	int r;

	put_policy(m, &t);
	r = t.failed ? no_memory(m->c) : write_new(m, m->path, &t);
	text_done(&t);
	return r;
}

/* ---- what remains ---- */

static void say_open(const struct making *m)
{
	cli_say(m->c, "%s: written, model %s; %u of %u values are to be filled in:\n",
		"%s: 作成しました (モデル %s)。未記入 %u 件 (全 %u 件):\n", m->path, m->model->name,
		open_blanks(m), m->count);
	for (uint32_t i = 0; i < m->count; i++)
		if (!m->blanks[i].value)
			cli_say(m->c, "  %-22s %s, for example %s\n", "  %-22s %s (例: %s)\n",
				m->blanks[i].name, m->blanks[i].label, m->blanks[i].example);
	cli_say(m->c, "then: sekimori check %s\n", "記入後に: sekimori check %s\n", m->path);
}

static void put_json(const struct making *m, bool ok, bool proved, struct text *out)
{
	struct json j = json_to(out);

	json_open(&j, NULL, '{');
	json_string(&j, "file", m->path);
	json_string(&j, "model", m->model->name);
	json_open(&j, "with", '[');
	for (unsigned int i = 0; i < m->added_count; i++)
		json_string(&j, NULL, m->added[i]->name);
	json_close(&j, ']');
	json_uint(&j, "values", m->count);
	json_open(&j, "open", '[');
	for (uint32_t i = 0; i < m->count; i++) {
		if (m->blanks[i].value)
			continue;
		json_open(&j, NULL, '{');
		json_string(&j, "name", m->blanks[i].name);
		json_string(&j, "label", m->blanks[i].label);
		json_string(&j, "example", m->blanks[i].example);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_bool(&j, "ok", ok);
	json_bool(&j, "proved", proved);
	json_close(&j, '}');
}

static void say_checked(const struct making *m, const struct build *b, const struct proof *f)
{
	if (open_blanks(m)) {
		say_open(m);
		return;
	}
	diag_print(&b->diags, m->c->style, stderr);
	if (b->ok)
		cli_say(m->c, "%s: written, model %s, everything is filled in\n",
			"%s: 作成しました (モデル %s)。すべて記入済み\n", m->path, m->model->name);
	else
		cli_say(m->c,
			"%s: written, model %s; mend what is said above, then: sekimori check %s\n",
			"%s: 作成しました (モデル %s)。上の点を直してから: sekimori check %s\n",
			m->path, m->model->name, m->path);
	if (b->ok)
		cli_proof_say(m->c, &b->policy, f);
}

/* As `check` does: what remains to be done. */
static int check(const struct making *m)
{
	struct proof f = { .result = PROOF_FAILS };
	struct text t = { 0 };
	struct build b;
	int r = cli_policy_build(m->c, m->path, &b);

	if (r != CLI_YES)
		return r;
	if (b.ok)
		r = cli_prove(m->c, &b, (int64_t)time(NULL), &f);
	const bool proved = b.ok && f.result == PROOF_HOLDS;

	if (r == CLI_YES && m->c->json) {
		put_json(m, b.ok, proved, &t);
		r = cli_put(m->c, &t);
	} else if (r == CLI_YES) {
		say_checked(m, &b, &f);
	}
	proof_done(&f);
	build_done(&b);
	return r != CLI_YES ? r : proved ? CLI_YES : CLI_NO;
}

static int make(struct making *m)
{
	int r = choose_model(m);

	if (r == CLI_YES)
		r = choose_additions(m);
	if (r == CLI_YES)
		r = read_blanks(m);
	if (r == CLI_YES)
		r = take_values(m);
	if (r == CLI_YES && m->ask)
		ask_values(m);
	if (r == CLI_YES)
		r = write_policy(m);
	return r == CLI_YES ? check(m) : r;
}

static int run(struct cli *c)
{
	struct making m = { .c = c,
			    .path = c->operands[0],
			    .presets = cli_value(c, "presets"),
			    .ask = !cli_given(c, "values") && !c->json && isatty(STDIN_FILENO) &&
				   isatty(STDOUT_FILENO) };
	int r;

	if (!m.presets)
		m.presets = PRESETS;
	m.arena = arena_new(ARENA_BYTES);
	if (!m.arena)
		return no_memory(c);
	m.diags.arena = m.arena;
	r = make(&m);
	arena_free(m.arena);
	return r;
}

static const struct cli_option options[] = {
	{ "model",
	  0,
	  "MODEL",
	  { "alpha, alpha-prime, beta or beta-prime", "alpha、alpha-prime、beta、beta-prime" } },
	{ "with",
	  0,
	  "PRESET,...",
	  { "what else the town has: juki-net, jpki, chukan-server, eltax, konbini, mynaportal, jichitai-cloud, lgwan-asp, e-application, e-bidding, l-alert, school, guest-wifi, iot, telework, control",
	    "ほかにあるもの: juki-net、jpki、chukan-server、eltax、konbini、mynaportal、jichitai-cloud、lgwan-asp、e-application、e-bidding、l-alert、school、guest-wifi、iot、telework、control" } },
	{ "values",
	  0,
	  "FILE",
	  { "take the values from the 'value' lines of this file",
	    "値をこのファイルの value 行から取る" } },
	{ "presets",
	  0,
	  "DIR",
	  { "where the presets are (left out: /usr/share/sekimori/presets)",
	    "ひな形の場所（省略時は /usr/share/sekimori/presets）" } },
	{ 0 },
};

const struct cli_verb cmd_init = {
	.name = "init",
	.run = run,
	.operands = "FILE",
	.help = { "make a first policy from the presets", "ひな形から最初の方針を作る" },
	.more = { "Writes FILE, which must not be there yet: the model, what else the town has, the values, and what is still to be filled in, with an example each. "
		  "On a terminal it asks for what is not given.\n"
		  "Exit status 0: nothing remains, and the policy is proved; 1: something is to be filled in or mended.",
		  "FILE（まだないこと）に、モデル、ほかにあるもの、値、まだ記入していないものとその例を書く。"
		  "端末では、指定のないものを尋ねる。\n"
		  "終了コード 0: 残りがなく、証明された。1: 記入か修正が必要。" },
	.options = options,
	.json = true,
};

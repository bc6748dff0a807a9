/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_proof.h"

#include <stdio.h>

#include "rules/arena.h"
#include "rules/prove/report.h"

#define NAMES_SHOWN 8u
#define IMAGE_FINDINGS_MAX ((size_t)64 << 20) /* memory of their words */

static int prove(const struct cli *c, const struct policy *p, int64_t now,
		 const struct proof_places *at, struct diags *d, struct proof *f)
{
	struct prover *v = prover_new(0);
	struct proof proof = { 0 };
	int r = v ? prove_policy(v, p, now, 0, &proof) : -1;

	prover_free(v);
	if (r == 0)
		r = proof_report(&proof, p, at, d);
	if (r < 0) {
		proof_done(&proof);
		return cli_error(c, "out of memory", "メモリが足りません");
	}
	diag_sort(d);
	*f = proof;
	return CLI_YES;
}

int cli_prove(const struct cli *c, struct build *b, int64_t now, struct proof *f)
{
	const struct proof_places at = { .statements = b->statements_at,
					 .zones = b->zones_at,
					 .hosts = b->hosts_at,
					 .assertions = b->asserts_at,
					 .accepts = b->accepts_at };

	return prove(c, &b->policy, now, &at, &b->diags, f);
}

int cli_prove_image(const struct cli *c, const struct policy *p, int64_t now, struct proof *f)
{
	const struct proof_places nowhere = { 0 };
	struct arena *a = arena_new(IMAGE_FINDINGS_MAX);
	struct diags d = { .arena = a };
	int r = a ? prove(c, p, now, &nowhere, &d, f)
		  : cli_error(c, "out of memory", "メモリが足りません");

	if (r == CLI_YES)
		diag_print(&d, c->style, stderr);
	arena_free(a);
	return r;
}

/* On standard error; never cut short by how many other messages there are. */
static void say_unknown(const struct cli *c, const struct policy *p, const struct proof *f)
{
	bool known = f->unknown_from != POLICY_NONE;
	const char *from = known ? policy_string(p, p->zones[f->unknown_from].name) : "-";
	const char *to = known ? policy_string(p, p->zones[f->unknown_to].name) : "-";

	fprintf(stderr,
		cli_tr(c,
		       "NOT PROVED: the proof ran out of room (zone %s -> %s), so nothing is known of this policy. "
		       "Write fewer permits there that overlap in part: same ends, or ports that do not cross\n",
		       "未証明: 証明に必要な記憶域が尽きました (ゾーン %s → %s)。この方針については何も言えません。"
		       "このゾーン間で一部だけ重なる許可を減らしてください (端をそろえるか、ポート範囲を交差させない)\n"),
		from, to);
}

int cli_proof_refuse(const struct cli *c, const char *path, const struct policy *p,
		     const struct proof *f)
{
	if (f->result == PROOF_UNKNOWN) {
		say_unknown(c, p, f);
		return CLI_CANNOT;
	}
	if (f->result == PROOF_HOLDS)
		return CLI_YES;
	cli_error(c, "%s: refused: broken promises of model %s: %u, each with an example above",
		  "%s: 拒否しました: モデル %s の約束が %u 件守られていません。例を上に示します",
		  path, policy_model_words[p->model], f->errors);
	return CLI_NO;
}

static void say_coverage(const struct cli *c, const struct policy *p, const struct proof *f)
{
	cli_say(c, "invariants speak of %u of %u permits and of %.1f%% of all that may pass\n",
		"不変条件の対象: 許可 %u/%u 件、通り得る通信の %.1f%%\n", f->permits_spoken,
		f->permits, f->share_spoken * 100);
	for (uint32_t i = 0; i < f->unspoken_count && i < NAMES_SHOWN; i++) {
		const char *name = policy_string(p, p->statements[f->unspoken[i]].name);

		if (i == 0)
			cli_say(c, "nothing is promised of: %s", "何も保証されない許可: %s", name);
		else
			printf(", %s", name);
	}
	if (f->unspoken_count > NAMES_SHOWN)
		cli_say(c, " and %u more", " ほか %u 件", f->unspoken_count - NAMES_SHOWN);
	if (f->unspoken_count)
		printf("\n");
}

void cli_proof_say(const struct cli *c, const struct policy *p, const struct proof *f)
{
	if (f->result == PROOF_UNKNOWN) {
		say_unknown(c, p, f);
		return;
	}
	if (f->result == PROOF_FAILS) {
		cli_say(c, "REFUTED: %u promises are broken; each has an example above\n",
			"反証: %u 件が守られていません。例を上に示します\n", f->errors);
		return;
	}
	if (p->model == MODEL_LAB)
		cli_say(c,
			"PROVED for every packet, IPv4 and IPv6: it was compiled as written and keeps its own "
			"assertions (%u claims); model lab promises nothing else\n",
			"証明済み (IPv4・IPv6 の全パケット): 書かれたとおりに変換され、表明が守られています (%u 項目)。"
			"モデル lab はそれ以外を保証しません\n",
			f->claims);
	else
		cli_say(c,
			"PROVED for every packet, IPv4 and IPv6: it keeps model %s (%u claims, %u pairs of zones)\n",
			"証明済み (IPv4・IPv6 の全パケット): モデル %s が守られています (%u 項目、ゾーンの組 %u)\n",
			policy_model_words[p->model], f->claims, f->pairs);
	if (f->relays_accepted)
		cli_say(c, "accepted relays: %u\n", "受け入れた中継: %u 件\n", f->relays_accepted);
	say_coverage(c, p, f);
}

void cli_proof_say_none(const struct cli *c)
{
	fprintf(stderr, "%s",
		cli_tr(c,
		       "***\n*** NOT PROVED (--no-proof): nobody knows whether this policy keeps the zones "
		       "apart\n***\n",
		       "***\n*** 未証明 (--no-proof): この方針がゾーンを分離しているかは分かりません\n***\n"));
}

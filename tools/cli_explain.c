/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_explain.h"

#include <stdio.h>
#include <string.h>

#include "rules/json.h"
#include "rules/jst.h"
#include "rules/list.h"

static const char *string_of(const struct explain *q, uint32_t offset)
{
	return policy_string(q->p, offset);
}

/* An address with the name of the host that has it, if one has. */
static void say_address(const struct explain *q, ip_t a, uint32_t zone)
{
	char buf[IP_TEXT];

	for (uint32_t h = 0; h < q->p->hosts_count; h++) {
		struct span nets = q->p->hosts[h].nets;

		for (uint32_t i = nets.first; i < nets.first + nets.count; i++)
			if (ip_in(q->p->nets[i], a)) {
				printf("%s ", string_of(q, q->p->hosts[h].name));
				h = q->p->hosts_count - 1;
				break;
			}
	}
	printf("%s (%s)", ip_text(a, buf), string_of(q, q->p->zones[zone].name));
}

static void say_example(const struct explain *q, const struct explain_finding *a)
{
	char service[64];

	say_address(q, a->example.src, q->from.zone);
	printf(" -> ");
	say_address(q, a->example.dst, q->to.zone);
	printf(", %s\n", cli_service_text(&a->example, a->box->kind, service));
}

static void say_list(const struct explain *q, struct span s, bool apps)
{
	for (uint32_t i = 0; i < s.count; i++) {
		uint32_t at = s.first + i;
		uint32_t text = apps ? q->p->apps[q->p->refs[at]] : q->p->words[at];

		printf("%s%s", i ? ", " : "", string_of(q, text));
	}
	printf("\n");
}

static void say_times(const struct explain *q, const struct statement *s)
{
	char buf[JST_TEXT];

	if (!policy_live(q->p, s, q->at))
		cli_say(q->c, "    NOT IN FORCE at %s\n", "    %s には有効でない\n",
			jst_time_text(q->at, buf));
	if (s->since)
		cli_say(q->c, "    from %s on\n", "    %s から\n", jst_time_text(s->since, buf));
	if (s->until)
		cli_say(q->c, "    until %s%s\n", "    %s まで%s\n",
			jst_time_text(s->until - 1, buf),
			!s->at_end_alarm ? ""
					 : cli_tr(q->c, " (alarms, stays open)", " (警報のみ)"));
	if (s->review)
		cli_say(q->c, "    to be reviewed on %s\n", "    見直し日 %s\n",
			jst_date_text(s->review, buf));
	if (s->window != POLICY_NONE)
		cli_say(q->c, "    only in window %s\n", "    時間帯 %s のみ\n",
			string_of(q, q->p->windows[s->window].name));
}

static void say_conditions(const struct explain *q, const struct statement *s)
{
	if (s->applications.count) {
		cli_say(q->c, "    application: ", "    アプリケーション: ");
		say_list(q, s->applications, true);
	}
	if (s->names.count) {
		cli_say(q->c, "    name: ", "    接続先の名前: ");
		say_list(q, s->names, false);
	}
	if (s->direction != DIRECTION_BOTH)
		cli_say(q->c, "    data may only %s\n", "    データの向き: %s のみ\n",
			policy_direction_words[s->direction]);
	if (s->feed != POLICY_NONE)
		cli_say(q->c, "    only what feed %s lists\n", "    脅威情報 %s に載るものだけ\n",
			string_of(q, q->p->feeds[s->feed].name));
}

static void say_statement(const struct explain *q, const struct statement *s)
{
	static const char *const types[] = { "permit", "deny", "crossing" };
	const char *label = string_of(q, s->label);

	printf("  %s %s%s%s%s\n", types[s->type], string_of(q, s->name), *label ? " (" : "", label,
	       *label ? ")" : "");
	if (s->owner)
		cli_say(q->c, "    owner: %s\n", "    責任課: %s\n", string_of(q, s->owner));
	if (s->reason)
		cli_say(q->c, "    reason: %s\n", "    理由: %s\n", string_of(q, s->reason));
	say_times(q, s);
	say_conditions(q, s);
	if (s->profile != POLICY_NONE)
		cli_say(q->c, "    profile: %s (inspect %s)\n", "    profile: %s (検査 %s)\n",
			string_of(q, q->p->profiles[s->profile].name),
			policy_inspect_words[q->p->profiles[s->profile].inspect]);
}

/* Whether any permit of a class is in force at that time. */
static bool class_live(const struct explain *q, const struct class *k)
{
	for (uint32_t i = 0; i < k->members.count; i++) {
		const struct statement *s = &q->p->statements[q->p->refs[k->members.first + i]];

		if (s->type != STATEMENT_DENY && policy_live(q->p, s, q->at))
			return true;
	}
	return false;
}

static const char *verdict_of(const struct explain *q, const struct class *k)
{
	if (k->denied || !class_live(q, k))
		return "denied";
	return k->queued ? "inspected" : "permitted";
}

static void say_verdict(const struct explain *q, const struct class *k)
{
	if (k->denied)
		cli_say(q->c, "DENIED in the kernel by:\n", "拒否 (カーネル)。根拠:\n");
	else if (!class_live(q, k))
		cli_say(q->c, "DENIED: what permits it is not in force then:\n",
			"拒否。許可はあるがその時刻には有効でない:\n");
	else if (k->queued)
		cli_say(q->c, "PERMITTED as far as what is seen agrees with:\n",
			"許可 (検査して次に合うものだけ):\n");
	else
		cli_say(q->c, "PERMITTED without inspection by:\n", "許可 (検査なし)。根拠:\n");
}

/* What happens to the packets before anybody knows what they carry. */
static void say_kernel(const struct explain *q, uint32_t number)
{
	const struct class *k = &q->p->classes[number];

	if (k->denied)
		return;
	if (k->box_end)
		cli_say(q->c,
			"  kernel: decided by address and port alone (the appliance itself)\n",
			"  カーネル: アドレスとポートだけで判定 (関守自身との通信)\n");
	else if (!k->queued)
		cli_say(q->c, "  kernel: accepts (class %u)\n",
			"  カーネル: そのまま通す (クラス %u)\n", number + 1);
	else
		cli_say(q->c, "  kernel: to the inspection (class %u); without an engine %s\n",
			"  カーネル: 検査へ回す (クラス %u)。検査プロセスがなければ%s\n",
			number + 1,
			k->closed ? cli_tr(q->c, "nothing passes", "何も通さない")
				  : cli_tr(q->c, "it passes and is counted", "通して数える"));
	if (k->queued)
		cli_say(q->c, "  until it is recognised, %u bytes each way may pass; then: %s\n",
			"  判明するまで通すのは片方向 %u バイトまで。判明しないときは %s\n",
			k->joined.undecided, policy_action_words[k->joined.on_unknown_application]);
	if (k->queued)
		cli_say(q->c, "  another application or name: %s\n",
			"  異なるアプリケーションや名前は %s\n",
			policy_action_words[k->joined.on_mismatch]);
}

/* Chains and maps as the ruleset has them; N is the number of the apply. */
static void say_path(const struct explain *q, const struct explain_finding *a)
{
	const struct cli_path *w = &a->path;

	cli_say(q->c, "  path: %s_N -> %s_N -> %s_N -> %s_N -> %s",
		"  経路: %s_N -> %s_N -> %s_N -> %s_N -> %s", w->entry, w->chain, w->map,
		w->classes, w->target);
	if (w->queues[0])
		cli_say(q->c, " -> queue %s -> engine", " -> キュー %s -> 検査プロセス", w->queues);
	printf("\n");
}

/* What the running kernel's maps answer, and whether that is what the policy says. */
static void say_running(const struct explain *q, const struct cli_kernel *k, bool agrees)
{
	switch (k->state) {
	case CLI_KERNEL_FOUND:
		cli_say(q->c, "  running kernel (apply %u): %s names class %u, %s says %s",
			"  動作中のカーネル (適用 %u): %s はクラス %u、%s は %s", k->apply, k->map,
			k->class, k->classes, k->action);
		break;
	case CLI_KERNEL_REFUSED:
		cli_say(q->c,
			"  running kernel (apply %u): none of its maps has it, so it is denied",
			"  動作中のカーネル (適用 %u): どのマップにもないため拒否", k->apply);
		break;
	case CLI_KERNEL_EMPTY:
		cli_say(q->c, "  running kernel: no policy is in force, everything is denied",
			"  動作中のカーネル: 方針が適用されておらず、すべて拒否");
		break;
	case CLI_KERNEL_NONE:
		cli_say(q->c,
			"  running kernel: it has no table of ours: nothing is held back by us",
			"  動作中のカーネル: 関守のテーブルがなく、何も止めていない");
		break;
	default:
		cli_say(q->c, "  running kernel: cannot be asked: %s",
			"  動作中のカーネル: 確認できない: %s", strerror(-k->error));
		printf("\n");
		return;
	}
	cli_say(q->c, agrees ? "; as this policy says\n" : "; THIS POLICY SAYS OTHERWISE\n",
		agrees ? "。この方針のとおり\n" : "。この方針と違う\n");
}

static bool class_live(const struct explain *q, const struct class *k);

static bool finding_agrees(const struct explain *q, const struct explain_finding *a)
{
	return cli_kernel_agrees(q->p, a->class, class_live(q, &q->p->classes[a->class]),
				 &a->kernel);
}

bool explain_agrees(const struct explain *q)
{
	if (q->refused_asked && !cli_kernel_agrees(q->p, POLICY_NONE, false, &q->refused))
		return false;
	for (uint32_t i = 0; q->ask_kernel && i < q->count; i++)
		if (!finding_agrees(q, &q->findings[i]))
			return false;
	return true;
}

static void say_answer(const struct explain *q, const struct explain_finding *a)
{
	const struct class *k = &q->p->classes[a->class];

	say_example(q, a);
	say_verdict(q, k);
	for (uint32_t i = 0; i < k->members.count; i++)
		say_statement(q, &q->p->statements[q->p->refs[k->members.first + i]]);
	say_kernel(q, a->class);
	say_path(q, a);
	if (q->ask_kernel)
		say_running(q, &a->kernel, finding_agrees(q, a));
	printf("\n");
}

static void say_rest(const struct explain *q)
{
	const struct zone *from = &q->p->zones[q->from.zone];

	if (q->from.zone == q->to.zone && from->inside_permit)
		cli_say(q->c, "Everything else inside zone %s is permitted (inside permit).\n",
			"ゾーン %s の内部ではその他もすべて許可 (inside permit)。\n",
			string_of(q, from->name));
	else if (q->count == 0)
		cli_say(q->c, "DENIED: nothing permits it; the sender %s.\n",
			"拒否。許可するものがない。送信元には%s。\n",
			from->refuse_reset ? cli_tr(q->c, "gets a reset", "リセットを返す")
					   : cli_tr(q->c, "gets no answer", "何も返さない"));
	else if (!cli_end_is_point(&q->from) || !cli_end_is_point(&q->to))
		cli_say(q->c, "Everything else between them is denied.\n",
			"この間のその他の通信はすべて拒否。\n");
	if (q->more)
		cli_say(q->c, "There are more answers: ask for less.\n",
			"ほかにもある。範囲を狭めて尋ねること。\n");
}

void explain_say(const struct explain *q)
{
	for (uint32_t i = 0; i < q->count; i++)
		say_answer(q, &q->findings[i]);
	say_rest(q);
	if (q->refused_asked)
		say_running(q, &q->refused,
			    cli_kernel_agrees(q->p, POLICY_NONE, false, &q->refused));
	if (q->ask_kernel)
		cli_say(q->c,
			"Only these maps were asked; isolation, other tables and devices may still stop a packet.\n",
			"確認したのはこれらのマップだけ。隔離、ほかのテーブル、装置が止めることもある。\n");
}

static void json_path(const struct cli_path *w, struct json *j)
{
	json_open(j, "path", '{');
	json_string(j, "entry", w->entry);
	json_string(j, "chain", w->chain);
	json_string(j, "map", w->map);
	json_string(j, "target", w->target);
	json_string(j, "queues", w->queues[0] ? w->queues : NULL);
	json_close(j, '}');
}

static void json_running(const struct cli_kernel *k, bool agrees, struct json *j)
{
	static const char *const words[] = { "found", "refused", "no-policy", "no-table",
					     "unreadable" };

	json_open(j, "kernel", '{');
	json_string(j, "state", words[k->state]);
	if (k->apply)
		json_uint(j, "apply", k->apply);
	if (k->state == CLI_KERNEL_FOUND) {
		json_string(j, "map", k->map);
		json_uint(j, "class", k->class);
		json_string(j, "action", k->action);
	}
	if (k->state != CLI_KERNEL_UNREADABLE)
		json_bool(j, "agrees", agrees);
	json_close(j, '}');
}

static void json_answer(const struct explain *q, const struct explain_finding *a, struct json *j)
{
	const struct class *k = &q->p->classes[a->class];
	char buf[IP_TEXT], service[64];

	json_open(j, NULL, '{');
	json_string(j, "verdict", verdict_of(q, k));
	json_uint(j, "class", a->class + 1);
	json_string(j, "src", ip_text(a->example.src, buf));
	json_string(j, "dst", ip_text(a->example.dst, buf));
	json_string(j, "service", cli_service_text(&a->example, a->box->kind, service));
	json_bool(j, "closed", k->closed);
	json_path(&a->path, j);
	if (q->ask_kernel)
		json_running(&a->kernel, finding_agrees(q, a), j);
	json_open(j, "statements", '[');
	for (uint32_t i = 0; i < k->members.count; i++)
		list_statement_json(q->p, q->p->refs[k->members.first + i], j);
	json_close(j, ']');
	json_close(j, '}');
}

void explain_json(const struct explain *q, struct json *j)
{
	char buf[JST_TEXT];

	json_open(j, NULL, '{');
	json_string(j, "zone_from", string_of(q, q->p->zones[q->from.zone].name));
	json_string(j, "zone_to", string_of(q, q->p->zones[q->to.zone].name));
	json_string(j, "at", jst_time_text(q->at, buf));
	json_bool(j, "inside_permit",
		  q->from.zone == q->to.zone && q->p->zones[q->from.zone].inside_permit);
	json_open(j, "answers", '[');
	for (uint32_t i = 0; i < q->count; i++)
		json_answer(q, &q->findings[i], j);
	json_close(j, ']');
	json_bool(j, "more", q->more);
	if (q->refused_asked)
		json_running(&q->refused, cli_kernel_agrees(q->p, POLICY_NONE, false, &q->refused),
			     j);
	json_close(j, '}');
}

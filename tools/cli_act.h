/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_act: an act on the policy (daemon/apply.h), done by the supervisor or, without one, by ourselves.
 *
 * `sekimori apply`, `confirm`, `rollback`, `approve`, `emergency` and `edit` end here. Steps are shown as they
 * happen, unless --json was given.
 */
#ifndef TOOLS_CLI_ACT_H
#define TOOLS_CLI_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/apply.h"
#include "daemon/conf.h"
#include "tools/cli.h"

enum cli_act_way {
	CLI_ACT_ASK,		/* the supervisor has to be there */
	CLI_ACT_OFFLINE,	/* it must not be there: the kernel alone */
	CLI_ACT_ANYHOW,		/* emergency: by the supervisor if it does it soon, else without it */
};

struct cli_act {			/* texts may be NULL */
	enum apply_act act;
	enum cli_act_way way;
	const void *image;		/* borrowed; of APPLY_NEW */
	size_t len;
	const char *reason, *reference, *override, *hash;
	uint32_t within, back;
	const char *who;		/* NULL: who runs this program; "boot" */
};

struct cli_act_result {
	bool in_force;			/* something new is in force, also when a later step failed */
	bool waits;			/* for a second person */
	bool failed;			/* `text` says what went wrong */
	uint32_t apply;			/* number, when we did it ourselves; else 0 */
	char text[CLI_LANGUAGES][APPLY_WHY];	/* what was done, or why not; empty after something was printed */
};

/* cli_act - Return: CLI_YES done; CLI_NO refused, or waits; CLI_CANNOT */
int cli_act(const struct cli *c, const struct conf *conf, const struct cli_act *a, struct cli_act_result *out);

/* cli_act_say - the result for people (or as JSON members into an open object). Return: @r */
int cli_act_say(const struct cli *c, const struct cli_act_result *res, int r);
struct json;
void cli_act_json(const struct cli_act_result *res, struct json *j);

/* cli_act_run - the whole of a verb that has nothing else to say: act, print. Return: enum cli_exit */
int cli_act_run(const struct cli *c, struct cli_act *a);

/* cli_act_options - those that most acts share: --reason, --why, --reference, --override, --confirm-within, --offline
 * (the verb's table has to have them all). Return: false after a usage error was printed. */
bool cli_act_options(const struct cli *c, struct cli_act *a);
#define CLI_ACT_OPTIONS \
	{ "reason", 0, "TEXT", { "why, for the history and the event", "理由 (履歴とイベントに残る)" } }, \
	{ "why", 0, "TEXT", { "the same as --reason", "--reason と同じ" } }, \
	{ "reference", 0, "TEXT", { "number of the request or decision, for the history", "起案・申請の番号 (履歴に残る)" } }, \
	{ "confirm-within", 0, "TIME", { "10m, 90s, 1h: it goes back by itself unless 'sekimori confirm' is run by then", \
	  "10m、90s、1h: それまでに 'sekimori confirm' がなければ自動で元に戻る" } }, \
	{ "override", 0, "REASON", { "go on without the second person that mynumber and public-line ask for; an alarm", \
	  "マイナンバー利用事務系・公的回線に必要な別の人の承認なしで進める (重大な警報になる)" } }, \
	{ "offline", 0, NULL, { "without sekimorid: the kernel alone enforces the policy", \
	  "sekimorid なしで、カーネルだけに適用する" } }

/* cli_pending - what waits (pending_json of daemon/apply/pending.h), from the supervisor or the state directory
 * @text: owned by the caller afterwards; @image: descriptor of the image that waits, or -1
 * Return: CLI_YES, or CLI_CANNOT after it was printed */
int cli_pending(const struct cli *c, const struct conf *conf, char **text, int *image);

#endif

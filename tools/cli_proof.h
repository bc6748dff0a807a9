/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_proof: the proof of a policy for a verb: findings beside the compiler's own messages, and the result
 * in a few lines.
 */
#ifndef TOOLS_CLI_PROOF_H
#define TOOLS_CLI_PROOF_H

#include "rules/build.h"
#include "rules/prove/prove.h"
#include "tools/cli.h"

/**
 * cli_prove - prove a policy that built
 * @b: gets the findings as diagnostics, sorted among its own
 * @now: seconds since 1970: what has ended by then does not pass any more
 * Return: CLI_YES and *f filled, whatever its result (proof_done frees it); CLI_CANNOT no memory.
 */
int cli_prove(const struct cli *c, struct build *b, int64_t now, struct proof *f);

/* cli_prove_image - the same for an image: it has no text, so the findings name no place, and are printed at once */
int cli_prove_image(const struct cli *c, const struct policy *p, int64_t now, struct proof *f);

/* cli_proof_refuse - CLI_YES it holds; CLI_NO refuted, in a line on standard error; CLI_CANNOT the proof ran out of room */
int cli_proof_refuse(const struct cli *c, const char *path, const struct policy *p, const struct proof *f);

/* cli_proof_say - the result for people, on standard output; what no invariant speaks of by name */
void cli_proof_say(const struct cli *c, const struct policy *p, const struct proof *f);

/* cli_proof_say_none - that nothing was proved, loudly, on standard error */
void cli_proof_say_none(const struct cli *c);

#endif

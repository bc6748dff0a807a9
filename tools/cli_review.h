/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_review: ends and reviews of a policy text as messages of check, each at its place.
 */
#ifndef TOOLS_CLI_REVIEW_H
#define TOOLS_CLI_REVIEW_H

#include <stdint.h>

struct build;

/* cli_review - warn of what ends within a month, and of reviews whose day has come; what has ended the proof says */
void cli_review(struct build *b, int64_t now);

#endif

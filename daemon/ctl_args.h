/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl_args: the arguments of an act in the text of a request: "within=600&reason=...", each at most once,
 * in a text '%' stands as %25 and '&' as %26.
 */
#ifndef DAEMON_CTL_ARGS_H
#define DAEMON_CTL_ARGS_H

#include <stdbool.h>
#include <stdint.h>

struct text;

#define CTL_ARG_BYTES 601	/* of a value with its NUL */
#define CTL_WITHIN_MAX 86400u	/* seconds until a change has to be confirmed */

/* X(name, word, is a number, highest number) */
#define CTL_ARGS(X) \
	X(REASON, "reason", false, 0) X(REFERENCE, "reference", false, 0) X(OVERRIDE, "override", false, 0) \
	X(HASH, "hash", false, 0) X(WITHIN, "within", true, CTL_WITHIN_MAX) X(BACK, "back", true, UINT32_MAX)
#define CTL_ARG_(N, W, M, H) CTL_ARG_##N,
enum ctl_arg { CTL_ARGS(CTL_ARG_) CTL_ARG_COUNT };

struct ctl_args {
	char text[CTL_ARG_COUNT][CTL_ARG_BYTES];	/* "" not given */
	uint32_t number[CTL_ARG_COUNT];			/* of numbers; 0 not given */
};

/* ctl_args_parse - an empty text has none. Return: 0; -EBADMSG an unknown name, one twice, too long, no number; the
 * result is then all zero */
int ctl_args_parse(const char *text, struct ctl_args *out);

/* ctl_args_put - add one to a text; an empty or absent value adds nothing */
void ctl_args_put(struct text *t, enum ctl_arg arg, const char *value);

#endif

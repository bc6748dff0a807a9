/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_ctl: bytes as a request of somebody at the control socket, by everybody there is; and as the message of a
 * child that lost its mind. First byte: who, and whether a descriptor came along.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl_args.h"
#include "daemon/ctl_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ctl_groups groups = { 900, 901, 990 };
static const struct ctl_peer peers[] = {
	{ .uid = 0, .groups = { 0 }, .group_count = 1 },
	{ .uid = 1000, .groups = { 100, 900 }, .group_count = 2 },
	{ .uid = 1001, .groups = { 901 }, .group_count = 1 },
	{ .uid = 1002, .groups = { 100 }, .group_count = 1 },
};

static bool is_question(enum ctl_verb verb)
{
	return verb == CTL_STATUS || verb == CTL_STATS || verb == CTL_IMAGE ||
	       verb == CTL_PENDING || verb == CTL_HISTORY;
}

/* Arguments that are taken are within their bounds, and none is longer than the text they came in. */
static void check_arguments(const char *text)
{
	struct ctl_args a;
	size_t sum = 0;

	if (ctl_args_parse(text, &a) == 0 && a.number[CTL_ARG_WITHIN] > CTL_WITHIN_MAX)
		abort();
	for (int i = 0; i < CTL_ARG_COUNT; i++)
		sum += strlen(a.text[i]);
	if (sum > strlen(text))
		abort();
}

/* Whatever is accepted is one line of text, and of a verb that this peer may use. */
static void check_accepted(const char *text, size_t len, enum ctl_verb verb, unsigned int who)
{
	if (verb >= CTL_VERB_COUNT || strlen(text) != len || len > CTL_TEXT_MAX)
		abort();
	for (size_t i = 0; i < len; i++) {
		if ((uint8_t)text[i] < 0x20)
			abort();
	}
	if (who == 3 || (who == 1 && !is_question(verb)))
		abort();
	if (who == 2 && (verb == CTL_EXPIRE || (verb >= CTL_LAST_GOOD && verb <= CTL_END)))
		abort();
	check_arguments(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum ctl_verb verb = CTL_VERB_COUNT;
	unsigned int who;
	char *copy;
	int r;

	if (size < 1)
		return 0;
	who = data[0] & 3;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	r = ctl_check(copy, size - 1, data[0] & 4, &peers[who], &groups, &verb);
	if (r < 0)
		check_accepted(copy + sizeof(struct ctl_head), size - 1 - sizeof(struct ctl_head),
			       verb, who);
	else if (r >= CTL_REFUSAL_COUNT)
		abort();
	free(copy);
	return 0;
}

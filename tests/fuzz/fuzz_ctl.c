/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_ctl: bytes as a request of somebody at the control socket, by everybody there is; and as the message of a
 * child that lost its mind. First byte: who, and whether a descriptor came along.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ctl_groups groups = { 900, 901 };
static const struct ctl_peer peers[] = {
	{ .uid = 0, .groups = { 0 }, .group_count = 1 },
	{ .uid = 1000, .groups = { 100, 900 }, .group_count = 2 },
	{ .uid = 1001, .groups = { 901 }, .group_count = 1 },
	{ .uid = 1002, .groups = { 100 }, .group_count = 1 },
};

/* Whatever is accepted is one line of text, and of a verb that this peer may use. */
static void check_accepted(const char *text, size_t len, enum ctl_verb verb, unsigned int who)
{
	if (verb >= CTL_VERB_COUNT || strlen(text) != len || len > CTL_TEXT_MAX)
		abort();
	for (size_t i = 0; i < len; i++) {
		if ((uint8_t)text[i] < 0x20)
			abort();
	}
	if (who == 3 || (who == 1 && (verb == CTL_APPLY || verb == CTL_REOPEN)))
		abort();
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

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel_judge: one packet through a ruleset that was read back, as the kernel does it: byte by byte, rule by
 * rule. It shares the reading of records with verify and nothing of its reasoning, so it can tell whether verify
 * is right.
 */
#ifndef TESTS_UNIT_KERNEL_JUDGE_H
#define TESTS_UNIT_KERNEL_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/kernel/readback/ruleset.h"

struct meeting {			/* of a packet and a hook */
	bool v6, reply, portless;
	bool owned;			/* it came out of a socket, which uid opened */
	uint32_t uid;
	char in[16], out[16];
	uint32_t in_index, out_index;
	uint8_t network[40], transport[64], link[14];
	uint32_t length;		/* of the transport header that is there */
	uint8_t protocol;
	uint32_t state;			/* bits of NFT_CT_STATE */
	uint32_t status, ctmark, mark, hash;
	uint8_t opener[16], peer[16];	/* IPv4 in the first four bytes */
};

enum fate_kind { FATE_DROP, FATE_ACCEPT, FATE_QUEUE, FATE_STRANGE };

struct fate_of {			/* zero where it says nothing */
	uint8_t kind;
	bool bypass;
	uint32_t queue, mark, ctmark;
};

/**
 * kernel_judge - from one base chain of a hook on, in order of priority
 * @from: 0; after a queue, *stopped + 1
 * @stopped: which base chain decided last
 */
struct fate_of kernel_judge(const struct ruleset *r, const struct meeting *m, uint32_t hook, uint32_t from, uint32_t *stopped);

#endif

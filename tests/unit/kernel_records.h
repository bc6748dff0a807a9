/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel_records: towns as kernels had them loaded, and their policies.
 *
 * records/native.record was read off Debian's Linux 6.1.0-56-amd64, which has nft's own `queue` and flowtables, after
 * sekimorid with two engines had applied records/native.rules there (tests/vm/verify.sh); native.numbers is what its state
 * directory said of the classes. eth1 to eth4 are dummies.
 *
 * records/town.record was read off a Linux 6.18 with nft 1.0.6 and iptables-nft 1.8.9, after
 * `sekimori nft records/town.rules --fallback --queues 2 --at 2026-11-22T12:00` and the rules of nft_slots()
 * for two engines, by `tests/netns/record save` in a network namespace of its own: eth0 to eth5 are halves of veth
 * pairs, and the settings of RECORD_FILES are what they must be.
 */
#ifndef TESTS_UNIT_KERNEL_RECORDS_H
#define TESTS_UNIT_KERNEL_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/build.h"
#include "rules/kernel/readback/verify.h"

struct loaded {
	struct build build;		/* owned */
	uint8_t *bytes;			/* owned; the record */
	size_t len;
	char *numbers;			/* owned; NULL: classes are numbered by their place */
	struct verify_conf conf;
};

void loaded_open(struct loaded *l);		/* town.record */
void loaded_open_native(struct loaded *l);	/* native.record */
void loaded_close(struct loaded *l);

/* loaded_verify - verify_done is the caller's. Return: as verify_record */
int loaded_verify(const struct loaded *l, struct verify *out);

/* Messages behind the record: loaded_begin makes the header, what is put after it belongs to it until loaded_end. */
void loaded_begin(struct loaded *l, uint16_t type);
void loaded_put(struct loaded *l, const void *bytes, size_t n);
size_t loaded_nest(struct loaded *l, uint16_t type);		/* an attribute; closed by loaded_unnest */
void loaded_unnest(struct loaded *l, size_t at);
void loaded_attr(struct loaded *l, uint16_t type, const void *bytes, size_t n);
void loaded_text(struct loaded *l, uint16_t type, const char *text);
void loaded_be32(struct loaded *l, uint16_t type, uint32_t v);
void loaded_end(struct loaded *l);

/* A table of somebody else with one base chain and one rule; put writes the rule's expressions. */
struct foreign {
	uint8_t family;
	uint32_t hook;
	int32_t priority;
	const char *type;
	uint32_t policy;		/* NF_DROP or NF_ACCEPT */
	void (*put)(struct loaded *l);	/* NULL: no rule */
};
void loaded_foreign(struct loaded *l, const struct foreign *f);

/* Expressions of a rule. */
void loaded_verdict(struct loaded *l, int32_t verdict);
void loaded_expr(struct loaded *l, const char *name);		/* without data */

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify: whether what a kernel has loaded is what a policy says, for every packet.
 *
 * Pure: a record of the kernel (record.h), a policy, and what its apply was told go in; a result comes
 * out. Every table of every family is read; the rules of each hook that a packet of IPv4 or IPv6 may
 * meet are run on all packets at once, and the outcome (dropped, let pass, queued to whom under which
 * mark, what is remembered of the conversation) must be the one that the policy demands. What is not
 * understood may do anything, so it can only make the proof fail.
 *
 * Use: verify_record, then verify_text or verify_json, then verify_done.
 */
#ifndef RULES_KERNEL_READBACK_VERIFY_H
#define RULES_KERNEL_READBACK_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/ip.h"
#include "rules/kernel/readback/verify_messages.h"

struct json;
struct policy;
struct text;

enum verify_result {
	VERIFY_PROVED,		/* the kernel does what the policy says */
	VERIFY_REFUTED,		/* it does not: a finding shows a packet, or what stands beside the rules */
	VERIFY_NOT_PROVED,	/* not known: out of room, or something that is not understood */
};

enum verify_severity {
	VERIFY_NOTE,		/* to be known; the proof stands */
	VERIFY_DOUBT,		/* VERIFY_NOT_PROVED on its own */
	VERIFY_FAULT,		/* VERIFY_REFUTED on its own */
};

#define VERIFY_WHAT_(N, severity, en, ja) VERIFY_##N,
enum verify_what { VERIFY_MESSAGES(VERIFY_WHAT_) VERIFY_WHAT_COUNT };

#define VERIFY_FINDINGS_MAX 200u	/* kept; beyond, only counted */
#define VERIFY_NAME 64u
#define VERIFY_WORDS 200u

struct verify_conf {
	int64_t now;			/* seconds since 1970: what of the policy is in force; the apply's own time when the
					 * clock is not synchronised */
	bool dated;			/* ... and it is: permits end by themselves */
	unsigned int queues;		/* engines, 1 to QUEUES_MAX */
	bool native_queue;		/* nft `queue`; else iptables-nft queues by slot mark */
	bool flowtable;			/* the apply was told so (struct nft_plan) */
	const char *numbers;		/* borrowed; the state directory's `numbers` file; NULL: classes are numbered by
					 * their place, as `sekimori nft` does */
	size_t numbers_len;
	uint32_t node_max;		/* 0: BDD_NODES_MAX */
};

/* Where in the kernel; empty texts and 0: nowhere in particular. */
struct verify_where {
	char family[8];			/* "inet", "ip", "netdev" ... */
	char table[VERIFY_NAME], chain[VERIFY_NAME];
	uint64_t handle;		/* of the rule; 0 none */
};

/* A packet that shows it. */
struct verify_packet {
	bool given;
	bool reply, first;		/* against the opener's direction; first of its conversation */
	char hook[12];			/* "forward", "input", "output", "prerouting", "postrouting" */
	char in[16], out[16];		/* interfaces; "" none */
	char state[12];			/* "new", "established" ...; "" before conntrack */
	ip_t src, dst;
	uint8_t protocol;
	uint16_t sport, dport;		/* ICMP: dport is the type */
	uint32_t ctmark;		/* as the packet finds it */
	char kernel[96], policy[96];	/* what becomes of it, and what should: "queue 0 as class 4", "drop" */
};

struct verify_finding {
	uint8_t what;			/* enum verify_what */
	uint8_t severity;		/* enum verify_severity */
	char words[2][VERIFY_WORDS];	/* $1 and $2 of the message */
	struct verify_where where;
	struct verify_packet packet;
};

struct verify {
	enum verify_result result;
	struct verify_finding *findings;	/* owned; faults first */
	uint32_t findings_count;
	uint32_t faults, doubts, notes;	/* all, also those not kept */
	uint32_t generation;		/* of the ruleset read; 0 not told */
	uint32_t tables, chains, rules, elements;	/* read */
	uint32_t claims;		/* things shown for all packets */
	uint64_t nodes;			/* decision nodes */
	bool policy_loaded;		/* the kernel refers to any policy at all, not only the base */
};

/**
 * verify_record - everything
 * @p: NULL: no policy is in force, so nothing may pass
 * Return: 0 and *out filled (verify_done frees it); -EBADMSG the record is none, or contradicts itself (take it
 * again); -EINVAL conf->numbers is no such file, or queues is out of range; -ENOMEM.
 */
int verify_record(struct verify *out, const void *bytes, size_t len, const struct policy *p,
		  const struct verify_conf *conf);
void verify_done(struct verify *v);

/* verify_text - the findings, most severe first, each with its packet, then the result: lines of UTF-8 */
void verify_text(const struct verify *v, bool japanese, struct text *out);

/* verify_json - an object of result, figures and findings */
void verify_json(const struct verify *v, struct json *j, const char *key);

const char *verify_result_word(enum verify_result r);		/* "proved", "refuted", "not-proved" */
const char *verify_what_word(enum verify_what what, char buf[static 32]);	/* "passes-more" */

/* verify_sentence - one finding in words, without its packet */
void verify_sentence(const struct verify_finding *f, bool japanese, struct text *out);

#endif

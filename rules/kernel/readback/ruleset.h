/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ruleset: what nf_tables has loaded, of all families, as the kernel dumped it: nothing interpreted yet.
 *
 * Everything points into the bytes that were read, or into the arena. Registers are words of 4 bytes:
 * the first four registers of 16 bytes are words 0 to 15 under another name.
 */
#ifndef RULES_KERNEL_READBACK_RULESET_H
#define RULES_KERNEL_READBACK_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/cursor.h"

struct arena;

#define RULESET_NONE UINT32_MAX		/* no such index */
#define EXPR_ATTRS 12u			/* an expression with an attribute beyond is not understood */
#define EXPR_REGISTERS 20u		/* words; the first four hold verdicts */
#define SET_FIELDS_MAX 16u

/*
 * X(NAME, word of the kernel, sort). The sort says what an expression may do beside ending the rule:
 *	READ	loads registers, tests, or keeps figures: what it loads may not be understood, but that is all
 *	WRITE	something else: understood one by one
 */
#define EXPR_KINDS(X) \
	X(IMMEDIATE, "immediate", WRITE) X(LOOKUP, "lookup", READ) X(PAYLOAD, "payload", WRITE) \
	X(META, "meta", WRITE) X(CT, "ct", WRITE) X(BITWISE, "bitwise", READ) X(CMP, "cmp", READ) \
	X(RANGE, "range", READ) X(BYTEORDER, "byteorder", READ) X(HASH, "hash", READ) X(QUEUE, "queue", WRITE) \
	X(REJECT, "reject", WRITE) X(LOG, "log", READ) X(COUNTER, "counter", READ) X(LIMIT, "limit", READ) \
	X(QUOTA, "quota", READ) X(CONNLIMIT, "connlimit", READ) X(LAST, "last", READ) X(DYNSET, "dynset", WRITE) \
	X(OBJREF, "objref", WRITE) X(FLOW_OFFLOAD, "flow_offload", WRITE) X(FIB, "fib", READ) X(RT, "rt", READ) \
	X(SOCKET, "socket", READ) X(OSF, "osf", READ) X(NUMGEN, "numgen", READ) X(EXTHDR, "exthdr", WRITE) \
	X(XFRM, "xfrm", READ) X(TUNNEL, "tunnel", READ) X(MATCH, "match", READ) X(TARGET, "target", WRITE) \
	X(NOTRACK, "notrack", WRITE) X(NAT, "nat", WRITE) X(MASQ, "masq", WRITE) X(REDIR, "redir", WRITE) \
	X(TPROXY, "tproxy", WRITE) X(SYNPROXY, "synproxy", WRITE) X(DUP, "dup", WRITE) X(FWD, "fwd", WRITE)

#define EXPR_KIND_(N, word, sort) EXPR_##N,
enum expr_kind { EXPR_KINDS(EXPR_KIND_) EXPR_UNKNOWN, EXPR_KIND_COUNT };

extern const char *const expr_words[EXPR_KIND_COUNT];

struct slice {			/* bytes of the blob; at NULL: absent */
	const uint8_t *at;	/* borrowed */
	uint32_t len;
};

struct expr {
	uint8_t kind;		/* enum expr_kind */
	bool strange;		/* it has an attribute that we do not know */
	struct slice name;	/* as the kernel calls it; with its NUL */
	struct slice attrs[EXPR_ATTRS];	/* by type */
};

struct table {
	const char *name;
	uint8_t family;		/* NFPROTO_* */
	bool dormant;		/* its base chains are not registered */
};

struct chain {
	uint32_t table;
	const char *name;
	uint64_t handle;
	bool base;
	uint32_t hook;		/* of base chains; NF_INET_*, of netdev NF_NETDEV_* */
	int32_t priority;
	bool policy_drop;
	const char *type;	/* "filter", "nat", "route"; "" */
	uint32_t first, count;	/* of rules */
};

struct rule {
	uint32_t chain;
	uint64_t handle;
	uint32_t first, count;	/* of exprs */
};

enum set_verdict { SET_DATA, SET_VERDICT };

struct element {
	struct slice key, key_end;	/* key_end: of concatenated ranges */
	struct slice data;		/* what a map answers, in bytes */
	int32_t verdict;		/* NFT_* or NF_*, of a verdict map */
	uint32_t chain;			/* of jump and goto; RULESET_NONE */
	bool interval_end, catchall;
	bool timed;			/* it ends by itself */
	bool conditional;		/* it has expressions of its own that may refuse */
	uint64_t expires;		/* ms from the dump on, when timed */
};

struct set {
	uint32_t table;
	const char *name;
	uint32_t flags;			/* NFT_SET_* */
	uint32_t key_len, data_len;
	bool verdicts;			/* a verdict map */
	uint8_t fields[SET_FIELDS_MAX];	/* of a concatenation: bytes of each; count 0: not told */
	uint32_t fields_count;
	bool strange;			/* elements that make no sense, or expressions: nothing is known of a lookup */
	struct element *elements;	/* arena */
	uint32_t count;
	bool timed;			/* any element is */
	bool catchall;			/* any element is */
};

struct object {				/* counter, quota, helper ... */
	uint32_t table;
	const char *name;
	uint32_t type;			/* NFT_OBJECT_* */
};

struct flowtable {
	uint32_t table;
	const char *name;
	const char **devices;		/* arena */
	uint32_t devices_count;
};

struct named {			/* an entry of an index by name */
	uint32_t table, index;
	const char *name;
};

struct ruleset {
	struct arena *arena;		/* owned */
	uint32_t generation;		/* 0: not told */
	struct table *tables;		/* arena, as all below */
	struct chain *chains;
	struct rule *rules;
	struct expr *exprs;
	struct set *sets;
	struct object *objects;
	struct flowtable *flowtables;
	struct named *chains_by_name, *sets_by_name;	/* ascending */
	uint32_t tables_count, chains_count, rules_count, exprs_count, sets_count, objects_count, flowtables_count;
};

/**
 * ruleset_parse - read it; what is not nf_tables is passed over
 * Return: 0; -EBADMSG the bytes are no such dump, or refer to what is not in it; -ENOMEM. Call ruleset_done in any case.
 */
int ruleset_parse(struct ruleset *r, const void *bytes, size_t len);
void ruleset_done(struct ruleset *r);

/* ruleset_set, ruleset_chain - by name within a table; RULESET_NONE */
uint32_t ruleset_set(const struct ruleset *r, uint32_t table, const char *name);
uint32_t ruleset_chain(const struct ruleset *r, uint32_t table, const char *name);

/* ruleset_is_ours - whether a table is the one that the policy is compiled into */
bool ruleset_is_ours(const struct ruleset *r, uint32_t table);

/* Values of an expression's attributes: absent ones are 0, NULL or an absent slice. */
uint32_t expr_number(const struct expr *e, unsigned int attr);
const char *expr_text(const struct expr *e, unsigned int attr);
struct slice expr_data(const struct expr *e, unsigned int attr);	/* the value nested in it, NFTA_DATA_VALUE */
static inline bool expr_has(const struct expr *e, unsigned int attr)
{
	return e->attrs[attr].at;
}

/* expr_register - the word that an attribute names; EXPR_REGISTERS when it names none */
uint32_t expr_register(const struct expr *e, unsigned int attr);

/* expr_verdict - of an immediate: false when it is data */
bool expr_verdict(const struct ruleset *r, uint32_t table, const struct expr *e, int32_t *verdict, uint32_t *chain);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * changes: what is different between two records of one kernel: tables, chains, rules in their order, sets, elements,
 * objects, interfaces, filters, settings.
 *
 * What changes by itself is no difference: counters, handles, what a set collects from packets, and elements whose time
 * has run out. Nothing is judged here; verify.h does that.
 */
#ifndef RULES_KERNEL_READBACK_CHANGES_H
#define RULES_KERNEL_READBACK_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json;
struct text;

#define CHANGES_MAX 1000u	/* kept; beyond, only counted */
#define CHANGE_WHERE 200u
#define CHANGE_WHAT 240u

/* X(NAME, word, Japanese). In this order: what others stand in comes first */
#define CHANGE_KINDS(X) \
	X(TABLE, "table", "テーブル") X(CHAIN, "chain", "チェイン") X(SET, "set", "集合") \
	X(FLOWTABLE, "flowtable", "flowtable") X(OBJECT, "object", "オブジェクト") X(RULE, "rule", "規則") \
	X(ELEMENT, "element", "要素") X(LINK, "interface", "インターフェース") X(QDISC, "qdisc", "qdisc") \
	X(FILTER, "tc filter", "tc フィルター") X(ROUTING, "routing rule", "経路の規則") X(HOOK, "hook", "フック") \
	X(HELPER, "conntrack helper", "conntrack ヘルパー") X(PROGRAM, "BPF program", "BPF プログラム") \
	X(FILE, "setting", "設定")
#define CHANGE_KIND_(N, word, ja) CHANGE_##N,
enum change_kind { CHANGE_KINDS(CHANGE_KIND_) CHANGE_KIND_COUNT };

enum change_act { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_MODIFIED, CHANGE_ACTS };

struct change {
	uint8_t kind;			/* enum change_kind */
	uint8_t act;			/* enum change_act */
	uint32_t inside;		/* of a table, chain or set: how many things came or went with it */
	uint64_t handle;		/* of a rule; of a removed one the handle it had; 0 none */
	char where[CHANGE_WHERE];	/* "inet sekimori forward" */
	char what[CHANGE_WHAT];		/* what was added or removed; of a modified one the new state */
	char was[CHANGE_WHAT];		/* of a modified one the old state; else "" */
};

struct changes {
	struct change *list;		/* owned; by kind */
	uint32_t count;			/* in the list */
	uint32_t total;
	uint32_t by[CHANGE_KIND_COUNT][CHANGE_ACTS];	/* all */
};

/**
 * changes_between - from one record to another of the same network namespace
 * @elapsed: ms from the first to the second: what had less time left was to end
 * Return: 0 (changes_done frees it); -EBADMSG one of them is no record; -ENOMEM.
 */
int changes_between(struct changes *out, const void *before, size_t before_len, const void *after, size_t after_len,
		    uint64_t elapsed);
void changes_done(struct changes *c);

/* changes_sum - "2 rules removed, 1 chain added"; nothing when there is no change */
void changes_sum(const struct changes *c, bool japanese, struct text *out);

/* changes_text - the sum, and the first ones in words, as long as they fit into @room bytes */
void changes_text(const struct changes *c, bool japanese, size_t room, struct text *out);

/* change_text - one of them: "rule removed from inet sekimori forward (handle 7): ..." */
void change_text(const struct change *c, bool japanese, struct text *out);

void changes_json(const struct changes *c, struct json *j, const char *key);

#endif

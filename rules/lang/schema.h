/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * schema: the kinds of block, their keys, and what a key takes: the one table that the parser's guesses,
 * the checks, `sekimori help language`, the canonical list and the manual page come from.
 */
#ifndef RULES_LANG_SCHEMA_H
#define RULES_LANG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(NAME): each has a reader (read.c) and, where it ends up in the image, a writer (list_values.c). */
#define VALUE_TYPES(X) \
	X(TEXT) X(CHOICE) X(WORD) X(NAME) X(NAMES) X(ZONE_NETWORKS) X(NETWORKS) X(MACS) X(INTERFACES) \
	X(MEMBERS) X(PORTS) X(ICMP_TYPES) X(PROTOCOLS) X(DAYS) X(HOURS) X(HOLIDAYS) X(PATH) X(SIZE) \
	X(LIMITS) X(ENDPOINTS) X(BETWEEN) X(APPLICATIONS) X(PATTERNS) X(START) X(END_DATE) X(DATE) \
	X(RISK) X(ANYTHING)

#define VALUE_TYPE_(N) VALUE_##N,
enum value_type { VALUE_TYPES(VALUE_TYPE_) VALUE_TYPE_COUNT };

/* X(NAME, word): the kinds in the order the language is explained. */
#define BLOCK_KINDS(X) \
	X(MODEL, "model") X(INCLUDE, "include") X(VALUE, "value") X(HOLE, "hole") X(ZONE, "zone") \
	X(HOST, "host") X(GROUP, "group") X(SITE, "site") X(SERVICE, "service") X(WINDOW, "window") \
	X(PROFILE, "profile") X(PERMIT, "permit") X(AMEND, "amend") X(DENY, "deny") \
	X(CROSSING, "crossing") X(ACCEPT, "accept") X(FEED, "feed") X(ASSERT, "assert") X(TRANSLATE, "translate") \
	X(PORT, "port") X(EMERGENCY, "emergency")

#define BLOCK_KIND_(N, W) BLOCK_##N,
enum block_kind { BLOCK_KINDS(BLOCK_KIND_) BLOCK_KIND_COUNT };

struct words {				/* the words of a choice, indexed by value */
	const char *const *list;
	uint32_t count;
};

struct key {
	const char *name;
	enum value_type type;
	bool required;
	bool several;			/* takes a list of items */
	bool stated;			/* listed even when it is the preset: somewhere it has to be said */
	uint16_t offset;		/* of the field in the record of policy.h; NO_FIELD: check.c's business */
	const struct words *words;	/* CHOICE, WORD */
	uint32_t allowed;		/* CHOICE, WORD: bit per value; 0: all */
	uint8_t of;			/* NAME, NAMES: enum block_kind; PORTS, ICMP_TYPES: protocol; LIMITS: detector */
	const char *preset;		/* as text, what holds when the key is left out; NULL: nothing */
	const char *help[2];		/* English, Japanese */
};

#define NO_FIELD UINT16_MAX

enum block_form {
	FORM_ITEMS,			/* kind item, item; */
	FORM_NAMED_ITEMS,		/* kind name item, item; */
	FORM_BLOCK,			/* kind name { ... } */
	FORM_RESERVED,			/* a later version's */
};

struct schema {
	const char *name;
	enum block_kind number;
	enum block_form form;
	const struct key *keys;
	uint32_t key_count;
	const char *help[2];
	const char *sample;		/* one short example, the same in both languages */
};

/* schema_kind, schema_key - by word; NULL when there is none */
const struct schema *schema_kind(const char *word);
const struct key *schema_key(const struct schema *kind, const char *word);

/* schema_kinds - all kinds, indexed by enum block_kind */
const struct schema *schema_kinds(void);

/* schema_kind_with_key - the first kind that has such a key, after `after` (NULL: from the start) */
const struct schema *schema_kind_with_key(const char *word, const struct schema *after);

/* schema_value_words - what stands for a value in help and manual: "ADDRESS", "yes | no" */
const char *schema_value_words(const struct key *key, char *buf, size_t size);

#endif

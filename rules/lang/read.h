/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read: step 3 of a rule's way, first half: what stands after a key becomes a field of a record.
 *
 * One reader for each value type of the schema. A reader reports what it cannot read and leaves the field
 * as it was; it knows its own value and names, never other keys. That is check's business.
 */
#ifndef RULES_LANG_READ_H
#define RULES_LANG_READ_H

#include "rules/ip.h"
#include "rules/lang/unit.h"

struct reading {
	struct unit *u;
	const struct block *block;
	const struct key *key;
	const struct item *items;	/* at least one */
	struct location at;		/* the key's word; {0} when the preset is read */
	void *field;			/* of the record, aligned for its type */
};

/**
 * read_block - name and every key of a block into its record, defaults where a key is left out
 * @record: starts with its name, as all records of policy.h do
 * Keys are read in the order of the schema, so that what shares a section comes out in one order.
 */
void read_block(struct unit *u, const struct block *b, void *record);

/* read_entry - the entry of a key by its word; NULL when it is left out */
const struct entry *read_entry(const struct block *b, const char *word);

/* read_place - where the entry of a key stands, or the block's name when it is left out */
struct location read_place(const struct block *b, const char *word);

/* For the readers. Each reports. */
const struct term *read_one_term(const struct reading *r, const struct item *item);	/* NULL: not one, or bad */
const struct term *read_only_term(const struct reading *r);		/* ... and of one item */
bool read_network(struct unit *u, const struct term *t, struct ip_range *out);
bool read_date(struct unit *u, const struct term *t, int64_t *seconds, bool *has_time);
bool read_day_of_date(struct unit *u, const struct term *t, uint32_t *day);	/* days since 1970 */
uint32_t read_reference(const struct reading *r, enum block_kind kind, const struct term *t);

/* The refs or words from `first` to the end of the section: ascending (words as texts), each once. */
struct span read_sorted_refs(struct unit *u, uint32_t first);
struct span read_sorted_words(struct unit *u, uint32_t first);

/* The readers by type; read.c's table. */
void read_text(const struct reading *r);
void read_choice(const struct reading *r);
void read_word(const struct reading *r);
void read_name(const struct reading *r);
void read_names(const struct reading *r);
void read_zone_networks(const struct reading *r);
void read_networks(const struct reading *r);
void read_macs(const struct reading *r);
void read_interfaces(const struct reading *r);
void read_members(const struct reading *r);
void read_ports(const struct reading *r);
void read_icmp_types(const struct reading *r);
void read_protocols(const struct reading *r);
void read_days(const struct reading *r);
void read_hours(const struct reading *r);
void read_holidays(const struct reading *r);
void read_path(const struct reading *r);
void read_size(const struct reading *r);
void read_limits(const struct reading *r);
void read_endpoints(const struct reading *r);
void read_between(const struct reading *r);
void read_applications(const struct reading *r);
void read_patterns(const struct reading *r);
void read_start(const struct reading *r);
void read_end_date(const struct reading *r);
void read_date_only(const struct reading *r);
void read_risk(const struct reading *r);

#endif

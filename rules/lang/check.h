/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check: step 3 of a rule's way, second half: blocks become records, and what spans several keys or blocks
 * is looked at: disjoint zones, hosts at home, complete permits.
 */
#ifndef RULES_LANG_CHECK_H
#define RULES_LANG_CHECK_H

#include "rules/lang/unit.h"

/* check_unit - fill the draft but for classes, boxes and pairs */
void check_unit(struct unit *u);

/* The parts; each after the records of its section are filled. */
void check_zones(struct unit *u);
void check_hosts(struct unit *u);
void check_services(struct unit *u);
void check_windows(struct unit *u);
void check_profiles(struct unit *u);
void check_feeds(struct unit *u);
void check_groups(struct unit *u);		/* draws hosts from ledgers */
void check_sites(struct unit *u);
void check_statements(struct unit *u);
void check_disabled(struct unit *u);
void check_accepts(struct unit *u);
void check_assertions(struct unit *u);

/* check_network_place - the item of a list of networks that holds any of the range; else the block's name */
struct location check_network_place(const struct block *b, const char *key, struct ip_range r);

/* check_ends_in_role - whether any endpoint of the span lies in a zone of one of the roles (bits) */
bool check_ends_in_role(const struct unit *u, struct span ends, uint32_t roles);

/* Roles whose traffic has to be complete (architecture: invariant 1), as bits. */
#define CHECK_PROTECTED_ROLES (1u << ROLE_MYNUMBER | 1u << ROLE_PUBLIC_LINE | 1u << ROLE_LGWAN)

#endif

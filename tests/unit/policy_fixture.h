/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy_fixture: policies made by hand in a few lines, for tests that need no policy text.
 *
 *	struct fixture *f = fixture_new();
 *	uint32_t kikan = fixture_zone(f, "kikan", ROLE_MYNUMBER, "eth1", "10.10.0.0/16");
 *	uint32_t lgwan = fixture_zone(f, "lgwan", ROLE_LGWAN, "eth2", "10.20.0.0/16,fd00:20::/64");
 *	uint32_t strict = fixture_profile(f, "strict", INSPECT_CONTENT);
 *	uint32_t web = fixture_permit(f, "web", strict);
 *	fixture_apps(f, web, "TLS");
 *	fixture_box(f, kikan, lgwan, "10.10.1.10", "10.20.1.20", IPPROTO_TCP, 443, 443, fixture_class(f, 1, web));
 *	const struct policy *p = fixture_policy(f);
 *
 * Zones first, the box last of them comes by itself. Capacities are small and asserted.
 */
#ifndef TESTS_UNIT_POLICY_FIXTURE_H
#define TESTS_UNIT_POLICY_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/policy.h"

#define FIXTURE_BOX 0xb0cu	/* stands for the zone of the box until the zones are complete */

struct fixture;

struct fixture *fixture_new(void);
void fixture_free(struct fixture *f);

uint32_t fixture_string(struct fixture *f, const char *s);
/* Lists are separated by commas; "" is none. Networks stand in ascending order. */
uint32_t fixture_zone(struct fixture *f, const char *name, enum role role, const char *interfaces,
		      const char *nets);
struct zone *fixture_zone_at(struct fixture *f, uint32_t zone);
uint32_t fixture_host(struct fixture *f, const char *name, uint32_t zone, const char *nets, const char *macs);
uint32_t fixture_profile(struct fixture *f, const char *name, enum inspect_level inspect);
struct profile *fixture_profile_at(struct fixture *f, uint32_t profile);
void fixture_limit(struct fixture *f, uint32_t profile, struct limit limit);	/* right after its profile */
uint32_t fixture_window(struct fixture *f, uint8_t days, uint16_t from_minute, uint16_t to_minute,
			const char *holidays);	/* "2027-01-01,2027-01-11" */
uint32_t fixture_permit(struct fixture *f, const char *name, uint32_t profile);
uint32_t fixture_deny(struct fixture *f, const char *name);
struct statement *fixture_statement_at(struct fixture *f, uint32_t statement);
void fixture_apps(struct fixture *f, uint32_t statement, const char *apps);
void fixture_names(struct fixture *f, uint32_t statement, const char *names);

/* A class of n statements in ascending order; `joined` and the flags follow from the first permit. */
uint32_t fixture_class(struct fixture *f, unsigned int n, ...);
struct class *fixture_class_at(struct fixture *f, uint32_t class);

/* Ranges as text; "" is all of IPv4. protocol 0: BOX_PROTOCOL for lo..hi; ICMP: lo..hi are types. */
void fixture_box(struct fixture *f, uint32_t from, uint32_t to, const char *src, const char *dst,
		 uint8_t protocol, uint16_t lo, uint16_t hi, uint32_t class);

/* Sorts the boxes, makes the pairs. Nothing may be added afterwards. Borrowed until fixture_free. */
struct policy *fixture_policy(struct fixture *f);

/* The policy that most tests share: kikan, lgwan, net, kanri and the box; see the .c. */
struct fixture *fixture_town(void);

#endif

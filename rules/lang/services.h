/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * services: the names of ICMP types and of IP protocols, as nft and /etc/protocols call them.
 */
#ifndef RULES_LANG_SERVICES_H
#define RULES_LANG_SERVICES_H

#include <stdint.h>

struct number_name {
	const char *name;
	uint8_t number;
};

/* services_names - the table of ICMP (1) or ICMPv6 (58) types, or of protocols (0); ends with a NULL name */
const struct number_name *services_names(uint8_t protocol);

/* services_name - the name of a number in that table; NULL when it has none */
const char *services_name(uint8_t protocol, uint8_t number);

#endif

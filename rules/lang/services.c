/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/services.h"

#include <stddef.h>

/* RFC 792, RFC 950, RFC 1256 */
static const struct number_name icmp[] = {
	{ "echo-reply", 0 },           { "destination-unreachable", 3 },
	{ "source-quench", 4 },        { "redirect", 5 },
	{ "echo-request", 8 },         { "router-advertisement", 9 },
	{ "router-solicitation", 10 }, { "time-exceeded", 11 },
	{ "parameter-problem", 12 },   { "timestamp-request", 13 },
	{ "timestamp-reply", 14 },     { "info-request", 15 },
	{ "info-reply", 16 },          { "address-mask-request", 17 },
	{ "address-mask-reply", 18 },  { NULL, 0 },
};

/* RFC 4443, RFC 4861, RFC 3810 */
static const struct number_name icmpv6[] = {
	{ "destination-unreachable", 1 }, { "packet-too-big", 2 },
	{ "time-exceeded", 3 },           { "parameter-problem", 4 },
	{ "echo-request", 128 },          { "echo-reply", 129 },
	{ "mld-listener-query", 130 },    { "mld-listener-report", 131 },
	{ "mld-listener-done", 132 },     { "nd-router-solicit", 133 },
	{ "nd-router-advert", 134 },      { "nd-neighbor-solicit", 135 },
	{ "nd-neighbor-advert", 136 },    { "nd-redirect", 137 },
	{ "mld2-listener-report", 143 },  { NULL, 0 },
};

/* IANA; without those that have keys of their own */
static const struct number_name protocols[] = {
	{ "igmp", 2 },   { "ipip", 4 },   { "ipv6", 41 },     { "gre", 47 },  { "esp", 50 },
	{ "ah", 51 },    { "eigrp", 88 }, { "ospf", 89 },     { "pim", 103 }, { "vrrp", 112 },
	{ "l2tp", 115 }, { "sctp", 132 }, { "udplite", 136 }, { NULL, 0 },
};

const struct number_name *services_names(uint8_t protocol)
{
	return protocol == 1 ? icmp : protocol == 58 ? icmpv6 : protocols;
}

const char *services_name(uint8_t protocol, uint8_t number)
{
	for (const struct number_name *n = services_names(protocol); n->name; n++)
		if (n->number == number)
			return n->name;
	return NULL;
}

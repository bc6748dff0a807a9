/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/record/eve.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct word {
	uint16_t number;
	const char *text;
};

static const char *find(const struct word *words, size_t n, uint16_t number)
{
	for (size_t i = 0; i < n; i++)
		if (words[i].number == number)
			return words[i].text;
	return NULL;
}

#define FIND(words, number) find(words, sizeof(words) / sizeof((words)[0]), number)

const char *eve_protocol(uint8_t protocol, char buf[static 8])
{
	static const struct word words[] = {
		{ 6, "TCP" },    { 17, "UDP" }, { 1, "ICMP" },  { 58, "IPv6-ICMP" },
		{ 132, "SCTP" }, { 47, "GRE" }, { 50, "ESP" },  { 51, "AH" },
		{ 2, "IGMP" },   { 4, "IPIP" }, { 41, "IPv6" }, { 89, "OSPF" },
	};
	const char *word = FIND(words, protocol);

	if (word)
		return word;
	snprintf(buf, 8, "%03u", protocol);
	return buf;
}

const char *eve_dns_type(uint16_t type, char buf[static 12])
{
	static const struct word words[] = {
		{ 1, "A" },       { 28, "AAAA" },  { 5, "CNAME" },  { 12, "PTR" },
		{ 15, "MX" },     { 16, "TXT" },   { 33, "SRV" },   { 65, "HTTPS" },
		{ 64, "SVCB" },   { 2, "NS" },     { 6, "SOA" },    { 10, "NULL" },
		{ 13, "HINFO" },  { 35, "NAPTR" }, { 39, "DNAME" }, { 41, "OPT" },
		{ 43, "DS" },     { 44, "SSHFP" }, { 46, "RRSIG" }, { 47, "NSEC" },
		{ 48, "DNSKEY" }, { 50, "NSEC3" }, { 52, "TLSA" },  { 99, "SPF" },
		{ 249, "TKEY" },  { 250, "TSIG" }, { 251, "IXFR" }, { 252, "AXFR" },
		{ 255, "ANY" },   { 256, "URI" },  { 257, "CAA" },
	};
	const char *word = FIND(words, type);

	if (word)
		return word;
	snprintf(buf, 12, "TYPE%u", type);
	return buf;
}

const char *eve_dns_rcode(uint16_t rcode, char buf[static 12])
{
	static const struct word words[] = {
		{ 0, "NOERROR" }, { 1, "FORMERR" }, { 2, "SERVFAIL" }, { 3, "NXDOMAIN" },
		{ 4, "NOTIMP" },  { 5, "REFUSED" }, { 6, "YXDOMAIN" }, { 7, "YXRRSET" },
		{ 8, "NXRRSET" }, { 9, "NOTAUTH" }, { 10, "NOTZONE" },
	};
	const char *word = FIND(words, rcode);

	if (word)
		return word;
	snprintf(buf, 12, "RCODE%u", rcode);
	return buf;
}

bool eve_counter(const char *group, const char *name)
{
	static const struct {
		const char *group, *name;
	} known[] = {
		{ "decoder", "pkts" },         { "decoder", "bytes" },
		{ "decoder", "invalid" },      { "decoder", "ipv4" },
		{ "decoder", "ipv6" },         { "decoder", "tcp" },
		{ "decoder", "udp" },          { "decoder", "icmpv4" },
		{ "decoder", "icmpv6" },       { "flow", "total" },
		{ "flow", "active" },          { "flow", "memcap" },
		{ "ips", "accepted" },         { "ips", "blocked" },
		{ "ips", "rejected" },         { "ips", "replaced" },
		{ "detect", "alert" },         { "capture", "kernel_packets" },
		{ "capture", "kernel_drops" }, { "tcp", "overlap_diff_data" },
		{ "tcp", "reassembly_gap" },   { "tcp", "midstream_pickups" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].group, group) == 0 && strcmp(known[i].name, name) == 0)
			return true;
	return false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/names.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "rules/text.h"

/* What everybody calls a port (IANA), the ones a person knows best first. */
static const struct {
	uint16_t port;
	const char *name;
} known[] = {
	{ 443, "https" },       { 80, "http" },     { 25, "smtp" },         { 53, "dns" },
	{ 22, "ssh" },          { 123, "ntp" },     { 445, "smb" },         { 3389, "rdp" },
	{ 21, "ftp" },          { 23, "telnet" },   { 587, "submission" },  { 465, "smtps" },
	{ 110, "pop3" },        { 143, "imap" },    { 993, "imaps" },       { 995, "pop3s" },
	{ 389, "ldap" },        { 636, "ldaps" },   { 88, "kerberos" },     { 161, "snmp" },
	{ 162, "snmp-trap" },   { 514, "syslog" },  { 6514, "syslog-tls" }, { 8080, "http-proxy" },
	{ 3128, "squid" },      { 1433, "mssql" },  { 1521, "oracle" },     { 3306, "mysql" },
	{ 5432, "postgresql" }, { 853, "dns-tls" }, { 139, "netbios" },     { 67, "dhcp" },
	{ 69, "tftp" },         { 1812, "radius" }, { 500, "ike" },         { 4500, "ipsec-nat" },
};

static int by_start(const void *a, const void *b)
{
	struct named_range x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x.range.lo < y.range.lo ? -1 : x.range.lo > y.range.lo;
}

int names_init(struct names *n, const struct policy *p)
{
	uint32_t count = 0;

	*n = (struct names){ .p = p };
	for (uint32_t h = 0; h < p->hosts_count; h++)
		count += p->hosts[h].nets.count;
	n->hosts = malloc((count + 1) * sizeof(*n->hosts));
	if (!n->hosts)
		return -ENOMEM;
	for (uint32_t h = 0; h < p->hosts_count; h++)
		for (uint32_t i = 0; i < p->hosts[h].nets.count; i++)
			n->hosts[n->hosts_count++] =
				(struct named_range){ p->nets[p->hosts[h].nets.first + i], h };
	qsort(n->hosts, n->hosts_count, sizeof(*n->hosts), by_start);
	return 0;
}

void names_done(struct names *n)
{
	free(n->hosts);
	*n = (struct names){ 0 };
}

/* Hosts have their addresses to themselves, so the ends ascend as the starts do. */
uint32_t names_host_in(const struct names *n, struct ip_range r, ip_t *at)
{
	uint32_t lo = 0, hi = n->hosts_count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (n->hosts[mid].range.hi < r.lo)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == n->hosts_count || n->hosts[lo].range.lo > r.hi)
		return POLICY_NONE;
	*at = n->hosts[lo].range.lo > r.lo ? n->hosts[lo].range.lo : r.lo;
	return n->hosts[lo].host;
}

static const char *known_name(uint16_t port)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].port == port)
			return known[i].name;
	return NULL;
}

static bool is_only_port(const struct policy *p, const struct service *s, uint8_t protocol,
			 uint16_t port)
{
	bool found = false;

	for (uint32_t i = s->ports.first; i < s->ports.first + s->ports.count; i++) {
		const struct port_range *r = &p->ports[i];

		if (r->any || r->lo != port || r->hi != port)
			return false;
		found |= r->protocol == protocol;
	}
	return found;
}

const char *names_service(const struct names *n, uint8_t protocol, uint16_t port)
{
	const struct policy *p = n->p;

	if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
		return NULL;
	for (uint32_t i = 0; i < p->services_count; i++)
		if (is_only_port(p, &p->services[i], protocol, port))
			return policy_string(p, p->services[i].name);
	return known_name(port);
}

bool names_known_port(const struct names *n, struct ip_range r, uint16_t *port)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (ip_in(r, known[i].port)) {
			*port = known[i].port;
			return true;
		}
	*port = (uint16_t)r.lo;
	return r.lo == r.hi &&
	       (names_service(n, IPPROTO_TCP, *port) || names_service(n, IPPROTO_UDP, *port));
}

void names_put_host(const struct policy *p, uint32_t host, struct text *out)
{
	const char *name = policy_string(p, p->hosts[host].name);
	const char *label = policy_string(p, p->hosts[host].label);

	text_puts(out, strchr(name, ':') && *label ? label : name);
}

void names_put_protocol(uint8_t protocol, struct text *out)
{
	switch (protocol) {
	case IPPROTO_TCP: text_puts(out, "tcp"); break;
	case IPPROTO_UDP: text_puts(out, "udp"); break;
	case IPPROTO_ICMP: text_puts(out, "icmp"); break;
	case IPPROTO_ICMPV6: text_puts(out, "icmpv6"); break;
	default: text_printf(out, "protocol %u", protocol);
	}
}

static bool is_echo(uint8_t protocol, uint16_t type)
{
	return (protocol == IPPROTO_ICMP && type == 8) ||
	       (protocol == IPPROTO_ICMPV6 && type == 128);
}

void names_put_service(const struct names *n, uint8_t protocol, uint16_t port, struct text *out)
{
	const char *name = names_service(n, protocol, port);

	names_put_protocol(protocol, out);
	if (is_echo(protocol, port))
		text_puts(out, " echo-request");
	else if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		text_printf(out, " type %u", port);
	else if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP)
		text_printf(out, " %u", port);
	if (name)
		text_printf(out, " (%s)", name);
}

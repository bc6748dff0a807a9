/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * names: what a policy calls addresses and ports, so that sets and packets are shown as a person would
 * say them.
 */
#ifndef RULES_PROVE_NAMES_H
#define RULES_PROVE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"

struct text;

struct named_range {
	struct ip_range range;
	uint32_t host;
};

struct names {
	const struct policy *p;		/* borrowed */
	struct named_range *hosts;	/* owned; ascending */
	uint32_t hosts_count;
};

int names_init(struct names *n, const struct policy *p);	/* 0 or -ENOMEM */
void names_done(struct names *n);

/* names_host_in - the first host with an address in the range, and that address; POLICY_NONE for none */
uint32_t names_host_in(const struct names *n, struct ip_range r, ip_t *at);

/* names_service - "https": the policy's own name for one port, else what everybody calls it; NULL none */
const char *names_service(const struct names *n, uint8_t protocol, uint16_t port);

/* names_known_port - whether a port in the range has a name; *port is then the best known of them */
bool names_known_port(const struct names *n, struct ip_range r, uint16_t *port);

/* names_put_host - its name; a terminal of a ledger by the name that it has there */
void names_put_host(const struct policy *p, uint32_t host, struct text *out);

/* names_put_service - "tcp 443 (https)", "icmp echo-request", "protocol 50" */
void names_put_service(const struct names *n, uint8_t protocol, uint16_t port, struct text *out);

/* names_put_protocol - "tcp", "udp", "icmp", "icmpv6", or "protocol 50" */
void names_put_protocol(uint8_t protocol, struct text *out);

#endif

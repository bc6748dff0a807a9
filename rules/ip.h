/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ip: addresses and ranges of addresses, both families on one ordered axis.
 *
 * An address is a 128-bit number: IPv6 as it is, IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). So a
 * range compares, contains and sorts the same way for both, and a range never crosses families.
 */
#ifndef RULES_IP_H
#define RULES_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned __int128 ip_t;

#define IP_V4_BASE ((ip_t)0xffff00000000u)
#define IP_MAX (~(ip_t)0)
#define IP_TEXT 48	/* bytes for the longest address text with its NUL */
#define IP_RANGE_TEXT 100

struct ip_range {
	ip_t lo, hi;		/* both inside the range */
};

static inline bool ip_is_v4(ip_t a)
{
	return a >> 32 == 0xffff;
}

static inline ip_t ip_from_v4(uint32_t host_order)
{
	return IP_V4_BASE | host_order;
}

static inline bool ip_in(struct ip_range r, ip_t a)
{
	return r.lo <= a && a <= r.hi;
}

static inline bool ip_overlaps(struct ip_range a, struct ip_range b)
{
	return a.lo <= b.hi && b.lo <= a.hi;
}

static inline bool ip_covers(struct ip_range outer, struct ip_range inner)
{
	return outer.lo <= inner.lo && inner.hi <= outer.hi;
}

/* All of IPv4, all of IPv6 (without the v4-mapped part, which stands for IPv4 here). */
struct ip_range ip_all_v4(void);
void ip_all_v6(struct ip_range out[2]);

/* ip_from_v6 - 16 bytes in network order; a v4-mapped address on the wire is refused: false */
bool ip_from_v6(const uint8_t bytes[static 16], ip_t *out);
void ip_to_v6(ip_t a, uint8_t bytes[static 16]);

/**
 * ip_parse - an address in text (no DNS, no zone index, no leading zeros in IPv4)
 * Return: 0, or -EINVAL with *out untouched.
 */
int ip_parse(const char *text, ip_t *out);

/**
 * ip_parse_range - "10.0.0.0/8", "10.0.0.1", "fd00::/8" or "10.0.0.1-10.0.0.9"
 * Return: 0; -EINVAL no address; -ERANGE prefix length too long; -EDOM host bits are set
 * ("10.0.0.1/8": *out then holds the whole prefix, for the diagnostic); -EBADMSG ends are swapped
 * or of two families.
 */
int ip_parse_range(const char *text, struct ip_range *out);

/* ip_text, ip_range_text - RFC 5952 text; a range that is a prefix as prefix, a point as address */
const char *ip_text(ip_t a, char buf[static IP_TEXT]);
const char *ip_range_text(struct ip_range r, char buf[static IP_RANGE_TEXT]);

/* ip_prefix_length - the length (0 to 32 or 128) when the range is one prefix, else -1 */
int ip_prefix_length(struct ip_range r);

/* MAC address text "02:00:00:10:01:10" <-> 6 bytes. Return: 0 or -EINVAL. */
int mac_parse(const char *text, uint8_t out[static 6]);
const char *mac_text(const uint8_t mac[static 6], char buf[static 18]);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ip_range ip_all_v4(void)
{
	return (struct ip_range){ IP_V4_BASE, IP_V4_BASE | 0xffffffffu };
}

void ip_all_v6(struct ip_range out[2])
{
	struct ip_range v4 = ip_all_v4();

	out[0] = (struct ip_range){ 0, v4.lo - 1 };
	out[1] = (struct ip_range){ v4.hi + 1, IP_MAX };
}

static ip_t from_bytes(const uint8_t *b)
{
	ip_t a = 0;

	for (int i = 0; i < 16; i++)
		a = a << 8 | b[i];
	return a;
}

bool ip_from_v6(const uint8_t bytes[static 16], ip_t *out)
{
	ip_t a = from_bytes(bytes);

	if (ip_is_v4(a))
		return false;
	*out = a;
	return true;
}

void ip_to_v6(ip_t a, uint8_t bytes[static 16])
{
	for (int i = 15; i >= 0; i--, a >>= 8)
		bytes[i] = (uint8_t)a;
}

int ip_parse(const char *text, ip_t *out)
{
	uint8_t b[16];

	if (inet_pton(AF_INET, text, b) == 1) {
		*out = ip_from_v4((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
				  (uint32_t)b[2] << 8 | b[3]);
		return 0;
	}
	if (inet_pton(AF_INET6, text, b) == 1 && !ip_is_v4(from_bytes(b))) {
		*out = from_bytes(b);
		return 0;
	}
	return -EINVAL;
}

/* The address before a '/' or '-' at `end`. */
static int parse_left(const char *text, const char *end, ip_t *out)
{
	char buf[IP_TEXT];
	size_t n = (size_t)(end - text);

	if (n >= sizeof(buf))
		return -EINVAL;
	memcpy(buf, text, n);
	buf[n] = '\0';
	return ip_parse(buf, out);
}

static int parse_prefix(const char *text, const char *slash, struct ip_range *out)
{
	ip_t a;
	char *end;
	int r = parse_left(text, slash, &a);

	if (r < 0)
		return r;
	if (slash[1] < '0' || slash[1] > '9')
		return -EINVAL;
	unsigned long len = strtoul(slash + 1, &end, 10);
	unsigned long width = ip_is_v4(a) ? 32 : 128;

	if (*end)
		return -EINVAL;
	if (len > width)
		return -ERANGE;
	ip_t host = width == len ? 0 : IP_MAX >> (128 - (width - len));

	out->lo = a & ~host;
	out->hi = a | host;
	return (a & host) ? -EDOM : 0;
}

int ip_parse_range(const char *text, struct ip_range *out)
{
	const char *slash = strchr(text, '/'), *dash = strchr(text, '-');
	ip_t lo, hi;
	int r;

	if (slash)
		return parse_prefix(text, slash, out);
	if (!dash) {
		r = ip_parse(text, &lo);
		if (r == 0)
			*out = (struct ip_range){ lo, lo };
		return r;
	}
	if ((r = parse_left(text, dash, &lo)) < 0 || (r = ip_parse(dash + 1, &hi)) < 0)
		return r;
	if (lo > hi || ip_is_v4(lo) != ip_is_v4(hi))
		return -EBADMSG;
	*out = (struct ip_range){ lo, hi };
	return 0;
}

const char *ip_text(ip_t a, char buf[static IP_TEXT])
{
	uint8_t b[16];

	ip_to_v6(a, b);
	if (ip_is_v4(a))
		inet_ntop(AF_INET, b + 12, buf, IP_TEXT);
	else
		inet_ntop(AF_INET6, b, buf, IP_TEXT);
	return buf;
}

int ip_prefix_length(struct ip_range r)
{
	int width = ip_is_v4(r.lo) ? 32 : 128;
	ip_t host = r.lo ^ r.hi;

	if ((host & (host + 1)) || (r.lo & host) || ip_is_v4(r.lo) != ip_is_v4(r.hi))
		return -1;
	int bits = 0;

	for (; host; host >>= 1)
		bits++;
	return bits <= width ? width - bits : -1;
}

const char *ip_range_text(struct ip_range r, char buf[static IP_RANGE_TEXT])
{
	char lo[IP_TEXT], hi[IP_TEXT];
	int len = ip_prefix_length(r);

	ip_text(r.lo, lo);
	if (r.lo == r.hi)
		snprintf(buf, IP_RANGE_TEXT, "%s", lo);
	else if (len >= 0)
		snprintf(buf, IP_RANGE_TEXT, "%s/%d", lo, len);
	else
		snprintf(buf, IP_RANGE_TEXT, "%s-%s", lo, ip_text(r.hi, hi));
	return buf;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mac_parse(const char *text, uint8_t out[static 6])
{
	uint8_t mac[6];

	for (int i = 0; i < 6; i++, text += 3) {
		int hi = hex_digit(text[0]), lo = hi < 0 ? -1 : hex_digit(text[1]);

		if (lo < 0 || text[2] != (i < 5 ? ':' : '\0'))
			return -EINVAL;
		mac[i] = (uint8_t)(hi << 4 | lo);
	}
	memcpy(out, mac, 6);
	return 0;
}

const char *mac_text(const uint8_t m[static 6], char buf[static 18])
{
	snprintf(buf, 18, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	return buf;
}

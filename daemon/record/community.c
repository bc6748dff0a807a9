/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	"1:" base64(SHA-1(seed u16, low address, high address, protocol u8, 0 u8, low port u16, high port u16))
 *
 * "Low" is the end whose address, then port, compares lower as bytes. ICMP uses its type as one port and the
 * type of the answer as the other.
 */
#include "daemon/record/community.h"

#include <netinet/in.h>
#include <string.h>

#include "daemon/digest.h"

static bool icmp_answer(uint8_t protocol, uint16_t type, uint16_t *answer)
{
	static const uint8_t v4[][2] = { { 8, 0 }, { 13, 14 }, { 15, 16 }, { 17, 18 }, { 10, 9 } };
	static const uint8_t v6[][2] = { { 128, 129 }, { 133, 134 }, { 135, 136 },
					 { 130, 131 }, { 144, 145 }, { 139, 140 } };
	const uint8_t(*pairs)[2] = protocol == IPPROTO_ICMP ? v4 : v6;
	size_t n = protocol == IPPROTO_ICMP ? sizeof(v4) / 2 : sizeof(v6) / 2;

	for (size_t i = 0; i < n; i++) {
		for (unsigned int k = 0; k < 2; k++) {
			if (pairs[i][k] == type) {
				*answer = pairs[i][1 - k];
				return true;
			}
		}
	}
	return false;
}

static size_t put_address(uint8_t *to, ip_t a)
{
	uint8_t bytes[16];

	ip_to_v6(a, bytes);
	size_t n = ip_is_v4(a) ? 4 : 16;

	memcpy(to, bytes + 16 - n, n);
	return n;
}

static void base64(const uint8_t *in, size_t n, char *out)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16;

		v |= i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0;
		v |= i + 2 < n ? in[i + 2] : 0u;
		*out++ = letters[v >> 18];
		*out++ = letters[v >> 12 & 63];
		*out++ = i + 1 < n ? letters[v >> 6 & 63] : '=';
		*out++ = i + 2 < n ? letters[v & 63] : '=';
	}
	*out = '\0';
}

const char *community_id(const struct tuple *t, char buf[static COMMUNITY_TEXT])
{
	bool icmp = t->protocol == IPPROTO_ICMP || t->protocol == IPPROTO_ICMPV6;
	uint8_t bytes[40] = { 0 }, digest[SHA1_BYTES];
	struct tuple o = *t;
	size_t n = 2;

	if (icmp) {
		o.sport = t->dport;
		if (!icmp_answer(t->protocol, o.sport, &o.dport))
			return NULL;
	}
	if (o.src > o.dst || (o.src == o.dst && o.sport > o.dport)) {
		o = (struct tuple){ o.dst, o.src, o.dport, o.sport, o.protocol };
	}
	n += put_address(bytes + n, o.src);
	n += put_address(bytes + n, o.dst);
	bytes[n++] = o.protocol;
	bytes[n++] = 0;
	if (icmp || o.sport || o.dport) {
		bytes[n++] = (uint8_t)(o.sport >> 8);
		bytes[n++] = (uint8_t)o.sport;
		bytes[n++] = (uint8_t)(o.dport >> 8);
		bytes[n++] = (uint8_t)o.dport;
	}
	sha1_of(bytes, n, digest);
	memcpy(buf, "1:", 2);
	base64(digest, sizeof(digest), buf + 2);
	return buf;
}

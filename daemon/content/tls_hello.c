/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/tls_hello.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/content/tls.h"
#include "daemon/digest.h"
#include "rules/sha256.h"

#define EXT_SERVER_NAME 0
#define EXT_GROUPS 10
#define EXT_POINT_FORMATS 11
#define EXT_SIGNATURE_ALGORITHMS 13
#define EXT_ALPN 16
#define EXT_SUPPORTED_VERSIONS 43
#define LIST_MAX 200 /* values of one list that a fingerprint is made of; a longer one gets none */

struct list {
	uint16_t v[LIST_MAX];
	uint16_t n;
	bool full;
};

struct hello {
	uint16_t version; /* legacy_version */
	uint16_t best;    /* highest of supported_versions, 0 none */
	struct list ciphers, extensions, groups, formats, signatures;
	bool has_sni;
	char alpn_first[64];
	uint16_t alpn_len;
};

/* RFC 8701: values a client throws in so that servers stay tolerant; no fingerprint counts them. */
static bool grease(uint16_t v)
{
	return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

static void list_add(struct list *l, uint16_t v)
{
	if (grease(v))
		return;
	if (l->n == LIST_MAX)
		l->full = true;
	else
		l->v[l->n++] = v;
}

static void list_of16(struct list *l, struct cursor c)
{
	while (c.left >= 2)
		list_add(l, cursor_be16(&c));
}

/* A name that is not plain letters, digits, '-', '_' and '.' is no host name: RFC 6066, 3. */
static bool host_char(uint8_t c)
{
	return isalnum(c) || c == '-' || c == '_' || c == '.';
}

static void read_name(struct tls *t, struct cursor c)
{
	struct cursor names = cursor_sub(&c, cursor_be16(&c));
	uint8_t type = cursor_u8(&names);
	struct cursor host = cursor_sub(&names, cursor_be16(&names));

	if (host.left && host.at[host.left - 1] == '.')
		host.left--;
	if (names.tripped || type != 0 || names.left || !host.left || host.left >= TLS_NAME_MAX) {
		t->bad = "invalid_sni";
		return;
	}
	for (size_t i = 0; i < host.left; i++) {
		if (!host_char(host.at[i]))
			t->bad = "invalid_sni";
		t->sni[i] = (char)tolower(host.at[i]);
	}
	t->sni[host.left] = '\0';
}

static void copy_alpn(char out[static 64], struct cursor c)
{
	size_t n = 0;

	for (; n < c.left && n < 63; n++)
		out[n] = c.at[n] >= 0x21 && c.at[n] < 0x7f ? (char)c.at[n] : '?';
	out[n] = '\0';
}

static void read_alpn(struct tls *t, struct hello *h, struct cursor c)
{
	struct cursor list = cursor_sub(&c, cursor_be16(&c));
	struct cursor one = cursor_sub(&list, cursor_u8(&list));

	copy_alpn(t->alpn, one);
	h->alpn_len = (uint16_t)(one.left < 64 ? one.left : 64);
	if (one.left)
		memcpy(h->alpn_first, one.at, h->alpn_len);
	if (h->alpn_len == 64)
		h->alpn_first[63] = (char)one.at[one.left - 1];
}

static void read_versions(struct hello *h, struct cursor c)
{
	struct cursor list = cursor_sub(&c, cursor_u8(&c));

	while (list.left >= 2) {
		uint16_t v = cursor_be16(&list);

		if (!grease(v) && v > h->best)
			h->best = v;
	}
}

static void read_formats(struct hello *h, struct cursor c)
{
	struct cursor list = cursor_sub(&c, cursor_u8(&c));

	while (list.left)
		list_add(&h->formats, cursor_u8(&list));
}

static void client_extension(struct tls *t, struct hello *h, uint16_t type, struct cursor c)
{
	list_add(&h->extensions, type);
	switch (type) {
	case EXT_SERVER_NAME:
		if (h->has_sni)
			t->bad = "duplicate_extension";
		h->has_sni = true;
		read_name(t, c);
		break;
	case EXT_GROUPS: list_of16(&h->groups, cursor_sub(&c, cursor_be16(&c))); break;
	case EXT_POINT_FORMATS: read_formats(h, c); break;
	case EXT_SIGNATURE_ALGORITHMS:
		list_of16(&h->signatures, cursor_sub(&c, cursor_be16(&c)));
		break;
	case EXT_ALPN: read_alpn(t, h, c); break;
	case EXT_SUPPORTED_VERSIONS: read_versions(h, c); break;
	default: break;
	}
}

/* Text of a fingerprint while it is built; five lists of LIST_MAX values of at most 6 bytes fit. */
struct line {
	char bytes[8192];
	size_t n;
};

static void line_char(struct line *l, char c)
{
	if (l->n < sizeof(l->bytes))
		l->bytes[l->n++] = c;
}

static const char hex_digits[] = "0123456789abcdef";

static void line_hex(struct line *l, uint16_t v)
{
	for (int shift = 12; shift >= 0; shift -= 4)
		line_char(l, hex_digits[v >> shift & 15]);
}

static void line_decimal(struct line *l, uint16_t v)
{
	if (v >= 10)
		line_decimal(l, v / 10);
	line_char(l, (char)('0' + v % 10));
}

static void line_value(struct line *l, uint16_t v, bool hexadecimal)
{
	if (hexadecimal)
		line_hex(l, v);
	else
		line_decimal(l, v);
}

static void line_list(struct line *l, const struct list *v, bool hexadecimal, char between)
{
	for (uint16_t i = 0; i < v->n; i++) {
		if (i)
			line_char(l, between);
		line_value(l, v->v[i], hexadecimal);
	}
}

static void hex(char *out, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		*out++ = hex_digits[bytes[i] >> 4];
		*out++ = hex_digits[bytes[i] & 15];
	}
	*out = '\0';
}

static void line_md5(const struct line *l, char out[static 33])
{
	uint8_t digest[MD5_BYTES];

	md5_of(l->bytes, l->n, digest);
	hex(out, digest, MD5_BYTES);
}

/* SSLVersion,Ciphers,Extensions,EllipticCurves,EllipticCurvePointFormats; decimal, '-' between */
static void make_ja3(struct tls *t, const struct hello *h)
{
	const struct list *lists[] = { &h->ciphers, &h->extensions, &h->groups, &h->formats };
	struct line l = { .n = 0 };

	line_value(&l, h->version, false);
	for (size_t i = 0; i < 4; i++) {
		line_char(&l, ',');
		line_list(&l, lists[i], false, '-');
	}
	line_md5(&l, t->ja3);
}

static int ascending(const void *a, const void *b)
{
	const uint16_t *x = a, *y = b;

	return *x - *y;
}

static void line_sha12(const struct line *l, char out[static 13])
{
	uint8_t digest[SHA256_BYTES];

	memcpy(out, "000000000000", 13);
	if (!l->n)
		return;
	sha256_of(l->bytes, l->n, digest);
	hex(out, digest, 6);
}

static const char *ja4_version(uint16_t v)
{
	switch (v) {
	case 0x0304: return "13";
	case 0x0303: return "12";
	case 0x0302: return "11";
	case 0x0301: return "10";
	case 0x0300: return "s3";
	case 0x0002: return "s2";
	default: return "00";
	}
}

/* First and last character of the first ALPN value; of its hex form when they are not letters or digits. */
static void ja4_alpn(const struct hello *h, char out[static 3])
{
	memcpy(out, "00", 3);
	if (!h->alpn_len)
		return;
	uint8_t a = (uint8_t)h->alpn_first[0], z = (uint8_t)h->alpn_first[h->alpn_len - 1];

	if (isalnum(a) && isalnum(z)) {
		out[0] = (char)a;
		out[1] = (char)z;
	} else {
		out[0] = hex_digits[a >> 4];
		out[1] = hex_digits[z & 15];
	}
}

/* Sorted extensions without SNI and ALPN, then the signature algorithms in their order. */
static void ja4_extensions(const struct hello *h, struct line *l)
{
	struct list e = { .n = 0 };

	for (uint16_t i = 0; i < h->extensions.n; i++)
		if (h->extensions.v[i] != EXT_SERVER_NAME && h->extensions.v[i] != EXT_ALPN)
			e.v[e.n++] = h->extensions.v[i];
	qsort(e.v, e.n, sizeof(e.v[0]), ascending);
	line_list(l, &e, true, ',');
	if (h->signatures.n) {
		line_char(l, '_');
		line_list(l, &h->signatures, true, ',');
	}
}

static void make_ja4(struct tls *t, const struct hello *h)
{
	struct list c = h->ciphers;
	struct line ciphers = { .n = 0 }, extensions = { .n = 0 };
	char alpn[3], b[13], d[13];

	qsort(c.v, c.n, sizeof(c.v[0]), ascending);
	line_list(&ciphers, &c, true, ',');
	ja4_extensions(h, &extensions);
	ja4_alpn(h, alpn);
	line_sha12(&ciphers, b);
	line_sha12(&extensions, d);
	snprintf(t->ja4, sizeof(t->ja4), "t%s%c%02u%02u%s_%s_%s",
		 ja4_version(h->best ? h->best : h->version), h->has_sni ? 'd' : 'i',
		 c.n < 99 ? c.n : 99u, h->extensions.n < 99 ? h->extensions.n : 99u, alpn, b, d);
}

static void fingerprint(struct tls *t, const struct hello *h)
{
	if (h->ciphers.full || h->extensions.full || h->groups.full || h->formats.full ||
	    h->signatures.full)
		return;
	make_ja3(t, h);
	make_ja4(t, h);
}

/* legacy_version, random, session_id<0..32>, cipher_suites<2..>, compression<1..>, extensions<0..> */
void tls_client_hello(struct tls *t, struct cursor c)
{
	struct hello h = { .version = cursor_be16(&c) };

	t->hellos++;
	t->sni[0] = t->alpn[0] = t->ja3[0] = t->ja4[0] = '\0';
	cursor_skip(&c, 32);
	cursor_skip(&c, cursor_u8(&c));
	list_of16(&h.ciphers, cursor_sub(&c, cursor_be16(&c)));
	cursor_skip(&c, cursor_u8(&c));
	if (c.tripped || h.version >> 8 != 3) {
		t->bad = "invalid_client_hello";
		return;
	}
	struct cursor extensions = c.left ? cursor_sub(&c, cursor_be16(&c)) : c;

	while (extensions.left && !t->bad) {
		uint16_t type = cursor_be16(&extensions);

		client_extension(t, &h, type, cursor_sub(&extensions, cursor_be16(&extensions)));
	}
	if (extensions.tripped || c.left)
		t->bad = "invalid_client_hello";
	if (t->bad)
		return;
	t->version = h.best ? h.best : h.version;
	fingerprint(t, &h);
}

/* SHA-256 of "HelloRetryRequest": a ServerHello with this random is one (RFC 8446, 4.1.3). */
static const uint8_t retry_random[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
	0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
	0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static void server_extension(struct tls *t, uint16_t type, struct cursor c)
{
	if (type == EXT_SUPPORTED_VERSIONS && c.left == 2)
		t->version = cursor_be16(&c);
	if (type == EXT_ALPN) {
		struct cursor list = cursor_sub(&c, cursor_be16(&c));

		copy_alpn(t->alpn, cursor_sub(&list, cursor_u8(&list)));
	}
}

/* SSLVersion,Cipher,Extensions */
static void make_ja3s(struct tls *t, uint16_t version, uint16_t cipher,
		      const struct list *extensions)
{
	struct line l = { .n = 0 };

	line_value(&l, version, false);
	line_char(&l, ',');
	line_value(&l, cipher, false);
	line_char(&l, ',');
	line_list(&l, extensions, false, '-');
	line_md5(&l, t->ja3s);
}

/* legacy_version, random, session_id, cipher_suite, compression, extensions<0..> */
void tls_server_hello(struct tls *t, struct cursor c)
{
	struct list seen = { .n = 0 };
	uint16_t version = cursor_be16(&c);
	const uint8_t *random = cursor_take(&c, 32);

	cursor_skip(&c, cursor_u8(&c));
	uint16_t cipher = cursor_be16(&c);

	cursor_skip(&c, 1);
	if (c.tripped || version >> 8 != 3) {
		t->bad = "invalid_server_hello";
		return;
	}
	bool retry = memcmp(random, retry_random, 32) == 0;

	if (retry && t->retry) { /* RFC 8446, 4.1.4: at most one */
		t->bad = "unexpected_message";
		return;
	}
	struct cursor extensions = c.left ? cursor_sub(&c, cursor_be16(&c)) : c;

	t->version = version;
	while (extensions.left) {
		uint16_t type = cursor_be16(&extensions);

		list_add(&seen, type);
		server_extension(t, type, cursor_sub(&extensions, cursor_be16(&extensions)));
	}
	if (extensions.tripped || c.left) {
		t->bad = "invalid_server_hello";
		return;
	}
	t->retry = retry;
	t->done = !retry;
	if (!retry && !seen.full)
		make_ja3s(t, version, cipher, &seen);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <strings.h>

#include "daemon/content/document.h"
#include "daemon/content/unpack/unpack.h"

static bool has_word(struct body_text t, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= t.len; i++)
		if (strncasecmp(t.at + i, word, n) == 0)
			return true;
	return false;
}

static bool ends_with(struct body_text t, const char *end)
{
	size_t n = strlen(end);

	return t.len >= n && strncasecmp(t.at + t.len - n, end, n) == 0;
}

/* Content codings, the last one applied first: "gzip, br". */
static const struct unpacker *by_encoding(const struct part_hint *h)
{
	static const struct {
		const char *word;
		const struct unpacker *u;
	} codings[] = {
		{ "gzip", &unpack_gzip },         { "deflate", &unpack_deflate },
		{ "br", &unpack_brotli },         { "zstd", &unpack_zstd },
		{ "base64", &unpack_base64 },     { "quoted-printable", &unpack_quoted },
	};

	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
		if (has_word(h->encoding, codings[i].word))
			return codings[i].u;
	return NULL;
}

static bool begins(const uint8_t *at, size_t n, const char *magic, size_t len)
{
	return n >= len && memcmp(at, magic, len) == 0;
}

static const struct magic {
	const char *bytes;
	uint8_t len;
	const struct unpacker *u;
} magics[] = {
	{ "PK\003\004", 4, &unpack_zip },
	{ "PK\005\006", 4, &unpack_zip },
	{ "PK00PK\003\004", 8, &unpack_zip },
	{ "\037\213\010", 3, &unpack_gzip },
	{ "(\265/\375", 4, &unpack_zstd },
	{ "%PDF-", 5, &unpack_pdf },
	{ "\320\317\021\340\241\261\032\341", 8, &unpack_office },
	{ "7z\274\257\047\034", 6, &unpack_unknown_archive },
	{ "Rar!\032\007", 6, &unpack_unknown_archive },
	{ "MSCF", 4, &unpack_unknown_archive },
	{ "BZh", 3, &unpack_unknown_archive },
	{ "\375" "7zXZ", 5, &unpack_unknown_archive },
};

/* "-lh5-" stands behind two bytes of header; a tar's magic behind the first name. */
static bool is_lzh(const uint8_t *at, size_t n)
{
	return n >= 7 && at[2] == '-' && at[3] == 'l' && (at[4] == 'h' || at[4] == 'z') && at[6] == '-';
}

static bool is_tar(const uint8_t *at, size_t n)
{
	return n >= 262 && memcmp(at + 257, "ustar", 5) == 0;
}

static size_t skip_space(const uint8_t *at, size_t n)
{
	size_t i = n >= 3 && memcmp(at, "\357\273\277", 3) == 0 ? 3 : 0;

	while (i < n && (at[i] == ' ' || (at[i] >= '\t' && at[i] <= '\r')))
		i++;
	return i;
}

/* Entries of Office's archives, by their names. */
static const struct unpacker *by_office(const struct part_hint *h)
{
	if (h->name.len >= 5 && strncasecmp(h->name.at, "sheet", 5) == 0 && ends_with(h->name, ".xml"))
		return &unpack_ooxml_sheet;
	return NULL;
}

static const struct unpacker *by_markup(const struct part_hint *h, const uint8_t *at, size_t n)
{
	size_t i = skip_space(at, n);
	const char *s = (const char *)at + i;

	if (has_word(h->type, "html") || ends_with(h->name, ".html") || ends_with(h->name, ".htm"))
		return &unpack_html;
	if (n - i >= 5 && (strncasecmp(s, "<html", 5) == 0 || strncasecmp(s, "<!DOC", 5) == 0))
		return &unpack_html;
	if ((n - i >= 5 && strncmp(s, "<?xml", 5) == 0) || ends_with(h->name, ".xml"))
		return &unpack_xml;
	return NULL;
}

/* Half of a magic may still become one. */
static bool may_become(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (n < magics[i].len && memcmp(at, magics[i].bytes, n) == 0)
			return true;
	return false;
}

const struct unpacker *sniff(const struct part_hint *h, const uint8_t *at, size_t n, bool *more)
{
	const struct unpacker *u = by_encoding(h);

	*more = false;
	if (u)
		return u;
	if (h->kind == BODY_MAIL)
		return &unpack_mail;
	if (h->kind == BODY_MULTIPART)
		return &unpack_multipart;
	if (h->kind == BODY_FORM)
		return &unpack_form;
	if (h->text)
		return NULL;
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (begins(at, n, magics[i].bytes, magics[i].len))
			return magics[i].u;
	if (is_lzh(at, n))
		return &unpack_unknown_archive;
	if (is_tar(at, n))
		return &unpack_tar;
	if (has_word(h->type, "message/rfc822") || ends_with(h->name, ".eml"))
		return &unpack_mail;
	u = by_office(h);
	if (!u)
		u = by_markup(h, at, n);
	if (!u)
		*more = may_become(at, n) || (n < 262 && (h->packed || (n && !at[n - 1])));
	return u;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <strings.h>

#include "daemon/content/unpack/unpack.h"

#define MAGIC_MAX 16u /* by then every magic of the table has shown itself */
#define TAR_MAGIC 257u

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

/* ---- codings ---- */

static size_t last_coding(struct body_text list, struct body_text *coding)
{
	size_t to = list.len, from;

	while (to && strchr(" \t,;\"", list.at[to - 1]))
		to--;
	for (from = to; from && !strchr(" \t,;\"", list.at[from - 1]); from--)
		;
	*coding = (struct body_text){ list.at + from, to - from };
	return from;
}

struct body_text sniff_encoding_rest(struct body_text list)
{
	struct body_text coding;

	return (struct body_text){ list.at, list.len ? last_coding(list, &coding) : 0 };
}

/* Content codings and transfer encodings. The last of the list was applied last: "gzip, br". */
static const struct unpacker *by_encoding(const struct part_hint *h)
{
	static const struct {
		const char *word;
		const struct unpacker *u;
	} codings[] = {
		{ "gzip", &unpack_gzip },           { "x-gzip", &unpack_gzip },
		{ "deflate", &unpack_deflate },     { "br", &unpack_brotli },
		{ "zstd", &unpack_zstd },           { "base64", &unpack_base64 },
		{ "uuencode", &unpack_uuencode },   { "quoted-printable", &unpack_quoted },
		{ "x-uuencode", &unpack_uuencode }, { "x-uue", &unpack_uuencode },
	};
	struct body_text coding;

	if (!h->encoding.len)
		return NULL;
	last_coding(h->encoding, &coding);
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
		if (coding.len == strlen(codings[i].word) &&
		    strncasecmp(coding.at, codings[i].word, coding.len) == 0)
			return codings[i].u;
	return NULL;
}

/* ---- first bytes ---- */

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
	{ "{\\rtf", 5, &unpack_rtf },
	{ "\320\317\021\340\241\261\032\341", 8, &unpack_office },
	{ "7z\274\257\047\034", 6, &unpack_unknown_archive },
	{ "Rar!\032\007", 6, &unpack_unknown_archive },
	{ "MSCF", 4, &unpack_unknown_archive },
	{ "BZh", 3, &unpack_unknown_archive },
	{ "\375"
	  "7zXZ",
	  5, &unpack_unknown_archive },
};

static const struct unpacker *by_magic(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (n >= magics[i].len && memcmp(at, magics[i].bytes, magics[i].len) == 0)
			return magics[i].u;
	/* "-lh5-" stands behind two bytes of header */
	if (n >= 7 && at[2] == '-' && at[3] == 'l' && (at[4] == 'h' || at[4] == 'z') &&
	    at[6] == '-')
		return &unpack_unknown_archive;
	return NULL;
}

static const struct {
	bool type; /* of the media type; else a name's end */
	const char *word;
	const struct unpacker *u;
} told[] = {
	{ true, "message/rfc822", &unpack_mail },
	{ true, "message/global", &unpack_mail },
	{ true, "html", &unpack_html },
	{ true, "json", &unpack_json },
	{ true, "application/x-www-form-urlencoded", &unpack_form },
	{ false, ".eml", &unpack_mail },
	{ false, ".html", &unpack_html },
	{ false, ".htm", &unpack_html },
	{ false, ".json", &unpack_json },
	{ false, ".xml", &unpack_xml },
};

static const struct unpacker *by_word(const struct part_hint *h)
{
	/* entries of Office's archives have names of their own */
	if (h->name.len >= 5 && strncasecmp(h->name.at, "sheet", 5) == 0 &&
	    ends_with(h->name, ".xml"))
		return &unpack_ooxml_sheet;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (told[i].type ? has_word(h->type, told[i].word)
				 : ends_with(h->name, told[i].word))
			return told[i].u;
	return NULL;
}

static size_t skip_space(const uint8_t *at, size_t n)
{
	size_t i = n >= 3 && memcmp(at, "\357\273\277", 3) == 0 ? 3 : 0;

	while (i < n && (at[i] == ' ' || (at[i] >= '\t' && at[i] <= '\r')))
		i++;
	return i;
}

/* A DER sequence that begins with the object identifier of enveloped data (RFC 5652, 6). */
static bool is_enveloped(const uint8_t *at, size_t n)
{
	return at[0] == 0x30 &&
	       memmem(at, n < 24 ? n : 24, "\006\011\052\206\110\206\367\015\001\007\003", 11);
}

static bool is_json(const uint8_t *at, size_t n)
{
	size_t i = 1 + (n ? skip_space(at + 1, n - 1) : 0);

	if (i >= n || (at[0] != '{' && at[0] != '['))
		return false;
	return at[i] == '"' || (at[0] == '[' && at[i] == '{');
}

static const struct unpacker *by_beginning(const uint8_t *at, size_t n)
{
	static const struct {
		const char *begin;
		const struct unpacker *u;
	} texts[] = {
		{ "<html", &unpack_html },
		{ "<!doctype html", &unpack_html },
		{ "<?xml", &unpack_xml },
		{ "-----BEGIN PGP MESSAGE-----", &unpack_enveloped },
		/* a message that was saved begins with one of its header fields (RFC 5322, 3.6) */
		{ "Return-Path:", &unpack_mail },
		{ "Delivered-To:", &unpack_mail },
		{ "Received:", &unpack_mail },
		{ "DKIM-Signature:", &unpack_mail },
		{ "MIME-Version:", &unpack_mail },
		{ "Content-Type:", &unpack_mail },
		{ "Content-Transfer-Encoding:", &unpack_mail },
		{ "Message-ID:", &unpack_mail },
		{ "From:", &unpack_mail },
		{ "Subject:", &unpack_mail },
		{ "Date:", &unpack_mail },
		{ "To:", &unpack_mail },
	};
	size_t i = skip_space(at, n);

	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
		if (n - i >= strlen(texts[k].begin) &&
		    strncasecmp((const char *)at + i, texts[k].begin, strlen(texts[k].begin)) == 0)
			return texts[k].u;
	if (is_json(at + i, n - i))
		return &unpack_json;
	return is_enveloped(at, n) ? &unpack_enveloped : NULL;
}

/* "begin 644 name" at the beginning of a line: what follows is uuencoded. */
static bool has_uuencode(const uint8_t *at, size_t n)
{
	for (size_t i = 0; i + 10 <= n; i++)
		if ((i == 0 || at[i - 1] == '\n') && memcmp(at + i, "begin ", 6) == 0 &&
		    at[i + 6] >= '0' && at[i + 6] <= '7' && at[i + 7] >= '0' && at[i + 7] <= '7' &&
		    at[i + 8] >= '0' && at[i + 8] <= '7' && at[i + 9] == ' ')
			return true;
	return false;
}

const struct unpacker *sniff(const struct part_hint *h, const uint8_t *at, size_t n, bool last,
			     bool *more)
{
	static const struct unpacker *const by_kind[] = { [BODY_MAIL] = &unpack_mail,
							  [BODY_MULTIPART] = &unpack_multipart,
							  [BODY_FORM] = &unpack_form };
	const struct unpacker *u = by_encoding(h);

	*more = false;
	if (!u && h->kind < sizeof(by_kind) / sizeof(by_kind[0]))
		u = by_kind[h->kind];
	if (u || h->text || !n)
		return u;
	u = by_magic(at, n);
	if (!u && (last || n >= MAGIC_MAX))
		u = by_word(h);
	if (!u && (last || n >= MAGIC_MAX))
		u = by_beginning(at, n);
	if (!u && n >= TAR_MAGIC + 5 && memcmp(at + TAR_MAGIC, "ustar", 5) == 0)
		u = &unpack_tar;
	if (!u && has_uuencode(at, n))
		u = &unpack_uuencode;
	*more = !u && !last;
	return u;
}

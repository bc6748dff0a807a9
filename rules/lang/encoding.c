/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/encoding.h"

#include <string.h>

#include "rules/diag.h"
#include "rules/utf8.h"

struct bytes {
	const uint8_t *at, *end;
};

/* CP932 (Shift_JIS as Windows writes it): one-byte kana, or a lead and a trail byte. */
static bool is_cp932(struct bytes b)
{
	while (b.at < b.end) {
		uint8_t c = *b.at++;

		if (c < 0x80 || (c >= 0xa1 && c <= 0xdf))
			continue;
		if (c == 0x80 || c == 0xa0 || c > 0xfc || b.at == b.end)
			return false;
		c = *b.at++;
		if (c < 0x40 || c == 0x7f || c > 0xfc)
			return false;
	}
	return true;
}

/* EUC-JP: pairs of a1..fe; 8e starts a kana, 8f a supplementary kanji. */
static bool is_euc_jp(struct bytes b)
{
	while (b.at < b.end) {
		uint8_t c = *b.at++;
		int more = c < 0x80 ? 0 : c == 0x8f ? 2 : 1;

		if (c >= 0x80 && c != 0x8e && c != 0x8f && (c < 0xa1 || c == 0xff))
			return false;
		for (; more; more--, b.at++)
			if (b.at == b.end || *b.at < 0xa1 || *b.at == 0xff)
				return false;
	}
	return true;
}

/* The first byte that is not UTF-8, or NULL. */
static const uint8_t *first_bad(struct bytes b)
{
	while (b.at < b.end) {
		size_t n = *b.at < 0x80 ? 1 : utf8_sequence(b.at, (size_t)(b.end - b.at));

		if (n == 0)
			return b.at;
		b.at += n;
	}
	return NULL;
}

static void report_bad(const struct source_text *t, struct diags *d, struct bytes all,
		       const uint8_t *bad)
{
	struct location at = { t, (uint32_t)(bad - all.at), 1 };

	if (is_euc_jp(all))
		diag_add(d, MSG_ENCODING_EUC_JP, at, t->name);
	else if (is_cp932(all))
		diag_add(d, MSG_ENCODING_CP932, at, t->name);
	else
		diag_add(d, MSG_ENCODING_BAD, at);
}

bool encoding_check(const struct source_text *t, struct diags *d)
{
	struct bytes all = { (const uint8_t *)t->bytes, (const uint8_t *)t->bytes + t->len };
	const char *nul = memchr(t->bytes, '\0', t->len);
	const uint8_t *bad;

	if (t->len >= 2 && (!memcmp(t->bytes, "\xff\xfe", 2) || !memcmp(t->bytes, "\xfe\xff", 2))) {
		diag_add(d, MSG_ENCODING_UTF16, location_at(t, 0, 2), t->name);
		return false;
	}
	if (nul) {
		diag_add(d, MSG_ENCODING_NUL, location_at(t, (uint32_t)(nul - t->bytes), 1));
		return false;
	}
	bad = first_bad(all);
	if (bad)
		report_bad(t, d, all, bad);
	return !bad;
}

void encoding_habits(const struct source_text *t, struct diags *d)
{
	const char *crlf = memchr(t->bytes, '\r', t->len);

	if (t->len >= 3 && !memcmp(t->bytes, "\xef\xbb\xbf", 3))
		diag_add(d, MSG_ENCODING_BOM, location_at(t, 0, 3));
	if (crlf)
		diag_add(d, MSG_ENCODING_CRLF, location_at(t, (uint32_t)(crlf - t->bytes), 1));
}

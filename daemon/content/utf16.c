/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/utf16.h"

#define REPLACEMENT 0xfffdu

static size_t put(uint32_t cp, char out[static 4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, cp >>= 6)
		out[i] = (char)(0x80 | (cp & 63));
	out[0] = (char)((0xf00u >> n & 0xf0) | cp);
	return n;
}

static uint32_t next(struct cursor *c)
{
	uint32_t high = cursor_le16(c);

	if (high < 0xd800 || high > 0xdfff)
		return high;
	struct cursor after = *c;
	uint32_t low = after.left >= 2 ? cursor_le16(&after) : 0;

	if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return REPLACEMENT;
	*c = after;
	return 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
}

size_t utf16_to_utf8(struct cursor from, char *out, size_t size)
{
	size_t used = 0;
	char one[4];

	while (from.left >= 2) {
		size_t n = put(next(&from), one);

		if (n > size - used)
			break;
		memcpy(out + used, one, n);
		used += n;
	}
	return used;
}

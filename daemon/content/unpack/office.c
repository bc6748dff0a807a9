/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * office: compound files (MS-CFB) of Word and Excel before 2007. Their texts lie in them as CP932 or UTF-16 and are
 * scanned as they are. A password turns the whole into a stream named "EncryptedPackage" (MS-OFFCRYPTO, 2.3.4.4).
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/content/document.h"
#include "daemon/content/unpack/biff.h"
#include "daemon/content/unpack/unpack.h"

static const char sign[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";
#define SIGN (sizeof(sign) - 1)

struct office {
	struct part *part, *text; /* text: owned until closed */
	struct biff biff;
	size_t matched;
	bool told;
};

static void *office_new(struct part *p, const struct part_hint *h)
{
	struct office *o = calloc(1, sizeof(*o));
	const struct part_hint text = { .kind = BODY_LINE, .text = true, .word = "data" };

	(void)h;
	if (!o)
		return NULL;
	o->part = p;
	o->text = part_open(p, &text);
	biff_init(&o->biff, p);
	return o;
}

static void look_for_sign(struct office *o, uint8_t b)
{
	if (b == (uint8_t)sign[o->matched])
		o->matched++;
	else
		o->matched = b == (uint8_t)sign[0];
	if (o->matched < SIGN)
		return;
	o->matched = 0;
	if (!o->told)
		part_unread(o->part, UNREAD_ENCRYPTED_OFFICE, "office", (struct body_text){ 0 }, 0);
	o->told = true;
}

static void office_feed(void *u, const uint8_t *at, size_t n)
{
	struct office *o = u;

	for (size_t i = 0; i < n; i++)
		look_for_sign(o, at[i]);
	part_feed(o->text, at, n);
	biff_feed(&o->biff, at, n);
}

static void office_end(void *u, bool whole)
{
	struct office *o = u;

	biff_end(&o->biff);
	part_close(o->text, whole);
	o->text = NULL;
}

static size_t office_memory(const void *u)
{
	(void)u;
	return sizeof(struct office);
}

const struct unpacker unpack_office = { "office",    office_new, free,
					office_feed, office_end, office_memory };

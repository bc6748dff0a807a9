/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/raw.h"

#include <stdlib.h>
#include <string.h>

struct raw {
	const char *protocol;
	bool open[2];
	uint8_t name_len, encoding_len;
	char name[RAW_NAME_MAX], encoding[16];
};

static void *raw_new(void)
{
	struct raw *w = calloc(1, sizeof(*w));

	if (w)
		w->protocol = "raw";
	return w;
}

static uint8_t keep_end(char *out, size_t max, struct body_text t)
{
	size_t n = t.len < max ? t.len : max;

	if (n)
		memcpy(out, t.at + t.len - n, n);
	return (uint8_t)n;
}

void raw_name(void *r, const char *protocol, struct body_text name, struct body_text encoding)
{
	struct raw *w = r;

	w->protocol = protocol;
	w->name_len = keep_end(w->name, sizeof(w->name), name);
	w->encoding_len = keep_end(w->encoding, sizeof(w->encoding), encoding);
}

static const char *raw_feed(void *r, bool server, const uint8_t *bytes, size_t n,
			    const struct body_sink *sink)
{
	struct raw *w = r;
	struct body_head head = {
		.protocol = w->protocol,
		.kind = BODY_DATA,
		.server = server,
		.name = { w->name, w->name_len },
		.encoding = { w->encoding, w->encoding_len },
	};

	if (!n)
		return NULL;
	if (!w->open[server])
		sink->begin(sink->ctx, server, &head);
	w->open[server] = true;
	sink->bytes(sink->ctx, server, bytes, n);
	return NULL;
}

static void raw_close(void *r, bool server, const struct body_sink *sink)
{
	struct raw *w = r;

	if (w->open[server])
		sink->end(sink->ctx, server, true);
	w->open[server] = false;
}

static size_t raw_memory(const void *r)
{
	(void)r;
	return sizeof(struct raw);
}

const struct reader reader_raw = { "raw", raw_new, free, raw_feed, raw_close, raw_memory };

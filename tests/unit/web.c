/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/web.h"

#include <stdlib.h>

#include "daemon/content/http_body.h"

struct web {
	struct http h;
	struct http_body *b;
};

static void *web_new(void)
{
	struct web *w = calloc(1, sizeof(*w));

	http_init(&w->h);
	w->b = http_body_new();
	return w;
}

static void web_free(void *r)
{
	struct web *w = r;

	http_done(&w->h);
	http_body_free(w->b);
	free(w);
}

static const char *web_feed(void *r, bool server, const uint8_t *bytes, size_t n,
			    const struct body_sink *sink)
{
	struct web *w = r;

	while (n) {
		enum http_step step;
		size_t used = http_feed(&w->h, server, bytes, n, &step);

		bytes += used;
		n -= used;
		http_body_step(w->b, &w->h, server, step, sink);
		if (step == HTTP_ANSWER)
			http_answered(&w->h);
		if (step == HTTP_BAD)
			return w->h.bad;
		if (step == HTTP_TUNNEL)
			return w->h.answer.websocket
				       ? http_body_tunnel(w->b, server, bytes, n, sink)
				       : NULL;
	}
	return NULL;
}

static void web_close(void *r, bool server, const struct body_sink *sink)
{
	struct web *w = r;

	http_body_close(w->b, &w->h, server, sink);
}

static size_t web_memory(const void *r)
{
	return http_body_memory(((const struct web *)r)->b);
}

const struct reader reader_web = { "HTTP", web_new, web_free, web_feed, web_close, web_memory };

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/work.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/content/conversation.h"
#include "daemon/content/echo.h"
#include "daemon/content/ftp.h"
#include "daemon/content/http.h"
#include "daemon/content/http_body.h"
#include "daemon/content/tftp.h"
#include "daemon/content/tls.h"
#include "daemon/flow.h"

/* Where each side's bytes begin: after its SYN, which the flow has counted, or with the first ones seen. */
static void note_start(struct work *w, const struct step *s, int i)
{
	const struct flow_side *side = i ? &s->f->down : &s->f->up;
	bool ours = i == s->reply;

	if (!(ours ? s->seq_known : side->seq_known))
		return;
	w->from[i] = ours ? s->next_seq : side->next_seq;
	w->begun[i] = true;
	stream_syn(&w->stream[i], w->from[i]);
}

static size_t http_bytes(const struct http *h)
{
	return sizeof(*h) + h->client.head.capacity + h->server.head.capacity +
	       h->pending * (sizeof(struct http_request) + HTTP_TEXT_MAX);
}

static size_t bytes_of(const struct work *w)
{
	size_t n = sizeof(*w) + w->dns[0].capacity + w->dns[1].capacity;

	n += w->nd ? inspect_bytes(w->nd) : 0;
	n += w->tftp ? sizeof(*w->tftp) : 0;
	n += w->letter ? sizeof(*w->letter) : 0;
	n += w->echo ? sizeof(*w->echo) : 0;
	n += w->tls ? sizeof(*w->tls) : 0;
	n += w->http ? http_bytes(w->http) : 0;
	n += w->http_body ? http_body_memory(w->http_body) : 0;
	n += w->content ? conversation_bytes(w->content) : 0;
	return n + (w->ftp ? sizeof(*w->ftp) : 0);
}

bool work_charge(struct work *w, struct work_pool *pool)
{
	size_t before = w->charged;

	w->charged = bytes_of(w);
	pool->used += w->charged - before;
	return w->charged <= before || pool->used <= pool->max;
}

struct work *work_new(const struct step *s, struct work_pool *pool)
{
	struct work *w = pool->used < pool->max ? calloc(1, sizeof(*w)) : NULL;

	if (!w)
		return NULL;
	w->looking = !s->f->known || !s->f->known->own; /* else announced: FTP data */
	w->unread = !w->looking;
	w->stream[0].hold = w->stream[1].hold = w->looking;
	note_start(w, s, 0);
	note_start(w, s, 1);
	w->nd = inspect_flow_new();
	if (w->nd)
		return w;
	free(w);
	return NULL;
}

void work_free(struct work *w, struct work_pool *pool)
{
	if (!w)
		return;
	pool->used -= w->charged;
	inspect_flow_free(w->nd);
	conversation_free(w->content);
	http_body_free(w->http_body);
	for (int i = 0; i < 2; i++) {
		stream_done(&w->stream[i], &pool->streams);
		hold_done(&w->dns[i]);
	}
	if (w->tls)
		tls_done(w->tls);
	if (w->http)
		http_done(w->http);
	free(w->letter);
	free(w->tftp);
	free(w->echo);
	free(w->tls);
	free(w->http);
	free(w->ftp);
	free(w);
}

struct known *known_of(struct flow *f)
{
	if (!f->known)
		f->known = calloc(1, sizeof(*f->known));
	return f->known;
}

static bool holds_name(const char *lines, const char *name)
{
	const size_t n = strlen(name);

	while (lines && *lines) {
		const size_t len = strcspn(lines, "\n");

		if (len == n && memcmp(lines, name, n) == 0)
			return true;
		lines += len + (lines[len] == '\n');
	}
	return false;
}

/* A name that makes way for the next: a proxy's connection may ask for many. */
static void keep_earlier(struct known *k)
{
	size_t used, n;
	char *p;

	if (!k->name || k->earlier_count == KNOWN_EARLIER_MAX)
		return;
	used = k->earlier ? strlen(k->earlier) : 0;
	n = strlen(k->name);
	if (!n || used + n + 2 > KNOWN_EARLIER_BYTES || strchr(k->name, '\n') ||
	    holds_name(k->earlier, k->name))
		return;
	p = realloc(k->earlier, used + n + 2);
	if (!p)
		return;
	if (used)
		p[used] = '\n';
	memcpy(p + used + (used != 0), k->name, n + 1);
	k->earlier = p;
	k->earlier_count++;
}

void known_name(struct known *k, const char *name)
{
	if (k->name && strcmp(k->name, name) == 0)
		return;
	keep_earlier(k);
	free(k->name);
	k->name = name[0] ? strdup(name) : NULL;
}

void known_free(struct known *k)
{
	if (!k)
		return;
	free(k->name);
	free(k->earlier);
	free(k);
}

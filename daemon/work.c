/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/work.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/content/ftp.h"
#include "daemon/content/http.h"
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

struct work *work_new(const struct step *s)
{
	struct work *w = calloc(1, sizeof(*w));

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

void work_free(struct work *w, struct stream_pool *pool)
{
	if (!w)
		return;
	inspect_flow_free(w->nd);
	for (int i = 0; i < 2; i++) {
		stream_done(&w->stream[i], pool);
		hold_done(&w->dns[i]);
	}
	if (w->tls)
		tls_done(w->tls);
	if (w->http)
		http_done(w->http);
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

void known_name(struct known *k, const char *name)
{
	if (k->name && strcmp(k->name, name) == 0)
		return;
	free(k->name);
	k->name = strdup(name);
}

void known_free(struct known *k)
{
	if (!k)
		return;
	free(k->name);
	free(k);
}

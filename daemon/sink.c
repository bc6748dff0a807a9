/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/sink.h"

#include <netinet/in.h>
#include <string.h>

#include "daemon/engine_state.h"
#include "daemon/mangle.h"
#include "daemon/reply.h"

static const char end_of_text[] = "\r\n.\r\n";
#define END_LEN (sizeof(end_of_text) - 1)

/* After "\r\n" the match goes on from there, after a lone "\r" with it. */
static uint8_t restarted(const struct sink_end *s, uint8_t byte)
{
	if (byte == '\r')
		return 1;
	return s->matched == 1 && byte == '\n' ? 2 : 0;
}

bool sink_end_feed(struct sink_end *s, const uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n && s->matched < END_LEN; i++)
		s->matched = at[i] == (uint8_t)end_of_text[s->matched] ? s->matched + 1
								       : restarted(s, at[i]);
	return s->matched == END_LEN;
}

void sink_blank(uint8_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] != '\r' && at[i] != '\n')
			at[i] = 'X';
}

bool sink_asks(const uint8_t *at, size_t n)
{
	const uint8_t *before = n > 1 ? memrchr(at, '\n', n - 1) : NULL;
	const uint8_t *last = before ? before + 1 : at;

	return n - (size_t)(last - at) >= 4 && memcmp(last, "354", 3) == 0;
}

void sink_note(const struct step *s)
{
	if (s->reply && s->length && s->f->work && s->f->known && s->f->known->own == KNOWN_SMTP)
		s->f->work->text_wanted = sink_asks(s->h.payload.at, s->h.payload.left);
}

/* ---- the packets ---- */

static void pass_blank(struct engine *e, struct step *s)
{
	mangle_payload(e, s, sink_blank);
	if (s->out.rewrite)
		e->count.blanked++;
	else
		s->out.drop_packet = true; /* it comes again */
}

/* What came early went on as it was: nothing may close the gap before it. */
static bool in_order(const struct step *s)
{
	const struct stream *st = &s->f->work->stream[0];

	return st->started && !st->gaps && st->next == s->h.seq + s->length;
}

bool sink_begin(struct engine *e, struct step *s, uint8_t answer)
{
	struct work *w = s->f->work;
	struct sink_end end = sink_line_start();

	if (answer != ANSWER_SMTP_REJECT || !s->p->live || !e->conf.inject.request || !w ||
	    w->unread || w->blind || !w->text_wanted || s->reply || !s->length || s->h.cut ||
	    !in_order(s))
		return false;
	struct cursor kept = stream_since(&w->stream[0], w->stream[0].base);

	if (kept.left < s->length || sink_end_feed(&end, kept.at, kept.left))
		return false;
	w->sinking = true;
	w->end = end;
	pass_blank(e, s);
	return true;
}

/* The server goes on acknowledging; the answer must not look older than that. */
static void hear_server(const struct step *s)
{
	struct work *w = s->f->work;
	uint32_t echo;

	if (s->h.tcp_flags & TCP_ACK)
		stream_ack(&w->stream[0], s->h.ack);
	w->server_stamped |= reply_stamps(&s->h, &w->server_stamp, &echo);
}

bool sink_packet(struct engine *e, struct step *s)
{
	struct work *w = s->f->work;
	struct cursor ready = cursor_of(NULL, 0);

	if (s->reply)
		hear_server(s);
	if (s->reply || !s->length)
		return true;
	s->passed_to = w->stream[0].next;
	s->passed_known = true;
	switch (stream_segment(&w->stream[0], &e->works.streams, s->h.seq, s->h.payload, &ready)) {
	case STREAM_READY:
		if (sink_end_feed(&w->end, ready.at, ready.left))
			return false;
		break;
	case STREAM_OLD:
	case STREAM_BEYOND: break;
	default: s->out.drop_packet = true; return true;
	}
	pass_blank(e, s);
	return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read: a packet's payload to facts. nDPI sees the packet, the readers see the bytes in order, and each
 * thing that can be judged (an application, a name, a request) is judged before the next is read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include "daemon/content/conversation.h"
#include "daemon/content/dns.h"
#include "daemon/content/echo.h"
#include "daemon/content/ftp.h"
#include "daemon/content/http.h"
#include "daemon/content/http_body.h"
#include "daemon/content/tls.h"
#include "daemon/engine_state.h"
#include "daemon/record/event.h"

#define LOOK_BYTES 4096u /* both ways together: what is not recognised by then is not */

static enum recognised layer(const struct flow *f)
{
	return f->work->tunnel ? f->known->inner : f->known->own;
}

/* ---- what is left to look at ---- */

static bool http_watched(const struct class_traits *t, const struct work *w)
{
	return t->names || w->proxied || !w->answered;
}

bool read_watched(const struct engine *e, const struct flow *f)
{
	const struct class_traits *t = &e->now->traits[f->class];
	const struct work *w = f->work;
	enum recognised what = layer(f);

	if (w->echo || t->directed || what == KNOWN_DNS || (what == KNOWN_FTP && t->ftp) ||
	    contents_watched(f))
		return true;
	if (w->bad || w->blind)
		return false;
	if (what == KNOWN_TLS)
		return !w->tls || !w->tls->done;
	if (what == KNOWN_HTTP)
		return http_watched(t, w);
	if (what == KNOWN_NOTHING)
		return w->looking || (w->nd && !f->known->finding.final);
	return false;
}

/* ---- what the readers say ---- */

/* A new request may be told again, though the flow has been. */
static void new_name(struct step *s, const char *name)
{
	struct known *k = s->f->known;
	const uint32_t again = 1u << EVENT_REASON_NAME | 1u << EVENT_REASON_NO_NAME |
			       1u << EVENT_REASON_DENIED | 1u << EVENT_REASON_OBSERVED;

	if (!k->name || strcmp(k->name, name) != 0)
		s->f->work->told &= ~again;
	known_name(k, name);
}

static void unreadable(struct engine *e, struct step *s, const char *protocol, const char *word)
{
	struct work *w = s->f->work;

	w->bad = word;
	e->count.unreadable++;
	tell_anomaly(e, s, "applayer", protocol, word);
}

static enum reading judged(struct engine *e, struct step *s)
{
	return engine_judge(e, s) ? READ_DENIED : READ_ON;
}

static void drop_ndpi(struct work *w)
{
	inspect_flow_free(w->nd);
	w->nd = NULL;
}

/*
 * nDPI keeps 2 KB a flow for the certificate it waits for. TLS 1.3 encrypts it, so where the client offers
 * that, nDPI has said what it can with the hello.
 */
static void hello_was_enough(struct work *w, struct known *k)
{
	if (w->tls->hellos && w->tls->version >= 0x0304 && k->finding.confident) {
		k->app_final = true;
		drop_ndpi(w);
	}
}

static enum reading read_tls(struct engine *e, struct step *s, struct cursor c)
{
	struct work *w = s->f->work;
	struct known *k = s->f->known;
	uint8_t hellos = w->tls->hellos;

	if (w->bad || w->tls->done)
		return READ_ON;
	tls_feed(w->tls, s->reply, c.at, c.left);
	if (w->tls->bad)
		unreadable(e, s, "tls", w->tls->bad);
	if (w->tls->hellos != hellos && w->tls->sni[0] && !w->tls->bad)
		known_name(k, w->tls->sni);
	k->name_final = w->tls->bad || (w->tls->hellos && !w->tls->retry);
	k->app_final |= w->tls->done;
	hello_was_enough(w, k);
	if (w->tls->hellos != hellos || w->tls->bad) {
		if (judged(e, s) == READ_DENIED)
			return READ_DENIED;
	}
	if (w->tls->done && !w->tls_told) {
		w->tls_told = true;
		tell_tls(e, s->f, s->p->time);
	}
	return READ_ON;
}

static enum reading read_request(struct engine *e, struct step *s)
{
	struct work *w = s->f->work;
	const struct http_request *r = w->http->newest;

	w->proxied |= r->absolute || r->connect;
	new_name(s, r->name);
	s->f->known->body |= r->body;
	s->f->known->name_final = !r->name[0];
	return judged(e, s);
}

static void open_tunnel(struct work *w, const struct step *s, size_t left)
{
	int side = s->reply;

	w->tunnel = w->looking = true;
	w->before_tunnel = w->passed[0];
	for (int i = 0; i < 2; i++) {
		w->stream[i].hold = true;
		w->from[i] = w->stream[i].next - (i == side ? (uint32_t)left : 0);
		w->begun[i] = true;
	}
}

static void read_answer(struct engine *e, struct step *s, size_t left)
{
	struct work *w = s->f->work;

	w->answered = true;
	s->f->known->app_final = true;
	tell_http(e, s->f, s->p->time, w->http->oldest, &w->http->answer);
	if (w->http->tunnel && w->http->oldest->connect)
		open_tunnel(w, s, left);
	else if (w->http->tunnel)
		w->unread = !w->content;
	http_answered(w->http);
}

static enum reading read_recognised(struct engine *e, struct step *s, struct cursor c);

/* An answer's body decides nothing; a request's is kept, since a request could be hidden in it. */
static bool in_a_body(const struct http_side *s)
{
	return s->state == HTTP_LENGTH || s->state == HTTP_CHUNK || s->state == HTTP_CLOSE;
}

/* Another protocol from here on: a WebSocket, or whatever the two have agreed on. */
static enum reading upgraded(struct engine *e, struct step *s, struct cursor c)
{
	return s->f->work->content ? contents_upgraded(e, s, c) : READ_ON;
}

/* What follows cannot be told apart any more, but it can be looked through. */
static enum reading bad_http(struct engine *e, struct step *s, struct cursor c)
{
	struct work *w = s->f->work;
	enum reading r;

	unreadable(e, s, "http", w->http->bad);
	s->f->known->name_final = true;
	new_name(s, "");
	r = judged(e, s);
	return r == READ_ON && w->content ? contents_raw(e, s, c) : r;
}

static enum reading read_http(struct engine *e, struct step *s, struct cursor c)
{
	struct work *w = s->f->work;
	enum http_step step = HTTP_MORE;

	while (c.left && !w->bad && !w->unread) {
		cursor_skip(&c, http_feed(w->http, s->reply, c.at, c.left, &step));
		if (step == HTTP_REQUEST && read_request(e, s) == READ_DENIED)
			return READ_DENIED;
		enum reading r = w->content ? contents_http(e, s, step) : READ_ON;

		if (r != READ_ON)
			return r;
		if (step == HTTP_ANSWER)
			read_answer(e, s, c.left);
		if (step == HTTP_TUNNEL)
			return w->tunnel ? read_recognised(e, s, c) : upgraded(e, s, c);
		if (step == HTTP_BAD)
			return bad_http(e, s, c);
	}
	if (w->bad && w->content && c.left)
		return contents_raw(e, s, c);
	if (s->reply)
		w->stream[1].loose = !w->content && in_a_body(&w->http->server);
	return READ_ON;
}

static enum reading read_ftp(struct engine *e, struct step *s, struct cursor c)
{
	struct ftp *ftp = s->f->work->ftp;
	const struct tuple *t = &s->f->tuple;
	bool announced;

	while (c.left) {
		cursor_skip(&c, ftp_feed(ftp, s->reply, c.at, c.left, &announced));
		ip_t from = ftp->passive ? t->src : t->dst, to = ftp->passive ? t->dst : t->src;
		enum reading r = s->f->work->content ? contents_ftp(e, s, ftp->met) : READ_ON;

		if (r != READ_ON)
			return r;
		if (announced)
			announced_add(&e->announced, from, to, ftp->port, s->p->time);
		else if (ftp->met == FTP_TRANSFER)
			announced_name(&e->announced, from, to, ftp);
	}
	return READ_ON;
}

/* The control connection itself: names of files may hold what must not leave, too. */
static enum reading read_ftp_control(struct engine *e, struct step *s, struct cursor c)
{
	enum reading r = read_ftp(e, s, c);

	return r == READ_ON && s->f->work->content ? contents_feed(e, s, c) : r;
}

static enum reading read_message(struct engine *e, struct step *s, struct cursor c)
{
	struct known *k = s->f->known;
	struct dns_message *m = &e->dns;
	const char *bad = dns_read(c, m);

	if (bad) {
		unreadable(e, s, "dns", bad);
		if (s->reply)
			return READ_ON;
	}
	if (!m->response) {
		new_name(s, !bad && m->name.at ? m->name.at : "");
		k->name_final = bad;
	}
	enum reading r = m->response && !bad ? READ_ON : judged(e, s);

	if (!bad)
		tell_dns(e, s, m);
	return r;
}

static enum reading read_dns(struct engine *e, struct step *s, struct cursor c)
{
	bool whole;
	struct cursor message;

	while (c.left) {
		cursor_skip(&c,
			    dns_frame(&s->f->work->dns[s->reply], c.at, c.left, &whole, &message));
		if (whole && read_message(e, s, message) == READ_DENIED)
			return READ_DENIED;
	}
	return READ_ON;
}

static enum reading read_known(struct engine *e, struct step *s, enum recognised what,
			       struct cursor c)
{
	switch (what) {
	case KNOWN_TLS: return read_tls(e, s, c);
	case KNOWN_HTTP: return read_http(e, s, c);
	case KNOWN_FTP: return read_ftp_control(e, s, c);
	case KNOWN_DNS: return read_dns(e, s, c);
	default: return s->f->work->content ? contents_feed(e, s, c) : READ_ON;
	}
}

/* ---- recognising ---- */

/* No reader of ours judges it; its content may still be looked at. False: no memory. */
static bool start_content(struct engine *e, const struct flow *f, enum recognised what)
{
	const struct reader *reader = conversation_reader(what, f->tuple.dport);
	struct work *w = f->work;

	conversation_free(
		w->content); /* a proxy's own, when a tunnel opens: it carries nothing any more */
	w->content = NULL;
	w->unread = true;
	if (!reader || !e->now->traits[f->class].content)
		return true;
	w->content = contents_new(e, f, reader);
	w->unread = !w->content;
	return w->content;
}

/* HTTP and FTP are read for the policy anyway; what they carry is looked at beside that. */
static bool start_beside(struct engine *e, const struct flow *f, const struct reader *reader)
{
	struct work *w = f->work;

	if (!e->now->traits[f->class].content)
		return true;
	w->content = contents_new(e, f, reader);
	if (!reader)
		w->http_body = http_body_new();
	return w->content && (reader || w->http_body);
}

static bool start_reader(struct engine *e, const struct flow *f, enum recognised what)
{
	struct work *w = f->work;

	switch (what) {
	case KNOWN_TLS:
		w->tls = malloc(sizeof(*w->tls));
		if (w->tls)
			tls_init(w->tls);
		return w->tls;
	case KNOWN_HTTP:
		w->http = malloc(sizeof(*w->http));
		if (w->http)
			http_init(w->http);
		return w->http && start_beside(e, f, NULL);
	case KNOWN_FTP:
		w->ftp = calloc(1, sizeof(*w->ftp));
		return w->ftp && start_beside(e, f, conversation_reader(what, 0));
	case KNOWN_DNS: return true;
	default: return start_content(e, f, what);
	}
}

static void stop_looking(struct work *w)
{
	w->looking = false;
	w->stream[0].hold = w->stream[1].hold = false;
}

/* All that came before the protocol was known, the side that began first. */
static enum reading read_from_start(struct engine *e, struct step *s, enum recognised what)
{
	struct work *w = s->f->work;
	bool reply = s->reply;
	enum reading r = READ_ON;

	for (int i = 0; i < 2 && r == READ_ON; i++) {
		struct cursor c = stream_since(&w->stream[i], w->from[i]);

		s->reply = i;
		if (c.left)
			r = read_known(e, s, what, c);
	}
	s->reply = reply;
	return r;
}

/* A tunnel that carries no TLS: the application inside counts, and is told once. */
static void tell_inner(struct engine *e, struct step *s, enum recognised inner)
{
	if (inner != KNOWN_TLS)
		tell_once(e, s, DETECTOR_PROTOCOL, EVENT_REASON_APPLICATION, false);
}

/* What is not recognised yet is looked through as it is, so that nothing leaves unseen. */
static enum reading look_through(struct engine *e, struct step *s, struct cursor c)
{
	struct work *w = s->f->work;

	if (!e->now->traits[s->f->class].content)
		return READ_ON;
	if (!w->meanwhile && !start_content(e, s->f, KNOWN_NOTHING))
		return READ_FULL;
	w->meanwhile = true;
	w->unread = false;
	return contents_feed(e, s, c);
}

/* Nothing that we know by its first bytes. */
static enum reading unrecognised(struct engine *e, struct step *s, struct cursor c)
{
	struct work *w = s->f->work;
	enum reading r = READ_ON;

	if (w->tunnel)
		tell_inner(e, s, KNOWN_NOTHING);
	if (w->meanwhile) {
		stop_looking(w);
		return contents_feed(e, s, c);
	}
	if (!start_content(e, s->f, KNOWN_NOTHING))
		return READ_FULL;
	if (w->content)
		r = read_from_start(e, s, KNOWN_NOTHING);
	stop_looking(w);
	return r;
}

/* A proxy's tunnel holds one protocol; HTTP in HTTP is not followed further down, only looked through. */
static enum recognised followed(const struct work *w, enum recognised what)
{
	return w->tunnel && what != KNOWN_TLS ? KNOWN_NOTHING : what;
}

/* It is read again from the start, by whoever knows it. */
static void forget_meanwhile(struct work *w)
{
	if (!w->meanwhile)
		return;
	conversation_free(w->content);
	w->content = NULL;
	w->content_sums = (struct content_sums){ 0 };
	w->meanwhile = false;
}

static enum reading look(struct engine *e, struct step *s, struct cursor c)
{
	struct work *w = s->f->work;
	struct cursor up = stream_since(&w->stream[0], w->from[0]);
	struct cursor down = stream_since(&w->stream[1], w->from[1]);
	bool more;
	enum recognised what = recognise(true, up.at, up.left, down.at, down.left, &more);

	if (what == KNOWN_NOTHING && more && up.left + down.left < LOOK_BYTES)
		return look_through(e, s, c);
	if (what == KNOWN_NOTHING)
		return unrecognised(e, s, c);
	forget_meanwhile(w);
	if (!start_reader(e, s->f, followed(w, what)))
		return READ_FULL;
	*(w->tunnel ? &s->f->known->inner : &s->f->known->own) = (uint8_t)what;
	if (w->tunnel)
		tell_inner(e, s, what);
	enum reading r = w->unread ? READ_ON : read_from_start(e, s, followed(w, what));

	stop_looking(w);
	return r;
}

/* The next bytes in order, of a conversation whose protocol is known or still looked for. */
static enum reading read_recognised(struct engine *e, struct step *s, struct cursor c)
{
	struct work *w = s->f->work;

	if (w->looking)
		return look(e, s, c);
	return read_known(e, s, followed(w, layer(s->f)), c);
}

/* ---- TCP ---- */

static void note_start(struct work *w, const struct step *s)
{
	int i = s->reply;

	if (w->begun[i] || !s->length)
		return;
	w->from[i] = s->h.seq;
	w->begun[i] = true;
}

static enum reading differing(struct engine *e, struct step *s)
{
	e->count.differs++;
	if (!(s->f->work->told & 1u << (EVENT_REASON_RETRANSMIT & 31)))
		tell_anomaly(e, s, "stream", "stream", "reassembly_overlap_different_data");
	tell_once(e, s, DETECTOR_PROTOCOL, EVENT_REASON_RETRANSMIT, true);
	return READ_DROP;
}

static enum reading too_far(struct engine *e, struct step *s)
{
	e->count.gaps++;
	tell_once(e, s, DETECTOR_PROTOCOL, EVENT_REASON_MEMORY, true);
	return READ_DROP;
}

static enum reading go_blind(struct engine *e, struct step *s)
{
	e->count.gaps++;
	s->f->work->blind = true;
	s->f->known->name_final = true;
	stop_looking(s->f->work);
	return READ_ON;
}

static bool fails_open(const struct engine *e, const struct flow *f)
{
	bool alert;

	return judge_fail(e->now->policy->classes[f->class].joined.on_memory, &alert) ==
	       JUDGED_LEAVE;
}

static enum reading read_tcp(struct engine *e, struct step *s)
{
	struct work *w = s->f->work;
	struct stream *st = &w->stream[s->reply];
	struct cursor ready, payload = s->h.payload;

	note_start(w, s);
	if (s->h.tcp_flags & TCP_ACK)
		stream_ack(&w->stream[!s->reply], s->h.ack);
	if (!s->length || w->blind || w->unread)
		return READ_ON;
	if (s->h.cut)
		return go_blind(e, s);
	s->passed_to = st->next;
	s->passed_known = st->started;
	switch (stream_segment(st, &e->works.streams, s->h.seq + ((s->h.tcp_flags & TCP_SYN) != 0),
			       payload, &ready)) {
	case STREAM_READY: return read_recognised(e, s, ready);
	case STREAM_BEYOND: return st->lost ? go_blind(e, s) : READ_ON;
	case STREAM_DIFFERS: return differing(e, s);
	case STREAM_FORGOTTEN: return fails_open(e, s->f) ? READ_ON : too_far(e, s);
	case STREAM_FULL: return st->lost || fails_open(e, s->f) ? go_blind(e, s) : too_far(e, s);
	default: return READ_ON;
	}
}

/* ---- others ---- */

static bool recognise_datagram(struct engine *e, struct step *s)
{
	struct work *w = s->f->work;
	struct cursor c = s->h.payload;
	bool more;

	s->f->known->own = (uint8_t)(s->h.cut ? KNOWN_NOTHING
					      : recognise(false, c.at, c.left, NULL, 0, &more));
	w->looking = false;
	if (!start_content(e, s->f, KNOWN_NOTHING))
		return false;
	return !w->content || contents_tftp(e, s);
}

static enum reading read_datagram(struct engine *e, struct step *s)
{
	struct work *w = s->f->work;
	enum reading r = READ_ON;

	if (!s->length || s->h.protocol != IPPROTO_UDP)
		return READ_ON;
	if (w->looking && !recognise_datagram(e, s))
		return READ_FULL;
	if (w->content)
		r = contents_datagram(e, s, s->h.payload);
	if (r == READ_ON && s->f->known->own == KNOWN_DNS && !s->h.cut)
		return read_message(e, s, s->h.payload);
	return r;
}

static bool is_echo(const struct headers *h)
{
	if (h->protocol == IPPROTO_ICMP)
		return h->icmp_type == 8 || h->icmp_type == 0;
	return h->protocol == IPPROTO_ICMPV6 && (h->icmp_type == 128 || h->icmp_type == 129);
}

static void tell_echo(struct engine *e, struct step *s, enum echo_verdict v)
{
	const struct echo *echo = s->f->work->echo;
	struct judgement j = { .detector = DETECTOR_ICMP_TUNNEL, .statement = s->f->statement };
	char en[160], ja[200];

	snprintf(en, sizeof(en), "%s: %u requests, %u replies, %llu bytes of data", echo_words[v],
		 echo->requests, echo->replies, (unsigned long long)echo->bytes);
	snprintf(ja, sizeof(ja), "ICMPトンネルの疑い: %s(要求%u、応答%u、データ%lluバイト)",
		 echo_words_ja[v], echo->requests, echo->replies, (unsigned long long)echo->bytes);
	s->detail = en;
	s->detail_ja = ja;
	tell_alert(e, s, &j, false);
	s->detail = s->detail_ja = NULL;
}

static enum reading read_echo(struct engine *e, struct step *s)
{
	struct work *w = s->f->work;
	bool reply = s->h.icmp_type == 0 || s->h.icmp_type == 129;
	enum echo_verdict v;

	if (!w->echo)
		w->echo = calloc(1, sizeof(*w->echo));
	if (!w->echo)
		return READ_FULL;
	v = echo_packet(w->echo, reply, (uint16_t)s->h.seq, s->h.payload, s->p->time);
	if (v != ECHO_FINE)
		tell_echo(e, s, v);
	return READ_ON;
}

/* The name in a QUIC or DTLS handshake is nDPI's to read. */
static void name_by_ndpi(struct known *k, const struct work *w)
{
	struct inspect_tls tls;
	char name[128];
	size_t n = 0;

	if (k->own != KNOWN_NOTHING || !inspect_tls(w->nd, &tls))
		return;
	for (const char *p = inspect_name(w->nd); *p && n < sizeof(name) - 1; p++)
		name[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
	name[n] = '\0';
	if (n)
		known_name(k, name);
}

static void show_ndpi(struct engine *e, struct step *s)
{
	struct work *w = s->f->work;
	struct known *k = s->f->known;

	if (!w->nd || !s->length)
		return;
	inspect_packet(e->inspect, w->nd, &s->h, s->p->time, &k->finding);
	if (k->finding.confident)
		name_by_ndpi(k, w);
	k->app_final |= k->finding.final;
	if (k->finding.final && k->own != KNOWN_TLS) {
		drop_ndpi(w);
	}
}

/* Data that a control connection announced: nothing is left to recognise. */
bool read_begin(struct engine *e, struct flow *f)
{
	if (f->work->looking)
		return true;
	if (!start_content(e, f, f->known->own))
		return false;
	if (f->work->content)
		contents_ftp_data(e, f);
	return true;
}

enum reading read_packet(struct engine *e, struct step *s)
{
	show_ndpi(e, s);
	if (is_echo(&s->h) && !s->h.cut)
		return read_echo(e, s);
	return s->h.protocol == IPPROTO_TCP ? read_tcp(e, s) : read_datagram(e, s);
}

void read_end(struct engine *e, struct flow *f, int64_t now)
{
	struct work *w = f->work;

	if (!w)
		return;
	if (w->tls && w->tls->hellos && !w->tls_told)
		tell_tls(e, f, now);
	w->tls_told = true;
	contents_end(e, f, now);
	for (; w->http && w->http->oldest; http_answered(w->http))
		tell_http(e, f, now, w->http->oldest, NULL);
}

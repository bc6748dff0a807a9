/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/talks.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/announced.h"
#include "daemon/content/raw.h"
#include "daemon/content/tftp.h"
#include "daemon/decode.h"
#include "daemon/packet.h"
#include "daemon/source_pcap.h"
#include "daemon/stream.h"
#include "tests/unit/web.h"

struct talk {
	ip_t ip[2]; /* client, server */
	uint16_t port[2];
	uint8_t protocol;
	bool looked;
	struct stream stream[2];
	const struct reader *reader;
	void *state;
	struct ftp *ftp;
	struct tftp *tftp;
	struct bodies *bodies;
	struct body_sink sink;
};

struct reading {
	struct talks *t;
	struct stream_pool pool;
	struct announced announced;
	struct tftp_requests asked;
	int64_t now;
};

static const struct {
	uint16_t port;
	const struct reader *reader;
} ports[] = { { 25, &reader_smtp },  { 587, &reader_smtp },  { 143, &reader_imap },
	      { 110, &reader_pop3 }, { 445, &reader_smb },   { 139, &reader_smb },
	      { 80, &reader_web },   { 8080, &reader_web },  { 631, &reader_web },
	      { 8000, &reader_web }, { 9100, &reader_print } };

static struct talk *find(struct reading *r, const struct headers *h, bool *server)
{
	struct talks *t = r->t;

	for (size_t i = t->count; i-- > 0;) {
		struct talk *k = t->list[i];

		for (int side = 0; side < 2 && k->protocol == h->protocol; side++) {
			if (k->ip[side] != h->src || k->ip[!side] != h->dst ||
			    k->port[side] != h->sport || k->port[!side] != h->dport)
				continue;
			*server = side;
			return k;
		}
	}
	if (t->count == TALKS_MAX)
		return NULL;
	struct talk *k = t->list[t->count++] = calloc(1, sizeof(*k));

	k->protocol = h->protocol;
	*server = h->protocol == IPPROTO_TCP &&
		  (h->tcp_flags & TCP_SYN ? h->tcp_flags & TCP_ACK : h->sport < h->dport);
	k->ip[*server] = h->src;
	k->ip[!*server] = h->dst;
	k->port[*server] = h->sport;
	k->port[!*server] = h->dport;
	return k;
}

static void watch(struct talk *k, const struct reader *reader)
{
	k->bodies = bodies_new();
	k->sink = bodies_sink(k->bodies);
	k->reader = reader;
	k->state = reader ? reader->new () : NULL;
}

static void look_for_data(struct reading *r, struct talk *k)
{
	const struct announcement *a =
		announced_find(&r->announced, k->ip[0], k->ip[1], k->port[1]);

	if (!a)
		return;
	watch(k, &reader_raw);
	raw_name(k->state, "FTP", (struct body_text){ a->name, a->name_len },
		 body_text(a->deflate ? "deflate" : ""));
}

static void choose(struct reading *r, struct talk *k)
{
	k->looked = true;
	if (k->port[1] == 21)
		k->ftp = calloc(1, sizeof(*k->ftp));
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (k->port[1] == ports[i].port)
			watch(k, ports[i].reader);
	if (!k->reader && !k->ftp)
		look_for_data(r, k);
}

static void feed_ftp(struct reading *r, struct talk *k, bool server, struct cursor c)
{
	bool announced;

	while (c.left && k->ftp->met != FTP_ENCRYPTED) {
		cursor_skip(&c, ftp_feed(k->ftp, server, c.at, c.left, &announced));
		ip_t from = k->ip[!k->ftp->passive], to = k->ip[k->ftp->passive];

		if (announced)
			announced_add(&r->announced, from, to, k->ftp->port, r->now);
		if (k->ftp->met == FTP_TRANSFER)
			announced_name(&r->announced, from, to, k->ftp);
	}
}

static void feed(struct reading *r, struct talk *k, bool server, struct cursor c)
{
	if (!k->looked)
		choose(r, k);
	if (k->ftp)
		feed_ftp(r, k, server, c);
	else if (k->reader && !k->bodies->gave_up)
		k->bodies->gave_up = k->reader->feed(k->state, server, c.at, c.left, &k->sink);
}

static void segment(struct reading *r, struct talk *k, bool server, const struct headers *h)
{
	struct stream *s = &k->stream[server];
	struct cursor ready;

	if (h->tcp_flags & TCP_SYN)
		stream_syn(s, h->seq + 1);
	if (h->tcp_flags & TCP_ACK)
		stream_ack(&k->stream[!server], h->ack);
	if (!h->payload.left || h->tcp_flags & TCP_SYN)
		return;
	if (stream_segment(s, &r->pool, h->seq, h->payload, &ready) == STREAM_READY)
		feed(r, k, server, ready);
}

static void datagram(struct reading *r, struct talk *k, bool server, const struct headers *h)
{
	struct tftp_request request;

	if (!k->looked) {
		watch(k, NULL);
		if (tftp_take(&r->asked, h->src, h->dst, h->dport, r->now, &request)) {
			k->tftp = calloc(1, sizeof(*k->tftp));
			tftp_init(k->tftp, &request);
		}
	}
	k->looked = true;
	if (k->tftp)
		tftp_datagram(k->tftp, !server, h->payload.at, h->payload.left, &k->sink);
	else if (h->dport == 514)
		syslog_datagram(server, h->payload.at, h->payload.left, &k->sink);
	else if (h->dport == 69 && tftp_request_read(h->payload.at, h->payload.left, &request))
		tftp_asked(&r->asked, h->src, h->sport, h->dst, &request, r->now);
}

static void packet(struct reading *r, const struct packet *p)
{
	struct headers h;
	bool server;

	r->now = p->time;
	if (decode_packet(p, &h) != DECODE_OK || h.fragment ||
	    (h.protocol != IPPROTO_TCP && h.protocol != IPPROTO_UDP))
		return;
	struct talk *k = find(r, &h, &server);

	if (k && h.protocol == IPPROTO_TCP)
		segment(r, k, server, &h);
	else if (k)
		datagram(r, k, server, &h);
}

static void finish(struct reading *r, struct talk *k)
{
	for (int side = 0; side < 2; side++) {
		if (k->reader)
			k->reader->close(k->state, side, &k->sink);
		stream_done(&k->stream[side], &r->pool);
	}
	if (k->reader)
		k->reader->free(k->state);
	if (k->tftp)
		tftp_end(k->tftp, &k->sink);
	free(k->tftp);
	free(k->ftp);
}

struct talks *talks_read(const char *path)
{
	const struct source_pcap_file file = { .path = path };
	const struct source_pcap_conf conf = { .fragments = false };
	struct capture_problem problem;
	struct source *s;
	struct packet p;

	if (source_pcap_open(&file, 1, &conf, &s, &problem))
		return NULL;
	struct reading *r = calloc(1, sizeof(*r));
	struct talks *t = r->t = calloc(1, sizeof(*t));

	while (s->ops->next(s, &p) == 1) {
		const struct outcome pass = { .opinion = false };

		packet(r, &p);
		s->ops->verdict(s, p.id, &pass);
	}
	for (size_t i = 0; i < t->count; i++)
		finish(r, t->list[i]);
	s->ops->close(s);
	free(r);
	return t;
}

void talks_free(struct talks *t)
{
	for (size_t i = 0; t && i < t->count; i++) {
		bodies_free(t->list[i]->bodies);
		free(t->list[i]);
	}
	free(t);
}

const struct bodies *talks_bodies(const struct talks *t, size_t i)
{
	return t->list[i]->bodies;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/source_pcap.h"

#include "daemon/capture/copies.h"
#include "daemon/capture/decap.h"
#include "daemon/capture/defrag.h"
#include "daemon/capture/frame.h"
#include "daemon/capture/interfaces.h"
#include "daemon/capture/link.h"
#include "daemon/capture/pcapng.h"
#include "daemon/packet.h"
#include "daemon/record/event.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BUFFER = 256 << 10, /* of a file's reads */
	NESTED_MAX = 4,     /* tunnels in tunnels */
};

/* One capture file; exactly one of classic and ng reads it. */
struct input {
	struct source_pcap_file file; /* its texts borrowed */
	FILE *stream;                 /* owned by classic once that is open */
	pcap_t *classic;              /* owned */
	struct pcapng *ng;            /* owned */
	struct frame frame;           /* the next one, when `ready` */
	uint32_t link_type, number;   /* classic; number 0: as the file says */
	uint64_t frames;
	bool ready, ended;
};

struct counters {
	uint64_t frames, bytes, other, malformed, copies, decapsulated;
};

struct source_pcap {
	struct source source;
	struct source_pcap_conf conf;
	struct input *inputs; /* owned; count of them */
	size_t count;
	struct input *given; /* borrowed: whose frame the last packet was */
	struct interfaces interfaces;
	struct defrag *defrag;            /* owned; NULL: fragments are handed over */
	struct copies *copies;            /* owned; NULL: both sights are */
	uint32_t last_index, last_number; /* Linux cooked v2: the number found for an index */
	uint32_t next_id;
	struct counters counters;
	struct capture_problem problem;
};

/* ---- problems ---- */

static void set_path(struct capture_problem *p, const char *path)
{
	size_t n = strlen(path);

	if (n < sizeof(p->path))
		memcpy(p->path, path, n + 1);
	else
		snprintf(p->path, sizeof(p->path), "...%s", path + n - (sizeof(p->path) - 4));
}

static int fail(struct source_pcap *s, const struct input *in, int error)
{
	s->problem = (struct capture_problem){ .error = error, .packets = in->frames };
	set_path(&s->problem, in->file.path);
	return error;
}

static int unknown_link(struct source_pcap *s, const struct input *in, uint32_t type)
{
	const char *name = pcap_datalink_val_to_name((int)type);
	int r = fail(s, in, -EPROTONOSUPPORT);

	s->problem.link_type = type;
	snprintf(s->problem.link_name, sizeof(s->problem.link_name), "%s", name ? name : "");
	return r;
}

/* ---- one file ---- */

static uint32_t interface_of_section(void *ctx, const char *name)
{
	return interfaces_number(ctx, name);
}

static int open_classic(struct source_pcap *s, struct input *in)
{
	char why[PCAP_ERRBUF_SIZE];

	in->classic = pcap_fopen_offline_with_tstamp_precision(in->stream,
							       PCAP_TSTAMP_PRECISION_NANO, why);
	if (!in->classic)
		return fail(s, in, -EPROTO);
	in->link_type = (uint32_t)pcap_datalink(in->classic);
	return link_known(in->link_type) ? 0 : unknown_link(s, in, in->link_type);
}

static int open_stream(struct source_pcap *s, struct input *in)
{
	int fd;

	if (strcmp(in->file.path, "-") != 0) {
		in->stream = fopen(in->file.path, "rbe");
		return in->stream ? 0 : fail(s, in, -errno);
	}
	fd = dup(STDIN_FILENO);
	in->stream = fd < 0 ? NULL : fdopen(fd, "rb");
	return in->stream ? 0 : fail(s, in, -errno);
}

/* The first byte tells the formats apart and can be put back even on a pipe. */
static int open_input(struct source_pcap *s, struct input *in)
{
	int first, r = open_stream(s, in);

	if (r)
		return r;
	setvbuf(in->stream, NULL, _IOFBF, BUFFER);
	first = getc(in->stream);
	if (first == EOF)
		return fail(s, in, ferror(in->stream) ? -errno : -EPROTO);
	ungetc(first, in->stream);
	if (in->file.interface)
		in->number = interfaces_number(&s->interfaces, in->file.interface);
	if (first != PCAPNG_FIRST_BYTE)
		return open_classic(s, in);
	in->ng = pcapng_new(in->stream, interface_of_section, &s->interfaces);
	return in->ng ? 0 : fail(s, in, -ENOMEM);
}

static void close_input(struct input *in)
{
	pcapng_free(in->ng);
	if (in->classic)
		pcap_close(in->classic);
	else if (in->stream)
		fclose(in->stream);
}

/* libpcap tells a cut file from a damaged one only in words. */
static int classic_error(pcap_t *p)
{
	return strstr(pcap_geterr(p), "truncated") ? -EPIPE : -EBADMSG;
}

static int next_classic(struct input *in)
{
	struct pcap_pkthdr *h;
	const u_char *data;
	int r = pcap_next_ex(in->classic, &h, &data);
	int64_t time;

	if (r != 1)
		return r == PCAP_ERROR_BREAK ? -ENODATA : classic_error(in->classic);
	time = h->ts.tv_sec * 1000000000ll + h->ts.tv_usec; /* both are signed 32-bit in the file */
	in->frame = (struct frame){
		.data = data,
		.len = h->caplen,
		.wire_len = h->len > h->caplen ? h->len : h->caplen,
		.time = time < 0 ? 0 : time,
		.link_type = in->link_type,
	};
	return 1;
}

/* Reads the file's next frame. Return: 1; 0 at its end; or an error that was noted. */
static int advance(struct source_pcap *s, struct input *in)
{
	int r = in->classic ? next_classic(in) : pcapng_next(in->ng, &in->frame);

	in->ready = r == 1;
	in->ended = r != 1;
	if (r == -ENODATA)
		return 0;
	if (r != 1)
		return fail(s, in, r);
	in->frames++;
	if (in->number)
		in->frame.number = in->number;
	return 1;
}

/* ---- all files as one ---- */

static int fill(struct source_pcap *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct input *in = &s->inputs[i];
		int r = in->ready || in->ended ? 0 : advance(s, in);

		if (r < 0)
			return r;
	}
	return 0;
}

static int next_frame(struct source_pcap *s, struct input **from)
{
	struct input *first = NULL;
	int r;

	if (s->given)
		s->given->ready = false;
	r = fill(s);
	if (r)
		return r;
	for (size_t i = 0; i < s->count; i++) {
		struct input *in = &s->inputs[i];

		if (in->ready && (!first || in->frame.time < first->frame.time))
			first = in;
	}
	s->given = *from = first;
	if (first)
		return 1;
	return s->counters.frames ? -ENODATA : fail(s, &s->inputs[0], -ENOMSG);
}

/* ---- from a frame to a packet ---- */

static const char *name_of_index(const struct source_pcap *s, uint32_t index, char buf[static 16])
{
	for (size_t i = 0; i < s->conf.index_count; i++)
		if (s->conf.indexes[i].index == index)
			return s->conf.indexes[i].name;
	snprintf(buf, 16, "#%u", index);
	return buf;
}

static uint32_t number_of_index(struct source_pcap *s, uint32_t index)
{
	char buf[16];

	if (index != s->last_index) {
		s->last_number = interfaces_number(&s->interfaces, name_of_index(s, index, buf));
		s->last_index = index;
	}
	return s->last_number;
}

static void set_packet(struct source_pcap *s, const struct frame *f, const struct link *l,
		       struct packet *p)
{
	uint32_t header = f->len - (uint32_t)l->ip.left;
	uint32_t number = f->number;

	if (!number && l->ifindex)
		number = number_of_index(s, l->ifindex);
	*p = (struct packet){
		.data = l->ip.at,
		.len = (uint32_t)l->ip.left,
		.wire_len = f->wire_len - header,
		.frame_len = f->len,
		.time = f->time,
		.ifin = number,
		.vlan = l->vlan,
		.has_mac = l->has_mac,
	};
	memcpy(p->mac, l->mac, sizeof(p->mac));
}

/*
 * Tunnels are opened one by one; each may have been fragmented outside or inside. Return: whether there
 * is a packet to look at.
 */
static bool unwrap(struct source_pcap *s, struct packet *p)
{
	for (int n = 0;; n++) {
		if (s->defrag && defrag_packet(s->defrag, p) == DEFRAG_KEPT)
			return false;
		if (!s->conf.decapsulate || n == NESTED_MAX)
			return true;
		switch (decap_packet(s->conf.decapsulate, p)) {
		case DECAP_NONE: return true;
		case DECAP_OPENED: s->counters.decapsulated++; break;
		case DECAP_NO_IP: s->counters.other++; return false;
		}
	}
}

static bool begins_like_ip(const struct cursor *c)
{
	return c->left >= 20 && (c->at[0] >> 4 == 4 || c->at[0] >> 4 == 6);
}

/* Where neither interfaces nor directions are known there is nothing to tell copies by. */
static bool is_copy(struct source_pcap *s, const struct packet *p, uint8_t direction)
{
	return s->copies && (p->ifin || direction) &&
	       copies_seen(s->copies, p, direction == LINK_OUT);
}

/* Return: 1 a packet; 0 nothing to look at; or an error that was noted. */
static int take(struct source_pcap *s, const struct input *in, struct packet *p)
{
	const struct frame *f = &in->frame;
	struct link l;
	uint8_t direction;

	s->counters.frames++;
	s->counters.bytes += f->len;
	switch (link_strip(f->link_type, cursor_of(f->data, f->len), &l)) {
	case LINK_IP: break;
	case LINK_OTHER:
		if (s->conf.loose && begins_like_ip(&l.ip))
			break;
		s->counters.other++;
		return 0;
	case LINK_SHORT: s->counters.malformed++; return 0;
	case LINK_UNKNOWN: return unknown_link(s, in, f->link_type);
	}
	set_packet(s, f, &l, p);
	direction = f->direction ? f->direction : l.direction;
	if (is_copy(s, p, direction)) {
		s->counters.copies++;
		return 0;
	}
	if (direction == LINK_OUT) {
		p->ifout = p->ifin;
		p->ifin = 0;
	}
	return unwrap(s, p);
}

/* ---- the four functions of a source ---- */

static int pcap_source_fd(struct source *source)
{
	(void)source;
	return -1;
}

static int pcap_source_next(struct source *source, struct packet *p)
{
	struct source_pcap *s = (struct source_pcap *)source;
	struct input *in;
	int r = s->problem.error;

	while (r == 0) {
		r = next_frame(s, &in);
		if (r == 1)
			r = take(s, in, p);
	}
	if (r == 1)
		p->id = s->next_id++;
	return r;
}

static int pcap_source_verdict(struct source *source, uint32_t id, const struct outcome *o)
{
	(void)source, (void)id, (void)o;
	return 0;
}

static void pcap_source_close(struct source *source)
{
	struct source_pcap *s = (struct source_pcap *)source;

	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		close_input(&s->inputs[i]);
	free(s->inputs);
	interfaces_done(&s->interfaces);
	defrag_free(s->defrag);
	copies_free(s->copies);
	free(s);
}

static const struct source_ops ops = {
	.fd = pcap_source_fd,
	.next = pcap_source_next,
	.verdict = pcap_source_verdict,
	.close = pcap_source_close,
};

/* ---- open ---- */

static struct source_pcap *make(const struct source_pcap_file *files, size_t count,
				const struct source_pcap_conf *conf)
{
	struct source_pcap *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->source.ops = &ops;
	s->conf = *conf;
	s->interfaces.told = conf->interface;
	s->interfaces.ctx = conf->ctx;
	s->inputs = calloc(count, sizeof(*s->inputs));
	s->defrag = conf->fragments ? NULL : defrag_new(&defrag_conf_default);
	s->copies = conf->copies ? NULL : copies_new();
	if (!s->inputs || (!s->defrag && !conf->fragments) || (!s->copies && !conf->copies)) {
		pcap_source_close(&s->source);
		return NULL;
	}
	s->count = count;
	for (size_t i = 0; i < count; i++)
		s->inputs[i].file = files[i];
	return s;
}

int source_pcap_open(const struct source_pcap_file *files, size_t count,
		     const struct source_pcap_conf *conf, struct source **out,
		     struct capture_problem *problem)
{
	struct source_pcap *s = make(files, count, conf);
	int r = s ? 0 : -ENOMEM;

	*problem = (struct capture_problem){ .error = r };
	for (size_t i = 0; i < count && r == 0; i++)
		r = open_input(s, &s->inputs[i]);
	if (r == 0) {
		*out = &s->source;
		return 0;
	}
	if (s)
		*problem = s->problem;
	pcap_source_close(s ? &s->source : NULL);
	return r;
}

const struct capture_problem *source_pcap_problem(const struct source *source)
{
	return &((const struct source_pcap *)source)->problem;
}

struct source_pcap_file source_pcap_parse(char *operand)
{
	char *equals = strchr(operand, '=');

	if (!equals || equals == operand || memchr(operand, '/', (size_t)(equals - operand)) ||
	    access(operand, F_OK) == 0)
		return (struct source_pcap_file){ .path = operand };
	*equals = '\0';
	return (struct source_pcap_file){ .path = equals + 1, .interface = operand };
}

size_t source_pcap_parse_indexes(char *text, struct source_pcap_index *out, size_t max)
{
	size_t n = 0;

	for (char *one = strsep(&text, ","); one; one = strsep(&text, ",")) {
		char *end;
		unsigned long index = strtoul(one, &end, 10);

		if (n == max || end == one || *end != '=' || end[1] == '\0' || index == 0 ||
		    index > UINT32_MAX)
			return 0;
		out[n++] = (struct source_pcap_index){ (uint32_t)index, end + 1 };
	}
	return n;
}

size_t source_pcap_counters(const struct source *source, struct event_counter *out, size_t max)
{
	static const struct defrag_counters none;
	const struct source_pcap *s = (const struct source_pcap *)source;
	const struct defrag_counters *d = s->defrag ? defrag_counters(s->defrag) : &none;
	const struct event_counter all[] = {
		{ "capture", "frames", s->counters.frames },
		{ "capture", "bytes", s->counters.bytes },
		{ "capture", "not_ip", s->counters.other },
		{ "capture", "malformed", s->counters.malformed },
		{ "capture", "copies", s->counters.copies },
		{ "capture", "decapsulated", s->counters.decapsulated },
		{ "defrag", "fragments", d->fragments },
		{ "defrag", "reassembled", d->reassembled },
		{ "defrag", "duplicates", d->duplicates },
		{ "defrag", "overlaps", d->overlaps },
		{ "defrag", "timeouts", d->timeouts },
		{ "defrag", "refused", d->refused },
	};
	size_t n = sizeof(all) / sizeof(all[0]);

	if (n > max)
		n = max;
	memcpy(out, all, n * sizeof(*out));
	return n;
}

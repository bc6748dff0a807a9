/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/source_pcap.h"

#include "daemon/capture/frame.h"
#include "daemon/capture/interfaces.h"
#include "daemon/capture/link.h"
#include "daemon/capture/pcapng.h"
#include "daemon/capture/unwrap.h"
#include "daemon/packet.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 256 << 10 }; /* of a file's reads */

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

struct source_pcap {
	struct source source;
	struct input *inputs; /* owned; count of them */
	size_t count;
	struct input *given; /* borrowed: whose frame the last packet was */
	struct interfaces interfaces;
	struct unwrap *unwrap; /* owned */
	uint64_t frames;
	uint32_t next_id;
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
	return s->frames ? -ENODATA : fail(s, &s->inputs[0], -ENOMSG);
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
	enum unwrap_result r = UNWRAP_NOTHING;
	struct input *in = NULL;

	while (r == UNWRAP_NOTHING) {
		int e = s->problem.error ? s->problem.error : next_frame(s, &in);

		if (e != 1)
			return e;
		s->frames++;
		r = unwrap_frame(s->unwrap, &in->frame, p);
	}
	if (r == UNWRAP_UNKNOWN_LINK)
		return unknown_link(s, in, in->frame.link_type);
	p->id = s->next_id++;
	return 1;
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
	unwrap_free(s->unwrap);
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
	s->interfaces.told = conf->interface;
	s->interfaces.ctx = conf->ctx;
	s->inputs = calloc(count, sizeof(*s->inputs));
	s->unwrap = unwrap_new(conf, &s->interfaces);
	if (!s->inputs || !s->unwrap) {
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
	return unwrap_counters(((const struct source_pcap *)source)->unwrap, out, max);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * work: what an engine keeps of a flow besides its figures, and of the packet at hand.
 *
 * `work` is there while a flow is looked into and freed when it is decided; `known` is what was found
 * out, small, kept to the end: a changed policy judges a decided flow again from it.
 */
#ifndef DAEMON_WORK_H
#define DAEMON_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/content/hold.h"
#include "daemon/content/recognise.h"
#include "daemon/decode.h"
#include "daemon/inspect.h"
#include "daemon/judge.h"
#include "daemon/packet.h"
#include "daemon/record/event.h"
#include "daemon/sink.h"
#include "daemon/stream.h"

#define KNOWN_EARLIER_MAX 15u		/* names, in at most KNOWN_EARLIER_BYTES */
#define KNOWN_EARLIER_BYTES 1024u

struct conversation;
struct echo;
struct flow;
struct ftp;
struct http;
struct http_body;
struct tftp;
struct tls;

struct work_pool {
	struct stream_pool streams;
	size_t used;			/* bytes that all works hold besides their streams */
	size_t max;			/* at it no work is made and none may grow */
};

struct known {
	struct finding finding;		/* nDPI's */
	char *name;			/* owned; asked for last, lower case; NULL none yet */
	char *earlier;			/* owned; names asked for before it, each once, one a line; NULL none */
	uint32_t expect[2];		/* of a refused TCP flow: sequence number that [up, down]'s receiver waits for */
	uint8_t own;			/* enum recognised */
	uint8_t inner;			/* ... inside a proxy's tunnel */
	bool app_final, name_final;
	uint8_t earlier_count;		/* names in earlier */
	bool body;			/* an HTTP request carried one */
};

/* What content inspection has found on a connection so far, by detector: contents.c. */
struct content_sums {
	uint32_t found[DETECT_COUNT];	/* confirmed numbers, records, marks; files */
	uint32_t told[DETECT_COUNT];	/* the sum that was told last */
	uint8_t unread_told;
};

/* An SMTP envelope, for its event. Recipients one a line, as many as there is room for. */
struct letter {
	char helo[128], from[256], to[1024];
};

struct work {
	struct inspect_flow *nd;	/* owned; NULL when nDPI has nothing more to say */
	struct stream stream[2];	/* TCP: [up, down] */
	uint32_t from[2];		/* where the conversation that is being recognised begins */
	bool begun[2];			/* of from */
	bool looking;			/* first bytes are still being compared */
	bool meanwhile;			/* content is what is looked through until then */
	bool tunnel;			/* a proxy's tunnel is open: `inner` is what counts */
	bool proxied;			/* a request named its server: one connection, many servers */
	bool answered;			/* HTTP: the first answer has come */
	bool blind;			/* bytes went by that nobody saw: nothing can be read any more */
	bool unread;			/* no reader for it: bytes are only counted */
	bool text_wanted;		/* SMTP: the server has asked for a mail's text and said nothing since */
	bool sinking;			/* it is refused, and what still comes is overwritten */
	struct sink_end end;		/* ... until then */
	uint32_t server_stamp;		/* ... the server's latest timestamp */
	bool server_stamped;
	const char *bad;		/* a reader met what it cannot read: an EVE event word */
	uint64_t passed[2];		/* payload bytes let through */
	uint64_t before_tunnel;		/* of passed[0] */
	uint32_t told;			/* bits of enum event_reason: alerts given once a flow */
	struct tls *tls;		/* owned, as the readers below; NULL until recognised */
	struct http *http;
	struct ftp *ftp;
	struct hold dns[2];
	struct http_body *http_body;	/* owned; with content and http */
	struct echo *echo;		/* owned; of a ping */
	struct conversation *content;	/* owned; NULL where content is not inspected */
	struct content_sums content_sums;
	struct tftp *tftp;		/* owned; a file over TFTP */
	struct letter *letter;		/* owned; SMTP: the envelope under way */
	bool tls_told;
	size_t charged;			/* its share of work_pool.used */
};

/* Of an alert about content: where it is, in texts that outlive the document. */
struct content_facts {
	struct event_content at;	/* its texts point into the arrays, or to literals */
	uint64_t count;
	bool reply;			/* sent by the opener's peer */
	char path[EVENT_CONTENT_PATH], file[EVENT_CONTENT_FILE], kind[16];
};

/* The packet at hand on its way through the engine. */
struct step {
	const struct packet *p;
	struct headers h;
	struct flow *f;
	bool reply, fresh;
	uint32_t length;		/* payload bytes */
	uint32_t next_seq;		/* TCP: what was expected from its sender before it came, if seq_known */
	bool seq_known;
	uint32_t passed_to;		/* TCP, when read: its receiver has all before it, in order */
	bool passed_known;
	struct judgement judgement;	/* the last one about this packet */
	const char *detail, *detail_ja;	/* what exactly, of an alert about it; or NULL */
	const struct content_facts *content;	/* what it is about, of content detectors; else NULL */
	struct outcome out;
};

/* work_new - for a flow whose first payload is in the packet at hand; NULL: no memory, or the pool is full */
struct work *work_new(const struct step *s, struct work_pool *pool);
void work_free(struct work *w, struct work_pool *pool);

/* work_charge - put what it holds now on the pool's account. False: it has grown, and the pool is full */
bool work_charge(struct work *w, struct work_pool *pool);

/* known_of - the flow's, made when there is none; NULL: no memory */
struct known *known_of(struct flow *f);
/* known_name - what the client asks for now, "" nothing; of those before it KNOWN_EARLIER_MAX are kept */
void known_name(struct known *k, const char *name);
void known_free(struct known *k);

#endif

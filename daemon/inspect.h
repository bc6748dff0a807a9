/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inspect: step 4 of 7, which application speaks in a flow, as nDPI sees it. Evidence, not judgement.
 *
 * The only module that knows nDPI, 4.2 to 5.0. One module of nDPI an engine: its caches (who was
 * seen to speak BitTorrent, STUN, Teams ...) are part of the answer, so the same packets in the
 * same order give the same answers. Time is the packets'.
 */
#ifndef DAEMON_INSPECT_H
#define DAEMON_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct headers;
struct inspect;
struct inspect_flow;		/* what nDPI keeps of one flow, about 700 bytes; free it when `final` */

struct inspect_conf {
	uint16_t udp_packets;		/* give up when a flow had more; nDPI itself stops looking after 32 */
	uint16_t tcp_packets;
	uint16_t other_packets;
	bool guess;			/* when giving up name what port or address suggest; never `confident` */
	const char *protocols_file;	/* further hosts and ports in nDPI's own format, or NULL */
};
extern const struct inspect_conf inspect_conf_default;	/* 8, 24, 32, no guess: as Suricata's plugin */
extern const struct inspect_conf inspect_conf_reader;	/* 24, 80, never, guess: as ndpiReader 4.2 counts */

/*
 * Protocols are nDPI's numbers, 0 unknown. TLS to Google is master TLS, app Google; plain TLS is app
 * TLS, master 0.
 */
struct finding {
	uint16_t master, app;
	uint16_t category;
	bool confident;			/* the dissectors saw it, in this flow or in one it belongs to */
	bool app_by_address;		/* only `master` was seen; `app` is whose address it is */
	bool final;			/* no later packet changes it; the state can be freed */
};

/**
 * inspect_new - start nDPI with every protocol it knows
 * Takes about 50 ms and opens files, so before a sandbox closes.
 * Return: NULL when there is no memory, the library is not the one this was built for, or
 * @conf->protocols_file cannot be read.
 */
struct inspect *inspect_new(const struct inspect_conf *conf);
void inspect_free(struct inspect *in);

struct inspect_flow *inspect_flow_new(void);	/* NULL: no memory */
void inspect_flow_free(struct inspect_flow *f);

/**
 * inspect_packet - show the next packet of a flow, either direction
 * @h: of decode_packet; not a fragment other than the first
 * @now: the packet's time, ns since 1970
 * A packet that the capture cut short, or longer than 64 KB, is counted and not looked at.
 */
void inspect_packet(struct inspect *in, struct inspect_flow *f, const struct headers *h, int64_t now,
		    struct finding *out);

/* inspect_give_up - no packet will come any more, or none may: the last word on a flow */
void inspect_give_up(struct inspect *in, struct inspect_flow *f, struct finding *out);

/* inspect_bytes - the memory it has taken, what its dissectors keep included; never less than it holds */
size_t inspect_bytes(const struct inspect_flow *f);

/* inspect_packets - how many packets of the flow were shown */
unsigned int inspect_packets(const struct inspect_flow *f);

/* inspect_name - host name, SNI or query as nDPI keeps it: at most 79 bytes, "" none. Borrowed from @f. */
const char *inspect_name(const struct inspect_flow *f);

/* Of the server's certificate, as nDPI writes names: "C=JP, O=...". Borrowed from the flow; NULL where absent. */
struct inspect_tls {
	const char *subject, *issuer;
};
/* inspect_tls - Return: false when the flow is neither TLS nor QUIC */
bool inspect_tls(const struct inspect_flow *f, struct inspect_tls *out);

/**
 * inspect_app_named - the number of a protocol, "TLS" or "tls"
 * Return: 0, or -ENOENT: this nDPI has no such protocol (inspect_app_count helps to find what was meant).
 */
int inspect_app_named(struct inspect *in, const char *name, uint16_t *number);
const char *inspect_app_name(struct inspect *in, uint16_t number);	/* "Unknown" for 0 and past the end */
uint16_t inspect_app_count(struct inspect *in);				/* numbers are below it */
const char *inspect_category_name(struct inspect *in, uint16_t category);

#define INSPECT_LABEL 64
/* inspect_label - "TLS.Google", "TLS" or "Unknown" */
const char *inspect_label(struct inspect *in, const struct finding *what, char buf[static INSPECT_LABEL]);

const char *inspect_library(void);	/* "nDPI 4.2.0-..." */

#endif

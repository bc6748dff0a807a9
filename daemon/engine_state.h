/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine_state: what the parts of the engine share: engine.c (the way), ruleset.c (a capture's stand-in
 * for the kernel), read.c (bytes to facts), tell.c (facts to events).
 */
#ifndef DAEMON_ENGINE_STATE_H
#define DAEMON_ENGINE_STATE_H

#include "daemon/announced.h"
#include "daemon/content/dns.h"
#include "daemon/content/document.h"
#include "daemon/content/tftp.h"
#include "daemon/engine.h"
#include "daemon/flow.h"
#include "daemon/loaded.h"
#include "daemon/mangle.h"
#include "daemon/reset.h"
#include "daemon/work.h"

#define ENGINE_INTERFACES_MAX 1024u
#define TELL_SCRATCH 16384u

struct interface {
	uint32_t index;
	uint32_t zone;			/* of the policy in force, or POLICY_NONE */
	char name[32];
};

struct bucket {				/* `limit rate`: so many a second of packet time, a few at once */
	int64_t last;			/* ns */
	uint32_t tokens;		/* thousandths */
};

/* X(group, name, field): the figures of engine_counters, in its order */
#define ENGINE_COUNTERS(X) \
	X("decoder", "pkts", packets) X("decoder", "bytes", bytes) X("decoder", "invalid", invalid) \
	X("decoder", "ipv4", v4) X("decoder", "ipv6", v6) X("decoder", "tcp", tcp) X("decoder", "udp", udp) \
	X("decoder", "icmpv4", icmp) X("decoder", "icmpv6", icmp6) \
	X("flow", "total", flows) X("flow", "active", active) X("flow", "memcap", evicted) \
	X("tcp", "overlap_diff_data", differs) X("tcp", "reassembly_gap", gaps) \
	X("tcp", "midstream_pickups", midstream) \
	X("ips", "accepted", accepted) X("ips", "blocked", blocked) X("ips", "rejected", rejected) \
	X("ips", "replaced", replaced) X("detect", "alert", alerts) \
	X("engine", "passed_flows", passed_flows) X("engine", "denied_flows", denied_flows) \
	X("engine", "orphans", orphans) X("engine", "not_forwarded", not_forwarded) \
	X("engine", "refused_at_boundary", refused) X("engine", "alerts_suppressed", suppressed) \
	X("engine", "anomalies_suppressed", anomalies_suppressed) X("engine", "no_memory", no_memory) \
	X("engine", "related", related) X("engine", "unreadable", unreadable) \
	X("engine", "answered", answered) X("engine", "not_answered", not_answered) \
	X("engine", "offers_hidden", hidden) X("engine", "blanked", blanked) \
	X("content", "bodies", bodies) X("content", "parts", parts) X("content", "bytes", content_bytes) \
	X("content", "unpacked", unpacked) X("content", "unread", parts_unread) X("content", "memory", content_memory)
#define ENGINE_COUNTER_(G, N, F) uint64_t F;
struct engine_counts {
	ENGINE_COUNTERS(ENGINE_COUNTER_)
};

struct told;				/* ruleset.c */

struct engine {
	struct engine_conf conf;
	struct flow_table *flows;	/* owned */
	struct inspect *inspect;	/* owned */
	struct loaded *now, *before, *next;	/* owned; in force, the one before, the one loaded */
	struct told *denied;		/* owned; NULL until a capture needs it */
	struct interface *interfaces;	/* owned; ENGINE_INTERFACES_MAX */
	uint32_t interface_count;
	struct announced announced;
	struct tftp_requests tftp;
	struct work_pool works;
	struct bucket anomalies, replies;
	struct engine_counts count;
	int64_t time;			/* of the latest packet, ns; never steps back */
	int64_t change_at;		/* s: some statement opens or closes then */
	uint64_t serial;		/* of flows */
	uint32_t epoch;			/* flows of an earlier one are judged again when they come */
	uint8_t reset[RESET_MAX];
	uint8_t mangled[MANGLE_MAX];
	struct document_pool documents;
	struct tallies *tallies;	/* owned */
	struct content_facts content;	/* of the refusal at hand */
	struct dns_message dns;		/* the one at hand: too large to be cleared on a stack for every packet */
	char scratch[TELL_SCRATCH];	/* texts of the event being told */
	uint32_t scratch_used;
};

/* bucket_take - whether one more may go; rate a second, burst at once */
bool bucket_take(struct bucket *b, int64_t now, uint32_t rate, uint32_t burst);

/* The zone of an interface of engine_interface, or POLICY_NONE; and its name or NULL. */
uint32_t interface_zone(const struct engine *e, uint32_t index);
const char *interface_name(const struct engine *e, uint32_t index);

/* engine_second - the second as of which dates are judged where it is @ns (both since 1970) */
int64_t engine_second(const struct engine *e, int64_t ns);
/* engine_next_change - when e->change_at is due, from e->time on */
void engine_next_change(struct engine *e);

/* loaded_of, policy_of - the policy whose indexes a flow holds: the one in force, the one before, or NULL */
const struct loaded *loaded_of(const struct engine *e, const struct flow *f);
const struct policy *policy_of(const struct engine *e, const struct flow *f);

/* flow_inspection - how far a flow was looked into (enum event_inspection) */
uint8_t flow_inspection(const struct flow *f);

/* engine_judge - facts so far -> s->judgement. Return: whether the flow is denied. */
bool engine_judge(struct engine *e, struct step *s);

/* ---- ruleset.c ---- */

enum admission { ADMITTED, NOT_FORWARDED, REFUSED };

/**
 * ruleset_admit - what the kernel's ruleset would do with the first packet of a flow of a capture
 * Sets zones, class and class number of the flow. A refusal has been told.
 */
enum admission ruleset_admit(struct engine *e, struct step *s);

/* ruleset_refuse - tell a packet that no flow stands for, aggregated as the kernel does */
void ruleset_refuse(struct engine *e, struct step *s, uint8_t reason, uint32_t statement);
void ruleset_free(struct told *t);

/* ---- read.c ---- */

enum reading { READ_ON, READ_DENIED, READ_DROP, READ_FULL };	/* FULL: no memory to look into it */

/* read_begin - of a flow whose work is new. False: no memory */
bool read_begin(struct engine *e, struct flow *f);

/* read_packet - show a packet of an undecided flow to nDPI and the readers, judging each thing found out */
enum reading read_packet(struct engine *e, struct step *s);

/* read_end - tell what is left of readers that end early (a hello without an answer, requests likewise) */
void read_end(struct engine *e, struct flow *f, int64_t now);

/* read_watched - whether something is left to find out of a flow that may pass */
bool read_watched(const struct engine *e, const struct flow *f);

/* ---- contents.c ---- */

struct conversation;
struct reader;

/* contents_new - for a flow whose content is inspected; NULL: it is not, or no memory (traits say which) */
struct conversation *contents_new(struct engine *e, const struct flow *f, const struct reader *reader);

/* The next bytes in order of s->reply's side, of a flow with work->content: by its reader, or as they are. */
enum reading contents_feed(struct engine *e, struct step *s, struct cursor c);
enum reading contents_raw(struct engine *e, struct step *s, struct cursor c);
/* What http_feed came upon; bytes after an upgrade; what ftp_feed met. */
enum reading contents_http(struct engine *e, struct step *s, uint8_t step);
enum reading contents_upgraded(struct engine *e, struct step *s, struct cursor c);
enum reading contents_ftp(struct engine *e, struct step *s, uint8_t met);
/* contents_ftp_data - of an FTP data connection: the name that was asked for on its control connection */
void contents_ftp_data(struct engine *e, const struct flow *f);
/* contents_tftp - of a UDP conversation's first datagram: is it a request for a file, or the file? False: no memory */
bool contents_tftp(struct engine *e, struct step *s);
enum reading contents_datagram(struct engine *e, struct step *s, struct cursor c);

/* contents_watched - whether what it carries is looked at as long as it lasts */
bool contents_watched(const struct flow *f);

/* contents_end - no more bytes come: what stood open counts, files are told */
void contents_end(struct engine *e, struct flow *f, int64_t now);

/* ---- tell.c ---- */

void tell_alert(struct engine *e, const struct step *s, const struct judgement *j, bool blocked);
/* tell_once - the same for something that can happen with every packet: once a flow and reason */
void tell_once(struct engine *e, struct step *s, uint8_t detector, uint8_t reason, bool blocked);
/* tell_boundary - a packet without a flow */
void tell_boundary(struct engine *e, const struct step *s, uint32_t from, uint32_t to, uint8_t reason,
		   uint32_t statement);
void tell_flow(struct engine *e, const struct flow *f, enum flow_end why);
void tell_anomaly(struct engine *e, const struct step *s, const char *kind, const char *protocol,
		  const char *word);
struct dns_message;
struct http_answer;
struct http_request;
void tell_dns(struct engine *e, const struct step *s, const struct dns_message *m);
void tell_http(struct engine *e, const struct flow *f, int64_t now, const struct http_request *r,
	       const struct http_answer *a);
void tell_tls(struct engine *e, const struct flow *f, int64_t now);
void tell_file(struct engine *e, const struct step *s, const struct content_facts *c, bool whole);
struct body_text;
void tell_command(struct engine *e, const struct step *s, const char *protocol, struct body_text word,
		  struct body_text text);
void tell_letter(struct engine *e, const struct step *s, const struct letter *l);

#endif

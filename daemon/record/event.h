/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event: step 7 of 7, what is told (contract C4): one struct, one JSON line compatible with
 * Suricata's EVE plus one object `sekimori`.
 *
 * An event stands alone: names are text, not indexes, so whoever prints it needs no policy. Texts
 * are borrowed from the policy or the packet for the length of the emit() call. `seq` and `prev`
 * are the recorder's business and not here. Personal numbers never get into an event: content of a
 * peer passes event_mask() first.
 */
#ifndef DAEMON_RECORD_EVENT_H
#define DAEMON_RECORD_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/policy.h"

struct text;

#define EVENT_TYPES(X) X(ALERT, "alert") X(FLOW, "flow") X(DNS, "dns") X(HTTP, "http") X(TLS, "tls") \
	X(ANOMALY, "anomaly") X(STATS, "stats") X(SMTP, "smtp") X(FTP, "ftp") X(SMB, "smb") X(FILEINFO, "fileinfo")
#define EVENT_DETECTORS(X) X(NONE, NULL) X(SEGMENTATION, "segmentation") X(APPLICATION, "application") \
	X(NAME, "name") X(MY_NUMBER, "my-number") X(RESIDENT_CODE, "resident-code") X(RECORD, "record") \
	X(LABEL, "label") X(REGISTER, "register") X(UNINSPECTABLE, "uninspectable") \
	X(DNS_TUNNEL, "dns-tunnel") X(ICMP_TUNNEL, "icmp-tunnel") X(BEACON, "beacon") X(UPLOAD, "upload") \
	X(LONG_CONNECTION, "long-connection") X(SCAN, "scan") X(FEED, "feed") X(PROTOCOL, "protocol") \
	X(ASSET, "asset") X(DRIFT, "drift") X(FAIL_STATE, "fail-state") X(LOSS, "loss") X(ADMIN, "admin")
#define EVENT_REASONS(X) X(NONE, NULL) X(NOT_PERMITTED, "not-permitted") X(DENIED, "denied") \
	X(SPOOFED_ADDRESS, "spoofed-address") X(WRONG_MAC, "wrong-mac") X(INVALID, "invalid-state") \
	X(APPLICATION, "application-mismatch") X(UNKNOWN_APPLICATION, "unknown-application") \
	X(NAME, "name-mismatch") X(NO_NAME, "no-name") X(DIRECTION, "direction") X(ENDED, "permit-ended") \
	X(MIDSTREAM, "midstream") X(RESTART, "restart") X(UNDECODABLE, "undecodable") X(OVERLOAD, "overload") \
	X(NO_INSPECTOR, "no-inspector") X(MEMORY, "memory") X(RELATED, "related-not-plausible") \
	X(RETRANSMIT, "retransmission-differs") X(OBSERVED, "observed") X(KERNEL_DIFFERS, "kernel-differs") \
	X(TABLE_FULL, "table-full") X(POLICY_CHANGE, "policy-change") X(APPLY, "apply") X(START, "start") \
	X(STOP, "stop") X(REFUSED_REQUEST, "refused-request") X(PROCESS_ENDED, "process-ended") \
	X(PLUGS, "plugs-exchanged") X(CLOCK, "clock") X(ENDING, "permit-ending") X(REVIEW, "review-due") \
	X(FOREIGN_CHANGE, "foreign-change") X(SETTING_CHANGE, "setting-change") \
	X(CONFIRM, "confirm") X(ROLLBACK, "rollback") X(UNCONFIRMED, "unconfirmed") X(WAITING, "waiting") \
	X(APPROVE, "approve") X(OVERRIDE, "override") X(EMERGENCY, "emergency") \
	X(CONTENT, "content") X(UNREAD, "unread") X(STARTTLS, "starttls") X(FILE, "file") X(SLOW, "slow") \
	X(LIMIT, "limit-reached")
#define EVENT_INSPECTIONS(X) X(NONE, NULL) X(COMPLETE, "complete") X(GAVE_UP, "gave-up") \
	X(OFFLOADED, "offloaded") X(MIDSTREAM, "midstream") X(UNINSPECTABLE, "uninspectable")

#define EVENT_TYPE_(N, W) EVENT_##N,
#define EVENT_DETECTOR_(N, W) DETECTOR_##N,
#define EVENT_REASON_(N, W) EVENT_REASON_##N,
#define EVENT_INSPECTION_(N, W) INSPECTION_##N,
enum event_type { EVENT_TYPES(EVENT_TYPE_) EVENT_TYPE_COUNT };
enum event_detector { EVENT_DETECTORS(EVENT_DETECTOR_) DETECTOR_COUNT };
enum event_reason { EVENT_REASONS(EVENT_REASON_) EVENT_REASON_COUNT };
enum event_inspection { EVENT_INSPECTIONS(EVENT_INSPECTION_) INSPECTION_COUNT };

extern const char *const event_type_words[EVENT_TYPE_COUNT];
extern const char *const event_detector_words[DETECTOR_COUNT];
extern const char *const event_reason_words[EVENT_REASON_COUNT];
extern const char *const event_inspection_words[INSPECTION_COUNT];

struct event_bytes {		/* text of a peer: any bytes, not terminated */
	const char *at;
	uint32_t len;		/* 0: absent */
};

#define EVENT_CONTENT_PATH 160u
#define EVENT_CONTENT_FILE 128u

/* Where in what was sent a content detector found something: never what. */
struct event_content {
	const char *path;	/* way to the text: "SMTP > base64 > zip > sheet1.xml"; NULL: not about content */
	const char *file;	/* its name as sent, masked; or NULL, as the texts below */
	const char *kind;	/* what it is by its bytes: "zip", "xlsx", "text" */
	const char *rule;	/* how numbers were confirmed: "list", "label", ... */
	const char *unread;	/* why it could not be read */
	uint64_t at;		/* byte of the text at which the first was confirmed */
	uint64_t bytes;		/* of the body so far */
};

#define EVENT_DNS_ANSWERS 16
#define EVENT_COUNTERS_MAX 128u
#define EVENT_WIRE_MAX 65536u	/* bytes that hold any encoded event */

struct event {
	uint8_t type;			/* enum event_type */
	uint8_t detector;		/* enum event_detector; alerts always have one */
	uint8_t reason;			/* enum event_reason */
	uint8_t inspection;		/* enum event_inspection */
	uint8_t severity;		/* alerts: 1 to 3; 0: the signature's own */
	bool blocked;			/* alerts: the action taken */
	bool quiet;			/* flows that still run: for whoever watches, not written */
	bool has_tuple;
	bool reply;			/* the packet at hand ran against the opener */
	int64_t time;			/* ns since 1970 */
	struct tuple tuple;		/* of the flow: opener is src */
	uint64_t flow_id;		/* 0 none */
	const char *in_iface;		/* or NULL, as every text below */
	const char *app_proto;		/* EVE's word: tls, http, dns, ssh, smtp, ..., failed */
	const char *application;	/* nDPI's own, e.g. "TLS.Google" */
	const char *name;		/* SNI, Host, query or CONNECT target that was judged */
	const char *zone_from, *zone_to;
	const char *permit;		/* permit or deny statement concerned */
	const char *policy;		/* image hash, hex */
	const char *asset, *asset_mac, *asset_how;	/* host name of the policy, MAC text, "policy" */
	const char *fail_state;		/* enforcing | degraded-open | degraded-closed */
	const char *detail;		/* admin, fail-state, loss: what exactly, English words of ours */
	const char *detail_ja;
	uint64_t count;			/* how many packets, bytes or things the event speaks of; 0 none */
	uint64_t packets_seen;		/* of the flow, by the engine, until the event */
	uint64_t passed_before;		/* payload bytes that had passed before a block */
	struct event_content content;
	union {
		struct {		/* EVENT_FLOW */
			int64_t start, end;
			uint64_t packets_up, packets_down, bytes_up, bytes_down, payload_up, payload_down;
			const char *state, *why;	/* new, established, closed / timeout, ... */
			uint8_t tcp_flags_up, tcp_flags_down;
			bool has_payload;		/* payload_* are known (the engine saw it all) */
			bool alerted;
			const char *names;	/* asked for before `name`, each once, one a line; or NULL */
			const char *inside;	/* application inside a proxy's tunnel; or NULL */
			bool request_body;	/* an HTTP request carried one */
			bool running;		/* it goes on: figures so far */
		} flow;
		struct {		/* EVENT_DNS */
			bool response, truncated, authoritative, recursion_desired, recursion_available;
			uint16_t id, rrtype, rcode;
			struct event_bytes rrname;	/* escaped presentation form, lower case */
			uint8_t answers;
			struct {
				struct event_bytes rrname, rdata;	/* presentation form */
				uint16_t rrtype;
				uint32_t ttl;
			} answer[EVENT_DNS_ANSWERS];
		} dns;
		struct {		/* EVENT_HTTP */
			struct event_bytes hostname, url, method, protocol, user_agent, content_type;
			uint16_t port, status;		/* 0 absent */
			uint64_t length;		/* of the response body as announced */
		} http;
		struct {		/* EVENT_TLS */
			struct event_bytes sni, alpn, subject, issuer;
			const char *version;		/* "TLS 1.3" */
			const char *ja3, *ja3s, *ja4;	/* text or NULL */
		} tls;
		struct {		/* EVENT_ANOMALY */
			const char *kind;		/* decode | stream | applayer */
			const char *event;		/* dotted EVE style name */
		} anomaly;
		struct {		/* EVENT_SMTP: one message */
			struct event_bytes helo, from;
			struct event_bytes to;	/* recipients, one a line */
		} smtp;
		struct {		/* EVENT_FTP, EVENT_SMB: one command */
			struct event_bytes word, argument, code, reply;
		} command;
		struct {		/* EVENT_FILEINFO: its name is content.file */
			uint64_t size;
			bool whole, server;	/* came to its end; sent by the opener's peer */
		} file;
		struct {		/* EVENT_STATS */
			const struct event_counter *counters;	/* borrowed, in printing order */
			uint32_t count;
			uint64_t uptime;
		} stats;
	};
};

struct event_counter {
	const char *group, *name;	/* {"decoder":{"pkts":N}} */
	uint64_t value;
};

/* Where events go: standard output in a replay, the recorder's socket live. */
struct event_sink {
	void (*emit)(void *ctx, const struct event *ev);
	void *ctx;
};

/**
 * event_json - the event as one JSON line without the newline
 * @seq: written as sekimori.seq when not 0
 * @prev: written as sekimori.prev when not NULL
 */
void event_json(const struct event *ev, uint64_t seq, const char *prev, struct text *out);

/* event_line_ja - the one Japanese line of alerts.log: time, severity, zones, who, what, done */
void event_line_ja(const struct event *ev, struct text *out);

/* event_mask - copy text of a peer with every run of 11 or more digits (and such a number written with
 * separators or full-width) replaced by '*'; never longer than the input */
size_t event_mask(const char *in, size_t len, char *out);

/* Wire form between our processes: a length-prefixed message that decode checks whole. */
size_t event_encode(const struct event *ev, uint8_t *buf, size_t size);	/* 0: does not fit */
/**
 * event_decode - the event in a message of another process of ours
 * @room: where the counters of a stats event go; NULL refuses stats events
 * Texts point into @buf. Return: bytes used, or 0 when the message is not whole and well-formed.
 */
size_t event_decode(const uint8_t *buf, size_t len, struct event *ev,
		    struct event_counter room[EVENT_COUNTERS_MAX]);

#endif

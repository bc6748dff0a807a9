/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy: the compiled policy, immutable and index-based, and the two questions it answers.
 *
 *	policy_classify()	which class a new conversation belongs to (what the kernel's maps answer)
 *	policy_decide()		what a conversation of that class is, given what is known of it so far
 *
 * Both are pure: same policy, same facts, same answer; no clock, no allocation. Every array is one
 * section of the image (image.h): a record refers to another by its index there, to text by its
 * offset in `strings`, to several by a span. Offset 0 of `strings` is the empty text. Nothing in it
 * depends on where the text stood (no file, no line), and padding is zero, so the same blocks give the
 * same bytes.
 */
#ifndef RULES_POLICY_H
#define RULES_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/ip.h"

#define POLICY_NONE UINT32_MAX		/* no such index */
#define POLICY_CLASSES_MAX 65534u	/* a class number is 16 bits of a mark; 0 is none */
#define POLICY_BOXES_PER_MAP 20000u
#define POLICY_ZONES_MAX 100u		/* with the box: pairs are their square */
#define POLICY_INTERFACES_MAX 1000u	/* of all zones */
#define POLICY_APPS_MAX 64u		/* distinct applications a policy may name: one bit each in facts */

/* Each list: C name, word in the language. Errors, list, help and events walk the same ones. */
#define POLICY_MODELS(X) X(ALPHA, "alpha") X(ALPHA_PRIME, "alpha-prime") X(BETA, "beta") \
	X(BETA_PRIME, "beta-prime") X(CUSTOM, "custom") X(LAB, "lab")
#define POLICY_ROLES(X) X(MYNUMBER, "mynumber") X(PUBLIC_LINE, "public-line") X(LGWAN, "lgwan") \
	X(INTERNET, "internet") X(CLOUD, "cloud") X(OUTSIDE, "outside") X(GUEST, "guest") \
	X(SCHOOL, "school") X(IOT, "iot") X(TELEWORK, "telework") X(CONTROL, "control") \
	X(MANAGEMENT, "management") X(BOX, "box")
#define POLICY_KINDS(X) X(SPECIFIC, "specific") X(UPDATE, "update") X(MAINTENANCE, "maintenance") \
	X(MAIL_TEXT, "mail-text") X(SCREEN, "screen") X(SANITIZED_FILES, "sanitized-files") \
	X(SANITIZER, "sanitizer") X(BREAKOUT, "breakout") X(SECURITY_CLOUD, "security-cloud") \
	X(ORDINARY, "ordinary")
#define POLICY_INSPECTS(X) X(NONE, "none") X(METADATA, "metadata") X(CONTENT, "content")
#define POLICY_DIRECTIONS(X) X(BOTH, "both") X(DOWNLOAD, "download") X(UPLOAD, "upload")
/* What a fail condition does. PASS and ALERT are the open group, the others the closed one. */
#define POLICY_ACTIONS(X) X(DROP, "drop") X(RESET, "reset") X(BLOCK, "block") X(ALERT, "alert") \
	X(PASS, "pass") X(PASS_METADATA, "pass-metadata")
#define POLICY_ANSWERS(X) X(SILENT, "silent") X(RESET, "reset") X(PAGE, "page") X(SMTP_REJECT, "smtp-reject")
#define POLICY_LOGS(X) X(NONE, "none") X(COUNT, "count") X(CONNECTION, "connection") X(ALL, "all")
#define POLICY_DETECTORS(X) X(MY_NUMBER, "my-number") X(RESIDENT_CODE, "resident-code") \
	X(RECORD, "record") X(LABELS, "labels") X(REGISTER, "register") X(UPLOAD, "upload") X(FILES, "files")
#define POLICY_LIMITS(X) X(OFF, "off") X(COUNT, "count") X(ALERT, "alert") X(BLOCK, "block")
#define POLICY_PERS(X) X(FLOW, "flow") X(MESSAGE, "message") X(HOUR, "hour") X(DAY, "day")

#define POLICY_MODEL_(N, W) MODEL_##N,
#define POLICY_ROLE_(N, W) ROLE_##N,
#define POLICY_KIND_(N, W) KIND_##N,
#define POLICY_INSPECT_(N, W) INSPECT_##N,
#define POLICY_DIRECTION_(N, W) DIRECTION_##N,
#define POLICY_ACTION_(N, W) ACTION_##N,
#define POLICY_ANSWER_(N, W) ANSWER_##N,
#define POLICY_LOG_(N, W) LOG_##N,
#define POLICY_DETECTOR_(N, W) DETECT_##N,
#define POLICY_LIMIT_(N, W) LIMIT_##N,
#define POLICY_PER_(N, W) PER_##N,
enum model { POLICY_MODELS(POLICY_MODEL_) MODEL_COUNT };
enum role { POLICY_ROLES(POLICY_ROLE_) ROLE_COUNT };
enum kind { POLICY_KINDS(POLICY_KIND_) KIND_COUNT };
enum inspect_level { POLICY_INSPECTS(POLICY_INSPECT_) INSPECT_COUNT };
enum direction { POLICY_DIRECTIONS(POLICY_DIRECTION_) DIRECTION_COUNT };
enum action { POLICY_ACTIONS(POLICY_ACTION_) ACTION_COUNT };
enum answer { POLICY_ANSWERS(POLICY_ANSWER_) ANSWER_COUNT };
enum log_level { POLICY_LOGS(POLICY_LOG_) LOG_COUNT_ };
enum policy_detector { POLICY_DETECTORS(POLICY_DETECTOR_) DETECT_COUNT };
enum limit_action { POLICY_LIMITS(POLICY_LIMIT_) LIMIT_COUNT_ };
enum limit_per { POLICY_PERS(POLICY_PER_) PER_COUNT };

/* The word tables of the lists above, indexed by the enum: POLICY_WORDS_ROLE[ROLE_LGWAN] is "lgwan". */
extern const char *const policy_model_words[MODEL_COUNT];
extern const char *const policy_role_words[ROLE_COUNT];
extern const char *const policy_kind_words[KIND_COUNT];
extern const char *const policy_inspect_words[INSPECT_COUNT];
extern const char *const policy_direction_words[DIRECTION_COUNT];
extern const char *const policy_action_words[ACTION_COUNT];
extern const char *const policy_answer_words[ANSWER_COUNT];
extern const char *const policy_log_words[LOG_COUNT_];
extern const char *const policy_detector_words[DETECT_COUNT];
extern const char *const policy_limit_words[LIMIT_COUNT_];
extern const char *const policy_per_words[PER_COUNT];

struct span {
	uint32_t first, count;		/* elements first .. first + count - 1 of the array the field names */
};

struct zone {
	uint32_t name, label;		/* strings */
	struct span interfaces;		/* of words */
	struct span nets;		/* of nets: what the zone holds, ascending and disjoint, ranges that touch
					 * joined; for `rest` the complement, computed; none for the box */
	uint8_t role;			/* enum role */
	bool rest;			/* written as `rest` */
	bool inside_permit;		/* between interfaces of this zone */
	bool refuse_reset;		/* denied packets of this zone's hosts are answered with a reset */
};					/* the last zone is always the appliance itself: name "box", ROLE_BOX */

struct mac {
	uint8_t bytes[6];
	uint8_t pad[2];
};

struct host {
	uint32_t name, label;		/* of a ledger's row: "ledger.csv:4", and the terminal's own name */
	uint32_t section;		/* strings; whose it is, for events */
	uint32_t zone;
	struct span nets;		/* of nets: addresses and ranges */
	struct span macs;		/* of macs; none: any */
	bool routed;			/* a router hides the MAC address */
	uint8_t pad[3];
};

struct group {
	uint32_t name, label, zone;
	struct span members;		/* of words: names of hosts, in order */
	struct span hosts;		/* of refs: indexes of hosts, file members included */
	uint32_t file, section;		/* strings; empty when not from a ledger */
	uint8_t file_hash[32];		/* SHA-256 of the ledger file, or zero */
};

struct site {
	uint32_t name, label, zone;
	struct span nets;		/* of nets */
	struct span names;		/* of words: patterns; a permit to the site inherits them */
	uint32_t file;
	bool learn_dns;
	uint8_t pad[7];
	int64_t until;			/* as in statement */
	uint8_t file_hash[32];
};

/* One protocol and range of ports or types. Protocol 0 is "any" and then lo/hi are 0..65535. */
struct port_range {
	uint16_t lo, hi;		/* ports of TCP/UDP, type of ICMP/ICMPv6; 0..65535 where neither */
	uint8_t protocol;		/* IANA number */
	bool any;			/* every protocol: `service any` */
	uint8_t pad[2];
};

struct service {
	uint32_t name, label;
	struct span ports;		/* of ports */
	bool ftp;			/* has the FTP control port and a passive range */
	uint8_t pad[3];
};

struct window {
	uint32_t name, label;
	uint8_t days;			/* bit 0 Sunday .. bit 6 Saturday */
	bool except_holidays;
	uint16_t from_minute, to_minute;	/* of the day in Japan, [from, to), 0..1439 and 1..1440; an end not
					 * after the start is on the next day */
	uint16_t pad;
	struct span holidays;		/* of dates: days since 1970, ascending */
	uint32_t file;
	uint8_t file_hash[32];
};

struct limit {				/* one answer of a detector: "block 1 per flow" */
	uint64_t amount;		/* things or bytes */
	uint8_t detector, action, per;	/* enum policy_detector, limit_action, limit_per */
	bool bytes;			/* amount was a size */
	uint32_t pad;
};

struct profile {
	uint32_t name, label;
	uint32_t undecided;		/* bytes each way that may pass before the application is known */
	uint8_t inspect;		/* enum inspect_level */
	bool offload;
	bool starttls_pass;
	/* enum action each */
	uint8_t on_overload, on_no_inspector, on_memory, on_midstream, on_restart, on_undecodable;
	uint8_t on_uninspectable, on_unknown_application;
	uint8_t on_mismatch;		/* BLOCK, or ALERT: another application or name than permitted only alarms */
	uint8_t answer;			/* enum answer */
	uint8_t log;			/* enum log_level */
	uint8_t pad[2];
	struct span limits;		/* of limits */
};

enum endpoint_kind { END_ZONE, END_HOST, END_GROUP, END_SITE, END_PREFIX };

struct endpoint {
	uint32_t kind;			/* enum endpoint_kind */
	uint32_t index;			/* of zones, hosts, groups, sites; of nets for END_PREFIX */
	uint32_t zone;			/* the zone it lies in */
};

enum statement_type { STATEMENT_PERMIT, STATEMENT_DENY, STATEMENT_CROSSING };

/* A permit, a deny, or a crossing (`between` is then `from` and `to`, its profile the built-in observe). */
struct statement {
	uint32_t name, label, owner, reason, article, reference, approved_by;
	uint32_t disabled;		/* strings; of the section `disabled` only: why it does not hold */
	struct span from, to;		/* of endpoints */
	struct span services;		/* of refs: indexes of services */
	struct span applications;	/* of refs: indexes of apps; none: any */
	struct span names;		/* of words: patterns "host.example" or "*.example", lower case; none: any */
	uint32_t profile;		/* index; POLICY_NONE for a deny */
	uint32_t window;		/* index or POLICY_NONE */
	uint32_t feed;			/* index or POLICY_NONE */
	uint32_t pad2;
	int64_t since;			/* seconds since 1970; 0 none */
	int64_t until;			/* first second after the last day; 0 none */
	int64_t review;			/* first second of the day; 0 none */
	int64_t approved_on;
	int64_t disabled_on;		/* as disabled; 0 not said */
	uint8_t type;			/* enum statement_type */
	uint8_t kind;			/* enum kind, permits only */
	uint8_t direction;
	uint8_t answer;			/* denies: enum answer */
	uint8_t log;			/* enum log_level; the profile's for a permit that says nothing */
	bool vital;
	bool at_end_alarm;		/* at its end only alarm, do not close */
	uint8_t pad;
};

struct accept_risk {
	uint32_t name, label, word, host;	/* word: "relay"; host: index */
	uint32_t owner, reason, approved_by, reference;
	int64_t until;
};

struct feed {
	uint32_t name, label, file, format;
	int64_t until;
};

struct assertion {
	uint32_t name, label;
	bool only;			/* `rule only`, else `rule never` */
	uint8_t pad[3];
	struct span from, to;		/* of endpoints */
	struct span services;		/* of refs */
	struct span via;		/* of endpoints */
};

/*
 * A class is a set of statements that can apply to one box; the kernel knows it by a number. Members
 * are indexes of statements in ascending order. The strictest answers of all permits of the set are
 * joined in `profile`, so no caller asks "which of them" before it is known.
 */
struct class {
	struct span members;		/* of refs: indexes of statements */
	struct profile joined;		/* name empty; limits of every member's profile */
	bool closed;			/* fails closed: its packets go to the closed queue group */
	bool queued;			/* a packet of it has to be seen (inspect other than none) */
	bool denied;			/* only denies apply: nothing of it passes */
	bool box_end;			/* one end is the appliance: input or output, never queued */
	uint8_t pad[4];
	uint8_t meaning[32];		/* SHA-256 of everything that decides; same meaning, same number */
};

/*
 * Boxes of a pair are sorted and nested: `service` intervals (kind, protocol, lo, hi) are equal or
 * disjoint; among equal ones `dst` ranges are equal or disjoint; among equal ones `src` are disjoint.
 * Order: kind, protocol, lo; dst.lo; src.lo. A box lies in the networks of its two zones; on the side
 * of the appliance itself it is all of a family.
 */
enum box_kind { BOX_PORTS, BOX_ICMP, BOX_PROTOCOL };

struct box {
	struct ip_range src, dst;	/* original direction: the opener is src; one family */
	uint16_t lo, hi;		/* ports, ICMP types, or unused (0..65535) */
	uint8_t protocol;		/* BOX_PORTS: TCP or UDP; BOX_ICMP: 1 or 58; BOX_PROTOCOL: lowest */
	uint8_t protocol_hi;		/* same, except BOX_PROTOCOL: highest of the interval */
	uint8_t kind;			/* enum box_kind; BOX_PROTOCOL never holds 1, 6, 17 or 58 */
	uint8_t pad;
	uint32_t class;			/* index of classes */
	uint32_t pad2;
};

struct pair {
	struct span boxes;		/* of boxes; conversations opened from `from` toward `to` */
	uint32_t from, to;		/* zones; pairs[from * zone_count + to] */
};

/*
 * X(section name, element type): the arrays of a policy in the order they stand in an image. `disabled`
 * holds permits that were taken out of force and are kept to be shown: nothing that decides looks there.
 */
#define POLICY_SECTIONS(X) \
	X(strings, char) X(words, uint32_t) X(refs, uint32_t) X(nets, struct ip_range) X(macs, struct mac) \
	X(dates, uint32_t) X(zones, struct zone) X(hosts, struct host) X(groups, struct group) \
	X(sites, struct site) X(ports, struct port_range) X(services, struct service) \
	X(windows, struct window) X(limits, struct limit) X(profiles, struct profile) \
	X(apps, uint32_t) X(endpoints, struct endpoint) X(statements, struct statement) \
	X(disabled, struct statement) X(accepts, struct accept_risk) X(feeds, struct feed) X(assertions, struct assertion) \
	X(classes, struct class) X(boxes, struct box) X(pairs, struct pair)

struct policy {
	uint32_t model;			/* enum model */
	uint8_t hash[32];		/* of the image it was read from or written to; zero before */
#define POLICY_FIELD_(name, type) const type *name; uint32_t name##_count;
	POLICY_SECTIONS(POLICY_FIELD_)
#undef POLICY_FIELD_
};

static inline const char *policy_string(const struct policy *p, uint32_t offset)
{
	return p->strings + offset;
}

/* policy_zone_named, policy_zone_of_interface, policy_zone_of_address - an index or POLICY_NONE. The box
 * holds every address (which are its own, the kernel's hooks know) and is never the zone of one. */
uint32_t policy_zone_named(const struct policy *p, const char *name);
uint32_t policy_zone_of_interface(const struct policy *p, const char *ifname);
uint32_t policy_zone_of_address(const struct policy *p, ip_t a);
bool policy_zone_holds(const struct policy *p, uint32_t zone, ip_t a);
static inline uint32_t policy_box_zone(const struct policy *p)
{
	return p->zones_count - 1;
}

/* The conversation's opener and peer; what a box tests. */
struct tuple {
	ip_t src, dst;
	uint16_t sport, dport;		/* ICMP: dport is the type, sport the identifier */
	uint8_t protocol;
};

/**
 * policy_classify - the class of a new conversation, as the kernel's maps give it
 * @from, @to: zones of opener and peer
 * Addresses that are not in their zone get POLICY_NONE, as a box that no permit covers.
 */
uint32_t policy_classify(const struct policy *p, uint32_t from, uint32_t to, const struct tuple *t);

/* policy_live - whether a statement is in force at that second: since, until and window */
bool policy_live(const struct policy *p, const struct statement *s, int64_t now);

/* policy_ends - the first second after @now at which a statement is not in force; INT64_MAX never */
int64_t policy_ends(const struct policy *p, const struct statement *s, int64_t now);

/* policy_changes - the first second after @now at which it opens or closes; INT64_MAX never */
int64_t policy_changes(const struct policy *p, const struct statement *s, int64_t now);

/* policy_next_change - the first second after @now at which any statement opens or closes */
int64_t policy_next_change(const struct policy *p, int64_t now);

/* What the engine knows of a conversation so far. */
struct facts {
	uint64_t apps;			/* bit i: policy apps[i] is (one of) the application(s) found */
	bool app_known;			/* an application was positively identified */
	bool app_final;			/* ... and no later packet can add to it */
	bool name_known;		/* `name` is what the client asked for */
	bool name_final;		/* no name will come any more (name_known false: it has none) */
	const char *name;		/* borrowed; lower case, no trailing dot; or NULL */
	uint64_t up, down;		/* payload bytes from and to the opener: `direction` download is missed when
					 * `up` exceeds the profile's least `upload` size (64 KB when it has none),
					 * upload when `down` does; who reads the protocol is stricter itself */
	int64_t now;			/* seconds since 1970, of the packet */
};

enum policy_verdict { VERDICT_MORE, VERDICT_PASS, VERDICT_DENY };

enum policy_reason {
	REASON_NONE,
	REASON_NOT_PERMITTED,		/* no box, or no member in force */
	REASON_DENIED,			/* a deny statement matches: `statement` is it */
	REASON_APPLICATION,		/* another application than permitted */
	REASON_NAME,			/* another name than permitted, or none */
	REASON_DIRECTION,		/* upload where only download is permitted, or the reverse */
	REASON_ENDED,			/* the permit's time is over */
};

struct decision {
	uint8_t verdict;		/* enum policy_verdict */
	uint8_t reason;			/* enum policy_reason, for DENY */
	bool final;			/* later facts cannot change it, except time and direction */
	bool alert_only;		/* DENY that every concerned profile only alarms about (on-mismatch alert) */
	uint32_t statement;		/* the permit satisfied, the deny that matched, or the permit missed;
					 * POLICY_NONE while several can still apply */
};

/**
 * policy_decide - what a conversation of a class is
 * @class: index, or POLICY_NONE (then DENY, REASON_NOT_PERMITTED)
 *
 * Denies win over permits. MORE means that facts are missing; the caller counts the bytes that may
 * pass meanwhile (class.joined.undecided) and answers with on_unknown_application beyond them.
 */
struct decision policy_decide(const struct policy *p, uint32_t class, const struct facts *f);

/* policy_name_matches - "a.example" against "a.example" or "*.example" (which a.b.example matches too,
 * example itself does not) */
bool policy_name_matches(const char *pattern, const char *name);

#endif

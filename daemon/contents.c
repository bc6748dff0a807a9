/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contents: what content inspection found, held against the profile: told, or blocked.
 *
 * The packet that completes the evidence is the one that is refused: what lies before it has passed, and the event
 * says how much. `alert` tells when its amount is reached, and again each time the sum has grown tenfold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/content/conversation.h"
#include "daemon/content/document.h"
#include "daemon/content/ftp.h"
#include "daemon/content/http.h"
#include "daemon/content/http_body.h"
#include "daemon/content/raw.h"
#include "daemon/content/scan/shared.h"
#include "daemon/engine_state.h"
#include "daemon/record/event.h"
#include "daemon/slow.h"
#include "daemon/tally.h"
#include "rules/kernel/mark.h"

#define UNREAD_TOLD_MAX 8u /* alerts of a flow about what could not be read */

/* The packet at hand, for the calls that come while its bytes are read. */
struct reading_now {
	struct engine *e;
	struct step *s;
	bool refused;
};

static const struct {
	uint8_t counts, detector; /* enum policy_detector, enum event_detector */
} kinds[EVIDENCE_KINDS] = {
	[EVIDENCE_MY_NUMBER] = { DETECT_MY_NUMBER, DETECTOR_MY_NUMBER },
	[EVIDENCE_RESIDENT_CODE] = { DETECT_RESIDENT_CODE, DETECTOR_RESIDENT_CODE },
	[EVIDENCE_RECORD] = { DETECT_RECORD, DETECTOR_RECORD },
	[EVIDENCE_LABEL] = { DETECT_LABELS, DETECTOR_LABEL },
	[EVIDENCE_REGISTER] = { DETECT_REGISTER, DETECTOR_REGISTER },
};

/* ---- whose limits hold ---- */

/* Until the permit is known, the strictest answers of all that can apply. */
static const struct profile *profile_of(const struct engine *e, const struct flow *f)
{
	const struct policy *p = e->now->policy;

	if (f->statement < p->statements_count &&
	    p->statements[f->statement].type == STATEMENT_PERMIT)
		return &p->profiles[p->statements[f->statement].profile];
	return &p->classes[f->class].joined;
}

static unsigned int protection(const struct policy *p, uint32_t zone)
{
	static const uint8_t ranks[ROLE_COUNT] = {
		[ROLE_MYNUMBER] = 5, [ROLE_PUBLIC_LINE] = 4, [ROLE_LGWAN] = 3,
		[ROLE_INTERNET] = 2, [ROLE_MANAGEMENT] = 2,  [ROLE_SCHOOL] = 2,
		[ROLE_CONTROL] = 2,  [ROLE_TELEWORK] = 2,    [ROLE_CLOUD] = 1,
	};

	return zone < p->zones_count ? ranks[p->zones[zone].role] : 0;
}

/* Sums over hours and days are of what goes from the better protected side to the other. */
static bool outward(const struct engine *e, const struct flow *f, bool server)
{
	unsigned int from = protection(e->now->policy, f->zone_from);
	unsigned int to = protection(e->now->policy, f->zone_to);

	return server ? to >= from : from >= to;
}

/* ---- telling ---- */

static void put_text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static const char *or_null(const char *s)
{
	return s[0] ? s : NULL;
}

static void put_body(struct content_facts *c, const struct conversation_body *b, const char *path)
{
	put_text(c->path, sizeof(c->path), path);
	put_text(c->file, sizeof(c->file), document_name(b->document));
	put_text(c->kind, sizeof(c->kind), document_kind(b->document));
	c->reply = b->server;
	c->at = (struct event_content){
		.path = c->path,
		.file = or_null(c->file),
		.kind = or_null(c->kind),
		.bytes = document_bytes(b->document),
	};
}

static struct judgement judgement_of(const struct step *s, uint8_t detector, uint8_t reason)
{
	return (struct judgement){
		.what = JUDGED_DENY,
		.detector = detector,
		.reason = reason,
		.statement = s->f->statement,
	};
}

/* The first refusal of a packet is the one that is told; its flow ends with it. */
static void refuse(struct reading_now *n, struct judgement j, const struct content_facts *c)
{
	if (n->refused)
		return;
	n->refused = true;
	n->s->judgement = j;
	n->e->content = *c;
	n->e->content.at.path = n->e->content.path;
	n->e->content.at.file = or_null(n->e->content.file);
	n->e->content.at.kind = or_null(n->e->content.kind);
	n->s->content = &n->e->content;
}

static void tell(struct reading_now *n, struct judgement j, const struct content_facts *c)
{
	if (n->refused)
		return;
	j.what = JUDGED_WAIT;
	n->s->content = c;
	tell_alert(n->e, n->s, &j, false);
	n->s->content = NULL;
}

/* ---- what is found ---- */

struct sums {
	uint64_t per[PER_COUNT];
};

static struct sums add(struct reading_now *n, const struct conversation_body *b,
		       enum policy_detector counts, uint64_t in_body, uint32_t more)
{
	struct flow *f = n->s->f;
	struct content_sums *own = &f->work->content_sums;
	struct tally_sum t = { 0 };

	own->found[counts] += more;
	if (n->e->tallies && outward(n->e, f, b->server))
		t = tallies_add(n->e->tallies, b->server ? f->tuple.dst : f->tuple.src, counts,
				more, n->s->p->time);
	return (struct sums){ .per = { [PER_FLOW] = own->found[counts],
				       [PER_MESSAGE] = in_body,
				       [PER_HOUR] = t.hour,
				       [PER_DAY] = t.day } };
}

/* Tenfold since it was told last, or for the first time. */
static bool worth_telling(struct content_sums *own, enum policy_detector counts)
{
	if (own->told[counts] && own->found[counts] / 10 < own->told[counts])
		return false;
	own->told[counts] = own->found[counts];
	return true;
}

static void answer_sums(struct reading_now *n, const struct sums *sums, enum policy_detector counts,
			struct judgement j, const struct content_facts *c)
{
	const struct policy *p = n->e->now->policy;
	struct span limits = profile_of(n->e, n->s->f)->limits;
	bool alert = false;

	for (uint32_t i = limits.first; i < limits.first + limits.count; i++) {
		const struct limit *l = &p->limits[i];

		if (l->detector != counts || l->action < LIMIT_ALERT ||
		    sums->per[l->per] < l->amount)
			continue;
		if (l->action == LIMIT_BLOCK) {
			refuse(n, j, c);
			return;
		}
		alert = true;
	}
	if (alert && worth_telling(&n->s->f->work->content_sums, counts))
		tell(n, j, c);
}

static void on_found(void *ctx, const struct conversation_body *b, enum evidence_kind kind,
		     uint32_t more)
{
	struct reading_now *n = ctx;
	const struct evidence_finding *f = evidence_finding(document_evidence(b->document), kind);
	struct judgement j = judgement_of(n->s, kinds[kind].detector, EVENT_REASON_CONTENT);
	struct content_facts c = { .count = f->confirmed };
	struct sums sums = add(n, b, kinds[kind].counts, f->confirmed, more);

	put_body(&c, b, f->path);
	c.at.rule = evidence_rule_words[f->rule];
	c.at.at = f->at;
	answer_sums(n, &sums, kinds[kind].counts, j, &c);
}

/* ---- files, and what cannot be read ---- */

static const char *protocol_of(const struct reading_now *n)
{
	return n->s->f->work->content->protocol;
}

static void on_began(void *ctx, const struct conversation_body *b)
{
	struct reading_now *n = ctx;
	struct judgement j = judgement_of(n->s, DETECTOR_UPLOAD, EVENT_REASON_FILE);
	struct content_facts c = { .count = 1 };

	n->e->count.bodies++;
	if (!document_name(b->document)[0] || !outward(n->e, n->s->f, b->server))
		return;
	struct sums sums = add(n, b, DETECT_FILES, 1, 1);

	put_body(&c, b, protocol_of(n));
	c.count = n->s->f->work->content_sums.found[DETECT_FILES];
	answer_sums(n, &sums, DETECT_FILES, j, &c);
}

static void answer_unread(struct reading_now *n, const struct content_facts *c)
{
	struct judgement j = judgement_of(n->s, DETECTOR_UNINSPECTABLE, EVENT_REASON_UNREAD);
	bool alert;

	n->e->count.unreadable++;
	if (judge_fail(profile_of(n->e, n->s->f)->on_uninspectable, &alert) == JUDGED_DENY)
		refuse(n, j, c);
	else if (alert && n->s->f->work->content_sums.unread_told < UNREAD_TOLD_MAX) {
		n->s->f->work->content_sums.unread_told++;
		tell(n, j, c);
	}
}

static void on_unread(void *ctx, const struct conversation_body *b, const struct unread *u)
{
	struct content_facts c = { .count = 1 };

	put_body(&c, b, u->path);
	if (u->name[0])
		put_text(c.file, sizeof(c.file), u->name);
	if (u->kind[0])
		put_text(c.kind, sizeof(c.kind), u->kind);
	c.at.file = or_null(c.file);
	c.at.kind = or_null(c.kind);
	c.at.bytes = u->bytes;
	c.at.unread = unread_words[u->reason];
	answer_unread(ctx, &c);
}

static void remember(char *to, size_t size, struct body_text t, bool line)
{
	size_t n = line ? strlen(to) : 0, room = size - 1 - n;

	if (line && n && room) {
		to[n++] = '\n';
		room--;
	}
	if (t.len > room)
		return;
	memcpy(to + n, t.at, t.len);
	to[n + t.len] = '\0';
}

/* RFC 5321, 4.1.2: the address stands in angle brackets, parameters behind it. */
static struct body_text address_of(struct body_text t)
{
	const char *from = memchr(t.at, '<', t.len);
	const char *to = from ? memchr(from, '>', t.len - (size_t)(from - t.at)) : NULL;

	return to ? (struct body_text){ from, (size_t)(to - from) + 1 } : t;
}

/* A message's envelope is told with its end; other protocols' commands one by one. */
static void on_command(struct reading_now *n, const char *protocol, struct body_text word,
		       struct body_text text)
{
	struct work *w = n->s->f->work;

	if (strcmp(protocol, "SMTP") != 0) {
		tell_command(n->e, n->s, protocol, word, text);
		return;
	}
	if (!w->letter)
		w->letter = calloc(1, sizeof(*w->letter));
	if (!w->letter)
		return;
	if (word.len >= 4 && memcmp(word.at + 1, "HLO", 3) == 0)
		remember(w->letter->helo, sizeof(w->letter->helo), text, false);
	else if (word.len >= 4 && memcmp(word.at, "HELO", 4) == 0)
		remember(w->letter->helo, sizeof(w->letter->helo), text, false);
	else if (word.len >= 4 && memcmp(word.at, "MAIL", 4) == 0) {
		remember(w->letter->from, sizeof(w->letter->from), address_of(text), false);
		w->letter->to[0] = '\0';
	} else if (word.len >= 4 && memcmp(word.at, "RCPT", 4) == 0)
		remember(w->letter->to, sizeof(w->letter->to), address_of(text), true);
}

static bool counted(const struct reading_now *n, enum policy_detector counts)
{
	const struct policy *p = n->e->now->policy;
	struct span limits = profile_of(n->e, n->s->f)->limits;

	for (uint32_t i = limits.first; i < limits.first + limits.count; i++)
		if (p->limits[i].detector == counts && p->limits[i].action >= LIMIT_ALERT)
			return true;
	return false;
}

static void tell_slow(struct reading_now *n, const struct conversation_body *b, struct slow *slow)
{
	struct content_facts c = { .count = sketch_count(&slow->seen) };

	put_body(&c, b, protocol_of(n));
	tell(n, judgement_of(n->s, DETECTOR_MY_NUMBER, EVENT_REASON_SLOW), &c);
}

/* Numbers that confirm nothing in their document, over all documents of the terminal. */
static void count_slow(struct reading_now *n, const struct conversation_body *b)
{
	struct evidence_single singles[EVIDENCE_SINGLES];
	const struct flow *f = n->s->f;

	if (!outward(n->e, f, b->server) || !counted(n, DETECT_MY_NUMBER))
		return;
	size_t count = evidence_singles(document_evidence(b->document), singles);
	struct slow *slow =
		count ? tallies_slow(n->e->tallies, b->server ? f->tuple.dst : f->tuple.src,
				     n->s->p->time)
		      : NULL;

	for (size_t i = 0; i < count; i++)
		if (slow_token(slow, singles[i].hash, singles[i].right, singles[i].round))
			tell_slow(n, b, slow);
}

static void on_ended(void *ctx, const struct conversation_body *b, bool whole)
{
	struct reading_now *n = ctx;
	struct content_facts c = { 0 };

	put_body(&c, b, protocol_of(n));
	count_slow(n, b);
	if (n->s->f->work->letter && strcmp(document_kind(b->document), "mail") == 0)
		tell_letter(n->e, n->s, n->s->f->work->letter);
	if (c.at.file)
		tell_file(n->e, n->s, &c, whole && !n->refused);
}

static void on_noted(void *ctx, uint8_t note, struct body_text word, struct body_text text)
{
	struct reading_now *n = ctx;
	const struct conversation *content = n->s->f->work->content;
	const char *protocol = content->protocol;
	struct content_facts c = { .count = 1, .reply = n->s->reply };

	put_text(c.path, sizeof(c.path), protocol);
	c.at = (struct event_content){ .path = c.path };
	switch (note) {
	case BODY_NOTE_STARTTLS:
		if (!profile_of(n->e, n->s->f)->starttls_pass)
			refuse(n, judgement_of(n->s, DETECTOR_PROTOCOL, EVENT_REASON_STARTTLS), &c);
		break;
	case BODY_NOTE_ENCRYPTED:
		c.at.unread = unread_words[UNREAD_ENCRYPTED_SESSION];
		answer_unread(n, &c);
		break;
	case BODY_NOTE_COMMAND: on_command(n, protocol, word, text); break;
	default: break;
	}
}

static const struct conversation_calls calls = {
	on_began, on_found, on_unread, on_ended, on_noted,
};

/* ---- the way of the bytes ---- */

struct conversation *contents_new(struct engine *e, const struct flow *f,
				  const struct reader *reader)
{
	if (!e->now->traits[f->class].content || !e->now->scan)
		return NULL;
	return conversation_new(&e->documents, e->now->scan, reader, &calls);
}

/* Before bytes are read: who hears of what they show, and what is looked for. */
static struct conversation *listen(struct reading_now *n)
{
	struct conversation *content = n->s->f->work->content;

	content->ctx = n;
	n->e->documents.set = content->scan->set;
	return content;
}

static enum reading outcome(const struct reading_now *n)
{
	if (n->refused)
		return READ_DENIED;
	return n->s->f->work->content->starved ? READ_FULL : READ_ON;
}

enum reading contents_feed(struct engine *e, struct step *s, struct cursor c)
{
	struct reading_now n = { .e = e, .s = s };
	struct conversation *content = listen(&n);
	const char *bad = content->bad;

	conversation_feed(content, s->reply, c.at, c.left);
	if (content->bad && !bad)
		tell_anomaly(e, s, "applayer", recognised_eve[s->f->known->own], content->bad);
	return outcome(&n);
}

enum reading contents_raw(struct engine *e, struct step *s, struct cursor c)
{
	struct reading_now n = { .e = e, .s = s };

	conversation_raw(listen(&n), s->reply, c.at, c.left);
	return outcome(&n);
}

enum reading contents_http(struct engine *e, struct step *s, uint8_t step)
{
	struct reading_now n = { .e = e, .s = s };
	const struct work *w = s->f->work;

	http_body_step(w->http_body, w->http, s->reply, step, &listen(&n)->sink);
	return outcome(&n);
}

enum reading contents_upgraded(struct engine *e, struct step *s, struct cursor c)
{
	struct reading_now n = { .e = e, .s = s };
	struct work *w = s->f->work;
	struct conversation *content = listen(&n);

	if (w->http->answer.websocket && !content->bad)
		content->bad =
			http_body_tunnel(w->http_body, s->reply, c.at, c.left, &content->sink);
	if (!w->http->answer.websocket || content->bad)
		conversation_raw(content, s->reply, c.at, c.left);
	return outcome(&n);
}

enum reading contents_ftp(struct engine *e, struct step *s, uint8_t met)
{
	struct reading_now n = { .e = e, .s = s };
	const struct body_sink *sink = &listen(&n)->sink;

	if (met == FTP_ASKS_TLS)
		sink->note(sink->ctx, BODY_NOTE_STARTTLS, body_text("AUTH TLS"), body_text(""));
	else if (met == FTP_ENCRYPTED)
		sink->note(sink->ctx, BODY_NOTE_ENCRYPTED, body_text("AUTH TLS"), body_text(""));
	return outcome(&n);
}

void contents_ftp_data(struct engine *e, const struct flow *f)
{
	const struct tuple *t = &f->tuple;
	const struct announcement *a = announced_find(&e->announced, t->src, t->dst, t->dport);
	struct body_text name = { 0 };

	if (a && a->transfer != FTP_LISTING)
		name = (struct body_text){ a->name, a->name_len };
	raw_name(f->work->content->state, "FTP", name,
		 a && a->deflate ? body_text("deflate") : (struct body_text){ 0 });
}

bool contents_tftp(struct engine *e, struct step *s)
{
	const struct tuple *t = &s->f->tuple;
	struct tftp_request request;
	struct work *w = s->f->work;

	if (tftp_take(&e->tftp, t->src, t->dst, t->dport, s->p->time, &request)) {
		w->tftp = malloc(sizeof(*w->tftp));
		if (!w->tftp)
			return false;
		tftp_init(w->tftp, &request);
		w->content->protocol = "TFTP";
	} else if (s->f->known->own == KNOWN_TFTP &&
		   tftp_request_read(s->h.payload.at, s->h.payload.left, &request)) {
		tftp_asked(&e->tftp, t->src, t->sport, t->dst, &request, s->p->time);
	}
	return true;
}

/* Each stands for itself: the end of one and the beginning of the next are no number. */
enum reading contents_datagram(struct engine *e, struct step *s, struct cursor c)
{
	struct reading_now n = { .e = e, .s = s };
	struct conversation *content = listen(&n);
	struct work *w = s->f->work;

	if (w->tftp) {
		tftp_datagram(w->tftp, !s->reply, c.at, c.left, &content->sink);
	} else if (s->f->known->own == KNOWN_SYSLOG) {
		syslog_datagram(s->reply, c.at, c.left, &content->sink);
	} else {
		conversation_raw(content, s->reply, c.at, c.left);
		conversation_raw(content, s->reply, (const uint8_t *)"\n", 1);
	}
	return outcome(&n);
}

bool contents_watched(const struct flow *f)
{
	return f->work && f->work->content && !f->work->content->encrypted && !f->work->blind;
}

/* What only the end shows has left: it is told, not blocked. */
void contents_end(struct engine *e, struct flow *f, int64_t now)
{
	const struct packet none = { .time = now };
	struct step s = { .p = &none, .f = f };
	struct reading_now n = { .e = e, .s = &s };

	if (!f->work || !f->work->content || f->verdict == MARK_DROP || f->verdict == MARK_RESET)
		return;
	struct conversation *content = listen(&n);

	for (int side = 0; f->work->http_body && side < 2; side++)
		http_body_close(f->work->http_body, f->work->http, side, &content->sink);
	if (f->work->tftp)
		tftp_end(f->work->tftp, &content->sink);
	conversation_close(content, f->state == FLOW_CLOSED || f->state == FLOW_CLOSING);
	if (n.refused)
		tell_alert(e, &s, &s.judgement, false);
}

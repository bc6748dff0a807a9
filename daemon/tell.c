/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tell: what the engine found out, as events. Texts of a peer are masked on their way into the scratch.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "daemon/content/body.h"
#include "daemon/content/dns.h"
#include "daemon/content/http.h"
#include "daemon/content/tls.h"
#include "daemon/engine_state.h"
#include "daemon/record/event.h"

#define ANOMALIES_PER_SECOND 50

static char *room(struct engine *e, size_t n)
{
	if (n > sizeof(e->scratch) - e->scratch_used)
		return NULL;
	char *at = e->scratch + e->scratch_used;

	e->scratch_used += (uint32_t)n;
	return at;
}

static struct event_bytes masked(struct engine *e, const char *s, size_t n)
{
	char *at = n ? room(e, n) : NULL;

	if (!at)
		return (struct event_bytes){ 0 };
	return (struct event_bytes){ at, (uint32_t)event_mask(s, n, at) };
}

static const char *masked_text(struct engine *e, const char *s)
{
	size_t n = s ? strlen(s) : 0;
	char *at = n ? room(e, n + 1) : NULL;

	if (at)
		at[event_mask(s, n, at)] = '\0';
	return at;
}

static const char *string_or_null(const struct policy *p, uint32_t offset)
{
	return offset ? policy_string(p, offset) : NULL;
}

static const char *zone_name(const struct policy *p, uint32_t zone)
{
	return p && zone < p->zones_count ? policy_string(p, p->zones[zone].name) : NULL;
}

static const char *statement_name(const struct policy *p, uint32_t i)
{
	return p && i < p->statements_count ? policy_string(p, p->statements[i].name) : NULL;
}

static bool guest_zone(const struct policy *p, uint32_t zone)
{
	return p && zone < p->zones_count && p->zones[zone].role == ROLE_GUEST;
}

/* Guests' names are nobody's business (architecture.md 7, invariant 6). */
static bool guest(const struct engine *e, const struct flow *f)
{
	const struct policy *p = policy_of(e, f);

	return guest_zone(p, f->zone_from) || guest_zone(p, f->zone_to);
}

static uint8_t log_level(const struct engine *e, const struct flow *f)
{
	const struct policy *p = policy_of(e, f);

	if (p && f->statement < p->statements_count)
		return p->statements[f->statement].log;
	return p && f->class < p->classes_count ? p->classes[f->class].joined.log
						: (uint8_t)LOG_ALL;
}

/* The host of the policy that has the address: for a person to know which terminal it was. */
static void put_asset(const struct engine *e, struct event *ev)
{
	const struct policy *p = e->now->policy;

	for (uint32_t i = 0; i < p->hosts_count; i++) {
		struct span nets = p->hosts[i].nets;

		for (uint32_t k = nets.first; k < nets.first + nets.count; k++) {
			if (!ip_in(p->nets[k], ev->tuple.src))
				continue;
			ev->asset = string_or_null(p, p->hosts[i].name);
			ev->asset_how = "policy";
			return;
		}
	}
}

static struct event start(struct engine *e, enum event_type type, int64_t now)
{
	e->scratch_used = 0;
	return (struct event){ .type = (uint8_t)type, .time = now, .policy = e->now->hash };
}

static const char *eve_name(struct engine *e, const struct known *k)
{
	static const struct {
		const char *ndpi, *eve;
	} words[] = { { "QUIC", "quic" },         { "NTP", "ntp" },        { "Kerberos", "krb5" },
		      { "DHCP", "dhcp" },         { "SNMP", "snmp" },      { "TFTP", "tftp" },
		      { "NFS", "nfs" },           { "MQTT", "mqtt" },      { "SIP", "sip" },
		      { "FTP_DATA", "ftp-data" }, { "IMAP", "imap" },      { "Modbus", "modbus" },
		      { "DNP3", "dnp3" },         { "TLS", "tls" },        { "HTTP", "http" },
		      { "DNS", "dns" },           { "SSH", "ssh" },        { "SMTP", "smtp" },
		      { "RDP", "rdp" },           { "FTP_CONTROL", "ftp" } };
	uint16_t app = k->finding.master ? k->finding.master : k->finding.app;

	if (k->own)
		return recognised_eve[k->own];
	if (!k->finding.confident)
		return "failed";
	const char *name = inspect_app_name(e->inspect, app);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].ndpi, name) == 0)
			return words[i].eve;
	return "failed";
}

static const char *application(struct engine *e, const struct known *k)
{
	char *buf = k->finding.confident ? room(e, INSPECT_LABEL) : NULL;
	struct finding seen = k->finding;

	if (!buf)
		return recognised_applications[k->own];
	if (seen.app_by_address) {
		seen.app = seen.master;
		seen.master = 0;
	}
	return inspect_label(e->inspect, &seen, buf);
}

static void put_flow_facts(struct engine *e, const struct flow *f, struct event *ev)
{
	const struct loaded *l = loaded_of(e, f);

	if (l)
		ev->policy = l->hash;
	ev->has_tuple = true;
	ev->tuple = f->tuple;
	ev->flow_id = f->id;
	ev->zone_from = zone_name(policy_of(e, f), f->zone_from);
	ev->zone_to = zone_name(policy_of(e, f), f->zone_to);
	ev->permit = statement_name(policy_of(e, f), f->statement);
	if (!f->known)
		return;
	ev->app_proto = eve_name(e, f->known);
	ev->application = application(e, f->known);
	if (!guest(e, f))
		ev->name = masked_text(e, f->known->name);
}

static void emit(struct engine *e, const struct event *ev)
{
	e->conf.sink.emit(e->conf.sink.ctx, ev);
}

static void emit_alert(struct engine *e, struct event *ev)
{
	e->count.alerts++;
	put_asset(e, ev);
	emit(e, ev);
}

static bool silenced(const struct engine *e, uint32_t statement)
{
	const struct policy *p = e->now->policy;

	return statement < p->statements_count && p->statements[statement].type == STATEMENT_DENY &&
	       (p->statements[statement].log == LOG_NONE ||
		p->statements[statement].log == LOG_COUNT);
}

void tell_alert(struct engine *e, const struct step *s, const struct judgement *j, bool blocked)
{
	struct event ev = start(e, EVENT_ALERT, s->p->time);
	const struct flow *f = s->f;

	if (silenced(e, j->statement)) {
		e->count.suppressed++;
		return;
	}
	put_flow_facts(e, f, &ev);
	ev.permit = statement_name(e->now->policy, j->statement);
	ev.detector = j->detector;
	ev.reason = j->reason;
	ev.inspection = f->inspection;
	ev.blocked = blocked;
	ev.reply = s->reply;
	ev.in_iface = interface_name(e, s->p->ifin);
	ev.packets_seen = f->up.packets + f->down.packets;
	if (f->work)
		ev.passed_before = f->work->passed[0] + f->work->passed[1];
	ev.detail = s->detail;
	ev.detail_ja = s->detail_ja;
	if (s->content) {
		ev.content = s->content->at;
		ev.count = s->content->count;
		ev.reply = s->content->reply;
	}
	s->f->alerted = true;
	emit_alert(e, &ev);
}

void tell_once(struct engine *e, struct step *s, uint8_t detector, uint8_t reason, bool blocked)
{
	struct judgement j = s->judgement;
	uint32_t bit = 1u << (reason & 31);

	j.detector = detector;
	j.reason = reason;
	if (s->f->work && (s->f->work->told & bit)) {
		e->count.suppressed++;
		return;
	}
	if (s->f->work)
		s->f->work->told |= bit;
	tell_alert(e, s, &j, blocked);
}

void tell_boundary(struct engine *e, const struct step *s, uint32_t from, uint32_t to,
		   uint8_t reason, uint32_t statement)
{
	struct event ev = start(e, EVENT_ALERT, s->p->time);

	if (silenced(e, statement)) {
		e->count.suppressed++;
		return;
	}
	ev.has_tuple = true;
	ev.tuple = (struct tuple){ s->h.src, s->h.dst, s->h.sport, s->h.dport, s->h.protocol };
	if (s->f)
		ev.tuple = s->f->tuple;
	ev.reply = s->reply;
	ev.detector = DETECTOR_SEGMENTATION;
	ev.reason = reason;
	ev.blocked = true;
	ev.zone_from = zone_name(e->now->policy, from);
	ev.zone_to = zone_name(e->now->policy, to);
	ev.permit = statement_name(e->now->policy, statement);
	ev.in_iface = interface_name(e, s->p->ifin);
	emit_alert(e, &ev);
}

static const char *flow_state(const struct flow *f)
{
	switch (f->state) {
	case FLOW_ESTABLISHED: return "established";
	case FLOW_CLOSING:
	case FLOW_CLOSED: return "closed";
	default: return "new";
	}
}

static const char *flow_why(enum flow_end why)
{
	switch (why) {
	case FLOW_END_TIMEOUT: return "timeout";
	case FLOW_END_EVICTED: return "forced";
	case FLOW_END_FINISH: return "shutdown";
	case FLOW_END_CLOSED: return "closed";
	default: return NULL;
	}
}

/* Lines of names, each masked by itself: two addresses in a row are no number. */
static const char *masked_lines(struct engine *e, const char *s)
{
	const size_t n = s ? strlen(s) : 0;
	char *const at = n ? room(e, n + 1) : NULL;
	size_t used = 0;

	while (at && *s) {
		const size_t len = strcspn(s, "\n");

		used += event_mask(s, len, at + used);
		s += len;
		if (*s)
			at[used++] = *s++;
	}
	if (at)
		at[used] = '\0';
	return at;
}

static void put_conversation(struct engine *e, const struct flow *f, struct event *ev)
{
	if (!f->known)
		return;
	ev->flow.inside = recognised_applications[f->known->inner];
	ev->flow.request_body = f->known->body;
	if (!guest(e, f))
		ev->flow.names = masked_lines(e, f->known->earlier);
}

void tell_flow(struct engine *e, const struct flow *f, enum flow_end why)
{
	struct event ev = start(e, EVENT_FLOW, f->last > e->time ? f->last : e->time);
	uint8_t level = log_level(e, f);

	ev.quiet = level == LOG_NONE || level == LOG_COUNT || why == FLOW_GOES_ON;
	put_flow_facts(e, f, &ev);
	ev.reason = f->reason;
	ev.inspection = f->inspection;
	ev.packets_seen = f->up.packets + f->down.packets;
	ev.flow.start = f->start;
	ev.flow.end = f->last;
	ev.flow.packets_up = f->up.packets;
	ev.flow.packets_down = f->down.packets;
	ev.flow.bytes_up = f->up.bytes;
	ev.flow.bytes_down = f->down.bytes;
	ev.flow.has_payload = true;
	ev.flow.payload_up = f->up.payload;
	ev.flow.payload_down = f->down.payload;
	ev.flow.tcp_flags_up = f->up.flags;
	ev.flow.tcp_flags_down = f->down.flags;
	ev.flow.state = flow_state(f);
	ev.flow.why = flow_why(why);
	ev.flow.alerted = f->alerted;
	ev.flow.running = why == FLOW_GOES_ON;
	put_conversation(e, f, &ev);
	emit(e, &ev);
}

void tell_anomaly(struct engine *e, const struct step *s, const char *kind, const char *protocol,
		  const char *word)
{
	struct event ev = start(e, EVENT_ANOMALY, s->p->time);
	char *text = room(e, 128);

	if (!bucket_take(&e->anomalies, s->p->time, ANOMALIES_PER_SECOND, ANOMALIES_PER_SECOND)) {
		e->count.anomalies_suppressed++;
		return;
	}
	if (s->f)
		put_flow_facts(e, s->f, &ev);
	snprintf(text, 128, "%s.%s", protocol, word);
	ev.detector = DETECTOR_PROTOCOL;
	ev.in_iface = interface_name(e, s->p->ifin);
	ev.anomaly.kind = kind;
	ev.anomaly.event = text;
	emit(e, &ev);
}

/* Transactions are written where the permit logs all, and of guests not even told. */
static bool transactions(const struct engine *e, const struct flow *f)
{
	return log_level(e, f) == LOG_ALL;
}

static struct event_bytes dns_bytes(struct engine *e, struct dns_text t)
{
	return t.at ? masked(e, t.at, t.len) : (struct event_bytes){ 0 };
}

void tell_dns(struct engine *e, const struct step *s, const struct dns_message *m)
{
	struct event ev;

	if (guest(e, s->f))
		return;
	ev = start(e, EVENT_DNS, s->p->time);
	ev.quiet = !transactions(e, s->f);
	put_flow_facts(e, s->f, &ev);
	ev.name = NULL;
	ev.reply = s->reply;
	ev.dns.response = m->response;
	ev.dns.truncated = m->truncated;
	ev.dns.authoritative = m->authoritative;
	ev.dns.recursion_desired = m->recursion_desired;
	ev.dns.recursion_available = m->recursion_available;
	ev.dns.id = m->id;
	ev.dns.rrtype = m->type;
	ev.dns.rcode = m->rcode;
	ev.dns.rrname = dns_bytes(e, m->name);
	ev.dns.answers = m->response ? m->answers : 0;
	for (unsigned int i = 0; i < ev.dns.answers; i++) {
		ev.dns.answer[i].rrname = dns_bytes(e, m->answer[i].name);
		ev.dns.answer[i].rdata = dns_bytes(e, m->answer[i].data);
		ev.dns.answer[i].rrtype = m->answer[i].type;
		ev.dns.answer[i].ttl = m->answer[i].ttl;
	}
	emit(e, &ev);
}

void tell_http(struct engine *e, const struct flow *f, int64_t now, const struct http_request *r,
	       const struct http_answer *a)
{
	struct event ev;

	if (guest(e, f))
		return;
	ev = start(e, EVENT_HTTP, now);
	ev.quiet = !transactions(e, f);
	put_flow_facts(e, f, &ev);
	ev.name = NULL;
	ev.http.hostname = masked(e, r->name, strlen(r->name));
	ev.http.port = r->port;
	ev.http.url = masked(e, r->target, r->target_len);
	ev.http.method = masked(e, r->method, r->method_len);
	ev.http.user_agent = masked(e, r->agent, r->agent_len);
	ev.http.protocol = (struct event_bytes){ r->minor ? "HTTP/1.1" : "HTTP/1.0", 8 };
	if (a) {
		ev.http.status = a->status;
		ev.http.length = a->length;
		ev.http.content_type = masked(e, a->type, strlen(a->type));
	}
	emit(e, &ev);
}

static struct event_bytes masked_or_none(struct engine *e, const char *s)
{
	return s ? masked(e, s, strlen(s)) : (struct event_bytes){ 0 };
}

static const char *or_null(const char *s)
{
	return s[0] ? s : NULL;
}

void tell_tls(struct engine *e, const struct flow *f, int64_t now)
{
	struct event ev = start(e, EVENT_TLS, now);
	const struct tls *t = f->work->tls;
	struct inspect_tls certificate = { 0 };

	if (guest(e, f))
		return;
	ev.quiet = !transactions(e, f);
	put_flow_facts(e, f, &ev);
	ev.name = NULL;
	if (f->work->nd && inspect_tls(f->work->nd, &certificate)) {
		ev.tls.subject = masked_or_none(e, certificate.subject);
		ev.tls.issuer = masked_or_none(e, certificate.issuer);
	}
	ev.tls.sni = masked(e, t->sni, strlen(t->sni));
	ev.tls.alpn = masked(e, t->alpn, strlen(t->alpn));
	ev.tls.version = tls_version_text(t->version);
	ev.tls.ja3 = or_null(t->ja3);
	ev.tls.ja3s = or_null(t->ja3s);
	ev.tls.ja4 = or_null(t->ja4);
	emit(e, &ev);
}

/* The document's name has been masked where it was read. */
void tell_file(struct engine *e, const struct step *s, const struct content_facts *c, bool whole)
{
	struct event ev;

	if (guest(e, s->f))
		return;
	ev = start(e, EVENT_FILEINFO, s->p->time);
	ev.quiet = !transactions(e, s->f);
	put_flow_facts(e, s->f, &ev);
	ev.content = c->at;
	ev.file.size = c->at.bytes;
	ev.file.whole = whole;
	ev.file.server = c->reply;
	emit(e, &ev);
}

void tell_letter(struct engine *e, const struct step *s, const struct letter *l)
{
	struct event ev;

	if (!transactions(e, s->f))
		return;
	ev = start(e, EVENT_SMTP, s->p->time);
	put_flow_facts(e, s->f, &ev);
	ev.smtp.helo = masked(e, l->helo, strlen(l->helo));
	ev.smtp.from = masked(e, l->from, strlen(l->from));
	ev.smtp.to = masked(e, l->to, strlen(l->to));
	emit(e, &ev);
}

void tell_command(struct engine *e, const struct step *s, const char *protocol,
		  struct body_text word, struct body_text text)
{
	bool smb = strcmp(protocol, "SMB") == 0;
	struct event ev;

	if (!transactions(e, s->f) || (!smb && strcmp(protocol, "FTP") != 0))
		return;
	ev = start(e, smb ? EVENT_SMB : EVENT_FTP, s->p->time);
	put_flow_facts(e, s->f, &ev);
	ev.command.word = masked(e, word.at, word.len);
	ev.command.argument = masked(e, text.at, text.len);
	emit(e, &ev);
}

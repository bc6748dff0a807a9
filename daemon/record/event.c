/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/record/event.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "daemon/record/community.h"
#include "daemon/record/eve.h"
#include "daemon/record/signature.h"
#include "rules/json.h"
#include "rules/jst.h"
#include "rules/text.h"

#define WORD_(N, W) W,
const char *const event_type_words[EVENT_TYPE_COUNT] = { EVENT_TYPES(WORD_) };
const char *const event_detector_words[DETECTOR_COUNT] = { EVENT_DETECTORS(WORD_) };
const char *const event_reason_words[EVENT_REASON_COUNT] = { EVENT_REASONS(WORD_) };
const char *const event_inspection_words[INSPECTION_COUNT] = { EVENT_INSPECTIONS(WORD_) };

static void put_time(struct json *j, const char *key, int64_t ns)
{
	char buf[JST_TEXT];

	json_string(j, key, jst_iso_text(ns, buf));
}

static void put_bytes(struct json *j, const char *key, struct event_bytes b)
{
	if (b.len)
		json_bytes(j, key, b.at, b.len);
}

static void put_count(struct json *j, const char *key, uint64_t v)
{
	if (v)
		json_uint(j, key, v);
}

static void put_tuple(struct json *j, const struct event *ev)
{
	const struct tuple *t = &ev->tuple;
	char buf[IP_TEXT], proto[8];
	bool icmp = t->protocol == IPPROTO_ICMP || t->protocol == IPPROTO_ICMPV6;
	bool ports = t->protocol == IPPROTO_TCP || t->protocol == IPPROTO_UDP ||
		     t->protocol == IPPROTO_SCTP;

	json_string(j, "src_ip", ip_text(t->src, buf));
	if (ports)
		json_uint(j, "src_port", t->sport);
	json_string(j, "dest_ip", ip_text(t->dst, buf));
	if (ports)
		json_uint(j, "dest_port", t->dport);
	json_string(j, "proto", eve_protocol(t->protocol, proto));
	if (icmp)
		json_uint(j, "icmp_type", t->dport);
}

static void put_alert(struct json *j, const struct event *ev)
{
	const struct signature *s = signature_of(ev);

	if (ev->has_tuple)
		json_string(j, "direction", ev->reply ? "to_client" : "to_server");
	json_open(j, "verdict", '{');
	json_string(j, "action", ev->blocked ? "drop" : "pass");
	json_close(j, '}');
	json_open(j, "alert", '{');
	json_string(j, "action", ev->blocked ? "blocked" : "allowed");
	json_uint(j, "gid", 1);
	json_uint(j, "signature_id", s->id);
	json_uint(j, "rev", 1);
	json_string(j, "signature", s->english);
	json_string(j, "category", event_detector_words[ev->detector]);
	json_uint(j, "severity", ev->severity ? ev->severity : s->severity);
	json_close(j, '}');
}

static void put_flags(struct json *j, const char *key, uint8_t flags)
{
	char buf[4];

	snprintf(buf, sizeof(buf), "%02x", flags);
	json_string(j, key, buf);
}

static void put_tcp(struct json *j, const struct event *ev)
{
	static const struct {
		const char *name;
		uint8_t bit;
	} bits[] = { { "fin", 0x01 }, { "syn", 0x02 }, { "rst", 0x04 },
		     { "psh", 0x08 }, { "ack", 0x10 }, { "urg", 0x20 } };
	uint8_t all = ev->flow.tcp_flags_up | ev->flow.tcp_flags_down;

	if (ev->tuple.protocol != IPPROTO_TCP || !all)
		return;
	json_open(j, "tcp", '{');
	put_flags(j, "tcp_flags", all);
	put_flags(j, "tcp_flags_ts", ev->flow.tcp_flags_up);
	put_flags(j, "tcp_flags_tc", ev->flow.tcp_flags_down);
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (all & bits[i].bit)
			json_bool(j, bits[i].name, true);
	json_close(j, '}');
}

static void put_flow(struct json *j, const struct event *ev)
{
	json_open(j, "flow", '{');
	json_uint(j, "pkts_toserver", ev->flow.packets_up);
	json_uint(j, "pkts_toclient", ev->flow.packets_down);
	json_uint(j, "bytes_toserver", ev->flow.bytes_up);
	json_uint(j, "bytes_toclient", ev->flow.bytes_down);
	put_time(j, "start", ev->flow.start);
	put_time(j, "end", ev->flow.end);
	json_int(j, "age", ev->flow.end / 1000000000 - ev->flow.start / 1000000000);
	json_string(j, "state", ev->flow.state);
	json_string(j, "reason", ev->flow.why);
	json_bool(j, "alerted", ev->flow.alerted);
	json_close(j, '}');
	put_tcp(j, ev);
}

static void put_answer(struct json *j, const struct event *ev, unsigned int i)
{
	char type[12];

	json_open(j, NULL, '{');
	put_bytes(j, "rrname", ev->dns.answer[i].rrname);
	json_string(j, "rrtype", eve_dns_type(ev->dns.answer[i].rrtype, type));
	json_uint(j, "ttl", ev->dns.answer[i].ttl);
	put_bytes(j, "rdata", ev->dns.answer[i].rdata);
	json_close(j, '}');
}

/* EVE's DNS version 2: one object for the question, one for the answer. */
static void put_dns(struct json *j, const struct event *ev)
{
	char type[12], code[12];

	json_open(j, "dns", '{');
	json_uint(j, "version", 2);
	json_string(j, "type", ev->dns.response ? "answer" : "query");
	json_uint(j, "id", ev->dns.id);
	if (ev->dns.response) {
		json_bool(j, "qr", true);
		json_bool(j, "aa", ev->dns.authoritative);
		json_bool(j, "ra", ev->dns.recursion_available);
	}
	json_bool(j, "rd", ev->dns.recursion_desired);
	put_bytes(j, "rrname", ev->dns.rrname);
	json_string(j, "rrtype", eve_dns_type(ev->dns.rrtype, type));
	if (ev->dns.response)
		json_string(j, "rcode", eve_dns_rcode(ev->dns.rcode, code));
	if (ev->dns.answers) {
		json_open(j, "answers", '[');
		for (unsigned int i = 0; i < ev->dns.answers; i++)
			put_answer(j, ev, i);
		json_close(j, ']');
	}
	json_close(j, '}');
}

static void put_http(struct json *j, const struct event *ev)
{
	json_open(j, "http", '{');
	put_bytes(j, "hostname", ev->http.hostname);
	if (ev->http.port)
		json_uint(j, "http_port", ev->http.port);
	put_bytes(j, "url", ev->http.url);
	put_bytes(j, "http_user_agent", ev->http.user_agent);
	put_bytes(j, "http_content_type", ev->http.content_type);
	put_bytes(j, "http_method", ev->http.method);
	put_bytes(j, "protocol", ev->http.protocol);
	if (ev->http.status)
		json_uint(j, "status", ev->http.status);
	put_count(j, "length", ev->http.length);
	json_close(j, '}');
}

static void put_hash(struct json *j, const char *key, const char *value)
{
	if (!value)
		return;
	json_open(j, key, '{');
	json_string(j, "hash", value);
	json_close(j, '}');
}

static void put_tls(struct json *j, const struct event *ev)
{
	json_open(j, "tls", '{');
	put_bytes(j, "subject", ev->tls.subject);
	put_bytes(j, "issuerdn", ev->tls.issuer);
	put_bytes(j, "sni", ev->tls.sni);
	json_string(j, "version", ev->tls.version);
	put_hash(j, "ja3", ev->tls.ja3);
	put_hash(j, "ja3s", ev->tls.ja3s);
	json_string(j, "ja4", ev->tls.ja4);
	json_close(j, '}');
}

static void put_anomaly(struct json *j, const struct event *ev)
{
	json_open(j, "anomaly", '{');
	json_string(j, "type", ev->anomaly.kind);
	json_string(j, "event", ev->anomaly.event);
	json_close(j, '}');
}

static void put_lines(struct json *j, const char *key, struct event_bytes b)
{
	const char *at = b.at, *end = at + b.len;

	if (!b.len)
		return;
	json_open(j, key, '[');
	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		const size_t n = (size_t)((line ? line : end) - at);

		json_bytes(j, NULL, at, n);
		at += n + (line != NULL);
	}
	json_close(j, ']');
}

static void put_smtp(struct json *j, const struct event *ev)
{
	json_open(j, "smtp", '{');
	put_bytes(j, "helo", ev->smtp.helo);
	put_bytes(j, "mail_from", ev->smtp.from);
	put_lines(j, "rcpt_to", ev->smtp.to);
	json_close(j, '}');
}

static void put_ftp(struct json *j, const struct event *ev)
{
	json_open(j, "ftp", '{');
	put_bytes(j, "command", ev->command.word);
	put_bytes(j, "command_data", ev->command.argument);
	put_lines(j, "completion_code", ev->command.code);
	put_lines(j, "reply", ev->command.reply);
	json_close(j, '}');
}

static void put_smb(struct json *j, const struct event *ev)
{
	json_open(j, "smb", '{');
	put_bytes(j, "command", ev->command.word);
	put_bytes(j, "filename", ev->command.argument);
	json_close(j, '}');
}

static void put_fileinfo(struct json *j, const struct event *ev)
{
	json_open(j, "fileinfo", '{');
	json_string(j, "filename", ev->content.file);
	json_string(j, "state", ev->file.whole ? "CLOSED" : "TRUNCATED");
	json_bool(j, "stored", false);
	json_uint(j, "size", ev->file.size);
	json_close(j, '}');
}

/* Counters in the order given; one object a group, as long as a group's counters stand together. */
static void put_counters(struct json *j, const struct event *ev, const char *key, bool of_eve)
{
	const char *group = NULL;

	json_open(j, key, '{');
	if (of_eve)
		json_uint(j, "uptime", ev->stats.uptime);
	for (uint32_t i = 0; i < ev->stats.count; i++) {
		const struct event_counter *c = &ev->stats.counters[i];

		if (eve_counter(c->group, c->name) != of_eve)
			continue;
		if (!group || strcmp(group, c->group) != 0) {
			if (group)
				json_close(j, '}');
			json_open(j, c->group, '{');
			group = c->group;
		}
		json_uint(j, c->name, c->value);
	}
	if (group)
		json_close(j, '}');
	json_close(j, '}');
}

static void put_stats(struct json *j, const struct event *ev)
{
	put_counters(j, ev, "stats", true);
}

static void put_asset(struct json *j, const struct event *ev)
{
	if (!ev->asset && !ev->asset_mac)
		return;
	json_open(j, "asset", '{');
	json_string(j, "name", ev->asset);
	json_string(j, "mac", ev->asset_mac);
	json_string(j, "how", ev->asset_how);
	json_close(j, '}');
}

static void put_content(struct json *j, const struct event_content *c)
{
	if (!c->path)
		return;
	json_open(j, "content", '{');
	json_string(j, "path", c->path);
	json_string(j, "file", c->file);
	json_string(j, "kind", c->kind);
	json_string(j, "rule", c->rule);
	json_string(j, "unread", c->unread);
	if (c->rule)
		json_uint(j, "position", c->at);
	json_uint(j, "bytes", c->bytes);
	json_close(j, '}');
}

static void put_facts(struct json *j, const struct event *ev)
{
	json_string(j, "zone_from", ev->zone_from);
	json_string(j, "zone_to", ev->zone_to);
	json_string(j, "permit", ev->permit);
	json_string(j, "detector", event_detector_words[ev->detector]);
	json_string(j, "reason", event_reason_words[ev->reason]);
	json_string(j, "application", ev->application);
	json_string(j, "name", ev->name);
	json_string(j, "inspection", event_inspection_words[ev->inspection]);
	put_count(j, "packets_seen", ev->packets_seen);
	if (ev->type == EVENT_ALERT && ev->blocked && ev->flow_id)
		json_uint(j, "passed_before", ev->passed_before);
	json_string(j, "fail_state", ev->fail_state);
	put_asset(j, ev);
	put_count(j, "count", ev->count);
	put_content(j, &ev->content);
	json_string(j, "detail", ev->detail);
}

/* What the connection was, as far as a later look at another policy has to know it. */
static void put_conversation(struct json *j, const struct event *ev)
{
	const char *at = ev->flow.names;

	if (at)
		json_open(j, "names", '[');
	while (at && *at) {
		const size_t n = strcspn(at, "\n");

		json_bytes(j, NULL, at, n);
		at += n + (at[n] == '\n');
	}
	if (ev->flow.names)
		json_close(j, ']');
	json_string(j, "inside", ev->flow.inside);
	if (ev->flow.request_body)
		json_bool(j, "request_body", true);
	if (ev->flow.has_payload) {
		json_uint(j, "payload_up", ev->flow.payload_up);
		json_uint(j, "payload_down", ev->flow.payload_down);
	}
}

static void put_type_facts(struct json *j, const struct event *ev)
{
	if (ev->type == EVENT_ALERT)
		json_string(j, "message_ja",
			    ev->detail_ja ? ev->detail_ja : signature_of(ev)->japanese);
	if (ev->type == EVENT_TLS)
		put_bytes(j, "alpn", ev->tls.alpn);
	if (ev->type == EVENT_FLOW)
		put_conversation(j, ev);
	if (ev->type == EVENT_STATS)
		put_counters(j, ev, "stats", false);
}

static void put_sekimori(struct json *j, const struct event *ev, uint64_t seq, const char *prev)
{
	json_open(j, "sekimori", '{');
	put_count(j, "seq", seq);
	json_string(j, "prev", prev);
	json_string(j, "policy", ev->policy);
	put_facts(j, ev);
	put_type_facts(j, ev);
	json_close(j, '}');
}

void event_json(const struct event *ev, uint64_t seq, const char *prev, struct text *out)
{
	static void (*const parts[EVENT_TYPE_COUNT])(struct json *, const struct event *) = {
		put_alert, put_flow, put_dns, put_http, put_tls,      put_anomaly,
		put_stats, put_smtp, put_ftp, put_smb,  put_fileinfo,
	};
	struct json j = json_to(out);
	char id[COMMUNITY_TEXT];

	json_open(&j, NULL, '{');
	put_time(&j, "timestamp", ev->time);
	put_count(&j, "flow_id", ev->flow_id);
	json_string(&j, "in_iface", ev->in_iface);
	json_string(&j, "event_type", event_type_words[ev->type]);
	if (ev->has_tuple) {
		put_tuple(&j, ev);
		json_string(&j, "community_id", community_id(&ev->tuple, id));
	}
	json_string(&j, "app_proto", ev->app_proto);
	parts[ev->type](&j, ev);
	put_sekimori(&j, ev, seq, prev);
	json_close(&j, '}');
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	length u32, then every field in the order of walk(): numbers little endian, a bool as a byte, text as
 *	its length + 1 (0: NULL) u16 with its bytes and a NUL, bytes as their length u16 and themselves
 *
 * One function walks an event for both directions, so they cannot drift apart.
 */
#include <string.h>

#include "daemon/record/event.h"
#include "rules/cursor.h"

#define TEXT_MAX 4096u /* of one field; longer text of a peer is cut before it gets here */

struct wire {
	uint8_t *to; /* writing: room left */
	size_t room;
	struct cursor from; /* reading */
	bool writing;
	bool bad;                       /* does not fit, or is not well-formed */
	struct event_counter *counters; /* reading: where a stats event's go, or NULL */
};

static uint8_t *grab(struct wire *w, size_t n)
{
	uint8_t *at = w->to;

	if (w->bad || n > w->room) {
		w->bad = true;
		return NULL;
	}
	w->to += n;
	w->room -= n;
	return at;
}

static uint64_t number(struct wire *w, uint64_t v, size_t bytes)
{
	uint8_t *at;
	const uint8_t *in;

	if (w->writing) {
		at = grab(w, bytes);
		for (size_t i = 0; at && i < bytes; i++)
			at[i] = (uint8_t)(v >> 8 * i);
		return v;
	}
	in = cursor_take(&w->from, bytes);
	v = 0;
	for (size_t i = 0; in && i < bytes; i++)
		v |= (uint64_t)in[i] << 8 * i;
	w->bad |= !in;
	return v;
}

static void u8(struct wire *w, uint8_t *v)
{
	*v = (uint8_t)number(w, *v, 1);
}

static void u16(struct wire *w, uint16_t *v)
{
	*v = (uint16_t)number(w, *v, 2);
}

static void u32(struct wire *w, uint32_t *v)
{
	*v = (uint32_t)number(w, *v, 4);
}

static void u64(struct wire *w, uint64_t *v)
{
	*v = number(w, *v, 8);
}

static void i64(struct wire *w, int64_t *v)
{
	*v = (int64_t)number(w, (uint64_t)*v, 8);
}

static void word(struct wire *w, uint8_t *v, uint8_t count)
{
	u8(w, v);
	if (*v >= count) {
		w->bad = true;
		*v = 0;
	}
}

static void boolean(struct wire *w, bool *v)
{
	uint8_t b = *v;

	word(w, &b, 2);
	*v = b;
}

static void address(struct wire *w, ip_t *a)
{
	uint64_t hi = (uint64_t)(*a >> 64), lo = (uint64_t)*a;

	u64(w, &hi);
	u64(w, &lo);
	*a = (ip_t)hi << 64 | lo;
}

static void write_bytes(struct wire *w, const void *bytes, size_t n)
{
	uint8_t *at = grab(w, n);

	if (at && n)
		memcpy(at, bytes, n);
}

static void text(struct wire *w, const char **s)
{
	size_t len = w->writing && *s ? strnlen(*s, TEXT_MAX) : 0;
	uint16_t stored = w->writing && *s ? (uint16_t)(len + 1) : 0;

	u16(w, &stored);
	if (w->writing) {
		if (stored) {
			write_bytes(w, *s, len);
			write_bytes(w, "", 1);
		}
		return;
	}
	const uint8_t *at = stored ? cursor_take(&w->from, stored) : NULL;

	if (stored && (!at || stored > TEXT_MAX + 1 || memchr(at, 0, stored) != at + stored - 1))
		w->bad = true;
	*s = w->bad ? NULL : (const char *)at;
}

static void bytes(struct wire *w, struct event_bytes *b)
{
	uint16_t len = w->writing ? (uint16_t)(b->len < TEXT_MAX ? b->len : TEXT_MAX) : 0;

	u16(w, &len);
	if (w->writing) {
		write_bytes(w, b->at, len);
		return;
	}
	const uint8_t *at = cursor_take(&w->from, len);

	w->bad |= !at || len > TEXT_MAX;
	*b = (struct event_bytes){ 0 };
	if (!w->bad && len)
		*b = (struct event_bytes){ (const char *)at, len };
}

static void walk_flow(struct wire *w, struct event *ev)
{
	i64(w, &ev->flow.start);
	i64(w, &ev->flow.end);
	u64(w, &ev->flow.packets_up);
	u64(w, &ev->flow.packets_down);
	u64(w, &ev->flow.bytes_up);
	u64(w, &ev->flow.bytes_down);
	u64(w, &ev->flow.payload_up);
	u64(w, &ev->flow.payload_down);
	text(w, &ev->flow.state);
	text(w, &ev->flow.why);
	u8(w, &ev->flow.tcp_flags_up);
	u8(w, &ev->flow.tcp_flags_down);
	boolean(w, &ev->flow.has_payload);
	boolean(w, &ev->flow.alerted);
	text(w, &ev->flow.names);
	text(w, &ev->flow.inside);
	boolean(w, &ev->flow.request_body);
	boolean(w, &ev->flow.running);
}

static void walk_dns(struct wire *w, struct event *ev)
{
	boolean(w, &ev->dns.response);
	boolean(w, &ev->dns.truncated);
	boolean(w, &ev->dns.authoritative);
	boolean(w, &ev->dns.recursion_desired);
	boolean(w, &ev->dns.recursion_available);
	u16(w, &ev->dns.id);
	u16(w, &ev->dns.rrtype);
	u16(w, &ev->dns.rcode);
	bytes(w, &ev->dns.rrname);
	word(w, &ev->dns.answers, EVENT_DNS_ANSWERS + 1);
	for (unsigned int i = 0; i < ev->dns.answers && !w->bad; i++) {
		bytes(w, &ev->dns.answer[i].rrname);
		bytes(w, &ev->dns.answer[i].rdata);
		u16(w, &ev->dns.answer[i].rrtype);
		u32(w, &ev->dns.answer[i].ttl);
	}
}

static void walk_http(struct wire *w, struct event *ev)
{
	bytes(w, &ev->http.hostname);
	bytes(w, &ev->http.url);
	bytes(w, &ev->http.method);
	bytes(w, &ev->http.protocol);
	bytes(w, &ev->http.user_agent);
	bytes(w, &ev->http.content_type);
	u16(w, &ev->http.port);
	u16(w, &ev->http.status);
	u64(w, &ev->http.length);
}

static void walk_tls(struct wire *w, struct event *ev)
{
	bytes(w, &ev->tls.sni);
	bytes(w, &ev->tls.alpn);
	bytes(w, &ev->tls.subject);
	bytes(w, &ev->tls.issuer);
	text(w, &ev->tls.version);
	text(w, &ev->tls.ja3);
	text(w, &ev->tls.ja3s);
	text(w, &ev->tls.ja4);
}

static void walk_anomaly(struct wire *w, struct event *ev)
{
	text(w, &ev->anomaly.kind);
	text(w, &ev->anomaly.event);
}

static void walk_smtp(struct wire *w, struct event *ev)
{
	bytes(w, &ev->smtp.helo);
	bytes(w, &ev->smtp.from);
	bytes(w, &ev->smtp.to);
}

static void walk_command(struct wire *w, struct event *ev)
{
	bytes(w, &ev->command.word);
	bytes(w, &ev->command.argument);
	bytes(w, &ev->command.code);
	bytes(w, &ev->command.reply);
}

static void walk_file(struct wire *w, struct event *ev)
{
	u64(w, &ev->file.size);
	boolean(w, &ev->file.whole);
	boolean(w, &ev->file.server);
}

static void walk_content(struct wire *w, struct event_content *c)
{
	text(w, &c->path);
	text(w, &c->file);
	text(w, &c->kind);
	text(w, &c->rule);
	text(w, &c->unread);
	u64(w, &c->at);
	u64(w, &c->bytes);
}

static void walk_stats(struct wire *w, struct event *ev)
{
	struct event_counter c = { 0 };

	u64(w, &ev->stats.uptime);
	u32(w, &ev->stats.count);
	if (ev->stats.count > EVENT_COUNTERS_MAX || (!w->writing && !w->counters)) {
		w->bad = true;
		return;
	}
	for (uint32_t i = 0; i < ev->stats.count && !w->bad; i++) {
		if (w->writing)
			c = ev->stats.counters[i];
		text(w, &c.group);
		text(w, &c.name);
		u64(w, &c.value);
		if (!w->writing)
			w->counters[i] = c;
		w->bad |= !c.group || !c.name;
	}
	if (!w->writing)
		ev->stats.counters = w->counters;
}

static void walk_tuple(struct wire *w, struct event *ev)
{
	boolean(w, &ev->has_tuple);
	boolean(w, &ev->reply);
	address(w, &ev->tuple.src);
	address(w, &ev->tuple.dst);
	u16(w, &ev->tuple.sport);
	u16(w, &ev->tuple.dport);
	u8(w, &ev->tuple.protocol);
}

static void walk_texts(struct wire *w, struct event *ev)
{
	const char **const texts[] = { &ev->in_iface,  &ev->app_proto, &ev->application,
				       &ev->name,      &ev->zone_from, &ev->zone_to,
				       &ev->permit,    &ev->policy,    &ev->asset,
				       &ev->asset_mac, &ev->asset_how, &ev->fail_state,
				       &ev->detail,    &ev->detail_ja };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		text(w, texts[i]);
}

static void walk(struct wire *w, struct event *ev)
{
	static void (*const parts[EVENT_TYPE_COUNT])(struct wire *, struct event *) = {
		[EVENT_FLOW] = walk_flow,       [EVENT_DNS] = walk_dns,
		[EVENT_HTTP] = walk_http,       [EVENT_TLS] = walk_tls,
		[EVENT_ANOMALY] = walk_anomaly, [EVENT_STATS] = walk_stats,
		[EVENT_SMTP] = walk_smtp,       [EVENT_FTP] = walk_command,
		[EVENT_SMB] = walk_command,     [EVENT_FILEINFO] = walk_file,
	};

	word(w, &ev->type, EVENT_TYPE_COUNT);
	word(w, &ev->detector, DETECTOR_COUNT);
	word(w, &ev->reason, EVENT_REASON_COUNT);
	word(w, &ev->inspection, INSPECTION_COUNT);
	word(w, &ev->severity, 4);
	boolean(w, &ev->blocked);
	boolean(w, &ev->quiet);
	i64(w, &ev->time);
	u64(w, &ev->flow_id);
	walk_tuple(w, ev);
	walk_texts(w, ev);
	u64(w, &ev->count);
	u64(w, &ev->packets_seen);
	u64(w, &ev->passed_before);
	walk_content(w, &ev->content);
	if (parts[ev->type] && !w->bad)
		parts[ev->type](w, ev);
}

size_t event_encode(const struct event *ev, uint8_t *buf, size_t size)
{
	struct wire w = { .to = buf, .room = size, .writing = true };
	struct event copy = *ev;
	uint8_t *length = grab(&w, 4);

	walk(&w, &copy);
	if (w.bad)
		return 0;
	size_t used = size - w.room;

	for (unsigned int i = 0; i < 4; i++)
		length[i] = (uint8_t)(used >> 8 * i);
	return used;
}

size_t event_decode(const uint8_t *buf, size_t len, struct event *ev,
		    struct event_counter room[EVENT_COUNTERS_MAX])
{
	struct cursor c = cursor_of(buf, len);
	uint32_t used = cursor_le32(&c);
	struct wire w = { .writing = false, .counters = room };
	struct event out = { 0 };

	if (c.tripped || used < 4 || used > len)
		return 0;
	w.from = cursor_sub(&c, used - 4);
	walk(&w, &out);
	if (w.bad || w.from.left)
		return 0;
	*ev = out;
	return used;
}

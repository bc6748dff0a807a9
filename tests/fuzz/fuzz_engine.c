/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream of packets through a whole engine with a fixed policy. Each: op u8, length u16, bytes.
 *
 *	op bit 0	the bytes are a packet, else the payload of one of a few flows
 *	op bit 1	from the peer
 *	op bits 2-3	which flow: TLS, HTTP with names through a proxy, DNS, FTP
 *	op bit 4	one byte further than expected (a gap), bit 5: one byte back
 *	op bit 6	live, under the class the policy gives; bit 7: GSO
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine.h"
#include "rules/build.h"
#include "rules/cursor.h"
#include "rules/kernel/mark.h"
#include "rules/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rules[] =
	"model lab;\n"
	"zone a { role internet; interface \"a0\"; network 10.1.0.0/16, fd00:1::/64; }\n"
	"zone b { role outside; interface \"b0\"; network 10.2.0.0/16, fd00:2::/64; }\n"
	"profile p { inspect metadata; on-memory pass; on-midstream pass; undecided 4KB; log all; }\n"
	"profile q { inspect content; undecided 2KB; log all; on-unknown-application block; }\n"
	"service s { tcp 443, 8080, 53; udp 53; }\n"
	"service f { tcp 21, 50000-50100; }\n"
	"permit tls { kind ordinary; from zone a; to zone b; service s; application TLS, HTTP, DNS; name *.example;\n"
	" profile p; owner \"o\"; reason \"r\"; approved-by \"c\"; approved-on 2026-04-01; review 2030-03-31; }\n"
	"permit ftp { kind ordinary; from zone a; to zone b; service f; application FTP;\n"
	" profile q; owner \"o\"; reason \"r\"; approved-by \"c\"; approved-on 2026-04-01; review 2030-03-31; }\n";

static struct engine *engine;
static const struct policy *policy;
static struct text printed;

static void emit(void *ctx, const struct event *ev)
{
	(void)ctx;
	text_clear(&printed);
	event_json(ev, 1, NULL, &printed);
	event_line_ja(ev, &printed);
}

static void start(void)
{
	static struct build build;
	struct engine_conf conf = { .flows = 64, .client_zone = POLICY_NONE };
	char why[160];

	conf.server_zone = POLICY_NONE;
	conf.sink.emit = emit;
	if (build_bytes("fuzz.rules", rules, sizeof(rules) - 1, &build) || !build.ok)
		abort();
	policy = &build.policy;
	engine = engine_new(&conf);
	if (!engine || engine_load(engine, policy, NULL, why))
		abort();
	engine_switch(engine);
	engine_interface(engine, 1, "a0");
	engine_interface(engine, 2, "b0");
}

struct end {
	uint32_t seq[2];
};

static void put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

static size_t put_tcp(uint8_t *to, struct end *e, uint8_t op, size_t n)
{
	bool reply = op & 2;
	uint32_t seq = e->seq[reply] + (op >> 4 & 1) - (op >> 5 & 1);

	memset(to, 0, 20);
	put32(to + 4, seq);
	put32(to + 8, e->seq[!reply]);
	to[12] = 0x50;
	to[13] = n ? 0x18 : 0x02;
	e->seq[reply] += (uint32_t)n + !n;
	return 20;
}

/* An IPv4 packet of one of the flows with these bytes as payload. */
static size_t built(uint8_t *to, struct end *ends, uint8_t op, const uint8_t *bytes, size_t n)
{
	static const uint16_t ports[] = { 443, 8080, 53, 21 };
	unsigned int flow = op >> 2 & 3;
	bool reply = op & 2, udp = flow == 2;
	size_t head = 20;

	memset(to, 0, 20);
	to[0] = 0x45;
	to[8] = 64;
	to[9] = udp ? IPPROTO_UDP : IPPROTO_TCP;
	put32(to + (reply ? 16 : 12), 0x0a010001);
	put32(to + (reply ? 12 : 16), 0x0a020001);
	if (udp) {
		memset(to + 20, 0, 8);
		put16(to + 24, (uint32_t)n + 8);
		head += 8;
	} else {
		head += put_tcp(to + 20, &ends[flow], op, n);
	}
	put16(to + (reply ? 22 : 20), 40000 + flow);
	put16(to + (reply ? 20 : 22), ports[flow]);
	put16(to + 2, (uint32_t)(head + n));
	memcpy(to + head, bytes, n);
	return head + n;
}

static uint32_t mark(uint8_t op)
{
	struct tuple t = { ip_from_v4(0x0a010001), ip_from_v4(0x0a020001), 40000, 443,
			   IPPROTO_TCP };
	uint32_t class = policy_classify(policy, 0, 1, &t);

	return (class + 1) | MARK_MUST | (op & 2 ? MARK_REPLY : 0) | (op & 16 ? MARK_FIRST : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[70000];
	struct cursor c = cursor_of(data, size);
	struct end ends[4] = {
		{ { 1000, 2000 } }, { { 1000, 2000 } }, { { 0 } }, { { 1000, 2000 } }
	};
	struct packet p = { .time = 1792000000000000000 };

	if (!engine)
		start();
	while (c.left >= 3) {
		uint8_t op = cursor_u8(&c);
		size_t n = cursor_be16(&c) % 2000;
		struct cursor bytes = cursor_sub(&c, n < c.left ? n : c.left);

		p.data = op & 1 ? bytes.at : buf;
		p.len = (uint32_t)(op & 1 ? bytes.left
					  : built(buf, ends, op, bytes.at, bytes.left));
		p.wire_len = p.frame_len = p.len;
		p.time += 1000000;
		p.id++;
		p.live = op & 64;
		p.gso = op & 128;
		p.mark = p.live ? mark(op) : 0;
		p.ifin = op & 2 ? 2 : 1;
		p.ifout = op & 2 ? 1 : 2;
		engine_packet(engine, &p);
	}
	engine_finish(engine);
	return 0;
}

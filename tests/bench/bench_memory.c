/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_memory: what two engines with tables of their default size hold of 200,000 conversations of the kinds that
 * cost most: those that never say enough to be decided. Megabytes of the process, nDPI and tables included.
 *
 *	bench_memory		one line a kind: NAME FLOWS MB REFUSED
 *
 * REFUSED were answered as `on-memory` says, because inspection held all it may.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/conf.h"
#include "daemon/decode.h"
#include "daemon/engine.h"
#include "daemon/packet.h"
#include "rules/build.h"

#define ENGINES 2u
#define FLOWS 200000u
#define PORTS 50000u /* of one client */
#define START INT64_C(1792000000000000000)
#define STEP 1000 /* ns between packets: nothing is idle long enough to be forgotten */

static const char policy_text[] =
	"model lab; zone net { role internet; interface \"a\"; network 10.1.0.0/16; }\n"
	"zone cloud { role cloud; interface \"b\"; network 10.2.0.0/16; }\n"
	"service web { tcp 443; } service names { udp 53; }\n"
	"profile p { inspect content; undecided 64KB; on-unknown-application alert; log connection; }\n"
	"permit all { kind ordinary; from zone net; to zone cloud; service web, names; profile p;\n"
	"owner \"x\"; reason \"x\"; approved-by \"x\"; approved-on 2026-04-01; review 2099-03-31; }\n";

/* The beginning of a ClientHello that never ends, bytes of nothing, a DNS query. */
#define HELLO "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
#define NOISE "\x91\x92 nothing that anybody has specified"
#define QUERY "\0\1\1\0\0\1\0\0\0\0\0\0\4name\0\0\1\0\1"

static const struct talk {
	const char *name, *bytes;
	size_t n;
	uint16_t port;
	uint8_t protocol;
} kinds[] = {
	{ "dns", QUERY, sizeof(QUERY) - 1, 53, IPPROTO_UDP },
	{ "noise", NOISE, sizeof(NOISE) - 1, 443, IPPROTO_TCP },
	{ "hello", HELLO, sizeof(HELLO) - 1, 443, IPPROTO_TCP },
};

struct wire {
	const struct talk *kind;
	struct engine *engine[ENGINES];
	int64_t now;
	uint64_t refused;
};

static void emit(void *ctx, const struct event *ev)
{
	(void)ctx;
	(void)ev;
}

static void put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v);
}

static size_t transport(uint8_t *at, const struct wire *w, uint16_t sport, uint16_t dport,
			uint32_t seq, uint32_t ack, uint8_t flags, size_t n)
{
	bool tcp = w->kind->protocol == IPPROTO_TCP;

	put16(at, sport);
	put16(at + 2, dport);
	if (!tcp) {
		put16(at + 4, (uint32_t)(8 + n));
		return 8;
	}
	put32(at + 4, seq);
	put32(at + 8, ack);
	at[12] = 0x50;
	at[13] = flags;
	put16(at + 14, 65535);
	return 20;
}

/* A packet of conversation @i with no checksum, as one whose card fills it in. */
static void send_one(struct wire *w, uint32_t i, bool reply, uint8_t flags, const char *bytes,
		     size_t n)
{
	uint8_t b[128] = { 0x45 };
	uint32_t client = 0x0a010002 + i / PORTS, server = 0x0a020002;
	uint16_t port = (uint16_t)(10000 + i % PORTS);
	uint32_t at[2] = { 1000 + !(flags & TCP_SYN), 2000 + !(flags & TCP_SYN) };
	size_t head = 20 + transport(b + 20, w, reply ? w->kind->port : port,
				     reply ? port : w->kind->port, at[reply],
				     flags & TCP_ACK ? 1001u + 1000u * !reply : 0, flags, n);

	memcpy(b + head, bytes, n);
	put16(b + 2, (uint32_t)(head + n));
	b[8] = 63;
	b[9] = w->kind->protocol;
	put32(b + 12, reply ? server : client);
	put32(b + 16, reply ? client : server);
	struct packet p = { .data = b,
			    .len = (uint32_t)(head + n),
			    .time = w->now += STEP,
			    .ifin = reply ? 2 : 1,
			    .no_csum = true };

	p.wire_len = p.frame_len = p.len;
	struct outcome o = engine_packet(w->engine[i % ENGINES], &p);

	w->refused += n && (o.opinion || o.drop_packet);
}

static void begin(struct wire *w, uint32_t i)
{
	if (w->kind->protocol == IPPROTO_TCP) {
		send_one(w, i, false, TCP_SYN, "", 0);
		send_one(w, i, true, TCP_SYN | TCP_ACK, "", 0);
		send_one(w, i, false, TCP_ACK, "", 0);
	}
	send_one(w, i, false, TCP_ACK, w->kind->bytes, w->kind->n);
}

static unsigned long resident_mb(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (!f || fscanf(f, "%*u %lu", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (unsigned long)sysconf(_SC_PAGESIZE) >> 20;
}

static struct engine *new_engine(const struct policy *p)
{
	struct engine_conf conf = { .client_zone = POLICY_NONE,
				    .server_zone = POLICY_NONE,
				    .sink.emit = emit };
	struct conf defaults;
	struct engine *e;
	char why[160];

	conf_default(&defaults);
	conf.flows = defaults.flows;
	e = engine_new(&conf);
	if (!e || engine_load(e, p, NULL, why))
		exit(2);
	engine_switch(e);
	engine_interface(e, 1, "a");
	engine_interface(e, 2, "b");
	return e;
}

static int measure(const struct talk *kind, const struct policy *p)
{
	struct wire w = { .kind = kind, .now = START };

	for (unsigned int i = 0; i < ENGINES; i++)
		w.engine[i] = new_engine(p);
	for (uint32_t i = 0; i < FLOWS; i++)
		begin(&w, i);
	printf("%s %u %lu %lu\n", kind->name, FLOWS, resident_mb(), (unsigned long)w.refused);
	return fflush(stdout) ? 2 : 0;
}

int main(void)
{
	struct build b = { 0 };
	int r = 0;

	if (build_bytes("memory", policy_text, sizeof(policy_text) - 1, &b) || !b.ok) {
		diag_print(&b.diags, (struct diag_style){ 0 }, stderr);
		return 2;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		pid_t child = fork(); /* one kind's memory is not the next one's */
		int status = 0;

		if (child == 0)
			_exit(measure(&kinds[i], &b.policy));
		if (child < 0 || waitpid(child, &status, 0) < 0 || status)
			r = 2;
	}
	build_done(&b);
	return r;
}

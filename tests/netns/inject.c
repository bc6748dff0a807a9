// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * inject: one packet after the other into a kernel that enforces a policy drawn at random, and what became of
 * it against what policy_decide() and the proof's diagrams say of it. Forward, input and output.
 *
 *	inject DIR SEED POLICIES PACKETS SETUP APPLY
 *
 * It is the world around the box: the interfaces e0 to e3 are taps that it holds, and it reads both queues in
 * place of the engines. A tap's write() returns when the packet has gone its whole way, so nothing is waited for.
 * SETUP is run once the taps exist, APPLY for each policy, which stands in DIR/drawn.rules. The table `observe`
 * that SETUP loads logs to group 9 what the box itself would get.
 *
 * The last line: how many packets, how many of them passed, and how often somebody disagreed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/kernel/netlink.h"
#include "daemon/kernel/nflog.h"
#include "daemon/kernel/queue.h"
#include "daemon/packet.h"
#include "daemon/source_nfq.h"
#include "daemon/stats.h"
#include "rules/kernel/mark.h"
#include "rules/prove/lane.h"
#include "tests/unit/prove_town.c"

#define INTERFACES 4u
#define ETHERNET 14u
#define FRAME_MAX 2048u
#define OBSERVED 9u
#define STATEMENTS 30u /* more, and few drawn policies build: a deny takes some permit whole */
#define SHOWN 20u
#define SYN 0x02
#define ACK 0x10

struct conversation {
	struct tuple t;
	uint32_t from, to; /* zones; the box is the last */
	uint32_t id;
	uint8_t tcp_flags;
	bool wrong_card;
};

struct bytes {
	uint8_t at[FRAME_MAX]; /* from the Ethernet header */
	uint32_t len;
};

/* Where a packet came out. */
struct observed {
	uint32_t out[INTERFACES], in;
	uint32_t queued;
	uint32_t mark;
};

struct world {
	int taps[INTERFACES], raw4, raw6, log;
	struct source *queues[2];
	const struct policy *p;
	struct lane lane;
	struct lane_index index;
	struct space *space;
	uint16_t *numbers; /* of each class, as first seen */
	int64_t now;
	uint64_t seed;
	uint32_t sent, passed, queued, replies, disagreements;
	uint32_t by_hook[3], v6;
};

static void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- the world ---- */

static int open_tap(uint32_t i)
{
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	snprintf(r.ifr_name, sizeof(r.ifr_name), "e%u", i);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r) < 0)
		die("tap");
	return fd;
}

static struct source *open_queue(uint16_t number, bool open)
{
	static struct stats_page pages[2];
	struct queue_conf conf = { .number = number, .length = 64, .open = open };
	uint32_t taken_by;
	int fd;

	if (queue_open(&conf, &fd, &taken_by) != QUEUE_OK)
		die("queue");
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return source_nfq_new(fd, number, &pages[open], "queue");
}

static int open_raw(int family)
{
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);

	if (fd < 0)
		die("raw socket");
	return fd;
}

static void world_open(struct world *w)
{
	for (uint32_t i = 0; i < INTERFACES; i++)
		w->taps[i] = open_tap(i);
	w->queues[0] = open_queue(0, false);
	w->queues[1] = open_queue(QUEUE_OPEN_OFFSET, true);
	w->raw4 = open_raw(AF_INET);
	w->raw6 = open_raw(AF_INET6);
	if (nflog_open(OBSERVED, &w->log) != NFLOG_OK)
		die("log group");
	fcntl(w->log, F_SETFD, FD_CLOEXEC);
	fcntl(w->log, F_SETFL, O_NONBLOCK);
	w->space = space_new(0);
}

static void run(const char *command)
{
	if (system(command) != 0) {
		fprintf(stderr, "inject: failed: %s\n", command);
		exit(2);
	}
}

/* ---- packets ---- */

static uint32_t add_words(const uint8_t *b, uint32_t len, uint32_t sum)
{
	for (uint32_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)b[i] << 8 | b[i + 1];
	return len % 2 ? sum + ((uint32_t)b[len - 1] << 8) : sum;
}

static uint16_t fold_sum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
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

static void put_address(uint8_t *at, ip_t a, bool v4)
{
	for (uint32_t i = 0, n = v4 ? 4 : 16; i < n; i++)
		at[i] = (uint8_t)(a >> 8 * (n - 1 - i));
}

/* Transport header and the packet's number. Return: its length; *sum_at: where its checksum stands, 0 none. */
static uint32_t put_transport(const struct conversation *c, uint8_t *l4, uint32_t *sum_at)
{
	const struct tuple *t = &c->t;

	*sum_at = 0;
	switch (t->protocol) {
	case IPPROTO_TCP:
		put16(l4, t->sport);
		put16(l4 + 2, t->dport);
		put32(l4 + 4, c->id);
		put32(l4 + 8, c->tcp_flags & ACK ? 1 : 0);
		l4[12] = 5 << 4;
		l4[13] = c->tcp_flags;
		put16(l4 + 14, 8192);
		*sum_at = 16;
		return 20;
	case IPPROTO_UDP:
		put16(l4, t->sport);
		put16(l4 + 2, t->dport);
		put16(l4 + 4, 12);
		put32(l4 + 8, c->id);
		*sum_at = 6;
		return 12;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		l4[0] = (uint8_t)t->dport;
		put16(l4 + 4, t->sport);
		put32(l4 + 8, c->id);
		*sum_at = 2;
		return 32;
	default: put32(l4 + 4, c->id); return 24;
	}
}

static void put_v4(struct bytes *b, const struct tuple *t, uint32_t len)
{
	uint8_t *ip = b->at + ETHERNET;

	ip[0] = 0x45;
	put16(ip + 2, 20 + len);
	put16(ip + 4, 1);
	ip[8] = 64;
	ip[9] = t->protocol;
	put_address(ip + 12, t->src, true);
	put_address(ip + 16, t->dst, true);
	put16(ip + 10, fold_sum(add_words(ip, 20, 0)));
}

static void put_v6(struct bytes *b, const struct tuple *t, uint32_t len)
{
	uint8_t *ip = b->at + ETHERNET;

	ip[0] = 0x60;
	put16(ip + 4, len);
	ip[6] = t->protocol;
	ip[7] = 64;
	put_address(ip + 8, t->src, false);
	put_address(ip + 24, t->dst, false);
}

/* The address of a terminal's card: as its host block says, or of nobody. */
static void put_card(const struct world *w, const struct conversation *c, uint8_t *at)
{
	static const uint8_t nobody[6] = { 2, 0, 0, 0, 0, 0xee };
	const struct policy *p = w->p;

	memcpy(at, nobody, 6);
	for (uint32_t h = 0; h < p->hosts_count && !c->wrong_card; h++) {
		const struct host *host = &p->hosts[h];

		for (uint32_t i = 0; i < host->nets.count && host->macs.count; i++)
			if (ip_in(p->nets[host->nets.first + i], c->t.src))
				memcpy(at, p->macs[host->macs.first].bytes, 6);
	}
}

static void build_packet(const struct world *w, const struct conversation *c, struct bytes *b)
{
	bool v4 = ip_is_v4(c->t.src);
	uint32_t header = v4 ? 20 : 40, sum_at;
	uint8_t *ip = b->at + ETHERNET, *l4 = ip + header;

	memset(b->at, 0, 128);
	uint32_t len = put_transport(c, l4, &sum_at);

	b->len = ETHERNET + header + len;
	memcpy(b->at, (uint8_t[6]){ 2, 0, 0, 0xff, 0, (uint8_t)c->from }, 6);
	put_card(w, c, b->at + 6);
	put16(b->at + 12, v4 ? 0x0800 : 0x86dd);
	if (v4)
		put_v4(b, &c->t, len);
	else
		put_v6(b, &c->t, len);
	if (sum_at) {
		/* ICMP alone has no pseudo header */
		uint32_t sum = c->t.protocol == IPPROTO_ICMP ? 0 : len + c->t.protocol;

		if (sum)
			sum = add_words(ip + (v4 ? 12 : 8), v4 ? 8 : 32, sum);
		put16(l4 + sum_at, fold_sum(add_words(l4, len, sum)));
	}
}

/* Whether these are the same IP packets but for what a router changes. */
static bool is_same(const struct bytes *sent, const uint8_t *ip, size_t len)
{
	uint32_t want = sent->len - ETHERNET;
	uint8_t a[128], b[128];

	if (len < want || want > sizeof(a))
		return false;
	memcpy(a, sent->at + ETHERNET, want);
	memcpy(b, ip, want);
	if (a[0] >> 4 == 4) {
		a[8] = b[8] = 0;
		put16(a + 10, 0);
		put16(b + 10, 0);
	} else {
		a[7] = b[7] = 0;
	}
	return memcmp(a, b, want) == 0;
}

/* ---- one packet ---- */

static void read_queues(struct world *w, const struct bytes *sent, struct observed *o)
{
	for (uint32_t q = 0; q < 2; q++) {
		struct source *s = w->queues[q];
		struct packet p;

		while (s->ops->next(s, &p) == 1) {
			struct outcome out = { .verdict = MARK_UNDECIDED,
					       .class_number = (uint16_t)(p.mark & MARK_CLASS) };

			if (is_same(sent, p.data, p.len)) {
				o->queued++;
				o->mark = p.mark;
			}
			s->ops->verdict(s, p.id, &out);
		}
	}
}

static void read_taps(struct world *w, const struct bytes *sent, struct observed *o)
{
	uint8_t frame[FRAME_MAX];
	ssize_t n;

	for (uint32_t i = 0; i < INTERFACES; i++)
		while ((n = read(w->taps[i], frame, sizeof(frame))) > 0)
			if (n > (ssize_t)ETHERNET &&
			    is_same(sent, frame + ETHERNET, (size_t)n - ETHERNET))
				o->out[i]++;
}

static void read_log(struct world *w, const struct bytes *sent, struct observed *o)
{
	static _Alignas(8) uint8_t buf[65536];
	struct netlink_message m;
	struct nflog_packet p;
	ssize_t n;

	while ((n = recv(w->log, buf, sizeof(buf), 0)) > 0) {
		struct cursor c = cursor_of(buf, (size_t)n);

		while (netlink_next(&c, &m))
			if (nflog_is_packet(m.type) && nflog_parse(m.body, &p))
				o->in += is_same(sent, p.data, p.len);
	}
}

static void send_raw(const struct world *w, const struct conversation *c, const struct bytes *b)
{
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
	const uint8_t *ip = b->at + ETHERNET;
	bool v4 = ip_is_v4(c->t.dst);
	ssize_t n;

	put_address((uint8_t *)&to4.sin_addr, c->t.dst, true);
	put_address((uint8_t *)&to6.sin6_addr, c->t.dst, false);
	if (v4)
		n = sendto(w->raw4, ip, b->len - ETHERNET, 0, (struct sockaddr *)&to4, sizeof(to4));
	else
		n = sendto(w->raw6, ip, b->len - ETHERNET, 0, (struct sockaddr *)&to6, sizeof(to6));
	if (n < 0 && errno != EPERM)
		die("sendto");
}

static struct observed send_one(struct world *w, const struct conversation *c)
{
	struct observed o = { 0 };
	struct bytes b;

	build_packet(w, c, &b);
	if (c->from == policy_box_zone(w->p))
		send_raw(w, c, &b);
	else if (write(w->taps[c->from], b.at, b.len) != (ssize_t)b.len)
		die("write to a tap");
	read_queues(w, &b, &o);
	read_taps(w, &b, &o);
	if (c->to == policy_box_zone(w->p))
		read_log(w, &b, &o);
	return o;
}

/* ---- what should become of it ---- */

/* Whether a packet of this sort begins a conversation: the policy speaks of conversations. */
static bool can_open(const struct conversation *c)
{
	uint16_t type = c->t.dport;

	if (c->t.protocol == IPPROTO_ICMP && ip_is_v4(c->t.src))
		return type == 8 || type == 13 || type == 15 || type == 17;
	if (c->t.protocol == IPPROTO_ICMPV6 && !ip_is_v4(c->t.src))
		return type == 128 || type == 139;
	return true;
}

static bool permitted_at(const struct policy *p, uint32_t class, int64_t now)
{
	const struct facts nothing = { .now = now };

	return policy_decide(p, class, &nothing).verdict != VERDICT_DENY;
}

/* Diagrams hold what may ever pass, so also what a deny takes away only until some day. */
static bool permitted_some_day(const struct world *w, uint32_t class)
{
	const struct policy *p = w->p;
	bool some_day = permitted_at(p, class, w->now);

	if (class == POLICY_NONE || p->classes[class].denied)
		return some_day;
	for (uint32_t i = 0; i < p->classes[class].members.count; i++) {
		const struct statement *s =
			&p->statements[p->refs[p->classes[class].members.first + i]];

		some_day |= s->type != STATEMENT_DENY && (!s->until || s->until > w->now);
	}
	return some_day;
}

static bool permitted_by_diagram(const struct world *w, const struct tuple *t)
{
	struct space_point point = { .at = { [SPACE_PROTOCOL] = t->protocol,
					     [SPACE_PORT] = t->dport,
					     [SPACE_SRC] = t->src,
					     [SPACE_DST] = t->dst,
					     [SPACE_SPORT] = t->sport } };

	return space_holds(w->space, w->lane.permitted, point.at);
}

/* The kernel's number of a class is the same all the time, and no other class has it. */
static bool is_number_of(struct world *w, uint32_t class, uint16_t number)
{
	for (uint32_t i = 0; i < w->p->classes_count; i++)
		if (i != class && w->numbers[i] == number)
			return false;
	if (w->numbers[class] == 0)
		w->numbers[class] = number;
	return number && w->numbers[class] == number;
}

static void disagree(struct world *w, const struct conversation *c, const char *what)
{
	char src[IP_TEXT], dst[IP_TEXT];

	if (w->disagreements++ >= SHOWN)
		return;
	printf("%s: packet %u, zone %u %s -> zone %u %s, protocol %u, port %u, flags %02x, %s card\n",
	       what, c->id, c->from, ip_text(c->t.src, src), c->to, ip_text(c->t.dst, dst),
	       c->t.protocol, c->t.dport, c->tcp_flags, c->wrong_card ? "wrong" : "right");
}

static void compare_place(struct world *w, const struct conversation *c, const struct observed *o,
			  bool passes)
{
	for (uint32_t i = 0; i < INTERFACES; i++)
		if (o->out[i] != (passes && i == c->to))
			disagree(w, c, passes ? "kernel refuses" : "kernel passes");
	if (o->in != (passes && c->to == policy_box_zone(w->p)))
		disagree(w, c, passes ? "kernel refuses" : "kernel passes");
}

static void compare_class(struct world *w, const struct conversation *c, const struct observed *o,
			  uint32_t class)
{
	bool queued = w->p->classes[class].queued;

	if (o->queued != queued)
		disagree(w, c, queued ? "kernel does not inspect" : "kernel inspects");
	else if (queued && !is_number_of(w, class, (uint16_t)(o->mark & MARK_CLASS)))
		disagree(w, c, "kernel has another class");
	else if (queued && !(o->mark & MARK_OPEN) != w->p->classes[class].closed)
		disagree(w, c, "kernel has the other queue group");
}

/* The peer's answer to a conversation that passed comes back. */
static void send_reply(struct world *w, const struct conversation *c)
{
	struct conversation r = *c;
	struct observed o;

	r.from = c->to;
	r.to = c->from;
	r.t.src = c->t.dst;
	r.t.dst = c->t.src;
	r.t.sport = c->t.dport;
	r.t.dport = c->t.sport;
	r.tcp_flags = SYN | ACK;
	o = send_one(w, &r);
	w->replies++;
	compare_place(w, &r, &o, true);
}

/* TCP that is not opened before us: only where the class takes conversations from their middle, then either way. */
static uint32_t class_of_middle(const struct world *w, const struct conversation *c, uint32_t class)
{
	struct tuple back = { c->t.dst, c->t.src, c->t.dport, c->t.sport, c->t.protocol };

	if (class == POLICY_NONE)
		class = policy_classify(w->p, c->to, c->from, &back);
	if (class == POLICY_NONE || !permitted_at(w->p, class, w->now))
		return POLICY_NONE;
	uint8_t action = w->p->classes[class].joined.on_midstream;

	return action == ACTION_PASS || action == ACTION_ALERT ? class : POLICY_NONE;
}

static void try_one(struct world *w, const struct conversation *c)
{
	uint32_t class = policy_classify(w->p, c->from, c->to, &c->t);
	bool permitted = permitted_at(w->p, class, w->now);
	bool passes = permitted && can_open(c) && !c->wrong_card;

	if (permitted_some_day(w, class) != permitted_by_diagram(w, &c->t))
		disagree(w, c, "diagrams hold something else");
	if (c->t.protocol == IPPROTO_TCP && c->tcp_flags != SYN) {
		class = class_of_middle(w, c, class);
		passes = class != POLICY_NONE && !c->wrong_card;
	}
	struct observed o = send_one(w, c);

	w->sent++;
	w->passed += passes;
	w->v6 += !ip_is_v4(c->t.src);
	w->by_hook[c->to == policy_box_zone(w->p) ? 1 : c->from == policy_box_zone(w->p) ? 2 : 0]++;
	compare_place(w, c, &o, passes);
	if (!passes)
		return;
	w->queued += o.queued;
	compare_class(w, c, &o, class);
	if (c->t.protocol == IPPROTO_TCP && c->tcp_flags == SYN && c->id % 4 == 0 &&
	    c->to < INTERFACES && c->from < INTERFACES)
		send_reply(w, c);
}

/* ---- drawing ---- */

static ip_t box_address(uint32_t zone, bool v4)
{
	return v4 ? ip_from_v4(10u << 24 | zone << 16 | 0xfffe)
		  : (ip_t)0xfd00 << 112 | (ip_t)zone << 96 | 0xfffe;
}

/* A card is known and the conversation may come from another one. */
static bool has_card(const struct policy *p, ip_t a)
{
	for (uint32_t h = 0; h < p->hosts_count; h++)
		for (uint32_t i = 0; i < p->hosts[h].nets.count; i++)
			if (p->hosts[h].macs.count && ip_in(p->nets[p->hosts[h].nets.first + i], a))
				return true;
	return false;
}

/* The kernel itself answers and sends these, whatever a policy says. */
static bool is_kernels_own(const struct conversation *c, uint32_t box)
{
	bool icmp = c->t.protocol == IPPROTO_ICMP || c->t.protocol == IPPROTO_ICMPV6;

	return (c->from == box || c->to == box) && icmp && !can_open(c);
}

static void draw_ports(struct world *w, struct conversation *c)
{
	static const uint8_t others[] = { 47, 50, 89, 112, 4, 41, 255 };
	struct tuple *t = &c->t;

	/* without ports both ways are one conversation, and the second packet is no first one */
	if (t->protocol != 6 && t->protocol != 17 && t->protocol != 1 && t->protocol != 58)
		t->protocol = c->from < c->to ? others[town_draw(&w->seed, LENGTH(others))] : 17;
	if ((t->protocol == 6 || t->protocol == 17) && town_draw(&w->seed, 4) == 0)
		t->dport = (uint16_t)town_draw(&w->seed, 65536);
	t->sport = (uint16_t)(1024 + c->id % 60000);
	c->tcp_flags = town_draw(&w->seed, 16) ? SYN : ACK;
}

static ip_t draw_edge(struct world *w, struct ip_range r)
{
	switch (town_draw(&w->seed, 8)) {
	case 0: return r.lo - 1;
	case 1: return r.hi + 1;
	case 2: return r.lo + (r.hi - r.lo) / 2;
	case 3: return r.hi;
	default: return r.lo;
	}
}

/* At an edge of something that the policy says of these two zones. */
static void draw_near_box(struct world *w, uint32_t from, uint32_t to, struct tuple *t)
{
	const struct policy *p = w->p;
	struct span boxes = p->pairs[from * p->zones_count + to].boxes;

	if (boxes.count == 0)
		return;
	const struct box *b = &p->boxes[boxes.first + town_draw(&w->seed, boxes.count)];

	t->src = draw_edge(w, b->src);
	t->dst = draw_edge(w, b->dst);
	t->protocol = b->protocol;
	t->dport = (uint16_t)draw_edge(w, (struct ip_range){ b->lo, b->hi });
	if (b->kind == BOX_ICMP)
		t->dport &= 0xff;
	if (b->kind == BOX_PROTOCOL)
		t->dport = 0;
}

/* Return: whether a router brings this packet to that zone. */
static bool draw_conversation(struct world *w, uint32_t from, uint32_t to, struct conversation *c)
{
	uint32_t box = policy_box_zone(w->p);

	*c = (struct conversation){ .from = from, .to = to, .id = w->sent + 1 };
	c->t = town_draw_tuple(&w->seed, w->p, from == box ? to : from, to == box ? from : to);
	if (town_draw(&w->seed, 2))
		draw_near_box(w, from, to, &c->t);
	bool v4 = ip_is_v4(from == box ? c->t.dst : c->t.src);

	if (from == box)
		c->t.src = box_address(to, v4);
	if (to == box)
		c->t.dst = box_address(1 + town_draw(&w->seed, INTERFACES - 1), v4);
	draw_ports(w, c);
	if (from < box && has_card(w->p, c->t.src))
		c->wrong_card = town_draw(&w->seed, 4) == 0;
	return ip_is_v4(c->t.src) == ip_is_v4(c->t.dst) && !is_kernels_own(c, box) &&
	       (to == box || policy_zone_of_address(w->p, c->t.dst) == to);
}

static void try_pair(struct world *w, uint32_t from, uint32_t to, uint32_t packets)
{
	lane_load(&w->lane, w->p, &w->index, from, to, w->now);
	space_reset(w->space);
	lane_cut(&w->lane, w->space);
	space_freeze(w->space);
	lane_build(&w->lane, w->space);
	for (uint32_t i = 0, tries = 0; i < packets && tries < 20 * packets; tries++) {
		struct conversation c;

		if (!draw_conversation(w, from, to, &c))
			continue;
		try_one(w, &c);
		i++;
	}
}

/* Ends of permits are dates; the kernel's clock is the real one. */
static void move_years(char *text, int64_t now)
{
	unsigned int years = (unsigned int)(now / 31557600) + 1970 + 1;

	for (char *at = text; (at = strstr(at, "until 20")); at += 10) {
		char year[5];

		snprintf(year, sizeof(year), "%04u", years + (unsigned int)(at[9] - '7'));
		memcpy(at + 6, year, 4);
	}
}

static void write_policy(struct world *w, const char *path)
{
	struct text t = { 0 };
	FILE *f = fopen(path, "w");

	town_draw_text(&w->seed, "custom", STATEMENTS, &t);
	move_years(t.bytes, w->now);
	if (!f || fwrite(t.bytes, 1, t.len, f) != t.len || fclose(f) != 0)
		die(path);
	text_done(&t);
}

static void draw_policy(struct world *w, const char *path, struct build *b)
{
	for (;;) {
		write_policy(w, path);
		if (build_file(path, b) < 0)
			die(path);
		if (b->ok)
			return;
		build_done(b);
	}
}

static void try_policy(struct world *w, const char *path, const char *apply, uint32_t packets)
{
	struct build b;

	draw_policy(w, path, &b);
	w->p = &b.policy;
	w->now = (int64_t)time(NULL);
	w->numbers = calloc(w->p->classes_count, sizeof(*w->numbers));
	if (!w->numbers || lane_index_init(&w->index, w->p) < 0)
		die("memory");
	run(apply);
	for (uint32_t i = 0, n = w->p->zones_count; i < n * n - 1; i++)
		try_pair(w, i / n, i % n, packets / (n * n - 1));
	lane_index_done(&w->index);
	free(w->numbers);
	build_done(&b);
}

int main(int argc, char **argv)
{
	static struct world w;
	char path[4096];

	if (argc != 7) {
		fprintf(stderr, "usage: inject DIR SEED POLICIES PACKETS SETUP APPLY\n");
		return 2;
	}
	snprintf(path, sizeof(path), "%s/drawn.rules", argv[1]);
	w.seed = strtoull(argv[2], NULL, 10);
	w.now = (int64_t)time(NULL);
	world_open(&w);
	run(argv[5]);
	for (uint32_t i = 0, n = (uint32_t)atoi(argv[3]); i < n; i++)
		try_policy(&w, path, argv[6], (uint32_t)atoi(argv[4]));
	printf("%u packets (%u forward, %u input, %u output; %u IPv6), %u passed, %u of them inspected, "
	       "%u answers; %u disagreements\n",
	       w.sent, w.by_hook[0], w.by_hook[1], w.by_hook[2], w.v6, w.passed, w.queued,
	       w.replies, w.disagreements);
	return w.disagreements != 0;
}

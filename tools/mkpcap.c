/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mkpcap: small captures from a script, the same bytes every time. For tests that need packets by hand.
 *
 *	mkpcap < SCRIPT > CAPTURE
 *
 * One command a line, # begins a comment:
 *
 *	format pcap | pcap-ns | pcapng		before all else; pcap is what you get without
 *	link ethernet | raw | sll2		ethernet is what you get without
 *	interface NAME				pcapng: packets from here on are on it
 *	time SECONDS				of the next packet; 1700000000 at first
 *	step SECONDS				after each packet; 0.001 at first
 *	vlan ID [ID]				tags of the frames from here on; "vlan" alone ends it
 *	ttl N · mtu N · snaplen N		N bytes of IP packet before it is fragmented, of frame captured
 *	tcp A:P > B:Q · udp A:P > B:Q · icmp A > B	the conversation from here on; IPv6 as [A]:P
 *	open · close · reset			TCP: three-way handshake; FINs both ways; RST from the opener
 *	syn						TCP: the SYN alone
 *	> DATA · < DATA				a packet from and to the opener; ICMP: echo, echo reply
 *	forwarded [NAME]			the last packet again as it leaves: TTL one less, a microsecond later,
 *						on that interface of a pcapng, on the next index of sll2
 *	frame DATA				a whole frame
 *
 * DATA is any number of "text" (with \r \n \t \\ \" \xHH), hex digits in pairs, and N*BYTE.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 1 << 17, LINE_MAX_LENGTH = 8192, INTERFACES_MAX = 16, NAME_SIZE = 64 };
enum format { PCAP, PCAP_NS, PCAPNG };
enum link_kind { ETHERNET = 1, RAW = 101, SLL2 = 276 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

struct bytes {
	size_t len;
	uint8_t at[BYTES_MAX];
};

struct end {
	uint8_t address[16];
	uint16_t port;
	uint32_t seq;
};

struct script {
	unsigned int line;
	enum format format;
	enum link_kind link;
	bool begun;               /* the file header is written */
	int64_t time, step, last; /* ns; last: of the last frame */
	uint16_t vlan[2];
	int vlans;
	uint8_t ttl;
	size_t mtu, snaplen;
	uint32_t interface; /* in use; of `interfaces` */
	uint32_t interfaces;
	char names[INTERFACES_MAX][NAME_SIZE];
	uint8_t protocol; /* 0: no conversation yet */
	bool v6;
	uint16_t id, echo;                /* IP identification, ICMP sequence */
	struct end ends[2];               /* opener, peer */
	struct bytes data, packet, frame; /* frame: the last one written */
};

static void die(const struct script *s, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));
static void die(const struct script *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fprintf(stderr, "mkpcap: line %u: ", s->line);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

/* ---- bytes ---- */

static void add(struct script *s, struct bytes *b, const void *data, size_t n)
{
	if (b->len + n > BYTES_MAX)
		die(s, "more than %d bytes", BYTES_MAX);
	memcpy(b->at + b->len, data, n);
	b->len += n;
}

static void prepend(struct script *s, struct bytes *b, const void *data, size_t n)
{
	if (b->len + n > BYTES_MAX)
		die(s, "more than %d bytes", BYTES_MAX);
	memmove(b->at + n, b->at, b->len);
	memcpy(b->at, data, n);
	b->len += n;
}

static void be16(uint8_t *at, size_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void be32(uint8_t *at, uint32_t v)
{
	be16(at, v >> 16);
	be16(at + 2, v & 0xffff);
}

static uint32_t sum(const uint8_t *at, size_t n)
{
	uint32_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += i & 1 ? at[i] : (uint32_t)at[i] << 8;
	return total;
}

static uint16_t folded(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

/* ---- the file ---- */

static void put(const void *data, size_t n)
{
	fwrite(data, 1, n, stdout);
}

static void put32(uint32_t v)
{
	put((uint8_t[]){ (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) },
	    4);
}

static void put16(uint16_t v)
{
	put((uint8_t[]){ (uint8_t)v, (uint8_t)(v >> 8) }, 2);
}

static void put_padded(const void *data, size_t n)
{
	static const uint8_t zero[4];

	put(data, n);
	put(zero, -n & 3);
}

static void begin(struct script *s)
{
	if (s->begun)
		return;
	s->begun = true;
	if (s->format == PCAPNG) {
		put32(0x0a0d0d0a), put32(28), put32(0x1a2b3c4d), put16(1), put16(0);
		put32(UINT32_MAX), put32(UINT32_MAX), put32(28);
		return;
	}
	put32(s->format == PCAP ? 0xa1b2c3d4 : 0xa1b23c4d);
	put16(2), put16(4), put32(0), put32(0), put32(262144), put32(s->link);
}

static void announce_interface(struct script *s, const char *name)
{
	uint32_t n = (uint32_t)strlen(name), length = 12 + 8 + 4 + ((n + 3) & ~3u) + 8 + 4;

	if (s->interfaces == INTERFACES_MAX || n >= NAME_SIZE)
		die(s, "more than %d interfaces, or a name of more than %d bytes", INTERFACES_MAX,
		    NAME_SIZE - 1);
	begin(s);
	put32(1), put32(length), put16((uint16_t)s->link), put16(0), put32(0);
	put16(2), put16((uint16_t)n), put_padded(name, n);
	put16(9), put16(1), put_padded("\x09", 1);
	put32(0), put32(length);
	strcpy(s->names[s->interfaces++], name);
}

/* The interface of that name; a new one is announced. */
static uint32_t interface_named(struct script *s, const char *name)
{
	if (s->format != PCAPNG)
		die(s, "only pcapng has interfaces");
	for (uint32_t i = 0; i < s->interfaces; i++)
		if (strcmp(s->names[i], name) == 0)
			return i;
	announce_interface(s, name);
	return s->interfaces - 1;
}

static void write_frame(struct script *s, const struct bytes *f, int64_t time)
{
	uint32_t wire = (uint32_t)f->len,
		 len = (uint32_t)(f->len < s->snaplen ? f->len : s->snaplen);
	uint32_t length = 32 + ((len + 3) & ~3u);

	if (s->format == PCAPNG && !s->interfaces)
		announce_interface(s, "eth0");
	begin(s);
	if (s->format == PCAPNG) {
		put32(6), put32(length), put32(s->interface);
		put32((uint32_t)(time >> 32)), put32((uint32_t)time), put32(len), put32(wire);
		put_padded(f->at, len);
		put32(length);
	} else {
		put32((uint32_t)(time / 1000000000));
		put32((uint32_t)(time % 1000000000 / (s->format == PCAP ? 1000 : 1)));
		put32(len), put32(wire);
		put(f->at, len);
	}
	s->last = time;
}

/* ---- packets ---- */

static void link_header(struct script *s, struct bytes *b)
{
	uint8_t tag[4], mac[14] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 },
			cooked[20] = { [11] = 6, [12] = 2 };
	uint16_t type = s->v6 ? 0x86dd : 0x0800;

	if (s->link == RAW)
		return;
	for (int i = s->vlans; i-- > 0; type = i ? 0x8100 : s->vlans > 1 ? 0x88a8 : 0x8100) {
		be16(tag, s->vlan[i]);
		be16(tag + 2, type);
		prepend(s, b, tag, sizeof(tag));
	}
	if (s->link == ETHERNET) {
		be16(mac + 12, type);
		prepend(s, b, mac, sizeof(mac));
	} else {
		be16(cooked, type);
		be32(cooked + 4, s->interface + 1);
		prepend(s, b, cooked, sizeof(cooked));
	}
}

static void send_ip(struct script *s, const struct end *from, const struct end *to,
		    const uint8_t *part, size_t n, size_t offset, bool more)
{
	uint8_t four[20] = { 0x45, [8] = s->ttl, [9] = s->protocol };
	uint8_t six[48] = { 0x60, [6] = s->protocol, [7] = s->ttl };
	bool piece = offset || more;

	s->frame.len = 0;
	add(s, &s->frame, part, n);
	if (s->v6) {
		six[40] = s->protocol;
		six[6] = piece ? 44 : s->protocol;
		be16(six + 4, n + (piece ? 8 : 0));
		memcpy(six + 8, from->address, 16);
		memcpy(six + 24, to->address, 16);
		be16(six + 42, offset | more);
		be32(six + 44, s->id);
		prepend(s, &s->frame, six, piece ? 48 : 40);
	} else {
		be16(four + 2, n + 20);
		be16(four + 4, s->id);
		be16(four + 6, offset / 8 | (more ? 0x2000 : 0));
		memcpy(four + 12, from->address, 4);
		memcpy(four + 16, to->address, 4);
		be16(four + 10, folded(sum(four, 20)));
		prepend(s, &s->frame, four, 20);
	}
	link_header(s, &s->frame);
	write_frame(s, &s->frame, s->time);
	if (!more)
		s->time += s->step;
}

/* The transport packet in s->packet, whole or in fragments, with its checksum. */
static void send_packet(struct script *s, bool reply)
{
	const struct end *from = &s->ends[reply], *to = &s->ends[!reply];
	size_t width = s->v6 ? 16 : 4, room = (s->mtu - (s->v6 ? 48 : 20)) & ~(size_t)7;
	size_t at = s->protocol == IPPROTO_TCP ? 16 : s->protocol == IPPROTO_UDP ? 6 : 2;
	struct bytes *p = &s->packet;
	uint32_t pseudo = sum(from->address, width) + sum(to->address, width) + s->protocol +
			  (uint32_t)p->len;

	be16(p->at + at, folded(sum(p->at, p->len) + (s->protocol == IPPROTO_ICMP ? 0 : pseudo)));
	s->id++;
	if (p->len + (s->v6 ? 40 : 20) <= s->mtu) {
		send_ip(s, from, to, p->at, p->len, 0, false);
		return;
	}
	for (size_t offset = 0; offset < p->len; offset += room) {
		size_t n = p->len - offset < room ? p->len - offset : room;

		send_ip(s, from, to, p->at + offset, n, offset, offset + n < p->len);
	}
}

static void send_tcp(struct script *s, bool reply, uint8_t flags, const struct bytes *data)
{
	struct end *from = &s->ends[reply], *to = &s->ends[!reply];
	uint8_t h[20] = { [12] = 5 << 4, [13] = flags, [14] = 0xff, [15] = 0xff };
	uint32_t n = data ? (uint32_t)data->len : 0;

	be16(h, from->port);
	be16(h + 2, to->port);
	be32(h + 4, from->seq);
	be32(h + 8, flags & ACK ? to->seq : 0);
	s->packet.len = 0;
	add(s, &s->packet, h, sizeof(h));
	if (data)
		add(s, &s->packet, data->at, data->len);
	from->seq += n + !!(flags & SYN) + !!(flags & FIN);
	send_packet(s, reply);
}

static void send_data(struct script *s, bool reply)
{
	uint8_t h[8] = { 0 };

	if (s->protocol == IPPROTO_TCP) {
		send_tcp(s, reply, PSH | ACK, &s->data);
		return;
	}
	if (s->protocol == IPPROTO_UDP) {
		be16(h, s->ends[reply].port);
		be16(h + 2, s->ends[!reply].port);
		be16(h + 4, s->data.len + 8);
	} else {
		h[0] = s->v6 ? (reply ? 129 : 128) : (reply ? 0 : 8);
		s->echo += !reply;
		be16(h + 4, 1);
		be16(h + 6, s->echo);
	}
	s->packet.len = 0;
	add(s, &s->packet, h, sizeof(h));
	add(s, &s->packet, s->data.at, s->data.len);
	send_packet(s, reply);
}

/* ---- the script ---- */

static char *word(char **at)
{
	char *start = *at + strspn(*at, " \t");

	*at = start + strcspn(start, " \t");
	if (**at)
		*(*at)++ = '\0';
	return start;
}

static double number(const struct script *s, char **at, double least, double most)
{
	const char *text = word(at);
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || v < least || v > most)
		die(s, "'%s' is no number from %g to %g", text, least, most);
	return v;
}

static const char *quoted(struct script *s, const char *p)
{
	for (p++; *p != '"'; p++) {
		char c = *p;

		if (c == '\0')
			die(s, "a text without its end");
		if (c == '\\') {
			static const char from[] = "rnt\\\"", to[] = "\r\n\t\\\"";
			const char *found = strchr(from, *++p);

			if (*p == 'x') {
				c = (char)strtoul((char[]){ p[1], p[1] ? p[2] : '\0', '\0' }, NULL,
						  16);
				p += 2;
			} else if (*p && found) {
				c = to[found - from];
			} else {
				die(s, "\\%c is not known", *p);
			}
		}
		add(s, &s->data, &c, 1);
	}
	return p + 1;
}

/* N*BYTE */
static const char *repeated(struct script *s, const char *p)
{
	char *end;
	unsigned long n = strtoul(p, &end, 10);
	uint8_t byte = (uint8_t)strtoul(end + 1, &end, 16);

	if (n > BYTES_MAX)
		die(s, "%lu bytes are too many", n);
	while (n--)
		add(s, &s->data, &byte, 1);
	return end;
}

static void read_data(struct script *s, const char *p)
{
	s->data.len = 0;
	for (p += strspn(p, " \t"); *p; p += strspn(p, " \t")) {
		size_t digits = strspn(p, "0123456789");
		uint8_t byte;

		if (*p == '"') {
			p = quoted(s, p);
		} else if (p[digits] == '*' && digits) {
			p = repeated(s, p);
		} else if (isxdigit((unsigned char)p[0]) && isxdigit((unsigned char)p[1])) {
			byte = (uint8_t)strtoul((char[]){ p[0], p[1], '\0' }, NULL, 16);
			add(s, &s->data, &byte, 1);
			p += 2;
		} else {
			die(s, "'%s' is no data", p);
		}
	}
}

/* "10.0.0.1:53", "10.0.0.1", "[fd00::1]:53", "[fd00::1]" */
static void read_end(struct script *s, char *text, struct end *e, bool *v6)
{
	char *address = text, *port;

	*v6 = *text == '[';
	if (*v6) {
		address = text + 1;
		port = strchr(address, ']');
		if (!port)
			die(s, "'%s' is no address", text);
		*port++ = '\0';
	} else {
		port = address + strcspn(address, ":");
	}
	e->port = *port == ':' ? (uint16_t)strtoul(port + 1, NULL, 10) : 0;
	*port = '\0';
	if (inet_pton(*v6 ? AF_INET6 : AF_INET, address, e->address) != 1)
		die(s, "'%s' is no address", address);
}

static void converse(struct script *s, uint8_t protocol, char *rest)
{
	bool other;

	read_end(s, word(&rest), &s->ends[0], &s->v6);
	if (strcmp(word(&rest), ">") != 0)
		die(s, "A > B is needed");
	read_end(s, word(&rest), &s->ends[1], &other);
	if (other != s->v6)
		die(s, "both ends are IPv4 or both IPv6");
	s->protocol = protocol == IPPROTO_ICMP && s->v6 ? IPPROTO_ICMPV6 : protocol;
	s->ends[0].seq = 1000;
	s->ends[1].seq = 5000000;
}

static void do_tcp(struct script *s, char *rest)
{
	converse(s, IPPROTO_TCP, rest);
}
static void do_udp(struct script *s, char *rest)
{
	converse(s, IPPROTO_UDP, rest);
}
static void do_icmp(struct script *s, char *rest)
{
	converse(s, IPPROTO_ICMP, rest);
}

static void need_tcp(const struct script *s)
{
	if (s->protocol != IPPROTO_TCP)
		die(s, "no TCP conversation");
}

static void do_syn(struct script *s, char *rest)
{
	(void)rest;
	need_tcp(s);
	send_tcp(s, false, SYN, NULL);
}

static void do_open(struct script *s, char *rest)
{
	do_syn(s, rest);
	send_tcp(s, true, SYN | ACK, NULL);
	send_tcp(s, false, ACK, NULL);
}

static void do_close(struct script *s, char *rest)
{
	(void)rest;
	need_tcp(s);
	send_tcp(s, false, FIN | ACK, NULL);
	send_tcp(s, true, FIN | ACK, NULL);
	send_tcp(s, false, ACK, NULL);
}

static void do_reset(struct script *s, char *rest)
{
	(void)rest;
	need_tcp(s);
	send_tcp(s, false, RST, NULL);
}

static void do_data(struct script *s, bool reply, char *rest)
{
	if (!s->protocol)
		die(s, "no conversation");
	read_data(s, rest);
	send_data(s, reply);
}

static void do_up(struct script *s, char *rest)
{
	do_data(s, false, rest);
}
static void do_down(struct script *s, char *rest)
{
	do_data(s, true, rest);
}

static void do_frame(struct script *s, char *rest)
{
	read_data(s, rest);
	s->frame = s->data;
	write_frame(s, &s->frame, s->time);
	s->time += s->step;
}

/* As a router sends it on: the TTL, and what the checksum gains by it (RFC 1624). */
static void do_forwarded(struct script *s, char *rest)
{
	size_t at = s->link == ETHERNET ? 14 : s->link == SLL2 ? 20 : 0;
	uint8_t *ip = s->frame.at + at + 4 * (size_t)s->vlans;
	uint32_t before = s->interface;

	if (s->frame.len < at + 4 * (size_t)s->vlans + (s->v6 ? 40 : 20))
		die(s, "nothing to forward");
	if (s->v6) {
		ip[7]--;
	} else {
		ip[8]--;
		be16(ip + 10, 0);
		be16(ip + 10, folded(sum(ip, 20)));
	}
	if (s->link == SLL2) {
		s->frame.at[7]++;
		s->frame.at[10] = 4;
	}
	if (*rest)
		s->interface = interface_named(s, word(&rest));
	write_frame(s, &s->frame, s->last + 1000);
	s->interface = before;
}

static void do_format(struct script *s, char *rest)
{
	const char *name = word(&rest);

	if (s->begun)
		die(s, "the format stands before all else");
	if (strcmp(name, "pcap") == 0)
		s->format = PCAP;
	else if (strcmp(name, "pcap-ns") == 0)
		s->format = PCAP_NS;
	else if (strcmp(name, "pcapng") == 0)
		s->format = PCAPNG;
	else
		die(s, "format '%s' is not known", name);
}

static void do_link(struct script *s, char *rest)
{
	const char *name = word(&rest);

	if (strcmp(name, "ethernet") == 0)
		s->link = ETHERNET;
	else if (strcmp(name, "raw") == 0)
		s->link = RAW;
	else if (strcmp(name, "sll2") == 0)
		s->link = SLL2;
	else
		die(s, "link '%s' is not known", name);
}

static void do_interface(struct script *s, char *rest)
{
	s->interface = interface_named(s, word(&rest));
}

static void do_vlan(struct script *s, char *rest)
{
	for (s->vlans = 0; *rest && s->vlans < 2; s->vlans++)
		s->vlan[s->vlans] = (uint16_t)number(s, &rest, 0, 4095);
}

static void do_time(struct script *s, char *rest)
{
	s->time = (int64_t)(number(s, &rest, 0, 4e9) * 1e9);
}
static void do_step(struct script *s, char *rest)
{
	s->step = (int64_t)(number(s, &rest, 0, 1e6) * 1e9);
}
static void do_ttl(struct script *s, char *rest)
{
	s->ttl = (uint8_t)number(s, &rest, 0, 255);
}
static void do_mtu(struct script *s, char *rest)
{
	s->mtu = (size_t)number(s, &rest, 68, 65535);
}
static void do_snaplen(struct script *s, char *rest)
{
	s->snaplen = (size_t)number(s, &rest, 1, 65535);
}

static const struct {
	const char *name;
	void (*run)(struct script *s, char *rest);
} commands[] = {
	{ "format", do_format },
	{ "link", do_link },
	{ "interface", do_interface },
	{ "time", do_time },
	{ "step", do_step },
	{ "vlan", do_vlan },
	{ "ttl", do_ttl },
	{ "mtu", do_mtu },
	{ "snaplen", do_snaplen },
	{ "tcp", do_tcp },
	{ "udp", do_udp },
	{ "icmp", do_icmp },
	{ "open", do_open },
	{ "close", do_close },
	{ "reset", do_reset },
	{ "syn", do_syn },
	{ ">", do_up },
	{ "<", do_down },
	{ "forwarded", do_forwarded },
	{ "frame", do_frame },
};

static void run(struct script *s, char *line)
{
	const char *name = word(&line);

	if (*name == '\0' || *name == '#')
		return;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0) {
			commands[i].run(s, line);
			return;
		}
	}
	die(s, "'%s' is not known", name);
}

int main(int argc, char **argv)
{
	static struct script s = { .link = ETHERNET, .ttl = 64, .mtu = 65535, .snaplen = 65535 };
	static char line[LINE_MAX_LENGTH];

	(void)argv;
	if (argc != 1) {
		fputs("usage: mkpcap < SCRIPT > CAPTURE\n", stderr);
		return 2;
	}
	s.time = 1700000000ll * 1000000000;
	s.step = 1000000;
	while (fgets(line, sizeof(line), stdin)) {
		s.line++;
		line[strcspn(line, "\n")] = '\0';
		run(&s, line);
	}
	begin(&s);
	if (fflush(stdout) == 0 && !ferror(stdout) && !ferror(stdin))
		return 0;
	perror("mkpcap");
	return 2;
}

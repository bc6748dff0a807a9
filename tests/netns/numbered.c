// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * numbered: messages with running numbers over UDP and TCP, both ways, to see whether anything is lost.
 *
 *	numbered serve ADDRESS PORT		echoes every message; on SIGTERM a line for each kind
 *	numbered send ADDRESS PORT RATE [tcp|udp]	RATE messages a second over each of both until SIGTERM,
 *						then waits for the echoes still under way and prints a line for each kind
 *
 * A line is `KIND sent=N received=N gaps=N reordered=N retransmits=N stall_ms=N`: gaps counts numbers that never
 * came, stall_ms is the longest time without an echo while some were due. Exit 0: no gap, nothing reordered.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 64
#define PEERS 64
#define DRAIN_NS 1000000000LL

struct line {
	const char *kind;
	int fd; /* -1: not used */
	uint64_t sent, received, next, gaps, reordered;
	uint8_t part[MESSAGE]; /* TCP: the beginning of a message */
	size_t have;
	int64_t last;  /* ns of the latest echo */
	int64_t stall; /* ns */
	uint32_t retransmits;
	bool dead;
};

static volatile sig_atomic_t over;

static void end(int sig)
{
	(void)sig;
	over = 1;
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "numbered: %s: %s\n", what, strerror(errno));
	exit(2);
}

static struct sockaddr_in address(const char *ip, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };

	if (inet_pton(AF_INET, ip, &a.sin_addr) != 1)
		die(ip);
	return a;
}

static int open_socket(int type)
{
	int fd = socket(AF_INET, type, 0), big = 16 << 20, one = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof(big));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void take(struct line *l, const uint8_t *message, int64_t now)
{
	uint64_t n;

	memcpy(&n, message, sizeof(n));
	l->received++;
	if (n < l->next) {
		l->reordered++;
		if (l->gaps)
			l->gaps--;
	} else {
		l->gaps += n - l->next;
		l->next = n + 1;
	}
	if (l->last && now - l->last > l->stall)
		l->stall = now - l->last;
	l->last = now;
}

static void take_stream(struct line *l, const uint8_t *bytes, size_t n, int64_t now)
{
	while (n) {
		size_t want = MESSAGE - l->have < n ? MESSAGE - l->have : n;

		memcpy(l->part + l->have, bytes, want);
		l->have += want;
		bytes += want;
		n -= want;
		if (l->have == MESSAGE) {
			take(l, l->part, now);
			l->have = 0;
		}
	}
}

static void say(const struct line *l, uint64_t sent)
{
	uint64_t gaps = l->gaps + (sent > l->next ? sent - l->next : 0);

	printf("%s sent=%" PRIu64 " received=%" PRIu64 " gaps=%" PRIu64 " reordered=%" PRIu64
	       " retransmits=%u stall_ms=%" PRId64 "%s\n",
	       l->kind, sent, l->received, gaps, l->reordered, l->retransmits, l->stall / 1000000,
	       l->dead ? " dead" : "");
}

/* ---- serve ---- */

struct peer {
	struct sockaddr_in from;
	struct line line;
};

static struct peer *peer_of(struct peer *peers, const struct sockaddr_in *from)
{
	for (int i = 0; i < PEERS; i++) {
		if (peers[i].from.sin_port == from->sin_port &&
		    peers[i].from.sin_addr.s_addr == from->sin_addr.s_addr)
			return &peers[i];
		if (!peers[i].from.sin_port) {
			peers[i].from = *from;
			return &peers[i];
		}
	}
	return &peers[PEERS - 1];
}

static void serve_udp(int fd, struct peer *peers)
{
	uint8_t message[MESSAGE];
	struct sockaddr_in from;

	for (int i = 0; i < 256; i++) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, message, sizeof(message), MSG_DONTWAIT,
				     (struct sockaddr *)&from, &len);

		if (n != MESSAGE)
			return;
		take(&peer_of(peers, &from)->line, message, now_ns());
		sendto(fd, message, sizeof(message), 0, (struct sockaddr *)&from, len);
	}
}

/* Echoes what came; a full send buffer waits, the peer reads. Returns false when the connection is over. */
static bool serve_tcp(int fd, struct line *l)
{
	uint8_t bytes[65536];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN;
	if (n == 0)
		return false;
	take_stream(l, bytes, (size_t)n, now_ns());
	return send(fd, bytes, (size_t)n, MSG_NOSIGNAL) == n;
}

static void add_line(struct line *sum, const struct line *l)
{
	sum->received += l->received;
	sum->gaps += l->gaps;
	sum->reordered += l->reordered;
	sum->next += l->next;
	if (l->stall > sum->stall)
		sum->stall = l->stall;
}

static void serve_report(const char *kind, const struct peer *peers, const struct line *past)
{
	struct line sum = *past;

	sum.kind = kind;
	for (int i = 0; i < PEERS; i++)
		add_line(&sum, &peers[i].line);
	say(&sum, sum.next);
}

/* The place of a connection that is over, a new one, or that of the oldest: its client may be gone without a word. */
static int place_of(struct pollfd *connections, int *count)
{
	static int oldest;

	for (int i = 0; i < *count; i++)
		if (connections[i].fd < 0)
			return i;
	if (*count < PEERS)
		return (*count)++;
	oldest = (oldest + 1) % PEERS;
	close(connections[oldest].fd);
	return oldest;
}

static void welcome(int listening, struct pollfd *connections, int *count, struct peer *peers,
		    struct line *past)
{
	int i = place_of(connections, count);

	add_line(past, &peers[i].line);
	peers[i] = (struct peer){ 0 };
	connections[i] = (struct pollfd){ .fd = accept(listening, NULL, NULL), .events = POLLIN };
}

static int serve(char **argv)
{
	static struct peer udp[PEERS], tcp[PEERS];
	struct sockaddr_in a = address(argv[2], argv[3]);
	struct pollfd p[2 + PEERS] = { { .fd = open_socket(SOCK_DGRAM), .events = POLLIN },
				       { .fd = open_socket(SOCK_STREAM), .events = POLLIN } };
	struct line none = { 0 }, past = { 0 };
	int connections = 0;

	if (bind(p[0].fd, (struct sockaddr *)&a, sizeof(a)) ||
	    bind(p[1].fd, (struct sockaddr *)&a, sizeof(a)) || listen(p[1].fd, 64))
		die("bind");
	while (!over) {
		poll(p, (nfds_t)(2 + connections), -1);
		if (p[0].revents)
			serve_udp(p[0].fd, udp);
		if (p[1].revents & POLLIN)
			welcome(p[1].fd, p + 2, &connections, tcp, &past);
		for (int i = 0; i < connections; i++)
			if (p[2 + i].fd >= 0 && p[2 + i].revents &&
			    !serve_tcp(p[2 + i].fd, &tcp[i].line)) {
				close(p[2 + i].fd);
				p[2 + i].fd = -1;
			}
	}
	serve_report("udp", udp, &none);
	serve_report("tcp", tcp, &past);
	return 0;
}

/* ---- send ---- */

static void open_line(struct line *l, int type, const struct sockaddr_in *a)
{
	l->fd = open_socket(type);
	if (connect(l->fd, (const struct sockaddr *)a, sizeof(*a)))
		die(l->kind);
}

static void push(struct line *l)
{
	uint8_t message[MESSAGE] = { 0 };
	ssize_t n;

	if (l->fd < 0 || l->dead)
		return;
	memcpy(message, &l->sent, sizeof(l->sent));
	n = send(l->fd, message, sizeof(message), MSG_NOSIGNAL);
	if (n == MESSAGE)
		l->sent++;
	else if (n < 0 && (errno == ECONNRESET || errno == EPIPE || errno == ETIMEDOUT))
		l->dead = true;
}

static void collect(struct line *l, bool stream)
{
	uint8_t bytes[65536];
	ssize_t n = 0;

	while (!l->dead && l->fd >= 0 && (n = recv(l->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		take_stream(l, bytes, (size_t)n, now_ns());
	if (stream && l->fd >= 0 && n < 0 && errno == ECONNRESET)
		l->dead = true;
}

static bool missing(const struct line *l)
{
	return l->fd >= 0 && !l->dead && l->received < l->sent;
}

static bool finish_line(struct line *l)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (l->fd < 0)
		return true;
	if (!getsockopt(l->fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		l->retransmits = info.tcpi_total_retrans;
	say(l, l->sent);
	return !l->dead && l->received == l->sent && !l->reordered;
}

static int send_numbers(int argc, char **argv)
{
	struct line udp = { .kind = "udp", .fd = -1 }, tcp = { .kind = "tcp", .fd = -1 };
	struct sockaddr_in a = address(argv[2], argv[3]);
	int64_t rate = atoll(argv[4]), start, done = 0;
	const char *only = argc > 5 ? argv[5] : "";
	bool clean;

	if (strcmp(only, "tcp") != 0)
		open_line(&udp, SOCK_DGRAM, &a);
	if (strcmp(only, "udp") != 0)
		open_line(&tcp, SOCK_STREAM, &a);
	start = now_ns();
	while (!over) {
		int64_t due = (now_ns() - start) / 1000 * rate / 1000000;

		for (int i = 0; done < due && i < 64; i++, done++) {
			push(&udp);
			push(&tcp);
		}
		collect(&udp, false);
		collect(&tcp, true);
		if (done >= due)
			usleep(500);
	}
	for (int64_t last = now_ns();
	     (missing(&udp) || missing(&tcp)) && now_ns() - last < DRAIN_NS; usleep(1000)) {
		collect(&udp, false);
		collect(&tcp, true);
	}
	clean = finish_line(&udp);
	return finish_line(&tcp) && clean ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = end }; /* no SA_RESTART: poll returns */

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 4 && strcmp(argv[1], "serve") == 0)
		return serve(argv);
	if (argc >= 5 && strcmp(argv[1], "send") == 0)
		return send_numbers(argc, argv);
	fprintf(stderr,
		"usage: numbered serve ADDRESS PORT | numbered send ADDRESS PORT RATE [tcp|udp]\n");
	return 2;
}

// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * dns_load: small DNS queries (64-byte frames) as load, as ping-pong and as many flows.
 *
 *	dns_load send ADDRESS PORT SECONDS RATE PLANTED SEED BASE	RATE a second, 0 flat out, from
 *						16 sockets; PLANTED names p(BASE).plant.example ... from random moments on
 *	dns_load recv ADDRESS PORT SECONDS	counts what arrives, and planted names among it
 *	dns_load echo ADDRESS PORT		answers every query until SIGTERM
 *	dns_load ping ADDRESS PORT COUNT	one at a time; round-trip percentiles
 *	dns_load flows ADDRESS PORT COUNT	a query each from COUNT ports (ADDRESS, ADDRESS + 1, ... 50,000 each)
 *
 * Each prints one line of key=value.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS 16
#define BURST 32
#define QUERY 22 /* 14 + 20 + 8 + 22 = 64 bytes on the wire */
#define QUERY_MAX 64
#define PORTS_EACH 50000

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
	fprintf(stderr, "dns_load: %s: %s\n", what, strerror(errno));
	exit(2);
}

static struct sockaddr_in address(const char *ip, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };

	if (inet_pton(AF_INET, ip, &a.sin_addr) != 1)
		die(ip);
	return a;
}

static int open_udp(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), big = 16 << 20;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	return fd;
}

/* A query (RFC 1035, 4.1): header with RD, one question of type A, class IN. Returns its length. */
static size_t query(uint8_t *out, uint16_t id, const char *name)
{
	static const uint8_t header[12] = { 0, 0, 1, 0, 0, 1 };
	size_t n = sizeof(header);

	memcpy(out, header, sizeof(header));
	out[0] = (uint8_t)(id >> 8);
	out[1] = (uint8_t)id;
	while (*name) {
		size_t label = strcspn(name, ".");

		out[n++] = (uint8_t)label;
		memcpy(out + n, name, label);
		n += label;
		name += label + (name[label] == '.');
	}
	memcpy(out + n, "\0\0\1\0\1", 5);
	return n + 5;
}

static bool planted(const uint8_t *m, ssize_t n)
{
	return n > QUERY && memmem(m, (size_t)n, "\5plant\7example", 14);
}

/* ---- send ---- */

/* A planted name asks again and again, as a client does that gets no answer: a full queue must not hide it. */
#define REPEATS 25

struct plant {
	int64_t at;
	unsigned int name; /* index from 0 */
};

static int by_moment(const void *a, const void *b)
{
	const struct plant *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* When which name is asked for: begins at random within the first half, repeats within the rest. Ends with INT64_MAX. */
static struct plant *plan(unsigned int names, int64_t start, int64_t length, unsigned int seed)
{
	struct plant *p = calloc((size_t)names * REPEATS + 1, sizeof(*p));

	if (!p)
		die("memory");
	srandom(seed);
	for (unsigned int i = 0; i < names; i++) {
		int64_t at = start + (int64_t)((double)random() / RAND_MAX * 0.5 * (double)length);

		for (unsigned int k = 0; k < REPEATS; k++)
			p[i * REPEATS + k] = (struct plant){ at + k * length / 2 / REPEATS, i };
	}
	qsort(p, (size_t)names * REPEATS, sizeof(*p), by_moment);
	p[names * REPEATS].at = INT64_MAX;
	return p;
}

static void send_planted(int *fd, const struct sockaddr_in *a, unsigned int number)
{
	uint8_t m[QUERY_MAX];
	char name[40];
	size_t len;

	snprintf(name, sizeof(name), "p%u.plant.example", number);
	len = query(m, (uint16_t)number, name);
	if (*fd <= 0) {
		*fd = open_udp();
		if (connect(*fd, (const struct sockaddr *)a, sizeof(*a)))
			die("connect");
	}
	(void)!send(*fd, m, len, 0);
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void fill(struct mmsghdr *burst, struct iovec *iov, uint8_t bytes[][QUERY_MAX])
{
	for (int i = 0; i < BURST; i++) {
		char name[8];

		snprintf(name, sizeof(name), "w%03d", i);
		iov[i] = (struct iovec){ bytes[i], query(bytes[i], (uint16_t)i, name) };
		burst[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov[i], .msg_iovlen = 1 } };
	}
}

static int send_load(char **argv)
{
	struct sockaddr_in a = address(argv[2], argv[3]);
	int64_t start = now_ns(), length = (int64_t)(atof(argv[4]) * 1e9), rate = atoll(argv[5]);
	unsigned int names = (unsigned int)atoi(argv[6]), base = (unsigned int)atoi(argv[8]);
	struct plant *plants = plan(names, start, length, (unsigned int)atoi(argv[7])),
		     *next = plants;
	int *planted_fd = calloc(names + 1, sizeof(int)), fd[SOCKETS];
	struct mmsghdr burst[BURST];
	struct iovec iov[BURST];
	uint8_t bytes[BURST][QUERY_MAX];
	uint64_t sent = 0;

	if (!planted_fd)
		die("memory");
	for (int i = 0; i < SOCKETS; i++) {
		fd[i] = open_udp();
		if (connect(fd[i], (struct sockaddr *)&a, sizeof(a)))
			die("connect");
	}
	fill(burst, iov, bytes);
	for (int64_t now = start; now < start + length && !over; now = now_ns()) {
		for (; now >= next->at; next++)
			send_planted(&planted_fd[next->name], &a, base + next->name);
		if (rate && (int64_t)sent > (now - start) / 1000 * rate / 1000000) {
			usleep(100);
			continue;
		}
		int n = sendmmsg(fd[sent / BURST % SOCKETS], burst, BURST, 0);

		sent += n > 0 ? (uint64_t)n : 0;
	}
	printf("sent=%" PRIu64 " planted=%u seconds=%.3f\n", sent, names,
	       (double)(now_ns() - start) / 1e9);
	free(plants);
	free(planted_fd);
	return 0;
}

/* ---- recv, echo ---- */

static int listen_udp(char **argv)
{
	struct sockaddr_in a = address(argv[2], argv[3]);
	int fd = open_udp();

	if (bind(fd, (struct sockaddr *)&a, sizeof(a)))
		die("bind");
	return fd;
}

static int recv_load(char **argv)
{
	int fd = listen_udp(argv);
	int64_t stop = now_ns() + (int64_t)(atof(argv[4]) * 1e9), first = 0, last = 0;
	uint8_t bytes[BURST][QUERY_MAX];
	struct mmsghdr burst[BURST];
	struct iovec iov[BURST];
	uint64_t received = 0, leaked = 0;

	for (int i = 0; i < BURST; i++) {
		iov[i] = (struct iovec){ bytes[i], QUERY_MAX };
		burst[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov[i], .msg_iovlen = 1 } };
	}
	while (!over && now_ns() < stop) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int n = poll(&p, 1, 50) > 0 ? recvmmsg(fd, burst, BURST, MSG_DONTWAIT, NULL) : 0;

		if (n <= 0)
			continue;
		last = now_ns();
		first = first ? first : last;
		received += (uint64_t)n;
		for (int i = 0; i < n; i++)
			leaked += planted(bytes[i], burst[i].msg_len);
	}
	printf("received=%" PRIu64 " leaked=%" PRIu64 " seconds=%.3f pps=%.0f\n", received, leaked,
	       (double)(last - first) / 1e9,
	       last > first ? (double)received * 1e9 / (double)(last - first) : 0.0);
	return 0;
}

static int echo(char **argv)
{
	int fd = listen_udp(argv);
	uint8_t m[512];
	struct sockaddr_in from;

	while (!over) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, m, sizeof(m), 0, (struct sockaddr *)&from, &len);

		if (n < QUERY)
			continue;
		m[2] |= 0x80; /* QR: a response */
		sendto(fd, m, (size_t)n, 0, (struct sockaddr *)&from, len);
	}
	return 0;
}

/* ---- ping ---- */

static double percentile(const int64_t *sorted, unsigned int n, double p)
{
	return n ? (double)sorted[(unsigned int)((n - 1) * p)] / 1000 : 0;
}

static int ping(char **argv)
{
	struct sockaddr_in a = address(argv[2], argv[3]);
	unsigned int count = (unsigned int)atoi(argv[4]), got = 0;
	int64_t *took = calloc(count, sizeof(*took));
	struct timeval patience = { .tv_usec = 200000 };
	int fd = open_udp();
	uint8_t m[QUERY_MAX], answer[512];

	if (!took || connect(fd, (struct sockaddr *)&a, sizeof(a)))
		die("ping");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (unsigned int i = 0; i < count && !over; i++) {
		size_t len = query(m, (uint16_t)i, "ping");
		int64_t start = now_ns();

		if (send(fd, m, len, 0) < 0)
			continue;
		while (recv(fd, answer, sizeof(answer), 0) >= QUERY) {
			if (answer[0] != m[0] || answer[1] != m[1])
				continue;
			took[got++] = now_ns() - start;
			break;
		}
		usleep(200); /* a quiet line: nothing else is under way */
	}
	qsort(took, got, sizeof(*took), by_time);
	printf("count=%u answered=%u p50_us=%.1f p99_us=%.1f max_us=%.1f\n", count, got,
	       percentile(took, got, 0.5), percentile(took, got, 0.99), percentile(took, got, 1));
	free(took);
	return got ? 0 : 1;
}

/* ---- flows ---- */

static int flows(char **argv)
{
	struct sockaddr_in to = address(argv[2], argv[3]);
	unsigned int count = (unsigned int)atoi(argv[4]);
	uint64_t sent = 0;
	uint8_t m[QUERY_MAX];
	size_t len = query(m, 1, "flow");

	for (unsigned int i = 0; i < count && !over; i++) {
		struct sockaddr_in peer = to,
				   me = { .sin_family = AF_INET,
					  .sin_port = htons((uint16_t)(10000 + i % PORTS_EACH)) };
		int fd = open_udp();

		peer.sin_addr.s_addr = htonl(ntohl(to.sin_addr.s_addr) + i / PORTS_EACH);
		if (bind(fd, (struct sockaddr *)&me, sizeof(me)) == 0 &&
		    sendto(fd, m, len, 0, (struct sockaddr *)&peer, sizeof(peer)) > 0)
			sent++;
		close(fd);
		if (i % 64 == 63)
			usleep(1000); /* some 40,000 a second: what the box holds is measured, not what it can take */
	}
	printf("flows=%" PRIu64 "\n", sent);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int args;
		int (*run)(char **argv);
	} verbs[] = {
		{ "send", 9, send_load }, { "recv", 5, recv_load }, { "echo", 4, echo },
		{ "ping", 5, ping },      { "flows", 5, flows },
	};
	struct sigaction sa = { .sa_handler = end };

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (argc == verbs[i].args && strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argv);
	fprintf(stderr, "usage: see the head of tests/bench/dns_load.c\n");
	return 2;
}

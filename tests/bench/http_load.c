// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * http_load: bulk over kept-alive HTTP/1.1 connections, with forbidden names planted among the requests.
 *
 *	http_load ADDRESS PORT SECONDS CONNECTIONS PATH PLANTED SEED BASE
 *
 * Every connection asks for PATH again and again. At PLANTED random moments a connection that has just finished an
 * answer asks with `Host: p(BASE).plant.example`, counting up instead: behind the box such a request must not be answered; the connection
 * is then given up and opened anew. Prints `bytes= seconds= gbps= requests= planted= answered=`.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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

#define CONNECTIONS_MAX 64
#define PATIENCE_NS 300000000LL /* a planted request unanswered for so long was blocked */

struct connection {
	int fd;
	bool planted;  /* its request under way carries a forbidden name */
	int64_t asked; /* ns */
	uint64_t body_left;
	char head[2048];
	size_t head_len;
	bool in_body;
};

static struct {
	struct sockaddr_in to;
	const char *path;
	uint64_t bytes, requests, answered;
	unsigned int planted, base;
	unsigned int due; /* planted requests whose moment has come */
} load;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "http_load: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void ask(struct connection *c)
{
	char request[300];
	int n;

	c->planted = load.due > 0;
	if (c->planted) {
		load.due--;
		n = snprintf(request, sizeof(request),
			     "GET /?p%u HTTP/1.1\r\nHost: p%u.plant.example\r\n\r\n",
			     load.base + load.planted, load.base + load.planted);
		load.planted++;
	} else {
		n = snprintf(request, sizeof(request),
			     "GET %s HTTP/1.1\r\nHost: www.good.example\r\n\r\n", load.path);
		load.requests++;
	}
	c->asked = now_ns();
	c->head_len = 0;
	c->in_body = false;
	(void)!send(c->fd, request, (size_t)n, MSG_NOSIGNAL);
}

static void open_connection(struct connection *c)
{
	int big = 4 << 20;

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0)
		die("socket");
	setsockopt(c->fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	if (connect(c->fd, (struct sockaddr *)&load.to, sizeof(load.to)))
		die("connect");
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	ask(c);
}

static void reopen(struct connection *c)
{
	close(c->fd);
	open_connection(c);
}

/* The bytes of an answer's head until the empty line; what follows is body. Returns body bytes in @buf. */
static size_t take_head(struct connection *c, const char *buf, size_t n)
{
	size_t room = sizeof(c->head) - 1 - c->head_len, take = n < room ? n : room;
	const char *end, *length;
	size_t used;

	memcpy(c->head + c->head_len, buf, take);
	c->head[c->head_len + take] = '\0';
	end = strstr(c->head, "\r\n\r\n");
	if (!end) {
		c->head_len += take;
		return 0;
	}
	used = (size_t)(end + 4 - c->head) - c->head_len;
	length = strcasestr(c->head, "\ncontent-length:");
	c->body_left = length ? strtoull(length + 16, NULL, 10) : 0;
	c->in_body = true;
	load.answered += c->planted;
	return n - used;
}

static void take(struct connection *c, const char *buf, size_t n)
{
	load.bytes += n;
	if (!c->in_body)
		n = take_head(c, buf, n);
	if (!c->in_body)
		return;
	c->body_left -= n < c->body_left ? n : c->body_left;
	if (!c->body_left)
		ask(c);
}

static void serve(struct connection *c, char *buf, size_t size)
{
	for (int i = 0; i < 4; i++) {
		ssize_t n = recv(c->fd, buf, size, 0);

		if (n > 0) {
			take(c, buf, (size_t)n);
			continue;
		}
		if (n == 0 || errno != EAGAIN)
			reopen(c);
		return;
	}
}

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void run(struct connection *c, int connections, int64_t stop, const int64_t *plant)
{
	static char buf[1 << 20];
	struct pollfd p[CONNECTIONS_MAX];

	for (int64_t now = now_ns(); now < stop; now = now_ns()) {
		for (; now >= *plant; plant++)
			load.due++;
		for (int i = 0; i < connections; i++)
			p[i] = (struct pollfd){ .fd = c[i].fd, .events = POLLIN };
		poll(p, (nfds_t)connections, 20);
		for (int i = 0; i < connections; i++)
			if (p[i].revents)
				serve(&c[i], buf, sizeof(buf));
			else if (c[i].planted && !c[i].in_body && now - c[i].asked > PATIENCE_NS)
				reopen(&c[i]);
	}
}

int main(int argc, char **argv)
{
	static struct connection c[CONNECTIONS_MAX];
	int connections;
	unsigned int plants;
	int64_t start, length, *plant;

	if (argc != 9) {
		fprintf(stderr,
			"usage: http_load ADDRESS PORT SECONDS CONNECTIONS PATH PLANTED SEED BASE\n");
		return 2;
	}
	load.to = (struct sockaddr_in){ .sin_family = AF_INET,
					.sin_port = htons((uint16_t)atoi(argv[2])) };
	if (inet_pton(AF_INET, argv[1], &load.to.sin_addr) != 1)
		die(argv[1]);
	length = (int64_t)(atof(argv[3]) * 1e9);
	connections = atoi(argv[4]) < CONNECTIONS_MAX ? atoi(argv[4]) : CONNECTIONS_MAX;
	load.path = argv[5];
	load.base = (unsigned int)atoi(argv[8]);
	plants = (unsigned int)atoi(argv[6]);
	plant = calloc(plants + 1, sizeof(*plant));
	if (!plant)
		die("memory");
	srandom((unsigned int)atoi(argv[7]));
	start = now_ns();
	for (unsigned int i = 0; i < plants; i++)
		plant[i] = start + (int64_t)((double)random() / RAND_MAX * 0.8 * (double)length);
	qsort(plant, plants, sizeof(*plant), by_time);
	plant[plants] = INT64_MAX;
	for (int i = 0; i < connections; i++)
		open_connection(&c[i]);
	run(c, connections, start + length, plant);
	length = now_ns() - start;
	printf("bytes=%" PRIu64 " seconds=%.3f gbps=%.3f requests=%" PRIu64
	       " planted=%u answered=%" PRIu64 "\n",
	       load.bytes, (double)length / 1e9, (double)load.bytes * 8 / (double)length,
	       load.requests, load.planted, load.answered);
	free(plant);
	return 0;
}

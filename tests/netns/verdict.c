// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * verdict: stands in for an engine where a test is about the kernel alone. It reads one queue and gives
 * every packet the same answer, with the class it came with.
 *
 *	verdict QUEUE open|closed ANSWER [quiet]
 *
 * ANSWER: none (seen, no opinion), pass, offload, drop, reset, or silent (reads and never answers).
 * Each packet is one line, its mark in hexadecimal, unless quiet.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/kernel/queue.h"
#include "daemon/packet.h"
#include "daemon/source_nfq.h"
#include "daemon/stats.h"
#include "rules/kernel/mark.h"

#define SILENT 99

static const struct answer {
	const char *word;
	uint8_t verdict;
} answers[] = {
	{ "none", MARK_UNDECIDED }, { "pass", MARK_PASS },   { "offload", MARK_OFFLOAD },
	{ "drop", MARK_DROP },      { "reset", MARK_RESET }, { "silent", SILENT },
};

static int answer_of(const char *word)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strcmp(answers[i].word, word) == 0)
			return answers[i].verdict;
	return -1;
}

static void give(struct source *s, const struct packet *p, uint8_t verdict, bool quiet)
{
	struct outcome o = {
		.verdict = verdict,
		.opinion = verdict != MARK_UNDECIDED,
		.class_number = (uint16_t)(p->mark & MARK_CLASS),
	};

	if (!quiet) {
		printf("%08x\n", p->mark);
		fflush(stdout);
	}
	if (verdict != SILENT)
		s->ops->verdict(s, p->id, &o);
}

static int serve(struct source *s, uint8_t verdict, bool quiet)
{
	struct pollfd poller = { .fd = s->ops->fd(s), .events = POLLIN };
	struct packet p;
	int r;

	do {
		poll(&poller, 1, -1);
		while ((r = s->ops->next(s, &p)) == 1)
			give(s, &p, verdict, quiet);
	} while (r == 0);
	return 2;
}

int main(int argc, char **argv)
{
	static struct stats_page page;
	struct queue_conf conf = { .length = 8192 };
	uint32_t taken_by = 0;
	int fd = -1, verdict = argc > 3 ? answer_of(argv[3]) : -1;

	if (verdict < 0) {
		fprintf(stderr, "usage: verdict QUEUE open|closed ANSWER [quiet]\n");
		return 2;
	}
	conf.number = (uint16_t)atoi(argv[1]);
	conf.open = strcmp(argv[2], "open") == 0;
	enum queue_error e = queue_open(&conf, &fd, &taken_by);
	struct source *s = e == QUEUE_OK ? source_nfq_new(fd, conf.number, &page, "queue") : NULL;

	if (!s) {
		fprintf(stderr, "verdict: queue %u: error %d\n", conf.number, (int)e);
		return 2;
	}
	printf("ready\n");
	fflush(stdout);
	return serve(s, (uint8_t)verdict, argc > 4);
}

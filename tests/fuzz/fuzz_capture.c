/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_capture: bytes as a capture file, through the whole source with tunnels opened. It ends, and says why.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/capture/decap.h"
#include "daemon/packet.h"
#include "daemon/source_pcap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(void *ctx, uint32_t number, const char *name)
{
	assert(number == ++*(uint32_t *)ctx);
	assert(strlen(name) < 64);
}

static void read_all(struct source *s)
{
	struct packet p;
	uint32_t id = 0;
	uint8_t sum = 0;
	int r;

	while ((r = s->ops->next(s, &p)) == 1) {
		assert(p.id == id++);
		assert(p.len && p.wire_len >= p.len && p.time >= 0);
		for (uint32_t i = 0; i < p.len; i++)
			sum = (uint8_t)(sum + p.data[i]);
	}
	assert(r < 0 && (r == -ENODATA) == (source_pcap_problem(s)->error == 0));
	(void)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[32], text[CAPTURE_PROBLEM_TEXT];
	struct source_pcap_file file = { .path = path };
	uint32_t interfaces = 0;
	struct source_pcap_conf conf = { .decapsulate = DECAP_ALL, .interface = note };
	struct capture_problem problem;
	struct source *s;
	int fd = memfd_create("fuzz", 0);

	assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	conf.ctx = &interfaces;
	if (source_pcap_open(&file, 1, &conf, &s, &problem) == 0) {
		read_all(s);
		problem = *source_pcap_problem(s);
		s->ops->close(s);
	}
	if (problem.error)
		assert(strstr(capture_problem_text(&problem, size & 1, text), path));
	close(fd);
	return 0;
}

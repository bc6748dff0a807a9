// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * applier: apply_run() on an image, ended by SIGKILL at the step named, as a power cut would.
 *
 *	applier STATE-DIRECTORY IMAGE QUEUES [STEP [SECONDS]]
 *
 * With SECONDS it has to be confirmed in that time; a STEP that does not exist ends nothing.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/apply.h"

static void die_at(void *ctx, const char *en, const char *ja)
{
	const char *step = ctx;

	(void)ja;
	if (step && strcmp(step, en) == 0)
		kill(getpid(), SIGKILL);
}

static void *map_file(const char *path, size_t *len)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	*len = (size_t)st.st_size;
	void *map = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);

	close(fd);
	return map == MAP_FAILED ? NULL : map;
}

int main(int argc, char **argv)
{
	struct apply_result result;

	if (argc < 4) {
		fprintf(stderr, "usage: applier STATE-DIRECTORY IMAGE QUEUES [STEP [SECONDS]]\n");
		return 2;
	}
	struct apply_conf conf = { .state_directory = argv[1],
				   .queues = (unsigned int)atoi(argv[3]) };
	struct apply_calls calls = { .ctx = argc > 4 ? argv[4] : NULL, .progress = die_at };
	struct apply_request q = { .act = APPLY_NEW,
				   .person = { .uid = 0, .login = APPLY_NOBODY, .name = "test" },
				   .reason = "test",
				   .within = argc > 5 ? (uint32_t)atoi(argv[5]) : 0,
				   .now = time(NULL),
				   .dated = true };

	q.image = map_file(argv[2], &q.len);
	if (!q.image) {
		perror(argv[2]);
		return 2;
	}
	int r = apply_run(&conf, &q, &calls, &result);

	if (r < 0)
		fprintf(stderr, "applier: %s\n", result.why[0]);
	return r < 0;
}

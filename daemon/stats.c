/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/stats.h"

#include "daemon/record/event.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int stats_make(void)
{
	const int fd = memfd_create("sekimori-stats", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int e;

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, sizeof(struct stats_page)) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return fd;
	e = -errno;
	close(fd);
	return e;
}

struct stats_page *stats_map(int fd)
{
	void *p = mmap(NULL, sizeof(struct stats_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

void stats_unmap(struct stats_page *p)
{
	if (p)
		munmap(p, sizeof *p);
}

static void set_word(char out[static STATS_WORD], const char *word)
{
	const size_t n = strnlen(word, STATS_WORD - 1);

	memcpy(out, word, n);
	out[n] = '\0';
}

static size_t index_of(struct stats_page *p, const char *group, const char *name)
{
	size_t i;

	for (i = 0; i < STATS_MAX && p->counters[i].name[0]; i++) {
		if (strncmp(p->counters[i].group, group, STATS_WORD - 1) == 0 &&
		    strncmp(p->counters[i].name, name, STATS_WORD - 1) == 0)
			return i;
	}
	if (i < STATS_MAX) {
		set_word(p->counters[i].group, group);
		set_word(p->counters[i].name, name);
	}
	return i;
}

uint64_t *stats_find(struct stats_page *p, const char *group, const char *name)
{
	return &p->counters[index_of(p, group, name)].value;
}

/* Figures that say how many there are now: a dead process has none of them any more. */
static bool is_level(const struct stats_counter *c)
{
	return strcmp(c->group, "flow") == 0 && strcmp(c->name, "active") == 0;
}

void stats_begin(struct stats_page *p)
{
	for (size_t i = 0; i < STATS_MAX; i++) {
		if (is_level(&p->counters[i]))
			stats_set(&p->counters[i].value, 0);
	}
	memset(p->published, 0, sizeof p->published);
}

void stats_publish(struct stats_page *p, const struct event_counter *counters, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const size_t at = index_of(p, counters[i].group, counters[i].name);

		if (at == STATS_MAX)
			continue;
		/* unsigned: a figure that fell (flows now in the table) takes the difference away */
		stats_add(&p->counters[at].value, counters[i].value - p->published[at]);
		p->published[at] = counters[i].value;
	}
}

size_t stats_read(const struct stats_page *p, struct stats_counter names[static STATS_MAX],
		  struct event_counter *out, size_t max)
{
	size_t n = 0;

	memcpy(names, p->counters, STATS_MAX * sizeof *names);
	for (size_t i = 0; i < STATS_MAX && names[i].name[0] && n < max; i++) {
		names[i].group[STATS_WORD - 1] = '\0';
		names[i].name[STATS_WORD - 1] = '\0';
		out[n++] = (struct event_counter){ .group = names[i].group,
						   .name = names[i].name,
						   .value = names[i].value };
	}
	return n;
}

uint64_t stats_value(const struct stats_page *p, const char *group, const char *name)
{
	for (size_t i = 0; i < STATS_MAX && p->counters[i].name[0]; i++) {
		if (strncmp(p->counters[i].group, group, STATS_WORD - 1) == 0 &&
		    strncmp(p->counters[i].name, name, STATS_WORD - 1) == 0)
			return __atomic_load_n(&p->counters[i].value, __ATOMIC_RELAXED);
	}
	return 0;
}

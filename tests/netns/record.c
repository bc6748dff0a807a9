/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record: the kernel of this network namespace, for the scripts.
 *
 *	record save FILE		write the record
 *	record count FILE		{"tables":1,"chains":2,...} of nf_tables
 *	record diff BEFORE AFTER	what changed, in words; exit 1 when anything did
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/kernel/dump.h"
#include "rules/kernel/readback/changes.h"
#include "rules/kernel/readback/ruleset.h"
#include "rules/text.h"

static int cannot(const char *what, const char *why)
{
	fprintf(stderr, "record: %s: %s\n", what, why);
	return 2;
}

static int save(char **argv)
{
	struct text out = { 0 };
	char why[2][DUMP_WHY];
	struct dump d;
	int e = dump_open(&d);

	if (e < 0)
		return cannot("netlink", strerror(-e));
	e = dump_read(&d, &out, why);
	dump_close(&d);
	if (e < 0)
		return cannot("dump", why[0]);
	FILE *f = fopen(argv[0], "we");

	if (!f || fwrite(out.bytes, 1, out.len, f) != out.len || fclose(f) != 0)
		return cannot(argv[0], strerror(errno));
	text_done(&out);
	return 0;
}

static int load(const char *path, struct text *out)
{
	char buf[65536];
	ssize_t n;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && (n = read(fd, buf, sizeof buf)) > 0)
		text_add(out, buf, (size_t)n);
	return fd < 0 ? cannot(path, strerror(errno)) : close(fd);
}

static int count(char **argv)
{
	struct text t = { 0 };
	struct ruleset r;
	uint32_t elements = 0;

	if (load(argv[0], &t))
		return 2;
	const int e = ruleset_parse(&r, t.bytes, t.len);

	if (e < 0)
		return cannot(argv[0], strerror(-e));
	for (uint32_t i = 0; i < r.sets_count; i++)
		elements += r.sets[i].count;
	printf("{\"tables\":%u,\"chains\":%u,\"rules\":%u,\"sets\":%u,\"elements\":%u,\"objects\":%u,\"flowtables\":%u}\n",
	       r.tables_count, r.chains_count, r.rules_count, r.sets_count, elements,
	       r.objects_count, r.flowtables_count);
	ruleset_done(&r);
	text_done(&t);
	return 0;
}

static int diff(char **argv)
{
	struct text a = { 0 }, b = { 0 }, words = { 0 };
	struct changes c;

	if (load(argv[0], &a) || load(argv[1], &b))
		return 2;
	const int e = changes_between(&c, a.bytes, a.len, b.bytes, b.len, 0);

	if (e < 0)
		return cannot("records", strerror(-e));
	changes_text(&c, getenv("JA") != NULL, 2000, &words);
	printf("%s\n", words.bytes ? words.bytes : "nothing");
	const bool any = c.total;

	changes_done(&c);
	text_done(&a);
	text_done(&b);
	text_done(&words);
	return any;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "save") == 0)
		return save(argv + 2);
	if (argc == 3 && strcmp(argv[1], "count") == 0)
		return count(argv + 2);
	if (argc == 4 && strcmp(argv[1], "diff") == 0)
		return diff(argv + 2);
	fprintf(stderr, "usage: record save FILE | count FILE | diff BEFORE AFTER\n");
	return 2;
}

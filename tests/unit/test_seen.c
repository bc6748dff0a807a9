/* SPDX-License-Identifier: GPL-3.0-or-later */
/* recorded conversations: lines of event files, what they say, and how they are put together */
#include "tools/seen/archive.h"
#include "tools/seen/seen.h"
#include "tools/seen/segment.h"
#include "tools/seen/sighting.h"

#include "tests/unit/support.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <zlib.h>

#define FLOW(times, ends, sekimori) \
	"{\"timestamp\":\"2026-11-22T10:00:02.000000+0900\",\"event_type\":\"flow\"," ends \
	",\"proto\":\"TCP\",\"app_proto\":\"tls\",\"flow\":{\"pkts_toserver\":5,\"pkts_toclient\":5," \
	"\"bytes_toserver\":1000,\"bytes_toclient\":2000," times "},\"sekimori\":{" sekimori "}}"
#define TIMES \
	"\"start\":\"2026-11-22T10:00:00.000000+0900\",\"end\":\"2026-11-22T10:00:02.000000+0900\""
#define ENDS "\"src_ip\":\"10.1.0.2\",\"dest_ip\":\"10.2.0.3\",\"dest_port\":443"
#define SEEN \
	"\"application\":\"TLS.Google\",\"name\":\"b.example\",\"names\":[\"a.example\"],\"packets_seen\":10"
#define AT INT64_C(1795309200) /* 2026-11-22T10:00:00 in Japan */

static const char whole[] = FLOW(TIMES, ENDS, SEEN ",\"payload_up\":700,\"payload_down\":1700");

static enum sighting_result read_text(const char *text, struct sighting *s)
{
	struct cli_json j = { 0 };
	enum sighting_result r = SIGHTING_DAMAGED;

	if (cli_json_parse(&j, text, strlen(text)) == 0)
		r = sighting_read(&j, s);
	cli_json_done(&j);
	return r;
}

static void sighting_of_a_flow_has_its_facts(void **state)
{
	struct sighting s;

	(void)state;
	assert_int_equal(read_text(whole, &s), SIGHTING_TAKEN);
	assert_int_equal(s.start, AT);
	assert_int_equal(s.end, AT + 2);
	assert_int_equal(s.tuple.dport, 443);
	assert_int_equal(s.tuple.protocol, IPPROTO_TCP);
	assert_string_equal(s.application, "TLS.Google");
	assert_string_equal(s.names, "a.example\nb.example");
	assert_int_equal(s.most_up, 700);
	assert_int_equal(s.least_up, 700);
	assert_int_equal(s.count, 1);
	assert_false(s.refused);
}

static void sighting_without_payload_has_bounds_of_it(void **state)
{
	struct sighting s;

	(void)state;
	assert_int_equal(read_text(FLOW(TIMES, ENDS, SEEN), &s), SIGHTING_TAKEN);
	assert_int_equal(s.most_up, 1000 - 5 * 40);
	assert_int_equal(s.least_up, 1000 - 5 * 80);
}

static void sighting_with_other_offset_is_the_same_second(void **state)
{
	struct sighting s;

	(void)state;
	assert_int_equal(read_text(FLOW("\"start\":\"2026-11-22T01:00:00.0+0000\",\"end\":"
					"\"2026-11-21T20:00:02.0-0500\"",
					ENDS, ""),
				   &s),
			 SIGHTING_TAKEN);
	assert_int_equal(s.start, AT);
	assert_int_equal(s.end, AT + 2);
}

static void sighting_of_a_line_that_says_no_is_refused(void **state)
{
	struct sighting s;

	(void)state;
	assert_int_equal(read_text(FLOW(TIMES, ENDS, "\"reason\":\"name-mismatch\""), &s),
			 SIGHTING_TAKEN);
	assert_true(s.refused);
	assert_int_equal(
		read_text(
			"{\"timestamp\":\"2026-11-22T10:00:00.0+0900\",\"event_type\":\"alert\"," ENDS
			",\"proto\":\"TCP\",\"alert\":{\"action\":\"blocked\"},"
			"\"sekimori\":{\"reason\":\"not-permitted\",\"count\":7}}",
			&s),
		SIGHTING_TAKEN);
	assert_true(s.refused);
	assert_int_equal(s.count, 7);
}

static void sighting_of_what_no_permit_changes_is_none(void **state)
{
	static const char *const lines[] = {
		"{\"event_type\":\"stats\"}",
		"{\"event_type\":\"alert\",\"alert\":{\"action\":\"allowed\"}}",
		"{\"timestamp\":\"2026-11-22T10:00:00.0+0900\",\"event_type\":\"alert\"," ENDS
		",\"proto\":\"TCP\",\"alert\":{\"action\":\"blocked\"},\"sekimori\":{\"reason\":\"spoofed-address\"}}",
		"{\"timestamp\":\"2026-11-22T10:00:00.0+0900\",\"event_type\":\"alert\",\"flow_id\":3," ENDS
		",\"proto\":\"TCP\",\"alert\":{\"action\":\"blocked\"},"
		"\"sekimori\":{\"reason\":\"name-mismatch\",\"packets_seen\":4}}",
	};
	struct sighting s;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(read_text(lines[i], &s), SIGHTING_OTHER);
}

static void sighting_of_hostile_lines_is_damaged(void **state)
{
	static const char *const lines[] = {
		"{}",
		"[]",
		FLOW(TIMES, "\"src_ip\":\"10.1.0.2\",\"dest_ip\":\"fd00::1\",\"dest_port\":443",
		     ""),
		FLOW(TIMES, "\"src_ip\":\"10.1.0.2\",\"dest_ip\":\"10.2.0.3\",\"dest_port\":65536",
		     ""),
		FLOW(TIMES, "\"src_ip\":7,\"dest_ip\":\"10.2.0.3\",\"dest_port\":443", ""),
		FLOW("\"start\":\"yesterday\",\"end\":\"2026-11-22T10:00:02.000000+0900\"", ENDS,
		     ""),
		FLOW("\"start\":\"2026-11-22T10:00:00\",\"end\":\"2026-11-22T10:00:02.000000+0900\"",
		     ENDS, ""),
		FLOW("\"start\":\"2026-13-22T10:00:00.0+0900\",\"end\":\"2026-11-22T10:00:02.0+0900\"",
		     ENDS, ""),
	};
	struct sighting s;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(read_text(lines[i], &s), SIGHTING_DAMAGED);
}

static void read_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct cli_json j = { 0 };
	struct sighting s;

	(void)ctx;
	if (cli_json_parse(&j, (const char *)data, n) == 0)
		sighting_read(&j, &s);
	cli_json_done(&j);
}

static void sighting_of_each_prefix_is_harmless(void **state)
{
	(void)state;
	each_prefix(whole, sizeof(whole) - 1, read_prefix, NULL);
}

/* ---- putting together ---- */

static struct sighting one(const char *src, uint16_t port, const char *app)
{
	struct sighting s = { .tuple = { .protocol = IPPROTO_TCP, .dport = port },
			      .start = AT,
			      .end = AT + 1,
			      .count = 1,
			      .bytes_up = 10,
			      .packets_seen = 3 };

	ip_parse(src, &s.tuple.src);
	ip_parse("10.2.0.3", &s.tuple.dst);
	snprintf(s.application, sizeof(s.application), "%s", app);
	return s;
}

static void seen_of_one_kind_is_one_entry(void **state)
{
	struct seen *seen = seen_new(100, 1000);
	struct sighting s = one("10.1.0.2", 443, "TLS");
	struct seen_entry *e;
	uint32_t count;

	(void)state;
	assert_int_equal(seen_add(seen, &s, 1), 0);
	s.start -= 100;
	s.end += 100;
	assert_int_equal(seen_add(seen, &s, 1), 0);
	assert_int_equal(seen_add(seen, &s, 2), 0);
	snprintf(s.names, sizeof(s.names), "a.example");
	assert_int_equal(seen_add(seen, &s, 1), 0);
	e = seen_entries(seen, &count);
	assert_int_equal(count, 3);
	assert_int_equal(e[0].count, 2);
	assert_int_equal(e[0].bytes_up, 20);
	assert_int_equal(e[0].first, AT - 100);
	assert_int_equal(e[0].last, AT + 101);
	assert_string_equal(seen_text(seen, e[2].names), "a.example");
	seen_free(seen);
}

static void seen_beyond_its_entries_is_counted(void **state)
{
	struct seen *seen = seen_new(2, 1000);
	uint32_t count;

	(void)state;
	for (uint16_t port = 1; port <= 5; port++) {
		const struct sighting s = one("10.1.0.2", port, "TLS");

		assert_int_equal(seen_add(seen, &s, 0), port <= 2 ? 0 : -ENOSPC);
		assert_int_equal(seen_add(seen, &s, 0), port <= 2 ? 0 : -ENOSPC);
	}
	seen_entries(seen, &count);
	assert_int_equal(count, 2);
	assert_int_equal(seen_left_out(seen), 6);
	seen_free(seen);
}

static void seen_beyond_its_texts_is_counted(void **state)
{
	struct seen *seen = seen_new(100, 8);
	struct sighting s = one("10.1.0.2", 1, "TLS");

	(void)state;
	assert_int_equal(seen_add(seen, &s, 0), 0);
	s = one("10.1.0.2", 1, "QUIC");
	assert_int_equal(seen_add(seen, &s, 0), -ENOSPC);
	assert_int_equal(seen_left_out(seen), 1);
	seen_free(seen);
}

static void seen_in_any_order_is_the_same(void **state)
{
	struct seen *a = seen_new(5000, 10000), *b = seen_new(5000, 10000);
	struct seen_entry *x, *y;
	uint32_t n, m;

	(void)state;
	for (uint16_t i = 0; i < 3000; i++) {
		const struct sighting s = one("10.1.0.2", (uint16_t)(i % 1700), "TLS");
		const struct sighting t = one("10.1.0.2", (uint16_t)((2999 - i) % 1700), "TLS");

		seen_add(a, &s, 0);
		seen_add(b, &t, 0);
	}
	x = seen_entries(a, &n);
	y = seen_entries(b, &m);
	assert_int_equal(n, 1700);
	assert_int_equal(m, n);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(x[i].tuple.dport, y[i].tuple.dport);
		assert_int_equal(x[i].count, y[i].count);
	}
	seen_free(a);
	seen_free(b);
}

/* ---- files ---- */

struct folder {
	char path[64];
};

static int make_folder(void **state)
{
	static struct folder f;

	snprintf(f.path, sizeof(f.path), "/tmp/sekimori-seen.XXXXXX");
	*state = mkdtemp(f.path) ? &f : NULL;
	return *state ? 0 : -1;
}

static int drop_folder(void **state)
{
	const struct folder *f = *state;
	static const char *const names[] = { "eve.json", "eve.json.1", "eve.json.2.gz", "other" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->path, names[i]);
		unlink(path);
	}
	return rmdir(f->path);
}

static void put(const struct folder *f, const char *name, const char *text, size_t len, bool zip)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	if (zip) {
		gzFile out = gzopen(path, "wb");

		assert_int_equal(gzwrite(out, text, (unsigned int)len), (int)len);
		gzclose(out);
	} else {
		FILE *out = fopen(path, "we");

		assert_int_equal(fwrite(text, 1, len, out), len);
		fclose(out);
	}
}

static void count_taken(void *ctx, const struct sighting *s)
{
	uint64_t *n = ctx;

	*n += s->count;
}

static void archive_of_a_folder_reads_plain_and_compressed(void **state)
{
	const struct folder *f = *state;
	char text[4096], which[PATH_MAX];
	uint64_t n = 0;
	struct archive a = { .take = count_taken, .ctx = &n };

	snprintf(text, sizeof(text), "%s\nnoise\n\n%s", whole, whole);
	put(f, "eve.json", text, strlen(text), false);
	put(f, "eve.json.1", whole, strlen(whole), false);
	put(f, "eve.json.2.gz", text, strlen(text), true);
	put(f, "other", whole, strlen(whole), false);
	assert_int_equal(archive_read(&a, f->path, which), 0);
	assert_int_equal(a.files, 3);
	assert_int_equal(n, 5);
	assert_int_equal(a.damaged, 2);
	assert_int_equal(a.first, AT);
	assert_int_equal(a.last, AT + 2);
}

static void archive_of_another_time_is_empty(void **state)
{
	const struct folder *f = *state;
	char path[128], which[PATH_MAX];
	uint64_t n = 0;
	struct archive a = { .since = AT + 3, .take = count_taken, .ctx = &n };

	put(f, "eve.json", whole, strlen(whole), false);
	snprintf(path, sizeof(path), "%s/eve.json", f->path);
	assert_int_equal(archive_read(&a, path, which), 0);
	a = (struct archive){ .until = AT + 2, .take = count_taken, .ctx = &n };
	assert_int_equal(archive_read(&a, path, which), 0);
	assert_int_equal(n, 0);
	assert_int_equal(archive_read(&a, "/nowhere/at/all", which), -ENOENT);
	assert_string_equal(which, "/nowhere/at/all");
}

static void count_lines(void *ctx, const char *bytes, size_t len)
{
	uint64_t *n = ctx;

	(void)bytes;
	*n += len;
}

static void segment_with_a_line_too_long_passes_over_it(void **state)
{
	const struct folder *f = *state;
	const size_t len = SEGMENT_LINE_MAX + 10;
	char *text = malloc(len + 6), path[128];
	uint64_t n = 0;
	struct segment_lines lines = { .line = count_lines, .ctx = &n };

	memset(text, 'x', len);
	memcpy(text + len, "\nabc\n", 6);
	put(f, "eve.json", text, len + 5, false);
	snprintf(path, sizeof(path), "%s/eve.json", f->path);
	assert_int_equal(segment_read(path, &lines), 0);
	assert_int_equal(lines.too_long, 1);
	assert_int_equal(n, 3);
	free(text);
}

static void segment_that_breaks_off_gives_what_was_whole(void **state)
{
	const struct folder *f = *state;
	char path[128], text[20001];
	uint64_t n = 0;
	struct segment_lines lines = { .line = count_lines, .ctx = &n };
	struct stat st;

	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = i % 100 == 99 ? '\n' : (char)('a' + (i * i + i / 7) % 26);
	put(f, "eve.json.2.gz", text, sizeof(text) - 1, true);
	snprintf(path, sizeof(path), "%s/eve.json.2.gz", f->path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size / 2), 0);
	assert_int_equal(segment_read(path, &lines), 0);
	assert_int_equal(lines.broken, 1);
	assert_true(n > 0 && n < 19800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sighting_of_a_flow_has_its_facts),
		cmocka_unit_test(sighting_without_payload_has_bounds_of_it),
		cmocka_unit_test(sighting_with_other_offset_is_the_same_second),
		cmocka_unit_test(sighting_of_a_line_that_says_no_is_refused),
		cmocka_unit_test(sighting_of_what_no_permit_changes_is_none),
		cmocka_unit_test(sighting_of_hostile_lines_is_damaged),
		cmocka_unit_test(sighting_of_each_prefix_is_harmless),
		cmocka_unit_test(seen_of_one_kind_is_one_entry),
		cmocka_unit_test(seen_beyond_its_entries_is_counted),
		cmocka_unit_test(seen_beyond_its_texts_is_counted),
		cmocka_unit_test(seen_in_any_order_is_the_same),
		cmocka_unit_test_setup_teardown(archive_of_a_folder_reads_plain_and_compressed,
						make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(archive_of_another_time_is_empty, make_folder,
						drop_folder),
		cmocka_unit_test_setup_teardown(segment_with_a_line_too_long_passes_over_it,
						make_folder, drop_folder),
		cmocka_unit_test_setup_teardown(segment_that_breaks_off_gives_what_was_whole,
						make_folder, drop_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

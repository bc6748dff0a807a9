/* SPDX-License-Identifier: GPL-3.0-or-later */
/* what the recorder keeps: flows joined from two halves, refusals counted, lines numbered */
#include "daemon/kernel/conntrack.h"
#include "daemon/record/event.h"
#include "daemon/record/join.h"
#include "daemon/record/lines.h"
#include "daemon/record/refusals.h"
#include "tests/unit/support.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define T0 (1700000000 * SECOND)

static const uint8_t key[16] = { 1, 2, 3 };

/* ---- join ---- */

struct told {
	char text[1024]; /* "facts+end, end, facts" */
	uint64_t last_flow_id;
};

static void tell(void *ctx, const struct join_told *t)
{
	struct told *to = ctx;
	struct event ev;

	if (strlen(to->text) > sizeof to->text - 32)
		*to->text = '\0'; /* a test that tells so much looks at the end only */
	if (*to->text)
		strcat(to->text, ", ");
	if (t->facts) {
		assert_true(event_decode(t->facts, t->facts_len, &ev, NULL) == t->facts_len);
		to->last_flow_id = ev.flow_id;
		strcat(to->text, "facts");
	}
	if (t->end)
		strcat(to->text, t->facts ? "+end" : "end");
}

static struct tuple tuple_of(uint16_t sport)
{
	return (struct tuple){ .src = ip_from_v4(0x0a000001),
			       .dst = ip_from_v4(0x0a000002),
			       .sport = sport,
			       .dport = 80,
			       .protocol = IPPROTO_TCP };
}

static void facts(struct join *j, uint16_t sport, uint64_t flow_id, int64_t start)
{
	struct event ev = {
		.type = EVENT_FLOW, .has_tuple = true, .tuple = tuple_of(sport), .flow_id = flow_id
	};
	uint8_t wire[2048];
	size_t n;

	ev.flow.start = start;
	n = event_encode(&ev, wire, sizeof wire);
	assert_true(n > 0);
	assert_int_equal(join_facts(j, &ev, wire, n), 0);
}

static void end(struct join *j, uint16_t sport, int64_t start, int64_t stop, bool wait)
{
	const struct conntrack_end e = { .tuple = tuple_of(sport), .start = start, .end = stop };

	join_end(j, &e, wait, stop);
}

static void join_facts_then_end_is_one_event(void **state)
{
	struct told t = { 0 };
	struct join *j = join_new(16, key, tell, &t);

	(void)state;
	facts(j, 1, 7, T0);
	assert_string_equal(t.text, "");
	end(j, 1, T0, T0 + SECOND, true);
	assert_string_equal(t.text, "facts+end");
	assert_int_equal(join_used(j), 0);
	join_free(j);
}

static void join_end_then_facts_is_one_event(void **state)
{
	struct told t = { 0 };
	struct join *j = join_new(16, key, tell, &t);

	(void)state;
	end(j, 1, T0, T0 + SECOND, true);
	join_tick(j, T0 + SECOND + JOIN_WAIT - 1);
	assert_string_equal(t.text, "");
	facts(j, 1, 7, T0);
	assert_string_equal(t.text, "facts+end");
	join_free(j);
}

static void join_end_without_facts_is_told_after_its_wait(void **state)
{
	struct told t = { 0 };
	struct join *j = join_new(16, key, tell, &t);

	(void)state;
	end(j, 1, T0, T0 + SECOND, true);
	join_tick(j, T0 + SECOND + JOIN_WAIT);
	assert_string_equal(t.text, "end");
	end(j, 2, T0, T0 + SECOND, false);
	assert_string_equal(t.text, "end, end");
	end(j, 3, T0, T0 + SECOND, true);
	join_finish(j);
	assert_string_equal(t.text, "end, end, end");
	join_free(j);
}

static void join_facts_told_again_replace_the_earlier_ones(void **state)
{
	struct told t = { 0 };
	struct join *j = join_new(16, key, tell, &t);

	(void)state;
	facts(j, 1, 7, T0);
	facts(j, 1, 7, T0);
	assert_int_equal(join_used(j), 1);
	facts(j, 1, 8, T0 + SECOND); /* another conversation of the same addresses and ports */
	assert_string_equal(t.text, "facts");
	assert_int_equal(t.last_flow_id, 7);
	join_free(j);
}

static void join_end_of_an_earlier_conversation_leaves_the_new_facts(void **state)
{
	struct told t = { 0 };
	struct join *j = join_new(16, key, tell, &t);

	(void)state;
	facts(j, 1, 8, T0 + 100 * SECOND);
	end(j, 1, T0, T0 + 50 * SECOND, true);
	assert_string_equal(t.text, "end");
	end(j, 1, T0 + 100 * SECOND, T0 + 101 * SECOND, true);
	assert_string_equal(t.text, "end, facts+end");
	join_free(j);
}

static void join_full_table_tells_the_oldest_early_and_counts(void **state)
{
	struct told t = { 0 };
	struct join *j = join_new(4, key, tell, &t);

	(void)state;
	for (uint16_t i = 0; i < 4; i++)
		facts(j, i, i + 1u, T0);
	assert_string_equal(t.text, "");
	facts(j, 9, 99, T0);
	assert_string_equal(t.text, "facts");
	assert_int_equal(t.last_flow_id, 1);
	assert_int_equal(join_used(j), 4);
	assert_int_equal(join_evicted(j), 1);
	for (uint16_t i = 0; i < 1000; i++)
		facts(j, (uint16_t)(100 + i), 1000u + i, T0);
	assert_int_equal(join_used(j), 4);
	*t.text = '\0';
	end(j, 1099, T0, T0 + SECOND, true);
	assert_string_equal(t.text, "facts+end");
	join_free(j);
}

/* ---- refusals ---- */

struct refusals_told {
	unsigned int events, plugs;
	uint64_t count, untold;
	uint32_t a, b;
};

static void tell_refused(void *ctx, const struct refused *r, uint64_t count, int64_t now)
{
	struct refusals_told *t = ctx;

	(void)now;
	if (r) {
		t->events++;
		t->count += count;
	} else {
		t->untold += count;
	}
}

static void tell_plugs(void *ctx, uint32_t a, uint32_t b, int64_t now)
{
	struct refusals_told *t = ctx;

	(void)now;
	t->plugs++;
	t->a = a;
	t->b = b;
}

static struct refusals *new_refusals(struct refusals_told *t)
{
	const struct refusals_out out = { tell_refused, tell_plugs, t };

	return refusals_new(key, &out);
}

static struct refused refused(uint16_t dport, int64_t time)
{
	struct refused r = { .tuple = tuple_of(1000), .time = time, .rule = "not-permitted" };

	r.tuple.dport = dport;
	return r;
}

static void refusals_first_is_told_at_once_and_the_rest_with_its_number(void **state)
{
	struct refusals_told t = { 0 };
	struct refusals *f = new_refusals(&t);

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct refused r = refused(80, T0 + i * SECOND);

		r.tuple.sport = (uint16_t)i; /* it tries again from another port */
		refusals_add(f, &r);
	}
	assert_int_equal(t.events, 1);
	refusals_tick(f, T0 + REFUSALS_WINDOW);
	assert_int_equal(t.events, 2);
	assert_int_equal(t.count, 50);
	refusals_tick(f, T0 + 2 * REFUSALS_WINDOW);
	assert_int_equal(t.events, 2);
	refusals_free(f);
}

static void refusals_of_a_scan_are_counted_and_none_is_lost(void **state)
{
	struct refusals_told t = { 0 };
	struct refusals *f = new_refusals(&t);

	(void)state;
	for (uint32_t port = 1; port <= 60000; port++) {
		const struct refused r =
			refused((uint16_t)port, T0 + (int64_t)port * SECOND / 20000);

		refusals_add(f, &r);
	}
	refusals_finish(f, T0 + 10 * SECOND);
	assert_true(t.events <= 4 * REFUSALS_PER_SECOND);
	assert_int_equal(t.count + t.untold, 60000);
	refusals_free(f);
}

static void refusals_both_sides_at_the_wrong_plug_is_an_exchange(void **state)
{
	struct refusals_told t = { 0 };
	struct refusals *f = new_refusals(&t);

	(void)state;
	for (unsigned int i = 0; i < REFUSALS_PLUGS_ENOUGH; i++)
		refusals_spoofed(f, 2, 0, 1, T0);
	assert_int_equal(t.plugs, 0); /* one side alone is a forger */
	for (unsigned int i = 0; i < 10; i++)
		refusals_spoofed(f, 3, 1, 0, T0 + SECOND);
	assert_int_equal(t.plugs, 1);
	assert_int_equal(t.a + t.b, 5);
	refusals_free(f);
}

static void refusals_an_exchange_needs_both_sides_within_the_window(void **state)
{
	struct refusals_told t = { 0 };
	struct refusals *f = new_refusals(&t);

	(void)state;
	for (unsigned int i = 0; i < 5; i++)
		refusals_spoofed(f, 2, 0, 1, T0);
	for (unsigned int i = 0; i < 5; i++)
		refusals_spoofed(f, 3, 1, 0, T0 + REFUSALS_PLUGS_WINDOW + 2 * SECOND);
	assert_int_equal(t.plugs, 0);
	refusals_free(f);
}

/* ---- lines ---- */

struct files {
	char path[64];
	int directory;
};

static int make_files(void **state)
{
	struct files *f = calloc(1, sizeof *f);

	strcpy(f->path, "/tmp/sekimori-lines-XXXXXX");
	assert_non_null(mkdtemp(f->path));
	f->directory = open(f->path, O_RDONLY | O_DIRECTORY);
	*state = f;
	return 0;
}

static int remove_files(void **state)
{
	static const char *const names[] = { "eve.json", "eve.json.1", "alerts.log", "alerts.log.1",
					     "eve.seq" };
	struct files *f = *state;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlinkat(f->directory, names[i], 0);
	close(f->directory);
	assert_int_equal(rmdir(f->path), 0);
	free(f);
	return 0;
}

static void add(struct lines *l, unsigned int n)
{
	const struct event ev = {
		.type = EVENT_ALERT, .detector = DETECTOR_ADMIN, .time = T0, .detail = "x"
	};

	while (n--)
		lines_add(l, &ev);
}

/* Checks that the lines of a file are numbered from..to without a gap. */
static void expect_numbers(const struct files *f, const char *name, uint64_t from, uint64_t to)
{
	const int fd = openat(f->directory, name, O_RDONLY);
	FILE *file = fdopen(fd, "r");
	char line[4096];

	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		char want[32];

		snprintf(want, sizeof want, "\"seq\":%llu,", (unsigned long long)from++);
		assert_non_null(strstr(line, want));
		assert_int_equal(line[strlen(line) - 1], '\n');
	}
	assert_int_equal(from, to + 1);
	fclose(file);
}

static void lines_numbers_go_on_after_a_restart(void **state)
{
	struct files *f = *state;
	struct lines l;

	assert_int_equal(lines_open(&l, f->directory, true, 0), 0);
	add(&l, 3);
	lines_close(&l);
	assert_int_equal(lines_open(&l, f->directory, true, 0), 0);
	add(&l, 2);
	lines_close(&l);
	expect_numbers(f, "eve.json", 1, 5);
}

static void lines_numbers_go_on_after_a_rotation(void **state)
{
	struct files *f = *state;
	struct lines l;

	assert_int_equal(lines_open(&l, f->directory, true, 0), 0);
	add(&l, 3);
	renameat(f->directory, "eve.json", f->directory, "eve.json.1");
	renameat(f->directory, "alerts.log", f->directory, "alerts.log.1");
	add(&l, 1); /* still goes to the old file */
	assert_int_equal(lines_reopen(&l), 0);
	add(&l, 2);
	lines_close(&l);
	expect_numbers(f, "eve.json.1", 1, 4);
	expect_numbers(f, "eve.json", 5, 6);
}

static void lines_numbers_go_on_when_the_file_was_put_away_meanwhile(void **state)
{
	struct files *f = *state;
	struct lines l;

	assert_int_equal(lines_open(&l, f->directory, false, 0), 0);
	add(&l, 3);
	lines_close(&l);
	unlinkat(f->directory, "eve.json", 0);
	assert_int_equal(lines_open(&l, f->directory, false, 0), 0);
	add(&l, 1);
	lines_close(&l);
	expect_numbers(f, "eve.json", 4, 4);
	unlinkat(f->directory, "eve.json", 0);
	unlinkat(f->directory, "eve.seq", 0);
	assert_int_equal(lines_open(&l, f->directory, false, 41),
			 0); /* the supervisor still knew */
	add(&l, 1);
	lines_close(&l);
	expect_numbers(f, "eve.json", 42, 42);
}

static void lines_after_a_torn_one_begin_on_their_own(void **state)
{
	struct files *f = *state;
	const int fd = openat(f->directory, "eve.json", O_WRONLY | O_CREAT, 0600);
	static const char torn[] = "{\"sekimori\":{\"seq\":7}}\n{\"timestamp\":\"2026";
	struct lines l;
	char text[256] = "";

	assert_int_equal(write(fd, torn, sizeof torn - 1), sizeof torn - 1);
	close(fd);
	assert_int_equal(lines_open(&l, f->directory, false, 0), 0);
	assert_int_equal(l.seq, 7);
	add(&l, 1);
	lines_close(&l);
	const int back = openat(f->directory, "eve.json", O_RDONLY);

	assert_true(read(back, text, sizeof text - 1) > 0);
	close(back);
	assert_non_null(strstr(text, "\"2026\n{\"timestamp\""));
}

/* A full disk is played by a limit on the size of files. */
static void lines_a_full_disk_holds_them_back_whole_and_in_order(void **state)
{
	struct files *f = *state;
	struct rlimit old, small;
	struct lines l;

	getrlimit(RLIMIT_FSIZE, &old);
	small = (struct rlimit){ 1000, old.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(lines_open(&l, f->directory, false, 0), 0);
	setrlimit(RLIMIT_FSIZE, &small);
	add(&l, 20);
	assert_int_equal(lines_flush(&l), -EFBIG);
	assert_int_equal(lines_reopen(&l), -EAGAIN);
	add(&l, 5);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(lines_flush(&l), 0);
	lines_close(&l);
	assert_int_equal(l.lost, 0);
	expect_numbers(f, "eve.json", 1, 25);
}

static void last_seq_is_that_of_the_last_line_that_has_one(void **state)
{
	static const struct {
		const char *text;
		uint64_t want;
	} table[] = {
		{ "", 0 },
		{ "no line", 0 },
		{ "{\"sekimori\":{\"seq\":5}}\n", 5 },
		{ "{\"sekimori\":{\"seq\":5}}\n{\"sekimori\":{\"seq\":6}}\n", 6 },
		{ "{\"sekimori\":{\"seq\":5}}\ngarbage\n", 5 },
		{ "{\"http\":{\"url\":\"\\\"seq\\\":9\"},\"sekimori\":{\"seq\":5}}\n", 5 },
		{ "{\"sekimori\":{\"seq\":5}}\n{\"sekimori\":{\"seq\":6}}", 5 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(lines_last_seq(table[i].text, strlen(table[i].text)),
				 table[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(join_facts_then_end_is_one_event),
		cmocka_unit_test(join_end_then_facts_is_one_event),
		cmocka_unit_test(join_end_without_facts_is_told_after_its_wait),
		cmocka_unit_test(join_facts_told_again_replace_the_earlier_ones),
		cmocka_unit_test(join_end_of_an_earlier_conversation_leaves_the_new_facts),
		cmocka_unit_test(join_full_table_tells_the_oldest_early_and_counts),
		cmocka_unit_test(refusals_first_is_told_at_once_and_the_rest_with_its_number),
		cmocka_unit_test(refusals_of_a_scan_are_counted_and_none_is_lost),
		cmocka_unit_test(refusals_both_sides_at_the_wrong_plug_is_an_exchange),
		cmocka_unit_test(refusals_an_exchange_needs_both_sides_within_the_window),
		cmocka_unit_test_setup_teardown(lines_numbers_go_on_after_a_restart, make_files,
						remove_files),
		cmocka_unit_test_setup_teardown(lines_numbers_go_on_after_a_rotation, make_files,
						remove_files),
		cmocka_unit_test_setup_teardown(
			lines_numbers_go_on_when_the_file_was_put_away_meanwhile, make_files,
			remove_files),
		cmocka_unit_test_setup_teardown(lines_after_a_torn_one_begin_on_their_own,
						make_files, remove_files),
		cmocka_unit_test_setup_teardown(
			lines_a_full_disk_holds_them_back_whole_and_in_order, make_files,
			remove_files),
		cmocka_unit_test(last_seq_is_that_of_the_last_line_that_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

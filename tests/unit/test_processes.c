/* SPDX-License-Identifier: GPL-3.0-or-later */
/* what holds our processes together: loop, messages with descriptors, counters, channel, images, health */
#include "daemon/ctl.h"
#include "daemon/loop.h"
#include "daemon/record/channel.h"
#include "daemon/stats.h"
#include "daemon/supervise/health.h"
#include "daemon/supervise/image_slot.h"
#include "daemon/supervise/ipc.h"
#include "daemon/supervise/link_table.h"
#include "rules/image.h"
#include "rules/text.h"
#include "tests/unit/policy_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- loop ---- */

struct looped {
	struct loop *loop;
	struct loop_entry a, b, timer;
	unsigned int count;
};

static void remove_the_other(void *ctx, uint32_t events)
{
	struct looped *l = ctx;

	(void)events;
	l->count++;
	loop_remove(l->loop, &l->a);
	loop_remove(l->loop, &l->b);
}

static void stop_loop(void *ctx, uint32_t expiries)
{
	(void)expiries;
	loop_stop(((struct looped *)ctx)->loop);
}

static void loop_an_entry_removed_by_another_is_not_called_any_more(void **state)
{
	struct looped l = { .loop = loop_new() };
	int pipes[2][2];

	(void)state;
	assert_int_equal(pipe(pipes[0]) | pipe(pipes[1]), 0);
	assert_int_equal(write(pipes[0][1], "x", 1) + write(pipes[1][1], "x", 1), 2);
	loop_add(l.loop, &l.a, pipes[0][0], EPOLLIN, remove_the_other, &l);
	loop_add(l.loop, &l.b, pipes[1][0], EPOLLIN, remove_the_other, &l);
	loop_every(l.loop, &l.timer, 1000000, 0, stop_loop, &l);
	loop_run(l.loop, NULL, NULL);
	assert_int_equal(l.count, 1);
	loop_cancel(l.loop, &l.timer);
	loop_cancel(l.loop, &l.timer);
	loop_free(l.loop);
	for (int i = 0; i < 4; i++)
		close(pipes[i / 2][i % 2]);
}

static void count_and_stop(void *ctx, uint32_t expiries)
{
	struct looped *l = ctx;

	l->count += expiries;
	if (l->count >= 3)
		loop_stop(l->loop);
}

static void loop_a_timer_comes_again_until_it_is_cancelled(void **state)
{
	struct looped l = { .loop = loop_new() };

	(void)state;
	loop_every(l.loop, &l.timer, 1000000, 1000000, count_and_stop, &l);
	loop_run(l.loop, NULL, NULL);
	assert_true(l.count >= 3);
	loop_cancel(l.loop, &l.timer);
	assert_int_equal(l.timer.fd, -1);
	assert_int_equal(loop_at(l.loop, &l.timer, 1, stop_loop, &l), 0); /* long past: at once */
	loop_run(l.loop, NULL, NULL);
	loop_cancel(l.loop, &l.timer);
	loop_free(l.loop);
}

/* ---- ipc ---- */

static void ipc_carries_text_and_descriptors(void **state)
{
	struct ipc_message m = { .type = IPC_PLACE, .number = 3 };
	int ends[2], out[2], got[IPC_FDS];
	struct ipc_message back;
	char c = 0;

	(void)state;
	assert_int_equal(ipc_pair(ends), 0);
	assert_int_equal(pipe(out), 0);
	ipc_put_both(&m, "english", "日本語");
	assert_int_equal(ipc_receive(ends[1], &back, got), 0);
	assert_int_equal(ipc_send(ends[0], &m, out, 2), 0);
	assert_int_equal(ipc_receive(ends[1], &back, got), 1);
	assert_int_equal(back.number, 3);
	assert_string_equal(back.text, "english");
	assert_string_equal(ipc_ja(&back), "日本語");
	assert_true(got[0] >= 0 && got[1] >= 0 && got[2] == -1);
	assert_int_equal(write(got[1], "x", 1), 1);
	assert_int_equal(read(out[0], &c, 1), 1);
	ipc_close_all(got);
	close(ends[0]);
	assert_int_equal(ipc_receive(ends[1], &back, got), -EPIPE);
	close(ends[1]);
	close(out[0]);
	close(out[1]);
}

static void ipc_of_a_child_that_lost_its_mind_is_refused(void **state)
{
	struct ipc_message m = { .type = IPC_TYPE_COUNT };
	int ends[2], got[IPC_FDS];
	struct ipc_message back;

	(void)state;
	assert_int_equal(ipc_pair(ends), 0);
	send(ends[0], &m, sizeof m, 0);
	assert_int_equal(ipc_receive(ends[1], &back, got), -EPROTO);
	send(ends[0], "short", 5, 0);
	assert_int_equal(ipc_receive(ends[1], &back, got), -EPROTO);
	m.type = IPC_READY;
	memset(m.text, 'x', sizeof m.text);
	send(ends[0], &m, sizeof m, 0);
	assert_int_equal(ipc_receive(ends[1], &back, got), -EPROTO);
	close(ends[0]);
	close(ends[1]);
}

static void ipc_ja_without_a_second_text_is_the_first(void **state)
{
	struct ipc_message m = { .text = "only" };

	(void)state;
	assert_string_equal(ipc_ja(&m), "only");
	memset(m.text, 'x', sizeof m.text);
	m.text[sizeof m.text - 1] = '\0';
	assert_string_equal(ipc_ja(&m), m.text);
	m.text[3] = '\0';
	m.text[sizeof m.text - 1] = 'x'; /* the second one has no end */
	assert_string_equal(ipc_ja(&m), "xxx");
}

/* ---- stats ---- */

static struct stats_page *new_page(void)
{
	const int fd = stats_make();
	struct stats_page *p = stats_map(fd);

	assert_true(fd >= 0);
	assert_non_null(p);
	close(fd);
	return p;
}

static void stats_a_successor_goes_on_counting(void **state)
{
	struct event_counter c[] = { { "decoder", "pkts", 100 }, { "flow", "active", 7 } };
	struct stats_page *p = new_page();

	(void)state;
	stats_begin(p);
	stats_publish(p, c, 2);
	c[0].value = 150;
	c[1].value = 5;
	stats_publish(p, c, 2);
	assert_int_equal(stats_value(p, "decoder", "pkts"), 150);
	assert_int_equal(stats_value(p, "flow", "active"), 5);
	stats_begin(p); /* the next process: its figures start at 0 */
	assert_int_equal(stats_value(p, "decoder", "pkts"), 150);
	assert_int_equal(stats_value(p, "flow", "active"), 0);
	c[0].value = 1;
	c[1].value = 1;
	stats_publish(p, c, 2);
	assert_int_equal(stats_value(p, "decoder", "pkts"), 151);
	assert_int_equal(stats_value(p, "flow", "active"), 1);
	stats_unmap(p);
}

static void stats_more_names_than_room_are_counted_nowhere(void **state)
{
	struct stats_page *p = new_page();
	struct stats_counter names[STATS_MAX];
	struct event_counter out[STATS_MAX];
	char name[16];

	(void)state;
	for (unsigned int i = 0; i < STATS_MAX + 50; i++) {
		snprintf(name, sizeof name, "n%u", i);
		stats_add(stats_find(p, "g", name), 1);
	}
	assert_int_equal(stats_read(p, names, out, STATS_MAX), STATS_MAX);
	assert_string_equal(out[3].name, "n3");
	assert_int_equal(out[3].value, 1);
	stats_unmap(p);
}

/* A hijacked process may write what it likes into its page. */
static void stats_a_scribbled_page_is_read_within_bounds(void **state)
{
	struct stats_page *p = new_page();
	struct stats_counter names[STATS_MAX];
	struct event_counter out[STATS_MAX];

	(void)state;
	memset(p, 'x', sizeof *p);
	const size_t n = stats_read(p, names, out, STATS_MAX);

	for (size_t i = 0; i < n; i++)
		assert_true(strlen(out[i].name) < STATS_WORD && strlen(out[i].group) < STATS_WORD);
	assert_int_equal(stats_value(p, "a", "b"), 0);
	stats_unmap(p);
}

/* ---- channel ---- */

static void channel_many_events_travel_in_few_messages(void **state)
{
	const struct event ev = { .type = EVENT_ALERT,
				  .detector = DETECTOR_ADMIN,
				  .detail = "text" };
	struct stats_page *p = new_page();
	static uint8_t message[EVENT_WIRE_MAX];
	size_t events = 0, messages = 0;
	struct channel c;
	int ends[2];

	(void)state;
	assert_int_equal(channel_pair(ends), 0);
	assert_int_equal(channel_init(&c, ends[1], p), 0);
	for (int i = 0; i < 1000; i++)
		channel_sink(&c).emit(&c, &ev);
	channel_flush(&c);
	for (ssize_t n; (n = recv(ends[0], message, sizeof message, MSG_DONTWAIT)) > 0;
	     messages++) {
		struct event back;

		for (size_t at = 0, used; at < (size_t)n; at += used, events++) {
			used = event_decode(message + at, (size_t)n - at, &back, NULL);
			assert_true(used > 0);
			assert_string_equal(back.detail, "text");
		}
	}
	assert_int_equal(events, 1000);
	assert_true(messages < 20);
	assert_int_equal(stats_value(p, "events", "sent"), 1000);
	channel_done(&c);
	close(ends[0]);
	close(ends[1]);
	stats_unmap(p);
}

static void channel_without_a_reader_counts_what_is_lost_and_never_waits(void **state)
{
	const struct event ev = { .type = EVENT_ALERT,
				  .detector = DETECTOR_ADMIN,
				  .detail = "text" };
	struct stats_page *p = new_page();
	struct channel c;
	int ends[2];

	(void)state;
	assert_int_equal(channel_pair(ends), 0);
	assert_int_equal(channel_init(&c, ends[1], p), 0);
	for (int i = 0; i < 300000; i++)
		channel_sink(&c).emit(&c, &ev);
	channel_flush(&c);
	assert_true(stats_value(p, "events", "lost") > 0);
	assert_int_equal(stats_value(p, "events", "lost") + stats_value(p, "events", "sent"),
			 300000);
	channel_done(&c);
	close(ends[0]);
	close(ends[1]);
	stats_unmap(p);
}

/* ---- images ---- */

static void image_slot_takes_an_image_with_its_numbers(void **state)
{
	struct fixture *f = fixture_town();
	struct policy *p = fixture_policy(f);
	struct text bytes = { 0 };
	struct image_slot slot = { 0 };
	uint16_t numbers[64];
	char why[160];
	int image, fd;

	(void)state;
	assert_int_equal(image_write(p, &bytes), 0);
	assert_true(p->classes_count > 0 && p->classes_count <= 64);
	for (uint16_t i = 0; i < p->classes_count; i++)
		numbers[i] = (uint16_t)(100 + i);
	image = ctl_image(bytes.bytes, bytes.len);
	fd = image_slot_numbers(numbers, p->classes_count);
	assert_int_equal(image_slot_load(&slot, 5, image, fd, why), 0);
	assert_int_equal(slot.apply, 5);
	assert_int_equal(image_slot_class(&slot, 100), 0);
	assert_int_equal(image_slot_class(&slot, 99), POLICY_NONE);
	assert_int_equal(image_slot_class(&slot, 0), POLICY_NONE);
	image_slot_done(&slot);
	image_slot_done(&slot);
	close(fd);
	fd = image_slot_numbers(numbers, p->classes_count - 1); /* one too few */
	assert_int_equal(image_slot_load(&slot, 6, image, fd, why), -EBADMSG);
	assert_null(slot.map);
	close(fd);
	close(image);
	text_done(&bytes);
	fixture_free(f);
}

static void link_table_names_follow_the_changes(void **state)
{
	static struct link_table t;
	struct link_change l = { .index = 2, .name = "eth0" };

	(void)state;
	assert_true(link_table_set(&t, &l));
	assert_false(link_table_set(&t, &l));
	assert_string_equal(link_table_name(&t, 2), "eth0");
	strcpy(l.name, "lan");
	assert_true(link_table_set(&t, &l));
	assert_string_equal(link_table_name(&t, 2), "lan");
	l.name[0] = '\0';
	assert_true(link_table_set(&t, &l));
	assert_null(link_table_name(&t, 2));
	assert_false(link_table_set(&t, &l));
	for (uint32_t i = 1; i <= LINKS_MAX + 10; i++) {
		snprintf(l.name, sizeof l.name, "v%u", i);
		l.index = i;
		assert_int_equal(link_table_set(&t, &l), i <= LINKS_MAX);
	}
}

/* ---- health ---- */

static void health_is_judged_by_the_table(void **state)
{
#define FINE .policy = true, .ruleset = true
	static const struct {
		struct health_facts facts;
		enum health_state want;
		const char *word;
	} table[] = {
		{ { FINE }, HEALTH_ENFORCING, NULL },
		{ { .ruleset = true }, HEALTH_CLOSED, "no-policy" },
		{ { .policy = true }, HEALTH_OPEN, "ruleset-gone" },
		{ { FINE, .vacant = true, .closed_classes = true }, HEALTH_CLOSED, "no-inspector" },
		{ { FINE, .vacant = true, .open_classes = true }, HEALTH_OPEN, "no-inspector" },
		{ { FINE, .vacant = true, .closed_classes = true, .open_classes = true },
		  HEALTH_CLOSED,
		  "no-inspector" },
		{ { FINE, .bypassed = true, .closed_classes = true },
		  HEALTH_CLOSED,
		  "queue-rules-gone" },
		{ { FINE, .bypassed = true }, HEALTH_OPEN, "queue-rules-gone" },
		{ { FINE, .unseen_closed = true }, HEALTH_CLOSED, "overload" },
		{ { FINE, .unseen_open = true }, HEALTH_OPEN, "overload" },
		{ { FINE, .table_full = true, .unseen_open = true }, HEALTH_CLOSED, "table-full" },
		{ { FINE, .not_recording = true }, HEALTH_ENFORCING, "not-recording" },
		{ { FINE, .clock_wrong = true }, HEALTH_ENFORCING, "clock" },
		{ { FINE, .clock_behind = true }, HEALTH_ENFORCING, "clock" },
		{ { FINE, .plugs = true, .lost_events = true },
		  HEALTH_ENFORCING,
		  "plugs-exchanged" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct health_finding *f[HEALTH_FINDINGS_MAX];
		const size_t n = health_judge(&table[i].facts, f);

		assert_int_equal(health_state(f, n), table[i].want);
		if (table[i].word)
			assert_string_equal(f[0]->word, table[i].word);
		else
			assert_int_equal(n, 0);
		for (size_t k = 0; k < n; k++)
			assert_true(*f[k]->reason[0] && *f[k]->reason[1] && *f[k]->todo[0] &&
				    *f[k]->todo[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loop_an_entry_removed_by_another_is_not_called_any_more),
		cmocka_unit_test(loop_a_timer_comes_again_until_it_is_cancelled),
		cmocka_unit_test(ipc_carries_text_and_descriptors),
		cmocka_unit_test(ipc_of_a_child_that_lost_its_mind_is_refused),
		cmocka_unit_test(ipc_ja_without_a_second_text_is_the_first),
		cmocka_unit_test(stats_a_successor_goes_on_counting),
		cmocka_unit_test(stats_more_names_than_room_are_counted_nowhere),
		cmocka_unit_test(stats_a_scribbled_page_is_read_within_bounds),
		cmocka_unit_test(channel_many_events_travel_in_few_messages),
		cmocka_unit_test(channel_without_a_reader_counts_what_is_lost_and_never_waits),
		cmocka_unit_test(image_slot_takes_an_image_with_its_numbers),
		cmocka_unit_test(link_table_names_follow_the_changes),
		cmocka_unit_test(health_is_judged_by_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* who changed the kernel's rules: announcements as the kernel writes them, programs of ours, and everybody else */
#include "daemon/kernel/command.h"
#include "daemon/kernel/generations.h"
#include "daemon/kernel/netlink.h"
#include "daemon/verify/culprits.h"
#include "rules/text.h"
#include "tests/unit/support.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static size_t announcement(void *buf, uint32_t id, uint32_t process, const char *program)
{
	struct netlink_writer w = netlink_writer_of(buf, 256);

	netlink_begin_nf(&w, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWGEN, 0, 0, NFPROTO_UNSPEC, 0);
	netlink_put_be32(&w, NFTA_GEN_ID, id);
	netlink_put_be32(&w, NFTA_GEN_PROC_PID, process);
	netlink_put_text(&w, NFTA_GEN_PROC_NAME, program);
	assert_true(netlink_end(&w));
	return w.len;
}

static bool parse(const void *bytes, size_t n, struct generation *g)
{
	struct cursor c = cursor_of(bytes, n);
	struct netlink_message m;

	return netlink_next(&c, &m) && generations_parse(&m, g);
}

static void generations_parse_announcement_says_who(void **state)
{
	_Alignas(4) uint8_t buf[256];
	struct generation g;

	(void)state;
	assert_true(parse(buf, announcement(buf, 57, 4242, "nft"), &g));
	assert_int_equal(g.id, 57);
	assert_int_equal(g.process, 4242);
	assert_string_equal(g.program, "nft");
}

static void generations_parse_name_cannot_forge_a_line(void **state)
{
	_Alignas(4) uint8_t buf[256];
	struct generation g;

	(void)state;
	assert_true(parse(buf, announcement(buf, 1, 2, "a\nb\x7f"), &g));
	assert_string_equal(g.program, "a?b?");
	assert_true(parse(buf, announcement(buf, 1, 2, "a name that no process can have"), &g));
	assert_int_equal(strlen(g.program), GENERATION_PROGRAM - 1);
}

static void parse_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct generation g;

	(void)ctx;
	if (n < 16)
		assert_false(parse(data, n, &g));
	else
		parse(data, n, &g);
}

static void generations_parse_every_prefix_is_refused_or_harmless(void **state)
{
	_Alignas(4) uint8_t buf[256];

	(void)state;
	each_prefix(buf, announcement(buf, 57, 4242, "nft"), parse_prefix, NULL);
}

static void generations_after_numbers_wrap(void **state)
{
	(void)state;
	assert_true(generations_after(2, 1));
	assert_false(generations_after(1, 1));
	assert_true(generations_after(3, UINT32_MAX - 3));
	assert_false(generations_after(UINT32_MAX - 3, 3));
}

/* ---- culprits ---- */

static struct generation by(uint32_t id, uint32_t process)
{
	return (struct generation){ .id = id, .process = process, .program = "nft" };
}

static void hear(struct culprits *c, uint32_t id, uint32_t process)
{
	const struct generation g = by(id, process);

	culprits_hear(c, &g);
}

static void culprits_program_of_ours_is_nobody_to_tell_of(void **state)
{
	struct culprits c = { 0 };

	(void)state;
	culprits_claim(&c, 100, false);
	hear(&c, 7, 100);
	culprits_claim(&c, 100, true);
	hear(&c, 8, 100); /* announced late: it has ended, but not everything was heard */
	assert_false(culprits_foreign(&c, 8));
	assert_true(culprits_own(&c, 8));
}

static void culprits_number_used_again_is_somebody_else(void **state)
{
	struct culprits c = { 0 };

	(void)state;
	culprits_claim(&c, 100, false);
	culprits_claim(&c, 100, true);
	culprits_settle(&c);
	hear(&c, 8, 100);
	assert_true(culprits_foreign(&c, 8));
}

static void culprits_of_later_generations_wait(void **state)
{
	struct culprits c = { 0 };

	(void)state;
	hear(&c, 8, 100);
	assert_false(culprits_foreign(&c, 7));
	culprits_forget(&c, 7);
	assert_true(culprits_foreign(&c, 8));
	culprits_forget(&c, 8);
	assert_false(culprits_foreign(&c, 8));
}

static void culprits_text_names_each_process_once(void **state)
{
	struct culprits c = { 0 };
	struct text t = { 0 };

	(void)state;
	culprits_claim(&c, 1, false);
	hear(&c, 5, 1);
	hear(&c, 6, 42);
	hear(&c, 7, 42);
	hear(&c, 8, 43);
	c.list[3].login = 1000;
	culprits_text(&c, 8, false, &t);
	assert_string_equal(t.bytes, "process 42 (nft), process 43 (nft) of login uid 1000");
	text_clear(&t);
	culprits_text(&c, 8, true, &t);
	assert_string_equal(t.bytes, "プロセス 42 (nft)、プロセス 43 (nft) ログイン uid 1000");
	text_done(&t);
}

static void culprits_beyond_the_room_are_counted(void **state)
{
	struct culprits c = { 0 };
	struct text t = { 0 };

	(void)state;
	for (uint32_t i = 0; i < CULPRITS_MAX + 5; i++)
		hear(&c, i, 1000 + i);
	assert_int_equal(c.count, CULPRITS_MAX);
	assert_true(c.lost);
	culprits_text(&c, 100, false, &t);
	assert_non_null(strstr(t.bytes, " and 33 more"));
	text_done(&t);
}

static void culprits_lost_announcements_are_foreign(void **state)
{
	struct culprits c = { .lost = true };
	struct text t = { 0 };

	(void)state;
	assert_true(culprits_foreign(&c, 1));
	culprits_text(&c, 1, false, &t);
	assert_string_equal(t.bytes, "a process that the kernel could not name");
	text_done(&t);
}

static void culprits_in_own_numbering_are_known_by_port(void **state)
{
	const struct generation g = { .id = 3, .process = 70000, .port = 12 };
	struct culprits c = { .by_port = true };

	(void)state;
	culprits_claim(&c, 12, false);
	culprits_hear(&c, &g);
	assert_false(culprits_foreign(&c, 3));
}

/* ---- command: what claims look like ---- */

static void command_run_claims_each_program_before_and_after(void **state)
{
	static const char *const program[] = { "true", NULL };
	struct command_claim first, second;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
	command_claims(ends[1]);
	assert_int_equal(command_run(program, NULL, 0, NULL, NULL, 30), 0);
	command_claims(-1);
	assert_int_equal(recv(ends[0], &first, sizeof first, 0), sizeof first);
	assert_int_equal(recv(ends[0], &second, sizeof second, 0), sizeof second);
	assert_false(first.ended);
	assert_true(second.ended);
	assert_int_equal(first.process, second.process);
	assert_int_not_equal(first.process, getpid());
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generations_parse_announcement_says_who),
		cmocka_unit_test(generations_parse_name_cannot_forge_a_line),
		cmocka_unit_test(generations_parse_every_prefix_is_refused_or_harmless),
		cmocka_unit_test(generations_after_numbers_wrap),
		cmocka_unit_test(culprits_program_of_ours_is_nobody_to_tell_of),
		cmocka_unit_test(culprits_number_used_again_is_somebody_else),
		cmocka_unit_test(culprits_of_later_generations_wait),
		cmocka_unit_test(culprits_text_names_each_process_once),
		cmocka_unit_test(culprits_beyond_the_room_are_counted),
		cmocka_unit_test(culprits_lost_announcements_are_foreign),
		cmocka_unit_test(culprits_in_own_numbering_are_known_by_port),
		cmocka_unit_test(command_run_claims_each_program_before_and_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/ctl_args.h"
#include "daemon/ctl_server.h"

#include "daemon/loop.h"
#include "rules/text.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define READ_GROUP 900
#define CHANGE_GROUP 901

#define OWN_USER 990

static const struct ctl_groups groups = { READ_GROUP, CHANGE_GROUP, OWN_USER };
static const struct ctl_peer root = { .uid = 0, .groups = { 0 }, .group_count = 1 };
static const struct ctl_peer reader = { .uid = 1000,
					.groups = { 100, READ_GROUP },
					.group_count = 2 };
static const struct ctl_peer changer = { .uid = 1001,
					 .groups = { CHANGE_GROUP },
					 .group_count = 1 };
static const struct ctl_peer stranger = { .uid = 1002, .groups = { 100 }, .group_count = 1 };

/* ---- who ---- */

static void allowed_is_decided_by_user_and_groups(void **state)
{
	const struct ctl_groups none = { (gid_t)-1, (gid_t)-1, OWN_USER };
	const struct ctl_peer odd = { .uid = 5, .groups = { (gid_t)-1 }, .group_count = 1 };

	(void)state;
	assert_true(ctl_allowed(&root, &groups, CTL_READ) &&
		    ctl_allowed(&root, &groups, CTL_CHANGE));
	assert_true(ctl_allowed(&reader, &groups, CTL_READ));
	assert_false(ctl_allowed(&reader, &groups, CTL_CHANGE));
	assert_true(ctl_allowed(&changer, &groups, CTL_READ) &&
		    ctl_allowed(&changer, &groups, CTL_CHANGE));
	assert_false(ctl_allowed(&stranger, &groups, CTL_READ));
	assert_false(ctl_allowed(&odd, &none,
				 CTL_READ)); /* a group that does not exist has no members */
}

static void allowed_own_and_root_acts_are_not_for_groups(void **state)
{
	const struct ctl_peer guard = { .uid = OWN_USER, .groups = { OWN_USER }, .group_count = 1 };

	(void)state;
	assert_true(ctl_allowed(&guard, &groups, CTL_OWN));
	assert_true(ctl_allowed(&guard, &groups, CTL_READ));
	assert_false(ctl_allowed(&guard, &groups, CTL_CHANGE));
	assert_false(ctl_allowed(&guard, &groups, CTL_ROOT));
	assert_false(ctl_allowed(&changer, &groups, CTL_OWN));
	assert_false(ctl_allowed(&changer, &groups, CTL_ROOT));
	assert_true(ctl_allowed(&root, &groups, CTL_OWN) && ctl_allowed(&root, &groups, CTL_ROOT));
}

/* ---- arguments ---- */

static void args_are_read_as_put(void **state)
{
	struct text t = { 0 };
	struct ctl_args a;

	(void)state;
	ctl_args_put(&t, CTL_ARG_REASON, "100% & 年度=末");
	ctl_args_put(&t, CTL_ARG_REFERENCE, NULL);
	ctl_args_put(&t, CTL_ARG_WITHIN, "600");
	assert_string_equal(t.bytes, "reason=100%25 %26 年度=末&within=600");
	assert_int_equal(ctl_args_parse(t.bytes, &a), 0);
	assert_string_equal(a.text[CTL_ARG_REASON], "100% & 年度=末");
	assert_string_equal(a.text[CTL_ARG_REFERENCE], "");
	assert_int_equal(a.number[CTL_ARG_WITHIN], 600);
	assert_int_equal(ctl_args_parse("", &a), 0);
	text_done(&t);
}

static void args_that_make_no_sense_are_refused(void **state)
{
	static const char *const bad[] = {
		"reason",
		"reason=",
		"=x",
		"raison=x",
		"reason=a&reason=b",
		"within=0",
		"within=-1",
		"within=+1",
		"within=1e3",
		"within=86401",
		"within=99999999999",
		"reason=%",
		"reason=%2",
		"reason=%41",
		"reason=a&&hash=b",
		"&reason=a",
		"within= 5",
		"back=4294967296",
	};
	char longest[CTL_ARG_BYTES + 16] = "reason=";
	struct ctl_args a;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(ctl_args_parse(bad[i], &a), -EBADMSG);
	memset(longest + 7, 'x', CTL_ARG_BYTES - 1);
	assert_int_equal(ctl_args_parse(longest, &a), 0);
	longest[7 + CTL_ARG_BYTES - 1] = 'x';
	assert_int_equal(ctl_args_parse(longest, &a), -EBADMSG);
	assert_string_equal(a.text[CTL_ARG_REASON], "");
}

/* ---- what ---- */

static size_t request(char *buf, uint16_t verb, const char *text)
{
	const struct ctl_head head = { .magic = CTL_MAGIC,
				       .verb = verb,
				       .length = (uint32_t)strlen(text) };

	memcpy(buf, &head, sizeof head);
	memcpy(buf + sizeof head, text, strlen(text));
	return sizeof head + strlen(text);
}

static int check(const char *bytes, size_t len, bool fd, const struct ctl_peer *peer)
{
	char *copy = malloc(len + 1);
	enum ctl_verb verb;
	int r;

	memcpy(copy, bytes, len);
	r = ctl_check(copy, len, fd, peer, &groups, &verb);
	free(copy);
	return r;
}

static void check_of_good_requests_accepts(void **state)
{
	char buf[CTL_TEXT_MAX + 64], text[CTL_TEXT_MAX + 1];

	(void)state;
	assert_int_equal(check(buf, request(buf, CTL_STATUS, ""), false, &reader), -1);
	assert_int_equal(check(buf, request(buf, CTL_APPLY, "年度末の変更"), true, &changer), -1);
	memset(text, 'x', CTL_TEXT_MAX);
	text[CTL_TEXT_MAX] = '\0';
	assert_int_equal(check(buf, request(buf, CTL_STATUS, text), false, &root), -1);
}

static void check_of_bad_requests_says_why(void **state)
{
	char buf[CTL_TEXT_MAX + 64], text[CTL_TEXT_MAX + 2];
	size_t n = request(buf, CTL_STATUS, "reason");

	(void)state;
	for (size_t cut = 0; cut < n; cut++)
		assert_int_equal(check(buf, cut, false, &root), CTL_REFUSED_SHORT);
	buf[n] = 'x';
	assert_int_equal(check(buf, n + 1, false, &root), CTL_REFUSED_LONG);
	memset(text, 'x', CTL_TEXT_MAX + 1);
	text[CTL_TEXT_MAX + 1] = '\0';
	assert_int_equal(check(buf, request(buf, CTL_STATUS, text), false, &root),
			 CTL_REFUSED_LONG);
	n = request(buf, CTL_STATUS, "");
	buf[0] ^= 1;
	assert_int_equal(check(buf, n, false, &root), CTL_REFUSED_GARBAGE);
	n = request(buf, CTL_STATUS, "");
	buf[6] = 1; /* flags */
	assert_int_equal(check(buf, n, false, &root), CTL_REFUSED_GARBAGE);
	assert_int_equal(check(buf, request(buf, CTL_STATUS, "a\nb"), false, &root),
			 CTL_REFUSED_GARBAGE);
	assert_int_equal(check(buf, request(buf, CTL_STATUS, "\xff\xfe"), false, &root),
			 CTL_REFUSED_GARBAGE);
	assert_int_equal(check(buf, request(buf, CTL_VERB_COUNT, ""), false, &root),
			 CTL_REFUSED_VERB);
	assert_int_equal(check(buf, request(buf, 0xffff, ""), false, &root), CTL_REFUSED_VERB);
	assert_int_equal(check(buf, request(buf, CTL_APPLY, ""), false, &root), CTL_REFUSED_VERB);
	assert_int_equal(check(buf, request(buf, CTL_STATUS, ""), true, &root), CTL_REFUSED_VERB);
	assert_int_equal(check(buf, request(buf, CTL_APPLY, ""), true, &reader), CTL_REFUSED_RIGHT);
}

/* ---- both ends over a real socket; the client is a child ---- */

struct rig {
	struct loop *loop;
	struct ctl_server *server;
	struct loop_entry late;
	char directory[64], path[96];
	unsigned int asked, refused[CTL_REFUSAL_COUNT];
	bool slow; /* answer nothing */
};

static void asked(void *ctx, uint64_t client, enum ctl_verb verb, const char *text, int fd,
		  const struct ctl_peer *peer)
{
	struct rig *r = ctx;
	char bytes[8] = "";

	(void)peer;
	r->asked++;
	if (r->slow)
		return;
	if (verb == CTL_APPLY) {
		assert_int_equal(pread(fd, bytes, 5, 0), 5);
		assert_string_equal(bytes, "image");
		assert_string_equal(text, "why not");
		ctl_server_say(r->server, client, CTL_PROGRESS, "working", "作業中");
		ctl_server_say(r->server, client, CTL_NO, "no", "否");
		close(fd);
		return;
	}
	if (verb == CTL_IMAGE) {
		const int image = ctl_image("image", 5);

		ctl_server_answer(r->server, client, CTL_YES, "hash", 4, image);
		close(image);
		return;
	}
	ctl_server_answer(r->server, client, CTL_YES, "{}", 2, -1);
}

static void refused(void *ctx, enum ctl_refusal why, const struct ctl_peer *peer)
{
	struct rig *r = ctx;

	(void)peer;
	r->refused[why]++;
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	const struct ctl_handlers h = { .asked = asked, .refused = refused, .ctx = r };
	const struct ctl_groups own = { getegid(), getegid(),
					geteuid() }; /* the test need not be root */

	strcpy(r->directory, "/tmp/sekimori-ctl-XXXXXX");
	assert_non_null(mkdtemp(r->directory));
	snprintf(r->path, sizeof r->path, "%s/ctl.sock", r->directory);
	r->loop = loop_new();
	r->late.fd = -1;
	assert_int_equal(ctl_server_open(r->path, &own, r->loop, &h, &r->server), 0);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	ctl_server_close(r->server);
	assert_int_equal(access(r->path, F_OK), -1);
	loop_free(r->loop);
	rmdir(r->directory);
	free(r);
	return 0;
}

static void too_late(void *ctx, uint32_t expiries)
{
	(void)expiries;
	loop_stop(ctx);
}

/* Runs the client in a child, the server here, until the child has ended. Return: the child's exit status. */
static int with_client(struct rig *r, int (*client)(const struct rig *r))
{
	const pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(client(r));
	for (;;) {
		loop_every(r->loop, &r->late, 10000000, 0, too_late, r->loop);
		loop_run(r->loop, NULL, NULL);
		loop_cancel(r->loop, &r->late);
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	}
}

struct heard {
	unsigned int answers;
	char en[64], ja[64];
	int fd;
};

static void told(void *ctx, const struct ctl_answer *a)
{
	struct heard *h = ctx;

	h->answers++;
	snprintf(h->en, sizeof h->en, "%s", a->text);
	snprintf(h->ja, sizeof h->ja, "%s", a->text_ja);
	h->fd = a->fd;
}

static int client_status(const struct rig *r)
{
	const struct ctl_request q = { .verb = CTL_STATUS, .fd = -1 };
	struct heard h = { .fd = -1 };

	return ctl_call(r->path, &q, told, &h) == CTL_YES && h.answers == 1 &&
	       strcmp(h.en, "{}") == 0 && strcmp(h.ja, "{}") == 0;
}

static void call_of_a_question_gets_its_answer(void **state)
{
	struct rig *r = *state;

	assert_int_equal(with_client(r, client_status), 1);
	assert_int_equal(r->asked, 1);
}

static int client_apply(const struct rig *r)
{
	const struct ctl_request q = { .verb = CTL_APPLY,
				       .text = "why not",
				       .fd = ctl_image("image", 5) };
	struct heard h = { .fd = -1 };

	return ctl_call(r->path, &q, told, &h) == CTL_NO && h.answers == 2 &&
	       strcmp(h.en, "no") == 0 && strcmp(h.ja, "否") == 0;
}

static void call_with_a_descriptor_hears_progress_and_the_end(void **state)
{
	assert_int_equal(with_client(*state, client_apply), 1);
}

static int client_image(const struct rig *r)
{
	const struct ctl_request q = { .verb = CTL_IMAGE, .fd = -1 };
	struct heard h = { .fd = -1 };
	char bytes[8] = "";

	return ctl_call(r->path, &q, told, &h) == CTL_YES && h.fd >= 0 &&
	       pread(h.fd, bytes, 5, 0) == 5 && strcmp(bytes, "image") == 0 &&
	       pwrite(h.fd, "x", 1, 0) < 0;
}

static void call_for_the_image_gets_a_file_that_nobody_can_change(void **state)
{
	assert_int_equal(with_client(*state, client_image), 1);
}

static int client_nobody(const struct rig *r)
{
	const struct ctl_request q = { .verb = CTL_STATUS, .fd = -1 };

	(void)r;
	return ctl_call("/nonexistent/ctl.sock", &q, NULL, NULL) == -ENOENT;
}

static void call_without_a_supervisor_says_so(void **state)
{
	assert_int_equal(with_client(*state, client_nobody), 1);
}

static int raw(const struct rig *r)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	strcpy(a.sun_path, r->path);
	return connect(fd, (struct sockaddr *)&a, sizeof a) == 0 ? fd : -1;
}

static int client_garbage(const struct rig *r)
{
	static const char *const things[] = { "", "x", "GET / HTTP/1.1\r\n\r\n" };
	char big[CTL_TEXT_MAX * 4];
	struct ctl_head h = { .verb = 99 };

	memset(big, 'A', sizeof big);
	for (size_t i = 0; i < sizeof things / sizeof *things; i++) {
		const int fd = raw(r);

		send(fd, things[i], strlen(things[i]), MSG_NOSIGNAL);
		(void)!recv(fd, &h, sizeof h, 0);
		close(fd);
	}
	const int fd = raw(r);

	send(fd, big, sizeof big, MSG_NOSIGNAL);
	const bool answered = recv(fd, &h, sizeof h, 0) >= (ssize_t)sizeof h && h.verb == CTL_NO;

	close(fd);
	return answered && client_status(r);
}

static void garbage_is_refused_counted_and_harms_nobody(void **state)
{
	struct rig *r = *state;

	assert_int_equal(with_client(r, client_garbage), 1);
	assert_int_equal(r->asked, 1);
	assert_int_equal(r->refused[CTL_REFUSED_SHORT], 1);
	assert_int_equal(r->refused[CTL_REFUSED_GARBAGE], 2);
}

static int client_crowd(const struct rig *r)
{
	int fds[CTL_CLIENTS + 4];

	for (unsigned int i = 0; i < CTL_CLIENTS + 4; i++)
		fds[i] = raw(r);
	return fds[0] >= 0 && client_status(r);
}

static void silent_clients_make_way_for_one_that_asks(void **state)
{
	struct rig *r = *state;

	assert_int_equal(with_client(r, client_crowd), 1);
	assert_int_equal(r->asked, 1);
	assert_true(r->refused[CTL_REFUSED_SILENT] >= 4);
}

static int client_leaves(const struct rig *r)
{
	const struct ctl_head head = { .magic = CTL_MAGIC, .verb = CTL_STATUS };
	const int fd = raw(r);

	send(fd, &head, sizeof head, 0);
	close(fd);
	return fd >= 0;
}

static void a_client_that_leaves_before_its_answer_is_forgotten(void **state)
{
	struct rig *r = *state;

	r->slow = true;
	assert_int_equal(with_client(r, client_leaves), 1);
	ctl_server_say(r->server, 1, CTL_YES, "late", "late");
	r->slow = false;
	assert_int_equal(with_client(r, client_status), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allowed_is_decided_by_user_and_groups),
		cmocka_unit_test(allowed_own_and_root_acts_are_not_for_groups),
		cmocka_unit_test(args_are_read_as_put),
		cmocka_unit_test(args_that_make_no_sense_are_refused),
		cmocka_unit_test(check_of_good_requests_accepts),
		cmocka_unit_test(check_of_bad_requests_says_why),
		cmocka_unit_test_setup_teardown(call_of_a_question_gets_its_answer, setup,
						teardown),
		cmocka_unit_test_setup_teardown(call_with_a_descriptor_hears_progress_and_the_end,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			call_for_the_image_gets_a_file_that_nobody_can_change, setup, teardown),
		cmocka_unit_test_setup_teardown(call_without_a_supervisor_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(garbage_is_refused_counted_and_harms_nobody, setup,
						teardown),
		cmocka_unit_test_setup_teardown(silent_clients_make_way_for_one_that_asks, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_client_that_leaves_before_its_answer_is_forgotten,
						setup, teardown),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

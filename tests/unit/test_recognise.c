/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/recognise.h"

#include "daemon/announced.h"
#include "daemon/content/ftp.h"
#include "tests/unit/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool more;

static enum recognised two(const char *up, size_t up_len, const char *down)
{
	return recognise(true, (const uint8_t *)up, up_len, (const uint8_t *)down, strlen(down),
			 &more);
}

#define FIRST(up) two(up, sizeof(up) - 1, "")
#define QUERY \
	"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01" \
	"a\x00\x00\x01\x00\x01"

static void first_words_are_enough(void **state)
{
	(void)state;
	assert_int_equal(FIRST("\x16\x03\x01\x02\x00\x01\x00"), KNOWN_TLS);
	assert_int_equal(FIRST("GET / HTTP/1.1\r\n"), KNOWN_HTTP);
	assert_int_equal(FIRST("CONNECT a:1 HTTP/1.0\r\n"), KNOWN_HTTP);
	assert_int_equal(FIRST("SSH-2.0-OpenSSH\r\n"), KNOWN_SSH);
	assert_int_equal(FIRST("\x00\x00\x00\x40\xfeSMB"), KNOWN_SMB);
	assert_int_equal(FIRST("\x00\x00\x00\x40\xffSMB"), KNOWN_SMB1);
	assert_int_equal(FIRST("\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x00\x00"), KNOWN_RDP);
	assert_int_equal(FIRST("\x00\x13" QUERY), KNOWN_DNS);
}

static void server_that_speaks_first_needs_the_clients_word(void **state)
{
	(void)state;
	assert_int_equal(two("", 0, "220 ready\r\n"), KNOWN_NOTHING);
	assert_true(more);
	assert_int_equal(two("EHLO me\r\n", 9, "220 mail\r\n"), KNOWN_SMTP);
	assert_int_equal(two("USER me\r\n", 9, "220 ftp\r\n"), KNOWN_FTP);
	assert_int_equal(two("", 0, "SSH-2.0-x\r\n"), KNOWN_SSH);
}

#define BOTH(UP, DOWN) two(UP, sizeof(UP) - 1, DOWN)

static void mailboxes_are_known_by_both_sides_words(void **state)
{
	(void)state;
	assert_int_equal(BOTH("a1 LOGIN u p\r\n", "* OK ready\r\n"), KNOWN_IMAP);
	assert_int_equal(BOTH("x capability\r\n", "* OK [CAPABILITY IMAP4] x\r\n"), KNOWN_IMAP);
	assert_int_equal(BOTH("a1 SELECT x\r\n", "* PREAUTH x\r\n"), KNOWN_IMAP);
	assert_int_equal(BOTH("", "* OK ready\r\n"), KNOWN_NOTHING);
	assert_true(more);
	assert_int_equal(BOTH("a1 LOG", "* OK ready\r\n"), KNOWN_NOTHING);
	assert_true(more);
	assert_int_equal(BOTH("CAPA\r\n", "+OK ready\r\n"), KNOWN_POP3);
	assert_int_equal(BOTH("USER x\r\n", "+OK\r\n"), KNOWN_POP3);
	assert_int_equal(BOTH("hello over there\r\n", "+OK\r\n"), KNOWN_NOTHING);
	assert_false(more);
}

static void print_jobs_are_known_by_their_start(void **state)
{
	(void)state;
	assert_true(recognise_print((const uint8_t *)"\x1b%-12345X@PJL", 13));
	assert_true(recognise_print((const uint8_t *)"%!PS-Adobe", 10));
	assert_false(recognise_print((const uint8_t *)"%!P", 3));
	assert_false(recognise_print((const uint8_t *)"\x1b[0m", 4));
}

static void a_beginning_may_become_something(void **state)
{
	(void)state;
	assert_int_equal(FIRST("\x16\x03"), KNOWN_NOTHING);
	assert_true(more);
	assert_int_equal(FIRST("GE"), KNOWN_NOTHING);
	assert_true(more);
	assert_int_equal(FIRST("SS"), KNOWN_NOTHING);
	assert_true(more);
}

static void something_else_is_given_up(void **state)
{
	static const char noise[] = "\x91\x92 this is nothing that anybody has specified, is it";

	(void)state;
	assert_int_equal(two(noise, sizeof(noise) - 1, "hello"), KNOWN_NOTHING);
	assert_false(more);
}

static void one_side_that_talks_on_is_given_up(void **state)
{
	static char noise[9000];

	(void)state;
	memset(noise, 0x91, sizeof(noise) - 1);
	assert_int_equal(two(noise, 4096, ""), KNOWN_NOTHING);
	assert_true(more);
	assert_int_equal(two(noise, sizeof(noise), ""), KNOWN_NOTHING);
	assert_false(more);
	assert_int_equal(two("", 0, noise), KNOWN_NOTHING);
	assert_false(more);
}

static enum recognised datagram(const char *bytes, size_t n)
{
	return recognise(false, (const uint8_t *)bytes, n, NULL, 0, &more);
}

static void datagram_that_reads_as_dns_is_dns(void **state)
{
	static const char netbios[] = "\x12\x34\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00\x20"
				      "CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\x00\x00\x21\x00\x01";

	(void)state;
	assert_int_equal(datagram(QUERY, sizeof(QUERY) - 1), KNOWN_DNS);
	assert_int_equal(datagram(QUERY, sizeof(QUERY) - 3), KNOWN_NOTHING);
	assert_int_equal(datagram(netbios, sizeof(netbios) - 1), KNOWN_NOTHING);
	assert_int_equal(datagram("", 0), KNOWN_NOTHING);
}

#define DATAGRAM(T) datagram(T, sizeof(T) - 1)

static void requests_of_tftp_and_log_lines_are_known(void **state)
{
	(void)state;
	assert_int_equal(DATAGRAM("\0\2list.csv\0octet\0"), KNOWN_TFTP);
	assert_int_equal(DATAGRAM("\0\2list.csv\0other\0"), KNOWN_NOTHING);
	assert_int_equal(DATAGRAM("<34>1 2026-01-02T03:04:05Z h a - - x"), KNOWN_SYSLOG);
	assert_int_equal(DATAGRAM("<34>1 - - - - - - a message"), KNOWN_SYSLOG);
	assert_int_equal(DATAGRAM("<34>Jan  2 03:04:05 h a: x"), KNOWN_SYSLOG);
	assert_int_equal(DATAGRAM("<192>Jan  2 03:04:05 h a: x"), KNOWN_NOTHING);
	assert_int_equal(DATAGRAM("<34>a message of any kind"), KNOWN_NOTHING);
}

static void recognise_prefix(const uint8_t *data, size_t n, void *ctx)
{
	(void)ctx;
	recognise(true, data, n, data, n, &more);
	recognise(true, NULL, 0, data, n, &more);
	recognise_print(data, n);
	recognise(false, data, n, NULL, 0, &more);
}

static void every_truncation_is_harmless(void **state)
{
	static const char *const all[] = {
		"\x16\x03\x01\x02\x02\x01\x01",        "GET / HTTP/1.1\r\n", "220 x\r\nUSER y\r\n",
		"<34>Jan  2 03:04:05 h a: x",          "* OK x LOGIN y",     "\x1b%-12345X@PJL",
		"\x03\x01\x01\x0b\x06\xe0\x01\x01\x01"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		each_prefix(all[i], strlen(all[i]), recognise_prefix, NULL);
	each_prefix("\x00\x13" QUERY, 21, recognise_prefix, NULL);
}

/* ---- FTP ---- */

static int announced_port(bool server, const char *line, size_t piece)
{
	struct ftp f = { .port = 0 };
	int port = -1;

	for (size_t at = 0; at < strlen(line); at += piece) {
		size_t n = strlen(line) - at < piece ? strlen(line) - at : piece;
		bool told;

		ftp_feed(&f, server, (const uint8_t *)line + at, n, &told);
		if (told)
			port = f.port;
	}
	return port;
}

static void announcements_are_read_however_cut(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < 60; piece++) {
		assert_int_equal(announced_port(true,
						"227 Entering Passive Mode (10,0,0,1,195,80).\r\n",
						piece),
				 50000);
		assert_int_equal(announced_port(true, "227 =10,0,0,1,195,80\r\n", piece), 50000);
		assert_int_equal(announced_port(true, "229 Extended (|||50001|)\r\n", piece),
				 50001);
		assert_int_equal(announced_port(false, "PORT 10,0,0,2,4,1\r\n", piece), 1025);
		assert_int_equal(announced_port(false, "eprt |2|fd00::1|2000|\r\n", piece), 2000);
	}
}

static void what_announces_nothing_is_passed_over(void **state)
{
	(void)state;
	assert_int_equal(announced_port(true, "229 Extended (|||0|)\r\n", 99), -1);
	assert_int_equal(announced_port(true, "229 Extended (|||70000|)\r\n", 99), -1);
	assert_int_equal(announced_port(true, "227 (1,2,3,4,300,1)\r\n", 99), -1);
	assert_int_equal(announced_port(true, "PORT 10,0,0,2,4,1\r\n", 99), -1);
	assert_int_equal(announced_port(false, "EPRT |\r\n", 99), -1);
	assert_int_equal(announced_port(false, "EPRT\r\n", 99), -1);
}

static void announcement_holds_once_and_ten_seconds(void **state)
{
	static struct announced a;
	const int64_t t = 1000 * SECOND;

	(void)state;
	announced_add(&a, 1, 2, 50000, t);
	assert_false(announced_take(&a, 1, 2, 50001, t));
	assert_false(announced_take(&a, 2, 1, 50000, t));
	assert_true(announced_take(&a, 1, 2, 50000, t + 10 * SECOND));
	assert_false(announced_take(&a, 1, 2, 50000, t));
	announced_add(&a, 1, 2, 50000, t);
	assert_false(announced_take(&a, 1, 2, 50000, t + 10 * SECOND + 1));
}

/* What a control connection says, cut into pieces: each thing met as a letter, a name in brackets. */
static const char *control(size_t piece, const char *const *turns)
{
	static char text[256];
	struct ftp f = { .port = 0 };
	bool told;

	text[0] = '\0';
	for (int i = 0; turns[i]; i++)
		for (size_t at = 0, len = strlen(turns[i]); at < len;) {
			size_t n = len - at < piece ? len - at : piece;
			size_t end = strlen(text);

			at += ftp_feed(&f, i % 2, (const uint8_t *)turns[i] + at, n, &told);
			if (f.met == FTP_TRANSFER)
				snprintf(text + end, sizeof(text) - end, "%u[%.*s]%s", f.transfer,
					 f.name_len, f.name, f.deflate ? "z" : "");
			else if (f.met != FTP_MORE)
				snprintf(text + end, sizeof(text) - end, "%c", "?aTtE"[f.met]);
		}
	return text;
}

static void transfers_and_their_names_are_read_however_cut(void **state)
{
	static const char *const upload[] = { "PASV\r\nEPSV\r\n",     "229 x (|||50001|)\r\n",
					      "stor  a list.csv\r\n", "150 x\r\n",
					      "MODE Z\r\nSTOU\r\n",   NULL };
	static const char *const others[] = { "RETR x\r\nAPPE y\r\nMLSD\r\n", NULL };

	(void)state;
	for (size_t piece = 1; piece < 60; piece++) {
		assert_string_equal(control(piece, upload), "a1[a list.csv]1[]z");
		assert_string_equal(control(piece, others), "2[x]1[y]3[]");
	}
}

static void encrypted_control_is_told(void **state)
{
	static const char *const yes[] = { "AUTH TLS\r\n", "234 go\r\n", NULL };
	static const char *const no[] = { "AUTH TLS\r\n", "500 no\r\n234 x\r\n", NULL };

	(void)state;
	assert_string_equal(control(99, yes), "tE");
	assert_string_equal(control(99, no), "t");
}

static void name_of_a_transfer_is_found_after_the_connection_opened(void **state)
{
	static struct announced a;
	struct ftp f = { .port = 50000, .transfer = FTP_UPLOAD, .name_len = 1, .name = "x" };

	(void)state;
	announced_add(&a, 1, 2, 50000, SECOND);
	announced_add(&a, 1, 2, 50001, SECOND);
	assert_true(announced_take(&a, 1, 2, 50000, SECOND));
	announced_name(&a, 1, 2, &f);
	assert_int_equal(announced_find(&a, 1, 2, 50000)->transfer, FTP_UPLOAD);
	assert_memory_equal(announced_find(&a, 1, 2, 50000)->name, "x", 1);
	assert_int_equal(announced_find(&a, 1, 2, 50001)->transfer, FTP_NONE);
	assert_null(announced_find(&a, 2, 1, 50000));
	f.port = 50002;
	announced_name(&a, 1, 2, &f);
	assert_null(announced_find(&a, 1, 2, 50002));
}

static void name_over_the_limit_keeps_its_end(void **state)
{
	char line[400] = "STOR ";
	struct ftp f = { .port = 0 };
	bool told;

	(void)state;
	memset(line + 5, 'a', 200);
	strcpy(line + 205, ".csv\r\n");
	ftp_feed(&f, false, (const uint8_t *)line, strlen(line), &told);
	assert_int_equal(f.name_len, FTP_NAME_MAX);
	assert_memory_equal(f.name + FTP_NAME_MAX - 4, ".csv", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_words_are_enough),
		cmocka_unit_test(server_that_speaks_first_needs_the_clients_word),
		cmocka_unit_test(mailboxes_are_known_by_both_sides_words),
		cmocka_unit_test(print_jobs_are_known_by_their_start),
		cmocka_unit_test(requests_of_tftp_and_log_lines_are_known),
		cmocka_unit_test(a_beginning_may_become_something),
		cmocka_unit_test(something_else_is_given_up),
		cmocka_unit_test(one_side_that_talks_on_is_given_up),
		cmocka_unit_test(datagram_that_reads_as_dns_is_dns),
		cmocka_unit_test(every_truncation_is_harmless),
		cmocka_unit_test(announcements_are_read_however_cut),
		cmocka_unit_test(what_announces_nothing_is_passed_over),
		cmocka_unit_test(announcement_holds_once_and_ten_seconds),
		cmocka_unit_test(transfers_and_their_names_are_read_however_cut),
		cmocka_unit_test(encrypted_control_is_told),
		cmocka_unit_test(name_of_a_transfer_is_found_after_the_connection_opened),
		cmocka_unit_test(name_over_the_limit_keeps_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

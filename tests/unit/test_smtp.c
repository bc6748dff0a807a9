/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/body.h"

#include "tests/unit/bodies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SAID(...) \
	bodies_said(&reader_smtp, (const struct turn[]){ __VA_ARGS__ }, \
		    sizeof((const struct turn[]){ __VA_ARGS__ }) / sizeof(struct turn), false)
#define HELLO S("220 mx ESMTP\r\n"), C("EHLO a.example\r\n"), S("250-mx\r\n250 PIPELINING\r\n")
#define SAID_HELLO "#command EHLO a.example;"
#define FROM "MAIL FROM:<a@a.example>\r\n"
#define TO "RCPT TO:<b@b.example>\r\n"
#define OK "250 2.0.0 Ok\r\n"
#define GO_ON "354 End data with <CR><LF>.<CR><LF>\r\n"
#define ENVELOPE C(FROM), S(OK), C(TO), S(OK)
#define SAID_ENVELOPE \
	"#command MAIL FROM:<a@a.example>;#answer MAIL 250;#command RCPT TO:<b@b.example>;#answer RCPT 250;"
#define SAID_DATA "#answer DATA 354;#answer DATA 250;"

static void message_is_handed_on_without_its_dots(void **state)
{
	(void)state;
	assert_string_equal(
		SAID(HELLO, ENVELOPE, C("DATA\r\n"), S(GO_ON),
		     C("Subject: x\r\n\r\n..a\r\n.b\r\n..\r\nc.\r\n.\r\n"), S(OK), C("QUIT\r\n"),
		     S("221 Bye\r\n")),
		"SMTP mail> \"Subject: x\\r\\n\\r\\n.a\\r\\nb\\r\\n.\\r\\nc.\\r\\n\";" SAID_HELLO
			SAID_ENVELOPE SAID_DATA);
}

static void pipelined_commands_are_answered_in_order(void **state)
{
	(void)state;
	assert_string_equal(
		SAID(HELLO, C(FROM TO "DATA\r\n"), S(OK OK GO_ON),
		     C("m\r\n.\r\n" FROM TO "DATA\r\n"), S(OK OK OK GO_ON), C("n\r\n.\r\n"), S(OK)),
		"SMTP mail> \"m\\r\\n\";SMTP mail> \"n\\r\\n\";" SAID_HELLO
		"#command MAIL FROM:<a@a.example>;#command RCPT TO:<b@b.example>;#answer MAIL 250;"
		"#answer RCPT 250;#answer DATA 354;#command MAIL FROM:<a@a.example>;"
		"#command RCPT TO:<b@b.example>;#answer DATA 250;#answer MAIL 250;#answer RCPT 250;"
		"#answer DATA 354;#answer DATA 250;");
}

static void chunks_make_one_message(void **state)
{
	(void)state;
	assert_string_equal(SAID(HELLO, ENVELOPE, C("BDAT 7\r\na\r\n.\r\nb"), S(OK),
				 C("bdat 3 LAST\r\ncde"), S(OK)),
			    "SMTP mail> \"a\\r\\n.\\r\\nbcde\";" SAID_HELLO SAID_ENVELOPE
			    "#answer BDAT 250;#answer BDAT 250;");
	assert_string_equal(SAID(HELLO,
				 C("BDAT 2\r\nab"
				   "BDAT 0 LAST\r\n"
				   "NOOP\r\n"),
				 S(OK OK OK)),
			    "SMTP mail> \"ab\";" SAID_HELLO "#answer BDAT 250;#answer BDAT 250;");
}

static void refused_data_is_no_message(void **state)
{
	(void)state;
	assert_string_equal(SAID(HELLO, C("DATA\r\n"), S("503 5.5.1 No\r\n"), C("NOOP\r\n"), S(OK)),
			    SAID_HELLO "#answer DATA 503;");
}

static void broken_off_message_is_not_whole(void **state)
{
	(void)state;
	assert_string_equal(SAID(C("DATA\r\n"), S("220 x\r\n" GO_ON), C("abc\r\n.")),
			    "SMTP mail>! \"abc\\r\\n\";#answer DATA 354;");
	assert_string_equal(SAID(C("BDAT 5\r\nabcdeRSET\r\n"), S("220 x\r\n" OK)),
			    "SMTP mail>! \"abcde\";#answer BDAT 250;");
}

static void ends_that_servers_disagree_about_are_told(void **state)
{
	static const char *const ends[] = { "\n.\n", "\n.\r\n", "\r\n.\n",
					    "\r.\r", "\r.\r\n", "\r\n.\ra" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(text, sizeof(text), "a%sNOOP\r\n.\r\n", ends[i]);
		const struct turn turns[] = {
			S("220 x\r\n"), C("DATA\r\n"), S(GO_ON), { false, text, strlen(text) }
		};
		const char *said = bodies_said(&reader_smtp, turns, 4, false);

		assert_non_null(strstr(said, "#bad SMTP smtp_end_of_data_ambiguous;"));
		assert_non_null(strstr(said, "NOOP\\r\\n\";"));
	}
}

static void text_before_the_answer_is_told(void **state)
{
	(void)state;
	assert_string_equal(
		SAID(S("220 x\r\n"), C("DATA\r\nabc\r\n.\r\n"), S(GO_ON OK)),
		"SMTP mail> \"abc\\r\\n\";#bad SMTP smtp_text_before_answer;#answer DATA 354;"
		"#answer DATA 250;");
	assert_string_equal(
		SAID(S("220 x\r\n"), C("DATA\r\nabc\r\n"), S("554 no\r\n")),
		"SMTP mail>! \"abc\\r\\n\";#bad SMTP smtp_text_before_answer;#answer DATA 554;"
		"=smtp_text_before_answer");
}

static void accepted_starttls_ends_reading(void **state)
{
	(void)state;
	assert_string_equal(SAID(HELLO, C("STARTTLS\r\n"), S("220 go\r\n"), C("\x16\x03\x01"),
				 S("\x16\x03\x03")),
			    SAID_HELLO "#starttls STARTTLS;#encrypted STARTTLS;");
	assert_string_equal(SAID(HELLO, C("STARTTLS\r\n"), S("454 no\r\n"), ENVELOPE),
			    SAID_HELLO "#starttls STARTTLS;" SAID_ENVELOPE);
	assert_string_equal(
		SAID(HELLO, C("STARTTLS\r\nNOOP\r\n"), S("220 go\r\n")), SAID_HELLO
		"#starttls STARTTLS;#bad SMTP smtp_command_after_starttls;#encrypted STARTTLS;");
}

static void credentials_are_in_no_note(void **state)
{
	(void)state;
	assert_string_equal(SAID(HELLO, C("AUTH LOGIN\r\n"), S("334 VXNlcm5hbWU6\r\n"),
				 C("DATA\r\n"), S("334 UGFzc3dvcmQ6\r\n"), C("MAIL FROM:<>\r\n"),
				 S("235 ok\r\n"), ENVELOPE),
			    SAID_HELLO "#answer AUTH 235;" SAID_ENVELOPE);
}

static void all_commands_are_one_body_of_lines(void **state)
{
	static const struct turn turns[] = { S("220 x\r\n"), C("VRFY 1234\r\n"), S("252 x\r\n"),
					     C("junk\r\n") };

	(void)state;
	assert_string_equal(
		bodies_said(&reader_smtp, turns, 4, true),
		"SMTP line< \"220 x\\r\\n252 x\\r\\n\";SMTP line> \"VRFY 1234\\r\\njunk\\r\\n\";"
		"#bad SMTP smtp_command_invalid;");
}

static void pending_commands_have_a_limit(void **state)
{
	static char noops[300 * 6 + 1];

	(void)state;
	for (size_t i = 0; i < 300; i++)
		memcpy(noops + i * 6, "NOOP\r\n", 6);
	const struct turn turns[] = { { false, noops, 1800 } };

	assert_string_equal(bodies_said(&reader_smtp, turns, 1, false), "=smtp_too_many_pending");
}

static void invalid_chunk_sizes_are_not_read(void **state)
{
	(void)state;
	assert_string_equal(SAID(C("BDAT x\r\n")), "=smtp_chunk_size_invalid");
	assert_string_equal(SAID(C("BDAT 9999999999999999999999\r\n")), "=smtp_chunk_size_invalid");
}

static void every_cut_and_truncation_is_harmless(void **state)
{
	static const struct turn turns[] = {
		HELLO,   ENVELOPE, C("DATA\r\n"), S(GO_ON), C("x\r\n..\r\n.\n\r.\r\n.\r\nNOOP\r\n"),
		S(OK OK)
	};

	(void)state;
	assert_true(bodies_two_cuts(&reader_smtp, turns, sizeof(turns) / sizeof(turns[0])));
	assert_true(bodies_prefixes(&reader_smtp, turns, sizeof(turns) / sizeof(turns[0])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_is_handed_on_without_its_dots),
		cmocka_unit_test(pipelined_commands_are_answered_in_order),
		cmocka_unit_test(chunks_make_one_message),
		cmocka_unit_test(refused_data_is_no_message),
		cmocka_unit_test(broken_off_message_is_not_whole),
		cmocka_unit_test(ends_that_servers_disagree_about_are_told),
		cmocka_unit_test(text_before_the_answer_is_told),
		cmocka_unit_test(accepted_starttls_ends_reading),
		cmocka_unit_test(credentials_are_in_no_note),
		cmocka_unit_test(all_commands_are_one_body_of_lines),
		cmocka_unit_test(pending_commands_have_a_limit),
		cmocka_unit_test(invalid_chunk_sizes_are_not_read),
		cmocka_unit_test(every_cut_and_truncation_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

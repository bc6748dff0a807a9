/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IMAP and POP3. */
#include "daemon/content/body.h"

#include "tests/unit/bodies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(...) sizeof((const struct turn[]){ __VA_ARGS__ }) / sizeof(struct turn)
#define IMAP(...) \
	bodies_said(&reader_imap, (const struct turn[]){ __VA_ARGS__ }, COUNT(__VA_ARGS__), false)
#define POP3(...) \
	bodies_said(&reader_pop3, (const struct turn[]){ __VA_ARGS__ }, COUNT(__VA_ARGS__), false)
#define GO_ON S("+ go on\r\n")

static void append_hands_on_its_literal(void **state)
{
	(void)state;
	assert_string_equal(IMAP(S("* OK hi\r\n"), C("a1 APPEND box (\\Seen) {6}\r\n"), GO_ON,
				 C("a\r\n\r\nb\r\n"), S("a1 OK done\r\n"), C("a2 LOGOUT\r\n")),
			    "IMAP mail> \"a\\r\\n\\r\\nb\";");
}

static void literals_that_do_not_wait_are_read(void **state)
{
	(void)state;
	assert_string_equal(
		IMAP(C("a1 APPEND {3+}\r\nbox (\\Seen) {3+}\r\nabc {2+}\r\nde\r\na2 NOOP\r\n")),
		"IMAP mail> \"abc\";IMAP mail> \"de\";");
	assert_string_equal(IMAP(C("a1 APPEND box UTF8 (~{3+}\r\nabc)\r\n")),
			    "IMAP mail> \"abc\";");
	assert_string_equal(IMAP(C("a1 APPEND box {0+}\r\n\r\n")), "IMAP mail> \"\";");
}

static void catenated_parts_are_one_message(void **state)
{
	(void)state;
	assert_string_equal(IMAP(C("a APPEND box CATENATE (TEXT {2+}\r\nab TEXT {1+}\r\nc)\r\n")),
			    "IMAP mail> \"abc\";");
	assert_string_equal(
		IMAP(C("a APPEND box CATENATE (URL \"/x\" TEXT {2+}\r\nab)\r\nb APPEND box {1+}\r\nx\r\n")),
		"IMAP mail>! \"ab\";IMAP mail> \"x\";");
}

static void refused_literal_is_no_message(void **state)
{
	(void)state;
	assert_string_equal(IMAP(C("a1 APPEND box {5}\r\n"), S("a1 NO over quota\r\n"),
				 C("a2 APPEND box {1}\r\n"), GO_ON, C("x\r\n")),
			    "IMAP mail> \"x\";");
}

static void literal_before_its_answer_is_told(void **state)
{
	(void)state;
	assert_string_equal(IMAP(C("a1 APPEND box {5}\r\nabc"), GO_ON, C("de\r\n")),
			    "IMAP mail> \"abcde\";#bad IMAP imap_literal_before_answer;");
	assert_string_equal(
		IMAP(C("a1 APPEND box {5}\r\nabc"), S("a1 BAD no\r\n")),
		"IMAP mail>! \"abc\";#bad IMAP imap_literal_before_answer;=imap_literal_before_answer");
}

static void other_literals_stay_in_the_lines(void **state)
{
	static const struct turn turns[] = { C("a LOGIN {1+}\r\nu {1+}\r\np\r\n"),
					     S("* LIST () {3}\r\nbox\r\na OK x {9}\r\n") };

	(void)state;
	assert_string_equal(bodies_said(&reader_imap, turns, 2, true),
			    "IMAP line> \"a LOGIN {1+}\\r\\nu {1+}\\r\\np\\r\\n\";"
			    "IMAP line< \"* LIST () {3}\\r\\nbox\\r\\na OK x {9}\\r\\n\";");
}

static void fetched_sections_are_bodies(void **state)
{
	(void)state;
	assert_string_equal(
		IMAP(C("a FETCH 1 BODY[]\r\n"),
		     S("* 1 FETCH (UID 7 BODY[] {4}\r\nabcd FLAGS (\\Seen))\r\n"
		       "* 2 FETCH (BODY[HEADER.FIELDS (SUBJECT)] {2}\r\nx\n BODY[1.2] {1}\r\n)"
		       " RFC822.TEXT {1}\r\ny)\r\na OK x\r\n")),
		"IMAP mail< \"abcd\";IMAP mail< \"x\\n\";IMAP data< \")\";IMAP data< \"y\";");
}

static void parts_that_go_on_are_one_body(void **state)
{
	(void)state;
	assert_string_equal(
		IMAP(S("* 1 FETCH (BODY[]<0> {2}\r\nab)\r\na OK x\r\n* 1 FETCH (BODY[]<2> {2}\r\ncd)\r\n"
		       "* 2 FETCH (BODY[]<4> {1}\r\nx)\r\n")),
		"IMAP mail< \"abcd\";IMAP mail<! \"x\";");
}

static void accepted_starttls_and_compression_end_reading(void **state)
{
	(void)state;
	assert_string_equal(IMAP(C("a STARTTLS\r\n"), S("* CAP x\r\na OK go\r\n\x16"),
				 C("\x16\x03")),
			    "#starttls STARTTLS;#encrypted STARTTLS;");
	assert_string_equal(IMAP(C("a COMPRESS DEFLATE\r\n"), S("a OK go\r\nxyz")),
			    "#encrypted COMPRESS;");
	assert_string_equal(IMAP(C("a STARTTLS\r\n"), S("a NO x\r\n"),
				 C("b APPEND c {1+}\r\nx\r\n")),
			    "IMAP mail> \"x\";#starttls STARTTLS;");
}

static void imap_cuts_and_truncations_are_harmless(void **state)
{
	static const struct turn turns[] = {
		C("a1 APPEND {3+}\r\nbox CATENATE (URL x TEXT {3+}\r\nabc {2}\r\n"), GO_ON,
		C("de)\r\na2 COMPRESS DEFLATE\r\n"),
		S("* 1 FETCH (BODY[]<0> {2}\r\nab)\r\na OK x\r\n* 1 FETCH (BODY[]<2> {2}\r\ncd)\r\n"
		  "* 2 FETCH (BINARY[1]<4> {1}\r\nx)\r\na2 OK\r\n")
	};

	(void)state;
	assert_true(bodies_two_cuts(&reader_imap, turns, 4));
	assert_true(bodies_prefixes(&reader_imap, turns, 4));
}

static void retrieved_messages_are_bodies_without_their_dots(void **state)
{
	(void)state;
	assert_string_equal(
		POP3(S("+OK hi\r\n"), C("USER u\r\nLIST\r\nRETR 1\r\nTOP 2 0\r\nQUIT\r\n"),
		     S("+OK\r\n+OK 2\r\n1 3\r\n.\r\n+OK 3 octets\r\n..a\r\n.\r\n+OK\r\nb\r\n\r\n.\r\n+OK bye\r\n")),
		"POP3 mail< \".a\\r\\n\";POP3 mail< \"b\\r\\n\\r\\n\";");
}

static void refused_retrieval_brings_nothing(void **state)
{
	(void)state;
	assert_string_equal(POP3(S("+OK\r\n"), C("RETR 9\r\n"), S("-ERR no\r\n"), C("RETR 1\r\n"),
				 S("+OK\r\nx\r\n")),
			    "POP3 mail<! \"x\\r\\n\";");
}

static void secrets_of_auth_are_no_commands(void **state)
{
	(void)state;
	assert_string_equal(POP3(S("+OK\r\n"), C("AUTH PLAIN\r\n"), S("+ \r\n"), C("RETR 1\r\n"),
				 S("+OK in\r\n"), C("RETR 1\r\n"), S("+OK\r\nx\r\n.\r\n")),
			    "POP3 mail< \"x\\r\\n\";");
}

static void accepted_stls_ends_reading(void **state)
{
	(void)state;
	assert_string_equal(POP3(S("+OK\r\n"), C("STLS\r\n"), S("+OK go\r\n\x16"), C("\x16")),
			    "#starttls STLS;#encrypted STLS;");
	assert_string_equal(
		POP3(S("+OK\r\n"), C("STLS\r\nRETR 1\r\n"), S("-ERR\r\n+OK\r\nx\r\n.\r\n")),
		"POP3 mail< \"x\\r\\n\";#starttls STLS;#bad POP3 pop3_command_after_stls;");
}

static void pop3_cuts_and_truncations_are_harmless(void **state)
{
	static const struct turn turns[] = {
		S("+OK hi\r\n"), C("CAPA\r\nRETR 1\r\nSTLS\r\n"),
		S("+OK\r\nSTLS\r\n.\r\n+OK\r\n..a\r\n.\n.\r\n\r\n.\r\n+OK\r\n")
	};

	(void)state;
	assert_true(bodies_two_cuts(&reader_pop3, turns, 3));
	assert_true(bodies_prefixes(&reader_pop3, turns, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(append_hands_on_its_literal),
		cmocka_unit_test(literals_that_do_not_wait_are_read),
		cmocka_unit_test(catenated_parts_are_one_message),
		cmocka_unit_test(refused_literal_is_no_message),
		cmocka_unit_test(literal_before_its_answer_is_told),
		cmocka_unit_test(other_literals_stay_in_the_lines),
		cmocka_unit_test(fetched_sections_are_bodies),
		cmocka_unit_test(parts_that_go_on_are_one_body),
		cmocka_unit_test(accepted_starttls_and_compression_end_reading),
		cmocka_unit_test(imap_cuts_and_truncations_are_harmless),
		cmocka_unit_test(retrieved_messages_are_bodies_without_their_dots),
		cmocka_unit_test(refused_retrieval_brings_nothing),
		cmocka_unit_test(secrets_of_auth_are_no_commands),
		cmocka_unit_test(accepted_stls_ends_reading),
		cmocka_unit_test(pop3_cuts_and_truncations_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

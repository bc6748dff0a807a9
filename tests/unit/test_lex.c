/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/diag_text.h"
#include "rules/lang/lex.h"
#include "tests/unit/support.h"

struct run {
	struct arena *arena;
	struct diags diags;
	struct source_text text;
	struct lexer lex;
};

static int start(void **state)
{
	struct run *r = calloc(1, sizeof(*r));

	r->arena = arena_new(1 << 20);
	r->diags.arena = r->arena;
	*state = r;
	return 0;
}

static int stop(void **state)
{
	struct run *r = *state;

	arena_free(r->arena);
	free(r);
	return 0;
}

static void lex(struct run *r, const char *text)
{
	r->text = (struct source_text){ "t", text, (uint32_t)strlen(text), 0 };
	r->lex = lex_of(r->arena, &r->diags, &r->text);
}

static struct token next(struct run *r)
{
	return lex_next(&r->lex);
}

static void word_of_address_characters_is_one_token(void **state)
{
	struct run *r = *state;

	lex(r, "10.0.0.0/8 02:00:5e:10:00:01 *.example @hole@ 5MB");
	assert_string_equal(next(r).text, "10.0.0.0/8");
	assert_string_equal(next(r).text, "02:00:5e:10:00:01");
	assert_string_equal(next(r).text, "*.example");
	assert_string_equal(next(r).text, "@hole@");
	assert_string_equal(next(r).text, "5MB");
	assert_int_equal(next(r).type, TOKEN_END);
	assert_int_equal(r->diags.errors, 0);
}

static void string_with_escapes_loses_them(void **state)
{
	struct run *r = *state;
	struct token t;

	lex(r, "\"a \\\"b\\\" \\\\ \\n\"");
	t = next(r);
	assert_int_equal(t.type, TOKEN_STRING);
	assert_string_equal(t.text, "a \"b\" \\ \\n");
}

static void token_location_covers_its_bytes(void **state)
{
	struct run *r = *state;
	struct token t;

	lex(r, "# comment\n  \"日本\" {");
	t = next(r);
	assert_int_equal(t.at.offset, 12);
	assert_int_equal(t.at.length, 8);
	assert_true(t.line_start);
	t = next(r);
	assert_int_equal(t.type, TOKEN_OPEN);
	assert_false(t.line_start);
}

static void fullwidth_punctuation_is_read_as_meant_and_said_once(void **state)
{
	struct run *r = *state;

	lex(r, "a；b；｛");
	assert_string_equal(next(r).text, "a");
	assert_int_equal(next(r).type, TOKEN_SEMICOLON);
	assert_string_equal(next(r).text, "b");
	assert_int_equal(next(r).type, TOKEN_SEMICOLON);
	assert_int_equal(next(r).type, TOKEN_OPEN);
	assert_int_equal(r->diags.errors, 2);
}

static void fullwidth_digits_become_a_word_of_digits(void **state)
{
	struct run *r = *state;

	lex(r, "１０．１２３");
	assert_string_equal(next(r).text, "10.123");
}

static void quotes_inside_a_string_of_another_sort_stay(void **state)
{
	struct run *r = *state;

	lex(r, "\"「窓口」“a”\"");
	assert_string_equal(next(r).text, "「窓口」“a”");
	assert_int_equal(r->diags.errors, 0);
}

static void open_string_ends_at_the_semicolon_of_its_line(void **state)
{
	struct run *r = *state;

	lex(r, "\"open; b\nc");
	assert_true(next(r).bad);
	assert_int_equal(next(r).type, TOKEN_SEMICOLON);
	assert_string_equal(next(r).text, "b");
	assert_string_equal(next(r).text, "c");
	assert_int_equal(r->diags.errors, 1);
}

static void japanese_outside_quotes_is_one_bad_word(void **state)
{
	struct run *r = *state;
	struct token t;

	lex(r, "基幹サーバーA;");
	t = next(r);
	assert_true(t.bad);
	assert_string_equal(t.text, "基幹サーバーA");
	assert_int_equal(next(r).type, TOKEN_SEMICOLON);
	assert_int_equal(r->diags.errors, 1);
}

static void control_character_in_string_is_refused(void **state)
{
	struct run *r = *state;

	lex(r, "\"a\033[2Jb\"");
	assert_true(next(r).bad);
}

static void drain(const uint8_t *data, size_t n, void *ctx)
{
	struct arena *arena = arena_new(1 << 20);
	struct diags d = { .arena = arena };
	struct source_text text = { "t", (const char *)data, (uint32_t)n, 0 };
	struct lexer l = lex_of(arena, &d, &text);
	unsigned int tokens = 0;

	(void)ctx;
	while (lex_next(&l).type != TOKEN_END)
		tokens++;
	assert_true(tokens <= n);
	arena_free(arena);
}

/* The lexer is handed whole UTF-8 only, so cuts inside a character do not happen; cut between them. */
static void every_prefix_ends(void **state)
{
	static const char text[] = "zone a { b \"c\\\"d\" ; } // x\n/* y */ 'z' = ! # q\n";

	(void)state;
	each_prefix(text, strlen(text), drain, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(word_of_address_characters_is_one_token, start,
						stop),
		cmocka_unit_test_setup_teardown(string_with_escapes_loses_them, start, stop),
		cmocka_unit_test_setup_teardown(token_location_covers_its_bytes, start, stop),
		cmocka_unit_test_setup_teardown(
			fullwidth_punctuation_is_read_as_meant_and_said_once, start, stop),
		cmocka_unit_test_setup_teardown(fullwidth_digits_become_a_word_of_digits, start,
						stop),
		cmocka_unit_test_setup_teardown(quotes_inside_a_string_of_another_sort_stay, start,
						stop),
		cmocka_unit_test_setup_teardown(open_string_ends_at_the_semicolon_of_its_line,
						start, stop),
		cmocka_unit_test_setup_teardown(japanese_outside_quotes_is_one_bad_word, start,
						stop),
		cmocka_unit_test_setup_teardown(control_character_in_string_is_refused, start,
						stop),
		cmocka_unit_test(every_prefix_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/diag.h"
#include "rules/diag_text.h"
#include "rules/json.h"
#include "rules/text.h"

struct run {
	struct arena *arena;
	struct diags diags;
	char *printed; /* owned */
};

static int start(void **state)
{
	struct run *r = calloc(1, sizeof(*r));

	r->arena = arena_new(16 << 20);
	r->diags.arena = r->arena;
	*state = r;
	return 0;
}

static int stop(void **state)
{
	struct run *r = *state;

	arena_free(r->arena);
	free(r->printed);
	free(r);
	return 0;
}

static const char *print(struct run *r, struct diag_style style)
{
	size_t n;
	FILE *out = open_memstream(&r->printed, &n);

	diag_print(&r->diags, style, out);
	fclose(out);
	return r->printed;
}

static struct source_text text_of(const char *s)
{
	return (struct source_text){ "town.rules", s, (uint32_t)strlen(s), 0 };
}

static void position_after_japanese_counts_characters(void **state)
{
	struct source_text t = text_of("一行目\n  日本 x");
	uint32_t line, column;

	(void)state;
	diag_position(location_at(&t, (uint32_t)(strstr(t.bytes, "x") - t.bytes), 1), &line,
		      &column);
	assert_int_equal(line, 2);
	assert_int_equal(column, 6);
}

static void caret_under_wide_text_counts_columns(void **state)
{
	struct run *r = *state;
	struct source_text t = text_of("label 日本語 bad;\n");
	uint32_t at = (uint32_t)(strstr(t.bytes, "bad") - t.bytes);

	diag_add(&r->diags, MSG_TEXT_EMPTY, location_at(&t, at, 3), "label");
	assert_string_equal(print(r, (struct diag_style){ 0 }),
			    "town.rules:1:11: error: 'label' is empty\n"
			    "    label 日本語 bad;\n"
			    "                 ^~~\n");
}

static void ascii_console_gets_escapes_and_carets_that_fit(void **state)
{
	struct run *r = *state;
	struct source_text t = text_of("日 bad\n");

	diag_add(&r->diags, MSG_TEXT_EMPTY, location_at(&t, 4, 3), "x");
	assert_string_equal(print(r, (struct diag_style){ .ascii = true }),
			    "town.rules:1:3: error: 'x' is empty\n"
			    "    \\u65e5 bad\n"
			    "           ^~~\n");
}

static void tab_before_the_place_is_expanded(void **state)
{
	struct run *r = *state;
	struct source_text t = text_of("a\tb\n");

	diag_add(&r->diags, MSG_TEXT_EMPTY, location_at(&t, 2, 1), "x");
	assert_non_null(
		strstr(print(r, (struct diag_style){ 0 }), "    a       b\n            ^\n"));
}

static void japanese_style_prints_japanese(void **state)
{
	struct run *r = *state;

	diag_add(&r->diags, MSG_MODEL_MISSING, (struct location){ 0 });
	assert_string_equal(
		print(r, (struct diag_style){ .language = DIAG_JAPANESE }),
		"エラー: モデルの指定がありません。「model alpha;」のように書いてください\n");
}

static void argument_with_control_characters_stays_on_its_line(void **state)
{
	struct run *r = *state;

	diag_add(&r->diags, MSG_TEXT_EMPTY, (struct location){ 0 }, "a\n\033[2J\xff");
	assert_string_equal(print(r, (struct diag_style){ 0 }),
			    "error: 'a\\x0a\\x1b[2J\\xff' is empty\n");
}

static void long_argument_is_cut(void **state)
{
	struct run *r = *state;
	char word[1000];

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	diag_add(&r->diags, MSG_TEXT_EMPTY, (struct location){ 0 }, word);
	assert_true(strlen(print(r, (struct diag_style){ 0 })) < 200);
}

static void long_line_is_shown_around_the_place(void **state)
{
	struct run *r = *state;
	char *line = malloc(100001);
	struct source_text t;

	memset(line, '-', 100000);
	line[50000] = 'X';
	line[100000] = '\0';
	t = text_of(line);
	diag_add(&r->diags, MSG_TEXT_EMPTY, location_at(&t, 50000, 1), "x");
	const char *shown = print(r, (struct diag_style){ 0 }), *x = strchr(shown, 'X');

	assert_non_null(x);
	assert_true(strlen(shown) < 500);
	/* the caret stands under the X */
	const char *source = strstr(shown, "\n    ") + 1, *caret = strchr(source, '\n') + 1;

	assert_int_equal(x - source, strchr(caret, '^') - caret);
	free(line);
}

static void more_than_twenty_errors_are_counted(void **state)
{
	struct run *r = *state;
	const char *shown;
	unsigned int lines = 0;

	for (int i = 0; i < 1000; i++)
		diag_add(&r->diags, MSG_TEXT_EMPTY, (struct location){ 0 }, "x");
	shown = print(r, (struct diag_style){ 0 });
	for (const char *p = shown; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 21);
	assert_non_null(strstr(shown, "... and 980 more errors"));
	assert_int_equal(r->diags.kept, DIAG_KEPT_MAX);
}

static void note_of_a_message_not_kept_is_dropped(void **state)
{
	struct run *r = *state;

	for (int i = 0; i < DIAG_KEPT_MAX + 1; i++)
		diag_add(&r->diags, MSG_TEXT_EMPTY, (struct location){ 0 }, "x");
	diag_add(&r->diags, MSG_FIRST_HERE, (struct location){ 0 });
	assert_null(r->diags.last->notes);
}

static void error_after_many_warnings_is_kept(void **state)
{
	struct run *r = *state;

	for (int i = 0; i < DIAG_KEPT_MAX + 1; i++)
		diag_add(&r->diags, MSG_PROVE_PERMIT_ENDED, (struct location){ 0 }, "x");
	diag_add(&r->diags, MSG_TEXT_EMPTY, (struct location){ 0 }, "x");
	diag_add(&r->diags, MSG_FIRST_HERE, (struct location){ 0 });
	assert_string_equal(r->diags.last->text[0], "'x' is empty");
	assert_non_null(r->diags.last->notes);
}

static void sort_puts_messages_in_the_order_of_the_text(void **state)
{
	struct run *r = *state;
	struct source_text t = text_of("abc\n");

	diag_add(&r->diags, MSG_TEXT_EMPTY, location_at(&t, 2, 1), "third");
	diag_add(&r->diags, MSG_FIRST_HERE, location_at(&t, 0, 1));
	diag_add(&r->diags, MSG_TEXT_EMPTY, location_at(&t, 1, 1), "second");
	diag_add(&r->diags, MSG_TEXT_EMPTY, (struct location){ 0 }, "first");
	diag_sort(&r->diags);
	assert_string_equal(r->diags.first->text[0], "'first' is empty");
	assert_string_equal(r->diags.last->text[0], "'third' is empty");
	assert_non_null(r->diags.last->notes);
}

static void json_of_a_message_has_both_languages(void **state)
{
	struct run *r = *state;
	struct source_text t = text_of("ab cd\n");
	struct text out = { 0 };
	struct json j = json_to(&out);

	diag_add(&r->diags, MSG_TEXT_EMPTY, location_at(&t, 3, 2), "x");
	diag_json(&r->diags, &j, NULL);
	assert_string_equal(
		out.bytes,
		"[{\"file\":\"town.rules\",\"line\":1,\"column\":4,\"end\":6,\"severity\":"
		"\"error\",\"id\":\"text-empty\",\"message\":\"'x' is empty\","
		"\"message_ja\":\"「x」が空です\",\"notes\":[]}]");
	text_done(&out);
}

/* Which of $1 to $9 a format uses, as bits. */
static unsigned int arguments(const char *format)
{
	unsigned int used = 0;

	for (const char *p = format; *p; p++)
		if (p[0] == '$' && p[1] >= '1' && p[1] <= '9')
			used |= 1u << (p[1] - '0');
	return used;
}

/* The mend of a character has a name of its own in each language. */
static bool differs_on_purpose(enum diag_id id)
{
	return id == MSG_MEND_NAMED;
}

static void every_message_takes_the_same_arguments_in_both_languages(void **state)
{
	(void)state;
	for (int id = 0; id < DIAG_COUNT; id++)
		if (!differs_on_purpose((enum diag_id)id))
			assert_int_equal(arguments(diag_format((enum diag_id)id, DIAG_ENGLISH)),
					 arguments(diag_format((enum diag_id)id, DIAG_JAPANESE)));
}

static void language_of_a_locale_is_japanese_for_ja_only(void **state)
{
	(void)state;
	assert_int_equal(diag_language_of("ja_JP.UTF-8"), DIAG_JAPANESE);
	assert_int_equal(diag_language_of("ja"), DIAG_JAPANESE);
	assert_int_equal(diag_language_of("C"), DIAG_ENGLISH);
	assert_int_equal(diag_language_of(""), DIAG_ENGLISH);
	assert_int_equal(diag_language_of(NULL), DIAG_ENGLISH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(position_after_japanese_counts_characters),
		cmocka_unit_test_setup_teardown(caret_under_wide_text_counts_columns, start, stop),
		cmocka_unit_test_setup_teardown(ascii_console_gets_escapes_and_carets_that_fit,
						start, stop),
		cmocka_unit_test_setup_teardown(tab_before_the_place_is_expanded, start, stop),
		cmocka_unit_test_setup_teardown(japanese_style_prints_japanese, start, stop),
		cmocka_unit_test_setup_teardown(argument_with_control_characters_stays_on_its_line,
						start, stop),
		cmocka_unit_test_setup_teardown(long_argument_is_cut, start, stop),
		cmocka_unit_test_setup_teardown(long_line_is_shown_around_the_place, start, stop),
		cmocka_unit_test_setup_teardown(more_than_twenty_errors_are_counted, start, stop),
		cmocka_unit_test_setup_teardown(note_of_a_message_not_kept_is_dropped, start, stop),
		cmocka_unit_test_setup_teardown(error_after_many_warnings_is_kept, start, stop),
		cmocka_unit_test_setup_teardown(sort_puts_messages_in_the_order_of_the_text, start,
						stop),
		cmocka_unit_test_setup_teardown(json_of_a_message_has_both_languages, start, stop),
		cmocka_unit_test(every_message_takes_the_same_arguments_in_both_languages),
		cmocka_unit_test(language_of_a_locale_is_japanese_for_ja_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

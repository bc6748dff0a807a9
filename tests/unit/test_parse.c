/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/lang/files.h"
#include "rules/lang/parse.h"
#include "rules/lang/schema.h"

struct run {
	struct arena *arena;
	struct diags diags;
	struct files files;
	struct parse parse;
};

static int start(void **state)
{
	struct run *r = calloc(1, sizeof(*r));

	r->arena = arena_new(16 << 20);
	r->diags.arena = r->files.arena = r->arena;
	r->files.diags = &r->diags;
	r->files.from_memory = true;
	r->parse.files = &r->files;
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

static struct block *parse(struct run *r, const char *text)
{
	struct source_file *f = files_memory(&r->files, "t", text, strlen(text));

	assert_non_null(f);
	parse_file(&r->parse, f, false);
	return r->parse.first;
}

static const struct entry *entry(const struct block *b, const char *key)
{
	return b->entries[schema_key(b->kind, key) - b->kind->keys];
}

static void block_has_its_entries_items_and_terms(void **state)
{
	struct run *r = *state;
	const struct block *b = parse(r, "permit web { from zone net, host a; until 2027-03-31; }");
	const struct item *i = entry(b, "from")->items;

	assert_int_equal(b->kind->number, BLOCK_PERMIT);
	assert_string_equal(b->name, "web");
	assert_string_equal(i->terms->text, "zone");
	assert_string_equal(i->terms->next->text, "net");
	assert_null(i->terms->next->next);
	assert_string_equal(i->next->terms->next->text, "a");
	assert_null(i->next->next);
	assert_non_null(entry(b, "until"));
	assert_null(entry(b, "owner"));
	assert_int_equal(r->diags.errors, 0);
}

static void plain_statements_have_items(void **state)
{
	struct run *r = *state;
	const struct block *b = parse(r, "model alpha; value net 10.0.0.0/8, 10.1.0.0/16;");

	assert_int_equal(b->kind->number, BLOCK_MODEL);
	assert_string_equal(b->items->terms->text, "alpha");
	assert_string_equal(b->next->name, "net");
	assert_non_null(b->next->items->next);
}

static void forgotten_semicolon_keeps_both_entries(void **state)
{
	struct run *r = *state;
	const struct block *b =
		parse(r, "zone a { role lgwan interface \"e1\" network 10.0.0.0/8; }");

	assert_int_equal(r->diags.errors, 2);
	assert_non_null(entry(b, "role"));
	assert_non_null(entry(b, "interface"));
	assert_non_null(entry(b, "network"));
	assert_null(entry(b, "network")->items->next);
}

static void key_as_a_name_is_no_forgotten_semicolon(void **state)
{
	struct run *r = *state;
	const struct block *b = parse(r, "permit a { from host owner, zone service; to zone to; }");

	assert_int_equal(r->diags.errors, 0);
	assert_string_equal(entry(b, "from")->items->terms->next->text, "owner");
}

static void unclosed_block_leaves_the_next_one_whole(void **state)
{
	struct run *r = *state;
	const struct block *b =
		parse(r, "host a { zone z;\nhost b { zone y; }\nhost c { zone x; }");

	assert_int_equal(r->diags.errors, 1);
	assert_true(b->broken);
	assert_string_equal(b->next->name, "b");
	assert_false(b->next->broken);
	assert_string_equal(b->next->next->name, "c");
}

static void unknown_kind_is_skipped_with_its_block(void **state)
{
	struct run *r = *state;
	const struct block *b = parse(r, "frob x { a { b; } c; } model lab;");

	assert_int_equal(r->diags.errors, 1);
	assert_int_equal(b->kind->number, BLOCK_MODEL);
	assert_null(b->next);
}

static void deep_braces_are_counted_not_entered(void **state)
{
	struct run *r = *state;
	char *text = malloc(2000001);

	text[0] = '\0';
	memset(text, '{', 1000000);
	memset(text + 1000000, '}', 1000000);
	text[2000000] = '\0';
	parse(r, text);
	assert_int_equal(r->diags.errors, 1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(block_has_its_entries_items_and_terms, start, stop),
		cmocka_unit_test_setup_teardown(plain_statements_have_items, start, stop),
		cmocka_unit_test_setup_teardown(forgotten_semicolon_keeps_both_entries, start,
						stop),
		cmocka_unit_test_setup_teardown(key_as_a_name_is_no_forgotten_semicolon, start,
						stop),
		cmocka_unit_test_setup_teardown(unclosed_block_leaves_the_next_one_whole, start,
						stop),
		cmocka_unit_test_setup_teardown(unknown_kind_is_skipped_with_its_block, start,
						stop),
		cmocka_unit_test_setup_teardown(deep_braces_are_counted_not_entered, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "rules/arena.h"
#include "rules/build.h"
#include "rules/edit/block.h"
#include "rules/edit/edit.h"
#include "rules/edit/save.h"
#include "rules/edit/value.h"
#include "rules/lang/schema.h"
#include "rules/text.h"

/* --- one block --------------------------------------------------------------------------------- */

static void expect_block(const char *before, const char *key, const char *value, const char *after)
{
	struct arena *a = arena_new(1 << 20);
	struct text out = { 0 };

	assert_int_equal(block_set(a, before, strlen(before), key, value, &out), 0);
	assert_string_equal(out.bytes, after);
	text_done(&out);
	arena_free(a);
}

static int fails(const char *before, const char *key, const char *value)
{
	struct arena *a = arena_new(1 << 20);
	struct text out = { 0 };
	int r = block_set(a, before, strlen(before), key, value, &out);

	text_done(&out);
	arena_free(a);
	return r;
}

static void set_of_a_key_that_is_there_changes_its_value_only(void **state)
{
	(void)state;
	expect_block("permit a {\n\tuntil   2027-03-31 ; # note\n}", "until", "2028-03-31",
		     "permit a {\n\tuntil   2028-03-31 ; # note\n}");
	expect_block("permit a { from zone x, # first\n zone y; }", "from", "host z",
		     "permit a { from host z; }");
}

static void set_of_a_new_key_gets_a_line_where_its_neighbour_has_one(void **state)
{
	(void)state;
	expect_block("permit a {\n    owner \"x\"; # who; really\n    until 2027-03-31;\n}",
		     "reason", "\"y\"",
		     "permit a {\n    owner \"x\"; # who; really\n    reason \"y\";\n    until "
		     "2027-03-31;\n}");
	expect_block("permit a {\r\n\towner \"x\";\r\n}", "reason", "\"y\"",
		     "permit a {\r\n\towner \"x\";\r\n\treason \"y\";\r\n}");
	expect_block("permit a { owner \"x\";\n}", "reason", "\"y\"",
		     "permit a { owner \"x\";\n\treason \"y\";\n}");
}

static void set_of_a_new_key_stands_beside_its_neighbour_on_a_shared_line(void **state)
{
	(void)state;
	expect_block("permit a { owner \"x\"; until 2027-03-31; }", "reason", "\"y\"",
		     "permit a { owner \"x\"; reason \"y\"; until 2027-03-31; }");
	expect_block("permit a { }", "reason", "\"y\"", "permit a { reason \"y\"; }");
	expect_block("permit a {}", "reason", "\"y\"", "permit a { reason \"y\";}");
}

static void removal_takes_the_line_with_it_and_leaves_comments(void **state)
{
	(void)state;
	expect_block("permit a {\n\towner \"x\";\n\tuntil 2027-03-31;\n\tvital yes;\n}", "until",
		     NULL, "permit a {\n\towner \"x\";\n\tvital yes;\n}");
	expect_block("permit a {\n\tuntil 2027-03-31; # as agreed\n}", "until", NULL,
		     "permit a {\n\t# as agreed\n}");
	expect_block("permit a { owner \"x\"; until 2027-03-31; vital yes; }", "until", NULL,
		     "permit a { owner \"x\"; vital yes; }");
	expect_block("permit a {\n\tuntil 2027-03-31; vital yes;\n}", "until", NULL,
		     "permit a {\n\tvital yes;\n}");
}

static void set_of_what_is_no_key_or_no_block_is_refused(void **state)
{
	(void)state;
	assert_int_equal(fails("permit a { }", "nonsense", "x"), -ENOENT);
	assert_int_equal(fails("permit a { }", "until", NULL), -ENOENT);
	assert_int_equal(fails("permit a { until 2027-03-31", "until", "2028-03-31"), -EBADMSG);
	assert_int_equal(fails("permit a { } permit b { }", "until", "2028-03-31"), -EBADMSG);
	assert_int_equal(fails("model alpha;", "until", "2028-03-31"), -EBADMSG);
	assert_int_equal(fails("", "until", "2028-03-31"), -EBADMSG);
}

/* --- values ------------------------------------------------------------------------------------ */

static const struct key *permit_key(const char *name)
{
	return schema_key(&schema_kinds()[BLOCK_PERMIT], name);
}

static void expect_written(const char *key, const char *typed, enum value_fault fault,
			   const char *written)
{
	struct text out = { 0 };

	assert_int_equal(value_write(permit_key(key), typed, &out), fault);
	if (fault == VALUE_FINE)
		assert_string_equal(out.bytes, written);
	text_done(&out);
}

static void value_of_a_text_is_quoted(void **state)
{
	(void)state;
	expect_written("owner", "総務課", VALUE_FINE, "\"総務課\"");
	expect_written("owner", "a \"b\" \\", VALUE_FINE, "\"a \\\"b\\\" \\\\\"");
	expect_written("owner", "x\"; vital yes; owner \"", VALUE_FINE,
		       "\"x\\\"; vital yes; owner \\\"\"");
	expect_written("owner", "@joho-ka@", VALUE_FINE, "@joho-ka@");
	expect_written("owner", "", VALUE_EMPTY, NULL);
	expect_written("owner", "a\nb", VALUE_CONTROL, NULL);
	expect_written("owner", "\x83\x41", VALUE_CONTROL, NULL);
}

static void value_of_words_takes_nothing_that_ends_them(void **state)
{
	(void)state;
	expect_written("from", " host gyomu, 10.0.0.0/24 ", VALUE_FINE, "host gyomu, 10.0.0.0/24");
	expect_written("until", "2027-03-31; vital yes", VALUE_CHARACTER, NULL);
	expect_written("from", "zone a } permit b {", VALUE_CHARACTER, NULL);
	expect_written("from", "zone a # b", VALUE_CHARACTER, NULL);
	expect_written("from", "  ", VALUE_EMPTY, NULL);
}

static void value_that_is_too_long_is_refused(void **state)
{
	char *s = malloc(6000);

	(void)state;
	memset(s, 'a', 5999);
	s[5999] = '\0';
	expect_written("owner", s, VALUE_LONG, NULL);
	expect_written("from", s, VALUE_LONG, NULL);
	free(s);
}

/* --- files ------------------------------------------------------------------------------------- */

struct folder {
	char path[64];
	char file[128], include[128], preset[128];
};

static void write_file(const char *path, const char *bytes)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(bytes, f);
	fclose(f);
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct text t = { 0 };
	int c;

	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		text_putc(&t, (char)c);
	fclose(f);
	text_puts(&t, "");
	return t.bytes ? t.bytes : strdup("");
}

static int make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));
	char presets[100];

	snprintf(f->path, sizeof(f->path), "/tmp/sekimori-test-edit-%s", "XXXXXX");
	assert_non_null(mkdtemp(f->path));
	snprintf(presets, sizeof(presets), "%s/presets", f->path);
	assert_int_equal(mkdir(presets, 0700), 0);
	snprintf(f->file, sizeof(f->file), "%s/town.rules", f->path);
	snprintf(f->include, sizeof(f->include), "%s/more.rules", f->path);
	snprintf(f->preset, sizeof(f->preset), "%s/preset.rules", presets);
	*state = f;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *f = *state;
	char presets[100];

	unlink(f->file);
	unlink(f->include);
	unlink(f->preset);
	snprintf(presets, sizeof(presets), "%s/presets", f->path);
	rmdir(presets);
	assert_int_equal(rmdir(f->path), 0);
	free(f);
	return 0;
}

static struct edit opened(const char *path)
{
	struct edit e;

	assert_int_equal(edit_open(&e, path), 0);
	return e;
}

static void expect_text(const struct edit *e, uint32_t i, const char *path, const char *after)
{
	assert_true(i < e->texts_count);
	assert_string_equal(e->texts[i].path, path);
	assert_string_equal(e->texts[i].after.bytes, after);
}

static void edit_of_an_included_permit_changes_the_file_it_stands_in(void **state)
{
	const struct folder *f = *state;

	write_file(f->file, "include \"more.rules\";\npermit b { until 2027-03-31; }\n");
	write_file(f->include, "# one\npermit a { until 2027-03-31; } # two\n");
	struct edit e = opened(f->file);

	assert_int_equal(edit_set(&e, "a", "until", "2028-03-31"), 0);
	assert_int_equal(edit_texts(&e), 0);
	assert_int_equal(e.texts_count, 1);
	expect_text(&e, 0, f->include, "# one\npermit a { until 2028-03-31; } # two\n");
	edit_close(&e);
}

static void edit_of_several_keys_and_permits_gathers_them(void **state)
{
	const struct folder *f = *state;

	write_file(f->file, "permit b { until 2027-03-31; }\npermit a { until 2027-03-31; }\n");
	struct edit e = opened(f->file);

	assert_int_equal(edit_set(&e, "a", "until", NULL), 0);
	assert_int_equal(edit_set(&e, "a", "review", "2029-01-01"), 0);
	assert_int_equal(edit_set(&e, "b", "until", "2028-03-31"), 0);
	assert_int_equal(edit_append(&e, "permit c { }\n"), 0);
	assert_int_equal(edit_texts(&e), 0);
	expect_text(
		&e, 0, f->file,
		"permit b { until 2028-03-31; }\npermit a { review 2029-01-01; }\n\npermit c { }\n");
	edit_close(&e);
}

static void edit_of_a_packages_permit_amends_it_and_back(void **state)
{
	const struct folder *f = *state;
	const char *own = "include \"presets/preset.rules\";\n";

	write_file(f->file, own);
	write_file(f->preset, "permit a { until 2027-03-31; }\n");
	struct edit e = opened(f->file);

	assert_int_equal(edit_set(&e, "a", "until", NULL), 0);
	assert_int_equal(edit_set(&e, "a", "disabled", "\"x\""), 0);
	assert_int_equal(edit_texts(&e), 0);
	assert_int_equal(e.texts_count, 1);
	expect_text(
		&e, 0, f->file,
		"include \"presets/preset.rules\";\n\namend a {\n\tuntil none;\n\tdisabled \"x\";\n}\n");
	write_file(f->file,
		   "include \"presets/preset.rules\";\n\namend a {\n\tdisabled \"x\";\n}\n# end\n");
	edit_close(&e);
	e = opened(f->file);
	struct text was = { 0 };

	assert_true(edit_value(&e, "a", "disabled", &was));
	assert_string_equal(was.bytes, "\"x\"");
	text_done(&was);
	assert_int_equal(edit_set(&e, "a", "disabled", NULL), 0);
	assert_int_equal(edit_texts(&e), 0);
	expect_text(&e, 0, f->file, "include \"presets/preset.rules\";\n# end\n");
	edit_close(&e);
}

static void edit_of_an_amended_key_changes_the_amend(void **state)
{
	const struct folder *f = *state;

	write_file(f->file, "permit a { until 2027-03-31; }\namend a { until 2027-06-30; }\n");
	struct edit e = opened(f->file);

	assert_int_equal(edit_set(&e, "a", "until", "2028-03-31"), 0);
	assert_int_equal(edit_set(&e, "a", "vital", "yes"), 0);
	assert_int_equal(edit_texts(&e), 0);
	expect_text(&e, 0, f->file,
		    "permit a { until 2027-03-31; vital yes; }\namend a { until 2028-03-31; }\n");
	edit_close(&e);
}

static void edit_keeps_the_ends_of_lines_of_windows(void **state)
{
	const struct folder *f = *state;

	write_file(f->file, "permit a {\r\n\tuntil 2027-03-31;\r\n}\r\n");
	struct edit e = opened(f->file);

	assert_int_equal(edit_set(&e, "a", "vital", "yes"), 0);
	assert_int_equal(edit_append(&e, "permit b {\n}\n"), 0);
	assert_int_equal(edit_texts(&e), 0);
	expect_text(
		&e, 0, f->file,
		"permit a {\r\n\tuntil 2027-03-31;\r\n\tvital yes;\r\n}\r\n\r\npermit b {\r\n}\r\n");
	edit_close(&e);
}

static void edit_of_an_unknown_permit_names_the_nearest(void **state)
{
	const struct folder *f = *state;
	const char *near;

	write_file(f->file, "permit konbini { }\n");
	struct edit e = opened(f->file);

	assert_false(edit_has(&e, "konbimi", &near));
	assert_string_equal(near, "konbini");
	assert_true(edit_has(&e, "konbini", &near));
	assert_int_equal(edit_set(&e, "konbimi", "until", "x"), -ENOENT);
	assert_int_equal(edit_set(&e, "konbini", "nonsense", "x"), -ENOENT);
	edit_close(&e);
}

static void edit_of_a_broken_policy_is_refused(void **state)
{
	const struct folder *f = *state;
	struct edit e;

	write_file(f->file, "permit a { until\n");
	assert_int_equal(edit_open(&e, f->file), -EBADMSG);
	assert_true(e.diags.errors > 0);
	edit_close(&e);
	unlink(f->file);
	assert_int_equal(edit_open(&e, f->file), -EBADMSG);
	edit_close(&e);
}

/* --- writing ----------------------------------------------------------------------------------- */

static struct edit_text changed(const char *path, const char *before, const char *after)
{
	struct edit_text t = { .path = path, .before = before, .before_len = strlen(before) };

	text_puts(&t.after, after);
	return t;
}

static void save_keeps_mode_and_leaves_nothing_beside(void **state)
{
	const struct folder *f = *state;
	struct stat st;
	uint32_t failed;

	write_file(f->file, "old\n");
	assert_int_equal(chmod(f->file, 0640), 0);
	struct edit_text t = changed(f->file, "old\n", "new\n");

	assert_int_equal(save_texts(&t, 1, &failed), 0);
	text_done(&t.after);
	char *now = read_file(f->file);

	assert_string_equal(now, "new\n");
	free(now);
	assert_int_equal(stat(f->file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void save_of_what_somebody_changed_writes_nothing(void **state)
{
	const struct folder *f = *state;
	uint32_t failed;

	write_file(f->file, "one\n");
	write_file(f->include, "another\n");
	struct edit_text t[] = { changed(f->file, "one\n", "1\n"),
				 changed(f->include, "two\n", "2\n") };

	assert_int_equal(save_texts(t, 2, &failed), -ESTALE);
	assert_int_equal(failed, 1);
	char *now = read_file(f->file);

	assert_string_equal(now, "one\n");
	free(now);
	text_done(&t[0].after);
	text_done(&t[1].after);
}

static void save_of_several_files_writes_all(void **state)
{
	const struct folder *f = *state;
	uint32_t failed;

	write_file(f->file, "one\n");
	write_file(f->include, "two\n");
	struct edit_text t[] = { changed(f->file, "one\n", "1\n"),
				 changed(f->include, "two\n", "2\n") };

	assert_int_equal(save_texts(t, 2, &failed), 0);
	char *a = read_file(f->file), *b = read_file(f->include);

	assert_string_equal(a, "1\n");
	assert_string_equal(b, "2\n");
	free(a);
	free(b);
	text_done(&t[0].after);
	text_done(&t[1].after);
}

static void lock_that_is_held_names_its_holder(void **state)
{
	const struct folder *f = *state;
	char holder[SAVE_HOLDER_MAX] = "";
	struct save_lock first, second;

	write_file(f->file, "x\n");
	assert_int_equal(save_lock(f->file, "yamada, process 1", &first, holder), 0);
	assert_int_equal(save_lock(f->file, "sato", &second, holder), -EWOULDBLOCK);
	assert_string_equal(holder, "yamada, process 1");
	save_unlock(&first);
	assert_int_equal(save_lock(f->file, "sato", &second, holder), 0);
	save_unlock(&second);
}

/* --- nothing but the change: every policy of the tests and every preset ------------------------- */

/* Bytes that both texts share at their beginning, and at their end. */
static void expect_only(const struct edit_text *t, size_t from, size_t to)
{
	size_t tail = t->before_len - to;

	assert_true(t->after.len >= from + tail);
	assert_memory_equal(t->after.bytes, t->before, from);
	assert_memory_equal(t->after.bytes + t->after.len - tail, t->before + to, tail);
}

static void set_and_take_back(const char *path, const char *permit, const char *key,
			      const char *value, const struct block *b)
{
	struct edit e = opened(path);
	struct text was = { 0 };
	bool said = edit_value(&e, permit, key, &was);

	assert_int_equal(edit_set(&e, permit, key, value), 0);
	assert_int_equal(edit_texts(&e), 0);
	assert_int_equal(e.texts_count, 1);
	expect_only(&e.texts[0], b->all.offset, b->all.offset + b->all.length);
	assert_int_equal(edit_set(&e, permit, key, said ? was.bytes : NULL), 0);
	assert_int_equal(edit_texts(&e), 0);
	if (e.texts_count)
		assert_memory_equal(e.texts[0].after.bytes, e.texts[0].before,
				    e.texts[0].before_len);
	text_done(&was);
	edit_close(&e);
}

static unsigned int each_permit(const char *path)
{
	static const struct {
		const char *key, *value;
	} wishes[] = {
		{ "until", "2031-03-31" }, { "review", "2031-03-31" }, { "owner", "\"別の課\"" },
		{ "vital", "yes" },        { "label", "\"x\"" },       { "disabled", "\"y\"" },
	};
	struct edit e;
	unsigned int n = 0;

	if (edit_open(&e, path) == 0)
		for (const struct block *b = e.parse.first; b; b = b->next)
			if (b->kind->number == BLOCK_PERMIT && b->at.text == &e.main->text)
				for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++, n++)
					set_and_take_back(path, b->name, wishes[i].key,
							  wishes[i].value, b);
	edit_close(&e);
	return n;
}

static void edit_of_any_permit_and_back_is_the_same_file(void **state)
{
	static const char *const patterns[] = { "tests/rules/ok/*.rules", "rules/presets/*.rules",
						"tests/rules/values/*.rules",
						"tests/rules/proof/*.rules" };
	unsigned int n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		glob_t found = { 0 };

		assert_int_equal(glob(patterns[i], 0, NULL, &found), 0);
		for (size_t k = 0; k < found.gl_pathc; k++)
			n += each_permit(found.gl_pathv[k]);
		globfree(&found);
	}
	assert_true(n > 300);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_of_a_key_that_is_there_changes_its_value_only),
		cmocka_unit_test(set_of_a_new_key_gets_a_line_where_its_neighbour_has_one),
		cmocka_unit_test(set_of_a_new_key_stands_beside_its_neighbour_on_a_shared_line),
		cmocka_unit_test(removal_takes_the_line_with_it_and_leaves_comments),
		cmocka_unit_test(set_of_what_is_no_key_or_no_block_is_refused),
		cmocka_unit_test(value_of_a_text_is_quoted),
		cmocka_unit_test(value_of_words_takes_nothing_that_ends_them),
		cmocka_unit_test(value_that_is_too_long_is_refused),
		WITH_FOLDER(edit_of_an_included_permit_changes_the_file_it_stands_in),
		WITH_FOLDER(edit_of_several_keys_and_permits_gathers_them),
		WITH_FOLDER(edit_of_a_packages_permit_amends_it_and_back),
		WITH_FOLDER(edit_of_an_amended_key_changes_the_amend),
		WITH_FOLDER(edit_keeps_the_ends_of_lines_of_windows),
		WITH_FOLDER(edit_of_an_unknown_permit_names_the_nearest),
		WITH_FOLDER(edit_of_a_broken_policy_is_refused),
		WITH_FOLDER(save_keeps_mode_and_leaves_nothing_beside),
		WITH_FOLDER(save_of_what_somebody_changed_writes_nothing),
		WITH_FOLDER(save_of_several_files_writes_all),
		WITH_FOLDER(lock_that_is_held_names_its_holder),
		cmocka_unit_test(edit_of_any_permit_and_back_is_the_same_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/scan/register.h"

#include "rules/text.h"
#include "tools/register/make.h"
#include "tools/register/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CHEAP 8u /* KiB: the least that Argon2 takes; tests are about exactness, not cost */
#define SOME 400u

static uint64_t drawn;

static uint64_t draw(void)
{
	drawn = drawn * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return drawn >> 20;
}

/* Twelve digits; with the right check digit at the end (methods.md B.6). */
static void draw_number(char d[static REGISTER_DIGITS])
{
	int sum = 0;

	for (int i = 0; i < 11; i++)
		d[i] = (char)('0' + draw() % 10);
	for (int n = 1; n <= 11; n++)
		sum += (d[11 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
	d[11] = (char)('0' + (sum % 11 <= 1 ? 0 : 11 - sum % 11));
}

static void some_numbers(struct numbers *n, uint32_t count)
{
	char d[REGISTER_DIGITS];

	for (uint32_t i = 0; i < count; i++) {
		draw_number(d);
		assert_int_equal(numbers_add(n, d), 0);
	}
	numbers_once(n);
}

struct made {
	struct numbers numbers;
	struct text filter, key;
	struct register_index *index;
};

static void make(struct made *m, uint32_t count)
{
	*m = (struct made){ 0 };
	drawn = 7;
	some_numbers(&m->numbers, count);
	assert_int_equal(make_register(&m->numbers, CHEAP, 1, &m->filter, &m->key, NULL, NULL), 0);
	assert_int_equal(register_read(m->filter.bytes, m->filter.len, m->key.bytes, m->key.len,
				       &m->index),
			 REGISTER_OK);
}

static void unmake(struct made *m)
{
	register_free(m->index);
	numbers_done(&m->numbers);
	text_done(&m->filter);
	text_done(&m->key);
}

/* ---- the filter alone ---- */

static uint64_t next_seed(void *ctx)
{
	(void)ctx;
	return draw();
}

static void fuse_of_any_size_has_every_key_and_others_one_in_256(void **state)
{
	static const uint32_t sizes[] = { 1, 2, 3, 10, 100, 1000, 20000, 200000 };

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		const uint32_t n = sizes[s];
		uint64_t *keys = calloc(n, sizeof(*keys));
		uint32_t others = 0;
		struct fuse f;

		drawn = n;
		for (uint32_t i = 0; i < n; i++)
			keys[i] = draw() << 24 ^ draw();
		fuse_shape(&f, n);
		assert_true(fuse_is_sound(&f));
		uint8_t *bytes = malloc(f.length);

		assert_int_equal(fuse_fill(&f, keys, n, bytes, next_seed, NULL), 0);
		for (uint32_t i = 0; i < n; i++)
			assert_true(fuse_has(&f, keys[i]));
		for (uint32_t i = 0; i < 256000; i++)
			others += fuse_has(&f, draw() << 24 ^ draw());
		/* 1,000 are expected, with a deviation of 32 where the table is full of distinct bytes */
		if (n >= 1000)
			assert_in_range(others, 850, 1150);
		free(bytes);
		free(keys);
	}
}

static void fuse_of_the_same_key_twice_is_refused(void **state)
{
	const uint64_t keys[] = { 5, 5 };
	uint8_t bytes[256];
	struct fuse f;

	(void)state;
	fuse_shape(&f, 2);
	assert_true(f.length <= sizeof(bytes));
	assert_int_equal(fuse_fill(&f, keys, 2, bytes, next_seed, NULL), -17);
}

/* ---- the index ---- */

static void index_has_every_number_and_no_other(void **state)
{
	struct made m;
	char d[REGISTER_DIGITS];

	(void)state;
	make(&m, SOME);
	for (uint32_t i = 0; i < m.numbers.count; i++) {
		register_second(m.index);
		assert_true(register_has(m.index, m.numbers.at[i]));
	}
	assert_int_equal(m.index->counts.found, m.numbers.count);
	for (uint32_t i = 0; i < 51200; i++) {
		draw_number(d);
		register_second(m.index);
		assert_false(register_has(m.index, d));
	}
	/* the first stage lets 200 of these through, deviation 14; the second none */
	assert_in_range(m.index->counts.fast - m.numbers.count, 130, 270);
	unmake(&m);
}

static void slow_hashes_beyond_the_rate_are_counted_and_not_made(void **state)
{
	struct made m;

	(void)state;
	make(&m, SOME);
	for (uint32_t i = 0; i < REGISTER_RATE + 30; i++)
		assert_int_equal(register_has(m.index, m.numbers.at[i]), i < REGISTER_RATE);
	assert_int_equal(m.index->counts.limited, 30);
	assert_int_equal(m.index->counts.slow, REGISTER_RATE);
	register_second(m.index);
	assert_true(register_has(m.index, m.numbers.at[0]));
	unmake(&m);
}

static void index_damaged_anywhere_is_refused(void **state)
{
	struct register_index *other = NULL;
	struct made m;

	(void)state;
	make(&m, 20);
	for (size_t i = 0; i < m.filter.len; i++) {
		m.filter.bytes[i] ^= 1;
		assert_int_equal(register_read(m.filter.bytes, m.filter.len, m.key.bytes, m.key.len,
					       &other),
				 REGISTER_DAMAGED);
		m.filter.bytes[i] ^= 1;
	}
	for (size_t n = 0; n < m.filter.len; n++)
		assert_int_equal(register_read(m.filter.bytes, n, m.key.bytes, m.key.len, &other),
				 REGISTER_DAMAGED);
	for (size_t n = 0; n < m.key.len; n++)
		assert_int_equal(register_read(m.filter.bytes, m.filter.len, m.key.bytes, n,
					       &other),
				 REGISTER_DAMAGED);
	m.key.bytes[8] ^= 1;
	assert_int_equal(register_read(m.filter.bytes, m.filter.len, m.key.bytes, m.key.len,
				       &other),
			 REGISTER_DAMAGED);
	assert_null(other);
	unmake(&m);
}

/* Two indexes of the same numbers have nothing in common: keys, salt and seeds are of the hour. */
static void index_made_twice_is_another(void **state)
{
	struct made a, b;
	uint32_t same = 0;

	(void)state;
	make(&a, SOME);
	make(&b, SOME);
	assert_int_equal(a.filter.len, b.filter.len);
	for (size_t i = REGISTER_HEADER; i < a.filter.len; i++)
		same += a.filter.bytes[i] == b.filter.bytes[i];
	assert_true(same < a.filter.len / 20);
	unmake(&a);
	unmake(&b);
}

static bool holds(const struct text *t, const char *bytes, size_t n)
{
	return memmem(t->bytes, t->len, bytes, n);
}

static void index_holds_no_number(void **state)
{
	struct made m;

	(void)state;
	make(&m, SOME);
	for (uint32_t i = 0; i < m.numbers.count; i++) {
		assert_false(holds(&m.filter, m.numbers.at[i], 6));
		assert_false(holds(&m.key, m.numbers.at[i], 6));
	}
	unmake(&m);
}

/* ---- RFC 4231, test case 2 cut to our key length is none; case 1's key is 20 bytes: zeros fill the block either way ---- */

static void seal_is_hmac_sha_256(void **state)
{
	uint8_t key[REGISTER_KEY_BYTES] = { 0 }, out[SHA256_BYTES];
	char hex[SHA256_HEX];

	(void)state;
	memset(key, 0x0b, 20);
	register_seal(key, "Hi There", 8, out);
	assert_string_equal(sha256_hex(out, hex), "b0344c61d8db38535ca8afceaf0bf12b"
						  "881dc200c9833da726e9376c2e32cff7");
	memcpy(memset(key, 0, sizeof(key)), "Jefe", 4);
	register_seal(key, "what do ya want for nothing?", 28, out);
	assert_string_equal(sha256_hex(out, hex), "5bdcc146bf60754e6a042426089575c7"
						  "5a003f089d2739839dec58b964ec3843");
}

/* ---- files ---- */

static void put_file(const char *directory, const char *name, const struct text *t, mode_t mode)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	unlink(path);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(t->bytes, 1, t->len, f), t->len);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void files_are_loaded_only_when_nobody_else_may_read_them(void **state)
{
	char directory[] = "/tmp/sekimori-register.XXXXXX", path[256];
	struct register_index *r = NULL;
	struct made m;

	(void)state;
	make(&m, 20);
	assert_non_null(mkdtemp(directory));
	assert_int_equal(register_load(directory, &r), REGISTER_ABSENT);
	put_file(directory, REGISTER_FILTER, &m.filter, 0600);
	assert_int_equal(register_load(directory, &r), REGISTER_ABSENT);
	put_file(directory, REGISTER_KEY, &m.key, 0640);
	assert_int_equal(register_load(directory, &r), REGISTER_OPEN);
	put_file(directory, REGISTER_KEY, &m.key, 0600);
	assert_int_equal(register_load(directory, &r), REGISTER_OK);
	assert_true(register_has(r, m.numbers.at[3]));
	register_free(r);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory,
			 i ? REGISTER_KEY : REGISTER_FILTER);
		unlink(path);
	}
	rmdir(directory);
	unmake(&m);
}

/* ---- tables ---- */

struct heard {
	uint32_t lines[8];
	uint8_t why[8];
	uint32_t count;
};

static void hear(void *ctx, uint32_t line, enum bad_line why)
{
	struct heard *h = ctx;

	assert_true(h->count < 8);
	h->lines[h->count] = line;
	h->why[h->count++] = (uint8_t)why;
}

static int read_text(struct text *t, const char *column, struct numbers *n, struct heard *h)
{
	struct bad_lines bad = { .bad = hear, .ctx = h };
	const int r = read_numbers(t->bytes, t->len, column, n, &bad);

	assert_int_equal(bad.count, h->count);
	return r;
}

static void table_of_every_spelling_gives_the_same_number(void **state)
{
	struct text t = { 0 };
	struct numbers n = { 0 };
	struct heard h = { 0 };
	char d[REGISTER_DIGITS];

	(void)state;
	drawn = 3;
	draw_number(d);
	text_printf(&t, "氏名,個人番号\nA,%.12s\nB,%.4s-%.4s-%.4s\nC,%.4s %.4s　%.4s\nD,", d, d,
		    d + 4, d + 8, d, d + 4, d + 8);
	for (int i = 0; i < 12; i++)
		text_printf(&t, "\xef\xbc%c", 0x90 + d[i] - '0');
	text_puts(&t, "\n");
	assert_int_equal(read_text(&t, NULL, &n, &h), 0);
	assert_int_equal(h.count, 0);
	assert_int_equal(n.count, 4);
	numbers_once(&n);
	assert_int_equal(n.count, 1);
	assert_memory_equal(n.at[0], d, sizeof(d));
	numbers_done(&n);
	assert_int_equal(read_text(&t, "2", &n, &h), 0);
	assert_int_equal(n.count, 4);
	numbers_done(&n);
	assert_int_equal(read_text(&t, "電話", &n, &h), -2);
	text_done(&t);
}

static void table_with_bad_lines_names_them_by_number_and_reason(void **state)
{
	struct text t = { 0 };
	struct numbers n = { 0 };
	struct heard h = { 0 };
	char d[REGISTER_DIGITS];

	(void)state;
	drawn = 4;
	draw_number(d);
	text_printf(&t, "%.12s\n%.11s\n%.12s0\n%.11s%c\nabc\n%.12s\n", d, d + 1, d, d,
		    d[11] == '9' ? '1' : d[11] + 1, d);
	assert_int_equal(read_text(&t, NULL, &n, &h), 0);
	assert_int_equal(n.count, 2);
	assert_int_equal(h.count, 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(h.lines[i], i + 2);
	assert_int_equal(h.why[0], LINE_SHORT);
	assert_int_equal(h.why[1], LINE_LENGTH);
	assert_int_equal(h.why[2], LINE_CHECK);
	assert_int_equal(h.why[3], LINE_LENGTH);
	numbers_done(&n);
	text_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fuse_of_any_size_has_every_key_and_others_one_in_256),
		cmocka_unit_test(fuse_of_the_same_key_twice_is_refused),
		cmocka_unit_test(index_has_every_number_and_no_other),
		cmocka_unit_test(slow_hashes_beyond_the_rate_are_counted_and_not_made),
		cmocka_unit_test(index_damaged_anywhere_is_refused),
		cmocka_unit_test(index_made_twice_is_another),
		cmocka_unit_test(index_holds_no_number),
		cmocka_unit_test(seal_is_hmac_sha_256),
		cmocka_unit_test(files_are_loaded_only_when_nobody_else_may_read_them),
		cmocka_unit_test(table_of_every_spelling_gives_the_same_number),
		cmocka_unit_test(table_with_bad_lines_names_them_by_number_and_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

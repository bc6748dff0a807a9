/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scanners over texts made here: numbers are drawn from a fixed seed, belong to nobody and are never printed.
 */
#include "daemon/content/scan/scan.h"

#include "daemon/content/charset.h"
#include "daemon/content/scan/evidence.h"
#include "daemon/content/scan/identifier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* forms of rows are a table */

#define TEXT_MAX 16384u
#define ROWS 10u

static struct charsets *charsets;
static struct scan_set *set;
static uint64_t seed = 11;

static uint32_t draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static const char *number(char out[13])
{
	uint8_t d[12];

	for (int i = 0; i < 11; i++)
		d[i] = (uint8_t)draw(10);
	for (d[11] = 0; !identifier_my_number(d); d[11]++)
		;
	for (int i = 0; i < 12; i++)
		out[i] = (char)('0' + d[i]);
	out[12] = '\0';
	return out;
}

struct result {
	uint32_t confirmed[EVIDENCE_KINDS];
	uint8_t rule[EVIDENCE_KINDS];
};

static struct result scanned(const uint8_t *at, size_t n, size_t piece)
{
	static const uint8_t key[16] = "a key for a test";
	struct evidence *e = evidence_new(set, key);
	struct scan *s = scan_new(set, e, "text");
	struct result r;

	for (size_t i = 0; i < n; i += piece)
		scan_feed(s, at + i, n - i < piece ? n - i : piece);
	scan_end(s);
	for (int k = 0; k < EVIDENCE_KINDS; k++) {
		r.confirmed[k] = evidence_finding(e, k)->confirmed;
		r.rule[k] = evidence_finding(e, k)->rule;
	}
	scan_free(s);
	evidence_free(e);
	return r;
}

static struct result whole(const char *text)
{
	return scanned((const uint8_t *)text, strlen(text), TEXT_MAX);
}

/* Full-width digits in UTF-8. */
static void widen(const char *in, char *out)
{
	for (; *in; in++) {
		if (*in >= '0' && *in <= '9')
			out += sprintf(out, "\xef\xbc%c", 0x90 + (*in - '0'));
		else
			*out++ = *in;
	}
	*out = '\0';
}

static void put_rows(char *out, const char *format)
{
	char n[13];

	seed = 11;
	for (unsigned int i = 0; i < ROWS; i++) {
		number(n);
		if (strchr(format, '4'))
			out += sprintf(out, format, i, n, n + 4, n + 8);
		else
			out += sprintf(out, format, i, n);
	}
}

static int start(void **state)
{
	char why[160];

	(void)state;
	charsets = charsets_new();
	set = charsets ? scan_set_new(NULL, charsets, why) : NULL;
	return set ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	scan_set_free(set);
	charsets_free(charsets);
	return 0;
}

static bool check(bool (*is)(const uint8_t *), const char *text)
{
	uint8_t d[16];

	for (size_t i = 0; text[i]; i++)
		d[i] = (uint8_t)(text[i] - '0');
	return is(d);
}

/* Published examples, and two whose sum leaves 0 and 1. */
static void identifiers_published_examples_have_right_check_digits(void **state)
{
	(void)state;
	assert_true(check(identifier_my_number, "123456789018"));
	assert_true(check(identifier_my_number, "328601290400"));
	assert_true(check(identifier_my_number, "485319413000"));
	assert_false(check(identifier_my_number, "123456789019"));
	assert_true(check(identifier_resident_code, "24727059608"));
	assert_false(check(identifier_resident_code, "24727059609"));
	assert_true(check(identifier_corporate, "7123456789012"));
	assert_false(check(identifier_corporate, "8123456789012"));
	assert_true(check(identifier_licence, "309012345620"));
	assert_false(check(identifier_licence, "999012345620"));
}

static void lists_are_found_in_every_encoding_however_they_are_cut(void **state)
{
	static const enum charset sets[] = {
		CHARSET_UTF8,        CHARSET_CP932,    CHARSET_EUC_JP,
		CHARSET_ISO_2022_JP, CHARSET_UTF16_LE, CHARSET_UTF16_BE
	};
	static char text[TEXT_MAX], wide[TEXT_MAX];
	static uint8_t bytes[TEXT_MAX];
	size_t n;

	(void)state;
	put_rows(text, "上里　太郎%u,%s,埼玉県児玉郡上里町大字七本木,昭和三十年\n");
	widen(text, wide);
	for (size_t i = 0; i < 2 * sizeof(sets) / sizeof(sets[0]); i++) {
		assert_true(charset_encode(charsets, sets[i / 2], i % 2 ? wide : text, bytes,
					   sizeof(bytes), &n));
		for (size_t piece = 1; piece < 80; piece += 3)
			assert_int_equal(scanned(bytes, n, piece).confirmed[EVIDENCE_MY_NUMBER],
					 ROWS);
		assert_int_equal(scanned(bytes, n, n).rule[EVIDENCE_MY_NUMBER], RULE_LIST);
	}
}

static void lists_are_found_in_every_form(void **state)
{
	static const char *const forms[] = {
		"%u %s\n",
		"%u,\"%s\"\n",
		"{\"id\":%u,\"n\":\"%s\"},",
		"<td>%u</td><td>%s</td>",
		"%u:%s;",
		"%u %.4s-%.4s-%.4s\n",
		"%u %.4s %.4s %.4s\n",
		"(%u) %.4s.%.4s.%.4s\r\n",
	};
	static char text[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		put_rows(text, forms[i]);
		assert_int_equal(whole(text).confirmed[EVIDENCE_MY_NUMBER], ROWS);
	}
}

static void one_number_needs_its_label(void **state)
{
	char text[256], n[13];

	(void)state;
	number(n);
	snprintf(text, sizeof(text), "申請者のマイナンバーは%sです。\n", n);
	assert_int_equal(whole(text).confirmed[EVIDENCE_MY_NUMBER], 1);
	assert_int_equal(whole(text).rule[EVIDENCE_MY_NUMBER], RULE_LABEL);
	snprintf(text, sizeof(text), "%s(個人番号)を提出します。\n", n);
	assert_int_equal(whole(text).confirmed[EVIDENCE_MY_NUMBER], 1);
	snprintf(text, sizeof(text), "お問い合わせ番号 %s でお調べします。\n", n);
	assert_int_equal(whole(text).confirmed[EVIDENCE_MY_NUMBER], 0);
	snprintf(text, sizeof(text),
		 "氏名 上里太郎\n生年月日 昭和三十年一月一日\n住所 上里町七本木\n%s\n", n);
	assert_int_equal(whole(text).rule[EVIDENCE_MY_NUMBER], RULE_ATTRIBUTES);
}

static void a_column_is_what_its_heading_says(void **state)
{
	char text[512], n[13];

	(void)state;
	number(n);
	snprintf(text, sizeof(text),
		 "氏名,個人番号,備考\n上里次郎,未提出,%0240d\n上里太郎,%s,なし\n", 0, n);
	assert_int_equal(whole(text).confirmed[EVIDENCE_MY_NUMBER], 1);
	assert_int_equal(whole(text).rule[EVIDENCE_MY_NUMBER], RULE_COLUMN);
}

/* A thousand of each kind, which is more than a page has. */
static void other_digits_are_not_numbers_of_people(void **state)
{
	static const char *const kinds[] = {
		"%s%u,",     "ID %s%u\n", "%s%u円\n", "\\%s%u\n", "https://example.jp/%s%u/a\n",
		"a%s%uf-\n", "%s%u-\n",
	};
	static char text[64 * 1024];

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		size_t n = 0;

		for (unsigned int i = 0; i < 1000; i++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, kinds[k], "40731",
					      1000000 + i);
		assert_int_equal(whole(text).confirmed[EVIDENCE_MY_NUMBER], 0);
	}
}

static void times_and_longer_numbers_are_not_numbers_of_people(void **state)
{
	static char text[64 * 1024];
	size_t n = 0;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "2026%02u%02u%02u%02u,%08u%08u\n",
				      1 + i % 12, 1 + i % 28, i % 24, i % 60, draw(100000000),
				      draw(100000000));
	assert_int_equal(whole(text).confirmed[EVIDENCE_MY_NUMBER], 0);
}

static void cells_that_lost_their_zeros_count_under_their_heading(void **state)
{
	static const uint8_t key[16] = "a key for a test";
	struct evidence *e = evidence_new(set, key);
	struct scan *s = scan_new(set, e, "sheet");
	uint32_t found = 0;

	(void)state;
	scan_cell(s, 0, 0, false);
	scan_feed(s, (const uint8_t *)"個人番号", strlen("個人番号"));
	for (uint32_t row = 1; row < 40; row++) {
		char n[13];
		const char *at = number(n);

		while (*at == '0')
			at++;
		found += at != n;
		scan_cell(s, row, 0, true);
		scan_feed(s, (const uint8_t *)at, strlen(at));
	}
	scan_end(s);
	assert_true(found > 0);
	assert_int_equal(evidence_finding(e, EVIDENCE_MY_NUMBER)->confirmed, 39);
	scan_free(s);
	evidence_free(e);
}

static void marks_of_confidentiality_are_found(void **state)
{
	(void)state;
	assert_int_equal(whole("【自治体機密性3A】会議資料\n").rule[EVIDENCE_LABEL], RULE_MARK);
	assert_int_equal(whole("取扱注意\n").confirmed[EVIDENCE_LABEL], 0);
}

static bool has_any(void *ctx, const char digits[static 12])
{
	(void)digits;
	++*(unsigned int *)ctx;
	return true;
}

static void a_number_of_the_register_needs_nothing_else(void **state)
{
	unsigned int asked = 0;
	char text[64], n[13];

	(void)state;
	scan_set_register(set, has_any, &asked);
	number(n);
	snprintf(text, sizeof(text), "整理 %s\n", n);
	assert_int_equal(whole(text).confirmed[EVIDENCE_REGISTER], 1);
	assert_int_equal(asked, 1);
	scan_set_register(set, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identifiers_published_examples_have_right_check_digits),
		cmocka_unit_test(lists_are_found_in_every_encoding_however_they_are_cut),
		cmocka_unit_test(lists_are_found_in_every_form),
		cmocka_unit_test(one_number_needs_its_label),
		cmocka_unit_test(a_column_is_what_its_heading_says),
		cmocka_unit_test(other_digits_are_not_numbers_of_people),
		cmocka_unit_test(times_and_longer_numbers_are_not_numbers_of_people),
		cmocka_unit_test(cells_that_lost_their_zeros_count_under_their_heading),
		cmocka_unit_test(marks_of_confidentiality_are_found),
		cmocka_unit_test(a_number_of_the_register_needs_nothing_else),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The documents are those of fuzz/corpus/unpack, written by fuzz/unpack_seeds.py with Python's libraries. */
#include "daemon/content/unpack/unpack.h"

#include "tests/unit/support.h"
#include "tests/unit/texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define CORPUS "tests/fuzz/corpus/unpack/"
#define LARGEST 16384u
#define POOL \
	{ \
		.max = (size_t)64 << 20 \
	}

struct file {
	uint8_t at[LARGEST];
	size_t n;
};

static struct file load(const char *name)
{
	struct file f = { .n = 0 };
	char path[128];

	snprintf(path, sizeof(path), CORPUS "%s", name);
	FILE *in = fopen(path, "rb");

	assert_non_null(in);
	f.n = fread(f.at, 1, sizeof(f.at), in);
	fclose(in);
	assert_in_range(f.n, 2, sizeof(f.at) - 1);
	return f;
}

static struct document *read_file(struct document_pool *pool, const struct file *f)
{
	struct body_head h = texts_head(f->at[0]);

	return texts_read(pool, &h, f->at + 1, f->n - 1, SIZE_MAX);
}

static void each_document_shows_its_text(void **state)
{
	static const struct {
		const char *file, *kind, *path, *text;
	} want[] = {
		{ "text", "text", "TEST", "MARK 個人" },
		{ "mail", "mail", "TEST > header", "Subject: MARK 個人 <&> end 件名 件名" },
		{ "mail", "mail", "TEST > base64", "MARK 個人" },
		{ "mail", "mail", "TEST > base64 > zip > a.txt", "MARK 個人" },
		{ "mail", "mail", "TEST > base64 > zip > 名.txt", "MARK 2" },
		{ "mail", "mail", "TEST", "\nMARK\n" },
		{ "mail", "mail", "TEST > header", "個人 MARK" },
		{ "mail", "mail", "TEST > quoted-printable", "MARK inner =3Dxxx" },
		{ "multipart", "multipart", "TEST", "MARK two" },
		{ "multipart", "multipart", "TEST", "before" },
		{ "multipart", "multipart", "TEST", "after MARK" },
		{ "form", "form", "TEST", "a=MARK 個人 <&> end\nb=%zz %4" },
		{ "gzip", "gzip", "TEST > gzip", "MARK" },
		{ "gzip", "gzip", "TEST > gzip", "rest" },
		{ "zlib", "deflate", "TEST > deflate", "MARK 個人" },
		{ "deflate", "deflate", "TEST > deflate", "endMARK" },
		{ "brotli", "brotli", "TEST > brotli", "MARK again" },
		{ "zstd", "zstd", "TEST > zstd", "MARK again" },
		{ "base64", "base64", "TEST > base64 > zip > a.txt", "MARK 個人" },
		{ "quoted", "quoted-printable", "TEST > quoted-printable", "MARK 個 =zz" },
		{ "html", "html", "TEST", "MARK" },
		{ "html", "html", "TEST > base64", "MARK 個人" },
		{ "json", "json", "TEST", "MARK 個😀 /" },
		{ "json", "json", "TEST > base64", "MARK 個人" },
		{ "rtf", "rtf", "TEST", "MARK\x8c\xc2人\n" },
		{ "zip", "zip", "TEST > zip > a.txt", "MARK 個人" },
		{ "zip", "zip", "TEST > zip > b.html", "MARK" },
		{ "zip_stored", "zip", "TEST > zip > b.txt", "MARK 2" },
		{ "zip_stream", "zip", "TEST > zip > b.txt", "MARK 2" },
		{ "zip_stream_stored", "zip", "TEST > zip > a.txt", "MARK 個人" },
		{ "zip_stream_stored", "zip", "TEST > zip > b.txt", "MARK 2" },
		{ "zip_nested", "zip", "TEST > zip > a.zip > zip > b.zip > zip > c.txt",
		  "MARK 個人" },
		{ "xlsx", "xlsx", "TEST > zip > sharedStrings.xml", "MARK 個人\n\nMARK\n" },
		{ "xlsx", "xlsx", "TEST > zip > sheet1.xml", "[0,1#]4200000000" },
		{ "xlsx", "xlsx", "TEST > zip > sheet1.xml", "[1,27]MARK" },
		{ "docx", "docx", "TEST > zip > document.xml", "MARK" },
		{ "tar", "tar", "TEST > tar > b.txt", "MARK 個人" },
		{ "tar", "tar", "TEST > tar > c.html", "MARK" },
		{ "pdf", "pdf", "TEST > pdf", "\nMARK" },
		{ "pdf", "pdf", "TEST > pdf", "??\n????\nMARK\n" },
		{ "xls", "office", "TEST > office", "[1,2#]4200000017" },
		{ "xls", "office", "TEST > office", "[2,2#]42000117" },
		{ "xls", "office", "TEST > office", "MARK" },
		{ "uuencode", "uuencode", "TEST > uuencode", "MARK 個人" },
		{ "sheet", "sheet", "TEST", "[0,0#]15000000000[0,1]MARK" },
		{ "xml", "xml", "TEST", "\nMARK\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct document_pool pool = POOL;
		struct file f = load(want[i].file);
		struct document *d = read_file(&pool, &f);

		assert_string_equal(document_kind(d), want[i].kind);
		if (!texts_find(want[i].path, want[i].text, strlen(want[i].text)))
			fail_msg("%s: no text \"%s\" of %s", want[i].file, want[i].text,
				 want[i].path);
		document_free(d);
		assert_int_equal(pool.used, 0);
	}
	texts_clear();
}

static void what_cannot_be_read_is_told(void **state)
{
	static const struct {
		const char *file, *reason, *kind, *name;
	} want[] = {
		{ "zip_encrypted", "encrypted-archive", "zip", "secret.txt" },
		{ "mail_pgp", "encrypted-mail", "mail", "" },
		{ "bomb", "ratio", "gzip", "" },
		{ "sevenzip", "unsupported", "7z", "" },
		{ "lzh", "unsupported", "lzh", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct document_pool pool = POOL;
		struct file f = load(want[i].file);
		struct document *d = read_file(&pool, &f);
		const struct unread *list;

		assert_int_equal(document_unread(d, &list), 1);
		assert_string_equal(unread_words[list[0].reason], want[i].reason);
		assert_string_equal(list[0].kind, want[i].kind);
		assert_string_equal(list[0].name, want[i].name);
		document_free(d);
	}
	texts_clear();
}

static void read_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct document_pool pool = POOL;
	struct body_head h = texts_head(*(const uint8_t *)ctx);
	struct document *d = texts_read(&pool, &h, data, n, SIZE_MAX);

	document_free(d);
	assert_int_equal(pool.used, 0);
}

static void each_prefix_of_a_document_is_harmless(void **state)
{
	static const char *const files[] = { "mail_cut",  "multipart",  "gzip", "brotli",
					     "zstd",      "zip_stream", "xlsx", "pdf",
					     "uuencode",  "json",       "rtf",  "html",
					     "zip_nested" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct file f = load(files[i]);

		each_prefix(f.at + 1, f.n - 1, read_prefix, f.at);
	}
	texts_clear();
}

/* ---- limits ---- */

static const struct unread *only_unread(const struct document *d, uint8_t reason)
{
	const struct unread *list;
	unsigned int n = document_unread(d, &list);

	for (unsigned int i = 0; i < n && i < DOCUMENT_UNREAD; i++)
		if (list[i].reason == reason)
			return &list[i];
	return NULL;
}

static void multiparts_nested_a_thousand_deep_are_told(void **state)
{
	struct document_pool pool = POOL;
	const struct body_head h = { .protocol = "SMTP", .kind = BODY_MAIL };
	struct document *d;
	char line[128];

	(void)state;
	texts_pool(&pool);
	d = document_new(&pool, &h);
	for (int i = 0; i < 1000; i++) {
		int n = snprintf(line, sizeof(line),
				 "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i,
				 i);

		document_feed(d, (const uint8_t *)line, (size_t)n);
	}
	document_feed(d, (const uint8_t *)"\r\nMARK\r\n", 8);
	assert_non_null(only_unread(d, UNREAD_DEPTH));
	assert_in_range(pool.used, 1, 1 << 20);
	document_end(d, true);
	document_free(d);
	assert_int_equal(pool.used, 0);
	texts_clear();
}

static void endless_header_holds_little(void **state)
{
	struct document_pool pool = POOL;
	const struct body_head h = { .protocol = "SMTP", .kind = BODY_MAIL };
	struct document *d;

	(void)state;
	texts_pool(&pool);
	d = document_new(&pool, &h);
	for (int i = 0; i < 20000; i++)
		document_feed(d, (const uint8_t *)"Subject: abcdefghijklmnopqrstuvwxyz ", 36);
	assert_in_range(pool.used, 1, 1 << 16);
	document_end(d, true);
	document_free(d);
	texts_clear();
}

static void document_without_room_is_told(void **state)
{
	struct document_pool pool = { .max = 8000 };
	struct file f = load("mail");
	struct document *d = read_file(&pool, &f);

	(void)state;
	assert_non_null(only_unread(d, UNREAD_MEMORY));
	document_free(d);
	assert_int_equal(pool.used, 0);
	texts_clear();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_document_shows_its_text),
		cmocka_unit_test(what_cannot_be_read_is_told),
		cmocka_unit_test(each_prefix_of_a_document_is_harmless),
		cmocka_unit_test(multiparts_nested_a_thousand_deep_are_told),
		cmocka_unit_test(endless_header_holds_little),
		cmocka_unit_test(document_without_room_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

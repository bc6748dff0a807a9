/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * register: the index of the town's individual numbers, for the detector of that name. Not a verb of sekimori itself but of
 * sekimori-register, a program that is installed on its own (make install-register).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/content/scan/register.h"
#include "rules/edit/save.h"
#include "rules/json.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/register/make.h"
#include "tools/register/read.h"

#define MEMORY 16384u /* KiB of a slow hash: methods.md B.7 */
#define PASSES 1u
#define VALID_NUMBERS 1e11
#define FILE_BYTES_MAX ((size_t)64 << 20)
#define LINES_SHOWN 20u
#define STEP 1000u /* numbers between two lines about how far it is */

/* ---- files ---- */

static int read_file(struct cli *c, const char *path, char **bytes, size_t *n)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int r = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;

	*bytes = NULL;
	if (r == 0 && (size_t)st.st_size > FILE_BYTES_MAX)
		r = -EFBIG;
	if (r == 0 && !(*bytes = malloc((size_t)st.st_size + 1)))
		r = -ENOMEM;
	if (r == 0 && read(fd, *bytes, (size_t)st.st_size + 1) != st.st_size)
		r = -EIO;
	if (r == 0)
		*n = (size_t)st.st_size;
	if (fd >= 0)
		close(fd);
	return r == 0 ? CLI_YES : cli_error(c, "%s: %s", "%s: %s", path, strerror(-r));
}

static void forget(char *bytes, size_t n)
{
	if (bytes)
		explicit_bzero(bytes, n);
	free(bytes);
}

/* ---- build ---- */

struct lines {
	struct cli *c;
	const char *path;
	uint32_t shown;
};

/* The number of the line and why; what stands in it is said nowhere. */
static void bad_line(void *ctx, uint32_t line, enum bad_line why)
{
	struct lines *l = ctx;

	if (l->shown++ < LINES_SHOWN)
		cli_error(l->c, "%s:%u: %s", "%s:%u: %s", l->path, line,
			  bad_line_words[why][l->c->style.language == DIAG_JAPANESE]);
}

static int refuse_table(const struct cli *c, const char *path, int r)
{
	switch (r) {
	case -ENOENT:
		return cli_error(c, "%s: which column holds the numbers? name it: --column",
				 "%s: 番号の列が分かりません。--column で指定してください", path);
	case -EILSEQ:
		return cli_error(c, "%s: no text in UTF-8, Shift_JIS or UTF-16",
				 "%s: UTF-8、Shift_JIS、UTF-16 の文字ではありません", path);
	case -EBADMSG:
		return cli_error(c, "%s: a quotation mark is not closed",
				 "%s: 引用符が閉じていません", path);
	case -E2BIG:
		return cli_error(c, "%s: too many rows or columns", "%s: 行か列が多すぎます", path);
	default: return cli_error(c, "%s: %s", "%s: %s", path, strerror(-r));
	}
}

static int read_table(struct cli *c, const char *path, struct numbers *out)
{
	struct lines l = { c, path, 0 };
	struct bad_lines bad = { .bad = bad_line, .ctx = &l };
	char *bytes;
	size_t n = 0;
	int r = read_file(c, path, &bytes, &n);

	if (r != CLI_YES)
		return r;
	r = read_numbers(bytes, n, cli_value(c, "column"), out, &bad);
	forget(bytes, n);
	if (r < 0)
		return refuse_table(c, path, r);
	if (bad.count) {
		cli_error(c, "%s: %u bad lines; nothing was written",
			  "%s: 不正な行が %u 行あります。何も書いていません", path, bad.count);
		return CLI_NO;
	}
	return out->count ? CLI_YES
			  : cli_error(c, "%s: no number in it", "%s: 番号がありません", path);
}

static void say_progress(void *ctx, uint32_t done)
{
	const struct cli *c = ctx;

	if (done % STEP == 0 && !c->json)
		fprintf(stderr, cli_tr(c, "%u numbers\n", "%u 件\n"), done);
}

/* Both files are new, or none is: the index of one key is worth nothing with another. */
static int write_both(struct cli *c, const char *filter, const char *key, const struct text *f,
		      const struct text *k)
{
	int r = save_new(filter, f->bytes, f->len);

	if (r < 0)
		return cli_error(c, "%s: %s", "%s: %s", filter, strerror(-r));
	r = save_new(key, k->bytes, k->len);
	if (r == 0)
		return CLI_YES;
	unlink(filter);
	return cli_error(c, "%s: %s", "%s: %s", key, strerror(-r));
}

static double hidden_among(uint32_t count)
{
	return VALID_NUMBERS / (256.0 * count);
}

static int say_index(struct cli *c, uint32_t count, uint32_t memory, uint32_t passes)
{
	struct text t = { 0 };
	struct json j = json_to(&t);

	if (!c->json) {
		text_printf(
			&t,
			cli_tr(c,
			       "%u numbers. An entry of the filter could be any of about %.0f valid numbers; "
			       "the slow hash takes %u KiB, %u pass(es).\n"
			       "Handle both files as the individual numbers themselves.\n",
			       "%u 件。フィルタの各項目は有効な番号およそ %.0f 個のどれでもありえます。"
			       "低速ハッシュは %u KiB、%u 回。\n"
			       "両方のファイルを個人番号そのものとして扱ってください。\n"),
			count, hidden_among(count), memory, passes);
		return cli_put(c, &t);
	}
	json_open(&j, NULL, '{');
	json_uint(&j, "numbers", count);
	json_uint(&j, "hidden_among", (uint64_t)hidden_among(count));
	json_uint(&j, "memory_kib", memory);
	json_uint(&j, "passes", passes);
	json_close(&j, '}');
	return cli_put(c, &t);
}

static int build(struct cli *c, const char *path)
{
	const char *filter = cli_value(c, "output"), *key = cli_value(c, "key-out");
	struct text f = { 0 }, k = { 0 };
	struct numbers n = { 0 };
	int r;

	if (!filter || !key)
		return cli_usage(c, "build needs -o FILTER and --key-out KEY",
				 "build には -o FILTER と --key-out KEY が必要です");
	r = read_table(c, path, &n);
	if (r == CLI_YES) {
		numbers_once(&n);
		const int e = make_register(&n, MEMORY, PASSES, &f, &k, say_progress, c);

		r = e < 0 ? cli_error(c, "cannot make the index: %s", "索引を作れません: %s",
				      strerror(-e))
			  : write_both(c, filter, key, &f, &k);
	}
	if (r == CLI_YES)
		r = say_index(c, n.count, MEMORY, PASSES);
	numbers_done(&n);
	if (k.bytes)
		explicit_bzero(k.bytes, k.capacity);
	text_done(&f);
	text_done(&k);
	return r;
}

/* ---- info ---- */

static int info(struct cli *c, const char *path)
{
	struct register_index *index = NULL;
	char *filter = NULL, *key = NULL;
	size_t n = 0, key_len = 0;

	if (!cli_given(c, "key"))
		return cli_usage(c, "info needs --key KEY", "info には --key KEY が必要です");
	int r = read_file(c, path, &filter, &n);

	if (r == CLI_YES)
		r = read_file(c, cli_value(c, "key"), &key, &key_len);
	if (r == CLI_YES) {
		const enum register_fault f = register_read(filter, n, key, key_len, &index);

		r = f == REGISTER_OK
			    ? say_index(c, index->count, index->cost.memory, index->cost.passes)
			    : cli_error(
				      c, "%s %s", "%s %s", path,
				      register_fault_words[f][c->style.language == DIAG_JAPANESE]);
		r = f == REGISTER_DAMAGED ? CLI_NO : r;
	}
	register_free(index);
	forget(filter, n);
	forget(key, key_len);
	return r;
}

static int run(struct cli *c)
{
	if (c->operand_count == 2 && strcmp(c->operands[0], "build") == 0)
		return build(c, c->operands[1]);
	if (c->operand_count == 2 && strcmp(c->operands[0], "info") == 0)
		return info(c, c->operands[1]);
	return cli_usage(c, "build FILE or info FILTER", "build FILE か info FILTER です");
}

static const struct cli_option options[] = {
	{ "output",
	  'o',
	  "FILTER",
	  { "build: the filter and its table; must not be there yet",
	    "build: 作る索引。既にあってはならない" } },
	{ "key-out",
	  0,
	  "KEY",
	  { "build: the key, made for this time; must not be there yet",
	    "build: 今回作られる鍵。既にあってはならない" } },
	{ "column",
	  0,
	  "NAME",
	  { "build: the column's header, or its number from 1",
	    "build: 列の見出し、または 1 からの列番号" } },
	{ "key", 0, "KEY", { "info: the key it was made with", "info: 作ったときの鍵" } },
	{ .name = NULL },
};

const struct cli_verb cmd_register = {
	.name = "register",
	.run = run,
	.operands = "ACTION FILE",
	.help = { "the index of individual numbers for the detector `register`",
		  "検知器 register のための個人番号の索引" },
	.more = { "ACTION is build (of a table of numbers) or info (of an index). The index is to be handled as the individual numbers themselves. Read sekimori-register(1) first.",
		  "ACTION は build（番号の表から索引を作る）か info（索引を調べる）。索引は個人番号そのものとして扱うこと。先に sekimori-register(1) を読むこと。" },
	.options = options,
	.json = true,
};

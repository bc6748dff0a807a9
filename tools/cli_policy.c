/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "rules/image.h"
#include "rules/text.h"
#include "tools/cli_applications.h"
#include "tools/cli_proof.h"

static int no_memory(const struct cli *c)
{
	return cli_error(c, "out of memory", "メモリが足りません");
}

int cli_policy_build_with(const struct cli *c, const char *path, const struct file_swap *swaps,
			  uint32_t count, struct build *b)
{
	if (build_file_with(path, swaps, count, b) == 0 && cli_applications_known(b))
		return CLI_YES;
	build_done(b);
	return no_memory(c);
}

int cli_policy_build(const struct cli *c, const char *path, struct build *b)
{
	return cli_policy_build_with(c, path, NULL, 0, b);
}

/* Whether a file begins as an image does; a file that cannot be read is left to build_file's message. */
static bool is_image(int fd)
{
	char magic[8];

	return fd >= 0 && pread(fd, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
	       !memcmp(magic, "SEKIMORI", sizeof(magic));
}

static int load(const struct cli *c, const char *path, int fd, struct cli_policy *p)
{
	char why[160] = "";
	int r = image_load(fd, &p->loaded, &p->map, &p->map_len, why);

	if (r == -EPROTONOSUPPORT)
		return cli_error(c, "%s: an image of another version; build it again (%s)",
				 "%s: 別の版のイメージです。build し直してください (%s)", path,
				 why);
	if (r < 0)
		return cli_error(c, "%s: no valid image: %s",
				 "%s: 正しいイメージではありません: %s", path,
				 *why ? why : strerror(-r));
	p->policy = &p->loaded;
	return CLI_YES;
}

/* A text whose diagnostics are printed; of what is to be in force they include those of the proof. */
static int build_text(const struct cli *c, const char *path, bool proved, struct build *b)
{
	struct proof f = { .result = PROOF_HOLDS };
	int r = cli_policy_build(c, path, b);

	if (r != CLI_YES)
		return r;
	if (b->ok && proved)
		r = cli_prove(c, b, (int64_t)time(NULL), &f);
	diag_print(&b->diags, c->style, stderr);
	if (r == CLI_YES && !b->ok)
		r = b->unreadable ? CLI_CANNOT : CLI_NO;
	if (r == CLI_YES)
		r = cli_proof_refuse(c, path, &b->policy, &f);
	proof_done(&f);
	if (r != CLI_YES)
		build_done(b);
	return r;
}

static int compile(const struct cli *c, const char *path, bool proved, struct cli_policy *p)
{
	struct text image = { 0 };
	int r = build_text(c, path, proved, &p->build);

	if (r != CLI_YES)
		return r;
	if (image_write(&p->build.policy, &image) < 0) {
		text_done(&image);
		build_done(&p->build);
		return no_memory(c);
	}
	p->image = image.bytes;
	p->image_len = image.len;
	p->policy = &p->build.policy;
	return CLI_YES;
}

/* Whoever built it may have had another version, or another day. */
static int prove_image(const struct cli *c, const char *path, struct cli_policy *p)
{
	struct proof f = { .result = PROOF_HOLDS };
	int r = cli_prove_image(c, p->policy, (int64_t)time(NULL), &f);

	if (r == CLI_YES)
		r = cli_proof_refuse(c, path, p->policy, &f);
	proof_done(&f);
	if (r != CLI_YES)
		cli_policy_close(p);
	return r;
}

static int open_policy(const struct cli *c, const char *path, bool proved, struct cli_policy *p)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	bool image = is_image(fd);
	int r;

	*p = (struct cli_policy){ 0 };
	r = image ? load(c, path, fd, p) : compile(c, path, proved, p);
	if (fd >= 0)
		close(fd);
	return r == CLI_YES && image && proved ? prove_image(c, path, p) : r;
}

int cli_policy_open(const struct cli *c, const char *path, struct cli_policy *p)
{
	return open_policy(c, path, false, p);
}

int cli_policy_open_proved(const struct cli *c, const char *path, struct cli_policy *p)
{
	return open_policy(c, path, true, p);
}

void cli_policy_close(struct cli_policy *p)
{
	if (p->map)
		munmap((void *)(uintptr_t)p->map, p->map_len);
	if (p->build.arena)
		build_done(&p->build);
	free(p->image);
	*p = (struct cli_policy){ 0 };
}

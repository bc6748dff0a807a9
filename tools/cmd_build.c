/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/json.h"
#include "rules/sha256.h"
#include "rules/text.h"
#include "tools/cli.h"
#include "tools/cli_policy.h"
#include "tools/cli_proof.h"

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* The name is the image's only when all of it is on the disk: nobody ever loads half of one. */
static int write_image(const char *path, const void *bytes, size_t n)
{
	struct text temporary = { 0 };
	int fd, r = 0;

	text_printf(&temporary, "%s.", path);
	for (int i = 0; i < 6; i++) /* what mkostemp() replaces */
		text_putc(&temporary, 'X');
	if (temporary.failed)
		return -ENOMEM;
	fd = mkostemp(temporary.bytes, O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		text_done(&temporary);
		return r;
	}
	r = write_all(fd, bytes, n);
	if (r == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(temporary.bytes, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary.bytes);
	text_done(&temporary);
	return r;
}

static int say_done(const struct cli *c, const char *path, const struct cli_policy *p)
{
	struct text t = { 0 };
	struct json j = json_to(&t);
	char hex[SHA256_HEX];

	sha256_hex(p->policy->hash, hex);
	if (!c->json) {
		text_printf(&t,
			    cli_tr(c, "%s: %zu bytes, policy %s\n", "%s: %zu バイト、方針 %s\n"),
			    path, p->image_len, hex);
		return cli_put(c, &t);
	}
	json_open(&j, NULL, '{');
	json_string(&j, "image", path);
	json_uint(&j, "bytes", p->image_len);
	json_string(&j, "policy", hex);
	json_close(&j, '}');
	return cli_put(c, &t);
}

static int run(struct cli *c)
{
	const char *path = cli_value(c, "output");
	struct cli_policy p;
	int r;

	if (!path)
		return cli_usage(c, "-o IMAGE is needed: where to write",
				 "-o IMAGE で書き込み先を指定してください");
	r = cli_given(c, "no-proof") ? cli_policy_open(c, c->operands[0], &p)
				     : cli_policy_open_proved(c, c->operands[0], &p);
	if (r != CLI_YES)
		return r;
	if (!p.image) {
		cli_policy_close(&p);
		return cli_error(c, "%s: this is an image already", "%s: すでにイメージです",
				 c->operands[0]);
	}
	r = write_image(path, p.image, p.image_len);
	if (r < 0)
		r = cli_error(c, "%s: %s", "%s: %s", path, strerror(-r));
	else
		r = say_done(c, path, &p);
	if (r == CLI_YES && cli_given(c, "no-proof"))
		cli_proof_say_none(c);
	cli_policy_close(&p);
	return r;
}

static const struct cli_option options[] = {
	{ "output", 'o', "IMAGE", { "where the image goes", "イメージの書き込み先" } },
	{ "no-proof",
	  0,
	  NULL,
	  { "prove nothing: for replay and tests, apply proves it all the same",
	    "証明しない (再生や試験のため。apply は必ず証明する)" } },
	{ 0 },
};

const struct cli_verb cmd_build = {
	.name = "build",
	.run = run,
	.operands = "FILE",
	.help = { "compile a policy text into an image", "定義ファイルをイメージに変換する" },
	.more = { "The image is what the daemon loads; its hash stands in every event. A policy that breaks a promise of "
		  "its model is not built (exit status 1, as of check).",
		  "イメージは関守が読み込むもので、そのハッシュがすべての記録に残る。モデルの約束を破る方針は変換されない "
		  "(終了コード 1。check と同じ)。" },
	.options = options,
	.json = true,
};

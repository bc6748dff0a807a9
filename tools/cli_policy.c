/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/inspect.h"
#include "daemon/loaded.h"
#include "rules/image.h"
#include "rules/near.h"
#include "rules/text.h"

static int no_memory(const struct cli *c)
{
	return cli_error(c, "out of memory", "メモリが足りません");
}

static void report_application(struct inspect *in, struct build *b, uint32_t app)
{
	const char *name = policy_string(&b->policy, b->policy.apps[app]), *near;
	struct near n = near_to(name, strlen(name));

	for (uint16_t i = 1; i < inspect_app_count(in); i++)
		near_try(&n, inspect_app_name(in, i));
	near = near_best(&n);
	if (near)
		diag_add(&b->diags, MSG_APPLICATION_UNKNOWN_NEAR, b->apps_at[app], name, near);
	else
		diag_add(&b->diags, MSG_APPLICATION_UNKNOWN, b->apps_at[app], name);
	b->ok = false;
}

/* The compiler takes any name of an application; the engines will ask the nDPI that is installed here. */
static bool check_applications(struct build *b)
{
	struct inspect *in;

	if (b->policy.apps_count == 0)
		return true;
	in = inspect_new(&inspect_conf_default);
	if (!in)
		return false;
	for (uint32_t i = 0; i < b->policy.apps_count; i++)
		if (!loaded_knows(in, policy_string(&b->policy, b->policy.apps[i])))
			report_application(in, b, i);
	inspect_free(in);
	diag_sort(&b->diags);
	return true;
}

int cli_policy_build(const struct cli *c, const char *path, struct build *b)
{
	if (build_file(path, b) == 0 && check_applications(b))
		return CLI_YES;
	build_done(b);
	return no_memory(c);
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

static int compile(const struct cli *c, const char *path, struct cli_policy *p)
{
	struct text image = { 0 };
	int r = cli_policy_build(c, path, &p->build);

	if (r != CLI_YES)
		return r;
	diag_print(&p->build.diags, c->style, stderr);
	if (!p->build.ok) {
		r = p->build.unreadable ? CLI_CANNOT : CLI_NO;
		build_done(&p->build);
		return r;
	}
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

int cli_policy_open(const struct cli *c, const char *path, struct cli_policy *p)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	bool image = is_image(fd);
	int r;

	*p = (struct cli_policy){ 0 };
	r = image ? load(c, path, fd, p) : compile(c, path, p);
	if (fd >= 0)
		close(fd);
	return r;
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

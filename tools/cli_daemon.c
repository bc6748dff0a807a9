/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_daemon.h"

#include "rules/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int cli_conf(const struct cli *c, struct conf *conf)
{
	const char *path = getenv("SEKIMORI_CONF");
	char why[2][256];
	const int r = conf_load(conf, path ? path : CONF_FILE, why);

	/* Without a file, or without the right to read it, the defaults are as good a guess as any. */
	if (r == 0 || ((r == -ENOENT || r == -EACCES) && !path))
		return CLI_YES;
	return cli_error(c, "%s", "%s", cli_tr(c, why[0], why[1]));
}

static int socket_path(const struct cli *c, char path[static 128])
{
	struct conf conf;
	const int r = cli_conf(c, &conf);

	snprintf(path, 128, "%s/ctl.sock", conf.run_directory);
	return r;
}

static int cannot(const struct cli *c, const char *path, int error)
{
	if (error == -ENOENT || error == -ECONNREFUSED)
		return cli_error(c, "sekimorid is not running (%s): systemctl start sekimorid",
				 "sekimorid が動いていません（%s）: systemctl start sekimorid",
				 path);
	if (error == -EACCES)
		return cli_error(c, "%s may not be used by this user", "%s を使う権限がありません",
				 path);
	return cli_error(c, "%s: %s", "%s: %s", path, strerror(-error));
}

struct reply {
	char *text, *ja;
	int fd;
};

static void told(void *ctx, const struct ctl_answer *a)
{
	struct reply *to = ctx;

	free(to->text);
	free(to->ja);
	to->text = strdup(a->text);
	to->ja = strdup(a->text_ja);
	if (to->fd >= 0)
		close(to->fd);
	to->fd = a->fd;
}

int cli_ask(const struct cli *c, enum ctl_verb verb, char **text)
{
	const struct ctl_request q = { .verb = verb, .fd = -1 };
	struct reply a = { .fd = -1 };
	char path[128];
	int r;

	*text = NULL;
	if (socket_path(c, path) != CLI_YES)
		return CLI_CANNOT;
	r = ctl_call(path, &q, told, &a);
	if (r == CTL_YES) {
		*text = a.text;
		a.text = NULL;
		r = *text ? CLI_YES : CLI_CANNOT;
	} else if (r < 0) {
		r = cannot(c, path, r);
	} else {
		r = cli_error(c, "%s", "%s", cli_tr(c, a.text, a.ja));
	}
	free(a.text);
	free(a.ja);
	return r;
}

void cli_in_force(const struct cli *c, struct cli_in_force *f)
{
	const struct ctl_request q = { .verb = CTL_IMAGE, .fd = -1 };
	struct reply a = { .fd = -1 };
	char path[128], why[160];

	*f = (struct cli_in_force){ 0 };
	if (socket_path(c, path) != CLI_YES)
		return;
	if (ctl_call(path, &q, told, &a) == CTL_YES && a.fd >= 0 &&
	    image_load(a.fd, &f->policy, &f->map, &f->map_len, why) < 0)
		f->map = NULL;
	if (a.fd >= 0)
		close(a.fd);
	free(a.text);
	free(a.ja);
}

void cli_in_force_done(struct cli_in_force *f)
{
	void *map;

	memcpy(&map, &f->map, sizeof map); /* munmap wants it without const */
	if (map)
		munmap(map, f->map_len);
	f->map = NULL;
}

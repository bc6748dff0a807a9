/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "rules/image.h"
#include "rules/json.h"
#include "rules/text.h"
#include "rules/version.h"
#include "tools/cli.h"

static int run(struct cli *c)
{
	struct text t = { 0 };
	struct json j = json_to(&t);

	if (!c->json) {
		text_printf(&t, "sekimori %s (policy image format %u)\n", SEKIMORI_VERSION,
			    IMAGE_VERSION);
		return cli_put(c, &t);
	}
	json_open(&j, NULL, '{');
	json_string(&j, "version", SEKIMORI_VERSION);
	json_uint(&j, "image_format", IMAGE_VERSION);
	json_close(&j, '}');
	return cli_put(c, &t);
}

const struct cli_verb cmd_version = {
	.name = "version",
	.run = run,
	.operands = "",
	.help = { "which version this is", "版を表示する" },
	.json = true,
};

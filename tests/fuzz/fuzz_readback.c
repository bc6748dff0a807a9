/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_readback: a record of a kernel, whatever is in it, against a small policy. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/build.h"
#include "rules/json.h"
#include "rules/kernel/readback/verify.h"
#include "rules/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char town[] =
	"model lab;\n"
	"zone a { role school; interface \"eth1\"; network 10.1.0.0/16, fd00:1::/64; }\n"
	"zone b { role internet; interface \"eth2\"; network 10.2.0.0/16; }\n"
	"service web { tcp 80; }\n"
	"profile plain { inspect metadata; }\n"
	"permit p { kind ordinary; from zone a; to zone b; service web; profile plain; owner \"a\";\n"
	"\treason \"b\"; approved-by \"c\"; approved-on 2026-04-01; until 2027-03-31; }\n";

static void tell(const struct verify *v)
{
	struct text t = { 0 };
	struct json j = json_to(&t);

	verify_text(v, false, &t);
	verify_text(v, true, &t);
	verify_json(v, &j, NULL);
	text_done(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct verify_conf conf = {
		.now = 1795316400,
		.dated = true,
		.queues = 2,
		.native_queue = size & 1,
		.node_max = 30000,
	};
	struct build b;
	struct verify v;

	if (build_bytes("town", town, sizeof(town) - 1, &b) != 0 || !b.ok)
		abort();
	if (verify_record(&v, data, size, &b.policy, &conf) == 0) {
		tell(&v);
		verify_done(&v);
	}
	build_done(&b);
	return 0;
}

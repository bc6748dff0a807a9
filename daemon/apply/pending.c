/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/apply/pending.h"

#include "daemon/apply.h"
#include "daemon/apply/proposal.h"
#include "daemon/apply/store.h"
#include "rules/json.h"
#include "rules/kernel/closed.h"
#include "rules/text.h"

#define SECOND INT64_C(1000000000)

static int64_t seconds(int64_t ns)
{
	return ns > 0 ? (ns + SECOND - 1) / SECOND : 0;
}

static void put_trial(struct json *j, const struct apply_standing *now)
{
	char hex[SHA256_HEX];

	if (!now->trial) {
		json_null(j, "trial");
		return;
	}
	json_open(j, "trial", '{');
	json_string(j, "policy", sha256_hex(now->hash, hex));
	json_string(j, "before", sha256_hex(now->before, hex));
	json_int(j, "seconds", seconds(now->left));
	json_close(j, '}');
}

static void put_waiting(struct json *j, const struct store *s, int *image)
{
	uint8_t hash[SHA256_BYTES];
	struct proposal p;

	if (proposal_read(s, &p) < 0 || !store_hash(p.policy, hash)) {
		json_null(j, "waiting");
		return;
	}
	json_open(j, "waiting", '{');
	json_string(j, "policy", p.policy);
	json_string(j, "who", p.who);
	json_uint(j, "uid", p.uid);
	json_string(j, "reason", p.reason);
	json_string(j, "reference", p.reference);
	json_int(j, "seconds", seconds(p.until - store_clock()));
	json_string(j, "approved_by", p.approved_by);
	json_close(j, '}');
	*image = store_image(s, hash);
}

void pending_json(const char *state_directory, struct text *out, int *image)
{
	const struct apply_conf conf = { .state_directory = state_directory };
	struct apply_standing now = { 0 };
	struct json j = json_to(out);
	struct store s = { -1, -1 };
	char hex[SHA256_HEX];

	*image = -1;
	apply_standing(&conf, &now);
	json_open(&j, NULL, '{');
	if (now.apply)
		json_string(&j, "policy", sha256_hex(now.hash, hex));
	else
		json_null(&j, "policy");
	put_trial(&j, &now);
	if (store_open(&s, state_directory, false) == 0)
		put_waiting(&j, &s, image);
	else
		json_null(&j, "waiting");
	store_close(&s);
	json_string(&j, "closed", now.closed & CLOSED_ALL ? "all" : now.closed ? "protected" : "");
	json_close(&j, '}');
}

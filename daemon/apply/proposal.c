/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/apply/proposal.h"

#include <errno.h>
#include <string.h>

#include "daemon/apply/history.h"
#include "rules/json.h"
#include "rules/text.h"

#define FILE_NAME "waiting"
#define SECOND INT64_C(1000000000)

static void parse(const char *line, struct proposal *p)
{
	history_text(line, "policy", p->policy, sizeof(p->policy));
	history_text(line, "who", p->who, sizeof(p->who));
	history_text(line, "reason", p->reason, sizeof(p->reason));
	history_text(line, "reference", p->reference, sizeof(p->reference));
	history_text(line, "boot", p->boot, sizeof(p->boot));
	history_text(line, "approved_by", p->approved_by, sizeof(p->approved_by));
	p->uid = (uint32_t)history_number(line, "uid");
	p->login = (uint32_t)history_number(line, "login");
	p->within = (uint32_t)history_number(line, "within");
	p->time = history_number(line, "time");
	p->until = history_number(line, "until");
}

int proposal_read(const struct store *s, struct proposal *out)
{
	uint8_t hash[SHA256_BYTES];
	struct text t = { 0 };
	char boot[STORE_BOOT];
	int e = store_read(s, FILE_NAME, &t);

	*out = (struct proposal){ 0 };
	if (e == 0 && t.bytes)
		parse(t.bytes, out);
	text_done(&t);
	if (e < 0)
		return e;
	store_boot(boot);
	if (!store_hash(out->policy, hash) || strcmp(boot, out->boot) != 0 ||
	    store_clock() >= out->until)
		return -ENOENT;
	return 0;
}

int proposal_write(const struct store *s, struct proposal *p)
{
	struct text t = { 0 };
	struct json j = json_to(&t);
	int64_t lasts = p->approved_by[0] ? PROPOSAL_HOLDS : PROPOSAL_WAITS;

	store_boot(p->boot);
	p->until = store_clock() + lasts * SECOND;
	json_open(&j, NULL, '{');
	json_string(&j, "policy", p->policy);
	json_string(&j, "who", p->who);
	json_uint(&j, "uid", p->uid);
	json_uint(&j, "login", p->login);
	json_string(&j, "reason", p->reason);
	json_string(&j, "reference", p->reference);
	json_uint(&j, "within", p->within);
	json_int(&j, "time", p->time);
	json_string(&j, "boot", p->boot);
	json_int(&j, "until", p->until);
	json_string(&j, "approved_by", p->approved_by);
	json_close(&j, '}');
	text_putc(&t, '\n');
	int e = t.failed ? -ENOMEM : store_write(s, FILE_NAME, t.bytes, t.len);

	text_done(&t);
	return e;
}

int proposal_forget(const struct store *s)
{
	return store_forget(s, FILE_NAME);
}

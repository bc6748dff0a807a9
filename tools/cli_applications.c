/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_applications.h"

#include <string.h>

#include "daemon/inspect.h"
#include "daemon/loaded.h"
#include "rules/build.h"
#include "rules/near.h"

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

bool cli_applications_known(struct build *b)
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

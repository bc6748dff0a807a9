/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the verifier says of the kernel; restoring what somebody else changed, where the settings want that.
 */
#include "daemon/log.h"
#include "daemon/supervise/state.h"
#include "rules/kernel/readback/verify.h"

#include <stdio.h>

#define RESTORE_EVERY (30 * SECOND) /* whoever keeps changing it is told of, not fought */

void drift_told(struct supervisor *s, const struct ipc_message *m)
{
	if (m->number && m->number <= VERIFY_NOT_PROVED + 1u) {
		s->judged = m->number;
		s->judged_at = now_real();
		snprintf(s->judged_why[0], sizeof s->judged_why[0], "%.511s", m->text);
		snprintf(s->judged_why[1], sizeof s->judged_why[1], "%.511s", ipc_ja(m));
	}
	s->drifted = s->drifted || (m->result && s->conf->restore);
	drift_restore(s);
}

void drift_applying(struct supervisor *s, bool begins)
{
	const struct ipc_message m = { .type = IPC_APPLYING, .number = begins, .value = s->dated };
	const struct member *verifier = crew_of(s, CREW_VERIFIER);

	if (verifier)
		ipc_send(verifier->ipc, &m, &s->now_image, !begins && s->now_image >= 0);
}

void drift_restore(struct supervisor *s)
{
	const int64_t now = now_monotonic();

	if (!s->drifted || !s->now.map || s->job.step != JOB_NONE || s->stopping ||
	    (s->restored && now - s->restored < RESTORE_EVERY))
		return;
	s->drifted = false;
	s->restored = now;
	log_say(LOG_LINE_WARN,
		"the kernel's rules were changed by another program: the policy is applied again",
		"カーネルの規則が他のプログラムに変更されたため、方針を適用し直します");
	job_restore(s, "the kernel's rules were changed by another program");
}

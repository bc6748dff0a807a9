/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the state directory says is in force: a guard or a person at the console may have changed it while we were
 * not asked, and a trial may have run out with nobody left to end it.
 */
#include "daemon/log.h"
#include "daemon/supervise/state.h"

#include <string.h>
#include <unistd.h>

#define GUARDS_TURN (5 * SECOND) /* after its end a trial is the guard's business for so long */
#define EVERY (10 * SECOND)

void standing_read(struct supervisor *s)
{
	char socket[108];
	const struct apply_conf conf = job_conf(s->conf, socket);

	if (apply_standing(&conf, &s->standing) < 0)
		s->standing = (struct apply_standing){ .apply = s->now.apply };
}

void standing_forget_policy(struct supervisor *s)
{
	const int fds[] = { s->now_image, s->now_numbers };

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	s->now_image = s->now_numbers = -1;
	image_slot_done(&s->now);
}

void standing_watch(struct supervisor *s)
{
	if (s->job.step != JOB_NONE)
		return;
	standing_read(s);
	if (s->repaired && now_monotonic() - s->repaired < EVERY)
		return;
	if (s->standing.trial && s->standing.left < -GUARDS_TURN) {
		s->repaired = now_monotonic();
		log_warn("the guard did not bring back the policy before; doing it now");
		job_expire(s);
	} else if (s->standing.apply && s->standing.apply != s->now.apply) {
		s->repaired = now_monotonic();
		job_again(s, "another process of ours changed the policy");
	}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proposal: a change that waits for a second person, one at a time: the file `waiting` of the state directory.
 *
 * It is bound to the hash of the image, and ends by itself; in another boot of the machine it is void.
 */
#ifndef DAEMON_APPLY_PROPOSAL_H
#define DAEMON_APPLY_PROPOSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/apply/store.h"

#define PROPOSAL_WAITS INT64_C(86400)	/* seconds until a proposal ends */
#define PROPOSAL_HOLDS INT64_C(28800)	/* seconds that an approval holds */
#define PROPOSAL_TEXT 640

struct proposal {
	char policy[SHA256_HEX];
	char who[64];
	uint32_t uid, login;		/* login UINT32_MAX: not known */
	char reason[PROPOSAL_TEXT], reference[PROPOSAL_TEXT];
	uint32_t within;		/* seconds until confirmed that were asked for */
	int64_t time;			/* when proposed, seconds since 1970 */
	char boot[STORE_BOOT];
	int64_t until;			/* ns of CLOCK_BOOTTIME */
	char approved_by[64];		/* "" nobody yet */
};

/* proposal_read - Return: 0; -ENOENT none waits, or it has ended; -errno */
int proposal_read(const struct store *s, struct proposal *out);
/* proposal_write - fills boot and until: PROPOSAL_HOLDS once it is approved, else PROPOSAL_WAITS */
int proposal_write(const struct store *s, struct proposal *p);
int proposal_forget(const struct store *s);

#endif

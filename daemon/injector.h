/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * injector: the process that answers in the place of a server whose conversation was refused (inject.h).
 *
 * It holds two raw sockets that only send, no capability, and reads nothing but requests of our own engines. What it
 * may send, and on which conversations, the kernel's ruleset says (chain `injected`): a request that is not about a
 * refused conversation comes to nothing, and is counted.
 */
#ifndef DAEMON_INJECTOR_H
#define DAEMON_INJECTOR_H

#define INJECTOR_RATE 200u	/* answers a second; beyond, requests are dropped and counted */

struct injector_conf {
	int raw[2];		/* of IPv4, of IPv6; borrowed */
	int requests;		/* borrowed */
	int stats;		/* borrowed */
	const char *contact;	/* borrowed; whom to ask */
};

/* injector_run - for child_start; @ctx is a struct injector_conf. Return: exit status */
int injector_run(void *ctx, int ipc);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verifier: the process that sees to it that the kernel stays what was applied. It hears of every transaction on
 * nf_tables, reads the kernel back after each that is not ours and once a minute, and tells who changed what.
 *
 * Ours are known by their processes: an applier claims each program before it begins (command_claims), and the
 * kernel says which process committed a transaction. What a transaction changed is the difference of two records; when
 * one of ours fell between them, the event says so. The record is also held against the policy in force, for every
 * packet (daemon/attest.h): a change that the policy survives is told less loudly than one that breaks it.
 *
 * It has CAP_NET_ADMIN, opens files to read and nothing else, and parses only what the kernel wrote.
 */
#ifndef DAEMON_VERIFIER_H
#define DAEMON_VERIFIER_H

struct verifier_conf {
	int generations;		/* borrowed: the kernel's announcements */
	int claims;			/* borrowed: struct command_claim of appliers */
	int events;			/* borrowed: channel to the recorder */
	int stats;			/* borrowed: its page */
	const char *state_directory;	/* borrowed: class numbers are read there */
	unsigned int queues;		/* engines */
};

/* verifier_run - for child_start; @ctx is a struct verifier_conf. Return: exit status */
int verifier_run(void *ctx, int ipc);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * generations: every transaction that changes nf_tables, as the kernel announces it: its number, and the process that
 * committed it. The kernel itself names the process, so it cannot be forged.
 */
#ifndef DAEMON_KERNEL_GENERATIONS_H
#define DAEMON_KERNEL_GENERATIONS_H

#include <stdbool.h>
#include <stdint.h>

struct netlink_message;

#define GENERATION_PROGRAM 16u	/* TASK_COMM_LEN */

struct generation {
	uint32_t id;			/* of the rules after it */
	uint32_t process;		/* in the machine's own numbering; 0 not told */
	uint32_t port;			/* netlink port it spoke from: as a rule its number in its own namespace */
	char program[GENERATION_PROGRAM];	/* short name, control characters replaced; "" not told */
};

/* generations_open - a socket that hears of nothing else; needs CAP_NET_ADMIN. Return: descriptor or -errno */
int generations_open(void);

/* generations_parse - Return: whether the message announces one, whole */
bool generations_parse(const struct netlink_message *m, struct generation *g);

/* generations_after - whether one number came after another; they wrap */
static inline bool generations_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command: runs another program (nft, iptables-nft-restore): no shell, a clean environment, text in,
 * text out, and a time limit.
 */
#ifndef DAEMON_KERNEL_COMMAND_H
#define DAEMON_KERNEL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

#define COMMAND_OUTPUT_MAX ((size_t)64 << 20)

/**
 * command_run - run it and wait
 * @argv: program (looked for in /usr/sbin, /usr/bin, /sbin, /bin) and arguments, NULL-terminated
 * @input: its standard input; @len bytes
 * @out, @err: what it printed is appended; NULL: thrown away. At most COMMAND_OUTPUT_MAX each.
 * @seconds: then it is killed
 * Return: its exit status, 0 to 255; -ENOENT no such program; -ETIMEDOUT; -ECHILD it was killed; -errno.
 */
int command_run(const char *const argv[], const char *input, size_t len, struct text *out, struct text *err, int seconds);

struct command_claim {
	uint32_t process;
	bool ended;
};

/*
 * command_claims - from now on tell a socket (SOCK_SEQPACKET, never waited for) of each program before it begins and when
 * it has ended, so that what it does is known for ours. -1: nobody
 */
void command_claims(int fd);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel_messages: netlink messages as the kernel writes them, for tests of their readers.
 */
#ifndef TESTS_UNIT_KERNEL_MESSAGES_H
#define TESTS_UNIT_KERNEL_MESSAGES_H

#include <stddef.h>
#include <stdint.h>

/* Each writes one whole message into buf (aligned to 4, 1024 bytes). Return: its length. */
size_t message_nflog(void *buf, uint32_t seq, const char *prefix);	/* 10.0.0.1:1000 -> 10.0.0.2:80, TCP */
size_t message_end_v4(void *buf);	/* 10.0.0.1:1000 -> 10.0.0.2:80 TCP, 3 packets up, 2 down, mark 0x10009 */
size_t message_end_icmp6(void *buf);	/* fd00::1 -> fd00::2 echo request, identifier 7, no counters */
size_t message_link(void *buf, uint32_t index, const char *name);	/* NULL: it is gone */
size_t message_counter(void *buf, const char *name, uint64_t packets);

#endif

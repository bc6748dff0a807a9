/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctnetlink: what an apply asks of the conntrack table: which classes it bears, and the end of those
 * conversations that the new policy denies.
 */
#ifndef DAEMON_KERNEL_CTNETLINK_H
#define DAEMON_KERNEL_CTNETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/policy.h"

struct numbers_borne;

/* ctnetlink_borne - mark the class number of every entry. Return: 0 or -errno */
int ctnetlink_borne(int fd, struct numbers_borne *out);

/* ctnetlink_delete_class - delete every entry of a class, whatever its verdict; one message. Return: 0 or -errno */
int ctnetlink_delete_class(int fd, uint16_t number);

/**
 * ctnetlink_offloaded - look at every conversation with the verdict OFFLOAD
 * @keep: called with its opener's tuple and class number; returns the mark it shall have from now on, or 0: it ends
 * @ended: how many were deleted
 * Return: 0 or -errno of the dump. An entry that went by itself meanwhile is no error.
 */
int ctnetlink_offloaded(int fd, uint32_t (*keep)(void *ctx, const struct tuple *t, uint16_t number), void *ctx,
			unsigned int *ended);

#endif

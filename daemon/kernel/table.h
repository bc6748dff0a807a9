/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table: the kernel's table `inet sekimori`, through the nft program as a child.
 */
#ifndef DAEMON_KERNEL_TABLE_H
#define DAEMON_KERNEL_TABLE_H

#include <stdint.h>

struct text;

/* table_load - one transaction. Return: 0; -EIO refused, @err says what nft said; -ENOENT no nft; -ETIMEDOUT; -errno */
int table_load(const struct text *rules, struct text *err);

/* table_list - the table without the elements of its sets. Return: 0; -ENODATA there is no table; -errno */
int table_list(struct text *out);

/* table_sweep - delete every numbered object but those of one apply. Return: as table_load */
int table_sweep(const char *listing, uint32_t keep, struct text *err);

#endif

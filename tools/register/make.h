/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * make: the index of a register of numbers (daemon/content/scan/register.h) from numbers in clear.
 */
#ifndef TOOLS_REGISTER_MAKE_H
#define TOOLS_REGISTER_MAKE_H

#include <stdint.h>

#include "daemon/content/scan/register_hash.h"

struct text;

struct numbers {
	char (*at)[REGISTER_DIGITS];	/* owned */
	uint32_t count, room;
};

int numbers_add(struct numbers *n, const char digits[static REGISTER_DIGITS]);	/* 0, -E2BIG or -ENOMEM */
void numbers_done(struct numbers *n);	/* overwrites them */
void numbers_once(struct numbers *n);	/* each number once, in order */

/**
 * make_register - both files' bytes, with a key, a salt and seeds made for this time
 * @memory, @passes: of the slow hash, KiB; @told: how far it has come, may be NULL
 * Return: 0 or -errno.
 */
int make_register(const struct numbers *n, uint32_t memory, uint32_t passes, struct text *filter, struct text *key,
		  void (*told)(void *ctx, uint32_t done), void *ctx);

#endif

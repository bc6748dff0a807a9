/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store: the state directory of an apply (apply.h lists its files). Every file is written whole under
 * another name, synced and renamed, so a crash leaves the old one or the new one. It belongs to the owner
 * of the directory, whoever writes it.
 */
#ifndef DAEMON_APPLY_STORE_H
#define DAEMON_APPLY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/sha256.h"

struct text;

struct store {
	int dir;			/* owned; -1 closed */
	int lock;			/* owned; -1: not held */
};

struct store_point {			/* `current` and `next` */
	uint32_t apply;
	uint8_t hash[SHA256_BYTES];
	int64_t now;			/* seconds since 1970 by which the policy was judged */
};

/* store_open - to read; with @lock to write, too: made when it is missing, -EBUSY while another holds it. Return: 0 or
 * -errno */
int store_open(struct store *s, const char *directory, bool lock);
void store_close(struct store *s);

/* store_point, store_set_point - name is "current" or "next". Return: 0; -ENOENT; -EBADMSG not such a file; -errno */
int store_point(const struct store *s, const char *name, struct store_point *out);
int store_set_point(const struct store *s, const char *name, const struct store_point *p);
int store_promote(const struct store *s);	/* next becomes current */
int store_forget_next(const struct store *s);

/* store_image - open images/HASH.img for reading. Return: descriptor or -errno */
int store_image(const struct store *s, const uint8_t hash[static SHA256_BYTES]);
int store_save_image(const struct store *s, const uint8_t hash[static SHA256_BYTES], const void *image, size_t len);

/* store_read, store_write - a whole small file. store_read appends; -ENOENT */
int store_read(const struct store *s, const char *name, struct text *out);
int store_write(const struct store *s, const char *name, const void *bytes, size_t len);

/* store_append - one line (with its newline) at the end of a file, synced. Return: 0 or -errno */
int store_append(const struct store *s, const char *name, const char *line, size_t len);

#endif

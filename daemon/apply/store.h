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

#define STORE_BOOT 37			/* bytes of a boot's name with its NUL */

struct store_point {			/* `current`, `next` and `trial` */
	uint32_t apply;
	uint8_t hash[SHA256_BYTES];
	int64_t now;			/* seconds since 1970 by which the policy was judged */
	uint8_t closed;			/* bits of rules/kernel/closed.h */
	int64_t until;			/* of a trial: when it ends unless confirmed, ns of CLOCK_BOOTTIME; 0: no trial */
	char boot[STORE_BOOT];		/* ... of this boot; "" without until */
};

/* store_open - to read; with @lock to write, too: made when it is missing, -EBUSY while another holds it. Return: 0 or
 * -errno */
int store_open(struct store *s, const char *directory, bool lock);
void store_close(struct store *s);

/* store_point, store_set_point - name is "current", "next" or "trial". Return: 0; -ENOENT; -EBADMSG not such a file;
 * -errno */
int store_point(const struct store *s, const char *name, struct store_point *out);
int store_set_point(const struct store *s, const char *name, const struct store_point *p);
int store_rename(const struct store *s, const char *from, const char *to);	/* synced */
int store_forget(const struct store *s, const char *name);	/* 0 also when it is not there */

/* store_boot - the name of this boot: a time of CLOCK_BOOTTIME means nothing in another one */
void store_boot(char boot[static STORE_BOOT]);
/* store_is_trial - whether a point is a trial of this boot */
bool store_is_trial(const struct store_point *p);
int64_t store_clock(void);		/* ns of CLOCK_BOOTTIME: no setting of the clock moves it, sleep counts */

/* store_image - open images/HASH.img for reading. Return: descriptor or -errno */
int store_image(const struct store *s, const uint8_t hash[static SHA256_BYTES]);
/* store_save_image - nothing when it is there; of many, those used longest ago go (STORE_IMAGES are kept) */
int store_save_image(const struct store *s, const uint8_t hash[static SHA256_BYTES], const void *image, size_t len);
#define STORE_IMAGES 200

/* store_hash - 64 hex digits. Return: false: they are not */
bool store_hash(const char *hex, uint8_t out[static SHA256_BYTES]);

/*
 * Room for an emergency: a file of STORE_ROOM bytes that is given up when the disk is full. store_has_room - whether as
 * much is free besides. store_keep_room - see to it that it is there. Return: 0 or -errno. store_use_room - give it up.
 */
#define STORE_ROOM 262144
bool store_has_room(const struct store *s);
int store_keep_room(const struct store *s);
void store_use_room(const struct store *s);

/* store_read, store_write - a whole small file. store_read appends; -ENOENT */
int store_read(const struct store *s, const char *name, struct text *out);
int store_write(const struct store *s, const char *name, const void *bytes, size_t len);

/* store_append - one line (with its newline) at the end of a file, synced: all of it, or nothing. Return: 0 or -errno */
int store_append(const struct store *s, const char *name, const char *line, size_t len);
/* store_reserve - see to it that so many bytes can be appended later. Return: 0; -ENOSPC; -errno */
int store_reserve(const struct store *s, const char *name, size_t len);

#endif

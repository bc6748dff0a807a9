/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * save: who may change a policy now, and its files written so that each is the old one or the new one, whole.
 */
#ifndef RULES_EDIT_SAVE_H
#define RULES_EDIT_SAVE_H

#include <stddef.h>
#include <stdint.h>

struct edit_text;

#define SAVE_HOLDER_MAX 200

struct save_lock {		/* FILE.lock beside the policy; it is taken away with the lock */
	char *path;		/* owned */
	int fd;
};

/**
 * save_lock - become the one who changes a policy
 * @who: a line that the next one is told, as long as this one holds it
 * @holder: the same of whoever holds it, on -EWOULDBLOCK
 * The lock ends with the process, whatever becomes of its file.
 * Return: 0; -EWOULDBLOCK somebody has it; -errno.
 */
int save_lock(const char *path, const char *who, struct save_lock *l, char holder[SAVE_HOLDER_MAX]);
void save_unlock(struct save_lock *l);

/**
 * save_texts - write files that differ, all or none
 * @failed: index of the file that could not be written
 * Each is written beside the old one, with its owner and mode, brought to the disk and then put in its place. What a
 * symbolic link names is written, not the link. When a file cannot be put in place, those before it are put back.
 * Return: 0; -ESTALE a file is not as it was read; other -errno.
 */
int save_texts(const struct edit_text *texts, uint32_t count, uint32_t *failed);

/* save_whole - a file with these bytes, in place of one that may be there, mode 0644; 0 or -errno */
int save_whole(const char *path, const char *bytes, size_t len);

/* save_new - a file that is not there yet, mode 0600, whole; 0, -EEXIST or another -errno */
int save_new(const char *path, const char *bytes, size_t len);

#endif

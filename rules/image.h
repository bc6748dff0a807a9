/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image: a policy as bytes, the one format that compiler, prover, supervisor and engines share.
 *
 *	0	8	magic "SEKIMORI"
 *	8	4	version, little endian
 *	12	4	model
 *	16	32	SHA-256 of all bytes from 48 on, with bytes 8..15 hashed before them
 *	48	16 * n	section table in the order of POLICY_SECTIONS: offset u64, count u32, element size u32
 *	...		the sections, each aligned to 16, zero between
 *
 * Sections are arrays of the records of policy.h as this machine lays them out; the element sizes
 * refuse an image of another layout. Every index, span, enum, string and order is validated before
 * a policy is handed out, so its users never test them again.
 */
#ifndef RULES_IMAGE_H
#define RULES_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct policy;
struct text;

#define IMAGE_VERSION 2u
#define IMAGE_MAX ((size_t)256 << 20)

/**
 * image_write - append the image of a policy to @out; also fills p->hash
 * Return: 0, or -ENOMEM.
 */
int image_write(struct policy *p, struct text *out);

/**
 * image_read - validate bytes and make a policy of them
 * @bytes: kept by reference and must outlive the policy; aligned to 16 (malloc and mmap are)
 * @why: on refusal, a sentence fragment that names section, index and field ("boxes[3]: class 9 of 4")
 * Return: 0; -EBADMSG not an image, damaged or inconsistent; -EPROTONOSUPPORT another version or layout.
 */
int image_read(const void *bytes, size_t len, struct policy *p, char why[static 160]);

/**
 * image_load - image_read of a file, through an open descriptor (mapped read-only)
 * @map, @map_len: for munmap when the policy is no longer used
 * Return: 0, -errno of the system calls, or as image_read.
 */
int image_load(int fd, struct policy *p, const void **map, size_t *map_len, char why[static 160]);

#endif

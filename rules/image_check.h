/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image_check: everything that a policy promises its users, tested once when an image is read.
 */
#ifndef RULES_IMAGE_CHECK_H
#define RULES_IMAGE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

struct policy;

/**
 * image_check - whether every index, span, text, enum, order and nesting of a policy holds
 * @p: its sections lie in memory; their contents may be anything
 * Return: 0; -EBADMSG with @why filled ("boxes[3]: class 9 of 4").
 */
int image_check(const struct policy *p, char why[static 160]);

/* Of image_fields.c: every field alone. False: @why says which. Text offsets hold only once the strings do. */
bool image_fields(const struct policy *p, char why[static 160]);
bool image_is_text(const struct policy *p, uint32_t offset);

/* image_refuse - fill @why; always false */
bool image_refuse(char why[static 160], const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

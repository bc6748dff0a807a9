/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fate: what becomes of the conversations of the policy before, class by class.
 */
#ifndef RULES_KERNEL_FATE_H
#define RULES_KERNEL_FATE_H

#include <stdint.h>

struct live_class;
struct policy;

enum fate {
	FATE_NONE,	/* it had no conversations: nothing of it was in force */
	FATE_KEPT,	/* the same number is in force: nothing happens to them */
	FATE_JUDGED,	/* the number is gone, some of it is still permitted: each is looked up again when it comes */
	FATE_ENDED,	/* nothing that it covered is permitted any more: all of them are deleted */
};

/**
 * fate_of_classes - for every class of the old policy
 * @old_live, @live: numbered, one for each class of @old and of @p
 * @out: old->classes_count of enum fate
 */
void fate_of_classes(const struct policy *old, const struct live_class *old_live, const struct policy *p,
		     const struct live_class *live, uint8_t *out);

#endif

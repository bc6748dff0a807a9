/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image_slot: a policy image with its class numbers as it is handed between our processes.
 */
#ifndef DAEMON_SUPERVISE_IMAGE_SLOT_H
#define DAEMON_SUPERVISE_IMAGE_SLOT_H

#include <stddef.h>
#include <stdint.h>

#include "rules/policy.h"

struct image_slot {
	struct policy policy;
	const void *map;		/* owned: the image; NULL: empty */
	size_t map_len;
	uint16_t *numbers;		/* owned: kernel number of each class, 0 not in the kernel */
	int64_t as_of;			/* IPC_DATES; 0 after image_slot_load */
	uint32_t apply;			/* number of the apply it came with */
	char hash[65];			/* of the image, hex */
};

/**
 * image_slot_load - validate and map an image
 * @image, @numbers: descriptors, borrowed; numbers holds classes_count numbers of 16 bits
 * @slot: empty before
 * Return: 0; -errno with why filled.
 */
int image_slot_load(struct image_slot *slot, uint32_t apply, int image, int numbers, char why[static 160]);
void image_slot_done(struct image_slot *slot);	/* empties; an empty one stays so */

/* image_slot_numbers - the numbers as a sealed memory file, for image_slot_load. Return: descriptor or -errno */
int image_slot_numbers(const uint16_t *numbers, uint32_t count);

/* image_slot_class - index of the class the kernel knows by this number, or POLICY_NONE */
uint32_t image_slot_class(const struct image_slot *slot, uint16_t number);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/supervise/image_slot.h"

#include "daemon/ctl.h"
#include "rules/image.h"
#include "rules/sha256.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int load_numbers(struct image_slot *slot, int fd, char why[static 160])
{
	const size_t bytes = slot->policy.classes_count * sizeof *slot->numbers;
	size_t got = 0;

	slot->numbers = malloc(bytes + 1);
	if (!slot->numbers)
		return -ENOMEM;
	while (got < bytes) { /* several processes share the open file, and so its position */
		const ssize_t n = pread(fd, (char *)slot->numbers + got, bytes - got, (off_t)got);

		if (n <= 0 && !(n < 0 && errno == EINTR))
			break;
		got += n > 0 ? (size_t)n : 0;
	}
	if (got == bytes)
		return 0;
	snprintf(why, 160, "class numbers: %zu bytes of %zu", got, bytes);
	return -EBADMSG;
}

int image_slot_load(struct image_slot *slot, uint32_t apply, int image, int numbers,
		    char why[static 160])
{
	int r;

	snprintf(why, 160, "no memory");
	r = image_load(image, &slot->policy, &slot->map, &slot->map_len, why);
	if (r == 0)
		r = load_numbers(slot, numbers, why);
	if (r < 0) {
		image_slot_done(slot);
		return r;
	}
	slot->apply = apply;
	sha256_hex(slot->policy.hash, slot->hash);
	return 0;
}

void image_slot_done(struct image_slot *slot)
{
	void *map;

	memcpy(&map, &slot->map, sizeof map); /* munmap wants it without const */
	if (map)
		munmap(map, slot->map_len);
	free(slot->numbers);
	*slot = (struct image_slot){ 0 };
}

int image_slot_numbers(const uint16_t *numbers, uint32_t count)
{
	return ctl_image(numbers, count * sizeof *numbers);
}

uint32_t image_slot_class(const struct image_slot *slot, uint16_t number)
{
	for (uint32_t i = 0; number && slot->map && i < slot->policy.classes_count; i++) {
		if (slot->numbers[i] == number)
			return i;
	}
	return POLICY_NONE;
}

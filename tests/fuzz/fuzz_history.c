/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_history: bytes as a history that somebody changed: read whole, told line by line, and searched.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/apply/history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A value is never longer than its line, and always ends within its room. */
static void told(void *ctx, const char *line, enum history_fault fault)
{
	static const char *const keys[] = { "seq", "act", "policy", "prev", "diff", "" };
	char small[8], large[128];

	(void)ctx;
	(void)fault;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		history_text(line, keys[i], small, sizeof(small));
		if (strlen(small) >= sizeof(small) ||
		    strlen(history_text(line, keys[i], large, sizeof(large))) > strlen(line))
			abort();
		history_number(line, keys[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("history", MFD_CLOEXEC);

	if (fd < 0)
		return 0;
	if (write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0)
		history_each(fd, told, NULL);
	close(fd);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * onefile: runs a fuzz target over the files named, for compilers without libFuzzer.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define LARGEST ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc(LARGEST);

	if (!f || !bytes) {
		perror(path);
		return 2;
	}
	size_t n = fread(bytes, 1, LARGEST, f);
	uint8_t *exact =
		realloc(bytes, n ? n : 1); /* so that the sanitizer sees the first byte too many */

	fclose(f);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	return 0;
}

int main(int argc, char **argv)
{
	int worst = 0;

	for (int i = 1; i < argc; i++) {
		int r = run(argv[i]);

		if (r > worst)
			worst = r;
	}
	return worst;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First byte: where the rest is cut in two; second: which side it comes from. Both cuts must agree. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "daemon/content/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void whole(struct tls *t, bool server, const uint8_t *data, size_t n)
{
	tls_init(t);
	tls_feed(t, server, data, n);
}

static void in_two(struct tls *t, bool server, const uint8_t *data, size_t n, size_t cut)
{
	tls_init(t);
	tls_feed(t, server, data, cut);
	tls_feed(t, server, data + cut, n - cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls a, b;

	if (size < 3)
		return 0;
	size_t n = size - 2, cut = data[0] * n / 255;
	bool server = data[1] & 1;

	whole(&a, server, data + 2, n);
	in_two(&b, server, data + 2, n, cut);
	assert(!a.bad == !b.bad && a.hellos == b.hellos && a.done == b.done && a.retry == b.retry);
	assert(a.bad || (strcmp(a.sni, b.sni) == 0 && strcmp(a.ja4, b.ja4) == 0));
	tls_done(&a);
	tls_done(&b);
	return 0;
}

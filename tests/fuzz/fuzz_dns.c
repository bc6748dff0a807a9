/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A datagram, and the same bytes as a TCP stream in two cuts; also what would recognise them, and FTP lines. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "daemon/content/dns.h"
#include "daemon/content/ftp.h"
#include "daemon/content/recognise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned int messages(const uint8_t *data, size_t size, size_t piece)
{
	struct hold h = { 0 };
	unsigned int n = 0;

	for (size_t at = 0; at < size; at += piece) {
		size_t left = size - at < piece ? size - at : piece, from = at;

		while (left) {
			struct cursor c;
			bool whole;
			size_t used = dns_frame(&h, data + from, left, &whole, &c);

			assert(used && used <= left);
			from += used;
			left -= used;
			n += whole;
		}
	}
	hold_done(&h);
	return n;
}

static void ftp_lines(const uint8_t *data, size_t size)
{
	struct ftp f = { .port = 0 };
	bool announced;

	for (size_t at = 0; at < size;)
		at += ftp_feed(&f, at & 1, data + at, size - at, &announced);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_message m;
	bool more;

	if (!dns_read(cursor_of(data, size), &m)) {
		assert(m.used <= sizeof(m.text) && m.answers <= DNS_ANSWERS_MAX);
		assert(!m.name.at || strlen(m.name.at) == m.name.len);
	}
	assert(messages(data, size, size ? size : 1) == messages(data, size, 3));
	recognise(true, data, size / 2, data + size / 2, size - size / 2, &more);
	recognise(false, data, size, NULL, 0, &more);
	ftp_lines(data, size);
	return 0;
}

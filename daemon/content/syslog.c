/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/body.h"

/* RFC 3164 and RFC 5424 agree that a datagram is one message; what is in it is text to whoever reads the log. */
void syslog_datagram(bool server, const uint8_t *bytes, size_t n, const struct body_sink *sink)
{
	struct body_head head = {
		.protocol = "syslog", .kind = BODY_LINE, .server = server, .length = n
	};

	if (!n)
		return;
	sink->begin(sink->ctx, server, &head);
	sink->bytes(sink->ctx, server, bytes, n);
	sink->end(sink->ctx, server, true);
}

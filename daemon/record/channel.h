/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * channel: events on their way from one process to the recorder, many in one message.
 *
 * Never waits: when the recorder has fallen behind by the size of the socket's buffer, events are dropped
 * and counted; the supervisor reports the count as a `loss` event.
 */
#ifndef DAEMON_RECORD_CHANNEL_H
#define DAEMON_RECORD_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/record/event.h"

struct stats_page;

#define CHANNEL_BYTES 60000u		/* of one message */
#define CHANNEL_BUFFER (8 << 20)	/* of the socket */

struct channel {
	int fd;				/* borrowed */
	size_t len, events;		/* in buf */
	uint64_t *sent, *lost;		/* borrowed: the stats page */
	uint8_t *buf;			/* owned */
};

/* channel_pair - a connected pair with a large buffer: [0] the recorder's end, [1] the writer's. 0 or -errno */
int channel_pair(int ends[static 2]);

int channel_init(struct channel *c, int fd, struct stats_page *page);	/* 0 or -ENOMEM */
void channel_done(struct channel *c);
struct event_sink channel_sink(struct channel *c);	/* borrowed: lives as long as the channel */
void channel_flush(struct channel *c);			/* before the process waits */

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * frame: one captured frame as any file format holds it.
 */
#ifndef DAEMON_CAPTURE_FRAME_H
#define DAEMON_CAPTURE_FRAME_H

#include <stdint.h>

struct frame {
	const uint8_t *data;	/* borrowed until the next frame of the same file */
	uint32_t len;		/* bytes captured */
	uint32_t wire_len;	/* bytes that crossed the wire; at least len */
	int64_t time;		/* ns since 1970 */
	uint32_t link_type;	/* LINKTYPE_ number */
	uint32_t number;	/* of its interface in the engine's table; 0 unknown */
	uint8_t direction;	/* enum link_direction (link.h) */
};

#endif

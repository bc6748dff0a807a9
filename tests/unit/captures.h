/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * captures: capture files by hand for the unit tests, written into `file`: classic records and pcapng blocks
 * of `frame`.
 */
#ifndef TESTS_UNIT_CAPTURES_H
#define TESTS_UNIT_CAPTURES_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/unit/support.h"

struct writer {
	struct bytes file, frame;
	struct bytes body;		/* of the block at hand */
	bool big;			/* byte order of the section */
};

/* make_frame - Ethernet, IPv4, UDP, one byte of payload */
void make_frame(struct writer *w, uint8_t last);

#define CLASSIC_US 0xa1b2c3d4u
#define CLASSIC_NS 0xa1b23c4du
void classic(struct writer *w, uint32_t magic, uint32_t link_type);
void record(struct writer *w, uint32_t seconds, uint32_t fraction, size_t len);	/* len: bytes captured of the frame */

void put16(struct writer *w, uint16_t v);	/* into the body, as the next one */
void put32(struct writer *w, uint32_t v);
void option(struct writer *w, uint16_t code, const void *value, uint16_t n);
void block(struct writer *w, uint32_t type);	/* the body as a block; it is empty afterwards */

void section(struct writer *w, bool big);
void interface_block(struct writer *w, uint16_t link_type, const char *name, int resolution);	/* NULL, -1: none */
void enhanced(struct writer *w, uint32_t interface, uint64_t ticks, uint32_t direction);	/* 0: none */

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/captures.h"

#include <netinet/in.h>
#include <string.h>

void make_frame(struct writer *w, uint8_t last)
{
	w->frame.len = 0;
	bytes_fill(&w->frame, last, 1);
	udp(&w->frame, 5000, 53);
	ip4(&w->frame, "10.0.0.1", "10.0.1.1", IPPROTO_UDP);
	ethernet(&w->frame, 0x0800);
}

void classic(struct writer *w, uint32_t magic, uint32_t link_type)
{
	bytes_le32(&w->file, magic);
	bytes_le16(&w->file, 2);
	bytes_le16(&w->file, 4);
	bytes_le32(&w->file, 0);
	bytes_le32(&w->file, 0);
	bytes_le32(&w->file, 65535);
	bytes_le32(&w->file, link_type);
}

void record(struct writer *w, uint32_t seconds, uint32_t fraction, size_t len)
{
	bytes_le32(&w->file, seconds);
	bytes_le32(&w->file, fraction);
	bytes_le32(&w->file, (uint32_t)len);
	bytes_le32(&w->file, (uint32_t)w->frame.len);
	bytes_add(&w->file, w->frame.at, len);
}

static void put16_to(struct writer *w, struct bytes *b, uint16_t v)
{
	w->big ? bytes_be16(b, v) : bytes_le16(b, v);
}

static void put32_to(struct writer *w, struct bytes *b, uint32_t v)
{
	w->big ? bytes_be32(b, v) : bytes_le32(b, v);
}

void put16(struct writer *w, uint16_t v)
{
	put16_to(w, &w->body, v);
}

void put32(struct writer *w, uint32_t v)
{
	put32_to(w, &w->body, v);
}

void option(struct writer *w, uint16_t code, const void *value, uint16_t n)
{
	put16(w, code);
	put16(w, n);
	bytes_add(&w->body, value, n);
	bytes_fill(&w->body, 0, -(size_t)n & 3);
}

void block(struct writer *w, uint32_t type)
{
	uint32_t length = (uint32_t)(w->body.len + 12);

	put32_to(w, &w->file, type);
	put32_to(w, &w->file, length);
	bytes_add(&w->file, w->body.at, w->body.len);
	put32_to(w, &w->file, length);
	w->body.len = 0;
}

void section(struct writer *w, bool big)
{
	w->big = big;
	put32(w, 0x1a2b3c4d);
	put16(w, 1);
	put16(w, 0);
	put32(w, 0xffffffff);
	put32(w, 0xffffffff);
	block(w, 0x0a0d0d0a);
}

void interface_block(struct writer *w, uint16_t link_type, const char *name, int resolution)
{
	uint8_t tsresol = (uint8_t)resolution;

	put16(w, link_type);
	put16(w, 0);
	put32(w, 0);
	if (name)
		option(w, 2, name, (uint16_t)strlen(name));
	if (resolution >= 0)
		option(w, 9, &tsresol, 1);
	option(w, 0, "", 0);
	block(w, 1);
}

void enhanced(struct writer *w, uint32_t interface, uint64_t ticks, uint32_t direction)
{
	put32(w, interface);
	put32(w, (uint32_t)(ticks >> 32));
	put32(w, (uint32_t)ticks);
	put32(w, (uint32_t)w->frame.len);
	put32(w, (uint32_t)w->frame.len);
	bytes_add(&w->body, w->frame.at, w->frame.len);
	bytes_fill(&w->body, 0, -w->frame.len & 3);
	if (direction) {
		put16(w, 2);
		put16(w, 4);
		put32(w, direction);
		option(w, 0, "", 0);
	}
	block(w, 6);
}

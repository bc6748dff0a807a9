/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sink: the rest of a refused mail, when its text is already on the way (RFC 5321, 4.1.1.4).
 *
 * A sending server reads no answer before it has sent the end of the text, and a connection that is cut before makes it try
 * again for days. So the text goes on, each byte but line ends overwritten (also the packet that was refused), until the
 * client has sent the end: that packet is not passed, the client gets the 554 and the server, which has no mail then, a reset.
 */
#ifndef DAEMON_SINK_H
#define DAEMON_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;
struct step;

/* The end of a text: CRLF . CRLF, also as its very first line. */
struct sink_end {
	uint8_t matched;		/* bytes of it that have come */
};

static inline struct sink_end sink_line_start(void)
{
	return (struct sink_end){ 2 };
}

bool sink_end_feed(struct sink_end *s, const uint8_t *at, size_t n);	/* whether it has come */
void sink_blank(uint8_t *at, size_t n);		/* every byte but CR and LF becomes an X */

/* sink_asks - whether the last of a server's replies asks for the text (354); answers to pipelined commands come together */
bool sink_asks(const uint8_t *at, size_t n);

/* sink_note - of a packet of a server that passes: whether it asks for the text (354) */
void sink_note(const struct step *s);

/**
 * sink_begin - the packet at hand is refused: does the text go on, overwritten?
 * Return: true: the packet has its outcome, and so will the next ones by sink_packet, until the answer is due.
 */
bool sink_begin(struct engine *e, struct step *s, uint8_t answer);

/* sink_packet - of a flow that has begun so. Return: false: the end has come, answer and refuse it now */
bool sink_packet(struct engine *e, struct step *s);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answer: step 6 of 7, what becomes of the packet at hand and of its flow: s->out, the flow's verdict, the
 * alert. One place, so that a counter, an event and a verdict never contradict each other.
 */
#ifndef DAEMON_ANSWER_H
#define DAEMON_ANSWER_H

#include <stdint.h>

#include "daemon/decode.h"
#include "daemon/packet.h"
#include "daemon/record/event.h"

struct engine;
struct step;

void answer_wait(struct engine *e, struct step *s);	/* passes; the next one comes again */
void answer_judged(struct engine *e, struct step *s);	/* as s->judgement says: wait or leave */
void answer_deny(struct engine *e, struct step *s);	/* as s->judgement says, by the profile's answer */
void answer_sinking(struct engine *e, struct step *s);	/* refused, but the client is not to know yet: sink.h */
void answer_drop(struct engine *e, struct step *s);	/* this packet only */
void answer_settled(struct engine *e, struct step *s);	/* what was decided, again */
void answer_fail(struct engine *e, struct step *s, uint8_t action, uint8_t reason);	/* a fail condition */
void answer_refuse(struct engine *e, struct step *s, uint8_t reason);	/* the whole flow, silently */
void answer_forget(struct engine *e, struct step *s);	/* a flow that never was one */

/* Packets without a flow. */
void answer_boundary(struct engine *e, struct step *s, uint8_t reason);
struct outcome answer_undecodable(struct engine *e, struct step *s, enum decode_error error);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reply: an answer in the place of a server whose conversation is refused: what the injector is asked for (inject.h).
 */
#ifndef DAEMON_REPLY_H
#define DAEMON_REPLY_H

#include <stdbool.h>
#include <stdint.h>

struct engine;
struct headers;
struct step;

#define REPLY_RATE 20u	/* answers a second of an engine, as many at once; beyond, refusals are resets */

/**
 * reply_instead - ask for the page or the 554 that the profile or the deny statement wants
 * @answer: enum answer; any but ANSWER_PAGE and ANSWER_SMTP_REJECT: nothing is asked
 * To be called once the flow's `known->expect` stands, when the packet at hand is not to pass.
 * Return: whether one was asked for: the flow is then to be dropped, since a reset could overtake the answer. False
 * (and counted): a capture, no injector, another protocol, a guest's conversation, no place for an answer.
 */
bool reply_instead(struct engine *e, struct step *s, uint8_t answer);

/* reply_stamps - the timestamps option of a packet of TCP (RFC 7323, 3.2). Return: whether there is one */
bool reply_stamps(const struct headers *h, uint32_t *value, uint32_t *echo);

#endif

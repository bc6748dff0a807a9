/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hide_starttls: a server's offer to go on encrypted, taken out of its answer without changing its length.
 *
 * The same bytes give the same result, so a repetition of the packet is changed as the first one was.
 */
#ifndef DAEMON_CONTENT_HIDE_STARTTLS_H
#define DAEMON_CONTENT_HIDE_STARTTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hide_protocol {
	HIDE_SMTP,	/* the line "250-STARTTLS" or "250 STARTTLS" of an answer to EHLO (RFC 3207, 4) */
	HIDE_IMAP,	/* the word in "* CAPABILITY" or "[CAPABILITY ...]" of the first line (RFC 9051, 7.2.2) */
	HIDE_POP3,	/* the line "STLS" of an answer to CAPA that stands whole in the packet (RFC 2595, 4; RFC 2449) */
};

/**
 * hide_starttls - overwrite each offer in one packet's payload, in place, by a keyword that means nothing
 * Only lines that stand whole in the packet are touched; of one that is cut in two, the command is what has to be refused.
 * Return: whether anything was changed.
 */
bool hide_starttls(enum hide_protocol p, uint8_t *bytes, size_t n);

#endif

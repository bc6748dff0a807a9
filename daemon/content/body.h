/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * body: what a protocol's reader hands on, a message, a file or a request's body, as its bytes come.
 *
 * A reader is a resumable push parser of one connection: in-order bytes in, however they are cut, bodies out.
 * It knows its protocol and nothing of what is inside a body; document.h unpacks and scans that.
 */
#ifndef DAEMON_CONTENT_BODY_H
#define DAEMON_CONTENT_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum body_kind {
	BODY_DATA,			/* anything: its first bytes, name and type tell what it is */
	BODY_MAIL,			/* an Internet message with its header (RFC 5322) */
	BODY_MULTIPART,			/* MIME parts whose boundary is in `type` (RFC 2046, 5.1) */
	BODY_FORM,			/* application/x-www-form-urlencoded */
	BODY_LINE,			/* a short text that stands for itself: a log line, a path, a command */
};

struct body_text {			/* text of a peer: any bytes, not terminated; borrowed for the call */
	const char *at;
	size_t len;			/* 0: absent */
};

static inline struct body_text body_text(const char *word)
{
	return (struct body_text){ word, strlen(word) };
}

struct body_head {
	const char *protocol;		/* first word of the path that events show: "SMTP", "HTTP", "FTP", "SMB" */
	uint8_t kind;			/* enum body_kind */
	bool server;			/* sent by the opener's peer */
	uint64_t length;		/* as announced; 0 not known */
	struct body_text name;		/* file name as the protocol writes it */
	struct body_text type;		/* Content-Type with its parameters */
	struct body_text encoding;	/* Content-Encoding, a list in the order it was applied */
};

enum body_note {			/* what a reader met besides bodies */
	BODY_NOTE_STARTTLS,		/* the client asks to go on encrypted (SMTP, IMAP, POP3, FTP AUTH) */
	BODY_NOTE_ENCRYPTED,		/* from here on the connection cannot be read (STARTTLS accepted, SMB3 encryption) */
	BODY_NOTE_BAD,			/* the protocol is broken so that ends may read it differently; `text` is an EVE word */
	BODY_NOTE_DATA_PORT,		/* FTP: a data connection was announced (daemon/content/ftp.h has which) */
	BODY_NOTE_COMMAND,		/* a transaction's word and argument as the peer wrote them, for an event: "RCPT TO", ... */
	BODY_NOTE_ANSWER,		/* ... and the server's code, as text */
};

/*
 * Where bodies go. Several may be open at once; `id` names one among those open on the connection and may be
 * used again after its end. None of the calls fails: the receiver remembers what it thinks of them.
 */
struct body_sink {
	void *ctx;
	void (*begin)(void *ctx, uint32_t id, const struct body_head *h);
	void (*bytes)(void *ctx, uint32_t id, const uint8_t *at, size_t n);
	void (*end)(void *ctx, uint32_t id, bool whole);	/* whole false: broken off */
	void (*note)(void *ctx, uint8_t note, struct body_text word, struct body_text text);
};

/*
 * One table entry a protocol. `feed` uses all bytes. It returns NULL, or once it can read no further a short EVE
 * word why ("invalid_chunk_size"); from then on it is not called again for this connection.
 */
struct reader {
	const char *protocol;
	void *(*new)(void);		/* NULL: no memory */
	void (*free)(void *r);		/* takes NULL */
	const char *(*feed)(void *r, bool server, const uint8_t *bytes, size_t n, const struct body_sink *sink);
	void (*close)(void *r, bool server, const struct body_sink *sink);	/* no more bytes from that side */
	size_t (*memory)(const void *r);	/* bytes it holds now, for the pool's account */
};

extern const struct reader reader_smtp, reader_imap, reader_pop3;	/* smtp.c, imap.c, pop3.c */
extern const struct reader reader_smb;					/* smb.c: SMB2 and 3, unencrypted */
extern const struct reader reader_print;				/* print.c: raw 9100 with PJL; IPP comes by HTTP */
extern const struct reader reader_raw;					/* raw.c: each side one body without an end */

/* Datagrams, one call each (RFC 5424 syslog, RFC 1350 TFTP with its data on later ports: tftp.h). */
void syslog_datagram(bool server, const uint8_t *bytes, size_t n, const struct body_sink *sink);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ftp: reads an FTP control connection (RFC 959, 2428, 4217) for the data connections it announces and what passes on
 * them. A data connection's bytes are read by raw.h under the name that was asked for here:
 *
 *	control: FTP_ANNOUNCED -> announced_add; FTP_TRANSFER -> announced_name
 *	data: its first bytes -> announced_find -> raw_name
 *
 * Addresses in the announcement are not believed: data goes between the two hosts of the control
 * connection or nowhere.
 */
#ifndef DAEMON_CONTENT_FTP_H
#define DAEMON_CONTENT_FTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FTP_LINE_MAX 256u	/* the rest of a longer line is not looked at */

#define FTP_NAME_MAX 128u	/* of a longer file name the start is cut off */

enum ftp_transfer { FTP_NONE, FTP_UPLOAD, FTP_DOWNLOAD, FTP_LISTING };

enum ftp_met {
	FTP_MORE,
	FTP_ANNOUNCED,		/* a data connection: passive, port */
	FTP_TRANSFER,		/* what goes over the last one announced: transfer, name */
	FTP_ASKS_TLS,		/* AUTH TLS or SSL */
	FTP_ENCRYPTED,		/* ... accepted: nothing can be read from here on */
};

struct ftp {
	struct ftp_side {
		char line[FTP_LINE_MAX];
		uint32_t len;
	} client, server;
	bool passive;		/* 227, 229: the client will connect to the server; else PORT, EPRT the reverse */
	uint16_t port;		/* of the last announcement */
	uint8_t met;		/* enum ftp_met: why ftp_feed returned */
	uint8_t transfer;	/* enum ftp_transfer */
	bool deflate;		/* MODE Z: data is a zlib stream */
	bool tls;		/* AUTH waits for its answer */
	uint8_t name_len;	/* 0: none */
	char name[FTP_NAME_MAX];	/* of the file, as the client wrote it; not terminated */
};

/**
 * ftp_feed - read until something is met or the bytes are used up
 * @announced: whether that is FTP_ANNOUNCED
 * Return: bytes used; `met` says what was met; call again with the rest.
 */
size_t ftp_feed(struct ftp *f, bool server, const uint8_t *bytes, size_t n, bool *announced);

#endif

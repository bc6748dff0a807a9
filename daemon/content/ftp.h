/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ftp: reads an FTP control connection (RFC 959, 2428) for the data connections it announces.
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

struct ftp {
	struct ftp_side {
		char line[FTP_LINE_MAX];
		uint32_t len;
	} client, server;
	bool passive;		/* 227, 229: the client will connect to the server; else PORT, EPRT the reverse */
	uint16_t port;		/* of the last announcement */
};

/**
 * ftp_feed - read until a data connection is announced or the bytes are used up
 * Return: bytes used; with *announced `passive` and `port` are set, call again with the rest.
 */
size_t ftp_feed(struct ftp *f, bool server, const uint8_t *bytes, size_t n, bool *announced);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recognise: which protocol a conversation's first bytes are, by what its specification demands there.
 *
 * A second witness beside nDPI: it says yes only where the bytes leave no doubt, and names the readers
 * of this folder. It looks at no port.
 */
#ifndef DAEMON_CONTENT_RECOGNISE_H
#define DAEMON_CONTENT_RECOGNISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(C name, application as the policy names it (nDPI's spelling), EVE's app_proto) */
#define RECOGNISED(X) \
	X(TLS, "TLS", "tls") X(HTTP, "HTTP", "http") X(SSH, "SSH", "ssh") X(SMB, "SMBv23", "smb") \
	X(SMB1, "SMBv1", "smb") X(RDP, "RDP", "rdp") X(SMTP, "SMTP", "smtp") X(FTP, "FTP_CONTROL", "ftp") \
	X(DNS, "DNS", "dns") X(FTP_DATA, "FTP_DATA", "ftp-data") X(IMAP, "IMAP", "imap") X(POP3, "POP3", "pop3") \
	X(TFTP, "TFTP", "tftp") X(SYSLOG, "Syslog", "syslog")
#define RECOGNISED_(N, A, E) KNOWN_##N,
enum recognised { KNOWN_NOTHING, RECOGNISED(RECOGNISED_) KNOWN_COUNT };

extern const char *const recognised_applications[KNOWN_COUNT];	/* [KNOWN_NOTHING] is NULL */
extern const char *const recognised_eve[KNOWN_COUNT];

/**
 * recognise - what the bytes so far are
 * @up, @down: first bytes of the opener and of the peer, as far as they have come
 * (FTP_DATA has no bytes of its own: the control connection announces it.)
 * @more: out: with KNOWN_NOTHING, whether more bytes can still make it something
 */
enum recognised recognise(bool tcp, const uint8_t *up, size_t up_len, const uint8_t *down, size_t down_len,
			  bool *more);

/* recognise_print - whether a connection begins as print jobs do: PJL, PostScript, PCL's reset. No policy names that
 * and nDPI does not know it, so it is none of RECOGNISED. */
bool recognise_print(const uint8_t *up, size_t n);

#endif

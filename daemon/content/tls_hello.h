/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_hello: the two hello messages, and the fingerprints made of them: JA3, JA3S (BSD licence,
 * Salesforce) and JA4 (BSD licence, FoxIO). The other JA4+ methods need a licence and stay out.
 */
#ifndef DAEMON_CONTENT_TLS_HELLO_H
#define DAEMON_CONTENT_TLS_HELLO_H

#include "rules/cursor.h"

struct tls;

/* A message body in; fields of *t out. A malformed one sets t->bad. */
void tls_client_hello(struct tls *t, struct cursor body);
void tls_server_hello(struct tls *t, struct cursor body);

#endif

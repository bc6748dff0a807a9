/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_head: one complete head, from its first line to the empty one, into a request or an answer.
 */
#ifndef DAEMON_CONTENT_HTTP_HEAD_H
#define DAEMON_CONTENT_HTTP_HEAD_H

#include <stddef.h>
#include <stdint.h>

struct http_answer;
struct http_fields;
struct http_request;

/* http_request_of - Return: a new request, owned by the caller; NULL and *bad says why not. @f points into @bytes. */
struct http_request *http_request_of(const uint8_t *bytes, size_t n, struct http_fields *f, const char **bad);

/* http_answer_of - Return: NULL, or why it is none */
const char *http_answer_of(const uint8_t *bytes, size_t n, struct http_answer *a, struct http_fields *f);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * web: http.h and http_body.h put together as one reader, as whoever reads a connection does.
 */
#ifndef TESTS_UNIT_WEB_H
#define TESTS_UNIT_WEB_H

#include "daemon/content/body.h"

extern const struct reader reader_web;

#endif

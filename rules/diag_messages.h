/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diag_messages: everything the compiler of policies can say. X(id, severity, English, Japanese).
 *
 * A message names the thing, says what is wrong with it and, where it is not plain, what to do.
 */
#ifndef RULES_DIAG_MESSAGES_H
#define RULES_DIAG_MESSAGES_H

#define DIAG_MESSAGES(X) \
	X(FILE_UNREADABLE, ERROR, "cannot read $1: $2", "$1 を読めません: $2")

#endif

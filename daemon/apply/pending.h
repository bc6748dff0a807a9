/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pending: what has to be confirmed, what waits for a second person, and what is kept closed, for who asks.
 */
#ifndef DAEMON_APPLY_PENDING_H
#define DAEMON_APPLY_PENDING_H

struct text;

/**
 * pending_json - an object: "policy" (hash in force or null), "trial" { "policy", "before", "seconds" } or null,
 *	"waiting" { "policy", "who", "uid", "reason", "reference", "seconds", "approved_by" } or null, "closed" "" |
 *	"protected" | "all"
 * @image: the image that waits, opened for reading and then the caller's; -1 none
 */
void pending_json(const char *state_directory, struct text *out, int *image);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * problem: what is wrong with a capture file, as one line for whoever gave it to us.
 */
#ifndef DAEMON_CAPTURE_PROBLEM_H
#define DAEMON_CAPTURE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_problem {
	/*
	 * 0 none; -EPROTO not a capture; -EPIPE ends inside a packet; -EBADMSG damaged; -EPROTONOSUPPORT
	 * unknown link type; -ENOMSG no packets; else what the system said (-ENOENT, -EIO, ...)
	 */
	int error;
	char path[256];			/* as it was given, shortened on the left */
	uint64_t packets;		/* read from the file before */
	uint32_t link_type;
	char link_name[48];		/* libpcap's word for it, "" when it has none */
};

#define CAPTURE_PROBLEM_TEXT 512
/* capture_problem_text - "FILE: what is wrong; what to do" in English or Japanese, without a newline */
const char *capture_problem_text(const struct capture_problem *p, bool japanese,
				 char buf[static CAPTURE_PROBLEM_TEXT]);

#endif

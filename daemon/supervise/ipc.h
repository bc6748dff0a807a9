/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ipc: short messages of one size between the supervisor and its children, with descriptors.
 *
 * Both ends are forks of one program, so the bytes are a struct. A child may have been hijacked: the
 * supervisor takes only whole messages of a known type, and no descriptor from a child.
 */
#ifndef DAEMON_SUPERVISE_IPC_H
#define DAEMON_SUPERVISE_IPC_H

#include <stdint.h>

#define IPC_FDS 6
#define IPC_TEXT 1024

enum ipc_type {
	/* supervisor to child */
	IPC_PLACE,		/* engine: fill place `number`; descriptors by enum ipc_place; result < 0: nobody injects */
	IPC_LOAD,		/* engine, recorder: image `number`; descriptors: image, class numbers; `value` as IPC_DATES */
	IPC_SWITCH,		/* ... is in force from now on */
	IPC_DATES,		/* engine: dates are judged as of second `value` since 1970; 0: by each packet's time */
	IPC_LINK,		/* interface `number` has the name text; "" it is gone */
	IPC_REOPEN,		/* recorder: open the files anew */
	IPC_STOP,		/* finish and exit */
	IPC_APPLYING,		/* verifier: an apply begins (number 1), or has ended (0): then with the image in force, if
				 * there is one, and in `value` whether it opens and closes by date */
	/* child to supervisor */
	IPC_READY,		/* initialised */
	IPC_PLACED,		/* engine: the place is filled, packets are being read */
	IPC_LOADED,		/* image `number` is loaded (result 0) or refused (result < 0, text says why) */
	IPC_SWITCHED,
	IPC_PLUGS,		/* recorder: the interfaces named in text look exchanged */
	IPC_VERIFIED,		/* verifier: number 0 not judged, else enum verify_result + 1, and the text says why;
				 * result 1: somebody else's change that is to be undone */
	/* applier to supervisor; the first two are answered in kind. Texts: English NUL Japanese */
	IPC_WANT_LOAD,		/* everybody loads image `number`; descriptors and `value` as IPC_LOAD. Answer: result, why */
	IPC_WANT_SWITCH,	/* image `number` is in force */
	IPC_TOLD,		/* a step, for the person who waits */
	IPC_DONE,		/* the end: result, `number` in force or 0, `value` next change in seconds since 1970;
				 * the text is what was done, or what went wrong */
	IPC_TYPE_COUNT,
};

enum ipc_place { PLACE_CLOSED, PLACE_OPEN, PLACE_EVENTS, PLACE_ENDED, PLACE_STATS, PLACE_INJECTIONS, PLACE_FDS };

struct ipc_message {
	uint32_t type;		/* enum ipc_type */
	uint32_t number;
	int32_t result;
	uint32_t overridden;	/* IPC_DONE: it went on without its second person */
	int64_t value;
	char text[IPC_TEXT];	/* NUL-terminated */
};

/* ipc_pair - two connected ends, close-on-exec and never blocking. Return: 0 or -errno */
int ipc_pair(int ends[static 2]);

/* ipc_send - Return: 0; -EAGAIN the other side reads too slowly; -errno */
int ipc_send(int fd, const struct ipc_message *m, const int *fds, unsigned int count);

/**
 * ipc_receive - the next message, if there is one
 * @fds: descriptors that came with it, -1 where none; the caller's to close
 * Return: 1 a message; 0 none now; -EPIPE the other side is gone; -EPROTO it was malformed.
 */
int ipc_receive(int fd, struct ipc_message *m, int fds[static IPC_FDS]);

/* ipc_wait - the same, but waits up to @ms for a message (0 after that) */
int ipc_wait(int fd, struct ipc_message *m, int fds[static IPC_FDS], int ms);

/* ipc_put_both, ipc_ja - two languages in one text: English NUL Japanese */
void ipc_put_both(struct ipc_message *m, const char *en, const char *ja);
const char *ipc_ja(const struct ipc_message *m);	/* the English one when there is no other */

void ipc_close_all(int fds[static IPC_FDS]);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shared: a scan set outlives the policy it was made for, as long as a connection is scanned with it.
 */
#ifndef DAEMON_CONTENT_SCAN_SHARED_H
#define DAEMON_CONTENT_SCAN_SHARED_H

struct scan_set;

struct scan_shared {
	struct scan_set *set;	/* owned */
	unsigned int holders;
};

/* scan_share - @set is taken over. NULL: no memory, and @set is freed */
struct scan_shared *scan_share(struct scan_set *set);
struct scan_shared *scan_hold(struct scan_shared *s);
void scan_release(struct scan_shared *s);	/* the last one frees the set; takes NULL */

#endif

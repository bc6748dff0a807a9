/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * devices: the interfaces there are, and the names that rules ask for.
 *
 * Rules tell interfaces apart by name, by the beginning of a name ("eth*"), by index and by type. The
 * values of the two interface fields are therefore: none, every name that exists or is asked for, for
 * each beginning one name that nobody has, and one that no rule knows.
 */
#ifndef RULES_KERNEL_READBACK_DEVICES_H
#define RULES_KERNEL_READBACK_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_NAME 16u		/* IFNAMSIZ */
#define LINK_ETHERNET 1u	/* ARPHRD_ETHER */
#define LINK_NONE 0u		/* the value that stands for "no interface" */
#define LINKS_MAX 4096u

struct link {
	char name[LINK_NAME];	/* zero-padded, as the kernel compares it; may be of 16 bytes */
	bool exists;
	bool anybody;		/* stands for names that nobody has */
	uint32_t index;		/* 0: it does not exist, so no rule by index means it */
	uint32_t type;		/* ARPHRD_*; Ethernet for what does not exist */
	uint32_t master;	/* index of the bridge, VRF or bond above it; 0 none */
	char kind[LINK_NAME];	/* "bridge", "vrf", "veth" ...; "" a card */
	bool xdp;		/* a program is attached */
};

struct link_beginning {
	char text[LINK_NAME];
	uint32_t len;
};

struct devices {
	struct link *at;	/* owned; [LINK_NONE] has the empty name */
	uint32_t count, room;
	struct link_beginning *beginnings;	/* owned; asked for */
	uint32_t beginnings_count, beginnings_room;
	bool failed;		/* no memory, or more than LINKS_MAX */
};

/* devices_read - those that a dump tells of; 0, -ENOMEM or -EBADMSG */
int devices_read(struct devices *l, const void *bytes, size_t len);
void devices_done(struct devices *l);

/* devices_want - a name, or with `beginning` what begins like it; of at most LINK_NAME bytes */
void devices_want(struct devices *l, const char *name, size_t len, bool beginning);

/* devices_close - add those that nobody has; after every devices_want */
void devices_close(struct devices *l);

/* devices_find - the value of a name; LINK_NONE when it is not among them */
uint32_t devices_find(const struct devices *l, const char *name);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record: what was read off a kernel, as one piece of bytes that can be kept, sent, and read again.
 *
 *	"sekimori kernel\n", then netlink messages just as the kernel sent them (host order, padded to 4):
 *	+----------+------+-------+-----+------+------+-----+
 *	| length 4 | type | flags | seq | port | body | pad | ...
 *	+----------+------+-------+-----+------+------+-----+
 *	nf_tables	subsystem << 8 | message: tables, chains, rules, sets, elements, objects, flowtables
 *	rtnetlink	interfaces, rules of routing, queueing disciplines and filters
 *	RECORD_FILE	a name with its NUL, then what stood in that file (of /proc, or of our state)
 *	RECORD_PROGRAM	struct record_program: a BPF program that sees packets
 *	RECORD_HIDDEN	a name with its NUL: what could not be read for want of a right, or of a kernel that tells it
 *
 * Nothing in here is trusted: it is read through cursors.
 */
#ifndef RULES_KERNEL_READBACK_RECORD_H
#define RULES_KERNEL_READBACK_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/cursor.h"

#define RECORD_MAGIC "sekimori kernel\n"
#define RECORD_MAGIC_LEN (sizeof(RECORD_MAGIC) - 1)
#define RECORD_HEADER 16u		/* of each message */
#define RECORD_BYTES_MAX ((size_t)128 << 20)

/* Types that no kernel sends. */
#define RECORD_FILE 0xff00u
#define RECORD_PROGRAM 0xff01u
#define RECORD_HIDDEN 0xff02u

#define RECORD_TIME "time"		/* name of a RECORD_FILE: seconds since 1970 at which the record was taken */

struct record {
	uint16_t type;
	struct cursor body;	/* after the message header */
};

struct record_attr {
	uint16_t type;		/* without the nested and byte order flags */
	struct cursor value;
};

/*
 * X(path, required value or ""): files that a record holds as RECORD_FILE when they exist; "" any value is
 * fine, or it is looked at otherwise. A file that cannot be read is left out, and then a doubt if a value is required.
 */
#define RECORD_FILES(X) \
	X("/proc/sys/net/netfilter/nf_conntrack_acct", "1") \
	X("/proc/sys/net/netfilter/nf_conntrack_events", "1") \
	X("/proc/sys/net/netfilter/nf_conntrack_timestamp", "1") \
	X("/proc/sys/net/ipv4/conf/all/accept_source_route", "0") \
	X("/proc/sys/net/ipv4/conf/all/accept_redirects", "0") \
	X("/proc/sys/net/ipv6/conf/all/accept_redirects", "0") \
	X("/proc/sys/net/netfilter/nf_conntrack_helper", "") /* until Linux 5.19; must not be 1 */ \
	X("/proc/sys/net/bridge/bridge-nf-call-iptables", "") \
	X("/proc/net/ip_tables_names", "")	/* iptables-legacy; must be empty */ \
	X("/proc/net/ip6_tables_names", "") \
	X("/proc/net/arp_tables_names", "") \
	X("/proc/net/ip_vs", "")	/* IPVS; must list nothing */

/*
 * What a whole dump asks for, in this order:
 *	NFT_MSG_GETGEN, GETTABLE, GETCHAIN, GETSET, GETOBJ, GETFLOWTABLE, GETRULE for all families, GETSETELEM for
 *	each set of each table, NFT_MSG_GETGEN again (as long as both generations differ or a reply has
 *	NLM_F_DUMP_INTR: begin anew); RTM_GETLINK, RTM_GETRULE (AF_INET, AF_INET6), RTM_GETQDISC;
 *	RTM_GETTFILTER for each interface at TC_H_ROOT, TC_H_INGRESS | TC_H_MIN_INGRESS and | TC_H_MIN_EGRESS
 * NLMSG_DONE and NLMSG_ERROR are left out. Of GETGEN at least one answer is kept.
 */
#define RECORD_PROGRAM_NAME 16u

struct record_program {			/* body of RECORD_PROGRAM; host order */
	uint32_t id;			/* of the program */
	uint32_t type;			/* BPF_PROG_TYPE_* */
	uint32_t attach;		/* BPF_* of its link or its query */
	uint32_t index;			/* interface; 0 none */
	char name[RECORD_PROGRAM_NAME];	/* NUL-padded */
};

/* record_begin - a cursor at the first record; tripped when the magic is missing */
struct cursor record_begin(const void *bytes, size_t len);

/* record_next - Return: false at the end; c->tripped when it is malformed */
bool record_next(struct cursor *c, struct record *r);

/* record_attr_next - the next attribute of a body or of a nested value. Return: as record_next */
bool record_attr_next(struct cursor *c, struct record_attr *a);

/* record_attr_find - the value of the first attribute of a type; tripped when there is none */
struct cursor record_attr_find(struct cursor body, uint16_t type);

/* record_text - a NUL-terminated text, or NULL when it is not one */
const char *record_text(struct cursor value);

/* record_host16, record_host32 - host order, as rtnetlink and message headers have it */
uint16_t record_host16(struct cursor *c);
uint32_t record_host32(struct cursor *c);

#endif

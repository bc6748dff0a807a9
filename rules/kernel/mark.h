/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mark: the bits that the kernel's ruleset and the engine tell each other (contract C1).
 *
 * The conntrack mark is wholly ours and keeps class and verdict. The packet mark inside `forward`
 * carries the same plus facts of this packet toward the engine, and the verdict back.
 */
#ifndef RULES_KERNEL_MARK_H
#define RULES_KERNEL_MARK_H

#include <stdint.h>

#define MARK_CLASS 0x0000ffffu		/* class number, 1 to 65534; 0 none */
#define MARK_VERDICT 0x00070000u	/* enum mark_verdict << 16 */
#define MARK_DECISION (MARK_CLASS | MARK_VERDICT)
#define MARK_REPLY 0x00080000u		/* kernel -> engine: against the opener's direction */
#define MARK_FIRST 0x00100000u		/* ... the entry is not confirmed yet: first packet */
#define MARK_RELATED 0x00200000u	/* ... an ICMP error about the flow whose class it carries */
#define MARK_OPEN 0x00400000u		/* ... queued in the open group */
#define MARK_SLOT 0x0f000000u		/* fallback only: queue slot << 24 */
#define MARK_SLOT_SHIFT 24
#define MARK_MUST 0x40000000u		/* has to be seen by an engine */
#define MARK_SEEN 0x80000000u		/* engine -> kernel: it was */

enum mark_verdict {
	MARK_UNDECIDED = 0,	/* no opinion yet: the flow's next packet comes again */
	MARK_PASS = 1,		/* the flow leaves the queue */
	MARK_OFFLOAD = 2,	/* ... and may enter the flowtable */
	MARK_DROP = 3,
	MARK_RESET = 4,		/* dropped; the sender of each packet gets a reset */
	MARK_IS_RESET = 5,	/* this packet is the reset made of the offending one: let it out, save RESET */
	MARK_ACKS = 6,		/* as UNDECIDED, and TCP without payload comes too, which else need not be seen */
};

static inline uint32_t mark_of(enum mark_verdict v, uint16_t class_number)
{
	return MARK_SEEN | (uint32_t)v << 16 | class_number;
}

/* Queue numbers: engine i reads queue i (closed group) and 16 + i (open group). */
#define QUEUE_OPEN_OFFSET 16u
#define QUEUES_MAX 16u
#define NFLOG_GROUP 5u

/* Who opens the injector's raw sockets: the chain `output` knows them by it. Nobody's: Debian keeps 30000 to 59999. */
#define INJECTOR_UID 59853u

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may touch packets and stands in no table of nft. Most kernels tell only some of it.
 */
#include "daemon/kernel/dump_part.h"
#include "rules/kernel/readback/record.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_cthelper.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of kernels newer than the headers that we may be built with. */
#define LINK_NETFILTER 10u    /* BPF_LINK_TYPE_NETFILTER, Linux 6.4 */
#define PROGRAM_NETFILTER 32u /* BPF_PROG_TYPE_NETFILTER */
#define ATTACH_NETFILTER 45u  /* BPF_NETFILTER */
#define TCX_INGRESS 46u       /* BPF_TCX_INGRESS, Linux 6.6; after it egress */
#define PROGRAMS_MAX 64u      /* at one place; the kernel allows as many */
#define LINKS_MAX 65536u      /* BPF links of the machine that are looked through */

/* ---- nfnetlink ---- */

static bool cannot_tell(int e)
{
	return e == -EINVAL || e == -EOPNOTSUPP || e == -ENOENT || e == -EPROTONOSUPPORT;
}

/* Dumps of conntrack are told anew when they were interrupted; an unlucky one is taken as it is. */
static int ask_nf(struct dump_run *r, uint8_t subsys, uint8_t type, uint8_t family)
{
	int e = -EAGAIN;

	for (unsigned int i = 0; e == -EAGAIN && i < DUMP_TRIES; i++) {
		dump_begin_nf(r, subsys, type, NLM_F_DUMP, family);
		e = dump_ask(r, r->d->netfilter);
	}
	return e;
}

static int read_hook(struct dump_run *r, uint8_t family, uint32_t hook)
{
	dump_begin_nf(r, NFNL_SUBSYS_HOOK, NFNL_MSG_HOOK_GET, NLM_F_DUMP, family);
	netlink_put_be32(&r->w, NFNLA_HOOK_HOOKNUM, hook);
	return dump_ask(r, r->d->netfilter);
}

static int read_hooks(struct dump_run *r)
{
	static const struct {
		uint8_t family;
		uint32_t hooks;
	} places[] = { { NFPROTO_IPV4, NF_INET_NUMHOOKS },
		       { NFPROTO_IPV6, NF_INET_NUMHOOKS },
		       { NFPROTO_BRIDGE, NF_INET_NUMHOOKS } };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		for (uint32_t hook = 0; hook < places[i].hooks; hook++) {
			const int e = read_hook(r, places[i].family, hook);

			if (e < 0 && i == 0 && cannot_tell(e))
				return dump_hidden(r, "nfnetlink_hook");
			if (e < 0 && !cannot_tell(e))
				return e;
		}
	}
	return 0;
}

int dump_hooks(struct dump_run *r)
{
	int e = read_hooks(r);

	if (e == 0)
		e = ask_nf(r, NFNL_SUBSYS_CTNETLINK_EXP, IPCTNL_MSG_EXP_GET, NFPROTO_UNSPEC);
	if (cannot_tell(e))
		e = 0; /* without the module there are none */
	if (e == 0)
		e = ask_nf(r, NFNL_SUBSYS_CTHELPER, NFNL_MSG_CTHELPER_GET, NFPROTO_UNSPEC);
	return cannot_tell(e) ? 0 : e;
}

/* ---- BPF ---- */

static int bpf_call(int command, void *attr, unsigned int size)
{
	return (int)syscall(SYS_bpf, command, attr, size);
}

/* What is attached to an interface beside XDP and tc, which rtnetlink tells: asked for by CAP_NET_ADMIN alone. */
static int read_tcx(struct dump_run *r, uint32_t index, const char *name)
{
	uint32_t ids[PROGRAMS_MAX] = { 0 };
	int e = 0;

	(void)name;
	for (uint32_t side = 0; side < 2 && e == 0; side++) {
		union bpf_attr a = { 0 };

		a.query.target_fd = index;
		a.query.attach_type = TCX_INGRESS + side;
		a.query.prog_ids = (uint64_t)(uintptr_t)ids;
		a.query.prog_cnt = PROGRAMS_MAX;
		if (bpf_call(BPF_PROG_QUERY, &a, sizeof a.query) < 0)
			return errno == EPERM ? dump_hidden(r, "bpf tcx programs") : 0;
		for (uint32_t i = 0; e == 0 && i < a.query.prog_cnt && i < PROGRAMS_MAX; i++) {
			const struct record_program p = { .id = ids[i],
							  .type = BPF_PROG_TYPE_SCHED_CLS,
							  .attach = TCX_INGRESS + side,
							  .index = index };

			e = dump_put(r, RECORD_PROGRAM, &p, sizeof p);
		}
	}
	return e;
}

/* struct bpf_link_info begins with type, id, program. */
static int read_bpf_link(struct dump_run *r, uint32_t id)
{
	uint32_t info[32] = { 0 };
	union bpf_attr a = { 0 };

	a.link_id = id;
	const int fd = bpf_call(BPF_LINK_GET_FD_BY_ID, &a, sizeof a);

	if (fd < 0)
		return 0; /* it has gone */
	memset(&a, 0, sizeof a);
	a.info.bpf_fd = (uint32_t)fd;
	a.info.info_len = sizeof info;
	a.info.info = (uint64_t)(uintptr_t)info;
	const int told = bpf_call(BPF_OBJ_GET_INFO_BY_FD, &a, sizeof a);

	close(fd);
	if (told < 0 || info[0] != LINK_NETFILTER)
		return 0;
	const struct record_program p = { .id = info[2],
					  .type = PROGRAM_NETFILTER,
					  .attach = ATTACH_NETFILTER };

	return dump_put(r, RECORD_PROGRAM, &p, sizeof p);
}

/* Only root may look at these, and they do not say which network namespace they are of. */
static int read_bpf_links(struct dump_run *r)
{
	union bpf_attr a = { 0 };
	int e = 0;

	for (uint32_t n = 0; e == 0 && n < LINKS_MAX; n++) {
		const uint32_t id = a.next_id;

		memset(&a, 0, sizeof a);
		a.start_id = id;
		if (bpf_call(BPF_LINK_GET_NEXT_ID, &a, sizeof a) < 0)
			return errno == ENOENT ? 0 : dump_hidden(r, "bpf netfilter programs");
		e = read_bpf_link(r, a.next_id);
	}
	return e;
}

int dump_programs(struct dump_run *r, size_t from)
{
	const int e = dump_each_link(r, from, read_tcx);

	return e < 0 ? e : read_bpf_links(r);
}

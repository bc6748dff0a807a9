/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NET_ADMIN (1u << CAP_NET_ADMIN)

/* ---- capabilities ---- */

static int set_capabilities(uint32_t mask)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct d[2] = {
		{ .effective = mask, .permitted = mask, .inheritable = mask }
	};

	return syscall(SYS_capset, &h, d) < 0 ? -errno : 0;
}

static uint32_t effective_capabilities(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { 0 };

	return syscall(SYS_capget, &h, d) < 0 ? 0 : d[0].effective;
}

bool confine_capable(void)
{
	return effective_capabilities() & NET_ADMIN;
}

/* Needs CAP_SETPCAP; without it the bounding set is what systemd made of it. */
static void drop_bounding(uint32_t keep)
{
	for (unsigned long c = 0; c <= CAP_LAST_CAP; c++) {
		if (c >= 32 || !(keep & 1u << c))
			prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
	}
}

static int become(const struct passwd *who)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || initgroups(who->pw_name, who->pw_gid) < 0 ||
	    setresgid(who->pw_gid, who->pw_gid, who->pw_gid) < 0 ||
	    setresuid(who->pw_uid, who->pw_uid, who->pw_uid) < 0)
		return -errno;
	return 0;
}

int confine_user(const char *name)
{
	const struct passwd *who = name && *name ? getpwnam(name) : NULL;
	int r = 0;

	drop_bounding(NET_ADMIN);
	if (who && geteuid() == 0)
		r = become(who);
	if (r == 0)
		r = set_capabilities(NET_ADMIN);
	if (r == 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) < 0)
		r = -errno;
	return r;
}

int confine_start(bool net_admin)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	drop_bounding(0);
	return set_capabilities(net_admin ? NET_ADMIN : 0);
}

/* ---- system calls ---- */

#define ENGINE (1u << CONFINE_ENGINE)
#define WATCHER (1u << CONFINE_WATCHER)
#define RECORDER (1u << CONFINE_RECORDER)
#define VERIFIER (1u << CONFINE_VERIFIER)
#define INJECTOR (1u << CONFINE_INJECTOR)
#define OTHERS \
	(ENGINE | WATCHER | RECORDER | \
	 VERIFIER) /* what the injector does not need, or may only in one form */
#define ALL (OTHERS | INJECTOR)

/* What each role may call; mmap and mprotect are added without PROT_EXEC. */
static const struct {
	int call;
	unsigned int roles;
} allowed[] = {
	{ SCMP_SYS(read), ALL },
	{ SCMP_SYS(write), ALL },
	{ SCMP_SYS(close), ALL },
	{ SCMP_SYS(recvfrom), ALL },
	{ SCMP_SYS(recvmsg), ALL },
	{ SCMP_SYS(recvmmsg), OTHERS },
	{ SCMP_SYS(sendto), OTHERS },
	{ SCMP_SYS(sendmsg), OTHERS },
	{ SCMP_SYS(epoll_wait), ALL },
	{ SCMP_SYS(epoll_pwait), ALL },
	{ SCMP_SYS(epoll_ctl), ALL },
	{ SCMP_SYS(timerfd_create), ALL },
	{ SCMP_SYS(timerfd_settime), ALL },
	{ SCMP_SYS(brk), ALL },
	{ SCMP_SYS(munmap), ALL },
	{ SCMP_SYS(mremap), OTHERS },
	{ SCMP_SYS(madvise), ALL },
	{ SCMP_SYS(clock_gettime), ALL },
	{ SCMP_SYS(gettimeofday), OTHERS },
	{ SCMP_SYS(time), OTHERS },
	{ SCMP_SYS(getrandom), OTHERS },
	{ SCMP_SYS(getpid), ALL },
	{ SCMP_SYS(gettid), ALL },
	{ SCMP_SYS(futex), ALL },
	{ SCMP_SYS(fstat), OTHERS },
	{ SCMP_SYS(newfstatat), OTHERS },
	{ SCMP_SYS(lseek), OTHERS },
	{ SCMP_SYS(fcntl), OTHERS },
	{ SCMP_SYS(rt_sigreturn), ALL },
	{ SCMP_SYS(rt_sigprocmask), ALL },
	{ SCMP_SYS(rt_sigaction), ALL },
	{ SCMP_SYS(restart_syscall), ALL },
	{ SCMP_SYS(exit), ALL },
	{ SCMP_SYS(exit_group), ALL },
	{ SCMP_SYS(clock_nanosleep), WATCHER | RECORDER },
	{ SCMP_SYS(openat), RECORDER },
	{ SCMP_SYS(fdatasync), RECORDER },
	{ SCMP_SYS(fsync), RECORDER },
	{ SCMP_SYS(fchmod), RECORDER },
	{ SCMP_SYS(ftruncate), RECORDER },
	{ SCMP_SYS(poll), VERIFIER },
	{ SCMP_SYS(pread64), ENGINE | RECORDER | VERIFIER },
	{ SCMP_SYS(pwrite64), RECORDER },
	{ SCMP_SYS(rename), RECORDER },
	{ SCMP_SYS(unlink), RECORDER },
};

/* Nothing in our own code leads here after the start: whoever calls it is an intruder. */
static const int deadly[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(clone),
	SCMP_SYS(clone3),
	SCMP_SYS(socket),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(bpf),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(keyctl),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(mount),
	SCMP_SYS(kill),
	SCMP_SYS(capset),
	SCMP_SYS(setuid),
	SCMP_SYS(setresuid),
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Files to read, and the one question of bpf(2) that changes nothing. */
static int add_verifier(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp read_only =
		SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY);
	const struct scmp_arg_cmp query = SCMP_A0(SCMP_CMP_EQ, BPF_PROG_QUERY);
	const int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, read_only);

	return r < 0 ? r : seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(bpf), 1, query);
}

/* An intruder's call; but those that a role may make in one form fail in every other with EPERM. */
static int add_deadly(scmp_filter_ctx f, enum confine_role role)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(deadly); i++) {
		if (deadly[i] != SCMP_SYS(bpf) || role != CONFINE_VERIFIER)
			r = seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
	}
	return r;
}

static int add_rules(scmp_filter_ctx f, enum confine_role role)
{
	const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec);

	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec);
	for (size_t i = 0; r == 0 && i < COUNT(allowed); i++) {
		if (allowed[i].roles & 1u << role)
			r = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i].call, 0);
	}
	if (r == 0)
		r = add_deadly(f, role);
	if (r == 0 && role == CONFINE_VERIFIER)
		r = add_verifier(f);
	if (r == 0 && role != CONFINE_RECORDER && role != CONFINE_VERIFIER)
		r = seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(openat), 0);
	if (r == 0 && role != CONFINE_RECORDER)
		r = seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(open), 0);
	return r;
}

/* What the injector may send by. */
struct outlets {
	const int *raw;
	int ipc;
};

static int add_outlets(scmp_filter_ctx f, const struct outlets *o)
{
	int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(sendmsg), 1,
				 SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)o->ipc));

	for (int i = 0; r == 0 && i < 2; i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1,
				     SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)o->raw[i]));
	return r;
}

static int confine(enum confine_role role, const struct outlets *o)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = f ? 0 : -ENOMEM;

#ifdef __SANITIZE_ADDRESS__ /* the sanitizer's own runtime needs more when it reports */
	seccomp_release(f);
	(void)role;
	(void)o;
	return r;
#endif
	if (r == 0)
		r = seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE,
				     2); /* binary tree: fewer steps a call */
	if (r == 0)
		r = add_rules(f, role);
	if (r == 0 && o)
		r = add_outlets(f, o);
	if (r == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	return r;
}

int confine_calls(enum confine_role role)
{
	return confine(role, NULL);
}

int confine_injector(const int raw[static 2], int ipc)
{
	return confine(CONFINE_INJECTOR, &(struct outlets){ raw, ipc });
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/features.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/kernel/command.h"
#include "rules/policy.h"
#include "rules/text.h"

#define SECONDS 30 /* for one program */

static int try_nft(const char *rules)
{
	static const char *const argv[] = { "nft", "-c", "-f", "-", NULL };

	return command_run(argv, rules, strlen(rules), NULL, NULL, SECONDS);
}

int features_queue(bool *native)
{
	int queue = try_nft("table inet sekimori_probe { chain c { queue to 0; }; }\n");

	if (queue < 0)
		return queue;
	*native = queue == 0;
	if (*native || try_nft("table inet sekimori_probe { chain c { accept; }; }\n") == 0)
		return 0;
	return -EPERM;
}

bool features_flowtable(void)
{
	return try_nft("table inet sekimori_probe { flowtable f { hook ingress priority 0; "
		       "devices = { lo }; }; chain c { flow add @f; }; }\n") == 0;
}

bool features_devices(const struct policy *p)
{
	for (uint32_t z = 0; z < p->zones_count; z++) {
		struct span s = p->zones[z].interfaces;

		for (uint32_t i = s.first; i < s.first + s.count; i++)
			if (if_nametoindex(policy_string(p, p->words[i])) == 0)
				return false;
	}
	return true;
}

/* --- the fallback's rules --------------------------------------------------------------------- */

/* Only what has to be seen goes there (MARK_MUST): all else meets one rule. */
#define MUST "0x40000000/0x40000000"
#define JUMP "-A FORWARD -m mark --mark " MUST " -j SEKIMORI\n"

static const struct xtables {
	const char *save[4], *restore[4], *jump[11];
} families[] = {
	{ { "iptables-nft-save", "-t", "filter", NULL },
	  { "iptables-nft-restore", "-w", "-n", NULL },
	  { "iptables-nft", "-w", "-I", "FORWARD", "-m", "mark", "--mark", MUST, "-j", "SEKIMORI",
	    NULL } },
	{ { "ip6tables-nft-save", "-t", "filter", NULL },
	  { "ip6tables-nft-restore", "-w", "-n", NULL },
	  { "ip6tables-nft", "-w", "-I", "FORWARD", "-m", "mark", "--mark", MUST, "-j", "SEKIMORI",
	    NULL } },
};

static int run(const char *const argv[], const char *input, struct text *out, struct text *err)
{
	int r = command_run(argv, input, strlen(input), out, err, SECONDS);

	return r > 0 ? -EIO : r;
}

/* Every rule that should be there is printed back, and no other: iptables prints what it was told. */
static bool same_rules(const char *wanted, const char *listed)
{
	unsigned int want = 0, have = 0;

	for (const char *w = wanted; (w = strstr(w, "-A SEKIMORI ")); w++) {
		size_t n = strcspn(w, "\n");

		want++;
		for (const char *l = listed; (l = strstr(l, "-A SEKIMORI ")); l++)
			if (strcspn(l, "\n") == n && memcmp(l, w, n) == 0) {
				have++;
				break;
			}
	}
	for (const char *l = listed; (l = strstr(l, "-A SEKIMORI ")); l++)
		want--;
	return have > 0 && want == 0;
}

static bool first_jump(const char *listed)
{
	const char *rule = strstr(listed, "-A FORWARD ");

	return rule && strncmp(rule, JUMP, sizeof(JUMP) - 1) == 0;
}

static int one_family(const struct xtables *x, const char *rules, bool *changed, struct text *err)
{
	struct text saved = { 0 };
	int r = run(x->save, "", &saved, err);
	const char *listed = saved.bytes ? saved.bytes : "";
	bool same = same_rules(rules, listed), entered = first_jump(listed);

	if (r == 0 && !same)
		r = run(x->restore, rules, NULL, err);
	if (r == 0 && !entered)
		r = run(x->jump, "", NULL, err);
	*changed |= !same || !entered;
	text_done(&saved);
	return r;
}

int features_slots(const char *rules, bool *changed, struct text *err)
{
	int r = 0;

	*changed = false;
	for (size_t i = 0; r == 0 && i < sizeof(families) / sizeof(families[0]); i++)
		r = one_family(&families[i], rules, changed, err);
	return r;
}

/* --- settings --------------------------------------------------------------------------------- */

/*
 * Events and times before anything is forwarded, so that no conversation begins unseen. Sources are
 * judged by the ruleset (from_ZONE), which rp_filter knows nothing of: it would drop what comes in by
 * the second interface of a zone. Forwarding comes last.
 */
static const struct setting {
	const char *path, *value;
} settings[] = {
	{ "net/netfilter/nf_conntrack_acct", "1" },
	{ "net/netfilter/nf_conntrack_events", "1" },
	{ "net/netfilter/nf_conntrack_timestamp", "1" },
	{ "net/netfilter/nf_conntrack_tcp_loose", "1" },
	{ "net/ipv4/conf/all/rp_filter", "0" },
	{ "net/ipv4/conf/default/rp_filter", "0" },
	{ "net/ipv4/conf/all/send_redirects", "0" },
	{ "net/ipv4/conf/default/send_redirects", "0" },
	{ "net/ipv4/conf/all/accept_redirects", "0" },
	{ "net/ipv6/conf/all/accept_redirects", "0" },
	{ "net/ipv4/conf/all/accept_source_route", "0" },
	{ "net/ipv4/ip_forward", "1" },
	{ "net/ipv6/conf/all/forwarding", "1" },
};

static const struct setting of_interface[] = {
	{ "rp_filter", "0" },
	{ "send_redirects", "0" },
	{ "accept_redirects", "0" },
};

static bool is_set(const char *path, const char *value)
{
	char now[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, now, sizeof(now) - 1);

	if (fd >= 0)
		close(fd);
	now[n > 0 ? n : 0] = '\0';
	now[strcspn(now, "\n")] = '\0';
	return strcmp(now, value) == 0;
}

/* Return: 1 changed, 0 it was so, -errno */
static int set(const char *path, const char *value)
{
	if (is_set(path, value))
		return 0;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int r = write(fd, value, strlen(value)) < 0 ? -errno : 1;

	close(fd);
	return r;
}

static void set_one(const char *name, const char *value,
		    void (*told)(void *, const char *, const char *, bool), void *ctx)
{
	char path[160];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	int r = set(path, value);

	if (r != 0 && r != -ENOENT) /* a kernel without it needs none */
		told(ctx, name, value, r < 0);
}

static void set_interface(const char *name, void (*told)(void *, const char *, const char *, bool),
			  void *ctx)
{
	char path[120];

	for (size_t i = 0; i < sizeof(of_interface) / sizeof(of_interface[0]); i++) {
		snprintf(path, sizeof(path), "net/ipv4/conf/%s/%s", name, of_interface[i].path);
		set_one(path, of_interface[i].value, told, ctx);
	}
}

void features_settings(const struct policy *p,
		       void (*told)(void *ctx, const char *path, const char *value, bool failed),
		       void *ctx)
{
	for (uint32_t z = 0; p && z < p->zones_count; z++) {
		struct span s = p->zones[z].interfaces;

		for (uint32_t i = s.first; i < s.first + s.count; i++)
			set_interface(policy_string(p, p->words[i]), told, ctx);
	}
	for (size_t i = 0; !p && i < sizeof(settings) / sizeof(settings[0]); i++)
		set_one(settings[i].path, settings[i].value, told, ctx);
}

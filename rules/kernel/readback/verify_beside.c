/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify_beside: what a kernel does with packets beside nf_tables: settings, interfaces, programs, traffic control.
 */
#include <ctype.h>
#include <string.h>

#include <linux/bpf.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "rules/kernel/readback/record.h"
#include "rules/kernel/readback/verify_parts.h"
#include "rules/policy.h"

#define UNKNOWN_LINKS_MAX 20u

/* ---- files ---- */

#define FILE_(path, value) { path, value },
static const struct {
	const char *path, *value;
} files[] = { RECORD_FILES(FILE_) };
#define FILES (sizeof(files) / sizeof(files[0]))

/* Of a file: its name, and what stood in it up to the last character that is no blank. */
struct content {
	const char *path;
	const char *bytes;
	int len;
};

static bool read_content(struct cursor body, struct content *out)
{
	const uint8_t *end = body.left ? memchr(body.at, '\0', body.left) : NULL;

	if (!end || body.left > 1 << 20)
		return false;
	out->path = (const char *)body.at;
	out->bytes = (const char *)end + 1;
	out->len = (int)(body.left - (size_t)(end + 1 - body.at));
	while (out->len > 0 && isspace((unsigned char)out->bytes[out->len - 1]))
		out->len--;
	return true;
}

static void sysctl(struct verifier *v, const struct content *c)
{
	struct verify_finding *f = verify_add(v, VERIFY_SYSCTL);

	verify_word(f, 0, "%s", c->path);
	verify_word(f, 1, "%.*s", c->len > 40 ? 40 : c->len, c->bytes);
}

/* iptables-legacy has tables once it has been used at all. */
static void legacy(struct verifier *v, const struct content *c)
{
	struct verify_finding *f;

	if (c->len == 0)
		return;
	f = verify_add(v, VERIFY_LEGACY_TABLES);
	verify_word(f, 0, "%s", c->path);
	verify_word(f, 1, "%.*s",
		    (int)strcspn(c->bytes, "\n") < c->len ? (int)strcspn(c->bytes, "\n") : c->len,
		    c->bytes);
}

/* A helper assigned by port, as kernels before 6.0 could do by themselves. */
static void helper(struct verifier *v, const struct content *c)
{
	if (c->len != 1 || c->bytes[0] != '0')
		sysctl(v, c);
}

/* The table of services begins with three lines of heading. */
static void services(struct verifier *v, const struct content *c)
{
	int lines = 1;
	struct verify_finding *f;

	for (int i = 0; i < c->len; i++)
		lines += c->bytes[i] == '\n';
	if (lines <= 3)
		return;
	f = verify_add(v, VERIFY_PROGRAM);
	verify_word(f, 0, "IPVS");
	verify_word(f, 1, "%s", c->path);
}

static const struct {
	const char *path;
	void (*look)(struct verifier *v, const struct content *c);
} looks[] = {
	{ "/proc/sys/net/netfilter/nf_conntrack_helper", helper },
	{ "/proc/net/ip_tables_names", legacy },
	{ "/proc/net/ip6_tables_names", legacy },
	{ "/proc/net/ip_vs", services },
};

static void scan_file(struct verifier *v, struct cursor body, bool *told)
{
	struct content c;

	if (!read_content(body, &c))
		return;
	for (size_t i = 0; i < FILES; i++) {
		if (strcmp(c.path, files[i].path) != 0)
			continue;
		told[i] = true;
		if (files[i].value[0] && (c.len != 1 || c.bytes[0] != files[i].value[0]))
			sysctl(v, &c);
	}
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (strcmp(c.path, looks[i].path) == 0)
			looks[i].look(v, &c);
}

/* ---- programs and traffic control ---- */

static const char *link_named(const struct verifier *v, uint32_t index)
{
	for (uint32_t i = 1; index && i < v->links.count; i++)
		if (v->links.at[i].index == index)
			return v->links.at[i].name;
	return "?";
}

/* Kinds of programs that packets of others meet; those of control groups see local sockets only. */
static const struct {
	uint32_t type;
	const char *word;
} programs[] = {
	{ BPF_PROG_TYPE_SCHED_CLS, "tc classifier" },
	{ BPF_PROG_TYPE_SCHED_ACT, "tc action" },
	{ BPF_PROG_TYPE_XDP, "XDP" },
	{ BPF_PROG_TYPE_LWT_IN, "lwt" },
	{ BPF_PROG_TYPE_LWT_OUT, "lwt" },
	{ BPF_PROG_TYPE_LWT_XMIT, "lwt" },
	{ BPF_PROG_TYPE_FLOW_DISSECTOR, "flow dissector" },
	{ 32 /* BPF_PROG_TYPE_NETFILTER, Linux 6.4 */, "netfilter" },
};

static void scan_program(struct verifier *v, struct cursor body)
{
	struct record_program x;
	const uint8_t *bytes = cursor_take(&body, sizeof(x));

	if (!bytes)
		return;
	memcpy(&x, bytes, sizeof(x));
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (programs[i].type != x.type)
			continue;
		struct verify_finding *f = verify_add(v, VERIFY_PROGRAM);

		verify_word(f, 0, "%s %.*s", programs[i].word, (int)RECORD_PROGRAM_NAME, x.name);
		verify_word(f, 1, "%.*s", (int)LINK_NAME, link_named(v, x.index));
	}
}

static void scan_hidden(struct verifier *v, struct cursor body)
{
	const char *name = record_text(body);

	verify_word(verify_add(v, VERIFY_HIDDEN), 0, "%s", name ? name : "?");
}

static void scan_filter(struct verifier *v, struct cursor body)
{
	cursor_skip(&body, 4);
	uint32_t index = record_host32(&body);

	cursor_skip(&body, 12);
	const char *kind = record_text(record_attr_find(body, TCA_KIND));
	struct verify_finding *f = verify_add(v, VERIFY_TRAFFIC_CONTROL);

	verify_word(f, 0, "%.*s", (int)LINK_NAME, link_named(v, index));
	verify_word(f, 1, "%s", kind ? kind : "?");
}

/* ---- routing ---- */

static void scan_routing(struct verifier *v, struct cursor body)
{
	static const uint32_t usual[] = { 0, 32766, 32767 };

	cursor_skip(&body, sizeof(struct fib_rule_hdr));
	struct cursor c = record_attr_find(body, FRA_PRIORITY);
	uint32_t priority = c.tripped ? 0 : record_host32(&c);

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (usual[i] == priority)
			return;
	verify_word(verify_add(v, VERIFY_ROUTING_RULE), 0, "%u", priority);
}

/* ---- interfaces ---- */

static void scan_zone_link(struct verifier *v, const char *name)
{
	const struct link *x = &v->links.at[devices_find(&v->links, name)];
	struct verify_finding *f;

	if (!x->exists) {
		verify_word(verify_add(v, VERIFY_LINK_MISSING), 0, "%s", name);
		return;
	}
	if (!x->master)
		return;
	f = verify_add(v, VERIFY_BRIDGE);
	verify_word(f, 0, "%s", name);
	verify_word(f, 1, "%.*s", (int)LINK_NAME, link_named(v, x->master));
}

static void scan_zones(struct verifier *v)
{
	for (uint32_t z = 0; v->p && z < v->p->zones_count; z++) {
		struct span s = v->p->zones[z].interfaces;

		for (uint32_t i = s.first; i < s.first + s.count; i++)
			scan_zone_link(v, policy_string(v->p, v->p->words[i]));
	}
}

static void scan_link(struct verifier *v, const struct link *x, uint32_t *unknown)
{
	char name[LINK_NAME + 1] = { 0 };

	memcpy(name, x->name, LINK_NAME);
	if (x->xdp) {
		struct verify_finding *f = verify_add(v, VERIFY_PROGRAM);

		verify_word(f, 0, "XDP");
		verify_word(f, 1, "%s", name);
	}
	if (v->p && strcmp(name, "lo") != 0 &&
	    policy_zone_of_interface(v->p, name) == POLICY_NONE && (*unknown)++ < UNKNOWN_LINKS_MAX)
		verify_word(verify_add(v, VERIFY_LINK_UNKNOWN), 0, "%s", name);
}

static void scan_links(struct verifier *v)
{
	uint32_t exist = 0, unknown = 0;

	for (uint32_t i = 1; i < v->links.count; i++) {
		if (!v->links.at[i].exists)
			continue;
		exist++;
		scan_link(v, &v->links.at[i], &unknown);
	}
	if (exist == 0)
		verify_word(verify_add(v, VERIFY_NOT_TOLD), 0, "any interface");
	else
		scan_zones(v);
}

void verify_beside(struct verifier *v)
{
	struct cursor c = record_begin(v->bytes, v->len);
	struct record rec;
	bool told[FILES] = { false };

	while (record_next(&c, &rec)) {
		switch (rec.type) {
		case RECORD_FILE: scan_file(v, rec.body, told); break;
		case RECORD_PROGRAM: scan_program(v, rec.body); break;
		case RECORD_HIDDEN: scan_hidden(v, rec.body); break;
		case RTM_NEWTFILTER: scan_filter(v, rec.body); break;
		case RTM_NEWRULE: scan_routing(v, rec.body); break;
		}
	}
	for (size_t i = 0; i < FILES; i++)
		if (files[i].value[0] && !told[i])
			verify_word(verify_add(v, VERIFY_NOT_TOLD), 0, "%s", files[i].path);
	scan_links(v);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/loaded.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "daemon/content/scan/scan.h"
#include "daemon/content/scan/shared.h"
#include "daemon/inspect.h"

#define FTP_PORT 21

/* What a policy calls by one name and nDPI by several. */
static const struct {
	const char *word, *ndpi;
} also[] = {
	{ "HTTP", "HTTP_Proxy" }, { "HTTP", "HTTP_Connect" },    { "FTP", "FTP_CONTROL" },
	{ "FTP", "FTP_DATA" },    { "FTP_CONTROL", "FTP_DATA" }, { "SMB", "SMBv1" },
	{ "SMB", "SMBv23" },      { "SMTP", "SMTPS" },
};

static bool bind_one(struct loaded *l, struct inspect *in, const char *name, uint64_t bit)
{
	uint16_t number;

	if (inspect_app_named(in, name, &number))
		return false;
	l->bits[number] |= bit;
	return true;
}

bool loaded_knows(struct inspect *in, const char *name)
{
	uint16_t number;

	for (size_t i = 0; i < sizeof(also) / sizeof(also[0]); i++)
		if (strcasecmp(also[i].word, name) == 0)
			return true;
	return inspect_app_named(in, name, &number) == 0;
}

static int bind_applications(struct loaded *l, struct inspect *in, char why[static 160])
{
	const struct policy *p = l->policy;

	for (uint32_t i = 0; i < p->apps_count; i++) {
		const char *name = policy_string(p, p->apps[i]);
		uint64_t bit = (uint64_t)1 << i;
		bool found = bind_one(l, in, name, bit);

		for (size_t k = 0; k < sizeof(also) / sizeof(also[0]); k++)
			if (strcasecmp(also[k].word, name) == 0)
				found |= bind_one(l, in, also[k].ndpi, bit);
		if (!found) {
			snprintf(why, 160, "application \"%.64s\" is not known to %s", name,
				 inspect_library());
			return -ENOENT;
		}
	}
	return 0;
}

static void bind_own(struct loaded *l, struct inspect *in)
{
	uint16_t number;

	for (int i = 0; i < KNOWN_COUNT; i++)
		if (recognised_applications[i] &&
		    !inspect_app_named(in, recognised_applications[i], &number))
			l->own[i] = l->bits[number];
}

static bool statement_ftp(const struct policy *p, const struct statement *s)
{
	for (uint32_t i = s->services.first; i < s->services.first + s->services.count; i++)
		if (p->services[p->refs[i]].ftp)
			return true;
	return false;
}

static void add_traits(const struct policy *p, const struct statement *s, struct class_traits *t)
{
	bool permit = s->type == STATEMENT_PERMIT;

	t->names |= s->names.count > 0;
	t->ftp |= permit && statement_ftp(p, s);
	t->ftp_only &= s->type == STATEMENT_DENY || (permit && statement_ftp(p, s));
	t->directed |= permit && s->direction != DIRECTION_BOTH;
	t->download |= permit && s->direction == DIRECTION_DOWNLOAD;
	if (permit && (s->until || s->window != POLICY_NONE))
		t->offload = false;
}

static void find_traits(struct loaded *l)
{
	const struct policy *p = l->policy;

	for (uint32_t c = 0; c < p->classes_count; c++) {
		struct span m = p->classes[c].members;
		struct class_traits *t = &l->traits[c];

		t->offload = p->classes[c].joined.offload;
		t->content =
			p->classes[c].joined.inspect == INSPECT_CONTENT && p->classes[c].queued;
		t->ftp_only = true;
		for (uint32_t i = m.first; i < m.first + m.count; i++)
			add_traits(p, &p->statements[p->refs[i]], t);
		t->offload &= !t->ftp;
		t->ftp_only &= t->ftp;
	}
}

static void bind_classes(struct loaded *l, const uint16_t *numbers)
{
	for (uint32_t n = 0; n < 65536; n++)
		l->by_number[n] = POLICY_NONE;
	for (uint32_t c = 0; c < l->policy->classes_count; c++) {
		l->numbers[c] = numbers ? numbers[c] : (uint16_t)(c + 1);
		if (l->numbers[c])
			l->by_number[l->numbers[c]] = c;
	}
}

static bool wants_content(const struct loaded *l)
{
	for (uint32_t c = 0; c < l->policy->classes_count; c++)
		if (l->traits[c].content)
			return true;
	return false;
}

static int bind_words(struct loaded *l, struct charsets *charsets, char why[static 160])
{
	struct scan_set *set;

	if (!charsets || !wants_content(l)) /* who only asks what the policy says scans nothing */
		return 0;
	set = scan_set_new(l->policy, charsets, why);
	if (!set)
		return -ENOENT;
	l->scan = scan_share(set);
	return l->scan ? 0 : -ENOMEM;
}

int loaded_new(const struct policy *p, const uint16_t *numbers, struct inspect *in,
	       struct charsets *charsets, struct loaded **out, char why[static 160])
{
	struct loaded *l = calloc(1, sizeof(*l));
	int r = -ENOMEM;

	if (!l)
		return r;
	l->policy = p;
	l->apps = inspect_app_count(in);
	l->traits = calloc(p->classes_count + 1u, sizeof(*l->traits));
	l->numbers = calloc(p->classes_count + 1u, sizeof(*l->numbers));
	l->by_number = calloc(65536, sizeof(*l->by_number));
	l->bits = calloc(l->apps + 1u, sizeof(*l->bits));
	if (l->traits && l->numbers && l->by_number && l->bits)
		r = bind_applications(l, in, why);
	if (r) {
		loaded_free(l);
		return r;
	}
	sha256_hex(p->hash, l->hash);
	bind_own(l, in);
	find_traits(l);
	bind_classes(l, numbers);
	r = bind_words(l, charsets, why);
	if (r) {
		loaded_free(l);
		return r;
	}
	*out = l;
	return 0;
}

void loaded_free(struct loaded *l)
{
	if (!l)
		return;
	scan_release(l->scan);
	free(l->traits);
	free(l->numbers);
	free(l->by_number);
	free(l->bits);
	free(l);
}

uint64_t loaded_bits(const struct loaded *l, const struct finding *f, enum recognised own)
{
	uint64_t bits = l->own[own];

	if (!f->confident)
		return bits;
	if (f->master < l->apps)
		bits |= l->bits[f->master];
	if (f->app < l->apps && !f->app_by_address)
		bits |= l->bits[f->app];
	return bits;
}

/* The control port is 21 where the service has it, else its first; every other TCP port is data. */
static bool service_data_port(const struct policy *p, const struct service *s, uint16_t port)
{
	uint16_t control = s->ports.count ? p->ports[s->ports.first].lo : FTP_PORT;
	bool inside = false;

	for (uint32_t i = s->ports.first; i < s->ports.first + s->ports.count; i++) {
		const struct port_range *r = &p->ports[i];

		if (r->protocol != IPPROTO_TCP)
			continue;
		if (r->lo <= FTP_PORT && FTP_PORT <= r->hi)
			control = FTP_PORT;
		inside |= r->lo <= port && port <= r->hi;
	}
	return inside && port != control;
}

bool loaded_ftp_data(const struct loaded *l, uint32_t class, uint16_t port)
{
	const struct policy *p = l->policy;
	struct span m = p->classes[class].members;

	for (uint32_t i = m.first; i < m.first + m.count; i++) {
		struct span services = p->statements[p->refs[i]].services;

		for (uint32_t k = services.first; k < services.first + services.count; k++) {
			const struct service *s = &p->services[p->refs[k]];

			if (s->ftp && service_data_port(p, s, port))
				return true;
		}
	}
	return false;
}

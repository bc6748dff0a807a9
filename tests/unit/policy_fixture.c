/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/policy_fixture.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "rules/jst.h"
#include "rules/sha256.h"

#define ROOM 512u

struct placed {
	uint32_t from, to;
	struct box box;
};

/* Every section with room for ROOM elements; `p` points into it. */
struct fixture {
	struct policy p;
	char strings[ROOM * 32];
	uint32_t words[ROOM], refs[ROOM], dates[ROOM], apps[ROOM];
	struct ip_range nets[ROOM];
	struct mac macs[ROOM];
	struct zone zones[ROOM];
	struct host hosts[ROOM];
	struct group groups[1];
	struct site sites[1];
	struct port_range ports[ROOM];
	struct service services[ROOM];
	struct window windows[ROOM];
	struct limit limits[ROOM];
	struct profile profiles[ROOM];
	struct endpoint endpoints[ROOM];
	struct statement statements[ROOM];
	struct statement disabled[1];
	struct accept_risk accepts[1];
	struct feed feeds[1];
	struct assertion assertions[1];
	struct class classes[ROOM];
	struct box boxes[ROOM];
	struct pair pairs[ROOM];
	struct placed placed[ROOM];
	uint32_t placed_count;
};

#define ADD(f, section) (assert((f)->p.section##_count < ROOM), (f)->p.section##_count++)

struct fixture *fixture_new(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert(f);
#define POINT_(name, type) f->p.name = f->name;
	POLICY_SECTIONS(POINT_)
#undef POINT_
	f->p.model = MODEL_LAB;
	f->p.strings_count = 1;
	return f;
}

void fixture_free(struct fixture *f)
{
	free(f);
}

uint32_t fixture_string(struct fixture *f, const char *s)
{
	uint32_t at = f->p.strings_count, n = (uint32_t)strlen(s) + 1;

	for (uint32_t i = 0; i < at; i += (uint32_t)strlen(f->strings + i) + 1)
		if (strcmp(f->strings + i, s) == 0)
			return i;
	assert(at + n <= sizeof(f->strings));
	memcpy(f->strings + at, s, n);
	f->p.strings_count += n;
	return at;
}

/* Calls `add` with each item of a list. */
static struct span each(struct fixture *f, const char *list, uint32_t *count,
			void (*add)(struct fixture *, const char *))
{
	struct span s = { *count, 0 };
	char *copy = strdup(list), *save = NULL;

	assert(copy);
	for (char *t = strtok_r(copy, ",", &save); t; t = strtok_r(NULL, ",", &save))
		add(f, t);
	free(copy);
	s.count = *count - s.first;
	return s;
}

static void add_word(struct fixture *f, const char *s)
{
	f->words[ADD(f, words)] = fixture_string(f, s);
}

static void add_net(struct fixture *f, const char *s)
{
	int r = ip_parse_range(s, &f->nets[ADD(f, nets)]);

	assert(r == 0);
	(void)r;
}

static void add_mac(struct fixture *f, const char *s)
{
	int r = mac_parse(s, f->macs[ADD(f, macs)].bytes);

	assert(r == 0);
	(void)r;
}

static void add_date(struct fixture *f, const char *s)
{
	int64_t t = 0;
	int r = jst_parse(s, &t, NULL);

	assert(r == 0);
	(void)r;
	f->dates[ADD(f, dates)] = (uint32_t)((t + JST_OFFSET) / 86400);
}

static uint32_t app_named(struct fixture *f, const char *name)
{
	uint32_t s = fixture_string(f, name);

	for (uint32_t i = 0; i < f->p.apps_count; i++)
		if (f->apps[i] == s)
			return i;
	f->apps[f->p.apps_count] = s;
	return ADD(f, apps);
}

static void add_app(struct fixture *f, const char *name)
{
	f->refs[ADD(f, refs)] = app_named(f, name);
}

uint32_t fixture_zone(struct fixture *f, const char *name, enum role role, const char *interfaces,
		      const char *nets)
{
	struct zone *z = &f->zones[f->p.zones_count];

	z->name = fixture_string(f, name);
	z->role = (uint8_t)role;
	z->interfaces = each(f, interfaces, &f->p.words_count, add_word);
	z->nets = each(f, nets, &f->p.nets_count, add_net);
	return ADD(f, zones);
}

struct zone *fixture_zone_at(struct fixture *f, uint32_t zone)
{
	return &f->zones[zone];
}

uint32_t fixture_host(struct fixture *f, const char *name, uint32_t zone, const char *nets,
		      const char *macs)
{
	struct host *h = &f->hosts[f->p.hosts_count];

	h->name = fixture_string(f, name);
	h->zone = zone;
	h->nets = each(f, nets, &f->p.nets_count, add_net);
	h->macs = each(f, macs, &f->p.macs_count, add_mac);
	return ADD(f, hosts);
}

uint32_t fixture_profile(struct fixture *f, const char *name, enum inspect_level inspect)
{
	struct profile *p = &f->profiles[f->p.profiles_count];

	p->name = fixture_string(f, name);
	p->inspect = (uint8_t)inspect;
	p->undecided = 4096;
	p->on_uninspectable = p->on_unknown_application = ACTION_ALERT;
	p->on_mismatch = ACTION_BLOCK;
	p->answer = ANSWER_RESET;
	p->log = LOG_ALL;
	return ADD(f, profiles);
}

struct profile *fixture_profile_at(struct fixture *f, uint32_t profile)
{
	return &f->profiles[profile];
}

void fixture_limit(struct fixture *f, uint32_t profile, struct limit limit)
{
	struct span *s = &f->profiles[profile].limits;

	if (s->count == 0)
		s->first = f->p.limits_count;
	assert(s->first + s->count == f->p.limits_count);
	s->count++;
	f->limits[ADD(f, limits)] = limit;
}

uint32_t fixture_window(struct fixture *f, uint8_t days, uint16_t from_minute, uint16_t to_minute,
			const char *holidays)
{
	struct window *w = &f->windows[f->p.windows_count];

	w->days = days;
	w->from_minute = from_minute;
	w->to_minute = to_minute;
	w->holidays = each(f, holidays, &f->p.dates_count, add_date);
	w->except_holidays = w->holidays.count > 0;
	return ADD(f, windows);
}

static uint32_t add_statement(struct fixture *f, const char *name, enum statement_type type)
{
	struct statement *s = &f->statements[f->p.statements_count];

	s->name = fixture_string(f, name);
	s->type = (uint8_t)type;
	s->profile = s->window = s->feed = POLICY_NONE;
	s->log = LOG_ALL;
	return ADD(f, statements);
}

uint32_t fixture_permit(struct fixture *f, const char *name, uint32_t profile)
{
	uint32_t i = add_statement(f, name, STATEMENT_PERMIT);

	f->statements[i].profile = profile;
	f->statements[i].kind = KIND_ORDINARY;
	return i;
}

uint32_t fixture_deny(struct fixture *f, const char *name)
{
	return add_statement(f, name, STATEMENT_DENY);
}

struct statement *fixture_statement_at(struct fixture *f, uint32_t statement)
{
	return &f->statements[statement];
}

void fixture_apps(struct fixture *f, uint32_t statement, const char *apps)
{
	f->statements[statement].applications = each(f, apps, &f->p.refs_count, add_app);
}

void fixture_names(struct fixture *f, uint32_t statement, const char *names)
{
	f->statements[statement].names = each(f, names, &f->p.words_count, add_word);
}

static void join(struct fixture *f, struct class *k, const struct statement *s)
{
	if (s->type == STATEMENT_DENY)
		return;
	if (k->denied)
		k->joined = f->profiles[s->profile];
	k->joined.name = k->joined.label = 0;
	k->denied = false;
	k->queued = k->joined.inspect != INSPECT_NONE;
	k->closed = k->joined.on_no_inspector == ACTION_DROP;
}

uint32_t fixture_class(struct fixture *f, unsigned int n, ...)
{
	struct class *k = &f->classes[f->p.classes_count];
	va_list ap;

	k->members.first = f->p.refs_count;
	k->denied = true;
	va_start(ap, n);
	for (; n > 0; n--) {
		uint32_t i = va_arg(ap, uint32_t);

		f->refs[ADD(f, refs)] = i;
		k->members.count++;
		join(f, k, &f->statements[i]);
	}
	va_end(ap);
	for (uint32_t i = k->members.first; i < f->p.refs_count;
	     i++) { /* by name, as a compiler would */
		const char *name = f->strings + f->statements[f->refs[i]].name;
		struct sha256 s;

		sha256_init(&s);
		sha256_add(&s, k->meaning, sizeof(k->meaning));
		sha256_add(&s, name, strlen(name));
		sha256_end(&s, k->meaning);
	}
	return ADD(f, classes);
}

struct class *fixture_class_at(struct fixture *f, uint32_t class)
{
	return &f->classes[class];
}

static struct ip_range range_of(const char *text)
{
	struct ip_range r = ip_all_v4();

	if (*text) {
		int e = ip_parse_range(text, &r);

		assert(e == 0);
		(void)e;
	}
	return r;
}

void fixture_box(struct fixture *f, uint32_t from, uint32_t to, const char *src, const char *dst,
		 uint8_t protocol, uint16_t lo, uint16_t hi, uint32_t class)
{
	struct placed *at = &f->placed[f->placed_count];
	bool icmp = protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;

	assert(f->placed_count++ < ROOM);
	at->from = from;
	at->to = to;
	at->box = (struct box){
		.src = range_of(src),
		.dst = range_of(dst),
		.lo = protocol ? lo : 0,
		.hi = protocol ? hi : UINT16_MAX,
		.protocol = protocol ? protocol : (uint8_t)lo,
		.protocol_hi = protocol ? protocol : (uint8_t)hi,
		.kind = protocol ? (icmp ? BOX_ICMP : BOX_PORTS) : BOX_PROTOCOL,
		.class = class,
	};
	if (from == FIXTURE_BOX || to == FIXTURE_BOX) {
		f->classes[class].box_end = true;
		f->classes[class].queued = false;
	}
}

static int compare(ip_t a, ip_t b)
{
	return a < b ? -1 : a > b;
}

static int by_nesting(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int keys[] = {
		compare(x->from, y->from),
		compare(x->to, y->to),
		compare(x->box.kind, y->box.kind),
		compare(x->box.protocol, y->box.protocol),
		compare(x->box.lo, y->box.lo),
		compare(x->box.dst.lo, y->box.dst.lo),
		compare(x->box.src.lo, y->box.src.lo),
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i])
			return keys[i];
	return 0;
}

static void add_box_zone(struct fixture *f)
{
	uint32_t box = fixture_zone(f, "box", ROLE_BOX, "", "");

	for (uint32_t i = 0; i < f->placed_count; i++) {
		if (f->placed[i].from == FIXTURE_BOX)
			f->placed[i].from = box;
		if (f->placed[i].to == FIXTURE_BOX)
			f->placed[i].to = box;
	}
}

struct policy *fixture_policy(struct fixture *f)
{
	uint32_t at = 0;

	add_box_zone(f);
	uint32_t n = f->p.zones_count;

	assert(n * n <= ROOM);
	qsort(f->placed, f->placed_count, sizeof(f->placed[0]), by_nesting);
	for (uint32_t i = 0; i < f->placed_count; i++)
		f->boxes[i] = f->placed[i].box;
	f->p.boxes_count = f->placed_count;
	f->p.pairs_count = n * n;
	for (uint32_t i = 0; i < n * n; i++) {
		struct pair *pair = &f->pairs[i];

		*pair = (struct pair){ { at, 0 }, i / n, i % n };
		while (at < f->placed_count && f->placed[at].from == pair->from &&
		       f->placed[at].to == pair->to)
			at++;
		pair->boxes.count = at - pair->boxes.first;
	}
	return &f->p;
}

/*
 * kikan, lgwan, net, kanri. gyomu -> shomei by TLS (strict); relay -> mailtext by SMTP (open) with a
 * deny of one name; lgwan -> 10.30.0.0/24 ports 8000-8010 not inspected; ping from kanri to lgwan; ssh
 * from kanri to the box; the box asks for the time.
 */
struct fixture *fixture_town(void)
{
	struct fixture *f = fixture_new();
	uint32_t kikan = fixture_zone(f, "kikan", ROLE_MYNUMBER, "eth1", "10.10.0.0/16");
	uint32_t lgwan =
		fixture_zone(f, "lgwan", ROLE_LGWAN, "eth2,eth5", "10.20.0.0/16,fd00:20::/64");
	uint32_t net = fixture_zone(f, "net", ROLE_INTERNET, "eth3", "10.30.0.0/16,fd00:30::/64");
	uint32_t kanri = fixture_zone(f, "kanri", ROLE_MANAGEMENT, "eth4", "10.40.0.0/24");

	fixture_host(f, "gyomu", kikan, "10.10.1.10", "02:00:00:10:01:10");
	uint32_t strict = fixture_profile(f, "strict", INSPECT_CONTENT);
	uint32_t open = fixture_profile(f, "open", INSPECT_METADATA);
	uint32_t bare = fixture_profile(f, "bare", INSPECT_NONE);

	fixture_profile_at(f, open)->on_no_inspector = ACTION_PASS;
	fixture_profile_at(f, open)->on_overload = ACTION_PASS;
	fixture_profile_at(f, open)->on_midstream = ACTION_PASS;
	fixture_profile_at(f, open)->offload = true;
	uint32_t renkei = fixture_permit(f, "renkei", strict);
	uint32_t mail = fixture_permit(f, "mail", open);
	uint32_t evil = fixture_deny(f, "evil");
	uint32_t range = fixture_permit(f, "range", bare);
	uint32_t ping = fixture_permit(f, "ping", bare);
	uint32_t ssh = fixture_permit(f, "ssh", bare);
	uint32_t ntp = fixture_permit(f, "ntp", bare);

	fixture_apps(f, renkei, "TLS");
	fixture_apps(f, mail, "SMTP");
	fixture_names(f, evil, "*.evil.example");
	fixture_box(f, kikan, lgwan, "10.10.1.10", "10.20.1.20", IPPROTO_TCP, 443, 443,
		    fixture_class(f, 1, renkei));
	uint32_t mails = fixture_class(f, 2, mail, evil);

	fixture_box(f, net, lgwan, "10.30.1.30", "10.20.1.30", IPPROTO_TCP, 25, 25, mails);
	fixture_box(f, net, lgwan, "fd00:30::30", "fd00:20::30", IPPROTO_TCP, 25, 25, mails);
	fixture_box(f, lgwan, net, "10.20.0.0/16", "10.30.0.0/24", IPPROTO_TCP, 8000, 8010,
		    fixture_class(f, 1, range));
	fixture_box(f, kanri, lgwan, "10.40.0.0/24", "10.20.0.0/16", IPPROTO_ICMP, 8, 8,
		    fixture_class(f, 1, ping));
	fixture_box(f, kanri, FIXTURE_BOX, "10.40.0.0/24", "", IPPROTO_TCP, 22, 22,
		    fixture_class(f, 1, ssh));
	fixture_box(f, FIXTURE_BOX, net, "", "10.30.0.123", IPPROTO_UDP, 123, 123,
		    fixture_class(f, 1, ntp));
	return f;
}

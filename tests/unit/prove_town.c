/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/prove_town.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/jst.h"
#include "rules/text.h"

uint32_t town_draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % below;
}

/* ---- the town ---- */

static const char town[] =
	"zone kikan  { role mynumber; interface \"k0\"; network 10.10.0.0/16; }\n"
	"zone juki   { role public-line; interface \"j0\"; network 10.11.0.0/24; }\n"
	"zone lgwan  { role lgwan; interface \"l0\"; network 10.20.0.0/16, fd00:20::/64; }\n"
	"zone net    { role internet; interface \"n0\"; network 10.30.0.0/16, fd00:30::/64; }\n"
	"zone cloud  { role cloud; interface \"c0\"; network 10.99.0.0/24; }\n"
	"zone guest  { role guest; interface \"g0\"; network 10.50.0.0/24; }\n"
	"zone iot    { role iot; interface \"i0\"; network 10.51.0.0/24; }\n"
	"zone school { role school; interface \"s0\"; network 10.52.0.0/24; }\n"
	"zone home   { role telework; interface \"t0\"; network 10.53.0.0/24; }\n"
	"zone suido  { role control; interface \"u0\"; network 10.54.0.0/24; }\n"
	"zone kanri  { role management; interface \"m0\"; network 10.40.0.0/24; }\n"
	"zone world  { role outside; interface \"w0\"; network rest; }\n"
	"host gyomu    { zone kikan; address 10.10.1.10; mac 02:00:00:10:01:10; }\n"
	"host loose    { zone kikan; address 10.10.1.99; }\n"
	"host cs       { zone juki; address 10.11.0.5; routed yes; }\n"
	"host shomei   { zone lgwan; address 10.20.1.20; }\n"
	"host mailtext { zone lgwan; address 10.20.1.30; }\n"
	"host relay    { zone net; address 10.30.1.30; }\n"
	"host proxy    { zone cloud; address 10.99.0.10; }\n"
	"host pump     { zone suido; address 10.54.0.7; }\n"
	"host admin    { zone kanri; address 10.40.0.10; }\n"
	"site meter    { network 203.0.113.0/24; }\n"
	"service https { tcp 443; }\n"
	"service web { tcp 80, 443; }\n"
	"service smtp { tcp 25; }\n"
	"service ntp { udp 123; }\n"
	"service dns { udp 53; tcp 53; }\n"
	"service ssh { tcp 22; }\n"
	"service high { tcp 1024-65535; }\n"
	"profile content { inspect content; on-uninspectable alert; on-unknown-application alert; }\n"
	"profile soft { inspect metadata; on-overload pass; on-no-inspector pass;\n"
	"  on-uninspectable alert; on-unknown-application alert; }\n"
	"profile bare { inspect none; on-uninspectable alert; on-unknown-application alert; }\n"
	"permit renkei { kind specific; from host gyomu; to host shomei; service https; application TLS;\n"
	"  profile strict; " TOWN_COMPLETE " }\n"
	"permit jukinet { kind specific; from host gyomu; to host cs; service https; application TLS;\n"
	"  profile strict; " TOWN_COMPLETE " }\n"
	"permit mail { kind mail-text; from host relay; to host mailtext; service smtp; application SMTP;\n"
	"  profile content; " TOWN_COMPLETE " }\n"
	"permit browse { kind security-cloud; from zone net; to host proxy; service web; profile soft; " TOWN_COMPLETE
	" }\n"
	"permit wifi { kind ordinary; from zone guest; to zone world; service web; profile soft; " TOWN_COMPLETE
	" }\n"
	"permit clock { kind ordinary; from host gyomu; to host box; service ntp; profile bare; " TOWN_COMPLETE
	" }\n"
	"permit upstream { kind ordinary; from host box; to zone lgwan; service ntp; profile bare; " TOWN_COMPLETE
	" }\n";

void town_text(const char *model, struct text *out)
{
	text_printf(out, "model %s;\n%s", model, town);
}

static void build(struct text *t, struct build *b)
{
	int r = t->failed ? -1 : build_bytes("town", t->bytes, t->len, b);

	assert(r == 0);
	(void)r;
	if (!b->ok)
		diag_print(&b->diags, (struct diag_style){ 0 }, stderr);
	assert(b->ok);
	text_done(t);
}

void town_build_as(const char *model, const char *more, struct build *b)
{
	struct text t = { 0 };

	town_text(model, &t);
	text_puts(&t, more);
	build(&t, b);
}

void town_build(const char *more, struct build *b)
{
	town_build_as("alpha", more, b);
}

/* ---- proofs ---- */

int64_t town_at(const char *date)
{
	int64_t t = 0;
	int r = jst_parse(date, &t, NULL);

	assert(r == 0);
	(void)r;
	return t;
}

struct proof town_prove_at(const struct policy *p, int64_t now)
{
	struct prover *v = prover_new(0);
	struct proof f = { 0 };
	int r = v ? prove_policy(v, p, now, 0, &f) : -1;

	assert(r == 0);
	(void)r;
	prover_free(v);
	return f;
}

struct proof town_prove(const struct policy *p)
{
	return town_prove_at(p, 0);
}

const struct finding *town_find(const struct proof *f, enum proof_what what)
{
	for (uint32_t i = 0; i < f->findings_count; i++)
		if (f->findings[i].what == what)
			return &f->findings[i];
	return NULL;
}

const char *town_statement(const struct policy *p, uint32_t statement)
{
	return statement == POLICY_NONE ? "" : policy_string(p, p->statements[statement].name);
}

/* ---- drawn at random ---- */

static const char *const roles[] = {
	"mynumber", "public-line", "lgwan",    "internet", "cloud",
	"guest",    "school",      "telework", "control",  "management"
};
static const char *const kinds[] = { "specific",  "update",   "maintenance",
				     "mail-text", "screen",   "sanitized-files",
				     "sanitizer", "breakout", "security-cloud",
				     "ordinary" };

#define LENGTH(list) ((uint32_t)(sizeof(list) / sizeof(list[0])))
#define ZONES 4u
#define HOSTS 5u

/* What ties an address to its machine: a card, a router in between, or nothing. */
static void draw_binding(uint32_t zone, uint32_t host, bool cards, struct text *t)
{
	if (cards && host == 2)
		text_printf(t, "; mac 02:00:00:00:%02x:02; }\n", zone);
	else
		text_printf(t, "; %s; }\n", host == 4 ? "label \"loose\"" : "routed yes");
}

/* Zone i has 10.i.0.0/16 and, but for one, fd00:i::/64. */
static void draw_zones(uint64_t *seed, bool applies, struct text *t)
{
	for (uint32_t i = 0; i < ZONES; i++) {
		const char *role = roles[town_draw(seed, LENGTH(roles))];

		text_printf(t, "zone z%u { role %s; interface \"e%u\"; network 10.%u.0.0/16", i,
			    applies ? "internet" : role, i, i);
		text_printf(t, i ? ", fd00:%u::/64; }\n" : "; }\n", i);
	}
	for (uint32_t i = 0; i < ZONES; i++)
		for (uint32_t h = 0; h < HOSTS; h++) {
			text_printf(t, "host h%u-%u { zone z%u; address 10.%u.%u.%u", i, h, i, i, h,
				    h + 1);
			if (i && h % 2)
				text_printf(t, ", fd00:%u::%x", i, h + 1);
			draw_binding(i, h, applies, t);
		}
}

static void draw_services(struct text *t)
{
	text_puts(
		t,
		"service s0 { tcp 443; }\nservice s1 { tcp 80-1000; udp 53; }\n"
		"service s2 { icmp echo-request; icmpv6 echo-request; }\nservice s3 { protocol 47; }\n"
		"service s4 { tcp any; udp any; }\nservice s5 { udp 123; tcp 22; }\n"
		"service s6 { udp 123; }\nservice s7 { udp 53; tcp 53; }\n"
		"profile p { inspect metadata; on-uninspectable alert; on-unknown-application alert; }\n"
		"profile q { inspect none; on-uninspectable alert; on-unknown-application alert; }\n"
		"profile r { inspect metadata; on-overload pass; on-no-inspector pass;\n"
		"  on-uninspectable alert; on-unknown-application alert; }\n");
}

static void draw_end(uint64_t *seed, const char *key, uint32_t zone, struct text *t)
{
	uint32_t h = town_draw(seed, HOSTS);

	text_printf(t, "%s ", key);
	switch (town_draw(seed, 6)) {
	case 0: text_printf(t, "zone z%u; ", zone); break;
	case 1: text_printf(t, "10.%u.%u.0/24; ", zone, h); break;
	case 2:
		text_printf(t, "10.%u.%u.0-10.%u.%u.9, host h%u-%u; ", zone, h, zone, h, zone, h);
		break;
	case 3: text_printf(t, "host h%u-%u, host h%u-%u; ", zone, h, zone, (h + 1) % HOSTS); break;
	default: text_printf(t, "host h%u-%u; ", zone, h);
	}
}

static void draw_ends(uint64_t *seed, struct text *t)
{
	uint32_t from = town_draw(seed, ZONES),
		 to = (from + 1 + town_draw(seed, ZONES - 1)) % ZONES;

	draw_end(seed, "from", from, t);
	draw_end(seed, "to", to, t);
}

static void draw_application(uint64_t *seed, bool always, struct text *t)
{
	static const char *const apps[] = { "TLS", "HTTP", "TLS, HTTP", "DNS" };

	if (always || town_draw(seed, 3))
		text_printf(t, "application %s; ", apps[town_draw(seed, 4)]);
}

static void draw_approval(uint64_t *seed, struct text *t)
{
	text_printf(
		t,
		"owner \"a\"; reason \"b\"; approved-by \"d\"; approved-on 2026-04-01; until %u-03-31; ",
		2027 + town_draw(seed, 2));
	text_puts(t, "reference \"c\"; }\n");
}

/* To or from the box itself: time and names, which nothing inspects. */
static void draw_box_permit(uint64_t *seed, uint32_t i, struct text *t)
{
	bool out = town_draw(seed, 2);

	text_printf(t, "permit s%03u { kind ordinary; ", i);
	draw_end(seed, out ? "to" : "from", town_draw(seed, ZONES), t);
	text_printf(t, "%s host box; service s%u; profile q; ", out ? "from" : "to",
		    6 + town_draw(seed, 2));
	draw_approval(seed, t);
}

static void draw_permit(uint64_t *seed, uint32_t i, bool applies, struct text *t)
{
	text_printf(t, "permit s%03u { kind %s; ", i, kinds[town_draw(seed, LENGTH(kinds))]);
	draw_ends(seed, t);
	text_printf(t, "service s%u; ", town_draw(seed, 6));
	text_printf(t, "profile %c; ", applies ? "pqr"[town_draw(seed, 3)] : 'p');
	draw_application(seed, true, t);
	draw_approval(seed, t);
}

static void draw_deny(uint64_t *seed, uint32_t i, struct text *t)
{
	text_printf(t, "deny s%03u { reason \"b\"; ", i);
	draw_ends(seed, t);
	if (town_draw(seed, 3))
		text_printf(t, "service s%u; ", town_draw(seed, 6));
	if (town_draw(seed, 3) == 0)
		draw_application(seed, true, t);
	else if (town_draw(seed, 4) == 0)
		text_puts(t, "until 2027-03-31; ");
	text_puts(t, "}\n");
}

/* Between these no crossing is refused by the compiler. */
static void draw_crossing(uint64_t *seed, uint32_t i, struct text *t)
{
	uint32_t a = town_draw(seed, ZONES);

	text_printf(
		t,
		"crossing s%03u { between zone z%u, zone z%u; mode observe; owner \"a\"; until 2027-03-31; }\n",
		i, a, (a + 1) % ZONES);
}

void town_draw_text(uint64_t *seed, const char *model, uint32_t statements, struct text *out)
{
	bool applies = !strcmp(model, "custom"), crossings = applies || !strcmp(model, "lab");

	text_printf(out, "model %s;\n", model);
	draw_zones(seed, applies, out);
	draw_services(out);
	for (uint32_t i = 0; i < statements; i++) {
		uint32_t sort = town_draw(seed, 100);

		if (sort < 30)
			draw_deny(seed, i, out);
		else if (sort < 33 && crossings)
			draw_crossing(seed, i, out);
		else if (sort < 40 && applies)
			draw_box_permit(seed, i, out);
		else
			draw_permit(seed, i, applies, out);
	}
}

void town_draw_build(uint64_t *seed, const char *model, uint32_t statements, struct build *b)
{
	for (int tries = 0;;
	     tries++) { /* what opens nothing does not build; then another is drawn */
		struct text t = { 0 };
		int r;

		town_draw_text(seed, model, statements, &t);
		r = build_bytes("drawn", t.bytes, t.len, b);
		assert(r == 0 && tries < 1000);
		(void)r;
		text_done(&t);
		if (b->ok)
			return;
		build_done(b);
	}
}

/* ---- conversations ---- */

static ip_t near(uint64_t *seed, ip_t a)
{
	static const int steps[] = { 0, 0, 0, -1, 1, 9, 255, 256 };

	int step = steps[town_draw(seed, LENGTH(steps))];

	return step < 0 ? a - 1 : a + (unsigned int)step;
}

static ip_t draw_address(uint64_t *seed, const struct policy *p, uint32_t zone, bool v4)
{
	for (int tries = 0; tries < 40; tries++) {
		struct span nets = p->zones[zone].nets;
		ip_t a = p->nets[nets.first + town_draw(seed, nets.count)].lo;
		uint32_t h = town_draw(seed, p->hosts_count);

		if (p->hosts[h].zone == zone && p->hosts[h].nets.count)
			a = p->nets[p->hosts[h].nets.first +
				    town_draw(seed, p->hosts[h].nets.count)]
				    .lo;
		a = near(seed, a);
		if (ip_is_v4(a) == v4)
			return a;
	}
	return ip_from_v4(0x0a000001);
}

struct tuple town_draw_tuple(uint64_t *seed, const struct policy *p, uint32_t from, uint32_t to)
{
	static const uint8_t protocols[] = { 6, 6, 6, 17, 17, 1, 58, 47, 0, 255 };
	static const uint16_t ports[] = { 443, 80, 53, 22, 123, 79, 1000, 1001, 442, 0, 65535, 25 };
	bool v4 = town_draw(seed, 3) > 0;
	struct tuple t = { .protocol = protocols[town_draw(seed, LENGTH(protocols))],
			   .dport = ports[town_draw(seed, LENGTH(ports))],
			   .sport = 40000 };

	t.src = draw_address(seed, p, from, v4);
	t.dst = draw_address(seed, p, to, v4);
	if (t.protocol == 1 || t.protocol == 58)
		t.dport = (uint16_t)(town_draw(seed, 2) ? (t.protocol == 1 ? 8 : 128)
							: town_draw(seed, 256));
	else if (t.protocol != 6 && t.protocol != 17)
		t.dport = 0;
	return t;
}

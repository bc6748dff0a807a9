/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The boxes against the naive meaning: every statement is asked about a conversation, one by one, and the
 * class that the boxes give must hold exactly those that matched and count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/build.h"
#include "rules/image.h"
#include "rules/list.h"
#include "rules/text.h"

/* --- the naive meaning ------------------------------------------------------------------------- */

static bool nets_hold(const struct policy *p, struct span nets, ip_t a)
{
	for (uint32_t i = nets.first; i < nets.first + nets.count; i++)
		if (ip_in(p->nets[i], a))
			return true;
	return false;
}

static bool end_holds(const struct policy *p, const struct endpoint *e, uint32_t zone, ip_t a)
{
	if (e->zone != zone)
		return false;
	if (zone == policy_box_zone(p))
		return true;
	switch (e->kind) {
	case END_ZONE: return nets_hold(p, p->zones[e->index].nets, a);
	case END_HOST: return nets_hold(p, p->hosts[e->index].nets, a);
	case END_SITE: return nets_hold(p, p->sites[e->index].nets, a);
	case END_PREFIX: return ip_in(p->nets[e->index], a);
	default: break;
	}
	struct span hosts = p->groups[e->index].hosts;

	for (uint32_t i = 0; i < hosts.count; i++)
		if (nets_hold(p, p->hosts[p->refs[hosts.first + i]].nets, a))
			return true;
	return false;
}

static bool ends_hold(const struct policy *p, struct span ends, uint32_t zone, ip_t a)
{
	for (uint32_t i = ends.first; i < ends.first + ends.count; i++)
		if (end_holds(p, &p->endpoints[i], zone, a))
			return true;
	return false;
}

static bool services_hold(const struct policy *p, struct span services, const struct tuple *t)
{
	for (uint32_t i = services.first; i < services.first + services.count; i++) {
		struct span ports = p->services[p->refs[i]].ports;

		for (uint32_t k = ports.first; k < ports.first + ports.count; k++) {
			const struct port_range *r = &p->ports[k];

			if (r->any)
				return true;
			if (r->protocol == t->protocol && r->lo <= t->dport && t->dport <= r->hi)
				return true;
		}
	}
	return false;
}

static bool matches(const struct policy *p, const struct statement *s, uint32_t from, uint32_t to,
		    const struct tuple *t)
{
	bool crossing = s->type == STATEMENT_CROSSING;

	if (!services_hold(p, s->services, t))
		return false;
	if (ends_hold(p, s->from, from, t->src) && ends_hold(p, s->to, to, t->dst))
		return true;
	return crossing && ends_hold(p, s->from, to, t->dst) && ends_hold(p, s->to, from, t->src);
}

static bool plain_deny(const struct statement *s)
{
	return s->type == STATEMENT_DENY && !s->applications.count && !s->names.count &&
	       s->feed == POLICY_NONE && !s->since && !s->until;
}

/* Which statements count for a conversation, as text "0,3,". */
static const char *meaning(const struct policy *p, uint32_t from, uint32_t to,
			   const struct tuple *t, char *buf)
{
	bool plain = false, permit = false;
	size_t n = 0;

	for (uint32_t i = 0; i < p->statements_count; i++)
		if (matches(p, &p->statements[i], from, to, t)) {
			plain |= plain_deny(&p->statements[i]);
			permit |= p->statements[i].type == STATEMENT_PERMIT;
		}
	buf[0] = '\0';
	for (uint32_t i = 0; i < p->statements_count; i++) {
		const struct statement *s = &p->statements[i];

		if (!matches(p, s, from, to, t) || (plain && s->type != STATEMENT_DENY) ||
		    (permit && s->type == STATEMENT_CROSSING))
			continue;
		n += (size_t)sprintf(buf + n, "%u,", i);
	}
	return buf;
}

static const char *compiled(const struct policy *p, uint32_t from, uint32_t to,
			    const struct tuple *t, char *buf)
{
	uint32_t class = policy_classify(p, from, to, t);
	size_t n = 0;

	buf[0] = '\0';
	if (class == POLICY_NONE)
		return buf;
	for (uint32_t i = 0; i < p->classes[class].members.count; i++)
		n += (size_t)sprintf(buf + n, "%u,", p->refs[p->classes[class].members.first + i]);
	return buf;
}

/* --- random policies --------------------------------------------------------------------------- */

static uint32_t next(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % below;
}

static void write_end(struct text *t, uint64_t *seed)
{
	uint32_t zone = next(seed, 3), low = next(seed, 6);

	switch (next(seed, 6)) {
	case 0: text_printf(t, "zone z%u", zone); break;
	case 1: text_printf(t, "10.%u.0.%u/%u", zone, low & ~3u, 30); break;
	case 2: text_printf(t, "10.%u.0.%u", zone, low); break;
	case 3: text_printf(t, "fd00:%u::%x", zone, low); break;
	case 4: text_printf(t, "host h%u", next(seed, 6)); break;
	default: text_printf(t, "group g%u", zone); break;
	}
}

static void write_ends(struct text *t, const char *key, uint64_t *seed)
{
	uint32_t more = next(seed, 3);

	text_printf(t, " %s ", key);
	write_end(t, seed);
	for (uint32_t i = 0; i < more; i++) {
		text_puts(t, ", ");
		write_end(t, seed);
	}
	text_puts(t, ";");
}

static void write_statement(struct text *t, uint32_t i, uint64_t *seed)
{
	bool deny = next(seed, 4) == 0;

	text_printf(t, "%s s%u {", deny ? "deny" : "permit", i);
	write_ends(t, "from", seed);
	write_ends(t, "to", seed);
	text_printf(t, " service v%u;", next(seed, 5));
	if (next(seed, 3) == 0)
		text_printf(t, " application %s;", next(seed, 2) ? "TLS" : "SSH");
	if (deny)
		text_printf(t, " reason \"r\";%s }\n", next(seed, 4) ? "" : " until 2027-01-01;");
	else
		text_puts(
			t,
			" kind ordinary; profile p; owner \"o\"; reason \"r\"; approved-by \"c\"; "
			"approved-on 2026-01-01; review 2027-01-01; }\n");
}

static void write_policy(struct text *t, uint64_t *seed)
{
	text_puts(t, "model lab;\nprofile p { inspect metadata; }\n");
	for (uint32_t i = 0; i < 3; i++) {
		text_printf(t,
			    "zone z%u { role internet; interface \"e%u\"; network 10.%u.0.0/16, "
			    "fd00:%u::/32; }\n",
			    i, i, i, i);
		text_printf(t, "host h%u { zone z%u; address 10.%u.0.1; }\n", 2 * i, i, i);
		text_printf(t, "host h%u { zone z%u; address 10.%u.0.2-10.%u.0.4, fd00:%u::2; }\n",
			    2 * i + 1, i, i, i, i);
		text_printf(t, "group g%u { zone z%u; member h%u, h%u; }\n", i, i, 2 * i,
			    2 * i + 1);
	}
	text_puts(t, "service v0 { tcp 1-3; }\nservice v1 { tcp 3-5; udp 2; }\n"
		     "service v2 { icmp echo-request; icmpv6 echo-request; protocol gre, esp; }\n"
		     "service v3 { protocol any; }\nservice v4 { udp any; protocol esp; }\n");
	for (uint32_t i = 0; i < 2 + next(seed, 8); i++)
		write_statement(t, i, seed);
	if (next(seed, 3) == 0)
		text_puts(t,
			  "crossing c { between zone z0, zone z1; mode observe; owner \"o\"; until "
			  "2026-12-31; }\n");
}

static ip_t random_ip(uint64_t *seed, uint32_t zone, bool v4)
{
	ip_t a = 0;
	char buf[64];

	if (v4)
		snprintf(buf, sizeof(buf), "10.%u.%u.%u", zone, next(seed, 2), next(seed, 8));
	else
		snprintf(buf, sizeof(buf), "fd00:%u::%x", zone, next(seed, 8));
	assert_int_equal(ip_parse(buf, &a), 0);
	return a;
}

static struct tuple random_tuple(uint64_t *seed, uint32_t from, uint32_t to)
{
	static const uint8_t protocols[] = { 6, 6, 6, 17, 17, 47, 50, 51, 0, 255 };
	bool v4 = next(seed, 3) > 0;
	struct tuple t = { random_ip(seed, from, v4), random_ip(seed, to, v4), 40000, 0, 0 };
	uint32_t i = next(seed, 12);

	t.protocol = i < 10 ? protocols[i] : v4 ? 1 : 58;
	t.dport = (uint16_t)next(seed, 7);
	if (i >= 10)
		t.dport = next(seed, 2) ? (v4 ? 8 : 128) : 3;
	return t;
}

static void compare(const struct policy *p, uint64_t *seed)
{
	char want[256], got[256];

	for (int i = 0; i < 400; i++) {
		uint32_t from = next(seed, 3), to = next(seed, 3);
		struct tuple t = random_tuple(seed, from, to);

		assert_string_equal(compiled(p, from, to, &t, got), meaning(p, from, to, &t, want));
	}
}

/* An image of it is accepted, and its list compiles to the same. */
static void round_trip(struct policy *p)
{
	struct text image = { 0 }, again = { 0 }, list = { 0 };
	struct policy read;
	char why[160];
	struct build b;
	void *copy;

	assert_int_equal(image_write(p, &image), 0);
	copy = malloc(image.len);
	memcpy(copy, image.bytes, image.len);
	assert_int_equal(image_read(copy, image.len, &read, why), 0);
	list_policy(&read, &list);
	assert_int_equal(build_bytes("list", list.bytes, list.len, &b), 0);
	assert_true(b.ok);
	assert_int_equal(image_write(&b.policy, &again), 0);
	assert_int_equal(image.len, again.len);
	assert_memory_equal(image.bytes, again.bytes, image.len);
	build_done(&b);
	free(copy);
	text_done(&image);
	text_done(&again);
	text_done(&list);
}

static void boxes_of_random_policies_mean_what_their_statements_say(void **state)
{
	unsigned int built = 0;

	(void)state;
	for (uint64_t n = 0; n < 300; n++) {
		uint64_t seed = n * 7919 + 1;
		struct text t = { 0 };
		struct build b;

		write_policy(&t, &seed);
		assert_int_equal(build_bytes("random", t.bytes, t.len, &b), 0);
		if (b.ok) {
			built++;
			compare(&b.policy, &seed);
			round_trip(&b.policy);
		}
		build_done(&b);
		text_done(&t);
	}
	assert_true(built > 100); /* the others have ends without a common family */
}

/* --- facts about classes ----------------------------------------------------------------------- */

#define HEAD \
	"model lab;\n" \
	"zone a { role internet; interface \"e1\"; network 10.1.0.0/16; }\n" \
	"zone b { role cloud; interface \"e2\"; network 10.2.0.0/16; }\n" \
	"service s { tcp 443; }\n" \
	"profile look { inspect metadata; undecided 8KB; upload alert 5MB per hour; offload yes; }\n" \
	"profile less { inspect metadata; undecided 1KB; answer silent; log all; on-mismatch alert; }\n" \
	"profile none { inspect none; offload yes; }\n"
#define FORMAL "owner \"o\"; reason \"r\"; approved-by \"c\"; approved-on 2026-01-01;"
#define PERMIT(name, from, rest) \
	"permit " name " { kind ordinary; from " from "; to zone b; service s; " rest FORMAL " }\n"

static struct build compile(const char *text)
{
	struct build b;

	assert_int_equal(build_bytes("text", text, strlen(text), &b), 0);
	if (!b.ok)
		diag_print(&b.diags, (struct diag_style){ 0 }, stderr);
	assert_true(b.ok);
	return b;
}

/* The class of one conversation from zone a to zone b. */
static const struct class *class_at(const struct policy *p, const char *src, uint16_t port)
{
	struct tuple t = { 0, 0, 40000, port, IPPROTO_TCP };
	uint32_t class;

	assert_int_equal(ip_parse(src, &t.src), 0);
	assert_int_equal(ip_parse("10.2.0.1", &t.dst), 0);
	class = policy_classify(p, policy_zone_named(p, "a"), policy_zone_named(p, "b"), &t);
	return class == POLICY_NONE ? NULL : &p->classes[class];
}

static void class_of_two_permits_has_the_stricter_answers(void **state)
{
	struct build b = compile(
		HEAD PERMIT("x", "zone a", "application TLS; profile look; review 2027-01-01; ")
			PERMIT("y", "10.1.0.0/24",
			       "application SSH; profile less; review 2027-01-01; "));
	const struct class *k = class_at(&b.policy, "10.1.0.1", 443);

	(void)state;
	assert_non_null(k);
	assert_int_equal(k->members.count, 2);
	assert_int_equal(k->joined.undecided, 1024);
	assert_int_equal(k->joined.answer, ANSWER_SILENT);
	assert_int_equal(k->joined.log, LOG_ALL);
	assert_int_equal(k->joined.on_mismatch, ACTION_BLOCK);
	assert_false(k->joined.offload);
	assert_int_equal(k->joined.limits.count, 1);
	assert_true(k->queued);
	assert_true(k->closed);
	build_done(&b);
}

static void class_without_inspection_is_not_queued(void **state)
{
	struct build b = compile(HEAD PERMIT("x", "zone a", "profile none; review 2027-01-01; "));
	const struct class *k = class_at(&b.policy, "10.1.0.1", 443);

	(void)state;
	assert_false(k->queued);
	assert_true(k->joined.offload);
	build_done(&b);
}

static void permit_that_ends_is_not_offloaded(void **state)
{
	struct build b = compile(HEAD PERMIT("x", "zone a", "profile none; until 2027-01-01; "));

	(void)state;
	assert_false(class_at(&b.policy, "10.1.0.1", 443)->joined.offload);
	build_done(&b);
}

static void deny_that_the_engine_decides_makes_a_class_queued(void **state)
{
	struct build b = compile(HEAD PERMIT(
		"x", "zone a",
		"profile none; review 2027-01-01; ") "deny d { from zone a; to zone b; name bad.example; reason \"r\"; }\n");
	const struct class *k = class_at(&b.policy, "10.1.0.1", 443);

	(void)state;
	assert_int_equal(k->members.count, 2);
	assert_true(k->queued);
	assert_int_equal(k->joined.inspect, INSPECT_METADATA);
	assert_false(k->joined.offload);
	build_done(&b);
}

static void deny_with_an_end_leaves_the_permit_to_the_engine(void **state)
{
	struct build b = compile(HEAD PERMIT(
		"x", "zone a",
		"profile none; review 2027-01-01; ") "deny d { from zone a; to zone b; until 2026-12-31; reason \"r\"; }\n");
	const struct class *k = class_at(&b.policy, "10.1.0.1", 443);

	(void)state;
	assert_int_equal(k->members.count, 2);
	assert_false(k->denied);
	assert_true(k->queued);
	build_done(&b);
}

static void deny_by_address_takes_the_permit_out_of_its_boxes(void **state)
{
	struct build b = compile(HEAD PERMIT(
		"x", "zone a",
		"profile look; review 2027-01-01; ") "deny d { from 10.1.0.0/24; to zone b; reason \"r\"; answer reset; log count; }\n");
	const struct class *k = class_at(&b.policy, "10.1.0.1", 443);

	(void)state;
	assert_true(k->denied);
	assert_false(k->queued);
	assert_int_equal(k->members.count, 1);
	assert_int_equal(k->joined.answer, ANSWER_RESET);
	assert_int_equal(k->joined.log, LOG_COUNT);
	assert_false(class_at(&b.policy, "10.1.1.1", 443)->denied);
	assert_non_null(
		class_at(&b.policy, "10.1.0.1", 80)); /* denied too, so that it has a name */
	assert_null(class_at(&b.policy, "10.1.1.1", 80));
	build_done(&b);
}

static void meaning_outlives_labels_and_other_blocks(void **state)
{
	struct build b = compile(HEAD PERMIT("x", "10.1.0.1", "profile look; review 2027-01-01; "));
	struct build c = compile(
		HEAD "host aaa { zone a; address 10.1.9.9; }\nservice zzz { tcp 1; }\n" PERMIT(
			"renamed", "10.1.0.1", "label \"other\"; profile look; review 2028-01-01; ")
			PERMIT("b", "10.1.0.2",
			       "application SSH; profile less; until 2027-01-01; "));

	(void)state;
	assert_memory_equal(class_at(&b.policy, "10.1.0.1", 443)->meaning,
			    class_at(&c.policy, "10.1.0.1", 443)->meaning, 32);
	build_done(&b);
	build_done(&c);
}

static void meaning_changes_with_what_decides(void **state)
{
	static const char *const variants[] = {
		HEAD PERMIT("x", "10.1.0.1", "profile look; review 2027-01-01; "),
		HEAD PERMIT("x", "10.1.0.0/31", "profile look; review 2027-01-01; "),
		HEAD PERMIT("x", "10.1.0.1", "profile less; review 2027-01-01; "),
		HEAD PERMIT("x", "10.1.0.1", "profile look; until 2027-01-01; "),
		HEAD PERMIT("x", "10.1.0.1", "profile look; until 2027-01-02; "),
		HEAD PERMIT("x", "10.1.0.1", "application TLS; profile look; review 2027-01-01; "),
		HEAD PERMIT("x", "10.1.0.1", "application SSH; profile look; review 2027-01-01; "),
		HEAD PERMIT("x", "10.1.0.1", "name a.example; profile look; review 2027-01-01; "),
		HEAD PERMIT("x", "10.1.0.1", "direction upload; profile look; review 2027-01-01; "),
	};
	uint8_t seen[sizeof(variants) / sizeof(variants[0])][32];

	(void)state;
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		struct build b = compile(variants[i]);

		memcpy(seen[i], class_at(&b.policy, "10.1.0.1", 443)->meaning, 32);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(seen[i], seen[k], 32);
		build_done(&b);
	}
}

static void rest_is_everything_else_in_both_families(void **state)
{
	struct build b =
		compile("model lab;\n"
			"zone a { role lgwan; interface \"e1\"; network 10.0.0.0/8, fd00::/8; }\n"
			"zone w { role outside; interface \"e2\"; network rest; }\n");
	const struct policy *p = &b.policy;
	uint32_t w = policy_zone_named(p, "w");
	static const char *const in[] = { "0.0.0.0", "9.255.255.255", "11.0.0.0", "255.255.255.255",
					  "::1",     "2001:db8::1",   "fe00::" };
	static const char *const out[] = { "10.0.0.0", "10.255.255.255", "fd00::1" };
	ip_t a;

	(void)state;
	for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		assert_int_equal(ip_parse(in[i], &a), 0);
		assert_true(policy_zone_holds(p, w, a));
	}
	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		assert_int_equal(ip_parse(out[i], &a), 0);
		assert_false(policy_zone_holds(p, w, a));
	}
	build_done(&b);
}

static void until_is_the_first_second_after_the_day_in_japan(void **state)
{
	struct build b = compile(HEAD PERMIT("x", "zone a", "profile none; until 2027-03-31; "));

	(void)state;
	assert_int_equal(b.policy.statements[0].until, 1806505200); /* 2027-03-31T15:00:00Z */
	build_done(&b);
}

static void traffic_of_the_box_is_never_queued(void **state)
{
	struct build b =
		compile(HEAD "permit m { kind maintenance; from zone a; to host box; service s; "
			     "profile look; reference \"x\"; review 2027-01-01; " FORMAL " }\n");
	const struct policy *p = &b.policy;
	struct tuple t = { 0, 0, 40000, 443, IPPROTO_TCP };
	uint32_t class;

	(void)state;
	assert_int_equal(ip_parse("10.1.0.1", &t.src), 0);
	assert_int_equal(ip_parse("10.1.255.254", &t.dst), 0);
	class = policy_classify(p, policy_zone_named(p, "a"), policy_box_zone(p), &t);
	assert_int_not_equal(class, POLICY_NONE);
	assert_true(p->classes[class].box_end);
	assert_false(p->classes[class].queued);
	build_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boxes_of_random_policies_mean_what_their_statements_say),
		cmocka_unit_test(class_of_two_permits_has_the_stricter_answers),
		cmocka_unit_test(class_without_inspection_is_not_queued),
		cmocka_unit_test(permit_that_ends_is_not_offloaded),
		cmocka_unit_test(deny_that_the_engine_decides_makes_a_class_queued),
		cmocka_unit_test(deny_with_an_end_leaves_the_permit_to_the_engine),
		cmocka_unit_test(deny_by_address_takes_the_permit_out_of_its_boxes),
		cmocka_unit_test(meaning_outlives_labels_and_other_blocks),
		cmocka_unit_test(meaning_changes_with_what_decides),
		cmocka_unit_test(rest_is_everything_else_in_both_families),
		cmocka_unit_test(until_is_the_first_second_after_the_day_in_japan),
		cmocka_unit_test(traffic_of_the_box_is_never_queued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

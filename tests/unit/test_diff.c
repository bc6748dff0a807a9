/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a change of policy is said to do, against packets; and the words that say it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rules/json.h"
#include "rules/prove/cover.h"
#include "rules/prove/diff.h"
#include "rules/prove/diff_report.h"
#include "rules/prove/terms.h"
#include "rules/text.h"
#include "tests/unit/prove_town.h"

/* ---- what the tests share ---- */

static struct diff compare(const struct policy *before, const struct policy *after)
{
	struct differ *v = differ_new(0);
	struct diff d;

	assert_non_null(v);
	assert_int_equal(diff_policies(v, before, after, &d), 0);
	differ_free(v);
	return d;
}

/* The text with the first `old` of it replaced. */
static void replaced(const char *text, const char *old, const char *new, struct text *out)
{
	const char *at = strstr(text, old);

	assert_non_null(at);
	text_add(out, text, (size_t)(at - text));
	text_puts(out, new);
	text_puts(out, at + strlen(old));
}

static void build_text(struct text *t, struct build *b)
{
	assert_int_equal(build_bytes("town", t->bytes, t->len, b), 0);
	assert_true(b->ok);
	text_done(t);
}

/* The town before and after one replacement. */
struct edit {
	struct build before, after;
	struct diff d;
};

static void make_edit(const char *old, const char *new, struct edit *e)
{
	struct text t = { 0 }, changed = { 0 };

	town_text("alpha", &t);
	replaced(t.bytes, old, new, &changed);
	build_text(&t, &e->before);
	build_text(&changed, &e->after);
	e->d = compare(&e->before.policy, &e->after.policy);
}

static void end_edit(struct edit *e)
{
	diff_done(&e->d);
	build_done(&e->before);
	build_done(&e->after);
}

/* ---- single edits ---- */

#define PERMIT(more) \
	"permit x { kind ordinary; from zone guest; to site meter; " more TOWN_COMPLETE \
	" }\npermit renkei"

static const struct {
	const char *old, *new;
	enum diff_result result;
	uint32_t opened, closed, changed;
	unsigned int order; /* of the first change */
	bool protected;
} edits[] = {
	{ "permit renkei", "permit renkei", DIFF_NEUTRAL, 0, 0, 0, 0, false },
	{ "permit renkei", "permit renamed", DIFF_NEUTRAL, 0, 0, 0, 0, false },
	{ "owner \"a\"", "owner \"other\"", DIFF_NEUTRAL, 0, 0, 0, 0, false },
	{ "role guest", "role school", DIFF_NEUTRAL, 0, 0, 0, 0, false },
	{ "permit renkei", PERMIT("service ssh; profile soft; "), DIFF_LOOSENING, 1, 0, 0, 0,
	  false },
	{ "service https; application TLS", "service web; application TLS", DIFF_LOOSENING, 1, 0, 0,
	  0, true },
	{ "tcp 80, 443", "tcp 443", DIFF_TIGHTENING, 0, 2, 0, 0, false },
	{ "tcp 80, 443", "tcp 80, 444", DIFF_LOOSENING, 2, 2, 0, 0, false },
	{ "service https; application TLS", "service https; application TLS, HTTP", DIFF_LOOSENING,
	  0, 0, 1, TERMS_LAXER, true },
	{ "service https; application TLS", "service https; application HTTP", DIFF_LOOSENING, 0, 0,
	  1, TERMS_UNLIKE, true },
	{ "service web; profile soft", "service web; application TLS; profile soft",
	  DIFF_TIGHTENING, 0, 0, 1, TERMS_STRICTER, false },
	{ "until 2027-03-31", "until 2026-09-30", DIFF_TIGHTENING, 0, 0, 1, TERMS_STRICTER, false },
	{ "until 2027-03-31", "review 2027-03-31", DIFF_LOOSENING, 0, 0, 1, TERMS_LAXER, true },
	{ "on-overload pass; on-no-inspector pass", "on-overload drop; on-no-inspector drop",
	  DIFF_TIGHTENING, 0, 0, 2, TERMS_STRICTER, false },
	{ "inspect metadata", "inspect metadata; log all", DIFF_NEUTRAL, 0, 0, 2, TERMS_SAME,
	  false },
	{ "inspect metadata", "inspect metadata; offload yes", DIFF_LOOSENING, 0, 0, 2, TERMS_LAXER,
	  false },
	{ "inspect content", "inspect content; my-number block 1 per flow", DIFF_TIGHTENING, 0, 0,
	  1, TERMS_STRICTER, false },
	{ "interface \"g0\"", "interface \"g1\"", DIFF_LOOSENING, 1, 1, 0, 0, false },
	{ "interface \"g0\"", "interface \"g0\", \"g1\"", DIFF_LOOSENING, 1, 0, 0, 0, false },
	{ "network 10.50.0.0/24; }", "network 10.50.0.0/24; inside permit; }", DIFF_LOOSENING, 1, 0,
	  0, 0, false },
	{ "; mac 02:00:00:10:01:10", "; routed yes", DIFF_LOOSENING, 3, 0, 0, 0, true },
	{ "permit renkei",
	  "deny x { from zone guest; to site meter; application HTTP; reason \"b\"; }\npermit renkei",
	  DIFF_TIGHTENING, 0, 0, 1, TERMS_STRICTER, false },
};

static void diff_of_each_edit_is_what_it_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct edit e;

		make_edit(edits[i].old, edits[i].new, &e);
		assert_int_equal(e.d.totals[DIFF_OPENED], edits[i].opened);
		assert_int_equal(e.d.totals[DIFF_CLOSED], edits[i].closed);
		assert_int_equal(e.d.totals[DIFF_CHANGED], edits[i].changed);
		assert_int_equal(e.d.result, edits[i].result);
		assert_int_equal(e.d.protected, edits[i].protected);
		if (edits[i].changed)
			assert_int_equal(e.d.entries[0].order, edits[i].order);
		end_edit(&e);
	}
}

/* Backward, what was opened is closed and what was laxer is stricter. */
static void diff_backward_is_the_reverse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct edit e;

		make_edit(edits[i].old, edits[i].new, &e);
		struct diff back = compare(&e.after.policy, &e.before.policy);

		assert_int_equal(back.totals[DIFF_OPENED], edits[i].closed);
		assert_int_equal(back.totals[DIFF_CLOSED], edits[i].opened);
		assert_int_equal(back.totals[DIFF_CHANGED], edits[i].changed);
		if (edits[i].order == TERMS_LAXER)
			assert_int_equal(back.entries[0].order, TERMS_STRICTER);
		diff_done(&back);
		end_edit(&e);
	}
}

static void diff_names_the_denies_that_decide(void **state)
{
	struct edit e;

	(void)state;
	make_edit("permit renkei",
		  "deny x { from zone guest; to site meter; reason \"b\"; }\npermit renkei", &e);
	assert_int_equal(e.d.totals[DIFF_CLOSED], 1);
	const struct diff_entry *x = &e.d.entries[0];

	assert_string_equal(policy_string(&e.before.policy,
					  e.before.policy.statements[x->statement].name),
			    "wifi");
	assert_int_equal(x->others_count, 1);
	assert_string_equal(policy_string(&e.after.policy,
					  e.after.policy.statements[x->others[0]].name),
			    "x");
	assert_true(x->count.exact == 256u * 256 * 2);
	end_edit(&e);
}

static void diff_of_a_mac_names_the_machines(void **state)
{
	struct edit e;
	struct text t = { 0 };

	(void)state;
	make_edit("; mac 02:00:00:10:01:10", "; routed yes", &e);
	struct diff_view v = { &e.d, &e.before.policy, &e.after.policy, DIAG_ENGLISH, false };

	assert_int_equal(diff_put_text(&v, &t), 0);
	assert_non_null(
		strstr(t.bytes,
		       "host gyomu (any mac but 02:00:00:10:01:10) -> host shomei: service https"));
	text_done(&t);
	end_edit(&e);
}

static void diff_out_of_nodes_is_unknown(void **state)
{
	struct edit e;
	struct differ *v = differ_new(20);
	struct diff d;

	(void)state;
	make_edit("tcp 80, 443", "tcp 80-90, 443", &e);
	assert_int_equal(diff_policies(v, &e.before.policy, &e.after.policy, &d), 0);
	assert_int_equal(d.result, DIFF_UNKNOWN);
	diff_done(&d);
	differ_free(v);
	end_edit(&e);
}

/* ---- random policies, packet by packet ---- */

static bool in_ranges(const struct boxes *b, struct span r, ip_t x)
{
	for (uint32_t i = r.first; i < r.first + r.count; i++)
		if (ip_in(b->ranges.at[i], x))
			return true;
	return false;
}

static bool in_box(const struct boxes *b, const struct box_set *x, const struct tuple *t)
{
	bool service = false;

	for (uint32_t i = x->services.first; i < x->services.first + x->services.count; i++) {
		const struct box_service *s = &b->services[i];

		service |= s->protocol <= t->protocol && t->protocol <= s->protocol_hi &&
			   s->lo <= t->dport && t->dport <= s->hi;
	}
	return service && in_ranges(b, x->dst, t->dst) && in_ranges(b, x->src, t->src);
}

/* In how many boxes of entries of that change the conversation lies. */
static uint32_t boxes_with(const struct diff *d, enum diff_change change, uint32_t from,
			   uint32_t to, const struct tuple *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < d->entries_count; i++) {
		const struct diff_entry *e = &d->entries[i];

		for (uint32_t k = 0; k < e->boxes.count; k++)
			n += e->change == change && e->from == from && e->to == to &&
			     in_box(&d->boxes, &d->boxes.at[e->boxes.first + k], t);
	}
	return n;
}

static bool passes(const struct policy *p, uint32_t class)
{
	return class != POLICY_NONE && !p->classes[class].denied;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The terms of all members, sorted, each once. */
static void put_members(const struct policy *p, uint32_t class, struct text *out)
{
	struct span members = p->classes[class].members;
	char *lines[64];
	uint32_t n = 0;

	for (uint32_t i = 0; i < members.count && n < 64; i++) {
		struct text t = { 0 };

		terms_put((struct terms_of){ p, p->refs[members.first + i] }, &t);
		for (size_t k = 0; k < t.len; k++)
			t.bytes[k] = t.bytes[k] ? t.bytes[k] : '|';
		lines[n++] = t.bytes;
	}
	qsort(lines, n, sizeof(lines[0]), by_text);
	for (uint32_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(lines[i], lines[i - 1]) != 0)
			text_puts(out, lines[i]);
		text_putc(out, '\n');
	}
	for (uint32_t i = 0; i < n; i++)
		free(lines[i]);
}

static bool same_terms(const struct policy *p, uint32_t k, const struct policy *q, uint32_t m)
{
	struct text a = { 0 }, b = { 0 };
	bool same;

	put_members(p, k, &a);
	put_members(q, m, &b);
	/* how many members are alike does not matter, so empty lines are left out of the comparison */
	char *x = a.bytes, *y = b.bytes;

	for (same = true; same && (*x || *y); x += *x != 0, y += *y != 0) {
		while (*x == '\n')
			x++;
		while (*y == '\n')
			y++;
		same = *x == *y;
	}
	text_done(&a);
	text_done(&b);
	return same;
}

static void assert_packet(const struct diff *d, const struct policy *p, const struct policy *q,
			  uint32_t from, uint32_t to, const struct tuple *t)
{
	uint32_t k = policy_classify(p, from, to, t), m = policy_classify(q, from, to, t);
	bool before = passes(p, k), after = passes(q, m);
	bool otherwise = before && after && !same_terms(p, k, q, m);

	assert_int_equal(boxes_with(d, DIFF_OPENED, from, to, t), after && !before);
	assert_int_equal(boxes_with(d, DIFF_CLOSED, from, to, t), before && !after);
	assert_int_equal(boxes_with(d, DIFF_CHANGED, from, to, t) > 0, otherwise);
}

static void assert_witness(const struct diff_entry *e, const struct policy *p,
			   const struct policy *q)
{
	const struct witness *w = &e->witness;
	bool before = passes(p, policy_classify(p, w->from, w->to, &w->tuple));
	bool after = passes(q, policy_classify(q, w->from, w->to, &w->tuple));

	assert_int_equal(before, e->change != DIFF_OPENED);
	assert_int_equal(after, e->change != DIFF_CLOSED);
}

static long double width(const struct boxes *b, struct span r)
{
	long double n = 0;

	for (uint32_t i = r.first; i < r.first + r.count; i++)
		n += (long double)(b->ranges.at[i].hi - b->ranges.at[i].lo) + 1;
	return n;
}

/* Disjoint boxes: their sizes add up to what was counted on the diagram. */
static void assert_count(const struct diff *d, const struct diff_entry *e)
{
	long double n = 0;

	for (uint32_t i = 0; i < e->boxes.count; i++) {
		const struct box_set *x = &d->boxes.at[e->boxes.first + i];
		long double services = 0;

		for (uint32_t k = x->services.first; k < x->services.first + x->services.count;
		     k++) {
			const struct box_service *s = &d->boxes.services[k];

			services += (s->protocol_hi - s->protocol + 1.0L) * (s->hi - s->lo + 1.0L);
		}
		n += services * width(&d->boxes, x->dst) * width(&d->boxes, x->src);
	}
	assert_true(fabsl(n - e->count.about) <= n * 1e-12L);
}

static void diff_agrees_with_random_packets(void **state)
{
	uint64_t seed = 31;
	uint32_t packets = 0;

	(void)state;
	while (packets < 100000) {
		uint64_t again = seed;
		struct build a, b;

		/* the same zones and hosts; the statements part ways after some */
		town_draw_build(&seed, "lab", 8 + town_draw(&seed, 8), &a);
		town_draw_build(&again, "lab", 8 + town_draw(&again, 9), &b);
		struct diff d = compare(&a.policy, &b.policy);

		for (uint32_t i = 0; i < d.entries_count; i++) {
			assert_witness(&d.entries[i], &a.policy, &b.policy);
			if (!d.entries[i].more)
				assert_count(&d, &d.entries[i]);
		}
		for (uint32_t i = 0; i < 3000; i++, packets++) {
			uint32_t from = town_draw(&seed, 4), to = town_draw(&seed, 4);
			struct tuple t = town_draw_tuple(&seed, &a.policy, from, to);

			assert_packet(&d, &a.policy, &b.policy, from, to, &t);
		}
		diff_done(&d);
		build_done(&a);
		build_done(&b);
	}
}

/* ---- words ---- */

static void text_says_who_what_where_and_how_many(void **state)
{
	struct edit e;
	struct text t = { 0 };

	(void)state;
	make_edit("permit renkei", PERMIT("service ssh; profile soft; "), &e);
	struct diff_view v = { &e.d, &e.before.policy, &e.after.policy, DIAG_ENGLISH, false };

	assert_int_equal(diff_put_text(&v, &t), 0);
	assert_string_equal(
		t.bytes,
		"newly permitted:\n"
		"+ x (guest -> world)\n"
		"    zone guest -> site meter: service ssh\n"
		"    conversations: 65,536; for example 10.50.0.1 (guest) -> 203.0.113.1 (world), tcp 22 (ssh)\n"
		"    before: nothing permits it\n"
		"loosening: 1 newly permitted, 0 newly denied, 0 otherwise\n");
	text_clear(&t);
	v.language = DIAG_JAPANESE;
	assert_int_equal(diff_put_text(&v, &t), 0);
	assert_string_equal(
		t.bytes,
		"新たに許可:\n"
		"+ x (guest -> world)\n"
		"    zone guest -> site meter: service ssh\n"
		"    通信の数: 65,536、例: 10.50.0.1 (guest) -> 203.0.113.1 (world), tcp 22 (ssh)\n"
		"    変更前: 許可なし\n"
		"緩くなる: 新たに許可 1、新たに拒否 0、扱いの変更 0\n");
	text_done(&t);
	end_edit(&e);
}

static void text_of_a_change_names_each_term(void **state)
{
	struct edit e;
	struct text t = { 0 };

	(void)state;
	make_edit(
		"application TLS;\n  profile strict; owner \"a\"; reason \"b\"; reference \"c\"; approved-by \"d\"; approved-on 2026-04-01; until 2027-03-31",
		"application TLS, HTTP;\n  profile content; owner \"a\"; reason \"b\"; reference \"c\"; approved-by \"d\"; approved-on 2026-04-01; until 2026-09-30",
		&e);
	struct diff_view v = { &e.d, &e.before.policy, &e.after.policy, DIAG_ENGLISH, false };

	assert_int_equal(diff_put_text(&v, &t), 0);
	assert_non_null(strstr(t.bytes, "~ renkei (kikan -> lgwan): application TLS -> "));
	assert_non_null(strstr(t.bytes, "until 2027-03-31 -> 2026-09-30"));
	assert_non_null(strstr(t.bytes, "[partly laxer]"));
	assert_non_null(strstr(t.bytes, "it opens something toward or from mynumber"));
	text_done(&t);
	end_edit(&e);
}

static void json_has_names_and_exact_ranges(void **state)
{
	struct edit e;
	struct text t = { 0 };
	struct json j = json_to(&t);

	(void)state;
	make_edit("permit renkei", PERMIT("service ssh; profile soft; "), &e);
	struct diff_view v = { &e.d, &e.before.policy, &e.after.policy, DIAG_ENGLISH, false };

	json_open(&j, NULL, '{');
	assert_int_equal(diff_put_json(&v, &j), 0);
	json_close(&j, '}');
	assert_non_null(strstr(t.bytes, "\"result\":\"loosening\""));
	assert_non_null(
		strstr(t.bytes,
		       "\"from\":\"zone guest\",\"to\":\"site meter\",\"service\":\"service ssh\","
		       "\"src\":[\"10.50.0.0/24\"],\"dst\":[\"203.0.113.0/24\"]"));
	text_done(&t);
	end_edit(&e);
}

/* ---- cover ---- */

static const struct {
	const char *zone;
	const char *ranges[4];
	const char *text;
} covers[] = {
	{ "guest", { "10.50.0.0/24" }, "zone guest" },
	{ "net", { "10.30.0.0/16" }, "zone net" }, /* all of the one family that the peer has */
	{ "net", { "10.30.1.30" }, "host relay" },
	{ "net", { "10.30.1.30-10.30.1.31" }, "host relay, 10.30.1.31" },
	{ "net",
	  { "10.30.0.0-10.30.1.29", "10.30.1.31-10.30.255.255" },
	  "zone net except host relay" },
	{ "world", { "203.0.113.0/24" }, "site meter" },
	{ "lgwan",
	  { "10.20.1.20", "10.20.1.30", "10.20.3.0/24" },
	  "host mailtext, host shomei, 10.20.3.0/24" },
	{ "lgwan", { "10.20.7.1" }, "10.20.7.1" },
	{ "lgwan", { "fd00:20::/64" }, "zone lgwan" },
};

static void cover_prefers_names(void **state)
{
	struct build b;
	struct names n;

	(void)state;
	town_build("", &b);
	assert_int_equal(names_init(&n, &b.policy), 0);
	for (size_t i = 0; i < sizeof(covers) / sizeof(covers[0]); i++) {
		struct ip_range r[4];
		uint32_t count = 0;
		struct text t = { 0 };

		for (; count < 4 && covers[i].ranges[count]; count++)
			assert_int_equal(ip_parse_range(covers[i].ranges[count], &r[count]), 0);
		cover_put_addresses(&n, policy_zone_named(&b.policy, covers[i].zone), r, count, &t);
		assert_string_equal(t.bytes, covers[i].text);
		text_done(&t);
	}
	names_done(&n);
	build_done(&b);
}

static const struct {
	struct box_service s[8];
	uint32_t count;
	const char *text;
} services[] = {
	{ { { 6, 6, 443, 443 } }, 1, "service https" },
	{ { { 6, 6, 80, 80 }, { 6, 6, 443, 443 } }, 2, "service https, tcp 80 (http)" },
	{ { { 6, 6, 8000, 8010 } }, 1, "tcp 8000-8010" },
	{ { { 6, 6, 0, 65535 }, { 17, 17, 123, 123 } }, 2, "tcp any, service ntp" },
	{ { { 1, 1, 8, 8 } }, 1, "icmp echo-request" },
	{ { { 58, 58, 0, 255 } }, 1, "icmpv6 any" },
	{ { { 47, 47, 0, 0 } }, 1, "protocol 47" },
	{ { { 7, 16, 0, 0 } }, 1, "protocol 7-16" },
	{ { { 0, 0, 0, 0 },
	    { 1, 1, 0, 255 },
	    { 2, 5, 0, 0 },
	    { 6, 6, 0, 65535 },
	    { 7, 16, 0, 0 },
	    { 17, 17, 0, 65535 },
	    { 18, 57, 0, 0 },
	    { 59, 255, 0, 0 } },
	  8,
	  "service any" },
};

static void cover_of_services_prefers_names(void **state)
{
	struct build b;
	struct names n;

	(void)state;
	town_build("", &b);
	assert_int_equal(names_init(&n, &b.policy), 0);
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		struct text t = { 0 };

		cover_put_services(&n, services[i].s, services[i].count, &t);
		assert_string_equal(t.bytes, services[i].text);
		text_done(&t);
	}
	names_done(&n);
	build_done(&b);
}

static void count_is_exact_as_long_as_it_can_be_read(void **state)
{
	static const struct {
		struct space_count n;
		const char *text;
	} counts[] = {
		{ { 0, false, 0 }, "0" },
		{ { 999, false, 999 }, "999" },
		{ { 65536, false, 65536 }, "65,536" },
		{ { 1234567890, false, 1234567890 }, "1,234,567,890" },
		{ { (unsigned __int128)1 << 64, false, 0x1p64L }, "about 2^64" },
		{ { 0, true, 0x1p200L }, "about 2^200" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct text t = { 0 };

		cover_put_count(counts[i].n, &t);
		assert_string_equal(t.bytes, counts[i].text);
		text_done(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diff_of_each_edit_is_what_it_does),
		cmocka_unit_test(diff_backward_is_the_reverse),
		cmocka_unit_test(diff_names_the_denies_that_decide),
		cmocka_unit_test(diff_of_a_mac_names_the_machines),
		cmocka_unit_test(diff_out_of_nodes_is_unknown),
		cmocka_unit_test(diff_agrees_with_random_packets),
		cmocka_unit_test(text_says_who_what_where_and_how_many),
		cmocka_unit_test(text_of_a_change_names_each_term),
		cmocka_unit_test(json_has_names_and_exact_ranges),
		cmocka_unit_test(cover_prefers_names),
		cmocka_unit_test(cover_of_services_prefers_names),
		cmocka_unit_test(count_is_exact_as_long_as_it_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

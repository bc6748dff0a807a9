/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What statements mean, written a second time as formulas over bit vectors, and given to z3: it must agree
 * with the diagrams for all packets, not for a sample. The formulas know nothing of lanes, classes of
 * coordinates or diagrams; only the policy's records are shared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <z3.h>

#include "rules/prove/boxes.h"
#include "rules/prove/diff.h"
#include "rules/prove/lane.h"
#include "rules/prove/matrix.h"
#include "rules/prove/prove.h"
#include "tests/unit/prove_town.h"

#define TERMS_MAX 4096u

struct z3 { /* one question: a context with the four variables of a packet */
	Z3_context c;
	Z3_solver solver;
	Z3_ast src, dst, protocol, port;
};

static Z3_ast variable(struct z3 *z, const char *name, unsigned int bits)
{
	return Z3_mk_const(z->c, Z3_mk_string_symbol(z->c, name), Z3_mk_bv_sort(z->c, bits));
}

static void begin(struct z3 *z)
{
	Z3_config conf = Z3_mk_config();

	z->c = Z3_mk_context(conf);
	Z3_del_config(conf);
	z->solver = Z3_mk_simple_solver(z->c);
	Z3_solver_inc_ref(z->c, z->solver);
	z->src = variable(z, "src", 128);
	z->dst = variable(z, "dst", 128);
	z->protocol = variable(z, "protocol", 8);
	z->port = variable(z, "port", 16);
}

static void end(struct z3 *z)
{
	Z3_solver_dec_ref(z->c, z->solver);
	Z3_del_context(z->c);
}

/* ---- formulas ---- */

struct list { /* of an and, or an or */
	Z3_ast at[TERMS_MAX];
	unsigned int count;
};

static void add(struct list *l, Z3_ast x)
{
	assert_true(l->count < TERMS_MAX);
	l->at[l->count++] = x;
}

static Z3_ast any_of(struct z3 *z, const struct list *l)
{
	return l->count ? Z3_mk_or(z->c, l->count, l->at) : Z3_mk_false(z->c);
}

static Z3_ast both(struct z3 *z, Z3_ast a, Z3_ast b)
{
	Z3_ast two[] = { a, b };

	return Z3_mk_and(z->c, 2, two);
}

static Z3_ast either(struct z3 *z, Z3_ast a, Z3_ast b)
{
	Z3_ast two[] = { a, b };

	return Z3_mk_or(z->c, 2, two);
}

static Z3_ast but_not(struct z3 *z, Z3_ast a, Z3_ast b)
{
	return both(z, a, Z3_mk_not(z->c, b));
}

static Z3_ast number(struct z3 *z, ip_t value, unsigned int bits)
{
	bool digits[128];

	for (unsigned int i = 0; i < bits; i++)
		digits[i] = value >> i & 1;
	return Z3_mk_bv_numeral(z->c, bits, digits);
}

static Z3_ast within(struct z3 *z, Z3_ast x, unsigned int bits, ip_t lo, ip_t hi)
{
	return both(z, Z3_mk_bvuge(z->c, x, number(z, lo, bits)),
		    Z3_mk_bvule(z->c, x, number(z, hi, bits)));
}

static Z3_ast address_in(struct z3 *z, Z3_ast x, struct ip_range r)
{
	return within(z, x, 128, r.lo, r.hi);
}

static Z3_ast is_v4(struct z3 *z, Z3_ast x)
{
	return address_in(z, x, ip_all_v4());
}

/* One family; ports only where there are ports, types up to 255 in their own family. */
static Z3_ast well_formed(struct z3 *z)
{
	Z3_ast v4 = is_v4(z, z->src), small = within(z, z->port, 16, 0, 255);
	Z3_ast tcp_or_udp =
		either(z, within(z, z->protocol, 8, 6, 6), within(z, z->protocol, 8, 17, 17));
	Z3_ast icmp = both(z, within(z, z->protocol, 8, 1, 1), both(z, v4, small));
	Z3_ast icmpv6 =
		both(z, within(z, z->protocol, 8, 58, 58), both(z, Z3_mk_not(z->c, v4), small));
	Z3_ast special = either(z,
				either(z, within(z, z->protocol, 8, 1, 1),
				       within(z, z->protocol, 8, 58, 58)),
				tcp_or_udp);
	Z3_ast other = both(z, Z3_mk_not(z->c, special), within(z, z->port, 16, 0, 0));

	return both(z, Z3_mk_iff(z->c, v4, is_v4(z, z->dst)),
		    either(z, tcp_or_udp, either(z, either(z, icmp, icmpv6), other)));
}

/* ---- the words of a statement ---- */

static void add_nets(struct z3 *z, const struct policy *p, Z3_ast x, struct span nets,
		     struct list *out)
{
	for (uint32_t i = 0; i < nets.count; i++)
		add(out, address_in(z, x, p->nets[nets.first + i]));
}

static Z3_ast ends(struct z3 *z, const struct policy *p, Z3_ast x, struct span span, uint32_t zone)
{
	struct list any = { .count = 0 };

	for (uint32_t i = span.first; i < span.first + span.count; i++) {
		const struct endpoint *e = &p->endpoints[i];

		if (e->zone != zone)
			continue;
		if (e->kind == END_ZONE)
			add_nets(z, p, x, p->zones[e->index].nets, &any);
		else if (e->kind == END_HOST)
			add_nets(z, p, x, p->hosts[e->index].nets, &any);
		else if (e->kind == END_PREFIX)
			add_nets(z, p, x, (struct span){ e->index, 1 }, &any);
		else
			fail(); /* the drawn policies have no other */
	}
	return any_of(z, &any);
}

static Z3_ast port_range(struct z3 *z, const struct port_range *r)
{
	bool ports = r->protocol == 6 || r->protocol == 17 || r->protocol == 1 || r->protocol == 58;

	if (r->any)
		return Z3_mk_true(z->c);
	return both(z, within(z, z->protocol, 8, r->protocol, r->protocol),
		    ports ? within(z, z->port, 16, r->lo, r->hi) : Z3_mk_true(z->c));
}

static Z3_ast services(struct z3 *z, const struct policy *p, const struct statement *s)
{
	struct list any = { .count = 0 };

	for (uint32_t i = s->services.first; i < s->services.first + s->services.count; i++) {
		struct span ports = p->services[p->refs[i]].ports;

		for (uint32_t k = ports.first; k < ports.first + ports.count; k++)
			add(&any, port_range(z, &p->ports[k]));
	}
	return any_of(z, &any);
}

static Z3_ast named(struct z3 *z, const struct policy *p, uint32_t statement, uint32_t from,
		    uint32_t to)
{
	const struct statement *s = &p->statements[statement];
	Z3_ast there = both(z, ends(z, p, z->src, s->from, from), ends(z, p, z->dst, s->to, to));

	if (s->type == STATEMENT_CROSSING)
		there = either(z, there,
			       both(z, ends(z, p, z->src, s->to, from),
				    ends(z, p, z->dst, s->from, to)));
	return both(z, there, services(z, p, s));
}

static bool is_plain_deny(const struct statement *s)
{
	return s->type == STATEMENT_DENY && !s->applications.count && !s->names.count &&
	       !s->since && !s->until;
}

static Z3_ast denied(struct z3 *z, const struct policy *p, uint32_t from, uint32_t to)
{
	struct list any = { .count = 0 };

	for (uint32_t i = 0; i < p->statements_count; i++)
		if (is_plain_deny(&p->statements[i]))
			add(&any, named(z, p, i, from, to));
	return any_of(z, &any);
}

static Z3_ast permitted(struct z3 *z, const struct policy *p, uint32_t from, uint32_t to)
{
	struct list any = { .count = 0 };

	for (uint32_t i = 0; i < p->statements_count; i++)
		if (p->statements[i].type != STATEMENT_DENY)
			add(&any, named(z, p, i, from, to));
	return but_not(z, any_of(z, &any), denied(z, p, from, to));
}

/* ---- a set as a formula ---- */

static Z3_ast ranges(struct z3 *z, const struct boxes *b, Z3_ast x, struct span r)
{
	struct list any = { .count = 0 };

	for (uint32_t i = r.first; i < r.first + r.count; i++)
		add(&any, address_in(z, x, b->ranges.at[i]));
	return any_of(z, &any);
}

static Z3_ast box(struct z3 *z, const struct boxes *b, const struct box_set *x)
{
	struct list any = { .count = 0 };

	for (uint32_t i = x->services.first; i < x->services.first + x->services.count; i++) {
		const struct box_service *s = &b->services[i];

		add(&any, both(z, within(z, z->protocol, 8, s->protocol, s->protocol_hi),
			       within(z, z->port, 16, s->lo, s->hi)));
	}
	return both(z, any_of(z, &any),
		    both(z, ranges(z, b, z->dst, x->dst), ranges(z, b, z->src, x->src)));
}

static Z3_ast set_of(struct z3 *z, const struct boxes *b, struct span span)
{
	struct list any = { .count = 0 };

	for (uint32_t i = span.first; i < span.first + span.count; i++)
		add(&any, box(z, b, &b->at[i]));
	return any_of(z, &any);
}

static bool can_be(struct z3 *z, Z3_ast x)
{
	Z3_solver_push(z->c, z->solver);
	Z3_solver_assert(z->c, z->solver, well_formed(z));
	Z3_solver_assert(z->c, z->solver, x);
	Z3_lbool r = Z3_solver_check(z->c, z->solver);

	Z3_solver_pop(z->c, z->solver, 1);
	assert_int_not_equal(r, Z3_L_UNDEF);
	return r == Z3_L_TRUE;
}

static void assert_equal_for_all_packets(struct z3 *z, Z3_ast a, Z3_ast b)
{
	assert_false(can_be(z, Z3_mk_xor(z->c, a, b)));
}

/* ---- questions ---- */

static void ask_pair(struct z3 *z, const struct policy *p, const struct lane_index *x,
		     struct space *s, uint32_t from, uint32_t to)
{
	struct lane l = { 0 };
	struct boxes boxes = { 0 };

	lane_load(&l, p, x, from, to, 0);
	if (l.count) {
		space_reset(s);
		lane_cut(&l, s);
		space_freeze(s);
		lane_build(&l, s);
		struct span all = boxes_add(&boxes, s, l.permitted, 3000);

		assert_false(boxes.more);
		assert_equal_for_all_packets(z, permitted(z, p, from, to), set_of(z, &boxes, all));
	}
	boxes_done(&boxes);
	lane_done(&l);
}

static void diagrams_agree_with_z3_for_all_packets(void **state)
{
	struct space *s = space_new(0);
	uint64_t seed = 5;

	(void)state;
	for (uint32_t i = 0; i < 24; i++) {
		struct build b;
		struct lane_index x;
		struct z3 z;

		town_draw_build(&seed, "lab", 8, &b);
		assert_int_equal(lane_index_init(&x, &b.policy), 0);
		uint32_t n = b.policy.zones_count - 1;

		begin(&z);
		for (uint32_t k = 0; k < n * n; k++)
			ask_pair(&z, &b.policy, &x, s, k / n, k % n);
		end(&z);
		lane_index_done(&x);
		build_done(&b);
	}
	space_free(s);
}

/* All boxes of one sort of change between two zones. */
static Z3_ast changed(struct z3 *z, const struct diff *d, enum diff_change change, uint32_t from,
		      uint32_t to)
{
	struct list any = { .count = 0 };

	for (uint32_t i = 0; i < d->entries_count; i++) {
		const struct diff_entry *e = &d->entries[i];

		assert_false(e->more);
		if (e->change == change && e->from == from && e->to == to)
			add(&any, set_of(z, &d->boxes, e->boxes));
	}
	return any_of(z, &any);
}

static void ask_difference(struct z3 *z, const struct policy *p, const struct policy *q,
			   const struct diff *d, uint32_t from, uint32_t to)
{
	Z3_ast before = permitted(z, p, from, to), after = permitted(z, q, from, to);

	assert_equal_for_all_packets(z, but_not(z, after, before),
				     changed(z, d, DIFF_OPENED, from, to));
	assert_equal_for_all_packets(z, but_not(z, before, after),
				     changed(z, d, DIFF_CLOSED, from, to));
}

static void differences_agree_with_z3_for_all_packets(void **state)
{
	struct differ *v = differ_new(0);
	uint64_t seed = 17;

	(void)state;
	for (uint32_t i = 0; i < 16; i++) {
		uint64_t again = seed;
		struct build a, b;
		struct diff d;
		struct z3 z;

		town_draw_build(&seed, "lab", 5, &a);
		town_draw_build(&again, "lab", 6, &b);
		assert_int_equal(diff_policies(v, &a.policy, &b.policy, &d), 0);
		begin(&z);
		for (uint32_t k = 0; k < 16; k++)
			ask_difference(&z, &a.policy, &b.policy, &d, k / 4, k % 4);
		end(&z);
		diff_done(&d);
		build_done(&a);
		build_done(&b);
	}
	differ_free(v);
}

/* ---- the matrix ---- */

static Z3_ast named_hosts(struct z3 *z, const struct policy *p, uint32_t zone)
{
	struct list any = { .count = 0 };

	for (uint32_t i = 0; i < p->hosts_count; i++)
		if (p->hosts[i].zone == zone)
			add_nets(z, p, z->dst, p->hosts[i].nets, &any);
	return any_of(z, &any);
}

static Z3_ast allowed(struct z3 *z, const struct policy *p, const struct statement *s,
		      uint32_t from, uint32_t to)
{
	enum role a = (enum role)p->zones[from].role, b = (enum role)p->zones[to].role;
	const struct allowance *x = NULL;
	struct list any = { .count = 0 };

	while ((x = matrix_next((enum model)p->model, a, b, x))) {
		if (!(x->kinds & matrix_kind((enum kind)s->kind)))
			continue;
		if (x->condition == MATRIX_ALWAYS)
			add(&any, Z3_mk_true(z->c));
		else if (x->condition == MATRIX_TO_HOST)
			add(&any, named_hosts(z, p, to));
	}
	return any_of(z, &any);
}

static bool has_finding(const struct proof *f, uint32_t statement, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < f->findings_count; i++) {
		const struct finding *x = &f->findings[i];

		if (x->what <= PROOF_CELL_CONDITION && x->statement == statement &&
		    x->from == from && x->to == to)
			return true;
	}
	return false;
}

static void violations_of_the_matrix_agree_with_z3(void **state)
{
	struct prover *v = prover_new(0);
	uint64_t seed = 23;

	(void)state;
	for (uint32_t i = 0; i < 16; i++) {
		struct build b;
		struct proof f;
		struct z3 z;

		town_draw_build(&seed, i % 2 ? "alpha" : "beta", 10, &b);
		const struct policy *p = &b.policy;

		assert_int_equal(prove_policy(v, p, 0, 0, &f), 0);
		begin(&z);
		for (uint32_t k = 0; k < p->statements_count * 16; k++) {
			uint32_t statement = k / 16, from = k / 4 % 4, to = k % 4;
			const struct statement *s = &p->statements[statement];

			if (s->type != STATEMENT_PERMIT)
				continue;
			Z3_ast bad = but_not(&z, named(&z, p, statement, from, to),
					     denied(&z, p, from, to));

			bad = but_not(&z, bad, allowed(&z, p, s, from, to));
			assert_int_equal(can_be(&z, bad), has_finding(&f, statement, from, to));
		}
		end(&z);
		proof_done(&f);
		build_done(&b);
	}
	prover_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diagrams_agree_with_z3_for_all_packets),
		cmocka_unit_test(differences_agree_with_z3_for_all_packets),
		cmocka_unit_test(violations_of_the_matrix_agree_with_z3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

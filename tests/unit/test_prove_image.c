/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies that no compiler would make: the proof finds what is wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "rules/json.h"
#include "rules/prove/prove.h"
#include "rules/prove/report.h"
#include "rules/text.h"
#include "tests/unit/prove_town.h"

/* The arrays of a policy that a test may change. */
struct altered {
	struct build b;
	struct policy p;
	struct box *boxes;
	struct class *classes;
	struct zone *zones;
	struct host *hosts;
	struct pair *pairs;
	uint32_t *refs;
	struct ip_range *nets;
};

#define COPY(a, section) \
	do { \
		size_t n_ = ((a)->b.policy.section##_count + 1) * sizeof(*(a)->section); \
		(a)->section = calloc(1, n_); \
		assert_non_null((a)->section); \
		memcpy((a)->section, (a)->b.policy.section, n_ - sizeof(*(a)->section)); \
		(a)->p.section = (a)->section; \
	} while (0)

static void copy(struct altered *a)
{
	a->p = a->b.policy;
	COPY(a, boxes);
	COPY(a, classes);
	COPY(a, zones);
	COPY(a, hosts);
	COPY(a, pairs);
	COPY(a, refs);
	COPY(a, nets);
}

static void free_copies(struct altered *a)
{
	free(a->boxes);
	free(a->classes);
	free(a->zones);
	free(a->hosts);
	free(a->pairs);
	free(a->refs);
	free(a->nets);
}

/* Zones from -> to; the pair's only box. */
static struct box *box_of(struct altered *a, const char *from, const char *to)
{
	uint32_t f = policy_zone_named(&a->p, from), t = policy_zone_named(&a->p, to);
	struct span s = a->p.pairs[f * a->p.zones_count + t].boxes;

	assert_true(s.count > 0);
	return &a->boxes[s.first];
}

static void widen_source(struct altered *a)
{
	box_of(a, "kikan", "lgwan")->src.hi++;
}

static void widen_port(struct altered *a)
{
	box_of(a, "net", "lgwan")->hi++;
}

static void narrow_destination(struct altered *a)
{
	box_of(a, "net", "cloud")->src.hi--;
}

static void swap_class(struct altered *a)
{
	box_of(a, "net", "lgwan")->class = box_of(a, "kikan", "lgwan")->class;
}

static void drop_boxes(struct altered *a)
{
	uint32_t f = policy_zone_named(&a->p, "net"), t = policy_zone_named(&a->p, "lgwan");

	a->pairs[f * a->p.zones_count + t].boxes.count = 0;
}

static void leave_home(struct altered *a)
{
	box_of(a, "net", "cloud")->dst = ip_all_v4();
}

static void deny_class(struct altered *a)
{
	a->classes[box_of(a, "net", "lgwan")->class].denied = true;
}

static void unqueue_class(struct altered *a)
{
	a->classes[box_of(a, "net", "lgwan")->class].queued = false;
}

static void open_class(struct altered *a)
{
	a->classes[box_of(a, "net", "lgwan")->class].closed = false;
}

static void loosen_class(struct altered *a)
{
	a->classes[box_of(a, "net", "lgwan")->class].joined.on_overload = ACTION_PASS;
}

static void forget_limits(struct altered *a)
{
	a->classes[box_of(a, "kikan", "lgwan")->class].joined.limits.count = 0;
}

static void offload_class(struct altered *a)
{
	a->classes[box_of(a, "net", "cloud")->class].joined.offload = true;
}

static void share_zones(struct altered *a)
{
	a->zones[policy_zone_named(&a->p, "iot")].nets =
		a->zones[policy_zone_named(&a->p, "school")].nets;
}

static void empty_host(struct altered *a)
{
	a->hosts[0].nets.count = 0;
}

static const struct {
	void (*alter)(struct altered *a);
	uint8_t what;
	enum diag_id message;
} alterations[] = {
	{ widen_source, PROOF_COMPILED_MORE, MSG_PROVE_COMPILED_MORE },
	{ widen_port, PROOF_COMPILED_MORE, MSG_PROVE_COMPILED_MORE },
	{ narrow_destination, PROOF_COMPILED_LESS, MSG_PROVE_COMPILED_LESS },
	{ swap_class, PROOF_COMPILED_MORE, MSG_PROVE_COMPILED_MORE },
	{ drop_boxes, PROOF_COMPILED_LESS, MSG_PROVE_COMPILED_LESS },
	{ leave_home, PROOF_NOT_AT_HOME, MSG_PROVE_NOT_AT_HOME },
	{ deny_class, PROOF_COMPILED_LESS, MSG_PROVE_COMPILED_LESS },
	{ unqueue_class, PROOF_CLASS_LAXER, MSG_PROVE_CLASS_LAXER },
	{ open_class, PROOF_CLASS_LAXER, MSG_PROVE_CLASS_LAXER },
	{ loosen_class, PROOF_CLASS_LAXER, MSG_PROVE_CLASS_LAXER },
	{ forget_limits, PROOF_CLASS_LAXER, MSG_PROVE_CLASS_LAXER },
	{ offload_class, PROOF_OUTLIVES, MSG_PROVE_OUTLIVES },
	{ share_zones, PROOF_ZONES_SHARE, MSG_PROVE_ZONES_SHARE },
	{ empty_host, PROOF_HOST_EMPTY, MSG_PROVE_HOST_EMPTY },
};

/* The message is among those that the proof reports. */
static void assert_said(struct build *b, const struct policy *p, const struct proof *f,
			enum diag_id message)
{
	const struct proof_places nowhere = { NULL, NULL, NULL, NULL, NULL };
	char id[64] = "\"id\":\"";
	size_t at = strlen(id);
	struct text t = { 0 };
	struct json j = json_to(&t);

	assert_int_equal(proof_report(f, p, &nowhere, &b->diags), 0);
	for (const char *s = diag_name(message); *s; s++)
		id[at++] = (char)(*s == '_' ? '-' : tolower((unsigned char)*s));
	json_open(&j, NULL, '{');
	diag_json(&b->diags, &j, "diagnostics");
	json_close(&j, '}');
	assert_non_null(strstr(t.bytes, id));
	text_done(&t);
}

static void prove_altered_image_is_refuted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(alterations) / sizeof(alterations[0]); i++) {
		struct altered a = { .boxes = NULL };

		town_build("", &a.b);
		copy(&a);
		alterations[i].alter(&a);
		struct proof f = town_prove(&a.p);

		assert_non_null(town_find(&f, (enum proof_what)alterations[i].what));
		if (proof_is_error(alterations[i].what))
			assert_int_equal(f.result, PROOF_FAILS);
		assert_said(&a.b, &a.p, &f, alterations[i].message);
		proof_done(&f);
		free_copies(&a);
		build_done(&a.b);
	}
}

static void prove_objects_without_content_are_named(void **state)
{
	struct build b;

	(void)state;
	town_build("", &b);
	struct site site = { .zone = 0 };
	struct group group = { .zone = 0 };
	struct policy p = b.policy;

	p.sites = &site;
	p.groups = &group;
	p.sites_count = p.groups_count = 1;
	struct proof f = town_prove(&p);

	assert_non_null(town_find(&f, PROOF_SITE_EMPTY));
	assert_non_null(town_find(&f, PROOF_GROUP_EMPTY));
	assert_said(&b, &p, &f, MSG_PROVE_SITE_EMPTY);
	assert_said(&b, &p, &f, MSG_PROVE_GROUP_EMPTY);
	proof_done(&f);
	build_done(&b);
}

/* Every field of every box, every class, moved by a little: found, or the same packets go the same way. */
static void mutate(struct altered *a, uint64_t *seed)
{
	struct box *x = &a->boxes[town_draw(seed, a->p.boxes_count)];
	struct class *k = &a->classes[x->class];

	switch (town_draw(seed, 10)) {
	case 0: x->src.lo--; break;
	case 1: x->src.hi++; break;
	case 2: x->dst.lo++; break;
	case 3: x->dst.hi--; break;
	case 4: x->lo = (uint16_t)(x->lo ? x->lo - 1 : 1); break;
	case 5: x->hi++; break;
	case 6: x->class = town_draw(seed, a->p.classes_count); break;
	case 7: k->denied = !k->denied; break;
	case 8: k->members.count--; break;
	default: a->refs[k->members.first] = town_draw(seed, a->p.statements_count);
	}
	if (x->src.lo > x->src.hi || x->dst.lo > x->dst.hi ||
	    x->lo > x->hi) /* no image has such a box */
		*x = a->b.policy.boxes[x - a->boxes];
}

static bool says_the_same(const struct policy *p, const struct policy *q, uint64_t *seed)
{
	for (uint32_t i = 0; i < 4000; i++) {
		uint32_t from = town_draw(seed, p->zones_count - 1),
			 to = town_draw(seed, p->zones_count - 1);
		struct tuple t = town_draw_tuple(seed, p, from, to);
		uint32_t k = policy_classify(p, from, to, &t), m = policy_classify(q, from, to, &t);
		bool passes = k != POLICY_NONE && !p->classes[k].denied;

		if (passes != (m != POLICY_NONE && !q->classes[m].denied))
			return false;
		if (passes && k != m)
			return false;
	}
	return true;
}

static void prove_random_mutations_are_found_or_harmless(void **state)
{
	uint64_t seed = 99;
	uint32_t found = 0;

	(void)state;
	for (uint32_t i = 0; i < 600; i++) {
		struct altered a = { .boxes = NULL };

		town_draw_build(&seed, "lab", 12, &a.b);
		copy(&a);
		if (a.p.boxes_count) {
			mutate(&a, &seed);
			struct proof f = town_prove(&a.p);

			found += f.result == PROOF_FAILS;
			if (f.result != PROOF_FAILS)
				assert_true(says_the_same(&a.b.policy, &a.p, &seed));
			proof_done(&f);
		}
		free_copies(&a);
		build_done(&a.b);
	}
	assert_true(found > 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prove_altered_image_is_refuted),
		cmocka_unit_test(prove_objects_without_content_are_named),
		cmocka_unit_test(prove_random_mutations_are_found_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rules/image.h"
#include "rules/policy.h"
#include "rules/text.h"
#include "tests/unit/policy_fixture.h"

static struct text image_of(struct policy *p)
{
	struct text t = { 0 };

	assert_int_equal(image_write(p, &t), 0);
	return t;
}

static void write_then_read_gives_the_same_policy(void **state)
{
	struct fixture *f = fixture_town();
	struct policy *p = fixture_policy(f), q;
	struct text t = image_of(p), again;
	char why[160] = "";

	(void)state;
	assert_int_equal(image_read(t.bytes, t.len, &q, why), 0);
	assert_memory_equal(q.hash, p->hash, sizeof(q.hash));
	assert_int_equal(q.model, p->model);
	assert_int_equal(q.boxes_count, p->boxes_count);
	again = image_of(&q);
	assert_int_equal(again.len, t.len);
	assert_memory_equal(again.bytes, t.bytes, t.len);
	text_done(&again);
	text_done(&t);
	fixture_free(f);
}

static void read_any_flipped_bit_is_refused(void **state)
{
	struct fixture *f = fixture_town();
	struct text t = image_of(fixture_policy(f));
	struct policy q;
	char why[160];

	(void)state;
	for (size_t bit = 0; bit < t.len * 8; bit++) {
		t.bytes[bit / 8] = (char)(t.bytes[bit / 8] ^ 1 << bit % 8);
		if (image_read(t.bytes, t.len, &q, why) == 0)
			fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
		t.bytes[bit / 8] = (char)(t.bytes[bit / 8] ^ 1 << bit % 8);
	}
	assert_int_equal(image_read(t.bytes, t.len, &q, why), 0);
	text_done(&t);
	fixture_free(f);
}

static void read_any_truncation_is_refused(void **state)
{
	struct fixture *f = fixture_town();
	struct text t = image_of(fixture_policy(f));
	struct policy q;
	char why[160];

	(void)state;
	for (size_t n = 0; n < t.len; n++) {
		char *exact = malloc(n ? n : 1);

		assert_non_null(exact);
		memcpy(exact, t.bytes, n);
		assert_int_not_equal(image_read(exact, n, &q, why), 0);
		free(exact);
	}
	text_done(&t);
	fixture_free(f);
}

static void read_other_version_is_named(void **state)
{
	struct fixture *f = fixture_town();
	struct text t = image_of(fixture_policy(f));
	struct policy q;
	char why[160];

	(void)state;
	t.bytes[8] = IMAGE_VERSION + 1;
	assert_int_equal(image_read(t.bytes, t.len, &q, why), -EPROTONOSUPPORT);
	assert_non_null(strstr(why, "version 3"));
	text_done(&t);
	fixture_free(f);
}

static void load_maps_a_file_and_refuses_another(void **state)
{
	struct fixture *f = fixture_town();
	struct text t = image_of(fixture_policy(f));
	FILE *file = tmpfile();
	struct policy q;
	const void *map;
	size_t len;
	char why[160];

	(void)state;
	assert_non_null(file);
	assert_int_equal(image_load(fileno(file), &q, &map, &len, why), -EBADMSG);
	assert_int_equal(write(fileno(file), t.bytes, t.len), (ssize_t)t.len);
	assert_int_equal(image_load(fileno(file), &q, &map, &len, why), 0);
	assert_int_equal(len, t.len);
	munmap((void *)(uintptr_t)map, len);
	assert_int_equal(ftruncate(fileno(file), (off_t)t.len - 1), 0);
	assert_int_equal(image_load(fileno(file), &q, &map, &len, why), -EBADMSG);
	fclose(file);
	text_done(&t);
	fixture_free(f);
}

/* --- what the hash does not catch, because a wrong compiler would hash it too --- */

static void wrong_class(struct policy *p)
{
	((struct box *)(uintptr_t)p->boxes)[0].class = p->classes_count;
}
static void wrong_span(struct policy *p)
{
	((struct class *)(uintptr_t)p->classes)[0].members.count = p->refs_count;
	((struct class *)(uintptr_t)p->classes)[0].members.first = 1;
}
static void wrong_ref(struct policy *p)
{
	((uint32_t *)(uintptr_t)p->refs)[p->classes[0].members.first] = p->statements_count;
}
static void wrong_bool(struct policy *p)
{
	*(uint8_t *)(uintptr_t)&p->classes[0].closed = 2;
}
static void wrong_enum(struct policy *p)
{
	((struct zone *)(uintptr_t)p->zones)[0].role = ROLE_COUNT;
}
static void wrong_string(struct policy *p)
{
	((struct zone *)(uintptr_t)p->zones)[0].label = 2;
}
static void wrong_control_character(struct policy *p)
{
	((char *)(uintptr_t)p->strings)[1] = '\n';
}
static void wrong_zone_name(struct policy *p)
{
	((char *)(uintptr_t)p->strings)[p->zones[0].name] = '{';
}
static void wrong_interface_name(struct policy *p)
{
	((char *)(uintptr_t)p->strings)[p->words[0]] = '"';
}
static void wrong_overlap(struct policy *p)
{
	((struct ip_range *)(uintptr_t)p->nets)[p->zones[0].nets.first].hi =
		p->nets[p->zones[1].nets.first].lo;
}
static void wrong_order(struct policy *p)
{
	struct box *b = (struct box *)(uintptr_t)p->boxes, swap = b[2];

	b[2] = b[3];
	b[3] = swap;
}
static void wrong_box_outside(struct policy *p)
{
	((struct box *)(uintptr_t)p->boxes)[0].src.hi += 65536;
}
static void wrong_family(struct policy *p)
{
	((struct box *)(uintptr_t)p->boxes)[0].dst = ip_all_v4();
	((struct box *)(uintptr_t)p->boxes)[0].dst.hi = IP_MAX;
}
static void wrong_padding(struct policy *p)
{
	((struct box *)(uintptr_t)p->boxes)[0].pad = 1;
}
static void wrong_deny_profile(struct policy *p)
{
	((struct statement *)(uintptr_t)p->statements)[0].profile = POLICY_NONE;
}
static void wrong_pair(struct policy *p)
{
	((struct pair *)(uintptr_t)p->pairs)[3].from = 1;
}
static void wrong_hours(struct policy *p)
{
	((struct window *)(uintptr_t)p->windows)[0].to_minute = 1441;
}
static void wrong_box_zone(struct policy *p)
{
	((struct zone *)(uintptr_t)p->zones)[policy_box_zone(p)].role = ROLE_LGWAN;
}
static void wrong_time(struct policy *p)
{
	((struct statement *)(uintptr_t)p->statements)[0].until = INT64_MAX;
}

static void read_inconsistent_policy_is_refused_and_named(void **state)
{
	static const struct {
		void (*spoil)(struct policy *);
		const char *word;
	} cases[] = {
		{ wrong_class, "boxes[0]: class" },
		{ wrong_span, "classes[0]: members" },
		{ wrong_ref, "members" },
		{ wrong_bool, "classes[0]: closed" },
		{ wrong_enum, "zones[0]: role" },
		{ wrong_string, "zones[0]: label" },
		{ wrong_control_character, "strings" },
		{ wrong_zone_name, "zones[0]: name" },
		{ wrong_interface_name, "zones[0]: interface name" },
		{ wrong_overlap, "zones[1]: network overlaps" },
		{ wrong_order, "boxes[" },
		{ wrong_box_outside, "boxes[0]: outside" },
		{ wrong_family, "boxes[0]: is no box" },
		{ wrong_padding, "boxes[0]: pad" },
		{ wrong_deny_profile, "statements[0]: profile" },
		{ wrong_pair, "pairs[3]" },
		{ wrong_hours, "windows[0]: hours" },
		{ wrong_box_zone, "zones[4]" },
		{ wrong_time, "statements[0]: until" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture *f = fixture_town();

		fixture_window(f, 0x7f, 0, 1440, "");
		struct policy *p = fixture_policy(f), q;
		char why[160] = "";

		cases[i].spoil(p);
		struct text t = image_of(p);

		assert_int_equal(image_read(t.bytes, t.len, &q, why), -EBADMSG);
		if (!strstr(why, cases[i].word))
			fail_msg("'%s' does not speak of '%s'", why, cases[i].word);
		text_done(&t);
		fixture_free(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_then_read_gives_the_same_policy),
		cmocka_unit_test(read_any_flipped_bit_is_refused),
		cmocka_unit_test(read_any_truncation_is_refused),
		cmocka_unit_test(read_other_version_is_named),
		cmocka_unit_test(load_maps_a_file_and_refuses_another),
		cmocka_unit_test(read_inconsistent_policy_is_refused_and_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

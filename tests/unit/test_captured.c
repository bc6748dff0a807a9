/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What real programs sent, pcaps/BODIES.tsv, comes out of the readers of what a wire carried of it, byte for byte.
 * With capture files as arguments: prints what is read out of each, without a byte of it.
 */
#include "rules/sha256.h"
#include "tests/unit/talks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *digest(const struct body_seen *b, char out[static SHA256_HEX])
{
	uint8_t sum[SHA256_BYTES];

	sha256_of(b->len ? b->at : (const uint8_t *)"", b->len, sum);
	return sha256_hex(sum, out);
}

/* One line of the table: capture, protocol, kind, direction, name, bytes, sha256 */
struct sent {
	char capture[64], protocol[16], kind[2], direction[2], name[64], sum[SHA256_HEX + 1];
	size_t bytes;
};

static bool is_it(const struct body_seen *b, const struct sent *s)
{
	char sum[SHA256_HEX];

	if (strcmp(b->protocol, s->protocol) != 0 || b->kind != s->kind[0] || b->state != 'e' ||
	    b->server != (s->direction[0] == '<') || b->len != s->bytes ||
	    (strcmp(s->name, "-") != 0 && strcmp(b->name, s->name) != 0))
		return false;
	return strcmp(digest(b, sum), s->sum) == 0;
}

static size_t found(const struct talks *t, const struct sent *s)
{
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct bodies *b = talks_bodies(t, i);

		for (size_t k = 0; b && k < b->count; k++)
			n += is_it(&b->list[k], s);
	}
	return n;
}

static bool next_sent(FILE *f, struct sent *s)
{
	char line[512];

	while (fgets(line, sizeof(line), f))
		if (line[0] != '#' &&
		    sscanf(line, "%63s %15s %1s %1s %63s %zu %64s", s->capture, s->protocol,
			   s->kind, s->direction, s->name, &s->bytes, s->sum) == 7)
			return true;
	return false;
}

static void what_programs_sent_is_read(void **state)
{
	FILE *f = fopen("pcaps/BODIES.tsv", "r");
	struct sent s;
	size_t n = 0;

	(void)state;
	assert_non_null(f);
	for (; next_sent(f, &s); n++) {
		char path[128];

		snprintf(path, sizeof(path), "pcaps/%s", s.capture);
		struct talks *t = talks_read(path);

		assert_non_null(t);
		if (found(t, &s) != 1) /* names the line that is wrong */
			assert_string_equal(s.capture, s.sum);
		talks_free(t);
	}
	fclose(f);
	assert_true(n >= 12);
}

static void what_cannot_be_read_is_told(void **state)
{
	static const char *const cases[][2] = {
		{ "pcaps/smb_encrypted.pcap", "#encrypted SMB3 encryption" },
		{ "pcaps/smtp_starttls.pcap", "#encrypted STARTTLS" }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct talks *t = talks_read(cases[i][0]);
		bool told = false;

		assert_non_null(t);
		for (size_t k = 0; k < t->count; k++)
			told |= talks_bodies(t, k) &&
				strstr(talks_bodies(t, k)->notes, cases[i][1]);
		assert_true(told);
		talks_free(t);
	}
}

static void show(const char *path)
{
	struct talks *t = talks_read(path);
	char sum[SHA256_HEX];

	if (!t) {
		printf("%s: no capture\n", path);
		return;
	}
	for (size_t i = 0; i < t->count; i++) {
		const struct bodies *b = talks_bodies(t, i);

		for (size_t k = 0; b && k < b->count; k++) {
			const struct body_seen *s = &b->list[k];

			printf("%s\t%s\t%c\t%c\t%c\t%s\t%s\t%zu\t%s\n", path, s->protocol, s->kind,
			       s->server ? '<' : '>', s->state, s->name[0] ? s->name : "-",
			       s->encoding[0] ? s->encoding : "-", s->len, digest(s, sum));
		}
		for (const char *at = b ? b->notes : NULL; at && (at = strstr(at, "#bad ")); at++)
			printf("%s\t%.*s\n", path, (int)strcspn(at, ";"), at);
		if (b && b->gave_up)
			printf("%s\t=%s\n", path, b->gave_up);
		if (b && b->misused)
			abort();
	}
	talks_free(t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_programs_sent_is_read),
		cmocka_unit_test(what_cannot_be_read_is_told),
	};

	for (int i = 1; i < argc; i++)
		show(argv[i]);
	return argc > 1 ? 0 : cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/conf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int load(const char *text, struct conf *c, char why[2][256])
{
	char path[] = "/tmp/sekimori-conf-XXXXXX";
	const int fd = mkstemp(path);
	int r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	r = conf_load(c, path, why);
	unlink(path);
	return r;
}

static void load_an_empty_file_gives_the_defaults(void **state)
{
	struct conf c, want;
	char why[2][256];

	(void)state;
	conf_default(&want);
	assert_int_equal(load("", &c, why), 0);
	assert_memory_equal(&c, &want, sizeof c);
	assert_in_range(c.engines, 1, 16);
}

static void load_reads_every_type(void **state)
{
	struct conf c;
	char why[2][256];

	(void)state;
	assert_int_equal(
		load("engines = 3;\nclock = \"trusted\";\nalerts-log = false;\nuser = \"\";\n"
		     "log-directory = \"/tmp/x\"; // C comments too\nqueue-length = 2048L;\n",
		     &c, why),
		0);
	assert_int_equal(c.engines, 3);
	assert_int_equal(c.clock, CLOCK_TRUSTED);
	assert_false(c.alerts_log);
	assert_string_equal(c.user, "");
	assert_string_equal(c.log_directory, "/tmp/x");
	assert_int_equal(c.queue_length, 2048);
}

static void load_a_missing_file_gives_the_defaults_and_says_so(void **state)
{
	struct conf c, want;
	char why[2][256];

	(void)state;
	conf_default(&want);
	assert_int_equal(conf_load(&c, "/nonexistent/sekimori.conf", why), -ENOENT);
	assert_memory_equal(&c, &want, sizeof c);
}

static void load_refuses_with_file_and_line(void **state)
{
	static const struct {
		const char *text, *where, *what;
	} table[] = {
		{ "\n\nengins = 2;", ":3: engins: ", "unknown setting" },
		{ "engines = 17;", ":1: engines: ", "0 to 16" },
		{ "engines = -1;", ":1: engines: ", "0 to 16" },
		{ "engines = \"2\";", ":1: engines: ", "whole number" },
		{ "engines = 2.5;", ":1: engines: ", "whole number" },
		{ "\nalerts-log = 1;", ":2: alerts-log: ", "true or false" },
		{ "clock = \"sundial\";", ":1: clock: ", "\"synchronised\", \"trusted\"" },
		{ "clock = 1;", ":1: clock: ", "\"synchronised\", \"trusted\"" },
		{ "user = 0;", ":1: user: ", "text" },
		{ "run-directory = \"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\";",
		  ":1: run-directory: ", "87 bytes" },
		{ "engines = ;", ":1: ", "syntax" },
		{ "engines = 1;\nengines = 2;", ":2: ", "duplicate" },
		{ "group : { engines = 2; };", ":1: group: ", "unknown setting" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct conf c, want;
		char why[2][256] = { "", "" };

		conf_default(&want);
		assert_int_equal(load(table[i].text, &c, why), -EINVAL);
		assert_non_null(strstr(why[0], table[i].where));
		assert_non_null(strstr(why[0], table[i].what));
		assert_non_null(strstr(why[1], "/tmp/sekimori-conf-"));
		assert_memory_equal(&c, &want, sizeof c); /* nothing half read */
	}
}

/* What stands commented out in the sample is the table, word for word. */
static void sample_file_shows_every_setting_with_its_default(void **state)
{
	FILE *f = fopen("systemd/sekimori.conf", "re");
	char line[256], text[8192] = "";
	struct conf c, want;
	char why[2][256];
	size_t settings = 0, shown = 0;

	(void)state;
	if (!f)
		skip(); /* not run from the root of the tree */
	while (fgets(line, sizeof line, f)) {
		if (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z' && strchr(line, '=')) {
			strncat(text, line + 1, sizeof text - strlen(text) - 1);
			shown++;
		}
	}
	fclose(f);
	for (const struct conf_setting *s = conf_settings; s->name; s++)
		settings++;
	assert_int_equal(shown, settings);
	conf_default(&want);
	assert_int_equal(load(text, &c, why), 0);
	assert_memory_equal(&c, &want, sizeof c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(load_an_empty_file_gives_the_defaults),
		cmocka_unit_test(load_reads_every_type),
		cmocka_unit_test(load_a_missing_file_gives_the_defaults_and_says_so),
		cmocka_unit_test(load_refuses_with_file_and_line),
		cmocka_unit_test(sample_file_shows_every_setting_with_its_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

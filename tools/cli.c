/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/jst.h"
#include "rules/lang/schema.h"
#include "rules/near.h"

static size_t count_own(const struct cli_verb *v)
{
	size_t n = 0;

	while (v->options && v->options[n].name)
		n++;
	return n;
}

const struct cli_option *cli_option(const struct cli_verb *v, size_t i,
				    struct cli_option_room *room)
{
	const struct schema *block = v->block ? schema_kind(v->block) : NULL;
	size_t own = count_own(v);

	if (i < own)
		return &v->options[i];
	if (!block || i - own >= block->key_count)
		return NULL;
	const struct key *key = &block->keys[i - own];

	schema_value_words(key, room->value, sizeof(room->value));
	room->option = (struct cli_option){ .name = key->name,
					    .value = room->value,
					    .help = { key->help[0], key->help[1] } };
	return &room->option;
}

const char *cli_value(const struct cli *c, const char *name)
{
	struct cli_option_room room;
	const struct cli_option *o;

	for (size_t i = 0; (o = cli_option(c->verb, i, &room)); i++)
		if (!strcmp(o->name, name))
			return c->values[i];
	assert(!"an option that the verb does not have");
	return NULL;
}

/* Whether an argument names an option: --name, --name=value or -x. No abbreviations: scripts outlive new options. */
static bool names(const struct cli_option *o, const char *arg, size_t len)
{
	if (len == 2 && arg[0] == '-' && o->letter && arg[1] == o->letter)
		return true;
	return len > 2 && strlen(o->name) == len - 2 && !memcmp(arg + 2, o->name, len - 2);
}

static int unknown_option(const struct cli *c, const char *arg, size_t len)
{
	struct near n = near_to(len > 2 ? arg + 2 : "", len > 2 ? len - 2 : 0);

	struct cli_option_room room;
	const struct cli_option *o;

	for (size_t i = 0; (o = cli_option(c->verb, i, &room)); i++)
		near_try(&n, o->name);
	if (c->verb->json)
		near_try(&n, "json");
	if (near_best(&n))
		return cli_usage(c, "there is no option '%.*s'; did you mean '--%s'?",
				 "オプション %.*s はありません。--%s のことですか?", (int)len, arg,
				 near_best(&n));
	return cli_usage(c, "there is no option '%.*s'", "オプション %.*s はありません", (int)len,
			 arg);
}

/* One option at argv[*i]; its value may be the next argument. */
static int take_option(struct cli *c, int argc, char **argv, int *i)
{
	const char *arg = argv[*i], *equals = arg[1] == '-' ? strchr(arg, '=') : NULL;
	size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
	struct cli_option_room room;
	const struct cli_option *o;
	size_t number = 0;

	while ((o = cli_option(c->verb, number, &room)) && !names(o, arg, len))
		number++;
	if (c->verb->json && !strcmp(arg, "--json")) {
		c->json = true;
		return 0;
	}
	if (!o)
		return unknown_option(c, arg, len);
	const char **slot = &c->values[number];

	if (*slot)
		return cli_usage(c, "'--%s' is given twice", "--%s が二回指定されています",
				 o->name);
	if (!o->value && equals)
		return cli_usage(c, "'--%s' takes no value", "--%s に値は付けられません", o->name);
	if (!o->value) {
		*slot = "";
		return 0;
	}
	if (!equals && *i + 1 >= argc)
		return cli_usage(c, "'--%s' needs a value: %s", "--%s には値が必要です: %s",
				 o->name, o->value);
	*slot = equals ? equals + 1 : argv[++*i];
	return 0;
}

struct operand_range {
	int min, max;
};

/* "FILE [DEST]" is one or two, "PCAP..." one or more. */
static struct operand_range operand_range(const char *spec)
{
	struct operand_range r = { 0, 0 };

	for (const char *p = spec; *p; p++) {
		if (p != spec && p[-1] != ' ')
			continue;
		r.max++;
		r.min += *p != '[';
	}
	if (strstr(spec, "..."))
		r.max = INT32_MAX;
	return r;
}

static int check_operands(struct cli *c)
{
	struct operand_range r = operand_range(c->verb->operands);

	if (c->operand_count < r.min)
		return cli_usage(c, "something is missing: %s", "引数が足りません: %s",
				 c->verb->operands);
	if (c->operand_count > r.max)
		return cli_usage(c, "'%s' is too much", "余分な引数です: %s", c->operands[r.max]);
	return 0;
}

int cli_parse(struct cli *c, const struct cli_verb *verb, int argc, char **argv)
{
	bool options_end = false;
	int count = 0;

	c->verb = verb;
	c->operands = argv;
	for (int i = 0; i < argc; i++) {
		bool option = !options_end && argv[i][0] == '-' && argv[i][1];

		if (!option) {
			argv[count++] = argv[i];
		} else if (!strcmp(argv[i], "--")) {
			options_end = true;
		} else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			return -1;
		} else {
			int r = take_option(c, argc, argv, &i);

			if (r)
				return r;
		}
	}
	c->operand_count = count;
	return check_operands(c);
}

bool cli_number(const struct cli *c, const char *name, uint64_t min, uint64_t max, uint64_t *out)
{
	const char *s = cli_value(c, name);
	char *end;

	errno = 0;
	unsigned long long v = strtoull(s, &end, 10);

	if (*s >= '0' && *s <= '9' && !*end && !errno && v >= min && v <= max) {
		*out = v;
		return true;
	}
	cli_usage(c, "'--%s %s': a number from %llu to %llu is needed",
		  "--%s %s: %llu から %llu までの数を指定してください", name, s,
		  (unsigned long long)min, (unsigned long long)max);
	return false;
}

bool cli_time(const struct cli *c, const char *name, int64_t *out)
{
	const char *s = cli_value(c, name);

	if (jst_parse(s, out, NULL) == 0)
		return true;
	cli_usage(c, "'--%s %s': a date 2027-03-31 or a time 2027-03-31T17:15 is needed",
		  "--%s %s: 日付 2027-03-31 または時刻 2027-03-31T17:15 を指定してください", name,
		  s);
	return false;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/list_values.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "rules/jst.h"
#include "rules/lang/networks.h"
#include "rules/lang/schema.h"
#include "rules/lang/services.h"

#define DAY 86400

struct writing {
	const struct policy *p;
	const struct key *key;
	const void *record;
	const void *field;
	struct list_items *to;
};

static void put(const struct writing *w, const char *text)
{
	w->to->item(w->to, text, false);
}

static void put_string(const struct writing *w, uint32_t offset)
{
	if (offset)
		w->to->item(w->to, policy_string(w->p, offset), true);
}

static void write_text(const struct writing *w)
{
	put_string(w, *(const uint32_t *)w->field);
}

/* What the key says when it is left out. */
static bool is_preset(const struct writing *w, const char *text)
{
	return w->key->preset && !w->key->stated && !strcmp(w->key->preset, text);
}

static void put_unless_preset(const struct writing *w, const char *text)
{
	if (!is_preset(w, text))
		put(w, text);
}

static void write_choice(const struct writing *w)
{
	put_unless_preset(w, w->key->words->list[*(const uint8_t *)w->field]);
}

static void write_word(const struct writing *w)
{
	uint32_t word = *(const uint32_t *)w->field;

	if (word)
		put(w, policy_string(w->p, word));
}

/* --- names of other records -------------------------------------------------------------------- */

static const char *name_of(const struct policy *p, uint8_t block, uint32_t index)
{
	switch (block) {
	case BLOCK_ZONE: return policy_string(p, p->zones[index].name);
	case BLOCK_HOST: return policy_string(p, p->hosts[index].name);
	case BLOCK_SERVICE: return policy_string(p, p->services[index].name);
	case BLOCK_WINDOW: return policy_string(p, p->windows[index].name);
	case BLOCK_PROFILE: return policy_string(p, p->profiles[index].name);
	case BLOCK_FEED: return policy_string(p, p->feeds[index].name);
	case BLOCK_GROUP: return policy_string(p, p->groups[index].name);
	default: return policy_string(p, p->sites[index].name);
	}
}

static void write_name(const struct writing *w)
{
	uint32_t index = *(const uint32_t *)w->field;

	if (index != POLICY_NONE)
		put(w, name_of(w->p, w->key->of, index));
}

static void write_names(const struct writing *w)
{
	struct span s = *(const struct span *)w->field;

	if (s.count == 1 && is_preset(w, name_of(w->p, w->key->of, w->p->refs[s.first])))
		return;
	for (uint32_t i = 0; i < s.count; i++)
		put(w, name_of(w->p, w->key->of, w->p->refs[s.first + i]));
}

static void write_words(const struct writing *w)
{
	struct span s = *(const struct span *)w->field;

	for (uint32_t i = 0; i < s.count; i++)
		put(w, policy_string(w->p, w->p->words[s.first + i]));
}

static void write_interfaces(const struct writing *w)
{
	struct span s = *(const struct span *)w->field;

	for (uint32_t i = 0; i < s.count; i++)
		put_string(w, w->p->words[s.first + i]);
}

static void write_end(const struct writing *w, const struct endpoint *e)
{
	static const struct {
		const char *word;
		uint8_t block;
	} kinds[] = {
		[END_ZONE] = { "zone", BLOCK_ZONE },
		[END_HOST] = { "host", BLOCK_HOST },
		[END_GROUP] = { "group", BLOCK_GROUP },
		[END_SITE] = { "site", BLOCK_SITE },
	};
	char buf[IP_RANGE_TEXT + 64];

	if (e->kind == END_PREFIX)
		ip_range_text(w->p->nets[e->index], buf);
	else
		snprintf(buf, sizeof(buf), "%s %s", kinds[e->kind].word,
			 name_of(w->p, kinds[e->kind].block, e->index));
	put(w, buf);
}

static void write_endpoints(const struct writing *w)
{
	struct span s = *(const struct span *)w->field;

	for (uint32_t i = 0; i < s.count; i++)
		write_end(w, &w->p->endpoints[s.first + i]);
}

static void write_between(const struct writing *w)
{
	const struct statement *s = w->record;

	write_end(w, &w->p->endpoints[s->from.first]);
	write_end(w, &w->p->endpoints[s->to.first]);
}

static void write_risk(const struct writing *w)
{
	char buf[64];

	snprintf(buf, sizeof(buf), "host %s",
		 name_of(w->p, BLOCK_HOST, *(const uint32_t *)w->field));
	put(w, buf);
}

/* --- networks ---------------------------------------------------------------------------------- */

/* As prefixes: they compile to the same ranges again, and no message asks for prefixes. */
static void write_networks(const struct writing *w)
{
	struct span s = *(const struct span *)w->field;

	for (uint32_t i = 0; i < s.count; i++) {
		struct ip_range rest = w->p->nets[s.first + i], part;
		char buf[IP_RANGE_TEXT];

		for (bool more = true; more;) {
			more = networks_next_prefix(&rest, &part);
			put(w, ip_range_text(part, buf));
		}
	}
}

static void write_zone_networks(const struct writing *w)
{
	if (((const struct zone *)w->record)->rest)
		put(w, "rest");
	else
		write_networks(w);
}

static void write_macs(const struct writing *w)
{
	struct span s = *(const struct span *)w->field;
	char buf[18];

	for (uint32_t i = 0; i < s.count; i++)
		put(w, mac_text(w->p->macs[s.first + i].bytes, buf));
}

/* --- services ---------------------------------------------------------------------------------- */

static void put_number(const struct writing *w, uint8_t table, unsigned int number)
{
	const char *name = services_name(table, (uint8_t)number);
	char buf[12];

	snprintf(buf, sizeof(buf), "%u", number);
	put(w, name ? name : buf);
}

static void write_port(const struct writing *w, const struct port_range *r)
{
	char buf[16];

	if (r->lo == 0 && r->hi == UINT16_MAX)
		put(w, "any");
	else if (snprintf(buf, sizeof(buf), r->lo == r->hi ? "%u" : "%u-%u", r->lo, r->hi) > 0)
		put(w, buf);
}

static void write_ports(const struct writing *w)
{
	struct span s = *(const struct span *)w->field;

	for (uint32_t i = 0; i < s.count; i++)
		if (w->p->ports[s.first + i].protocol == w->key->of &&
		    !w->p->ports[s.first + i].any)
			write_port(w, &w->p->ports[s.first + i]);
}

static void write_icmp_types(const struct writing *w)
{
	struct span s = *(const struct span *)w->field;

	for (uint32_t i = 0; i < s.count; i++) {
		const struct port_range *r = &w->p->ports[s.first + i];

		if (r->protocol != w->key->of || r->any)
			continue;
		if (r->lo == 0 && r->hi == 255)
			put(w, "any");
		else
			for (unsigned int type = r->lo; type <= r->hi; type++)
				put_number(w, w->key->of, type);
	}
}

static void write_protocols(const struct writing *w)
{
	struct span s = *(const struct span *)w->field;

	for (uint32_t i = 0; i < s.count; i++) {
		const struct port_range *r = &w->p->ports[s.first + i];
		bool own_key = r->protocol == 1 || r->protocol == 6 || r->protocol == 17 ||
			       r->protocol == 58;

		if (r->any)
			put(w, "any");
		else if (!own_key)
			put_number(w, 0, r->protocol);
	}
}

/* --- times ------------------------------------------------------------------------------------- */

static bool at_midnight(int64_t seconds)
{
	return (seconds + JST_OFFSET) % DAY == 0;
}

static void write_start(const struct writing *w)
{
	int64_t t = *(const int64_t *)w->field;
	char buf[JST_TEXT];

	if (t)
		put(w, at_midnight(t) ? jst_date_text(t, buf) : jst_time_text(t, buf));
}

/* The first second after the last day is written as that day. */
static void write_end_date(const struct writing *w)
{
	int64_t t = *(const int64_t *)w->field;
	char buf[JST_TEXT];

	if (t)
		put(w, at_midnight(t) ? jst_date_text(t - 1, buf) : jst_time_text(t, buf));
}

static void write_days(const struct writing *w)
{
	static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };
	uint8_t bits = *(const uint8_t *)w->field;

	for (int i = 0; i < 7 && bits != 0x7f; i++)
		if (bits >> i & 1)
			put(w, days[i]);
}

static void write_hours(const struct writing *w)
{
	const struct window *win = w->record;
	char buf[32];

	snprintf(buf, sizeof(buf), "%02d:%02d-%02d:%02d", win->from_minute / 60,
		 win->from_minute % 60, win->to_minute / 60, win->to_minute % 60);
	put_unless_preset(w, buf);
}

static void write_holidays(const struct writing *w)
{
	if (*(const bool *)w->field)
		put(w, "holidays");
}

/* --- sizes and limits -------------------------------------------------------------------------- */

/* In the largest unit that leaves no rest. */
static const char *size_text(uint64_t bytes, char buf[static 32])
{
	static const char *const units[] = { "B", "KB", "MB", "GB", "TB" };
	int unit = 0;

	while (unit < 4 && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	snprintf(buf, 32, "%llu%s", (unsigned long long)bytes, units[unit]);
	return buf;
}

static void write_size(const struct writing *w)
{
	char buf[32];

	put_unless_preset(w, size_text(*(const uint32_t *)w->field, buf));
}

static void write_limit(const struct writing *w, const struct limit *l)
{
	char amount[32], buf[80];

	if (l->action == LIMIT_COUNT) {
		put(w, "count");
		return;
	}
	if (l->bytes)
		size_text(l->amount, amount);
	else
		snprintf(amount, sizeof(amount), "%llu", (unsigned long long)l->amount);
	snprintf(buf, sizeof(buf), "%s %s per %s", policy_limit_words[l->action], amount,
		 policy_per_words[l->per]);
	put(w, buf);
}

static void write_limits(const struct writing *w)
{
	struct span s = *(const struct span *)w->field;

	for (uint32_t i = 0; i < s.count; i++)
		if (w->p->limits[s.first + i].detector == w->key->of)
			write_limit(w, &w->p->limits[s.first + i]);
}

/* A name of nDPI's that is no word of the language is quoted. */
static void write_applications(const struct writing *w)
{
	static const char word[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	struct span s = *(const struct span *)w->field;

	for (uint32_t i = 0; i < s.count; i++) {
		const char *name = policy_string(w->p, w->p->apps[w->p->refs[s.first + i]]);

		w->to->item(w->to, name, name[strspn(name, word)] != '\0');
	}
}

static void (*const writers[VALUE_TYPE_COUNT])(const struct writing *w) = {
	[VALUE_TEXT] = write_text,
	[VALUE_CHOICE] = write_choice,
	[VALUE_WORD] = write_word,
	[VALUE_NAME] = write_name,
	[VALUE_NAMES] = write_names,
	[VALUE_ZONE_NETWORKS] = write_zone_networks,
	[VALUE_NETWORKS] = write_networks,
	[VALUE_MACS] = write_macs,
	[VALUE_INTERFACES] = write_interfaces,
	[VALUE_MEMBERS] = write_words,
	[VALUE_PORTS] = write_ports,
	[VALUE_ICMP_TYPES] = write_icmp_types,
	[VALUE_PROTOCOLS] = write_protocols,
	[VALUE_DAYS] = write_days,
	[VALUE_HOURS] = write_hours,
	[VALUE_HOLIDAYS] = write_holidays,
	[VALUE_PATH] = write_text,
	[VALUE_SIZE] = write_size,
	[VALUE_LIMITS] = write_limits,
	[VALUE_ENDPOINTS] = write_endpoints,
	[VALUE_BETWEEN] = write_between,
	[VALUE_APPLICATIONS] = write_applications,
	[VALUE_PATTERNS] = write_words,
	[VALUE_START] = write_start,
	[VALUE_END_DATE] = write_end_date,
	[VALUE_DATE] = write_start,
	[VALUE_RISK] = write_risk,
};

void list_value(const struct policy *p, const struct key *key, const void *record,
		struct list_items *to)
{
	struct writing w = { .p = p, .key = key, .record = record, .to = to };

	if (key->offset == NO_FIELD) {
		if (key->words)
			to->item(to, key->words->list[0], false); /* has one value only */
		return;
	}
	w.field = (const char *)record + key->offset;
	writers[key->type](&w);
}

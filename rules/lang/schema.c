/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/schema.h"

#include <stdio.h>
#include <string.h>

const struct schema *schema_kind(const char *word)
{
	for (size_t i = 0; i < BLOCK_KIND_COUNT; i++)
		if (!strcmp(schema_kinds()[i].name, word))
			return &schema_kinds()[i];
	return NULL;
}

const struct key *schema_key(const struct schema *kind, const char *word)
{
	for (uint32_t i = 0; i < kind->key_count; i++)
		if (!strcmp(kind->keys[i].name, word))
			return &kind->keys[i];
	return NULL;
}

const struct schema *schema_kind_with_key(const char *word, const struct schema *after)
{
	for (const struct schema *k = after ? after + 1 : schema_kinds();
	     k < schema_kinds() + BLOCK_KIND_COUNT; k++)
		if (k->form == FORM_BLOCK && schema_key(k, word))
			return k;
	return NULL;
}

static void words_of_choice(const struct key *key, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (uint32_t i = 0; i < key->words->count && at < size; i++)
		if (!key->allowed || (key->allowed >> i & 1))
			at += (size_t)snprintf(buf + at, size - at, "%s%s", at ? " | " : "",
					       key->words->list[i]);
}

const char *schema_value_words(const struct key *key, char *buf, size_t size)
{
	static const char *const names[VALUE_TYPE_COUNT] = {
		[VALUE_TEXT] = "\"TEXT\"",
		[VALUE_ZONE_NETWORKS] = "NETWORK | rest",
		[VALUE_NETWORKS] = "NETWORK",
		[VALUE_MACS] = "MAC",
		[VALUE_INTERFACES] = "\"INTERFACE\"",
		[VALUE_PORTS] = "PORT | PORT-PORT | any",
		[VALUE_ICMP_TYPES] = "TYPE | any",
		[VALUE_PROTOCOLS] = "PROTOCOL | any",
		[VALUE_DAYS] = "DAY | DAY-DAY",
		[VALUE_HOURS] = "HH:MM-HH:MM",
		[VALUE_HOLIDAYS] = "holidays",
		[VALUE_PATH] = "\"FILE\"",
		[VALUE_SIZE] = "SIZE",
		[VALUE_LIMITS] = "off | count | alert N per PERIOD | block N per PERIOD",
		[VALUE_ENDPOINTS] = "zone N | host N | group N | site N | NETWORK",
		[VALUE_BETWEEN] = "zone N, zone N",
		[VALUE_APPLICATIONS] = "APPLICATION | any",
		[VALUE_PATTERNS] = "NAME | *.NAME",
		[VALUE_START] = "DATE",
		[VALUE_END_DATE] = "DATE",
		[VALUE_DATE] = "DATE",
		[VALUE_RISK] = "host N",
		[VALUE_ANYTHING] = "...",
	};

	if (key->type == VALUE_CHOICE || key->type == VALUE_WORD)
		words_of_choice(key, buf, size);
	else if (names[key->type])
		snprintf(buf, size, "%s", names[key->type]);
	else /* the name of a block */
		snprintf(buf, size, "%s", schema_kinds()[key->of].name);
	for (char *p = buf; !names[key->type] && *p && !key->words; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	return buf;
}

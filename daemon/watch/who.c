/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/watch/who.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "daemon/watch/domain.h"
#include "rules/ip.h"

static bool is_a_name(const char *s)
{
	for (; *s; s++)
		if (isalpha((unsigned char)*s) && !strchr(s, ':'))
			return true;
	return false;
}

const char *who_destination(const struct event *ev, char buf[static WHO_TEXT])
{
	char address[IP_TEXT];

	if (ev->name && is_a_name(ev->name))
		snprintf(buf, WHO_TEXT, "%s", domain_registered(ev->name));
	else if (ev->name)
		snprintf(buf, WHO_TEXT, "%s", ev->name);
	else
		snprintf(buf, WHO_TEXT, "%s", ip_text(ev->tuple.dst, address));
	return buf;
}

static int protection(const struct policy *p, const char *zone)
{
	static const int8_t ranks[ROLE_COUNT] = {
		[ROLE_MYNUMBER] = 5, [ROLE_PUBLIC_LINE] = 4, [ROLE_LGWAN] = 3,
		[ROLE_INTERNET] = 2, [ROLE_MANAGEMENT] = 2,  [ROLE_SCHOOL] = 2,
		[ROLE_CONTROL] = 2,  [ROLE_TELEWORK] = 2,    [ROLE_CLOUD] = 1,
	};
	uint32_t i = p && zone ? policy_zone_named(p, zone) : POLICY_NONE;

	return i == POLICY_NONE ? -1 : ranks[p->zones[i].role];
}

bool who_outward(const struct policy *p, const struct event *ev)
{
	int from = protection(p, ev->zone_from), to = protection(p, ev->zone_to);

	if (from < 0 || to < 0)
		return false;
	return from > to || (from == to && strcmp(ev->zone_from, ev->zone_to) != 0);
}

const char *who_megabytes(uint64_t bytes, char buf[static 24])
{
	snprintf(buf, 24, "%.1f MB", (double)bytes / 1e6);
	return buf;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image_fields: every field of every record, each alone, by one table.
 */
#include "rules/image_check.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "rules/policy.h"

#define TIME_MAX ((int64_t)253402268400) /* 10000-01-01 in Japan: beyond any date of the language */

#define SECTION_ID_(name, type) IN_##name,
enum section_id { POLICY_SECTIONS(SECTION_ID_) SECTIONS };

/* What a field holds; `target` is the section meant, or a number as noted. */
enum field_type {
	TEXT,          /* offset of a string */
	INDEX,         /* of an element of target */
	INDEX_OR_NONE, /* ... or POLICY_NONE */
	SPAN,          /* of elements of target */
	REFS,          /* span of refs, each an index of target */
	WORD,          /* one byte below target */
	TIME,          /* seconds, 0 to TIME_MAX */
	ZERO,          /* target bytes of padding */
};

struct field {
	uint8_t section, type;
	uint16_t offset;
	uint16_t target;
	const char *name;
};

#define F(section, record, field, type, target) \
	{ \
		IN_##section, type, offsetof(struct record, field), target, #field \
	}
#define PROFILE(section, record, at) \
	F(section, record, at name, TEXT, 0), F(section, record, at label, TEXT, 0), \
		F(section, record, at inspect, WORD, INSPECT_COUNT), \
		F(section, record, at offload, WORD, 2), \
		F(section, record, at starttls_pass, WORD, 2), \
		F(section, record, at on_overload, WORD, ACTION_COUNT), \
		F(section, record, at on_no_inspector, WORD, ACTION_COUNT), \
		F(section, record, at on_memory, WORD, ACTION_COUNT), \
		F(section, record, at on_midstream, WORD, ACTION_COUNT), \
		F(section, record, at on_restart, WORD, ACTION_COUNT), \
		F(section, record, at on_undecodable, WORD, ACTION_COUNT), \
		F(section, record, at on_uninspectable, WORD, ACTION_COUNT), \
		F(section, record, at on_unknown_application, WORD, ACTION_COUNT), \
		F(section, record, at on_mismatch, WORD, ACTION_COUNT), \
		F(section, record, at answer, WORD, ANSWER_COUNT), \
		F(section, record, at log, WORD, LOG_COUNT_), F(section, record, at pad, ZERO, 2), \
		F(section, record, at limits, SPAN, IN_limits)

#define STATEMENT(section) \
	F(section, statement, name, TEXT, 0), F(section, statement, label, TEXT, 0), \
		F(section, statement, owner, TEXT, 0), F(section, statement, reason, TEXT, 0), \
		F(section, statement, article, TEXT, 0), \
		F(section, statement, reference, TEXT, 0), \
		F(section, statement, approved_by, TEXT, 0), \
		F(section, statement, disabled, TEXT, 0), \
		F(section, statement, from, SPAN, IN_endpoints), \
		F(section, statement, to, SPAN, IN_endpoints), \
		F(section, statement, services, REFS, IN_services), \
		F(section, statement, applications, REFS, IN_apps), \
		F(section, statement, names, SPAN, IN_words), \
		F(section, statement, profile, INDEX_OR_NONE, IN_profiles), \
		F(section, statement, window, INDEX_OR_NONE, IN_windows), \
		F(section, statement, feed, INDEX_OR_NONE, IN_feeds), \
		F(section, statement, pad2, ZERO, 4), F(section, statement, since, TIME, 0), \
		F(section, statement, until, TIME, 0), F(section, statement, review, TIME, 0), \
		F(section, statement, approved_on, TIME, 0), \
		F(section, statement, disabled_on, TIME, 0), \
		F(section, statement, type, WORD, STATEMENT_CROSSING + 1), \
		F(section, statement, kind, WORD, KIND_COUNT), \
		F(section, statement, direction, WORD, DIRECTION_COUNT), \
		F(section, statement, answer, WORD, ANSWER_COUNT), \
		F(section, statement, log, WORD, LOG_COUNT_), \
		F(section, statement, vital, WORD, 2), \
		F(section, statement, at_end_alarm, WORD, 2), F(section, statement, pad, ZERO, 1)

static const struct field fields[] = {
	F(macs, mac, pad, ZERO, 2),
	F(zones, zone, name, TEXT, 0),
	F(zones, zone, label, TEXT, 0),
	F(zones, zone, interfaces, SPAN, IN_words),
	F(zones, zone, nets, SPAN, IN_nets),
	F(zones, zone, role, WORD, ROLE_COUNT),
	F(zones, zone, rest, WORD, 2),
	F(zones, zone, inside_permit, WORD, 2),
	F(zones, zone, refuse_reset, WORD, 2),
	F(hosts, host, name, TEXT, 0),
	F(hosts, host, label, TEXT, 0),
	F(hosts, host, section, TEXT, 0),
	F(hosts, host, zone, INDEX, IN_zones),
	F(hosts, host, nets, SPAN, IN_nets),
	F(hosts, host, macs, SPAN, IN_macs),
	F(hosts, host, routed, WORD, 2),
	F(hosts, host, pad, ZERO, 3),
	F(groups, group, name, TEXT, 0),
	F(groups, group, label, TEXT, 0),
	F(groups, group, zone, INDEX, IN_zones),
	F(groups, group, members, SPAN, IN_words),
	F(groups, group, hosts, REFS, IN_hosts),
	F(groups, group, file, TEXT, 0),
	F(groups, group, section, TEXT, 0),
	F(sites, site, name, TEXT, 0),
	F(sites, site, label, TEXT, 0),
	F(sites, site, zone, INDEX, IN_zones),
	F(sites, site, nets, SPAN, IN_nets),
	F(sites, site, names, SPAN, IN_words),
	F(sites, site, file, TEXT, 0),
	F(sites, site, learn_dns, WORD, 2),
	F(sites, site, pad, ZERO, 7),
	F(sites, site, until, TIME, 0),
	F(ports, port_range, any, WORD, 2),
	F(ports, port_range, pad, ZERO, 2),
	F(services, service, name, TEXT, 0),
	F(services, service, label, TEXT, 0),
	F(services, service, ports, SPAN, IN_ports),
	F(services, service, ftp, WORD, 2),
	F(services, service, pad, ZERO, 3),
	F(windows, window, name, TEXT, 0),
	F(windows, window, label, TEXT, 0),
	F(windows, window, days, WORD, 128),
	F(windows, window, except_holidays, WORD, 2),
	F(windows, window, pad, ZERO, 2),
	F(windows, window, holidays, SPAN, IN_dates),
	F(windows, window, file, TEXT, 0),
	F(limits, limit, detector, WORD, DETECT_COUNT),
	F(limits, limit, action, WORD, LIMIT_COUNT_),
	F(limits, limit, per, WORD, PER_COUNT),
	F(limits, limit, bytes, WORD, 2),
	F(limits, limit, pad, ZERO, 4),
	PROFILE(profiles, profile, ),
	F(endpoints, endpoint, zone, INDEX, IN_zones),
	STATEMENT(statements),
	STATEMENT(disabled),
	F(accepts, accept_risk, name, TEXT, 0),
	F(accepts, accept_risk, label, TEXT, 0),
	F(accepts, accept_risk, word, TEXT, 0),
	F(accepts, accept_risk, host, INDEX, IN_hosts),
	F(accepts, accept_risk, owner, TEXT, 0),
	F(accepts, accept_risk, reason, TEXT, 0),
	F(accepts, accept_risk, approved_by, TEXT, 0),
	F(accepts, accept_risk, reference, TEXT, 0),
	F(accepts, accept_risk, until, TIME, 0),
	F(feeds, feed, name, TEXT, 0),
	F(feeds, feed, label, TEXT, 0),
	F(feeds, feed, file, TEXT, 0),
	F(feeds, feed, format, TEXT, 0),
	F(feeds, feed, until, TIME, 0),
	F(assertions, assertion, name, TEXT, 0),
	F(assertions, assertion, label, TEXT, 0),
	F(assertions, assertion, only, WORD, 2),
	F(assertions, assertion, pad, ZERO, 3),
	F(assertions, assertion, from, SPAN, IN_endpoints),
	F(assertions, assertion, to, SPAN, IN_endpoints),
	F(assertions, assertion, services, REFS, IN_services),
	F(assertions, assertion, via, SPAN, IN_endpoints),
	F(classes, class, members, REFS, IN_statements),
	PROFILE(classes, class, joined.),
	F(classes, class, closed, WORD, 2),
	F(classes, class, queued, WORD, 2),
	F(classes, class, denied, WORD, 2),
	F(classes, class, box_end, WORD, 2),
	F(classes, class, pad, ZERO, 4),
	F(boxes, box, kind, WORD, BOX_PROTOCOL + 1),
	F(boxes, box, pad, ZERO, 1),
	F(boxes, box, class, INDEX, IN_classes),
	F(boxes, box, pad2, ZERO, 4),
	F(pairs, pair, boxes, SPAN, IN_boxes),
	F(pairs, pair, from, INDEX, IN_zones),
	F(pairs, pair, to, INDEX, IN_zones),
};

struct section {
	const uint8_t *items;
	uint32_t count;
	size_t size;
	const char *name;
};

struct fields_check {
	const struct policy *p;
	struct section sections[SECTIONS];
	char *why; /* borrowed; 160 bytes */
};

bool image_refuse(char why[static 160], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, 160, fmt, ap);
	va_end(ap);
	return false;
}

bool image_is_text(const struct policy *p, uint32_t offset)
{
	return offset < p->strings_count && (offset == 0 || p->strings[offset - 1] == '\0');
}

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static bool check_span(struct fields_check *c, uint32_t i, const struct field *f, struct span s,
		       uint32_t count)
{
	if (s.first <= count && s.count <= count - s.first)
		return true;
	return image_refuse(c->why, "%s[%u]: %s %u+%u of %u", c->sections[f->section].name, i,
			    f->name, s.first, s.count, count);
}

static bool check_refs(struct fields_check *c, uint32_t i, const struct field *f, struct span s)
{
	uint32_t count = c->sections[f->target].count;

	if (!check_span(c, i, f, s, c->p->refs_count))
		return false;
	for (uint32_t r = s.first; r < s.first + s.count; r++)
		if (c->p->refs[r] >= count)
			return image_refuse(c->why, "%s[%u]: %s: %u of %u",
					    c->sections[f->section].name, i, f->name, c->p->refs[r],
					    count);
	return true;
}

static bool check_scalar(struct fields_check *c, uint32_t i, const struct field *f,
			 const uint8_t *at)
{
	int64_t time;
	bool ok = true;

	switch ((enum field_type)f->type) {
	case TEXT: ok = image_is_text(c->p, u32_at(at)); break;
	case INDEX:
	case INDEX_OR_NONE:
		ok = u32_at(at) < c->sections[f->target].count ||
		     (f->type == INDEX_OR_NONE && u32_at(at) == POLICY_NONE);
		break;
	case WORD: ok = at[0] < f->target; break;
	case TIME:
		memcpy(&time, at, sizeof(time));
		ok = time >= 0 && time <= TIME_MAX;
		break;
	case ZERO:
		for (uint16_t b = 0; b < f->target; b++)
			ok &= at[b] == 0;
		break;
	default: break;
	}
	if (ok)
		return true;
	if (f->type == INDEX || f->type == INDEX_OR_NONE)
		return image_refuse(c->why, "%s[%u]: %s %u of %u", c->sections[f->section].name, i,
				    f->name, u32_at(at), c->sections[f->target].count);
	return image_refuse(c->why, "%s[%u]: %s", c->sections[f->section].name, i, f->name);
}

static bool check_field(struct fields_check *c, uint32_t i, const struct field *f)
{
	const struct section *s = &c->sections[f->section];
	const uint8_t *at = s->items + i * s->size + f->offset;
	struct span span;

	if (f->type != SPAN && f->type != REFS)
		return check_scalar(c, i, f, at);
	memcpy(&span, at, sizeof(span));
	if (f->type == REFS)
		return check_refs(c, i, f, span);
	return check_span(c, i, f, span, c->sections[f->target].count);
}

bool image_fields(const struct policy *p, char why[static 160])
{
	struct fields_check c = { .p = p, .why = why };
	struct section *s = c.sections;

#define SECTION_(name_, type) \
	*s++ = (struct section){ (const uint8_t *)p->name_, p->name_##_count, sizeof(type), \
				 #name_ };
	POLICY_SECTIONS(SECTION_)
#undef SECTION_
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
		for (uint32_t i = 0; i < c.sections[fields[f].section].count; i++)
			if (!check_field(&c, i, &fields[f]))
				return false;
	return true;
}

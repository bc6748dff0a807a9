/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check_profile: profiles, windows, services and feeds: keys that have to agree with each other. */
#include <netinet/in.h>
#include <stdlib.h>

#include "rules/lang/check.h"
#include "rules/lang/line_file.h"
#include "rules/lang/read.h"
#include "rules/sha256.h"

#define FTP_CONTROL 21

/* --- services -------------------------------------------------------------------------------------- */

/* FTP names its control port and, apart from it, the passive range of the server. */
static bool is_ftp(const struct draft *d, const struct service *s)
{
	bool control = false, range = false;

	for (uint32_t i = s->ports.first; i < s->ports.first + s->ports.count; i++) {
		const struct port_range *p = &d->ports[i];

		if (p->protocol != IPPROTO_TCP)
			continue;
		if (p->lo == FTP_CONTROL && p->hi == FTP_CONTROL)
			control = true;
		else if (p->lo > FTP_CONTROL && p->hi > p->lo)
			range = true;
	}
	return control && range;
}

void check_services(struct unit *u)
{
	struct draft *d = &u->draft;

	for (uint32_t i = 0; i < d->services_count; i++) {
		const struct block *b = u->tables[TABLE_SERVICES].blocks[i];
		bool said = false;

		for (uint32_t k = 0; k < b->kind->key_count; k++)
			said |= b->entries[k] && b->kind->keys[k].type != VALUE_TEXT;
		if (!said && !b->broken)
			diag_add(u->diags, MSG_SERVICE_EMPTY, b->at, b->name);
		d->services[i].ftp = is_ftp(d, &d->services[i]);
	}
}

/* --- windows --------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void read_holiday(struct unit *u, const struct term *t, void *unused)
{
	uint32_t day;

	(void)unused;
	if (!read_day_of_date(u, t, &day))
		return;
	uint32_t *slot = draft_add_dates(&u->draft);

	if (slot)
		*slot = day;
}

static void read_holidays_file(struct unit *u, struct window *w, const struct block *b)
{
	struct draft *d = &u->draft;
	uint32_t first = d->dates_count, kept = first;
	struct source_file *file =
		line_file_read(u, read_entry(b, "file")->items->terms, read_holiday, NULL);

	if (file)
		sha256_of(file->text.bytes, file->text.len, w->file_hash);
	if (d->dates_count > first)
		qsort(d->dates + first, d->dates_count - first, sizeof(uint32_t), by_number);
	for (uint32_t i = first; i < d->dates_count; i++)
		if (kept == first || d->dates[kept - 1] != d->dates[i])
			d->dates[kept++] = d->dates[i];
	d->dates_count = kept;
	w->holidays = (struct span){ first, kept - first };
}

void check_windows(struct unit *u)
{
	struct draft *d = &u->draft;

	for (uint32_t i = 0; i < d->windows_count; i++) {
		const struct block *b = u->tables[TABLE_WINDOWS].blocks[i];

		if (d->windows[i].except_holidays && !read_entry(b, "file"))
			diag_add(u->diags, MSG_HOLIDAYS_FILE, read_place(b, "except"), b->name);
		if (!d->windows[i].except_holidays && d->windows[i].file)
			diag_add(u->diags, MSG_HOLIDAYS_UNUSED, read_place(b, "file"), b->name);
		if (d->windows[i].file)
			read_holidays_file(u, &d->windows[i], b);
	}
}

/* --- profiles -------------------------------------------------------------------------------------- */

static bool opens(uint8_t action)
{
	return action == ACTION_PASS || action == ACTION_ALERT;
}

/* What only a reader of content can find. */
static void check_detectors(struct unit *u, const struct profile *p, const struct block *b)
{
	for (uint32_t i = p->limits.first; i < p->limits.first + p->limits.count; i++) {
		const char *word = policy_detector_words[u->draft.limits[i].detector];
		bool metadata = u->draft.limits[i].detector == DETECT_UPLOAD;

		if (i > p->limits.first &&
		    u->draft.limits[i].detector == u->draft.limits[i - 1].detector)
			continue;
		if (p->inspect == INSPECT_NONE || (p->inspect == INSPECT_METADATA && !metadata))
			diag_add(u->diags, MSG_DETECTOR_INSPECT, read_place(b, word), word,
				 metadata ? "metadata" : "content");
	}
}

static void check_profile(struct unit *u, const struct profile *p, const struct block *b)
{
	if (opens(p->on_overload) != opens(p->on_no_inspector)) {
		diag_add(u->diags, MSG_FAIL_DISAGREE, read_place(b, "on-overload"), b->name,
			 policy_action_words[p->on_overload],
			 policy_action_words[p->on_no_inspector]);
		if (read_entry(b, "on-no-inspector"))
			diag_add(u->diags, MSG_OTHER_HERE, read_place(b, "on-no-inspector"));
	}
	if (p->offload && p->inspect == INSPECT_CONTENT)
		diag_add(u->diags, MSG_OFFLOAD_CONTENT, read_place(b, "offload"), b->name);
	check_detectors(u, p, b);
}

void check_profiles(struct unit *u)
{
	for (uint32_t i = 0; i < u->draft.profiles_count; i++)
		check_profile(u, &u->draft.profiles[i], u->tables[TABLE_PROFILES].blocks[i]);
}

void check_feeds(struct unit *u)
{
	(void)u; /* a feed is read when it is imported, not here */
}

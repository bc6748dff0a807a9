/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The answers to `status` and `stats`, as JSON. tools/cmd_status.c and cmd_stats.c print them for people.
 */
#include "daemon/kernel/queue.h"
#include "daemon/stats.h"
#include "daemon/supervise/state.h"
#include "rules/json.h"
#include "rules/kernel/closed.h"
#include "rules/jst.h"
#include "rules/kernel/readback/verify.h"
#include "rules/text.h"
#include "rules/version.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- status ---- */

static void put_time(struct json *j, const char *key, int64_t ns)
{
	char buf[JST_TEXT];

	if (ns)
		json_string(j, key, jst_iso_text(ns, buf));
}

static void put_finding(struct json *j, const struct health_finding *f)
{
	json_open(j, NULL, '{');
	json_string(j, "state", health_words[f->state]);
	json_string(j, "word", f->word);
	json_string(j, "reason", f->reason[0]);
	json_string(j, "reason_ja", f->reason[1]);
	json_string(j, "todo", f->todo[0]);
	json_string(j, "todo_ja", f->todo[1]);
	json_close(j, '}');
}

static void put_findings(struct json *j, const struct supervisor *s)
{
	const struct health_finding *findings[HEALTH_FINDINGS_MAX];
	const size_t n = s->ready ? health_judge(&s->facts, findings) : 0;

	json_string(j, "state", s->ready ? health_words[s->health] : "starting");
	put_time(j, "since", s->health_since);
	json_open(j, "findings", '[');
	for (size_t i = 0; i < n; i++)
		put_finding(j, findings[i]);
	json_close(j, ']');
	if (s->facts.plugs)
		json_string(j, "plugs", s->plugs);
}

static void put_policy(struct json *j, const struct supervisor *s)
{
	if (!s->now.map) {
		json_null(j, "policy");
		return;
	}
	json_open(j, "policy", '{');
	json_string(j, "hash", s->now.hash);
	json_string(j, "model", policy_model_words[s->now.policy.model]);
	json_uint(j, "apply", s->now.apply);
	put_time(j, "applied", s->applied);
	if (s->next_change != INT64_MAX)
		put_time(j, "next_change", s->next_change * SECOND);
	json_uint(j, "zones", s->now.policy.zones_count);
	json_uint(j, "permits", s->now.policy.statements_count);
	json_uint(j, "classes", s->now.policy.classes_count);
	json_bool(j, "closed_group", s->facts.closed_classes);
	json_bool(j, "open_group", s->facts.open_classes);
	json_close(j, '}');
}

/* What has to be confirmed, and what an emergency keeps closed. */
static void put_standing(struct json *j, const struct supervisor *s)
{
	const struct apply_standing *now = &s->standing;
	char hex[SHA256_HEX];

	json_string(j, "closed", now->closed & CLOSED_ALL ? "all" : now->closed ? "protected" : "");
	if (!now->trial) {
		json_null(j, "trial");
		return;
	}
	json_open(j, "trial", '{');
	json_string(j, "before", sha256_hex(now->before, hex));
	json_int(j, "seconds", now->left > 0 ? now->left / SECOND : 0);
	json_close(j, '}');
}

static void put_member(struct json *j, const char *key, const struct member *m)
{
	if (!m) {
		json_null(j, key);
		return;
	}
	json_open(j, key, '{');
	json_int(j, "pid", m->pid);
	json_string(j, "state",
		    m->role == CREW_ENGINE && m->place != NO_PLACE
			    ? m->placed ? "inspecting" : "taking over"
		    : m->ready ? "ready"
			       : "starting");
	json_uint(j, "seconds", (uint64_t)((now_monotonic() - m->since) / SECOND));
	json_close(j, '}');
}

static void put_crew(struct json *j, struct supervisor *s)
{
	json_open(j, "engines", '[');
	for (uint32_t i = 0; i < s->place_count; i++)
		put_member(j, NULL, s->places[i].holder);
	json_close(j, ']');
	json_open(j, "spares", '[');
	for (unsigned int i = 0; i < MEMBERS_MAX; i++) {
		if (s->crew[i].pid && s->crew[i].role == CREW_ENGINE &&
		    s->crew[i].place == NO_PLACE)
			put_member(j, NULL, &s->crew[i]);
	}
	json_close(j, ']');
	put_member(j, "watcher", crew_of(s, CREW_WATCHER));
	put_member(j, "recorder", crew_of(s, CREW_RECORDER));
	put_member(j, "verifier", crew_of(s, CREW_VERIFIER));
	put_member(j, "injector", crew_of(s, CREW_INJECTOR));
}

static uint64_t kernel_value(const struct supervisor *s, const char *name)
{
	return s->kernel_count > 0 ? counters_value(s->kernel, (size_t)s->kernel_count, name) : 0;
}

/* What the verifier said last. */
static void put_judged(struct json *j, const struct supervisor *s)
{
	if (!s->judged)
		return;
	json_open(j, "kernel", '{');
	json_string(j, "result", verify_result_word((enum verify_result)(s->judged - 1)));
	put_time(j, "at", s->judged_at);
	json_string(j, "why", s->judged_why[0]);
	json_string(j, "why_ja", s->judged_why[1]);
	json_close(j, '}');
}

void report_status(struct supervisor *s, struct text *out)
{
	struct json j = json_to(out);

	json_open(&j, NULL, '{');
	put_findings(&j, s);
	put_policy(&j, s);
	put_standing(&j, s);
	json_string(&j, "version", SEKIMORI_VERSION);
	json_int(&j, "pid", getpid());
	json_uint(&j, "uptime", (uint64_t)((now_monotonic() - s->started) / SECOND));
	put_crew(&j, s);
	put_judged(&j, s);
	json_bool(&j, "clock_synchronised", !s->facts.clock_wrong && !s->facts.clock_behind);
	json_open(&j, "refused", '{');
	json_uint(&j, "not_permitted", kernel_value(s, "n_denied"));
	json_uint(&j, "spoofed", kernel_value(s, "n_spoofed"));
	json_uint(&j, "wrong_card", kernel_value(s, "n_wrong_card"));
	json_close(&j, '}');
	json_open(&j, "unseen", '{');
	json_uint(&j, "closed", kernel_value(s, "n_unseen_closed"));
	json_uint(&j, "open", kernel_value(s, "n_unseen_open"));
	json_close(&j, '}');
	json_uint(&j, "refused_requests", s->refused_requests);
	json_close(&j, '}');
}

/* ---- stats ---- */

static void put_page(struct json *j, const char *key, const struct stats_page *page)
{
	struct stats_counter names[STATS_MAX];
	struct event_counter counters[STATS_MAX];
	const size_t n = stats_read(page, names, counters, STATS_MAX);
	const char *group = NULL;

	json_open(j, key, '{');
	for (size_t i = 0; i < n; i++) {
		if (!group || strcmp(group, counters[i].group) != 0) {
			if (group)
				json_close(j, '}');
			group = counters[i].group;
			json_open(j, group, '{');
		}
		json_uint(j, counters[i].name, counters[i].value);
	}
	if (group)
		json_close(j, '}');
	json_close(j, '}');
}

static void put_kernel(struct json *j, const struct supervisor *s)
{
	json_open(j, "kernel", '{');
	for (int i = 0; i < s->kernel_count; i++)
		json_uint(j, s->kernel[i].name, s->kernel[i].packets);
	json_close(j, '}');
}

static void put_queue(struct json *j, const struct queue_figures *f, int fd)
{
	json_open(j, NULL, '{');
	json_uint(j, "number", f->number);
	json_uint(j, "waiting", f->waiting);
	json_uint(j, "full", f->full);
	json_uint(j, "unread", f->unread);
	json_uint(j, "overruns", queue_overruns(fd));
	json_close(j, '}');
}

static void put_queues(struct json *j, const struct supervisor *s)
{
	struct queue_figures all[64];
	const int n = queue_figures(all, 64);

	json_open(j, "queues", '[');
	for (int i = 0; i < n; i++) {
		const uint32_t q = all[i].number;

		if (q < s->place_count)
			put_queue(j, &all[i], s->places[q].closed);
		else if (q >= QUEUE_OPEN_OFFSET && q < QUEUE_OPEN_OFFSET + s->place_count)
			put_queue(j, &all[i], s->places[q - QUEUE_OPEN_OFFSET].open);
	}
	json_close(j, ']');
}

struct balance report_balance(const struct supervisor *s)
{
	return (struct balance){ .queued = kernel_value(s, "n_closed") + kernel_value(s, "n_open"),
				 .seen = kernel_value(s, "n_seen"),
				 .unseen = kernel_value(s, "n_unseen_closed") +
					   kernel_value(s, "n_unseen_open") };
}

/* What went into the queues against what became of it (dataplane.md 3.3): exact when nothing is on its way. */
static void put_balance(struct json *j, const struct supervisor *s)
{
	const struct balance now = report_balance(s);
	const uint64_t in = now.queued - s->base.queued, seen = now.seen - s->base.seen;
	const uint64_t unseen = now.unseen - s->base.unseen;
	const uint64_t waiting = stats_value(s->own_page, "queues", "waiting");
	uint64_t dropped = 0, received = 0;

	for (uint32_t i = 0; i < s->place_count; i++) {
		const struct stats_page *p = s->places[i].page;

		dropped += stats_value(p, "closed", "dropped") + stats_value(p, "open", "dropped");
		received +=
			stats_value(p, "closed", "received") + stats_value(p, "open", "received");
	}
	json_open(j, "balance", '{');
	json_uint(j, "queued", in);
	json_uint(j, "received", received);
	json_uint(j, "seen", seen);
	json_uint(j, "unseen", unseen);
	json_uint(j, "dropped", dropped);
	json_uint(j, "waiting", waiting);
	json_int(j, "lost", (int64_t)(in - seen - unseen - dropped - waiting));
	json_close(j, '}');
}

void report_stats(struct supervisor *s, struct text *out)
{
	struct json j = json_to(out);

	s->kernel_count = counters_read(s->counters_socket, s->kernel, KERNEL_COUNTERS_MAX);
	json_open(&j, NULL, '{');
	json_uint(&j, "uptime", (uint64_t)((now_monotonic() - s->started) / SECOND));
	put_kernel(&j, s);
	put_queues(&j, s);
	put_balance(&j, s);
	json_open(&j, "engines", '[');
	for (uint32_t i = 0; i < s->place_count; i++)
		put_page(&j, NULL, s->places[i].page);
	json_close(&j, ']');
	put_page(&j, "watcher", s->watcher_page);
	put_page(&j, "recorder", s->recorder_page);
	put_page(&j, "verifier", s->verifier_page);
	put_page(&j, "injector", s->injector_page);
	put_page(&j, "supervisor", s->own_page);
	json_close(&j, '}');
}

/* ---- the stats event: one figure for each name, engines added up ---- */

static size_t add(struct event_counter *out, size_t n, size_t max, const struct event_counter *c)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(out[i].group, c->group) == 0 && strcmp(out[i].name, c->name) == 0) {
			out[i].value += c->value;
			return n;
		}
	}
	if (n < max)
		out[n++] = *c;
	return n;
}

size_t report_counters(struct supervisor *s, struct event_counter *out, size_t max)
{
	const struct stats_page *pages[QUEUES_MAX + 5] = { s->watcher_page, s->recorder_page,
							   s->verifier_page, s->injector_page,
							   s->own_page };
	struct event_counter counters[STATS_MAX];
	size_t n = 0;

	for (uint32_t i = 0; i < s->place_count; i++)
		pages[5 + i] = s->places[i].page;
	for (int i = 0; i < s->kernel_count; i++)
		n = add(out, n, max,
			&(struct event_counter){ "kernel", s->kernel[i].name,
						 s->kernel[i].packets });
	for (uint32_t p = 0; p < 5 + s->place_count; p++) {
		const size_t m = stats_read(pages[p], s->names[p], counters, STATS_MAX);

		for (size_t i = 0; i < m; i++)
			n = add(out, n, max, &counters[i]);
	}
	return n;
}

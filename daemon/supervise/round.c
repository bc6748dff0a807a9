/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Once a second: what the kernel and the children have counted, what of it was lost, and what state that is.
 */
#include "daemon/clock.h"
#include "daemon/kernel/queue.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/stats.h"
#include "daemon/supervise/state.h"
#include "rules/kernel/readback/verify.h"
#include "rules/jst.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPAIR_EVERY (30 * SECOND)
#define TABLE_FULL_PERCENT 95

bool clock_is_right(const struct supervisor *s)
{
	return clock_judge(s->conf, now_real() / SECOND) == CLOCK_RIGHT;
}

/* What will be known of the time after a power cut. A disk that takes nothing is found elsewhere. */
static void note_clock(struct supervisor *s)
{
	const int64_t now = now_real() / SECOND;

	if (now - s->clock_noted < CLOCK_NOTE_SECONDS || !clock_is_right(s))
		return;
	s->clock_noted = now;
	clock_note(s->conf->state_directory, now);
}

/* What opens and closes by date holds still while the clock is not believed. What the kernel counts already goes on. */
static void hold_dates(struct supervisor *s)
{
	if (s->dated && s->now.map && s->job.step == JOB_NONE)
		job_dates(s, clock_is_right(s) ? 0 : s->clock_noted);
}

/* ---- counters ---- */

static struct round_figures figures(const struct supervisor *s)
{
	const size_t n = s->kernel_count > 0 ? (size_t)s->kernel_count : 0;
	struct round_figures f = { .queued = report_balance(s).queued,
				   .unseen_closed = counters_value(s->kernel, n, "n_unseen_closed"),
				   .unseen_open = counters_value(s->kernel, n, "n_unseen_open") };

	for (uint32_t i = 0; i < s->place_count; i++)
		f.received += stats_value(s->places[i].page, "closed", "received") +
			      stats_value(s->places[i].page, "open", "received");
	return f;
}

/*
 * Packets that passed by every queue. A full queue of the closed group drops (read_queues), so an unseen
 * closed packet was never in one: nothing leads there any more, as when the fallback's rules were removed. A full
 * queue of the open group lets pass; there it is no overload only if the engines have read nothing at all.
 */
static void look_for_unseen(struct supervisor *s)
{
	const struct round_figures now = figures(s), before = s->before;
	const bool closed = now.unseen_closed > before.unseen_closed;
	const bool open = now.unseen_open > before.unseen_open;
	const bool idle = now.queued > before.queued && now.received == before.received;

	s->before = now;
	if (s->kernel_count <= 0 || !s->ready)
		return;
	if (closed || (open && idle && !crew_vacant(s)))
		s->bypassed_at = now_monotonic();
	else if (open)
		s->unseen_open_at = now_monotonic();
}

static unsigned long read_number(const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned long n = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lu", &n) != 1)
		n = 0;
	fclose(f);
	return n;
}

static void read_kernel(struct supervisor *s)
{
	const unsigned long used = read_number("/proc/sys/net/netfilter/nf_conntrack_count");
	const unsigned long max = read_number("/proc/sys/net/netfilter/nf_conntrack_max");

	s->kernel_count = counters_read(s->counters_socket, s->kernel, KERNEL_COUNTERS_MAX);
	look_for_unseen(s);
	if (max && used >= max / 100 * TABLE_FULL_PERCENT)
		s->full_at = now_monotonic();
}

/* A ruleset that was loaded anew counts from 0. */
static void check_base(struct supervisor *s)
{
	const struct balance now = report_balance(s);

	if (s->kernel_count > 0 && (now.queued < s->base.queued || now.seen < s->base.seen))
		s->base = (struct balance){ 0 };
}

/* A queue that overflows shows in the ruleset's counters in the open group, and only here in the closed one. */
static void read_queues(struct supervisor *s)
{
	struct queue_figures all[64];
	const int n = queue_figures(all, 64);
	uint64_t full = 0, unread = 0, waiting = 0;

	for (int i = 0; i < n; i++) {
		const bool ours = all[i].number < s->place_count ||
				  (all[i].number >= QUEUE_OPEN_OFFSET &&
				   all[i].number < QUEUE_OPEN_OFFSET + s->place_count);

		full += ours ? all[i].full : 0;
		unread += ours ? all[i].unread : 0;
		waiting += ours ? all[i].waiting : 0;
	}
	if (full + unread > stats_value(s->own_page, "queues", "full") +
				    stats_value(s->own_page, "queues", "unread") &&
	    s->ready)
		s->unseen_closed_at = now_monotonic();
	stats_set(stats_find(s->own_page, "queues", "full"), full);
	stats_set(stats_find(s->own_page, "queues", "unread"), unread);
	stats_set(stats_find(s->own_page, "queues", "waiting"), waiting);
}

/* ---- losses ---- */

static struct losses count_losses(const struct supervisor *s)
{
	struct losses l = { .watcher_records = stats_value(s->watcher_page, "watcher", "lost"),
			    .recorder_events = stats_value(s->recorder_page, "recorder", "lost"),
			    .refused_gaps = stats_value(s->watcher_page, "watcher", "refused_gaps"),
			    .overruns = stats_value(s->watcher_page, "watcher", "overruns"),
			    .engine_events = stats_value(s->own_page, "events", "lost") +
					     stats_value(s->verifier_page, "events", "lost") };

	for (uint32_t i = 0; i < s->place_count; i++)
		l.engine_events += stats_value(s->places[i].page, "events", "lost");
	return l;
}

static void tell_loss_of(struct supervisor *s, uint64_t now, uint64_t *told, const char *en,
			 const char *ja)
{
	if (now <= *told)
		return;
	tell_loss(s, now - *told, en, ja);
	*told = now;
	s->lost_at = now_monotonic();
}

static void tell_losses(struct supervisor *s)
{
	const struct losses l = count_losses(s);

	tell_loss_of(s, l.engine_events, &s->told.engine_events,
		     "events lost on the way to the recorder",
		     "記録プロセスに届かなかったイベント");
	tell_loss_of(s, l.watcher_records, &s->told.watcher_records,
		     "records of refusals and ended flows lost on the way to the recorder",
		     "記録プロセスに届かなかった拒否と通信終了の記録");
	tell_loss_of(s, l.recorder_events, &s->told.recorder_events,
		     "events lost for want of disk space", "ディスクの空きがなく失われたイベント");
	tell_loss_of(s, l.refused_gaps, &s->told.refused_gaps,
		     "refused packets that the kernel could not tell",
		     "カーネルが伝えられなかった拒否パケット");
	tell_loss_of(s, l.overruns, &s->told.overruns,
		     "times the kernel could not tell of ended flows",
		     "カーネルが通信終了を伝えられなかった回数");
}

static void tell_refused_requests(struct supervisor *s)
{
	char en[96], ja[96];

	if (s->refused_requests == s->refused_told || now_monotonic() - s->refused_at < SECOND)
		return;
	snprintf(en, sizeof en, "%llu more requests refused",
		 (unsigned long long)(s->refused_requests - s->refused_told));
	snprintf(ja, sizeof ja, "ほかに %llu 件の要求を拒否",
		 (unsigned long long)(s->refused_requests - s->refused_told));
	s->refused_told = s->refused_requests;
	s->refused_at = now_monotonic();
	tell_admin(s, EVENT_REASON_REFUSED_REQUEST, en, ja);
}

/* ---- the state ---- */

static bool lately(int64_t at, int64_t hold)
{
	return at && now_monotonic() - at < hold;
}

static void find_classes(const struct supervisor *s, struct health_facts *f)
{
	const struct policy *p = &s->now.policy;

	for (uint32_t i = 0;
	     f->policy && i < p->classes_count && !(f->closed_classes && f->open_classes); i++) {
		if (p->classes[i].queued)
			*(p->classes[i].closed ? &f->closed_classes : &f->open_classes) = true;
	}
}

static bool is_page(uint8_t answer)
{
	return answer == ANSWER_PAGE || answer == ANSWER_SMTP_REJECT;
}

static bool wants_pages(const struct supervisor *s)
{
	const struct policy *p = &s->now.policy;

	for (uint32_t i = 0; s->now.map && i < p->classes_count; i++)
		if (is_page(p->classes[i].joined.answer))
			return true;
	for (uint32_t i = 0; s->now.map && i < p->statements_count; i++)
		if (p->statements[i].type == STATEMENT_DENY && is_page(p->statements[i].answer))
			return true;
	return false;
}

static bool not_recording(struct supervisor *s)
{
	const struct member *recorder = crew_of(s, CREW_RECORDER);
	const uint64_t errors = stats_value(s->recorder_page, "recorder", "write_errors");
	const bool more = errors > s->write_errors;

	s->write_errors = errors;
	return !recorder || !recorder->ready || more;
}

static struct health_facts gather(struct supervisor *s)
{
	const struct member *watcher = crew_of(s, CREW_WATCHER),
			    *injector = crew_of(s, CREW_INJECTOR);
	const enum clock_verdict clock = clock_judge(s->conf, now_real() / SECOND);
	struct health_facts f = { .policy = s->now.map != NULL,
				  .ruleset = s->kernel_count != -ENOENT,
				  .vacant = crew_vacant(s),
				  .unseen_closed = lately(s->unseen_closed_at, HEALTH_HOLD),
				  .unseen_open = lately(s->unseen_open_at, HEALTH_HOLD),
				  .bypassed = lately(s->bypassed_at, HEALTH_HOLD),
				  .table_full = lately(s->full_at, HEALTH_HOLD),
				  .not_recording = not_recording(s),
				  .not_watching = !watcher || !watcher->ready,
				  .lost_events = lately(s->lost_at, HEALTH_HOLD),
				  .clock_wrong = clock == CLOCK_UNSYNCHRONISED,
				  .clock_behind = clock == CLOCK_BEHIND,
				  .plugs = lately(s->plugs_at, 10 * HEALTH_HOLD),
				  .apply_failed = s->apply_failed,
				  .differs = s->judged == VERIFY_REFUTED + 1u,
				  .no_pages = (!injector || !injector->ready) && wants_pages(s) };

	find_classes(s, &f);
	return f;
}

void round_judge(struct supervisor *s)
{
	const struct health_finding *findings[HEALTH_FINDINGS_MAX];
	char status[256];
	enum health_state state;
	const char *word;
	size_t n;

	if (!s->ready || s->stopping)
		return;
	s->facts = gather(s);
	n = health_judge(&s->facts, findings);
	state = health_state(findings, n);
	word = n ? findings[0]->word : "";
	if (s->health_since && state == s->health && strcmp(word, s->health_word) == 0)
		return;
	const bool told = s->health_since != 0 || n;
	s->health = state;
	s->health_word = word;
	s->health_since = now_real();
	snprintf(status, sizeof status, "STATUS=%s%s%s", health_words[state], n ? ": " : "",
		 n ? log_word(findings[0]->reason[0], findings[0]->reason[1]) : "");
	notify_send(status);
	if (told)
		tell_fail_state(s, n ? findings[0] : NULL);
}

/* ---- what the supervisor does of its own accord ---- */

static void repair(struct supervisor *s)
{
	const char *why = NULL;

	if (!s->now.map || s->job.step != JOB_NONE || lately(s->repaired, REPAIR_EVERY))
		return;
	if (s->kernel_count == -ENOENT)
		why = "the ruleset had gone from the kernel";
	else if (lately(s->bypassed_at, 2 * SECOND))
		why = "the rules that lead to the queues had gone";
	else if (clock_is_right(s) && !s->dated)
		why = "the clock is synchronised now";
	else if (clock_is_right(s) && s->next_change <= now_real() / SECOND)
		why = "a date or window of the policy";
	if (!why)
		return;
	s->repaired = now_monotonic();
	job_again(s, why);
}

static void tell_figures(struct supervisor *s)
{
	if (!s->conf->stats_interval || now_monotonic() < s->stats_at)
		return;
	s->stats_at = now_monotonic() + (int64_t)s->conf->stats_interval * SECOND;
	tell_stats(s);
}

/* Once a day in Japan, by a clock that is right; after a pause, what came due meanwhile. */
static void remind_daily(struct supervisor *s)
{
	const int64_t day = 86400, now = now_real() / SECOND;

	if (s->now.map && clock_is_right(s) &&
	    (now + JST_OFFSET) / day != (s->reminded + JST_OFFSET) / day)
		tell_reminders(s, now);
}

/* The ruleset's counters outlive us: the balance is of our own time. */
void round_begin(struct supervisor *s)
{
	read_queues(s);
	read_kernel(s);
	s->reminded = clock_known(s->conf->state_directory); /* before it is kept anew */
	s->base = report_balance(s);
	s->base.queued -= stats_value(s->own_page, "queues", "waiting");
}

void round_second(void *ctx, uint32_t expiries)
{
	struct supervisor *s = ctx;

	(void)expiries;
	notify_send("WATCHDOG=1");
	if (s->stopping) {
		crew_stop(s);
		return;
	}
	read_queues(s);
	read_kernel(s);
	check_base(s);
	note_clock(s);
	hold_dates(s);
	crew_watch(s);
	crew_fill(s);
	job_progress(s);
	supervisor_advance(s);
	if (!s->ready)
		return;
	tell_losses(s);
	tell_refused_requests(s);
	round_judge(s);
	standing_watch(s);
	repair(s);
	drift_restore(s);
	tell_figures(s);
	remind_daily(s);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/log.h"
#include "daemon/supervise/remind.h"
#include "daemon/supervise/state.h"

#include <string.h>

/* What every event of the supervisor says. */
static struct event begin(const struct supervisor *s, enum event_detector detector,
			  enum event_reason reason)
{
	return (struct event){ .type = EVENT_ALERT,
			       .detector = (uint8_t)detector,
			       .reason = (uint8_t)reason,
			       .time = now_real(),
			       .policy = s->now.map ? s->now.hash : NULL,
			       .fail_state = health_words[s->health] };
}

static void send_event(struct supervisor *s, const struct event *ev)
{
	if (s->channel.buf)
		channel_sink(&s->channel).emit(&s->channel, ev);
}

/* Acts and accidents: the signature says how loud each is. */
static void tell_words(struct supervisor *s, struct event *ev, const char *en, const char *ja)
{
	const bool loud = ev->detector == DETECTOR_FAIL_STATE || ev->blocked;

	ev->detail = en;
	ev->detail_ja = ja;
	send_event(s, ev);
	log_say(loud ? LOG_LINE_WARN : LOG_LINE_INFO, "%s", "%s", log_word(en, ja));
}

void tell_admin(struct supervisor *s, enum event_reason reason, const char *en, const char *ja)
{
	const bool accident = reason == EVENT_REASON_PROCESS_ENDED;
	struct event ev = begin(s, accident ? DETECTOR_FAIL_STATE : DETECTOR_ADMIN, reason);

	tell_words(s, &ev, en, ja);
}

void tell_refused(struct supervisor *s, enum event_reason reason, const char *en, const char *ja)
{
	struct event ev = begin(s, DETECTOR_ADMIN, reason);

	ev.blocked = true;
	tell_words(s, &ev, en, ja);
}

void tell_loss(struct supervisor *s, uint64_t count, const char *en, const char *ja)
{
	struct event ev = begin(s, DETECTOR_LOSS, EVENT_REASON_NONE);

	ev.count = count;
	ev.detail = en;
	ev.detail_ja = ja;
	send_event(s, &ev);
	log_say(LOG_LINE_WARN, "%s: %llu", "%s: %llu", log_word(en, ja), (unsigned long long)count);
}

static enum event_reason reason_of(const struct health_finding *f)
{
	static const struct {
		const char *word;
		enum event_reason reason;
	} table[] = { { "overload", EVENT_REASON_OVERLOAD },
		      { "table-full", EVENT_REASON_TABLE_FULL },
		      { "clock", EVENT_REASON_CLOCK },
		      { "no-inspector", EVENT_REASON_NO_INSPECTOR } };

	for (size_t i = 0; f && i < sizeof table / sizeof *table; i++) {
		if (strcmp(f->word, table[i].word) == 0)
			return table[i].reason;
	}
	return EVENT_REASON_NONE;
}

void tell_fail_state(struct supervisor *s, const struct health_finding *f)
{
	struct event ev = begin(s, DETECTOR_FAIL_STATE, reason_of(f));

	ev.blocked = s->health == HEALTH_CLOSED;
	ev.severity = s->health == HEALTH_ENFORCING ? 3 : 1;
	ev.detail = f ? f->reason[0] : "enforcing again";
	ev.detail_ja = f ? f->reason[1] : "通常の状態に戻りました";
	send_event(s, &ev);
	log_say(f ? LOG_LINE_WARN : LOG_LINE_INFO, "%s: %s", "%s: %s", health_words[s->health],
		log_word(ev.detail, ev.detail_ja));
}

void tell_reminders(struct supervisor *s, int64_t now)
{
	const struct event ev = begin(s, DETECTOR_ADMIN, EVENT_REASON_REVIEW);
	const struct event_sink sink = channel_sink(&s->channel);

	if (!s->channel.buf)
		return;
	remind(&s->now.policy, s->reminded, now, &ev, &sink);
	s->reminded = now;
}

void tell_stats(struct supervisor *s)
{
	struct event_counter counters[EVENT_COUNTERS_MAX];
	struct event ev = begin(s, DETECTOR_NONE, EVENT_REASON_NONE);

	ev.type = EVENT_STATS;
	ev.stats.counters = counters;
	ev.stats.count = (uint32_t)report_counters(s, counters, EVENT_COUNTERS_MAX);
	ev.stats.uptime = (uint64_t)((now_monotonic() - s->started) / SECOND);
	send_event(s, &ev);
}

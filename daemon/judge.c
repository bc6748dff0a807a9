/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/judge.h"

#include "daemon/record/event.h"

enum judged judge_fail(uint8_t action, bool *alert)
{
	*alert = action == ACTION_ALERT;
	switch (action) {
	case ACTION_PASS:
	case ACTION_ALERT:
	case ACTION_PASS_METADATA: return JUDGED_LEAVE;
	default: return JUDGED_DENY;
	}
}

/* A deny is told by what it asked for. */
static uint8_t detector_of_deny(const struct policy *p, uint32_t statement)
{
	if (statement == POLICY_NONE)
		return DETECTOR_SEGMENTATION;
	if (p->statements[statement].names.count)
		return DETECTOR_NAME;
	return p->statements[statement].applications.count ? DETECTOR_APPLICATION
							   : DETECTOR_SEGMENTATION;
}

static struct judgement denial(const struct situation *s)
{
	static const struct {
		uint8_t detector, reason;
	} words[] = {
		[REASON_NOT_PERMITTED] = { DETECTOR_SEGMENTATION, EVENT_REASON_NOT_PERMITTED },
		[REASON_APPLICATION] = { DETECTOR_APPLICATION, EVENT_REASON_APPLICATION },
		[REASON_NAME] = { DETECTOR_NAME, EVENT_REASON_NAME },
		[REASON_DIRECTION] = { DETECTOR_UPLOAD, EVENT_REASON_DIRECTION },
		[REASON_ENDED] = { DETECTOR_SEGMENTATION, EVENT_REASON_ENDED },
	};
	struct judgement j = { .what = JUDGED_DENY, .statement = s->decision.statement };

	if (s->decision.reason == REASON_DENIED) {
		j.detector = detector_of_deny(s->policy, s->decision.statement);
		j.reason = EVENT_REASON_DENIED;
		return j;
	}
	j.detector = words[s->decision.reason].detector;
	j.reason = words[s->decision.reason].reason;
	if (j.reason == EVENT_REASON_APPLICATION && !s->app_known)
		j.reason = EVENT_REASON_UNKNOWN_APPLICATION;
	if (j.reason == EVENT_REASON_NAME && !s->name_known)
		j.reason = EVENT_REASON_NO_NAME;
	return j;
}

/* It may pass as far as the policy goes; `watched` says whether we keep looking. */
static struct judgement passing(const struct situation *s)
{
	return (struct judgement){
		.what = s->watched ? JUDGED_WAIT : JUDGED_LEAVE,
		.statement = s->decision.statement,
	};
}

static struct judgement failing(const struct situation *s, uint8_t action, uint8_t detector,
				uint8_t reason)
{
	struct judgement j = { .detector = detector, .reason = reason };

	j.statement = s->decision.statement;
	j.what = (uint8_t)judge_fail(action, &j.alert);
	if (j.what == JUDGED_LEAVE && s->content)
		j.what = JUDGED_WAIT;
	return j;
}

static struct judgement judge_pass(const struct situation *s)
{
	const struct profile *joined = &s->policy->classes[s->class].joined;
	struct judgement j = passing(s);
	uint32_t i = s->decision.statement;

	if (s->unreadable)
		return failing(s, joined->on_uninspectable, DETECTOR_PROTOCOL,
			       EVENT_REASON_NO_NAME);
	if (!s->app_known && s->exhausted && !s->midstream)
		return failing(s, joined->on_unknown_application, DETECTOR_APPLICATION,
			       EVENT_REASON_UNKNOWN_APPLICATION);
	if (i != POLICY_NONE && s->policy->statements[i].type == STATEMENT_CROSSING) {
		j.alert = true;
		j.detector = DETECTOR_SEGMENTATION;
		j.reason = EVENT_REASON_OBSERVED;
	}
	return j;
}

struct judgement judge(const struct situation *s)
{
	const struct profile *joined = &s->policy->classes[s->class].joined;
	struct judgement j;

	switch (s->decision.verdict) {
	case VERDICT_PASS: return judge_pass(s);
	case VERDICT_DENY:
		j = denial(s);
		if (s->decision.alert_only) {
			j.what = s->watched ? JUDGED_WAIT : JUDGED_LEAVE;
			j.alert = true;
		}
		return j;
	default: break;
	}
	if (!s->exhausted)
		return (struct judgement){ .what = JUDGED_WAIT,
					   .statement = s->decision.statement };
	if (s->midstream)
		return (struct judgement){ .what = JUDGED_LEAVE,
					   .statement = s->decision.statement };
	return failing(s, joined->on_unknown_application, DETECTOR_APPLICATION,
		       EVENT_REASON_UNKNOWN_APPLICATION);
}

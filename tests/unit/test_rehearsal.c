/* SPDX-License-Identifier: GPL-3.0-or-later */
/* what a policy would have made of a recorded conversation */
#include "tools/seen/rehearsal.h"

#include "daemon/inspect.h"
#include "daemon/record/event.h"
#include "rules/build.h"
#include "tools/seen/sighting.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define DAY INT64_C(1795309200) /* Sunday 2026-11-22T10:00:00 in Japan */
#define NIGHT (DAY + 13 * 3600) /* ... at 23:00 */
#define HEAD \
	"owner \"a\"; reason \"b\"; reference \"r\"; approved-by \"c\"; approved-on 2026-04-01;"

static const char text[] =
	"model lab;\n"
	"zone net { role internet; interface \"e1\"; network 10.1.0.0/16; }\n"
	"zone yard { role internet; interface \"e3\", \"e4\"; network 10.3.0.0/16; inside permit; }\n"
	"zone cloud { role cloud; interface \"e2\"; network 10.2.0.0/16; }\n"
	"profile p { inspect metadata; on-unknown-application block; }\n"
	"profile soft { inspect metadata; on-unknown-application alert; on-mismatch alert; }\n"
	"profile none { inspect none; on-overload pass; on-no-inspector pass; on-memory pass; on-midstream pass; on-undecodable pass; }\n"
	"service web { tcp 80; } service tls { tcp 443; } service any-port { tcp 9000-9100; } service dns { udp 53; }\n"
	"service ftp { tcp 21, 50000-50100; } service plain { tcp 7; } service soft { tcp 81; } service late { tcp 82; }\n"
	"service night { tcp 83; } service fetch { tcp 84; } service gone { tcp 85; } service ssh { tcp 22; } service watched { tcp 86; }\n"
	"window night { hours 22:00-05:00; }\n"
	"permit web { kind ordinary; from zone net; to zone cloud; service web; application HTTP; name *.good.example; profile p; until 2027-03-31; " HEAD
	" }\n"
	"permit tls { kind ordinary; from zone net; to zone cloud; service tls; application TLS; profile p; until 2027-03-31; " HEAD
	" }\n"
	"permit free { kind ordinary; from zone net; to zone cloud; service any-port; profile p; until 2027-03-31; " HEAD
	" }\n"
	"permit dns { kind ordinary; from zone net; to zone cloud; service dns; application DNS; name *.good.example; profile p; until 2027-03-31; " HEAD
	" }\n"
	"permit ftp { kind ordinary; from zone net; to zone cloud; service ftp; application FTP_CONTROL; profile p; until 2027-03-31; " HEAD
	" }\n"
	"permit plain { kind ordinary; from zone net; to zone cloud; service plain; profile none; until 2027-03-31; " HEAD
	" }\n"
	"permit soft { kind ordinary; from zone net; to zone cloud; service soft; application HTTP; profile soft; until 2027-03-31; " HEAD
	" }\n"
	"permit late { kind ordinary; from zone net; to zone cloud; service late; profile p; since 2026-12-01; until 2027-03-31; " HEAD
	" }\n"
	"permit night { kind ordinary; from zone net; to zone cloud; service night; profile p; window night; until 2027-03-31; " HEAD
	" }\n"
	"permit fetch { kind ordinary; from zone net; to zone cloud; service fetch; direction download; profile p; until 2027-03-31; " HEAD
	" }\n"
	"permit gone { kind ordinary; from zone net; to zone cloud; service gone; profile p; until 2026-10-31; " HEAD
	" }\n"
	"permit to-ssh { kind ordinary; from zone net; to zone cloud; service ssh; profile p; until 2027-03-31; " HEAD
	" }\n"
	"deny no-ssh { from zone net; to zone cloud; service ssh; reason \"x\"; }\n"
	"crossing watch { between zone cloud, zone yard; mode observe; owner \"a\"; until 2026-12-31; }\n";

struct town {
	struct build b;
	struct inspect *in;
	struct rehearsal *r;
};

static int build_town(void **state)
{
	static struct town t;
	char why[160];

	t = (struct town){ 0 };
	if (build_bytes("town", text, sizeof(text) - 1, &t.b) < 0 || !t.b.ok)
		return -1;
	t.in = inspect_new(&inspect_conf_default);
	*state = &t;
	return t.in ? rehearsal_new(&t.b.policy, t.in, DAY, true, &t.r, why) : -1;
}

static int drop_town(void **state)
{
	struct town *t = *state;

	rehearsal_free(t->r);
	inspect_free(t->in);
	build_done(&t->b);
	return 0;
}

struct tried {
	uint16_t port;
	const char *application, *app_proto, *names;
	uint64_t up;
	enum rehearsed what;
	uint8_t reason;
};

static struct sighting sighting_of(const struct tried *c)
{
	struct sighting s = { .start = DAY,
			      .end = DAY + 1,
			      .count = 1,
			      .packets_up = 5,
			      .packets_down = 5,
			      .packets_seen = 10,
			      .least_up = c->up,
			      .most_up = c->up,
			      .least_down = 100,
			      .most_down = 100 };

	ip_parse("10.1.0.2", &s.tuple.src);
	ip_parse("10.2.0.2", &s.tuple.dst);
	s.tuple.protocol = c->port == 53 ? IPPROTO_UDP : IPPROTO_TCP;
	s.tuple.dport = c->port;
	snprintf(s.application, sizeof(s.application), "%s", c->application);
	snprintf(s.app_proto, sizeof(s.app_proto), "%s", c->app_proto);
	snprintf(s.names, sizeof(s.names), "%s", c->names);
	return s;
}

static void judge_by_application_name_and_time_as_the_engine(void **state)
{
	static const struct tried table[] = {
		{ 80, "HTTP", "http", "www.good.example", 100, REHEARSED_PASS, 0 },
		{ 80, "HTTP", "http", "www.bad.example", 100, REHEARSED_CUT, EVENT_REASON_NAME },
		{ 80, "HTTP", "http", "www.good.example\nwww.bad.example", 100, REHEARSED_CUT,
		  EVENT_REASON_NAME },
		{ 80, "HTTP", "http", "www.bad.example\nwww.good.example", 100, REHEARSED_CUT,
		  EVENT_REASON_NAME },
		{ 80, "HTTP", "http", "", 100, REHEARSED_CUT, EVENT_REASON_NO_NAME },
		{ 80, "HTTP", "http", "****.bad.example", 100, REHEARSED_UNCLEAR,
		  EVENT_REASON_NAME },
		{ 80, "SSH", "ssh", "", 100, REHEARSED_CUT, EVENT_REASON_APPLICATION },
		{ 80, "", "", "", 9000, REHEARSED_CUT, EVENT_REASON_UNKNOWN_APPLICATION },
		{ 80, "", "", "", 0, REHEARSED_PASS, 0 },
		{ 443, "TLS.Google", "tls", "a.example", 100, REHEARSED_PASS, 0 },
		{ 443, "", "tls", "a.example", 100, REHEARSED_PASS, 0 },
		{ 443, "QUIC", "quic", "", 100, REHEARSED_CUT, EVENT_REASON_APPLICATION },
		{ 9050, "SSH", "ssh", "", 100, REHEARSED_PASS, 0 },
		{ 9050, "", "", "", 9000, REHEARSED_CUT, EVENT_REASON_UNKNOWN_APPLICATION },
		{ 53, "DNS", "dns", "www.good.example", 40, REHEARSED_PASS, 0 },
		{ 53, "DNS", "dns", "www.good.example\nexfil.bad.example", 40, REHEARSED_CUT,
		  EVENT_REASON_NAME },
		{ 21, "FTP_CONTROL", "ftp", "", 100, REHEARSED_PASS, 0 },
		{ 50010, "FTP_DATA", "ftp-data", "", 100, REHEARSED_FTP_DATA, 0 },
		{ 7, "", "", "", 100, REHEARSED_PASS, 0 },
		{ 8, "", "", "", 100, REHEARSED_CUT, EVENT_REASON_NOT_PERMITTED },
		{ 81, "HTTP", "http", "", 100, REHEARSED_PASS, 0 },
		{ 81, "SSH", "ssh", "", 100, REHEARSED_ALARM, EVENT_REASON_APPLICATION },
		{ 82, "SSH", "ssh", "", 100, REHEARSED_CUT, EVENT_REASON_ENDED },
		{ 83, "SSH", "ssh", "", 100, REHEARSED_CUT, EVENT_REASON_ENDED },
		{ 84, "SSH", "ssh", "", 1000, REHEARSED_PASS, 0 },
		{ 84, "SSH", "ssh", "", 100000, REHEARSED_CUT, EVENT_REASON_DIRECTION },
		{ 84, "HTTP", "http", "", 100000, REHEARSED_PASS, 0 },
		{ 85, "SSH", "ssh", "", 100, REHEARSED_CUT, EVENT_REASON_ENDED },
		{ 22, "SSH", "ssh", "", 100, REHEARSED_CUT, EVENT_REASON_DENIED },
	};
	struct town *t = *state;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct sighting s = sighting_of(&table[i]);
		const struct rehearsed_as as = rehearsal_judge(t->r, &s);

		if (as.what != table[i].what || (table[i].reason && as.reason != table[i].reason))
			fail_msg("case %zu, port %u: %u, reason %u", i, table[i].port, as.what,
				 as.reason);
	}
}

static struct rehearsed_as judge_one(struct town *t, const struct tried *c,
				     void (*change)(struct sighting *))
{
	struct sighting s = sighting_of(c);

	change(&s);
	return rehearsal_judge(t->r, &s);
}

static void at_night(struct sighting *s)
{
	s->start = NIGHT;
}

static void with_body(struct sighting *s)
{
	s->body = true;
}

static void unseen(struct sighting *s)
{
	s->packets_seen = 0;
}

static void loosely_counted(struct sighting *s)
{
	s->least_up = 1000;
	s->most_up = 100000;
}

static void refused_then(struct sighting *s)
{
	s->refused = true;
	s->packets_seen = 0;
	s->most_up = s->least_up = s->most_down = s->least_down = 0;
}

static void in_the_yard(struct sighting *s)
{
	ip_parse("10.3.0.2", &s->tuple.src);
	ip_parse("10.3.0.3", &s->tuple.dst);
}

static void from_the_cloud(struct sighting *s)
{
	s->tuple.src = s->tuple.dst;
	ip_parse("10.3.0.3", &s->tuple.dst);
}

static void from_nowhere(struct sighting *s)
{
	ip_parse("192.0.2.1", &s->tuple.src);
}

static void judge_by_what_else_the_record_says(void **state)
{
	static const struct {
		struct tried c;
		void (*change)(struct sighting *);
	} table[] = {
		{ { 83, "SSH", "ssh", "", 100, REHEARSED_PASS, 0 }, at_night },
		{ { 84, "HTTP", "http", "", 100, REHEARSED_CUT, EVENT_REASON_DIRECTION },
		  with_body },
		{ { 84, "SSH", "ssh", "", 100, REHEARSED_UNCLEAR, EVENT_REASON_DIRECTION },
		  loosely_counted },
		{ { 443, "", "", "", 100, REHEARSED_UNCLEAR, 0 }, unseen },
		{ { 7, "", "", "", 100, REHEARSED_PASS, 0 }, unseen },
		{ { 443, "", "", "", 100, REHEARSED_PASS, 0 }, refused_then },
		{ { 8, "", "", "", 100, REHEARSED_CUT, EVENT_REASON_NOT_PERMITTED }, refused_then },
		{ { 8, "", "", "", 100, REHEARSED_PASS, 0 }, in_the_yard },
		{ { 8, "SSH", "ssh", "", 100, REHEARSED_PASS, 0 }, from_the_cloud },
		{ { 443, "TLS", "tls", "", 100, REHEARSED_CUT, EVENT_REASON_NOT_PERMITTED },
		  from_nowhere },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct rehearsed_as as = judge_one(*state, &table[i].c, table[i].change);

		if (as.what != table[i].c.what ||
		    (table[i].c.reason && as.reason != table[i].c.reason))
			fail_msg("case %zu: %u, reason %u", i, as.what, as.reason);
	}
}

static void judge_without_crossings_cuts_what_they_let_pass(void **state)
{
	struct town *t = *state;
	const struct tried c = { 8, "SSH", "ssh", "", 100, REHEARSED_CUT, 0 };
	struct sighting s = sighting_of(&c);
	struct rehearsal *closed;
	char why[160];

	from_the_cloud(&s);
	assert_int_equal(rehearsal_new(&t->b.policy, t->in, DAY, false, &closed, why), 0);
	assert_int_equal(rehearsal_judge(t->r, &s).what, REHEARSED_PASS);
	assert_int_equal(rehearsal_judge(closed, &s).what, REHEARSED_CUT);
	rehearsal_free(closed);
}

static void ftp_data_passes_with_its_control_connection(void **state)
{
	struct town *t = *state;
	const struct tried control = { 21, "FTP_CONTROL", "ftp", "", 100, REHEARSED_PASS, 0 };
	struct sighting s = sighting_of(&control);

	assert_false(rehearsal_ftp(t->r, &s.tuple));
	rehearsal_judge(t->r, &s);
	assert_true(rehearsal_ftp(t->r, &s.tuple));
	ip_parse("10.2.0.9", &s.tuple.dst);
	assert_false(rehearsal_ftp(t->r, &s.tuple));
}

static void alike_is_said_of_inspection_and_failing(void **state)
{
	const struct policy *p = rehearsal_policy(((struct town *)*state)->r);
	uint32_t of[3];
	const uint16_t ports[3] = { 443, 9050, 81 };

	for (int i = 0; i < 3; i++) {
		const struct tried c = { ports[i], "", "", "", 0, REHEARSED_PASS, 0 };
		const struct sighting s = sighting_of(&c);

		of[i] = rehearsal_judge(((struct town *)*state)->r, &s).class;
	}
	assert_true(rehearsal_alike(p, of[0], p, of[1]));
	assert_false(rehearsal_alike(p, of[0], p, of[2]));
	assert_false(rehearsal_alike(p, of[0], p, POLICY_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(judge_by_application_name_and_time_as_the_engine,
						build_town, drop_town),
		cmocka_unit_test_setup_teardown(judge_by_what_else_the_record_says, build_town,
						drop_town),
		cmocka_unit_test_setup_teardown(judge_without_crossings_cuts_what_they_let_pass,
						build_town, drop_town),
		cmocka_unit_test_setup_teardown(ftp_data_passes_with_its_control_connection,
						build_town, drop_town),
		cmocka_unit_test_setup_teardown(alike_is_said_of_inspection_and_failing, build_town,
						drop_town),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

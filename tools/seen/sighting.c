/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/seen/sighting.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "rules/jst.h"

static const struct cli_json_node *at(const struct cli_json *j, const char *path)
{
	return cli_json_get(j, cli_json_top(j), path);
}

static bool is(const struct cli_json *j, const char *path, const char *word)
{
	return cli_json_is(j, at(j, path), word);
}

static uint64_t number(const struct cli_json *j, const char *path)
{
	return cli_json_uint(j, at(j, path));
}

static void word(const struct cli_json *j, const char *path, char out[static SIGHTING_WORD])
{
	cli_json_text(j, at(j, path), out, SIGHTING_WORD);
}

static bool digits(const char *s, size_t n)
{
	while (n && *s >= '0' && *s <= '9')
		s++, n--;
	return n == 0;
}

/* "2026-11-23T02:05:05.178638+0900": the recorder writes Japan's time, others their own. */
static bool time_of(const struct cli_json *j, const char *path, int64_t *out)
{
	char text[SIGHTING_WORD];
	const char *zone;
	int64_t seconds;

	cli_json_text(j, at(j, path), text, sizeof(text));
	zone = strlen(text) > 19 ? strpbrk(text + 19, "+-") : NULL;
	if (!zone || !digits(zone + 1, 4))
		return false;
	const int64_t minutes = atoi(zone + 1) / 100 * 60 + atoi(zone + 1) % 100;

	text[19] = '\0';
	if (jst_parse(text, &seconds, NULL) < 0)
		return false;
	*out = seconds + JST_OFFSET - (*zone == '-' ? -minutes : minutes) * 60;
	return true;
}

/* EVE's words for protocols, else a number. */
static bool protocol_of(const struct cli_json *j, uint8_t *out)
{
	static const struct {
		const char *word;
		uint8_t number;
	} words[] = { { "TCP", IPPROTO_TCP },   { "UDP", IPPROTO_UDP },
		      { "ICMP", IPPROTO_ICMP }, { "IPv6-ICMP", IPPROTO_ICMPV6 },
		      { "SCTP", IPPROTO_SCTP }, { "GRE", IPPROTO_GRE },
		      { "ESP", IPPROTO_ESP },   { "AH", IPPROTO_AH } };
	char text[SIGHTING_WORD], *end;
	unsigned long n;

	word(j, "proto", text);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, text) == 0) {
			*out = words[i].number;
			return true;
		}
	n = strtoul(text, &end, 10);
	*out = (uint8_t)n;
	return text[0] >= '0' && text[0] <= '9' && !*end && n <= UINT8_MAX;
}

static bool read_tuple(const struct cli_json *j, struct tuple *t)
{
	char src[SIGHTING_WORD], dst[SIGHTING_WORD];
	uint64_t port;

	word(j, "src_ip", src);
	word(j, "dest_ip", dst);
	if (ip_parse(src, &t->src) < 0 || ip_parse(dst, &t->dst) < 0 ||
	    !protocol_of(j, &t->protocol) || ip_is_v4(t->src) != ip_is_v4(t->dst))
		return false;
	if (t->protocol == IPPROTO_ICMP || t->protocol == IPPROTO_ICMPV6)
		port = number(j, "icmp_type");
	else
		port = number(j, "dest_port");
	t->dport = (uint16_t)port;
	return port <= UINT16_MAX;
}

/* One more name; a line end in it would make two of it. */
static void add_name(struct sighting *s, const char *name)
{
	const size_t used = strlen(s->names), n = strlen(name);

	if (n == 0)
		return;
	if (used + n + 2 > sizeof(s->names)) {
		s->names_cut = true;
		return;
	}
	if (used)
		strcat(s->names, "\n");
	strcat(s->names, name);
}

static void read_names(const struct cli_json *j, struct sighting *s)
{
	char name[512];
	const struct cli_json_node *n = at(j, "sekimori.names");

	for (n = cli_json_first(j, n); n; n = cli_json_next(j, n))
		add_name(s, cli_json_text(j, n, name, sizeof(name)));
	add_name(s, cli_json_text(j, at(j, "sekimori.name"), name, sizeof(name)));
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* Headers of IP and transport: at least without, at most with all options. */
static void payload_bounds(const struct sighting *s, uint64_t bytes, uint64_t packets,
			   uint64_t *least, uint64_t *most)
{
	const bool tcp = s->tuple.protocol == IPPROTO_TCP;
	const uint64_t ip = ip_is_v4(s->tuple.src) ? 20 : 40, l4 = tcp ? 20 : 8;

	if (packets > UINT32_MAX)
		packets = UINT32_MAX;
	*most = less(bytes, packets * (ip + l4));
	*least = less(bytes, packets * (ip + l4 + (tcp ? 40 : 0)));
}

static void read_payload(const struct cli_json *j, struct sighting *s)
{
	const struct cli_json_node *up = at(j, "sekimori.payload_up"),
				   *down = at(j, "sekimori.payload_down");

	payload_bounds(s, s->bytes_up, s->packets_up, &s->least_up, &s->most_up);
	payload_bounds(s, s->bytes_down, s->packets_down, &s->least_down, &s->most_down);
	/* An engine that let it go counted to there; the kernel counted on. */
	if (up && down && s->packets_seen >= s->packets_up + s->packets_down) {
		s->least_up = s->most_up = cli_json_uint(j, up);
		s->least_down = s->most_down = cli_json_uint(j, down);
	}
}

/* Reasons that a permit takes away. */
static bool refused_by_policy(const struct cli_json *j)
{
	static const char *const words[] = {
		"not-permitted",       "denied",        "application-mismatch",
		"unknown-application", "name-mismatch", "no-name",
		"direction",           "permit-ended",  "policy-change"
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is(j, "sekimori.reason", words[i]))
			return true;
	return false;
}

static void read_facts(const struct cli_json *j, struct sighting *s)
{
	word(j, "sekimori.application", s->application);
	word(j, "app_proto", s->app_proto);
	word(j, "sekimori.inside", s->inside);
	word(j, "sekimori.permit", s->permit);
	if (strcmp(s->app_proto, "failed") == 0)
		s->app_proto[0] = '\0';
	s->from_box = is(j, "sekimori.zone_from", "box");
	s->to_box = is(j, "sekimori.zone_to", "box");
	s->body = number(j, "sekimori.request_body");
	s->unreadable = is(j, "sekimori.inspection", "uninspectable");
	s->midstream = is(j, "sekimori.inspection", "midstream");
	s->packets_seen = number(j, "sekimori.packets_seen");
	read_names(j, s);
}

static enum sighting_result read_flow(const struct cli_json *j, struct sighting *s)
{
	if (!time_of(j, "flow.start", &s->start) || !time_of(j, "flow.end", &s->end))
		return SIGHTING_DAMAGED;
	s->count = 1;
	s->bytes_up = number(j, "flow.bytes_toserver");
	s->bytes_down = number(j, "flow.bytes_toclient");
	s->packets_up = number(j, "flow.pkts_toserver");
	s->packets_down = number(j, "flow.pkts_toclient");
	s->refused = refused_by_policy(j);
	read_payload(j, s);
	return SIGHTING_TAKEN;
}

/*
 * Only what a permit could change: not a forged address, nor a packet that fits no connection. What an engine ended
 * after its first packet has a flow event of its own, and so has a socket whose questions are judged one by one.
 */
static enum sighting_result read_refusal(const struct cli_json *j, struct sighting *s)
{
	if (!refused_by_policy(j))
		return SIGHTING_OTHER;
	if (number(j, "flow_id") && (s->packets_seen > 1 || strcmp(s->app_proto, "dns") == 0))
		return SIGHTING_OTHER;
	if (!time_of(j, "timestamp", &s->start))
		return SIGHTING_DAMAGED;
	s->end = s->start;
	s->count = number(j, "sekimori.count");
	if (s->count == 0)
		s->count = 1;
	s->refused = true;
	return SIGHTING_TAKEN;
}

enum sighting_result sighting_read(const struct cli_json *j, struct sighting *out)
{
	const bool flow = is(j, "event_type", "flow");

	if (!flow && !(is(j, "event_type", "alert") && is(j, "alert.action", "blocked")))
		return at(j, "event_type") ? SIGHTING_OTHER : SIGHTING_DAMAGED;
	memset(out, 0, sizeof(*out));
	if (!flow && !at(j, "src_ip"))
		return SIGHTING_OTHER;
	if (!read_tuple(j, &out->tuple))
		return SIGHTING_DAMAGED;
	read_facts(j, out);
	return flow ? read_flow(j, out) : read_refusal(j, out);
}

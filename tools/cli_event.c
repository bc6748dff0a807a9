/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/cli_event.h"

#include "rules/jst.h"
#include "rules/text.h"

#include <stdio.h>
#include <string.h>

#define FIELD 256

static const struct cli_json_node *at(const struct cli_json *j, const char *path)
{
	return cli_json_get(j, cli_json_top(j), path);
}

static const char *get(const struct cli_json *j, const char *path, char buf[static FIELD])
{
	return cli_json_text(j, at(j, path), buf, FIELD);
}

/* "2026-11-23T02:05:05.178638+0900": the recorder always writes Japan's time. */
int64_t cli_event_time(const struct cli_json *j)
{
	char text[FIELD];
	int64_t seconds;

	get(j, "timestamp", text);
	if (strlen(text) < 19)
		return 0;
	text[19] = '\0';
	return jst_parse(text, &seconds, NULL) == 0 ? seconds : 0;
}

static bool either(const struct cli_json *j, const char *a, const char *b, const char *wanted)
{
	return !wanted || cli_json_is(j, at(j, a), wanted) || cli_json_is(j, at(j, b), wanted);
}

static bool type_matches(const struct cli_json *j, const char *type)
{
	if (type && strcmp(type, "all") == 0)
		return true;
	return cli_json_is(j, at(j, "event_type"), type ? type : "alert");
}

static bool severity_matches(const struct cli_json *j, unsigned int most)
{
	const uint64_t severity = cli_json_uint(j, at(j, "alert.severity"));

	return most == 0 || (severity && severity <= most);
}

bool cli_event_matches(const struct cli_json *j, const struct cli_event_filter *f)
{
	const int64_t time = f->since || f->until ? cli_event_time(j) : 0;

	if (f->since && time < f->since)
		return false;
	if (f->until && time >= f->until)
		return false;
	return type_matches(j, f->type) && severity_matches(j, f->severity) &&
	       either(j, "sekimori.zone_from", "sekimori.zone_to", f->zone) &&
	       either(j, "sekimori.detector", "sekimori.detector", f->detector) &&
	       (either(j, "src_ip", "dest_ip", f->host) ||
		cli_json_is(j, at(j, "sekimori.asset.name"), f->host));
}

/* ---- for people ---- */

static void put_time(const struct cli_json *j, struct text *out)
{
	char text[FIELD];

	get(j, "timestamp", text);
	if (strlen(text) > 19)
		text[19] = '\0';
	if (strlen(text) > 10)
		text[10] = ' ';
	text_puts(out, text);
}

static void put_mark(const struct cli_json *j, struct diag_style style, struct text *out)
{
	static const char *const words[4][2] = {
		{ "", "" }, { "URGENT", "重大" }, { "look", "注意" }, { "note", "記録" }
	};
	static const char *const colours[4] = { "", "\33[1;31m", "\33[33m", "\33[2m" };
	const uint64_t severity = cli_json_uint(j, at(j, "alert.severity"));
	char type[FIELD];

	if (severity < 1 || severity > 3) {
		text_printf(out, " [%s]", get(j, "event_type", type));
		return;
	}
	text_printf(out, " %s[%s]%s", style.colour ? colours[severity] : "",
		    words[severity][style.language == DIAG_JAPANESE], style.colour ? "\33[0m" : "");
}

static void put_end(const struct cli_json *j, const char *ip, const char *port, struct text *out)
{
	const uint64_t number = cli_json_uint(j, at(j, port));
	char address[FIELD];

	get(j, ip, address);
	if (number && strchr(address, ':'))
		text_printf(out, "[%s]:%llu", address, (unsigned long long)number);
	else if (number)
		text_printf(out, "%s:%llu", address, (unsigned long long)number);
	else
		text_puts(out, address);
}

static void put_who(const struct cli_json *j, struct text *out)
{
	char from[FIELD], to[FIELD], name[FIELD], proto[FIELD];

	get(j, "sekimori.zone_from", from);
	get(j, "sekimori.zone_to", to);
	if (*from || *to)
		text_printf(out, " %s>%s", *from ? from : "?", *to ? to : "?");
	if (!at(j, "src_ip"))
		return;
	text_putc(out, ' ');
	put_end(j, "src_ip", "src_port", out);
	if (*get(j, "sekimori.asset.name", name))
		text_printf(out, "(%s)", name);
	text_puts(out, " -> ");
	put_end(j, "dest_ip", "dest_port", out);
	text_printf(out, " %s", get(j, "proto", proto));
}

static void put_alert(const struct cli_json *j, bool japanese, struct text *out)
{
	char text[FIELD], detail[FIELD];
	const char *signature;

	if (japanese) {
		text_printf(out, " %s", get(j, "sekimori.message_ja", text));
		return;
	}
	signature = get(j, "alert.signature", text);
	if (strncmp(signature, "SEKIMORI ", 9) == 0)
		signature += 9;
	text_printf(out, " %s", signature);
	if (*get(j, "sekimori.detail", detail))
		text_printf(out, ": %s", detail);
}

static void put_named(const struct cli_json *j, const char *label, const char *path,
		      struct text *out)
{
	char text[FIELD];

	if (*get(j, path, text))
		text_printf(out, " %s=%s", label, text);
}

static void put_count(const struct cli_json *j, const char *label, const char *path,
		      struct text *out)
{
	const struct cli_json_node *n = at(j, path);

	if (n && n->type == CLI_JSON_NUMBER)
		text_printf(out, " %s=%llu", label, (unsigned long long)cli_json_uint(j, n));
}

static void put_rest(const struct cli_json *j, struct text *out)
{
	const uint64_t count = cli_json_uint(j, at(j, "sekimori.count"));

	put_named(j, "permit", "sekimori.permit", out);
	put_named(j, "application", "sekimori.application", out);
	put_named(j, "name", "sekimori.name", out);
	put_named(j, "rrname", "dns.rrname", out);
	put_named(j, "rrname", "dns.query.0.rrname", out);
	put_named(j, "sni", "tls.sni", out);
	put_named(j, "host", "http.hostname", out);
	put_named(j, "url", "http.url", out);
	put_named(j, "anomaly", "anomaly.event", out);
	put_count(j, "up", "flow.bytes_toserver", out);
	put_count(j, "down", "flow.bytes_toclient", out);
	if (count > 1)
		text_printf(out, " x%llu", (unsigned long long)count);
}

void cli_event_line(const struct cli_json *j, struct diag_style style, struct text *out)
{
	put_time(j, out);
	put_mark(j, style, out);
	put_who(j, out);
	if (cli_json_is(j, at(j, "event_type"), "alert"))
		put_alert(j, style.language == DIAG_JAPANESE, out);
	put_rest(j, out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	2026-11-22 15:36:53 [注意] net → cloud 10.30.1.10(uketsuke) → 10.99.0.10:8080/TCP
 *		許可のない接続先名を遮断 名前=evil.example アプリ=TLS 規則=web
 */
#include <string.h>

#include "daemon/record/event.h"
#include "daemon/record/eve.h"
#include "daemon/record/signature.h"
#include "rules/jst.h"
#include "rules/text.h"

static void put_time(struct text *out, int64_t ns)
{
	char buf[JST_TEXT];
	const char *t = jst_time_text(ns / 1000000000, buf);

	text_add(out, t, 10);
	text_putc(out, ' ');
	text_puts(out, t + 11);
}

/* A control character in a peer's text must not forge a second line. */
static void put_clean(struct text *out, const char *s)
{
	for (; *s; s++)
		text_putc(out, (unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
}

static void put_end(struct text *out, ip_t a, uint16_t port)
{
	char buf[IP_TEXT];

	if (port && !ip_is_v4(a))
		text_printf(out, "[%s]:%u", ip_text(a, buf), port);
	else if (port)
		text_printf(out, "%s:%u", ip_text(a, buf), port);
	else
		text_puts(out, ip_text(a, buf));
}

static void put_who(struct text *out, const struct event *ev)
{
	bool icmp = ev->tuple.protocol == 1 || ev->tuple.protocol == 58;
	char proto[8];

	put_end(out, ev->tuple.src, 0);
	if (ev->asset)
		text_printf(out, "(%s)", ev->asset);
	text_puts(out, " → ");
	put_end(out, ev->tuple.dst, icmp ? 0 : ev->tuple.dport);
	text_printf(out, "/%s ", eve_protocol(ev->tuple.protocol, proto));
}

static void put_content(struct text *out, const struct event_content *c)
{
	if (c->file) {
		text_puts(out, " ファイル=");
		put_clean(out, c->file);
	}
	text_puts(out, " 経路=");
	put_clean(out, c->path);
	if (c->unread)
		text_printf(out, " 理由=%s", c->unread);
}

void event_line_ja(const struct event *ev, struct text *out)
{
	static const char *const severities[] = { "", "重大", "注意", "記録" };
	const struct signature *s = signature_of(ev);
	uint8_t severity = ev->severity ? ev->severity : s->severity;

	put_time(out, ev->time);
	text_printf(out, " [%s] ", severities[severity & 3]);
	if (ev->zone_from || ev->zone_to)
		text_printf(out, "%s → %s ", ev->zone_from ? ev->zone_from : "?",
			    ev->zone_to ? ev->zone_to : "?");
	if (ev->has_tuple)
		put_who(out, ev);
	text_puts(out, ev->detail_ja ? ev->detail_ja : s->japanese);
	if (ev->name) {
		text_puts(out, " 名前=");
		put_clean(out, ev->name);
	}
	if (ev->application)
		text_printf(out, " アプリ=%s", ev->application);
	if (ev->permit)
		text_printf(out, " 規則=%s", ev->permit);
	if (ev->content.path)
		put_content(out, &ev->content);
	if (ev->content.rule)
		text_printf(out, " %lu件", (unsigned long)ev->count);
	else if (ev->count > 1)
		text_printf(out, " ×%lu", (unsigned long)ev->count);
}

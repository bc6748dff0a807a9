/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verify_text: a verification in words and for programs. */
#include <ctype.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "rules/json.h"
#include "rules/kernel/readback/verify.h"
#include "rules/text.h"

#define TEXTS_(N, severity, en, ja) [VERIFY_##N] = { #N, { en, ja } },
static const struct {
	const char *name, *text[2];
} messages[VERIFY_WHAT_COUNT] = { VERIFY_MESSAGES(TEXTS_) };

static const char *const severities[2][3] = {
	{ "note", "not proved", "fault" },
	{ "参考", "未証明", "異常" },
};
static const char *const severity_words[] = { "note", "doubt", "fault" };

const char *verify_result_word(enum verify_result r)
{
	static const char *const words[] = { "proved", "refuted", "not-proved" };

	return words[r];
}

const char *verify_what_word(enum verify_what what, char buf[static 32])
{
	size_t i = 0;

	for (const char *s = messages[what].name; *s && i < 31; s++, i++)
		buf[i] = (char)(*s == '_' ? '-' : tolower((unsigned char)*s));
	buf[i] = '\0';
	return buf;
}

/* ---- text ---- */

/* Names come from the kernel, where whoever loads rules may write anything. */
static void put_safe(const char *s, struct text *out)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			text_printf(out, "\\x%02x", (unsigned char)*s);
		else
			text_putc(out, *s);
	}
}

static void put_where(const struct verify_where *w, struct text *out)
{
	text_printf(out, "%s ", w->family);
	put_safe(w->table, out);
	if (w->chain[0])
		text_putc(out, ' ');
	put_safe(w->chain, out);
	if (w->handle)
		text_printf(out, " handle %" PRIu64, w->handle);
}

void verify_sentence(const struct verify_finding *f, bool japanese, struct text *out)
{
	for (const char *s = messages[f->what].text[japanese]; *s; s++) {
		if (*s != '$') {
			text_putc(out, *s);
			continue;
		}
		s++;
		if (*s == 'w')
			put_where(&f->where, out);
		else
			put_safe(f->words[*s == '2'], out);
	}
}

static void put_end(ip_t a, uint16_t port, bool ports, struct text *out)
{
	char buf[IP_TEXT];

	text_puts(out, ip_text(a, buf));
	if (ports)
		text_printf(out, " port %u", port);
}

static void put_protocol(uint8_t protocol, struct text *out)
{
	static const struct {
		uint8_t number;
		const char *word;
	} known[] = { { IPPROTO_TCP, "tcp" },
		      { IPPROTO_UDP, "udp" },
		      { IPPROTO_ICMP, "icmp" },
		      { IPPROTO_ICMPV6, "icmpv6" } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].number == protocol) {
			text_puts(out, known[i].word);
			return;
		}
	text_printf(out, "protocol %u", protocol);
}

static void put_packet(const struct verify_packet *x, bool japanese, struct text *out)
{
	bool ports = x->protocol == IPPROTO_TCP || x->protocol == IPPROTO_UDP;
	bool icmp = x->protocol == IPPROTO_ICMP || x->protocol == IPPROTO_ICMPV6;

	text_printf(out, japanese ? "    例 (%s" : "    for example (%s", x->hook);
	text_printf(out, "%s%s, ct mark 0x%08x): ", x->state[0] ? ", " : "", x->state, x->ctmark);
	put_safe(x->in, out);
	text_puts(out, " -> ");
	put_safe(x->out, out);
	text_puts(out, ", ");
	put_protocol(x->protocol, out);
	if (icmp)
		text_printf(out, " type %u", x->dport);
	text_puts(out, ", ");
	put_end(x->src, x->sport, ports, out);
	text_puts(out, " -> ");
	put_end(x->dst, x->dport, ports, out);
	text_printf(out,
		    japanese ? "\n    カーネル: %s\n    方針: %s\n"
			     : "\n    the kernel: %s\n    the policy: %s\n",
		    x->kernel, x->policy);
}

static void put_finding(const struct verify_finding *f, bool japanese, struct text *out)
{
	text_printf(out, "%s: ", severities[japanese][f->severity]);
	verify_sentence(f, japanese, out);
	text_putc(out, '\n');
	if (f->packet.given)
		put_packet(&f->packet, japanese, out);
	if (f->where.table[0] && !strstr(messages[f->what].text[0], "$w")) {
		text_puts(out, japanese ? "    場所: " : "    at: ");
		put_where(&f->where, out);
		text_putc(out, '\n');
	}
}

void verify_text(const struct verify *v, bool japanese, struct text *out)
{
	static const char *const results[2][3] = {
		{ "PROVED: the loaded rules do what the policy says, for every packet",
		  "REFUTED: the loaded rules do not do what the policy says",
		  "NOT PROVED: whether the loaded rules do what the policy says is not known" },
		{ "証明済み: 読み込まれた規則は、すべてのパケットについて方針のとおりです",
		  "反証: 読み込まれた規則は方針のとおりではありません",
		  "未証明: 読み込まれた規則が方針のとおりかどうか分かりません" },
	};

	for (uint32_t i = 0; i < v->findings_count; i++)
		put_finding(&v->findings[i], japanese, out);
	text_puts(out, results[japanese][v->result]);
	text_printf(out,
		    japanese ? " (規則 %u、要素 %u、主張 %u、世代 %u)\n"
			     : " (%u rules, %u elements, %u claims, generation %u)\n",
		    v->rules, v->elements, v->claims, v->generation);
}

/* ---- JSON ---- */

static void json_where(const struct verify_where *w, struct json *j)
{
	if (!w->table[0])
		return;
	json_open(j, "where", '{');
	json_string(j, "family", w->family);
	json_string(j, "table", w->table);
	if (w->chain[0])
		json_string(j, "chain", w->chain);
	if (w->handle)
		json_uint(j, "handle", w->handle);
	json_close(j, '}');
}

static void json_packet(const struct verify_packet *x, struct json *j)
{
	char buf[IP_TEXT];

	if (!x->given)
		return;
	json_open(j, "packet", '{');
	json_string(j, "hook", x->hook);
	json_string(j, "in", x->in);
	json_string(j, "out", x->out);
	json_string(j, "state", x->state);
	json_bool(j, "reply", x->reply);
	json_bool(j, "first", x->first);
	json_string(j, "src", ip_text(x->src, buf));
	json_string(j, "dst", ip_text(x->dst, buf));
	json_uint(j, "protocol", x->protocol);
	json_uint(j, "sport", x->sport);
	json_uint(j, "dport", x->dport);
	json_uint(j, "ct_mark", x->ctmark);
	json_string(j, "kernel", x->kernel);
	json_string(j, "policy", x->policy);
	json_close(j, '}');
}

static void json_finding(const struct verify_finding *f, struct json *j)
{
	static const char *const keys[] = { "message", "message_ja" };
	char word[32];

	json_open(j, NULL, '{');
	json_string(j, "what", verify_what_word((enum verify_what)f->what, word));
	json_string(j, "severity", severity_words[f->severity]);
	for (int i = 0; i < 2; i++) {
		struct text t = { 0 };

		verify_sentence(f, i, &t);
		json_string(j, keys[i], t.bytes ? t.bytes : "");
		text_done(&t);
	}
	json_where(&f->where, j);
	json_packet(&f->packet, j);
	json_close(j, '}');
}

void verify_json(const struct verify *v, struct json *j, const char *key)
{
	json_open(j, key, '{');
	json_string(j, "result", verify_result_word(v->result));
	json_uint(j, "faults", v->faults);
	json_uint(j, "doubts", v->doubts);
	json_uint(j, "notes", v->notes);
	json_uint(j, "generation", v->generation);
	json_uint(j, "tables", v->tables);
	json_uint(j, "chains", v->chains);
	json_uint(j, "rules", v->rules);
	json_uint(j, "elements", v->elements);
	json_uint(j, "claims", v->claims);
	json_uint(j, "nodes", v->nodes);
	json_bool(j, "policy_loaded", v->policy_loaded);
	json_open(j, "findings", '[');
	for (uint32_t i = 0; i < v->findings_count; i++)
		json_finding(&v->findings[i], j);
	json_close(j, ']');
	json_close(j, '}');
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report_json: a proof for programs. */
#include "rules/prove/report.h"

#include <ctype.h>
#include <errno.h>

#include "rules/json.h"
#include "rules/prove/names.h"
#include "rules/prove/witness.h"
#include "rules/prove/words.h"
#include "rules/text.h"

static const char *text_of(const struct text *t)
{
	return t->bytes ? t->bytes : "";
}

const char *proof_result_word(enum proof_result r)
{
	static const char *const words[] = {
		[PROOF_HOLDS] = "proved",
		[PROOF_FAILS] = "refuted",
		[PROOF_UNKNOWN] = "unknown",
	};

	return words[r];
}

const char *proof_what_word(enum proof_what what, char buf[static 32])
{
	static const char *const names[] = {
#define NAME_(N) [PROOF_##N] = #N,
		PROOF_FINDINGS(NAME_)
	};
	size_t i = 0;

	for (const char *s = names[what]; *s && i < 31; s++, i++)
		buf[i] = (char)(*s == '_' ? '-' : tolower((unsigned char)*s));
	buf[i] = '\0';
	return buf;
}

static void json_text(struct json *j, const char *key, struct text *t)
{
	json_string(j, key, text_of(t));
	text_clear(t);
}

static void json_witness(const struct names *n, const struct witness *w, const char *key,
			 struct json *j)
{
	struct text t = { 0 };

	json_open(j, key, '{');
	json_string(j, "from", words_zone(n->p, w->from));
	json_string(j, "to", words_zone(n->p, w->to));
	words_put_address(w->tuple.src, &t);
	json_text(j, "src", &t);
	words_put_address(w->tuple.dst, &t);
	json_text(j, "dst", &t);
	json_uint(j, "protocol", w->tuple.protocol);
	json_uint(j, "port", w->tuple.dport);
	witness_put_end(n, w->from, w->tuple.src, &t);
	json_text(j, "src_name", &t);
	witness_put_end(n, w->to, w->tuple.dst, &t);
	json_text(j, "dst_name", &t);
	names_put_service(n, w->tuple.protocol, w->tuple.dport, &t);
	json_text(j, "service", &t);
	json_close(j, '}');
	text_done(&t);
}

static void json_finding(const struct names *n, const struct finding *f, struct json *j)
{
	const struct policy *p = n->p;
	struct text t = { 0 };
	char word[32];

	json_open(j, NULL, '{');
	json_string(j, "what", proof_what_word((enum proof_what)f->what, word));
	json_string(j, "severity", proof_is_error(f->what) ? "error" : "warning");
	if (f->statement != POLICY_NONE)
		json_string(j, "statement", words_statement(p, f->statement));
	if (f->from != POLICY_NONE)
		json_string(j, "from", words_zone(p, f->from));
	if (f->to != POLICY_NONE)
		json_string(j, "to", words_zone(p, f->to));
	words_put_object(p, f, &t);
	if (t.len)
		json_text(j, "object", &t);
	words_put_detail(p, f, &t);
	if (t.len)
		json_text(j, "detail", &t);
	if (f->others_count) {
		json_open(j, "others", '[');
		for (uint32_t i = 0; i < f->others_count; i++)
			json_string(j, NULL, words_statement(p, f->others[i]));
		json_close(j, ']');
	}
	if (f->has_witness)
		json_witness(n, &f->witness, "witness", j);
	if (f->has_second)
		json_witness(n, &f->second, "second", j);
	json_close(j, '}');
	text_done(&t);
}

static void json_figures(const struct proof *f, const struct policy *p, struct json *j)
{
	json_string(j, "result", proof_result_word(f->result));
	if (f->result == PROOF_UNKNOWN && f->unknown_from != POLICY_NONE) {
		json_string(j, "unknown_from", words_zone(p, f->unknown_from));
		json_string(j, "unknown_to", words_zone(p, f->unknown_to));
	}
	json_bool(j, "compiled", f->compiled);
	json_uint(j, "claims", f->claims);
	json_uint(j, "pairs", f->pairs);
	json_uint(j, "permits", f->permits);
	json_uint(j, "permits_covered", f->permits_spoken);
	json_uint(j, "share_covered_ppm", (uint64_t)(f->share_spoken * 1e6 + 0.5));
	json_uint(j, "relays_accepted", f->relays_accepted);
	json_uint(j, "errors", f->errors);
	json_uint(j, "warnings", f->warnings);
	json_uint(j, "nodes", f->nodes);
}

int proof_json(const struct proof *f, const struct policy *p, struct json *j, const char *key)
{
	struct names n;

	if (names_init(&n, p) < 0)
		return -ENOMEM;
	json_open(j, key, '{');
	json_figures(f, p, j);
	json_open(j, "permits_not_covered", '[');
	for (uint32_t i = 0; i < f->unspoken_count; i++)
		json_string(j, NULL, words_statement(p, f->unspoken[i]));
	json_close(j, ']');
	json_open(j, "findings", '[');
	for (uint32_t i = 0; i < f->findings_count; i++)
		json_finding(&n, &f->findings[i], j);
	json_close(j, ']');
	json_close(j, '}');
	names_done(&n);
	return 0;
}

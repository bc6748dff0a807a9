/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * describe: things of a record in a few words that an administrator finds again in `nft list ruleset -a`.
 */
#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "rules/kernel/readback/changes.h"
#include "rules/kernel/readback/items.h"
#include "rules/kernel/readback/record.h"

#define SHOWN 32u /* bytes of a value without a better form */

/* Text of somebody else's, on one line. */
static void put_text(struct text *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n && s[i]; i++)
		text_putc(out, s[i] >= ' ' && s[i] != 0x7f ? s[i] : '?');
}

static void put_hex(struct text *out, struct cursor v)
{
	text_puts(out, "0x");
	for (size_t i = 0; i < SHOWN && v.left; i++)
		text_printf(out, "%02x", cursor_u8(&v));
	if (v.left)
		text_puts(out, "...");
}

static uint32_t number(struct cursor attrs, uint16_t attr)
{
	struct cursor v = record_attr_find(attrs, attr);
	const uint32_t n = cursor_be32(&v);

	return v.tripped ? 0 : n;
}

static const char *text_of(struct cursor attrs, uint16_t attr)
{
	const char *s = record_text(record_attr_find(attrs, attr));

	return s ? s : "";
}

/* ---- values by nft's types ---- */

enum form { FORM_HEX, FORM_V4, FORM_V6, FORM_NUMBER, FORM_NAME, FORM_MAC };

static const struct {
	uint8_t type; /* nft's number: TYPE_IPADDR ... of its datatype.h */
	uint8_t bytes, form;
} types[] = {
	{ 7, 4, FORM_V4 },      { 8, 16, FORM_V6 },     { 9, 6, FORM_MAC },
	{ 12, 1, FORM_NUMBER }, { 13, 2, FORM_NUMBER }, { 14, 1, FORM_NUMBER },
	{ 19, 4, FORM_HEX },    { 29, 1, FORM_NUMBER }, { 41, 16, FORM_NAME },
};

static void put_mac(struct text *out, struct cursor *v)
{
	for (int i = 0; i < 6; i++)
		text_printf(out, "%s%02x", i ? ":" : "", cursor_u8(v));
}

static void put_value(struct text *out, struct cursor v, enum form form)
{
	char buf[INET6_ADDRSTRLEN] = "";
	uint64_t n = 0;

	switch (form) {
	case FORM_V4:
	case FORM_V6:
		inet_ntop(form == FORM_V4 ? AF_INET : AF_INET6, v.at, buf, sizeof buf);
		text_puts(out, buf);
		break;
	case FORM_NUMBER:
		while (v.left)
			n = n << 8 | cursor_u8(&v);
		text_printf(out, "%llu", (unsigned long long)n);
		break;
	case FORM_NAME:
		text_putc(out, '"');
		put_text(out, (const char *)v.at, v.left);
		text_putc(out, '"');
		break;
	case FORM_MAC: put_mac(out, &v); break;
	default: put_hex(out, v);
	}
}

#define TYPE_BITS 6 /* of each field of a concatenation; the last field is the lowest */

static int index_of_type(uint8_t type)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].type == type)
			return (int)i;
	return -1;
}

/* Each field stands at a multiple of 4 bytes. False: not all of it is known. */
static bool put_fields(struct text *out, struct cursor key, uint64_t type)
{
	int shift = 0;

	while (shift + TYPE_BITS < 64 && type >> (shift + TYPE_BITS))
		shift += TYPE_BITS;
	for (bool first = true; shift >= 0; shift -= TYPE_BITS, first = false) {
		const int i = index_of_type((uint8_t)(type >> shift & 63));

		if (i < 0)
			return false;
		struct cursor field = key;

		cursor_skip(&key, shift ? (types[i].bytes + 3u) & ~3u : types[i].bytes);
		if (key.tripped)
			return false;
		field.left = types[i].bytes;
		text_puts(out, first ? "" : " . ");
		put_value(out, field, (enum form)types[i].form);
	}
	return true;
}

static void put_key(struct text *out, struct cursor key, uint64_t type)
{
	const size_t before = out->len;

	if (put_fields(out, key, type))
		return;
	if (out->bytes && out->len > before)
		out->bytes[out->len = before] = '\0';
	put_hex(out, key);
}

/* ---- rules ---- */

static void put_verdict(struct text *out, struct cursor verdict)
{
	static const char *const words[] = { "continue", "break", "jump", "goto", "return" };
	const int32_t code = (int32_t)number(verdict, NFTA_VERDICT_CODE);

	if (code == NF_DROP || code == NF_ACCEPT)
		text_puts(out, code == NF_DROP ? "drop" : "accept");
	else if (code < 0 && code >= -5)
		text_puts(out, words[-code - 1]);
	else
		text_printf(out, "verdict %d", code);
	if (code == NFT_JUMP || code == NFT_GOTO) {
		text_putc(out, ' ');
		text_puts(out, text_of(verdict, NFTA_VERDICT_CHAIN));
	}
}

static void put_data(struct text *out, struct cursor data)
{
	const struct cursor verdict = record_attr_find(data, NFTA_DATA_VERDICT);
	struct cursor value = record_attr_find(data, NFTA_DATA_VALUE);
	bool printable = value.left > 3;

	if (!verdict.tripped) {
		put_verdict(out, verdict);
		return;
	}
	for (size_t i = 0; i < value.left && printable && (i == 0 || value.at[i]); i++)
		printable = value.at[i] > ' ' && value.at[i] < 0x7f;
	put_value(out, value, printable ? FORM_NAME : FORM_HEX);
}

static void put_payload(struct text *out, struct cursor data)
{
	static const struct {
		uint32_t base, offset, len;
		const char *word;
	} known[] = {
		{ NFT_PAYLOAD_NETWORK_HEADER, 12, 4, "ip saddr" },
		{ NFT_PAYLOAD_NETWORK_HEADER, 16, 4, "ip daddr" },
		{ NFT_PAYLOAD_NETWORK_HEADER, 8, 16, "ip6 saddr" },
		{ NFT_PAYLOAD_NETWORK_HEADER, 24, 16, "ip6 daddr" },
		{ NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, "sport" },
		{ NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, "dport" },
		{ NFT_PAYLOAD_LL_HEADER, 6, 6, "ether saddr" },
	};
	static const char *const bases[] = { "ether", "network", "transport", "inner" };
	const uint32_t base = number(data, NFTA_PAYLOAD_BASE);
	const uint32_t offset = number(data, NFTA_PAYLOAD_OFFSET);
	const uint32_t len = number(data, NFTA_PAYLOAD_LEN);

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (known[i].base == base && known[i].offset == offset && known[i].len == len) {
			text_puts(out, known[i].word);
			return;
		}
	}
	text_printf(out, "%s header %u,%u", base < 4 ? bases[base] : "?", offset, len);
}

static void put_meta(struct text *out, struct cursor data)
{
	static const char *const words[] = {
		[NFT_META_MARK] = "mark",         [NFT_META_IIF] = "iif",
		[NFT_META_OIF] = "oif",           [NFT_META_IIFNAME] = "iifname",
		[NFT_META_OIFNAME] = "oifname",   [NFT_META_NFPROTO] = "nfproto",
		[NFT_META_L4PROTO] = "l4proto",   [NFT_META_SKUID] = "skuid",
		[NFT_META_PROTOCOL] = "protocol",
	};
	const uint32_t key = number(data, NFTA_META_KEY);

	text_puts(out, "meta ");
	if (key < sizeof words / sizeof *words && words[key])
		text_puts(out, words[key]);
	else
		text_printf(out, "%u", key);
	if (!record_attr_find(data, NFTA_META_SREG).tripped)
		text_puts(out, " set");
}

static void put_ct(struct text *out, struct cursor data)
{
	static const char *const words[] = { [NFT_CT_STATE] = "state",
					     [NFT_CT_DIRECTION] = "direction",
					     [NFT_CT_STATUS] = "status",
					     [NFT_CT_MARK] = "mark",
					     [NFT_CT_HELPER] = "helper" };
	const uint32_t key = number(data, NFTA_CT_KEY);

	text_puts(out, "ct ");
	if (key < sizeof words / sizeof *words && words[key])
		text_puts(out, words[key]);
	else
		text_printf(out, "%u", key);
	if (!record_attr_find(data, NFTA_CT_SREG).tripped)
		text_puts(out, " set");
}

static void put_cmp(struct text *out, struct cursor data)
{
	static const char *const words[] = { "==", "!=", "<", "<=", ">", ">=" };
	const uint32_t op = number(data, NFTA_CMP_OP);

	text_printf(out, "%s ", op < 6 ? words[op] : "?");
	put_data(out, record_attr_find(data, NFTA_CMP_DATA));
}

static void put_immediate(struct text *out, struct cursor data)
{
	put_data(out, record_attr_find(data, NFTA_IMMEDIATE_DATA));
}

static void put_lookup(struct text *out, struct cursor data)
{
	text_printf(out, "%s@%s", number(data, NFTA_LOOKUP_FLAGS) & NFT_LOOKUP_F_INV ? "!= " : "",
		    text_of(data, NFTA_LOOKUP_SET));
}

static void put_queue(struct text *out, struct cursor data)
{
	struct cursor n = record_attr_find(data, NFTA_QUEUE_NUM);

	text_printf(out, "queue %u", cursor_be16(&n));
}

static void put_objref(struct text *out, struct cursor data)
{
	text_printf(out, "object %s", text_of(data, NFTA_OBJREF_IMM_NAME));
}

static void put_foreign(struct text *out, struct cursor data)
{
	text_puts(out, text_of(data, NFTA_TARGET_NAME)); /* NFTA_MATCH_NAME is the same number */
}

/* Others are told by their name alone. */
static const struct {
	const char *name;
	void (*put)(struct text *out, struct cursor data);
	bool named; /* the name stands in front */
} exprs[] = {
	{ "payload", put_payload, false },
	{ "meta", put_meta, false },
	{ "ct", put_ct, false },
	{ "cmp", put_cmp, false },
	{ "immediate", put_immediate, false },
	{ "lookup", put_lookup, false },
	{ "queue", put_queue, false },
	{ "objref", put_objref, false },
	{ "match", put_foreign, true },
	{ "target", put_foreign, true },
};

static void put_expr(struct text *out, struct cursor expr)
{
	const char *name = text_of(expr, NFTA_EXPR_NAME);
	const struct cursor data = record_attr_find(expr, NFTA_EXPR_DATA);

	for (size_t i = 0; i < sizeof exprs / sizeof *exprs; i++) {
		if (strcmp(exprs[i].name, name) != 0)
			continue;
		text_puts(out, exprs[i].named ? name : "");
		text_puts(out, exprs[i].named ? " " : "");
		exprs[i].put(out, data);
		return;
	}
	put_text(out, name, strlen(name));
}

void describe_rule(struct cursor body, struct text *out)
{
	struct cursor list = record_attr_find(body, NFTA_RULE_EXPRESSIONS);
	struct record_attr a;

	for (bool first = true; !list.tripped && record_attr_next(&list, &a); first = false) {
		text_puts(out, first ? "" : " ");
		put_expr(out, a.value);
	}
}

void describe_element(struct cursor e, uint64_t key_type, struct text *out)
{
	const struct cursor key =
		record_attr_find(record_attr_find(e, NFTA_SET_ELEM_KEY), NFTA_DATA_VALUE);
	const struct cursor end =
		record_attr_find(record_attr_find(e, NFTA_SET_ELEM_KEY_END), NFTA_DATA_VALUE);
	const struct cursor data = record_attr_find(e, NFTA_SET_ELEM_DATA);

	if (key.tripped)
		text_puts(out, "*");
	else
		put_key(out, key, key_type);
	if (!end.tripped && (end.left != key.left || memcmp(end.at, key.at, key.left) != 0)) {
		text_puts(out, " - ");
		put_key(out, end, key_type);
	}
	if (number(e, NFTA_SET_ELEM_FLAGS) & NFT_SET_ELEM_INTERVAL_END)
		text_puts(out, " (end)");
	if (!data.tripped) {
		text_puts(out, " : ");
		put_data(out, data);
	}
}

/* ---- by kind ---- */

static void put_where(const struct items *l, const struct item *i, struct text *out)
{
	static const char *const families[] = {
		[NFPROTO_INET] = "inet",     [NFPROTO_IPV4] = "ip",       [NFPROTO_ARP] = "arp",
		[NFPROTO_NETDEV] = "netdev", [NFPROTO_BRIDGE] = "bridge", [NFPROTO_IPV6] = "ip6"
	};
	const char *key = item_key(l, i);
	const uint8_t family = (uint8_t)key[0];
	const size_t names = i->kind == CHANGE_TABLE ? 1 : 2;
	size_t at = 1;

	text_puts(out, family < sizeof families / sizeof *families && families[family]
			       ? families[family]
			       : "?");
	for (size_t n = 0; n < names && at < i->key_len; n++) {
		text_putc(out, ' ');
		put_text(out, key + at, i->key_len - at);
		at += strnlen(key + at, i->key_len - at) + 1;
	}
}

static void copy(const struct text *t, char *out, size_t size)
{
	snprintf(out, size, "%s", t->bytes ? t->bytes : "");
	if (t->len < size)
		return;
	size_t cut = size - 4;

	while (cut && ((unsigned char)out[cut] & 0xc0) == 0x80)
		cut--; /* not within a character */
	strcpy(out + cut, "...");
}

void item_where(const struct items *l, const struct item *i, char *out, size_t size)
{
	struct text t = { 0 };

	if (i->kind <= CHANGE_ELEMENT)
		put_where(l, i, &t);
	else if (i->kind == CHANGE_LINK || i->kind == CHANGE_FILE)
		put_text(&t, item_key(l, i), i->key_len);
	else if (i->kind == CHANGE_QDISC || i->kind == CHANGE_FILTER) {
		struct cursor c = cursor_of(item_key(l, i), i->key_len);

		text_printf(&t, "interface %u", record_host32(&c));
	}
	copy(&t, out, size);
	text_done(&t);
}

static void put_chain(struct cursor body, struct text *out)
{
	const struct cursor hook = record_attr_find(body, NFTA_CHAIN_HOOK);

	if (hook.tripped)
		return;
	text_printf(out, "type %s hook %u priority %d policy %s", text_of(body, NFTA_CHAIN_TYPE),
		    number(hook, NFTA_HOOK_HOOKNUM), (int)number(hook, NFTA_HOOK_PRIORITY),
		    number(body, NFTA_CHAIN_POLICY) == NF_DROP ? "drop" : "accept");
}

static void put_link(struct cursor body, struct text *out)
{
	const struct cursor info = record_attr_find(body, IFLA_LINKINFO);
	const struct cursor xdp = record_attr_find(body, IFLA_XDP);
	struct cursor master = record_attr_find(body, IFLA_MASTER);
	struct cursor attached = record_attr_find(xdp, IFLA_XDP_ATTACHED);

	text_puts(out, info.tripped ? "card" : text_of(info, IFLA_INFO_KIND));
	if (!master.tripped)
		text_printf(out, ", below interface %u", record_host32(&master));
	if (!xdp.tripped && cursor_u8(&attached))
		text_puts(out, ", with an XDP program");
}

static void put_file(const struct items *l, const struct item *i, struct text *out)
{
	size_t n = i->content_len;
	const char *at = item_content(l, i);

	while (n && (at[n - 1] == '\n' || at[n - 1] == ' '))
		n--;
	for (size_t k = 0; k < n; k++)
		text_putc(out, at[k] >= ' ' ? at[k] : ' ');
}

void item_what(const struct items *l, const struct item *i, char *out, size_t size)
{
	struct text t = { 0 };

	if (i->kind == CHANGE_RULE)
		describe_rule(i->body, &t);
	else if (i->kind == CHANGE_ELEMENT)
		describe_element(i->body, i->key_type, &t);
	else if (i->kind == CHANGE_CHAIN)
		put_chain(i->body, &t);
	else if (i->kind == CHANGE_LINK)
		put_link(i->body, &t);
	else if (i->kind == CHANGE_FILE)
		put_file(l, i, &t);
	else if (i->kind == CHANGE_QDISC || i->kind == CHANGE_FILTER)
		text_puts(&t, text_of(i->body, TCA_KIND));
	copy(&t, out, size);
	text_done(&t);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/kernel/dump.h"

#include "daemon/kernel/dump_part.h"
#include "rules/kernel/readback/record.h"
#include "rules/text.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int dump_open(struct dump *d)
{
	*d = (struct dump){ .route = -1 };
	d->netfilter = netlink_open(NETLINK_NETFILTER);
	if (d->netfilter >= 0)
		d->route = netlink_open(NETLINK_ROUTE);
	if (d->route >= 0)
		return 0;

	const int e = d->netfilter < 0 ? d->netfilter : d->route;

	dump_close(d);
	return e;
}

void dump_close(struct dump *d)
{
	if (d->netfilter >= 0)
		close(d->netfilter);
	if (d->route >= 0)
		close(d->route);
	d->netfilter = d->route = -1;
}

/* ---- writing ---- */

int dump_put(struct dump_run *r, uint16_t type, const void *body, size_t len)
{
	static const char zeros[4];
	const struct nlmsghdr h = { .nlmsg_len = (uint32_t)(sizeof h + len), .nlmsg_type = type };

	if (len > RECORD_BYTES_MAX || r->out->len + len > RECORD_BYTES_MAX - sizeof h - 4)
		return -EFBIG;
	text_add(r->out, (const char *)&h, sizeof h);
	text_add(r->out, body, len);
	text_add(r->out, zeros, (4 - len % 4) % 4);
	return r->out->failed ? -ENOMEM : 0;
}

int dump_hidden(struct dump_run *r, const char *what)
{
	return dump_put(r, RECORD_HIDDEN, what, strlen(what) + 1);
}

/* ---- asking ---- */

void dump_begin_nf(struct dump_run *r, uint8_t subsys, uint8_t type, uint16_t flags, uint8_t family)
{
	r->w = netlink_writer_of(r->request, sizeof r->request);
	netlink_begin_nf(&r->w, subsys, type, flags, ++r->d->seq, family, 0);
}

void dump_begin_route(struct dump_run *r, uint16_t type, const void *header, size_t len)
{
	r->w = netlink_writer_of(r->request, sizeof r->request);
	netlink_begin(&r->w, type, NLM_F_DUMP, ++r->d->seq);
	netlink_bytes(&r->w, header, len);
}

static int each(void *ctx, struct netlink_message *m)
{
	return dump_put(ctx, m->type, m->body.at, m->body.left);
}

int dump_ask(struct dump_run *r, int fd)
{
	const size_t before = r->out->len;
	int e = netlink_end(&r->w) ? netlink_dump(fd, r->request, r->w.len, each, r) : -EMSGSIZE;

	if (e < 0)
		r->out->len = before;
	return e;
}

int dump_each_link(struct dump_run *r, size_t from,
		   int (*told)(struct dump_run *r, uint32_t index, const char *name))
{
	const size_t end = r->out->len;
	size_t at = from;
	int e = 0;

	while (e == 0 && at < end) { /* the text grows and may move: a cursor made anew each time */
		struct cursor c = cursor_of(r->out->bytes + at, end - at);
		struct record rec;
		char name[16];

		if (!record_next(&c, &rec))
			return -EBADMSG;
		at = end - c.left;
		if (rec.type != RTM_NEWLINK)
			continue;
		cursor_skip(&rec.body, 4); /* struct ifinfomsg: family, padding, type */
		const uint32_t index = record_host32(&rec.body);

		cursor_skip(&rec.body, 8); /* flags, change */
		const char *text = record_text(record_attr_find(rec.body, IFLA_IFNAME));

		snprintf(name, sizeof name, "%s", text ? text : "");
		e = told(r, index, name);
	}
	return e;
}

/* ---- all of it ---- */

static int put_time(struct dump_run *r)
{
	char body[48] = RECORD_TIME;
	const int n = snprintf(body + sizeof RECORD_TIME, sizeof body - sizeof RECORD_TIME, "%lld",
			       (long long)time(NULL));

	return dump_put(r, RECORD_FILE, body, sizeof RECORD_TIME + (size_t)n);
}

static int read_all(struct dump_run *r, const char **en, const char **ja)
{
	size_t links = 0;
	int e;

	*en = "nf_tables";
	*ja = "nf_tables の規則";
	e = put_time(r);
	if (e == 0)
		e = dump_tables(r);
	if (e == 0) {
		*en = "hooks, expectations and helpers of conntrack";
		*ja = "フックと conntrack の期待・ヘルパー";
		e = dump_hooks(r);
	}
	if (e == 0) {
		*en = "interfaces, their filters and routing rules";
		*ja = "インターフェースとフィルター、経路の規則";
		e = dump_links(r, &links);
	}
	if (e == 0)
		e = dump_programs(r, links);
	if (e == 0) {
		*en = "settings under /proc";
		*ja = "/proc の設定";
		e = dump_files(r, links);
	}
	return e;
}

static void explain(int e, const char *en, const char *ja, char why[2][DUMP_WHY])
{
	if (e == -EPERM) {
		snprintf(why[0], DUMP_WHY, "%s: not permitted: CAP_NET_ADMIN is needed (root)", en);
		snprintf(why[1], DUMP_WHY, "%s: 権限がありません。CAP_NET_ADMIN が必要です (root)",
			 ja);
	} else if (e == -EAGAIN) {
		snprintf(why[0], DUMP_WHY,
			 "%s: they change faster than they can be read; try again", en);
		snprintf(why[1], DUMP_WHY, "%s: 読み取る間に変わり続けています。やり直してください",
			 ja);
	} else if (e == -EFBIG) {
		snprintf(why[0], DUMP_WHY, "%s: more than %zu MB", en, RECORD_BYTES_MAX >> 20);
		snprintf(why[1], DUMP_WHY, "%s: %zu MB を超えています", ja, RECORD_BYTES_MAX >> 20);
	} else {
		snprintf(why[0], DUMP_WHY, "%s: %s", en, strerror(-e));
		snprintf(why[1], DUMP_WHY, "%s: %s", ja, strerror(-e));
	}
}

int dump_read(struct dump *d, struct text *out, char why[2][DUMP_WHY])
{
	struct dump_run r = { .d = d, .out = out };
	const size_t before = out->len;
	const char *en, *ja;
	int e;

	text_add(out, RECORD_MAGIC, RECORD_MAGIC_LEN);
	e = read_all(&r, &en, &ja);
	if (e == 0 && out->failed)
		e = -ENOMEM;
	if (e < 0) {
		explain(e, en, ja, why);
		out->len = before;
	}
	return e;
}

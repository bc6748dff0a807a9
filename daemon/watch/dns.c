/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns: what leaves, or comes back, inside names (methods.md B.1).
 *
 * Kept for each client and registered domain: how many bytes of different names below the domain were asked for, in
 * windows that begin with the first of them. Names asked for again carry nothing new. Benign domains stay below 400
 * bytes an hour; tunnels are a hundred times above, a slow leak some ten times in a day.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/watch/detector.h"
#include "daemon/watch/domain.h"
#include "daemon/watch/table.h"
#include "daemon/watch/watch.h"

#define SECOND (1000000000ll)
#define PAIRS 65536u    /* client and domain */
#define DOMAINS 32768u  /* for prevalence */
#define CLIENTS 8192u   /* for names that do not exist */
#define NAMES_MAX 4096u /* told apart for one pair; more count as new ones each */
#define NAME_MAX 255u
#define LONG_NAME 150u /* bytes of a name: no person's host has that */
#define PREVALENT 5u   /* clients: a domain this many ask is a service, once it is old enough */
#define LEARNT_NS (14 * 86400 * SECOND)
#define MISSING_NS (600 * SECOND)
#define MISSING_MAX \
	60u /* registered domains that do not exist, asked by one client in MISSING_NS */

#define TYPE_NULL 10u
#define TYPE_TXT 16u
#define TYPE_KEY 25u
#define TYPE_PRIVATE 65280u
#define RCODE_NXDOMAIN 3u

/* X: seconds, bytes, at least so many names, at least so long on average */
static const struct span_of_time {
	int64_t seconds;
	uint32_t bytes, names, mean;
} windows[] = {
	{ 60, 450, 5, 18 },
	{ 600, 1000, 8, 12 },
	{ 3600, 1000, 8, 8 },
	{ 86400, 4096, 24, 4 },
};
#define WINDOWS (sizeof(windows) / sizeof(windows[0]))
#define ANSWER_BYTES 4096u /* of different TXT or NULL answers in an hour */
#define ANSWER_WINDOW 2u   /* index of that window */

struct asked {
	uint32_t hash; /* 0: free */
	uint32_t at;   /* second of the last time, counted from the pair's first */
};

struct sum {
	int64_t start;
	uint32_t bytes, names;
	bool told;
};

struct asker {
	int64_t first;
	struct sum sum[WINDOWS];
	struct sum answers;
	struct asked *asked; /* owned; capacity a power of two */
	uint32_t capacity, used;
	uint16_t odd; /* names that only tunnels have: types, bytes, lengths */
	bool odd_told;
};

struct domain {
	int64_t first;
	uint32_t clients[PREVALENT]; /* hashes */
	uint8_t count;
};

struct client {
	int64_t start;
	uint32_t names[MISSING_MAX]; /* hashes */
	uint8_t count;
	bool told;
};

struct dns_watch {
	struct watch_table *pairs, *domains, *clients; /* owned */
	uint64_t key;
};

/* ---- remembering ---- */

static void forget_pair(void *thing)
{
	free(((struct asker *)thing)->asked);
}

static void dns_free(void *d)
{
	struct dns_watch *w = d;

	if (!w)
		return;
	watch_table_free(w->pairs);
	watch_table_free(w->domains);
	watch_table_free(w->clients);
	free(w);
}

static void *dns_new(uint64_t key)
{
	struct dns_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->key = key;
	w->pairs = watch_table_new(PAIRS, sizeof(struct asker), forget_pair);
	w->domains = watch_table_new(DOMAINS, sizeof(struct domain), NULL);
	w->clients = watch_table_new(CLIENTS, sizeof(struct client), NULL);
	if (w->pairs && w->domains && w->clients)
		return w;
	dns_free(w);
	return NULL;
}

static const struct watch_table *dns_table(const void *d)
{
	return ((const struct dns_watch *)d)->pairs;
}

static struct asked *place(const struct asker *p, uint32_t hash)
{
	uint32_t i = hash & (p->capacity - 1);

	while (p->asked[i].hash && p->asked[i].hash != hash)
		i = (i + 1) & (p->capacity - 1);
	return &p->asked[i];
}

static bool grow(struct asker *p)
{
	struct asker wider = *p;

	if (p->capacity && p->used < p->capacity / 2)
		return true;
	if (p->used >= NAMES_MAX)
		return false;
	wider.capacity = p->capacity ? p->capacity * 2 : 8;
	wider.asked = calloc(wider.capacity, sizeof(*wider.asked));
	if (!wider.asked)
		return false;
	for (uint32_t i = 0; i < p->capacity; i++)
		if (p->asked[i].hash)
			*place(&wider, p->asked[i].hash) = p->asked[i];
	free(p->asked);
	p->asked = wider.asked;
	p->capacity = wider.capacity;
	return true;
}

/* When the name was asked for last, in ns; before everything when it is new. */
static int64_t asked_before(struct asker *p, uint64_t name, int64_t now)
{
	uint32_t hash = (uint32_t)(name >> 32) | 1;

	if (!grow(p))
		return INT64_MIN;
	struct asked *a = place(p, hash);
	int64_t before = a->hash ? p->first + a->at * SECOND : INT64_MIN;

	p->used += !a->hash;
	a->hash = hash;
	a->at = now > p->first ? (uint32_t)((now - p->first) / SECOND) : 0;
	return before;
}

static void begin_window(struct sum *s, const struct span_of_time *w, int64_t now)
{
	if (s->start && now - s->start < w->seconds * SECOND)
		return;
	*s = (struct sum){ .start = now };
}

/* ---- who else asks ---- */

static bool prevalent(struct dns_watch *d, const char *domain, ip_t client, int64_t now)
{
	bool fresh;
	struct domain *m =
		watch_table_get(d->domains, watch_hash(d->key, domain, strlen(domain)), &fresh);
	uint32_t who = (uint32_t)watch_hash(d->key, &client, sizeof(client));
	uint8_t i = 0;

	if (fresh)
		m->first = now;
	while (i < m->count && m->clients[i] != who)
		i++;
	if (i == m->count && m->count < PREVALENT)
		m->clients[m->count++] = who;
	return m->count == PREVALENT && now - m->first >= LEARNT_NS;
}

/* Whose service it is that every name is new: lists that are asked by name, and addresses turned into names. */
static bool by_design(const char *domain)
{
	static const char *const list[] = {
		"in-addr.arpa",         "ip6.arpa",  "spamhaus.org", "surbl.org",  "uribl.com",
		"barracudacentral.org", "sorbs.net", "dnswl.org",    "mcafee.com", "trendmicro.com",
		"sophosxl.net",         "e5.sk",     "local",
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (domain_within(domain, list[i]))
			return true;
	return false;
}

/* ---- telling ---- */

static void tell_window(struct watch *w, const struct event *ev, const char *domain,
			const struct span_of_time *win, const struct sum *s)
{
	struct watch_alarm a = { .detector = DETECTOR_DNS_TUNNEL,
				 .count = s->names,
				 .name = domain };

	snprintf(a.detail, sizeof(a.detail),
		 "%s: %u bytes in %u different names within %lld s (limit %u bytes)", domain,
		 s->bytes, s->names, (long long)win->seconds, win->bytes);
	snprintf(
		a.detail_ja, sizeof(a.detail_ja),
		"DNSトンネルの疑い: %s の下の異なる名前%u種・%uバイトを%lld秒以内に照会(基準%uバイト)",
		domain, s->names, s->bytes, (long long)win->seconds, win->bytes);
	watch_alarm(w, ev, &a);
}

static void tell_odd(struct watch *w, const struct event *ev, const char *domain, unsigned int n)
{
	struct watch_alarm a = { .detector = DETECTOR_DNS_TUNNEL, .count = n, .name = domain };

	snprintf(
		a.detail, sizeof(a.detail),
		"%s: %u questions of a kind that only tunnels ask (type NULL, KEY or private, bytes above "
		"127, or names over %u bytes)",
		domain, n, LONG_NAME);
	snprintf(
		a.detail_ja, sizeof(a.detail_ja),
		"DNSトンネルの疑い: %s へ通常ない形式の照会が%u件(NULL・KEY・私用型、127超のバイト、"
		"%uバイト超の名前)",
		domain, n, LONG_NAME);
	watch_alarm(w, ev, &a);
}

static void tell_answers(struct watch *w, const struct event *ev, const char *domain,
			 const struct sum *s)
{
	struct watch_alarm a = { .detector = DETECTOR_DNS_TUNNEL,
				 .count = s->names,
				 .name = domain };

	snprintf(a.detail, sizeof(a.detail),
		 "%s: %u bytes in %u TXT or NULL answers within an hour (limit %u bytes)", domain,
		 s->bytes, s->names, ANSWER_BYTES);
	snprintf(
		a.detail_ja, sizeof(a.detail_ja),
		"DNSトンネルの疑い: %s からTXT・NULL応答%u件・%uバイトを1時間以内に受信(基準%uバイト)",
		domain, s->names, s->bytes, ANSWER_BYTES);
	watch_alarm(w, ev, &a);
}

static void tell_missing(struct watch *w, const struct event *ev, unsigned int n)
{
	struct watch_alarm a = { .detector = DETECTOR_DNS_TUNNEL,
				 .reason = EVENT_REASON_NO_NAME,
				 .severity = 2,
				 .count = n };

	snprintf(a.detail, sizeof(a.detail),
		 "%u different registered domains that do not exist asked for within %lld s", n,
		 (long long)(MISSING_NS / SECOND));
	snprintf(a.detail_ja, sizeof(a.detail_ja),
		 "存在しないドメイン%u種を%lld秒以内に照会(機械的に作られた名前の疑い)", n,
		 (long long)(MISSING_NS / SECOND));
	watch_alarm(w, ev, &a);
}

/* ---- judging ---- */

static void count_name(struct asker *p, uint64_t name, size_t bytes, int64_t now)
{
	int64_t before = asked_before(p, name, now);

	for (size_t i = 0; i < WINDOWS; i++) {
		struct sum *s = &p->sum[i];

		begin_window(s, &windows[i], now);
		if (before >= s->start)
			continue;
		s->bytes += (uint32_t)bytes;
		s->names++;
	}
}

static bool over(const struct sum *s, const struct span_of_time *w)
{
	return !s->told && s->bytes >= w->bytes && s->names >= w->names &&
	       s->bytes / s->names >= w->mean;
}

/* One alarm for a pair and hour is enough: the windows say the same thing. */
static void judge_windows(struct watch *w, struct asker *p, const struct event *ev,
			  const char *domain)
{
	for (size_t i = 0; i < WINDOWS; i++) {
		if (!over(&p->sum[i], &windows[i]))
			continue;
		bool told = false;

		for (size_t k = 0; k < WINDOWS; k++) {
			told |= p->sum[k].told;
			p->sum[k].told = true;
		}
		if (!told)
			tell_window(w, ev, domain, &windows[i], &p->sum[i]);
		return;
	}
}

static bool odd_question(const struct event *ev, const char *name, size_t len)
{
	bool high = false;

	for (size_t i = 0; strchr(name, '.') && name[i];
	     i++) /* "\200": how the decoder writes such a byte */
		high |= name[i] == '\\' && (name[i + 1] == '1' || name[i + 1] == '2');
	return ev->dns.rrtype == TYPE_NULL || ev->dns.rrtype == TYPE_KEY ||
	       ev->dns.rrtype >= TYPE_PRIVATE || len > LONG_NAME || high;
}

#define ODD_MIN 4u

static void judge_odd(struct watch *w, struct asker *p, const struct event *ev, const char *domain,
		      bool odd)
{
	if (!odd || p->odd_told || ++p->odd < ODD_MIN)
		return;
	p->odd_told = true;
	tell_odd(w, ev, domain, p->odd);
}

static void judge_answers(struct watch *w, struct asker *p, const struct event *ev,
			  const char *domain)
{
	struct sum *s = &p->answers;

	begin_window(s, &windows[ANSWER_WINDOW], ev->time);
	for (unsigned int i = 0; i < ev->dns.answers; i++) {
		if (ev->dns.answer[i].rrtype != TYPE_TXT && ev->dns.answer[i].rrtype != TYPE_NULL)
			continue;
		s->bytes += ev->dns.answer[i].rdata.len;
		s->names++;
	}
	if (s->told || s->bytes < ANSWER_BYTES)
		return;
	s->told = true;
	tell_answers(w, ev, domain, s);
}

static void judge_missing(struct dns_watch *d, struct watch *w, const struct event *ev,
			  const char *domain)
{
	bool fresh;
	struct client *c =
		watch_table_get(d->clients,
				watch_hash(d->key, &ev->tuple.src, sizeof(ev->tuple.src)), &fresh);
	uint32_t hash = (uint32_t)watch_hash(d->key, domain, strlen(domain));

	if (fresh || ev->time - c->start >= MISSING_NS)
		*c = (struct client){ .start = ev->time };
	for (uint8_t i = 0; i < c->count; i++)
		if (c->names[i] == hash)
			return;
	if (c->count < MISSING_MAX)
		c->names[c->count++] = hash;
	if (c->count < MISSING_MAX || c->told)
		return;
	c->told = true;
	tell_missing(w, ev, c->count);
}

static struct asker *pair_of(struct dns_watch *d, const struct event *ev, const char *domain)
{
	bool fresh;
	uint64_t key = watch_hash(watch_hash(d->key, &ev->tuple.src, sizeof(ev->tuple.src)), domain,
				  strlen(domain));
	struct asker *p = watch_table_get(d->pairs, key, &fresh);

	if (fresh)
		p->first = ev->time;
	return p;
}

static void judge_question(struct dns_watch *d, struct watch *w, const struct event *ev,
			   const char *name, const char *domain)
{
	size_t len = strlen(name), below = (size_t)(domain - name);
	bool known = prevalent(d, domain, ev->tuple.src, ev->time) || by_design(domain);
	struct asker *p = pair_of(d, ev, domain);

	judge_odd(w, p, ev, domain, odd_question(ev, name, len));
	if (!below)
		return;
	count_name(p, watch_hash(d->key, name, below - 1), below - 1, ev->time);
	if (!known && !p->odd_told)
		judge_windows(w, p, ev, domain);
}

/* Multicast DNS, LLMNR and NetBIOS names stay on their link. */
static bool of_the_link(uint16_t port)
{
	return port == 5353 || port == 5355 || port == 137;
}

static void dns_event(void *state, struct watch *w, const struct event *ev)
{
	char name[NAME_MAX * 4 + 1];
	uint32_t n = ev->dns.rrname.len;

	if (ev->type != EVENT_DNS || of_the_link(ev->tuple.dport) || !n || n >= sizeof(name) ||
	    !ev->has_tuple)
		return;
	memcpy(name, ev->dns.rrname.at, n);
	name[n] = '\0';
	const char *domain = domain_registered(name);

	if (!ev->dns.response)
		judge_question(state, w, ev, name, domain);
	else if (ev->dns.rcode == RCODE_NXDOMAIN && !by_design(domain))
		judge_missing(state, w, ev, domain);
	else if (ev->dns.answers && !by_design(domain))
		judge_answers(w, pair_of(state, ev, domain), ev, domain);
}

const struct detector detect_dns = {
	.word = "dns", .new = dns_new, .free = dns_free, .event = dns_event, .table = dns_table
};

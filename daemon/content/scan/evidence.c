/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/scan/evidence.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTS_MAX \
	256u /* columns of texts that are followed one by one; further ones count with their text */
#define LIST_NATS 13.8
#define RIGHT 2.28
#define WRONG (-3.81)
#define KEPT_MAX 64u    /* right numbers before a list is one: more than any list needs */
#define WAITING_MAX 32u /* right numbers whose label may still come */
#define WORDS_MAX 64u   /* words kept for the numbers behind them */
#define NEAR_BYTES (EVIDENCE_NEAR * 3u) /* a character takes up to three */
#define AFTER_BYTES 90u                 /* a label behind its number: "...(個人番号)" */
#define AROUND_BYTES 600u               /* resident attributes of one form */
#define FRESH_MAX 512u                  /* hashes handed out at a time */

const char *const evidence_rule_words[RULE_COUNT] = {
	[RULE_NONE] = NULL,
	[RULE_LIST] = "list",
	[RULE_LABEL] = "label",
	[RULE_COLUMN] = "column",
	[RULE_ATTRIBUTES] = "attributes",
	[RULE_REGISTER] = "register",
	[RULE_RECORD] = "record",
	[RULE_MARK] = "mark",
	[RULE_TOWN] = "town",
};

/* Hashes seen, open addressing, 0 free. */
struct set {
	uint64_t *at; /* owned */
	uint32_t capacity, used;
};

/* The tokens of one column of one text, or of a text as a whole. */
struct list {
	uint32_t text, column;
	uint8_t id;
	bool labelled; /* its heading says what it is */
	bool fired;
	float nats;
	uint32_t seen;  /* tokens */
	uint32_t since; /* index in `kept` of the first right one of the run under way */
};

/* A right number, kept until it is known whether it was one of a list. */
struct kept {
	uint64_t hash, at;
	uint32_t text, column;
	uint8_t id;
};

struct waiting {
	struct token token;
	bool done;
};

struct evidence {
	uint64_t key[2];
	struct set tokens[ID_COUNT]; /* told apart */
	struct set confirmed[ID_COUNT];
	struct list *lists; /* owned */
	uint32_t list_count, list_capacity;
	struct kept kept[KEPT_MAX]; /* a ring */
	uint32_t kept_count;        /* so far */
	struct word_hit words[WORDS_MAX];
	uint32_t word_next, word_count;
	struct waiting waiting[WAITING_MAX];
	uint32_t waiting_next, waiting_count;
	struct evidence_finding found[EVIDENCE_KINDS];
	uint64_t fresh[EVIDENCE_KINDS][8]; /* confirmed since they were asked for */
	uint32_t fresh_count[EVIDENCE_KINDS];
	uint32_t record_heads; /* classes of attributes in the first line of record_text */
	uint32_t record_text;
	char (*paths)[EVIDENCE_PATH]; /* owned */
	uint32_t text_count, path_capacity;
	uint32_t version;
	struct evidence_single singles[EVIDENCE_SINGLES];
	uint32_t single_count;
	uint32_t town[64]; /* town's words found, each once */
	uint32_t town_count;
};

/* ---- sets ---- */

static uint64_t *place(const struct set *s, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & (s->capacity - 1);

	while (s->at[i] && s->at[i] != hash)
		i = (i + 1) & (s->capacity - 1);
	return &s->at[i];
}

static bool grow(struct set *s)
{
	struct set wider = { .capacity = s->capacity ? s->capacity * 2 : 16, .used = s->used };

	if (s->capacity && s->used < s->capacity / 2)
		return true;
	if (s->used >= EVIDENCE_DISTINCT_MAX)
		return false;
	wider.at = calloc(wider.capacity, sizeof(*wider.at));
	if (!wider.at)
		return false;
	for (uint32_t i = 0; i < s->capacity; i++)
		if (s->at[i])
			*place(&wider, s->at[i]) = s->at[i];
	free(s->at);
	*s = wider;
	return true;
}

/* Whether it is new; beyond the limit every one is. */
static bool add(struct set *s, uint64_t hash)
{
	hash |= 1;
	if (!grow(s))
		return !s->capacity || *place(s, hash) != hash;
	uint64_t *at = place(s, hash);

	if (*at)
		return false;
	*at = hash;
	s->used++;
	return true;
}

/* ---- life ---- */

struct evidence *evidence_new(const struct scan_set *set, const uint8_t key[static 16])
{
	struct evidence *e = calloc(1, sizeof(*e));

	(void)set;
	if (e)
		memcpy(e->key, key, sizeof(e->key));
	return e;
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	for (int i = 0; i < ID_COUNT; i++) {
		free(e->tokens[i].at);
		free(e->confirmed[i].at);
	}
	free(e->lists);
	free(e->paths);
	free(e);
}

uint64_t evidence_hash(const struct evidence *e, const uint8_t *digit, size_t n)
{
	uint64_t h = e->key[0] ^ n;

	for (size_t i = 0; i < n; i++)
		h = (h ^ digit[i]) * 0x9e3779b97f4a7c15u + e->key[1];
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
}

uint32_t evidence_text(struct evidence *e, const char *path)
{
	if (e->text_count == e->path_capacity) {
		uint32_t capacity = e->path_capacity ? e->path_capacity * 2 : 2;
		void *paths = realloc(e->paths, capacity * sizeof(*e->paths));

		if (!paths)
			return e->text_count ? e->text_count - 1 : 0;
		e->paths = paths;
		e->path_capacity = capacity;
	}
	snprintf(e->paths[e->text_count], EVIDENCE_PATH, "%s", path);
	return e->text_count++;
}

const struct evidence_finding *evidence_finding(const struct evidence *e, enum evidence_kind k)
{
	return &e->found[k];
}

uint32_t evidence_version(const struct evidence *e)
{
	return e->version;
}

size_t evidence_singles(const struct evidence *e,
			struct evidence_single out[static EVIDENCE_SINGLES])
{
	size_t n = 0;

	for (uint32_t i = 0; i < e->single_count; i++) {
		const struct set *confirmed = &e->confirmed[ID_MY_NUMBER];
		uint64_t hash = e->singles[i].hash | 1;

		if (!confirmed->capacity || *place(confirmed, hash) != hash)
			out[n++] = e->singles[i];
	}
	return n;
}

size_t evidence_hashes(struct evidence *e, enum evidence_kind k, uint64_t *out, size_t max)
{
	size_t n = e->fresh_count[k] < max ? e->fresh_count[k] : max;

	memcpy(out, e->fresh[k], n * sizeof(*out));
	e->fresh_count[k] = 0;
	return n;
}

/* ---- findings ---- */

static void find_more(struct evidence *e, enum evidence_kind k, uint32_t more, uint8_t rule,
		      uint32_t text, uint64_t at)
{
	struct evidence_finding *f = &e->found[k];

	if (!f->confirmed) {
		f->rule = rule;
		f->at = at;
		snprintf(f->path, sizeof(f->path), "%s",
			 text < e->text_count ? e->paths[text] : "");
	}
	f->confirmed += more;
	e->version++;
}

static enum evidence_kind kind_of(uint8_t id)
{
	return id == ID_RESIDENT_CODE ? EVIDENCE_RESIDENT_CODE : EVIDENCE_MY_NUMBER;
}

static void confirm(struct evidence *e, const struct token *t, uint8_t rule)
{
	enum evidence_kind k = kind_of(t->id);
	const size_t max = sizeof(e->fresh[k]) / sizeof(e->fresh[k][0]);

	if (!add(&e->confirmed[t->id], t->hash))
		return;
	if (e->fresh_count[k] < max)
		e->fresh[k][e->fresh_count[k]++] = t->hash;
	find_more(e, k, 1, rule, t->text, t->at);
}

/* ---- lists ---- */

static struct list *list_of(struct evidence *e, uint32_t text, uint32_t column, uint8_t id)
{
	for (uint32_t i = 0; i < e->list_count; i++)
		if (e->lists[i].text == text && e->lists[i].column == column &&
		    e->lists[i].id == id)
			return &e->lists[i];
	if (e->list_count == LISTS_MAX)
		return NULL;
	if (e->list_count == e->list_capacity) {
		uint32_t capacity = e->list_capacity ? e->list_capacity * 2 : 4;
		struct list *lists = realloc(e->lists, capacity * sizeof(*lists));

		if (!lists)
			return NULL;
		e->lists = lists;
		e->list_capacity = capacity;
	}
	e->lists[e->list_count] = (struct list){ .text = text, .column = column, .id = id };
	return &e->lists[e->list_count++];
}

/* The more has been looked at, the more chance has had: one nat for each e-fold beyond a hundred tokens. */
static float limit_of(const struct list *l)
{
	return (float)LIST_NATS + (l->seen > 100 ? logf((float)l->seen / 100) : 0);
}

static void keep(struct evidence *e, const struct token *t)
{
	e->kept[e->kept_count++ % KEPT_MAX] =
		(struct kept){ t->hash, t->at, t->text, t->column, t->id };
}

/* Those that made it a list are of it. */
static void confirm_kept(struct evidence *e, const struct list *l)
{
	uint32_t i = l->since;

	if (e->kept_count - i > KEPT_MAX)
		i = e->kept_count - KEPT_MAX;
	for (; i < e->kept_count; i++) {
		const struct kept *k = &e->kept[i % KEPT_MAX];
		const struct token t = {
			.hash = k->hash, .at = k->at, .text = k->text, .id = k->id
		};

		if (k->id == l->id && k->text == l->text &&
		    (l->column == TOKEN_NO_COLUMN || l->column == k->column))
			confirm(e, &t, RULE_LIST);
	}
}

/* A list is one from its seventh right number on. */
static void weigh(struct evidence *e, struct list *l, const struct token *t)
{
	if (!l)
		return;
	if (l->fired) {
		if (t->right)
			confirm(e, t, RULE_LIST);
		return;
	}
	if (l->nats <= 0)
		l->since = e->kept_count - t->right;
	l->seen++;
	l->nats += (float)(t->right ? RIGHT : WRONG);
	if (l->nats < 0)
		l->nats = 0;
	if (l->nats < (float)LIST_NATS || l->nats < limit_of(l))
		return;
	l->fired = true;
	confirm_kept(e, l);
}

/* ---- labels ---- */

static bool labels(uint8_t class, uint8_t id)
{
	return (class == WORD_MY_NUMBER && id == ID_MY_NUMBER) ||
	       (class == WORD_RESIDENT_CODE && id == ID_RESIDENT_CODE);
}

static bool labels_another(uint8_t class, uint8_t id)
{
	return class <= WORD_OTHER_NUMBER && !labels(class, id);
}

/* The nearest label decides whose number it is. */
static bool label_before(const struct evidence *e, const struct token *t)
{
	uint64_t best = UINT64_MAX;
	bool yes = false;

	for (uint32_t i = 0; i < e->word_count; i++) {
		const struct word_hit *w = &e->words[i];

		if (w->text != t->text || w->class > WORD_OTHER_NUMBER || w->end > t->at ||
		    t->at - w->end > NEAR_BYTES || t->at - w->end > best)
			continue;
		yes = (t->at - w->end == best && yes) || labels(w->class, t->id);
		best = t->at - w->end;
	}
	return yes;
}

static bool attributes_around(const struct evidence *e, const struct token *t)
{
	unsigned int kinds = 0, named = 0;

	for (uint32_t i = 0; i < e->word_count; i++) {
		const struct word_hit *w = &e->words[i];
		uint64_t off = w->end > t->at ? w->end - t->at : t->at - w->end;

		if (w->text != t->text || off > AROUND_BYTES)
			continue;
		if (labels_another(w->class, t->id) && w->end <= t->at && off <= EVIDENCE_NEAR)
			return false;
		if (w->class >= WORD_NAME && w->class <= WORD_HOUSEHOLD)
			kinds |= 1u << w->class;
	}
	named = (kinds & 1u << WORD_NAME) && (kinds & 1u << WORD_ADDRESS);
	kinds &= ~(1u << WORD_NAME | 1u << WORD_ADDRESS);
	return named + (unsigned int)__builtin_popcount(kinds) >= 2;
}

static void wait_for_label(struct evidence *e, const struct token *t)
{
	e->waiting[e->waiting_next] = (struct waiting){ .token = *t };
	e->waiting_next = (e->waiting_next + 1) % WAITING_MAX;
	if (e->waiting_count < WAITING_MAX)
		e->waiting_count++;
}

static void judge_one(struct evidence *e, const struct token *t)
{
	struct list *column =
		t->column == TOKEN_NO_COLUMN ? NULL : list_of(e, t->text, t->column, t->id);

	if (t->registered)
		confirm(e, t, RULE_REGISTER);
	else if (label_before(e, t))
		confirm(e, t, RULE_LABEL);
	else if (column && column->labelled)
		confirm(e, t, RULE_COLUMN);
	else if (attributes_around(e, t))
		confirm(e, t, RULE_ATTRIBUTES);
	else
		wait_for_label(e, t);
}

void evidence_token(struct evidence *e, const struct token *t)
{
	if (t->id != ID_MY_NUMBER && t->id != ID_RESIDENT_CODE)
		return;
	if (!add(&e->tokens[t->id], t->hash)) {
		if (t->right)
			judge_one(e, t);
		return;
	}
	e->found[kind_of(t->id)].seen += t->right;
	if (t->right)
		keep(e, t);
	if (t->id == ID_MY_NUMBER && e->single_count < EVIDENCE_SINGLES)
		e->singles[e->single_count++] =
			(struct evidence_single){ t->hash, t->right, !t->last };
	if (t->registered)
		find_more(e, EVIDENCE_REGISTER, 1, RULE_REGISTER, t->text, t->at);
	if (t->id == ID_MY_NUMBER || t->form == TOKEN_CELL) {
		if (t->column != TOKEN_NO_COLUMN)
			weigh(e, list_of(e, t->text, t->column, t->id), t);
		weigh(e, list_of(e, t->text, TOKEN_NO_COLUMN, t->id), t);
	}
	if (t->right)
		judge_one(e, t);
}

/* ---- words ---- */

static void label_behind(struct evidence *e, const struct word_hit *w)
{
	for (uint32_t i = 0; i < e->waiting_count; i++) {
		struct waiting *one = &e->waiting[i];
		const struct token *t = &one->token;

		if (one->done || t->text != w->text)
			continue;
		if (labels(w->class, t->id) && w->at >= t->end && w->at - t->end <= AFTER_BYTES) {
			one->done = true;
			confirm(e, t, RULE_LABEL);
		} else if (w->class >= WORD_NAME && w->class <= WORD_HOUSEHOLD && w->at >= t->end &&
			   w->at - t->end <= AROUND_BYTES && attributes_around(e, t)) {
			one->done = true;
			confirm(e, t, RULE_ATTRIBUTES);
		}
	}
}

static void heading(struct evidence *e, const struct word_hit *w)
{
	struct list *l;

	if (w->column == TOKEN_NO_COLUMN)
		return;
	if (w->class == WORD_MY_NUMBER || w->class == WORD_RESIDENT_CODE) {
		l = list_of(e, w->text, w->column,
			    w->class == WORD_MY_NUMBER ? ID_MY_NUMBER : ID_RESIDENT_CODE);
		if (l)
			l->labelled = true;
	}
	if (w->class < WORD_NAME || w->class > WORD_HOUSEHOLD)
		return;
	if (e->record_text != w->text + 1) {
		e->record_text = w->text + 1;
		e->record_heads = 0;
	}
	e->record_heads |= 1u << w->class;
}

static void mark(struct evidence *e, const struct word_hit *w)
{
	if (w->class < WORD_SECRET)
		return;
	if (w->class == WORD_CAUTION) /* so common that it says nothing alone */
		return;
	for (uint32_t i = 0; i < e->town_count; i++)
		if (e->town[i] == w->word)
			return;
	if (e->town_count < sizeof(e->town) / sizeof(e->town[0]))
		e->town[e->town_count++] = w->word;
	e->found[EVIDENCE_LABEL].word = w->word;
	find_more(e, EVIDENCE_LABEL, 1, w->class == WORD_TOWN ? RULE_TOWN : RULE_MARK, w->text,
		  w->at);
}

void evidence_word(struct evidence *e, const struct word_hit *w)
{
	e->words[e->word_next] = *w;
	e->word_next = (e->word_next + 1) % WORDS_MAX;
	if (e->word_count < WORDS_MAX)
		e->word_count++;
	label_behind(e, w);
	heading(e, w);
	mark(e, w);
}

/* Rows under a heading that names a person's attributes: name, and where or when they live. */
void evidence_record(struct evidence *e, uint32_t text, uint64_t at, uint32_t records)
{
	struct evidence_finding *f = &e->found[EVIDENCE_RECORD];

	if (e->record_text != text + 1 || !(e->record_heads & 1u << WORD_NAME) ||
	    __builtin_popcount(e->record_heads) < 3 || records <= f->confirmed)
		return;
	find_more(e, EVIDENCE_RECORD, records - f->confirmed, RULE_RECORD, text, at);
}

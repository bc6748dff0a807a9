/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger: the register of permitted communications (通信許可台帳): a row for each permit, in force or disabled, with what the
 * proof says of it and how often it was used.
 */
#ifndef TOOLS_LEDGER_LEDGER_H
#define TOOLS_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/build.h"
#include "rules/text.h"

struct json;

/* X(NAME, key of a permit or NULL, may be changed in a spreadsheet, word, Japanese heading) */
#define LEDGER_COLUMNS(X) \
	X(NAME, NULL, false, "name", "許可名") X(LABEL, "label", false, "label", "名称") \
	X(STATE, NULL, false, "state", "状態") X(KIND, "kind", false, "kind", "種別") \
	X(FROM, "from", false, "from", "接続元") X(TO, "to", false, "to", "接続先") \
	X(SERVICE, "service", false, "service", "サービス") \
	X(APPLICATION, "application", false, "application", "アプリケーション") \
	X(NAMES, "name", false, "names", "接続先の名前") X(PROFILE, "profile", false, "profile", "検査") \
	X(OWNER, "owner", true, "owner", "責任課") X(REASON, "reason", true, "reason", "理由") \
	X(ARTICLE, "article", false, "article", "根拠条文") X(REFERENCE, "reference", true, "reference", "承認文書") \
	X(APPROVED_BY, "approved-by", true, "approved-by", "承認者") \
	X(APPROVED_ON, "approved-on", true, "approved-on", "承認日") X(SINCE, "since", false, "since", "開始日") \
	X(UNTIL, "until", true, "until", "期限") X(REVIEW, "review", true, "review", "見直し日") \
	X(LEFT, NULL, false, "days-left", "残り日数") X(DISABLED, "disabled", false, "disabled", "無効の理由") \
	X(DISABLED_ON, "disabled-on", false, "disabled-on", "無効にした日") \
	X(HITS, NULL, false, "hits", "通信件数") X(LAST, NULL, false, "last-seen", "最後の通信") \
	X(FINDINGS, NULL, false, "findings", "指摘")

#define LEDGER_COLUMN_(N, key, edit, en, ja) LEDGER_##N,
enum ledger_column { LEDGER_COLUMNS(LEDGER_COLUMN_) LEDGER_COLUMN_COUNT };

struct ledger_heading {
	const char *key;		/* NULL: no key of a permit */
	bool editable;
	const char *word[2];		/* English, Japanese */
};

extern const struct ledger_heading ledger_headings[LEDGER_COLUMN_COUNT];

struct ledger_row {
	const struct statement *statement;	/* borrowed from the policy */
	uint64_t hits;			/* conversations */
	int64_t last;			/* of the last one; 0 none */
	struct text findings;		/* owned */
};

struct ledger {
	const struct policy *policy;	/* borrowed */
	struct ledger_row *rows;	/* owned; by name */
	uint32_t count;
	int64_t now;
	bool counted;			/* hits were looked for */
	enum diag_language language;
};

/* ledger_make - rows of a policy that built; its diagnostics become findings. Return: false no memory */
bool ledger_make(const struct build *b, int64_t now, enum diag_language language, struct ledger *out);
void ledger_done(struct ledger *l);

/* ledger_find - NULL there is no such permit */
struct ledger_row *ledger_find(const struct ledger *l, const char *permit);

/* ledger_cell - the text of a cell, appended */
void ledger_cell(const struct ledger *l, const struct ledger_row *row, enum ledger_column column, struct text *out);

void ledger_csv(const struct ledger *l, struct text *out);
void ledger_json(const struct ledger *l, struct json *j);

#endif

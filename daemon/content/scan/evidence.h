/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evidence: what one document has shown so far, and from when on that is a finding (methods.md B.6).
 *
 * Scanners bring tokens (digits that could be an identifier, right or wrong check digit) and words (labels, resident
 * attributes); the rules here turn them into confirmed numbers:
 *	list	sequential test over distinct tokens of one column or text: right +2.28, wrong -3.81, CUSUM >= 13.8;
 *		once it fires the numbers of that column all count
 *	label	a right number within EVIDENCE_NEAR characters of its label, or under its column header
 *	attributes	... with two kinds of resident attributes near (name and address, birth date, relation, household)
 *	register	it is in the town's register filter
 * Digits stay in the scanner's carry (at most 64 bytes); here is only a keyed hash by which two are told apart.
 */
#ifndef DAEMON_CONTENT_SCAN_EVIDENCE_H
#define DAEMON_CONTENT_SCAN_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVIDENCE_NEAR 60u		/* characters between label and number */
#define EVIDENCE_DISTINCT_MAX 4096u	/* told apart exactly; more are counted as they come */
#define EVIDENCE_PATH 160u

enum identifier { ID_MY_NUMBER, ID_RESIDENT_CODE, ID_CORPORATE, ID_LICENCE, ID_PENSION, ID_COUNT };

enum token_form { TOKEN_PLAIN, TOKEN_GROUPED, TOKEN_CELL, TOKEN_PADDED };	/* padded: leading zeros given back */

struct token {
	uint64_t hash;			/* keyed, of the digits */
	uint64_t at, end;		/* first byte and one past the last, in the text */
	uint32_t text;			/* which text of the document */
	uint32_t column;		/* of a table, from 0; TOKEN_NO_COLUMN */
	uint8_t id;			/* enum identifier */
	uint8_t form;			/* enum token_form */
	uint8_t last;			/* 0: the last digit is 0 (passes more often: methods.md B.6), else 1 */
	bool right;			/* the check digit is */
	bool registered;		/* the town's register has it */
};
#define TOKEN_NO_COLUMN UINT32_MAX

/* What a word stands for. A number's label, an attribute of a resident, a document's mark. */
enum word_class {
	WORD_MY_NUMBER, WORD_RESIDENT_CODE, WORD_LICENCE, WORD_PENSION, WORD_CORPORATE, WORD_OTHER_NUMBER,
	WORD_NAME, WORD_ADDRESS, WORD_BIRTH, WORD_RELATION, WORD_HOUSEHOLD,	/* attributes */
	WORD_RESIDENT,			/* documents about residents: 住民票, 賦課, 生活保護, ... */
	WORD_SECRET,			/* strong marks: 極秘, 機密性3A ... */
	WORD_CAUTION,			/* weak ones: 取扱注意 */
	WORD_TOWN,			/* the town's own words and patterns */
	WORD_CLASS_COUNT
};

struct word_hit {
	uint64_t at, end;		/* bytes in the text */
	uint32_t text;
	uint32_t column;		/* of a table's first row, else TOKEN_NO_COLUMN */
	uint32_t word;			/* index in the scan set, for its name */
	uint8_t class;			/* enum word_class */
};

/* X(NAME, detector of rules/policy.h): what is counted */
enum evidence_kind {
	EVIDENCE_MY_NUMBER, EVIDENCE_RESIDENT_CODE, EVIDENCE_RECORD, EVIDENCE_LABEL, EVIDENCE_REGISTER, EVIDENCE_KINDS
};
enum evidence_rule { RULE_NONE, RULE_LIST, RULE_LABEL, RULE_COLUMN, RULE_ATTRIBUTES, RULE_REGISTER, RULE_RECORD,
		     RULE_MARK, RULE_TOWN, RULE_COUNT };
extern const char *const evidence_rule_words[RULE_COUNT];	/* "list", "label", ... */

struct evidence_finding {
	uint32_t confirmed;		/* distinct numbers, records, or words: what limits count */
	uint32_t seen;			/* distinct tokens with a right check digit, confirmed or not */
	uint64_t at;			/* byte in the text at which the first was confirmed */
	uint8_t rule;			/* enum evidence_rule of the first */
	uint32_t word;			/* labels: index in the scan set */
	char path[EVIDENCE_PATH];	/* of the text: "SMTP > base64 > zip > sheet1.xml" */
};

struct evidence;
struct scan_set;

struct evidence *evidence_new(const struct scan_set *set, const uint8_t key[static 16]);	/* NULL: no memory */
void evidence_free(struct evidence *e);

/* evidence_hash - of digits (values), under the document's key: how two numbers are told apart */
uint64_t evidence_hash(const struct evidence *e, const uint8_t *digit, size_t n);

/* evidence_text - a new text of the document begins. Return: its number, for tokens and words */
uint32_t evidence_text(struct evidence *e, const char *path);
void evidence_token(struct evidence *e, const struct token *t);
void evidence_word(struct evidence *e, const struct word_hit *w);
void evidence_record(struct evidence *e, uint32_t text, uint64_t at, uint32_t records);	/* rows of resident data so far */

/* Numbers whose confirmation is under way are counted when it comes. Borrowed. */
const struct evidence_finding *evidence_finding(const struct evidence *e, enum evidence_kind k);
uint32_t evidence_version(const struct evidence *e);	/* changes whenever a finding does */

/* A number of a document that confirms nothing by itself. */
struct evidence_single {
	uint64_t hash;
	bool right, round;		/* round: its last digit is 0 */
};
#define EVIDENCE_SINGLES 16u

/* evidence_singles - the first different numbers of 12 digits that were not confirmed. Return: how many */
size_t evidence_singles(const struct evidence *e, struct evidence_single out[static EVIDENCE_SINGLES]);

/* evidence_hashes - of the confirmed numbers since the last call, for counting over documents. Return: how many */
size_t evidence_hashes(struct evidence *e, enum evidence_kind k, uint64_t *out, size_t max);

#endif

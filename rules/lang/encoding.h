/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * encoding: is a text UTF-8? If not, what it seems to be, and how to mend that.
 */
#ifndef RULES_LANG_ENCODING_H
#define RULES_LANG_ENCODING_H

#include <stdbool.h>

struct diags;
struct source_text;

/* encoding_check - false after a message when the text cannot be read */
bool encoding_check(const struct source_text *t, struct diags *d);

/* encoding_habits - warn about a BOM and CRLF, which policy texts do without; spreadsheets write both */
void encoding_habits(const struct source_text *t, struct diags *d);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diag_text: how a message is kept, and how one character of a policy text stands on a terminal.
 * Shared by diag.c (keeping) and diag_print.c (showing).
 */
#ifndef RULES_DIAG_TEXT_H
#define RULES_DIAG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/diag.h"

struct diag {
	struct diag *next;		/* arena; the next message, or the next note of the same message */
	struct diag *notes;		/* arena */
	enum diag_id id;
	uint32_t severity;		/* enum diag_severity */
	uint32_t serial;		/* order of reporting, while sorting */
	struct location at;
	const char *text[2];		/* arena; by enum diag_language */
};

struct diag_glyph {
	char shown[16];		/* NUL-terminated */
	size_t width;		/* columns of shown */
	size_t used;		/* bytes of the source */
};

/**
 * diag_glyph - the character at p as it is shown
 * @column: from 0, for tabs
 * @ascii: everything beyond ASCII as \u escape
 * Bad bytes, control characters and characters nobody can see are shown as escapes.
 */
struct diag_glyph diag_glyph(const char *p, size_t n, size_t column, bool ascii);

#endif

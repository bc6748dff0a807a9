/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_changes: what a new policy changes, by the names of its statements, before it is put in force.
 */
#ifndef TOOLS_CLI_CHANGES_H
#define TOOLS_CLI_CHANGES_H

#include "rules/policy.h"

struct json;
struct text;

/**
 * cli_changes - list added, removed and changed permits, denies and crossings
 * @old: NULL: none is in force
 * @out: one line each, "  + permit web (label)"; empty when there is none
 * Return: how many.
 */
unsigned int cli_changes(const struct policy *old, const struct policy *p, struct text *out);

/* cli_changes_json - "added": [names], "removed": [...], "changed": [...] into an open object */
void cli_changes_json(const struct policy *old, const struct policy *p, struct json *j);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * value: what a person typed for a key, as it is written in a policy text.
 *
 *	until	2028-03-31			2028-03-31
 *	owner	総務課				"総務課"
 *	from	host gyomu, 10.0.0.0/24		host gyomu, 10.0.0.0/24
 *	owner	@joho-ka@			@joho-ka@		a hole's name stays one
 */
#ifndef RULES_EDIT_VALUE_H
#define RULES_EDIT_VALUE_H

struct key;
struct text;

enum value_fault { VALUE_FINE, VALUE_EMPTY, VALUE_LONG, VALUE_CONTROL, VALUE_CHARACTER };

/**
 * value_write - append the value to @out
 * Return: VALUE_FINE; VALUE_EMPTY, VALUE_LONG (more than a text or word may have), VALUE_CONTROL (a line's end or another
 * control character, or bytes that are no UTF-8), VALUE_CHARACTER (not a character of a value: nothing is smuggled in
 * behind a ';'). No memory shows in out->failed.
 */
enum value_fault value_write(const struct key *key, const char *typed, struct text *out);

#endif

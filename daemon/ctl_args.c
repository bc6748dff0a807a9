/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/ctl_args.h"

#include "rules/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct rule {
	const char *word;
	bool number;
	uint32_t max;
} rules[CTL_ARG_COUNT] = {
#define RULE(N, W, M, H) { W, M, H },
	CTL_ARGS(RULE)
};

/* The argument that is named up to the sign; CTL_ARG_COUNT: none of ours. */
static unsigned int named(const char *at, size_t len)
{
	unsigned int i = 0;

	while (i < CTL_ARG_COUNT &&
	       (strlen(rules[i].word) != len || memcmp(rules[i].word, at, len) != 0))
		i++;
	return i;
}

static bool unescape(const char *at, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = at[i];

		if (c == '%') {
			if (len - i < 3 || at[i + 1] != '2' ||
			    (at[i + 2] != '5' && at[i + 2] != '6'))
				return false;
			c = at[i + 2] == '5' ? '%' : '&';
			i += 2;
		}
		if (n + 1 >= CTL_ARG_BYTES)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n > 0;
}

static bool read_number(const char *text, uint32_t max, uint32_t *out)
{
	uint64_t n = 0;

	if (strlen(text) > 10 || strspn(text, "0123456789") != strlen(text))
		return false;
	n = strtoull(text, NULL, 10);
	*out = (uint32_t)n;
	return n > 0 && n <= max;
}

static bool read_one(const char *at, size_t len, struct ctl_args *out)
{
	const char *sign = memchr(at, '=', len);
	const unsigned int i = sign ? named(at, (size_t)(sign - at)) : CTL_ARG_COUNT;

	if (i == CTL_ARG_COUNT || out->text[i][0] ||
	    !unescape(sign + 1, len - (size_t)(sign + 1 - at), out->text[i]))
		return false;
	return !rules[i].number || read_number(out->text[i], rules[i].max, &out->number[i]);
}

int ctl_args_parse(const char *text, struct ctl_args *out)
{
	memset(out, 0, sizeof *out);
	while (*text) {
		const size_t len = strcspn(text, "&");

		if (!read_one(text, len, out)) {
			memset(out, 0, sizeof *out);
			return -EBADMSG;
		}
		text += len;
		text += *text == '&';
	}
	return 0;
}

void ctl_args_put(struct text *t, enum ctl_arg arg, const char *value)
{
	if (!value || !value[0])
		return;
	text_printf(t, "%s%s=", t->len ? "&" : "", rules[arg].word);
	for (; *value; value++) {
		if (*value == '%' || *value == '&')
			text_puts(t, *value == '%' ? "%25" : "%26");
		else
			text_putc(t, *value);
	}
}

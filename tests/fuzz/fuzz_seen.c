/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_seen: bytes as an event file: lines to sightings, to verdicts of a small policy, to a rehearsal's entries.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/inspect.h"
#include "rules/build.h"
#include "tools/cli_json.h"
#include "tools/seen/rehearsal.h"
#include "tools/seen/seen.h"
#include "tools/seen/sighting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
	"model lab; zone a { role internet; interface \"a\"; network 10.1.0.0/16; }"
	"zone b { role outside; interface \"b\"; network rest; }"
	"profile p { inspect metadata; on-unknown-application block; } service s { tcp 1-1000; udp 53; } service f { tcp 21, 2000-3000; }"
	"permit x { kind ordinary; from zone a; to zone b; service s; application TLS, HTTP, DNS; name *.good.example; direction download;"
	"profile p; owner \"o\"; reason \"r\"; approved-by \"c\"; approved-on 2026-01-01; until 2027-01-01; }"
	"permit y { kind ordinary; from zone a; to zone b; service f; application FTP_CONTROL;"
	"profile p; owner \"o\"; reason \"r\"; approved-by \"c\"; approved-on 2026-01-01; until 2027-01-01; }";

/* Made once: nDPI takes its time to start. */
static struct rehearsal *town(void)
{
	static struct build b;
	static struct rehearsal *r;
	char why[160];

	if (r)
		return r;
	if (build_bytes("town", text, sizeof(text) - 1, &b) < 0 || !b.ok ||
	    rehearsal_new(&b.policy, inspect_new(&inspect_conf_default), 1780000000, true, &r,
			  why) < 0)
		abort();
	return r;
}

static void one_line(struct seen *seen, const char *line, size_t len)
{
	struct cli_json j = { 0 };
	struct sighting s;

	if (cli_json_parse(&j, line, len) == 0 && sighting_read(&j, &s) == SIGHTING_TAKEN) {
		const struct rehearsed_as as = rehearsal_judge(town(), &s);

		if (as.what > REHEARSED_FTP_DATA || s.least_up > s.most_up)
			abort();
		seen_add(seen, &s, as.what);
	}
	cli_json_done(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen *seen = seen_new(16, 512);
	const char *at = (const char *)data, *end = at + size;
	uint32_t count;

	while (seen && at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const size_t len = (size_t)((newline ? newline : end) - at);
		char *copy = malloc(len + 1);

		if (copy) {
			memcpy(copy, at, len); /* of its size alone, for the sanitizer */
			one_line(seen, copy, len);
		}
		free(copy);
		at += len + 1;
	}
	if (seen)
		seen_entries(seen, &count);
	seen_free(seen);
	return 0;
}

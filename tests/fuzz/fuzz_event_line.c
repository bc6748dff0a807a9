/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_event_line: bytes as a line of eve.json, as `sekimori events` reads a damaged log.
 */
#include "tools/cli_event.c"
#include "tools/cli_json.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cli_event_filter filter = {
		.type = "all", .zone = "net", .host = "10.1.0.2", .since = 1
	};
	struct cli_json j = { 0 };
	struct text t = { 0 };

	if (cli_json_parse(&j, (const char *)data, size) == 0) {
		cli_event_matches(&j, &filter);
		cli_event_line(&j, (struct diag_style){ .language = DIAG_JAPANESE }, &t);
		for (size_t i = 0; i < t.len; i++) {
			if ((uint8_t)t.bytes[i] < 0x20)
				abort(); /* it goes to a terminal */
		}
	}
	text_done(&t);
	cli_json_done(&j);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/hide_starttls.h"

#include "daemon/mangle.h"
#include "tests/unit/support.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *in, *out; /* out NULL: as it was */
};

static void hidden(enum hide_protocol p, const struct row *r)
{
	char bytes[512];
	const size_t n = strlen(r->in);

	memcpy(bytes, r->in, n + 1);
	assert_int_equal(hide_starttls(p, (uint8_t *)bytes, n), r->out != NULL);
	assert_string_equal(bytes, r->out ? r->out : r->in);
	assert_false(hide_starttls(p, (uint8_t *)bytes, n)); /* nothing is left to hide */
}

static void smtp_offer_is_hidden_where_its_line_is_whole(void **state)
{
	static const struct row rows[] = {
		{ "250-mx\r\n250-STARTTLS\r\n250 SIZE 1\r\n",
		  "250-mx\r\n250-XXXXXXXX\r\n250 SIZE 1\r\n" },
		{ "250-mx\r\n250 STARTTLS\r\n", "250-mx\r\n250 XXXXXXXX\r\n" },
		{ "250-starttls\n", "250-XXXXXXXX\n" },
		{ "250-STARTTLS \r\n", "250-XXXXXXXX \r\n" },
		{ "250-mx\r\n250-STARTTLS", NULL }, /* cut in two */
		{ "250-mx\r\n250-STARTTLS\r", NULL },
		{ "TTLS\r\n250 SIZE 1\r\n", NULL },
		{ "250-STARTTLSX\r\n", NULL },
		{ "250-mx STARTTLS\r\n", NULL },
		{ "220 ready for STARTTLS\r\n", NULL },
		{ "454 STARTTLS\r\n", NULL },
		{ "250-", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		hidden(HIDE_SMTP, &rows[i]);
}

static void imap_offer_is_hidden_in_a_list_of_capabilities(void **state)
{
	static const struct row rows[] = {
		{ "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK\r\n",
		  "* CAPABILITY IMAP4rev1 XXXXXXXX LOGINDISABLED\r\na OK\r\n" },
		{ "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n",
		  "* OK [CAPABILITY IMAP4rev1 XXXXXXXX] ready\r\n" },
		{ "* 1 FETCH (BODY[] {40}\r\n* CAPABILITY STARTTLS\r\n", NULL },
		{ "* CAPABILITY IMAP4rev1 STARTTLS", NULL },
		{ "* OK STARTTLS\r\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		hidden(HIDE_IMAP, &rows[i]);
}

static void pop3_offer_is_hidden_in_a_whole_list_only(void **state)
{
	static const struct row rows[] = {
		{ "+OK\r\nUIDL\r\nSTLS\r\nSASL PLAIN\r\n.\r\n",
		  "+OK\r\nUIDL\r\nXXXX\r\nSASL PLAIN\r\n.\r\n" },
		{ "+OK\r\nSTLS\r\nUIDL\r\n.\r\n", "+OK\r\nXXXX\r\nUIDL\r\n.\r\n" },
		{ "+OK 20 octets\r\nFrom: a\r\n\r\nSTLS\r\nUIDL\r\n.\r\n", NULL }, /* a message */
		{ "+OK\r\nSTLS\r\n.\r\n", NULL },
		{ "+OK\r\nUIDL\r\nSTLS\r\n", NULL },
		{ "-ERR STLS\r\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		hidden(HIDE_POP3, &rows[i]);
}

static void every_prefix_is_harmless(void **state)
{
	static const char *const texts[] = { "250-mx\r\n250-STARTTLS\r\n250 8BITMIME\r\n",
					     "* OK [CAPABILITY IMAP4rev1 STARTTLS] x\r\n",
					     "+OK\r\nUIDL\r\nSTLS\r\n.\r\n" };
	char exact[64];

	(void)state;
	for (int p = HIDE_SMTP; p <= HIDE_POP3; p++) {
		for (size_t n = 0; n <= strlen(texts[p]); n++) {
			memcpy(exact, texts[p], sizeof(exact) < n ? sizeof(exact) : n);
			hide_starttls((enum hide_protocol)p, (uint8_t *)exact, n);
		}
	}
}

static struct bytes b, before;

/* support.h fills in the checksum, so making it again changes nothing; of other bytes it is another. */
static void sum_made_anew_is_the_one_that_was_there(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		for (size_t n = 0; n < 9; n++) {
			b.len = 0;
			bytes_fill(&b, 'a', n);
			tcp(&b, 25, 40000, 1, 2, 0x10);
			if (v6)
				ip6(&b, "fd00::1", "fd00::2", IPPROTO_TCP);
			else
				ip4(&b, "10.0.0.1", "10.0.0.2", IPPROTO_TCP);
			before = b;
			mangle_sum(b.at, b.len, v6 ? 40 : 20);
			assert_memory_equal(b.at, before.at, b.len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smtp_offer_is_hidden_where_its_line_is_whole),
		cmocka_unit_test(imap_offer_is_hidden_in_a_list_of_capabilities),
		cmocka_unit_test(pop3_offer_is_hidden_in_a_whole_list_only),
		cmocka_unit_test(every_prefix_is_harmless),
		cmocka_unit_test(sum_made_anew_is_the_one_that_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

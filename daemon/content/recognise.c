/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/recognise.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "daemon/content/dns.h"
#include "daemon/content/tftp.h"
#include "rules/cursor.h"

/* Longer than any first word that a test waits for: who is silent by then has nothing to say that tells. */
#define ENOUGH 8192u

#define APPLICATION_(N, A, E) A,
#define EVE_(N, A, E) E,
const char *const recognised_applications[KNOWN_COUNT] = { NULL, RECOGNISED(APPLICATION_) };
const char *const recognised_eve[KNOWN_COUNT] = { NULL, RECOGNISED(EVE_) };

/* A test says no, yes, or that it needs to see more. */
enum answer_of_test { TEST_NO, TEST_MORE, TEST_YES };

static enum answer_of_test starts(struct cursor c, const char *literal, size_t n)
{
	size_t have = c.left < n ? c.left : n;

	if (have && memcmp(c.at, literal, have) != 0)
		return TEST_NO;
	return have == n ? TEST_YES : TEST_MORE;
}

/* A handshake record of a ClientHello: 16 03 0x len len 01 00 */
static enum answer_of_test is_tls(struct cursor c)
{
	enum answer_of_test a = starts(c, "\x16\x03", 2);

	if (a != TEST_YES)
		return a;
	if (c.left < 6)
		return TEST_MORE;
	return c.at[2] <= 4 && c.at[5] == 1 ? TEST_YES : TEST_NO;
}

/* A method (upper case, RFC 9110), a space, a target that starts as one can */
static enum answer_of_test is_http(struct cursor c)
{
	size_t n = 0;

	while (n < c.left && n < 20 && c.at[n] >= 'A' && c.at[n] <= 'Z')
		n++;
	if (n == c.left)
		return n < 20 ? TEST_MORE : TEST_NO;
	if (n < 3 || c.at[n] != ' ')
		return TEST_NO;
	const uint8_t *lf = memchr(c.at, '\n', c.left);

	if (!lf)
		return c.left < 4096 ? TEST_MORE : TEST_NO;
	size_t line = (size_t)(lf - c.at);

	return line > 9 && memmem(c.at + line - 10, 10, " HTTP/", 6) ? TEST_YES : TEST_NO;
}

static enum answer_of_test is_ssh(struct cursor c)
{
	enum answer_of_test a = starts(c, "SSH-2.0-", 8);

	return a == TEST_NO ? starts(c, "SSH-1.", 6) : a;
}

/* NetBIOS session message, then \xfeSMB or \xffSMB */
static enum answer_of_test is_smb(struct cursor c, const char *magic)
{
	if (!c.left || c.at[0] != 0)
		return c.left ? TEST_NO : TEST_MORE;
	if (c.left < 8)
		return TEST_MORE;
	return memcmp(c.at + 4, magic, 4) == 0 ? TEST_YES : TEST_NO;
}

static enum answer_of_test is_smb2(struct cursor c)
{
	return is_smb(c, "\xfeSMB");
}

static enum answer_of_test is_smb1(struct cursor c)
{
	return is_smb(c, "\xffSMB");
}

/* TPKT 3, 0, length; X.224 connection request e0 (MS-RDPBCGR, 2.2.1.1) */
static enum answer_of_test is_rdp(struct cursor c)
{
	enum answer_of_test a = starts(c, "\x03\x00", 2);

	if (a != TEST_YES)
		return a;
	if (c.left < 11)
		return TEST_MORE;
	return c.at[5] == 0xe0 && c.at[4] + 5 == (c.at[2] << 8 | c.at[3]) && c.at[6] == 0 &&
			       c.at[7] == 0
		       ? TEST_YES
		       : TEST_NO;
}

/* One entry of a protocol whose client speaks first, and has to say so. */
static const struct {
	enum recognised what;
	enum answer_of_test (*test)(struct cursor c);
} first_words[] = {
	{ KNOWN_TLS, is_tls },  { KNOWN_HTTP, is_http }, { KNOWN_SSH, is_ssh },
	{ KNOWN_SMB, is_smb2 }, { KNOWN_SMB1, is_smb1 }, { KNOWN_RDP, is_rdp },
};

static bool word(struct cursor c, const char *w)
{
	size_t n = strlen(w);

	return c.left >= n && strncasecmp((const char *)c.at, w, n) == 0;
}

/* What the server greets with and the client's first word after it: both are needed. */
static const struct greeting {
	const char *server, *client;
	enum recognised what;
	bool tagged; /* a tag of the client's choice stands before its word */
} greetings[] = {
	{ "220", "EHLO ", KNOWN_SMTP, false }, /* RFC 5321, 4.1.1 */
	{ "220", "HELO ", KNOWN_SMTP, false },
	{ "220", "USER ", KNOWN_FTP, false }, /* RFC 959, 4.1 */
	{ "220", "AUTH TLS", KNOWN_FTP, false },
	{ "220", "AUTH SSL", KNOWN_FTP, false },
	{ "220", "FEAT\r", KNOWN_FTP, false },
	{ "220", "HOST ", KNOWN_FTP, false },
	{ "+OK", "USER ", KNOWN_POP3, false }, /* RFC 1939, 4 */
	{ "+OK", "APOP ", KNOWN_POP3, false },
	{ "+OK", "CAPA\r", KNOWN_POP3, false },
	{ "+OK", "AUTH", KNOWN_POP3, false },
	{ "+OK", "STLS\r", KNOWN_POP3, false },
	{ "* OK", "CAPABILITY\r", KNOWN_IMAP, true }, /* RFC 9051, 7.1.1 */
	{ "* OK", "LOGIN ", KNOWN_IMAP, true },
	{ "* OK", "AUTHENTICATE ", KNOWN_IMAP, true },
	{ "* OK", "STARTTLS\r", KNOWN_IMAP, true },
	{ "* OK", "ID ", KNOWN_IMAP, true },
	{ "* OK", "NOOP\r", KNOWN_IMAP, true },
	{ "* PREAUTH", "", KNOWN_IMAP, true },
};

/* The client's bytes behind its tag; nothing when there is none. */
static struct cursor untagged(struct cursor up)
{
	size_t limit = up.left < 32 ? up.left : 32;
	const uint8_t *space = limit ? memchr(up.at, ' ', limit) : NULL;

	cursor_skip(&up, space ? (size_t)(space - up.at) + 1 : up.left);
	return up;
}

static enum recognised greeted(struct cursor up, struct cursor down, bool *more)
{
	bool greets = false;

	*more |= down.left == 0;
	for (size_t i = 0; i < sizeof(greetings) / sizeof(greetings[0]); i++) {
		const struct greeting *g = &greetings[i];
		enum answer_of_test a = starts(down, g->server, strlen(g->server));

		*more |= a == TEST_MORE;
		greets |= a == TEST_YES;
		if (a == TEST_YES && up.left && word(g->tagged ? untagged(up) : up, g->client))
			return g->what;
	}
	*more |= greets && up.left < (down.at[0] == '*' ? 48 : 8);
	return KNOWN_NOTHING;
}

bool recognise_print(const uint8_t *up, size_t n)
{
	static const char *const first[] = { "\x1b%-12345X", "@PJL", "%!PS", "\x1b\x45" };

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (starts(cursor_of(up, n), first[i], strlen(first[i])) == TEST_YES)
			return true;
	return false;
}

/* A NetBIOS name (RFC 1001, 14.1) travels in the same format: 32 letters A to P. */
static bool netbios_name(const struct dns_text *name)
{
	for (uint32_t i = 0; i < 32; i++)
		if (i >= name->len || name->at[i] < 'a' || name->at[i] > 'p')
			return false;
	return name->len == 32 || name->at[32] == '.';
}

/* The header is little evidence; a whole message that can be read, of a class there is, is enough. */
static bool reads_as_dns(struct cursor c)
{
	struct dns_message m;

	if (dns_read(c, &m) || !m.name.at || netbios_name(&m.name))
		return false;
	return m.klass == 1 || m.klass == 3 || m.klass == 255;
}

static enum answer_of_test is_dns(struct cursor c, bool tcp)
{
	if (!dns_plausible(c, tcp))
		return tcp && c.left < 17 ? TEST_MORE : TEST_NO;
	if (tcp) {
		uint16_t length = cursor_be16(&c);

		if (c.left < length)
			return length <= 4096 ? TEST_MORE : TEST_NO;
		c = cursor_sub(&c, length);
	}
	return reads_as_dns(c) ? TEST_YES : TEST_NO;
}

/* <PRI> and a date: "1 2023-" (RFC 5424, 6) or "Jan  2 03:04:05 " (RFC 3164, 4.1.2) */
static bool is_syslog(struct cursor c)
{
	uint32_t priority = 0;

	if (cursor_u8(&c) != '<' || !c.left || !isdigit(*c.at))
		return false;
	for (int digits = 0; digits < 3 && c.left && isdigit(*c.at); digits++)
		priority = priority * 10 + cursor_u8(&c) - '0';
	if (priority > 191 || cursor_u8(&c) != '>' || c.left < 16)
		return false;
	if (c.at[0] == '1' && c.at[1] == ' ')
		return c.at[2] == '-' || (isdigit(c.at[2]) && c.at[6] == '-');
	return isupper(c.at[0]) && c.at[3] == ' ' && c.at[6] == ' ' && c.at[9] == ':' &&
	       c.at[12] == ':' && c.at[15] == ' ';
}

static enum recognised datagram(struct cursor c)
{
	struct tftp_request request;

	if (is_dns(c, false) == TEST_YES)
		return KNOWN_DNS;
	if (tftp_request_read(c.at, c.left, &request))
		return KNOWN_TFTP;
	return is_syslog(c) ? KNOWN_SYSLOG : KNOWN_NOTHING;
}

static enum recognised first_of_tcp(const struct cursor u, const struct cursor d, bool *more)
{
	for (size_t i = 0; u.left && i < sizeof(first_words) / sizeof(first_words[0]); i++) {
		enum answer_of_test a = first_words[i].test(u);

		if (a == TEST_YES)
			return first_words[i].what;
		*more |= a == TEST_MORE;
	}
	if (!u.left)
		*more = true;
	if (d.left && is_ssh(d) == TEST_YES)
		return KNOWN_SSH;
	if (u.left && is_dns(u, true) == TEST_YES)
		return KNOWN_DNS;
	*more |= u.left && is_dns(u, true) == TEST_MORE;
	return greeted(u, d, more);
}

enum recognised recognise(bool tcp, const uint8_t *up, size_t up_len, const uint8_t *down,
			  size_t down_len, bool *more)
{
	struct cursor u = cursor_of(up, up_len), d = cursor_of(down, down_len);
	enum recognised what;

	*more = false;
	if (!tcp)
		return datagram(up_len ? u : d);
	what = first_of_tcp(u, d, more);
	if (up_len + down_len > ENOUGH)
		*more = false;
	return what;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/ftp.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* h1,h2,h3,h4,p1,p2 */
static bool six_numbers(const char *s, uint16_t *port)
{
	unsigned int h[4], p[2];

	if (sscanf(s, "%3u,%3u,%3u,%3u,%3u,%3u", &h[0], &h[1], &h[2], &h[3], &p[0], &p[1]) != 6)
		return false;
	if (p[0] > 255 || p[1] > 255)
		return false;
	*port = (uint16_t)(p[0] << 8 | p[1]);
	return *port != 0;
}

/* RFC 2428: |protocol|address|port| with any one delimiter; the reply leaves the first two empty */
static bool extended(const char *s, uint16_t *port)
{
	char delimiter = *s;
	unsigned int value = 0, digits = 0;

	if (delimiter < 33 || delimiter > 126)
		return false;
	for (int i = 0; i < 2 && s; i++)
		s = strchr(s + 1, delimiter);
	for (s = s ? s + 1 : ""; isdigit((unsigned char)*s) && digits < 5; s++, digits++)
		value = value * 10 + (unsigned int)(*s - '0');
	if (!digits || *s != delimiter || value == 0 || value > 65535)
		return false;
	*port = (uint16_t)value;
	return true;
}

/* RFC 959, 4.1.3; MLSD: RFC 3659, 7 */
static const struct {
	const char *word;
	uint8_t transfer;
} transfers[] = {
	{ "STOR ", FTP_UPLOAD },   { "APPE ", FTP_UPLOAD }, { "STOU", FTP_UPLOAD },
	{ "RETR ", FTP_DOWNLOAD }, { "LIST", FTP_LISTING }, { "NLST", FTP_LISTING },
	{ "MLSD", FTP_LISTING },
};

static void keep_name(struct ftp *f, const char *name)
{
	while (*name == ' ')
		name++;
	size_t n = strlen(name), over = n > FTP_NAME_MAX ? n - FTP_NAME_MAX : 0;

	memcpy(f->name, name + over, n - over);
	f->name_len = (uint8_t)(n - over);
}

static uint8_t transfer(struct ftp *f, const char *line)
{
	for (size_t i = 0; i < sizeof(transfers) / sizeof(transfers[0]); i++) {
		size_t n = strlen(transfers[i].word);

		if (strncasecmp(line, transfers[i].word, n) != 0)
			continue;
		f->transfer = transfers[i].transfer;
		keep_name(f, line + n);
		return FTP_TRANSFER;
	}
	return FTP_MORE;
}

static uint8_t command(struct ftp *f, const char *line)
{
	uint16_t port;

	if ((strncasecmp(line, "PORT ", 5) == 0 && six_numbers(line + 5, &port)) ||
	    (strncasecmp(line, "EPRT ", 5) == 0 && extended(line + 5, &port))) {
		f->passive = false;
		f->port = port;
		return FTP_ANNOUNCED;
	}
	if (strncasecmp(line, "MODE ", 5) == 0)
		f->deflate = line[5] == 'Z' || line[5] == 'z';
	if (strncasecmp(line, "AUTH ", 5) == 0) {
		f->tls = true;
		return FTP_ASKS_TLS;
	}
	return transfer(f, line);
}

static bool passive_reply(struct ftp *f, const char *line)
{
	const char *open = strchr(line, '(');

	if (strncmp(line, "229", 3) == 0)
		return open && extended(open + 1, &f->port);
	if (strncmp(line, "227", 3) != 0)
		return false;
	/* Not every server writes the parentheses (RFC 1123, 4.1.2.6): look for the first digit. */
	for (line += 3; *line && !isdigit((unsigned char)*line); line++)
		;
	return six_numbers(line, &f->port);
}

static uint8_t reply(struct ftp *f, const char *line)
{
	bool tls = f->tls && isdigit((unsigned char)line[0]) && strspn(line, "0123456789") == 3 &&
		   line[3] != '-';

	if (tls)
		f->tls = false;
	if (tls && strncmp(line, "234", 3) == 0)
		return FTP_ENCRYPTED;
	if (!passive_reply(f, line))
		return FTP_MORE;
	f->passive = true;
	return FTP_ANNOUNCED;
}

static uint8_t take_line(struct ftp *f, bool server)
{
	struct ftp_side *s = server ? &f->server : &f->client;

	s->line[s->len] = '\0';
	s->len = 0;
	return server ? reply(f, s->line) : command(f, s->line);
}

size_t ftp_feed(struct ftp *f, bool server, const uint8_t *bytes, size_t n, bool *announced)
{
	struct ftp_side *s = server ? &f->server : &f->client;
	size_t used = 0;

	f->met = FTP_MORE;
	while (used < n && f->met == FTP_MORE) {
		uint8_t c = bytes[used++];

		if (c == '\n')
			f->met = take_line(f, server);
		else if (c && c != '\r' && s->len < FTP_LINE_MAX - 1)
			s->line[s->len++] = (char)c;
	}
	*announced = f->met == FTP_ANNOUNCED;
	return used;
}

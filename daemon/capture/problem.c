/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/problem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ENGLISH, JAPANESE, LANGUAGES };

static const char *not_a_capture[LANGUAGES] = {
	"not a capture file; give a pcap or pcapng file, as tcpdump -w writes it",
	"キャプチャファイルではありません。tcpdump -w が書く pcap か pcapng を指定してください",
};
static const char *no_packets[LANGUAGES] = {
	"holds no packets; check the interface and the filter it was captured with",
	"パケットが1つもありません。取得時のインターフェイスとフィルタを確かめてください",
};
static const char *cut_off[LANGUAGES] = {
	"cut off after packet %" PRIu64
	": the file ends inside a packet; what came before was used",
	"パケット %" PRIu64
	" の後で途切れています（パケットの途中でファイルが終わる）。それ以前は使いました",
};
static const char *damaged[LANGUAGES] = {
	"damaged after packet %" PRIu64
	": lengths contradict each other; what came before was used",
	"パケット %" PRIu64 " の後が壊れています（長さが矛盾する）。それ以前は使いました",
};
static const char *link_type[LANGUAGES] = {
	"packet %" PRIu64
	" has link type %u%s%s, which is not read here; capture on an Ethernet or IP interface",
	"パケット %" PRIu64
	" のリンク種別 %u%s%s は読めません。Ethernet か IP のインターフェイスで取得してください",
};
static const char *system_error[LANGUAGES] = {
	"cannot be read: %s",
	"読めません: %s",
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* all formats are the constants above */
static void what(const struct capture_problem *p, int l, char *out, size_t size)
{
	switch (p->error) {
	case -EPROTO: snprintf(out, size, "%s", not_a_capture[l]); break;
	case -ENOMSG: snprintf(out, size, "%s", no_packets[l]); break;
	case -EPIPE: snprintf(out, size, cut_off[l], p->packets); break;
	case -EBADMSG: snprintf(out, size, damaged[l], p->packets); break;
	case -EPROTONOSUPPORT:
		snprintf(out, size, link_type[l], p->packets + 1, p->link_type,
			 p->link_name[0] ? " " : "", p->link_name);
		break;
	default: snprintf(out, size, system_error[l], strerror(-p->error)); break;
	}
}
#pragma GCC diagnostic pop

const char *capture_problem_text(const struct capture_problem *p, bool japanese,
				 char buf[static CAPTURE_PROBLEM_TEXT])
{
	int n = snprintf(buf, CAPTURE_PROBLEM_TEXT, "%s: ", p->path);

	what(p, japanese ? JAPANESE : ENGLISH, buf + n, CAPTURE_PROBLEM_TEXT - (size_t)n);
	return buf;
}

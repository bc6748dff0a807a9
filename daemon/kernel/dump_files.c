/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings that decide over packets beside every rule: one table. A file that is not there belongs to a part
 * of the kernel that is not there either.
 */
#include "daemon/kernel/dump_part.h"
#include "rules/kernel/readback/record.h"
#include "rules/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES 4096u /* what is longer is cut: names of tables, one a line */

#define PATH_(path, value) path,
static const char *const files[] = {
	RECORD_FILES(PATH_)
	/* nobody requires a value of these, but a change of them is told */
	"/proc/sys/net/ipv4/ip_forward",
	"/proc/sys/net/bridge/bridge-nf-call-ip6tables",
	"/proc/sys/net/bridge/bridge-nf-call-arptables",
	"/proc/sys/net/netfilter/nf_conntrack_checksum",
	"/proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal",
	"/proc/sys/net/netfilter/nf_conntrack_tcp_loose",
	"/proc/sys/net/mpls/platform_labels",
};

/* Of each interface, of all, and of those to come. */
static const char *const of_interfaces[] = {
	"ipv4/conf/%s/accept_local",        "ipv4/conf/%s/accept_redirects",
	"ipv4/conf/%s/accept_source_route", "ipv4/conf/%s/forwarding",
	"ipv4/conf/%s/proxy_arp",           "ipv4/conf/%s/route_localnet",
	"ipv4/conf/%s/rp_filter",           "ipv4/conf/%s/src_valid_mark",
	"ipv6/conf/%s/accept_ra",           "ipv6/conf/%s/accept_redirects",
	"ipv6/conf/%s/accept_source_route", "ipv6/conf/%s/forwarding",
	"ipv6/conf/%s/proxy_ndp",           "ipv6/conf/%s/seg6_enabled",
};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static int read_file(struct dump_run *r, const char *path)
{
	const size_t name = strlen(path) + 1;
	char body[256 + FILE_BYTES];
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == EACCES || errno == EPERM ? dump_hidden(r, path) : 0;
	memcpy(body, path, name);
	n = read(fd, body + name, FILE_BYTES);
	close(fd);
	if (n < 0)
		return dump_hidden(r, path);
	return dump_put(r, RECORD_FILE, body, name + (size_t)n);
}

/* Some files of "all" stand in the first table. */
static bool is_read(const char *path)
{
	for (size_t i = 0; i < COUNT(files); i++)
		if (strcmp(files[i], path) == 0)
			return true;
	return false;
}

static int read_interface(struct dump_run *r, uint32_t index, const char *interface)
{
	char path[256];
	int e = 0;

	(void)index;
	if (!*interface || strchr(interface, '/'))
		return -EBADMSG; /* no interface is called so */
	for (size_t i = 0; e == 0 && i < COUNT(of_interfaces); i++) {
		const char *rest = strchr(of_interfaces[i], '%') + 2;
		const int prefix = (int)(rest - 2 - of_interfaces[i]);

		snprintf(path, sizeof path, "/proc/sys/net/%.*s%s%s", prefix, of_interfaces[i],
			 interface, rest);
		e = is_read(path) ? 0 : read_file(r, path);
	}
	return e;
}

int dump_files(struct dump_run *r, size_t from)
{
	int e = 0;

	for (size_t i = 0; e == 0 && i < COUNT(files); i++)
		e = read_file(r, files[i]);
	if (e == 0)
		e = read_interface(r, 0, "all");
	if (e == 0)
		e = read_interface(r, 0, "default");
	return e == 0 ? dump_each_link(r, from, read_interface) : e;
}

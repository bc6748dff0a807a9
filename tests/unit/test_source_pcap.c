/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/source_pcap.h"

#include "daemon/capture/decap.h"
#include "daemon/packet.h"
#include "daemon/record/event.h"
#include "tests/unit/captures.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILES_MAX = 3, INTERFACES = 8 };

/* A capture in memory under a path, and what the source told of interfaces. */
static struct {
	int fd;
	char path[64];
} files[FILES_MAX];
static struct source_pcap_file given[FILES_MAX];
static size_t given_count;
static char interfaces[INTERFACES][64];
static struct source *source;
static struct capture_problem problem;
static struct writer w;
static struct source_pcap_conf conf;

static void note_interface(void *ctx, uint32_t number, const char *name)
{
	(void)ctx;
	assert_in_range(number, 1, INTERFACES - 1);
	snprintf(interfaces[number], sizeof(interfaces[number]), "%s", name);
}

static int setup(void **state)
{
	(void)state;
	given_count = 0;
	source = NULL;
	w.file.len = 0;
	memset(interfaces, 0, sizeof(interfaces));
	conf = (struct source_pcap_conf){ .interface = note_interface };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (source)
		source->ops->close(source);
	for (size_t i = 0; i < given_count; i++)
		close(files[i].fd);
	return 0;
}

/* The file built so far becomes the next one given; another can be built. */
static void finish_file(const char *interface)
{
	size_t i = given_count++;

	assert_true(i < FILES_MAX);
	files[i].fd = memfd_create("capture", MFD_CLOEXEC);
	assert_int_equal(write(files[i].fd, w.file.at, w.file.len), (ssize_t)w.file.len);
	snprintf(files[i].path, sizeof(files[i].path), "/proc/self/fd/%d", files[i].fd);
	given[i] = (struct source_pcap_file){ files[i].path, interface };
	w.file.len = 0;
}

static int open_all(void)
{
	return source_pcap_open(given, given_count, &conf, &source, &problem);
}

static int next(struct packet *p)
{
	return source->ops->next(source, p);
}

static uint8_t last_byte(const struct packet *p)
{
	return p->data[p->len - 1];
}

/* ---- classic ---- */

static void classic_capture_gives_packets_and_the_end(void **state)
{
	struct packet p;

	(void)state;
	make_frame(&w, 'a');
	classic(&w, CLASSIC_US, 1);
	record(&w, 1000, 500000, w.frame.len);
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.time, 1000500000000ll);
	assert_int_equal(p.len, w.frame.len - 14);
	assert_int_equal(p.wire_len, w.frame.len - 14);
	assert_int_equal(p.frame_len, w.frame.len);
	assert_int_equal(p.ifin, 0);
	assert_true(p.has_mac);
	assert_false(p.live);
	assert_int_equal(source->ops->verdict(source, p.id, NULL), 0);
	assert_int_equal(source->ops->fd(source), -1);
	assert_int_equal(next(&p), -ENODATA);
	assert_int_equal(next(&p), -ENODATA);
	assert_int_equal(source_pcap_problem(source)->error, 0);
}

static void nanoseconds_are_kept(void **state)
{
	struct packet p;

	(void)state;
	make_frame(&w, 'a');
	classic(&w, CLASSIC_NS, 1);
	record(&w, 1000, 123456789, w.frame.len);
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.time, 1000123456789ll);
}

static void cut_frame_keeps_its_length_on_the_wire(void **state)
{
	struct packet p;

	(void)state;
	make_frame(&w, 'a');
	classic(&w, CLASSIC_US, 1);
	record(&w, 1000, 0, 40);
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.len, 26);
	assert_int_equal(p.wire_len, w.frame.len - 14);
	assert_int_equal(p.frame_len, 40);
}

static void name_given_with_a_file_is_its_interface(void **state)
{
	struct packet p;

	(void)state;
	make_frame(&w, 'a');
	classic(&w, CLASSIC_US, 1);
	record(&w, 1000, 0, w.frame.len);
	finish_file("k0");
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.ifin, 1);
	assert_string_equal(interfaces[1], "k0");
}

static void several_files_are_merged_by_time(void **state)
{
	struct packet p;

	(void)state;
	for (uint8_t i = 0; i < 2; i++) {
		classic(&w, CLASSIC_US, 1);
		for (uint8_t k = 0; k < 3; k++) {
			make_frame(&w, (uint8_t)('a' + 2 * k + i));
			record(&w, 1000u + k, i * 5u, w.frame.len);
		}
		finish_file(i ? "l0" : "k0");
	}
	assert_int_equal(open_all(), 0);
	for (uint8_t k = 0; k < 6; k++) {
		assert_int_equal(next(&p), 1);
		assert_int_equal(last_byte(&p), 'a' + k);
		assert_int_equal(p.ifin, 1 + (k & 1));
		assert_int_equal(p.id, k);
	}
	assert_int_equal(next(&p), -ENODATA);
}

static void empty_file_among_others_is_no_problem(void **state)
{
	struct packet p;

	(void)state;
	classic(&w, CLASSIC_US, 1);
	finish_file("k0");
	make_frame(&w, 'a');
	classic(&w, CLASSIC_US, 1);
	record(&w, 1000, 0, w.frame.len);
	finish_file("l0");
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(next(&p), -ENODATA);
}

/* ---- what is wrong with a file ---- */

static void assert_told(const char *words)
{
	char buf[CAPTURE_PROBLEM_TEXT];

	assert_non_null(strstr(capture_problem_text(&problem, false, buf), words));
	assert_non_null(strstr(buf, given_count ? given[0].path : "nowhere"));
	assert_null(strchr(buf, '\n'));
	assert_non_null(strstr(capture_problem_text(&problem, true, buf), ": "));
}

static void missing_file_is_told(void **state)
{
	struct source_pcap_file f = { "/nowhere/x.pcap", NULL };

	(void)state;
	assert_int_equal(source_pcap_open(&f, 1, &conf, &source, &problem), -ENOENT);
	source = NULL;
	assert_told("cannot be read");
}

static void directory_is_told(void **state)
{
	struct source_pcap_file f = { "/", NULL };

	(void)state;
	assert_int_equal(source_pcap_open(&f, 1, &conf, &source, &problem), -EISDIR);
	assert_null(source);
}

static void text_and_nothing_are_no_captures(void **state)
{
	(void)state;
	bytes_text(&w.file, "This is no capture at all, but a letter.");
	finish_file(NULL);
	assert_int_equal(open_all(), -EPROTO);
	assert_told("not a capture");
	finish_file(NULL);
	assert_int_equal(source_pcap_open(&given[1], 1, &conf, &source, &problem), -EPROTO);
}

static void capture_without_packets_is_told(void **state)
{
	struct packet p;

	(void)state;
	classic(&w, CLASSIC_US, 1);
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), -ENOMSG);
	problem = *source_pcap_problem(source);
	assert_told("no packets");
}

static void unknown_link_type_is_told_by_name(void **state)
{
	(void)state;
	classic(&w, CLASSIC_US, 189);
	finish_file(NULL);
	assert_int_equal(open_all(), -EPROTONOSUPPORT);
	assert_told("189 USB_LINUX");
}

static void truncated_capture_is_told_after_its_packets(void **state)
{
	struct packet p;

	(void)state;
	make_frame(&w, 'a');
	classic(&w, CLASSIC_US, 1);
	record(&w, 1000, 0, w.frame.len);
	record(&w, 1001, 0, w.frame.len);
	w.file.len -= 5;
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(next(&p), -EPIPE);
	assert_int_equal(next(&p), -EPIPE);
	problem = *source_pcap_problem(source);
	assert_int_equal(problem.packets, 1);
	assert_told("cut off after packet 1");
}

static void damaged_record_is_told(void **state)
{
	struct packet p;

	(void)state;
	make_frame(&w, 'a');
	classic(&w, CLASSIC_US, 1);
	record(&w, 1000, 0, w.frame.len);
	bytes_fill(&w.file, 0xff, 64);
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(next(&p), -EBADMSG);
	problem = *source_pcap_problem(source);
	assert_told("damaged after packet 1");
}

/* ---- pcapng ---- */

static void pcapng_names_interfaces(void **state)
{
	struct packet p;

	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	interface_block(&w, 1, "l0", 9);
	make_frame(&w, 'a');
	enhanced(&w, 0, 1000000001, 0);
	make_frame(&w, 'b');
	enhanced(&w, 1, 1000000002000, 0);
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.time, 1000000001000ll);
	assert_string_equal(interfaces[p.ifin], "k0");
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.time, 1000000002000ll);
	assert_string_equal(interfaces[p.ifin], "l0");
	assert_int_equal(next(&p), -ENODATA);
}

static void pcapng_that_ends_inside_a_block_is_told(void **state)
{
	struct packet p;

	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	make_frame(&w, 'a');
	enhanced(&w, 0, 1, 0);
	enhanced(&w, 0, 2, 0);
	w.file.len -= 6;
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(next(&p), -EPIPE);
}

static void link_type_of_one_pcapng_interface_may_be_unknown_until_used(void **state)
{
	struct packet p;

	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	interface_block(&w, 189, "odd", -1);
	make_frame(&w, 'a');
	enhanced(&w, 0, 1, 0);
	enhanced(&w, 1, 2, 0);
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(next(&p), -EPROTONOSUPPORT);
	problem = *source_pcap_problem(source);
	assert_told("USB_LINUX");
}

/* ---- what the kernel would have done ---- */

static void forward(void)
{
	w.frame.at[14 + 8]--;
	w.frame.at[14 + 10]++;
}

static void forwarded_packet_is_given_once_where_it_came_in(void **state)
{
	struct packet p;

	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	interface_block(&w, 1, "l0", -1);
	make_frame(&w, 'a');
	enhanced(&w, 0, 1, 1);
	forward();
	enhanced(&w, 1, 2, 2);
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_string_equal(interfaces[p.ifin], "k0");
	assert_int_equal(next(&p), -ENODATA);
}

static void both_sights_are_given_on_request(void **state)
{
	struct packet p;

	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	interface_block(&w, 1, "l0", -1);
	make_frame(&w, 'a');
	enhanced(&w, 0, 1, 0);
	forward();
	enhanced(&w, 1, 2, 0);
	finish_file(NULL);
	conf.copies = true;
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(next(&p), 1);
	assert_int_equal(next(&p), -ENODATA);
}

static void packet_the_host_sent_itself_has_no_interface_it_came_in_by(void **state)
{
	struct packet p;

	(void)state;
	section(&w, false);
	interface_block(&w, 1, "k0", -1);
	make_frame(&w, 'a');
	enhanced(&w, 0, 1, 2);
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.ifin, 0);
	assert_string_equal(interfaces[p.ifout], "k0");
}

/* Linux cooked v2: header by hand */
static void cooked(uint32_t index, uint8_t type)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct bytes *f = &w.frame;

	f->len = 0;
	bytes_text(f, "x");
	udp(f, 5000, 53);
	ip4(f, "10.0.0.1", "10.0.1.1", IPPROTO_UDP);
	memmove(f->at + 20, f->at, f->len);
	memset(f->at, 0, 20);
	f->at[0] = 8;
	f->at[7] = (uint8_t)index;
	f->at[10] = type;
	f->at[11] = 6;
	memcpy(f->at + 12, mac, 6);
	f->len += 20;
}

static void cooked_indexes_get_the_names_given_for_them(void **state)
{
	static const struct source_pcap_index indexes[] = { { 3, "k0" } };
	struct packet p;

	(void)state;
	classic(&w, CLASSIC_US, 276);
	cooked(3, 0);
	record(&w, 1000, 0, w.frame.len);
	cooked(4, 0);
	w.frame.at[w.frame.len - 1] = 'y';
	record(&w, 1000, 1, w.frame.len);
	cooked(4, 4);
	w.frame.at[20 + 8]--;
	w.frame.at[20 + 10]++;
	record(&w, 1000, 2, w.frame.len);
	finish_file(NULL);
	conf.indexes = indexes;
	conf.index_count = 1;
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_string_equal(interfaces[p.ifin], "k0");
	assert_int_equal(next(&p), 1);
	assert_string_equal(interfaces[p.ifin], "#4");
	assert_int_equal(next(&p), -ENODATA);
}

static void give_fragments(void)
{
	static struct bytes whole, piece;

	make_frame(&w, 'z');
	whole.len = 0;
	bytes_fill(&whole, 'x', 50);
	udp(&whole, 5000, 53);
	ip4(&whole, "10.0.0.1", "10.0.1.1", IPPROTO_UDP);
	classic(&w, CLASSIC_US, 101);
	for (size_t at = 0; at < 58; at += 32) {
		fragment4(&whole, 7, at, at ? 26 : 32, &piece);
		w.frame = piece;
		record(&w, 1000, (uint32_t)at, w.frame.len);
	}
	finish_file(NULL);
}

static void fragments_are_put_together(void **state)
{
	struct event_counter counters[32];
	struct packet p;
	uint64_t reassembled = 0;

	(void)state;
	give_fragments();
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.len, 78);
	assert_int_equal(p.frame_len, 98);
	assert_int_equal(next(&p), -ENODATA);
	for (size_t i = source_pcap_counters(source, counters, 32); i-- > 0;)
		if (strcmp(counters[i].name, "reassembled") == 0)
			reassembled = counters[i].value;
	assert_int_equal(reassembled, 1);
}

static void fragments_are_handed_over_on_request(void **state)
{
	struct packet p;

	(void)state;
	give_fragments();
	conf.fragments = true;
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(next(&p), 1);
	assert_int_equal(next(&p), -ENODATA);
}

static void tunnels_are_opened_on_request_down_to_the_fourth(void **state)
{
	struct packet p;

	(void)state;
	w.frame.len = 0;
	bytes_text(&w.frame, "x");
	udp(&w.frame, 5000, 53);
	for (int i = 0; i < 6; i++)
		ip4(&w.frame, "10.0.0.1", "10.0.1.1", i ? IPPROTO_IPIP : IPPROTO_UDP);
	classic(&w, CLASSIC_US, 101);
	record(&w, 1000, 0, w.frame.len);
	finish_file(NULL);
	conf.decapsulate = DECAP_ALL;
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), 1);
	assert_int_equal(p.len, w.frame.len - 4 * 20);
	assert_int_equal(p.data[9], IPPROTO_IPIP);
}

static void frames_that_are_no_ip_are_counted_and_passed_over(void **state)
{
	struct event_counter counters[32];
	struct packet p;

	(void)state;
	w.frame.len = 0;
	bytes_fill(&w.frame, 0, 40);
	ethernet(&w.frame, 0x0806);
	classic(&w, CLASSIC_US, 1);
	record(&w, 1000, 0, w.frame.len);
	finish_file(NULL);
	assert_int_equal(open_all(), 0);
	assert_int_equal(next(&p), -ENODATA);
	assert_true(source_pcap_counters(source, counters, 32) > 2);
	assert_string_equal(counters[2].name, "not_ip");
	assert_int_equal(counters[2].value, 1);
}

static void operand_is_a_file_or_a_name_and_a_file(void **state)
{
	char plain[] = "x.pcap", named[] = "k0=dir/x.pcap", path[] = "dir/a=b.pcap", empty[] = "=x";

	(void)state;
	assert_null(source_pcap_parse(plain).interface);
	assert_string_equal(source_pcap_parse(named).path, "dir/x.pcap");
	assert_string_equal(named, "k0");
	assert_string_equal(source_pcap_parse(path).path, "dir/a=b.pcap");
	assert_null(source_pcap_parse(empty).interface);
}

static void indexes_are_numbers_with_names(void **state)
{
	struct source_pcap_index indexes[2] = { 0 };
	char two[] = "3=k0,12=l0", three[] = "1=a,2=b,3=c", bare[] = "3",
	     unnamed[] = "3=", none[] = "", negative[] = "0=k0";

	(void)state;
	assert_int_equal(source_pcap_parse_indexes(two, indexes, 2), 2);
	assert_int_equal(indexes[0].index, 3);
	assert_string_equal(indexes[0].name, "k0");
	assert_int_equal(indexes[1].index, 12);
	assert_string_equal(indexes[1].name, "l0");
	assert_int_equal(source_pcap_parse_indexes(three, indexes, 2), 0);
	assert_int_equal(source_pcap_parse_indexes(bare, indexes, 2), 0);
	assert_int_equal(source_pcap_parse_indexes(unnamed, indexes, 2), 0);
	assert_int_equal(source_pcap_parse_indexes(none, indexes, 2), 0);
	assert_int_equal(source_pcap_parse_indexes(negative, indexes, 2), 0);
}

static void read_prefix(const uint8_t *data, size_t n, void *ctx)
{
	struct packet p;
	int r;

	(void)ctx;
	w.file.len = 0;
	bytes_add(&w.file, data, n);
	given_count = 0;
	finish_file(NULL);
	r = open_all();
	while (r == 0 || r == 1)
		r = next(&p);
	assert_true(r == -EPROTO || r == -EPIPE || r == -ENOMSG || r == -ENODATA || r == -EBADMSG);
	if (source)
		source->ops->close(source);
	source = NULL;
	close(files[0].fd);
	given_count = 0;
}

static void every_truncation_is_told_or_harmless(void **state)
{
	static struct bytes whole;

	(void)state;
	make_frame(&w, 'a');
	classic(&w, CLASSIC_US, 1);
	record(&w, 1000, 0, w.frame.len);
	whole = w.file;
	each_prefix(whole.at, whole.len, read_prefix, NULL);
	w.file.len = 0;
	section(&w, true);
	interface_block(&w, 1, "k0", 9);
	enhanced(&w, 0, 1, 2);
	whole = w.file;
	each_prefix(whole.at, whole.len, read_prefix, NULL);
}

#define WITH_FILES(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FILES(classic_capture_gives_packets_and_the_end),
		WITH_FILES(nanoseconds_are_kept),
		WITH_FILES(cut_frame_keeps_its_length_on_the_wire),
		WITH_FILES(name_given_with_a_file_is_its_interface),
		WITH_FILES(several_files_are_merged_by_time),
		WITH_FILES(empty_file_among_others_is_no_problem),
		WITH_FILES(missing_file_is_told),
		WITH_FILES(directory_is_told),
		WITH_FILES(text_and_nothing_are_no_captures),
		WITH_FILES(capture_without_packets_is_told),
		WITH_FILES(unknown_link_type_is_told_by_name),
		WITH_FILES(truncated_capture_is_told_after_its_packets),
		WITH_FILES(damaged_record_is_told),
		WITH_FILES(pcapng_names_interfaces),
		WITH_FILES(pcapng_that_ends_inside_a_block_is_told),
		WITH_FILES(link_type_of_one_pcapng_interface_may_be_unknown_until_used),
		WITH_FILES(forwarded_packet_is_given_once_where_it_came_in),
		WITH_FILES(both_sights_are_given_on_request),
		WITH_FILES(packet_the_host_sent_itself_has_no_interface_it_came_in_by),
		WITH_FILES(cooked_indexes_get_the_names_given_for_them),
		WITH_FILES(fragments_are_put_together),
		WITH_FILES(fragments_are_handed_over_on_request),
		WITH_FILES(tunnels_are_opened_on_request_down_to_the_fourth),
		WITH_FILES(frames_that_are_no_ip_are_counted_and_passed_over),
		WITH_FILES(operand_is_a_file_or_a_name_and_a_file),
		WITH_FILES(indexes_are_numbers_with_names),
		WITH_FILES(every_truncation_is_told_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decode: step 2 of 7, the headers of one packet. No allocation, no state, no judgement.
 *
 * IPv4 (RFC 791), IPv6 with extension headers (RFC 8200), TCP (RFC 9293), UDP (RFC 768), ICMP
 * (RFC 792), ICMPv6 (RFC 4443); any other protocol is payload without ports.
 */
#ifndef DAEMON_DECODE_H
#define DAEMON_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/cursor.h"
#include "rules/ip.h"

struct packet;

struct headers {
	ip_t src, dst;
	uint16_t sport, dport;		/* host order; ICMP: identifier of an echo or 0, type */
	uint8_t protocol;		/* after the extension headers */
	uint8_t ttl;
	uint8_t tcp_flags;
	uint8_t icmp_type, icmp_code;
	uint32_t seq, ack;		/* TCP; seq also of an ICMP query */
	uint16_t window;		/* TCP */
	uint16_t ip_len;		/* bytes of the IP header with options or extension headers */
	uint16_t l4_len;		/* bytes of the transport header */
	uint32_t total;			/* bytes of the whole IP packet by its own length field */
	bool fragment;			/* a piece of a larger packet (also the first) */
	uint32_t frag_id;
	uint16_t frag_offset;		/* bytes */
	bool frag_more;
	bool cut;			/* the capture holds less than the packet had */
	struct cursor payload;		/* after the transport header, as far as captured; padding removed */
	const uint8_t *ip;		/* borrowed from the packet: its IP header */
};

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

enum decode_error {		/* why a packet cannot be judged; `anomaly` events name these */
	DECODE_OK,
	DECODE_SHORT,		/* a header is cut off */
	DECODE_VERSION,		/* neither 4 nor 6 */
	DECODE_LENGTH,		/* a length field contradicts another */
	DECODE_OPTIONS,		/* malformed options or extension headers, or more of them than allowed */
	DECODE_MAPPED,		/* IPv6 with a v4-mapped address on the wire */
	DECODE_COUNT,
};

extern const char *const decode_error_words[DECODE_COUNT];

/**
 * decode_packet - read the headers of a packet that starts at its IP header
 * A fragment other than the first has no ports: sport and dport 0, payload its piece.
 * Return: DECODE_OK or what is wrong, with *h as far as it was read.
 */
enum decode_error decode_packet(const struct packet *p, struct headers *h);

/* decode_embedded - the header inside an ICMP error (it is cut short as a rule); same results */
enum decode_error decode_embedded(struct cursor c, struct headers *h);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/capture/wifi.h"

#include "daemon/capture/ethertype.h"

static uint16_t peek_le16(struct cursor c)
{
	return cursor_le16(&c);
}

/*
 * IEEE 802.11-2016, 9.2.3: control, duration, three addresses, sequence; a fourth address between access
 * points, QoS in half of the data types, HT control when the order bit is set with QoS.
 */
static enum link_result data_frame(struct cursor c, struct link *out, bool padded)
{
	uint16_t control = peek_le16(c);
	uint8_t subtype = control >> 4 & 15;
	uint32_t length = 24;

	if ((control >> 2 & 3) != 2 || (subtype & 4) || (control & 0x4000))
		return c.left < 2 ? LINK_SHORT : LINK_OTHER; /* no data, null data, protected */
	if ((control & 0x0300) == 0x0300)
		length += 6;
	if (subtype & 8)
		length += control & 0x8000 ? 6 : 2;
	if (padded)
		length = (length + 3) & ~3u;
	cursor_skip(&c, length);
	return link_llc(c, out);
}

enum link_result wifi_frame(struct cursor c, struct link *out)
{
	return data_frame(c, out, false);
}

/* radiotap.org: version, pad, length, presence words; the flags stand first, or behind the 8-byte TSFT. */
enum link_result wifi_radiotap(struct cursor c, struct link *out)
{
	struct cursor head = c;
	uint32_t length, present, more;
	uint8_t flags = 0;

	cursor_skip(&head, 2);
	length = cursor_le16(&head);
	present = more = cursor_le32(&head);
	while ((more & 0x80000000u) && !head.tripped)
		more = cursor_le32(&head);
	if (present & 1)
		cursor_skip(&head, 8 + (-(size_t)(head.at - c.at) & 7));
	if (present & 2)
		flags = cursor_u8(&head);
	cursor_skip(&c, length);
	if (head.tripped || c.tripped || length < 8)
		return LINK_SHORT;
	return flags & 0x40 ? LINK_OTHER
			    : data_frame(c, out, flags & 0x20); /* bad checksum; padded */
}

/* Prism: cookie and length in the host's order. AVS: the same in network order. */
enum link_result wifi_prism(struct cursor c, struct link *out)
{
	struct cursor head = c;
	uint32_t cookie = cursor_be32(&head), length = cursor_be32(&head);

	if (cookie >> 12 != 0x80211)
		length = cookie == 0x44000000 ? __builtin_bswap32(length) : 144;
	cursor_skip(&c, length);
	return wifi_frame(c, out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wifi: captured 802.11 frames, bare or behind a header of the capturing driver. As link_strip.
 */
#ifndef DAEMON_CAPTURE_WIFI_H
#define DAEMON_CAPTURE_WIFI_H

#include "daemon/capture/link.h"

enum link_result wifi_frame(struct cursor c, struct link *out);		/* IEEE802_11 */
enum link_result wifi_radiotap(struct cursor c, struct link *out);	/* IEEE802_11_RADIO */
enum link_result wifi_prism(struct cursor c, struct link *out);		/* PRISM_HEADER and AVS */

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * eve: the words of Suricata's EVE for numbers of the wire, and which counters its schema knows.
 */
#ifndef DAEMON_RECORD_EVE_H
#define DAEMON_RECORD_EVE_H

#include <stdbool.h>
#include <stdint.h>

const char *eve_protocol(uint8_t protocol, char buf[static 8]);
const char *eve_dns_type(uint16_t type, char buf[static 12]);
const char *eve_dns_rcode(uint16_t rcode, char buf[static 12]);

/* eve_counter - whether EVE's `stats` has that counter; ours stand in sekimori.stats */
bool eve_counter(const char *group, const char *name);

#endif

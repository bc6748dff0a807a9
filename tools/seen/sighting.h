/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sighting: one conversation as one line of the event files tells it.
 *
 * A `flow` event is a conversation that came to its end; a blocked `alert` is one that did not come about. A line
 * is believed as far as its form goes: the file may have been damaged, and names in it were chosen by peers.
 */
#ifndef TOOLS_SEEN_SIGHTING_H
#define TOOLS_SEEN_SIGHTING_H

#include <stdbool.h>
#include <stdint.h>

#include "rules/policy.h"
#include "tools/cli_json.h"

#define SIGHTING_WORD 64
#define SIGHTING_NAMES 2048

struct sighting {
	struct tuple tuple;			/* sport is not kept: 0 */
	int64_t start, end;			/* seconds since 1970 */
	uint64_t count;				/* conversations, or packets refused */
	uint64_t bytes_up, bytes_down, packets_up, packets_down;
	uint64_t least_up, most_up;		/* payload: equal where it was counted, else bounds from the packets */
	uint64_t least_down, most_down;
	uint64_t packets_seen;			/* by an engine; 0 none had to look */
	bool refused;				/* it did not get through, or was ended */
	bool from_box, to_box;			/* the appliance's own */
	bool body;				/* an HTTP request carried one */
	bool unreadable, midstream;
	char application[SIGHTING_WORD];	/* nDPI's label, "TLS.Google"; "" not known */
	char app_proto[SIGHTING_WORD];		/* EVE's word; "" not known */
	char inside[SIGHTING_WORD];		/* application inside a proxy's tunnel */
	char permit[SIGHTING_WORD];		/* the statement that decided then */
	char names[SIGHTING_NAMES];		/* asked for, one a line, in their order; "" none */
	bool names_cut;				/* there were more, or longer ones, than are kept */
};

enum sighting_result { SIGHTING_TAKEN, SIGHTING_OTHER, SIGHTING_DAMAGED };

/**
 * sighting_read - of a parsed line
 * Return: SIGHTING_TAKEN; SIGHTING_OTHER a good line of something else; SIGHTING_DAMAGED neither addresses nor
 * times as they should be.
 */
enum sighting_result sighting_read(const struct cli_json *j, struct sighting *out);

#endif

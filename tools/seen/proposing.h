/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proposing: what the files that make proposals share.
 *
 *	proposal.c		entries -> one proposal for a server and service, wider where many do the same
 *	proposal_sets.c		its terminals, servers, ports and words
 *	proposal_join.c		one proposal where several share all but servers, or services
 */
#ifndef TOOLS_SEEN_PROPOSING_H
#define TOOLS_SEEN_PROPOSING_H

#include "tools/seen/proposal.h"

/* proposal_add_end - by address; beyond a limit it is only noted that there are more. Return: false for no memory */
bool proposal_add_end(struct proposal_ends *s, ip_t a, uint64_t count);
bool proposal_same_ends(const struct proposal_ends *a, const struct proposal_ends *b);

void proposal_add_word(struct proposal_words *w, const char *word, uint64_t count);
void proposal_join_words(struct proposal_words *to, const struct proposal_words *from);
bool proposal_same_words(const struct proposal_words *a, const struct proposal_words *b);

/* proposal_add_port - kept ascending; where there is no room, the nearest range of the protocol is stretched */
void proposal_add_port(struct proposal *p, struct port_range r);
bool proposal_same_ports(const struct proposal *a, const struct proposal *b);

/* proposals_join - Return: false for no memory */
bool proposals_join(struct proposals *s);

#endif

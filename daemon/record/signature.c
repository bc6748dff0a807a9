/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/record/signature.h"

#include <stddef.h>

#include "daemon/record/event.h"
#include "daemon/record/signatures.h"

#define SIGNATURE_(n, d, r, b, s, english, japanese) \
	{ 1700000 + n, DETECTOR_##d, EVENT_REASON_##r, b, s, "SEKIMORI " english, japanese },
static const struct signature signatures[] = { SIGNATURES(SIGNATURE_) };

#define COUNT (sizeof(signatures) / sizeof(signatures[0]))

static const struct signature *find(uint8_t detector, uint8_t reason, bool blocked)
{
	for (uint32_t i = 0; i < COUNT; i++)
		if (signatures[i].detector == detector && signatures[i].reason == reason &&
		    signatures[i].blocked == blocked)
			return &signatures[i];
	return NULL;
}

const struct signature *signature_of(const struct event *ev)
{
	const struct signature *s = find(ev->detector, ev->reason, ev->blocked);

	if (!s)
		s = find(ev->detector, EVENT_REASON_NONE, ev->blocked);
	if (!s)
		s = find(ev->detector, EVENT_REASON_NONE, !ev->blocked);
	return s ? s : &signatures[0];
}

const struct signature *signature_at(uint32_t i)
{
	return i < COUNT ? &signatures[i] : NULL;
}

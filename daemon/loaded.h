/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loaded: a policy as an engine uses it: its applications bound to nDPI's numbers, its classes to the
 * kernel's, and of each class what every packet would otherwise have to find out again.
 */
#ifndef DAEMON_LOADED_H
#define DAEMON_LOADED_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/content/recognise.h"
#include "rules/policy.h"
#include "rules/sha256.h"

struct charsets;
struct finding;
struct inspect;
struct scan_shared;

struct class_traits {
	bool names;		/* some member asks for a name */
	bool ftp;		/* some member's service is FTP: control and announced data connections */
	bool ftp_only;		/* every permit's is: what nobody announced can only be refused */
	bool directed;		/* some member permits one direction: bytes are counted to the end */
	bool download;		/* ... download */
	bool offload;		/* a PASS may go to the flowtable */
	bool content;		/* what is carried is inspected */
};

struct loaded {
	const struct policy *policy;	/* borrowed */
	uint32_t since;			/* engine's epoch at which it came into force */
	int64_t as_of;			/* s since 1970: dates and windows are judged as of then; 0: by each packet's time */
	struct class_traits *traits;	/* owned; of each class */
	uint16_t *numbers;		/* owned; kernel number of each class, 0 none */
	uint32_t *by_number;		/* owned; class of each number, 65536 of them */
	uint64_t *bits;			/* owned; applications of the policy that each nDPI number is */
	uint16_t apps;			/* of bits */
	struct scan_shared *scan;	/* shared; NULL when no class inspects content */
	uint64_t own[KNOWN_COUNT];	/* the same for what `recognise` says */
	char hash[SHA256_HEX];
};

/**
 * loaded_new - bind a policy
 * @numbers: as engine_load
 * Return: 0; -ENOMEM; -ENOENT and @why: an application that nDPI does not know.
 */
int loaded_new(const struct policy *p, const uint16_t *numbers, struct inspect *in, struct charsets *charsets,
	       struct loaded **out, char why[static 160]);
void loaded_free(struct loaded *l);

/* loaded_knows - whether a policy may name that application: nDPI's words, and "FTP", "SMB" for its pairs */
bool loaded_knows(struct inspect *in, const char *name);

/* loaded_bits - the policy's applications that a finding is evidence for */
uint64_t loaded_bits(const struct loaded *l, const struct finding *f, enum recognised own);

/* loaded_ftp_data - whether a port of an FTP class is of its passive range */
bool loaded_ftp_data(const struct loaded *l, uint32_t class, uint16_t port);

#endif

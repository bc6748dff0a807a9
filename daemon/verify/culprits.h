/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * culprits: who committed the transactions since a record was taken: which of them are ours, and who the others are.
 * No input or output but the words.
 */
#ifndef DAEMON_VERIFY_CULPRITS_H
#define DAEMON_VERIFY_CULPRITS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/kernel/generations.h"

struct text;

#define CULPRITS_MAX 32u	/* transactions kept; beyond, they are counted */
#define CLAIMS_MAX 16u		/* programs of ours at a time; the oldest is forgotten */
#define NOBODY UINT32_MAX

struct culprit {
	struct generation g;
	bool ours;
	uint32_t login;			/* who had logged in; NOBODY not known */
};

struct culprits {
	struct culprit list[CULPRITS_MAX];	/* in the order of their numbers */
	uint32_t count;
	uint32_t more;			/* not kept */
	bool lost;			/* the kernel could not tell of some */
	struct {
		uint32_t process;	/* 0: free */
		bool ended;
	} claims[CLAIMS_MAX];
	bool by_port;			/* our numbers are not the machine's: processes are known by their netlink port */
};

/* culprits_claim - a program of ours begins, or has ended */
void culprits_claim(struct culprits *c, uint32_t process, bool ended);

/* culprits_settle - everything that ended programs did has been heard: their numbers may be somebody else's now */
void culprits_settle(struct culprits *c);

/* culprits_hear - a transaction. Return: the entry, NULL when it could only be counted */
struct culprit *culprits_hear(struct culprits *c, const struct generation *g);

/* culprits_foreign - whether any up to a generation is not ours; culprits_own - whether any is */
bool culprits_foreign(const struct culprits *c, uint32_t generation);
bool culprits_own(const struct culprits *c, uint32_t generation);

/* culprits_forget - those up to a generation */
void culprits_forget(struct culprits *c, uint32_t generation);

/* culprits_text - those up to a generation that are not ours: "process 42 (nft) of login 1000, ..." */
void culprits_text(const struct culprits *c, uint32_t generation, bool japanese, struct text *out);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * features: what this kernel can do, found by trying, and the settings under /proc/sys that the
 * ruleset stands on.
 */
#ifndef DAEMON_KERNEL_FEATURES_H
#define DAEMON_KERNEL_FEATURES_H

#include <stdbool.h>

struct policy;
struct text;

/**
 * features_queue - whether nft knows `queue`; else iptables-nft's target NFQUEUE has to do it, by slot mark
 * By `nft -c`, which changes nothing. Return: 0; -ENOENT there is no nft; -EPERM it cannot be used at all; -errno
 */
int features_queue(bool *native);

/* features_flowtable - whether nft knows `flow add`, likewise */
bool features_flowtable(void);

/* features_devices - whether every interface of the policy is there: a flowtable does not load otherwise */
bool features_devices(const struct policy *p);

/**
 * features_slots - make the iptables-nft rules of the fallback be what they should
 * @rules: of nft_slots()
 * @changed: set when anything had to be done; @err: the program's own words on failure
 * Return: 0; -ENOENT no iptables-nft; -EIO it refused.
 */
int features_slots(const char *rules, bool *changed, struct text *err);

/**
 * features_settings - set what the ruleset needs
 * @p: its interfaces too; NULL: what needs no policy
 * @told: called for each value that had to be changed, and (failed) for each that could not be
 */
void features_settings(const struct policy *p,
		       void (*told)(void *ctx, const char *path, const char *value, bool failed), void *ctx);

#endif

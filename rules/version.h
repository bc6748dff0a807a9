/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * version: what `sekimori version`, the daemon's log and every stats event call this software.
 */
#ifndef RULES_VERSION_H
#define RULES_VERSION_H

#define SEKIMORI_VERSION "0.1.0"

#endif

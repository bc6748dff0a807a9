/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * identifier: numbers that are given to people and firms in Japan, by their check digits.
 *
 * A right check digit proves little: every tenth run of digits has one. What it is worth, evidence.h says.
 */
#ifndef DAEMON_CONTENT_SCAN_IDENTIFIER_H
#define DAEMON_CONTENT_SCAN_IDENTIFIER_H

#include <stdbool.h>
#include <stdint.h>

/* Each takes its digits as values 0 to 9, most significant first. */

/* My Number, 12 digits: ordinance 85 of 2014 of the Ministry of Internal Affairs, article 5 */
bool identifier_my_number(const uint8_t d[static 12]);
/* 住民票コード, 11 digits: notice 436 of 2002 of the same */
bool identifier_resident_code(const uint8_t d[static 11]);
/* 法人番号, 13 digits, check digit first: ordinance 70 of the Ministry of Finance, article 2 */
bool identifier_corporate(const uint8_t d[static 13]);
/* 運転免許証番号, 12 digits: issuing commission, and the check digit in the eleventh place */
bool identifier_licence(const uint8_t d[static 12]);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/content/scan/identifier.h"

/* Weights 2 to 7 from the right, over and over: the digit is 11 - (sum mod 11), 0 for a rest of 0 or 1. */
static unsigned int rest_of_weighted(const uint8_t *d, unsigned int n)
{
	unsigned int sum = 0, weight = 2;

	while (n--) {
		sum += d[n] * weight;
		weight = weight == 7 ? 2 : weight + 1;
	}
	return sum % 11;
}

static unsigned int check_of(unsigned int rest)
{
	return rest <= 1 ? 0 : 11 - rest;
}

bool identifier_my_number(const uint8_t d[static 12])
{
	return d[11] == check_of(rest_of_weighted(d, 11));
}

bool identifier_resident_code(const uint8_t d[static 11])
{
	return d[10] == check_of(rest_of_weighted(d, 10));
}

bool identifier_corporate(const uint8_t d[static 13])
{
	unsigned int sum = 0;

	for (unsigned int i = 1; i < 13; i++)
		sum += d[i] * (i % 2 ? 2u : 1u);
	return d[0] == 9 - sum % 9;
}

static bool commission(unsigned int n)
{
	static const uint8_t ranges[][2] = { { 10, 14 }, { 20, 25 }, { 30, 30 },
					     { 40, 49 }, { 50, 55 }, { 60, 65 },
					     { 70, 74 }, { 80, 83 }, { 90, 97 } };

	for (unsigned int i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (n >= ranges[i][0] && n <= ranges[i][1])
			return true;
	return false;
}

bool identifier_licence(const uint8_t d[static 12])
{
	return commission(d[0] * 10u + d[1]) && d[10] == (11 - rest_of_weighted(d, 10)) % 10;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prove/matrix.h"

#include <stddef.h>

#define WORDS_(N, words) [MATRIX_##N] = words,
const char *const matrix_condition_words[MATRIX_CONDITION_COUNT] = { MATRIX_CONDITIONS(WORDS_) };

/* clang-format off */
#define R(role) (1u << ROLE_##role)
#define K(kind) (1u << KIND_##kind)
#define M(model) (1u << MODEL_##model)

#define EDGE (R(GUEST) | R(SCHOOL) | R(IOT) | R(TELEWORK) | R(CONTROL))	/* one column of the table */
#define TOWN (M(ALPHA) | M(ALPHA_PRIME) | M(BETA) | M(BETA_PRIME) | M(CUSTOM))
#define BETAS (M(BETA) | M(BETA_PRIME))
#define SANITIZERS (K(MAIL_TEXT) | K(SCREEN) | K(SANITIZED_FILES))
#define ANY ((1u << KIND_COUNT) - 1)

static const struct allowance allowances[] = {
	/* initiator    toward                    models           kinds                          condition */
	{ R(MYNUMBER),  R(MYNUMBER),              TOWN,            K(SPECIFIC),                   MATRIX_ALWAYS },
	{ R(MYNUMBER),  R(PUBLIC_LINE),           TOWN,            K(SPECIFIC),                   MATRIX_ALWAYS },
	{ R(MYNUMBER),  R(LGWAN),                 TOWN,            K(SPECIFIC) | K(UPDATE),       MATRIX_ALWAYS },
	{ R(MYNUMBER),  R(BOX),                   TOWN,            ANY,                           MATRIX_TIME },
	{ R(MYNUMBER),  R(BOX),                   TOWN,            ANY,                           MATRIX_NAMES },

	{ R(PUBLIC_LINE), R(MYNUMBER) | R(LGWAN), TOWN,            K(SPECIFIC),                   MATRIX_ALWAYS },

	{ R(LGWAN),     R(MYNUMBER),              TOWN,            K(SPECIFIC) | K(UPDATE),       MATRIX_ALWAYS },
	{ R(LGWAN),     R(PUBLIC_LINE),           TOWN,            K(SPECIFIC),                   MATRIX_ALWAYS },
	{ R(LGWAN),     R(LGWAN),                 TOWN,            K(ORDINARY),                   MATRIX_ALWAYS },
	{ R(LGWAN),     R(INTERNET),              TOWN,            SANITIZERS,                    MATRIX_ALWAYS },
	{ R(LGWAN),     R(CLOUD),                 TOWN,            K(UPDATE) | K(MAIL_TEXT),      MATRIX_ALWAYS },
	{ R(LGWAN),     R(CLOUD),                 M(ALPHA_PRIME),  K(BREAKOUT),                   MATRIX_ALWAYS },
	{ R(LGWAN),     R(OUTSIDE),               M(ALPHA_PRIME),  K(BREAKOUT),                   MATRIX_TO_SITE },
	{ R(LGWAN),     R(CONTROL),               TOWN,            K(ORDINARY),                   MATRIX_ALWAYS },
	{ R(LGWAN),     R(BOX),                   TOWN,            ANY,                           MATRIX_TIME },
	{ R(LGWAN),     R(BOX),                   TOWN,            ANY,                           MATRIX_NAMES },

	{ R(INTERNET),  R(LGWAN),                 TOWN,            SANITIZERS,                    MATRIX_ALWAYS },
	{ R(INTERNET),  R(LGWAN),                 BETAS,           K(ORDINARY),                   MATRIX_TO_HOST },
	{ R(INTERNET),  R(INTERNET),              TOWN,            K(ORDINARY),                   MATRIX_ALWAYS },
	{ R(INTERNET),  R(CLOUD),                 TOWN,            K(SECURITY_CLOUD),             MATRIX_ALWAYS },
	{ R(INTERNET),  R(OUTSIDE),               BETAS,           K(BREAKOUT),                   MATRIX_ALWAYS },
	{ R(INTERNET),  EDGE,                     TOWN,            K(ORDINARY),                   MATRIX_ALWAYS },
	{ R(INTERNET),  R(BOX),                   TOWN,            ANY,                           MATRIX_TIME },
	{ R(INTERNET),  R(BOX),                   TOWN,            ANY,                           MATRIX_NAMES },

	{ R(CLOUD),     R(LGWAN),                 TOWN,            K(MAIL_TEXT) | K(UPDATE),      MATRIX_ALWAYS },
	{ R(CLOUD),     R(INTERNET),              TOWN,            K(SECURITY_CLOUD),             MATRIX_ALWAYS },

	{ R(TELEWORK),  R(INTERNET),              TOWN,            K(ORDINARY),                   MATRIX_TO_HOST },
	{ R(GUEST) | R(SCHOOL) | R(TELEWORK), R(OUTSIDE), TOWN,    K(ORDINARY),                   MATRIX_ALWAYS },
	{ R(IOT),       R(OUTSIDE),               TOWN,            K(ORDINARY),                   MATRIX_TO_SITE },
	{ R(SCHOOL),    R(SCHOOL),                TOWN,            SANITIZERS,                    MATRIX_ALWAYS },
	{ R(SCHOOL),    R(SCHOOL),                TOWN,            K(ORDINARY),                   MATRIX_TO_HOST },

	{ R(CONTROL),   R(LGWAN),                 TOWN,            K(ORDINARY),                   MATRIX_TO_HOST },
	{ R(CONTROL),   R(OUTSIDE),               TOWN,            K(ORDINARY),                   MATRIX_TO_SITE },
	{ R(CONTROL),   R(BOX),                   TOWN,            ANY,                           MATRIX_TIME },

	{ R(MANAGEMENT), R(MYNUMBER) | R(LGWAN) | R(INTERNET) | EDGE, TOWN, K(MAINTENANCE),       MATRIX_ALWAYS },
	{ R(MANAGEMENT), R(BOX),                  TOWN,            K(MAINTENANCE),                MATRIX_ALWAYS },
	{ R(MANAGEMENT), R(BOX),                  TOWN,            ANY,                           MATRIX_SSH },
	{ R(MANAGEMENT), R(BOX),                  TOWN,            ANY,                           MATRIX_PING },

	/* the appliance itself: time, names, logs and its own updates; nothing toward mynumber or a public line */
	{ R(BOX),       R(LGWAN) | R(INTERNET) | R(CLOUD) | R(OUTSIDE) | R(MANAGEMENT), TOWN, ANY, MATRIX_TIME },
	{ R(BOX),       R(LGWAN) | R(INTERNET) | R(CLOUD) | R(OUTSIDE) | R(MANAGEMENT), TOWN, ANY, MATRIX_NAMES },
	{ R(BOX),       R(LGWAN) | R(INTERNET) | R(CLOUD) | R(MANAGEMENT), TOWN, ANY,             MATRIX_LOGS },
	{ R(BOX),       R(LGWAN) | R(INTERNET) | R(CLOUD), TOWN,   K(UPDATE),                     MATRIX_TO_HOST },
	{ R(BOX),       R(MANAGEMENT),            TOWN,            K(MAINTENANCE),                MATRIX_ALWAYS },
};
/* clang-format on */

#define KEPT (R(MYNUMBER) | R(PUBLIC_LINE) | R(BOX))

const struct allowance *matrix_next(enum model m, enum role from, enum role to,
				    const struct allowance *after)
{
	const struct allowance *end = allowances + sizeof(allowances) / sizeof(allowances[0]);

	for (const struct allowance *a = after ? after + 1 : allowances; a < end; a++)
		if ((a->models >> m & 1) && (a->from >> from & 1) && (a->to >> to & 1))
			return a;
	return NULL;
}

bool matrix_is_free(enum model m, enum role from, enum role to)
{
	if (m == MODEL_LAB)
		return true;
	return m == MODEL_CUSTOM && !(KEPT >> from & 1) && !(KEPT >> to & 1);
}

bool matrix_is_open(enum model m, enum role from, enum role to)
{
	const struct allowance *a = NULL;

	if (matrix_is_free(m, from, to))
		return true;
	while ((a = matrix_next(m, from, to, a)))
		if ((a->kinds & K(ORDINARY)) && a->condition == MATRIX_ALWAYS)
			return true;
	return false;
}

uint16_t matrix_kind(enum kind k)
{
	return (uint16_t)(k == KIND_SANITIZER ? SANITIZERS : 1u << k);
}

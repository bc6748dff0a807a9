/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_prove: an image that is accepted can be proved, compared and put into words, whatever it says; and it
 * does not differ from itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/arena.h"
#include "rules/image.h"
#include "rules/json.h"
#include "rules/prove/diff_report.h"
#include "rules/prove/prove.h"
#include "rules/prove/report.h"
#include "rules/sha256.h"
#include "rules/text.h"
#include "tests/unit/policy_fixture.h"

#define NODES 50000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend_hash(uint8_t *image, size_t size)
{
	struct sha256 s;

	if (size < 48)
		return;
	sha256_init(&s);
	sha256_add(&s, image + 8, 8);
	sha256_add(&s, image + 48, size - 48);
	sha256_end(&s, image + 16);
}

static void put_into_words(const struct policy *p, const struct proof *f)
{
	const struct proof_places nowhere = { NULL, NULL, NULL, NULL, NULL };
	struct diags d = { .arena = arena_new((size_t)16 << 20) };
	struct text t = { 0 };
	struct json j = json_to(&t);

	if (d.arena)
		proof_report(f, p, &nowhere, &d);
	proof_json(f, p, &j, NULL);
	text_done(&t);
	arena_free(d.arena);
}

static void prove_it(const struct policy *p)
{
	struct prover *v = prover_new(NODES);
	struct proof once, twice;

	if (!v || prove_policy(v, p, 1780000000, 0, &once) < 0)
		abort();
	put_into_words(p, &once);
	if (prove_policy(v, p, 1780000000, 0, &twice) < 0 || once.result != twice.result ||
	    once.errors != twice.errors || once.claims != twice.claims)
		abort();
	proof_done(&once);
	proof_done(&twice);
	prover_free(v);
}

static enum diff_result compare(const struct policy *p, const struct policy *q)
{
	struct differ *v = differ_new(NODES);
	struct diff d;
	struct text t = { 0 };

	if (!v || diff_policies(v, p, q, &d) < 0)
		abort();
	struct diff_view view = { &d, p, q, DIAG_ENGLISH, false };
	enum diff_result r = d.result;

	diff_put_text(&view, &t);
	text_done(&t);
	diff_done(&d);
	differ_free(v);
	return r;
}

static void ask(const struct policy *p)
{
	struct fixture *f = fixture_town();
	enum diff_result r = compare(p, p);

	if (r != DIFF_NEUTRAL && r != DIFF_UNKNOWN)
		abort();
	prove_it(p);
	compare(p, fixture_policy(f));
	fixture_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *image = malloc(size ? size : 1); /* aligned, as image_read wants it */
	struct policy p;
	char why[160];

	if (!image)
		return 0;
	if (size)
		memcpy(image, data, size);
	mend_hash(image, size);
	if (image_read(image, size, &p, why) == 0)
		ask(&p);
	free(image);
	return 0;
}

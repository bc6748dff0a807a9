/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_image: bytes -> image_read; whatever is accepted can be asked anything and written as a ruleset.
 * The hash is made right first, else nothing would ever get past it.
 */
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/image.h"
#include "rules/kernel/live.h"
#include "rules/kernel/nft.h"
#include "rules/policy.h"
#include "rules/sha256.h"
#include "rules/text.h"

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

static void ask_class(const struct policy *p, uint32_t class, uint64_t bits)
{
	static const char *const names[] = { "a.example", "evil", "" };
	struct facts f = {
		.apps = bits,
		.app_known = bits & 1,
		.app_final = bits & 2,
		.name_known = bits & 4,
		.name_final = bits & 8,
		.name = bits & 4 ? names[bits % 3] : NULL,
		.up = bits >> 3,
		.down = bits >> 5,
		.now = (int64_t)(bits % 4000000000u),
	};
	struct decision d = policy_decide(p, class, &f);

	if (d.statement != POLICY_NONE && d.statement >= p->statements_count)
		abort();
}

/* The corner of every box is of its class. */
static void ask_box(const struct policy *p, const struct pair *pair, const struct box *b)
{
	struct tuple t = {
		.src = b->src.hi,
		.dst = b->dst.lo,
		.dport = b->hi,
		.protocol = b->protocol_hi,
	};

	if (policy_classify(p, pair->from, pair->to, &t) != b->class)
		abort();
}

/* Names come from the image: none of them may end a line or open a block of the ruleset. */
static void write_ruleset(const struct policy *p)
{
	struct live_class *live = calloc(p->classes_count + 1, sizeof(*live));
	struct nft_plan plan = { .apply = 7, .policy = p, .classes = live, .queues = 2 };
	struct text t = { 0 };
	int depth = 0;

	if (!live)
		return;
	live_classes(p, 1700000000, true, live);
	nft_add(&plan, &t);
	nft_switch(&plan, &t);
	for (const char *c = t.bytes; c && *c; c++)
		depth += (*c == '{') - (*c == '}');
	if (depth != 0 && !t.failed)
		abort();
	text_done(&t);
	free(live);
}

static void ask(const struct policy *p)
{
	uint64_t bits = 0x9e3779b97f4a7c15u;

	for (uint32_t c = 0; c < p->classes_count; c++)
		for (int i = 0; i < 8; i++, bits = bits * 6364136223846793005u + 1)
			ask_class(p, c, bits >> 8);
	for (uint32_t i = 0; i < p->pairs_count; i++)
		for (uint32_t b = 0; b < p->pairs[i].boxes.count; b++)
			ask_box(p, &p->pairs[i], &p->boxes[p->pairs[i].boxes.first + b]);
	for (uint32_t i = 0; i < p->statements_count; i++)
		if (policy_ends(p, &p->statements[i], 1700000000) <= 1700000000)
			abort();
	policy_next_change(p, 1700000000);
	policy_zone_of_address(p, IP_V4_BASE);
	policy_zone_of_interface(p, "eth0");
	write_ruleset(p);
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

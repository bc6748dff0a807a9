/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_rules: any bytes as a policy text. What builds is listed and built again: the same image. What
 * does not build has said why; all messages can be printed in both languages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/build.h"
#include "rules/image.h"
#include "rules/json.h"
#include "rules/list.h"
#include "rules/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

static void print_messages(const struct diags *d)
{
	FILE *out = fopen("/dev/null", "w");
	struct text t = { 0 };
	struct json j = json_to(&t);

	require(out != NULL);
	diag_print(d, (struct diag_style){ .language = DIAG_JAPANESE, .colour = true }, out);
	diag_print(d, (struct diag_style){ .language = DIAG_ENGLISH, .ascii = true }, out);
	diag_json(d, &j, NULL);
	fclose(out);
	text_done(&t);
}

/* An image on memory that is aligned as image_read wants it. */
static void read_back(const struct text *image)
{
	struct policy p;
	char why[160] = "";
	void *copy = malloc(image->len);

	require(copy != NULL);
	memcpy(copy, image->bytes, image->len);
	if (image_read(copy, image->len, &p, why) != 0) {
		fprintf(stderr, "image_read: %s\n", why);
		abort();
	}
	free(copy);
}

static void build_again(struct policy *p)
{
	struct text image = { 0 }, again = { 0 }, list = { 0 };
	struct build b;

	require(image_write(p, &image) == 0);
	read_back(&image);
	list_policy(p, &list);
	require(build_bytes("list", list.bytes, list.len, &b) == 0);
	if (!b.ok)
		diag_print(&b.diags, (struct diag_style){ 0 }, stderr);
	require(b.ok);
	require(image_write(&b.policy, &again) == 0);
	require(image.len == again.len && !memcmp(image.bytes, again.bytes, image.len));
	build_done(&b);
	text_done(&image);
	text_done(&again);
	text_done(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct build b;

	if (build_bytes("fuzz", data, size, &b) != 0)
		return 0;
	require(b.ok == (b.diags.errors == 0));
	print_messages(&b.diags);
	if (b.ok)
		build_again(&b.policy);
	build_done(&b);
	return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/kernel/readback/field.h"

#include <stdlib.h>

#include "rules/prove/space.h"

#define WHOLE_MAX 32 /* bits of a field that is known bit by bit */

#define FIELD_FORM_(N, form, bits) [FIELD_##N] = { FIELD_##form, bits },
static const struct {
	uint8_t form, bits;
} kinds[FIELD_KIND_COUNT] = { FIELD_KINDS(FIELD_FORM_) };

void fields_done(struct fields *f)
{
	free(f->at);
	*f = (struct fields){ 0 };
}

uint32_t fields_find(const struct fields *f, enum field_kind kind, uint32_t a, uint32_t b)
{
	for (uint32_t i = 0; i < f->count; i++)
		if (f->at[i].kind == kind && f->at[i].a == a && f->at[i].b == b)
			return i;
	return FIELD_NONE;
}

static bool grow(struct fields *f)
{
	uint32_t more = f->room ? f->room * 2 : 64;
	struct field *p = realloc(f->at, more * sizeof(*p));

	if (!p)
		return false;
	f->at = p;
	f->room = more;
	return true;
}

uint32_t fields_want(struct fields *f, enum field_kind kind, uint32_t a, uint32_t b, uint8_t bits)
{
	uint32_t i = fields_find(f, kind, a, b);

	if (i != FIELD_NONE)
		return i;
	if (f->count == FIELDS_MAX || (f->count == f->room && !grow(f))) {
		f->failed = true;
		return FIELD_NONE;
	}
	f->at[f->count] = (struct field){
		.kind = (uint8_t)kind,
		.form = kinds[kind].form,
		.bits = kinds[kind].bits ? kinds[kind].bits : bits,
		.a = a,
		.b = b,
	};
	return f->count++;
}

bool fields_bitwise(struct fields *f, uint32_t field)
{
	struct field *x = &f->at[field];

	if (x->form == FIELD_NUMBER && x->bits <= WHOLE_MAX)
		x->form = FIELD_BITS;
	return x->form == FIELD_BITS;
}

static ip_t last_of(const struct field *x, uint32_t named)
{
	if (x->form == FIELD_NAMED) {
		static const uint8_t counts[] = {
			[FIELD_FAMILY] = 2, [FIELD_STATE] = STATE_COUNT, [FIELD_DIRECTION] = 2
		};

		return (x->kind <= FIELD_OIF ? named : counts[x->kind]) - 1u;
	}
	return x->bits == 128 ? IP_MAX : ((ip_t)1 << x->bits) - 1;
}

/* Each value of a named field is told apart from every other. */
static void cut_values(struct space *s, const struct field *x, ip_t last)
{
	for (ip_t v = 0; v <= last; v++)
		space_cut(s, x->axis, (struct ip_range){ v, v });
}

void fields_place(struct fields *f, struct space *s, uint32_t named)
{
	for (int kind = 0; kind < FIELD_KIND_COUNT; kind++)
		for (uint32_t i = 0; i < f->count; i++) {
			struct field *x = &f->at[i];

			if (x->kind != kind)
				continue;
			ip_t last = last_of(x, named);

			x->axis = space_add(s, last, x->form == FIELD_BITS);
			if (x->axis != UINT32_MAX && x->form == FIELD_NAMED)
				cut_values(s, x, last);
		}
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/lang/built_in.h"

const char built_in_text[] =
	"zone box { }\n"
	"host box { zone box; }\n"
	"service any { protocol any; }\n"
	"profile strict {\n"
	"	inspect content; offload no;\n"
	"	on-overload drop; on-no-inspector drop; on-memory drop; on-midstream drop;\n"
	"	on-restart drop; on-undecodable drop;\n"
	"	on-uninspectable block; on-unknown-application block; on-mismatch block;\n"
	"	my-number block 1 per flow; resident-code block 1 per flow;\n"
	"}\n"
	"profile observe {\n"
	"	inspect metadata; offload no;\n"
	"	on-overload pass; on-no-inspector pass; on-memory pass; on-midstream pass;\n"
	"	on-restart pass; on-undecodable pass;\n"
	"	on-uninspectable alert; on-unknown-application alert; on-mismatch alert;\n"
	"}\n";

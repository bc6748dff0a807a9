/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli_applications: the compiler takes any name of an application; the engines will ask the nDPI that is installed here.
 */
#ifndef TOOLS_CLI_APPLICATIONS_H
#define TOOLS_CLI_APPLICATIONS_H

#include <stdbool.h>

struct build;

/* cli_applications_known - names that nDPI does not know become diagnostics of the build. Return: false for no memory */
bool cli_applications_known(struct build *b);

#endif

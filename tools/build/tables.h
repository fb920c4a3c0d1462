/* SPDX-License-Identifier: GPL-2.0-only */
/* A new domain's first page tables. */
#ifndef TOOLS_TABLES_H
#define TOOLS_TABLES_H

#include "build/layout.h"
#include "build/memory.h"

/* Write them through the window, as a guest would; returns the pfn of level 4. */
uint64_t tables_build(const struct layout *l, const struct memory *m);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels that were unpacked before. Unpacking takes longer than all the rest of
 * building a domain, many times over, and the same kernel starts domain after domain.
 */
#ifndef TOOLS_CACHE_H
#define TOOLS_CACHE_H

#include <stddef.h>
#include <sys/stat.h>

/* A file with what the file of that status unpacks to, open for reading; -1: none. */
int cache_find(const char *dir, const struct stat *st);

/*
 * Keep what that file unpacked to, and the CACHE_FILES that were used last. dir is
 * made, for root alone. That it could not be kept is no error: the next time takes
 * as long as this.
 */
#define CACHE_FILES 4
void cache_add(const char *dir, const struct stat *st, const void *data, size_t bytes);

/* Forget it: it is damaged. */
void cache_drop(const char *dir, const struct stat *st);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory and string functions with their usual C meaning. The macros let the
 * compiler expand copies of a small constant size, which -ffreestanding would
 * otherwise keep it from doing.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "lib/types.h"

#ifdef XENOLITH_HOST
#include <string.h>
#else

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);

#define memcpy(to, from, n) __builtin_memcpy(to, from, n)
#define memmove(to, from, n) __builtin_memmove(to, from, n)
#define memset(to, byte, n) __builtin_memset(to, byte, n)
#define memcmp(a, b, n) __builtin_memcmp(a, b, n)
#define strlen(s) __builtin_strlen(s)

#endif

/*
 * Copy as much of from as fits into to[size], always ended by NUL (size must
 * not be 0). Returns strlen(from): size or more means it was cut.
 */
size_t strlcpy(char *to, const char *from, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions of string.h. Copying and filling use the string instructions:
 * eight bytes a step, then the rest. They need no loop of ours, CPUs run them at
 * full width, and there are no SSE registers to do better with. The host build
 * has a C library and takes strlcpy() alone from here.
 */
#include "lib/string.h"

#ifndef XENOLITH_HOST

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen

/* Keeps gcc from making a call to strlen() of the loop in strlen(). */
#define __plain_loops __attribute__((optimize("no-tree-loop-distribute-patterns")))

void *memcpy(void *to, const void *from, size_t n)
{
	void *d = to;
	size_t words = n / 8, bytes = n % 8;

	__asm__ volatile("rep movsq\n\t"
			 "mov %3, %0\n\t"
			 "rep movsb"
			 : "+c"(words), "+D"(d), "+S"(from)
			 : "r"(bytes)
			 : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	u8 *d;
	const u8 *s;

	if ((u64)to - (u64)from >= n)
		return memcpy(to, from, n);
	/* The target begins inside the source: from the end down. */
	d = (u8 *)to + n - 1;
	s = (const u8 *)from + n - 1;
	__asm__ volatile("std; rep movsb; cld"
			 : "+c"(n), "+D"(d), "+S"(s)
			 :
			 : "memory");
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	void *d = to;
	size_t words = n / 8, bytes = n % 8;

	__asm__ volatile("rep stosq\n\t"
			 "mov %2, %0\n\t"
			 "rep stosb"
			 : "+c"(words), "+D"(d)
			 : "r"(bytes), "a"((u8)byte * 0x0101010101010101ull)
			 : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

size_t __plain_loops strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n && *a && *a == *b; a++, b++, n--)
		;
	return n ? (u8)*a - (u8)*b : 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++) {
		if (!*s)
			return NULL;
	}
	return (char *)s;
}

#endif

size_t strlcpy(char *to, const char *from, size_t size)
{
	size_t n = strlen(from);
	size_t fits = min(n, size - 1);

	memcpy(to, from, fits);
	to[fits] = '\0';
	return n;
}

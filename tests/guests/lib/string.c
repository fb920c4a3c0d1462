/* The few C library functions that guests use and the compiler may call. */
#include "string.h"

void *memset(void *to, int byte, size_t len)
{
	void *p = to;

	__asm__ volatile("rep stosb" : "+D"(p), "+c"(len) : "a"(byte) : "memory");
	return to;
}

void *memcpy(void *to, const void *from, size_t len)
{
	void *p = to;

	__asm__ volatile("rep movsb" : "+D"(p), "+S"(from), "+c"(len) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t len)
{
	char *t = to;
	const char *f = from;

	if (t <= f)
		return memcpy(to, from, len);
	while (len--)
		t[len] = f[len];
	return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *x = a, *y = b;

	for (; len; len--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	return len;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, ~0UL);
}

int strncmp(const char *a, const char *b, size_t len)
{
	for (; len; len--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

int contains(const char *s, const char *needle)
{
	size_t len = strlen(needle);

	for (; *s; s++)
		if (!strncmp(s, needle, len))
			return 1;
	return !len;
}

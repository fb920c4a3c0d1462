/* SPDX-License-Identifier: GPL-2.0-only */
/* lib/format.c: every conversion it has gives what the C library gives. */
#include "test.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Not a part of the core: the source itself. */
#include "lib/format.c"

#define same(fmt, ...)                                                        \
	do {                                                                  \
		char ours[128], libc[128];                                    \
		int n = format(ours, sizeof(ours), fmt, ##__VA_ARGS__);       \
		assert_int_equal(snprintf(libc, sizeof(libc), fmt,            \
					  ##__VA_ARGS__), n);                 \
		assert_string_equal(ours, libc);                              \
	} while (0)

static void test_numbers(void **state)
{
	int zero = 0;

	same("%d %i %u", -5, 77, 3000000000u);
	same("%5d|%-5d|%05d|%+d|% d", 42, 42, -42, 42, 42);
	same("%x %X %#x %#x", 0xdeadbeef, 0xbeef, 0x12, 0);
	same("%lx %llx %zu %ld %lld", 0x123456789abcdeful, ~0ull, (size_t)123,
	     -1l, LLONG_MIN);
	same("%016lx|%-16lx|%8.4x|%.3d", 0x12ul, 0x12ul, 0x1f, 5);
	same("%.0d|%08x", zero, 0);
	same("%hhx %hhd %hx %hd", (unsigned char)0xff, (signed char)-3,
	     (unsigned short)0x2345, (short)-4);
	same("%*d|%-*d|%.*d", 6, 3, 6, 3, 4, 3);
}

static void test_text(void **state)
{
	same("plain %% text");
	same("%s|%10s|%-10s|%.2s|%.*s|%*s", "abc", "abc", "abc", "abc", 1, "abc",
	     6, "abc");
	same("%c%5c%-5c|", 'x', 'y', 'z');
	same("%s", "");
}

static void test_pointer(void **state)
{
	char buf[32];

	assert_int_equal(format(buf, sizeof(buf), "%p", (void *)0x12ab), 16);
	assert_string_equal(buf, "00000000000012ab");
}

static void test_cut(void **state)
{
	char buf[8] = "*******";

	assert_int_equal(format(buf, 4, "%s", "0123456789"), 10);
	assert_memory_equal(buf, "012\0***", 8);
	assert_int_equal(format(buf, 1, "%d", 42), 2);
	assert_memory_equal(buf, "\0" "12\0***", 8);
	assert_int_equal(format(NULL, 0, "abc"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_pointer),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

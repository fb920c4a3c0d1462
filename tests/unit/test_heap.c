/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/heap.c, which elsewhere in these tests the C library's heap stands in for.
 * It keeps its pages for good, so there is no end to its machine.
 */
#include "test.h"

#include <string.h>

#define heap_alloc real_heap_alloc
#define heap_free real_heap_free
#include "mm/heap.c"
#undef heap_alloc
#undef heap_free

#include "sim/sim.h"

static int setup(void **state)
{
	sim_init(4 << 20);
	return 0;
}

static bool is_zero(const char *p, size_t bytes)
{
	while (bytes--)
		if (*p++)
			return false;
	return true;
}

/* Aligned, empty, and apart from each other. */
static void test_sizes(void **state)
{
	static char *object[200];
	static size_t bytes[200];

	for (unsigned int n = 0; n < 200; n++) {
		bytes[n] = n * 29;
		object[n] = real_heap_alloc(bytes[n]);
		assert_non_null(object[n]);
		assert_int_equal((u64)object[n] % 16, 0);
		assert_true(is_zero(object[n], bytes[n]));
		memset(object[n], n + 1, bytes[n]);
	}
	for (unsigned int n = 0; n < 200; n++) {
		for (size_t i = 0; i < bytes[n]; i++)
			assert_int_equal((u8)object[n][i], n + 1);
		real_heap_free(object[n]);
	}
	real_heap_free(NULL);
}

/* What is freed serves again, and is empty again. */
static void test_reuse(void **state)
{
	u64 before;

	for (unsigned int bytes = 1; bytes <= 2048; bytes *= 2)
		real_heap_free(real_heap_alloc(bytes));
	before = frames_free_count();
	for (unsigned int n = 0; n < 10000; n++) {
		char *p = real_heap_alloc(n % 2049);

		assert_true(is_zero(p, n % 2049));
		memset(p, 0xa5, n % 2049);
		real_heap_free(p);
	}
	assert_int_equal(frames_free_count(), before);
}

/* More than half a page is whole frames, and these come back. */
static void test_blocks(void **state)
{
	u64 before = frames_free_count();
	void *p = real_heap_alloc(2049), *q = real_heap_alloc(3 * PAGE_SIZE);

	assert_int_equal(frames_free_count(), before - 5);
	assert_int_equal((u64)q % PAGE_SIZE, 0);
	real_heap_free(p);
	real_heap_free(q);
	assert_int_equal(frames_free_count(), before);
	assert_null(real_heap_alloc(1ul << 32));
}

static void test_exhaustion(void **state)
{
	struct list {
		struct list *next;
	} *all = NULL, *p;
	u64 before = frames_free_count(), n = 0, again = 0;

	while ((p = real_heap_alloc(2048))) {
		p->next = all;
		all = p;
		n++;
	}
	assert_true(n >= 2 * before);
	assert_null(real_heap_alloc(PAGE_SIZE));
	while (all) {
		p = all->next;
		real_heap_free(all);
		all = p;
	}
	/* Its pages belong to that size now, and serve it as well as before. */
	while ((p = real_heap_alloc(2048))) {
		p->next = all;
		all = p;
		again++;
	}
	assert_int_equal(again, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sizes, setup),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_exhaustion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

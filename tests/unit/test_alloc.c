/* SPDX-License-Identifier: GPL-2.0-only */
/* The page allocator: blocks, addresses, contents, and every frame accounted for. */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "mm/alloc.h"
#include "mm/frame.h"
#include "sim/sim.h"

#define RAM (4ul << 20)
#define FRAMES (RAM >> PAGE_SHIFT)

static u64 free_before;

static int setup(void **state)
{
	sim_init(RAM);
	free_before = frames_free_count();
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(frames_free_count(), free_before);
	sim_exit();
	return 0;
}

static bool is_zero(const struct frame *f)
{
	const u64 *p = frame_to_virt(f);

	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(u64); i++)
		if (p[i])
			return false;
	return true;
}

/* To the last frame, and all of them back. */
static void test_exhaustion(void **state)
{
	static struct frame *f[FRAMES];
	u64 n = 0;

	while ((f[n] = frames_alloc(0, 0))) {
		assert_int_equal(f[n]->ref, FRAME_ALLOCATED | 1);
		assert_int_equal(f[n]->owner, DOMID_INVALID);
		assert_int_equal(f[n]->type, 0);
		n++;
		assert_int_equal(frames_free_count(), free_before - n);
	}
	assert_int_equal(n, free_before);
	assert_null(frames_alloc(0, ALLOC_DIRTY));
	assert_null(page_alloc());
	while (n--)
		frames_free(f[n], 0);
}

/* Blocks are aligned, and what was cut up is whole again. */
static void test_split_and_join(void **state)
{
	unsigned int order = 9;
	struct frame *f, *again;

	while (!(f = frames_alloc(order, 0)))
		order--;
	assert_int_equal(frame_to_mfn(f) % (1u << order), 0);
	/* In pieces, odd ones first. */
	for (unsigned int i = 1; i < 1u << order; i += 2)
		frames_free(&f[i], 0);
	for (unsigned int i = 0; i < 1u << order; i += 2)
		frames_free(&f[i], 0);
	assert_int_equal(frames_free_count(), free_before);
	again = frames_alloc(order, 0);
	assert_ptr_equal(again, f);
	frames_free(again, order);
	assert_null(frames_alloc(MAX_ORDER, 0));
	assert_null(frames_alloc(MAX_ORDER + 1, 0));
}

/* No two blocks overlap, whatever comes and goes; new ones are empty. */
static void test_random(void **state)
{
	static struct {
		struct frame *f;
		unsigned int order;
	} block[64];
	static bool used[FRAMES];
	u64 held = 0;

	srand(1);
	for (unsigned int n = 0; n < 20000; n++) {
		unsigned int i = rand() % 64;
		struct frame *f = block[i].f;

		if (f) {
			for (u64 j = 0; j < 1u << block[i].order; j++)
				used[frame_to_mfn(f) + j] = false;
			frames_free(f, block[i].order);
			held -= 1u << block[i].order;
			block[i].f = NULL;
		} else {
			block[i].order = rand() % 6;
			f = block[i].f = frames_alloc(block[i].order, 0);
			if (!f)
				continue;
			held += 1u << block[i].order;
			for (u64 j = 0; j < 1u << block[i].order; j++) {
				assert_false(used[frame_to_mfn(f) + j]);
				used[frame_to_mfn(f) + j] = true;
				assert_true(is_zero(&f[j]));
				memset(frame_to_virt(&f[j]), n, 64);
			}
		}
		assert_int_equal(frames_free_count(), free_before - held);
	}
	for (unsigned int i = 0; i < 64; i++)
		if (block[i].f)
			frames_free(block[i].f, block[i].order);
}

/* Low memory when asked for, else last. */
static void test_widths(void **state)
{
	static struct frame *low[FRAMES];
	struct frame *f;
	u64 n = 0, below = frames_free_below(16);

	/* Below 64 KiB: frame 0 is nobody's. */
	assert_int_equal(below, 15);
	while ((low[n] = frames_alloc(0, ALLOC_BITS(16)))) {
		assert_in_range(frame_to_mfn(low[n]), 1, 15);
		n++;
	}
	assert_int_equal(n, below);
	assert_int_equal(frames_free_below(16), 0);
	f = frames_alloc(0, 0);
	assert_non_null(f);
	assert_true(frame_to_mfn(f) >= FRAMES / 2);
	frames_free(f, 0);
	while (n--)
		frames_free(low[n], 0);
	/* A block ends below the limit, too. */
	assert_null(frames_alloc(4, ALLOC_BITS(16)));
	f = frames_alloc(3, ALLOC_BITS(16));
	assert_int_equal(frame_to_mfn(f), 8);
	frames_free(f, 3);
	/* More bits than there are, and fewer than a frame's. */
	f = frames_alloc(0, ALLOC_BITS(255));
	assert_non_null(f);
	frames_free(f, 0);
	assert_null(frames_alloc(0, ALLOC_BITS(12)));
	assert_int_equal(frames_free_below(200), free_before);
	assert_int_equal(frames_free_below(0), 0);
}

/* Nobody gets to see what was there before. */
static void test_scrubbing(void **state)
{
	static struct frame *f[FRAMES];
	u64 n = 0;

	while ((f[n] = frames_alloc(0, ALLOC_DIRTY)))
		memset(frame_to_virt(f[n++]), 0xa5, PAGE_SIZE);
	while (n--) {
		frames_free(f[n], 0);
		assert_true(is_zero(f[n]));
	}
	/* What firmware left: RAM is dirty when a machine starts again. */
	for (mfn_t mfn = 1; mfn < FRAMES; mfn++)
		if (!(mfn_to_frame(mfn)->ref & FRAME_ALLOCATED))
			memset(map_frame(mfn), 0xa5, PAGE_SIZE);
	sim_exit();
	sim_init(RAM);
	for (n = 0; (f[n] = frames_alloc(0, 0)); n++)
		assert_true(is_zero(f[n]));
	while (n--)
		frames_free(f[n], 0);
}

static void test_dirty(void **state)
{
	struct frame *f;
	mfn_t mfn;

	/* Until somebody wants it clean, it is left as it is. */
	f = frames_alloc(0, ALLOC_DIRTY);
	mfn = frame_to_mfn(f);
	frames_free(f, 0);
	memset(map_frame(mfn), 0xa5, PAGE_SIZE);
	sim_exit();
	sim_init(RAM);
	f = frames_alloc(0, ALLOC_DIRTY);
	assert_int_equal(frame_to_mfn(f), mfn);
	assert_int_equal(*(u8 *)frame_to_virt(f), 0xa5);
	frames_free(f, 0);
}

static void test_offline(void **state)
{
	static struct frame *f[FRAMES];
	const mfn_t bad[] = { 103, 64, 1 };
	struct frame *used = frames_alloc(0, 0);
	u64 n = 0;

	assert_false(frame_offline(frame_to_mfn(used)));
	assert_false(frame_offline(0));
	assert_false(frame_offline(FRAMES));
	assert_false(frame_offline(~0ull));
	frames_free(used, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_true(frame_offline(bad[i]));
		assert_false(frame_offline(bad[i]));
		assert_int_equal(mfn_to_frame(bad[i])->ref, FRAME_BAD);
		assert_int_equal(frames_free_count(), free_before - i - 1);
	}
	while ((f[n] = frames_alloc(0, 0))) {
		for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
			assert_int_not_equal(frame_to_mfn(f[n]), bad[i]);
		n++;
	}
	assert_int_equal(n, free_before - ARRAY_SIZE(bad));
	while (n--)
		frames_free(f[n], 0);
	/* Mended, for the other tests' sake. */
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		frames_add(bad[i], bad[i] + 1);
}

static void test_domains(void **state)
{
	struct domain *d = sim_domain(1, 1, false);
	u64 have = d->tot_pages;
	struct frame *f;

	d->max_pages = have + 3;
	assert_null(domain_frames_alloc(d, 2, 0));
	f = domain_frames_alloc(d, 1, 0);
	assert_non_null(f);
	assert_int_equal(f[1].owner, 1);
	assert_int_equal(d->tot_pages, have + 2);
	assert_null(domain_frames_alloc(d, 1, 0));
	frame_put(&f[0]);
	assert_int_equal(d->tot_pages, have + 1);
	frame_put(&f[1]);
	assert_int_equal(d->tot_pages, have);
	sim_domain_destroy(d);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(exhaustion), test(split_and_join), test(random),  test(widths),
		test(scrubbing),  test(dirty),		test(offline), test(domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

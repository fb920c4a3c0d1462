/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who watches: each kind of error is planted, found, and taken out again. Errors of
 * counts are for mm/audit.c, what hardware would reach for sim/reach.c.
 */
#include "test.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpu/layout.h"
#include "mm_ops.h"

static struct domain *d0, *d1;
static struct vcpu *v;
static struct tree t;
static mfn_t page, other;

static int setup(void **state)
{
	mm_machine(4 << 20);
	d0 = domain_by_id(0);
	d1 = domain_by_id(1);
	v = d1->vcpu[0];
	t = tree_build(d1);
	page = mm_frame(d1);
	other = mm_frame(d0);
	assert_int_equal(mm_pin(4, t.level[4]), 0);
	assert_int_equal(mm_ext(MMUEXT_NEW_BASEPTR, t.level[4], 0), 0);
	mm_checked();
	return 0;
}

static int teardown(void **state)
{
	mm_checked();
	mm_machine_end();
	return 0;
}

#define wrong(...)                        \
	do {                              \
		__VA_ARGS__;              \
		assert_true(audit() > 0); \
	} while (0)
#define mended(...)                           \
	do {                                  \
		__VA_ARGS__;                  \
		assert_int_equal(audit(), 0); \
	} while (0)

static void test_references(void **state)
{
	const mfn_t all[] = { t.level[0], t.level[1], t.level[4], page, d1->shared_mfn };

	for (unsigned int i = 0; i < ARRAY_SIZE(all); i++) {
		struct frame *f = mfn_to_frame(all[i]);

		wrong(f->ref++);
		wrong(f->ref -= 2);
		mended(f->ref++);
		wrong(f->type++);
		mended(f->type--);
	}
	wrong(mfn_to_frame(page)->ref &= ~FRAME_ALLOCATED);
	mended(mfn_to_frame(page)->ref |= FRAME_ALLOCATED);
}

static void test_flags(void **state)
{
	struct frame *f = mfn_to_frame(t.level[2]);

	wrong(f->type ^= FRAME_PINNED);
	mended(f->type ^= FRAME_PINNED);
	wrong(f->type ^= FRAME_VALIDATED);
	mended(f->type ^= FRAME_VALIDATED);
	wrong(f->type ^= FRAME_PARTIAL);
	mended(f->type ^= FRAME_PARTIAL);
	/* Another type with the same counts. */
	wrong(f->type ^= FRAME_L1 ^ FRAME_L2);
	mended(f->type ^= FRAME_L1 ^ FRAME_L2);
	f = mfn_to_frame(t.level[0]);
	wrong(f->type ^= FRAME_WRITABLE ^ FRAME_L1);
	mended(f->type ^= FRAME_WRITABLE ^ FRAME_L1);
}

static void test_entries(void **state)
{
	for (unsigned int l = 1; l <= 4; l++) {
		pte_t *e = mm_table(t.level[l]), old = *e;

		wrong(*e = 0);
		wrong(*e = pte_make(page, PTE_RDWR));
		mended(*e = old);
		wrong(e[5] = old);
		mended(e[5] = 0);
	}
	/* Writable, and counted as a read-only one is. */
	wrong(mm_table(t.level[1])[0] &= ~PTE_RW);
	mended(mm_table(t.level[1])[0] |= PTE_RW);
	/* A table mapped writable, and counted as another use of the table. */
	mm_table(t.level[1])[5] = pte_make(t.level[1], PTE_RDWR);
	mfn_to_frame(t.level[1])->ref++;
	mfn_to_frame(t.level[1])->type++;
	assert_true(audit() > 0);
	mfn_to_frame(t.level[1])->ref--;
	mfn_to_frame(t.level[1])->type--;
	mended(mm_table(t.level[1])[5] = 0);
}

static void test_holders(void **state)
{
	mfn_t root = v->kernel_l4;

	wrong(v->kernel_l4 = 0);
	mended(v->kernel_l4 = root);
	wrong(v->user_l4 = root);
	mended(v->user_l4 = 0);
	wrong(v->gdt_frame[3] = page);
	mended(v->gdt_frame[3] = 0);
	wrong(v->descriptor_ptes[17] = pte_make(page, PTE_PRESENT));
	mended(v->descriptor_ptes[17] = 0);
	wrong(v->mm_unfinished[1] = mfn_to_frame(t.level[3]));
	mended(v->mm_unfinished[1] = NULL);
	wrong(v->info_frame = mfn_to_frame(page));
	mended(v->info_frame = NULL);
	wrong(d1->releasing = mfn_to_frame(page));
	mended(d1->releasing = NULL);
}

static void test_lists(void **state)
{
	u32 first = d1->frame_list, third;
	struct frame *second;

	wrong(d1->tot_pages++);
	wrong(d1->tot_pages -= 2);
	mended(d1->tot_pages++);
	wrong(mfn_to_frame(page)->owner = 0);
	mended(mfn_to_frame(page)->owner = 1);
	/* One is lost. */
	wrong(d1->frame_list = mfn_to_frame(first)->next);
	mended(d1->frame_list = first);
	/* A ring. */
	second = mfn_to_frame(mfn_to_frame(first)->next);
	third = second->next;
	wrong(second->next = first);
	mended(second->next = third);
}

/* Without a frame to be had it audits all the same. */
static void test_no_memory(void **state)
{
	static struct frame *f[1024];
	unsigned int n = 0;

	while ((f[n] = frames_alloc(0, ALLOC_DIRTY)))
		n++;
	wrong(mfn_to_frame(page)->ref++);
	mended(mfn_to_frame(page)->ref--);
	while (n--)
		frames_free(f[n], 0);
}

/* Whether the walker stops the program: in a copy of it. */
static bool stops(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		fclose(stderr);
		sim_check_reach();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

#define caught(...)                   \
	do {                          \
		__VA_ARGS__;          \
		assert_true(stops()); \
	} while (0)
#define fine(...)                      \
	do {                           \
		__VA_ARGS__;           \
		assert_false(stops()); \
	} while (0)

static void test_walks(void **state)
{
	pte_t *l1 = mm_table(t.level[1]), *l2 = mm_table(t.level[2]), *l4 = mm_table(t.level[4]);
	pte_t old = l4[256];

	fine();
	for (unsigned int l = 1; l <= 4; l++)
		caught(l1[7] = pte_make(t.level[l], PTE_RDWR));
	caught(l1[7] = pte_make(other, PTE_RO));
	caught(l1[7] = pte_make(d0->shared_mfn, PTE_RO));
	caught(l1[7] = pte_make(idle_l4_mfn, PTE_RO));
	caught(l1[7] = pte_make(max_mfn, PTE_RO));
	caught(l1[7] = pte_make(0, PTE_RO));
	caught(l1[7] = pte_make(page, PTE_RO | PTE_GLOBAL));
	caught(l1[7] = pte_make(page, PTE_RO | PTE_PCD));
	fine(l1[7] = pte_make(page, PTE_RO));
	caught(l2[7] = pte_make(page, PTE_RO | PTE_PSE));
	caught(l2[7] = pte_make(other, PTE_RO));
	caught(l2[7] = pte_make(t.level[2], PTE_RO));
	caught(l2[7] = pte_make(t.level[3], PTE_RO));
	fine(l2[7] = 0);
	caught(l4[256] = pte_make(t.level[3], PTE_RDWR));
	fine(l4[256] = old);
	old = l4[260];
	caught(l4[260] = old | PTE_USER);
	caught(l4[260] = idle_l4[260]);
	fine(l4[260] = old);
	caught(v->cr3 = 0x1000);
	fine(v->cr3 = t.level[4] << PAGE_SHIFT);
	/* Descriptors: of nobody else, not writable, none that is not ring 3's. */
	caught(v->descriptor_ptes[0] = pte_make(other, PTE_PRESENT));
	mm_table(page)[0] = 0x0000820000000000;
	caught(v->descriptor_ptes[0] = pte_make(page, PTE_PRESENT));
	mm_table(page)[0] = 0x00cf93000000ffff;
	caught();
	mm_table(page)[0] = 0x00cff3000000ffff;
	fine();
	caught(l1[7] = pte_make(page, PTE_RDWR));
	l1[7] = 0;
	fine(v->descriptor_ptes[0] = 0);
}

/* What a TLB holds is found, too, and forgotten when it is flushed. */
static void test_tlbs(void **state)
{
	pte_t *l1 = mm_table(t.level[1]);
	struct frame *f = mfn_to_frame(page);
	struct frame before = *f;

	l1[7] = pte_make(page, PTE_RDWR);
	sim_check_reach();
	fine(l1[7] = 0);
	/* It changes its type, its owner, or is free, behind the TLB's back. */
	caught(f->type = FRAME_L1 | FRAME_VALIDATED | 1);
	caught(f->type = FRAME_SEGDESC | FRAME_VALIDATED | 1);
	f->type = before.type;
	caught(f->owner = 0);
	f->owner = 1;
	caught(f->ref = 0);
	f->ref = before.ref;
	fine();
	f->type = FRAME_L1 | FRAME_VALIDATED | 1;
	flush_tlb_local();
	fine();
	f->type = before.type;
	/* A table that becomes writable while a CPU may walk through it. */
	sim_check_reach();
	f = mfn_to_frame(t.level[1]);
	before = *f;
	mm_table(t.level[2])[0] = 0;
	fine();
	caught(f->type = FRAME_WRITABLE | FRAME_VALIDATED | 1);
	flush_tlb_local();
	fine();
	*f = before;
	mm_table(t.level[2])[0] = pte_make(t.level[1], PTE_RDWR);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(references), test(flags),	   test(entries), test(holders),
		test(lists),	  test(no_memory), test(walks),	  test(tlbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

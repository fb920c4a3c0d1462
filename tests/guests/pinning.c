/*
 * mmuext_op: pinning tables of every level, switching between page tables,
 * flushes, clear and copy; and all that must be refused so that nothing the
 * processor walks was ever not checked.
 */
#include "test.h"
#include "mm.h"
#include "smp.h"
#include "trap.h"

#define SLOT 300 /* a free slot of the L4 */

static volatile uint64_t l1[512] page_aligned, l2[512] page_aligned, l3[512] page_aligned;
static volatile uint64_t l4[512] page_aligned;
static volatile unsigned long data[512] page_aligned, other[512] page_aligned;

static uint64_t to(volatile void *table)
{
	return mfn_pte(virt_to_mfn(table), PTE_TABLE);
}

static long pin(unsigned int level, volatile void *table)
{
	return mmuext(MMUEXT_PIN_L1_TABLE + level - 1, virt_to_mfn(table));
}

static long unpin(volatile void *table)
{
	return mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table));
}

/* One table, one level, from an ordinary page and back. */
static void one_table(void)
{
	int i;

	l1[0] = mfn_pte(virt_to_mfn(data), PTE_RW);
	l1[511] = mfn_pte(virt_to_mfn(data), PTE_RO);
	CHECK_EQ(pin(1, l1), -EINVAL); /* mapped writable */
	CHECK_EQ(map_readonly(l1), 0);
	CHECK_EQ(unpin(l1), -EINVAL); /* not pinned */
	CHECK_EQ(pin(1, l1), 0);
	CHECK_EQ(pin(1, l1), -EINVAL); /* already */
	CHECK_EQ(pin(2, l1), -EINVAL); /* of another type */
	CHECK_EQ(map_writable(l1), -EBUSY);
	/* The page below is in use as writable, so is no table either. */
	CHECK_EQ(map_readonly(data), 0);
	CHECK_EQ(pin(1, data), -EINVAL);
	CHECK_EQ(map_writable(data), 0);
	CHECK_EQ(unpin(l1), 0);
	CHECK_EQ(unpin(l1), -EINVAL);
	CHECK_EQ(map_writable(l1), 0);
	/* Now a page that was an L1 becomes another thing. */
	l1[0] = l1[511] = 0;
	CHECK_EQ(map_readonly(l1), 0);
	CHECK_EQ(pin(2, l1), 0);
	CHECK_EQ(unpin(l1), 0);
	CHECK_EQ(pin(3, l1), 0);
	CHECK_EQ(unpin(l1), 0);
	CHECK_EQ(pin(4, l1), 0);
	CHECK_EQ(pin(1, l1), -EINVAL);
	CHECK_EQ(unpin(l1), 0);
	CHECK_EQ(map_writable(l1), 0);
	/* Its hypervisor slots were filled in, and stay. No L1 may contain them. */
	for (i = 256; i < 272; i++)
		l1[i] = 0;
	/* Frames that are not. */
	CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, 0xfffffffff), -EINVAL);
	CHECK_EQ(mmuext(MMUEXT_PIN_L4_TABLE, 0xfffffffff), -EINVAL);
	CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, 0xfffffffff), -EINVAL);
	/* The shared info page is no page table. */
	CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, start_info->shared_info >> 12), -EINVAL);
}

/* Contents that make a table invalid, at each level. */
static void bad_contents(void)
{
	static const struct {
		int level;
		uint64_t entry;
		long answer;
	} bad[] = {
		{ 1, 0xfffffffffUL << 12 | PTE_RW, -EPERM },
		{ 2, 0xfffffffffUL << 12 | PTE_TABLE, -EINVAL },
		{ 2, PTE_P | PTE_PS, -EINVAL },
		{ 3, 0xfffffffffUL << 12 | PTE_TABLE, -EINVAL },
		{ 3, PTE_P | PTE_PS, -EINVAL },
		{ 4, 0xfffffffffUL << 12 | PTE_TABLE, -EINVAL },
		{ 4, PTE_P | PTE_PS, -EINVAL },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		l1[7] = bad[i].entry;
		l1[9] = mfn_pte(virt_to_mfn(data), PTE_RW);
		CHECK_EQ(map_readonly(l1), 0);
		if (!CHECK_EQ(pin(bad[i].level, l1), bad[i].answer))
			print("level %d entry %lx\n", bad[i].level, bad[i].entry);
		/* Refused, so it is no table. */
		CHECK_EQ(map_writable(l1), 0);
		l1[7] = l1[9] = 0;
	}
}

/* A tree: pinning its root checks all of it. Returns with the tree pinned. */
static void tree(void)
{
	uint64_t *now = (uint64_t *)start_info->pt_base;
	int i;

	l1[3] = mfn_pte(virt_to_mfn(data), PTE_RW);
	l2[2] = to(l1);
	l3[1] = to(l2);
	for (i = 0; i < 512; i++)
		l4[i] = i < 256 || i > 271 ? now[i] : 0;
	l4[SLOT] = to(l3);
	CHECK_EQ(map_readonly(l3), 0);
	CHECK_EQ(map_readonly(l2), 0);
	CHECK_EQ(map_readonly(l4), 0);
	/* One table of it is still writable. */
	CHECK_EQ(pin(4, l4), -EINVAL);
	CHECK_EQ(map_readonly(l1), 0);
	CHECK_EQ(pin(4, l4), 0);
	CHECK_EQ(map_writable(l1), -EBUSY);
	CHECK_EQ(map_writable(l3), -EBUSY);
	/* A table in use may be pinned by itself, too. */
	CHECK_EQ(pin(1, l1), 0);
	CHECK_EQ(pin(3, l3), 0);
	CHECK_EQ(unpin(l3), 0);
	CHECK_EQ(unpin(l1), 0);
	CHECK_EQ(map_writable(l1), -EBUSY);
}

static void switching(void)
{
	unsigned long va = 0xffff000000000000UL | (unsigned long)SLOT << 39 | 1UL << 30 |
			   2UL << 21 | 3UL << 12;
	volatile unsigned long *there = (void *)va;
	unsigned long cr3;

	data[0] = 1234;
	CHECK_TRAP(TRAP_PF, 0, "movb (%0), %%al", : "r"(there) : "rax");
	CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(l4)), 0);
	CHECK_EQ(*there, 1234);
	__asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
	CHECK_EQ(cr3, virt_to_maddr(l4));
	/* The hypervisor's slots work here, too. */
	CHECK_EQ(m2p[virt_to_mfn(data)], virt_to_pfn(data));
	/* The table in use may lose its pin, and stays a table. */
	CHECK_EQ(unpin(l4), 0);
	CHECK_EQ(map_writable(l4), -EBUSY);
	CHECK_EQ(*there, 1234);
	/* What cannot be a base: an L3, a data page, no page. */
	CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(l3)), -EINVAL);
	CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn(data)), -EINVAL);
	CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, 0xfffffffff), -EINVAL);
	CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, 0), -EINVAL);
	CHECK_EQ(*there, 1234);
	CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn((void *)start_info->pt_base)), 0);
	CHECK_TRAP(TRAP_PF, 0, "movb (%0), %%al", : "r"(there) : "rax");
	/* Not pinned, not in use: the whole tree is ordinary pages again. */
	CHECK_EQ(map_writable(l4), 0);
	CHECK_EQ(map_writable(l3), 0);
	CHECK_EQ(map_writable(l2), 0);
	CHECK_EQ(map_writable(l1), 0);
	l4[SLOT] = 0;
}

/* Through a register: mov to %cr3 is the same as new_baseptr. */
static void cr3_register(void)
{
	CHECK_EQ(map_readonly(l4), 0);
	CHECK_EQ(pin(4, l4), 0);
	__asm__ volatile("movq %0, %%cr3" : : "r"(virt_to_maddr(l4)) : "memory");
	CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, virt_to_mfn((void *)start_info->pt_base)), 0);
	CHECK_EQ(unpin(l4), 0);
	CHECK_EQ(map_writable(l4), 0);
}

static long ext(unsigned int cmd, unsigned long arg1, unsigned long arg2)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = arg1, .arg2.src_mfn = arg2 };

	return hv_mmuext_op(&op, 1, 0, DOMID_SELF);
}

static void pages(void)
{
	data[1] = 11;
	other[1] = 22;
	CHECK_EQ(ext(MMUEXT_COPY_PAGE, virt_to_mfn(data), virt_to_mfn(other)), 0);
	CHECK_EQ(data[1], 22);
	CHECK_EQ(ext(MMUEXT_CLEAR_PAGE, virt_to_mfn(data), 0), 0);
	CHECK_EQ(data[1], 0);
	CHECK_EQ(other[1], 22);
	/* A page table is no page to clear, but may be copied from. */
	CHECK_EQ(ext(MMUEXT_CLEAR_PAGE, virt_to_mfn((void *)start_info->pt_base), 0), -EINVAL);
	CHECK_EQ(ext(MMUEXT_COPY_PAGE, virt_to_mfn((void *)start_info->pt_base), virt_to_mfn(data)),
		 -EINVAL);
	CHECK_EQ(ext(MMUEXT_COPY_PAGE, virt_to_mfn(data), virt_to_mfn((void *)start_info->pt_base)),
		 0);
	CHECK_EQ(ext(MMUEXT_CLEAR_PAGE, 0xfffffffff, 0), -EINVAL);
	CHECK_EQ(ext(MMUEXT_COPY_PAGE, virt_to_mfn(data), 0xfffffffff), -EINVAL);
}

static void flushes(void)
{
	unsigned long mask = 1;

	CHECK_EQ(ext(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
	CHECK_EQ(ext(MMUEXT_INVLPG_LOCAL, (unsigned long)data, 0), 0);
	CHECK_EQ(ext(MMUEXT_INVLPG_LOCAL, 0x8000000000000000, 0), 0);
	CHECK_EQ(ext(MMUEXT_INVLPG_LOCAL, MACH2PHYS_VIRT_START, 0), 0);
	CHECK_EQ(ext(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
	CHECK_EQ(ext(MMUEXT_INVLPG_ALL, (unsigned long)data, 0), 0);
	CHECK_EQ(ext(MMUEXT_TLB_FLUSH_MULTI, 0, (unsigned long)&mask), 0);
	CHECK_EQ(ext(MMUEXT_INVLPG_MULTI, (unsigned long)data, (unsigned long)&mask), 0);
	CHECK_EQ(ext(MMUEXT_TLB_FLUSH_MULTI, 0, 0x1000), -EINVAL);
	mask = 0;
	CHECK_EQ(ext(MMUEXT_TLB_FLUSH_MULTI, 0, (unsigned long)&mask), 0);
	mask = -1; /* VCPUs that do not exist do no harm */
	CHECK_EQ(ext(MMUEXT_TLB_FLUSH_MULTI, 0, (unsigned long)&mask), 0);
	CHECK_EQ(ext(MMUEXT_FLUSH_CACHE, 0, 0), 0);
	CHECK_EQ(ext(MMUEXT_FLUSH_CACHE_GLOBAL, 0, 0), 0);
	CHECK_EQ(ext(MMUEXT_MARK_SUPER, 0, 0), -EOPNOTSUPP);
	CHECK_EQ(ext(MMUEXT_UNMARK_SUPER, 0, 0), -EOPNOTSUPP);
	CHECK_EQ(ext(14, 0, 0), -ENOSYS);
	CHECK_EQ(ext(21, 0, 0), -ENOSYS);
	CHECK_EQ(ext(-1, 0, 0), -ENOSYS);
}

static void batch(void)
{
	struct mmuext_op op[3] = { { .cmd = MMUEXT_TLB_FLUSH_LOCAL },
				   { .cmd = 99 },
				   { .cmd = MMUEXT_TLB_FLUSH_LOCAL } };
	unsigned int done = 77;

	CHECK_EQ(hv_mmuext_op(op, 3, &done, DOMID_SELF), -ENOSYS);
	CHECK_EQ(done, 1);
	CHECK_EQ(hv_mmuext_op(op, 1, &done, DOMID_SELF), 0);
	CHECK_EQ(done, 1);
	CHECK_EQ(hv_mmuext_op(op, 1, 0x1000, DOMID_SELF), 0);
	CHECK_EQ(hv_mmuext_op(op, 1, 0, 77), -ESRCH);
	CHECK_EQ(hv_mmuext_op(op, 1, 0, 0), -ESRCH);
	CHECK_EQ(hv_mmuext_op(op, 1, 0, DOMID_IO), -EPERM);
	op[0].cmd = MMUEXT_NEW_BASEPTR;
	op[0].arg1.mfn = virt_to_mfn((void *)start_info->pt_base);
	CHECK_EQ(hv_mmuext_op(op, 1, 0, DOMID_IO), -EPERM);
}

/* The user page table: any L4, or none. */
static void user_base(void)
{
	CHECK_EQ(map_readonly(l4), 0);
	CHECK_EQ(mmuext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(l4)), 0);
	CHECK_EQ(map_writable(l4), -EBUSY);
	CHECK_EQ(mmuext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(l4)), 0);
	CHECK_EQ(mmuext(MMUEXT_NEW_USER_BASEPTR, virt_to_mfn(data)), -EINVAL);
	CHECK_EQ(mmuext(MMUEXT_NEW_USER_BASEPTR, 0xfffffffff), -EINVAL);
	CHECK_EQ(map_writable(l4), -EBUSY);
	CHECK_EQ(mmuext(MMUEXT_NEW_USER_BASEPTR, 0), 0);
	CHECK_EQ(map_writable(l4), 0);
}

int test_main(struct start_info *si)
{
	(void)si;
	one_table();
	bad_contents();
	tree();
	switching();
	cr3_register();
	pages();
	flushes();
	batch();
	user_base();
	return 0;
}

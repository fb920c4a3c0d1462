/*
 * Plain stores to a page table. L1 tables are mapped read-only, but the
 * hypervisor carries out a store to one as if it were an mmu_update. A store
 * that would break a rule arrives at the guest as the page fault it was.
 */
#include "test.h"
#include "mm.h"
#include "trap.h"

/* Bits the hypervisor or the processor may set by themselves. */
#define ITS_OWN (PTE_G | PTE_A | PTE_D | PTE_U | 1UL << 52)

static volatile unsigned long page[512] page_aligned, other[512] page_aligned;
static volatile uint64_t *slot; /* the L1 entry of page, through the read-only mapping */
static uint64_t good, ro, gone;

static void expect(int line, uint64_t want)
{
	if ((*slot ^ want) & ~ITS_OWN)
		test_fail(__FILE__, line, "entry is %lx, not %lx", *slot, want);
}
#define EXPECT(want) expect(__LINE__, want)

/* Each way of storing 8 bytes. */
static void stores(void)
{
	uint64_t old;
	uint8_t flag;

	CHECK_NO_TRAP("movq %0, (%1)", : "r"(ro), "r"(slot) : "memory");
	EXPECT(ro);
	CHECK_EQ(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0), 0);
	CHECK_TRAP(TRAP_PF, 3, "movb $1, (%0)", : "r"(page));
	CHECK_NO_TRAP("xchgq %0, (%1)", "=r"(old) : "r"(slot), "0"(gone) : "memory");
	CHECK_EQ((old ^ ro) & ~ITS_OWN, 0);
	EXPECT(gone);
	/* compare and exchange: first equal, then not */
	CHECK_NO_TRAP("lock cmpxchgq %3, (%2); setz %1", "=a"(old), "=q"(flag)
		      : "r"(slot), "r"(good), "0"(gone)
		      : "memory", "cc");
	CHECK_EQ(flag, 1);
	EXPECT(good);
	CHECK_NO_TRAP("lock cmpxchgq %3, (%2); setz %1", "=a"(old), "=q"(flag)
		      : "r"(slot), "r"(ro), "0"(gone)
		      : "memory", "cc");
	CHECK_EQ(flag, 0);
	CHECK_EQ((old ^ good) & ~ITS_OWN, 0);
	EXPECT(good);
	/* bit operations, as on the writable and accessed bits */
	CHECK_NO_TRAP("lock btrq $1, (%1); setc %0", "=q"(flag) : "r"(slot) : "memory", "cc");
	CHECK_EQ(flag, 1);
	EXPECT(ro);
	CHECK_NO_TRAP("lock btsq $1, (%1); setc %0", "=q"(flag) : "r"(slot) : "memory", "cc");
	CHECK_EQ(flag, 0);
	EXPECT(good);
	CHECK_NO_TRAP("andq %0, (%1)", : "r"(~PTE_W), "r"(slot) : "memory", "cc");
	EXPECT(ro);
	CHECK_NO_TRAP("orq %0, (%1)", : "r"(PTE_W), "r"(slot) : "memory", "cc");
	EXPECT(good);
	CHECK_NO_TRAP("stosq", : "a"(ro), "D"(slot) : "memory");
	EXPECT(ro);
	CHECK_NO_TRAP("movsq", : "S"(&good), "D"(slot) : "memory");
	EXPECT(good);
}

/* Parts of an entry. */
static void narrow(void)
{
	CHECK_NO_TRAP("movq %0, (%1)", : "r"(gone), "r"(slot) : "memory");
	CHECK_NO_TRAP("movl %0, 4(%1)", : "r"((uint32_t)(good >> 32)), "r"(slot) : "memory");
	CHECK_NO_TRAP("movl %0, (%1)", : "r"((uint32_t)good), "r"(slot) : "memory");
	EXPECT(good);
	CHECK_NO_TRAP("andb %0, (%1)", : "q"((uint8_t)~PTE_W), "r"(slot) : "memory");
	EXPECT(ro);
	CHECK_NO_TRAP("orw %0, (%1)", : "r"((uint16_t)PTE_W), "r"(slot) : "memory");
	EXPECT(good);
}

/* Refused: the guest sees its page fault, nothing has changed. */
static void refused(void)
{
	uint64_t table = mfn_pte(virt_to_mfn((void *)slot), PTE_RW);
	uint64_t *l4 = (uint64_t *)start_info->pt_base;

	CHECK_TRAP(TRAP_PF, 3, "movq %0, (%1)",
		   : "r"(mfn_pte(0xfffffffff, PTE_RW)), "r"(slot)
		   : "memory");
	CHECK_EQ(trap_seen.cr2, slot);
	CHECK_EQ(trap_seen.regs.rip, trap_seen.insn);
	EXPECT(good);
	CHECK_TRAP(TRAP_PF, 3, "movq %0, (%1)", : "r"(table), "r"(slot) : "memory");
	EXPECT(good);
	CHECK_TRAP(TRAP_PF, 3, "xchgq %0, (%1)", : "r"(table), "r"(slot) : "memory");
	EXPECT(good);
	/* Not on an entry's boundary, and not within one entry. */
	CHECK_TRAP(TRAP_PF, 3, "movq %0, (%1)", : "r"(0UL), "r"((char *)slot + 4) : "memory");
	EXPECT(good);
	/* Tables of upper levels are changed by hypercall only. */
	CHECK_TRAP(TRAP_PF, 3, "movq %0, (%1)", : "r"(0UL), "r"(l4 + 300) : "memory");
	CHECK_TRAP(TRAP_PF, 3, "movq %0, (%1)",
		   : "r"(0UL), "r"(pt_entry((void *)VIRT_BASE, 3) - 1)
		   : "memory");
	CHECK_TRAP(TRAP_PF, 3, "movq %0, (%1)",
		   : "r"(0UL), "r"(pt_entry((void *)VIRT_BASE, 2) + 400)
		   : "memory");
	EXPECT(good);
}

/* The effect is that of a page-table update. */
static void effect(void)
{
	uint64_t to_other = mfn_pte(virt_to_mfn(other), PTE_RW);

	page[0] = 1;
	other[0] = 2;
	CHECK_NO_TRAP("movq %0, (%1)", : "r"(to_other), "r"(slot) : "memory");
	CHECK_EQ(mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)page), 0);
	CHECK_EQ(page[0], 2);
	/* A frame mapped here is no page table. */
	CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(other)), -EINVAL);
	CHECK_NO_TRAP("movq %0, (%1)", : "r"(good), "r"(slot) : "memory");
	CHECK_EQ(mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)page), 0);
	CHECK_EQ(page[0], 1);
}

/* In a table that is pinned but not in use, and with interruptions. */
static void elsewhere(void)
{
	volatile uint64_t *table = page_alloc();
	int i;

	CHECK_EQ(map_readonly(table), 0);
	CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table)), 0);
	for (i = 0; i < 512; i++)
		table[i] = mfn_pte(virt_to_mfn(other), i % 2 ? PTE_RW : PTE_RO);
	for (i = 0; i < 512; i++)
		if (!CHECK_EQ((table[i] ^ mfn_pte(virt_to_mfn(other), i % 2 ? PTE_RW : PTE_RO)) &
				      ~ITS_OWN,
			      0))
			break;
	CHECK_NO_TRAP("rep stosq", : "a"(0UL), "D"(table), "c"(512) : "memory");
	for (i = 0; i < 512; i++)
		if (!CHECK_EQ(table[i], 0))
			break;
	CHECK_EQ(mmuext(MMUEXT_UNPIN_TABLE, virt_to_mfn(table)), 0);
	CHECK_EQ(map_writable(table), 0);
	table[0] = 1;
}

int test_main(struct start_info *si)
{
	(void)si;
	slot = pt_entry(page, 1);
	good = mfn_pte(virt_to_mfn(page), PTE_RW);
	ro = mfn_pte(virt_to_mfn(page), PTE_RO);
	gone = 0;
	stores();
	narrow();
	refused();
	effect();
	elsewhere();
	return 0;
}

/*
 * Changing page tables by hypercall: mmu_update with each of its commands, and
 * update_va_mapping. Good requests take effect; bad ones are refused with the
 * tables unchanged, and a batch stops at the first bad one.
 */
#include "test.h"
#include "mm.h"
#include "trap.h"

/*
 * The hypervisor may set bits of its own in an L1 entry (global, and bit 52),
 * the processor sets A and D. What the guest asked for is in the others.
 */
#define ITS_OWN (PTE_G | PTE_A | PTE_D | PTE_U | 1UL << 52)

static volatile unsigned long page[2][512] page_aligned;
static volatile uint64_t table[512] page_aligned; /* becomes an L1 */
static uint64_t l1e;				  /* machine address of the L1 entry of page[0] */

static long update(uint64_t ptr, uint64_t val)
{
	struct mmu_update req = { ptr, val };

	return hv_mmu_update(&req, 1, 0, DOMID_SELF);
}

static uint64_t entry(volatile void *va)
{
	return *pt_entry(va, 1);
}

static void flush(void)
{
	CHECK_EQ(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0), 0);
}

static void normal(void)
{
	uint64_t old = mfn_pte(virt_to_mfn(page[0]), PTE_RW);
	uint64_t other = mfn_pte(virt_to_mfn(page[1]), PTE_RW);

	page[0][0] = 1;
	page[1][0] = 2;
	CHECK_EQ(update(l1e, other), 0);
	CHECK_EQ((entry(page[0]) ^ other) & ~ITS_OWN, 0);
	flush();
	CHECK_EQ(*(volatile unsigned long *)page[0], 2);
	/* Read-only, then not at all. */
	CHECK_EQ(update(l1e, old & ~PTE_W), 0);
	flush();
	CHECK_EQ(*(volatile unsigned long *)page[0], 1);
	CHECK_TRAP(TRAP_PF, 3, "movb $1, (%0)", : "r"(page[0]));
	CHECK_EQ(update(l1e, 0), 0);
	flush();
	CHECK_EQ(entry(page[0]), 0);
	CHECK_TRAP(TRAP_PF, 0, "movb (%0), %%al", : "r"(page[0]) : "rax");
	/* An entry that is not present may hold anything. */
	CHECK_EQ(update(l1e, 0xdeadbeef12345678), 0);
	CHECK_EQ(entry(page[0]), 0xdeadbeef12345678);
	CHECK_EQ(update(l1e, old), 0);
	flush();
	CHECK_EQ(*(volatile unsigned long *)page[0], 1);
	/* Without the user bit, an entry works all the same: the kernel is in ring 3. */
	CHECK_EQ(update(l1e, old & ~PTE_U), 0);
	flush();
	CHECK_EQ(*(volatile unsigned long *)page[0], 1);
	CHECK_EQ(update(l1e, old), 0);
}

static void preserve_ad(void)
{
	uint64_t plain = mfn_pte(virt_to_mfn(page[0]), PTE_P | PTE_W | PTE_U);

	CHECK_EQ(update(l1e, plain), 0);
	flush();
	CHECK_EQ(entry(page[0]) & (PTE_A | PTE_D), 0);
	*(volatile unsigned long *)page[0] = 3;
	CHECK_EQ(entry(page[0]) & (PTE_A | PTE_D), PTE_A | PTE_D);
	CHECK_EQ(update(l1e | MMU_PT_UPDATE_PRESERVE_AD, plain & ~PTE_W), 0);
	CHECK_EQ(entry(page[0]) & (PTE_A | PTE_D | PTE_W), PTE_A | PTE_D);
	CHECK_EQ(update(l1e, plain), 0);
	CHECK_EQ(entry(page[0]) & (PTE_A | PTE_D), 0);
	flush();
}

static void batch(void)
{
	uint64_t good = mfn_pte(virt_to_mfn(page[0]), PTE_RW);
	struct mmu_update req[4] = { { l1e, 0 }, { l1e, good }, { l1e + 5, 0 }, { l1e, 0 } };
	unsigned int done = 77;

	CHECK_EQ(hv_mmu_update(req, 2, &done, DOMID_SELF), 0);
	CHECK_EQ(done, 2);
	CHECK_EQ(hv_mmu_update(req, 4, &done, DOMID_SELF), -ENOSYS);
	CHECK_EQ(done, 2);
	CHECK(entry(page[0]) & PTE_P);
	CHECK_EQ(hv_mmu_update(req, 0, &done, DOMID_SELF), 0);
	CHECK_EQ(done, 0);
	/* The second request lies in an unmapped page. */
	CHECK_EQ(map_mfn(page[1], 0, 0), 0);
	memcpy((char *)page[1] - sizeof(req[0]), req + 1, sizeof(req[0]));
	CHECK_EQ(hv_mmu_update((char *)page[1] - sizeof(req[0]), 2, &done, DOMID_SELF), -EFAULT);
	CHECK_EQ(done, 1);
	CHECK_EQ(map_writable(page[1]), 0);
	/* Commands beyond the known ones. */
	CHECK_EQ(update(l1e | 4, 0), -ENOSYS);
	CHECK_EQ(update(l1e | 7, 0), -ENOSYS);
	/* A place for the count that is not there is forgiven. */
	CHECK_EQ(hv_mmu_update(req, 2, 0x1000, DOMID_SELF), 0);
	CHECK(entry(page[0]) & PTE_P);
}

/* Contents that an L1 entry must not have. */
static void bad_l1(void)
{
	unsigned long mfn = virt_to_mfn(page[0]);
	uint64_t before = entry(page[0]);

	/* Beyond all memory: a frame of a device that is not ours. */
	CHECK_EQ(update(l1e, mfn_pte(0xfffffffff, PTE_RW)), -EPERM);
	CHECK_EQ(update(l1e, mfn_pte(1UL << 39, PTE_RO)), -EPERM);
	/* Page tables are never writable. */
	CHECK_EQ(update(l1e, mfn_pte(virt_to_mfn(pt_entry(page, 1)), PTE_RW)), -EBUSY);
	CHECK_EQ(update(l1e, mfn_pte(virt_to_mfn(pt_entry(page, 2)), PTE_RW)), -EBUSY);
	CHECK_EQ(update(l1e, mfn_pte(virt_to_mfn(pt_entry(page, 3)), PTE_RW)), -EBUSY);
	CHECK_EQ(update(l1e, mfn_pte(virt_to_mfn(pt_entry(page, 4)), PTE_RW)), -EBUSY);
	CHECK_EQ(entry(page[0]), before);
	/* The bits that software may use, global, and the memory type PAT gives. */
	CHECK_EQ(update(l1e, mfn_pte(mfn, PTE_RW | PTE_G)), 0);
	CHECK_EQ(update(l1e, mfn_pte(mfn, PTE_RW | PTE_PS)), 0);
	CHECK_EQ(entry(page[0]) & PTE_PS, PTE_PS);
	CHECK_EQ(update(l1e, mfn_pte(mfn, PTE_RW | 0xe00)), 0);
	CHECK_EQ(entry(page[0]) & 0xe00, 0xe00);
	CHECK_EQ(update(l1e, mfn_pte(mfn, PTE_RW | 0x7fUL << 52)), 0);
	CHECK_EQ(update(l1e, mfn_pte(mfn, PTE_RW)), 0);
	/* Caching attributes of RAM. */
	CHECK_EQ(update(l1e, mfn_pte(mfn, PTE_RW | PTE_PWT)), 0);
	CHECK_EQ(update(l1e, mfn_pte(mfn, PTE_RW | PTE_PCD)), 0);
	CHECK_EQ(update(l1e, mfn_pte(mfn, PTE_RW)), 0);
	/* Reading a page table is fine. */
	CHECK_EQ(update(l1e, mfn_pte(virt_to_mfn(pt_entry(page, 1)), PTE_RO)), 0);
	CHECK_EQ(update(l1e, before), 0);
	flush();
}

/* Entries that are in no page table, or in tables of no valid frame. */
static void bad_places(void)
{
	/* An ordinary page may be written like this too; nothing is checked then. */
	CHECK_EQ(update(virt_to_maddr(&page[1][7]), 0x123456789), 0);
	CHECK_EQ(page[1][7], 0x123456789);
	CHECK_EQ(update(0xfffffffffUL << 12, 0), -EINVAL);
	/* The shared info page is lent to the guest: it is as good as its own. */
	CHECK_EQ(update(start_info->shared_info + 0xff8, 0), 0);
}

static void machphys(void)
{
	unsigned long mfn = virt_to_mfn(page[0]), pfn = virt_to_pfn(page[0]);

	CHECK_EQ(update((uint64_t)mfn << 12 | MMU_MACHPHYS_UPDATE, 0x55aa), 0);
	CHECK_EQ(m2p[mfn], 0x55aa);
	CHECK_EQ(update((uint64_t)mfn << 12 | MMU_MACHPHYS_UPDATE, pfn), 0);
	CHECK_EQ(m2p[mfn], pfn);
	CHECK_EQ(update(0xfffffffffUL << 12 | MMU_MACHPHYS_UPDATE, 1), -EINVAL);
}

/* A new L1 table under an L2 entry: type changes, and back. */
static void upper_levels(void)
{
	unsigned long va = VIRT_BASE + (64UL << 21);
	volatile unsigned long *there = (void *)(va + 5 * PAGE_SIZE);
	uint64_t l2e = pt_entry_maddr((void *)va, 2);
	uint64_t l3e = pt_entry_maddr((void *)va, 3), l4e = pt_entry_maddr((void *)va, 4);
	uint64_t new = mfn_pte(virt_to_mfn(table), PTE_TABLE);

	table[5] = mfn_pte(virt_to_mfn(page[0]), PTE_RW);
	/* Writable somewhere: it cannot become a table. */
	CHECK_EQ(update(l2e, new), -EINVAL);
	CHECK_EQ(map_readonly(table), 0);
	CHECK_EQ(update(l2e, new), 0);
	page[0][0] = 4;
	CHECK_EQ(*there, 4);
	/* Now it is one. */
	CHECK_EQ(map_writable(table), -EBUSY);
	CHECK_EQ(update(virt_to_maddr(&table[6]), mfn_pte(virt_to_mfn(page[1]), PTE_RW)), 0);
	page[1][0] = 5;
	CHECK_EQ(there[512], 5);
	CHECK_EQ(hv_update_va_mapping(va + 5 * PAGE_SIZE, 0, UVMF_INVLPG), 0);
	CHECK_EQ(table[5], 0);
	CHECK_TRAP(TRAP_PF, 0, "movb (%0), %%al", : "r"(there) : "rax");
	/* Bits and kinds that upper entries must not have. */
	CHECK_EQ(update(l2e, new | PTE_PS), -EINVAL);
	CHECK_EQ(update(l2e, new | PTE_G), -EINVAL);
	CHECK_EQ(update(l2e, mfn_pte(0xfffffffff, PTE_TABLE)), -EINVAL);
	CHECK_EQ(update(l2e, mfn_pte(virt_to_mfn(pt_entry((void *)va, 2)), PTE_TABLE)), -EINVAL);
	/* An L1 table is neither an L2 nor an L3. */
	CHECK_EQ(update(l3e + 8, new), -EINVAL);
	CHECK_EQ(update((l4e & PTE_FRAME) + 8 * 272, new), -EINVAL);
	/* Gone again: the frame is an ordinary page. */
	CHECK_EQ(update(l2e, 0), 0);
	flush();
	CHECK_TRAP(TRAP_PF, 0, "movb (%0), %%al", : "r"(there + 512) : "rax");
	CHECK_EQ(map_writable(table), 0);
	table[6] = 0;
	/* The hypervisor's slots are not the guest's to write. */
	CHECK_EQ(update((l4e & PTE_FRAME) + 8 * 256, 0), -EINVAL);
	CHECK_EQ(update((l4e & PTE_FRAME) + 8 * 271, new), -EINVAL);
	CHECK_EQ(update((l4e & PTE_FRAME) + 8 * 272, 0), 0);
}

static void va_mapping(void)
{
	unsigned long bitmap = 1;
	uint64_t good = mfn_pte(virt_to_mfn(page[0]), PTE_RW);

	CHECK_EQ(hv_update_va_mapping(page[0], good, UVMF_NONE), 0);
	CHECK_EQ(hv_update_va_mapping(page[0], good, UVMF_TLB_FLUSH), 0);
	CHECK_EQ(hv_update_va_mapping(page[0], good, UVMF_INVLPG | UVMF_ALL), 0);
	CHECK_EQ(hv_update_va_mapping(page[0], good, UVMF_TLB_FLUSH | UVMF_ALL), 0);
	CHECK_EQ(hv_update_va_mapping(page[0], good, UVMF_TLB_FLUSH | (unsigned long)&bitmap), 0);
	CHECK_EQ(hv_update_va_mapping(page[0], good, UVMF_INVLPG | (unsigned long)&bitmap), 0);
	CHECK_EQ(hv_update_va_mapping(page[0], good, 3), 0);
	CHECK_EQ(hv_update_va_mapping((char *)page[0] + 5, good, UVMF_INVLPG), 0);
	/* No L1 table there; the hypervisor's; not canonical. */
	CHECK_EQ(hv_update_va_mapping(0x1000, good, 0), -EINVAL);
	CHECK_EQ(hv_update_va_mapping(VIRT_BASE + (200UL << 21), good, 0), -EINVAL);
	CHECK_EQ(hv_update_va_mapping(MACH2PHYS_VIRT_START, good, 0), -EINVAL);
	CHECK_EQ(hv_update_va_mapping(0x1234567812345000, good, 0), -EINVAL);
	CHECK_EQ(hv_update_va_mapping(page[0], mfn_pte(0xfffffffff, PTE_RW), 0), -EPERM);
	CHECK_EQ(hv_update_va_mapping_otherdomain(page[0], good, 0, DOMID_SELF), 0);
	CHECK_EQ(hv_update_va_mapping_otherdomain(page[0], good, 0, 77), -ESRCH);
}

/* The frames' owner is named in the last argument. */
static void owners(void)
{
	uint64_t good = mfn_pte(virt_to_mfn(page[0]), PTE_RW);
	struct mmu_update req = { l1e, good };

	/* Our own number is not a foreign domain, and so no domain at all. */
	CHECK_EQ(hv_mmu_update(&req, 1, 0, 0), -ESRCH);
	CHECK_EQ(hv_mmu_update(&req, 1, 0, 77), -ESRCH);
	CHECK_EQ(hv_mmu_update(&req, 1, 0, DOMID_SELF | 78 << 16), -ESRCH);
	CHECK_EQ(hv_mmu_update(&req, 1, 0, DOMID_INVALID), -ESRCH);
	/* Device memory, which dom0 may map: the VGA text buffer. */
	req.val = mfn_pte(0xb8, PTE_RW | PTE_PCD);
	CHECK_EQ(hv_mmu_update(&req, 1, 0, DOMID_IO), 0);
	req.val = mfn_pte(0xb8, PTE_RW | PTE_PCD);
	CHECK_EQ(hv_mmu_update(&req, 1, 0, DOMID_SELF), 0);
	/* The local APIC is the hypervisor's. */
	req.val = mfn_pte(0xfee00, PTE_RW | PTE_PCD);
	CHECK_EQ(hv_mmu_update(&req, 1, 0, DOMID_SELF), -EPERM);
	req.val = good;
	CHECK_EQ(hv_mmu_update(&req, 1, 0, DOMID_SELF), 0);
	flush();
}

int test_main(struct start_info *si)
{
	(void)si;
	l1e = pt_entry_maddr(page[0], 1);
	normal();
	preserve_ad();
	batch();
	bad_l1();
	bad_places();
	machphys();
	upper_levels();
	va_mapping();
	owners();
	return 0;
}

/*
 * Helpers to read and change the page tables that the domain builder made,
 * and a small pool of pages to make others from.
 */
#include "mm.h"
#include "test.h"

#define POOL_PAGES 160

unsigned long *p2m;

static char pool[POOL_PAGES][PAGE_SIZE] page_aligned;
static unsigned int pool_used;

void mm_init(void)
{
	p2m = (unsigned long *)start_info->mfn_list;
}

static uint64_t *table_at(uint64_t entry)
{
	return pfn_to_virt(m2p[(entry & PTE_FRAME) >> 12]);
}

uint64_t *pt_entry(const volatile void *va, int level)
{
	uint64_t *table = (uint64_t *)start_info->pt_base;
	uint64_t *entry;
	int at;

	for (at = 4;; at--) {
		entry = &table[table_index((unsigned long)va, at)];
		if (at == level)
			return entry;
		if (!(*entry & PTE_P) || (*entry & PTE_PS))
			return NULL;
		table = table_at(*entry);
	}
}

uint64_t virt_to_maddr(const volatile void *va)
{
	return ((uint64_t)virt_to_mfn(va) << 12) | ((unsigned long)va & (PAGE_SIZE - 1));
}

uint64_t pt_entry_maddr(const volatile void *va, int level)
{
	uint64_t *entry = pt_entry(va, level);

	return entry ? virt_to_maddr(entry) : 0;
}

unsigned long mapped_mfn(const volatile void *va)
{
	uint64_t *entry = pt_entry(va, 1);

	return entry && (*entry & PTE_P) ? (*entry & PTE_FRAME) >> 12 : 0;
}

long map_mfn(const volatile void *va, unsigned long mfn, uint64_t flags)
{
	return hv_update_va_mapping(va, mfn_pte(mfn, flags), UVMF_INVLPG);
}

long map_readonly(const volatile void *va)
{
	return map_mfn(va, virt_to_mfn(va), PTE_RO);
}

long map_writable(const volatile void *va)
{
	return map_mfn(va, virt_to_mfn(va), PTE_RW);
}

long pt_write(uint64_t maddr, uint64_t value)
{
	struct mmu_update req = { .ptr = maddr | MMU_NORMAL_PT_UPDATE, .val = value };

	return hv_mmu_update(&req, 1, 0, DOMID_SELF);
}

long mmuext(unsigned int cmd, unsigned long mfn)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn };

	return hv_mmuext_op(&op, 1, 0, DOMID_SELF);
}

void *page_alloc(void)
{
	REQUIRE(pool_used < POOL_PAGES);
	return pool[pool_used++];
}

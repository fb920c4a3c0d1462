/*
 * Memory: pages, frames, and the guest's own page tables.
 *
 * pfn: the guest's own numbering; mfn: the machine's. Page tables hold mfns.
 * All tables of the builder lie in the initial mapping, read-only.
 */
#ifndef LIB_MM_H
#define LIB_MM_H

#include <stdint.h>
#include <xen/xen.h>
#include "layout.h"

#define PTE_P 0x001UL
#define PTE_W 0x002UL
#define PTE_U 0x004UL
#define PTE_PWT 0x008UL
#define PTE_PCD 0x010UL
#define PTE_A 0x020UL
#define PTE_D 0x040UL
#define PTE_PS 0x080UL /* PAT in an L1 entry */
#define PTE_G 0x100UL
#define PTE_NX (1UL << 63)
#define PTE_FRAME 0x000ffffffffff000UL

/* A guest kernel runs in ring 3, so its pages are user pages too. */
#define PTE_RO (PTE_P | PTE_U | PTE_A)
#define PTE_RW (PTE_RO | PTE_W | PTE_D)
/* Flags of an entry that points to a table. */
#define PTE_TABLE (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)

#define m2p ((volatile unsigned long *)MACH2PHYS_VIRT_START)
extern unsigned long *p2m; /* the builder's list */

void mm_init(void);

static inline void *pfn_to_virt(unsigned long pfn)
{
	return (void *)(VIRT_BASE + (pfn << 12));
}

static inline unsigned long virt_to_pfn(const volatile void *va)
{
	return ((unsigned long)va - VIRT_BASE) >> 12;
}

static inline unsigned long virt_to_mfn(const volatile void *va)
{
	return p2m[virt_to_pfn(va)];
}

static inline uint64_t mfn_pte(unsigned long mfn, uint64_t flags)
{
	return ((uint64_t)mfn << 12) | flags;
}

static inline unsigned int table_index(unsigned long va, int level)
{
	return (va >> (12 + 9 * (level - 1))) & 511;
}

/*
 * The entry of a level (1 to 4) that translates va in the builder's tables.
 * NULL when a level above is absent. Entries are readable, not writable.
 */
uint64_t *pt_entry(const volatile void *va, int level);
/* The machine address of that entry, for mmu_update; 0 when there is none. */
uint64_t pt_entry_maddr(const volatile void *va, int level);
/* The machine address of any mapped byte. */
uint64_t virt_to_maddr(const volatile void *va);
/* The mfn mapped at va now (not what p2m says), 0 when nothing is. */
unsigned long mapped_mfn(const volatile void *va);

/* Change how one page of the initial mapping is mapped. Return: as the call. */
long map_mfn(const volatile void *va, unsigned long mfn, uint64_t flags);
long map_readonly(const volatile void *va);
long map_writable(const volatile void *va);
/* One mmu_update / mmuext_op; returns the call's result. */
long pt_write(uint64_t maddr, uint64_t value);
long mmuext(unsigned int cmd, unsigned long mfn);

/* A zeroed page from the image; its pfn is virt_to_pfn(). Never freed. */
void *page_alloc(void);

#endif

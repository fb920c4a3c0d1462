/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's own page tables, and the bits of page-table entries (SDM
 * vol. 3, 4.5). Guests' tables are mm/pagetable.h's.
 */
#ifndef MM_PAGING_H
#define MM_PAGING_H

#include "lib/types.h"

typedef u64 pte_t;

#define PTE_PRESENT (1ull << 0)
#define PTE_RW (1ull << 1)
#define PTE_USER (1ull << 2)
#define PTE_PWT (1ull << 3)
#define PTE_PCD (1ull << 4)
#define PTE_ACCESSED (1ull << 5)
#define PTE_DIRTY (1ull << 6)
#define PTE_PSE (1ull << 7) /* L2, L3: large page; L1: PAT */
#define PTE_GLOBAL (1ull << 8)
#define PTE_AVAIL (7ull << 9)
#define PTE_AVAIL_HIGH (0x7ffull << 52)
#define PTE_NX (1ull << 63)
#define PTE_MFN_MASK 0x000ffffffffff000ull

#define PTES 512
#define pte_mfn(e) (((e) & PTE_MFN_MASK) >> PAGE_SHIFT)
#define pte_make(mfn, flags) (((u64)(mfn) << PAGE_SHIFT) | (flags))

#define L1_SHIFT 12
#define L2_SHIFT 21
#define L3_SHIFT 30
#define L4_SHIFT 39
#define pt_index(va, level) (((va) >> (L1_SHIFT + 9 * ((level) - 1))) & 511)

/* Protections of the hypervisor's mappings. */
#define HV_RW (PTE_PRESENT | PTE_RW | PTE_ACCESSED | PTE_DIRTY | PTE_NX | PTE_GLOBAL)
#define HV_RO (PTE_PRESENT | PTE_ACCESSED | PTE_NX | PTE_GLOBAL)
#define HV_RX (PTE_PRESENT | PTE_ACCESSED | PTE_GLOBAL)
#define HV_UC (HV_RW | PTE_PCD | PTE_PWT)

/* The L4 table that idle CPUs run on; its slots 256-271 are in every guest's. */
extern pte_t *idle_l4;
extern mfn_t idle_l4_mfn;

/* Boot: build idle_l4 for the tidied memory map and switch this CPU to it. */
void paging_init(void);

/* Boot: frames for good, before the page allocator runs. Zeroed; panics. */
void *boot_alloc(unsigned int order);
/* Boot: hand what boot_alloc() left over to the page allocator. */
void boot_alloc_finish(void);

/*
 * Map [va, va + bytes) to pa in the hypervisor's slots with prot, by 4 KiB pages
 * (2 MiB where both sides allow it and large is set). Boot or one-off; tables
 * come from the allocator, which panics at boot and cannot fail later only
 * because later callers use areas whose tables exist.
 */
void map_pages(u64 va, paddr_t pa, u64 bytes, u64 prot, bool large);
void unmap_page(u64 va);

/* The frame behind an address of ours that is mapped; 0: it is not. */
mfn_t hypervisor_mfn(u64 va);

/* Device registers, uncached, for good. Any alignment. NULL: no room. */
void *ioremap(paddr_t pa, size_t bytes);

/* Firmware's tables and the like through the direct map, cached. */
void *map_physical(paddr_t pa, size_t bytes);

/* Below: firmware's and starting CPUs' playground. */
#define LOW_MEMORY ((paddr_t)1 << 20)

/* The highest frame of RAM + 1, and whether an address is RAM by the map. */
extern mfn_t max_mfn;
bool mfn_is_ram(mfn_t mfn);

#endif

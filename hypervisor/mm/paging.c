/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's own address space. At boot we run on a rough map of the first
 * 4 GiB; here the final one is built: the image with a permission for each part,
 * all RAM in the direct map, the frame table and the machine-to-physical table
 * with entries for RAM only. Every guest's L4 table carries these slots, so a
 * change after boot must stay below an L4 slot that exists already.
 */
#include <xen/xen.h>

#include "boot/boot_info.h"
#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/layout.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/paging.h"

extern char __text_start[], __text_end[], __data_start[], __image_end[];
extern pte_t boot_l4[];

pte_t *idle_l4;
mfn_t idle_l4_mfn;
mfn_t max_mfn;

/* 256 MiB of memory, in frames: 2 MiB of frame table describe it. */
#define CHUNK_SHIFT 16
#define MAX_CHUNKS (1u << 16)

/* Boot allocator: takes from the top of a free piece of RAM downwards. */
static struct {
	paddr_t start, end;
} piece[MAX_REGIONS + 64];
static unsigned int nr_pieces;
static bool heap_ready;
static paddr_t boot_limit = 1ull << 32; /* mapped so far */

bool mfn_is_ram(mfn_t mfn)
{
	paddr_t pa = mfn << PAGE_SHIFT;

	for (unsigned int i = 0; i < boot_info.nr_regions; i++) {
		const struct region *r = &boot_info.region[i];

		if (pa >= r->start && pa < r->end)
			return r->type == REGION_RAM;
	}
	return false;
}

/* Cut [start, end) out of the free pieces. */
static void piece_reserve(paddr_t start, paddr_t end)
{
	unsigned int n = nr_pieces;

	start = ROUND_DOWN(start, PAGE_SIZE);
	end = ROUND_UP(end, PAGE_SIZE);
	for (unsigned int i = 0; i < n; i++) {
		paddr_t s = piece[i].start, e = piece[i].end;

		if (end <= s || e <= start)
			continue;
		piece[i].end = max(s, start);
		if (end < e) {
			piece[nr_pieces].start = end;
			piece[nr_pieces++].end = e;
		}
		if (start <= s)
			piece[i].start = piece[i].end;
	}
}

static void pieces_init(void)
{
	for (unsigned int i = 0; i < boot_info.nr_regions; i++) {
		const struct region *r = &boot_info.region[i];

		if (r->type != REGION_RAM)
			continue;
		piece[nr_pieces].start = r->start;
		piece[nr_pieces++].end = r->end;
	}
	/* The first MiB is for starting CPUs, firmware data and bad BIOSes. */
	piece_reserve(0, LOW_MEMORY);
	piece_reserve(IMAGE_PHYS, IMAGE_PHYS + (u64)(__image_end - __text_start));
	for (unsigned int i = 0; i < boot_info.nr_modules; i++)
		piece_reserve(boot_info.module[i].start,
			      boot_info.module[i].end);
}

void *boot_alloc(unsigned int order)
{
	u64 bytes = PAGE_SIZE << order;

	/* From the last piece down: low memory is precious to old devices. */
	for (unsigned int i = nr_pieces; i-- > 0;) {
		paddr_t end = min(piece[i].end, boot_limit);
		paddr_t start;

		if (end < bytes)
			continue;
		start = ROUND_DOWN(end - bytes, bytes);
		if (start < piece[i].start || end <= piece[i].start)
			continue;
		/* What lies between the block and the piece's end stays free. */
		if (start + bytes < piece[i].end) {
			BUG_ON(nr_pieces == ARRAY_SIZE(piece));
			piece[nr_pieces].start = start + bytes;
			piece[nr_pieces++].end = piece[i].end;
		}
		piece[i].end = start;
		return memset(map_frame(start >> PAGE_SHIFT), 0, bytes);
	}
	panic("not enough memory to start: %lu KiB wanted", bytes >> 10);
}

void boot_alloc_finish(void)
{
	heap_ready = true;
	for (unsigned int i = 0; i < nr_pieces; i++)
		frames_add(piece[i].start >> PAGE_SHIFT,
			   piece[i].end >> PAGE_SHIFT);
}

static pte_t *table_alloc(void)
{
	void *page = heap_ready ? page_alloc() : boot_alloc(0);

	if (!page)
		panic("no memory for a page table of ours");
	return page;
}

/* The entry for va in the table of a level, tables above made as needed. */
static pte_t *walk(u64 va, unsigned int level)
{
	pte_t *table = idle_l4;

	for (unsigned int l = 4; l > level; l--) {
		pte_t *e = &table[pt_index(va, l)];

		if (!(*e & PTE_PRESENT))
			*e = pte_make(virt_to_mfn(table_alloc()),
				      PTE_PRESENT | PTE_RW | PTE_USER |
					      PTE_ACCESSED | PTE_DIRTY);
		BUG_ON(*e & PTE_PSE);
		table = map_frame(pte_mfn(*e));
	}
	return &table[pt_index(va, level)];
}

void map_pages(u64 va, paddr_t pa, u64 bytes, u64 prot, bool large)
{
	const u64 large_size = 1ull << L2_SHIFT;

	while (bytes) {
		if (large && ((va | pa) & (large_size - 1)) == 0 &&
		    bytes >= large_size) {
			*walk(va, 2) = pa | prot | PTE_PSE;
			va += large_size;
			pa += large_size;
			bytes -= large_size;
		} else {
			*walk(va, 1) = pa | prot;
			va += PAGE_SIZE;
			pa += PAGE_SIZE;
			bytes -= min(bytes, PAGE_SIZE);
		}
	}
}

void unmap_page(u64 va)
{
	*walk(va, 1) = 0;
	invlpg(va);
}

mfn_t hypervisor_mfn(u64 va)
{
	pte_t *table = idle_l4;

	for (unsigned int level = 4;; level--) {
		pte_t e = table[pt_index(va, level)];

		if (!(e & PTE_PRESENT))
			return 0;
		if (level == 1)
			return pte_mfn(e);
		if (e & PTE_PSE)
			return pte_mfn(e) +
			       ((va >> PAGE_SHIFT) &
				((1ull << (9 * (level - 1))) - 1));
		table = map_frame(pte_mfn(e));
	}
}

void *ioremap(paddr_t pa, size_t bytes)
{
	static u64 next = IOREMAP_VIRT;
	u64 offset = pa & ~PAGE_MASK;
	u64 va = next;

	bytes = ROUND_UP(bytes + offset, PAGE_SIZE);
	if (bytes > IOREMAP_END - next)
		return NULL;
	next += bytes;
	map_pages(va, pa - offset, bytes, HV_UC, false);
	return (void *)(va + offset);
}

void *map_physical(paddr_t pa, size_t bytes)
{
	paddr_t page = ROUND_DOWN(pa, PAGE_SIZE);

	if (pa + bytes < pa || pa + bytes > DIRECTMAP_END - DIRECTMAP_VIRT)
		return NULL;
	for (; idle_l4 && page < pa + bytes; page += PAGE_SIZE) {
		u64 va = DIRECTMAP_VIRT + page;
		pte_t *e;

		if (mfn_is_ram(page >> PAGE_SHIFT))
			continue;
		e = walk(va, 1);
		if (!(*e & PTE_PRESENT))
			*e = page | HV_RW;
	}
	return map_frame(0) + pa;
}

/* RAM in the direct map, by the largest pages that fit. */
static void map_ram(void)
{
	for (unsigned int i = 0; i < boot_info.nr_regions; i++) {
		const struct region *r = &boot_info.region[i];

		if (r->type == REGION_RAM && r->start < r->end)
			map_pages(DIRECTMAP_VIRT + r->start, r->start,
				  r->end - r->start, HV_RW, true);
	}
}

/* Back [va, va + 2 MiB) with fresh memory unless it is already. */
static void back_large(u64 va, u64 ro_alias)
{
	pte_t *e = walk(va, 2);
	paddr_t pa;

	if (*e & PTE_PRESENT)
		return;
	pa = virt_to_mfn(boot_alloc(9)) << PAGE_SHIFT;
	*e = pa | HV_RW | PTE_PSE;
	if (ro_alias)
		*walk(ro_alias, 2) = pa | PTE_PRESENT | PTE_USER |
				     PTE_ACCESSED | PTE_NX | PTE_PSE;
	/* An m2p entry with this pattern means: no guest's. */
	memset((void *)va, ro_alias ? 0x55 : 0, 1ul << L2_SHIFT);
}

/*
 * What is not RAM, and the first MiB, a privileged domain may map as device
 * memory. RAM is nobody's until the allocator has it.
 */
static void frames_init(mfn_t start, mfn_t end, u16 owner)
{
	for (mfn_t m = start; m < end; m++)
		mfn_to_frame(m)->owner = owner;
}

/*
 * Records for the chunks without RAM: one page of them, seen 512 times in one
 * 2 MiB that all these chunks share. Nobody ever writes to it, since a frame
 * without references gets none.
 */
static void map_hole_records(void)
{
	pte_t *table = NULL;

	for (u64 c = 0; c <= (max_mfn - 1) >> CHUNK_SHIFT; c++) {
		u64 va = FRAME_TABLE_VIRT + (c << L2_SHIFT);

		if (hypervisor_mfn(va))
			continue;
		if (!table) {
			struct frame *records = boot_alloc(0);

			table = boot_alloc(0);
			for (u64 i = 0; i < PAGE_SIZE / sizeof(*records); i++)
				records[i].owner = DOMID_IO;
			for (unsigned int i = 0; i < PTES; i++)
				table[i] = pte_make(virt_to_mfn(records), HV_RO);
		}
		*walk(va, 2) = pte_make(virt_to_mfn(table), PTE_PRESENT | PTE_RW |
					PTE_USER | PTE_ACCESSED | PTE_DIRTY);
	}
}

static void map_frame_tables(void)
{
	const u64 large = 1ull << L2_SHIFT;

	for (unsigned int i = 0; i < boot_info.nr_regions; i++) {
		const struct region *r = &boot_info.region[i];

		if (r->type == REGION_RAM)
			max_mfn = max(max_mfn, r->end >> PAGE_SHIFT);
	}
	for (unsigned int i = 0; i < boot_info.nr_regions; i++) {
		const struct region *r = &boot_info.region[i];
		u64 first = r->start >> (PAGE_SHIFT + CHUNK_SHIFT);
		u64 last = (r->end - 1) >> (PAGE_SHIFT + CHUNK_SHIFT);

		if (r->type != REGION_RAM || r->start >= r->end)
			continue;
		for (u64 c = first; c <= last && c < MAX_CHUNKS; c++) {
			u64 m2p = ROUND_DOWN((c << CHUNK_SHIFT) * sizeof(u64),
					     large);

			if (hypervisor_mfn(FRAME_TABLE_VIRT + c * large))
				continue;
			back_large(FRAME_TABLE_VIRT + c * large, 0);
			frames_init(c << CHUNK_SHIFT, (c + 1) << CHUNK_SHIFT,
				    DOMID_IO);
			back_large(M2P_VIRT + m2p, M2P_RO_VIRT + m2p);
		}
	}
	for (unsigned int i = 0; i < boot_info.nr_regions; i++) {
		const struct region *r = &boot_info.region[i];

		if (r->type == REGION_RAM && r->end > LOW_MEMORY)
			frames_init(max(r->start, LOW_MEMORY) >> PAGE_SHIFT,
				    r->end >> PAGE_SHIFT, DOMID_INVALID);
	}
	map_hole_records();
	for (u64 va = M2P_VIRT; va < M2P_VIRT + max_mfn * sizeof(u64);
	     va += large) {
		mfn_t mfn = hypervisor_mfn(va);

		if (mfn)
			frames_init(mfn, mfn + (large >> PAGE_SHIFT),
				    DOMID_XEN);
	}
}

/* Nothing is both writable and executable. */
static void map_image(void)
{
	u64 text = (u64)__text_start, data = (u64)__data_start;
	paddr_t phys = IMAGE_PHYS - IMAGE_VIRT;

	map_pages(text, text + phys, __text_end - __text_start, HV_RX, false);
	map_pages((u64)__text_end, (u64)__text_end + phys,
		  __data_start - __text_end, HV_RO, false);
	map_pages(data, data + phys, __image_end - __data_start, HV_RW, false);
}

void paging_init(void)
{
	pieces_init();
	idle_l4 = boot_alloc(0);
	idle_l4_mfn = virt_to_mfn(idle_l4);
	map_ram();
	map_image();
	/* Tables for device memory and CPU areas, so that L4 never changes. */
	walk(IOREMAP_VIRT, 1);
	walk(CPU_AREA_VIRT, 1);
	for (unsigned int slot = 262; slot <= L4_SLOT_LAST; slot++)
		walk(HYPERVISOR_START + ((u64)(slot - 256) << L4_SHIFT), 3);
	write_cr3(idle_l4_mfn << PAGE_SHIFT);
	boot_limit = UINT64_MAX;
	map_frame_tables();
	/* CPUs that start later pass through the boot table. */
	for (unsigned int slot = L4_SLOT_FIRST; slot <= L4_SLOT_LAST; slot++)
		boot_l4[slot] = idle_l4[slot];
}

/*
 * memory_op: how much memory there is, giving it back and getting more, and
 * where the machine's tables are.
 */
#include "test.h"
#include <xen/memory.h>
#include "mm.h"
#include "trap.h"

#define COUNT 8

static xen_pfn_t frames[COUNT * 2];
static char pages[COUNT][PAGE_SIZE] page_aligned;
static unsigned long pfns[COUNT];

static long reserve(unsigned int cmd, unsigned int count, unsigned int order)
{
	struct xen_memory_reservation res = { .nr_extents = count,
					      .extent_order = order,
					      .domid = DOMID_SELF };

	set_xen_guest_handle(res.extent_start, frames);
	return hv_memory_op(cmd, &res);
}

static long current_pages(void)
{
	domid_t self = DOMID_SELF;

	return hv_memory_op(XENMEM_current_reservation, &self);
}

static void queries(void)
{
	domid_t self = DOMID_SELF, zero = 0, unknown = 77;
	long ram = hv_memory_op(XENMEM_maximum_ram_page, 0), pages_now = current_pages();

	CHECK_EQ(pages_now, start_info->nr_pages);
	CHECK_EQ(hv_memory_op(XENMEM_current_reservation, &zero), pages_now);
	CHECK(hv_memory_op(XENMEM_maximum_reservation, &self) >= pages_now);
	CHECK_EQ(hv_memory_op(XENMEM_current_reservation, &unknown), -ESRCH);
	CHECK_EQ(hv_memory_op(XENMEM_maximum_reservation, &unknown), -ESRCH);
	CHECK_EQ(hv_memory_op(XENMEM_current_reservation, 0x1000), -EFAULT);
	CHECK(ram > pages_now && ram < 1L << 40, "%ld", ram);
	/* The guest has to say itself how far its numbers go. */
	CHECK_EQ(hv_memory_op(XENMEM_maximum_gpfn, &self), 0);
	shared_info->arch.max_pfn = start_info->nr_pages;
	CHECK_EQ(hv_memory_op(XENMEM_maximum_gpfn, &self), start_info->nr_pages - 1);
	shared_info->arch.max_pfn = 0;
}

/* Map a frame of another owner over the first page. */
static long map_of(unsigned int owner, unsigned long mfn, uint64_t flags)
{
	struct mmu_update req = { pt_entry_maddr(pages[0], 1), mfn_pte(mfn, flags) };
	long rc = hv_mmu_update(&req, 1, 0, owner);

	mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0);
	return rc;
}

static void machphys(void)
{
	struct xen_machphys_mapping map;
	struct xen_machphys_mfn_list list = { .max_extents = 1 };
	unsigned long ram = hv_memory_op(XENMEM_maximum_ram_page, 0);

	CHECK_EQ(hv_memory_op(XENMEM_machphys_mapping, &map), 0);
	CHECK_EQ(map.v_start, MACH2PHYS_VIRT_START);
	CHECK_EQ(map.v_end, MACH2PHYS_VIRT_END);
	CHECK_EQ(map.max_mfn, ram - 1);
	set_xen_guest_handle(list.extent_start, frames);
	CHECK_EQ(hv_memory_op(XENMEM_machphys_mfn_list, &list), 0);
	CHECK_EQ(list.nr_extents, 1);
	/* The first 2 MB of the table are the hypervisor's: dom0 may map them to read. */
	CHECK_EQ(map_mfn(pages[0], frames[0], PTE_RO), -EBUSY);
	CHECK_EQ(map_of(DOMID_XEN, frames[0], PTE_RO), 0);
	CHECK_EQ(*(volatile unsigned long *)pages[0], m2p[0]);
	CHECK_EQ(map_of(DOMID_XEN, frames[0], PTE_RW), -EBUSY);
	CHECK_EQ(map_writable(pages[0]), 0);
	CHECK_EQ(hv_memory_op(XENMEM_machphys_mapping, 0x1000), -EFAULT);
	CHECK_EQ(hv_memory_op(XENMEM_machphys_mfn_list, 0x1000), -EFAULT);
}

/* Give pages back, and get others in their place. */
static void balloon(void)
{
	long before = current_pages();
	unsigned long mfn;
	int i;

	for (i = 0; i < COUNT; i++) {
		pfns[i] = virt_to_pfn(pages[i]);
		frames[i] = p2m[pfns[i]];
	}
	mfn = frames[0];
	for (i = 0; i < COUNT; i++)
		CHECK_EQ(map_mfn(pages[i], 0, 0), 0);
	CHECK_EQ(reserve(XENMEM_decrease_reservation, COUNT, 0), COUNT);
	CHECK_EQ(current_pages(), before - COUNT);
	CHECK_EQ(m2p[mfn], -1UL);
	/* Not ours any more. */
	CHECK_EQ(map_mfn(pages[0], mfn, PTE_RW), -EBUSY);
	CHECK_EQ(reserve(XENMEM_decrease_reservation, 1, 0), 0);
	/* populate_physmap takes pfns and leaves mfns. */
	for (i = 0; i < COUNT; i++)
		frames[i] = pfns[i];
	CHECK_EQ(reserve(XENMEM_populate_physmap, COUNT, 0), COUNT);
	CHECK_EQ(current_pages(), before);
	for (i = 0; i < COUNT; i++) {
		CHECK_EQ(m2p[frames[i]], pfns[i]);
		p2m[pfns[i]] = frames[i];
		CHECK_EQ(map_writable(pages[i]), 0);
		pages[i][0] = i;
	}
	/* increase_reservation leaves the numbering to the guest. */
	CHECK_EQ(map_mfn(pages[0], 0, 0), 0);
	CHECK_EQ(reserve(XENMEM_decrease_reservation, 1, 0), 1);
	CHECK_EQ(reserve(XENMEM_increase_reservation, 1, 0), 1);
	p2m[pfns[0]] = frames[0];
	CHECK_EQ(map_writable(pages[0]), 0);
	CHECK_EQ(pt_write((uint64_t)frames[0] << 12 | MMU_MACHPHYS_UPDATE, pfns[0]), 0);
	CHECK_EQ(m2p[frames[0]], pfns[0]);
	CHECK_EQ(current_pages(), before);
}

/* What it does to frames in use, to nonsense and to greed. */
static void refused(void)
{
	long before = current_pages();

	frames[0] = virt_to_mfn((void *)start_info->pt_base);
	CHECK_EQ(reserve(XENMEM_decrease_reservation, 1, 0), 1);
	/* It is counted out, though the frame is in use: it goes when unpinned. */
	CHECK_EQ(current_pages(), before);
	frames[0] = 0xfffffffff;
	CHECK_EQ(reserve(XENMEM_decrease_reservation, 1, 0), 0);
	frames[0] = 0;
	CHECK_EQ(reserve(XENMEM_decrease_reservation, 1, 0), 0);
	CHECK_EQ(reserve(XENMEM_decrease_reservation, 0, 0), 0);
	CHECK_EQ(reserve(XENMEM_populate_physmap, 0, 0), 0);
	/* More than there is: as much as went well, which is nothing. */
	frames[0] = 0x100000;
	CHECK_EQ(reserve(XENMEM_populate_physmap, 1, 30), 0);
	CHECK_EQ(current_pages(), before);
	CHECK_EQ(hv_memory_op(XENMEM_populate_physmap, 0x1000), 0);
	CHECK_EQ(hv_memory_op(XENMEM_decrease_reservation, 0x1000), 0);
	/* A list of frames that ends in nothing. */
	{
		struct xen_memory_reservation res = { .nr_extents = 1, .domid = DOMID_SELF };

		set_xen_guest_handle(res.extent_start, (xen_pfn_t *)0x1000);
		CHECK_EQ(hv_memory_op(XENMEM_decrease_reservation, &res), 0);
		res.domid = 77;
		CHECK_EQ(hv_memory_op(XENMEM_decrease_reservation, &res), 0);
	}
}

/* Trading: frames out, others of a better kind in. Here only: contiguous ones. */
static void exchange(void)
{
	struct xen_memory_exchange op = {
		.in = { .nr_extents = 4, .extent_order = 0, .domid = DOMID_SELF },
		.out = { .nr_extents = 1, .extent_order = 2, .domid = DOMID_SELF },
	};
	static xen_pfn_t in[4], out[4];
	long before = current_pages();
	int i;

	for (i = 0; i < 4; i++) {
		in[i] = p2m[pfns[i]];
		CHECK_EQ(map_mfn(pages[i], 0, 0), 0);
	}
	out[0] = pfns[0];
	set_xen_guest_handle(op.in.extent_start, in);
	set_xen_guest_handle(op.out.extent_start, out);
	CHECK_EQ(hv_memory_op(XENMEM_exchange, &op), 0);
	CHECK_EQ(op.nr_exchanged, 4);
	CHECK_EQ(out[0] % 4, 0);
	for (i = 0; i < 4; i++) {
		CHECK_EQ(m2p[out[0] + i], pfns[i]);
		p2m[pfns[i]] = out[0] + i;
		CHECK_EQ(map_writable(pages[i]), 0);
	}
	CHECK_EQ(current_pages(), before);
	/* Sizes that do not match; a count of done beyond all. */
	op.nr_exchanged = 0;
	op.out.nr_extents = 2;
	CHECK_EQ(hv_memory_op(XENMEM_exchange, &op), -EINVAL);
	op.out.nr_extents = 1;
	op.nr_exchanged = 5;
	CHECK_EQ(hv_memory_op(XENMEM_exchange, &op), -EINVAL);
	CHECK_EQ(hv_memory_op(XENMEM_exchange, 0x1000), -EFAULT);
}

struct e820 {
	uint64_t addr, size;
	uint32_t type;
} __attribute__((packed));

/* Is there an entry for just that? */
static bool reserved(const struct e820 *map, unsigned int n, uint64_t start, uint64_t end)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (map[i].type == 2 && map[i].addr == start && map[i].size == end - start)
			return true;
	return false;
}

static void maps(void)
{
	static struct e820 map[64];
	struct xen_memory_map op = { .nr_entries = ARRAY_SIZE(map) };
	unsigned int i;
	uint64_t ram = 0;

	set_xen_guest_handle(op.buffer, (void *)map);
	CHECK_EQ(hv_memory_op(XENMEM_memory_map, &op), -ENOSYS); /* nobody set one */
	op.nr_entries = ARRAY_SIZE(map);
	CHECK_EQ(hv_memory_op(XENMEM_machine_memory_map, &op), 0);
	CHECK(op.nr_entries >= 3 && op.nr_entries < ARRAY_SIZE(map));
	for (i = 0; i < op.nr_entries; i++) {
		if (i)
			CHECK(map[i].addr >= map[i - 1].addr + map[i - 1].size);
		if (map[i].type == 1)
			ram += map[i].size;
	}
	CHECK(ram > start_info->nr_pages * PAGE_SIZE);
	/* As firmware says it, to the byte; and the interrupt controllers. */
	CHECK_EQ(map[0].addr, 0);
	CHECK_EQ(map[0].size, 0x9fc00);
	CHECK(reserved(map, op.nr_entries, 0xfec00000, 0xfec01000));
	CHECK(reserved(map, op.nr_entries, 0xfee00000, 0xfef00000));
	/* With room for two only: nothing at all. */
	op.nr_entries = 2;
	CHECK_EQ(hv_memory_op(XENMEM_machine_memory_map, &op), -EINVAL);
	CHECK_EQ(hv_memory_op(XENMEM_machine_memory_map, 0x1000), -EFAULT);
	CHECK_EQ(hv_memory_op(XENMEM_memory_map, 0x1000), -EFAULT);
}

int test_main(struct start_info *si)
{
	(void)si;
	queries();
	machphys();
	balloon();
	refused();
	exchange();
	maps();
	return 0;
}

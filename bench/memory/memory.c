/*
 * How much memory a machine has left for domains: takes all there is, page by
 * page, as domain 0 with a limit beyond what the machine has.
 *
 *	BENCH ram <pages>	of the machine, by its memory map
 *	BENCH domains <pages>	that domain 0 has in the end
 *
 * The difference is the hypervisor's: its image, its tables, what it keeps for
 * itself, and what it spends on having domain 0.
 */
#include <stdint.h>
#include <xen/memory.h>
#include <xen/xen.h>
#include "test.h"

#define RAM 1 /* in the firmware's memory map */
#define MOST 64
#define AT_ONCE 1024

struct e820entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
} __attribute__((packed));

static uint64_t ram_pages(void)
{
	static struct e820entry map[MOST];
	struct xen_memory_map op = { .nr_entries = MOST };
	uint64_t pages = 0, end;
	unsigned int i;

	set_xen_guest_handle(op.buffer, (void *)map);
	REQUIRE(hv_memory_op(XENMEM_machine_memory_map, &op) == 0);
	for (i = 0; i < op.nr_entries; i++) {
		end = (map[i].addr + map[i].size) / PAGE_SIZE;
		if (map[i].type == RAM)
			pages += end - (map[i].addr + PAGE_SIZE - 1) / PAGE_SIZE;
	}
	return pages;
}

/* Take pages, so many at once and single ones in the end; they stay nameless. */
static void take_all(void)
{
	struct xen_memory_reservation more = { .nr_extents = AT_ONCE, .domid = DOMID_SELF };

	do {
		if (hv_memory_op(XENMEM_increase_reservation, &more) != (long)more.nr_extents)
			more.nr_extents /= 2;
	} while (more.nr_extents);
}

int test_main(struct start_info *si)
{
	domid_t self = DOMID_SELF;

	(void)si;
	take_all();
	print("BENCH ram %lu\n", ram_pages());
	print("BENCH domains %lu\n", hv_memory_op(XENMEM_current_reservation, &self));
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * More memory than the domain was started for. Linux is told of memory where nothing is,
 * above 4 GiB (below are a PC's devices), and the balloon gets its pages.
 */
#include <linux/device.h>
#include <linux/init.h>
#include <linux/ioport.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <asm/xen/page.h>

#include "balloon.h"

static void pages_online(struct page *page, unsigned int order)
{
	balloon_add(page, 1UL << order);
}

static int make_online(struct memory_block *block, void *unused)
{
	return device_online(&block->dev);
}

/* What frames of @resource are: @invalid, memory without frames; else, a device's, as before. */
static void enter_in_list(const struct resource *resource, bool invalid)
{
	unsigned long pfn, end = PFN_DOWN(resource->end);

	for (pfn = PFN_DOWN(resource->start); pfn <= end; pfn++)
		__set_phys_to_machine(pfn, invalid ? INVALID_P2M_ENTRY : IDENTITY_FRAME(pfn));
}

int balloon_hot_add(unsigned long pages)
{
	unsigned long block = memory_block_size_bytes();
	struct resource *resource = kzalloc(sizeof(*resource), GFP_KERNEL);
	int ret;

	if (!resource)
		return -ENOMEM;
	resource->name = "System RAM";
	resource->flags = IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY;
	ret = allocate_resource(&iomem_resource, resource, round_up(PFN_PHYS(pages), block),
				SZ_4G, MAXMEM - 1, block, NULL, NULL);
	if (ret)
		goto free;
	ret = xen_alloc_p2m_entry(PFN_DOWN(resource->end));
	if (ret)
		goto release;
	enter_in_list(resource, true);
	lock_device_hotplug();
	ret = add_memory_resource(0, resource, MHP_NONE);
	/* What fails to come online now can still by /sys/devices/system/memory. */
	if (!ret)
		walk_memory_blocks(resource->start, resource_size(resource), NULL,
				   make_online);
	unlock_device_hotplug();
	if (!ret)
		return 0;
	enter_in_list(resource, false);
release:
	release_resource(resource);
free:
	kfree(resource);
	return ret;
}

void __init balloon_hot_add_init(void)
{
	set_online_page_callback(pages_online);
}

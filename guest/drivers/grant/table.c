// SPDX-License-Identifier: GPL-2.0
/*
 * The grant table itself: frames of the hypervisor's, shared with us, mapped one after
 * the other in a range that has room for as many as the domain may have. It starts
 * with NR_GRANT_FRAMES and grows when references run out.
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>
#include <xen/interface/memory.h>
#include <xen/xen.h>

#include "grant.h"

#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "grant_table."

unsigned int grant_version;
void *grant_frames;
grant_status_t *grant_status;

static unsigned int nr_frames; /* that are mapped; refs_lock */
static unsigned int max_frames;
static bool ready;

/* 0: version 1, unless the machine has frames that version 1 cannot name. */
static unsigned int version_wanted;
module_param_named(version, version_wanted, uint, 0444);

unsigned int grants_per_frame(void)
{
	return PAGE_SIZE /
	       (grant_version == 1 ? sizeof(struct grant_entry_v1) : sizeof(union grant_entry_v2));
}

/* How many references there are at present, from 0 on. */
unsigned int grants_now(void)
{
	return nr_frames * grants_per_frame();
}

/* How many frames of references' states go with @frames. */
static unsigned int status_frames(unsigned int frames)
{
	return DIV_ROUND_UP(frames * grants_per_frame() * sizeof(grant_status_t), PAGE_SIZE);
}

/* How many frames the table may have. */
unsigned int gnttab_max_grant_frames(void)
{
	struct gnttab_query_size query = { .dom = DOMID_SELF };

	if (!max_frames && !HYPERVISOR_grant_table_op(GNTTABOP_query_size, &query, 1) &&
	    query.status == GNTST_okay)
		max_frames = query.max_nr_frames;
	return max_frames ?: NR_GRANT_FRAMES;
}
EXPORT_SYMBOL_GPL(gnttab_max_grant_frames);

/* Frames of machine memory to map, and the one whose turn it is. */
struct mapping {
	u64 *frames;
};

static int map_one(pte_t *pte, unsigned long address, void *data)
{
	struct mapping *mapping = data;

	set_pte_at(&init_mm, address, pte, mfn_pte(*mapping->frames++, PAGE_KERNEL));
	return 0;
}

static int unmap_one(pte_t *pte, unsigned long address, void *data)
{
	set_pte_at(&init_mm, address, pte, __pte(0));
	return 0;
}

static int map_frames(void *at, u64 *frames, unsigned int count)
{
	struct mapping mapping = { .frames = frames };

	return apply_to_page_range(&init_mm, (unsigned long)at, count * PAGE_SIZE, map_one,
				   &mapping);
}

static void unmap_frames(void *at, unsigned int count)
{
	if (at && count)
		apply_to_page_range(&init_mm, (unsigned long)at, count * PAGE_SIZE, unmap_one,
				    NULL);
}

/* Have the table grow to @frames in the hypervisor, whose frame numbers go to @list. */
static int setup_table(unsigned int frames, u64 *list)
{
	struct gnttab_setup_table setup = {
		.dom = DOMID_SELF,
		.nr_frames = frames,
	};
	int err;

	set_xen_guest_handle(setup.frame_list, (xen_pfn_t *)list);
	err = HYPERVISOR_grant_table_op(GNTTABOP_setup_table, &setup, 1);
	if (err)
		return err;
	return setup.status == GNTST_okay ? 0 : -ENOSPC;
}

static int get_status_frames(unsigned int frames, u64 *list)
{
	struct gnttab_get_status_frames get = {
		.dom = DOMID_SELF,
		.nr_frames = frames,
	};
	int err;

	set_xen_guest_handle(get.frame_list, list);
	err = HYPERVISOR_grant_table_op(GNTTABOP_get_status_frames, &get, 1);
	if (err)
		return err;
	return get.status == GNTST_okay ? 0 : -ENOSPC;
}

/*
 * Make the table @frames long; what is new is mapped behind what there was. With
 * refs_lock, or while nobody else uses it. A negative error: nothing has changed.
 */
int grants_grow(unsigned int frames)
{
	unsigned int status_old, status_new;
	u64 *list = kmalloc_array(frames, sizeof(*list), GFP_ATOMIC);
	int err;

	if (!list)
		return -ENOMEM;
	err = setup_table(frames, list);
	if (!err)
		err = map_frames(grant_frames + nr_frames * PAGE_SIZE, list + nr_frames,
				 frames - nr_frames);
	if (!err && grant_version == 2) {
		/* There are fewer of these than of the others. */
		status_old = nr_frames ? status_frames(nr_frames) : 0;
		status_new = status_frames(frames);
		err = get_status_frames(status_new, list);
		if (!err && status_new > status_old)
			err = map_frames((void *)grant_status + status_old * PAGE_SIZE,
					 list + status_old, status_new - status_old);
	}
	if (!err)
		nr_frames = frames;
	kfree(list);
	return err;
}

/* Version 1's frame numbers have 32 bits. */
static unsigned int choose_version(void)
{
	if (version_wanted == 1 || version_wanted == 2)
		return version_wanted;
	if (version_wanted)
		pr_warn("xen: grant_table.version=%u: allowed are 1 and 2\n", version_wanted);
	return HYPERVISOR_memory_op(XENMEM_maximum_ram_page, NULL) >> 32 ? 2 : 1;
}

static void set_version(unsigned int version)
{
	struct gnttab_set_version set = { .version = version };

	/* A hypervisor that does not let one choose has version 1. */
	if (HYPERVISOR_grant_table_op(GNTTABOP_set_version, &set, 1))
		set.version = 1;
	grant_version = set.version == 2 ? 2 : 1;
}

/* Address space for all the frames that there can be, with its page tables. */
static void *__init reserve(unsigned int frames)
{
	struct vm_struct *area = get_vm_area(frames * PAGE_SIZE, VM_IOREMAP);

	if (!area)
		return NULL;
	/* The table grows, and comes back after suspension, where nothing may sleep. */
	if (apply_to_page_range(&init_mm, (unsigned long)area->addr, frames * PAGE_SIZE, unmap_one,
				NULL)) {
		free_vm_area(area);
		return NULL;
	}
	return area->addr;
}

/* Once. -ENODEV: not on Xen; -ENOMEM, or an error of the hypervisor's. */
int __init gnttab_init(void)
{
	unsigned int max;
	int err;

	if (!xen_pv_domain())
		return -ENODEV;
	max = gnttab_max_grant_frames();
	set_version(choose_version());
	grant_frames = reserve(max);
	grant_status = grant_version == 2 ? reserve(status_frames(max)) : NULL;
	if (!grant_frames || (grant_version == 2 && !grant_status))
		return -ENOMEM;
	err = grants_grow(min_t(unsigned int, max, NR_GRANT_FRAMES));
	if (!err)
		err = grants_init();
	if (err) {
		pr_err("xen: no grant table: error %d\n", err);
		return err;
	}
	ready = true;
	pr_info("xen: grant table version %u, %u of %u frames\n", grant_version, nr_frames, max);
	return 0;
}
core_initcall_sync(gnttab_init);

/*
 * Suspension, with one CPU running and interrupts off: page tables must not refer to
 * frames of this host's hypervisor. The entries are gone when it comes back; their
 * owners know and write them again.
 */
int gnttab_suspend(void)
{
	if (!ready)
		return 0;
	unmap_frames(grant_frames, nr_frames);
	if (grant_version == 2)
		unmap_frames(grant_status, status_frames(nr_frames));
	return 0;
}

int gnttab_resume(void)
{
	unsigned int frames = nr_frames, version = grant_version;
	int err;

	if (!ready)
		return 0;
	set_version(version);
	if (grant_version != version)
		panic("xen: grant tables have no version %u here", version);
	nr_frames = 0;
	err = grants_grow(frames);
	if (err)
		panic("xen: no grant table after resumption: error %d", err);
	return 0;
}

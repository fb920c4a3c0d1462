// SPDX-License-Identifier: GPL-2.0
/*
 * Where the grant table is in the kernel's address space: a range of it, in which frames
 * of the hypervisor's are mapped as the table grows.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <xen/grant_table.h>
#include <xen/interface/grant_table.h>
#include <asm/xen/page.h>

struct frames {
	struct vm_struct *area;
	pte_t **ptes;
	unsigned int size;
};

static struct frames shared, status;

static int note_pte(pte_t *pte, unsigned long addr, void *data)
{
	pte_t ***next = data;

	*(*next)++ = pte;
	return 0;
}

/* Room for @size frames. 0 or -ENOMEM. */
static int range_init(struct frames *r, unsigned int size)
{
	pte_t **next;

	r->ptes = kvmalloc_array(size, sizeof(*r->ptes), GFP_KERNEL);
	if (!r->ptes)
		return -ENOMEM;
	r->area = get_vm_area(PAGE_SIZE * size, VM_IOREMAP);
	next = r->ptes;
	if (!r->area || apply_to_page_range(&init_mm, (unsigned long)r->area->addr,
					    PAGE_SIZE * size, note_pte, &next)) {
		if (r->area)
			free_vm_area(r->area);
		kvfree(r->ptes);
		*r = (struct frames){ };
		return -ENOMEM;
	}
	r->size = size;
	return 0;
}

static void range_map(struct frames *r, unsigned int i, unsigned long frame)
{
	set_pte_at(&init_mm, (unsigned long)r->area->addr + i * PAGE_SIZE, r->ptes[i],
		   mfn_pte(frame, PAGE_KERNEL));
}

int arch_gnttab_init(unsigned long nr_shared, unsigned long nr_status)
{
	int err = range_init(&shared, nr_shared);

	/* Version 1 alone has no status frames. */
	if (!err && nr_status)
		err = range_init(&status, nr_status);
	return err;
}

int arch_gnttab_map_shared(xen_pfn_t *frames, unsigned long nr, unsigned long max,
			   void **where)
{
	unsigned int i;

	if (nr > shared.size)
		return -ENOSPC;
	for (i = 0; i < nr; i++)
		range_map(&shared, i, frames[i]);
	*where = shared.area->addr;
	return 0;
}

int arch_gnttab_map_status(uint64_t *frames, unsigned long nr, unsigned long max,
			   grant_status_t **where)
{
	unsigned int i;

	if (nr > status.size)
		return -ENOSPC;
	for (i = 0; i < nr; i++)
		range_map(&status, i, frames[i]);
	*where = status.area->addr;
	return 0;
}

void arch_gnttab_unmap(void *where, unsigned long nr)
{
	struct frames *r = where == (status.area ? status.area->addr : NULL) ? &status :
									      &shared;
	unsigned int i;

	for (i = 0; i < nr; i++)
		set_pte_at(&init_mm, (unsigned long)where + i * PAGE_SIZE, r->ptes[i],
			   __pte(0));
}

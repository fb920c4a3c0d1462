// SPDX-License-Identifier: GPL-2.0
/*
 * Ring pages: a front end makes them of its own memory and grants them, a back end maps
 * what it was granted, in a row of kernel addresses that has no memory of its own. For
 * processes.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/page.h>
#include <xen/grant_table.h>

#include "bus.h"

/*
 * Make a ring of nr_pages zeroed pages in a row and grant them to the other end. Sets
 * *vaddr and grefs[]. An error has been told, nothing is left, and the device closes.
 */
int xenbus_setup_ring(struct xenbus_device *dev, gfp_t gfp, void **vaddr, unsigned int nr_pages,
		      grant_ref_t *grefs)
{
	unsigned int i;
	int err;

	for (i = 0; i < nr_pages; i++)
		grefs[i] = INVALID_GRANT_REF;
	*vaddr = alloc_pages_exact(nr_pages * XEN_PAGE_SIZE, gfp | __GFP_ZERO);
	if (!*vaddr) {
		err = -ENOMEM;
		goto fail;
	}
	for (i = 0; i < nr_pages; i++) {
		err = gnttab_grant_foreign_access(dev->otherend_id,
						  virt_to_gfn(*vaddr + i * XEN_PAGE_SIZE), 0);
		if (err < 0)
			goto fail;
		grefs[i] = err;
	}
	return 0;
fail:
	xenbus_teardown_ring(vaddr, nr_pages, grefs);
	xenbus_dev_fatal(dev, err, "no ring of %u pages", nr_pages);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_setup_ring);

/*
 * The opposite; any of it may be missing. A page that the other end still maps is freed
 * when it does not any more: ending its grant keeps a reference for as long.
 */
void xenbus_teardown_ring(void **vaddr, unsigned int nr_pages, grant_ref_t *grefs)
{
	unsigned int i;

	for (i = 0; i < nr_pages; i++) {
		if (grefs[i] != INVALID_GRANT_REF)
			gnttab_end_foreign_access(grefs[i], NULL);
		grefs[i] = INVALID_GRANT_REF;
	}
	if (*vaddr)
		free_pages_exact(*vaddr, nr_pages * XEN_PAGE_SIZE);
	*vaddr = NULL;
}
EXPORT_SYMBOL_GPL(xenbus_teardown_ring);

/* A ring of another domain that we map. */
struct mapping {
	struct list_head list;
	struct vm_struct *area;
	unsigned int nr;
	grant_handle_t handles[XENBUS_MAX_RING_GRANTS];
	pte_t *ptes[XENBUS_MAX_RING_GRANTS]; /* of the area's pages */
};

static LIST_HEAD(mappings);
static DEFINE_SPINLOCK(mappings_lock);

static u64 address_of(pte_t *pte)
{
	return arbitrary_virt_to_machine(pte).maddr;
}

/* Unmap what is mapped. Pages that will not go must not be used for anything else. */
static int unmap(struct xenbus_device *dev, struct mapping *m)
{
	struct gnttab_unmap_grant_ref ops[XENBUS_MAX_RING_GRANTS];
	unsigned int i, n = 0;
	int err = 0;

	for (i = 0; i < m->nr; i++) {
		if (m->handles[i] == INVALID_GRANT_HANDLE)
			continue;
		gnttab_set_unmap_op(&ops[n++], address_of(m->ptes[i]),
				    GNTMAP_host_map | GNTMAP_contains_pte, m->handles[i]);
	}
	if (n && HYPERVISOR_grant_table_op(GNTTABOP_unmap_grant_ref, ops, n))
		BUG();
	for (i = 0; i < n; i++)
		if (ops[i].status != GNTST_okay)
			err = ops[i].status;
	if (err)
		xenbus_dev_error(dev, -EINVAL, "a page of the ring stays mapped (%d)", err);
	else
		free_vm_area(m->area);
	return err ? -EINVAL : 0;
}

static int note_pte(pte_t *pte, unsigned long address, void *data)
{
	struct mapping *m = data;

	m->ptes[m->nr++] = pte;
	return 0;
}

static int map(struct xenbus_device *dev, struct mapping *m, const grant_ref_t *grefs,
	       unsigned int nr)
{
	struct gnttab_map_grant_ref ops[XENBUS_MAX_RING_GRANTS];
	unsigned int i;
	int err;

	m->area = get_vm_area(nr * XEN_PAGE_SIZE, VM_IOREMAP);
	if (!m->area)
		return -ENOMEM;
	err = apply_to_page_range(&init_mm, (unsigned long)m->area->addr, nr * XEN_PAGE_SIZE,
				  note_pte, m);
	if (err) {
		free_vm_area(m->area);
		return err;
	}
	for (i = 0; i < nr; i++)
		gnttab_set_map_op(&ops[i], address_of(m->ptes[i]),
				  GNTMAP_host_map | GNTMAP_contains_pte, grefs[i],
				  dev->otherend_id);
	gnttab_batch_map(ops, nr);
	for (i = 0; i < nr; i++) {
		m->handles[i] = ops[i].status == GNTST_okay ? ops[i].handle : INVALID_GRANT_HANDLE;
		if (ops[i].status == GNTST_okay)
			continue;
		err = -EINVAL;
		xenbus_dev_fatal(dev, err, "grant %u of domain %d cannot be mapped (%d)", grefs[i],
				 dev->otherend_id, ops[i].status);
	}
	if (err)
		unmap(dev, m);
	return err;
}

/*
 * Map the other end's nr_grefs grants in a row; *vaddr is where. An error has been told,
 * nothing is mapped, and the device closes.
 */
int xenbus_map_ring_valloc(struct xenbus_device *dev, grant_ref_t *gnt_refs, unsigned int nr_grefs,
			   void **vaddr)
{
	struct mapping *m;
	int err;

	*vaddr = NULL;
	if (!nr_grefs || nr_grefs > XENBUS_MAX_RING_GRANTS)
		return -EINVAL;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	err = map(dev, m, gnt_refs, nr_grefs);
	if (err) {
		kfree(m);
		return err;
	}
	spin_lock(&mappings_lock);
	list_add(&m->list, &mappings);
	spin_unlock(&mappings_lock);
	*vaddr = m->area->addr;
	return 0;
}
EXPORT_SYMBOL_GPL(xenbus_map_ring_valloc);

static struct mapping *take_mapping(void *vaddr)
{
	struct mapping *m, *found = NULL;

	spin_lock(&mappings_lock);
	list_for_each_entry(m, &mappings, list) {
		if (m->area->addr == vaddr) {
			list_del(&m->list);
			found = m;
			break;
		}
	}
	spin_unlock(&mappings_lock);
	return found;
}

/* The opposite. */
int xenbus_unmap_ring_vfree(struct xenbus_device *dev, void *vaddr)
{
	struct mapping *m = take_mapping(vaddr);
	int err;

	if (!m) {
		xenbus_dev_error(dev, -ENOENT, "no ring is mapped at %p", vaddr);
		return -ENOENT;
	}
	err = unmap(dev, m);
	kfree(m);
	return err;
}
EXPORT_SYMBOL_GPL(xenbus_unmap_ring_vfree);

/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory operations that only the tools call, to build another domain. */
#include <xen/errno.h>
#include <xen/memory.h>

#include "domain/domain.h"
#include "grant/grant.h"
#include "hypercall/memory.h"
#include "machine.h"
#include "mm/alloc.h"

/* Entries of a domain's memory map: as many as a PC's firmware may give. */
#define MAX_ENTRIES 128

struct memory_map {
	u32 nr_entries;
	struct e820 {
		u64 address, size;
		u32 type;
	} __packed entry[MAX_ENTRIES];
};

/* Another domain than the caller's, whom the caller controls; with a reference. */
static int other_domain(u16 domid, struct domain **d)
{
	if (!current->domain->is_privileged)
		return -XEN_EPERM;
	*d = domain_get(domid);
	return *d ? 0 : -XEN_ESRCH;
}

long memory_claim(void *arg)
{
	struct xen_memory_reservation r;
	struct domain *d;
	long rc;

	if (copy_from_guest(&r, arg, sizeof(r)))
		return -XEN_EFAULT;
	if (r.extent_start.p || r.extent_order || r.mem_flags)
		return -XEN_EINVAL;
	rc = other_domain(r.domid, &d);
	if (rc)
		return rc;
	rc = domain_claim(d, r.nr_extents);
	domain_put(d);
	return rc;
}

/* Put map in d's place for one; what was there goes. */
static void map_replace(struct domain *d, struct memory_map *map)
{
	spin_lock(&d->page_lock);
	map = __atomic_exchange_n(&d->memory_map, map, __ATOMIC_ACQ_REL);
	spin_unlock(&d->page_lock);
	heap_free(map);
}

void memory_map_destroy(struct domain *d)
{
	map_replace(d, NULL);
}

long memory_map_set(void *arg)
{
	struct xen_foreign_memory_map f;
	struct memory_map *map;
	struct domain *d;
	long rc;

	if (copy_from_guest(&f, arg, sizeof(f)))
		return -XEN_EFAULT;
	if (f.map.nr_entries > MAX_ENTRIES)
		return -XEN_EINVAL;
	rc = other_domain(f.domid, &d);
	if (rc)
		return rc;
	map = new(struct memory_map);
	if (!map) {
		rc = -XEN_ENOMEM;
	} else if (copy_from_guest(map->entry, f.map.buffer.p,
				   f.map.nr_entries * sizeof(map->entry[0]))) {
		heap_free(map);
		rc = -XEN_EFAULT;
	} else {
		map->nr_entries = f.map.nr_entries;
		map_replace(d, map);
	}
	domain_put(d);
	return rc;
}

long memory_map_get(void *arg)
{
	struct domain *d = current->domain;
	struct memory_map *copy;
	struct xen_memory_map m;
	bool there;
	long rc = 0;

	if (copy_from_guest(&m, arg, sizeof(m)))
		return -XEN_EFAULT;
	copy = new(struct memory_map);
	if (!copy)
		return -XEN_ENOMEM;
	spin_lock(&d->page_lock);
	there = d->memory_map;
	if (there)
		*copy = *d->memory_map;
	spin_unlock(&d->page_lock);
	m.nr_entries = min(m.nr_entries, copy->nr_entries);
	if (!there)
		rc = -XEN_ENOSYS;
	else if (copy_to_guest(m.buffer.p, copy->entry, m.nr_entries * sizeof(copy->entry[0])) ||
		 copy_to_guest(arg, &m, sizeof(m)))
		rc = -XEN_EFAULT;
	heap_free(copy);
	return rc;
}

static long grant_frames(struct domain *d, const struct xen_mem_acquire_resource *r)
{
	bool status = r->id == XENMEM_resource_grant_table_id_status;
	u64 *list = r->frame_list.p;

	if (r->id > XENMEM_resource_grant_table_id_status)
		return -XEN_EINVAL;
	for (u32 i = 0; i < r->nr_frames; i++) {
		mfn_t mfn;
		int rc = grant_table_frame(d, status, r->frame + i, &mfn);

		if (rc)
			return rc;
		if (copy_to_guest(list + i, &mfn, sizeof(mfn)))
			return -XEN_EFAULT;
	}
	return 0;
}

long memory_acquire_resource(void *arg)
{
	struct xen_mem_acquire_resource r;
	struct domain *d;
	long rc;

	if (copy_from_guest(&r, arg, sizeof(r)))
		return -XEN_EFAULT;
	if (r.pad)
		return -XEN_EINVAL;
	rc = other_domain(r.domid, &d);
	if (rc)
		return rc;
	if (d == current->domain) {
		rc = -XEN_EPERM;
	} else if (r.type != XENMEM_resource_grant_table) {
		rc = -XEN_EOPNOTSUPP;
	} else if (!r.frame_list.p) {
		/* How many there can be, of either kind. */
		rc = r.nr_frames || r.frame ? -XEN_EINVAL : 0;
		r.nr_frames = grant_max_frames(d, r.id);
		if (rc == 0 && copy_to_guest(arg, &r, sizeof(r)))
			rc = -XEN_EFAULT;
	} else if (r.frame > UINT32_MAX || r.nr_frames > UINT32_MAX - r.frame) {
		rc = -XEN_EINVAL;
	} else {
		rc = grant_frames(d, &r);
	}
	domain_put(d);
	return rc;
}

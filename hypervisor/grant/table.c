/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table itself: its frames, which the hypervisor owns and shows to the
 * domain, and its version, which decides what they hold.
 *
 * A table starts with one frame, grows when the domain (or a tool) asks and
 * never shrinks. Status frames exist in version 2 alone, as many as the table's
 * frames need.
 */
#include <xen/memory.h>

#include "grant/internal.h"
#include "lib/string.h"
#include "mm/alloc.h"
#include "mm/frame.h"

#define STATUS_FOR(frames) DIV_ROUND_UP((frames) * V2_ENTRIES, STATUS_ENTRIES)

static void *shared_page_alloc(struct domain *d)
{
	void *page = page_alloc();

	if (page)
		frame_share(mfn_to_frame(virt_to_mfn(page)), d);
	return page;
}

static void shared_page_free(const struct domain *d, void *page)
{
	frame_unshare(mfn_to_frame(virt_to_mfn(page)), d);
}

static bool status_grow(struct domain *d, u32 nr)
{
	struct grant_table *gt = d->grant;

	for (; gt->nr_status < nr; gt->nr_status++) {
		gt->status[gt->nr_status] = shared_page_alloc(d);
		if (!gt->status[gt->nr_status])
			return false;
	}
	return true;
}

static void count_entries(struct grant_table *gt)
{
	gt->entries = gt->nr_frames << (gt->version == 1 ? V1_SHIFT : V2_SHIFT);
}

/* Up to nr frames in all, within the limit. False: out of memory. Lock held. */
static bool grow(struct domain *d, u32 nr)
{
	struct grant_table *gt = d->grant;

	if (gt->version == 2 && !status_grow(d, STATUS_FOR(nr)))
		return false;
	while (gt->nr_frames < nr) {
		u32 *pins = heap_alloc(V1_ENTRIES * sizeof(*pins));
		void *page = pins ? shared_page_alloc(d) : NULL;

		if (!page) {
			heap_free(pins);
			return false;
		}
		gt->pins[gt->nr_frames] = pins;
		gt->shared[gt->nr_frames++] = page;
		count_entries(gt);
	}
	return true;
}

static void free_arrays(struct grant_table *gt)
{
	heap_free(gt->shared);
	heap_free(gt->pins);
	heap_free(gt->status);
}

/* Room for the pointers to max_frames frames, with those that there are. */
static bool alloc_arrays(struct grant_table *gt, u32 max_frames)
{
	struct grant_table new = {
		.shared = heap_alloc(max_frames * sizeof(*gt->shared)),
		.pins = heap_alloc(max_frames * sizeof(*gt->pins)),
		.status = heap_alloc(STATUS_FOR(max_frames) * sizeof(*gt->status)),
	};

	if (!new.shared || !new.pins || !new.status) {
		free_arrays(&new);
		return false;
	}
	for (u32 i = 0; i < gt->nr_frames; i++) {
		new.shared[i] = gt->shared[i];
		new.pins[i] = gt->pins[i];
	}
	for (u32 i = 0; i < gt->nr_status; i++)
		new.status[i] = gt->status[i];
	free_arrays(gt);
	gt->shared = new.shared;
	gt->pins = new.pins;
	gt->status = new.status;
	gt->max_frames = max_frames;
	return true;
}

int grant_domain_init(struct domain *d)
{
	struct grant_table *gt = new(struct grant_table);

	_Static_assert(sizeof(struct mapping) * MAPPINGS == PAGE_SIZE, "MAPPINGS_SHIFT");
	if (!gt)
		return -XEN_ENOMEM;
	spin_lock_init(&gt->lock);
	gt->version = 1;
	gt->max_version = GRANT_MAX_VERSION;
	gt->max_maptrack = GRANT_MAX_MAPTRACK_FRAMES;
	gt->free_mapping = NO_MAPPING;
	d->grant = gt;
	if (alloc_arrays(gt, GRANT_MAX_FRAMES) && grow(d, 1))
		return 0;
	grant_domain_destroy(d);
	return -XEN_ENOMEM;
}

int grant_set_limits(struct domain *d, u32 max_frames, u32 max_maptrack_frames, u32 max_version)
{
	struct grant_table *gt = d->grant;
	int rc = 0;

	if (max_frames == 0 || max_frames > GRANT_MAX_FRAMES ||
	    max_maptrack_frames > GRANT_MAX_MAPTRACK_FRAMES || max_version < 1 ||
	    max_version > GRANT_MAX_VERSION)
		return -XEN_EINVAL;
	spin_lock(&d->mmu_lock);
	spin_lock(&gt->lock);
	if (max_frames < gt->nr_frames || gt->maptrack || max_version < gt->version)
		rc = -XEN_EINVAL;
	else if (!alloc_arrays(gt, max_frames))
		rc = -XEN_ENOMEM;
	if (rc == 0) {
		gt->max_maptrack = max_maptrack_frames;
		gt->max_version = max_version;
	}
	spin_unlock(&gt->lock);
	spin_unlock(&d->mmu_lock);
	return rc;
}

void grant_domain_destroy(struct domain *d)
{
	struct grant_table *gt = d->grant;

	if (!gt)
		return;
	d->grant = NULL;
	for (u32 i = 0; i < gt->nr_frames; i++) {
		shared_page_free(d, gt->shared[i]);
		heap_free(gt->pins[i]);
	}
	for (u32 i = 0; i < gt->nr_status; i++)
		shared_page_free(d, gt->status[i]);
	for (u32 i = 0; i < DIV_ROUND_UP(gt->used_mappings, MAPPINGS); i++)
		page_free(gt->maptrack[i]);
	heap_free(gt->maptrack);
	free_arrays(gt);
	heap_free(gt);
}

/* The domain that an operation names, with a reference. GNTST_*. */
static int named_domain(u16 domid, struct domain **d)
{
	*d = domain_get(domid);
	if (!*d)
		return GNTST_bad_domain;
	if (*d == current->domain || current->domain->is_privileged)
		return GNTST_okay;
	domain_put(*d);
	return GNTST_permission_denied;
}

/*
 * Tell the guest which frames hold the first nr of a domain's table, which grows to
 * that size, or of the status of its entries.
 */
static int list_frames(u16 domid, bool status, u32 nr, u64 *list)
{
	struct grant_table *gt;
	struct domain *d;
	int rc = named_domain(domid, &d);

	if (rc)
		return rc;
	gt = d->grant;
	spin_lock(&gt->lock);
	if (status ? nr > gt->nr_status : nr > gt->max_frames || !grow(d, nr))
		rc = GNTST_general_error;
	for (u32 i = 0; rc == GNTST_okay && i < nr; i++) {
		u64 mfn = virt_to_mfn(status ? gt->status[i] : gt->shared[i]);

		if (copy_to_guest(&list[i], &mfn, sizeof(mfn)))
			rc = GNTST_bad_virt_addr;
	}
	spin_unlock(&gt->lock);
	domain_put(d);
	return rc;
}

long grant_setup_table(void *uop)
{
	struct gnttab_setup_table op;

	if (copy_from_guest(&op, uop, sizeof(op)))
		return -XEN_EFAULT;
	op.status = list_frames(op.dom, false, op.nr_frames, op.frame_list.p);
	return copy_to_guest(uop, &op, sizeof(op)) ? -XEN_EFAULT : 0;
}

long grant_query_size(void *uop)
{
	struct gnttab_query_size op;
	struct domain *d;

	if (copy_from_guest(&op, uop, sizeof(op)))
		return -XEN_EFAULT;
	op.status = named_domain(op.dom, &d);
	if (op.status == GNTST_okay) {
		op.nr_frames = READ_ONCE(d->grant->nr_frames);
		op.max_nr_frames = READ_ONCE(d->grant->max_frames);
		domain_put(d);
	}
	return copy_to_guest(uop, &op, sizeof(op)) ? -XEN_EFAULT : 0;
}

long grant_get_status_frames(void *uop)
{
	struct gnttab_get_status_frames op;

	if (copy_from_guest(&op, uop, sizeof(op)))
		return -XEN_EFAULT;
	op.status = list_frames(op.dom, true, op.nr_frames, op.frame_list.p);
	return copy_to_guest(uop, &op, sizeof(op)) ? -XEN_EFAULT : 0;
}

long grant_get_version(void *uop)
{
	struct gnttab_get_version op;
	struct domain *d;
	int rc;

	if (copy_from_guest(&op, uop, sizeof(op)))
		return -XEN_EFAULT;
	rc = named_domain(op.dom, &d);
	if (rc)
		return rc == GNTST_bad_domain ? -XEN_ESRCH : -XEN_EPERM;
	op.version = READ_ONCE(d->grant->version);
	domain_put(d);
	return copy_to_guest(uop, &op, sizeof(op)) ? -XEN_EFAULT : 0;
}

/*
 * Changing the version. The entries that tools made (the reserved ones, which may
 * even be in use) carry over; all others start empty. What an entry of version 1
 * cannot say keeps the table in version 2.
 */
struct reserved {
	u16 flags; /* with the marks, wherever the version keeps them */
	u16 domid;
	u64 frame;
};

static int read_reserved(const struct grant_table *gt, struct reserved *r, u32 i)
{
	const struct grant_entry_v1 *v1 = entry_v1(gt, i);
	const union grant_entry_v2 *v2 = entry_v2(gt, i);

	if (gt->version == 1) {
		*r = (struct reserved){ READ_ONCE(v1->flags), READ_ONCE(v1->domid),
					READ_ONCE(v1->frame) };
		return 0;
	}
	*r = (struct reserved){ READ_ONCE(v2->hdr.flags), READ_ONCE(v2->hdr.domid),
				READ_ONCE(v2->full_page.frame) };
	switch (r->flags & GTF_type_mask) {
	case GTF_permit_access:
		r->flags |= *entry_status(gt, i);
		return r->frame >> 32 ? -XEN_ERANGE : 0;
	case GTF_transitive:
		return -XEN_ERANGE;
	default:
		*r = (struct reserved){ 0 };
		return 0;
	}
}

static void write_reserved(const struct grant_table *gt, const struct reserved *r, u32 i)
{
	const u16 in_use = GTF_reading | GTF_writing;
	u16 flags = r->flags;

	if (gt->version == 1) {
		*entry_v1(gt, i) = (struct grant_entry_v1){ flags, r->domid, r->frame };
		return;
	}
	if ((flags & GTF_type_mask) == GTF_permit_access) {
		*entry_status(gt, i) = flags & in_use;
		flags &= ~in_use;
	}
	*entry_v2(gt, i) = (union grant_entry_v2){
		.full_page = { .hdr = { flags, r->domid }, .frame = r->frame },
	};
}

/* Give the status frames back, unless the guest has one mapped. */
static int status_free(const struct domain *d, struct grant_table *gt)
{
	for (u32 i = 0; i < gt->nr_status; i++) {
		const struct frame *f = mfn_to_frame(virt_to_mfn(gt->status[i]));

		if ((READ_ONCE(f->ref) & FRAME_REF_MASK) != 1)
			return -XEN_EBUSY;
	}
	/* One that it maps in this very moment goes with that mapping. */
	while (gt->nr_status)
		shared_page_free(d, gt->status[--gt->nr_status]);
	return 0;
}

static int change_version(struct domain *d, u32 version)
{
	struct reserved reserved[GNTTAB_NR_RESERVED_ENTRIES];
	struct grant_table *gt = d->grant;
	int rc = 0;

	if (gt->pinned)
		return -XEN_EBUSY;
	for (u32 i = 0; i < GNTTAB_NR_RESERVED_ENTRIES && rc == 0; i++)
		rc = read_reserved(gt, &reserved[i], i);
	if (rc)
		return rc;
	if (version == 1)
		rc = status_free(d, gt);
	else if (!status_grow(d, STATUS_FOR(gt->nr_frames)))
		rc = -XEN_ENOMEM;
	if (rc)
		return rc;
	for (u32 i = 0; i < gt->nr_frames; i++)
		memset(gt->shared[i], 0, PAGE_SIZE);
	WRITE_ONCE(gt->version, version);
	count_entries(gt);
	for (u32 i = 0; i < GNTTAB_NR_RESERVED_ENTRIES; i++)
		write_reserved(gt, &reserved[i], i);
	return 0;
}

long grant_set_version(void *uop)
{
	struct domain *d = current->domain;
	struct grant_table *gt = d->grant;
	struct gnttab_set_version op;
	int rc = 0;

	if (copy_from_guest(&op, uop, sizeof(op)))
		return -XEN_EFAULT;
	spin_lock(&gt->lock);
	if (op.version != 1 && op.version != 2)
		rc = -XEN_EINVAL;
	else if (op.version > gt->max_version)
		rc = -XEN_ENOSYS;
	else if (op.version != gt->version)
		rc = change_version(d, op.version);
	op.version = gt->version;
	spin_unlock(&gt->lock);
	return copy_to_guest(uop, &op, sizeof(op)) ? -XEN_EFAULT : rc;
}

int grant_table_frame(struct domain *d, bool status, u32 index, mfn_t *mfn)
{
	struct grant_table *gt = d->grant;
	u64 frames = status ? (u64)index * (STATUS_ENTRIES / V2_ENTRIES) + 1 : (u64)index + 1;
	int rc = 0;

	spin_lock(&gt->lock);
	if ((status && gt->version != 2) || frames > gt->max_frames) {
		rc = -XEN_EINVAL;
	} else if (!grow(d, frames)) {
		rc = -XEN_ENOMEM;
	} else {
		index = index_nospec(index, gt->max_frames);
		*mfn = virt_to_mfn(status ? (void *)gt->status[index] : gt->shared[index]);
	}
	spin_unlock(&gt->lock);
	return rc;
}

u32 grant_max_frames(const struct domain *d, u32 id)
{
	u32 frames = d->grant->max_frames;

	return id == XENMEM_resource_grant_table_id_shared ? frames : STATUS_FOR(frames);
}

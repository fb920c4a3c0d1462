/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mapping what others grant, and unmapping it.
 *
 * Two things come of a mapping, each with references of its own. The page-table
 * entry holds one on the frame like any other entry (and a writable use, when it
 * is writable), whoever takes the entry away. The handle holds one as well for
 * each use, CPUs and devices, until the guest unmaps it; so does the pin on the
 * granter's entry. A guest that overwrites the entry itself has only lost the
 * entry: the grant stays in use until it unmaps properly, by an entry that does
 * map the frame, or dies.
 *
 * Since only an unmap ends a handle, and we flush every TLB that the domain may
 * be in before the handle's references go, no translation outlives the grant:
 * not one made through a second address of the same table, nor one whose entry
 * the guest has overwritten without a flush.
 */
#include "grant/internal.h"
#include "hypercall/hypercall.h"
#include "mm/frame.h"
#include "mm/pagetable.h"

/* Between two looks at the clock; as many unmaps share one flush. */
#define BATCH 32

/* What an unmap has taken from a handle, to be given up after the flush. */
struct ended {
	struct domain *rd; /* with a reference */
	u32 ref;
	u32 mfn;
	u32 pin;
};

static inline void domain_get_again(struct domain *d)
{
	__atomic_add_fetch(&d->references, 1, __ATOMIC_RELAXED);
}

/* One reference for each of the pin's uses, as that many frame_gets. */
static void put_frames(mfn_t mfn, u32 pin)
{
	if (pin & PIN_HOST)
		grant_frame_put(mfn, pin & PIN_WRITE);
	if (pin & PIN_DEVICE)
		grant_frame_put(mfn, pin & PIN_WRITE);
}

static int get_frames(mfn_t mfn, u16 domid, u32 pin)
{
	int rc = grant_frame_get(mfn, domid, pin & PIN_WRITE);

	if (likely(rc == GNTST_okay) && unlikely((pin & PIN_HOST) && (pin & PIN_DEVICE))) {
		rc = grant_frame_get(mfn, domid, pin & PIN_WRITE);
		if (rc)
			grant_frame_put(mfn, pin & PIN_WRITE);
	}
	return rc;
}

/*
 * The entry of a validated L1 table of d that a guest names by the address that
 * it maps, or with GNTMAP_contains_pte by its own machine address. NULL: no such.
 */
static pte_t *find_entry(struct domain *d, u64 addr, u32 flags)
{
	struct frame *f;

	if (!(flags & GNTMAP_contains_pte)) {
		/* An address that is not canonical maps nothing. */
		if ((u64)((s64)(addr << 16) >> 16) != addr)
			return NULL;
		return l1_lookup(current->kernel_l4, addr);
	}
	if ((addr & (sizeof(pte_t) - 1)) || !mfn_valid(addr >> PAGE_SHIFT))
		return NULL;
	f = mfn_to_frame(addr >> PAGE_SHIFT);
	if (READ_ONCE(f->owner) != d->id || !frame_has_type(f, FRAME_L1))
		return NULL;
	return (pte_t *)((char *)frame_to_virt(f) + (addr & ~PAGE_MASK));
}

static pte_t make_entry(mfn_t mfn, u32 flags)
{
	pte_t e = pte_make(mfn, PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_DIRTY | PTE_NX);

	if (!(flags & GNTMAP_readonly))
		e |= PTE_RW;
	return e | ((u64)(flags >> _GNTMAP_guest_avail0) << 9 & PTE_AVAIL);
}

/* Pin the entry and take the frame: both or none. */
static int use_grant(struct domain *d, struct domain *rd, u32 ref, u32 pin, mfn_t *mfn)
{
	struct grant_table *gt = rd->grant;
	struct granted g;
	int rc;

	spin_lock(&gt->lock);
	rc = grant_pin(gt, ref, d->id, pin, true, &g);
	if (likely(rc == GNTST_okay)) {
		*mfn = g.mfn;
		rc = get_frames(g.mfn, rd->id, pin);
		if (unlikely(rc))
			grant_unpin(gt, ref, pin);
	}
	spin_unlock(&gt->lock);
	return rc;
}

/* Give both back, and the reference on the domain. The TLBs are clean. */
static void end_use(const struct ended *e)
{
	struct grant_table *gt = e->rd->grant;

	/* The frame first: when the guest sees the marks go, it is all its own. */
	put_frames(e->mfn, e->pin);
	spin_lock(&gt->lock);
	grant_unpin(gt, e->ref, e->pin);
	spin_unlock(&gt->lock);
	domain_put(e->rd);
}

static int map_one(struct domain *d, struct gnttab_map_grant_ref *op)
{
	u32 pin = mapping_pin(op->flags), handle;
	struct domain *rd;
	struct mapping *m;
	pte_t *p;
	mfn_t mfn;
	int rc;

	if (unlikely(!pin))
		return GNTST_bad_gntref;
	/* As on Xen, a domain that maps what it granted itself says its number. */
	rd = likely(op->dom != DOMID_SELF) ? domain_get(op->dom) : NULL;
	if (unlikely(!rd))
		return GNTST_bad_domain;
	m = mapping_alloc(d->grant, &handle);
	if (unlikely(!m)) {
		domain_put(rd);
		return GNTST_no_device_space;
	}
	rc = use_grant(d, rd, op->ref, pin, &mfn);
	if (unlikely(rc))
		goto fail;
	if (likely(op->flags & GNTMAP_host_map)) {
		p = find_entry(d, op->host_addr, op->flags);
		if (unlikely(!p)) {
			end_use(&(struct ended){ rd, op->ref, mfn, pin });
			mapping_free(d->grant, m, handle);
			return GNTST_general_error;
		}
		l1_grant_map(p, make_entry(mfn, op->flags));
	}
	*m = (struct mapping){ .ref = op->ref, .mfn = mfn, .domid = rd->id, .flags = op->flags };
	op->handle = handle;
	op->dev_bus_addr = mfn << PAGE_SHIFT;
	return GNTST_okay;
fail:
	mapping_free(d->grant, m, handle);
	domain_put(rd);
	return rc;
}

long grant_map(struct gnttab_map_grant_ref *uop, u32 count)
{
	struct domain *d = current->domain;
	long rc = 0;
	u32 i;

	spin_lock(&d->mmu_lock);
	for (i = 0; i < count; i++) {
		struct gnttab_map_grant_ref op;

		if (unlikely(i % BATCH == BATCH - 1) && preempt_check())
			break;
		if (unlikely(copy_from_guest(&op, &uop[i], sizeof(op)))) {
			rc = -XEN_EFAULT;
			break;
		}
		op.status = map_one(d, &op);
		if (unlikely(copy_to_guest(&uop[i], &op, sizeof(op)))) {
			rc = -XEN_EFAULT;
			break;
		}
	}
	spin_unlock(&d->mmu_lock);
	if (rc == 0 && unlikely(i < count))
		return GRANT_RESTART(GNTTABOP_map_grant_ref, uop, i, count);
	return rc;
}

/* Uses of a handle end; the handle with the last of them. */
static void take_from_handle(struct grant_table *gt, u32 handle, struct mapping *m, u32 uses,
			     struct ended *e)
{
	*e = (struct ended){
		.rd = domain_by_id(m->domid),
		.ref = m->ref,
		.mfn = m->mfn,
		.pin = mapping_pin(m->flags & (uses | GNTMAP_readonly)),
	};
	m->flags &= ~uses;
	if (likely(!(m->flags & (GNTMAP_host_map | GNTMAP_device_map))))
		mapping_free(gt, m, handle);
	else
		domain_get_again(e->rd);
}

/*
 * What unmap_grant_ref and unmap_and_replace have in common. An address that is
 * 0, or names a use that is over, is passed by. With new_addr the mapping of that
 * address moves to host_addr. e->pin is what ended; 0: nothing.
 */
static int unmap_one(struct domain *d, u32 handle, u64 host_addr, u64 dev_bus_addr, u64 new_addr,
		     struct ended *e)
{
	struct mapping *m = mapping_get(d->grant, handle);
	pte_t *p, *from = NULL;
	u32 uses = 0;

	e->pin = 0;
	if (unlikely(!m))
		return GNTST_bad_handle;
	if (unlikely(dev_bus_addr) && (m->flags & GNTMAP_device_map)) {
		if (dev_bus_addr != (u64)m->mfn << PAGE_SHIFT)
			return GNTST_bad_dev_addr;
		uses |= GNTMAP_device_map;
	}
	if (likely(host_addr) && (m->flags & GNTMAP_host_map)) {
		if (unlikely(new_addr)) {
			if (m->flags & GNTMAP_contains_pte)
				return GNTST_general_error;
			from = find_entry(d, new_addr, 0);
			if (!from)
				return GNTST_general_error;
		}
		p = find_entry(d, host_addr, m->flags);
		if (unlikely(!p) ||
		    unlikely(!l1_grant_unmap(p, m->mfn, !(m->flags & GNTMAP_readonly), from)))
			return GNTST_general_error;
		uses |= GNTMAP_host_map;
	}
	if (uses)
		take_from_handle(d->grant, handle, m, uses, e);
	return GNTST_okay;
}

static void end_uses(struct domain *d, const struct ended *e, unsigned int n)
{
	if (n == 0)
		return;
	flush_tlb_mask(READ_ONCE(d->dirty_cpus));
	for (unsigned int i = 0; i < n; i++)
		end_use(&e[i]);
}

long grant_unmap(struct gnttab_unmap_grant_ref *uop, u32 count)
{
	struct domain *d = current->domain;
	struct ended ended[BATCH];
	unsigned int n;
	long rc = 0;
	u32 i = 0;

	while (rc == 0 && i < count) {
		if (i > 0 && preempt_check())
			return GRANT_RESTART(GNTTABOP_unmap_grant_ref, uop, i, count);
		spin_lock(&d->mmu_lock);
		for (n = 0; i < count && n < BATCH; i++) {
			struct gnttab_unmap_grant_ref op;

			if (unlikely(copy_from_guest(&op, &uop[i], sizeof(op)))) {
				rc = -XEN_EFAULT;
				break;
			}
			op.status = unmap_one(d, op.handle, op.host_addr, op.dev_bus_addr, 0,
					      &ended[n]);
			n += ended[n].pin != 0;
			if (unlikely(copy_to_guest(&uop[i].status, &op.status,
						   sizeof(op.status)))) {
				rc = -XEN_EFAULT;
				break;
			}
		}
		spin_unlock(&d->mmu_lock);
		end_uses(d, ended, n);
	}
	return rc;
}

long grant_replace(struct gnttab_unmap_and_replace *uop, u32 count)
{
	struct domain *d = current->domain;

	for (u32 i = 0; i < count; i++) {
		struct gnttab_unmap_and_replace op;
		struct ended ended;

		if (i > 0 && preempt_check())
			return GRANT_RESTART(GNTTABOP_unmap_and_replace, uop, i, count);
		if (copy_from_guest(&op, &uop[i], sizeof(op)))
			return -XEN_EFAULT;
		spin_lock(&d->mmu_lock);
		op.status = unmap_one(d, op.handle, op.host_addr, 0, op.new_addr, &ended);
		spin_unlock(&d->mmu_lock);
		end_uses(d, &ended, ended.pin != 0);
		if (copy_to_guest(&uop[i].status, &op.status, sizeof(op.status)))
			return -XEN_EFAULT;
	}
	return 0;
}

int grant_domain_kill(struct domain *d)
{
	struct grant_table *gt = d->grant;
	int rc = 0;

	spin_lock(&d->mmu_lock);
	flush_tlb_mask(READ_ONCE(d->dirty_cpus));
	while (gt->kill_next < gt->used_mappings) {
		u32 handle = gt->kill_next++;
		struct mapping *m = mapping_get(gt, handle);
		struct ended e;

		if (m) {
			take_from_handle(gt, handle, m, GNTMAP_host_map | GNTMAP_device_map, &e);
			end_use(&e);
		}
		if (handle % BATCH == BATCH - 1 && preempt_check()) {
			rc = -XEN_ERESTART;
			break;
		}
	}
	spin_unlock(&d->mmu_lock);
	return rc;
}

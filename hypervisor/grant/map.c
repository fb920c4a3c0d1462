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

/*
 * The entry of a validated L1 table of d that a guest names by the address that
 * it maps, or with GNTMAP_contains_pte by its own machine address. NULL: no such.
 */
static inline pte_t *find_entry(struct domain *d, u64 addr, u32 flags)
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

/*
 * The domain that grants, with a reference; NULL: no such. As on Xen, one that
 * maps what it granted itself says its number.
 */
static inline struct domain *granter_get(struct domain *d, u16 domid)
{
	if (domid == d->id) {
		domain_get_again(d);
		return d;
	}
	return likely(domid != DOMID_SELF) ? domain_get(domid) : NULL;
}

/* The uses that a guest asks for, as a pin; 0: none. */
static inline u32 wanted_pin(u32 flags)
{
	u32 host = flags & GNTMAP_readonly ? PIN_HOST_READ : PIN_HOST_WRITE;
	u32 pin = flags & GNTMAP_host_map ? host : 0;

	if (unlikely(flags & GNTMAP_device_map))
		pin |= host * (PIN_DEVICE_READ / PIN_HOST_READ);
	return pin;
}

static inline int map_one(struct domain *d, struct gnttab_map_grant_ref *op)
{
	struct grant_table *gt = d->grant;
	u32 pin = wanted_pin(op->flags);
	struct domain *rd;
	struct mapping *m;
	mfn_t mfn;
	pte_t *p;
	int rc;

	if (unlikely(!pin))
		return GNTST_bad_gntref;
	rd = granter_get(d, op->dom);
	if (unlikely(!rd))
		return GNTST_bad_domain;
	if (unlikely(gt->free_mapping == NO_MAPPING) && !mapping_grow(gt)) {
		rc = GNTST_no_device_space;
		goto fail;
	}
	rc = grant_use(rd, op->ref, d->id, pin, &mfn);
	if (unlikely(rc))
		goto fail;
	if (likely(pin & PIN_HOST)) {
		p = find_entry(d, op->host_addr, op->flags);
		if (unlikely(!p)) {
			grant_use_end(rd, op->ref, mfn, pin);
			rc = GNTST_general_error;
			goto fail;
		}
		l1_grant_map(p, make_entry(mfn, op->flags));
	}
	op->handle = gt->free_mapping;
	op->dev_bus_addr = mfn << PAGE_SHIFT;
	m = mapping_alloc(gt);
	m->ref = op->ref;
	m->mfn = mfn;
	m->pin = pin;
	m->domid = rd->id;
	m->flags = op->flags;
	return GNTST_okay;
fail:
	domain_put(rd);
	return rc;
}

/* What a guest reads of the structure afterwards; dom, as it was, evens it out. */
#define RESULT_BYTES \
	(sizeof(struct gnttab_map_grant_ref) - offsetof(struct gnttab_map_grant_ref, dom))

long grant_map(struct gnttab_map_grant_ref *uop, u32 count)
{
	struct domain *d = current->domain;
	long rc = 0;

	spin_lock(&d->mmu_lock);
	for (; count; uop++, count--) {
		struct gnttab_map_grant_ref op;

		if (unlikely(copy_from_guest(&op, uop, sizeof(op)))) {
			rc = -XEN_EFAULT;
			break;
		}
		op.status = map_one(d, &op);
		if (unlikely(copy_to_guest(&uop->dom, &op.dom, RESULT_BYTES))) {
			rc = -XEN_EFAULT;
			break;
		}
		if (count % BATCH == 0 && preempt_check()) {
			rc = GRANT_RESTART(GNTTABOP_map_grant_ref, uop, 1, count);
			break;
		}
	}
	spin_unlock(&d->mmu_lock);
	return rc;
}

/* Uses of a handle end; the handle with the last of them. */
static inline void take_from_handle(struct grant_table *gt, u32 handle, struct mapping *m, u32 uses,
				    struct ended *e)
{
	e->rd = domain_by_id(m->domid);
	e->ref = m->ref;
	e->mfn = m->mfn;
	e->pin = m->pin & uses;
	m->pin &= ~uses;
	if (likely(!m->pin))
		mapping_free(gt, m, handle);
	else
		domain_get_again(e->rd);
}

/*
 * What unmap_grant_ref and unmap_and_replace have in common. An address that is
 * 0, or names a use that is over, is passed by. With new_addr the mapping of that
 * address moves to host_addr. e->pin is what ended; 0: nothing.
 */
static inline __attribute__((always_inline)) int
unmap_one(struct domain *d, const struct gnttab_unmap_grant_ref *op, u64 new_addr, struct ended *e)
{
	struct mapping *m = mapping_get(d->grant, op->handle);
	pte_t *p, *from = NULL;
	u32 uses = 0;

	e->pin = 0;
	if (unlikely(!m))
		return GNTST_bad_handle;
	if (unlikely(op->dev_bus_addr) && (m->pin & PIN_DEVICE)) {
		if (op->dev_bus_addr != (u64)m->mfn << PAGE_SHIFT)
			return GNTST_bad_dev_addr;
		uses |= PIN_DEVICE;
	}
	if (likely(op->host_addr) && (m->pin & PIN_HOST)) {
		if (unlikely(new_addr)) {
			if (m->flags & GNTMAP_contains_pte)
				return GNTST_general_error;
			from = find_entry(d, new_addr, 0);
			if (!from)
				return GNTST_general_error;
		}
		p = find_entry(d, op->host_addr, m->flags);
		if (unlikely(!p) || unlikely(!l1_grant_unmap(p, m->mfn, m->pin & PIN_WRITE, from)))
			return GNTST_general_error;
		uses |= PIN_HOST;
	}
	if (likely(uses))
		take_from_handle(d->grant, op->handle, m, uses, e);
	return GNTST_okay;
}

/* The TLBs are cleaned once for all. */
static inline void end_uses(struct domain *d, const struct ended *e, unsigned int n)
{
	if (n == 0)
		return;
	flush_tlb_mask(READ_ONCE(d->dirty_cpus));
	do {
		grant_use_end(e->rd, e->ref, e->mfn, e->pin);
		domain_put(e->rd);
		e++;
	} while (--n);
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
			op.status = unmap_one(d, &op, 0, &ended[n]);
			n += ended[n].pin != 0;
			/* The status; the handle, as it was, evens it out. */
			if (unlikely(copy_to_guest(&uop[i].handle, &op.handle, sizeof(u64)))) {
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
		struct gnttab_unmap_grant_ref unmap;
		struct ended ended;

		if (i > 0 && preempt_check())
			return GRANT_RESTART(GNTTABOP_unmap_and_replace, uop, i, count);
		if (copy_from_guest(&op, &uop[i], sizeof(op)))
			return -XEN_EFAULT;
		unmap = (struct gnttab_unmap_grant_ref){
			.host_addr = op.host_addr,
			.handle = op.handle,
		};
		spin_lock(&d->mmu_lock);
		op.status = unmap_one(d, &unmap, op.new_addr, &ended);
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

	if (!gt)
		return 0;
	/* Who is giving it a frame, and has not seen that it dies, is done now. */
	spin_lock(&gt->lock);
	spin_unlock(&gt->lock);
	spin_lock(&d->mmu_lock);
	flush_tlb_mask(READ_ONCE(d->dirty_cpus));
	while (gt->kill_next < gt->used_mappings) {
		u32 handle = gt->kill_next++;
		struct mapping *m = mapping_get(gt, handle);
		struct ended e;

		if (m) {
			take_from_handle(gt, handle, m, PIN_HOST | PIN_DEVICE, &e);
			grant_use_end(e.rd, e.ref, e.mfn, e.pin);
			domain_put(e.rd);
		}
		if (handle % BATCH == BATCH - 1 && preempt_check()) {
			rc = -XEN_ERESTART;
			break;
		}
	}
	spin_unlock(&d->mmu_lock);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests' descriptor tables.
 *
 * A guest gives up to 14 frames of descriptors for its GDT. They are mapped, for
 * us only, in slot 260 of its address spaces, and behind them comes a page of
 * ours with the segments that the hypervisor and every guest use. The CPU's GDT
 * register points there while the VCPU runs. A frame used so has type
 * FRAME_SEGDESC: no guest can write it, and each descriptor in it was checked.
 */
#include <xen/errno.h>
#include <xen/xen.h>

#include "cpu/descriptors.h"
#include "cpu/guest_mode.h"
#include "cpu/layout.h"
#include "cpu/selectors.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "mm/pagetable.h"
#include "mm/paging.h"

#define GATE_SELECTOR_RPL3 (3ull << 16)

/* In the guest's part of the GDT, or in its LDT. */
static bool own_selector(u16 selector)
{
	return (selector & 4) || selector < RESERVED_GDT_BYTE;
}

bool descriptor_check(u64 *descriptor)
{
	u64 d = *descriptor;

	if (!(d & DESC_PRESENT))
		return true;
	if (d & DESC_S) {
		*descriptor = d | DESC_DPL3;
		return true;
	}
	/* Type 0 is harmless: it is the upper half of a call gate, too. */
	if ((d & DESC_TYPE) == 0)
		return true;
	/* A call gate may lead to the guest's own code, which is ring 3. Other
	 * gates and system segments are ours to have. */
	if ((d & DESC_TYPE) != DESC_TYPE_CALL_GATE || !own_selector(d >> 16))
		return false;
	*descriptor = d | GATE_SELECTOR_RPL3;
	return true;
}

/* A use of a frame for descriptors. The domain's mmu lock is held. */
static int segdesc_get(struct domain *d, mfn_t mfn)
{
	struct frame *f;
	u64 *desc;
	int rc;

	if (!mfn_valid(mfn) || !frame_get(mfn_to_frame(mfn), d->id))
		return -XEN_EINVAL;
	f = mfn_to_frame(mfn);
	rc = frame_get_type(f, FRAME_SEGDESC);
	if (rc == 0)
		return 0;
	if (frame_change_type(f, FRAME_SEGDESC)) {
		frame_put(f);
		return -XEN_EINVAL;
	}
	desc = frame_to_virt(f);
	for (unsigned int i = 0; i < ENTRIES_PER_FRAME; i++) {
		if (descriptor_check(&desc[i]))
			continue;
		frame_put_type(f);
		frame_put(f);
		return -XEN_EINVAL;
	}
	__atomic_or_fetch(&f->type, FRAME_VALIDATED, __ATOMIC_RELEASE);
	return 0;
}

static void segdesc_put(mfn_t mfn)
{
	frame_put_type(mfn_to_frame(mfn));
	frame_put(mfn_to_frame(mfn));
}

static u64 null_pte(void)
{
	return pte_make(descriptors_null_mfn(),
			PTE_PRESENT | PTE_ACCESSED | PTE_NX);
}

static void gdt_drop(struct vcpu *v)
{
	for (unsigned int i = 0; i < GDT_FRAMES; i++) {
		v->descriptor_ptes[i] = null_pte();
		if (v->gdt_frame[i])
			segdesc_put(v->gdt_frame[i]);
		v->gdt_frame[i] = 0;
	}
	v->gdt_entries = 0;
}

static void ldt_drop(struct vcpu *v)
{
	for (unsigned int i = GDT_PAGES; i < GDT_PAGES + LDT_PAGES; i++) {
		u64 e = v->descriptor_ptes[i];

		v->descriptor_ptes[i] = 0;
		if (e & PTE_PRESENT)
			segdesc_put(pte_mfn(e));
	}
	v->ldt_entries = 0;
}

void descriptors_drop(struct vcpu *v)
{
	gdt_drop(v);
	ldt_drop(v);
}

int vcpu_set_gdt(struct vcpu *v, const u64 *frames, unsigned int entries)
{
	unsigned int n = DIV_ROUND_UP(entries, ENTRIES_PER_FRAME);
	unsigned int i;

	if (entries > FIRST_RESERVED_GDT_ENTRY)
		return -XEN_EINVAL;
	for (i = 0; i < n; i++)
		if (segdesc_get(v->domain, frames[i]))
			goto undo;
	gdt_drop(v);
	for (i = 0; i < n; i++) {
		v->gdt_frame[i] = frames[i];
		v->descriptor_ptes[i] = pte_make(frames[i], GDT_PTE);
	}
	v->gdt_entries = entries;
	descriptors_reload(v);
	return 0;
undo:
	while (i-- > 0)
		segdesc_put(frames[i]);
	return -XEN_EINVAL;
}

int vcpu_set_ldt(struct vcpu *v, u64 base, unsigned int entries)
{
	if (entries > LDT_PAGES * ENTRIES_PER_FRAME || (base & ~PAGE_MASK) ||
	    (base >= HYPERVISOR_START && base < HYPERVISOR_END))
		return -XEN_EINVAL;
	if (v->ldt_entries == entries && v->ldt_base == base && entries == 0)
		return 0;
	ldt_drop(v);
	v->ldt_base = base;
	v->ldt_entries = entries;
	descriptors_reload(v);
	return 0;
}

bool descriptors_fault(struct vcpu *v, u64 address, u64 *guest_address)
{
	unsigned int page = (address - vcpu_ldt_virt(v)) >> PAGE_SHIFT;
	struct domain *d = v->domain;
	bool mapped = false;
	pte_t *p;

	/* A page that is there is no reason to fault: a second time is none. */
	if (address < vcpu_ldt_virt(v) || page >= LDT_PAGES ||
	    (v->descriptor_ptes[GDT_PAGES + page] & PTE_PRESENT))
		return false;
	*guest_address = v->ldt_base + (address - vcpu_ldt_virt(v));
	spin_lock(&d->mmu_lock);
	p = l1_lookup(v->kernel_l4, *guest_address);
	if (p && (*p & PTE_PRESENT) && segdesc_get(d, pte_mfn(*p)) == 0) {
		v->descriptor_ptes[GDT_PAGES + page] =
			pte_make(pte_mfn(*p), GDT_PTE);
		mapped = true;
	}
	spin_unlock(&d->mmu_lock);
	return mapped;
}

long do_set_gdt(void *frames, unsigned int entries)
{
	unsigned int n = DIV_ROUND_UP(entries, ENTRIES_PER_FRAME);
	struct vcpu *v = current;
	u64 mfns[GDT_FRAMES];
	int rc;

	if (entries > FIRST_RESERVED_GDT_ENTRY)
		return -XEN_EINVAL;
	if (copy_from_guest(mfns, frames, n * sizeof(u64)))
		return -XEN_EFAULT;
	spin_lock(&v->domain->mmu_lock);
	rc = vcpu_set_gdt(v, mfns, entries);
	spin_unlock(&v->domain->mmu_lock);
	return rc;
}

long do_update_descriptor(u64 pa, u64 desc)
{
	struct domain *d = current->domain;
	mfn_t mfn = pa >> PAGE_SHIFT;
	long rc = -XEN_EINVAL;
	struct frame *f;
	u64 *p;

	if ((pa & 7) || !mfn_valid(mfn) || !descriptor_check(&desc))
		return -XEN_EINVAL;
	f = mfn_to_frame(mfn);
	spin_lock(&d->mmu_lock);
	if (frame_get(f, d->id)) {
		p = (u64 *)(frame_to_virt(f) + (pa & ~PAGE_MASK));
		if (frame_get_type(f, FRAME_SEGDESC) == 0 ||
		    frame_get_type(f, FRAME_WRITABLE) == 0) {
			WRITE_ONCE(*p, desc);
			frame_put_type(f);
			rc = 0;
		}
		frame_put(f);
	}
	spin_unlock(&d->mmu_lock);
	return rc;
}

int descriptors_init(struct domain *d)
{
	u64 *l3 = page_alloc(), *l2 = page_alloc();

	if (!l3 || !l2) {
		page_free(l3);
		page_free(l2);
		return -XEN_ENOMEM;
	}
	l3[0] = pte_make(virt_to_mfn(l2), PTE_PRESENT | PTE_RW | PTE_ACCESSED);
	d->descriptor_l3 = virt_to_mfn(l3);
	return 0;
}

int descriptors_init_vcpu(struct vcpu *v)
{
	u64 *l3 = map_frame(v->domain->descriptor_l3);
	u64 *l2 = map_frame(pte_mfn(l3[0]));
	u64 *e = &l2[pt_index(vcpu_gdt_virt(v), 2)];
	u64 *l1;

	if (!(*e & PTE_PRESENT)) {
		l1 = page_alloc();
		if (!l1)
			return -XEN_ENOMEM;
		*e = pte_make(virt_to_mfn(l1),
			      PTE_PRESENT | PTE_RW | PTE_ACCESSED);
	}
	l1 = map_frame(pte_mfn(*e));
	v->descriptor_ptes = &l1[pt_index(vcpu_gdt_virt(v), 1)];
	for (unsigned int i = 0; i < GDT_PAGES; i++)
		v->descriptor_ptes[i] = null_pte();
	return 0;
}

void descriptors_destroy(struct domain *d)
{
	u64 *l3, *l2;

	if (!d->descriptor_l3)
		return;
	l3 = map_frame(d->descriptor_l3);
	l2 = map_frame(pte_mfn(l3[0]));
	for (unsigned int i = 0; i < PTES; i++)
		if (l2[i] & PTE_PRESENT)
			page_free(map_frame(pte_mfn(l2[i])));
	page_free(l2);
	page_free(l3);
	d->descriptor_l3 = 0;
}

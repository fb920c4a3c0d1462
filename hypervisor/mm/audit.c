/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The audit. Two counters for each frame are filled from scratch by walking what
 * holds frames: validated entries of page tables, roots and descriptor tables of
 * VCPUs, pins, shared pages, and what other modules say they hold. Then they are
 * compared with the frame table, and each domain's list of frames with its count.
 * Any difference is a bug of ours.
 */
#include "domain/domain.h"
#include "domain/vcpu_op.h"
#include "event/event.h"
#include "grant/grant.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/audit.h"
#include "mm/frame.h"
#include "mm/pagetable.h"
#include "mm/paging.h"

#ifdef CONFIG_DEBUG

struct counts {
	u32 refs;
	u32 types : 31;
	u32 wrong_type : 1; /* a use as another type than it has */
};

/* For frames [first, last): more memory than fits is done in several passes. */
static struct counts *counts;
static mfn_t first, last;
/* When there is no memory to be had. */
static struct counts spare[PAGE_SIZE / sizeof(struct counts)];

void audit_hold(mfn_t mfn, u64 type)
{
	struct counts *c;

	if (mfn < first || mfn >= last)
		return;
	c = &counts[mfn - first];
	c->refs++;
	if (!type)
		return;
	c->types++;
	if ((mfn_to_frame(mfn)->type & FRAME_TYPE_MASK) != type)
		c->wrong_type = 1;
}

static bool countable(mfn_t mfn)
{
	return mfn_valid(mfn) && mfn_to_frame(mfn)->owner < DOMID_FIRST_RESERVED;
}

static void count_table(const struct frame *f)
{
	unsigned int level = (f->type & FRAME_TYPE_MASK) >> FRAME_TYPE_SHIFT;
	unsigned int n = f->type & FRAME_VALIDATED ? PTES : f->done;
	const pte_t *table = frame_to_virt(f);

	for (unsigned int i = 0; i < n; i++) {
		pte_t e = table[i];

		if (!(e & PTE_PRESENT) || !countable(pte_mfn(e)) ||
		    (level == 4 && i >= L4_SLOT_FIRST && i <= L4_SLOT_LAST))
			continue;
		if (level > 1)
			audit_hold(pte_mfn(e), table_type(level - 1));
		else
			audit_hold(pte_mfn(e),
				   e & PTE_RW ? FRAME_WRITABLE : 0);
	}
}

static void count_frame(struct frame *f)
{
	u64 level = (f->type & FRAME_TYPE_MASK) >> FRAME_TYPE_SHIFT;

	if (f->ref & FRAME_ALLOCATED)
		audit_hold(frame_to_mfn(f), 0);
	if (f->type & FRAME_PINNED)
		audit_hold(frame_to_mfn(f), f->type & FRAME_TYPE_MASK);
	if (f->type & FRAME_PARTIAL)
		audit_hold(frame_to_mfn(f), f->type & FRAME_TYPE_MASK);
	if (level >= 1 && level <= 4 &&
	    f->type & (FRAME_VALIDATED | FRAME_PARTIAL))
		count_table(f);
}

static void count_vcpu(struct vcpu *v)
{
	if (v->kernel_l4)
		audit_hold(v->kernel_l4, FRAME_L4);
	if (v->user_l4)
		audit_hold(v->user_l4, FRAME_L4);
	for (unsigned int i = 0; i < GDT_FRAMES; i++)
		if (v->gdt_frame[i])
			audit_hold(v->gdt_frame[i], FRAME_SEGDESC);
	/* The LDT's pages come behind the GDT's 16. */
	for (unsigned int i = 16; i < 32; i++)
		if (v->descriptor_ptes[i] & PTE_PRESENT)
			audit_hold(pte_mfn(v->descriptor_ptes[i]),
				   FRAME_SEGDESC);
	for (unsigned int i = 0; i < ARRAY_SIZE(v->mm_unfinished); i++)
		if (v->mm_unfinished[i])
			audit_hold(frame_to_mfn(v->mm_unfinished[i]), 0);
	if (v->info_frame)
		audit_hold(frame_to_mfn(v->info_frame), FRAME_WRITABLE);
}

static void count_domain(struct domain *d)
{
	struct vcpu *v;
	u64 n = 0;

	/* Not for ever, even if the list is broken; compare_domain() tells. */
	for (u32 m = d->frame_list; m != FRAME_NONE && n++ <= d->tot_pages;
	     m = mfn_to_frame(m)->next)
		count_frame(mfn_to_frame(m));
	audit_hold(d->shared_mfn, FRAME_WRITABLE);
	if (d->releasing)
		audit_hold(frame_to_mfn(d->releasing), 0);
	for_each_vcpu(d, v)
		count_vcpu(v);
	event_audit(d);
	grant_audit(d);
}

static unsigned int compare(mfn_t mfn)
{
	const struct counts *c = &counts[mfn - first];
	const struct frame *f = mfn_to_frame(mfn);
	u64 refs = f->ref & FRAME_REF_MASK, types = f->type & FRAME_TYPE_COUNT;

	if (refs == c->refs && types == c->types && !c->wrong_type)
		return 0;
	log_error("audit: frame %lx of domain %u: %lu references, %u found; "
		  "type %016lx, %u uses found%s",
		  mfn, f->owner, refs, c->refs, f->type, c->types,
		  c->wrong_type ? ", some as another type" : "");
	return 1;
}

static unsigned int compare_domain(struct domain *d)
{
	unsigned int wrong = 0;
	u64 n = 0;

	for (u32 m = d->frame_list; m != FRAME_NONE && n <= d->tot_pages;
	     m = mfn_to_frame(m)->next, n++) {
		if (mfn_to_frame(m)->owner != d->id) {
			log_error("audit: frame %x of domain %u is on the list of domain %u",
				  m, mfn_to_frame(m)->owner, d->id);
			return wrong + 1;
		}
		if (m >= first && m < last && wrong < 20)
			wrong += compare(m);
	}
	if (n != d->tot_pages) {
		log_error("audit: domain %u has %lu frames, %lu%s are on its list",
			  d->id, d->tot_pages, n, n > d->tot_pages ? " or more" : "");
		wrong++;
	}
	if (d->shared_mfn >= first && d->shared_mfn < last)
		wrong += compare(d->shared_mfn);
	return wrong;
}

static unsigned int pass(void)
{
	unsigned int wrong = 0;
	struct domain *d;

	memset(counts, 0, (last - first) * sizeof(*counts));
	for_each_domain(d)
		count_domain(d);
	for_each_domain(d)
		wrong += compare_domain(d);
	return wrong;
}

unsigned int audit(void)
{
	unsigned int order = 10, wrong = 0;
	u64 room = ARRAY_SIZE(spare);
	struct frame *f = NULL;

	while (order > 0 && (PAGE_SIZE << (order - 1)) / sizeof(*counts) >= max_mfn)
		order--;
	if (max_mfn > room)
		f = frames_alloc(order, ALLOC_DIRTY);
	if (f)
		room = (PAGE_SIZE << order) / sizeof(*counts);
	counts = f ? frame_to_virt(f) : spare;
	for (first = 0; first < max_mfn; first = last) {
		last = first + room;
		wrong += pass();
	}
	if (f)
		frames_free(f, order);
	return wrong;
}

void audit_report(void)
{
	unsigned int wrong = audit();

	if (wrong)
		log_error("audit: FAILED, %u frames differ", wrong);
	else
		log_info("audit: clean");
}

#else

unsigned int audit(void)
{
	return 0;
}

void audit_report(void)
{
}

void audit_hold(mfn_t mfn, u64 type)
{
}

#endif

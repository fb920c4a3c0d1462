/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invariants 1 and 2 seen from the other side. The audit believes types and
 * counts, and recounts; this believes nothing but what a CPU would find by walking
 * (SDM vol. 3, 4.5), and looks at owners only in the end. A CPU also goes on using
 * what it has read: each keeps all it could reach until it flushes.
 */
#include <stdlib.h>

#include "cpu/descriptors.h"
#include "cpu/layout.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/frame.h"
#include "mm/paging.h"
#include "sim/internal.h"
#include "sim/reach.h"
#include "sim/sim.h"

#define READS (1u << 0)
#define WRITES (1u << 1)
#define TABLE(level) (1u << ((level) + 1)) /* bits 2 to 5 */
#define TABLES (15u << 2)
#define DESCRIPTORS (1u << 6)

#define MAX_CPUS 4

/* What somebody can do with a frame, and whose it was then. */
struct reach {
	u8 how;
	u16 owner;
};

static struct reach *now_reached, *fresh, *in_tlb[MAX_CPUS];
static u64 epoch[MAX_CPUS];
static u8 *allowed;
static mfn_t frames;

void sim_reach_reset(void)
{
	free(now_reached);
	free(fresh);
	free(allowed);
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++)
		free(in_tlb[cpu]);
	frames = max_mfn;
	now_reached = calloc(frames, sizeof(*now_reached));
	fresh = calloc(frames, sizeof(*fresh));
	allowed = calloc(frames, 1);
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++)
		in_tlb[cpu] = calloc(frames, sizeof(struct reach));
}

void sim_reach_allow(mfn_t mfn)
{
	if (mfn < frames)
		allowed[mfn] = 1;
}

static bool in_use(const struct frame *f)
{
	return (f->ref & FRAME_REF_MASK) != 0 && !(f->ref & FRAME_FREE);
}

static void mark(struct reach *r, mfn_t mfn, u8 how)
{
	r[mfn].how |= how;
	r[mfn].owner = mfn_to_frame(mfn)->owner;
}

/* The end of a walk: a page of memory. */
static void page(const struct domain *d, pte_t e, struct reach *r)
{
	mfn_t mfn = pte_mfn(e);
	const struct frame *f = mfn_to_frame(mfn);

	BUG_ON((e & (PTE_PWT | PTE_PCD | PTE_PSE)) && !d->is_privileged);
	if (mfn >= frames || f->owner == DOMID_IO) {
		BUG_ON(!d->is_privileged);
		return;
	}
	if (f->owner == DOMID_XEN) {
		BUG_ON(!d->is_privileged || (e & PTE_RW));
		return;
	}
	BUG_ON(f->owner >= MAX_DOMAINS || !in_use(f));
	BUG_ON(f->owner != d->id && !d->is_privileged && !allowed[mfn]);
	mark(r, mfn, e & PTE_RW ? READS | WRITES : READS);
}

static void walk(const struct domain *d, mfn_t mfn, unsigned int level, struct reach *r)
{
	const pte_t *table = map_frame(mfn);

	BUG_ON(mfn == 0 || mfn >= frames);
	if (r[mfn].how & TABLE(level))
		return;
	mark(r, mfn, TABLE(level));
	BUG_ON(mfn_to_frame(mfn)->owner != d->id || !in_use(mfn_to_frame(mfn)));
	for (unsigned int i = 0; i < PTES; i++) {
		pte_t e = table[i];

		if (!(e & PTE_PRESENT))
			continue;
		if (level == 4 && i >= L4_SLOT_FIRST && i <= L4_SLOT_LAST) {
			BUG_ON(i == pt_index(DESCRIPTORS_VIRT, 4) ?
				       pte_mfn(e) != d->descriptor_l3 || (e & PTE_USER) :
				       e != idle_l4[i]);
			continue;
		}
		/* Global pages would stay for the next guest. */
		BUG_ON(e & PTE_GLOBAL);
		if (level == 1) {
			page(d, e, r);
			continue;
		}
		/* Large pages, and bits that are reserved here. */
		BUG_ON(e & (PTE_PSE | PTE_PWT | PTE_PCD | PTE_AVAIL_HIGH));
		walk(d, pte_mfn(e), level - 1, r);
	}
}

/* Where the CPU finds descriptors while it runs v. */
static void descriptors(const struct vcpu *v, struct reach *r)
{
	const unsigned int ours = 0xe000 >> PAGE_SHIFT;

	for (unsigned int i = 0; i < GDT_PAGES + LDT_PAGES; i++) {
		pte_t e = v->descriptor_ptes[i];
		mfn_t mfn = pte_mfn(e);

		if (!(e & PTE_PRESENT) || mfn == sim_null_mfn || i == ours)
			continue;
		BUG_ON(e & PTE_USER);
		BUG_ON(mfn == 0 || mfn >= frames || mfn_to_frame(mfn)->owner != v->domain->id ||
		       !in_use(mfn_to_frame(mfn)));
		mark(r, mfn, DESCRIPTORS);
		for (unsigned int j = 0; j < PAGE_SIZE / sizeof(u64); j++) {
			u64 d = ((u64 *)map_frame(mfn))[j];

			/* Code and data for ring 3; call gates, to rings that it has. */
			if (!(d & DESC_PRESENT) || !(d & (DESC_TYPE | DESC_S)))
				continue;
			if (d & DESC_S)
				BUG_ON((d & DESC_DPL3) != DESC_DPL3);
			else
				BUG_ON((d & DESC_TYPE) != DESC_TYPE_CALL_GATE ||
				       (~d & (3ull << 16)));
		}
	}
}

static void vcpu(const struct vcpu *v, struct reach *r)
{
	if (v->kernel_l4)
		walk(v->domain, v->kernel_l4, 4, r);
	if (v->user_l4)
		walk(v->domain, v->user_l4, 4, r);
	/* What the CPU has is one of them. */
	if (v->initialised && v->kernel_l4)
		BUG_ON(!v->cr3 ||
		       v->cr3 >> PAGE_SHIFT != (v->kernel_mode ? v->kernel_l4 : v->user_l4));
	if (v->descriptor_ptes)
		descriptors(v, r);
}

/* One frame, one use; and what is pinned may be loaded at any time. */
static void check_uses(mfn_t mfn, u8 how)
{
	const struct frame *f = mfn_to_frame(mfn);
	u64 type = f->type & FRAME_TYPE_MASK;
	u8 use = how & (TABLES | DESCRIPTORS | WRITES);

	BUG_ON(use & (use - 1));
	if (!(f->type & FRAME_TYPE_COUNT))
		return;
	BUG_ON((how & WRITES) && type != FRAME_WRITABLE);
}

static void check_tlb(unsigned int cpu)
{
	const struct vcpu *v = sim_current[cpu];
	struct reach *r = in_tlb[cpu];

	if (epoch[cpu] != sim_tlb_epoch[cpu]) {
		epoch[cpu] = sim_tlb_epoch[cpu];
		memset(r, 0, frames * sizeof(*r));
	}
	for (mfn_t mfn = 1; mfn < frames; mfn++) {
		const struct frame *f = mfn_to_frame(mfn);
		bool writable = (f->type & FRAME_TYPE_MASK) == FRAME_WRITABLE;

		if (!r[mfn].how)
			continue;
		/* Nobody else has got the frame, nor can get it now. */
		BUG_ON(!in_use(f) || f->owner != r[mfn].owner);
		if (!(f->type & FRAME_TYPE_COUNT))
			continue;
		BUG_ON((r[mfn].how & WRITES) && !writable);
		BUG_ON((r[mfn].how & (TABLES | DESCRIPTORS)) && writable);
	}
	if (v->is_idle)
		return;
	memset(fresh, 0, frames * sizeof(*fresh));
	if (v->cr3)
		walk(v->domain, v->cr3 >> PAGE_SHIFT, 4, fresh);
	if (v->descriptor_ptes)
		descriptors(v, fresh);
	for (mfn_t mfn = 1; mfn < frames; mfn++)
		if (fresh[mfn].how)
			mark(r, mfn, fresh[mfn].how);
}

void sim_check_store(mfn_t mfn)
{
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++)
		if (epoch[cpu] == sim_tlb_epoch[cpu])
			BUG_ON(in_tlb[cpu][mfn].how & (TABLES | DESCRIPTORS));
}

void sim_check_reach(void)
{
	struct domain *d;
	struct vcpu *v;

	memset(now_reached, 0, frames * sizeof(*now_reached));
	for_each_domain(d)
		for_each_vcpu(d, v)
			vcpu(v, now_reached);
	for (mfn_t mfn = 1; mfn < frames; mfn++)
		if (now_reached[mfn].how)
			check_uses(mfn, now_reached[mfn].how);
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++)
		if (sim_cpus_present & cpumask_of(cpu))
			check_tlb(cpu);
}

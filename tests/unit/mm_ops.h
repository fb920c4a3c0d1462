/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory hypercalls of the current VCPU as plain functions, and page tables to use
 * them on. After each, everything is recounted and walked.
 */
#ifndef UNIT_MM_OPS_H
#define UNIT_MM_OPS_H

#include <string.h>

#include <xen/errno.h>
#include <xen/memory.h>

#include "hypercall/hypercall.h"
#include "mm/alloc.h"
#include "mm/audit.h"
#include "mm/frame.h"
#include "mm/pagetable.h"
#include "sim/reach.h"
#include "mm/paging.h"
#include "sim/sim.h"

#define PTE_RO (PTE_PRESENT | PTE_USER | PTE_ACCESSED)
#define PTE_RDWR (PTE_RO | PTE_RW | PTE_DIRTY)

#define mm_checked()                          \
	do {                                  \
		assert_int_equal(audit(), 0); \
		sim_check_reach();            \
	} while (0)

/* A page of the current domain's for operands. */
static char *mm_page[4];

static inline void *mm_operands(void)
{
	u16 id = current->domain->id;

	if (!mm_page[id])
		mm_page[id] = sim_guest_page(current->domain);
	return mm_page[id];
}

/* A machine with domains 0 and 1, two VCPUs each, on CPUs 0 and 1; d1 runs on 0. */
static inline void mm_machine(u64 ram_bytes)
{
	struct domain *d;

	memset(mm_page, 0, sizeof(mm_page));
	sim_init_cpus(ram_bytes, 2, NULL);
	sim_reach_reset();
	for (u16 id = 0; id < 2; id++) {
		d = sim_domain(id, 2, false);
		d->vcpu[1]->initialised = false;
		sim_become(d->vcpu[0]);
		mm_operands();
	}
}

/* CPUs idle, and everything comes back. */
static inline void mm_machine_end(void)
{
	sim_preempt = NULL;
	for (sim_cpu = 0; sim_cpu < 2; sim_cpu++)
		if (!current->is_idle)
			sim_become(idle_domain->vcpu[sim_cpu]);
	sim_cpu = 0;
	sim_exit();
}

static inline long mm_update_foreign(u64 ptr, u64 val, u64 foreign)
{
	struct mmu_update *u = mm_operands();

	*u = (struct mmu_update){ .ptr = ptr, .val = val };
	return sim_hypercall(__HYPERVISOR_mmu_update, (u64)u, 1, 0, foreign, 0);
}

/* Entry slot of table becomes val. */
static inline long mm_set(mfn_t table, unsigned int slot, pte_t val)
{
	return mm_update_foreign(table << PAGE_SHIFT | slot * sizeof(pte_t), val, DOMID_SELF);
}

static inline long mm_ext_foreign(unsigned int cmd, u64 arg1, u64 arg2, u64 foreign)
{
	struct mmuext_op *op = mm_operands();

	*op = (struct mmuext_op){ .cmd = cmd, .arg1.mfn = arg1, .arg2.src_mfn = arg2 };
	return sim_hypercall(__HYPERVISOR_mmuext_op, (u64)op, 1, 0, foreign, 0);
}

static inline long mm_ext(unsigned int cmd, u64 arg1, u64 arg2)
{
	return mm_ext_foreign(cmd, arg1, arg2, DOMID_SELF);
}

static inline long mm_pin(unsigned int level, mfn_t mfn)
{
	return mm_ext(MMUEXT_PIN_L1_TABLE + level - 1, mfn, 0);
}

static inline long mm_unpin(mfn_t mfn)
{
	return mm_ext(MMUEXT_UNPIN_TABLE, mfn, 0);
}

static inline long mm_va(u64 va, pte_t val, u64 flags)
{
	return sim_hypercall(__HYPERVISOR_update_va_mapping, va, val, flags, 0, 0);
}

/* An operation on extents; mfns go in and come out. */
static inline long mm_extents(unsigned int cmd, u64 *mfns, unsigned int n, unsigned int order,
			      unsigned int flags)
{
	struct xen_memory_reservation *r = mm_operands();
	u64 *list = (u64 *)(r + 1);
	long rc;

	memcpy(list, mfns, n * sizeof(*mfns));
	*r = (struct xen_memory_reservation){ .extent_start.p = list,
					      .nr_extents = n,
					      .extent_order = order,
					      .mem_flags = flags,
					      .domid = DOMID_SELF };
	rc = sim_hypercall(__HYPERVISOR_memory_op, cmd, (u64)r, 0, 0, 0);
	memcpy(mfns, list, n * sizeof(*mfns));
	return rc;
}

static inline mfn_t mm_frame(struct domain *d)
{
	return virt_to_mfn(sim_guest_page(d));
}

static inline pte_t *mm_table(mfn_t mfn)
{
	return map_frame(mfn);
}

static inline u64 refs(mfn_t mfn)
{
	return mfn_to_frame(mfn)->ref & FRAME_REF_MASK;
}

static inline u64 uses(mfn_t mfn)
{
	return mfn_to_frame(mfn)->type & FRAME_TYPE_COUNT;
}

static inline unsigned int level_of(mfn_t mfn)
{
	return mfn_to_frame(mfn)->type >> FRAME_TYPE_SHIFT;
}

/* One table of each level, the first entry of each leading to the next. */
struct tree {
	mfn_t level[5]; /* 1 to 4; 0: the page at the end, mapped writable */
};

static inline struct tree tree_build(struct domain *d)
{
	struct tree t;

	for (unsigned int l = 0; l <= 4; l++)
		t.level[l] = mm_frame(d);
	for (unsigned int l = 1; l <= 4; l++)
		mm_table(t.level[l])[0] = pte_make(t.level[l - 1], PTE_RDWR);
	return t;
}

/* Not a table, not mapped, nobody's but its owner's. */
#define assert_plain(mfn)                       \
	do {                                    \
		assert_int_equal(refs(mfn), 1); \
		assert_int_equal(uses(mfn), 0); \
	} while (0)

#endif

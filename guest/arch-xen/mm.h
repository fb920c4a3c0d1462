/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the port ask of each other about memory: batches of hypercalls,
 * the list of frames, page tables. cpu.h and time.h are the same for CPUs and for time.
 */
#ifndef XEN_ARCH_MM_H
#define XEN_ARCH_MM_H

#include <linux/mm_types.h>
#include <linux/types.h>
#include <asm/paravirt_types.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <asm/xen/page.h>

/*
 * A hypercall that is put into this CPU's batch (multicall.c):
 *
 *	struct xen_mc_call mc = xen_mc_begin(size);
 *	MULTI_something(mc.call, ..., mc.args);
 *	xen_mc_end(mode);
 *
 * @args is room for @size bytes that the call points to. Between the two interrupts
 * are off. In lazy mode @mode the batch then waits for xen_mc_flush() (which leaving
 * that mode does), else it is issued at once. A call that fails stops the kernel:
 * nothing goes into a batch that may fail.
 */
struct xen_mc_call {
	struct multicall_entry *call;
	void *args;
};

struct xen_mc_call xen_mc_begin(size_t size);
void xen_mc_end(enum paravirt_lazy_mode mode);

/* The same for an update of a page table's entry at machine address @at; one call has many. */
void xen_mc_update(u64 at, u64 value, enum paravirt_lazy_mode mode);

/* Issue what waits. Any context. */
void xen_mc_flush(void);

/* Call @done(@arg) when the batch, as it is now, was issued; interrupts are off then. */
void xen_mc_when_done(void (*done)(void *), void *arg);

/* pv_ops.mmu, and x86_init's part of memory. Once, before any page table is touched. */
void __init xen_mm_init_ops(void);

/* From the loader's page tables to Linux's: bootmm.c. Once; needs pv_ops. */
void __init xen_mm_start(void);

/*
 * KASAN (kasan.c): have a shadow, first of all; the same for a top-level table @to, from
 * one that has it, @from; let kasan_init() load its table, or have it back.
 */
#ifdef CONFIG_KASAN
void __init xen_kasan_start(struct start_info *si);
void __init xen_kasan_copy(u64 *to, const u64 *from);
void __init xen_kasan_table(unsigned long cr3, bool load);
#else
static inline void xen_kasan_copy(u64 *to, const u64 *from)
{
}

static inline void xen_kasan_table(unsigned long cr3, bool load)
{
}
#endif

/* The list of frames (p2m.c): the loader's, at first; once all memory is mapped, ours. */
void __init xen_p2m_start(void);
void __init xen_p2m_finish(void);

/* x86_init.resources.memory_setup: what memory there is (memory.c). */
char *__init xen_memory_setup(void);
/* Is @pfn memory that the balloon is to fill? Until there are struct pages. */
bool __init xen_is_extra(unsigned long pfn);

/* pv_ops.mmu of pagetable.c, tlb.c: */
void __init xen_pagetable_init_ops(void);
void __init xen_tlb_init_ops(void);

/* Page tables have struct pages from now on: they tell what is pinned (pagetable.c). */
void __init xen_pagetable_after_bootmem(void);

/*
 * Whether the table that @entry is in is one that the hypervisor watches, so that it
 * is changed by hypercall. For tables that have a struct page.
 */
static inline bool xen_table_pinned(void *entry)
{
	return PagePinned(virt_to_page(entry));
}

/* The table of user space that belongs to a process's own; NULL: it has none (init_mm). */
static inline pgd_t *xen_user_pgd(pgd_t *pgd)
{
	return (pgd_t *)virt_to_page(pgd)->private;
}

/* Conversions of page-table entries (mmu.c), for what cannot go by pv_ops. */
pteval_t xen_pte_to_machine(pteval_t val);
pteval_t xen_pte_to_pseudo(pteval_t val);

/* A whole top-level table, and what it has of user space, is loaded on this CPU now. */
DECLARE_PER_CPU(unsigned long, xen_cr3_loaded);	/* physical address */

#endif

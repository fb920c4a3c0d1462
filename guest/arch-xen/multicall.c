// SPDX-License-Identifier: GPL-2.0
/*
 * Batches of hypercalls.
 *
 * While page tables are changed in lazy mode, or during a context switch, hypercalls
 * are collected, each CPU's in a buffer of its own, and issued as one multicall.
 * Updates of page tables, the most common ones, share a call as long as no other comes
 * between. A batch of one is issued as the call it is: a multicall costs extra.
 */
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <asm/paravirt.h>
#include <xen/xen.h>

#include "mm.h"

#define CALLS	32
#define ARGS	4096	/* bytes: 256 updates */
#define DONES	16

struct batch {
	unsigned int calls, args, dones;
	unsigned long flags;		/* of interrupts, between begin and end */
	struct mmu_update *updates;	/* that the last call consists of, or NULL */
	struct multicall_entry call[CALLS];
	struct {
		void (*done)(void *arg);
		void *arg;
	} done[DONES];
	u8 arg[ARGS] __aligned(16);
};

static DEFINE_PER_CPU(struct batch, batch);

static void __noreturn failed(const struct batch *b)
{
	unsigned int i;

	for (i = 0; i < b->calls; i++)
		pr_emerg("xen: call %u of %u: op %lu (%lx %lx %lx %lx): %ld\n", i, b->calls,
			 (unsigned long)b->call[i].op, (unsigned long)b->call[i].args[0],
			 (unsigned long)b->call[i].args[1],
			 (unsigned long)b->call[i].args[2],
			 (unsigned long)b->call[i].args[3], (long)b->call[i].result);
	BUG();
}

/* Interrupts are off. */
static void issue(struct batch *b)
{
	struct multicall_entry *call = b->call;
	unsigned int i;
	bool ok = true;

	switch (b->calls) {
	case 0:
		break;
	case 1:
		call->result = xen_single_call(call->op, call->args[0], call->args[1],
					       call->args[2], call->args[3],
					       call->args[4]);
		ok = (long)call->result >= 0;
		break;
	default:
		ok = !HYPERVISOR_multicall(call, b->calls);
		for (i = 0; ok && i < b->calls; i++)
			ok = (long)call[i].result >= 0;
	}
	if (unlikely(!ok))
		failed(b);
	b->calls = 0;
	b->args = 0;
	b->updates = NULL;
	for (i = 0; i < b->dones; i++)
		b->done[i].done(b->done[i].arg);
	b->dones = 0;
}

static struct xen_mc_call reserve(struct batch *b, size_t size)
{
	struct xen_mc_call mc;

	if (b->calls == CALLS || b->args + size > ARGS)
		issue(b);
	mc.call = &b->call[b->calls++];
	mc.args = &b->arg[b->args];
	b->args += ALIGN(size, sizeof(u64));
	b->updates = NULL;
	return mc;
}

struct xen_mc_call xen_mc_begin(size_t size)
{
	unsigned long flags;
	struct batch *b;

	local_irq_save(flags);
	b = this_cpu_ptr(&batch);
	b->flags = flags;
	return reserve(b, size);
}

void xen_mc_end(enum paravirt_lazy_mode mode)
{
	struct batch *b = this_cpu_ptr(&batch);
	unsigned long flags = b->flags;

	if (paravirt_get_lazy_mode() != mode)
		issue(b);
	local_irq_restore(flags);
}

void xen_mc_update(u64 at, u64 value, enum paravirt_lazy_mode mode)
{
	struct mmu_update *update;
	unsigned long flags;
	struct xen_mc_call mc;
	struct batch *b;

	local_irq_save(flags);
	b = this_cpu_ptr(&batch);
	if (b->updates && b->args + sizeof(*update) <= ARGS) {
		update = (struct mmu_update *)&b->arg[b->args];
		b->args += sizeof(*update);
		b->call[b->calls - 1].args[1]++;
	} else {
		mc = reserve(b, sizeof(*update));
		update = mc.args;
		MULTI_mmu_update(mc.call, update, 1, NULL, DOMID_SELF);
		b->updates = update;
	}
	update->ptr = at;
	update->val = value;
	if (paravirt_get_lazy_mode() != mode)
		issue(b);
	local_irq_restore(flags);
}

void xen_mc_flush(void)
{
	unsigned long flags;

	local_irq_save(flags);
	issue(this_cpu_ptr(&batch));
	local_irq_restore(flags);
}

void xen_mc_when_done(void (*done)(void *), void *arg)
{
	unsigned long flags;
	struct batch *b;

	local_irq_save(flags);
	b = this_cpu_ptr(&batch);
	if (b->dones == DONES)
		issue(b);
	b->done[b->dones].done = done;
	b->done[b->dones].arg = arg;
	b->dones++;
	local_irq_restore(flags);
}

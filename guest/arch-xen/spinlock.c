// SPDX-License-Identifier: GPL-2.0
/*
 * Spinlocks: a VCPU that has waited for a lock for a while sleeps in the hypervisor,
 * which can then run the VCPU that holds the lock. Linux's queued spinlocks do all of
 * it (CONFIG_PARAVIRT_SPINLOCKS) but for the two calls here: sleep while a byte has a
 * value, and wake a CPU.
 *
 * A waiter sleeps in SCHEDOP_poll on an event channel of its own, an IPI that is
 * never delivered: its interrupt stays disabled, only its pending bit is looked at.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <asm/paravirt.h>
#include <asm/qspinlock.h>
#include <xen/events.h>
#include <xen/xen-ops.h>

#include "time.h"

struct wakeup {
	int irq; /* negative: not bound, this CPU spins */
	char name[16];
};

static DEFINE_PER_CPU(struct wakeup, lock_wakeup) = { .irq = -1 };
static bool pv_locks __ro_after_init;

static int __init parse_nopvspin(char *arg)
{
	pr_notice("xen_nopvspin is obsolete, use nopvspin\n");
	nopvspin = true;
	return 0;
}
early_param("xen_nopvspin", parse_nopvspin);

/*
 * Sleep until kicked, if *@byte is @val. May return early; the caller looks again.
 *
 * An interrupt between the look and the poll can wait for another lock here and take
 * the kick that was meant for us. So each leaves the channel pending: whom it
 * interrupted does not sleep but looks again.
 */
static void lock_wait(u8 *byte, u8 val)
{
	int irq = __this_cpu_read(lock_wakeup.irq);

	/* An NMI may have interrupted the very calls below. */
	if (irq < 0 || in_nmi())
		return;
	xen_clear_irq_pending(irq);
	smp_mb(); /* a kick after this look finds the channel clear */
	if (READ_ONCE(*byte) != val)
		return;
	xen_poll_irq(irq);
	xen_set_irq_pending(irq);
}

static void lock_kick(int cpu)
{
	if (per_cpu(lock_wakeup.irq, cpu) >= 0)
		xen_send_IPI_one(cpu, XEN_SPIN_UNLOCK_VECTOR);
}

static irqreturn_t never(int irq, void *data)
{
	WARN_ONCE(1, "xen: a spinlock's event was delivered");
	return IRQ_HANDLED;
}

PV_CALLEE_SAVE_REGS_THUNK(xen_vcpu_stolen);

void __init xen_spinlock_init(void)
{
	/* With one CPU nobody waits, and an unlock without a call is cheaper. */
	if (num_possible_cpus() == 1 || nopvspin) {
		if (nopvspin)
			static_branch_disable(&virt_spin_lock_key);
		return;
	}
	__pv_init_lock_hash();
	pv_ops.lock.queued_spin_lock_slowpath = __pv_queued_spin_lock_slowpath;
	pv_ops.lock.queued_spin_unlock = PV_CALLEE_SAVE(__pv_queued_spin_unlock);
	pv_ops.lock.wait = lock_wait;
	pv_ops.lock.kick = lock_kick;
	pv_ops.lock.vcpu_is_preempted = PV_CALLEE_SAVE(xen_vcpu_stolen);
	static_branch_disable(&virt_spin_lock_key);
	pv_locks = true;
}

int xen_spinlock_prepare(int cpu)
{
	struct wakeup *wakeup = &per_cpu(lock_wakeup, cpu);
	int irq;

	if (!pv_locks || wakeup->irq >= 0)
		return 0;
	snprintf(wakeup->name, sizeof(wakeup->name), "spinlock%d", cpu);
	irq = bind_ipi_to_irqhandler(XEN_SPIN_UNLOCK_VECTOR, cpu, never,
				     IRQF_PERCPU | IRQF_NOBALANCING | IRQF_NO_AUTOEN, wakeup->name,
				     NULL);
	if (irq < 0) {
		pr_warn("CPU %d spins for locks: no event channel, error %d\n", cpu, irq);
		return irq;
	}
	WRITE_ONCE(wakeup->irq, irq);
	return 0;
}

void xen_spinlock_teardown(int cpu)
{
	struct wakeup *wakeup = &per_cpu(lock_wakeup, cpu);
	int irq = wakeup->irq;

	if (irq < 0)
		return;
	WRITE_ONCE(wakeup->irq, -1);
	unbind_from_irqhandler(irq, NULL);
}

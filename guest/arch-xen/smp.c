// SPDX-License-Identifier: GPL-2.0
/*
 * Further CPUs: found, brought up, taken down, and how CPUs interrupt each other.
 *
 * A VCPU gets its context once (VCPUOP_initialise), and starts in xen_cpu_start on the
 * stack of its idle task. When it goes down it blocks in the hypervisor, and comes back
 * there: it then throws away its stack and starts as the first time.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/nmi.h>
#include <linux/sched/hotplug.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/tick.h>
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/desc.h>
#include <asm/hw_irq.h>
#include <asm/idtentry.h>
#include <asm/mmu_context.h>
#include <asm/mpspec.h>
#include <asm/smp.h>
#include <asm/spec-ctrl.h>
#include <asm/tlbflush.h>
#include <asm/xen/page.h>
#include <xen/events.h>

#include "cpu.h"
#include "mm.h"
#include "time.h"

#ifdef CONFIG_SMP

/* Handlers of what CPUs send each other. */
static irqreturn_t on_reschedule(int irq, void *unused)
{
	inc_irq_stat(irq_resched_count);
	scheduler_ipi();
	return IRQ_HANDLED;
}

static irqreturn_t on_call(int irq, void *unused)
{
	generic_smp_call_function_interrupt();
	inc_irq_stat(irq_call_count);
	return IRQ_HANDLED;
}

static irqreturn_t on_call_single(int irq, void *unused)
{
	generic_smp_call_function_single_interrupt();
	inc_irq_stat(irq_call_count);
	return IRQ_HANDLED;
}

static irqreturn_t on_irq_work(int irq, void *unused)
{
	irq_work_run();
	inc_irq_stat(apic_irq_work_irqs);
	return IRQ_HANDLED;
}

static const struct {
	enum ipi_vector vector;
	irq_handler_t handler;
	const char *name;
} ipis[] = {
	{ XEN_RESCHEDULE_VECTOR, on_reschedule, "resched" },
	{ XEN_CALL_FUNCTION_VECTOR, on_call, "callfunc" },
	{ XEN_CALL_FUNCTION_SINGLE_VECTOR, on_call_single, "callfuncsingle" },
	{ XEN_IRQ_WORK_VECTOR, on_irq_work, "irqwork" },
};

struct ipi_binding {
	int irq;
	char name[24];
};

static DEFINE_PER_CPU(struct ipi_binding, bindings[ARRAY_SIZE(ipis)]);

static void ipi_teardown(int cpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ipis); i++) {
		struct ipi_binding *b = &per_cpu(bindings, cpu)[i];

		if (b->irq > 0)
			unbind_from_irqhandler(b->irq, NULL);
		b->irq = 0;
	}
}

/* May sleep. 0 or a negative error, and nothing is left bound. */
static int ipi_prepare(int cpu)
{
	unsigned int i;
	int irq;

	for (i = 0; i < ARRAY_SIZE(ipis); i++) {
		struct ipi_binding *b = &per_cpu(bindings, cpu)[i];

		snprintf(b->name, sizeof(b->name), "%s%d", ipis[i].name, cpu);
		irq = bind_ipi_to_irqhandler(ipis[i].vector, cpu, ipis[i].handler,
					     IRQF_PERCPU | IRQF_NOBALANCING, b->name,
					     NULL);
		if (irq < 0) {
			ipi_teardown(cpu);
			return irq;
		}
		b->irq = irq;
	}
	return 0;
}

static int cpu_teardown(unsigned int cpu)
{
	xen_spinlock_teardown(cpu);
	xen_timer_teardown(cpu);
	ipi_teardown(cpu);
	return 0;
}

/*
 * The interrupts that a CPU has by the hypervisor. A hotplug state of its own, before the
 * CPU comes up and after it is dead: while it does so no interrupt can be allocated.
 */
static int cpu_prepare(unsigned int cpu)
{
	int err = ipi_prepare(cpu);

	if (!err)
		err = xen_timer_prepare(cpu);
	if (!err)
		err = xen_spinlock_prepare(cpu);
	if (err)
		cpu_teardown(cpu);
	return err;
}

static void __init smp_prepare_boot(void)
{
	unsigned int cpu;

	native_smp_prepare_boot_cpu();
	for_each_possible_cpu(cpu)
		per_cpu(xen_vcpu_id, cpu) = cpu;
	/* There is a table of descriptors now, so selectors may be Linux's own. */
	loadsegment(ds, __USER_DS);
	loadsegment(es, __USER_DS);
	xen_vcpu_register(0);
	xen_spinlock_init();
}

static void __init smp_prepare(unsigned int max)
{
	unsigned int cpu;

	smp_prepare_cpus_common();
	if (ipi_prepare(0) || xen_spinlock_prepare(0))
		panic("xen: CPU 0 cannot be interrupted by others\n");
	if (cpuhp_setup_state_nocalls(CPUHP_XEN_PREPARE, "x86/xen:prepare", cpu_prepare,
				      cpu_teardown))
		panic("xen: no state for CPUs to come up by\n");
	/* With maxcpus=0 or nosmp there are no others. */
	for_each_possible_cpu(cpu)
		set_cpu_present(cpu, cpu == 0 || cpu < max);
}

/* A context for @cpu, which has none yet. */
static int initialise(int cpu, struct task_struct *idle)
{
	struct vcpu_guest_context *context = kzalloc(sizeof(*context), GFP_KERNEL);
	int err;

	if (!context)
		return -ENOMEM;
	context->flags = VGCF_in_kernel;
	context->user_regs.rip = (unsigned long)xen_cpu_start;
	context->user_regs.rdi = cpu;
	context->user_regs.rsp = (unsigned long)task_pt_regs(idle);
	context->user_regs.rflags = X86_EFLAGS_FIXED;
	context->user_regs.cs = FLAT_KERNEL_CS;
	context->user_regs.ss = FLAT_KERNEL_SS;
	context->user_regs.ds = __USER_DS;
	context->user_regs.es = __USER_DS;
	context->kernel_ss = __KERNEL_DS;
	context->kernel_sp = (unsigned long)task_top_of_stack(idle);
	context->gs_base_kernel = per_cpu_offset(cpu);
	context->event_callback_eip = (unsigned long)xen_asm_exc_xen_hypervisor_callback;
	context->failsafe_callback_eip = (unsigned long)xen_failsafe_callback;
	context->syscall_callback_eip = (unsigned long)xen_entry_SYSCALL_64;
	context->ctrlreg[3] = xen_pfn_to_cr3(virt_to_gfn(swapper_pg_dir));
	xen_traps_context(context->trap_ctxt);
	xen_desc_context(cpu, context);
	err = HYPERVISOR_vcpu_op(VCPUOP_initialise, xen_vcpu_nr(cpu), context);
	kfree(context);
	return err;
}

static int smp_cpu_up(unsigned int cpu, struct task_struct *idle)
{
	static struct cpumask initialised;
	int err;

	err = common_cpu_up(cpu, idle);
	if (err)
		return err;
	err = cpu_check_up_prepare(cpu);
	if (err && err != -EBUSY)
		return err;
	per_cpu(fpu_fpregs_owner_ctx, cpu) = NULL;
	if (!cpumask_test_cpu(cpu, &initialised)) {
		xen_vcpu_register(cpu);
		err = initialise(cpu, idle);
		if (err)
			return err;
		cpumask_set_cpu(cpu, &initialised);
	}
	per_cpu(xen_vcpu_info, cpu).evtchn_upcall_mask = 1;
	/* cpu_init() waits for the one and sets the other. */
	cpumask_clear_cpu(cpu, cpu_initialized_mask);
	cpumask_set_cpu(cpu, cpu_callout_mask);
	err = HYPERVISOR_vcpu_op(VCPUOP_up, xen_vcpu_nr(cpu), NULL);
	if (err) {
		cpumask_clear_cpu(cpu, cpu_callout_mask);
		return err;
	}
	/* It may have to wait for a physical CPU, even for ours. */
	while (!cpu_online(cpu)) {
		HYPERVISOR_sched_op(SCHEDOP_yield, NULL);
		touch_nmi_watchdog();
	}
	return 0;
}

/* On the new CPU, in its idle task, interrupts off. From xen_cpu_start. */
asmlinkage __visible void xen_cpu_bringup(int cpu)
{
	cr4_init();
	cpu_init_secondary();
	xen_callbacks_register();
	xen_io_allow_kernel();
	rcu_cpu_starting(cpu);
	touch_softlockup_watchdog();

	smp_store_cpu_info(cpu);
	set_cpu_sibling_map(cpu);
	speculative_store_bypass_ht_init();
	x86_cpuinit.setup_percpu_clockev();
	notify_cpu_starting(cpu);

	cpumask_set_cpu(cpu, cpu_callin_mask);
	lock_vector_lock();
	set_cpu_online(cpu, true);
	lapic_online();
	unlock_vector_lock();
	cpu_set_state_online(cpu);

	local_irq_enable();
	cpu_startup_entry(CPUHP_AP_ONLINE_IDLE);
}

#ifdef CONFIG_HOTPLUG_CPU
static int smp_cpu_disable(void)
{
	if (smp_processor_id() == 0)
		return -EBUSY;
	cpu_disable_common();
	/* A kernel thread keeps the page tables of whoever ran before; who may now end. */
	leave_mm(smp_processor_id());
	return 0;
}

static void smp_cpu_die(unsigned int cpu)
{
	if (common_cpu_die(cpu))
		return;
	/* It has said so and is about to: its events must not go before. */
	while (HYPERVISOR_vcpu_op(VCPUOP_is_up, xen_vcpu_nr(cpu), NULL) > 0)
		schedule_timeout_uninterruptible(1);
}

static void __noreturn smp_play_dead(void)
{
	int cpu = smp_processor_id();

	play_dead_common();
	HYPERVISOR_vcpu_op(VCPUOP_down, xen_vcpu_nr(cpu), NULL);
	/* Up again. */
	xen_cpu_restart(cpu, task_pt_regs(current));
	BUG();
}
#else
static int smp_cpu_disable(void)
{
	return -ENOSYS;
}

static void smp_cpu_die(unsigned int cpu)
{
	BUG();
}

static void smp_play_dead(void)
{
	BUG();
}
#endif

static void stop_self(void *unused)
{
	load_cr3(swapper_pg_dir);
	set_cpu_online(smp_processor_id(), false);
	for (;;)
		HYPERVISOR_vcpu_op(VCPUOP_down, xen_vcpu_nr(smp_processor_id()), NULL);
}

static void smp_stop_others(int wait)
{
	smp_call_function(stop_self, NULL, wait);
}

static void smp_crash_stop(void)
{
	smp_stop_others(0);
}

static void smp_reschedule(int cpu)
{
	xen_send_IPI_one(cpu, XEN_RESCHEDULE_VECTOR);
}

static void smp_call(const struct cpumask *mask)
{
	int cpu;

	for_each_cpu(cpu, mask)
		xen_send_IPI_one(cpu, XEN_CALL_FUNCTION_VECTOR);
	/* The caller spins until all have answered: in vain while one of them cannot run. */
	for_each_cpu(cpu, mask) {
		if (xen_vcpu_stolen(cpu)) {
			HYPERVISOR_sched_op(SCHEDOP_yield, NULL);
			break;
		}
	}
}

static void smp_call_single(int cpu)
{
	xen_send_IPI_one(cpu, XEN_CALL_FUNCTION_SINGLE_VECTOR);
}

static const struct smp_ops xen_smp_ops __initconst = {
	.smp_prepare_boot_cpu = smp_prepare_boot,
	.smp_prepare_cpus = smp_prepare,
	.smp_cpus_done = native_smp_cpus_done,
	.stop_other_cpus = smp_stop_others,
	.crash_stop_other_cpus = smp_crash_stop,
	.smp_send_reschedule = smp_reschedule,
	.cpu_up = smp_cpu_up,
	.cpu_disable = smp_cpu_disable,
	.cpu_die = smp_cpu_die,
	.play_dead = smp_play_dead,
	.send_call_func_ipi = smp_call,
	.send_call_func_single_ipi = smp_call_single,
};

#endif /* CONFIG_SMP */

/* In place of the BIOS's table: the VCPUs that the domain was created with. */
static void __init find_cpus(void)
{
	unsigned int cpu;

	physids_clear(phys_cpu_present_map);
	for (cpu = 0; cpu < min_t(unsigned int, nr_cpu_ids, NR_CPUS); cpu++) {
		if (cpu && HYPERVISOR_vcpu_op(VCPUOP_is_up, cpu, NULL) < 0)
			break;
		early_per_cpu(x86_cpu_to_apicid, cpu) = cpu;
		early_per_cpu(x86_bios_cpu_apicid, cpu) = cpu;
		physid_set(cpu, phys_cpu_present_map);
	}
	num_processors = cpu;
	disabled_cpus = 0;
	smp_found_config = 1;
}

/* In domain 0 ACPI has meanwhile told of the machine's CPUs. */
static void __init find_cpus_again(unsigned int early)
{
	if (!early)
		find_cpus();
}

void __init xen_smp_init(void)
{
#ifdef CONFIG_SMP
	smp_ops = xen_smp_ops;
#endif
	x86_init.mpparse.find_smp_config = find_cpus;
	x86_init.mpparse.get_smp_config = find_cpus_again;
	x86_init.mpparse.setup_ioapic_ids = x86_init_noop;
}

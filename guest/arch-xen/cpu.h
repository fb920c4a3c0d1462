/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the port ask of each other about CPUs: start of day, VCPUs,
 * descriptors, traps, the interrupt flag. mm.h and time.h are the same for memory
 * and for time.
 */
#ifndef XEN_ARCH_CPU_H
#define XEN_ARCH_CPU_H

#include <linux/linkage.h>
#include <linux/percpu.h>
#include <xen/xen-ops.h>
#include <asm/desc.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>

/*
 * VCPU information as the hypervisor sees it, in the per-CPU area: the interrupt flag
 * is one byte of it. xen_vcpu (<xen/xen-ops.h>) points to it, or, before it is
 * registered, to its place in the shared information page.
 */
DECLARE_PER_CPU_ALIGNED(struct vcpu_info, xen_vcpu_info);

/*
 * Register xen_vcpu_info of @cpu; the hypervisor copies what it had there before. For
 * the boot CPU from smp_prepare_boot_cpu, for others before VCPUOP_initialise, and for
 * all after a resume (only the boot CPU runs then). Stops the kernel when refused.
 */
void xen_vcpu_register(int cpu);

/* pv_ops.irq and the assembly behind it. Once, first of all. */
void __init xen_irq_init_ops(void);

/* Let the hypervisor deliver what is pending: any hypercall does. Interrupts on. */
asmlinkage void xen_force_evtchn_callback(void);

/* pv_ops.cpu (cpu.c, msr.c, desc.c, io.c). Once, before start_kernel(). */
void __init xen_cpu_init_ops(void);

/* The capabilities that a guest does not have, whatever CPUID says. Once, early. */
void __init xen_cpu_init_features(void);

/* CPUID as this VCPU is to see it. pv_ops.cpu.cpuid. Any context. */
void xen_cpuid(unsigned int *ax, unsigned int *bx, unsigned int *cx, unsigned int *dx);

/* pv_ops.cpu's registers of a model, and the bases of segments among them (msr.c). */
void __init xen_msr_init_ops(void);

/* Descriptor tables: pv_ops.cpu's part of desc.c. */
void __init xen_desc_init_ops(void);

/*
 * Give @cpu's table of descriptors to the hypervisor: on @cpu itself by load_gdt();
 * before it runs, as frames in its context. The page gets read-only everywhere.
 */
void xen_desc_context(int cpu, struct vcpu_guest_context *context);

/* Forget what the hypervisor knew of this CPU's TLS entries: it starts again. */
void xen_desc_forget_tls(int cpu);

/* Traps (traps.c): the boot CPU's until Linux loads its table; then by pv_ops. */
void __init xen_traps_early(void);
void __init xen_traps_init_ops(void);

/* The table as it is now, for a CPU that is about to start. */
void xen_traps_context(struct trap_info *table);

/*
 * Callbacks (callback.c): events, failsafe, NMI, and the system calls of 64 and of 32
 * bits. On the CPU itself, interrupts off; the boot CPU early, others as they start,
 * the boot CPU again after a resume.
 */
void xen_callbacks_register(void);

/* Debug registers and ports of pv_ops.cpu. */
void __init xen_debug_init_ops(void);
void __init xen_io_init_ops(void);

/* The kernel may use ports, as far as the domain may. On the CPU itself, as it starts. */
void xen_io_allow_kernel(void);

/* smp_ops, and the processors that there may be. Once, before start_kernel(). */
void __init xen_smp_init(void);

/* apic: there is none, but Linux asks it for identifiers and sends by it. */
void __init xen_apic_init(void);

/* restart, halt, power off, crash. Once, before start_kernel(). */
void __init xen_reboot_init(void);

/* The assembly of entry.S */
asmlinkage void xen_entry_SYSCALL_64(void);
asmlinkage void xen_entry_SYSCALL_compat(void);
asmlinkage void xen_entry_SYSENTER_compat(void);
asmlinkage void xen_asm_exc_xen_hypervisor_callback(void);
asmlinkage void xen_asm_xenpv_exc_nmi(void);
asmlinkage void xen_failsafe_callback(void);
asmlinkage void xen_iret(void);
extern char early_xen_iret_patch[];
asmlinkage void xen_cpu_start(void);
asmlinkage void xen_cpu_restart(int cpu, void *stack);

/* The screen that domain 0 has (vga.c). */
#ifdef CONFIG_XEN_PV_DOM0
void __init xen_vga_init(void);
#else
static inline void xen_vga_init(void)
{
}
#endif

/* The system table of UEFI, if the machine has that (efi.c). */
#if defined(CONFIG_XEN_PV_DOM0) && defined(CONFIG_EFI)
void __init xen_efi_init(void);
#else
static inline void xen_efi_init(void)
{
}
#endif

#endif

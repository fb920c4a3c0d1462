/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ways between the kernel, the hypervisor and user programs.
 *
 * Kernel and user both run in ring 3, so only the hypervisor can change between them.
 * It enters the kernel on the stack of the task (stack_switch) with
 *
 *	%rcx %r11 [error code] %rip %cs %rflags %rsp %ss
 *
 * on it, the kernel's %cs with RPL 0, and events masked where a trap's entry or a
 * callback says so. Without the first two words this is what the CPU itself would have
 * pushed, and Linux's own entries go on from there. They return through xen_iret or
 * xenpv_restore_regs_and_return_to_usermode. GS is the kernel's in the kernel and the
 * user's in user programs: nobody swaps it.
 */
#include <linux/init.h>
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/asm-offsets.h>
#include <asm/errno.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>
#include <asm/percpu.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/thread_info.h>
#include <asm/unwind_hints.h>
#include <xen/interface/xen.h>
#include <asm/xen/interface.h>
#include "../entry/calling.h"

#define EVENTS_MASKED	PER_CPU_VAR(xen_vcpu_info) + XEN_vcpu_info_mask
#define EVENTS_PENDING	PER_CPU_VAR(xen_vcpu_info) + XEN_vcpu_info_pending

/* In the frame of a trap, above %cs: a byte that Xen does not use (xen_iret). */
#define FRAME_NMI	8 + 5

.pushsection .noinstr.text, "ax"

/*
 * A hypercall: number in %rax, arguments in %rdi %rsi %rdx %r10 %r8, result in %rax. The
 * instruction takes %rcx and %r11, callers (<asm/xen/hypercall.h>) keep them.
 */
SYM_FUNC_START(xen_hypercall_pv)
	pushq	%rcx
	pushq	%r11
	UNWIND_HINT_SAVE
	syscall
	UNWIND_HINT_RESTORE
	popq	%r11
	popq	%rcx
	RET
SYM_FUNC_END(xen_hypercall_pv)

/*
 * The interrupt flag is the mask of events in this VCPU's information. These have a
 * calling convention of their own: nothing but %rax changes.
 */
SYM_FUNC_START(xen_irq_disable)
	movb	$1, EVENTS_MASKED
	RET
SYM_FUNC_END(xen_irq_disable)

/*
 * Being moved to another CPU between the two is harmless: this CPU's events were
 * delivered by then, and the other's at worst are looked for in vain.
 */
SYM_FUNC_START(xen_irq_enable)
	movb	$0, EVENTS_MASKED
	cmpb	$0, EVENTS_PENDING
	jne	.Lirq_enable_deliver
	RET
.Lirq_enable_deliver:
	FRAME_BEGIN
	call	xen_force_evtchn_callback
	FRAME_END
	RET
SYM_FUNC_END(xen_irq_enable)

/* X86_EFLAGS_IF if events are let through; nothing else of the flags. */
SYM_FUNC_START(xen_save_fl)
	xorl	%eax, %eax
	cmpb	$0, EVENTS_MASKED
	sete	%ah
	addb	%ah, %ah
	RET
SYM_FUNC_END(xen_save_fl)

/* The cheapest hypercall: on the way back the hypervisor delivers what is pending. */
SYM_FUNC_START(xen_force_evtchn_callback)
	FRAME_BEGIN
	pushq	%rcx
	pushq	%r11
	pushq	%rdi
	pushq	%rsi
	xorl	%edi, %edi		/* XENVER_version */
	xorl	%esi, %esi
	movl	$__HYPERVISOR_xen_version, %eax
	UNWIND_HINT_SAVE
	syscall
	UNWIND_HINT_RESTORE
	popq	%rsi
	popq	%rdi
	popq	%r11
	popq	%rcx
	FRAME_END
	RET
SYM_FUNC_END(xen_force_evtchn_callback)

/* %cr2 of the last page fault: before xen_vcpu_register(), and after. */
SYM_FUNC_START(xen_cr2_early)
	movq	PER_CPU_VAR(xen_vcpu), %rax
	movq	XEN_vcpu_info_arch_cr2(%rax), %rax
	RET
SYM_FUNC_END(xen_cr2_early)

SYM_FUNC_START(xen_cr2)
	movq	PER_CPU_VAR(xen_vcpu_info) + XEN_vcpu_info_arch_cr2, %rax
	RET
SYM_FUNC_END(xen_cr2)

.popsection

	.section .entry.text, "ax"

/* Traps: drop the two words and be what Linux expects. */
.macro xen_trap name
SYM_CODE_START(xen_\name)
	UNWIND_HINT_ENTRY
	ENDBR
	popq	%rcx
	popq	%r11
	jmp	\name
SYM_CODE_END(xen_\name)
_ASM_NOKPROBE(xen_\name)
.endm

	xen_trap asm_exc_divide_error
	xen_trap asm_xenpv_exc_debug
	xen_trap asm_exc_int3
	xen_trap asm_exc_overflow
	xen_trap asm_exc_bounds
	xen_trap asm_exc_invalid_op
	xen_trap asm_exc_device_not_available
	xen_trap asm_xenpv_exc_double_fault
	xen_trap asm_exc_coproc_segment_overrun
	xen_trap asm_exc_invalid_tss
	xen_trap asm_exc_segment_not_present
	xen_trap asm_exc_stack_segment
	xen_trap asm_exc_general_protection
	xen_trap asm_exc_page_fault
	xen_trap asm_exc_spurious_interrupt_bug
	xen_trap asm_exc_coprocessor_error
	xen_trap asm_exc_alignment_check
	xen_trap asm_exc_simd_coprocessor_error
#ifdef CONFIG_X86_MCE
	xen_trap asm_xenpv_exc_machine_check
#endif
#ifdef CONFIG_IA32_EMULATION
	xen_trap asm_int80_emulation
#endif
	xen_trap asm_exc_xen_unknown_trap

/*
 * The hypervisor holds further NMIs back until it executes iret for us, so the frame is
 * marked for xen_iret.
 */
SYM_CODE_START(xen_asm_xenpv_exc_nmi)
	UNWIND_HINT_ENTRY
	ENDBR
	popq	%rcx
	popq	%r11
	movb	$1, FRAME_NMI(%rsp)
	jmp	asm_xenpv_exc_nmi
SYM_CODE_END(xen_asm_xenpv_exc_nmi)
_ASM_NOKPROBE(xen_asm_xenpv_exc_nmi)

/*
 * An event. If it came while xen_iret was on its way out of an earlier one, with events
 * let through already, all registers are those of what was interrupted first and only
 * its frame is left on the stack: go on with that one, or a flood of events could fill
 * the stack.
 */
SYM_CODE_START(xen_asm_exc_xen_hypervisor_callback)
	UNWIND_HINT_ENTRY
	ENDBR
	popq	%rcx
	popq	%r11
	pushq	%rax
	movq	8(%rsp), %rax			/* %rip */
	subq	$.Liret_window, %rax
	cmpq	$(.Liret_window_end - .Liret_window), %rax
	popq	%rax
	jae	asm_exc_xen_hypervisor_callback
	movq	3*8(%rsp), %rsp			/* to the frame below */
	andb	$~3, 8(%rsp)			/* %cs as it was */
	jmp	asm_exc_xen_hypervisor_callback
SYM_CODE_END(xen_asm_exc_xen_hypervisor_callback)
_ASM_NOKPROBE(xen_asm_exc_xen_hypervisor_callback)

/*
 * Return by the frame on the stack. To the kernel the CPU can do that itself, with the
 * flag of events set right just before; to user programs, and at the end of an NMI, the
 * hypervisor has to. Interrupts are off.
 */
SYM_CODE_START(xen_iret)
	UNWIND_HINT_IRET_REGS
	ANNOTATE_NOENDBR
	testb	$3, 8(%rsp)
	jnz	.Liret_hypercall
	cmpb	$0, FRAME_NMI(%rsp)
	jne	.Liret_hypercall
	testl	$X86_EFLAGS_IF, 2*8(%rsp)
	jz	.Liret_kernel
	movb	$0, EVENTS_MASKED
.Liret_window:
	cmpb	$0, EVENTS_PENDING
	jne	.Liret_pending
.Liret_kernel:
	orb	$3, 8(%rsp)			/* the kernel's ring, really */
	iretq
.Liret_pending:
	movb	$1, EVENTS_MASKED
.Liret_window_end:
.Liret_hypercall:
	pushq	$0				/* flags */
	pushq	%rcx
	pushq	%r11
	pushq	%rax
	movl	$__HYPERVISOR_iret, %eax
	syscall					/* does not return */
SYM_CODE_END(xen_iret)
_ASM_NOKPROBE(xen_iret)

/*
 * To a user program, all its registers in the pt_regs on the stack. The hypercall wants
 * %rax, %r11, %rcx and its flags below the frame, where pt_regs has orig_ax last. With
 * VGCF_in_syscall the hypervisor could use sysret; to find out whether it may costs more
 * instructions than all the rest of this.
 */
SYM_CODE_START(xenpv_restore_regs_and_return_to_usermode)
	UNWIND_HINT_REGS
	ANNOTATE_NOENDBR
	POP_REGS
	UNWIND_HINT_IRET_REGS offset=8
	movq	$0, (%rsp)			/* flags */
	pushq	%rcx
	pushq	%r11
	pushq	%rax
	movl	$__HYPERVISOR_iret, %eax
	syscall
SYM_CODE_END(xenpv_restore_regs_and_return_to_usermode)
_ASM_NOKPROBE(xenpv_restore_regs_and_return_to_usermode)

/*
 * System calls. The hypervisor does not know the segments that the user program had:
 * they are those of its kind. It does not clear the direction flag either.
 */
SYM_CODE_START(xen_entry_SYSCALL_64)
	UNWIND_HINT_ENTRY
	ENDBR
	cld
	popq	%rcx
	popq	%r11
	movq	$__USER_CS, 1*8(%rsp)
	movq	$__USER_DS, 4*8(%rsp)
	jmp	entry_SYSCALL_64_after_hwframe
SYM_CODE_END(xen_entry_SYSCALL_64)

#ifdef CONFIG_IA32_EMULATION
SYM_CODE_START(xen_entry_SYSCALL_compat)
	UNWIND_HINT_ENTRY
	ENDBR
	cld
	popq	%rcx
	popq	%r11
	movq	$__USER32_CS, 1*8(%rsp)
	movq	$__USER32_DS, 4*8(%rsp)
	jmp	entry_SYSCALL_compat_after_hwframe
SYM_CODE_END(xen_entry_SYSCALL_compat)

SYM_CODE_START(xen_entry_SYSENTER_compat)
	UNWIND_HINT_ENTRY
	ENDBR
	/* SYSENTER loses the stack and where it was; %rcx is the second argument. */
	popq	%rcx
	popq	%r11
	movq	$__USER32_CS, 1*8(%rsp)
	movq	$__USER32_DS, 4*8(%rsp)
	jmp	entry_SYSENTER_compat_after_hwframe
SYM_CODE_END(xen_entry_SYSENTER_compat)
#else
/* No 32-bit programs: their system calls fail. */
SYM_CODE_START(xen_entry_SYSCALL_compat)
SYM_INNER_LABEL(xen_entry_SYSENTER_compat, SYM_L_GLOBAL)
	UNWIND_HINT_ENTRY
	ENDBR
	addq	$16, %rsp
	movq	$-ENOSYS, %rax
	jmp	.Liret_hypercall
SYM_CODE_END(xen_entry_SYSCALL_compat)
#endif

	__INIT
/* Until Linux has loaded its table: one entry each, of a fixed size (<asm/segment.h>). */
SYM_CODE_START(xen_early_idt_handler_array)
	i = 0
	.rept NUM_EXCEPTION_VECTORS
	UNWIND_HINT_EMPTY
	ENDBR
	popq	%rcx
	popq	%r11
	jmp	early_idt_handler_array + i * EARLY_IDT_HANDLER_SIZE
	i = i + 1
	.fill xen_early_idt_handler_array + i * XEN_EARLY_IDT_HANDLER_SIZE - ., 1, 0xcc
	.endr
SYM_CODE_END(xen_early_idt_handler_array)
	__FINIT

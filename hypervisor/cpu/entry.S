/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Into the hypervisor and out of it.
 *
 * A guest's registers are saved straight into its struct vcpu: the task state
 * segment's stack pointer is the end of vcpu->regs, so the CPU pushes its five
 * words there, and we push the rest. Then rsp - 8 is the VCPU itself, which also
 * knows the stack of the CPU it runs on. Nothing is copied when VCPUs switch.
 *
 * Interrupts stay off all the way. rbx holds the VCPU from entry to exit: the
 * C functions that we call preserve it. They preserve rbp and r12 to r15, too:
 * for system calls and quick traps these are left where they are, and saved only
 * if something else than this guest is to run. Debug builds save them at once, for
 * the sake of dumps.
 */
#include "cpu/layout.h"
#include "cpu/offsets.h"
#include "cpu/selectors.h"

#define VECTOR_SYSCALL -1 /* one push makes the whole word */

/* rbp and r12 to r15 of the VCPU in rbx. */
.macro SAVE_PRESERVED
	movq %rbp, VCPU_REGS + 4 * 8(%rbx)
	movq %r12, VCPU_REGS + 3 * 8(%rbx)
	movq %r13, VCPU_REGS + 2 * 8(%rbx)
	movq %r14, VCPU_REGS + 1 * 8(%rbx)
	movq %r15, VCPU_REGS + 0 * 8(%rbx)
.endm

/* The others, but for rdi and rsi, which go first. */
.macro PUSH_VOLATILE_BUT_2
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
.endm

.macro POP_VOLATILE
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	addq $8, %rsp /* error code and vector */
.endm

/* At the end rbx is the VCPU, and rsp this CPU's stack. */
.macro SAVE_VOLATILE
	pushq %rdi
	pushq %rsi
	SAVE_VOLATILE_BUT_2
.endm

.macro SAVE_VOLATILE_BUT_2
	PUSH_VOLATILE_BUT_2
	movq %rbx, -8(%rsp)
	leaq -(VCPU_REGS + 6 * 8)(%rsp), %rbx
	movq VCPU_STACK(%rbx), %rsp
#ifdef CONFIG_DEBUG
	SAVE_PRESERVED
#endif
.endm

/* From the top of a CPU's main stack to its struct cpu. */
#define CPU_FROM_STACK (CPU_AREA_CPU - (CPU_AREA_STACK - 16))

	.text

/*
 * 256 stubs of 16 bytes. Each leaves a word with the error code below and the
 * vector above, as struct guest_regs has it.
 */
	.balign 16
	.globl entry_stubs
entry_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.if vector == 8 || vector == 10 || vector == 11 || vector == 12 || \
	    vector == 13 || vector == 14 || vector == 17 || vector == 21
	/* the CPU pushed an error code */
	.else
	pushq $0
	.endif
	movl $vector, 4(%rsp)
	.if vector == 1 || vector == 2 || vector == 8 || vector == 18
	jmp ist_entry
	.else
	jmp trap_entry
	.endif
	.set vector, vector + 1
	.endr

/* An exception or interrupt, from a guest or from us. */
	.balign 16
trap_entry:
	testb $3, 16(%rsp)
	jz from_hypervisor
	pushq %rdi
	pushq %rsi
trap_entry_saved2:
	SAVE_VOLATILE_BUT_2
	cld
	movq %rbx, %rdi
	call trap_quick
	testb %al, %al
	jne return_preserved
	SAVE_PRESERVED
	movq %rbx, %rdi
	xorl %ebp, %ebp
	call trap_from_guest

/*
 * Back to the guest in rbx. rsp is the top of this CPU's stack. First whatever
 * is waiting: softirqs, then an event upcall.
 */
	.balign 16
	.globl return_to_guest
return_to_guest:
	cmpl $0, CPU_FROM_STACK + CPU_SOFTIRQ_PENDING(%rsp)
	jne do_work
	movq VCPU_INFO(%rbx), %rax
	cmpb $0, INFO_UPCALL_PENDING(%rax)
	jne upcall
restore_guest:
	leaq VCPU_REGS(%rbx), %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	jmp restore_volatile

/*
 * SYSCALL: in guest kernel mode a hypercall, rdi rsi rdx r10 r8 r9 being its
 * arguments, as a C function's but for r10.
 */
	.balign 16
	.globl syscall_entry
syscall_entry:
	SAVE_VOLATILE
	cmpl $0, VCPU_KERNEL_MODE(%rbx)
	je syscall_from_user
	movq %r10, %rcx
	cmpq $64, %rax
	jae bad_hypercall
#if defined(CONFIG_PERFC) || defined(CONFIG_TRACE)
	call hypercall_noted
#else
	leaq hypercall_table(%rip), %r11
	/* Speculation must not index beyond the table: all ones if below. */
	sbbq %r10, %r10
	andq %r10, %rax
	call *(%r11, %rax, 8)
#endif
	movq %rax, VCPU_RAX(%rbx)
/* Back to the guest, whose preserved registers nobody has touched. */
return_preserved:
	cmpl $0, CPU_FROM_STACK + CPU_SOFTIRQ_PENDING(%rsp)
	jne do_preserved_work
	movq VCPU_INFO(%rbx), %rax
	cmpb $0, INFO_UPCALL_PENDING(%rax)
	jne upcall_preserved
restore_preserved:
	leaq VCPU_REGS + 5 * 8(%rbx), %rsp
	popq %rbx
restore_volatile:
	cmpl $VECTOR_SYSCALL, 9 * 8 + 4(%rsp)
	jne restore_all
	/*
	 * By SYSRET, when the guest came by SYSCALL or shall enter a handler: rcx
	 * and r11 are lost. The address must be canonical, or the CPU would
	 * fault with our privilege and the guest's stack.
	 */
	movq 10 * 8(%rsp), %rcx
	movq %rcx, %r11
	shlq $16, %r11
	sarq $16, %r11
	cmpq %rcx, %r11
	jne restore_all
	movq 12 * 8(%rsp), %r11
	addq $8, %rsp
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	addq $8, %rsp
	popq %rdx
	popq %rsi
	popq %rdi
	movq 4 * 8(%rsp), %rsp
	sysretq
restore_all:
	POP_VOLATILE
	.globl guest_iret
guest_iret:
	iretq

bad_hypercall:
	movq $-38, VCPU_RAX(%rbx) /* -XEN_ENOSYS */
	jmp return_preserved

syscall_from_user:
	movq %rbx, %rdi
	call bounce_syscall
	jmp return_preserved

upcall_preserved:
	cmpb $0, INFO_UPCALL_PENDING + 1(%rax)
	jne restore_preserved
	movq %rbx, %rdi
	call bounce_upcall
	jmp return_preserved

do_preserved_work:
	SAVE_PRESERVED
do_work:
	movq %rbx, %rdi
	call softirq_run
	jmp return_to_guest

upcall:
	cmpb $0, INFO_UPCALL_PENDING + 1(%rax)
	jne restore_guest
	movq %rbx, %rdi
	call bounce_upcall
	jmp return_to_guest

/*
 * What SYSCALL and SYSENTER go to, copied to the start of each CPU's area
 * (cpu/area.c), where struct cpu follows in the next page. Builds the frame that
 * an interrupt would have.
 */
.macro STUB_JUMP name
	.byte 0xe9 /* jmp rel32, made to reach its entry by area.c */
	.globl \name\()_stub, \name\()_stub_jump
\name\()_stub_jump:
	.long 0
.endm

.macro SYSCALL_STUB name, cs
\name\()_stub:
	movq %rsp, stubs + CPU_AREA_CPU + CPU_SCRATCH(%rip)
	movq stubs + CPU_AREA_CPU + CPU_REGS_END(%rip), %rsp
	pushq $GUEST_DS
	pushq stubs + CPU_AREA_CPU + CPU_SCRATCH(%rip)
	pushq %r11
	pushq $\cs
	pushq %rcx
	pushq $VECTOR_SYSCALL
	STUB_JUMP \name
.endm

	.globl stubs, stubs_end
	.balign 16
stubs:
	SYSCALL_STUB syscall, GUEST_CS64
	.balign 16
	SYSCALL_STUB syscall32, GUEST_CS32
	.balign 16
/*
 * SYSENTER tells neither from where nor with what stack: they are 0, as is all
 * but the RPL of the selector. And it leaves flags alone that SYSCALL clears.
 */
sysenter_stub:
	movq stubs + CPU_AREA_CPU + CPU_REGS_END(%rip), %rsp
	pushq $GUEST_DS
	pushq $0
	pushfq
	pushq $3
	pushq $0
	pushq $VECTOR_SYSCALL
	pushq $2 /* RFLAGS_MBS alone */
	popfq
	STUB_JUMP sysenter
stubs_end:

/* SYSCALL in compatibility mode, SYSENTER: for the guest's kernel to deal with. */
	.globl syscall32_entry
syscall32_entry:
	SAVE_VOLATILE
	movq %rbx, %rdi
	call bounce_syscall32
	jmp return_preserved

	.globl sysenter_entry
sysenter_entry:
	SAVE_VOLATILE
	movq %rbx, %rdi
	call bounce_sysenter
	jmp return_preserved

/*
 * Something happened while we ran ourselves: at preempt_check(), in idle, in a
 * guest copy, or by mistake. All registers on the stack, as in guest_regs.
 */
from_hypervisor:
	pushq %rdi
	leaq guest_iret(%rip), %rdi
	cmpq %rdi, 16(%rsp)
	je guest_iret_failed
	pushq %rsi
	PUSH_VOLATILE_BUT_2
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	cld
	movq %rsp, %rdi
	/* Exception frames are 16-byte aligned with 21 words: 8 off for calls. */
	movq %rsp, %rbp
	andq $-16, %rsp
	call trap_from_hypervisor
	movq %rbp, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	POP_VOLATILE
	iretq

/*
 * The iretq to the guest faulted: where the guest wants to go is no good. rsp was
 * at vcpu->regs.rip, so the CPU wrote its frame over registers that had just been
 * restored: they are put back from the CPU before anything else. Then it is as
 * if the guest had faulted there.
 */
guest_iret_failed:
	movq 5 * 8(%rsp), %rdi /* rsp of the fault: &vcpu->regs.rip */
	movq %rsi, -3 * 8(%rdi)
	movq (%rsp), %rsi
	movq %rsi, -2 * 8(%rdi)
	movq 8(%rsp), %rsi
	movq %rsi, -1 * 8(%rdi)
	movq %rdx, -4 * 8(%rdi)
	movq %rcx, -5 * 8(%rdi)
	movq %rax, -6 * 8(%rdi)
	movq %r8, -7 * 8(%rdi)
	movq %r9, -8 * 8(%rdi)
	movq %r10, -9 * 8(%rdi)
	movq %r11, -10 * 8(%rdi)
	movq %rbx, -11 * 8(%rdi)
	movq %rbp, -12 * 8(%rdi)
	movq %r12, -13 * 8(%rdi)
	movq %r13, -14 * 8(%rdi)
	movq %r14, -15 * 8(%rdi)
	movq %r15, -16 * 8(%rdi)
	leaq -VCPU_RIP(%rdi), %rbx
	movq VCPU_STACK(%rbx), %rsp
	cld
	movq %rbx, %rdi
	xorl %ebp, %ebp
	call trap_from_guest
	jmp return_to_guest

/*
 * NMI, machine check, debug exception and double fault have stacks of their own.
 * From a guest we move to the ordinary place and go on there.
 */
	.balign 16
ist_entry:
	testb $3, 16(%rsp)
	jz from_hypervisor
	pushq %rdi
	pushq %rsi
	movq %rsp, %rdi
	andq $-CPU_AREA_SIZE, %rdi
	movq CPU_AREA_CPU + CPU_REGS_END(%rdi), %rdi
	.irp word, 7, 6, 5, 4, 3, 2, 1, 0
	movq \word * 8(%rsp), %rsi
	movq %rsi, (\word - 8) * 8(%rdi)
	.endr
	leaq -8 * 8(%rdi), %rsp
	movq 8(%rsp), %rdi
	movq (%rsp), %rsi
	jmp trap_entry_saved2

/* void enter_vcpu(struct vcpu *v): leave C for good and run the guest. */
	.globl enter_vcpu
enter_vcpu:
	movq %rdi, %rbx
	movq VCPU_STACK(%rbx), %rsp
	xorl %ebp, %ebp
	jmp return_to_guest

/* void run_on_stack(void *top, void (*fn)(void)): no way back. */
	.globl run_on_stack
run_on_stack:
	movq %rdi, %rsp
	xorl %ebp, %ebp
	pushq $0
	jmp *%rsi

/*
 * size_t usercopy(void *to, const void *from, size_t bytes)
 * Bytes not copied: 0 when all went well. The caller checked the range.
 */
	.globl usercopy
	.balign 16
usercopy:
	movq %rdx, %rcx
	shrq $3, %rcx
	andl $7, %edx
1:	nopl (%rax)
2:	rep movsq
	movl %edx, %ecx
3:	rep movsb
	xorl %eax, %eax
4:	nopl (%rax)
	ret
5:	leaq (%rdx, %rcx, 8), %rax
	jmp 4b
6:	movq %rcx, %rax
	jmp 4b

	.pushsection ex_table, "a"
	.quad 2b, 5b
	.quad 3b, 6b
	.popsection
	/* stac at the first, clac at the second when SMAP is on */
	.pushsection smap_sites, "a"
	.quad 1b, 0xcb010f
	.quad 4b, 0xca010f
	.popsection

	.section .note.GNU-stack, "", @progbits

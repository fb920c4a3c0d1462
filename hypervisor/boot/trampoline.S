/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where another CPU starts, and the first one when the machine wakes: in real
 * mode, at the beginning of a page below 1 MiB that this code was copied to. It
 * goes to protected mode with the boot GDT, then to the code of head.S that every
 * CPU goes to 64-bit mode with, and on to smp_entry() on the stack that start()
 * left for it, or back to where it was.
 */
#include "cpu/layout.h"
#include "cpu/selectors.h"

#define PHYS(sym) ((sym) - IMAGE_VIRT + IMAGE_PHYS)

	.section .rodata
	.globl trampoline_start, trampoline_end
	.balign 16
	.code16
trampoline_start:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl trampoline_gdt - trampoline_start
	movl %cr0, %eax
	orb $1, %al
	movl %eax, %cr0
	ljmpl $BOOT_CS32, $PHYS(smp_start32)
	.balign 8
trampoline_gdt:
	.short 4 * 8 - 1
	.long PHYS(boot_gdt)
trampoline_end:

	.text
	.code32
smp_start32:
	movl $BOOT_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	/* A stack for one call; CPUs start one at a time. */
	movl $PHYS(smp_early_stack_end), %esp
	call enter_long_mode
	ljmp $BOOT_CS64, $PHYS(smp_start64_low)

	.code64
smp_start64_low:
	movabsq $smp_start64, %rax
	jmp *%rax
smp_start64:
	movq smp_stack(%rip), %rsp
	xorl %ebp, %ebp
	pushq $0
	jmp *smp_target(%rip)

/*
 * bool cpu_suspend(void (*sleep)(void)): call it with a way back for a CPU that
 * loses all it knows meanwhile and is started in the trampoline. True when it came
 * back that way: with the boot page tables and descriptors; false when sleep()
 * returned.
 */
	.globl cpu_suspend
cpu_suspend:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	subq $8, %rsp
	movq %rsp, smp_stack(%rip)
	leaq 1f(%rip), %rax
	movq %rax, smp_target(%rip)
	call *%rdi
	xorl %eax, %eax
	jmp 2f
1:	movq smp_stack(%rip), %rsp
	movl $1, %eax
2:	leaq smp_entry(%rip), %rcx
	movq %rcx, smp_target(%rip)
	addq $8, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret

	.data
	.balign 8
smp_target:
	.quad smp_entry

	.bss
	.balign 16
	.skip 64
smp_early_stack_end:
	.globl smp_stack
smp_stack:
	.quad 0

	.section .note.GNU-stack, "", @progbits

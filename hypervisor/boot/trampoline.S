/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where another CPU starts: in real mode, at the beginning of a page below 1 MiB
 * that this code was copied to. It goes to protected mode with the boot GDT, then
 * to the code of head.S that every CPU goes to 64-bit mode with, and on to
 * smp_entry() on the stack that smp_boot() left for it.
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
	jmp smp_entry

	.bss
	.balign 16
	.skip 64
smp_early_stack_end:
	.globl smp_stack
smp_stack:
	.quad 0

	.section .note.GNU-stack, "", @progbits

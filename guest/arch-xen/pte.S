/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page-table entries from and to what the rest of Linux sees in them: the most frequent
 * conversions, a call each, so they spare all registers but %rax. What is not plain
 * memory of this domain goes to mmu.c.
 */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/nospec-branch.h>
#include <asm/pgtable_types.h>

	.text

/* Get bits 12 to 51, the frame, of %rdi into %rax. */
.macro FRAME
	shlq	$12, %rax
	shrq	$24, %rax
.endm

/* %rax: the entry %rdi, whose frame is %rax, with the frame %rcx. */
.macro EXCHANGE
	xorq	%rcx, %rax
	shlq	$12, %rax
	xorq	%rdi, %rax
.endm

/* pte_val() and so on: %rax is the pseudo-physical entry of %rdi, from a table. */
SYM_FUNC_START(xen_get_val)
	movq	%rdi, %rax
	testb	$_PAGE_PRESENT, %al
	jz	.Lgot
	pushq	%rcx
	pushq	%rdx
	FRAME
	cmpq	machine_to_phys_nr(%rip), %rax
	jae	.Lget_slowly
	movq	machine_to_phys_mapping(%rip), %rcx
.Lread:
	movq	(%rcx,%rax,8), %rcx
	cmpq	xen_p2m_size(%rip), %rcx
	jae	.Lget_slowly
	movq	xen_p2m_addr(%rip), %rdx
	cmpq	(%rdx,%rcx,8), %rax
	jne	.Lget_slowly
	EXCHANGE
	popq	%rdx
	popq	%rcx
.Lgot:
	RET
.Lget_slowly:
	popq	%rdx
	popq	%rcx
	jmp	__raw_callee_save_xen_pte_to_pseudo
	_ASM_EXTABLE(.Lread, .Lget_slowly)
SYM_FUNC_END(xen_get_val)

/* __pte() and so on: %rax is the entry for a table of the pseudo-physical %rdi. */
SYM_FUNC_START(xen_make_val)
	movq	%rdi, %rax
	testb	$_PAGE_PRESENT, %al
	jz	.Lmade
	pushq	%rcx
	FRAME
	cmpq	xen_p2m_size(%rip), %rax
	jae	.Lmake_slowly
	movq	xen_p2m_addr(%rip), %rcx
	movq	(%rcx,%rax,8), %rcx
	btq	$62, %rcx		/* IDENTITY_FRAME_BIT */
	jc	.Lmake_slowly
	testq	%rcx, %rcx		/* FOREIGN_FRAME_BIT, INVALID_P2M_ENTRY */
	js	.Lmake_slowly
	EXCHANGE
	popq	%rcx
.Lmade:
	RET
.Lmake_slowly:
	popq	%rcx
	jmp	__raw_callee_save_xen_pte_to_machine
SYM_FUNC_END(xen_make_val)

/*
 * Start of day, and every way the hypervisor calls back into the guest.
 *
 * The hypervisor enters at _start in ring 3 with paging on, a stack, and the
 * address of the start info page in %rsi. The whole register state at that
 * moment is saved for the start_of_day guest to judge; then a stack of our own
 * is taken, because every VCPU finds its number from its stack (see smp.h).
 *
 * A trap arrives like a hardware exception with two more words on the stack:
 * %rcx and %r11 were destroyed by the hypervisor's return instruction and lie
 * below the error code or, where there is none, below the frame.
 */
#include <xen/elfnote.h>
#include <xen/xen.h>
#include "layout.h"

/* The notes by which the domain builder knows us. Words are 8 bytes. */
.macro note type, quad:vararg
	.pushsection .note.Xen, "a", @note
	.long 4, 2f - 1f, \type
	.asciz "Xen"
1:	.quad \quad
2:	.popsection
.endm
.macro note_string type, text
	.pushsection .note.Xen, "a", @note
	.long 4, 2f - 1f, \type
	.asciz "Xen"
1:	.asciz "\text"
2:	.p2align 2
	.popsection
.endm

	note_string XEN_ELFNOTE_GUEST_OS, "xenolith-test"
	note_string XEN_ELFNOTE_GUEST_VERSION, "1"
	note_string XEN_ELFNOTE_XEN_VERSION, "xen-3.0"
	note_string XEN_ELFNOTE_LOADER, "generic"
	note_string XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb"
	note_string XEN_ELFNOTE_PAE_MODE, "yes"
	note XEN_ELFNOTE_VIRT_BASE, VIRT_BASE
	note XEN_ELFNOTE_PADDR_OFFSET, VIRT_BASE
	note XEN_ELFNOTE_ENTRY, _start
	note XEN_ELFNOTE_HYPERCALL_PAGE, hypercall_page
	note XEN_ELFNOTE_HV_START_LOW, HYPERVISOR_VIRT_START
	/* A present entry, and the bits by which it is known to be one. */
	note XEN_ELFNOTE_L1_MFN_VALID, 1, 1

	.section .text.start, "ax"
	.globl _start
_start:
	movq	%rsp, entry_state+8*16(%rip)
	movq	%rax, entry_state+8*0(%rip)
	pushfq
	popq	entry_state+8*17(%rip)
	movq	%rbx, entry_state+8*1(%rip)
	movq	%rcx, entry_state+8*2(%rip)
	movq	%rdx, entry_state+8*3(%rip)
	movq	%rsi, entry_state+8*4(%rip)
	movq	%rdi, entry_state+8*5(%rip)
	movq	%rbp, entry_state+8*6(%rip)
	movq	%r8,  entry_state+8*7(%rip)
	movq	%r9,  entry_state+8*8(%rip)
	movq	%r10, entry_state+8*9(%rip)
	movq	%r11, entry_state+8*10(%rip)
	movq	%r12, entry_state+8*11(%rip)
	movq	%r13, entry_state+8*12(%rip)
	movq	%r14, entry_state+8*13(%rip)
	movq	%r15, entry_state+8*14(%rip)
	movw	%cs,  entry_state+8*18(%rip)
	movw	%ss,  entry_state+8*18+2(%rip)
	movw	%ds,  entry_state+8*18+4(%rip)
	movw	%es,  entry_state+8*18+6(%rip)
	movw	%fs,  entry_state+8*18+8(%rip)
	movw	%gs,  entry_state+8*18+10(%rip)

	cld
	leaq	stacks+STACK_SIZE(%rip), %rsp
	xorl	%ebp, %ebp
	movq	%rsi, %rdi
	call	guest_start
	ud2

/* Where a secondary VCPU starts: its stack is set, %rdi is its function. */
	.globl smp_entry
smp_entry:
	cld
	xorl	%ebp, %ebp
	call	smp_main
	ud2

/*
 * Traps. Each stub leaves the layout of struct regs (trap.h) on the stack and
 * calls trap_handle(). The way out is always the iret hypercall: it alone can
 * return to user mode and restores the event mask from the flags.
 */
.macro trap_stub vector, has_error
trap_\vector:
	popq	%rcx
	popq	%r11
.if !\has_error
	pushq	$0
.endif
	pushq	$\vector
	jmp	trap_common
.endm

	trap_stub 0, 0
	trap_stub 1, 0
	trap_stub 2, 0
	trap_stub 3, 0
	trap_stub 4, 0
	trap_stub 5, 0
	trap_stub 6, 0
	trap_stub 7, 0
	trap_stub 8, 1
	trap_stub 9, 0
	trap_stub 10, 1
	trap_stub 11, 1
	trap_stub 12, 1
	trap_stub 13, 1
	trap_stub 14, 1
	trap_stub 15, 0
	trap_stub 16, 0
	trap_stub 17, 1
	trap_stub 18, 0
	trap_stub 19, 0
	trap_stub 20, 0
	trap_stub 21, 1
	trap_stub 128, 0
	trap_stub 129, 0
	trap_stub 250, 0

/* Callbacks look like traps without an error code; "vectors" above 255. */
	.globl event_entry, failsafe_entry, syscall_entry, sysenter_entry, nmi_entry
	.set	event_entry, trap_256
	.set	syscall_entry, trap_258
	.set	sysenter_entry, trap_259
	.set	nmi_entry, trap_260
	trap_stub 256, 0
	trap_stub 258, 0
	trap_stub 259, 0
	trap_stub 260, 0

/*
 * The failsafe callback: the hypervisor could not load the selectors the guest
 * wanted. Below the usual frame lie %rcx, %r11, %ds, %es, %fs, %gs.
 */
failsafe_entry:
	popq	%rcx
	popq	%r11
	popq	failsafe_selectors+0(%rip)
	popq	failsafe_selectors+8(%rip)
	popq	failsafe_selectors+16(%rip)
	popq	failsafe_selectors+24(%rip)
	pushq	$0
	pushq	$257

trap_common:
	cld
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %rdi
	/* The hypervisor aligned the stack, but pushed a varying number of words. */
	movq	%rsp, %rbp
	andq	$-16, %rsp
	call	trap_handle
	movq	%rbp, %rsp

	.globl trap_return
trap_return:
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	addq	$16, %rsp		/* vector, error code */
	pushq	$0			/* flags of the iret hypercall */
	jmp	hypercall_page + __HYPERVISOR_iret * 32

/* user_enter(regs): leave the kernel with these registers, and come back ... */
	.globl user_enter, user_leave
user_enter:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, user_return(%rip)
	movq	%rdi, %rsp
	jmp	trap_return
/* ... when a trap from user mode calls user_leave(). */
user_leave:
	movq	user_return(%rip), %rsp
	movq	$0, user_return(%rip)
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

	.section .rodata
	.p2align 3
	.globl trap_entries
trap_entries:	/* vector, address; ends with an address of 0 */
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,128,129,250
	.quad	\n, trap_\n
	.endr
	.quad	0, 0

	.section .bss
	.p2align 4
	.globl entry_state
entry_state:
	.skip	8*20
	.globl user_return
user_return:
	.skip	8
	.globl failsafe_selectors
failsafe_selectors:
	.skip	8*4

/*
 * The hypervisor fills this page with hypercall stubs; ud2 until then.
 * The fill must not be zeros, or a missing page would slide into whatever
 * comes after it.
 */
	.section .text.hypercall_page, "ax"
	.p2align 12
	.globl hypercall_page
hypercall_page:
	.rept	2048
	ud2
	.endr

	.section .note.GNU-stack, "", @progbits

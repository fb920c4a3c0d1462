/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the hypervisor enters the kernel, and the notes by which its loader knows how
 * to lay the kernel out. arch/x86/kernel/head_64.S includes this file.
 *
 * A PV guest starts in 64-bit mode on page tables of the loader, with the kernel mapped
 * where it was linked, %rsi pointing to start_info, %rsp to a page of stack, and events
 * masked. So there is little to do here: a bss, a stack, a %gs for this_cpu, and C.
 */
#ifdef CONFIG_XEN_PV

#include <linux/elfnote.h>
#include <asm/boot.h>
#include <asm/asm.h>
#include <asm/msr.h>
#include <asm/unwind_hints.h>
#include <xen/interface/elfnote.h>
#include <xen/interface/features.h>
#include <xen/interface/xen.h>
#include <asm/xen/interface.h>

	__INIT
SYM_CODE_START(startup_xen)
	UNWIND_HINT_EMPTY
	ANNOTATE_NOENDBR
	cld
	movq	%rsi, %rbx

	/* The loader clears bss for the most part, but does not promise it. */
	movq	$__bss_start, %rdi
	movq	$__bss_stop, %rcx
	subq	%rdi, %rcx
	shrq	$3, %rcx
	xorl	%eax, %eax
	rep stosq

	movq	initial_stack(%rip), %rsp

	/* this_cpu is CPU 0's copy in the image, until there are per-CPU areas. */
	movl	$SEGBASE_GS_KERNEL, %edi
	movq	$INIT_PER_CPU_VAR(fixed_percpu_data), %rsi
	movl	$__HYPERVISOR_set_segment_base, %eax
	syscall
	UNWIND_HINT_EMPTY

	xorl	%ebp, %ebp
#ifdef CONFIG_KASAN
	movq	%rbx, %rdi
	call	xen_kasan_start
#endif
	movq	%rbx, %rdi
	call	xen_start_kernel
SYM_CODE_END(startup_xen)
	__FINIT

#ifdef CONFIG_XEN_PV_SMP
	.pushsection .text
/*
 * A further CPU starts here, in its idle task: its context has the stack, %gs and the
 * page tables. %rdi has its number.
 */
SYM_CODE_START(xen_cpu_start)
	UNWIND_HINT_EMPTY
	ANNOTATE_NOENDBR
	cld
	xorl	%ebp, %ebp
	call	xen_cpu_bringup
	ud2
SYM_CODE_END(xen_cpu_start)

/* And again, with an empty stack: (%rdi: number, %rsi: end of the stack). */
SYM_CODE_START(xen_cpu_restart)
	UNWIND_HINT_EMPTY
	movq	%rsi, %rsp
	jmp	xen_cpu_start
SYM_CODE_END(xen_cpu_restart)
	.popsection
#endif

#define FEATURE(name)	(1 << XENFEAT_##name)

	ELFNOTE(Xen, XEN_ELFNOTE_GUEST_OS,	.asciz "linux")
	ELFNOTE(Xen, XEN_ELFNOTE_GUEST_VERSION,	.asciz "2.6")
	ELFNOTE(Xen, XEN_ELFNOTE_XEN_VERSION,	.asciz "xen-3.0")
	ELFNOTE(Xen, XEN_ELFNOTE_LOADER,	.asciz "generic")
	ELFNOTE(Xen, XEN_ELFNOTE_PAE_MODE,	.asciz "yes")
	ELFNOTE(Xen, XEN_ELFNOTE_ENTRY,		_ASM_PTR startup_xen)
	ELFNOTE(Xen, XEN_ELFNOTE_VIRT_BASE,	_ASM_PTR __START_KERNEL_map)
	ELFNOTE(Xen, XEN_ELFNOTE_PADDR_OFFSET,	_ASM_PTR 0)
	ELFNOTE(Xen, XEN_ELFNOTE_HV_START_LOW,	_ASM_PTR __HYPERVISOR_VIRT_START)
	/* The initial image need not be mapped: Linux maps all of its memory soon. */
	ELFNOTE(Xen, XEN_ELFNOTE_MOD_START_PFN,	.long 1)
	ELFNOTE(Xen, XEN_ELFNOTE_SUSPEND_CANCEL, .long 1)
	/* Which entries that are not present hold a frame: those with PROTNONE. */
	ELFNOTE(Xen, XEN_ELFNOTE_L1_MFN_VALID,	.quad _PAGE_PRESENT; .quad _PAGE_PRESENT)
	ELFNOTE(Xen, XEN_ELFNOTE_FEATURES,
		.asciz "!writable_page_tables|pae_pgdir_above_4gb")
	ELFNOTE(Xen, XEN_ELFNOTE_SUPPORTED_FEATURES,
		.long FEATURE(writable_page_tables) | FEATURE(mmu_pt_update_preserve_ad) |
		      FEATURE(dom0))

#undef FEATURE
#endif /* CONFIG_XEN_PV */

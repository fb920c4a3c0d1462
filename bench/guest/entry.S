/*
 * The shortest exception handlers that a guest can have, so that what they add
 * to the measured path is little and known: step over the instruction that
 * trapped, which is two bytes long, and return by the iret hypercall.
 */
#include <xen/xen.h>

	.text
	.globl bench_trap_entry, bench_fault_entry
/* rcx r11 error rip cs rflags rsp ss */
bench_fault_entry:
	popq	%rcx
	popq	%r11
	addq	$8, %rsp
	jmp	1f
/* rcx r11 rip cs rflags rsp ss */
bench_trap_entry:
	popq	%rcx
	popq	%r11
1:	addq	$2, (%rsp)
	pushq	$0
	jmp	hypercall_page + __HYPERVISOR_iret * 32

	.globl bench_int3_entry
bench_int3_entry:
	popq	%rcx
	popq	%r11
	pushq	$0
	jmp	hypercall_page + __HYPERVISOR_iret * 32

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the boot loader jumps to. GRUB (multiboot 1 and 2, BIOS and UEFI) and
 * QEMU's -kernel all enter here the same way: 32-bit protected mode, no paging,
 * eax says which protocol, ebx points at what it has to tell. We build page
 * tables that map the first 4 GiB, both where they are and in the direct map,
 * go to 64-bit mode and call start_hypervisor().
 */
#include "cpu/layout.h"
#include "cpu/selectors.h"

#define PHYS(sym) ((sym) - IMAGE_VIRT + IMAGE_PHYS)

	.section .head, "ax"
	.code32
	.globl image_start
image_start:
	jmp start32

/*
 * The multiboot headers (Multiboot Specification 0.6.96, 3.1; 2.0, 3.1). The
 * image is flat, so both carry addresses instead of an ELF header.
 */
	.balign 8
multiboot1_header:
	.set MB1_FLAGS, 0x00010003 /* page-align modules, memory map, addresses */
	.long 0x1badb002
	.long MB1_FLAGS
	.long -(0x1badb002 + MB1_FLAGS)
	.long PHYS(multiboot1_header)
	.long PHYS(image_start)
	.long PHYS(__load_end)
	.long PHYS(__image_end)
	.long PHYS(start32)

	.balign 8
multiboot2_header:
	.long 0xe85250d6
	.long 0 /* i386 protected mode */
	.long multiboot2_end - multiboot2_header
	.long -(0xe85250d6 + (multiboot2_end - multiboot2_header))
	/* addresses */
	.short 2, 0
	.long 24
	.long PHYS(multiboot2_header)
	.long PHYS(image_start)
	.long PHYS(__load_end)
	.long PHYS(__image_end)
	/* entry address */
	.short 3, 0
	.long 12
	.long PHYS(start32)
	.long 0
	/* information we need: command line, modules, memory map */
	.short 1, 0
	.long 20
	.long 1, 3, 6
	.long 0
	/* information we can use: EFI system table, ACPI 1 and 2 RSDP */
	.short 1, 1
	.long 20
	.long 12, 14, 15
	.long 0
	/* modules on page boundaries */
	.short 6, 0
	.long 8
	/* text mode is what we can show: leave the screen in it if it is */
	.short 4, 1
	.long 12
	.long 2
	.long 0
	/* end */
	.short 0, 0
	.long 8
multiboot2_end:

start32:
	cli
	cld
	movl %eax, %ebp
	movl %ebx, %esi

	/* Do not rely on the loader having cleared the bss. */
	movl $PHYS(__bss_start), %edi
	movl $PHYS(__image_end), %ecx
	subl %edi, %ecx
	shrl $2, %ecx
	xorl %eax, %eax
	rep stosl

	movl $PHYS(boot_stack_end), %esp
	lgdt PHYS(boot_gdt_ptr)
	ljmp $BOOT_CS32, $PHYS(1f)
1:	movl $BOOT_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs

	/* Can this CPU run 64-bit code, and mark pages as not executable? */
	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	jb no_long_mode
	movl $0x80000001, %eax
	cpuid
	btl $29, %edx
	jnc no_long_mode
	btl $20, %edx
	jnc no_long_mode

	/* 2048 entries of 2 MiB: the first 4 GiB. */
	movl $PHYS(boot_l2), %edi
	movl $0x83, %eax
	movl $2048, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 1b
	movl $PHYS(boot_l2) + 3, %eax
	movl $PHYS(boot_l3), %edi
	movl $4, %ecx
1:	movl %eax, (%edi)
	addl $0x1000, %eax
	addl $8, %edi
	loop 1b
	/* The image: L2 of its own, since it does not start at a multiple of 1 GiB. */
	movl $PHYS(boot_image_l2), %edi
	movl $IMAGE_PHYS + 0x83, %eax
	movl $16, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 1b
	movl $PHYS(boot_image_l2) + 3, PHYS(boot_image_l3)
	movl $PHYS(boot_l3) + 3, %eax
	movl %eax, PHYS(boot_l4)
	movl %eax, PHYS(boot_l4) + 262 * 8
	movl $PHYS(boot_image_l3) + 3, PHYS(boot_l4) + 259 * 8

	call enter_long_mode
	movl %ebp, %edi
	ljmp $BOOT_CS64, $PHYS(start64_low)

no_long_mode:
	movl $PHYS(no_long_mode_message), %esi
	movl $0xb8000, %edi
1:	lodsb
	testb %al, %al
	jz 3f
	movb %al, %bl
	movb $0x07, %ah
	stosw
	movw $0x3fd, %dx
2:	inb %dx, %al
	testb $0x20, %al
	jz 2b
	movw $0x3f8, %dx
	movb %bl, %al
	outb %al, %dx
	jmp 1b
3:	hlt
	jmp 3b

/* Paging on with boot_l4, in compatibility mode still. Clobbers eax, ecx, edx. */
	.globl enter_long_mode
enter_long_mode:
	movl %cr4, %eax
	orl $0x20, %eax /* PAE */
	movl %eax, %cr4
	movl $PHYS(boot_l4), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x901, %eax /* NXE, LME, SCE */
	wrmsr
	movl $0x80050033, %eax /* PG AM WP NE ET MP PE */
	movl %eax, %cr0
	ret

	.code64
start64_low:
	movabsq $start64, %rax
	jmp *%rax

	.text
	.code64
start64:
	leaq boot_stack_end(%rip), %rsp
	movl $BOOT_DS, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %ebp, %ebp
	movl %edi, %edi /* protocol's magic */
	movl %esi, %esi /* physical address of its information */
	pushq $0
	call start_hypervisor
1:	hlt
	jmp 1b

	.section .head.data, "aw"
	.balign 8
	.globl boot_gdt
boot_gdt:
	.quad 0
	.quad 0x00cf9b000000ffff /* BOOT_CS32 */
	.quad 0x00cf93000000ffff /* BOOT_DS */
	.quad 0x00af9b000000ffff /* BOOT_CS64 */
	.globl boot_gdt_ptr
boot_gdt_ptr:
	.short . - boot_gdt - 1
	.quad PHYS(boot_gdt)
no_long_mode_message:
	.asciz "Xenolith needs a CPU with 64-bit mode and no-execute pages.\r\n"

	.bss
	.balign 4096
	.globl boot_l4
boot_l4:	.skip 4096
boot_l3:	.skip 4096
boot_l2:	.skip 4 * 4096
boot_image_l3:	.skip 4096
boot_image_l2:	.skip 4096
/* Laid out like a CPU's area, so that this_cpu() works from the first line. */
	.balign CPU_AREA_SIZE
	.globl boot_area
boot_area:	.skip CPU_AREA_SIZE - 16
boot_stack_end:	.skip 16

	.section .note.GNU-stack, "", @progbits

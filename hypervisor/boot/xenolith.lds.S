/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image: linked where it runs, loaded at IMAGE_PHYS. Sections with different
 * permissions start on page boundaries; mm/paging.c maps each with its own.
 */
#include "cpu/layout.h"

OUTPUT_FORMAT("elf64-x86-64")
ENTRY(image_start)

SECTIONS
{
	. = IMAGE_VIRT;
	.text : AT(IMAGE_PHYS) {
		__text_start = .;
		*(.head)
		*(.text .text.*)
		. = ALIGN(4096);
		__text_end = .;
	}
	.rodata : {
		*(.rodata .rodata.*)
		. = ALIGN(16);
		__start_ex_table = .;
		KEEP(*(ex_table))
		__stop_ex_table = .;
		. = ALIGN(8);
		__start_smap_sites = .;
		KEEP(*(smap_sites))
		__stop_smap_sites = .;
		. = ALIGN(8);
		__start_params = .;
		KEEP(*(params))
		__stop_params = .;
		/* The libraries of lib/decompress: constructors, addresses. */
		. = ALIGN(8);
		__init_array_start = .;
		KEEP(*(.init_array .init_array.*))
		__init_array_end = .;
		*(.got .got.plt)
	}
	.note.gnu.build-id : {
		__build_id_note = .;
		*(.note.gnu.build-id)
	}
	. = ALIGN(4096);
	.data : {
		__data_start = .;
		*(.head.data)
		*(.data .data.*)
		. = ALIGN(4096);
	}
	__load_end = .;
	.bss : {
		__bss_start = .;
		*(.bss .bss.*)
		*(COMMON)
		. = ALIGN(4096);
	}
	__image_end = .;
	/DISCARD/ : { *(.note.GNU-stack) *(.comment) *(.eh_frame) *(.interp)
		      *(.dynsym) *(.dynstr) *(.hash) *(.gnu.hash) *(.dynamic) }
}

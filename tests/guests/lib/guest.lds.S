/*
 * Linker script of the test guests: one image from VIRT_BASE up, code read and
 * executed, the rest written. Page tables made by the domain builder map all
 * of it writable; the segments only say what to load.
 */
#include "layout.h"

OUTPUT_FORMAT("elf64-x86-64")
ENTRY(_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

SECTIONS
{
	. = VIRT_BASE;
	.text : {
		image_start = .;
		*(.text.start)
		*(.text .text.*)
	} :text
	.rodata : { *(.rodata .rodata.*) } :text
	.note : { KEEP(*(.note.Xen)) } :text :note
	. = ALIGN(4096);
	.data : { *(.data .data.*) } :data
	.bss : {
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
		image_end = .;
	} :data
	/DISCARD/ : { *(.note.gnu.*) *(.comment) *(.eh_frame) }
}

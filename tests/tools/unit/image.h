/* SPDX-License-Identifier: GPL-2.0-only */
/* A small kernel image, with the notes that Linux has, for tests to change. */
#ifndef IMAGE_H
#define IMAGE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <xen/elfnote.h>

#define VIRT_BASE 0xffffffff80000000ull
#define TEXT 0x1000000ull /* physical */
#define DATA 0x1004000ull
#define END 0x1009000ull

/* An image as Linux has it: two segments, and notes in the first. */
static struct image {
	Elf64_Ehdr h;
	Elf64_Phdr p[3];
	struct note {
		Elf64_Nhdr h;
		char name[4];
		uint64_t value;
	} note[8];
	uint8_t text[15000], data[300]; /* in text there are pages of zeros */
} image;

static void note(unsigned int n, unsigned int type, uint64_t value)
{
	image.note[n] = (struct note){ .h = { .n_namesz = 4, .n_descsz = 8, .n_type = type },
				       .name = "Xen",
				       .value = value };
}

static void segment(unsigned int n, unsigned int type, const void *at, size_t bytes, uint64_t paddr,
		    uint64_t end)
{
	image.p[n] = (Elf64_Phdr){
		.p_type = type,
		.p_offset = (const char *)at - (const char *)&image,
		.p_filesz = bytes,
		.p_paddr = paddr,
		.p_vaddr = VIRT_BASE + paddr,
		.p_memsz = end - paddr,
	};
}

/* A cmocka set-up function: the image as new. */
static int image_setup(void **state)
{
	(void)state;
	memset(&image, 0, sizeof(image));
	memcpy(image.h.e_ident, ELFMAG, SELFMAG);
	image.h.e_ident[EI_CLASS] = ELFCLASS64;
	image.h.e_ident[EI_DATA] = ELFDATA2LSB;
	image.h.e_ident[EI_VERSION] = EV_CURRENT;
	image.h.e_type = ET_EXEC;
	image.h.e_machine = EM_X86_64;
	image.h.e_version = EV_CURRENT;
	image.h.e_entry = TEXT;
	image.h.e_phoff = offsetof(struct image, p);
	image.h.e_ehsize = sizeof(image.h);
	image.h.e_phentsize = sizeof(image.p[0]);
	image.h.e_phnum = 3;
	segment(0, PT_LOAD, image.text, sizeof(image.text), TEXT, DATA);
	segment(1, PT_LOAD, image.data, sizeof(image.data), DATA, END);
	segment(2, PT_NOTE, image.note, sizeof(image.note), 0, sizeof(image.note));
	note(0, XEN_ELFNOTE_ENTRY, VIRT_BASE + TEXT + 0x40);
	note(1, XEN_ELFNOTE_HYPERCALL_PAGE, VIRT_BASE + TEXT + 0x1000);
	note(2, XEN_ELFNOTE_VIRT_BASE, VIRT_BASE);
	note(3, XEN_ELFNOTE_INIT_P2M, 0x8000000000);
	note(4, XEN_ELFNOTE_MOD_START_PFN, 1);
	note(5, XEN_ELFNOTE_HV_START_LOW, 0xffff800000000000);
	note(6, XEN_ELFNOTE_SUSPEND_CANCEL, 1);
	note(7, XEN_ELFNOTE_PADDR_OFFSET, 0);
	for (size_t i = 0; i < sizeof(image.text); i++)
		image.text[i] = i < 1000 || i >= 14000 ? i % 251 : 0;
	memset(image.data, 'd', sizeof(image.data));
	return 0;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ELF (System V ABI, chapters 4 and 5): just what a kernel image needs. Every
 * offset in the file is checked before it is used; the image may be anything.
 */
#include <xen/elfnote.h>

#include "domain/elf.h"
#include "lib/string.h"
#include "machine.h"

struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version;
	u64 entry, phoff, shoff;
	u32 flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
	u32 type, flags;
	u64 offset, vaddr, paddr, filesz, memsz, align;
};

struct elf_section {
	u32 name, type;
	u64 flags, addr, offset, size;
	u32 link, info;
	u64 addralign, entsize;
};

struct elf_note {
	u32 namesz, descsz, type;
};

#define EM_X86_64 62
#define PT_LOAD 1
#define PT_NOTE 4
#define SHT_NOTE 7
#define MAX_SEGMENTS 64

static bool in_file(const struct elf_image *elf, u64 offset, u64 bytes)
{
	return offset <= elf->bytes && bytes <= elf->bytes - offset;
}

static const struct elf_segment *segment(const struct elf_image *elf,
					 unsigned int i)
{
	const struct elf_header *h = elf->data;

	return elf->data + h->phoff + (u64)i * h->phentsize;
}

static u64 note_value(const struct elf_note *n, const void *desc)
{
	u64 v = 0;

	memcpy(&v, desc, min((size_t)n->descsz, sizeof(v)));
	return v;
}

static void use_note(struct elf_image *elf, const struct elf_note *n,
		     const void *desc)
{
	u64 v = note_value(n, desc);

	elf->has_notes = true;
	switch (n->type) {
	case XEN_ELFNOTE_ENTRY:
		elf->entry = v;
		break;
	case XEN_ELFNOTE_HYPERCALL_PAGE:
		elf->hypercall_page = v;
		break;
	case XEN_ELFNOTE_VIRT_BASE:
		elf->virt_base = v;
		break;
	case XEN_ELFNOTE_PADDR_OFFSET:
		elf->paddr_offset = v;
		break;
	case XEN_ELFNOTE_INIT_P2M:
		elf->init_p2m = v;
		break;
	case XEN_ELFNOTE_MOD_START_PFN:
		elf->mod_start_pfn = v != 0;
		break;
	}
}

static void read_notes(struct elf_image *elf, u64 offset, u64 bytes)
{
	u64 end = offset + bytes;

	if (!in_file(elf, offset, bytes))
		return;
	while (offset + sizeof(struct elf_note) <= end) {
		const struct elf_note *n = elf->data + offset;
		u64 name = offset + sizeof(*n);
		u64 desc = name + ROUND_UP((u64)n->namesz, 4);

		offset = desc + ROUND_UP((u64)n->descsz, 4);
		if (offset > end)
			return;
		if (n->namesz == 4 && memcmp(elf->data + name, "Xen", 4) == 0)
			use_note(elf, n, elf->data + desc);
	}
}

static void find_notes(struct elf_image *elf)
{
	const struct elf_header *h = elf->data;

	for (unsigned int i = 0; i < h->phnum; i++)
		if (segment(elf, i)->type == PT_NOTE)
			read_notes(elf, segment(elf, i)->offset,
				   segment(elf, i)->filesz);
	if (elf->has_notes || h->shentsize != sizeof(struct elf_section) ||
	    !in_file(elf, h->shoff, (u64)h->shnum * h->shentsize))
		return;
	for (unsigned int i = 0; i < h->shnum; i++) {
		const struct elf_section *s =
			elf->data + h->shoff + (u64)i * h->shentsize;

		if (s->type == SHT_NOTE)
			read_notes(elf, s->offset, s->size);
	}
}

const char *elf_parse(struct elf_image *elf, const void *data, size_t bytes)
{
	const struct elf_header *h = data;

	*elf = (struct elf_image){ .data = data,
				   .bytes = bytes,
				   .start = UINT64_MAX,
				   .hypercall_page = UINT64_MAX,
				   .init_p2m = UINT64_MAX };
	if (bytes < sizeof(*h) || memcmp(h->ident, "\177ELF", 4) != 0)
		return "not an ELF image";
	if (h->ident[4] != 2 || h->ident[5] != 1 || h->machine != EM_X86_64)
		return "not a 64-bit x86 ELF image";
	if (h->phentsize != sizeof(struct elf_segment) ||
	    h->phnum > MAX_SEGMENTS ||
	    !in_file(elf, h->phoff, (u64)h->phnum * h->phentsize))
		return "bad ELF program headers";
	for (unsigned int i = 0; i < h->phnum; i++) {
		const struct elf_segment *s = segment(elf, i);

		if (s->type != PT_LOAD || s->memsz == 0)
			continue;
		if (!in_file(elf, s->offset, s->filesz) ||
		    s->filesz > s->memsz || s->paddr + s->memsz < s->paddr)
			return "bad ELF segment";
		elf->start = min(elf->start, s->paddr);
		elf->end = max(elf->end, s->paddr + s->memsz);
	}
	if (elf->start >= elf->end)
		return "no loadable ELF segment";
	elf->entry = h->entry;
	find_notes(elf);
	if (!elf->has_notes)
		return "no Xen ELF notes: not a kernel for paravirtual guests";
	return NULL;
}

void elf_load(const struct elf_image *elf, void *to)
{
	const struct elf_header *h = elf->data;

	for (unsigned int i = 0; i < h->phnum; i++) {
		const struct elf_segment *s = segment(elf, i);
		char *dst = to + (s->paddr - elf->start);

		if (s->type != PT_LOAD)
			continue;
		memcpy(dst, elf->data + s->offset, s->filesz);
		memset(dst + s->filesz, 0, s->memsz - s->filesz);
	}
}

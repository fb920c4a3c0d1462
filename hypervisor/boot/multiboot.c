/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies what the boot loader says out of its memory, which we shall soon use
 * for something else. Multiboot 1: a structure with flags; multiboot 2: a list
 * of tags. Layouts: Multiboot Specification 0.6.96, 3.3; Multiboot2 2.0, 3.6.
 */
#include "boot/boot_info.h"
#include "lib/string.h"
#include "machine.h"

#define MB1_MAGIC 0x2badb002
#define MB2_MAGIC 0x36d76289

struct boot_info boot_info;

/* In both versions; the colours, whose meaning depends on the type, lie apart. */
struct mb_framebuffer {
	u64 address;
	u32 pitch, width, height;
	u8 bpp, type;
} __packed;

struct mb_colours {
	u8 red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
};

enum {
	FRAMEBUFFER_PALETTE = 0,
	FRAMEBUFFER_RGB = 1,
	FRAMEBUFFER_TEXT = 2,
};

struct mb1_info {
	u32 flags;
	u32 mem_lower, mem_upper; /* KiB */
	u32 boot_device;
	u32 cmdline;
	u32 mods_count, mods_addr;
	u32 syms[4];
	u32 mmap_length, mmap_addr;
	u32 drives_length, drives_addr;
	u32 config_table;
	u32 boot_loader_name;
	u32 apm_table;
	u32 vbe[4];
	struct mb_framebuffer framebuffer;
	u16 padding; /* not in the specification's text, but in its multiboot.h */
	struct mb_colours colours;
};

#define MB1_MEMORY (1u << 0)
#define MB1_CMDLINE (1u << 2)
#define MB1_MODULES (1u << 3)
#define MB1_MMAP (1u << 6)
#define MB1_LOADER (1u << 9)
#define MB1_FRAMEBUFFER (1u << 12)

struct mb1_module {
	u32 start, end, cmdline, reserved;
};

struct mb1_mmap {
	u32 size; /* of what follows */
	u64 base, length;
	u32 type;
} __packed;

struct mb2_tag {
	u32 type, size;
};

enum {
	MB2_END = 0,
	MB2_CMDLINE = 1,
	MB2_LOADER = 2,
	MB2_MODULE = 3,
	MB2_MMAP = 6,
	MB2_FRAMEBUFFER = 8,
	MB2_EFI32 = 11,
	MB2_EFI64 = 12,
	MB2_ACPI_OLD = 14,
	MB2_ACPI_NEW = 15,
};

struct mb2_module {
	struct mb2_tag tag;
	u32 start, end;
	char cmdline[];
};

struct mb2_mmap {
	struct mb2_tag tag;
	u32 entry_size, entry_version;
	struct {
		u64 base, length;
		u32 type, reserved;
	} entry[];
};

struct mb2_framebuffer {
	struct mb2_tag tag;
	struct mb_framebuffer framebuffer;
	u16 reserved;
	struct mb_colours colours;
};

static void *at(u32 physical)
{
	return map_frame(0) + physical;
}

static void add_region(u64 base, u64 length, u32 type)
{
	struct boot_info *b = &boot_info;

	if (length == 0 || base + length < base)
		return;
	if (type < REGION_RAM || type > REGION_UNUSABLE)
		type = REGION_RESERVED;
	if (b->nr_regions == MAX_REGIONS) {
		log_warning("memory map: more than %d regions, %lx-%lx left out",
			    MAX_REGIONS, base, base + length);
		return;
	}
	b->region[b->nr_regions++] =
		(struct region){ base, base + length, type };
}

static void add_module(u32 start, u32 end, const char *cmdline)
{
	struct boot_info *b = &boot_info;
	struct module *m;

	if (b->nr_modules == MAX_MODULES) {
		log_warning("more than %d modules: '%s' left out", MAX_MODULES,
			    cmdline);
		return;
	}
	m = &b->module[b->nr_modules++];
	m->start = start;
	m->end = end;
	strlcpy(m->cmdline, cmdline, sizeof(m->cmdline));
}

/* Only what has its colours in its pixels is of use to anybody. */
static void set_framebuffer(const struct mb_framebuffer *f, const struct mb_colours *c)
{
	struct boot_info *b = &boot_info;

	b->vga_text_available = f->type == FRAMEBUFFER_TEXT;
	if (f->type != FRAMEBUFFER_RGB)
		return;
	b->framebuffer = (struct framebuffer){
		.address = f->address,
		.pitch = f->pitch,
		.width = f->width,
		.height = f->height,
		.bpp = f->bpp,
		.red = { c->red_pos, c->red_size },
		.green = { c->green_pos, c->green_size },
		.blue = { c->blue_pos, c->blue_size },
	};
}

static void read_mb1(const struct mb1_info *info)
{
	struct boot_info *b = &boot_info;

	b->protocol = "multiboot 1";
	b->vga_text_available = true;
	if (info->flags & MB1_CMDLINE)
		strlcpy(b->cmdline, at(info->cmdline), sizeof(b->cmdline));
	if (info->flags & MB1_LOADER)
		strlcpy(b->loader, at(info->boot_loader_name),
			sizeof(b->loader));
	if (info->flags & MB1_FRAMEBUFFER)
		set_framebuffer(&info->framebuffer, &info->colours);
	if (info->flags & MB1_MODULES) {
		const struct mb1_module *m = at(info->mods_addr);

		for (u32 i = 0; i < info->mods_count; i++)
			add_module(m[i].start, m[i].end, at(m[i].cmdline));
	}
	if (info->flags & MB1_MMAP) {
		u32 p = info->mmap_addr;

		while (p < info->mmap_addr + info->mmap_length) {
			const struct mb1_mmap *m = at(p);

			add_region(m->base, m->length, m->type);
			p += m->size + sizeof(m->size);
		}
	} else if (info->flags & MB1_MEMORY) {
		add_region(0, (u64)info->mem_lower << 10, REGION_RAM);
		add_region(0x100000, (u64)info->mem_upper << 10, REGION_RAM);
	}
}

static void read_mb2(u32 info)
{
	struct boot_info *b = &boot_info;
	u32 p = info + 8, end = info + *(u32 *)at(info);
	bool has_framebuffer = false;

	b->protocol = "multiboot 2";
	b->vga_text_available = true;
	while (p + sizeof(struct mb2_tag) <= end) {
		const struct mb2_tag *tag = at(p);
		const void *body = tag + 1;

		if (tag->type == MB2_END)
			break;
		switch (tag->type) {
		case MB2_CMDLINE:
			strlcpy(b->cmdline, body, sizeof(b->cmdline));
			break;
		case MB2_LOADER:
			strlcpy(b->loader, body, sizeof(b->loader));
			break;
		case MB2_MODULE: {
			const struct mb2_module *m = (const void *)tag;

			add_module(m->start, m->end, m->cmdline);
			break;
		}
		case MB2_MMAP: {
			const struct mb2_mmap *m = (const void *)tag;
			const void *e = m->entry, *last = (char *)tag + tag->size;

			for (; e < last; e += m->entry_size) {
				const __typeof__(m->entry[0]) *r = e;

				add_region(r->base, r->length, r->type);
			}
			break;
		}
		case MB2_FRAMEBUFFER: {
			const struct mb2_framebuffer *f = (const void *)tag;

			set_framebuffer(&f->framebuffer, &f->colours);
			has_framebuffer = true;
			break;
		}
		case MB2_EFI64:
			b->efi_table = *(const u64 *)body;
			/* fall through */
		case MB2_EFI32:
			b->efi = true;
			break;
		case MB2_ACPI_OLD:
			if (b->rsdp != 0)
				break;
			/* fall through */
		case MB2_ACPI_NEW:
			/* The RSDP itself is in the tag: keep it with us. */
			memcpy(b->rsdp_copy, body,
			       min((size_t)tag->size - sizeof(*tag),
				   sizeof(b->rsdp_copy)));
			b->rsdp = (u64)b->rsdp_copy - IMAGE_VIRT + IMAGE_PHYS;
			break;
		}
		p += ROUND_UP(tag->size, 8);
	}
	/* UEFI machines start in graphics mode and mostly have no text mode. */
	if (b->efi && !has_framebuffer)
		b->vga_text_available = false;
}

bool multiboot_read(u32 magic, u32 info)
{
	switch (magic) {
	case MB1_MAGIC:
		read_mb1(at(info));
		return true;
	case MB2_MAGIC:
		read_mb2(info);
		return true;
	default:
		return false;
	}
}

const char *boot_without_path(const char *cmdline)
{
	static const char dummy[] = "placeholder";

	/* There is no path, but menus of grub-mkconfig have a word in its place. */
	if (strncmp(boot_info.loader, "GRUB ", 5) == 0 && boot_info.loader[5] != '0' &&
	    (strncmp(cmdline, dummy, sizeof(dummy) - 1) ||
	     (cmdline[sizeof(dummy) - 1] && cmdline[sizeof(dummy) - 1] != ' ')))
		return cmdline;
	while (*cmdline && *cmdline != ' ')
		cmdline++;
	while (*cmdline == ' ')
		cmdline++;
	return cmdline;
}

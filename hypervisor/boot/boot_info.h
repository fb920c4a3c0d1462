/* SPDX-License-Identifier: GPL-2.0-only */
/* What the boot loader told us, copied out of its structures. */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include "lib/types.h"

#define MAX_REGIONS 128
#define MAX_MODULES 8
#define MAX_CMDLINE 2048

/* ACPI 6.4, table 15.4 (the types of "E820"). */
enum region_type {
	REGION_RAM = 1,
	REGION_RESERVED = 2,
	REGION_ACPI = 3,
	REGION_NVS = 4,
	REGION_UNUSABLE = 5,
};

struct region {
	paddr_t start, end; /* bytes; end excluded */
	enum region_type type;
};

struct module {
	paddr_t start, end;
	char cmdline[512];
};

/* Lines of pixels, each of bpp bits, of which some are a colour. */
struct framebuffer {
	paddr_t address; /* 0: none */
	u32 pitch;	 /* bytes from line to line */
	u32 width, height, bpp;
	struct {
		u8 pos, size; /* bits */
	} red, green, blue;
};

struct boot_info {
	const char *protocol; /* for people */
	char loader[64];
	char cmdline[MAX_CMDLINE];
	unsigned int nr_regions;
	struct region region[MAX_REGIONS];
	/* The same, to the byte, as domain 0 is told it. */
	unsigned int nr_machine_regions;
	struct region machine_region[MAX_REGIONS];
	unsigned int nr_modules;
	struct module module[MAX_MODULES];
	paddr_t rsdp; /* 0: search for it */
	u8 rsdp_copy[36];
	bool efi;
	paddr_t efi_table; /* 64-bit UEFI's system table; 0: none */
	bool vga_text_available;
	struct framebuffer framebuffer;
};

extern struct boot_info boot_info;

/* Multiboot 1 or 2, told apart by magic; false: neither. info is physical. */
bool multiboot_read(u32 magic, u32 info);

/* A command line without the path of the image in front, which GRUB 2 leaves out
 * and everyone else puts there; nor the word that grub-mkconfig puts there. */
const char *boot_without_path(const char *cmdline);

/* Sort the regions, let the stricter type win where they overlap, apply mem=. */
void memory_map_tidy(void);
/* Tell domain 0 that something of ours is there. After memory_map_tidy(). */
void memory_map_reserve(paddr_t start, paddr_t end);
void memory_map_print(void);

/* Frames of RAM in it; any time after. */
u64 memory_map_ram_frames(void);

#endif

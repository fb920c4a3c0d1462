/* SPDX-License-Identifier: MIT */
/*
 * ELF notes named "Xen": what a kernel tells who loads it. A numeric note is 4
 * or 8 bytes; a string ends with a NUL. Writer: the kernel's build. (Old kernels
 * have a __xen_guest section with a string of NAME=value pairs instead.)
 */
#ifndef __XEN_PUBLIC_ELFNOTE_H__
#define __XEN_PUBLIC_ELFNOTE_H__

/* String: NAME=value, for information. */
#define XEN_ELFNOTE_INFO			0
/* Number: virtual address of the entry point. Default: the ELF header's. */
#define XEN_ELFNOTE_ENTRY			1
/* Number: virtual address of the page that the loader fills with hypercalls. */
#define XEN_ELFNOTE_HYPERCALL_PAGE		2
/* Number: virtual address of pfn 0. Default: 0. */
#define XEN_ELFNOTE_VIRT_BASE			3
/* Number: what to subtract from ELF physical addresses to get pseudo-physical */
/* ones. Default: 0. */
#define XEN_ELFNOTE_PADDR_OFFSET		4
/* String: the interface, "xen-3.0". */
#define XEN_ELFNOTE_XEN_VERSION			5
/* String: the guest's name and version, and the loader's kind ("generic"). */
#define XEN_ELFNOTE_GUEST_OS			6
#define XEN_ELFNOTE_GUEST_VERSION		7
#define XEN_ELFNOTE_LOADER			8
/* String, 32-bit kernels: "yes" (or "bimodal") if they run with PAE. */
#define XEN_ELFNOTE_PAE_MODE			9
/* String: features (see features.h, without the prefix) separated by '|'. */
/* With '!' before it the kernel cannot do without the feature. */
#define XEN_ELFNOTE_FEATURES			10
/* String: "yes" to have the symbol table loaded behind the image. */
#define XEN_ELFNOTE_BSD_SYMTAB			11
/* Number: lowest address at which the hypervisor's range may begin. */
#define XEN_ELFNOTE_HV_START_LOW		12
/* Pairs of numbers, mask and value: which non-present level 1 entries still */
/* hold a frame, so that migration translates them. */
#define XEN_ELFNOTE_L1_MFN_VALID		13
/* Number: nonzero if the kernel understands a cancelled suspend. */
#define XEN_ELFNOTE_SUSPEND_CANCEL		14
/* Number: virtual address at which to put the pfn-to-mfn list. It may be */
/* mapped by large pages, and its page tables are outside the first mapping. */
#define XEN_ELFNOTE_INIT_P2M			15
/* Number: nonzero if the ram disk need not be mapped (SIF_MOD_START_PFN). */
#define XEN_ELFNOTE_MOD_START_PFN		16
/* Number: bits of features that the kernel can use. */
#define XEN_ELFNOTE_SUPPORTED_FEATURES		17
/* Number: physical address of the entry point for PVH. */
#define XEN_ELFNOTE_PHYS32_ENTRY		18
#define XEN_ELFNOTE_MAX				XEN_ELFNOTE_PHYS32_ENTRY

/* In a crash dump of the host: about the hypervisor, and a CPU's registers. */
#define XEN_ELFNOTE_CRASH_INFO			0x1000001
#define XEN_ELFNOTE_CRASH_REGS			0x1000002

/* In a dump of a domain: mark, header, hypervisor's version, format version. */
#define XEN_ELFNOTE_DUMPCORE_NONE		0x2000000
#define XEN_ELFNOTE_DUMPCORE_HEADER		0x2000001
#define XEN_ELFNOTE_DUMPCORE_XEN_VERSION	0x2000002
#define XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION	0x2000003

#endif /* __XEN_PUBLIC_ELFNOTE_H__ */

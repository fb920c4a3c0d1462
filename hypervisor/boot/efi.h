/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What UEFI left behind, for domain 0: its boot services have ended, its runtime services
 * are not called. Layouts: UEFI specification 2.10, section 4.3.
 */
#ifndef BOOT_EFI_H
#define BOOT_EFI_H

#include "lib/types.h"

#define EFI_VENDOR_MAX 64 /* characters with the end; what is longer is cut */

struct efi {
	paddr_t system_table; /* 0: not started by UEFI, nothing else is set */
	u32 revision;	      /* of the specification: major in the upper half */
	u32 runtime_revision; /* the same, of the runtime services */
	u32 firmware_revision;
	paddr_t tables; /* the configuration table: 24 bytes an entry */
	u32 nr_tables;
	u16 vendor[EFI_VENDOR_MAX]; /* UTF-16 */
};

extern struct efi efi;

/* Read the system table at pa (0: there is none). When all memory is mapped. */
void efi_init(paddr_t pa);

#endif

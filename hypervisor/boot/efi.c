/* SPDX-License-Identifier: GPL-2.0-only */
/* UEFI's system table: see efi.h. */
#include "boot/efi.h"
#include "machine.h"
#include "mm/paging.h"

#define SYSTEM_TABLE 0x5453595320494249ull /* "IBI SYST" */
#define RUNTIME_SERVICES 0x56524553544e5552ull /* "RUNTSERV" */

struct header {
	u64 signature;
	u32 revision, size, crc, reserved;
};

struct system_table {
	struct header header;
	u64 vendor; /* UTF-16 */
	u32 revision, pad;
	u64 in_handle, in, out_handle, out, error_handle, error;
	u64 runtime, boot;
	u64 nr_tables;
	u64 tables;
};

struct efi efi;

static void read_vendor(paddr_t pa)
{
	const u16 *name = map_physical(pa, sizeof(efi.vendor));
	unsigned int i;

	for (i = 0; name && i < EFI_VENDOR_MAX - 1 && name[i]; i++)
		efi.vendor[i] = name[i];
}

void efi_init(paddr_t pa)
{
	const struct system_table *table;
	const struct header *runtime;

	if (!pa)
		return;
	table = map_physical(pa, sizeof(*table));
	if (!table || table->header.signature != SYSTEM_TABLE) {
		log_warning("efi: no system table at %lx", pa);
		return;
	}
	efi.system_table = pa;
	efi.revision = table->header.revision;
	efi.firmware_revision = table->revision;
	efi.tables = table->tables;
	efi.nr_tables = table->nr_tables;
	runtime = map_physical(table->runtime, sizeof(*runtime));
	if (runtime && runtime->signature == RUNTIME_SERVICES)
		efi.runtime_revision = runtime->revision;
	read_vendor(table->vendor);
	log_info("efi: %u.%u, %u tables at %lx", efi.revision >> 16,
		 (efi.revision & 0xffff) / 10, efi.nr_tables, efi.tables);
}

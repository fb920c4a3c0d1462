// SPDX-License-Identifier: GPL-2.0
/*
 * UEFI, for domain 0: the hypervisor says what the firmware has said, and of that a system
 * table is made for Linux, which finds ACPI and SMBIOS by its tables. Runtime services are
 * the hypervisor's; there are none for us.
 */
#include <linux/efi.h>
#include <linux/init.h>
#include <linux/string.h>
#include <asm/bootparam.h>
#include <asm/efi.h>
#include <asm/page.h>
#include <asm/setup.h>
#include <asm/xen/hypercall.h>
#include <xen/interface/platform.h>

#include "cpu.h"

static efi_system_table_t table __initdata = {
	.hdr = {
		.signature	= EFI_SYSTEM_TABLE_SIGNATURE,
		.headersize	= sizeof(table),
	},
	.runtime = (void *)EFI_INVALID_TABLE_ADDR,
};
static efi_char16_t vendor[100] __initdata;

static bool __init ask(u32 index, union xenpf_efi_info *info)
{
	struct xen_platform_op op = {
		.cmd = XENPF_firmware_info,
		.u.firmware_info = {
			.type = XEN_FW_EFI_INFO,
			.index = index,
			.u.efi_info = *info,
		},
	};

	if (HYPERVISOR_platform_op(&op))
		return false;
	*info = op.u.firmware_info.u.efi_info;
	return true;
}

void __init xen_efi_init(void)
{
	struct efi_info *efi_info = &boot_params.efi_info;
	union xenpf_efi_info info = {};
	unsigned long at = __pa_symbol(&table);

	if (!ask(XEN_FW_EFI_VERSION, &info))
		return;		/* the machine has a BIOS */
	table.hdr.revision = info.version;
	if (!ask(XEN_FW_EFI_CONFIG_TABLE, &info))
		return;
	table.tables = info.cfg.addr;
	table.nr_tables = info.cfg.nent;
	set_xen_guest_handle(info.vendor.name, vendor);
	info.vendor.bufsz = sizeof(vendor) - sizeof(*vendor);
	table.fw_vendor = __pa_symbol(vendor);
	if (ask(XEN_FW_EFI_VENDOR, &info))
		table.fw_revision = info.vendor.revision;
	memcpy(&efi_info->efi_loader_signature, EFI64_LOADER_SIGNATURE, 4);
	efi_info->efi_systab = lower_32_bits(at);
	efi_info->efi_systab_hi = upper_32_bits(at);
	set_bit(EFI_BOOT, &efi.flags);
	set_bit(EFI_PARAVIRT, &efi.flags);
	set_bit(EFI_64BIT, &efi.flags);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Start of day: from the hypervisor's entry (xen-head.S) to start_kernel().
 *
 * The order matters. First Linux learns where it runs, then its operations on the CPU
 * and on memory are replaced, before any is used; then memory is laid out as Linux wants
 * it, and only then is anything beyond the kernel's image touched. Interrupts stay off.
 * What a PC has and a domain has not - BIOS, ROMs, legacy devices - is taken out of
 * x86_init and x86_platform.
 */
#include <linux/console.h>
#include <linux/cpu.h>
#include <linux/cpuidle.h>
#include <linux/init.h>
#include <linux/pci.h>
#include <linux/jump_label.h>
#include <linux/screen_info.h>
#include <linux/start_kernel.h>
#include <linux/static_call.h>
#include <asm/bootparam.h>
#include <asm/desc.h>
#include <asm/fixmap.h>
#include <asm/hypervisor.h>
#include <asm/paravirt.h>
#include <asm/setup.h>
#include <asm/tlbflush.h>
#include <asm/x86_init.h>
#include <asm/xen/page.h>
#include <asm/xen/pci.h>
#include <xen/acpi.h>
#include <xen/events.h>
#include <xen/features.h>
#include <xen/hvc-console.h>
#include <xen/interface/version.h>
#include <xen/page.h>
#include <xen/xen.h>

#include "../kernel/cpu/cpu.h"
#include "cpu.h"
#include "mm.h"
#include "time.h"

#define LOADER_XEN	(9 << 4)	/* boot_params.hdr.type_of_loader */
#define BOOT_PROTOCOL	0x20f		/* that boot_params are complete */

/* entry.S */
void xen_hypercall_pv(void);
DEFINE_STATIC_CALL(xen_hypercall, xen_hypercall_pv);
EXPORT_STATIC_CALL_TRAMP(xen_hypercall);

/* Set before bss is of use, and looked at by all. */
enum xen_domain_type xen_domain_type __ro_after_init = XEN_NATIVE;
EXPORT_SYMBOL_GPL(xen_domain_type);

u32 xen_start_flags __ro_after_init;
EXPORT_SYMBOL(xen_start_flags);

struct start_info *xen_start_info;
EXPORT_SYMBOL_GPL(xen_start_info);

/* Until the real one is mapped: that of nobody. */
static struct shared_info no_shared_info __initdata;
struct shared_info *HYPERVISOR_shared_info __refdata = &no_shared_info;

/* How events of HVM guests come; ours always come to the CPU they are for. */
bool xen_have_vector_callback = true;
bool xen_percpu_upcall = true;

static void __init map_shared_info(void)
{
	unsigned long va = fix_to_virt(FIX_PARAVIRT_BOOTMAP);
	pte_t pte = __pte_ma(xen_start_info->shared_info | (pgprot_val(PAGE_KERNEL) &
							   __default_kernel_pte_mask));

	if (HYPERVISOR_update_va_mapping(va, pte, UVMF_INVLPG))
		BUG();
	HYPERVISOR_shared_info = (struct shared_info *)va;
	per_cpu(xen_vcpu, 0) = &HYPERVISOR_shared_info->vcpu_info[0];
}

/* What a boot loader would have left for Linux. */
static void __init fill_boot_params(void)
{
	struct setup_header *hdr = &boot_params.hdr;
	struct start_info *si = xen_start_info;
	u64 initrd = 0;

	strscpy(boot_command_line, (char *)si->cmd_line, COMMAND_LINE_SIZE);
	if (si->mod_start)
		initrd = si->flags & SIF_MOD_START_PFN ? PFN_PHYS(si->mod_start) :
							 __pa(si->mod_start);
	hdr->type_of_loader = LOADER_XEN;
	hdr->version = BOOT_PROTOCOL;
	hdr->hardware_subarch = X86_SUBARCH_XEN;
	hdr->ramdisk_image = lower_32_bits(initrd);
	boot_params.ext_ramdisk_image = upper_32_bits(initrd);
	hdr->ramdisk_size = lower_32_bits(si->mod_len);
	boot_params.ext_ramdisk_size = upper_32_bits(si->mod_len);
	hdr->cmd_line_ptr = lower_32_bits(__pa(si->cmd_line));
	boot_params.ext_cmd_line_ptr = upper_32_bits(__pa(si->cmd_line));
	if (xen_initial_domain()) {
		xen_vga_init();
		xen_efi_init();
	}
}

static void __init legacy_features(void)
{
	if (xen_initial_domain()) {
		/* It is a PC; only what the BIOS left in memory is not to be seen. */
		x86_platform.legacy.reserve_bios_regions = 0;
		return;
	}
	x86_platform.legacy.rtc = 0;
	x86_platform.legacy.warm_reset = 0;
	x86_platform.legacy.no_vga = 1;
	x86_platform.legacy.reserve_bios_regions = 0;
	x86_platform.legacy.i8042 = X86_LEGACY_I8042_PLATFORM_ABSENT;
}

static void __init banner(void)
{
	unsigned int version = HYPERVISOR_xen_version(XENVER_version, NULL);
	struct xen_extraversion extra = { };

	HYPERVISOR_xen_version(XENVER_extraversion, &extra);
	pr_info("Booting paravirtualized kernel on %s\n", pv_info.name);
	pr_info("Hypervisor: version %u.%u%s%s\n", version >> 16, version & 0xffff,
		extra.extraversion,
		xen_feature(XENFEAT_mmu_pt_update_preserve_ad) ? " (preserve-AD)" : "");
}

/* Part of setup_arch(). */
static void __init arch_setup(void)
{
	disable_cpuidle();
	if (xen_initial_domain()) {
		xen_acpi_sleep_register();
		return;		/* it has a screen, unless console=hvc0 says otherwise */
	}
#ifdef CONFIG_ACPI
	disable_acpi();
#endif
#ifdef CONFIG_PCI_XEN
	x86_init.pci.arch_init = pci_xen_init;
#endif
	/* The last is where /dev/console goes; users say otherwise by console=. */
	add_preferred_console("xenboot", 0, NULL);
	add_preferred_console("tty", 0, NULL);
	add_preferred_console("hvc", 0, NULL);
}

static unsigned char no_nmi_reason(void)
{
	return 0;
}

static void __init platform_init(void)
{
	if (!xen_initial_domain()) {
		x86_init.resources.probe_roms = x86_init_noop;
		x86_init.resources.reserve_resources = x86_init_noop;
		x86_init.resources.dmi_setup = x86_init_noop;
	}
	x86_init.irqs.intr_mode_select = x86_init_noop;
	x86_init.irqs.intr_mode_init = x86_init_noop;
	x86_init.oem.arch_setup = arch_setup;
	x86_init.oem.banner = banner;
	x86_platform.set_legacy_features = legacy_features;
	x86_platform.get_nmi_reason = no_nmi_reason;
	x86_platform.realmode_reserve = x86_init_noop;
	x86_platform.realmode_init = x86_init_noop;
}

/*
 * Enough of the CPU's capabilities to know which bits page tables may have. Bits that
 * are the same for the kernel and all programs make no sense without a ring between.
 */
static void __init page_bits(void)
{
	__supported_pte_mask &= ~_PAGE_GLOBAL;
	__default_kernel_pte_mask &= ~_PAGE_GLOBAL;
	get_cpu_cap(&boot_cpu_data);
	x86_configure_nx();
	get_cpu_address_sizes(&boot_cpu_data);
}

asmlinkage __visible void __init xen_start_kernel(struct start_info *si)
{
	s32 *iret = (s32 *)(early_xen_iret_patch + 1);

	xen_start_info = si;
	xen_start_flags = si->flags;
	xen_domain_type = XEN_PV_DOMAIN;
	per_cpu(xen_vcpu, 0) = this_cpu_ptr(&xen_vcpu_info);

	/* All traps in the kernel return by this jump. */
	*iret = (unsigned long)xen_iret - (unsigned long)(iret + 1);
	xen_traps_early();

	xen_setup_features();
	xen_cpu_init_ops();
	xen_mm_init_ops();
	xen_irq_init_ops();
	xen_cpu_init_features();
	page_bits();
	platform_init();

	/*
	 * Linux writes to page tables itself in places (ptep_get_and_clear() and so on).
	 * Dom0 has this from the start; others have to ask.
	 */
	if (HYPERVISOR_vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables))
		BUG();
	xen_mm_start();
	map_shared_info();
	fill_boot_params();
	cr4_init_shadow();
	xen_callbacks_register();
	xen_io_allow_kernel();

	/* The clocks of time.c are static calls; setup_arch() would be too late. */
	jump_label_init();
	static_call_init();
	xen_apic_init();
	xen_smp_init();
	xen_time_init();
	xen_reboot_init();

	x86_64_start_reservations((char *)__pa_symbol(&boot_params));
}

/* Linux looks for hypervisors by CPUID, too; by now it knows. */
static u32 __init detect(void)
{
	return xen_pv_domain() ? xen_cpuid_base() : 0;
}

const __initconst struct hypervisor_x86 x86_hyper_xen_pv = {
	.name = "Xen PV",
	.detect = detect,
	.type = X86_HYPER_XEN_PV,
	.ignore_nopv = true,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: ioperm() and iopl() of user programs by a bitmap at the hypervisor, which lets a
 * port through if the domain may have it, too. Linux makes iopl(3) a bitmap without a
 * bit set. The kernel itself asks for the privilege of all ports once for each VCPU.
 */
#include <linux/init.h>
#include <linux/smp.h>
#include <asm/io_bitmap.h>
#include <asm/paravirt.h>
#include <asm/processor.h>
#include <xen/interface/xen.h>
#include <xen/interface/physdev.h>

#include "cpu.h"

#ifdef CONFIG_X86_IOPL_IOPERM
static void set_iobitmap(u8 *bitmap, unsigned int ports)
{
	struct physdev_set_iobitmap op = { .nr_ports = ports };

	set_xen_guest_handle(op.bitmap, bitmap);
	if (HYPERVISOR_physdev_op(PHYSDEVOP_set_iobitmap, &op))
		BUG();
}

/* A task without a bitmap after one with. */
static void xen_invalidate_io_bitmap(void)
{
	native_tss_invalidate_io_bitmap();
	set_iobitmap(NULL, 0);
}

/* Linux keeps the bitmap in its TSS, and there is one in which all are allowed. */
static void xen_update_io_bitmap(void)
{
	struct tss_struct *tss = this_cpu_ptr(&cpu_tss_rw);

	native_tss_update_io_bitmap();
	switch (tss->x86_tss.io_bitmap_base) {
	case IO_BITMAP_OFFSET_INVALID:
		set_iobitmap(NULL, 0);
		break;
	case IO_BITMAP_OFFSET_VALID_ALL:
		set_iobitmap((u8 *)tss->io_bitmap.mapall, IO_BITMAP_BITS);
		break;
	default:
		set_iobitmap((u8 *)tss->io_bitmap.bitmap, IO_BITMAP_BITS);
		break;
	}
}
#endif

void xen_io_allow_kernel(void)
{
	struct physdev_set_iopl op = { .iopl = 1 };

	HYPERVISOR_physdev_op(PHYSDEVOP_set_iopl, &op);
}

void __init xen_io_init_ops(void)
{
#ifdef CONFIG_X86_IOPL_IOPERM
	pv_ops.cpu.invalidate_io_bitmap = xen_invalidate_io_bitmap;
	pv_ops.cpu.update_io_bitmap = xen_update_io_bitmap;
#endif
}

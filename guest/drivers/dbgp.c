// SPDX-License-Identifier: GPL-2.0
/* The hypervisor may use a USB controller's debug port: it is told of the controller's resets. */
#include <linux/export.h>
#include <linux/pci.h>
#include <linux/usb.h>
#include <linux/usb/ehci-dbgp.h>
#include <linux/usb/hcd.h>
#include <asm/xen/hypercall.h>
#include <xen/interface/physdev.h>
#include <xen/xen.h>

static int tell(struct usb_hcd *hcd, u8 what)
{
	struct device *dev = hcd_to_bus(hcd)->controller;
	struct physdev_dbgp_op op = { .op = what, .bus = PHYSDEVOP_DBGP_BUS_UNKNOWN };

	if (!xen_initial_domain())
		return -ENODEV;
	if (dev_is_pci(dev)) {
		op.bus = PHYSDEVOP_DBGP_BUS_PCI;
		op.u.pci.seg = pci_domain_nr(to_pci_dev(dev)->bus);
		op.u.pci.bus = to_pci_dev(dev)->bus->number;
		op.u.pci.devfn = to_pci_dev(dev)->devfn;
	}
	return HYPERVISOR_physdev_op(PHYSDEVOP_dbgp_op, &op);
}

/* Both return 0 if the port is in use; else there is nothing to be done about it. */
int xen_dbgp_reset_prep(struct usb_hcd *hcd)
{
	return tell(hcd, PHYSDEVOP_DBGP_RESET_PREPARE);
}

int xen_dbgp_external_startup(struct usb_hcd *hcd)
{
	return tell(hcd, PHYSDEVOP_DBGP_RESET_DONE);
}

#ifndef CONFIG_EARLY_PRINTK_DBGP
EXPORT_SYMBOL_GPL(xen_dbgp_reset_prep);
EXPORT_SYMBOL_GPL(xen_dbgp_external_startup);
#endif

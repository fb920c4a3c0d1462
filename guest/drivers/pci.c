// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor is told of every PCI device that Linux finds, or that goes, and where
 * configuration space is in memory: it cannot look itself at all of it. And of devices that
 * are another domain's it is kept whose, for Linux asks for their interrupts (MSI).
 */
#include <linux/acpi.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/pci.h>
#include <linux/xarray.h>
#include <asm/pci_x86.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <xen/interface/physdev.h>
#include <xen/pci.h>
#include <xen/xen.h>

/* The proximity domain of ACPI that a device is in. True: there is one. */
static bool find_proximity(struct pci_dev *dev, u32 *node)
{
#ifdef CONFIG_ACPI
	acpi_handle handle = ACPI_HANDLE(&dev->dev);
	unsigned long long value;

	if (!handle && dev->is_virtfn)
		handle = ACPI_HANDLE(dev->physfn->bus->bridge);
	if (!handle && dev->bus->bridge)
		handle = ACPI_HANDLE(dev->bus->bridge);
	for (; handle; ) {
		if (ACPI_SUCCESS(acpi_evaluate_integer(handle, "_PXM", NULL, &value))) {
			*node = value;
			return true;
		}
		if (ACPI_FAILURE(acpi_get_parent(handle, &handle)))
			break;
	}
#endif
	return false;
}

static int add(struct pci_dev *dev)
{
	struct {
		struct physdev_pci_device_add add;
		u32 node;
	} op = {
		.add.seg = pci_domain_nr(dev->bus),
		.add.bus = dev->bus->number,
		.add.devfn = dev->devfn,
	};

	if (pci_ari_enabled(dev->bus) && PCI_SLOT(dev->devfn))
		op.add.flags |= XEN_PCI_DEV_EXTFN;
#ifdef CONFIG_PCI_IOV
	if (dev->is_virtfn) {
		op.add.flags |= XEN_PCI_DEV_VIRTFN;
		op.add.physfn.bus = dev->physfn->bus->number;
		op.add.physfn.devfn = dev->physfn->devfn;
	}
#endif
	if (find_proximity(dev, &op.node))
		op.add.flags |= XEN_PCI_DEV_PXM;
	return HYPERVISOR_physdev_op(PHYSDEVOP_pci_device_add, &op);
}

static int changed(struct notifier_block *nb, unsigned long action, void *data)
{
	struct pci_dev *dev = to_pci_dev(data);
	struct physdev_pci_device op = {
		.seg = pci_domain_nr(dev->bus),
		.bus = dev->bus->number,
		.devfn = dev->devfn,
	};
	int err = 0;

	if (action == BUS_NOTIFY_ADD_DEVICE)
		err = add(dev);
	else if (action == BUS_NOTIFY_DEL_DEVICE)
		err = HYPERVISOR_physdev_op(PHYSDEVOP_pci_device_remove, &op);
	if (err)
		pci_err(dev, "the hypervisor does not take note of it: %d\n", err);
	return NOTIFY_OK;
}

static struct notifier_block notifier = { .notifier_call = changed };

static DEFINE_XARRAY(owners);

static unsigned long owner_key(struct pci_dev *dev)
{
	return ((unsigned long)pci_domain_nr(dev->bus) << 16) | pci_dev_id(dev);
}

/* The domain that has @dev; -ENODEV: it is ours. */
int xen_find_device_domain_owner(struct pci_dev *dev)
{
	void *owner = xa_load(&owners, owner_key(dev));

	return owner ? xa_to_value(owner) : -ENODEV;
}
EXPORT_SYMBOL_GPL(xen_find_device_domain_owner);

/* Returns 0, -EBUSY (a domain has it) or -ENOMEM. */
int xen_register_device_domain_owner(struct pci_dev *dev, uint16_t domain)
{
	return xa_insert(&owners, owner_key(dev), xa_mk_value(domain), GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(xen_register_device_domain_owner);

int xen_unregister_device_domain_owner(struct pci_dev *dev)
{
	return xa_erase(&owners, owner_key(dev)) ? 0 : -ENODEV;
}
EXPORT_SYMBOL_GPL(xen_unregister_device_domain_owner);

static int __init pci_start(void)
{
	return xen_initial_domain() ? bus_register_notifier(&pci_bus_type, &notifier) : 0;
}
arch_initcall(pci_start);

#ifdef CONFIG_PCI_MMCONFIG
/* When it is known which of it ACPI has set aside. */
static int __init tell_mmconfig(void)
{
	struct pci_mmcfg_region *region;

	if (!xen_initial_domain())
		return 0;
	rcu_read_lock();
	list_for_each_entry_rcu(region, &pci_mmcfg_list, list) {
		struct physdev_pci_mmcfg_reserved op = {
			.address = region->address,
			.segment = region->segment,
			.start_bus = region->start_bus,
			.end_bus = region->end_bus,
			.flags = XEN_PCI_MMCFG_RESERVED,
		};
		int err = HYPERVISOR_physdev_op(PHYSDEVOP_pci_mmcfg_reserved, &op);

		if (err && err != -ENOSYS)
			pr_warn("xen: configuration space at %#llx is not the hypervisor's: %d\n",
				op.address, err);
	}
	rcu_read_unlock();
	return 0;
}

/* After acpi_init(), a subsys_initcall, in which all of it is found. */
subsys_initcall_sync(tell_mmconfig);
#endif

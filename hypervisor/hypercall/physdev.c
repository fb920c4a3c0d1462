/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall physdev_op: devices and their interrupts, for domains that drive
 * them. Copies each operation's structure in, checks who may do it, hands it to
 * the module that knows, and copies the result out.
 */
#include <xen/errno.h>
#include <xen/physdev.h>

#include "cpu/ioport.h"
#include "domain/domain.h"
#include "event/event.h"
#include "hypercall/hypercall.h"
#include "irq/ioapic.h"
#include "irq/line.h"
#include "irq/msi.h"
#include "irq/pci.h"
#include "irq/pirq.h"
#include "machine.h"

/* What MSI can have at most. */
#define MAX_MULTI_MSI 32

union physdev {
	struct physdev_eoi eoi;
	struct physdev_pirq_eoi_gmfn eoi_page;
	struct physdev_irq_status_query irq_status;
	struct physdev_set_iopl set_iopl;
	struct physdev_set_iobitmap set_iobitmap;
	struct physdev_apic apic;
	struct physdev_irq irq;
	struct physdev_map_pirq map;
	struct physdev_unmap_pirq unmap;
	struct physdev_manage_pci manage_pci;
	struct physdev_manage_pci_ext manage_pci_ext;
	struct physdev_restore_msi restore_msi;
	struct physdev_setup_gsi setup_gsi;
	struct physdev_get_free_pirq free_pirq;
	struct physdev_pci_mmcfg_reserved mmcfg;
	struct physdev_pci_device_add device_add;
	struct physdev_pci_device device;
	struct physdev_dbgp_op dbgp;
};

enum {
	ANYBODY = 1 << 0, /* not the control domain alone */
	RESULT = 1 << 1,  /* the structure goes back when it worked, */
	ALWAYS = 1 << 2,  /* or even when it did not */
};

static const struct {
	u8 size; /* 0: no such operation */
	u8 flags;
} operations[] = {
#define OP(cmd, type, flags) [PHYSDEVOP_##cmd] = { sizeof(struct physdev_##type), flags }
	OP(eoi, eoi, ANYBODY),
	OP(pirq_eoi_gmfn_v1, pirq_eoi_gmfn, ANYBODY),
	OP(pirq_eoi_gmfn_v2, pirq_eoi_gmfn, ANYBODY),
	OP(irq_status_query, irq_status_query, ANYBODY | RESULT),
	OP(set_iopl, set_iopl, ANYBODY),
	OP(set_iobitmap, set_iobitmap, ANYBODY),
	OP(apic_read, apic, RESULT),
	OP(apic_write, apic, 0),
	OP(alloc_irq_vector, irq, RESULT),
	OP(map_pirq, map_pirq, RESULT | ALWAYS),
	OP(unmap_pirq, unmap_pirq, 0),
	OP(manage_pci_add, manage_pci, 0),
	OP(manage_pci_add_ext, manage_pci_ext, 0),
	OP(manage_pci_remove, manage_pci, 0),
	OP(restore_msi, restore_msi, 0),
	OP(restore_msi_ext, pci_device, 0),
	OP(setup_gsi, setup_gsi, 0),
	OP(get_free_pirq, get_free_pirq, RESULT),
	OP(pci_mmcfg_reserved, pci_mmcfg_reserved, 0),
	OP(pci_device_add, pci_device_add, 0),
	OP(pci_device_remove, pci_device, 0),
	OP(prepare_msix, pci_device, 0),
	OP(release_msix, pci_device, 0),
	OP(dbgp_op, dbgp_op, 0),
#undef OP
};

static long eoi(struct domain *d, u32 pirq)
{
	if (!pirq_is_mapped(d, pirq))
		return -XEN_EINVAL;
	if (pirq_eoi_unmasks(d)) {
		evtchn_port_t port = event_pirq_port(d, pirq);

		if (port)
			event_unmask(d, port);
	}
	pirq_eoi(d, pirq);
	return 0;
}

/*
 * The vector and the target of an entry are ours. What a kernel that programs
 * IO-APICs itself knows better is how the line signals.
 */
static long apic_write(const struct physdev_apic *op)
{
	u32 unused, gsi;
	int rc = ioapic_read(op->apic_physbase, 0, &unused);

	/* The low word of an entry is at an even number. */
	if (rc || op->reg % 2 || ioapic_gsi_of(op->apic_physbase, op->reg, &gsi))
		return rc;
	line_setup_gsi(gsi, op->value & IOAPIC_ENTRY_LEVEL, op->value & IOAPIC_ENTRY_LOW_ACTIVE);
	return 0;
}

static long map_msi(struct domain *d, struct physdev_map_pirq *op)
{
	struct msi_source source = {
		.segment = op->type == MAP_PIRQ_TYPE_MSI ? 0 : op->bus >> 16,
		.bus = op->bus,
		.devfn = op->devfn,
		.entry = op->entry_nr,
		.table_base = op->table_base,
	};

	return pirq_map_msi(d, &source, &op->pirq);
}

static long map_for(struct domain *d, struct physdev_map_pirq *op)
{
	switch (op->type) {
	case MAP_PIRQ_TYPE_GSI:
		return pirq_map_gsi(d, current->domain, op->index, &op->pirq);
	case MAP_PIRQ_TYPE_MULTI_MSI:
		if (op->table_base)
			return -XEN_EINVAL;
		if (op->entry_nr <= 0 || op->entry_nr > MAX_MULTI_MSI)
			return -XEN_EDOM;
		/* Several take an aligned block of vectors, all on one CPU. */
		if (op->entry_nr > 1)
			return -XEN_EOPNOTSUPP;
		return map_msi(d, op);
	case MAP_PIRQ_TYPE_MSI:
	case MAP_PIRQ_TYPE_MSI_SEG:
		return map_msi(d, op);
	default:
		return -XEN_EINVAL;
	}
}

static long map(struct physdev_map_pirq *op)
{
	struct domain *d = domain_get(op->domid);
	long rc;

	if (!d)
		return -XEN_ESRCH;
	rc = map_for(d, op);
	domain_put(d);
	return rc;
}

static long unmap(const struct physdev_unmap_pirq *op)
{
	struct domain *d = domain_get(op->domid);
	long rc;

	if (!d)
		return -XEN_ESRCH;
	rc = pirq_unmap(d, op->pirq);
	domain_put(d);
	return rc;
}

static long perform(int cmd, union physdev *op)
{
	struct vcpu *v = current;
	struct domain *d = v->domain;

	switch (cmd) {
	case PHYSDEVOP_eoi:
		return eoi(d, op->eoi.irq);
	case PHYSDEVOP_pirq_eoi_gmfn_v1:
	case PHYSDEVOP_pirq_eoi_gmfn_v2:
		return pirq_set_eoi_page(d, op->eoi_page.gmfn, cmd == PHYSDEVOP_pirq_eoi_gmfn_v1);
	case PHYSDEVOP_irq_status_query:
		if (op->irq_status.irq >= MAX_PIRQS)
			return -XEN_EINVAL;
		op->irq_status.flags = pirq_status(d, op->irq_status.irq);
		return 0;
	case PHYSDEVOP_set_iopl:
		if (op->set_iopl.iopl > 3)
			return -XEN_EINVAL;
		v->iopl = op->set_iopl.iopl;
		return 0;
	case PHYSDEVOP_set_iobitmap:
		return ioport_set_bitmap(v, op->set_iobitmap.bitmap.p, op->set_iobitmap.nr_ports);
	case PHYSDEVOP_apic_read:
		return ioapic_read(op->apic.apic_physbase, op->apic.reg, &op->apic.value);
	case PHYSDEVOP_apic_write:
		return apic_write(&op->apic);
	case PHYSDEVOP_alloc_irq_vector:
		op->irq.vector = op->irq.irq;
		return 0;
	case PHYSDEVOP_map_pirq:
		return map(&op->map);
	case PHYSDEVOP_unmap_pirq:
		return unmap(&op->unmap);
	case PHYSDEVOP_setup_gsi:
		return line_setup_gsi(op->setup_gsi.gsi, op->setup_gsi.triggering,
				      op->setup_gsi.polarity);
	case PHYSDEVOP_get_free_pirq:
		return pirq_reserve(d, op->free_pirq.type == MAP_PIRQ_TYPE_GSI,
				    &op->free_pirq.pirq);
	case PHYSDEVOP_manage_pci_add:
		return msi_device_add(0, op->manage_pci.bus, op->manage_pci.devfn);
	case PHYSDEVOP_manage_pci_add_ext:
		return msi_device_add(0, op->manage_pci_ext.bus, op->manage_pci_ext.devfn);
	case PHYSDEVOP_manage_pci_remove:
		return msi_device_remove(0, op->manage_pci.bus, op->manage_pci.devfn);
	case PHYSDEVOP_restore_msi:
		return msi_device_restore(0, op->restore_msi.bus, op->restore_msi.devfn);
	case PHYSDEVOP_restore_msi_ext:
		return msi_device_restore(op->device.seg, op->device.bus, op->device.devfn);
	case PHYSDEVOP_pci_device_add:
		return msi_device_add(op->device_add.seg, op->device_add.bus, op->device_add.devfn);
	case PHYSDEVOP_pci_device_remove:
		return msi_device_remove(op->device.seg, op->device.bus, op->device.devfn);
	case PHYSDEVOP_prepare_msix:
		return msi_device_prepare(op->device.seg, op->device.bus, op->device.devfn);
	case PHYSDEVOP_release_msix:
		return msi_device_release(op->device.seg, op->device.bus, op->device.devfn);
	case PHYSDEVOP_pci_mmcfg_reserved:
		return pci_mmcfg_check(op->mmcfg.address, op->mmcfg.segment, op->mmcfg.start_bus,
				       op->mmcfg.end_bus, op->mmcfg.flags);
	case PHYSDEVOP_dbgp_op:
		/* Our console is never behind a USB debug port. */
		return 0;
	default:
		return -XEN_ENOSYS;
	}
}

long do_physdev_op(int cmd, void *arg)
{
	union physdev op;
	long rc;
	u64 i;

	if (cmd == PHYSDEVOP_IRQ_UNMASK_NOTIFY)
		return 0;
	if (cmd < 0 || (size_t)cmd >= ARRAY_SIZE(operations))
		return -XEN_ENOSYS;
	i = index_nospec(cmd, ARRAY_SIZE(operations));
	if (operations[i].size == 0)
		return -XEN_ENOSYS;
	if (copy_from_guest(&op, arg, operations[i].size))
		return -XEN_EFAULT;
	if (!(operations[i].flags & ANYBODY) && !current->domain->is_privileged)
		return -XEN_EPERM;
	rc = perform(cmd, &op);
	if ((operations[i].flags & RESULT) && (rc == 0 || (operations[i].flags & ALWAYS)) &&
	    copy_to_guest(arg, &op, operations[i].size))
		return -XEN_EFAULT; /* what was done stays done */
	return rc;
}

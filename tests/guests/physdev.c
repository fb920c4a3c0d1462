/*
 * physdev_op: what dom0 needs of the interrupt hardware and I/O ports.
 */
#include "test.h"
#include <xen/physdev.h>
#include "event.h"
#include "mm.h"
#include "trap.h"

static long set_iopl(unsigned int level)
{
	struct physdev_set_iopl op = { .iopl = level };

	return hv_physdev_op(PHYSDEVOP_set_iopl, &op);
}

/* in and out are emulated for dom0; IOPL is a number that it keeps. */
static void ports(void)
{
	static uint8_t bitmap[8192];
	struct physdev_set_iobitmap map = { .nr_ports = 65536 };

	CHECK_EQ(set_iopl(0), 0);
	CHECK_EQ(set_iopl(3), 0);
	CHECK_EQ(set_iopl(1), 0);
	CHECK_EQ(set_iopl(4), -EINVAL);
	CHECK_EQ(set_iopl(-1), -EINVAL);
	set_xen_guest_handle(map.bitmap, bitmap);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_set_iobitmap, &map), 0);
	map.nr_ports = 65537;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_set_iobitmap, &map), -EINVAL);
	map.nr_ports = 0;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_set_iobitmap, &map), 0);
}

static void apic(void)
{
	struct physdev_apic op = { .apic_physbase = 0xfec00000, .reg = 1 };

	CHECK_EQ(hv_physdev_op(PHYSDEVOP_apic_read, &op), 0);
	CHECK_EQ(op.value & 0xff, 0x20); /* version of QEMU's */
	CHECK_EQ(op.value >> 16 & 0xff, 23);
	op.apic_physbase = 0x12345000;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_apic_read, &op), -EINVAL);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_apic_write, &op), -EINVAL);
}

static void interrupts(void)
{
	struct physdev_irq_status_query query = { .irq = 4 };
	struct physdev_map_pirq map = {
		.domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = 8, .pirq = 8
	};
	struct physdev_unmap_pirq unmap = { .domid = DOMID_SELF, .pirq = 8 };
	struct physdev_setup_gsi gsi = { .gsi = 8, .triggering = 0, .polarity = 0 };
	struct physdev_get_free_pirq free = { .type = MAP_PIRQ_TYPE_GSI };
	struct physdev_pirq_eoi_gmfn eoi_page;
	struct physdev_eoi eoi = { .irq = 8 };
	struct evtchn_bind_pirq bind = { .pirq = 8 };
	struct physdev_irq irq = { .irq = 8 };
	struct evtchn_status status;

	CHECK_EQ(hv_physdev_op(PHYSDEVOP_irq_status_query, &query), 0);
	query.irq = 100000;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_irq_status_query, &query), -EINVAL);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_alloc_irq_vector, &irq), 0);
	irq.irq = 100000; /* nothing is allocated any more, so nothing is refused */
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_alloc_irq_vector, &irq), 0);
	/* The clock's interrupt, GSI 8, edge. */
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_pirq, &bind), -EPERM); /* not mapped */
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_map_pirq, &map), 0);
	CHECK_EQ(map.pirq, 8);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_setup_gsi, &gsi), 0);
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_pirq, &bind), 0);
	CHECK_EQ(event_status(bind.port, &status), 0);
	CHECK_EQ(status.status, EVTCHNSTAT_pirq);
	CHECK_EQ(status.u.pirq, 8);
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_pirq, &bind), -EEXIST);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_eoi, &eoi), 0);
	CHECK_EQ(event_close(bind.port), 0);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_unmap_pirq, &unmap), 0);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_unmap_pirq, &unmap), -EINVAL);
	bind.pirq = 100000;
	CHECK_EQ(hv_event_channel_op(EVTCHNOP_bind_pirq, &bind), -EINVAL);
	eoi.irq = 100000;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_eoi, &eoi), -EINVAL);
	map.index = 100000;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_map_pirq, &map), -EINVAL);
	map.type = 99;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_map_pirq, &map), -EINVAL);
	map.domid = 77;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_map_pirq, &map), -ESRCH);
	gsi.gsi = 100000;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_setup_gsi, &gsi), -EINVAL);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_get_free_pirq, &free), 0);
	/* A page of bits, one a pirq that needs an EOI. */
	eoi_page.gmfn = virt_to_mfn(page_alloc());
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v2, &eoi_page), 0);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v2, &eoi_page), -EBUSY);
	eoi_page.gmfn = 0xfffffffff;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v2, &eoi_page), -EINVAL);
}

static void devices(void)
{
	struct physdev_pci_device_add add = { .seg = 0, .bus = 0, .devfn = 0 };
	struct physdev_pci_device dev = { .seg = 0, .bus = 200, .devfn = 0 };
	struct physdev_pci_mmcfg_reserved mmcfg = { .address = 0xb0000000, .end_bus = 255 };

	CHECK_EQ(hv_physdev_op(PHYSDEVOP_pci_device_add, &add), 0);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_pci_device_add, &add), 0);
	dev.bus = 0;
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_pci_device_remove, &dev), 0);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_pci_device_remove, &dev), -ENODEV);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_pci_mmcfg_reserved, &mmcfg), 0);
}

int test_main(struct start_info *si)
{
	/* Numbers that never were, or are no more. */
	static const unsigned int gone[] = { 0, 1, 2, 3, 11, 18, 22, 32, 33, 40, -1U };
	unsigned int i;

	(void)si;
	ports();
	apic();
	interrupts();
	devices();
	for (i = 0; i < ARRAY_SIZE(gone); i++)
		if (!CHECK_EQ(hv_physdev_op(gone[i], 0x1000), -ENOSYS))
			print("command %u\n", gone[i]);
	for (i = 5; i <= 31; i++)
		if (i != 11 && i != 18 && i != 22 && !CHECK_EQ(hv_physdev_op(i, 0x1000), -EFAULT))
			print("command %u\n", i);
	CHECK_EQ(hv_physdev_op(PHYSDEVOP_IRQ_UNMASK_NOTIFY, 0x1000), 0);
	return 0;
}

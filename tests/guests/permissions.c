/* What hardware a domain may use: device memory, ports and interrupts, given by domctl. */
#include "test.h"
#include <xen/event_channel.h>
#include <xen/physdev.h>
#include "domain.h"
#include "event.h"
#include "mm.h"

#define VGA 0xb8UL
#define HOLE 0xe0000UL /* PCI's; nothing is there */
#define LOCAL_APIC 0xfee00UL
#define HPET 0xfed00UL
#define KEYBOARD 0x64 /* reads as anything but all ones */
#define UNMAPPED 77   /* a domain that is not there */

static volatile unsigned long window[512] __attribute__((aligned(4096)));
static volatile unsigned long page[512] __attribute__((aligned(4096)));
static struct child child;

static long iomem(unsigned int id, uint64_t first, uint64_t nr, int allow)
{
	struct xen_domctl op = { .u.iomem_permission = { first, nr, allow } };

	return domctl(XEN_DOMCTL_iomem_permission, id, &op);
}

static long memory_mapping(unsigned int id, uint64_t gfn, uint64_t first, uint64_t nr, int add)
{
	struct xen_domctl op = { .u.memory_mapping = { gfn, first, nr, add, 0 } };

	return domctl(XEN_DOMCTL_memory_mapping, id, &op);
}

static long ports(unsigned int id, unsigned int first, unsigned int nr, int allow)
{
	struct xen_domctl op = { .u.ioport_permission = { first, nr, allow } };

	return domctl(XEN_DOMCTL_ioport_permission, id, &op);
}

static long irq(unsigned int id, unsigned int pirq, int allow)
{
	struct xen_domctl op = { .u.irq_permission = { pirq, allow, { 0 } } };

	return domctl(XEN_DOMCTL_irq_permission, id, &op);
}

static long child_map(unsigned long mfn, uint64_t flags)
{
	return child_hypercall(&child, __HYPERVISOR_update_va_mapping, CHILD_DATA + PAGE_SIZE,
			       mfn_pte(mfn, flags), UVMF_INVLPG, 0);
}

static void memory_refused(void)
{
	unsigned int id = child.id;

	CHECK_EQ(iomem(id, VGA, 0, 1), -EINVAL);
	CHECK_EQ(iomem(id, VGA, -1ul, 1), -EINVAL);
	/* What domain 0 does not have, it can neither give nor take. */
	CHECK_EQ(iomem(id, VGA, 1ul << 36, 1), -EPERM);
	CHECK_EQ(iomem(id, 1ul << 40, 1, 1), -EPERM);
	CHECK_EQ(iomem(id, LOCAL_APIC, 1, 1), -EPERM);
	CHECK_EQ(iomem(id, LOCAL_APIC, 1, 0), -EPERM);
	CHECK_EQ(iomem(id, LOCAL_APIC - 1, 2, 1), -EPERM);
	CHECK_EQ(iomem(UNMAPPED, VGA, 1, 1), -ESRCH);
}

static void memory(void)
{
	unsigned long ram = child.mfn[CHILD_DATA_PAGE];
	unsigned int id = child.id;

	memory_refused();
	CHECK_EQ(child_map(VGA, PTE_RW), -EPERM);
	CHECK_EQ(child_map(ram, PTE_RW | PTE_PCD), -EINVAL);
	CHECK_EQ(iomem(id, VGA, 1, 1), 0);
	CHECK_EQ(iomem(id, VGA, 1, 1), 0);
	CHECK_EQ(child_map(VGA, PTE_RW), 0);
	CHECK_EQ(child_map(VGA, PTE_RW | PTE_PCD | PTE_PWT), 0);
	CHECK_EQ(child_map(VGA - 1, PTE_RW), -EPERM);
	CHECK_EQ(child_map(VGA + 1, PTE_RW), -EPERM);
	/* Who has devices chooses how anything is cached. */
	CHECK_EQ(child_map(ram, PTE_RW | PTE_PCD), 0);
	/* The middle of four is taken away. */
	CHECK_EQ(iomem(id, HOLE, 2, 1), 0);
	CHECK_EQ(iomem(id, HOLE + 2, 2, 1), 0);
	CHECK_EQ(child_map(HOLE, PTE_RW | PTE_PCD), 0);
	CHECK_EQ(child_map(HOLE + 3, PTE_RW | PTE_PCD), 0);
	CHECK_EQ(child_map(HOLE + 4, PTE_RW | PTE_PCD), -EPERM);
	CHECK_EQ(iomem(id, HOLE + 1, 2, 0), 0);
	CHECK_EQ(child_map(HOLE, PTE_RW | PTE_PCD), 0);
	CHECK_EQ(child_map(HOLE + 1, PTE_RW | PTE_PCD), -EPERM);
	CHECK_EQ(child_map(HOLE + 2, PTE_RW | PTE_PCD), -EPERM);
	CHECK_EQ(child_map(HOLE + 3, PTE_RW | PTE_PCD), 0);
	/* What is mapped stays so; it is not mapped again. */
	CHECK_EQ(iomem(id, HOLE, 8, 0), 0);
	CHECK_EQ(child_map(ram, PTE_RW), 0);
	CHECK_EQ(child_map(HOLE + 3, PTE_RW | PTE_PCD), -EPERM);
	/* What domain 0 may only read, others may read, too. */
	CHECK_EQ(iomem(id, HPET, 1, 1), 0);
	CHECK_EQ(child_map(HPET, PTE_RW | PTE_PCD), 0);
	/* To have a right to RAM is no right to other domains'. */
	CHECK_EQ(iomem(id, virt_to_mfn(page), 1, 1), 0);
	CHECK(child_map(virt_to_mfn(page), PTE_RW) < 0);
	CHECK_EQ(iomem(id, virt_to_mfn(page), 1, 0), 0);
	CHECK_EQ(iomem(id, HPET, 1, 0), 0);
	CHECK_EQ(iomem(id, VGA, 1, 0), 0);
	CHECK_EQ(child_map(VGA, PTE_RW), -EPERM);
	CHECK_EQ(child_map(ram, PTE_RW | PTE_PCD), -EINVAL);
}

/* For PV there is nothing to be mapped: not even the rights are looked at. */
static void mapping(void)
{
	unsigned int id = child.id;

	CHECK_EQ(memory_mapping(id, 0x100, HOLE, 0, DPCI_ADD_MAPPING), -EINVAL);
	CHECK_EQ(memory_mapping(id, 0x100, HOLE, -1ul, DPCI_ADD_MAPPING), -EINVAL);
	CHECK_EQ(memory_mapping(id, -1ul, HOLE, 2, DPCI_ADD_MAPPING), -EINVAL);
	CHECK_EQ(memory_mapping(id, 0x100, 1ul << 40, 1, DPCI_ADD_MAPPING), -EINVAL);
	CHECK_EQ(memory_mapping(UNMAPPED, 0x100, HOLE, 1, DPCI_ADD_MAPPING), -ESRCH);
	CHECK_EQ(memory_mapping(id, 0x100, HOLE, 1, DPCI_ADD_MAPPING), 0);
	CHECK_EQ(memory_mapping(id, 0x100, HOLE, 100000, DPCI_ADD_MAPPING), 0);
	CHECK_EQ(child_map(HOLE, PTE_RW), -EPERM);
	CHECK_EQ(memory_mapping(id, 0x100, HOLE, 1, DPCI_REMOVE_MAPPING), 0);
}

static void port_rights(void)
{
	struct xen_domctl op = { .u.ioport_mapping = { KEYBOARD, KEYBOARD, 1, DPCI_ADD_MAPPING } };
	struct physdev_set_iopl *iopl = (void *)child.data->scratch;
	unsigned int id = child.id;

	CHECK_EQ(ports(id, KEYBOARD, 0, 1), -EINVAL);
	CHECK_EQ(ports(id, 0xffff, 2, 1), -EINVAL);
	CHECK_EQ(ports(id, 0xffff, -1, 1), -EINVAL);
	CHECK_EQ(ports(id, 0x10000, 1, 1), -EINVAL);
	/* i8259s are the hypervisor's. */
	CHECK_EQ(ports(id, 0x20, 1, 1), -EPERM);
	CHECK_EQ(ports(id, 0x20, 1, 0), -EPERM);
	CHECK_EQ(ports(id, 0, 0x10000, 0), -EPERM);
	/* This is for HVM. */
	CHECK_EQ(domctl(XEN_DOMCTL_ioport_mapping, id, &op), -EOPNOTSUPP);

	iopl->iopl = 1;
	CHECK_EQ(child_hypercall(&child, __HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl,
				 child_scratch(), 0, 0),
		 0);
	CHECK_EQ(child_inb(&child, KEYBOARD), 0xff);
	CHECK_EQ(ports(id, KEYBOARD, 1, 1), 0);
	CHECK(child_inb(&child, KEYBOARD) != 0xff);
	CHECK_EQ(ports(id, KEYBOARD, 1, 0), 0);
	CHECK_EQ(child_inb(&child, KEYBOARD), 0xff);
}

static long map_gsi(unsigned int id, int gsi)
{
	struct physdev_map_pirq op = {
		.domid = id, .type = MAP_PIRQ_TYPE_GSI, .index = gsi, .pirq = gsi
	};

	return hv_physdev_op(PHYSDEVOP_map_pirq, &op);
}

static long unmap(unsigned int id, int pirq)
{
	struct physdev_unmap_pirq op = { .domid = id, .pirq = pirq };

	return hv_physdev_op(PHYSDEVOP_unmap_pirq, &op);
}

/* The child binds it and lets it go again; the result of the first. */
static long child_binds(unsigned int pirq)
{
	struct evtchn_bind_pirq *bind = (void *)child.data->scratch;
	struct evtchn_close *close = (void *)child.data->scratch;
	long rc;

	*bind = (struct evtchn_bind_pirq){ .pirq = pirq };
	rc = child_hypercall(&child, __HYPERVISOR_event_channel_op, EVTCHNOP_bind_pirq,
			     child_scratch(), 0, 0);
	if (rc)
		return rc;
	close->port = bind->port;
	return child_hypercall(&child, __HYPERVISOR_event_channel_op, EVTCHNOP_close,
			       child_scratch(), 0, 0);
}

/* GSI 8, which is the clock's. */
static void interrupts(void)
{
	unsigned int id = child.id;

	CHECK_EQ(irq(id, 100000, 1), -EINVAL);
	CHECK_EQ(irq(UNMAPPED, 8, 1), -ESRCH);
	/* The number is one of domain 0's: it has none yet. */
	CHECK_EQ(irq(id, 8, 1), -EPERM);
	CHECK_EQ(irq(id, 8, 0), -EPERM);
	CHECK_EQ(map_gsi(DOMID_SELF, 8), 0);
	CHECK_EQ(irq(id, 8, 1), 0);
	CHECK_EQ(child_binds(8), -EPERM);
	/* To map it for somebody is to give it. */
	CHECK_EQ(irq(id, 8, 0), 0);
	CHECK_EQ(map_gsi(id, 8), 0);
	CHECK_EQ(child_binds(8), 0);
	CHECK_EQ(irq(id, 8, 0), 0);
	CHECK_EQ(irq(id, 8, 0), 0);
	CHECK_EQ(child_binds(8), -EPERM);
	CHECK_EQ(irq(id, 8, 1), 0);
	CHECK_EQ(child_binds(8), 0);
	/* Domain 0 takes it from itself: then it cannot give it either. */
	CHECK_EQ(irq(0, 8, 0), 0);
	CHECK_EQ(irq(id, 8, 1), -EPERM);
	CHECK_EQ(irq(0, 8, 1), -EPERM);
	CHECK_EQ(child_binds(8), 0);
	CHECK_EQ(unmap(id, 8), 0);
	CHECK_EQ(map_gsi(id, 8), -EPERM);
	CHECK_EQ(child_binds(8), -EPERM);
	CHECK_EQ(unmap(DOMID_SELF, 8), 0);
	CHECK_EQ(map_gsi(DOMID_SELF, 8), -EPERM);
}

static long device(unsigned int cmd, unsigned int id)
{
	struct xen_domctl op = { .u.assign_device = { .dev = XEN_DOMCTL_DEV_PCI } };

	op.u.assign_device.u.pci.machine_sbdf = 0x08;
	return domctl(cmd, id, &op);
}

/* Without an IOMMU no device is given to anybody. */
static void devices(void)
{
	static const unsigned int not_here[] = { XEN_DOMCTL_assign_device,
						 XEN_DOMCTL_deassign_device,
						 XEN_DOMCTL_test_assign_device,
						 XEN_DOMCTL_get_device_group };

	for (unsigned int i = 0; i < ARRAY_SIZE(not_here); i++) {
		CHECK_EQ(device(not_here[i], child.id), -EOPNOTSUPP);
		CHECK_EQ(device(not_here[i], UNMAPPED), -ESRCH);
	}
	CHECK_EQ(device(XEN_DOMCTL_test_assign_device, DOMID_INVALID), -EOPNOTSUPP);
	CHECK_EQ(device(XEN_DOMCTL_deassign_device, DOMID_IO), -EOPNOTSUPP);
	CHECK_EQ(device(XEN_DOMCTL_bind_pt_irq, child.id), -EINVAL);
	CHECK_EQ(device(XEN_DOMCTL_unbind_pt_irq, child.id), -EINVAL);
}

/* Commands that no PV domain has, on a machine like this. */
static void not_for_pv(void)
{
	static const struct {
		unsigned int cmd;
		int error;
	} refused[] = {
		{ XEN_DOMCTL_gethvmcontext, -EINVAL },
		{ XEN_DOMCTL_sethvmcontext, -EINVAL },
		{ XEN_DOMCTL_gethvmcontext_partial, -EINVAL },
		{ XEN_DOMCTL_debug_op, -EINVAL },
		{ XEN_DOMCTL_set_broken_page_p2m, -EINVAL },
		{ XEN_DOMCTL_vmtrace_op, -EINVAL },
		{ XEN_DOMCTL_psr_cmt_op, -ENODEV },
		{ XEN_DOMCTL_psr_alloc, -ENODEV },
		{ XEN_DOMCTL_get_paging_mempool_size, -EOPNOTSUPP },
		{ XEN_DOMCTL_set_paging_mempool_size, -EOPNOTSUPP },
		{ XEN_DOMCTL_gdbsx_domstatus, -ENOSYS },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(refused); i++) {
		struct xen_domctl op = { 0 };

		if (!CHECK_EQ(domctl(refused[i].cmd, child.id, &op), refused[i].error))
			print("command %u\n", refused[i].cmd);
	}
}

/* Last, for what domain 0 takes from itself does not come back. */
static void own_memory(void)
{
	CHECK_EQ(map_mfn(page, HOLE + 16, PTE_RW), 0);
	CHECK_EQ(map_writable(page), 0);
	CHECK_EQ(iomem(0, HOLE + 16, 2, 0), 0);
	CHECK_EQ(map_mfn(page, HOLE + 16, PTE_RW), -EPERM);
	CHECK_EQ(map_mfn(page, HOLE + 18, PTE_RW), 0);
	CHECK_EQ(map_writable(page), 0);
	CHECK_EQ(iomem(child.id, HOLE + 16, 1, 1), -EPERM);
	CHECK_EQ(iomem(child.id, HOLE + 16, 1, 0), -EPERM);
	CHECK_EQ(iomem(0, HOLE + 16, 2, 1), -EPERM);
}

int test_main(struct start_info *si)
{
	struct xen_domctl op;

	(void)si;
	events_enable();
	REQUIRE(child_create(&child, (void *)window));
	CHECK_EQ(domctl(XEN_DOMCTL_unpausedomain, child.id, &op), 0);
	memory();
	mapping();
	port_rights();
	interrupts();
	devices();
	not_for_pv();
	own_memory();
	CHECK_EQ(child_destroy(&child), 0);
	child_unmap(&child);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * Hardware for domains that have some: interrupts, I/O ports, PCI.
 *
 * int physdev_op(int cmd, void *arg), arg being the structure of cmd.
 *
 * A pirq is a domain's own number for a physical interrupt. Numbers below the
 * host's count of GSIs are the GSIs themselves.
 *
 * Errors of all: -EPERM, the caller is not privileged for this (most commands
 * are the control domain's); -EINVAL, no such interrupt or device, or an operand
 * out of range; -ESRCH, no such domain; -EOPNOTSUPP, the host cannot do it.
 */
#ifndef __XEN_PUBLIC_PHYSDEV_H__
#define __XEN_PUBLIC_PHYSDEV_H__

#include "xen.h"

#define PHYSDEVOP_IRQ_UNMASK_NOTIFY	4	/* obsolete: does nothing */
#define PHYSDEVOP_irq_status_query	5
#define PHYSDEVOP_set_iopl		6
#define PHYSDEVOP_set_iobitmap		7
#define PHYSDEVOP_apic_read		8
#define PHYSDEVOP_apic_write		9
#define PHYSDEVOP_alloc_irq_vector	10
#define PHYSDEVOP_free_irq_vector	11
#define PHYSDEVOP_eoi			12
#define PHYSDEVOP_map_pirq		13
#define PHYSDEVOP_unmap_pirq		14
#define PHYSDEVOP_manage_pci_add	15
#define PHYSDEVOP_manage_pci_remove	16
#define PHYSDEVOP_pirq_eoi_gmfn_v1	17
#define PHYSDEVOP_restore_msi		19
#define PHYSDEVOP_manage_pci_add_ext	20
#define PHYSDEVOP_setup_gsi		21
#define PHYSDEVOP_get_free_pirq		23
#define PHYSDEVOP_pci_mmcfg_reserved	24
#define PHYSDEVOP_pci_device_add	25
#define PHYSDEVOP_pci_device_remove	26
#define PHYSDEVOP_restore_msi_ext	27
#define PHYSDEVOP_pirq_eoi_gmfn_v2	28
#define PHYSDEVOP_dbgp_op		29
#define PHYSDEVOP_prepare_msix		30
#define PHYSDEVOP_release_msix		31

#define PHYSDEVOP_pirq_eoi_gmfn		PHYSDEVOP_pirq_eoi_gmfn_v2

/* physdev_irq_status_query.flags */
#define _XENIRQSTAT_needs_eoi	(0)	/* the guest must call PHYSDEVOP_eoi */
#define XENIRQSTAT_needs_eoi	(xen_mk_uint(1) << _XENIRQSTAT_needs_eoi)
#define _XENIRQSTAT_shared	(1)	/* other domains have it too */
#define XENIRQSTAT_shared	(xen_mk_uint(1) << _XENIRQSTAT_shared)

/* physdev_map_pirq.type */
#define MAP_PIRQ_TYPE_MSI	0x0	/* MSI or MSI-X of a device by bus, devfn */
#define MAP_PIRQ_TYPE_GSI	0x1	/* an I/O APIC input by index */
#define MAP_PIRQ_TYPE_UNKNOWN	0x2
#define MAP_PIRQ_TYPE_MSI_SEG	0x3	/* MSI, with a PCI segment */
#define MAP_PIRQ_TYPE_MULTI_MSI	0x4	/* entry_nr MSI vectors at once */

/* physdev_pci_mmcfg_reserved.flags: firmware reserves the range. */
#define XEN_PCI_MMCFG_RESERVED	0x1

/* physdev_pci_device_add.flags */
#define XEN_PCI_DEV_EXTFN	0x1	/* function number over 7 (ARI) */
#define XEN_PCI_DEV_VIRTFN	0x2	/* virtual function of physfn */
#define XEN_PCI_DEV_PXM		0x4	/* optarr[0] is a proximity domain */

/* physdev_dbgp_op.op and .bus: the USB debug port around a controller reset */
#define PHYSDEVOP_DBGP_RESET_PREPARE	1
#define PHYSDEVOP_DBGP_RESET_DONE	2
#define PHYSDEVOP_DBGP_BUS_UNKNOWN	0
#define PHYSDEVOP_DBGP_BUS_PCI		1

#ifndef __ASSEMBLY__

/* PHYSDEVOP_eoi: the interrupt has been served; let the next one come. */
struct physdev_eoi {
	uint32_t irq;			/* [in] pirq */
};
typedef struct physdev_eoi physdev_eoi_t;
DEFINE_XEN_GUEST_HANDLE(physdev_eoi_t);

/*
 * PHYSDEVOP_pirq_eoi_gmfn: share a frame in which the hypervisor sets bit n when
 * pirq n needs PHYSDEVOP_eoi. After _v1, eoi also unmasks the port. -EBUSY: the
 * domain has such a frame.
 */
struct physdev_pirq_eoi_gmfn {
	xen_pfn_t gmfn;			/* [in] machine frame */
};
typedef struct physdev_pirq_eoi_gmfn physdev_pirq_eoi_gmfn_t;
DEFINE_XEN_GUEST_HANDLE(physdev_pirq_eoi_gmfn_t);

struct physdev_irq_status_query {
	uint32_t irq;			/* [in] pirq */
	uint32_t flags;			/* [out] XENIRQSTAT_* */
};
typedef struct physdev_irq_status_query physdev_irq_status_query_t;
DEFINE_XEN_GUEST_HANDLE(physdev_irq_status_query_t);

/*
 * PHYSDEVOP_set_iopl: the calling VCPU's I/O privilege level. The guest kernel
 * counts as level 1: 1 to 3 let it use I/O ports that the domain has, 3 lets
 * user code too.
 */
struct physdev_set_iopl {
	uint32_t iopl;			/* [in] 0 to 3 */
};
typedef struct physdev_set_iopl physdev_set_iopl_t;
DEFINE_XEN_GUEST_HANDLE(physdev_set_iopl_t);

/* PHYSDEVOP_set_iobitmap: ports that the VCPU may use below that level. */
struct physdev_set_iobitmap {
	XEN_GUEST_HANDLE(uint8) bitmap;	/* [in] as in a TSS: 0 allows; null: none */
	uint32_t nr_ports;		/* [in] bits, at most 65536 */
};
typedef struct physdev_set_iobitmap physdev_set_iobitmap_t;
DEFINE_XEN_GUEST_HANDLE(physdev_set_iobitmap_t);

/* PHYSDEVOP_apic_read, apic_write: a register of an I/O APIC. */
struct physdev_apic {
	unsigned long apic_physbase;	/* [in] machine address of the I/O APIC */
	uint32_t reg;			/* [in] register number */
	uint32_t value;			/* [out] read, [in] write */
};
typedef struct physdev_apic physdev_apic_t;
DEFINE_XEN_GUEST_HANDLE(physdev_apic_t);

/*
 * PHYSDEVOP_alloc_irq_vector: the vector for a GSI. The hypervisor programs the
 * real one itself; this exists so that old kernels get a number. free: nothing.
 */
struct physdev_irq {
	uint32_t irq;			/* [in] GSI */
	uint32_t vector;		/* [out] */
};
typedef struct physdev_irq physdev_irq_t;
DEFINE_XEN_GUEST_HANDLE(physdev_irq_t);

/* PHYSDEVOP_map_pirq: give a domain a pirq for an interrupt of the host. */
struct physdev_map_pirq {
	domid_t domid;			/* [in] DOMID_SELF, or another */
	int type;			/* [in] MAP_PIRQ_TYPE_* */
	int index;			/* [in] GSI */
	int pirq;			/* [in/out] negative: any free one */
	int bus;			/* [in] PCI bus, segment << 16 */
	int devfn;			/* [in] PCI device << 3 | function */
	int entry_nr;			/* [in] MSI-X entry, or [in/out] vectors */
	uint64_t table_base;		/* [in] MSI-X table's address; 0: plain MSI */
};
typedef struct physdev_map_pirq physdev_map_pirq_t;
DEFINE_XEN_GUEST_HANDLE(physdev_map_pirq_t);

struct physdev_unmap_pirq {
	domid_t domid;			/* [in] */
	int pirq;			/* [in] */
};
typedef struct physdev_unmap_pirq physdev_unmap_pirq_t;
DEFINE_XEN_GUEST_HANDLE(physdev_unmap_pirq_t);

/* PHYSDEVOP_manage_pci_add, manage_pci_remove: segment 0, old kernels. */
struct physdev_manage_pci {
	uint8_t bus;			/* [in] */
	uint8_t devfn;			/* [in] */
};
typedef struct physdev_manage_pci physdev_manage_pci_t;
DEFINE_XEN_GUEST_HANDLE(physdev_manage_pci_t);

/* PHYSDEVOP_restore_msi: write the device's MSI registers again (after sleep). */
struct physdev_restore_msi {
	uint8_t bus;			/* [in] */
	uint8_t devfn;			/* [in] */
};
typedef struct physdev_restore_msi physdev_restore_msi_t;
DEFINE_XEN_GUEST_HANDLE(physdev_restore_msi_t);

/* PHYSDEVOP_manage_pci_add_ext: segment 0, with virtual functions. */
struct physdev_manage_pci_ext {
	uint8_t bus;			/* [in] */
	uint8_t devfn;			/* [in] */
	uint32_t is_extfn;		/* [in] boolean */
	uint32_t is_virtfn;		/* [in] boolean */
	struct {
		uint8_t bus;
		uint8_t devfn;
	} physfn;			/* [in] its physical function */
};
typedef struct physdev_manage_pci_ext physdev_manage_pci_ext_t;
DEFINE_XEN_GUEST_HANDLE(physdev_manage_pci_ext_t);

/* The operand of physdev_op_compat: command and operand in one. */
struct physdev_op {
	uint32_t cmd;			/* [in] PHYSDEVOP_* */
	union {
		physdev_irq_status_query_t irq_status_query;
		physdev_set_iopl_t set_iopl;
		physdev_set_iobitmap_t set_iobitmap;
		physdev_apic_t apic_op;
		physdev_irq_t irq_op;
	} u;
};
typedef struct physdev_op physdev_op_t;
DEFINE_XEN_GUEST_HANDLE(physdev_op_t);

/* PHYSDEVOP_setup_gsi: program the I/O APIC input. -EEXIST: it is already. */
struct physdev_setup_gsi {
	int gsi;			/* [in] */
	uint8_t triggering;		/* [in] 0 edge, 1 level */
	uint8_t polarity;		/* [in] 0 active high, 1 active low */
};
typedef struct physdev_setup_gsi physdev_setup_gsi_t;
DEFINE_XEN_GUEST_HANDLE(physdev_setup_gsi_t);

struct physdev_get_free_pirq {
	int type;			/* [in] MAP_PIRQ_TYPE_GSI or _MSI */
	uint32_t pirq;			/* [out] */
};
typedef struct physdev_get_free_pirq physdev_get_free_pirq_t;
DEFINE_XEN_GUEST_HANDLE(physdev_get_free_pirq_t);

/* PHYSDEVOP_pci_mmcfg_reserved: domain 0 tells where PCIe configuration space is. */
struct physdev_pci_mmcfg_reserved {
	uint64_t address;		/* [in] machine address of bus 0 */
	uint16_t segment;		/* [in] */
	uint8_t start_bus;		/* [in] */
	uint8_t end_bus;		/* [in] inclusive */
	uint32_t flags;			/* [in] XEN_PCI_MMCFG_RESERVED */
};
typedef struct physdev_pci_mmcfg_reserved physdev_pci_mmcfg_reserved_t;
DEFINE_XEN_GUEST_HANDLE(physdev_pci_mmcfg_reserved_t);

/* PHYSDEVOP_pci_device_add: domain 0 found a device. */
struct physdev_pci_device_add {
	uint16_t seg;			/* [in] */
	uint8_t bus;			/* [in] */
	uint8_t devfn;			/* [in] */
	uint32_t flags;			/* [in] XEN_PCI_DEV_* */
	struct {
		uint8_t bus;
		uint8_t devfn;
	} physfn;			/* [in] with XEN_PCI_DEV_VIRTFN */
	uint32_t optarr[XEN_FLEX_ARRAY_DIM];	/* [in] as flags say */
};
typedef struct physdev_pci_device_add physdev_pci_device_add_t;
DEFINE_XEN_GUEST_HANDLE(physdev_pci_device_add_t);

/*
 * PHYSDEVOP_pci_device_remove, restore_msi_ext, prepare_msix (the device's MSI-X
 * memory is about to move) and release_msix (it is in place).
 */
struct physdev_pci_device {
	uint16_t seg;			/* [in] */
	uint8_t bus;			/* [in] */
	uint8_t devfn;			/* [in] */
};
typedef struct physdev_pci_device physdev_pci_device_t;
DEFINE_XEN_GUEST_HANDLE(physdev_pci_device_t);

struct physdev_dbgp_op {
	uint8_t op;			/* [in] PHYSDEVOP_DBGP_RESET_* */
	uint8_t bus;			/* [in] PHYSDEVOP_DBGP_BUS_* */
	union {
		physdev_pci_device_t pci;	/* [in] */
	} u;
};
typedef struct physdev_dbgp_op physdev_dbgp_op_t;
DEFINE_XEN_GUEST_HANDLE(physdev_dbgp_op_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_PHYSDEV_H__ */

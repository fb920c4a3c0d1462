/* SPDX-License-Identifier: MIT */
/*
 * Non-maskable interrupts. The hardware's go to VCPU 0 of domain 0.
 *
 * long nmi_op(unsigned int cmd, void *arg). -EINVAL: the handler's address is
 * not canonical, or the calling VCPU may not have one.
 */
#ifndef __XEN_PUBLIC_NMI_H__
#define __XEN_PUBLIC_NMI_H__

#include "xen.h"

/* Bits of arch_shared_info.nmi_reason. Hypervisor sets, guest clears. */
#define _XEN_NMIREASON_io_error		0	/* I/O check: port 0x61, bit 6 */
#define XEN_NMIREASON_io_error		(xen_mk_ulong(1) << _XEN_NMIREASON_io_error)
#define _XEN_NMIREASON_pci_serr		1	/* PCI SERR: port 0x61, bit 7 */
#define XEN_NMIREASON_pci_serr		(xen_mk_ulong(1) << _XEN_NMIREASON_pci_serr)
#define _XEN_NMIREASON_unknown		2	/* anything else */
#define XEN_NMIREASON_unknown		(xen_mk_ulong(1) << _XEN_NMIREASON_unknown)

#define XENNMI_register_callback	0	/* operand: xennmi_callback */
#define XENNMI_unregister_callback	1	/* no operand */

#ifndef __ASSEMBLY__
struct xennmi_callback {
	unsigned long handler_address;	/* [in] virtual address */
	unsigned long pad;
};
typedef struct xennmi_callback xennmi_callback_t;
DEFINE_XEN_GUEST_HANDLE(xennmi_callback_t);
#endif

#endif /* __XEN_PUBLIC_NMI_H__ */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations of memory_op that have no meaning for paravirtual guests, or none on
 * a host like ours: the answers that Xen has for those who ask all the same.
 */
#include <xen/errno.h>
#include <xen/memory.h>

#include "hypercall/memory.h"
#include "machine.h"

/* Memory that firmware keeps for devices, which only an IOMMU's driver knows. */
static long reserved_device_memory(void *arg)
{
	struct xen_reserved_device_memory_map map;

	if (copy_from_guest(&map, arg, sizeof(map)))
		return -XEN_EFAULT;
	if (map.flags & ~XENMEM_RDM_ALL)
		return -XEN_EINVAL;
	map.nr_entries = 0;
	return copy_to_guest(arg, &map, sizeof(map)) ? -XEN_EFAULT : 0;
}

/* Only if the operand is there, as on Xen. */
static long refuse(const void *arg, size_t bytes, long error)
{
	char operand[64];

	return copy_from_guest(operand, arg, min(bytes, sizeof(operand))) ? -XEN_EFAULT : error;
}

long memory_refused(unsigned int cmd, void *arg)
{
	switch (cmd) {
	case XENMEM_reserved_device_memory_map:
		return reserved_device_memory(arg);
	case XENMEM_get_sharing_freed_pages:
	case XENMEM_get_sharing_shared_pages:
		return 0;
	/* A guest's frames are the machine's: there is no other map to change. */
	case XENMEM_add_to_physmap:
		return refuse(arg, sizeof(struct xen_add_to_physmap), -XEN_EACCES);
	case XENMEM_add_to_physmap_batch:
		return refuse(arg, sizeof(struct xen_add_to_physmap_batch), -XEN_EACCES);
	case XENMEM_remove_from_physmap:
		return refuse(arg, sizeof(struct xen_remove_from_physmap), -XEN_EACCES);
	case XENMEM_set_pod_target:
	case XENMEM_get_pod_target:
		return refuse(arg, sizeof(struct xen_pod_target), -XEN_EINVAL);
	case XENMEM_get_vnumainfo:
		return refuse(arg, sizeof(struct xen_vnuma_topology_info), -XEN_EOPNOTSUPP);
	case XENMEM_access_op:
		return -XEN_EPERM;
	case XENMEM_machphys_compat_mfn_list:
		return -XEN_EOPNOTSUPP;
	default:
		return -XEN_ENOSYS;
	}
}

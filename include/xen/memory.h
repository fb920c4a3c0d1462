/* SPDX-License-Identifier: MIT */
/*
 * A domain's memory: how much, which frames, and maps of it.
 *
 * long memory_op(unsigned int cmd, void *arg), arg being the structure of cmd.
 *
 * Errors of all: -ESRCH, no such domain; -EPERM, another domain than the caller
 * and no right to it. Operations on a list of extents return the number of
 * extents done, and a number below the one asked for is how they fail.
 */
#ifndef __XEN_PUBLIC_MEMORY_H__
#define __XEN_PUBLIC_MEMORY_H__

#include "xen.h"
#include "physdev.h"

/*
 * increase_reservation	allocate extents; returns how many. The caller learns
 *			their frames if extent_start is not null.
 * decrease_reservation	give extents back; returns how many. A frame that is
 *			still mapped or typed is not freed, and ends the call.
 * populate_physmap	allocate extents for given pfns and set the
 *			machine-to-physical table; returns how many.
 * exchange		give frames back and get others, as contiguous or as low
 *			as asked for; returns 0.
 * maximum_ram_page	no operand; returns the host's highest RAM frame.
 * current_reservation, maximum_reservation	xen_memory_domain; returns the
 *			frames that a domain has or may have.
 * maximum_gpfn		xen_memory_domain; returns the highest pfn it uses, that
 *			is, arch_shared_info.max_pfn less one.
 * machphys_mfn_list, machphys_compat_mfn_list	frames of the
 *			machine-to-physical table (of the 32-bit one).
 * machphys_mapping	where it is mapped for guests.
 * memory_map		the caller's map of pseudo-physical memory. -ENOSYS:
 *			nobody has set one.
 * machine_memory_map	the host's map of memory. Privileged.
 * set_memory_map	set what memory_map returns to a domain.
 * claim_pages		xen_memory_reservation: set nr_extents frames of free
 *			memory aside for a domain that is being built; 0
 *			ends that. -ENOMEM: there is not so much.
 * add_to_physmap, add_to_physmap_batch, remove_from_physmap,
 * set_pod_target, get_pod_target	for domains whose frames the hypervisor
 *			translates.
 * reserved_device_memory_map	memory that devices need at fixed addresses.
 * get_vnumainfo	the caller's virtual NUMA nodes. -EOPNOTSUPP: none.
 * acquire_resource	frames that belong to a domain without being its memory.
 * get_sharing_freed_pages, get_sharing_shared_pages	no operand; counts.
 */
#define XENMEM_increase_reservation		0
#define XENMEM_decrease_reservation		1
#define XENMEM_maximum_ram_page			2
#define XENMEM_current_reservation		3
#define XENMEM_maximum_reservation		4
#define XENMEM_machphys_mfn_list		5
#define XENMEM_populate_physmap			6
#define XENMEM_add_to_physmap			7
#define XENMEM_memory_map			9
#define XENMEM_machine_memory_map		10
#define XENMEM_exchange				11
#define XENMEM_machphys_mapping			12
#define XENMEM_set_memory_map			13
#define XENMEM_maximum_gpfn			14
#define XENMEM_remove_from_physmap		15
#define XENMEM_set_pod_target			16
#define XENMEM_get_pod_target			17
#define XENMEM_get_sharing_freed_pages		18
#define XENMEM_get_sharing_shared_pages		19
#define XENMEM_paging_op			20
#define XENMEM_access_op			21
#define XENMEM_sharing_op			22
#define XENMEM_add_to_physmap_batch		23
#define XENMEM_claim_pages			24
#define XENMEM_machphys_compat_mfn_list		25
#define XENMEM_get_vnumainfo			26
#define XENMEM_reserved_device_memory_map	27
#define XENMEM_acquire_resource			28

/*
 * xen_memory_reservation.mem_flags. Bits 7:0: machine addresses may have so
 * many bits, 0 for no limit. Bits 15:8: NUMA node plus one, 0 for any.
 */
#define XENMEMF_address_bits(x)		(x)
#define XENMEMF_get_address_bits(x)	((x) & 0xffu)
#define XENMEMF_node(x)			(((x) + 1) << 8)
#define XENMEMF_get_node(x)		((((x) >> 8) - 1) & 0xffu)
#define XENMEMF_populate_on_demand	(1 << 16)	/* HVM only */
#define XENMEMF_exact_node_request	(1 << 17)	/* that node or none */
#define XENMEMF_exact_node(n)		(XENMEMF_node(n) | XENMEMF_exact_node_request)
#define XENMEMF_vnode			(1 << 18)	/* the node is a virtual one */

/* xen_add_to_physmap.space: what to map. Grant table idx may have the flag. */
#define XENMAPSPACE_shared_info		0
#define XENMAPSPACE_grant_table		1
#define XENMAPSPACE_gmfn		2
#define XENMAPSPACE_gmfn_range		3
#define XENMAPSPACE_gmfn_foreign	4
#define XENMAPSPACE_dev_mmio		5
#define XENMAPIDX_grant_table_status	0x80000000

/* xen_mem_acquire_resource.type, and .id and .frame of some types */
#define XENMEM_resource_ioreq_server		0
#define XENMEM_resource_grant_table		1
#define XENMEM_resource_vmtrace_buf		2
#define XENMEM_resource_grant_table_id_shared	0
#define XENMEM_resource_grant_table_id_status	1
#define XENMEM_resource_ioreq_server_frame_bufioreq	0
#define XENMEM_resource_ioreq_server_frame_ioreq(n)	(1 + (n))

/* xen_reserved_device_memory_map.flags: of all devices. */
#define XENMEM_RDM_ALL			1

#ifndef __ASSEMBLY__

/*
 * Access to a frame of an HVM guest that a tool watches. The operation is not
 * here (PV guests do not have it), but Xen's client libraries name the type.
 */
typedef enum {
	XENMEM_access_n,	/* none */
	XENMEM_access_r,	/* read */
	XENMEM_access_w,	/* write */
	XENMEM_access_rw,
	XENMEM_access_x,	/* execute */
	XENMEM_access_rx,
	XENMEM_access_wx,
	XENMEM_access_rwx,
	XENMEM_access_rx2rw,	/* rx, and rw from the first write on */
	XENMEM_access_n2rwx,	/* none, and rwx from the first access on */
	XENMEM_access_default,	/* what the domain has */
} xenmem_access_t;

/* An extent is 2^extent_order frames in a row, aligned to their number. */
struct xen_memory_reservation {
	/*
	 * increase [out] first machine frame of each extent
	 * decrease [in] first machine frame of each extent
	 * populate [in] first pfn, [out] first machine frame of each extent
	 * claim [in] null
	 */
	XEN_GUEST_HANDLE(xen_pfn_t) extent_start;
	xen_ulong_t nr_extents;		/* [in] */
	unsigned int extent_order;	/* [in] */
	unsigned int mem_flags;		/* [in] XENMEMF_* */
	domid_t domid;			/* [in] */
};
typedef struct xen_memory_reservation xen_memory_reservation_t;
DEFINE_XEN_GUEST_HANDLE(xen_memory_reservation_t);

/*
 * Both sides are of the same domain and have as many frames; their lists do not
 * overlap. On an error the first nr_exchanged extents of "in" have been
 * exchanged and the rest has not. -ENOMEM: no memory like that. -EINVAL: sizes
 * differ, or a frame of "in" is not the domain's or is in use.
 */
struct xen_memory_exchange {
	struct xen_memory_reservation in;	/* [in] frames to give */
	struct xen_memory_reservation out;	/* pfns [in], frames [out] */
	xen_ulong_t nr_exchanged;		/* [in] 0, [out] extents of "in" */
};
typedef struct xen_memory_exchange xen_memory_exchange_t;
DEFINE_XEN_GUEST_HANDLE(xen_memory_exchange_t);

struct xen_memory_domain {
	domid_t domid;			/* [in] */
};

struct xen_machphys_mfn_list {
	unsigned int max_extents;	/* [in] room in the list */
	/* [out] first frame of each 2 MiB of the table; 0 where there is none */
	XEN_GUEST_HANDLE(xen_pfn_t) extent_start;
	unsigned int nr_extents;	/* [out] written */
};
typedef struct xen_machphys_mfn_list xen_machphys_mfn_list_t;
DEFINE_XEN_GUEST_HANDLE(xen_machphys_mfn_list_t);

struct xen_machphys_mapping {
	xen_ulong_t v_start, v_end;	/* [out] virtual addresses, end exclusive */
	xen_ulong_t max_mfn;		/* [out] highest index */
};
typedef struct xen_machphys_mapping xen_machphys_mapping_t;
DEFINE_XEN_GUEST_HANDLE(xen_machphys_mapping_t);

struct xen_add_to_physmap {
	domid_t domid;			/* [in] */
	uint16_t size;			/* [in/out] frames, for gmfn_range */
	unsigned int space;		/* [in] XENMAPSPACE_* */
	xen_ulong_t idx;		/* [in] which frame of it */
	xen_pfn_t gpfn;			/* [in] where to */
};
typedef struct xen_add_to_physmap xen_add_to_physmap_t;
DEFINE_XEN_GUEST_HANDLE(xen_add_to_physmap_t);

struct xen_add_to_physmap_batch {
	domid_t domid;			/* [in] */
	uint16_t space;			/* [in] XENMAPSPACE_* */
	uint16_t size;			/* [in/out] elements of the lists */
	union xen_add_to_physmap_batch_extra {
		domid_t foreign_domid;	/* [in] owner, for gmfn_foreign */
		uint16_t res0;		/* [in] 0 for the rest */
	} u;
	XEN_GUEST_HANDLE(xen_ulong_t) idxs;	/* [in] */
	XEN_GUEST_HANDLE(xen_pfn_t) gpfns;	/* [in] */
	XEN_GUEST_HANDLE(int) errs;		/* [out] 0 or -errno of each */
};
typedef struct xen_add_to_physmap_batch xen_add_to_physmap_batch_t;
DEFINE_XEN_GUEST_HANDLE(xen_add_to_physmap_batch_t);

struct xen_remove_from_physmap {
	domid_t domid;			/* [in] */
	xen_pfn_t gpfn;			/* [in] */
};
typedef struct xen_remove_from_physmap xen_remove_from_physmap_t;
DEFINE_XEN_GUEST_HANDLE(xen_remove_from_physmap_t);

/*
 * Entries are as the BIOS call E820 has them, 20 bytes each: address and length
 * in bytes (8 each), type (4; 1 RAM, 2 reserved, 3 ACPI tables, 4 ACPI NVS).
 */
struct xen_memory_map {
	unsigned int nr_entries;	/* [in] room, [out] entries */
	XEN_GUEST_HANDLE(void) buffer;	/* [out]; set_memory_map [in] */
};
typedef struct xen_memory_map xen_memory_map_t;
DEFINE_XEN_GUEST_HANDLE(xen_memory_map_t);

struct xen_foreign_memory_map {
	domid_t domid;			/* [in] */
	struct xen_memory_map map;	/* [in] */
};
typedef struct xen_foreign_memory_map xen_foreign_memory_map_t;
DEFINE_XEN_GUEST_HANDLE(xen_foreign_memory_map_t);

struct xen_pod_target {
	uint64_t target_pages;		/* [in] frames */
	uint64_t tot_pages;		/* [out] frames */
	uint64_t pod_cache_pages;	/* [out] frames */
	uint64_t pod_entries;		/* [out] frames */
	domid_t domid;			/* [in] */
};
typedef struct xen_pod_target xen_pod_target_t;

struct xen_reserved_device_memory {
	xen_pfn_t start_pfn;		/* [out] machine frame */
	xen_ulong_t nr_pages;		/* [out] frames */
};
typedef struct xen_reserved_device_memory xen_reserved_device_memory_t;
DEFINE_XEN_GUEST_HANDLE(xen_reserved_device_memory_t);

struct xen_reserved_device_memory_map {
	uint32_t flags;			/* [in] XENMEM_RDM_ALL */
	unsigned int nr_entries;	/* [in] room, [out] entries; -ENOBUFS: more */
	XEN_GUEST_HANDLE(xen_reserved_device_memory_t) buffer;	/* [out] */
	union {
		physdev_pci_device_t pci;
	} dev;				/* [in] this device's, without RDM_ALL */
};
typedef struct xen_reserved_device_memory_map xen_reserved_device_memory_map_t;
DEFINE_XEN_GUEST_HANDLE(xen_reserved_device_memory_map_t);

/*
 * Asked with a null frame_list and nr_frames 0: how many frames there are. Only
 * the grant table is a resource that PV domains have.
 */
struct xen_mem_acquire_resource {
	domid_t domid;			/* [in] whose */
	uint16_t type;			/* [in] XENMEM_resource_* */
	uint32_t id;			/* [in] which, by type; else 0 */
	uint32_t nr_frames;		/* [in] frames wanted, or [out] all */
	uint32_t pad;			/* [in] 0 */
	uint64_t frame;			/* [in] first of them */
	XEN_GUEST_HANDLE(xen_pfn_t) frame_list;	/* [out] machine frames */
};
typedef struct xen_mem_acquire_resource xen_mem_acquire_resource_t;
DEFINE_XEN_GUEST_HANDLE(xen_mem_acquire_resource_t);

struct xen_vmemrange {
	uint64_t start, end;		/* pseudo-physical addresses, end exclusive */
	unsigned int flags;		/* 0 */
	unsigned int nid;		/* virtual node */
};
typedef struct xen_vmemrange xen_vmemrange_t;
DEFINE_XEN_GUEST_HANDLE(xen_vmemrange_t);

/* -ENOBUFS: the numbers are too small; they come back right. */
struct xen_vnuma_topology_info {
	domid_t domid;			/* [in] */
	uint16_t pad;
	unsigned int nr_vnodes;		/* [in/out] */
	unsigned int nr_vcpus;		/* [in/out] */
	unsigned int nr_vmemranges;	/* [in/out] */
	union {
		XEN_GUEST_HANDLE(uint) h;
		uint64_t pad;
	} vdistance;			/* [out] nr_vnodes squared; 10 is local */
	union {
		XEN_GUEST_HANDLE(uint) h;
		uint64_t pad;
	} vcpu_to_vnode;		/* [out] */
	union {
		XEN_GUEST_HANDLE(xen_vmemrange_t) h;
		uint64_t pad;
	} vmemrange;			/* [out] */
};
typedef struct xen_vnuma_topology_info xen_vnuma_topology_info_t;
DEFINE_XEN_GUEST_HANDLE(xen_vnuma_topology_info_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_MEMORY_H__ */

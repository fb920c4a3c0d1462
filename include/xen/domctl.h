/* SPDX-License-Identifier: MIT */
/*
 * Control of domains, for tools in domain 0: create, pause, inspect, destroy.
 *
 * int domctl(struct xen_domctl *op). The structure is copied back when the call
 * succeeds. This interface has a version and no promise: tools and hypervisor
 * must have the same XEN_DOMCTL_INTERFACE_VERSION (-EACCES if not).
 *
 * Errors of all: -EPERM, the caller is not privileged; -ESRCH, no such domain;
 * -ENOSYS or -EOPNOTSUPP, no such command; -EINVAL, an operand is out of range
 * or makes no sense for a PV domain; -ERANGE, a number is over a limit.
 *
 * Structures of commands that only HVM guests, memory events, processor
 * resource monitoring and ARM have are left out; the numbers are all here.
 */
#ifndef __XEN_PUBLIC_DOMCTL_H__
#define __XEN_PUBLIC_DOMCTL_H__

#include "xen.h"
#include "event_channel.h"
#include "grant_table.h"
#include "memory.h"

#define XEN_DOMCTL_INTERFACE_VERSION		0x00000015

#define XEN_DOMCTL_createdomain			1
#define XEN_DOMCTL_destroydomain		2
#define XEN_DOMCTL_pausedomain			3
#define XEN_DOMCTL_unpausedomain		4
#define XEN_DOMCTL_getdomaininfo		5
#define XEN_DOMCTL_setvcpuaffinity		9
#define XEN_DOMCTL_shadow_op			10
#define XEN_DOMCTL_max_mem			11
#define XEN_DOMCTL_setvcpucontext		12
#define XEN_DOMCTL_getvcpucontext		13
#define XEN_DOMCTL_getvcpuinfo			14
#define XEN_DOMCTL_max_vcpus			15
#define XEN_DOMCTL_scheduler_op			16
#define XEN_DOMCTL_setdomainhandle		17
#define XEN_DOMCTL_setdebugging			18
#define XEN_DOMCTL_irq_permission		19
#define XEN_DOMCTL_iomem_permission		20
#define XEN_DOMCTL_ioport_permission		21
#define XEN_DOMCTL_hypercall_init		22
#define XEN_DOMCTL_settimeoffset		24
#define XEN_DOMCTL_getvcpuaffinity		25
#define XEN_DOMCTL_real_mode_area		26	/* of other machines */
#define XEN_DOMCTL_resumedomain			27
#define XEN_DOMCTL_sendtrigger			28
#define XEN_DOMCTL_subscribe			29
#define XEN_DOMCTL_gethvmcontext		33
#define XEN_DOMCTL_sethvmcontext		34
#define XEN_DOMCTL_set_address_size		35
#define XEN_DOMCTL_get_address_size		36
#define XEN_DOMCTL_assign_device		37
#define XEN_DOMCTL_bind_pt_irq			38
#define XEN_DOMCTL_memory_mapping		39
#define XEN_DOMCTL_ioport_mapping		40
#define XEN_DOMCTL_set_ext_vcpucontext		42
#define XEN_DOMCTL_get_ext_vcpucontext		43
#define XEN_DOMCTL_set_opt_feature		44	/* of other machines */
#define XEN_DOMCTL_test_assign_device		45
#define XEN_DOMCTL_set_target			46
#define XEN_DOMCTL_deassign_device		47
#define XEN_DOMCTL_unbind_pt_irq		48
#define XEN_DOMCTL_get_device_group		50
#define XEN_DOMCTL_debug_op			54
#define XEN_DOMCTL_gethvmcontext_partial	55
#define XEN_DOMCTL_vm_event_op			56
#define XEN_DOMCTL_mem_sharing_op		57
#define XEN_DOMCTL_gettscinfo			59
#define XEN_DOMCTL_settscinfo			60
#define XEN_DOMCTL_getpageframeinfo3		61
#define XEN_DOMCTL_setvcpuextstate		62
#define XEN_DOMCTL_getvcpuextstate		63
#define XEN_DOMCTL_set_access_required		64
#define XEN_DOMCTL_audit_p2m			65
#define XEN_DOMCTL_set_virq_handler		66
#define XEN_DOMCTL_set_broken_page_p2m		67
#define XEN_DOMCTL_setnodeaffinity		68
#define XEN_DOMCTL_getnodeaffinity		69
#define XEN_DOMCTL_cacheflush			71
#define XEN_DOMCTL_get_vcpu_msrs		72
#define XEN_DOMCTL_set_vcpu_msrs		73
#define XEN_DOMCTL_setvnumainfo			74
#define XEN_DOMCTL_psr_cmt_op			75
#define XEN_DOMCTL_monitor_op			77
#define XEN_DOMCTL_psr_alloc			78
#define XEN_DOMCTL_soft_reset			79
#define XEN_DOMCTL_vuart_op			81
#define XEN_DOMCTL_get_cpu_policy		82
#define XEN_DOMCTL_set_cpu_policy		83
#define XEN_DOMCTL_vmtrace_op			84
#define XEN_DOMCTL_get_paging_mempool_size	85
#define XEN_DOMCTL_set_paging_mempool_size	86
#define XEN_DOMCTL_gdbsx_guestmemio		1000
#define XEN_DOMCTL_gdbsx_pausevcpu		1001
#define XEN_DOMCTL_gdbsx_unpausevcpu		1002
#define XEN_DOMCTL_gdbsx_domstatus		1003

/* xen_domctl_createdomain.flags */
#define _XEN_DOMCTL_CDF_hvm		0	/* HVM, not PV */
#define XEN_DOMCTL_CDF_hvm		(1U << _XEN_DOMCTL_CDF_hvm)
#define _XEN_DOMCTL_CDF_hap		1	/* HVM: paging in hardware */
#define XEN_DOMCTL_CDF_hap		(1U << _XEN_DOMCTL_CDF_hap)
#define _XEN_DOMCTL_CDF_s3_integrity	2	/* trusted boot measures it */
#define XEN_DOMCTL_CDF_s3_integrity	(1U << _XEN_DOMCTL_CDF_s3_integrity)
#define _XEN_DOMCTL_CDF_oos_off		3	/* HVM: shadows always in step */
#define XEN_DOMCTL_CDF_oos_off		(1U << _XEN_DOMCTL_CDF_oos_off)
#define _XEN_DOMCTL_CDF_xs_domain	4	/* it runs xenstore */
#define XEN_DOMCTL_CDF_xs_domain	(1U << _XEN_DOMCTL_CDF_xs_domain)
#define _XEN_DOMCTL_CDF_iommu		5	/* it may get devices */
#define XEN_DOMCTL_CDF_iommu		(1U << _XEN_DOMCTL_CDF_iommu)
#define _XEN_DOMCTL_CDF_nested_virt	6	/* HVM: within HVM */
#define XEN_DOMCTL_CDF_nested_virt	(1U << _XEN_DOMCTL_CDF_nested_virt)
#define XEN_DOMCTL_CDF_vpmu		(1U << 7)	/* performance counters */
#define XEN_DOMCTL_CDF_MAX		XEN_DOMCTL_CDF_vpmu

/* xen_domctl_createdomain.iommu_opts: IOMMU tables of their own (HVM) */
#define _XEN_DOMCTL_IOMMU_no_sharept	0
#define XEN_DOMCTL_IOMMU_no_sharept	(1U << _XEN_DOMCTL_IOMMU_no_sharept)
#define XEN_DOMCTL_IOMMU_MAX		XEN_DOMCTL_IOMMU_no_sharept

/* xen_domctl_createdomain.grant_opts: highest version of entries allowed */
#define XEN_DOMCTL_GRANT_version_mask	0xf
#define XEN_DOMCTL_GRANT_version(v)	((v) & XEN_DOMCTL_GRANT_version_mask)

/*
 * xen_domctl_getdomaininfo.flags. "blocked" is set when all VCPUs are, and
 * "running" when one runs. With "shutdown" bits 23:16 hold a SHUTDOWN_* code.
 */
#define _XEN_DOMINF_dying		0	/* being destroyed */
#define XEN_DOMINF_dying		(1U << _XEN_DOMINF_dying)
#define _XEN_DOMINF_hvm_guest		1
#define XEN_DOMINF_hvm_guest		(1U << _XEN_DOMINF_hvm_guest)
#define _XEN_DOMINF_shutdown		2	/* it stopped */
#define XEN_DOMINF_shutdown		(1U << _XEN_DOMINF_shutdown)
#define _XEN_DOMINF_paused		3	/* by XEN_DOMCTL_pausedomain */
#define XEN_DOMINF_paused		(1U << _XEN_DOMINF_paused)
#define _XEN_DOMINF_blocked		4
#define XEN_DOMINF_blocked		(1U << _XEN_DOMINF_blocked)
#define _XEN_DOMINF_running		5
#define XEN_DOMINF_running		(1U << _XEN_DOMINF_running)
#define _XEN_DOMINF_debugged		6	/* XEN_DOMCTL_setdebugging */
#define XEN_DOMINF_debugged		(1U << _XEN_DOMINF_debugged)
#define _XEN_DOMINF_xs_domain		7
#define XEN_DOMINF_xs_domain		(1U << _XEN_DOMINF_xs_domain)
#define _XEN_DOMINF_hap			8
#define XEN_DOMINF_hap			(1U << _XEN_DOMINF_hap)
#define XEN_DOMINF_shutdownmask		255
#define XEN_DOMINF_shutdownshift	16

#define XEN_INVALID_MAX_VCPU_ID		(~0U)	/* the domain has no VCPUs yet */

/* What xen_domctl_getpageframeinfo3 returns of a frame. */
#define XEN_DOMCTL_PFINFO_LTAB_SHIFT	28
#define XEN_DOMCTL_PFINFO_NOTAB		(0x0U << 28)	/* ordinary */
#define XEN_DOMCTL_PFINFO_L1TAB		(0x1U << 28)	/* page tables */
#define XEN_DOMCTL_PFINFO_L2TAB		(0x2U << 28)
#define XEN_DOMCTL_PFINFO_L3TAB		(0x3U << 28)
#define XEN_DOMCTL_PFINFO_L4TAB		(0x4U << 28)
#define XEN_DOMCTL_PFINFO_LTABTYPE_MASK	(0x7U << 28)
#define XEN_DOMCTL_PFINFO_LPINTAB	(0x1U << 31)	/* ored in: pinned */
#define XEN_DOMCTL_PFINFO_BROKEN	(0xdU << 28)	/* bad memory */
#define XEN_DOMCTL_PFINFO_XALLOC	(0xeU << 28)	/* in streams: no data */
#define XEN_DOMCTL_PFINFO_XTAB		(0xfU << 28)	/* not the domain's */
#define XEN_DOMCTL_PFINFO_LTAB_MASK	(0xfU << 28)

/* xen_domctl_shadow_op.op and .mode. PV: log-dirty mode and nothing else. */
#define XEN_DOMCTL_SHADOW_OP_OFF		0
#define XEN_DOMCTL_SHADOW_OP_ENABLE_TEST	1
#define XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY	2	/* begin to log */
#define XEN_DOMCTL_SHADOW_OP_CLEAN		11	/* read and clear the log */
#define XEN_DOMCTL_SHADOW_OP_PEEK		12	/* read the log */
#define XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION	30
#define XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION	31
#define XEN_DOMCTL_SHADOW_OP_ENABLE		32	/* what mode says */
#define XEN_DOMCTL_SHADOW_ENABLE_REFCOUNT	(1 << 1)
#define XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY	(1 << 2)
#define XEN_DOMCTL_SHADOW_ENABLE_TRANSLATE	(1 << 3)
#define XEN_DOMCTL_SHADOW_ENABLE_EXTERNAL	(1 << 4)
/* CLEAN, PEEK: add what the hypervisor itself may still write. */
#define XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL	(1 << 0)

/* xen_domctl_vcpuaffinity.flags */
#define _XEN_VCPUAFFINITY_HARD		0	/* where it may run */
#define XEN_VCPUAFFINITY_HARD		(1U << _XEN_VCPUAFFINITY_HARD)
#define _XEN_VCPUAFFINITY_SOFT		1	/* where it runs best */
#define XEN_VCPUAFFINITY_SOFT		(1U << _XEN_VCPUAFFINITY_SOFT)
#define _XEN_VCPUAFFINITY_FORCE		2	/* end SCHEDOP_pin_override */
#define XEN_VCPUAFFINITY_FORCE		(1U << _XEN_VCPUAFFINITY_FORCE)

/* Schedulers. */
#define XEN_SCHEDULER_CREDIT		5
#define XEN_SCHEDULER_CREDIT2		6
#define XEN_SCHEDULER_ARINC653		7
#define XEN_SCHEDULER_RTDS		8
#define XEN_SCHEDULER_NULL		9

/* xen_domctl_scheduler_op.cmd: set or get for the domain, or VCPU by VCPU */
#define XEN_DOMCTL_SCHEDOP_putinfo	0
#define XEN_DOMCTL_SCHEDOP_getinfo	1
#define XEN_DOMCTL_SCHEDOP_putvcpuinfo	2
#define XEN_DOMCTL_SCHEDOP_getvcpuinfo	3

/* xen_domctl_sched_rtds.flags: may also use time that is left over */
#define _XEN_DOMCTL_SCHEDRT_extra	0
#define XEN_DOMCTL_SCHEDRT_extra	(1U << _XEN_DOMCTL_SCHEDRT_extra)

/* xen_domctl_sendtrigger.trigger. PV: NMI alone. */
#define XEN_DOMCTL_SENDTRIGGER_NMI	0
#define XEN_DOMCTL_SENDTRIGGER_RESET	1
#define XEN_DOMCTL_SENDTRIGGER_INIT	2
#define XEN_DOMCTL_SENDTRIGGER_POWER	3
#define XEN_DOMCTL_SENDTRIGGER_SLEEP	4

/* xen_domctl_assign_device.dev and .flags */
#define XEN_DOMCTL_DEV_PCI		0
#define XEN_DOMCTL_DEV_DT		1	/* ARM: device tree */
#define XEN_DOMCTL_DEV_RDM_RELAXED	1

/* xen_domctl_memory_mapping.add_mapping, xen_domctl_ioport_mapping's too */
#define DPCI_ADD_MAPPING		1
#define DPCI_REMOVE_MAPPING		0

#define XEN_CPUID_INPUT_UNUSED		0xFFFFFFFF

/* xen_domctl_debug_op.op (HVM) */
#define XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF	0
#define XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_ON	1

#ifndef __ASSEMBLY__

/*
 * XEN_DOMCTL_createdomain: make an empty, paused domain. xen_domctl.domain is
 * [in/out]: 0, or a name that cannot be, takes a free one. -EEXIST: it exists.
 */
struct xen_domctl_createdomain {
	uint32_t ssidref;		/* [in] security label; 0 */
	xen_domain_handle_t handle;	/* [in] UUID */
	uint32_t flags;			/* [in] XEN_DOMCTL_CDF_* */
	uint32_t iommu_opts;		/* [in] XEN_DOMCTL_IOMMU_* */
	uint32_t max_vcpus;		/* [in] VCPUs */
	uint32_t max_evtchn_port;	/* [in] highest port */
	int32_t max_grant_frames;	/* [in] grant table; < 0: default */
	int32_t max_maptrack_frames;	/* [in] foreign mappings; < 0: default */
	uint32_t grant_opts;		/* [in] XEN_DOMCTL_GRANT_version() */
	uint32_t vmtrace_size;		/* [in] bytes for each VCPU; 0 */
	uint32_t cpupool_id;		/* [in] */
	struct xen_arch_domainconfig arch;	/* [in] */
};

/*
 * XEN_DOMCTL_destroydomain, pausedomain, unpausedomain, resumedomain and
 * soft_reset have no operand. Destroying takes away the domain's memory bit by
 * bit: the tools call again while it returns -EAGAIN. Pauses count.
 */

/*
 * XEN_DOMCTL_getdomaininfo: the domain, or the next one with a higher number if
 * there is none; look at the domain that comes back. -ESRCH: no more.
 */
struct xen_domctl_getdomaininfo {
	domid_t domain;			/* [out] */
	uint16_t pad1;
	uint32_t flags;			/* [out] XEN_DOMINF_* */
	uint64_aligned_t tot_pages;	/* [out] frames that it has */
	uint64_aligned_t max_pages;	/* [out] frames that it may have */
	uint64_aligned_t outstanding_pages;	/* [out] frames claimed */
	uint64_aligned_t shr_pages;	/* [out] frames shared; 0 */
	uint64_aligned_t paged_pages;	/* [out] frames paged out; 0 */
	uint64_aligned_t shared_info_frame;	/* [out] machine frame */
	uint64_aligned_t cpu_time;	/* [out] ns, of all VCPUs */
	uint32_t nr_online_vcpus;	/* [out] VCPUs that are up */
	uint32_t max_vcpu_id;		/* [out] highest VCPU */
	uint32_t ssidref;		/* [out] */
	xen_domain_handle_t handle;	/* [out] UUID */
	uint32_t cpupool;		/* [out] */
	uint8_t gpaddr_bits;		/* [out] bits of a physical address */
	uint8_t pad2[7];
	struct xen_arch_domainconfig arch_config;	/* [out] */
};
typedef struct xen_domctl_getdomaininfo xen_domctl_getdomaininfo_t;
DEFINE_XEN_GUEST_HANDLE(xen_domctl_getdomaininfo_t);

/* XEN_DOMCTL_getpageframeinfo3: types of frames, each entry replaced by its. */
struct xen_domctl_getpageframeinfo3 {
	uint64_aligned_t num;		/* [in] entries; -E2BIG: over 1024 */
	XEN_GUEST_HANDLE_64(xen_pfn_t) array;	/* [in] mfn, [out] type, no mfn */
};

/* XEN_DOMCTL_shadow_op. */
struct xen_domctl_shadow_op_stats {
	uint32_t fault_count;		/* [out] faults that logging cost */
	uint32_t dirty_count;		/* [out] frames made dirty */
};

struct xen_domctl_shadow_op {
	uint32_t op;			/* [in] XEN_DOMCTL_SHADOW_OP_* */
	uint32_t mode;			/* [in] flags, by op */
	uint32_t mb;			/* [in/out] MiB, for *_ALLOCATION */
	XEN_GUEST_HANDLE_64(uint8) dirty_bitmap;	/* [out] a bit for each pfn */
	uint64_aligned_t pages;		/* [in] bits of room, [out] bits written */
	struct xen_domctl_shadow_op_stats stats;	/* [out] */
};

/* XEN_DOMCTL_max_mem. Less than it has now does not take any away. */
struct xen_domctl_max_mem {
	uint64_aligned_t max_memkb;	/* [in] KiB */
};

/*
 * XEN_DOMCTL_setvcpucontext, getvcpucontext. A null context at setting resets
 * the VCPU. The domain is paused meanwhile.
 */
struct xen_domctl_vcpucontext {
	uint32_t vcpu;			/* [in] */
	XEN_GUEST_HANDLE_64(vcpu_guest_context_t) ctxt;	/* set [in], get [out] */
};

struct xen_domctl_getvcpuinfo {
	uint32_t vcpu;			/* [in] */
	uint8_t online;			/* [out] it is up */
	uint8_t blocked;		/* [out] it waits */
	uint8_t running;		/* [out] it runs now */
	uint64_aligned_t cpu_time;	/* [out] ns */
	uint32_t cpu;			/* [out] physical CPU, last */
};

/* XEN_DOMCTL_setnodeaffinity, getnodeaffinity: NUMA nodes for memory. */
struct xen_domctl_nodeaffinity {
	struct xenctl_bitmap nodemap;	/* set [in], get [out] */
};

/*
 * XEN_DOMCTL_setvcpuaffinity, getvcpuaffinity: physical CPUs. Setting returns
 * what is in effect, that is, what of it is on line and in the domain's pool.
 * -EINVAL: nothing is left.
 */
struct xen_domctl_vcpuaffinity {
	uint32_t vcpu;			/* [in] */
	uint32_t flags;			/* [in] XEN_VCPUAFFINITY_* */
	struct xenctl_bitmap cpumap_hard;	/* set [in/out], get [out] */
	struct xenctl_bitmap cpumap_soft;	/* set [in/out], get [out] */
};

/* XEN_DOMCTL_max_vcpus: make the VCPUs. As many as createdomain said. */
struct xen_domctl_max_vcpus {
	uint32_t max;			/* [in] */
};

/* XEN_DOMCTL_scheduler_op: parameters of a domain, by scheduler. */
struct xen_domctl_sched_credit {
	uint16_t weight;		/* share relative to others, 256 usual */
	uint16_t cap;			/* percent of a CPU; 0: no limit */
};

struct xen_domctl_sched_credit2 {
	uint16_t weight;
	uint16_t cap;
};

struct xen_domctl_sched_rtds {
	uint32_t period;		/* microseconds */
	uint32_t budget;		/* microseconds of each period */
	uint32_t flags;			/* XEN_DOMCTL_SCHEDRT_* */
};

typedef struct xen_domctl_schedparam_vcpu {
	union {
		struct xen_domctl_sched_credit credit;
		struct xen_domctl_sched_credit2 credit2;
		struct xen_domctl_sched_rtds rtds;
	} u;
	uint32_t vcpuid;		/* [in] */
} xen_domctl_schedparam_vcpu_t;
DEFINE_XEN_GUEST_HANDLE(xen_domctl_schedparam_vcpu_t);

struct xen_domctl_scheduler_op {
	uint32_t sched_id;		/* [in] XEN_SCHEDULER_*, the one in use */
	uint32_t cmd;			/* [in] XEN_DOMCTL_SCHEDOP_* */
	union {				/* put [in], get [out] */
		struct xen_domctl_sched_credit credit;
		struct xen_domctl_sched_credit2 credit2;
		struct xen_domctl_sched_rtds rtds;
		struct {
			XEN_GUEST_HANDLE_64(xen_domctl_schedparam_vcpu_t) vcpus;
			uint32_t nr_vcpus;	/* [in] entries, [out] done */
			uint32_t padding;
		} v;
	} u;
};

struct xen_domctl_setdomainhandle {
	xen_domain_handle_t handle;	/* [in] UUID */
};

/* XEN_DOMCTL_setdebugging: breakpoints pause the domain (VIRQ_DEBUGGER). */
struct xen_domctl_setdebugging {
	uint8_t enable;			/* [in] boolean */
};

/*
 * Access to hardware: what a domain may use. -EPERM: the caller may not, and so can
 * neither give it nor take it. An interrupt is given by PHYSDEVOP_map_pirq, too.
 */
struct xen_domctl_irq_permission {
	uint32_t pirq;			/* [in] the caller's pirq */
	uint8_t allow_access;		/* [in] boolean */
	uint8_t pad[3];
};

struct xen_domctl_iomem_permission {
	uint64_aligned_t first_mfn;	/* [in] machine frame */
	uint64_aligned_t nr_mfns;	/* [in] frames, > 0 */
	uint8_t allow_access;		/* [in] boolean */
};

struct xen_domctl_ioport_permission {
	uint32_t first_port;		/* [in] */
	uint32_t nr_ports;		/* [in] at most 65536 */
	uint8_t allow_access;		/* [in] boolean */
};

/* XEN_DOMCTL_hypercall_init: fill in a hypercall page of the domain. */
struct xen_domctl_hypercall_init {
	uint64_aligned_t gmfn;		/* [in] machine frame, the domain's */
};

/* XEN_DOMCTL_settimeoffset: the domain's wall clock is off UTC by so much. */
struct xen_domctl_settimeoffset {
	int64_aligned_t time_offset_seconds;	/* [in] */
};

/*
 * XEN_DOMCTL_gettscinfo, settscinfo: the domain's TSC.
 * tsc_mode: 0 the hypervisor chooses, 1 emulated, 2 the host's own.
 */
struct xen_domctl_tsc_info {
	uint32_t tsc_mode;		/* set [in], get [out] */
	uint32_t gtsc_khz;		/* kHz that the domain sees */
	uint32_t incarnation;		/* how often it has been restored */
	uint32_t pad;
	uint64_aligned_t elapsed_nsec;	/* ns, the domain's TSC in time */
};

/* XEN_DOMCTL_set_address_size, get_address_size: 64, or 32 for a PAE guest. */
struct xen_domctl_address_size {
	uint32_t size;			/* set [in], get [out] bits */
};

struct xen_domctl_sendtrigger {
	uint32_t trigger;		/* [in] XEN_DOMCTL_SENDTRIGGER_* */
	uint32_t vcpu;			/* [in] */
};

/*
 * XEN_DOMCTL_assign_device, deassign_device (back to domain 0), and
 * test_assign_device (could it be; with DOMID_INVALID, is it at all).
 */
struct xen_domctl_assign_device {
	uint32_t dev;			/* [in] XEN_DOMCTL_DEV_* */
	uint32_t flags;			/* [in] XEN_DOMCTL_DEV_RDM_RELAXED */
	union {
		struct {
			/* [in] segment << 16 | bus << 8 | device << 3 | function */
			uint32_t machine_sbdf;
		} pci;
		struct {
			uint32_t size;			/* [in] bytes */
			XEN_GUEST_HANDLE_64(char) path;	/* [in] */
		} dt;
	} u;
};

/* XEN_DOMCTL_get_device_group: devices that the IOMMU cannot tell apart. */
struct xen_domctl_get_device_group {
	uint32_t machine_sbdf;		/* [in] */
	uint32_t max_sdevs;		/* [in] room */
	uint32_t num_sdevs;		/* [out] entries */
	XEN_GUEST_HANDLE_64(uint32) sdev_array;	/* [out] */
};

/*
 * XEN_DOMCTL_memory_mapping, ioport_mapping: map a guest's device memory and ports
 * (HVM). A PV guest maps what it has a right to by itself: the first only looks at
 * its operands, the second is -EOPNOTSUPP.
 */
struct xen_domctl_memory_mapping {
	uint64_aligned_t first_gfn;	/* [in] frame of the domain */
	uint64_aligned_t first_mfn;	/* [in] machine frame */
	uint64_aligned_t nr_mfns;	/* [in] frames, > 0 */
	uint32_t add_mapping;		/* [in] DPCI_* */
	uint32_t padding;
};

struct xen_domctl_ioport_mapping {
	uint32_t first_gport;		/* [in] port of the domain */
	uint32_t first_mport;		/* [in] port of the host */
	uint32_t nr_ports;		/* [in] */
	uint32_t add_mapping;		/* [in] DPCI_* */
};

/* A VCPU's machine-check registers. */
struct hvm_vmce_vcpu {
	uint64_t caps;
	uint64_t mci_ctl2_bank0;
	uint64_t mci_ctl2_bank1;
	uint64_t mcg_ext_ctl;
};

/*
 * XEN_DOMCTL_set_ext_vcpucontext, get_ext_vcpucontext: what vcpu_guest_context
 * has no room for.
 */
struct xen_domctl_ext_vcpucontext {
	uint32_t vcpu;			/* [in] */
	uint32_t size;			/* [in] set, [out] get: bytes that count */
	uint64_aligned_t syscall32_callback_eip;	/* CALLBACKTYPE_syscall32 */
	uint64_aligned_t sysenter_callback_eip;		/* CALLBACKTYPE_sysenter */
	uint16_t syscall32_callback_cs;
	uint16_t sysenter_callback_cs;
	uint8_t syscall32_disables_events;	/* boolean */
	uint8_t sysenter_disables_events;	/* boolean */
	union {
		uint64_aligned_t mcg_cap;
		struct hvm_vmce_vcpu vmce;
	};
};

/* XEN_DOMCTL_set_target: this domain serves another (device models). */
struct xen_domctl_set_target {
	domid_t target;			/* [in] */
};

/*
 * XEN_DOMCTL_get_cpu_policy, set_cpu_policy: what CPUID and some MSRs tell the
 * domain. -ENOBUFS: no room. Setting refuses what the host cannot offer, and
 * says which.
 */
struct xen_domctl_cpu_policy {
	uint32_t nr_leaves;		/* [in/out] entries */
	uint32_t nr_msrs;		/* [in/out] entries */
	XEN_GUEST_HANDLE_64(xen_cpuid_leaf_t) leaves;	/* set [in], get [out] */
	XEN_GUEST_HANDLE_64(xen_msr_entry_t) msrs;	/* set [in], get [out] */
	uint32_t err_leaf, err_subleaf, err_msr;	/* [out] at an error */
};
typedef struct xen_domctl_cpu_policy xen_domctl_cpu_policy_t;
DEFINE_XEN_GUEST_HANDLE(xen_domctl_cpu_policy_t);

/*
 * XEN_DOMCTL_subscribe: when the domain shuts down to be suspended, send by this
 * port of the domain's own (its other end waits for it); VIRQ_DOM_EXC is not raised.
 */
struct xen_domctl_subscribe {
	uint32_t port;			/* [in] */
};

struct xen_domctl_debug_op {
	uint32_t op;			/* [in] XEN_DOMCTL_DEBUG_OP_* */
	uint32_t vcpu;			/* [in] */
};

/* XEN_DOMCTL_gdbsx_guestmemio: read or write memory at a virtual address. */
struct xen_domctl_gdbsx_memio {
	uint64_aligned_t pgd3val;	/* [in] level 3 entry to use; 0: CR3 */
	uint64_aligned_t gva;		/* [in] virtual address in the domain */
	uint64_aligned_t uva;		/* [in] buffer of the caller */
	uint32_t len;			/* [in] bytes */
	uint8_t gwr;			/* [in] 1: write */
	uint32_t remain;		/* [out] bytes not done */
};

/* XEN_DOMCTL_gdbsx_pausevcpu, gdbsx_unpausevcpu. */
struct xen_domctl_gdbsx_pauseunp_vcpu {
	uint32_t vcpu;			/* [in] */
};

struct xen_domctl_gdbsx_domstatus {
	uint8_t paused;			/* [out] by its debugger */
	uint32_t vcpu_id;		/* [out] which VCPU stopped; ~0: none */
	uint32_t vcpu_ev;		/* [out] trap that stopped it */
};

/* XEN_DOMCTL_audit_p2m: counts of errors found. */
struct xen_domctl_audit_p2m {
	uint64_t orphans;		/* [out] */
	uint64_t m2p_bad;		/* [out] */
	uint64_t p2m_bad;		/* [out] */
};

/* XEN_DOMCTL_set_virq_handler: this domain gets a global virtual interrupt. */
struct xen_domctl_set_virq_handler {
	uint32_t virq;			/* [in] VIRQ_* */
};

/*
 * XEN_DOMCTL_setvcpuextstate, getvcpuextstate: FPU state as XSAVE has it,
 * preceded by two words: XCR0, and the components used since the VCPU began.
 */
struct xen_domctl_vcpuextstate {
	uint32_t vcpu;			/* [in] */
	uint64_aligned_t xfeature_mask;	/* get [in/out] components */
	uint64_aligned_t size;		/* set [in], get [in/out] bytes */
	XEN_GUEST_HANDLE_64(uint64) buffer;	/* set [in], get [out] */
};

/*
 * XEN_DOMCTL_get_vcpu_msrs, set_vcpu_msrs. Asked with a null handle: how many
 * there may be. -ENOBUFS: no room. At an error in setting, msr_count is the
 * index of the bad one.
 */
struct xen_domctl_vcpu_msr {
	uint32_t index;			/* MSR number */
	uint32_t reserved;		/* 0 */
	uint64_aligned_t value;
};
typedef struct xen_domctl_vcpu_msr xen_domctl_vcpu_msr_t;
DEFINE_XEN_GUEST_HANDLE(xen_domctl_vcpu_msr_t);

struct xen_domctl_vcpu_msrs {
	uint32_t vcpu;			/* [in] */
	uint32_t msr_count;		/* [in/out] entries */
	XEN_GUEST_HANDLE_64(xen_domctl_vcpu_msr_t) msrs;	/* set [in], get [out] */
};

/* XEN_DOMCTL_setvnumainfo: what XENMEM_get_vnumainfo will tell the domain. */
struct xen_domctl_vnuma {
	uint32_t nr_vnodes;		/* [in] > 0 */
	uint32_t nr_vmemranges;		/* [in] */
	uint32_t nr_vcpus;		/* [in] all VCPUs of the domain */
	uint32_t pad;			/* [in] 0 */
	XEN_GUEST_HANDLE_64(uint) vdistance;		/* [in] nr_vnodes squared */
	XEN_GUEST_HANDLE_64(uint) vcpu_to_vnode;	/* [in] */
	XEN_GUEST_HANDLE_64(uint) vnode_to_pnode;	/* [in] */
	XEN_GUEST_HANDLE_64(xen_vmemrange_t) vmemrange;	/* [in] */
};

/* XEN_DOMCTL_get_paging_mempool_size, set_paging_mempool_size. */
struct xen_domctl_paging_mempool {
	uint64_aligned_t size;		/* set [in], get [out] bytes */
};

struct xen_domctl {
	uint32_t cmd;			/* [in] XEN_DOMCTL_* */
	uint32_t interface_version;	/* [in] XEN_DOMCTL_INTERFACE_VERSION */
	domid_t domain;			/* [in], or [in/out] where said */
	uint16_t _pad[3];
	union {
		struct xen_domctl_createdomain createdomain;
		struct xen_domctl_getdomaininfo getdomaininfo;
		struct xen_domctl_getpageframeinfo3 getpageframeinfo3;
		struct xen_domctl_nodeaffinity nodeaffinity;
		struct xen_domctl_vcpuaffinity vcpuaffinity;
		struct xen_domctl_shadow_op shadow_op;
		struct xen_domctl_max_mem max_mem;
		struct xen_domctl_vcpucontext vcpucontext;
		struct xen_domctl_getvcpuinfo getvcpuinfo;
		struct xen_domctl_max_vcpus max_vcpus;
		struct xen_domctl_scheduler_op scheduler_op;
		struct xen_domctl_setdomainhandle setdomainhandle;
		struct xen_domctl_setdebugging setdebugging;
		struct xen_domctl_irq_permission irq_permission;
		struct xen_domctl_iomem_permission iomem_permission;
		struct xen_domctl_ioport_permission ioport_permission;
		struct xen_domctl_hypercall_init hypercall_init;
		struct xen_domctl_settimeoffset settimeoffset;
		struct xen_domctl_tsc_info tsc_info;
		struct xen_domctl_address_size address_size;
		struct xen_domctl_sendtrigger sendtrigger;
		struct xen_domctl_get_device_group get_device_group;
		struct xen_domctl_assign_device assign_device;
		struct xen_domctl_memory_mapping memory_mapping;
		struct xen_domctl_ioport_mapping ioport_mapping;
		struct xen_domctl_ext_vcpucontext ext_vcpucontext;
		struct xen_domctl_set_target set_target;
		struct xen_domctl_subscribe subscribe;
		struct xen_domctl_debug_op debug_op;
		struct xen_domctl_cpu_policy cpu_policy;
		struct xen_domctl_vcpuextstate vcpuextstate;
		struct xen_domctl_vcpu_msrs vcpu_msrs;
		struct xen_domctl_audit_p2m audit_p2m;
		struct xen_domctl_set_virq_handler set_virq_handler;
		struct xen_domctl_gdbsx_memio gdbsx_guest_memio;
		struct xen_domctl_gdbsx_pauseunp_vcpu gdbsx_pauseunp_vcpu;
		struct xen_domctl_gdbsx_domstatus gdbsx_domstatus;
		struct xen_domctl_vnuma vnuma;
		struct xen_domctl_paging_mempool paging_mempool;
		uint8_t pad[128];	/* the size of all */
	} u;
};
typedef struct xen_domctl xen_domctl_t;
DEFINE_XEN_GUEST_HANDLE(xen_domctl_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_DOMCTL_H__ */

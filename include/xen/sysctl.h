/* SPDX-License-Identifier: MIT */
/*
 * Control of the host, for tools in domain 0.
 *
 * int sysctl(struct xen_sysctl *op). The structure is copied back when the call
 * succeeds. Tools and hypervisor must have the same
 * XEN_SYSCTL_INTERFACE_VERSION (-EACCES if not).
 *
 * Errors of all: -EPERM, the caller is not privileged; -ENOSYS or -EOPNOTSUPP,
 * no such command, or not on this host; -EINVAL, an operand is out of range.
 *
 * Structures of commands for live patches, coverage and processor resource
 * monitoring are left out; the numbers are all here.
 */
#ifndef __XEN_PUBLIC_SYSCTL_H__
#define __XEN_PUBLIC_SYSCTL_H__

#include "xen.h"
#include "domctl.h"
#include "physdev.h"

#define XEN_SYSCTL_INTERFACE_VERSION		0x00000015

#define XEN_SYSCTL_readconsole			1
#define XEN_SYSCTL_tbuf_op			2
#define XEN_SYSCTL_physinfo			3
#define XEN_SYSCTL_sched_id			4
#define XEN_SYSCTL_perfc_op			5
#define XEN_SYSCTL_getdomaininfolist		6
#define XEN_SYSCTL_debug_keys			7
#define XEN_SYSCTL_getcpuinfo			8
#define XEN_SYSCTL_availheap			9
#define XEN_SYSCTL_get_pmstat			10
#define XEN_SYSCTL_cpu_hotplug			11
#define XEN_SYSCTL_pm_op			12
#define XEN_SYSCTL_page_offline_op		14
#define XEN_SYSCTL_lockprof_op			15
#define XEN_SYSCTL_cputopoinfo			16
#define XEN_SYSCTL_numainfo			17
#define XEN_SYSCTL_cpupool_op			18
#define XEN_SYSCTL_scheduler_op			19
#define XEN_SYSCTL_coverage_op			20
#define XEN_SYSCTL_psr_cmt_op			21
#define XEN_SYSCTL_pcitopoinfo			22
#define XEN_SYSCTL_psr_alloc			23
#define XEN_SYSCTL_get_cpu_levelling_caps	25
#define XEN_SYSCTL_get_cpu_featureset		26
#define XEN_SYSCTL_livepatch_op			27
#define XEN_SYSCTL_get_cpu_policy		29

/* xen_sysctl_tbuf_op.cmd */
#define XEN_SYSCTL_TBUFOP_get_info	0	/* where the buffers are */
#define XEN_SYSCTL_TBUFOP_set_cpu_mask	1	/* CPUs to trace */
#define XEN_SYSCTL_TBUFOP_set_evt_mask	2	/* events to trace, TRC_* */
#define XEN_SYSCTL_TBUFOP_set_size	3	/* once; -EINVAL: set already */
#define XEN_SYSCTL_TBUFOP_enable	4
#define XEN_SYSCTL_TBUFOP_disable	5

/* xen_sysctl_physinfo.capabilities */
#define _XEN_SYSCTL_PHYSCAP_hvm		0	/* HVM guests */
#define XEN_SYSCTL_PHYSCAP_hvm		(1u << _XEN_SYSCTL_PHYSCAP_hvm)
#define _XEN_SYSCTL_PHYSCAP_pv		1	/* PV guests */
#define XEN_SYSCTL_PHYSCAP_pv		(1u << _XEN_SYSCTL_PHYSCAP_pv)
#define _XEN_SYSCTL_PHYSCAP_directio	2	/* IOMMU */
#define XEN_SYSCTL_PHYSCAP_directio	(1u << _XEN_SYSCTL_PHYSCAP_directio)
#define _XEN_SYSCTL_PHYSCAP_hap		3	/* HVM: paging in hardware */
#define XEN_SYSCTL_PHYSCAP_hap		(1u << _XEN_SYSCTL_PHYSCAP_hap)
#define _XEN_SYSCTL_PHYSCAP_shadow	4	/* HVM: paging in software */
#define XEN_SYSCTL_PHYSCAP_shadow	(1u << _XEN_SYSCTL_PHYSCAP_shadow)
#define _XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share	5	/* HVM: with the IOMMU */
#define XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share	\
	(1u << _XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share)
#define XEN_SYSCTL_PHYSCAP_vmtrace	(1u << 6)	/* HVM: processor trace */
#define XEN_SYSCTL_PHYSCAP_vpmu		(1u << 7)	/* performance counters */
#define XEN_SYSCTL_PHYSCAP_gnttab_v1	(1u << 8)	/* grant entries, version 1 */
#define XEN_SYSCTL_PHYSCAP_gnttab_v2	(1u << 9)	/* and version 2 */
#define XEN_SYSCTL_PHYSCAP_MAX		XEN_SYSCTL_PHYSCAP_gnttab_v2

/* xen_sysctl_perfc_op.cmd */
#define XEN_SYSCTL_PERFCOP_reset	1
#define XEN_SYSCTL_PERFCOP_query	2

/* xen_sysctl_get_pmstat.type: of performance (P) or idle (C) states */
#define PMSTAT_CATEGORY_MASK		0xf0
#define PMSTAT_PX			0x10
#define PMSTAT_CX			0x20
#define PMSTAT_get_max_px		(PMSTAT_PX | 0x1)
#define PMSTAT_get_pxstat		(PMSTAT_PX | 0x2)
#define PMSTAT_reset_pxstat		(PMSTAT_PX | 0x3)
#define PMSTAT_get_max_cx		(PMSTAT_CX | 0x1)
#define PMSTAT_get_cxstat		(PMSTAT_CX | 0x2)
#define PMSTAT_reset_cxstat		(PMSTAT_CX | 0x3)

/* xen_sysctl_cpu_hotplug.op: one CPU, or all second threads of cores */
#define XEN_SYSCTL_CPU_HOTPLUG_ONLINE		0
#define XEN_SYSCTL_CPU_HOTPLUG_OFFLINE		1
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_ENABLE	2
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE	3

/* xen_sysctl_pm_op.cmd, and xen_set_cpufreq_para.ctrl_type */
#define PM_PARA_CATEGORY_MASK		0xf0
#define CPUFREQ_PARA			0x10
#define GET_CPUFREQ_PARA		(CPUFREQ_PARA | 0x01)
#define SET_CPUFREQ_GOV			(CPUFREQ_PARA | 0x02)
#define SET_CPUFREQ_PARA		(CPUFREQ_PARA | 0x03)
#define GET_CPUFREQ_AVGFREQ		(CPUFREQ_PARA | 0x04)
#define XEN_SYSCTL_pm_op_set_sched_opt_smt		0x21
#define XEN_SYSCTL_pm_op_get_max_cstate			0x22
#define XEN_SYSCTL_pm_op_set_max_cstate			0x23
#define XEN_SYSCTL_pm_op_set_vcpu_migration_delay	0x24
#define XEN_SYSCTL_pm_op_get_vcpu_migration_delay	0x25
#define XEN_SYSCTL_pm_op_enable_turbo			0x26
#define XEN_SYSCTL_pm_op_disable_turbo			0x27
#define XEN_SYSCTL_CX_UNLIMITED		0xffffffff
#define SCALING_MAX_FREQ		1
#define SCALING_MIN_FREQ		2
#define SCALING_SETSPEED		3
#define SAMPLING_RATE			4
#define UP_THRESHOLD			5
#define CPUFREQ_NAME_LEN		16

/* xen_sysctl_page_offline_op.cmd */
#define sysctl_page_offline		1
#define sysctl_page_online		2
#define sysctl_query_page_offline	3

/* What it returns of a frame: a result, then with "failed" why, and the owner. */
#define PG_OFFLINE_STATUS_MASK		(0xFFUL)
#define PG_OFFLINE_INVALID		(0x1UL << 0)	/* no such frame */
#define PG_OFFLINE_OFFLINED		(0x1UL << 1)
#define PG_OFFLINE_PENDING		(0x1UL << 2)	/* when it becomes free */
#define PG_OFFLINE_FAILED		(0x1UL << 3)
#define PG_OFFLINE_AGAIN		(0x1UL << 4)
#define PG_ONLINE_FAILED		PG_OFFLINE_FAILED
#define PG_ONLINE_ONLINED		PG_OFFLINE_OFFLINED
#define PG_OFFLINE_STATUS_OFFLINED	(0x1UL << 1)	/* a query's result */
#define PG_OFFLINE_STATUS_ONLINE	(0x1UL << 2)
#define PG_OFFLINE_STATUS_OFFLINE_PENDING	(0x1UL << 3)
#define PG_OFFLINE_STATUS_BROKEN	(0x1UL << 4)
#define PG_OFFLINE_MISC_MASK		(0xFFUL << 4)
#define PG_OFFLINE_XENPAGE		(0x1UL << 8)	/* the hypervisor's */
#define PG_OFFLINE_DOM0PAGE		(0x1UL << 9)	/* domain 0's */
#define PG_OFFLINE_ANONYMOUS		(0x1UL << 10)	/* nobody's, but in use */
#define PG_OFFLINE_NOT_CONV_RAM		(0x1UL << 11)	/* not RAM */
#define PG_OFFLINE_OWNED		(0x1UL << 12)	/* a domain's */
#define PG_OFFLINE_BROKEN		(0x1UL << 13)	/* bad memory */
#define PG_ONLINE_BROKEN		PG_OFFLINE_BROKEN
#define PG_OFFLINE_OWNER_SHIFT		16

/* xen_sysctl_lockprof_op.cmd, and xen_sysctl_lockprof_data.type */
#define XEN_SYSCTL_LOCKPROF_reset	1
#define XEN_SYSCTL_LOCKPROF_query	2
#define LOCKPROF_TYPE_GLOBAL		0
#define LOCKPROF_TYPE_PERDOM		1	/* idx is the domain */
#define LOCKPROF_TYPE_N			2

/* Numbers that say "not known". */
#define XEN_INVALID_CORE_ID		(~0U)
#define XEN_INVALID_SOCKET_ID		(~0U)
#define XEN_INVALID_NODE_ID		(~0U)
#define XEN_INVALID_MEM_SZ		(~0U)
#define XEN_INVALID_NODE_DIST		(~0U)
#define XEN_INVALID_DEV			(XEN_INVALID_NODE_ID - 1)

/* xen_sysctl_cpupool_op.op */
#define XEN_SYSCTL_CPUPOOL_OP_CREATE		1
#define XEN_SYSCTL_CPUPOOL_OP_DESTROY		2
#define XEN_SYSCTL_CPUPOOL_OP_INFO		3
#define XEN_SYSCTL_CPUPOOL_OP_ADDCPU		4
#define XEN_SYSCTL_CPUPOOL_OP_RMCPU		5
#define XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN	6
#define XEN_SYSCTL_CPUPOOL_OP_FREEINFO		7
#define XEN_SYSCTL_CPUPOOL_PAR_ANY		0xFFFFFFFF

/* xen_sysctl_scheduler_op.cmd, and limits of parameters */
#define XEN_SYSCTL_SCHEDOP_putinfo		0
#define XEN_SYSCTL_SCHEDOP_getinfo		1
#define ARINC653_MAX_DOMAINS_PER_SCHEDULE	64
#define XEN_SYSCTL_SCHED_RATELIMIT_MAX		500000	/* microseconds */
#define XEN_SYSCTL_SCHED_RATELIMIT_MIN		100
#define XEN_SYSCTL_CSCHED_TSLICE_MAX		1000	/* milliseconds */
#define XEN_SYSCTL_CSCHED_TSLICE_MIN		1
#define XEN_SYSCTL_CSCHED_MGR_DLY_MAX_US	(100 * 1000)

/* xen_sysctl_cpu_levelling_caps.caps: leaves that can be changed for PV guests */
#define XEN_SYSCTL_CPU_LEVELCAP_faulting	(1ul << 0)	/* all: CPUID traps */
#define XEN_SYSCTL_CPU_LEVELCAP_ecx		(1ul << 1)	/* 1 */
#define XEN_SYSCTL_CPU_LEVELCAP_edx		(1ul << 2)
#define XEN_SYSCTL_CPU_LEVELCAP_extd_ecx	(1ul << 3)	/* 0x80000001 */
#define XEN_SYSCTL_CPU_LEVELCAP_extd_edx	(1ul << 4)
#define XEN_SYSCTL_CPU_LEVELCAP_xsave_eax	(1ul << 5)	/* 13, 1 */
#define XEN_SYSCTL_CPU_LEVELCAP_thermal_ecx	(1ul << 6)	/* 6 */
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_eax	(1ul << 7)	/* 7, 0 */
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_ebx	(1ul << 8)

/* xen_sysctl_cpu_featureset.index, xen_sysctl_cpu_policy.index */
#define XEN_SYSCTL_cpu_featureset_raw		0	/* of the CPU */
#define XEN_SYSCTL_cpu_featureset_host		1	/* in use by the hypervisor */
#define XEN_SYSCTL_cpu_featureset_pv		2	/* for guests, as is usual */
#define XEN_SYSCTL_cpu_featureset_hvm		3
#define XEN_SYSCTL_cpu_featureset_pv_max	4	/* for guests, at most */
#define XEN_SYSCTL_cpu_featureset_hvm_max	5
#define XEN_SYSCTL_cpu_policy_raw		0
#define XEN_SYSCTL_cpu_policy_host		1
#define XEN_SYSCTL_cpu_policy_pv_max		2
#define XEN_SYSCTL_cpu_policy_hvm_max		3
#define XEN_SYSCTL_cpu_policy_pv_default	4
#define XEN_SYSCTL_cpu_policy_hvm_default	5

#ifndef __ASSEMBLY__

/* XEN_SYSCTL_readconsole: what the hypervisor has printed. */
struct xen_sysctl_readconsole {
	uint8_t clear;			/* [in] boolean: forget it then */
	uint8_t incremental;		/* [in] boolean: begin at index */
	uint8_t pad0, pad1;
	uint32_t index;			/* [in/out] where to begin, to go on */
	XEN_GUEST_HANDLE_64(char) buffer;	/* [out] */
	uint32_t count;			/* [in] room, [out] bytes */
};

/* XEN_SYSCTL_tbuf_op: trace buffers (trace.h). */
struct xen_sysctl_tbuf_op {
	uint32_t cmd;			/* [in] XEN_SYSCTL_TBUFOP_* */
	struct xenctl_bitmap cpu_mask;	/* [in] */
	uint32_t evt_mask;		/* [in], get_info [out] */
	uint64_aligned_t buffer_mfn;	/* [out] machine frame of t_info */
	uint32_t size;			/* set [in] frames, get [out] bytes */
};

/* XEN_SYSCTL_physinfo: the host. */
struct xen_sysctl_physinfo {
	uint32_t threads_per_core;	/* [out] */
	uint32_t cores_per_socket;	/* [out] */
	uint32_t nr_cpus;		/* [out] on line */
	uint32_t max_cpu_id;		/* [out] highest possible */
	uint32_t nr_nodes;		/* [out] on line */
	uint32_t max_node_id;		/* [out] highest possible */
	uint32_t cpu_khz;		/* [out] */
	uint32_t capabilities;		/* [out] XEN_SYSCTL_PHYSCAP_* */
	uint32_t arch_capabilities;	/* [out] 0 */
	uint32_t pad;
	uint64_aligned_t total_pages;	/* [out] frames of RAM */
	uint64_aligned_t free_pages;	/* [out] frames */
	uint64_aligned_t scrub_pages;	/* [out] frames free but not clean yet */
	uint64_aligned_t outstanding_pages;	/* [out] frames claimed */
	uint64_aligned_t max_mfn;	/* [out] highest machine frame */
	uint32_t hw_cap[8];		/* [out] CPUID feature words */
};

struct xen_sysctl_sched_id {
	uint32_t sched_id;		/* [out] XEN_SCHEDULER_* */
};

/*
 * XEN_SYSCTL_perfc_op: counters. Asked with null handles: how many. The values
 * of all counters follow each other in val.
 */
struct xen_sysctl_perfc_desc {
	char name[80];			/* [out] */
	uint32_t nr_vals;		/* [out] */
};
typedef struct xen_sysctl_perfc_desc xen_sysctl_perfc_desc_t;
DEFINE_XEN_GUEST_HANDLE(xen_sysctl_perfc_desc_t);
typedef uint32_t xen_sysctl_perfc_val_t;
DEFINE_XEN_GUEST_HANDLE(xen_sysctl_perfc_val_t);

struct xen_sysctl_perfc_op {
	uint32_t cmd;			/* [in] XEN_SYSCTL_PERFCOP_* */
	uint32_t nr_counters;		/* [out] */
	uint32_t nr_vals;		/* [out] */
	XEN_GUEST_HANDLE_64(xen_sysctl_perfc_desc_t) desc;	/* [out] */
	XEN_GUEST_HANDLE_64(xen_sysctl_perfc_val_t) val;	/* [out] */
};

struct xen_sysctl_getdomaininfolist {
	domid_t first_domain;		/* [in] that, and higher */
	uint32_t max_domains;		/* [in] room */
	XEN_GUEST_HANDLE_64(xen_domctl_getdomaininfo_t) buffer;	/* [out] */
	uint32_t num_domains;		/* [out] entries */
};

/* XEN_SYSCTL_debug_keys: as if typed at the hypervisor's console. */
struct xen_sysctl_debug_keys {
	XEN_GUEST_HANDLE_64(const_char) keys;	/* [in] */
	uint32_t nr_keys;		/* [in] bytes */
};

struct xen_sysctl_cpuinfo {
	uint64_aligned_t idletime;	/* [out] ns */
};
typedef struct xen_sysctl_cpuinfo xen_sysctl_cpuinfo_t;
DEFINE_XEN_GUEST_HANDLE(xen_sysctl_cpuinfo_t);

struct xen_sysctl_getcpuinfo {
	uint32_t max_cpus;		/* [in] room */
	XEN_GUEST_HANDLE_64(xen_sysctl_cpuinfo_t) info;	/* [out] by CPU */
	uint32_t nr_cpus;		/* [out] entries */
};

/* XEN_SYSCTL_availheap: free memory of a kind. */
struct xen_sysctl_availheap {
	uint32_t min_bitwidth;		/* [in] address bits; 0: no matter */
	uint32_t max_bitwidth;		/* [in] address bits; 0: no matter */
	int32_t node;			/* [in] NUMA node; -1: all */
	uint64_aligned_t avail_bytes;	/* [out] */
};

/* XEN_SYSCTL_get_pmstat: how CPUs used their power states. */
struct pm_px_val {
	uint64_aligned_t freq;		/* MHz */
	uint64_aligned_t residency;	/* ns */
	uint64_aligned_t count;		/* times entered */
};
typedef struct pm_px_val pm_px_val_t;
DEFINE_XEN_GUEST_HANDLE(pm_px_val_t);

struct pm_px_stat {
	uint8_t total;			/* [in] room; [out] states */
	uint8_t usable;			/* [out] states allowed */
	uint8_t last;			/* [out] state before */
	uint8_t cur;			/* [out] state now */
	XEN_GUEST_HANDLE_64(uint64) trans_pt;	/* [out] times, from * total + to */
	XEN_GUEST_HANDLE_64(pm_px_val_t) pt;	/* [out] by state */
};

struct pm_cx_stat {
	uint32_t nr;			/* [in] room; [out] states with C0 */
	uint32_t last;			/* [out] state before */
	uint64_aligned_t idle_time;	/* [out] ns since boot */
	XEN_GUEST_HANDLE_64(uint64) triggers;		/* [out] times entered */
	XEN_GUEST_HANDLE_64(uint64) residencies;	/* [out] ns */
	uint32_t nr_pc;			/* [in] room; [out] entries of pc */
	uint32_t nr_cc;			/* [in] room; [out] entries of cc */
	/*
	 * The CPU's own counters for packages and cores, [0] for state 1. What
	 * it does not have is not written: fill in something before.
	 */
	XEN_GUEST_HANDLE_64(uint64) pc;
	XEN_GUEST_HANDLE_64(uint64) cc;
};

struct xen_sysctl_get_pmstat {
	uint32_t type;			/* [in] PMSTAT_* */
	uint32_t cpuid;			/* [in] physical CPU */
	union {
		struct pm_px_stat getpx;
		struct pm_cx_stat getcx;
	} u;
};

/* XEN_SYSCTL_cpu_hotplug. -EBUSY: it cannot be taken off line now. */
struct xen_sysctl_cpu_hotplug {
	uint32_t cpu;			/* [in] physical CPU */
	uint32_t op;			/* [in] XEN_SYSCTL_CPU_HOTPLUG_* */
};

/* XEN_SYSCTL_pm_op: CPU frequencies and idle states. Frequencies are in kHz. */
struct xen_userspace {
	uint32_t scaling_setspeed;
};

struct xen_ondemand {
	uint32_t sampling_rate_max;	/* microseconds */
	uint32_t sampling_rate_min;	/* microseconds */
	uint32_t sampling_rate;		/* microseconds */
	uint32_t up_threshold;		/* percent */
};

struct xen_get_cpufreq_para {
	uint32_t cpu_num;		/* [in/out] entries of affected_cpus */
	uint32_t freq_num;		/* [in/out] entries of frequencies */
	uint32_t gov_num;		/* [in/out] names of governors */
	XEN_GUEST_HANDLE_64(uint32) affected_cpus;		/* [out] */
	XEN_GUEST_HANDLE_64(uint32) scaling_available_frequencies;	/* [out] */
	XEN_GUEST_HANDLE_64(char) scaling_available_governors;	/* [out] */
	char scaling_driver[CPUFREQ_NAME_LEN];
	uint32_t cpuinfo_cur_freq;
	uint32_t cpuinfo_max_freq;
	uint32_t cpuinfo_min_freq;
	uint32_t scaling_cur_freq;
	char scaling_governor[CPUFREQ_NAME_LEN];
	uint32_t scaling_max_freq;
	uint32_t scaling_min_freq;
	union {				/* by governor */
		struct xen_userspace userspace;
		struct xen_ondemand ondemand;
	} u;
	int32_t turbo_enabled;
};

struct xen_set_cpufreq_gov {
	char scaling_governor[CPUFREQ_NAME_LEN];	/* [in] */
};

struct xen_set_cpufreq_para {
	uint32_t ctrl_type;		/* [in] SCALING_*, SAMPLING_RATE... */
	uint32_t ctrl_value;		/* [in] */
};

struct xen_sysctl_pm_op {
	uint32_t cmd;			/* [in] */
	uint32_t cpuid;			/* [in] CPU; *_max_cstate: 1 for substates */
	union {
		struct xen_get_cpufreq_para get_para;
		struct xen_set_cpufreq_gov set_gov;
		struct xen_set_cpufreq_para set_para;
		uint64_aligned_t get_avgfreq;	/* [out] */
		uint32_t set_sched_opt_smt;	/* [in] new, [out] old */
		uint32_t get_max_cstate;	/* [out] */
		uint32_t set_max_cstate;	/* [in] or XEN_SYSCTL_CX_UNLIMITED */
	} u;
};

/* XEN_SYSCTL_page_offline_op: stop using frames of bad memory. */
struct xen_sysctl_page_offline_op {
	uint32_t cmd;			/* [in] sysctl_*page_* */
	uint32_t start;			/* [in] first machine frame */
	uint32_t end;			/* [in] last, inclusive */
	XEN_GUEST_HANDLE(uint32) status;	/* [out] PG_* of each */
};

/* XEN_SYSCTL_lockprof_op: what spin locks cost, in builds that measure it. */
struct xen_sysctl_lockprof_data {
	char name[40];			/* [out] %d in it stands for idx */
	int32_t type;			/* [out] LOCKPROF_TYPE_* */
	int32_t idx;			/* [out] */
	uint64_aligned_t lock_cnt;	/* [out] times taken */
	uint64_aligned_t block_cnt;	/* [out] times waited for */
	uint64_aligned_t lock_time;	/* [out] ns held */
	uint64_aligned_t block_time;	/* [out] ns waited */
};
typedef struct xen_sysctl_lockprof_data xen_sysctl_lockprof_data_t;
DEFINE_XEN_GUEST_HANDLE(xen_sysctl_lockprof_data_t);

struct xen_sysctl_lockprof_op {
	uint32_t cmd;			/* [in] XEN_SYSCTL_LOCKPROF_* */
	uint32_t max_elem;		/* [in] room */
	uint32_t nr_elem;		/* [out] locks */
	uint64_aligned_t time;		/* [out] ns measured */
	XEN_GUEST_HANDLE_64(xen_sysctl_lockprof_data_t) data;	/* [out] */
};

/* XEN_SYSCTL_cputopoinfo. Asked with a null handle: how many CPUs. */
struct xen_sysctl_cputopo {
	uint32_t core;
	uint32_t socket;
	uint32_t node;
};
typedef struct xen_sysctl_cputopo xen_sysctl_cputopo_t;
DEFINE_XEN_GUEST_HANDLE(xen_sysctl_cputopo_t);

struct xen_sysctl_cputopoinfo {
	uint32_t num_cpus;		/* [in] room, [out] entries */
	XEN_GUEST_HANDLE_64(xen_sysctl_cputopo_t) cputopo;	/* [out] by CPU */
};

/* XEN_SYSCTL_numainfo. Asked with null handles: how many nodes. */
struct xen_sysctl_meminfo {
	uint64_t memsize;		/* bytes */
	uint64_t memfree;		/* bytes */
};
typedef struct xen_sysctl_meminfo xen_sysctl_meminfo_t;
DEFINE_XEN_GUEST_HANDLE(xen_sysctl_meminfo_t);

struct xen_sysctl_numainfo {
	uint32_t num_nodes;		/* [in] room, [out] entries */
	XEN_GUEST_HANDLE_64(xen_sysctl_meminfo_t) meminfo;	/* [out] by node */
	/* [out] from node i to j at i * num_nodes + j, num_nodes as it comes back */
	XEN_GUEST_HANDLE_64(uint32) distance;
};

/*
 * XEN_SYSCTL_cpupool_op: sets of CPUs with a scheduler each. -ENOENT: no such
 * pool. -EEXIST: (create) it exists. -EBUSY: domains are in it. -ENODEV: the CPU
 * is not free (add) or not in the pool (remove). -EAGAIN: the CPU is busy, try
 * again; until then -EADDRNOTAVAIL for others. -EADDRINUSE: a VCPU is pinned to
 * the CPU.
 */
struct xen_sysctl_cpupool_op {
	uint32_t op;			/* [in] XEN_SYSCTL_CPUPOOL_OP_* */
	uint32_t cpupool_id;		/* [in]; create and info [out] */
	uint32_t sched_id;		/* create [in], info [out] */
	uint32_t domid;			/* movedomain [in] */
	uint32_t cpu;			/* addcpu, rmcpu [in]; PAR_ANY: any */
	uint32_t n_dom;			/* info [out] domains in it */
	struct xenctl_bitmap cpumap;	/* info, freeinfo [out] */
};

/* XEN_SYSCTL_scheduler_op: parameters of a whole scheduler. */
struct xen_sysctl_arinc653_schedule {
	uint64_aligned_t major_frame;	/* ns */
	uint8_t num_sched_entries;
	struct {
		xen_domain_handle_t dom_handle;	/* UUID of the domain */
		uint32_t vcpu_id;
		uint64_aligned_t runtime;	/* ns of each major frame */
	} sched_entries[ARINC653_MAX_DOMAINS_PER_SCHEDULE];
};
typedef struct xen_sysctl_arinc653_schedule xen_sysctl_arinc653_schedule_t;
DEFINE_XEN_GUEST_HANDLE(xen_sysctl_arinc653_schedule_t);

struct xen_sysctl_credit_schedule {
	uint32_t tslice_ms;		/* time slice */
	uint32_t ratelimit_us;		/* shortest time before preemption */
	uint32_t vcpu_migr_delay_us;	/* how long a cache stays warm */
};

struct xen_sysctl_credit2_schedule {
	uint32_t ratelimit_us;
};

struct xen_sysctl_scheduler_op {
	uint32_t cpupool_id;		/* [in] */
	uint32_t sched_id;		/* [in] the one in use there */
	uint32_t cmd;			/* [in] XEN_SYSCTL_SCHEDOP_* */
	union {				/* put [in], get [out] */
		struct xen_sysctl_sched_arinc653 {
			XEN_GUEST_HANDLE_64(xen_sysctl_arinc653_schedule_t) schedule;
		} sched_arinc653;
		struct xen_sysctl_credit_schedule sched_credit;
		struct xen_sysctl_credit2_schedule sched_credit2;
	} u;
};

/* XEN_SYSCTL_pcitopoinfo: NUMA nodes of devices. */
struct xen_sysctl_pcitopoinfo {
	uint32_t num_devs;		/* [in] entries, [out] done */
	XEN_GUEST_HANDLE_64(physdev_pci_device_t) devs;	/* [in] */
	XEN_GUEST_HANDLE_64(uint32) nodes;	/* [out] or XEN_INVALID_* */
};

struct xen_sysctl_cpu_levelling_caps {
	uint32_t caps;			/* [out] XEN_SYSCTL_CPU_LEVELCAP_* */
};

/*
 * XEN_SYSCTL_get_cpu_featureset: feature bits, in words in an order of Xen's own
 * (1.EDX, 1.ECX, 80000001.EDX, 80000001.ECX, 13.1.EAX, 7.0.EBX, 7.0.ECX, ...).
 * Asked with a null handle: how many words.
 */
struct xen_sysctl_cpu_featureset {
	uint32_t index;			/* [in] XEN_SYSCTL_cpu_featureset_* */
	uint32_t nr_features;		/* [in] room, [out] words */
	XEN_GUEST_HANDLE_64(uint32) features;	/* [out] */
};

/* XEN_SYSCTL_get_cpu_policy. -ENOBUFS: no room. Null handles: how many. */
struct xen_sysctl_cpu_policy {
	uint32_t index;			/* [in] XEN_SYSCTL_cpu_policy_* */
	uint32_t nr_leaves;		/* [in] room, [out] entries */
	uint32_t nr_msrs;		/* [in] room, [out] entries */
	uint32_t _rsvd;			/* [in] 0 */
	XEN_GUEST_HANDLE_64(xen_cpuid_leaf_t) leaves;	/* [out] */
	XEN_GUEST_HANDLE_64(xen_msr_entry_t) msrs;	/* [out] */
};
typedef struct xen_sysctl_cpu_policy xen_sysctl_cpu_policy_t;
DEFINE_XEN_GUEST_HANDLE(xen_sysctl_cpu_policy_t);

/* The state of a live patch: a type that Xen's client libraries name. */
#define LIVEPATCH_STATE_CHECKED		1	/* loaded */
#define LIVEPATCH_STATE_APPLIED		2	/* in effect */

struct xen_livepatch_status {
	uint32_t state;			/* [out] LIVEPATCH_STATE_* */
	int32_t rc;			/* [out] of the last action: 0 or -errno */
};
typedef struct xen_livepatch_status xen_livepatch_status_t;
DEFINE_XEN_GUEST_HANDLE(xen_livepatch_status_t);

struct xen_sysctl {
	uint32_t cmd;			/* [in] XEN_SYSCTL_* */
	uint32_t interface_version;	/* [in] XEN_SYSCTL_INTERFACE_VERSION */
	union {
		struct xen_sysctl_readconsole readconsole;
		struct xen_sysctl_tbuf_op tbuf_op;
		struct xen_sysctl_physinfo physinfo;
		struct xen_sysctl_cputopoinfo cputopoinfo;
		struct xen_sysctl_pcitopoinfo pcitopoinfo;
		struct xen_sysctl_numainfo numainfo;
		struct xen_sysctl_sched_id sched_id;
		struct xen_sysctl_perfc_op perfc_op;
		struct xen_sysctl_getdomaininfolist getdomaininfolist;
		struct xen_sysctl_debug_keys debug_keys;
		struct xen_sysctl_getcpuinfo getcpuinfo;
		struct xen_sysctl_availheap availheap;
		struct xen_sysctl_get_pmstat get_pmstat;
		struct xen_sysctl_cpu_hotplug cpu_hotplug;
		struct xen_sysctl_pm_op pm_op;
		struct xen_sysctl_page_offline_op page_offline;
		struct xen_sysctl_lockprof_op lockprof_op;
		struct xen_sysctl_cpupool_op cpupool_op;
		struct xen_sysctl_scheduler_op scheduler_op;
		struct xen_sysctl_cpu_levelling_caps cpu_levelling_caps;
		struct xen_sysctl_cpu_featureset cpu_featureset;
		struct xen_sysctl_cpu_policy cpu_policy;
		uint8_t pad[128];	/* the size of all */
	} u;
};
typedef struct xen_sysctl xen_sysctl_t;
DEFINE_XEN_GUEST_HANDLE(xen_sysctl_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_SYSCTL_H__ */

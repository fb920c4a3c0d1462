/* SPDX-License-Identifier: MIT */
/*
 * Machine checks: errors that the hardware reports of itself.
 *
 * int mca(struct xen_mc *op), domain 0 only. VIRQ_MCA tells that there is
 * something to fetch. A fetch returns one struct mc_info and a number; the report
 * stays with the hypervisor until a second fetch acknowledges that number.
 *
 * -EPERM: not domain 0; -EACCES: interface_version is not
 * XEN_MCA_INTERFACE_VERSION; -EINVAL: no such command, or an operand is out of
 * range; -EFAULT: op or what it points to cannot be read or written.
 */
#ifndef __XEN_PUBLIC_ARCH_X86_MCA_H__
#define __XEN_PUBLIC_ARCH_X86_MCA_H__

#include "../xen.h"

#define __HYPERVISOR_mca		__HYPERVISOR_arch_0

#define XEN_MCA_INTERFACE_VERSION	0x01ecc003

#define XEN_MC_fetch			1
#define XEN_MC_notifydomain		2
#define XEN_MC_physcpuinfo		3
#define XEN_MC_msrinject		4
#define XEN_MC_mceinject		5
#define XEN_MC_inject_v2		6

/* xen_mc_fetch.flags, in: one of the first two, and perhaps the third. */
#define XEN_MC_NONURGENT		0x0001	/* what was corrected */
#define XEN_MC_URGENT			0x0002	/* what was not */
#define XEN_MC_ACK			0x0004	/* fetch_id has been dealt with */
/* Out, there and in xen_mc_notifydomain. */
#define XEN_MC_OK			0x0
#define XEN_MC_FETCHFAILED		0x1
#define XEN_MC_NODATA			0x2	/* nothing there */
#define XEN_MC_NOMATCH			0x4	/* not what VIRQ_MCA was about */
#define XEN_MC_CANNOTHANDLE		0x8	/* the guest has no handler */
#define XEN_MC_NOTDELIVERED		0x10	/* not now */

#define XEN_MC_VCPUID_INVALID		0xffff	/* in any mc_vcpuid */

/* mcinfo_common.type */
#define MC_TYPE_GLOBAL			0
#define MC_TYPE_BANK			1
#define MC_TYPE_EXTENDED		2
#define MC_TYPE_RECOVERY		3

/* mcinfo_global.mc_flags: how bad, and how it was found */
#define MC_FLAG_CORRECTABLE		(1 << 0)
#define MC_FLAG_UNCORRECTABLE		(1 << 1)
#define MC_FLAG_RECOVERABLE		(1 << 2)
#define MC_FLAG_POLLED			(1 << 3)
#define MC_FLAG_RESET			(1 << 4)	/* before the last reset */
#define MC_FLAG_CMCI			(1 << 5)
#define MC_FLAG_MCE			(1 << 6)

/* mcinfo_recovery.action_flags: what came of it */
#define REC_ACTION_RECOVERED		(0x1 << 0)
#define REC_ACTION_NONE			(0x1 << 1)	/* nothing was tried */
#define REC_ACTION_NEED_RESET		(0x1 << 2)
/* mcinfo_recovery.action_types: what was tried */
#define MC_ACTION_PAGE_OFFLINE		(0x1 << 0)
#define MC_ACTION_CPU_OFFLINE		(0x1 << 1)
#define MC_ACTION_CACHE_SHRINK		(0x1 << 2)

#define MAX_UNION_SIZE			16	/* of mcinfo_recovery.action_info */
#define MCINFO_HYPERCALLSIZE		1024
#define MCINFO_MAXSIZE			768	/* of all that is in a mc_info */
#define MCINFO_FLAGS_UNCOMPLETE		0x1	/* mc_info.flags: not all fitted */

/* mcinfo_logical_cpu.mc_cpu_caps, its words */
#define MC_NCAPS			7
#define MC_CAPS_STD_EDX			0	/* CPUID 1 */
#define MC_CAPS_AMD_EDX			1	/* CPUID 0x80000001 */
#define MC_CAPS_TM			2	/* CPUID 0x80860001 */
#define MC_CAPS_LINUX			3
#define MC_CAPS_STD_ECX			4
#define MC_CAPS_VIA			5	/* CPUID 0xc0000001 */
#define MC_CAPS_AMD_ECX			6

/* mcinfo_logical_cpu.mc_msrvalues: elements there are, elements used once */
#define __MC_MSR_ARRAYSIZE		8
#if __XEN_INTERFACE_VERSION__ <= 0x00040d00
#define __MC_NMSRS			1
#endif

/* xen_mc_msrinject */
#define MC_MSRINJ_MAXMSRS		8
#define MC_MSRINJ_F_INTERPOSE		0x1	/* reads see it; nothing is written */
#define MC_MSRINJ_F_GPADDR		0x2	/* addresses are mcinj_domid's */

/* xen_mc_inject_v2.flags */
#define XEN_MC_INJECT_TYPE_MASK		0x7
#define XEN_MC_INJECT_TYPE_MCE		0x0
#define XEN_MC_INJECT_TYPE_CMCI		0x1
#define XEN_MC_INJECT_TYPE_LMCE		0x2
#define XEN_MC_INJECT_CPU_BROADCAST	0x8	/* cpumap is not looked at */

#ifndef __ASSEMBLY__

#define VIRQ_MCA	VIRQ_ARCH_0

/* A report is a row of entries, each of which begins so. */
struct mcinfo_common {
	uint16_t type;			/* MC_TYPE_* */
	uint16_t size;			/* bytes of the entry */
};
typedef struct mcinfo_common xen_mcinfo_common_t;

/* MC_TYPE_GLOBAL: where */
struct mcinfo_global {
	xen_mcinfo_common_t common;
	uint16_t mc_domid;		/* what ran there */
	uint16_t mc_vcpuid;
	uint32_t mc_socketid;
	uint16_t mc_coreid;
	uint16_t mc_core_threadid;
	uint32_t mc_apicid;
	uint32_t mc_flags;		/* MC_FLAG_* */
	uint64_t mc_gstatus;		/* MCG_STATUS */
};

/* MC_TYPE_BANK: the registers of one */
struct mcinfo_bank {
	xen_mcinfo_common_t common;
	uint16_t mc_bank;
	uint16_t mc_domid;		/* whose memory mc_addr is, when it is valid */
	uint64_t mc_status;
	uint64_t mc_addr;
	uint64_t mc_misc;
	uint64_t mc_ctrl2;
	uint64_t mc_tsc;
};

struct mcinfo_msr {
	uint64_t reg;			/* its number */
	uint64_t value;
};
typedef struct mcinfo_msr xen_mcinfo_msr_t;

/* MC_TYPE_EXTENDED: further registers */
struct mcinfo_extended {
	xen_mcinfo_common_t common;
	uint32_t mc_msrs;		/* how many of the array */
	xen_mcinfo_msr_t mc_msr[32];
};

struct page_offline_action {
	uint64_t mfn;
	uint64_t status;
};
typedef struct page_offline_action xen_page_offline_action_t;

struct cpu_offline_action {
	uint32_t mc_socketid;
	uint16_t mc_coreid;
	uint16_t mc_core_threadid;
};
typedef struct cpu_offline_action xen_cpu_offline_action_t;

/* MC_TYPE_RECOVERY: what the hypervisor did about it */
struct mcinfo_recovery {
	xen_mcinfo_common_t common;
	uint16_t mc_bank;
	uint8_t action_flags;		/* REC_ACTION_* */
	uint8_t action_types;		/* MC_ACTION_* */
	union {
		xen_page_offline_action_t page_retire;
		xen_cpu_offline_action_t cpu_offline;
		uint8_t pad[MAX_UNION_SIZE];
	} action_info;
};

struct mc_info {
	uint32_t mi_nentries;
	uint32_t flags;			/* MCINFO_FLAGS_* */
	uint64_t mi_data[(MCINFO_MAXSIZE - 1) / 8];	/* the entries */
};
typedef struct mc_info mc_info_t;
DEFINE_XEN_GUEST_HANDLE(mc_info_t);

/* To walk a report; and to find the first entry of a type, or NULL. */
#define x86_mcinfo_nentries(info)	((info)->mi_nentries)
#define x86_mcinfo_first(info)		((struct mcinfo_common *)(info)->mi_data)
#define x86_mcinfo_next(entry) \
	((struct mcinfo_common *)((uint8_t *)(entry) + (entry)->size))
#define x86_mcinfo_lookup(result, info, wanted)					\
	do {									\
		struct mcinfo_common *entry_ = NULL;				\
		uint32_t left_ = 0;						\
										\
		(result) = NULL;						\
		if ((info) != NULL) {						\
			entry_ = x86_mcinfo_first(info);			\
			left_ = x86_mcinfo_nentries(info);			\
		}								\
		for (; left_ > 0; left_--, entry_ = x86_mcinfo_next(entry_)) {	\
			if (entry_->type == (wanted)) {				\
				(result) = (void *)entry_;			\
				break;						\
			}							\
		}								\
	} while (0)

/* A CPU of the machine. */
struct mcinfo_logical_cpu {
	uint32_t mc_cpunr;
	uint32_t mc_chipid;		/* socket */
	uint16_t mc_coreid;
	uint16_t mc_threadid;
	uint32_t mc_apicid;
	uint32_t mc_clusterid;
	uint32_t mc_ncores;		/* in its socket */
	uint32_t mc_ncores_active;
	uint32_t mc_nthreads;		/* in its core */
	int32_t mc_cpuid_level;		/* last basic leaf */
	uint32_t mc_family;
	uint32_t mc_vendor;
	uint32_t mc_model;
	uint32_t mc_step;
	char mc_vendorid[16];
	char mc_brandid[64];
	uint32_t mc_cpu_caps[MC_NCAPS];
	uint32_t mc_cache_size;		/* KiB */
	uint32_t mc_cache_alignment;	/* bytes of a line */
	int32_t mc_nmsrvals;
	xen_mcinfo_msr_t mc_msrvalues[__MC_MSR_ARRAYSIZE];	/* MCG_CAP */
};
typedef struct mcinfo_logical_cpu xen_mc_logical_cpu_t;
DEFINE_XEN_GUEST_HANDLE(xen_mc_logical_cpu_t);

struct xen_mc_fetch {
	uint32_t flags;			/* [in, out] */
	uint32_t _pad0;
	uint64_t fetch_id;		/* [out]; [in] with XEN_MC_ACK */
	XEN_GUEST_HANDLE(mc_info_t) data;	/* [out] what it points to */
};
typedef struct xen_mc_fetch xen_mc_fetch_t;
DEFINE_XEN_GUEST_HANDLE(xen_mc_fetch_t);

/* Tell a guest of an error that hit it. */
struct xen_mc_notifydomain {
	uint16_t mc_domid;		/* [in] */
	uint16_t mc_vcpuid;		/* [in] */
	uint32_t flags;			/* [in, out] */
};
typedef struct xen_mc_notifydomain xen_mc_notifydomain_t;
DEFINE_XEN_GUEST_HANDLE(xen_mc_notifydomain_t);

/* The CPUs; how many there are, alone, when info is NULL. */
struct xen_mc_physcpuinfo {
	uint32_t ncpus;			/* [in] elements of info; [out] CPUs */
	uint32_t _pad0;
	XEN_GUEST_HANDLE(xen_mc_logical_cpu_t) info;	/* [out] what it points to */
};
typedef struct xen_mc_physcpuinfo xen_mc_physcpuinfo_t;

/* For tests: registers that shall look as after an error, and the exception. */
struct xen_mc_msrinject {
	uint32_t mcinj_cpunr;		/* [in] */
	uint32_t mcinj_flags;		/* [in] MC_MSRINJ_F_* */
	uint32_t mcinj_count;		/* [in] elements of mcinj_msr */
	domid_t mcinj_domid;		/* [in] */
	uint16_t _pad0;
	xen_mcinfo_msr_t mcinj_msr[MC_MSRINJ_MAXMSRS];
};
typedef struct xen_mc_msrinject xen_mc_msrinject_t;

struct xen_mc_mceinject {
	unsigned int mceinj_cpunr;	/* [in] */
};
typedef struct xen_mc_mceinject xen_mc_mceinject_t;

struct xen_mc_inject_v2 {
	uint32_t flags;			/* [in] XEN_MC_INJECT_* */
	xenctl_bitmap_t cpumap;		/* [in] */
};
typedef struct xen_mc_inject_v2 xen_mc_inject_v2_t;

struct xen_mc {
	uint32_t cmd;			/* [in] XEN_MC_* */
	uint32_t interface_version;	/* [in] XEN_MCA_INTERFACE_VERSION */
	union {
		xen_mc_fetch_t mc_fetch;
		xen_mc_notifydomain_t mc_notifydomain;
		xen_mc_physcpuinfo_t mc_physcpuinfo;
		xen_mc_msrinject_t mc_msrinject;
		xen_mc_mceinject_t mc_mceinject;
		xen_mc_inject_v2_t mc_inject_v2;
	} u;
};
typedef struct xen_mc xen_mc_t;
DEFINE_XEN_GUEST_HANDLE(xen_mc_t);

#endif /* __ASSEMBLY__ */

#endif /* __XEN_PUBLIC_ARCH_X86_MCA_H__ */

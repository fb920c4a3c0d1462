/* SPDX-License-Identifier: MIT */
/*
 * Starting, stopping and asking about the VCPUs of the calling domain.
 *
 * long vcpu_op(int cmd, unsigned int vcpu, void *arg), arg being the structure
 * of cmd, or null. -ENOENT: the domain has no such VCPU.
 */
#ifndef __XEN_PUBLIC_VCPU_H__
#define __XEN_PUBLIC_VCPU_H__

#include "xen.h"

/*
 * initialise	Set the state that the VCPU will start from; the operand is a
 *		vcpu_guest_context. Once for each VCPU: -EEXIST the second time.
 * up		Let it run. -EINVAL: not initialised.
 * down		Stop it. If it is another VCPU it may run on for a moment. Its
 *		page tables, GDT and LDT stay in use.
 * is_up	1 if the VCPU is up, 0 if not.
 * send_nmi	Send it an NMI (see nmi.h).
 */
#define VCPUOP_initialise			0
#define VCPUOP_up				1
#define VCPUOP_down				2
#define VCPUOP_is_up				3
#define VCPUOP_get_runstate_info		4
#define VCPUOP_register_runstate_memory_area	5
#define VCPUOP_set_periodic_timer		6
#define VCPUOP_stop_periodic_timer		7
#define VCPUOP_set_singleshot_timer		8
#define VCPUOP_stop_singleshot_timer		9
#define VCPUOP_register_vcpu_info		10
#define VCPUOP_send_nmi				11
#define VCPUOP_get_physid			12
#define VCPUOP_register_vcpu_time_memory_area	13

/* vcpu_runstate_info.state, and the index into its times. */
#define RUNSTATE_running	0	/* on a physical CPU */
#define RUNSTATE_runnable	1	/* could run, but another VCPU does */
#define RUNSTATE_blocked	2	/* waits for an event */
#define RUNSTATE_offline	3	/* down or paused, and not blocked */

/* In state_entry_time: an update is in progress (see vm_assist). */
#define XEN_RUNSTATE_UPDATE	(xen_mk_ullong(1) << 63)

/* Refuse, with -ETIME, a time that has passed. (May be ignored.) */
#define _VCPU_SSHOTTMR_future	(0)
#define VCPU_SSHOTTMR_future	(xen_mk_uint(1) << _VCPU_SSHOTTMR_future)

#ifndef __ASSEMBLY__

/*
 * VCPUOP_get_runstate_info: what the VCPU has done with its time. Writer: the
 * hypervisor. The four times add up to system time since the VCPU was made.
 */
struct vcpu_runstate_info {
	int state;			/* RUNSTATE_* */
	uint64_t state_entry_time;	/* system time in ns */
	uint64_t time[4];		/* ns in each RUNSTATE_* */
};
typedef struct vcpu_runstate_info vcpu_runstate_info_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_runstate_info_t);

/*
 * VCPUOP_register_runstate_memory_area: keep a copy at a virtual address of the
 * guest, written each time when the VCPU is scheduled. One for each VCPU; a new
 * one replaces the old, a null one ends it. If it is not mapped at some time,
 * that update is lost.
 */
struct vcpu_register_runstate_memory_area {
	union {
		XEN_GUEST_HANDLE(vcpu_runstate_info_t) h;	/* [in] */
		struct vcpu_runstate_info *v;
		uint64_t p;
	} addr;
};
typedef struct vcpu_register_runstate_memory_area vcpu_register_runstate_memory_area_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_runstate_memory_area_t);

/*
 * VCPUOP_set_periodic_timer: raise VIRQ_TIMER again and again, for as long as
 * the VCPU runs. -EINVAL: below a millisecond.
 */
struct vcpu_set_periodic_timer {
	uint64_t period_ns;		/* [in] */
};
typedef struct vcpu_set_periodic_timer vcpu_set_periodic_timer_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_set_periodic_timer_t);

/*
 * VCPUOP_set_singleshot_timer: raise VIRQ_TIMER once. For the calling VCPU
 * only (-EINVAL), the same timer as set_timer_op's.
 */
struct vcpu_set_singleshot_timer {
	uint64_t timeout_abs_ns;	/* [in] system time in ns */
	uint32_t flags;			/* [in] VCPU_SSHOTTMR_* */
};
typedef struct vcpu_set_singleshot_timer vcpu_set_singleshot_timer_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_set_singleshot_timer_t);

/*
 * VCPUOP_register_vcpu_info: move the VCPU's vcpu_info, with its contents, to
 * a place in a frame of the guest. Once for each VCPU; -EINVAL after that, or if
 * it would cross the frame's end.
 */
struct vcpu_register_vcpu_info {
	uint64_t mfn;			/* [in] machine frame */
	uint32_t offset;		/* [in] bytes into it, 8-byte aligned */
	uint32_t rsvd;
};
typedef struct vcpu_register_vcpu_info vcpu_register_vcpu_info_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_vcpu_info_t);

/*
 * VCPUOP_get_physid: the physical CPU of a VCPU that is pinned to one, by its
 * APIC and ACPI identifiers. -EINVAL: it is not pinned, or the domain not
 * privileged.
 */
struct vcpu_get_physid {
	uint64_t phys_id;		/* [out] bits 31:0 APIC, 63:32 ACPI */
};
typedef struct vcpu_get_physid vcpu_get_physid_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_get_physid_t);
#define xen_vcpu_physid_to_x86_apicid(physid)	((uint32_t)(physid))
#define xen_vcpu_physid_to_x86_acpiid(physid)	((uint32_t)((physid) >> 32))

/*
 * VCPUOP_register_vcpu_time_memory_area: keep a second copy of vcpu_time_info,
 * by the same rules, at a virtual address. It can be mapped into user space.
 */
DEFINE_XEN_GUEST_HANDLE(vcpu_time_info_t);
struct vcpu_register_time_memory_area {
	union {
		XEN_GUEST_HANDLE(vcpu_time_info_t) h;	/* [in] */
		struct vcpu_time_info *v;
		uint64_t p;
	} addr;
};
typedef struct vcpu_register_time_memory_area vcpu_register_time_memory_area_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_register_time_memory_area_t);

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_VCPU_H__ */

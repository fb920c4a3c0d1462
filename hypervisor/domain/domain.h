/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains and VCPUs: the only header that every module may include. A module's
 * own state hangs off them as a pointer to a structure that it alone defines,
 * or stands here under that module's name; nobody else touches it.
 */
#ifndef DOMAIN_DOMAIN_H
#define DOMAIN_DOMAIN_H

#include <xen/xen.h>
#include <xen/vcpu.h>

#include "cpu/regs.h"
#include "lib/list.h"
#include "lib/types.h"
#include "machine.h"

#define MAX_VCPUS 128	 /* a domain */
#define MAX_DOMAINS 1024 /* ids 0 .. MAX_DOMAINS - 1 */

#define GDT_FRAMES 14 /* a guest's own; the 15th holds our descriptors */

struct event_domain;
struct event_vcpu;
struct grant_table;
struct memory_map;
struct frame;

/* A guest's handler for one vector (struct trap_info without the vector). */
struct trap_gate {
	u64 address; /* 0: none */
	u16 cs;
	u8 flags; /* TI_IF and the least privileged ring that may int n it */
};

/* A callback of callback_op: entry point, and whether it masks events. */
struct callback {
	u64 address; /* 0: none */
	bool masks_events;
};

/* Why a VCPU is not running; zero means runnable. sched/ */
#define VCPU_BLOCKED (1u << 0) /* sched_op block or poll */
#define VCPU_DOWN (1u << 1)    /* not brought up, or VCPUOP_down */

/*
 * What a guest chooses of CR4, and sees nothing else of, changes nothing for us:
 * TSD, DE, PCE, OSXSAVE (SDM vol. 3, 2.5).
 */
#define CR4_GUEST (1ull << 2 | 1ull << 3 | 1ull << 8 | 1ull << 18)

/*
 * What vm_assist takes for 64-bit guests. Writable page tables are always there,
 * segment fix-ups have no meaning in 64-bit mode.
 */
#define ASSIST(type) (1ull << VMASST_TYPE_##type)
#define ASSISTS                                                                    \
	(ASSIST(4gb_segments) | ASSIST(4gb_segments_notify) |                      \
	 ASSIST(writable_pagetables) | ASSIST(pae_extended_cr3) |                  \
	 ASSIST(architectural_iopl) | ASSIST(runstate_update_flag) | ASSIST(m2p_strict))

struct vcpu {
	/* entry.S knows these four by offset (cpu/offsets.h). */
	u64 stack; /* top of the stack of the CPU that runs this VCPU */
	struct guest_regs regs;
	struct vcpu_info *info; /* event/: the guest's pending flags */
	u32 kernel_mode;	/* 1: guest kernel, 0: guest user */

	u32 id;
	struct domain *domain;
	bool is_idle;

	/* cpu/: where exceptions go. */
	bool initialised; /* has a context */
	bool initialising; /* domain/: VCPUOP_initialise is at it; atomic */
	u8 iopl;
	const void *io_bitmap; /* the guest's, for so many ports: cpu/ioport.c */
	u32 io_bitmap_ports;
	struct trap_gate *traps; /* 256 */
	struct callback event_callback, failsafe_callback, syscall_callback,
		sysenter_callback, syscall32_callback;
	bool nmi_pending; /* from outside: becomes an NMI callback */
	u64 kernel_sp;	  /* stack_switch */
	u64 kernel_ss;

	/* cpu/: segments. The bases of the running mode are in the CPU. */
	u16 ds, es, fs, gs, gs_user;
	u64 fs_base, gs_base_kernel, gs_base_user;
	mfn_t gdt_frame[GDT_FRAMES]; /* 0: none */
	u32 gdt_entries;
	u64 ldt_base;
	u32 ldt_entries;
	u64 *descriptor_ptes; /* 32 entries: where its GDT and LDT are mapped */

	/* cpu/: control and debug registers as the guest sees them. */
	u64 cr4; /* CR4_GUEST of it */
	bool cr0_ts;
	u64 debugreg[8];
	u64 xcr0;  /* its choice of what XSAVE saves */
	void *fpu; /* XSAVE area */

	/* mm/: roots, as mfn; 0: none. A reference and a typed use each. */
	mfn_t kernel_l4, user_l4;
	u64 cr3; /* what the CPU loads for the current mode */

	struct event_vcpu *event;
	struct frame *info_frame; /* domain/: the guest's frame with info, or NULL */

	/* sched/ */
	u32 pause_flags; /* VCPU_BLOCKED | VCPU_DOWN; atomic */
	u32 pause_count; /* domain_pause, vcpu_pause; atomic */
	u32 processor;	 /* CPU it runs on or last ran on */
	bool is_running; /* some CPU has it loaded, or has not saved it yet */
	bool sched_runnable; /* the scheduler was told that it is runnable */
	bool yielding;	     /* asked to let others go first */
	bool runstate_stale; /* runstate_guest awaits return to kernel mode */
	cpumask_t affinity;
	cpumask_t affinity_saved; /* 0, or affinity without the pin override */
	cpumask_t affinity_soft;  /* CPUs that it had rather run on */
	struct vcpu_runstate_info runstate;
	void *runstate_guest; /* guest address of its copy; NULL: none */
	struct list sched_link;
	void *sched_priv;
	/* sched/poll: port polled for, or 0 when not polling, -1 for several */
	s32 poll_port;

	/* time/ */
	struct vtimer *vtimer;
	u64 time_info_guest; /* vcpu_time_info registered by the guest, or 0 */

	/* mm/: page tables being undone, by level 2..4; a reference each. */
	struct frame *mm_unfinished[3];

	/* hypercall/: an entry of a multicall runs; it is to be restarted, so. */
	bool in_multicall, multicall_restarted;
	u64 restart_op, restart_args[6];
};

struct domain {
	u16 id;
	bool is_privileged; /* may use the control interface */
	bool is_idle;
	bool is_dying;
	u32 references; /* atomic; the domain goes with the last */

	u32 max_vcpus;
	struct vcpu *vcpu[MAX_VCPUS];

	/* mm/ */
	struct spinlock mmu_lock;  /* content and types of its page tables */
	struct spinlock page_lock; /* its list of frames and the counts */
	u32 frame_list;		   /* first frame, FRAME_NONE when empty */
	u64 tot_pages, max_pages;
	struct memory_map *memory_map; /* hypercall/: set by the tools, or NULL */
	u64 claimed; /* frames set aside for it, not yet taken */
	struct frame *releasing; /* mm/teardown: how far it got; a reference */
	bool tables_released;	 /* ... in its second pass */
	u64 vm_assist; /* VMASST_TYPE_* as bits */
	mfn_t descriptor_l3; /* slot 260 of its L4 tables: GDTs and LDTs */
	cpumask_t dirty_cpus; /* CPUs that run it: whose TLBs it may be in */

	/* The shared info page, ours, that the guest maps. */
	struct shared_info *shared;
	mfn_t shared_mfn;

	/* Modules' own. */
	struct event_domain *event;
	struct grant_table *grant;
	struct ioports *ioports;
	struct iomem *iomem; /* mm/; NULL: as it began */
	u32 pollers;		     /* sched/: VCPUs in sched_op poll; atomic */
	struct watchdogs *watchdogs; /* sched/; NULL: never used */
	u32 bvt_rate;		     /* sched/bvt; 0: never set */
	struct bvt_warp {	     /* sched/bvt */
		u32 value, limit_us, unwarp_us;
		bool on;
	} bvt_warp;
	struct atropos_params {	     /* sched/atropos; period 0: never set */
		u32 period_us, slice_us, latency_us;
		bool xtratime;
	} atropos;

	/* domain/: shutdown. */
	bool is_shutting_down, is_shut_down;
	bool shutdown_latched; /* SCHEDOP_shutdown_code has set the reason */
	u32 shutdown_reason;
	struct cpu_policy *cpu_policy; /* cpu/; NULL: as for all guests */
	u8 handle[16];
	u32 pause_count;
	s64 time_offset; /* seconds */

	/* domain/: by the control interface. */
	bool asleep;	    /* cpu/sleep: paused while the machine sleeps */
	u32 control_pauses; /* of the above, those of XEN_DOMCTL_pausedomain */
	u8 dying_stage;	    /* domain/destroy.c: how far it got */
	bool is_debugged;
	bool has_run;	    /* was unpaused by it, once at least */
	u16 target;	  /* the domain that it serves, or DOMID_INVALID */
	u32 suspend_port; /* sent instead of VIRQ_DOM_EXC when suspended; 0: none */
};

extern struct domain *domain0;
extern struct domain *idle_domain;

/*
 * The domain with that id, with a reference that the caller drops by
 * domain_put(); NULL when there is none. DOMID_SELF gives the caller's.
 */
struct domain *domain_get(u16 domid);

/* The one with the lowest id from first up, in the same way. */
struct domain *domain_get_from(unsigned int first);

/* The same without a reference, for an id that something of it keeps alive. */
struct domain *domain_by_id(u16 domid);
void domain_put(struct domain *d);

/* Each domain there is, dying ones too; d has a reference while the body runs. */
#define for_each_domain(d)                                       \
	for ((d) = domain_get_from(0); (d); (d) = domain_next(d))

/* For the above: d's reference goes; the next domain. */
struct domain *domain_next(struct domain *d);

/* Shut a domain down for a SHUTDOWN_* reason; dom0 takes the machine along. */
void domain_shutdown(struct domain *d, u32 reason);

/*
 * The guest broke a rule that has no error code: log why with its registers and
 * page tables, and shut it down as crashed. Returns; the VCPU, when it is
 * current, stops before it runs the guest again.
 */
void domain_crash(struct domain *d, const char *fmt, ...) __printf(2, 3);

/*
 * Count pauses; while the count is not zero no VCPU of it runs: soon, or with
 * _sync when it returns, for which the caller holds no lock and is not of d.
 */
void domain_pause(struct domain *d);
void domain_pause_sync(struct domain *d);
void domain_unpause(struct domain *d);

static inline bool vcpu_runnable(const struct vcpu *v)
{
	return !(READ_ONCE(v->pause_flags) | READ_ONCE(v->pause_count) |
		 READ_ONCE(v->domain->pause_count));
}

#define for_each_vcpu(d, v)                                               \
	for (unsigned int _i = 0; _i < (d)->max_vcpus; _i++)              \
		if (((v) = (d)->vcpu[_i]) != NULL)

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The centre of the paravirtual ABI: hypercall numbers, virtual interrupts,
 * page-table operations, domain names, and the memory that hypervisor and
 * guest share.
 *
 * How to read these headers. A hypercall's operands are marked by who writes
 * them: [in] is written by the caller and only read by the hypervisor, [out]
 * is written by the hypervisor when the call succeeds (and only then, unless
 * the text says otherwise), [in/out] is both. Shared memory is marked "guest"
 * or "hypervisor" after its writer. Frames are 4096 bytes. Machine frames
 * (mfn) are the host's; pseudo-physical frames (pfn) are the guest's own
 * numbering; for a PV guest a guest frame (gfn, gmfn) means the machine frame.
 *
 * A hypercall returns zero or a count on success, and the negative of a number
 * from errno.h on failure. Errors that any call can return are not repeated
 * everywhere:
 *
 *   -ENOSYS	no such hypercall, or no such operation of it
 *   -EFAULT	an operand's address is not mapped, not writable where it must
 *		be, or reaches into the hypervisor's range of addresses
 *   -EPERM	the caller may not do this (to that domain)
 *   -ESRCH	no such domain, or it is dying
 *   -EINVAL	an operand has a value outside its documented range
 *   -ENOMEM	the hypervisor has no memory left for its own bookkeeping
 */
#ifndef __XEN_PUBLIC_XEN_H__
#define __XEN_PUBLIC_XEN_H__

#include "xen-compat.h"

/*
 * A number that is unsigned, unsigned long or unsigned long long in C, and
 * just a number in assembly, where suffixes are errors.
 */
#ifdef __ASSEMBLY__
#define xen_mk_uint(x)		x
#define xen_mk_ulong(x)		x
#define xen_mk_ullong(x)	x
#else
#define __xen_mk_uint(x)	x ## U
#define __xen_mk_ulong(x)	x ## UL
#define __xen_mk_ullong(x)	x ## ULL
#define xen_mk_uint(x)		__xen_mk_uint(x)
#define xen_mk_ulong(x)		__xen_mk_ulong(x)
#define xen_mk_ullong(x)	__xen_mk_ullong(x)
#endif

#include "arch-x86/xen.h"

#ifndef __ASSEMBLY__

DEFINE_XEN_GUEST_HANDLE(char);
__DEFINE_XEN_GUEST_HANDLE(uchar, unsigned char);
DEFINE_XEN_GUEST_HANDLE(int);
__DEFINE_XEN_GUEST_HANDLE(uint, unsigned int);
DEFINE_XEN_GUEST_HANDLE(void);
__DEFINE_XEN_GUEST_HANDLE(uint8, uint8_t);
__DEFINE_XEN_GUEST_HANDLE(uint16, uint16_t);
__DEFINE_XEN_GUEST_HANDLE(uint32, uint32_t);
__DEFINE_XEN_GUEST_HANDLE(uint64, uint64_t);
DEFINE_XEN_GUEST_HANDLE(uint64_t);
DEFINE_XEN_GUEST_HANDLE(xen_pfn_t);
DEFINE_XEN_GUEST_HANDLE(xen_ulong_t);

/* The dimension of an array that ends a structure and has no fixed length. */
#define XEN_FLEX_ARRAY_DIM
#define COMPAT_FLEX_ARRAY_DIM	XEN_FLEX_ARRAY_DIM

/*
 * 64-bit fields of the control interfaces are 8-byte aligned for every guest,
 * and handles in them are 8 bytes for every guest. On x86-64 both are natural.
 */
#define int64_aligned_t			int64_t
#define uint64_aligned_t		uint64_t
#define XEN_GUEST_HANDLE_64(name)	XEN_GUEST_HANDLE(name)

/*
 * The name of a domain. Ordinary domains are 0 to DOMID_FIRST_RESERVED - 1;
 * domain 0 is the one that the hypervisor builds at boot.
 */
typedef uint16_t domid_t;

/* A domain's UUID, in the order of its usual text form. */
typedef uint8_t xen_domain_handle_t[16];

#endif /* !__ASSEMBLY__ */

/*
 * Hypercall numbers.
 *
 * A 64-bit guest passes up to five operands in RDI, RSI, RDX, R10 and R8 and
 * finds the result in RAX. It calls into the hypercall page, which the loader
 * fills: 32 bytes for each number. The operand registers are destroyed.
 *
 * Number 11 and 43 to 47 do not exist. "compat" marks the three calls of old
 * interfaces that the next higher call of the same name replaces.
 */
#define __HYPERVISOR_set_trap_table		0
#define __HYPERVISOR_mmu_update			1
#define __HYPERVISOR_set_gdt			2
#define __HYPERVISOR_stack_switch		3
#define __HYPERVISOR_set_callbacks		4
#define __HYPERVISOR_fpu_taskswitch		5
#define __HYPERVISOR_sched_op_compat		6
#define __HYPERVISOR_platform_op		7
#define __HYPERVISOR_set_debugreg		8
#define __HYPERVISOR_get_debugreg		9
#define __HYPERVISOR_update_descriptor		10
#define __HYPERVISOR_memory_op			12
#define __HYPERVISOR_multicall			13
#define __HYPERVISOR_update_va_mapping		14
#define __HYPERVISOR_set_timer_op		15
#define __HYPERVISOR_event_channel_op_compat	16
#define __HYPERVISOR_xen_version		17
#define __HYPERVISOR_console_io			18
#define __HYPERVISOR_physdev_op_compat		19
#define __HYPERVISOR_grant_table_op		20
#define __HYPERVISOR_vm_assist			21
#define __HYPERVISOR_update_va_mapping_otherdomain 22
#define __HYPERVISOR_iret			23
#define __HYPERVISOR_vcpu_op			24
#define __HYPERVISOR_set_segment_base		25
#define __HYPERVISOR_mmuext_op			26
#define __HYPERVISOR_xsm_op			27
#define __HYPERVISOR_nmi_op			28
#define __HYPERVISOR_sched_op			29
#define __HYPERVISOR_callback_op		30
#define __HYPERVISOR_xenoprof_op		31
#define __HYPERVISOR_event_channel_op		32
#define __HYPERVISOR_physdev_op			33
#define __HYPERVISOR_hvm_op			34
#define __HYPERVISOR_sysctl			35
#define __HYPERVISOR_domctl			36
#define __HYPERVISOR_kexec_op			37
#define __HYPERVISOR_tmem_op			38
#define __HYPERVISOR_argo_op			39
#define __HYPERVISOR_xenpmu_op			40
#define __HYPERVISOR_dm_op			41
#define __HYPERVISOR_hypfs_op			42

/* Eight numbers whose meaning the architecture gives. x86: 48 is do_mca. */
#define __HYPERVISOR_arch_0			48
#define __HYPERVISOR_arch_1			49
#define __HYPERVISOR_arch_2			50
#define __HYPERVISOR_arch_3			51
#define __HYPERVISOR_arch_4			52
#define __HYPERVISOR_arch_5			53
#define __HYPERVISOR_arch_6			54
#define __HYPERVISOR_arch_7			55

/*
 * Virtual interrupts: what the hypervisor itself can signal. A guest binds one
 * to an event channel with EVTCHNOP_bind_virq. "VCPU": every VCPU binds its own,
 * for good. "global": one binding a domain, first on VCPU 0, and
 * EVTCHNOP_bind_vcpu can move it. "dom0": of use to the control domain alone.
 */
#define VIRQ_TIMER	0	/* VCPU: the timer that the guest set has expired */
#define VIRQ_DEBUG	1	/* VCPU: print your state (operator's request) */
#define VIRQ_CONSOLE	2	/* global, dom0: input on the emergency console */
#define VIRQ_DOM_EXC	3	/* global, dom0: a domain shut down, crashed or died */
#define VIRQ_TBUF	4	/* global, dom0: trace buffers have records */
#define VIRQ_DEBUGGER	6	/* global, dom0: a domain stopped for its debugger */
#define VIRQ_XENOPROF	7	/* VCPU: a profiling sample is there */
#define VIRQ_CON_RING	8	/* global, dom0: the console ring has new output */
#define VIRQ_PCPU_STATE	9	/* global, dom0: a physical CPU went on or off line */
#define VIRQ_MEM_EVENT	10	/* global, dom0: memory event */
#define VIRQ_ARGO	11	/* global: Argo message */
#define VIRQ_ENOMEM	12	/* global, dom0: hypervisor memory runs low */
#define VIRQ_XENPMU	13	/* VCPU: performance counter interrupt */
#define VIRQ_ARCH_0	16	/* x86: machine check, global, dom0 */
#define VIRQ_ARCH_1	17
#define VIRQ_ARCH_2	18
#define VIRQ_ARCH_3	19
#define VIRQ_ARCH_4	20
#define VIRQ_ARCH_5	21
#define VIRQ_ARCH_6	22
#define VIRQ_ARCH_7	23

#define NR_VIRQS	24

/*
 * Domain names with a meaning of their own. None can be created.
 *
 * DOMID_SELF	the caller
 * DOMID_IO	owner of memory that is not RAM. As the foreign domain of a
 *		page-table operation: only such memory may be mapped.
 * DOMID_XEN	owner of what the hypervisor shares, such as the
 *		machine-to-physical table and trace buffers. Privileged callers.
 * DOMID_COW	owner of frames that domains share until one writes
 * DOMID_INVALID no domain: an owner that is not known
 * DOMID_IDLE	the idle domain
 * DOMID_MASK	the bits that a name can have
 */
#define DOMID_FIRST_RESERVED	xen_mk_uint(0x7FF0)
#define DOMID_SELF		xen_mk_uint(0x7FF0)
#define DOMID_IO		xen_mk_uint(0x7FF1)
#define DOMID_XEN		xen_mk_uint(0x7FF2)
#define DOMID_COW		xen_mk_uint(0x7FF3)
#define DOMID_INVALID		xen_mk_uint(0x7FF4)
#define DOMID_IDLE		xen_mk_uint(0x7FFF)
#define DOMID_MASK		xen_mk_uint(0x7FFF)

/*
 * int mmu_update(struct mmu_update *reqs, unsigned int count,
 *		  unsigned int *done, unsigned int foreigndom)
 *
 * Carries out requests in order and stops at the first that fails. *done
 * (optional) tells how many succeeded. A count with the top bit set is a
 * restart that only the hypervisor makes.
 *
 * foreigndom bits 15:0 name the owner of the frames that new entries map (FD).
 * Bits 31:16 name the owner of the page tables themselves, plus one; zero
 * there means the caller.
 *
 * Bits 1:0 of a request's ptr select the command:
 *
 * MMU_NORMAL_PT_UPDATE		Write val into the page-table entry at machine
 *	address ptr. The frame must be a page table of level 1 to 4 (it is then
 *	validated as an entry of that level), or an ordinary frame of the owner
 *	(it is then a plain 8-byte write).
 * MMU_MACHPHYS_UPDATE		Set the machine-to-physical table's entry for
 *	the frame that contains ptr to val, a pfn. The frame must be FD's.
 * MMU_PT_UPDATE_PRESERVE_AD	As the first, but bits "accessed" and "dirty"
 *	that the CPU has set in the old entry stay set, with no window in which
 *	the CPU could set one and lose it.
 * MMU_PT_UPDATE_NO_TRANSLATE	As the first; differs only for domains whose
 *	frames the hypervisor translates, which no PV guest is.
 *
 * A new entry may never make a page table or descriptor page writable, and
 * a level 2 to 4 entry may only name a valid page table of the level below.
 *
 * The bits of an entry. PSE, PCD, PWT and, above level 1, G are refused; but a
 * domain that has device memory may set PAT (which is bit 7 in level 1), PCD and
 * PWT in level 1. The host's memory types are these, by PAT:PCD:PWT:
 *	0 WB   1 WT   2 UC-   3 UC   4 WC   5 WP   6 and 7 reserved
 * Bits 62:53 and 11:9 are the guest's own. The hypervisor sets U in all entries
 * and G in level 1 entries of user pages; bit 52 marks level 1 entries that the
 * guest wrote without U, so a guest that reads an entry must expect all three.
 * (Xen built for debugging also refuses bit 62, and uses it for grants.)
 *
 * -EINVAL: command, machine address, entry or foreigndom is not acceptable;
 * -EPERM: FD is not the caller and the caller has no right to map it;
 * -ESRCH: FD or the page tables' owner does not exist;
 * -EBUSY: a frame has at present a type in conflict with the one needed.
 */
#define MMU_NORMAL_PT_UPDATE		0
#define MMU_MACHPHYS_UPDATE		1
#define MMU_PT_UPDATE_PRESERVE_AD	2
#define MMU_PT_UPDATE_NO_TRANSLATE	3

#ifndef __ASSEMBLY__
struct mmu_update {
	uint64_t ptr;	/* [in] machine address, 8-byte aligned, | command */
	uint64_t val;	/* [in] the entry, or a pfn for MMU_MACHPHYS_UPDATE */
};
typedef struct mmu_update mmu_update_t;
DEFINE_XEN_GUEST_HANDLE(mmu_update_t);
#endif

/*
 * int mmuext_op(struct mmuext_op *ops, unsigned int count,
 *		 unsigned int *done, unsigned int foreigndom)
 *
 * Carries out operations in order and stops at the first that fails, with
 * *done (optional) the number that succeeded. foreigndom matters to pinning
 * and unpinning, and is DOMID_SELF elsewhere.
 *
 * PIN_Ln_TABLE		Validate arg1.mfn as a page table of level n, with all
 *	that it reaches, and keep that type until unpinned. -EBUSY: in use as
 *	something else; -EINVAL: an entry is bad, or the frame is pinned already.
 * UNPIN_TABLE		Drop the pin of arg1.mfn. -EINVAL: it is not pinned.
 * NEW_BASEPTR		Use the level 4 table arg1.mfn for this VCPU's kernel.
 *	Flushes this VCPU's TLB.
 * NEW_USER_BASEPTR	Use the level 4 table arg1.mfn when this VCPU runs user
 *	code. Zero: none, user code cannot run.
 * TLB_FLUSH_LOCAL	Flush the TLB of this VCPU.
 * INVLPG_LOCAL		Flush the page of arg1.linear_addr from it.
 * TLB_FLUSH_MULTI, INVLPG_MULTI	The same on the VCPUs of arg2.vcpumask, a
 *	bitmap of one bit for each VCPU of the domain.
 * TLB_FLUSH_ALL, INVLPG_ALL	The same on all VCPUs of the domain.
 * FLUSH_CACHE		Write back and empty this CPU's caches. -EACCES: the
 *	domain has no device memory and so no use for it.
 * FLUSH_CACHE_GLOBAL	The same on every CPU of the host. -EINVAL: as above.
 * SET_LDT		arg1.linear_addr: page-aligned address of the LDT,
 *	arg2.nr_ents: its entries, 0 to 8192. Zero entries: no LDT. The pages
 *	become descriptor pages as they are used, and cannot be written then.
 * CLEAR_PAGE		Zero the frame arg1.mfn.
 * COPY_PAGE		Copy frame arg2.src_mfn to frame arg1.mfn.
 * MARK_SUPER, UNMARK_SUPER	Refused with -EOPNOTSUPP: of old interfaces.
 */
#define MMUEXT_PIN_L1_TABLE		0
#define MMUEXT_PIN_L2_TABLE		1
#define MMUEXT_PIN_L3_TABLE		2
#define MMUEXT_PIN_L4_TABLE		3
#define MMUEXT_UNPIN_TABLE		4
#define MMUEXT_NEW_BASEPTR		5
#define MMUEXT_TLB_FLUSH_LOCAL		6
#define MMUEXT_INVLPG_LOCAL		7
#define MMUEXT_TLB_FLUSH_MULTI		8
#define MMUEXT_INVLPG_MULTI		9
#define MMUEXT_TLB_FLUSH_ALL		10
#define MMUEXT_INVLPG_ALL		11
#define MMUEXT_FLUSH_CACHE		12
#define MMUEXT_SET_LDT			13
#define MMUEXT_NEW_USER_BASEPTR		15
#define MMUEXT_CLEAR_PAGE		16
#define MMUEXT_COPY_PAGE		17
#define MMUEXT_FLUSH_CACHE_GLOBAL	18
#define MMUEXT_MARK_SUPER		19
#define MMUEXT_UNMARK_SUPER		20

#ifndef __ASSEMBLY__
struct mmuext_op {
	unsigned int cmd;		/* [in] MMUEXT_* */
	union {
		xen_pfn_t mfn;			/* [in] machine frame */
		unsigned long linear_addr;	/* [in] guest virtual address */
	} arg1;
	union {
		unsigned int nr_ents;			/* [in] descriptors */
		XEN_GUEST_HANDLE(const_void) vcpumask;	/* [in] VCPU bitmap */
		xen_pfn_t src_mfn;			/* [in] machine frame */
	} arg2;
};
typedef struct mmuext_op mmuext_op_t;
DEFINE_XEN_GUEST_HANDLE(mmuext_op_t);
#endif

/*
 * int update_va_mapping(unsigned long va, uint64_t val, unsigned long flags)
 * int update_va_mapping_otherdomain(unsigned long va, uint64_t val,
 *				     unsigned long flags, domid_t domid)
 *
 * Write val into the level 1 entry that maps va in the present page tables,
 * then flush as flags say. The second form may map a frame of domid. -EINVAL:
 * va has no level 1 table, or val is not acceptable (see mmu_update).
 *
 * flags is a flush type, and who is flushed: this VCPU, all VCPUs, or, with
 * UVMF_MULTI, the VCPUs in the bitmap whose (8-byte aligned) address is ored in.
 */
#define UVMF_NONE		(xen_mk_ulong(0) << 0)
#define UVMF_TLB_FLUSH		(xen_mk_ulong(1) << 0)	/* the whole TLB */
#define UVMF_INVLPG		(xen_mk_ulong(2) << 0)	/* the page of va */
#define UVMF_FLUSHTYPE_MASK	(xen_mk_ulong(3) << 0)
#define UVMF_MULTI		(xen_mk_ulong(0) << 2)
#define UVMF_LOCAL		(xen_mk_ulong(0) << 2)
#define UVMF_ALL		(xen_mk_ulong(1) << 2)

/*
 * long console_io(unsigned int cmd, unsigned int count, char *buffer)
 *
 * CONSOLEIO_write	Print count bytes. The control domain's go out as they
 *	are; another domain's are printed a line at a time, without control
 *	characters, if the hypervisor was built or told to print them at all
 *	(-EPERM if not). Returns 0.
 * CONSOLEIO_read	Take up to count bytes of console input that are meant
 *	for the control domain. Returns their number; zero if there are none.
 */
#define CONSOLEIO_write		0
#define CONSOLEIO_read		1

/*
 * int vm_assist(unsigned int cmd, unsigned int type)
 *
 * Switches one convenience on or off for the calling domain. -EINVAL: type is
 * not known or not for this kind of guest; -ENOSYS: cmd is not known.
 *
 * 4gb_segments, 4gb_segments_notify, pae_extended_cr3	32-bit guests only.
 * writable_pagetables	Emulate a plain store to a level 1 entry instead of
 *	sending the guest a page fault. (The page stays mapped read-only.)
 * architectural_iopl	The IOPL in RFLAGS of iret frames and bounce frames is
 *	the virtual one, instead of PHYSDEVOP_set_iopl's.
 * runstate_update_flag	Set XEN_RUNSTATE_UPDATE around updates of runstate
 *	areas in guest memory.
 * m2p_strict		Keep the machine-to-physical table out of page tables
 *	that run user code. Off: a level 4 table gets the slot when it is first
 *	used for the kernel.
 */
#define VMASST_CMD_enable		0
#define VMASST_CMD_disable		1

#define VMASST_TYPE_4gb_segments	0
#define VMASST_TYPE_4gb_segments_notify	1
#define VMASST_TYPE_writable_pagetables	2
#define VMASST_TYPE_pae_extended_cr3	3
#define VMASST_TYPE_architectural_iopl	4
#define VMASST_TYPE_runstate_update_flag 5
#define VMASST_TYPE_m2p_strict		32

/*
 * long set_timer_op(int64_t timeout)
 *
 * Raise VIRQ_TIMER on the calling VCPU when system time reaches timeout, in
 * nanoseconds. Zero cancels. One timer a VCPU: a new value replaces the old.
 * A time in the past raises the interrupt at once. Returns 0.
 */

#ifndef __ASSEMBLY__

/*
 * int multicall(struct multicall_entry *calls, uint32_t count)
 *
 * Carries out count hypercalls in order, whatever each returns. Returns 0, or
 * -EFAULT if the list cannot be read or results cannot be written. A multicall
 * within a multicall gets -EINVAL as its result.
 */
struct multicall_entry {
	xen_ulong_t op;		/* [in] hypercall number */
	xen_ulong_t result;	/* [out] what the hypercall returned */
	xen_ulong_t args[6];	/* [in] its operands; six for old interfaces */
};
typedef struct multicall_entry multicall_entry_t;
DEFINE_XEN_GUEST_HANDLE(multicall_entry_t);

/*
 * Time, for one VCPU. Writer: the hypervisor.
 *
 * version is odd during an update; a reader that sees an odd value, or another
 * value after reading than before, starts again. With
 *
 *	delta = TSC - tsc_timestamp
 *	delta <<= tsc_shift	(a right shift by -tsc_shift if that is negative)
 *
 * system time in nanoseconds is system_time + (delta * tsc_to_system_mul >> 32),
 * the product taken in full. The TSC's frequency in Hz is
 * ((10^9 << 32) / tsc_to_system_mul) >> tsc_shift.
 */
struct vcpu_time_info {
	uint32_t version;
	uint32_t pad0;
	uint64_t tsc_timestamp;		/* TSC when the rest was computed */
	uint64_t system_time;		/* ns since the host booted, then */
	uint32_t tsc_to_system_mul;	/* ns for each (shifted) tick, 0.32 */
	int8_t tsc_shift;
	uint8_t flags;			/* XEN_PVCLOCK_* */
	uint8_t pad1[2];
};
typedef struct vcpu_time_info vcpu_time_info_t;

/* TSCs agree: time never goes back, even across VCPUs. */
#define XEN_PVCLOCK_TSC_STABLE_BIT	(1 << 0)
/* The VCPU was stopped by its host: a watchdog should take that into account. */
#define XEN_PVCLOCK_GUEST_STOPPED	(1 << 1)

/*
 * What one VCPU and the hypervisor share. It lies in shared_info until
 * VCPUOP_register_vcpu_info moves it.
 *
 * The hypervisor delivers an upcall (the "event" callback) when it is about to
 * return to the guest and finds evtchn_upcall_pending set and
 * evtchn_upcall_mask clear. Entering the upcall sets the mask, like an
 * interrupt clears IF. The mask is read on the VCPU's own CPU alone: the guest
 * needs no locked instructions for either byte. To leave a section in which the
 * mask was set, a guest clears it and then looks at evtchn_upcall_pending
 * itself: nobody else will.
 */
struct vcpu_info {
	/* Set by the hypervisor, cleared by the guest before it scans. */
	uint8_t evtchn_upcall_pending;
	/* Guest: no upcalls, please. Hypervisor: set on entry to callbacks. */
	uint8_t evtchn_upcall_mask;
	/*
	 * 2-level event channels: bit n says that word n of evtchn_pending has
	 * something for this VCPU. Set by the hypervisor; the guest exchanges it
	 * with zero (atomically) and scans the words named.
	 */
	xen_ulong_t evtchn_pending_sel;
	struct arch_vcpu_info arch;
	vcpu_time_info_t time;
};
typedef struct vcpu_info vcpu_info_t;

/*
 * What a domain and the hypervisor share. start_info names its machine
 * address; the guest maps it where it wants. More may follow the last field in
 * the same frame.
 */
struct shared_info {
	/* Of the first VCPUs; later VCPUs must register their own place. */
	struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];

	/*
	 * 2-level event channels, one bit for each port.
	 *
	 * pending: an event came. Set by the hypervisor, cleared by the guest,
	 * both atomically. mask: do not bother me with it. Set and cleared by
	 * the guest, atomically; set by the hypervisor only when it binds a
	 * port. An event on a masked port sets "pending" and nothing else: to
	 * unmask, clear the bit and then look at "pending", or let
	 * EVTCHNOP_unmask do both.
	 */
	xen_ulong_t evtchn_pending[sizeof(xen_ulong_t) * 8];
	xen_ulong_t evtchn_mask[sizeof(xen_ulong_t) * 8];

	/*
	 * The wall clock at system time zero: seconds and nanoseconds since
	 * 1970, UTC plus the domain's own offset. Writer: the hypervisor, with
	 * wc_version odd during an update. Set by XENPF_settime64.
	 */
	uint32_t wc_version;
	uint32_t wc_sec;
	uint32_t wc_nsec;
	uint32_t wc_sec_hi;		/* the upper half of wc_sec */
#define xen_wc_sec_hi	wc_sec_hi

	struct arch_shared_info arch;
};
typedef struct shared_info shared_info_t;

#define MAX_GUEST_CMDLINE	1024

/*
 * What a PV kernel finds at its start, at the virtual address in RSI. Writer:
 * the builder (tools, or the hypervisor for domain 0); the guest keeps it.
 *
 * The initial address space is one piece from the kernel's VIRT_BASE on,
 * mapping pfn 0, 1, 2... in order, and made of, each part page-aligned:
 *	the kernel image
 *	the initial ram disk, if any
 *	the pfn-to-mfn list (unless the kernel named another place for it)
 *	this structure (for dom0 with the console description in the same page)
 *	for other domains, the xenstore page and the console page
 *	the page tables of this address space, mapped read-only
 *	the boot stack, which RSP points to the end of
 *	at least 512 KiB of free space
 * and it ends at a multiple of 4 MiB.
 */
struct start_info {
	/* Filled in at first start and after every resume. */
	char magic[32];			/* "xen-3.0-x86_64", NUL-padded */
	unsigned long nr_pages;		/* frames that the domain has */
	unsigned long shared_info;	/* machine address of shared_info */
	uint32_t flags;			/* SIF_* */
	xen_pfn_t store_mfn;		/* machine frame of the xenstore ring */
	uint32_t store_evtchn;		/* port for it */
	union {
		struct {
			xen_pfn_t mfn;	/* machine frame of the console ring */
			uint32_t evtchn;	/* port for it */
		} domU;
		struct {
			uint32_t info_off;	/* bytes from this structure to */
			uint32_t info_size;	/* dom0_vga_console_info, its size */
		} dom0;
	} console;

	/* Filled in at first start only. */
	unsigned long pt_base;		/* virtual address of the L4 table */
	unsigned long nr_pt_frames;	/* frames of the first page tables */
	unsigned long mfn_list;		/* virtual address of the p2m list */
	unsigned long mod_start;	/* virtual address of the ram disk, or */
					/* its pfn with SIF_MOD_START_PFN */
	unsigned long mod_len;		/* bytes of it; 0: there is none */
	int8_t cmd_line[MAX_GUEST_CMDLINE];	/* NUL-terminated */
	/*
	 * With XEN_ELFNOTE_INIT_P2M: the frames of the p2m list and of the page
	 * tables that map it, which lie outside of the initial mapping.
	 */
	unsigned long first_p2m_pfn;
	unsigned long nr_p2m_frames;
};
typedef struct start_info start_info_t;

#endif /* !__ASSEMBLY__ */

#define XEN_HAVE_PV_GUEST_ENTRY	1	/* start_info exists */
#define XEN_HAVE_PV_UPCALL_MASK	1	/* evtchn_upcall_mask exists */

/* start_info.flags */
#define SIF_PRIVILEGED		(1 << 0)	/* has hardware access */
#define SIF_INITDOMAIN		(1 << 1)	/* is the control domain */
#define SIF_MULTIBOOT_MOD	(1 << 2)	/* mod_start: a xen_multiboot_mod_list */
#define SIF_MOD_START_PFN	(1 << 3)	/* mod_start: a pfn, not mapped */
#define SIF_VIRT_P2M_4TOOLS	(1 << 4)	/* tools can read p2m_vaddr's list */
#define SIF_PM_MASK		(0xFF << 8)	/* dom0: XEN_PROCESSOR_PM_* << 8 */

#ifndef __ASSEMBLY__

/*
 * With SIF_MULTIBOOT_MOD the "ram disk" begins with an array of these, ended by
 * one with mod_start zero. Addresses count from the ram disk's own start.
 */
struct xen_multiboot_mod_list {
	uint32_t mod_start;	/* first byte */
	uint32_t mod_end;	/* last byte, inclusive */
	uint32_t cmdline;	/* NUL-terminated string */
	uint32_t pad;		/* zero */
};

/* The screen as the boot loader left it, for domain 0. Writer: hypervisor. */
typedef struct dom0_vga_console_info {
	uint8_t video_type;	/* XEN_VGATYPE_* */
#define XEN_VGATYPE_TEXT_MODE_3	0x03
#define XEN_VGATYPE_VESA_LFB	0x23
#define XEN_VGATYPE_EFI_LFB	0x70
	union {
		struct {
			uint16_t font_height;		/* pixels */
			uint16_t cursor_x, cursor_y;	/* characters, from 0 */
			uint16_t rows, columns;		/* characters */
		} text_mode_3;
		struct {
			uint16_t width, height;		/* pixels */
			uint16_t bytes_per_line;
			uint16_t bits_per_pixel;
			uint32_t lfb_base;	/* machine address, bits 31:0 */
			uint32_t lfb_size;	/* units of 64 KiB */
			uint8_t red_pos, red_size;	/* bits, as VBE counts */
			uint8_t green_pos, green_size;
			uint8_t blue_pos, blue_size;
			uint8_t rsvd_pos, rsvd_size;
			uint32_t gbl_caps;	/* VBE controller capabilities */
			uint16_t mode_attrs;	/* VBE mode attributes */
			uint16_t pad;
			uint32_t ext_lfb_base;	/* machine address, bits 63:32 */
		} vesa_lfb;
	} u;
} dom0_vga_console_info_t;
#define xen_vga_console_info	dom0_vga_console_info
#define xen_vga_console_info_t	dom0_vga_console_info_t

/* A UUID, in the order of its text form (big-endian throughout). */
typedef struct {
	uint8_t a[16];
} xen_uuid_t;

#define XEN_DEFINE_UUID_(a, b, c, d, e1, e2, e3, e4, e5, e6)			\
	{ {									\
		(uint8_t)((a) >> 24), (uint8_t)((a) >> 16),			\
		(uint8_t)((a) >> 8), (uint8_t)(a),				\
		(uint8_t)((b) >> 8), (uint8_t)(b),				\
		(uint8_t)((c) >> 8), (uint8_t)(c),				\
		(uint8_t)((d) >> 8), (uint8_t)(d),				\
		(e1), (e2), (e3), (e4), (e5), (e6)				\
	} }
#define XEN_DEFINE_UUID(a, b, c, d, e1, e2, e3, e4, e5, e6)			\
	((xen_uuid_t)XEN_DEFINE_UUID_(a, b, c, d, e1, e2, e3, e4, e5, e6))

/* A set of CPUs or nodes: bit n of byte n / 8, lowest bit first. */
struct xenctl_bitmap {
	XEN_GUEST_HANDLE_64(uint8) bitmap;	/* [in] where the bytes are */
	uint32_t nr_bits;			/* [in] bits that they hold */
};
typedef struct xenctl_bitmap xenctl_bitmap_t;

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_XEN_H__ */

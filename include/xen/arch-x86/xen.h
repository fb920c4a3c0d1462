/* SPDX-License-Identifier: MIT */
/*
 * The x86 part of the paravirtual ABI: guest handles, descriptor tables, traps,
 * the state of a VCPU, and what the guest tells about its memory.
 */
#include "../xen.h"	/* before the guard: it includes this file in its turn */

#ifndef __XEN_PUBLIC_ARCH_X86_XEN_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_H__

/*
 * Guest handles: pointers into the guest, wrapped so that nobody dereferences
 * one by accident.
 *
 *   DEFINE_XEN_GUEST_HANDLE(type)	declare handles to type and const type
 *   XEN_GUEST_HANDLE(type)		a handle as a field of a structure
 *   XEN_GUEST_HANDLE(const_type)	the same, to what is only read
 *   XEN_GUEST_HANDLE_PARAM(type)	a handle as an operand of a hypercall
 *   set_xen_guest_handle(h, pointer)	assign one
 */
#define ___DEFINE_XEN_GUEST_HANDLE(name, type)					\
	typedef struct {							\
		type *p;							\
	} __guest_handle_##name
#define __DEFINE_XEN_GUEST_HANDLE(name, type)					\
	___DEFINE_XEN_GUEST_HANDLE(name, type);					\
	___DEFINE_XEN_GUEST_HANDLE(const_##name, const type)
#define DEFINE_XEN_GUEST_HANDLE(name)	__DEFINE_XEN_GUEST_HANDLE(name, name)
#define __XEN_GUEST_HANDLE(name)	__guest_handle_##name
#define XEN_GUEST_HANDLE(name)		__XEN_GUEST_HANDLE(name)
#define XEN_GUEST_HANDLE_PARAM(name)	XEN_GUEST_HANDLE(name)
#define set_xen_guest_handle_raw(hnd, val)					\
	do {									\
		(hnd).p = (val);						\
	} while (0)
#define set_xen_guest_handle(hnd, val)	set_xen_guest_handle_raw(hnd, val)

#ifndef __ASSEMBLY__
typedef unsigned long xen_pfn_t;	/* a frame number, of any kind */
typedef unsigned long xen_ulong_t;	/* a machine word */
#define PRI_xen_pfn	"lx"
#define PRIu_xen_pfn	"lu"
#define PRI_xen_ulong	"lx"
#endif

#include "xen-x86_64.h"

/*
 * int set_gdt(const xen_pfn_t *frames, unsigned int entries)
 *
 * Use the given machine frames as this VCPU's GDT of so many descriptors. The
 * frames become descriptor pages: no writable mapping of them may exist, and
 * every descriptor in them is checked. entries is at most
 * FIRST_RESERVED_GDT_ENTRY: what follows is the hypervisor's own.
 * -EINVAL: too many entries, a frame is not the caller's or is mapped writable,
 * or it holds a descriptor that is not allowed.
 *
 * int update_descriptor(uint64_t machine_address, uint64_t descriptor)
 *
 * Write a descriptor to a descriptor page or to an ordinary frame. Its
 * privilege level is raised to the guest's. Gates into the hypervisor, system
 * segments and code of ring 0 are refused (-EINVAL).
 */
#define FIRST_RESERVED_GDT_PAGE		14
#define FIRST_RESERVED_GDT_BYTE		(FIRST_RESERVED_GDT_PAGE * 4096)
#define FIRST_RESERVED_GDT_ENTRY	(FIRST_RESERVED_GDT_BYTE / 8)

/* VCPUs that have their vcpu_info in shared_info. */
#define XEN_LEGACY_MAX_VCPUS		32

/*
 * int stack_switch(unsigned long ss, unsigned long rsp)
 *	The stack on which this VCPU enters the guest kernel from user code.
 *
 * int fpu_taskswitch(int set)
 *	Set (nonzero) or clear CR0.TS as this VCPU sees it. With TS set the next
 *	FPU instruction sends the guest a #NM, and clears TS.
 *
 * int set_debugreg(int reg, unsigned long value)
 * unsigned long get_debugreg(int reg)
 *	DR0 to DR3, DR6 and DR7. -EINVAL: no such register, or a breakpoint on
 *	the hypervisor's addresses; -EPERM: DR7 enables what is not allowed.
 *	For get_debugreg an error looks like a value.
 */

#ifndef __ASSEMBLY__

/*
 * int set_trap_table(const struct trap_info *traps)
 *
 * Set trap handlers of this VCPU. The array ends with an entry whose address
 * is zero. A null pointer removes all handlers. A trap without a handler
 * crashes the domain.
 */
struct trap_info {
	uint8_t vector;		/* [in] 0 to 255 */
	/*
	 * [in] bits 1:0, who may raise the vector by INT n: 0 nobody, 1 and 2
	 * the kernel, 3 everybody. Bit 2: mask upcalls on entry. TI_* below.
	 */
	uint8_t flags;
	uint16_t cs;		/* [in] selector of the handler */
	unsigned long address;	/* [in] virtual address of the handler */
};
typedef struct trap_info trap_info_t;
DEFINE_XEN_GUEST_HANDLE(trap_info_t);

#define TI_GET_DPL(_ti)		((_ti)->flags & 3)
#define TI_GET_IF(_ti)		((_ti)->flags & 4)
#define TI_SET_DPL(_ti, _dpl)	((_ti)->flags |= (_dpl))
#define TI_SET_IF(_ti, _if)	((_ti)->flags |= (!!(_if) << 2))

typedef uint64_t tsc_timestamp_t;	/* a value of the TSC */

#endif /* !__ASSEMBLY__ */

/*
 * vcpu_guest_context.flags. The names in capitals are old spellings.
 *
 * i387_valid		fpu_ctxt holds the FPU state
 * in_kernel		the VCPU is in its kernel, not in user code
 * failsafe_disables_events, syscall_disables_events	the callback is entered
 *			with upcalls masked
 * online		the VCPU is up
 */
#define VGCF_I387_VALID			(1 << 0)
#define VGCF_IN_KERNEL			(1 << 2)
#define _VGCF_i387_valid		0
#define VGCF_i387_valid			(1 << _VGCF_i387_valid)
#define _VGCF_in_kernel			2
#define VGCF_in_kernel			(1 << _VGCF_in_kernel)
#define _VGCF_failsafe_disables_events	3
#define VGCF_failsafe_disables_events	(1 << _VGCF_failsafe_disables_events)
#define _VGCF_syscall_disables_events	4
#define VGCF_syscall_disables_events	(1 << _VGCF_syscall_disables_events)
#define _VGCF_online			5
#define VGCF_online			(1 << _VGCF_online)

#ifndef __ASSEMBLY__

/*
 * All of a VCPU: [in] for VCPUOP_initialise and XEN_DOMCTL_setvcpucontext,
 * [out] for XEN_DOMCTL_getvcpucontext.
 */
struct vcpu_guest_context {
	struct {
		char x[512];
	} fpu_ctxt;			/* as FXSAVE writes it */
	unsigned long flags;		/* VGCF_* */
	struct cpu_user_regs user_regs;
	struct trap_info trap_ctxt[256];	/* by vector */
	unsigned long ldt_base, ldt_ents;	/* virtual address, descriptors */
	unsigned long gdt_frames[16], gdt_ents;	/* machine frames, descriptors */
	unsigned long kernel_ss, kernel_sp;	/* as stack_switch sets them */
	/*
	 * [0] CR0 (TS counts), [1] the user level 4 table and [3] the kernel's,
	 * both in the form of xen_pfn_to_cr3(), [4] CR4.
	 */
	unsigned long ctrlreg[8];
	unsigned long debugreg[8];
	unsigned long event_callback_eip;
	unsigned long failsafe_callback_eip;
	unsigned long syscall_callback_eip;
	unsigned long vm_assist;	/* bit n: VMASST_TYPE n */
	uint64_t fs_base;
	uint64_t gs_base_kernel;
	uint64_t gs_base_user;
};
typedef struct vcpu_guest_context vcpu_guest_context_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_guest_context_t);

/*
 * The x86 part of shared_info. Here the guest tells the tools, which save and
 * migrate it, where its pfn-to-mfn list is. Writer: the guest, but for nmi_reason.
 *
 * Either a tree of three levels of frames: pfn_to_mfn_frame_list_list names a
 * frame of mfns of frames of mfns of frames of the list. Zero: not there yet;
 * ~0: the list is too big for it. Or, with p2m_cr3 not zero, the list is at
 * virtual address p2m_vaddr in the address space that p2m_cr3 (in the form of
 * xen_pfn_to_cr3()) is the root of. Entries are then changed by single stores
 * only, and p2m_generation is raised before and after the list's own mapping
 * changes: odd while it does.
 */
struct arch_shared_info {
	unsigned long max_pfn;		/* entries in the list */
	xen_pfn_t pfn_to_mfn_frame_list_list;	/* machine frame */
	unsigned long nmi_reason;	/* hypervisor: XEN_NMIREASON_*, see nmi.h */
	unsigned long p2m_cr3;
	unsigned long p2m_vaddr;
	unsigned long p2m_generation;
};
typedef struct arch_shared_info arch_shared_info_t;

/*
 * The x86 part of what XEN_DOMCTL_createdomain says. emulation_flags are devices
 * that the hypervisor emulates for HVM guests; a PV guest has none (or PIT,
 * which the hypervisor then keeps for it).
 */
struct xen_arch_domainconfig {
	uint32_t emulation_flags;	/* [in] XEN_X86_EMU_* */
	uint32_t misc_flags;		/* [in] XEN_X86_MSR_RELAXED */
};

#endif /* !__ASSEMBLY__ */

#define _XEN_X86_EMU_LAPIC	0
#define XEN_X86_EMU_LAPIC	(xen_mk_uint(1) << _XEN_X86_EMU_LAPIC)
#define _XEN_X86_EMU_HPET	1
#define XEN_X86_EMU_HPET	(xen_mk_uint(1) << _XEN_X86_EMU_HPET)
#define _XEN_X86_EMU_PM		2
#define XEN_X86_EMU_PM		(xen_mk_uint(1) << _XEN_X86_EMU_PM)
#define _XEN_X86_EMU_RTC	3
#define XEN_X86_EMU_RTC		(xen_mk_uint(1) << _XEN_X86_EMU_RTC)
#define _XEN_X86_EMU_IOAPIC	4
#define XEN_X86_EMU_IOAPIC	(xen_mk_uint(1) << _XEN_X86_EMU_IOAPIC)
#define _XEN_X86_EMU_PIC	5
#define XEN_X86_EMU_PIC		(xen_mk_uint(1) << _XEN_X86_EMU_PIC)
#define _XEN_X86_EMU_VGA	6
#define XEN_X86_EMU_VGA		(xen_mk_uint(1) << _XEN_X86_EMU_VGA)
#define _XEN_X86_EMU_IOMMU	7
#define XEN_X86_EMU_IOMMU	(xen_mk_uint(1) << _XEN_X86_EMU_IOMMU)
#define _XEN_X86_EMU_PIT	8
#define XEN_X86_EMU_PIT		(xen_mk_uint(1) << _XEN_X86_EMU_PIT)
#define _XEN_X86_EMU_USE_PIRQ	9
#define XEN_X86_EMU_USE_PIRQ	(xen_mk_uint(1) << _XEN_X86_EMU_USE_PIRQ)
#define _XEN_X86_EMU_VPCI	10
#define XEN_X86_EMU_VPCI	(xen_mk_uint(1) << _XEN_X86_EMU_VPCI)
#define XEN_X86_EMU_ALL		((xen_mk_uint(1) << 11) - 1)

/* Accesses to MSRs that the hypervisor does not know are ignored, not faults. */
#define XEN_X86_MSR_RELAXED	(xen_mk_uint(1) << 0)
#define XEN_X86_MISC_FLAGS_MAX	XEN_X86_MSR_RELAXED

/* xen_cpuid_leaf.subleaf of a leaf that has no subleaves. */
#define XEN_CPUID_NO_SUBLEAF	xen_mk_uint(0xffffffff)

#ifndef __ASSEMBLY__

/* One CPUID leaf: what a domain sees, or may see. */
typedef struct xen_cpuid_leaf {
	uint32_t leaf, subleaf;		/* EAX and ECX before */
	uint32_t a, b, c, d;		/* EAX, EBX, ECX, EDX after */
} xen_cpuid_leaf_t;
DEFINE_XEN_GUEST_HANDLE(xen_cpuid_leaf_t);

/* One MSR. */
typedef struct xen_msr_entry {
	uint32_t idx;
	uint32_t flags;			/* zero */
	uint64_t val;
} xen_msr_entry_t;
DEFINE_XEN_GUEST_HANDLE(xen_msr_entry_t);

#endif /* !__ASSEMBLY__ */

/*
 * CPUID does not trap in ring 3. With this prefix, an undefined instruction and
 * the letters "xen", the hypervisor emulates it: the guest sees what its tools
 * allow it, and the leaves of cpuid.h.
 */
#ifdef __ASSEMBLY__
#define XEN_EMULATE_PREFIX	.byte 0x0f, 0x0b, 0x78, 0x65, 0x6e ;
#define XEN_CPUID		XEN_EMULATE_PREFIX cpuid
#else
#define XEN_EMULATE_PREFIX	".byte 0x0f,0x0b,0x78,0x65,0x6e ; "
#define XEN_CPUID		XEN_EMULATE_PREFIX "cpuid"
#endif

/* A byte written to this I/O port goes to the hypervisor's console (HVM only). */
#define XEN_HVM_DEBUGCONS_IOPORT	0xe9

#endif /* __XEN_PUBLIC_ARCH_X86_XEN_H__ */

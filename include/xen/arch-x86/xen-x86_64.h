/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit part of the paravirtual ABI: selectors, the hypervisor's range of
 * addresses, segment bases, iret frames and registers.
 */
#include "../xen.h"	/* before the guard: it includes this file in its turn */

#ifndef __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__

/*
 * Selectors of flat segments in the hypervisor's part of every GDT. A guest
 * that has not loaded a GDT runs on these. Guest kernel and guest user both run
 * in ring 3, so the segments of both are the same.
 */
#define FLAT_RING3_CS32		0xe023
#define FLAT_RING3_DS32		0xe02b
#define FLAT_RING3_SS32		0xe02b
#define FLAT_RING3_CS64		0xe033
#define FLAT_RING3_DS64		0x0000	/* a null selector does in 64-bit mode */
#define FLAT_RING3_SS64		0xe02b

#define FLAT_KERNEL_CS32	FLAT_RING3_CS32
#define FLAT_KERNEL_DS32	FLAT_RING3_DS32
#define FLAT_KERNEL_SS32	FLAT_RING3_SS32
#define FLAT_KERNEL_CS64	FLAT_RING3_CS64
#define FLAT_KERNEL_DS64	FLAT_RING3_DS64
#define FLAT_KERNEL_SS64	FLAT_RING3_SS64
#define FLAT_KERNEL_CS		FLAT_KERNEL_CS64
#define FLAT_KERNEL_DS		FLAT_KERNEL_DS64
#define FLAT_KERNEL_SS		FLAT_KERNEL_SS64

#define FLAT_USER_CS32		FLAT_RING3_CS32
#define FLAT_USER_DS32		FLAT_RING3_DS32
#define FLAT_USER_SS32		FLAT_RING3_SS32
#define FLAT_USER_CS64		FLAT_RING3_CS64
#define FLAT_USER_DS64		FLAT_RING3_DS64
#define FLAT_USER_SS64		FLAT_RING3_SS64
#define FLAT_USER_CS		FLAT_USER_CS64
#define FLAT_USER_DS		FLAT_USER_DS64
#define FLAT_USER_SS		FLAT_USER_SS64

/*
 * Slots 256 to 271 of every level 4 table are the hypervisor's. The
 * machine-to-physical table is at their start: one unsigned long for each
 * machine frame, the pfn that its owner gave it. The guest kernel can read it.
 * Reading beyond the table's present end may fault.
 */
#define __HYPERVISOR_VIRT_START	0xFFFF800000000000
#define __HYPERVISOR_VIRT_END	0xFFFF880000000000
#define __MACH2PHYS_VIRT_START	0xFFFF800000000000
#define __MACH2PHYS_VIRT_END	0xFFFF804000000000

#define HYPERVISOR_VIRT_START	xen_mk_ulong(__HYPERVISOR_VIRT_START)
#define HYPERVISOR_VIRT_END	xen_mk_ulong(__HYPERVISOR_VIRT_END)
#define MACH2PHYS_VIRT_START	xen_mk_ulong(__MACH2PHYS_VIRT_START)
#define MACH2PHYS_VIRT_END	xen_mk_ulong(__MACH2PHYS_VIRT_END)
#define MACH2PHYS_NR_ENTRIES	((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 3)

#if !defined(__ASSEMBLY__) && !defined(machine_to_phys_mapping)
#define machine_to_phys_mapping	((unsigned long *)MACH2PHYS_VIRT_START)
#endif

/*
 * int set_segment_base(unsigned int which, unsigned long base)
 *
 * Load a segment base of this VCPU. GS_KERNEL is the base that the guest kernel
 * runs on, GS_USER the one that its user code will. GS_USER_SEL loads the user
 * GS selector from bits 15:0 instead, and the base follows from the descriptor
 * (a bad selector loads null). -EINVAL: base is not canonical, or which is bad.
 */
#define SEGBASE_FS		0
#define SEGBASE_GS_USER		1
#define SEGBASE_GS_KERNEL	2
#define SEGBASE_GS_USER_SEL	3

/*
 * A flag of iret_context: the guest was entered by SYSCALL, and the return may
 * be by SYSRET. RCX, R11, CS and SS of the frame are then not restored.
 */
#define _VGCF_in_syscall	8
#define VGCF_in_syscall		(1 << _VGCF_in_syscall)
#define VGCF_IN_SYSCALL		VGCF_in_syscall

#ifndef __ASSEMBLY__

/*
 * int iret(void)
 *
 * Leave the guest kernel. The guest has this on top of its stack; the call does
 * not return. A CS of privilege level 3 returns to user code: the user page
 * table and the user GS base come into use. Level 0, 1 or 2 returns to the
 * kernel (to do that a kernel better uses its own iretq, with CS | 3). Bit 9
 * of rflags (IF), clear, leaves upcalls masked.
 *
 * A frame that cannot be loaded sends the guest its failsafe callback; one that
 * cannot be read kills the domain.
 */
struct iret_context {
	uint64_t rax, r11, rcx;		/* [in] restored */
	uint64_t flags;			/* [in] VGCF_in_syscall or zero */
	uint64_t rip, cs, rflags, rsp, ss;	/* [in] where to go */
};

/*
 * A register under each of its names. As in the headers that Xen gives its own
 * tools, eax is the lower half (Xen's headers for guests make it all of rax).
 */
#define __XEN_REG_ABCD(reg)							\
	union {									\
		uint64_t r##reg##x;						\
		uint32_t e##reg##x;						\
		uint16_t reg##x;						\
		struct {							\
			uint8_t reg##l;						\
			uint8_t reg##h;						\
		};								\
	}
#define __XEN_REG_LOW8(reg)							\
	union {									\
		uint64_t r##reg;						\
		uint32_t e##reg;						\
		uint16_t reg;							\
		uint8_t reg##l;							\
	}
#define __XEN_REG_LOW16(reg)							\
	union {									\
		uint64_t r##reg;						\
		uint32_t e##reg;						\
		uint16_t reg;							\
	}
#define __XEN_REG_NUM(num)							\
	union {									\
		uint64_t r##num;						\
		uint32_t r##num##d;						\
		uint16_t r##num##w;						\
		uint8_t r##num##b;						\
	}

/*
 * The general registers of a VCPU, in the order in which the hypervisor pushes
 * them on entry.
 */
struct cpu_user_regs {
	__XEN_REG_NUM(15);
	__XEN_REG_NUM(14);
	__XEN_REG_NUM(13);
	__XEN_REG_NUM(12);
	__XEN_REG_LOW8(bp);
	__XEN_REG_ABCD(b);
	__XEN_REG_NUM(11);
	__XEN_REG_NUM(10);
	__XEN_REG_NUM(9);
	__XEN_REG_NUM(8);
	__XEN_REG_ABCD(a);
	__XEN_REG_ABCD(c);
	__XEN_REG_ABCD(d);
	__XEN_REG_LOW8(si);
	__XEN_REG_LOW8(di);
	uint32_t error_code;		/* the hypervisor's own use */
	uint32_t entry_vector;		/* the hypervisor's own use */
	__XEN_REG_LOW16(ip);
	uint16_t cs, _pad0[1];
	uint8_t saved_upcall_mask;	/* evtchn_upcall_mask; the inverse of */
	uint8_t _pad1[3];		/* IF in rflags below */
	__XEN_REG_LOW16(flags);
	__XEN_REG_LOW8(sp);
	uint16_t ss, _pad2[3];
	uint16_t es, _pad3[3];
	uint16_t ds, _pad4[3];
	uint16_t fs, _pad5[3];
	uint16_t gs, _pad6[3];
};
typedef struct cpu_user_regs cpu_user_regs_t;
DEFINE_XEN_GUEST_HANDLE(cpu_user_regs_t);

#undef __XEN_REG_ABCD
#undef __XEN_REG_LOW8
#undef __XEN_REG_LOW16
#undef __XEN_REG_NUM

/* Between a level 4 table's machine frame and a CR3 as vcpu_guest_context has it. */
#define xen_pfn_to_cr3(pfn)	((unsigned long)(pfn) << 12)
#define xen_cr3_to_pfn(cr3)	((unsigned long)(cr3) >> 12)

/* The x86 part of vcpu_info. */
struct arch_vcpu_info {
	unsigned long cr2;	/* hypervisor: address of the last page fault */
	unsigned long pad;
};
typedef struct arch_vcpu_info arch_vcpu_info_t;

/* Where the hypervisor calls the guest: a virtual address. */
typedef unsigned long xen_callback_t;

#endif /* !__ASSEMBLY__ */

#endif /* __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__ */

/* SPDX-License-Identifier: MIT */
/*
 * CPUID leaves that the hypervisor adds, from 0x40000000 on. A PV guest reads
 * them with the prefix of XEN_CPUID.
 *
 * base + 0	EAX: the last of these leaves. EBX, ECX, EDX: "XenVMMXenVMM".
 * base + 1	EAX: version, major << 16 | minor.
 * base + 2	EAX: hypercall pages. EBX: MSR that fills one in (write its guest
 *		address). ECX: XEN_CPUID_FEAT1_*.
 * base + 3	The guest's TSC. Subleaf 0: EAX bit 0, it is emulated; bit 1, host
 *		TSCs are reliable; bit 2, RDTSCP works. EBX: tsc_mode. ECX: kHz.
 *		EDX: incarnation. Subleaf 1: EBX:EAX offset (HVM: vtsc offset),
 *		ECX multiplier, EDX shift. Subleaf 2: EAX, the host's kHz.
 * base + 4	EAX: XEN_HVM_CPUID_*, HVM guests only. EBX: VCPU. ECX: domain.
 * base + 5	PV guests only. EBX bits 7:0: bits of a machine address.
 */
#ifndef __XEN_PUBLIC_ARCH_X86_CPUID_H__
#define __XEN_PUBLIC_ARCH_X86_CPUID_H__

#define XEN_CPUID_FIRST_LEAF	0x40000000
#define XEN_CPUID_LEAF(i)	(XEN_CPUID_FIRST_LEAF + (i))
#define XEN_CPUID_MAX_NUM_LEAVES	5

#define XEN_CPUID_SIGNATURE_EBX	0x566e6558	/* "XenV" */
#define XEN_CPUID_SIGNATURE_ECX	0x65584d4d	/* "MMXe" */
#define XEN_CPUID_SIGNATURE_EDX	0x4d4d566e	/* "nVMM" */

/* MMU_PT_UPDATE_PRESERVE_AD exists. */
#define _XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD	0
#define XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD	(1u << 0)

#define XEN_HVM_CPUID_APIC_ACCESS_VIRT	(1u << 0)	/* APIC in hardware */
#define XEN_HVM_CPUID_X2APIC_VIRT	(1u << 1)	/* x2APIC in hardware */
#define XEN_HVM_CPUID_IOMMU_MAPPINGS	(1u << 2)	/* grants are in the IOMMU */
#define XEN_HVM_CPUID_VCPU_ID_PRESENT	(1u << 3)	/* EBX is valid */
#define XEN_HVM_CPUID_DOMID_PRESENT	(1u << 4)	/* ECX is valid */
#define XEN_HVM_CPUID_EXT_DEST_ID	(1u << 5)	/* 15-bit APIC IDs */
#define XEN_HVM_CPUID_UPCALL_VECTOR	(1u << 6)	/* per-VCPU upcalls work */

/* Leaf 5, EBX. */
#define XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK	(0xffu << 0)

#endif /* __XEN_PUBLIC_ARCH_X86_CPUID_H__ */

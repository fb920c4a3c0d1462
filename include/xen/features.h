/* SPDX-License-Identifier: MIT */
/*
 * Features: what the hypervisor offers the caller (XENVER_get_features), and in
 * ELF notes what a kernel can use or cannot do without (see elfnote.h). The
 * number is that of a bit.
 */
#ifndef __XEN_PUBLIC_FEATURES_H__
#define __XEN_PUBLIC_FEATURES_H__

/* The guest writes its page tables as if it were alone. */
#define XENFEAT_writable_page_tables		0
/* The guest writes its descriptor tables as if it were alone. */
#define XENFEAT_writable_descriptor_tables	1
/* The hypervisor translates frames: the guest's frames are pfns throughout. */
#define XENFEAT_auto_translated_physmap		2
/* The guest kernel runs in ring 0. */
#define XENFEAT_supervisor_mode_kernel		3
/* 32-bit: page directories may be above 4 GiB. Always so on x86-64. */
#define XENFEAT_pae_pgdir_above_4gb		4
/* MMU_PT_UPDATE_PRESERVE_AD exists. */
#define XENFEAT_mmu_pt_update_preserve_ad	5
/* MMUEXT_CLEAR_PAGE and MMUEXT_COPY_PAGE exist. */
#define XENFEAT_highmem_assist			6
/* Grant mappings can set the page-table bits that are the guest's own use. */
#define XENFEAT_gnttab_map_avail_bits		7
/* HVM: events can come by a vector. */
#define XENFEAT_hvm_callback_vector		8
/* HVM: vcpu_time_info can be relied on. */
#define XENFEAT_hvm_safe_pvclock		9
/* HVM: physical interrupts can come by event channel. */
#define XENFEAT_hvm_pirqs			10
/* The kernel can be domain 0; reported to domain 0 only. */
#define XENFEAT_dom0				11
/* XENMEMF_vnode exists. */
#define XENFEAT_memory_op_vnode_supported	13
/* ARM: calls by the SMC convention. */
#define XENFEAT_ARM_SMCCC_supported		14
/* PVH: the ACPI root pointer may be anywhere. */
#define XENFEAT_linux_rsdp_unrestricted		15
/* pfn and mfn are different, or the same. A PV guest has the first. */
#define XENFEAT_not_direct_mapped		16
#define XENFEAT_direct_mapped			17

#define XENFEAT_NR_SUBMAPS			1

#endif /* __XEN_PUBLIC_FEATURES_H__ */

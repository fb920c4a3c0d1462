/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VCPU's privileged state, as the core changes it: page-table root, descriptor
 * tables. The machine's part is cpu/guest_mode.c and cpu/descriptors.c; the host
 * build has a part of its own.
 */
#ifndef CPU_GUEST_MODE_H
#define CPU_GUEST_MODE_H

#include "lib/types.h"

struct vcpu;
struct domain;

/* v->kernel_l4 or v->user_l4 changed: v->cr3 follows, and the CPU's CR3 too
 * when v is current. */
void vcpu_load_root(struct vcpu *v);

/* MMUEXT_SET_LDT for the current VCPU; its domain's mmu lock is held. */
int vcpu_set_ldt(struct vcpu *v, u64 base, unsigned int entries);

/* Write back and drop the data caches, of this CPU or of all. */
void flush_cache(bool all);

/* set_segment_base with SEGBASE_GS_USER_SEL: null when the selector is bad. */
int guest_load_gs_user(u16 selector);

/* A domain's part of slot 260: the tables under it. 0 or -ENOMEM. */
int descriptors_init(struct domain *d);
void descriptors_destroy(struct domain *d);
int descriptors_init_vcpu(struct vcpu *v);
/* Drop a VCPU's GDT and LDT, with the frames' typed uses. mmu lock held. */
void descriptors_drop(struct vcpu *v);

/*
 * Replace a VCPU's GDT by these frames (set_gdt and start of day), 512 entries
 * each but the last. mmu lock of its domain held. 0, -EINVAL.
 */
int vcpu_set_gdt(struct vcpu *v, const u64 *frames, unsigned int entries);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* set_segment_base: FS and GS bases, which a guest's kernel cannot write. */
#include <xen/errno.h>
#include <xen/xen.h>

#include "cpu/asm.h"
#include "cpu/guest_mode.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "machine.h"

long do_set_segment_base(unsigned int which, u64 base)
{
	if (which <= SEGBASE_GS_KERNEL &&
	    (s64)(base << 16) >> 16 != (s64)base)
		return -XEN_EINVAL;
	switch (which) {
	case SEGBASE_FS:
		wrmsr(MSR_FS_BASE, base);
		return 0;
	case SEGBASE_GS_USER:
		wrmsr(MSR_SHADOW_GS_BASE, base);
		return 0;
	case SEGBASE_GS_KERNEL:
		wrmsr(MSR_GS_BASE, base);
		return 0;
	case SEGBASE_GS_USER_SEL:
		return guest_load_gs_user(base);
	default:
		return -XEN_EINVAL;
	}
}

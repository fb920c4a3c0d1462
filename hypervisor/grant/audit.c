/* SPDX-License-Identifier: GPL-2.0-only */
/* Which frames grants hold: a handle one for each use, and tables their own. */
#include "grant/internal.h"
#include "mm/audit.h"
#include "mm/frame.h"

void grant_audit(struct domain *d)
{
	const struct grant_table *gt = d->grant;

	for (u32 h = 0; h < gt->used_mappings; h++) {
		const struct mapping *m = mapping_get(gt, h);
		u32 pin = m ? m->pin : 0;

		if (pin & PIN_HOST)
			audit_hold(m->mfn, pin & PIN_WRITE ? FRAME_WRITABLE : 0);
		if (pin & PIN_DEVICE)
			audit_hold(m->mfn, pin & PIN_WRITE ? FRAME_WRITABLE : 0);
	}
	for (u32 i = 0; i < gt->nr_frames; i++)
		audit_hold(virt_to_mfn(gt->shared[i]), FRAME_WRITABLE);
	for (u32 i = 0; i < gt->nr_status; i++)
		audit_hold(virt_to_mfn(gt->status[i]), FRAME_WRITABLE);
}

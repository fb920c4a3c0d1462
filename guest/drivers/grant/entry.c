// SPDX-License-Identifier: GPL-2.0
/*
 * What an entry of the grant table says: who may use which frame, and how. The
 * hypervisor notes in it whether the frame is in use.
 *
 * Version 1 has both in the entry's flags, which we and the hypervisor change in
 * turns; version 2 has what is in use in an array of its own, and room for frames
 * beyond 16 TiB.
 */
#include <linux/compiler.h>
#include <asm/barrier.h>
#include <asm/cmpxchg.h>

#include "grant.h"

#define IN_USE (GTF_reading | GTF_writing)

static struct grant_entry_v1 *entry_v1(grant_ref_t ref)
{
	return (struct grant_entry_v1 *)grant_frames + ref;
}

static union grant_entry_v2 *entry_v2(grant_ref_t ref)
{
	return (union grant_entry_v2 *)grant_frames + ref;
}

/* Let @domain use @frame. @ref is the caller's and has no access. Any context. */
void grant_write(grant_ref_t ref, domid_t domain, unsigned long frame, u16 flags)
{
	flags |= GTF_permit_access;
	if (grant_version == 1) {
		struct grant_entry_v1 *entry = entry_v1(ref);

		entry->frame = frame;
		entry->domid = domain;
		virt_wmb(); /* flags make it valid */
		WRITE_ONCE(entry->flags, flags);
	} else {
		union grant_entry_v2 *entry = entry_v2(ref);

		entry->full_page.frame = frame;
		entry->hdr.domid = domain;
		virt_wmb();
		WRITE_ONCE(entry->hdr.flags, flags);
	}
}

/* End access; false: the frame is in use, and access goes on. Any context. */
static bool revoke_v1(grant_ref_t ref)
{
	u16 *flags = &entry_v1(ref)->flags, old, was = READ_ONCE(*flags);

	do {
		old = was;
		if (old & IN_USE)
			return false;
		was = sync_cmpxchg(flags, old, 0);
	} while (was != old);
	return true;
}

/* The same, but new uses are refused from here on even if there is an old one. */
static bool revoke_v2(grant_ref_t ref)
{
	WRITE_ONCE(entry_v2(ref)->hdr.flags, 0);
	virt_mb(); /* a use that did not see this is noted by now */
	if (READ_ONCE(grant_status[ref]) & IN_USE)
		return false;
	virt_rmb(); /* what the other side wrote is there */
	return true;
}

bool grant_revoke(grant_ref_t ref)
{
	return grant_version == 1 ? revoke_v1(ref) : revoke_v2(ref);
}

/* The frame that @ref is for. */
unsigned long grant_frame_of(grant_ref_t ref)
{
	return grant_version == 1 ? entry_v1(ref)->frame : entry_v2(ref)->full_page.frame;
}

void gnttab_grant_foreign_access_ref(grant_ref_t ref, domid_t domid, unsigned long frame,
				     int readonly)
{
	grant_write(ref, domid, frame, readonly ? GTF_readonly : 0);
}
EXPORT_SYMBOL_GPL(gnttab_grant_foreign_access_ref);

/* The reference, or -ENOSPC. */
int gnttab_grant_foreign_access(domid_t domid, unsigned long frame, int readonly)
{
	grant_ref_t head, ref;

	if (gnttab_alloc_grant_references(1, &head))
		return -ENOSPC;
	ref = gnttab_claim_grant_reference(&head);
	gnttab_grant_foreign_access_ref(ref, domid, frame, readonly);
	return ref;
}
EXPORT_SYMBOL_GPL(gnttab_grant_foreign_access);

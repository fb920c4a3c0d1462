/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Grants: a domain lets another one use a page of its memory by an entry of its grant
 * table, whose number, the grant reference, it tells the other one.
 *
 *	table.c		the table: shared with the hypervisor, grows
 *	entry.c		what an entry says, in the table's two versions
 *	refs.c		which references are free; reservations of several
 *	end.c		the end of access, also when the other domain does not let go yet
 *	map.c		the other side: mapping pages that others grant, copying
 *	pages.c		pages to map them at, and cutting buffers into pages
 */
#ifndef XEN_GRANT_INTERNAL_H
#define XEN_GRANT_INTERNAL_H

#include <linux/spinlock.h>
#include <xen/grant_table.h>

/* The first references are the hypervisor's and the tools'. */
#define GRANT_FIRST GNTTAB_NR_RESERVED_ENTRIES

/* table.c */
extern unsigned int grant_version;
extern void *grant_frames;	     /* the entries, version 1 or 2 */
extern grant_status_t *grant_status; /* version 2 */
unsigned int grants_per_frame(void);
unsigned int grants_now(void);
int grants_grow(unsigned int frames);

/* entry.c */
void grant_write(grant_ref_t ref, domid_t domain, unsigned long frame, u16 flags);
bool grant_revoke(grant_ref_t ref);
unsigned long grant_frame_of(grant_ref_t ref);

/* refs.c */
int grants_init(void);

#endif

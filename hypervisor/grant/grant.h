/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant tables: a domain lets another map, copy or take some of its frames.
 * <xen/grant_table.h> describes the table and the operations.
 */
#ifndef GRANT_GRANT_H
#define GRANT_GRANT_H

#include "lib/types.h"

struct domain;

/* What a domain gets unless its creator says otherwise; as Xen. */
#define GRANT_MAX_FRAMES 64
#define GRANT_MAX_MAPTRACK_FRAMES 1024
#define GRANT_MAX_VERSION 2

/* Create a domain's part, with the limits above: 0 or -ENOMEM. */
int grant_domain_init(struct domain *d);

/*
 * Lower limits, for a domain that has not run yet: frames of its table, frames
 * of handles for what it maps, and the highest version of the table. 0,
 * -EINVAL (nothing may be mapped without a table), -ENOMEM.
 */
int grant_set_limits(struct domain *d, u32 max_frames, u32 max_maptrack_frames, u32 max_version);

/*
 * Take it down in two steps, as event channels are. grant_domain_kill(), when the
 * domain dies, with is_dying set and before its memory is given back: gives up
 * everything that it has mapped, and takes no frames any more; 0, or -ERESTART:
 * something else is due on this CPU, call again. Its VCPUs do not run any more.
 * grant_domain_destroy(), with the last reference: frees our own memory.
 */
int grant_domain_kill(struct domain *d);
void grant_domain_destroy(struct domain *d);

/*
 * For tools that fill in a domain's table: the frame number index of its table,
 * or of its status array. The table grows as far as that needs. 0, -EINVAL,
 * -ENOMEM.
 */
int grant_table_frame(struct domain *d, bool status, u32 index, mfn_t *mfn);

/* How many there can be: of its table (id 0), of its status array (id 1). */
u32 grant_max_frames(const struct domain *d, u32 id);

/* Tell mm/audit.h which frames are held here: mapped by d, and d's table. */
void grant_audit(struct domain *d);

/* The hypercall, for the current domain. uop is a guest address. */
long do_grant_table_op(unsigned int cmd, void *uop, unsigned int count);

#endif

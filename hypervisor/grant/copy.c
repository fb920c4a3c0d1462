/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copying between frames, each the caller's own or granted to it. Nothing is
 * mapped: a side's grant is pinned and its frame held only while the bytes are
 * copied through the hypervisor's own view of memory.
 *
 * A transitive entry stands for a grant that its domain has itself been given:
 * then both entries are pinned, one after the other, and the second must be a
 * plain one, granted to the domain that passes it on.
 */
#include "grant/internal.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"

#define BATCH 16

/* A domain's entry that is pinned; rd NULL: none. */
struct pinned {
	struct domain *rd; /* with a reference */
	u32 ref;
};

struct side {
	struct pinned first, passed_on;
	mfn_t mfn;
	u32 offset, length; /* what of the frame may be used */
	bool writable;
};

static u32 side_pin(const struct side *s)
{
	return s->writable ? PIN_HOST_WRITE : PIN_HOST_READ;
}

static void unpin(const struct side *s, struct pinned *p)
{
	struct grant_table *gt;

	if (!p->rd)
		return;
	gt = p->rd->grant;
	spin_lock(&gt->lock);
	grant_unpin(gt, p->ref, side_pin(s));
	spin_unlock(&gt->lock);
	domain_put(p->rd);
	p->rd = NULL;
}

/*
 * Pin an entry for domid: takes over the reference on rd, and drops it on
 * failure. When g needs no other entry, the frame is held as well.
 */
static int pin(struct side *s, struct pinned *p, struct domain *rd, u32 ref, u16 domid,
	       bool may_pass_on, struct granted *g)
{
	struct grant_table *gt = rd->grant;
	int rc;

	spin_lock(&gt->lock);
	rc = grant_pin(gt, ref, domid, side_pin(s), g);
	if (rc == GNTST_okay) {
		if (!g->transitive)
			rc = grant_frame_get(g->mfn, rd->id, s->writable);
		else if (!may_pass_on || g->domid == rd->id)
			rc = GNTST_general_error;
		if (rc)
			grant_unpin(gt, ref, side_pin(s));
	}
	spin_unlock(&gt->lock);
	if (rc) {
		domain_put(rd);
		return rc;
	}
	*p = (struct pinned){ rd, ref };
	return GNTST_okay;
}

static int hold_granted(struct side *s, u16 domid, u32 ref)
{
	struct domain *d = current->domain, *rd = domain_get(domid), *td;
	struct granted g;
	int rc;

	if (!rd)
		return GNTST_bad_domain;
	rc = pin(s, &s->first, rd, ref, d->id, true, &g);
	if (rc)
		return rc;
	if (g.transitive) {
		td = g.domid != DOMID_SELF ? domain_get(g.domid) : NULL;
		rc = td ? pin(s, &s->passed_on, td, g.ref, rd->id, false, &g) : GNTST_general_error;
		if (rc) {
			unpin(s, &s->first);
			return rc;
		}
	}
	s->mfn = g.mfn;
	s->offset = g.offset;
	s->length = g.length;
	return GNTST_okay;
}

/* Take hold of one side; release_side() lets go. GNTST_*. */
static int hold_side(struct side *s, const struct gnttab_copy_ptr *ptr, bool by_ref, bool writable)
{
	struct domain *rd;

	*s = (struct side){ .writable = writable, .length = PAGE_SIZE };
	if (by_ref)
		return hold_granted(s, ptr->domid, ptr->u.ref);
	if (ptr->domid != DOMID_SELF) {
		/* By frame only one's own, and nobody else's whoever it is. */
		rd = domain_get(ptr->domid);
		if (!rd)
			return GNTST_bad_domain;
		domain_put(rd);
		return GNTST_permission_denied;
	}
	s->mfn = ptr->u.gmfn;
	return grant_frame_get(s->mfn, current->domain->id, writable);
}

static void release_side(struct side *s)
{
	grant_frame_put(s->mfn, s->writable);
	unpin(s, &s->passed_on);
	unpin(s, &s->first);
}

static bool within(const struct side *s, u32 offset, u32 len)
{
	return offset >= s->offset && offset + len <= s->offset + s->length;
}

static int copy_one(const struct gnttab_copy *op)
{
	u32 len = op->len, from = op->source.offset, to = op->dest.offset;
	struct side src, dst;
	int rc;

	rc = hold_side(&src, &op->source, op->flags & GNTCOPY_source_gref, false);
	if (rc)
		return rc;
	rc = hold_side(&dst, &op->dest, op->flags & GNTCOPY_dest_gref, true);
	if (rc == GNTST_okay) {
		if (from + len > PAGE_SIZE || to + len > PAGE_SIZE)
			rc = GNTST_bad_copy_arg;
		else if (!within(&src, from, len) || !within(&dst, to, len))
			rc = GNTST_general_error;
		else
			memmove((char *)map_frame(dst.mfn) + to,
				(const char *)map_frame(src.mfn) + from, len);
		release_side(&dst);
	}
	release_side(&src);
	return rc;
}

long grant_copy(struct gnttab_copy *uop, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		struct gnttab_copy op;

		if (i % BATCH == BATCH - 1 && preempt_check())
			return GRANT_RESTART(GNTTABOP_copy, uop, i, count);
		if (unlikely(copy_from_guest(&op, &uop[i], sizeof(op))))
			return -XEN_EFAULT;
		op.status = copy_one(&op);
		if (unlikely(copy_to_guest(&uop[i].status, &op.status, sizeof(op.status))))
			return -XEN_EFAULT;
	}
	return 0;
}

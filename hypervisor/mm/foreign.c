/* SPDX-License-Identifier: GPL-2.0-only */
/* Resolves the domains that a memory hypercall names; see mm/foreign.h. */
#include "machine.h"
#include "mm/foreign.h"

/* Frames that are no domain's: device memory, and what we show of our own. */
static struct domain io_domain = { .id = DOMID_IO, .references = 1 };
static struct domain xen_domain = { .id = DOMID_XEN, .references = 1 };

static int domain_for_memory(u16 domid, struct domain **d)
{
	if (domid == DOMID_SELF) {
		*d = current->domain;
		__atomic_add_fetch(&(*d)->references, 1, __ATOMIC_RELAXED);
		return 0;
	}
	/* Its own number is not how a domain may name itself here. */
	if (domid == current->domain->id)
		return -XEN_ESRCH;
	if (!current->domain->is_privileged)
		return -XEN_EPERM;
	if (domid == DOMID_IO || domid == DOMID_XEN) {
		*d = domid == DOMID_IO ? &io_domain : &xen_domain;
		__atomic_add_fetch(&(*d)->references, 1, __ATOMIC_RELAXED);
		return 0;
	}
	*d = domain_get(domid);
	return *d ? 0 : -XEN_ESRCH;
}

int foreign_get_slow(unsigned int foreigndom, struct domain **pt_owner,
		     struct domain **pg_owner)
{
	u16 pt = foreigndom >> 16 ? (foreigndom >> 16) - 1 : DOMID_SELF;
	int rc = domain_for_memory(pt, pt_owner);

	if (rc)
		return rc;
	rc = domain_for_memory(foreigndom & 0xffff, pg_owner);
	if (rc)
		domain_put(*pt_owner);
	return rc;
}

void foreign_put_slow(struct domain *pt_owner, struct domain *pg_owner)
{
	domain_put(pg_owner);
	domain_put(pt_owner);
}

int guest_vcpu_mask(struct domain *d, const void *bitmap, cpumask_t *cpus)
{
	*cpus = 0;
	for (unsigned int base = 0; base < d->max_vcpus; base += 64) {
		u64 bits;
		size_t bytes = min(DIV_ROUND_UP(d->max_vcpus - base, 8u), 8u);

		bits = 0;
		if (copy_from_guest(&bits, (const char *)bitmap + base / 8,
				    bytes))
			return -XEN_EFAULT;
		for (; bits; bits &= bits - 1) {
			unsigned int id = base + __builtin_ctzll(bits);
			struct vcpu *v;

			if (id >= d->max_vcpus)
				break;
			v = d->vcpu[index_nospec(id, MAX_VCPUS)];
			if (v && READ_ONCE(v->is_running))
				*cpus |= cpumask_of(READ_ONCE(v->processor));
		}
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU pools. There is one, number 0, with all CPUs, all domains and the scheduler:
 * tools can look at it, and what would change it or make another is refused.
 */
#include <xen/errno.h>

#include "domain/domain.h"
#include "hypercall/bitmap.h"
#include "hypercall/sysctl.h"
#include "machine.h"
#include "sched/sched.h"

#define THE_POOL 0

/*
 * Creating asks for a number, or for any. All that a new pool needs is a CPU that
 * is free, and there never is one.
 */
static long create(const struct xen_sysctl_cpupool_op *op)
{
	return op->cpupool_id == THE_POOL ? -XEN_EEXIST : -XEN_EOPNOTSUPP;
}

/* All domains; those that are being destroyed, too, as long as they are there. */
static u32 count_domains(void)
{
	u32 n = 0;

	for (u32 id = 0; id < MAX_DOMAINS; id++)
		n += domain_by_id(id) != NULL;
	return n;
}

static long info(struct xen_sysctl_cpupool_op *op)
{
	op->cpupool_id = THE_POOL;
	op->sched_id = sched_current()->xen_id;
	op->n_dom = count_domains();
	return cpumask_to_guest(&op->cpumap, sched_cpus());
}

/* A CPU, or any, to the pool: those that there are have a place in it. */
static long add_cpu(const struct xen_sysctl_cpupool_op *op)
{
	if (op->cpu == XEN_SYSCTL_CPUPOOL_PAR_ANY)
		return -XEN_ENODEV;
	if (op->cpu >= NR_CPUS || !(sched_cpus() & cpumask_of(op->cpu)))
		return -XEN_EINVAL;
	return -XEN_ENODEV;
}

/* The first CPU never leaves, the others do not either. */
static long remove_cpu(const struct xen_sysctl_cpupool_op *op)
{
	if (op->cpu != XEN_SYSCTL_CPUPOOL_PAR_ANY &&
	    (op->cpu == 0 || op->cpu >= NR_CPUS || !(sched_cpus() & cpumask_of(op->cpu))))
		return -XEN_EINVAL;
	return -XEN_EBUSY;
}

static long move_domain(const struct xen_sysctl_cpupool_op *op)
{
	struct domain *d;

	if (op->domid == current->domain->id)
		return -XEN_EPERM;
	d = op->domid < MAX_DOMAINS ? domain_get(op->domid) : NULL;
	if (!d)
		return -XEN_ESRCH;
	domain_put(d);
	return op->cpupool_id == THE_POOL ? 0 : -XEN_ENOENT;
}

long sysctl_cpupool_op(struct xen_sysctl_cpupool_op *op)
{
	switch (op->op) {
	case XEN_SYSCTL_CPUPOOL_OP_CREATE:
		return create(op);
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		return cpumask_to_guest(&op->cpumap, 0);
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		return move_domain(op);
	case XEN_SYSCTL_CPUPOOL_OP_INFO:
		/* The first from that number on. */
		return op->cpupool_id == THE_POOL ? info(op) : -XEN_ENOENT;
	case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
		return op->cpupool_id == THE_POOL ? -XEN_EBUSY : -XEN_ENOENT;
	case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
		return op->cpupool_id == THE_POOL ? add_cpu(op) : -XEN_ENOENT;
	case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
		return op->cpupool_id == THE_POOL ? remove_cpu(op) : -XEN_ENOENT;
	default:
		return -XEN_ENOSYS;
	}
}

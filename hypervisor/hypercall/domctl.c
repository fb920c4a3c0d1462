/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domctl: how the tools control domains. Here is what all operations have in
 * common; what each does is in domctl_domain.c, domctl_vcpu.c, domctl_access.c.
 */
#include <xen/domctl.h>
#include <xen/errno.h>

#include "domain/domain.h"
#include "domain/info.h"
#include "hypercall/control.h"
#include "hypercall/cpu_policy.h"
#include "hypercall/domctl.h"
#include "hypercall/hypercall.h"
#include "machine.h"
#include "mm/pagetable.h"
#include "sched/sched.h"

/*
 * Operations are long and change what others rely on, so one is done at a time.
 * Who comes meanwhile does not wait here, where it would hold up its CPU, but
 * calls again.
 */
static struct spinlock control_lock = SPINLOCK_INIT;

/* The domain, or the next there is: so all can be listed. */
static long getdomaininfo(struct xen_domctl *op)
{
	struct domain *d = domain_get_from(op->domain);

	if (!d)
		return -XEN_ESRCH;
	domain_info(d, &op->u.getdomaininfo);
	op->domain = d->id;
	domain_put(d);
	return 0;
}

static long get_cpu_policy(struct domain *d, struct xen_domctl *op)
{
	return domctl_get_cpu_policy(d, &op->u.cpu_policy);
}

/* Kernels look once: what they were told stays true. */
static long set_cpu_policy(struct domain *d, struct xen_domctl *op)
{
	return d->has_run ? -XEN_EEXIST : domctl_set_cpu_policy(d, &op->u.cpu_policy);
}

static long scheduler_op(struct domain *d, struct xen_domctl *op)
{
	return sched_domctl(d, &op->u.scheduler_op);
}

static const struct {
	domctl_fn *fn;
	bool on_self; /* the caller may do it to its own domain */
} operations[] = {
#define OTHERS(name) [XEN_DOMCTL_##name] = { domctl_##name, false }
#define ANY(name) [XEN_DOMCTL_##name] = { domctl_##name, true }
	OTHERS(destroydomain),
	OTHERS(pausedomain),
	OTHERS(unpausedomain),
	OTHERS(resumedomain),
	OTHERS(max_vcpus),
	ANY(max_mem),
	ANY(setdomainhandle),
	OTHERS(setdebugging),
	ANY(settimeoffset),
	OTHERS(set_target),
	ANY(subscribe),
	ANY(set_virq_handler),
	ANY(set_address_size),
	ANY(get_address_size),
	ANY(setnodeaffinity),
	ANY(getnodeaffinity),
	OTHERS(settscinfo),
	ANY(gettscinfo),
	OTHERS(setvcpucontext),
	OTHERS(getvcpucontext),
	ANY(getvcpuinfo),
	ANY(setvcpuaffinity),
	ANY(getvcpuaffinity),
	ANY(sendtrigger),
	OTHERS(set_ext_vcpucontext),
	ANY(get_ext_vcpucontext),
	ANY(getpageframeinfo3),
	ANY(hypercall_init),
	ANY(iomem_permission),
	ANY(ioport_permission),
	ANY(irq_permission),
	ANY(memory_mapping),
	[XEN_DOMCTL_get_cpu_policy] = { get_cpu_policy, true },
	[XEN_DOMCTL_set_cpu_policy] = { set_cpu_policy, false },
	[XEN_DOMCTL_scheduler_op] = { scheduler_op, true },
};

/*
 * What no domain can have here, with the error that tools know it by: an IOMMU,
 * features of HVM, and of processors that we leave alone.
 */
static const u8 refusals[] = {
	[XEN_DOMCTL_assign_device] = XEN_EOPNOTSUPP,
	[XEN_DOMCTL_deassign_device] = XEN_EOPNOTSUPP,
	[XEN_DOMCTL_test_assign_device] = XEN_EOPNOTSUPP,
	[XEN_DOMCTL_get_device_group] = XEN_EOPNOTSUPP,
	[XEN_DOMCTL_ioport_mapping] = XEN_EOPNOTSUPP,
	[XEN_DOMCTL_get_paging_mempool_size] = XEN_EOPNOTSUPP,
	[XEN_DOMCTL_set_paging_mempool_size] = XEN_EOPNOTSUPP,
	[XEN_DOMCTL_bind_pt_irq] = XEN_EINVAL,
	[XEN_DOMCTL_unbind_pt_irq] = XEN_EINVAL,
	[XEN_DOMCTL_gethvmcontext] = XEN_EINVAL,
	[XEN_DOMCTL_sethvmcontext] = XEN_EINVAL,
	[XEN_DOMCTL_gethvmcontext_partial] = XEN_EINVAL,
	[XEN_DOMCTL_debug_op] = XEN_EINVAL,
	[XEN_DOMCTL_set_broken_page_p2m] = XEN_EINVAL,
	[XEN_DOMCTL_vmtrace_op] = XEN_EINVAL,
	[XEN_DOMCTL_psr_cmt_op] = XEN_ENODEV,
	[XEN_DOMCTL_psr_alloc] = XEN_ENODEV,
};

static long refuse(u32 cmd)
{
	u8 error = cmd < ARRAY_SIZE(refusals) ? refusals[index_nospec(cmd, ARRAY_SIZE(refusals))] :
						0;

	return error ? -(long)error : -XEN_ENOSYS;
}

static long on_domain(struct xen_domctl *op)
{
	u32 cmd = op->cmd;
	struct domain *d;
	long rc;

	/* Who is not a domain may be meant: is the device anybody's, is it in quarantine. */
	if ((cmd == XEN_DOMCTL_test_assign_device && op->domain == DOMID_INVALID) ||
	    (cmd == XEN_DOMCTL_deassign_device && op->domain == DOMID_IO))
		return refuse(cmd);
	d = domain_get(op->domain);
	if (!d)
		return -XEN_ESRCH;
	if (cmd >= ARRAY_SIZE(operations) ||
	    !operations[index_nospec(cmd, ARRAY_SIZE(operations))].fn)
		rc = refuse(cmd);
	else if (d == current->domain && !operations[cmd].on_self)
		rc = -XEN_EINVAL;
	else
		rc = operations[cmd].fn(d, op);
	domain_put(d);
	return rc;
}

static long operation(struct xen_domctl *op)
{
	switch (op->cmd) {
	case XEN_DOMCTL_createdomain:
		return domctl_createdomain(NULL, op);
	case XEN_DOMCTL_getdomaininfo:
		return getdomaininfo(op);
	default:
		return on_domain(op);
	}
}

long do_domctl(void *arg)
{
	struct control_header h;
	struct xen_domctl op;
	long rc = control_enter(arg, XEN_DOMCTL_INTERFACE_VERSION, &h);

	if (rc)
		return rc;
	if (copy_from_guest(&op, arg, sizeof(op)))
		return -XEN_EFAULT;
	/* Checked once; what was read again may have changed. */
	op.cmd = h.cmd;
	/* Those that end tables do it with nothing left over from others. */
	if ((tables_unfinished(current) && tables_finish(current)) || !spin_trylock(&control_lock))
		goto restart;
	rc = operation(&op);
	spin_unlock(&control_lock);
	if (rc == -ERESTART)
		goto restart;
	/* That one says what was wrong. */
	if ((rc >= 0 || op.cmd == XEN_DOMCTL_set_cpu_policy) && copy_to_guest(arg, &op, sizeof(op)))
		return -XEN_EFAULT;
	return rc;
restart:
	return hypercall_restart(__HYPERVISOR_domctl, 1, (u64)arg);
}

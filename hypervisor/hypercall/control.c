/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control interface: domctl, sysctl, platform_op. Each structure begins with
 * a command and the version of the interface that the caller was built for; any
 * other version than ours is refused before anything is looked at.
 */
#include <xen/errno.h>
#include <xen/sysctl.h>

#include "domain/domain.h"
#include "hypercall/control.h"
#include "hypercall/hypercall.h"
#include "machine.h"

long control_enter(void *arg, u32 version, struct control_header *h)
{
	if (!current->domain->is_privileged)
		return -XEN_EPERM;
	if (copy_from_guest(h, arg, sizeof(*h)))
		return -XEN_EFAULT;
	return h->version == version ? 0 : -XEN_EACCES;
}

int control_mask_get(const struct xenctl_bitmap *bitmap, cpumask_t *mask)
{
	u32 bits = min(bitmap->nr_bits, (u32)NR_CPUS);
	u64 m = 0;

	if (copy_from_guest(&m, bitmap->bitmap.p, DIV_ROUND_UP(bits, 8)))
		return -XEN_EFAULT;
	*mask = bits < 64 ? m & ((1ull << bits) - 1) : m;
	return 0;
}

int control_mask_put(const struct xenctl_bitmap *bitmap, cpumask_t mask)
{
	u32 bytes = DIV_ROUND_UP(bitmap->nr_bits, 8), have = min(bytes, (u32)sizeof(mask));
	const u8 zero = 0;

	/* More than any tool needs: nothing that a guest names is unbounded. */
	if (bytes > PAGE_SIZE)
		return -XEN_EINVAL;
	if (bitmap->nr_bits < 64)
		mask &= (1ull << bitmap->nr_bits) - 1;
	if (copy_to_guest(bitmap->bitmap.p, &mask, have))
		return -XEN_EFAULT;
	for (u32 i = have; i < bytes; i++)
		if (copy_to_guest((u8 *)bitmap->bitmap.p + i, &zero, 1))
			return -XEN_EFAULT;
	return 0;
}

long do_sysctl(void *arg)
{
	struct control_header h;
	long rc = control_enter(arg, XEN_SYSCTL_INTERFACE_VERSION, &h);

	return rc ? rc : -XEN_ENOSYS;
}

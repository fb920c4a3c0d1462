/*
 * Print how many bytes of memory the hypervisor has free: XEN_SYSCTL_physinfo.
 * `xl info` rounds to MiB, which is too coarse to find a page that leaked.
 */
#include <stdio.h>
#include <xencall.h>
#include <xen/sysctl.h>
#include <xen/xen.h>

int main(void)
{
	xencall_handle *call = xencall_open(NULL, 0);
	struct xen_sysctl *op = call ? xencall_alloc_buffer(call, sizeof(*op)) : NULL;

	if (!op) {
		perror("free-memory: privcmd");
		return 1;
	}
	*op = (struct xen_sysctl){
		.cmd = XEN_SYSCTL_physinfo,
		.interface_version = XEN_SYSCTL_INTERFACE_VERSION,
	};
	if (xencall1(call, __HYPERVISOR_sysctl, (unsigned long)op) < 0) {
		perror("free-memory: physinfo");
		return 1;
	}
	printf("%llu\n", (unsigned long long)op->u.physinfo.free_pages << 12);
	return 0;
}

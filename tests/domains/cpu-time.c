/*
 * Print how many nanoseconds the VCPUs of a domain have run: XEN_DOMCTL_getdomaininfo.
 * `xl list` rounds to tenths of a second.
 *
 * usage: cpu-time DOMID
 */
#include <stdio.h>
#include <stdlib.h>
#include <xencall.h>
#include <xen/domctl.h>
#include <xen/xen.h>

int main(int argc, char **argv)
{
	xencall_handle *call = xencall_open(NULL, 0);
	struct xen_domctl *op = call ? xencall_alloc_buffer(call, sizeof(*op)) : NULL;

	if (argc != 2) {
		fprintf(stderr, "usage: cpu-time DOMID\n");
		return 2;
	}
	if (!op) {
		perror("cpu-time: privcmd");
		return 1;
	}
	*op = (struct xen_domctl){
		.cmd = XEN_DOMCTL_getdomaininfo,
		.interface_version = XEN_DOMCTL_INTERFACE_VERSION,
		.domain = atoi(argv[1]),
	};
	if (xencall1(call, __HYPERVISOR_domctl, (unsigned long)op) < 0) {
		perror("cpu-time: getdomaininfo");
		return 1;
	}
	/* The next domain, where this one is not there. */
	if (op->u.getdomaininfo.domain != atoi(argv[1])) {
		fprintf(stderr, "cpu-time: no domain has the id %s\n", argv[1]);
		return 1;
	}
	printf("%llu\n", (unsigned long long)op->u.getdomaininfo.cpu_time);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the machine is: CPUs and how they are grouped, memory and how much is free,
 * how long CPUs idled. To us all memory is one NUMA node, number 0.
 */
#include <xen/errno.h>

#include "boot/boot_info.h"
#include "cpu/cpu.h"
#include "cpu/cpu_policy.h"
#include "cpu/topology.h"
#include "domain/domain.h"
#include "hypercall/sysctl.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "sched/sched.h"
#include "time/clock.h"

#define NODE_HERE 10 /* the distance of a node to itself, by ACPI's rule */
#define MAX_DEVICES 65536

static unsigned int count_online(void)
{
	unsigned int n = 0;

	for (cpumask_t left = READ_ONCE(cpus_online); left; left &= left - 1)
		n++;
	return n;
}

long sysctl_physinfo(struct xen_sysctl_physinfo *info)
{
	u32 features[CPU_FEATURE_WORDS];

	*info = (struct xen_sysctl_physinfo){
		.threads_per_core = cpu_threads_per_core(),
		.cores_per_socket = cpu_cores_per_socket(),
		.nr_cpus = count_online(),
		.max_cpu_id = cpu_count - 1,
		.nr_nodes = 1,
		.max_node_id = 0,
		.cpu_khz = clock_tsc_hz() / 1000,
		.capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1 |
				XEN_SYSCTL_PHYSCAP_gnttab_v2,
		.total_pages = memory_map_ram_frames(),
		.free_pages = frames_free_count(),
		.outstanding_pages = frames_claimed(),
		.max_mfn = max_mfn - 1,
	};
	cpu_policy_features(CPU_POLICY_HOST, features);
	memcpy(info->hw_cap, features, sizeof(info->hw_cap));
	return 0;
}

long sysctl_cputopoinfo(struct xen_sysctl_cputopoinfo *op)
{
	u32 n = op->cputopo.p ? min(op->num_cpus, cpu_count) : cpu_count;

	for (u32 cpu = 0; op->cputopo.p && cpu < n; cpu++) {
		struct xen_sysctl_cputopo topo = { XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID,
						   XEN_INVALID_NODE_ID };

		if (cpus[cpu]->online) {
			cpu_place(cpu, &topo.core, &topo.socket);
			topo.node = 0;
		}
		if (copy_to_guest(op->cputopo.p + cpu, &topo, sizeof(topo)))
			return -XEN_EFAULT;
	}
	op->num_cpus = n;
	return 0;
}

long sysctl_numainfo(struct xen_sysctl_numainfo *op)
{
	bool ask = !op->meminfo.p && !op->distance.p;
	struct xen_sysctl_meminfo info = {
		.memsize = memory_map_ram_frames() << PAGE_SHIFT,
		.memfree = frames_free_count() << PAGE_SHIFT,
	};
	u32 distance = NODE_HERE;

	if (!ask && op->num_nodes == 0)
		return 0;
	if (op->meminfo.p && copy_to_guest(op->meminfo.p, &info, sizeof(info)))
		return -XEN_EFAULT;
	if (op->distance.p && copy_to_guest(op->distance.p, &distance, sizeof(distance)))
		return -XEN_EFAULT;
	op->num_nodes = 1;
	return 0;
}

/*
 * Devices belong to no node that we know of: firmware's table of that is not read.
 * That is the answer for any device; Xen tells those apart that it was told of.
 */
long sysctl_pcitopoinfo(struct xen_sysctl_pcitopoinfo *op)
{
	u32 node = XEN_INVALID_NODE_ID;

	if (!op->devs.p || !op->nodes.p || op->num_devs > MAX_DEVICES)
		return -XEN_EINVAL;
	for (u32 i = 0; i < op->num_devs; i++) {
		physdev_pci_device_t dev;

		if (copy_from_guest(&dev, op->devs.p + i, sizeof(dev)) ||
		    copy_to_guest(op->nodes.p + i, &node, sizeof(node)))
			return -XEN_EFAULT;
		preempt_check();
	}
	return 0;
}

/* Free memory whose addresses have a number of bits in a range. */
long sysctl_availheap(struct xen_sysctl_availheap *op)
{
	u32 low = min(op->min_bitwidth, 64u), high = min(op->max_bitwidth ?: 64, 64u);
	u64 frames = 0;

	if (low <= high && (op->node == -1 || op->node == 0))
		frames = frames_free_below(high) - (low ? frames_free_below(low - 1) : 0);
	op->avail_bytes = frames << PAGE_SHIFT;
	return 0;
}

long sysctl_getcpuinfo(struct xen_sysctl_getcpuinfo *op)
{
	u32 n = min(op->max_cpus, cpu_count);

	for (u32 cpu = 0; cpu < n; cpu++) {
		struct xen_sysctl_cpuinfo info = { 0 };
		struct vcpu_runstate_info state;

		if (cpus[cpu]->idle) {
			sched_runstate(cpus[cpu]->idle, &state);
			info.idletime = state.time[RUNSTATE_running];
		}
		if (copy_to_guest(op->info.p + cpu, &info, sizeof(info)))
			return -XEN_EFAULT;
	}
	op->nr_cpus = n;
	return 0;
}

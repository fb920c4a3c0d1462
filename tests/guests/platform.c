/*
 * platform_op: what domain 0 tells and asks of CPUs and firmware, and operations
 * of memory_op that mean nothing to a PV guest. Wrong operands, mostly: the right
 * ones do little on either hypervisor.
 */
#include "test.h"
#include <xen/memory.h>
#include <xen/platform.h>
#include "mm.h"

#define NOWHERE 0x1000
#define NO_CPU 77

static struct xen_platform_op op;

static void *start(void)
{
	memset(&op, 0, sizeof(op));
	return &op.u;
}

static long call(unsigned int cmd)
{
	op.cmd = cmd;
	op.interface_version = XENPF_INTERFACE_VERSION;
	return hv_platform_op(&op);
}

static void cpus(void)
{
	struct xenpf_cpu_ol *ol = start();
	struct xenpf_cpu_hotadd *add;
	struct xenpf_core_parking *park;

	CHECK_EQ(call(XENPF_cpu_online), 0); /* it is */
	CHECK_EQ(call(XENPF_cpu_offline), -EOPNOTSUPP); /* the first one */
	ol->cpuid = NO_CPU;
	CHECK_EQ(call(XENPF_cpu_online), -EINVAL);
	CHECK_EQ(call(XENPF_cpu_offline), -EINVAL);
	ol->cpuid = -1;
	CHECK_EQ(call(XENPF_cpu_online), -EINVAL);
	add = start();
	CHECK_EQ(call(XENPF_cpu_hotadd), -EEXIST);
	add->apic_id = 1000000;
	CHECK_EQ(call(XENPF_cpu_hotadd), -EINVAL);
	park = start();
	CHECK_EQ(call(XENPF_core_parking), -EINVAL);
	park->type = XEN_CORE_PARKING_GET;
	park->idle_nums = 5;
	CHECK_EQ(call(XENPF_core_parking), 0);
	CHECK_EQ(park->idle_nums, 0);
	park->type = XEN_CORE_PARKING_SET;
	CHECK_EQ(call(XENPF_core_parking), 0);
}

static xenpf_resource_entry_t e[4];

static long resource(unsigned int n)
{
	struct xenpf_resource_op *r = start();

	r->nr_entries = n;
	r->entries.p = e;
	return call(XENPF_resource_op);
}

static void msrs(void)
{
	memset(e, 0, sizeof(e));
	CHECK_EQ(resource(0), 0);
	CHECK_EQ(resource(4), -EINVAL);
	e[0].idx = 0x10; /* the time */
	CHECK_EQ(resource(1), 1);
	CHECK_EQ(e[0].u.ret, 0);
	/* All up to the first that may not be done. */
	e[0].idx = e[1].idx = 0x10;
	e[2].idx = 0xc0000080;
	CHECK_EQ(resource(3), 2);
	CHECK_EQ(e[2].u.ret, -EPERM);
	CHECK(e[1].val >= e[0].val);
	memset(e, 0, sizeof(e));
	e[0].u.cmd = XEN_RESOURCE_OP_MSR_WRITE;
	e[0].idx = 0x10;
	CHECK_EQ(resource(1), 0);
	CHECK_EQ(e[0].u.ret, -EPERM);
	e[0].u.cmd = 2;
	CHECK_EQ(resource(1), 0);
	CHECK_EQ(e[0].u.ret, -EOPNOTSUPP);
	e[0].u.cmd = 0;
	e[0].rsvd = 1;
	CHECK_EQ(resource(1), 0);
	CHECK_EQ(e[0].u.ret, -EINVAL);
	{
		struct xenpf_resource_op *r = start();

		r->nr_entries = 1;
		r->entries.p = (void *)NOWHERE;
		CHECK_EQ(call(XENPF_resource_op), -EFAULT);
	}
}

static void others(void)
{
	struct xenpf_read_memtype *m = start();
	struct xenpf_platform_quirk *q;
	struct xenpf_symdata *s;
	struct xenpf_firmware_info *f;
	struct xenpf_set_processor_pminfo *pm;

	CHECK_EQ(call(XENPF_read_memtype), 0);
	m->reg = 99;
	CHECK_EQ(call(XENPF_read_memtype), -EINVAL);
	q = start();
	for (unsigned int i = 0; i < 5; i++) {
		q->quirk_id = i;
		CHECK_EQ(call(XENPF_platform_quirk), i >= 1 && i <= 3 ? 0 : -EINVAL);
	}
	s = start();
	s->symnum = 1000000;
	CHECK_EQ(call(XENPF_get_symbol), -ERANGE);
	f = start();
	CHECK_EQ(call(XENPF_firmware_info), -EINVAL);
	f->type = XEN_FW_EFI_INFO;
	CHECK_EQ(call(XENPF_firmware_info), -ENOSYS);
	f->type = XEN_FW_KBD_SHIFT_FLAGS;
	CHECK_EQ(call(XENPF_firmware_info), 0);
	f->index = 5;
	CHECK_EQ(call(XENPF_firmware_info), -ESRCH);
	f->type = XEN_FW_DISK_INFO;
	CHECK_EQ(call(XENPF_firmware_info), -ESRCH);
	pm = start();
	pm->type = XEN_PM_TX;
	CHECK_EQ(call(XENPF_set_processor_pminfo), -ENOSYS);
	pm->type = XEN_PM_PDC;
	CHECK_EQ(call(XENPF_set_processor_pminfo), -EFAULT);
	pm->type = 9;
	CHECK_EQ(call(XENPF_set_processor_pminfo), -EINVAL);
	start();
	CHECK_EQ(call(XENPF_change_freq), -ENOSYS);
	CHECK_EQ(call(XENPF_efi_runtime_call), -ENOSYS);
	CHECK_EQ(call(16), -ENOSYS);
	CHECK_EQ(call(64), -ENOSYS);
}

static void memory(void)
{
	static char zero[256];
	static const struct {
		unsigned int cmd;
		long nowhere, zeroes;
	} calls[] = {
		{ XENMEM_add_to_physmap, -EFAULT, -EACCES },
		{ XENMEM_remove_from_physmap, -EFAULT, -EACCES },
		{ XENMEM_add_to_physmap_batch, -EFAULT, -EACCES },
		{ XENMEM_set_pod_target, -EFAULT, -EINVAL },
		{ XENMEM_get_pod_target, -EFAULT, -EINVAL },
		{ XENMEM_get_sharing_freed_pages, 0, 0 },
		{ XENMEM_get_sharing_shared_pages, 0, 0 },
		{ XENMEM_machphys_compat_mfn_list, -EOPNOTSUPP, -EOPNOTSUPP },
		{ XENMEM_get_vnumainfo, -EFAULT, -EOPNOTSUPP },
		{ XENMEM_reserved_device_memory_map, -EFAULT, 0 },
		{ XENMEM_acquire_resource, -EFAULT, -EPERM }, /* one's own */
		{ XENMEM_claim_pages, -EFAULT, 0 }, /* none */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++) {
		memset(zero, 0, sizeof(zero));
		if (!(CHECK_EQ(hv_memory_op(calls[i].cmd, NOWHERE), calls[i].nowhere) &
		      CHECK_EQ(hv_memory_op(calls[i].cmd, zero), calls[i].zeroes)))
			print("memory_op %u\n", calls[i].cmd);
	}
}

int test_main(struct start_info *si)
{
	(void)si;
	cpus();
	msrs();
	others();
	memory();
	return 0;
}

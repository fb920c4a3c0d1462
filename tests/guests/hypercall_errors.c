/*
 * Hypercalls that do not exist, commands that do not exist, and arguments that
 * point nowhere. The answer is an error, and everything goes on.
 */
#include "test.h"
#include "mm.h"
#include <xen/sched.h>
#include <xen/vcpu.h>

/* Where nothing is mapped, where the hypervisor lives, where no address is. */
static const unsigned long bad[] = {
	0x1000,
	0xffff804000000000,
	0xffff82d040000000,
	0xffff87fffffff000,
	0x0000800000000000,
	0xffff7ffffffffff8,
	0xfffffffffffffff8,
	/* Slots where a hypervisor has its own memory: Xen or Xenolith or both. */
	0xffff800000000000,
	0xffff808000000000,
	0xffff810000000000,
	0xffff818000000000,
	0xffff818040001000,
	0xffff820000000000,
	0xffff830000100000,
};

static void numbers(void)
{
	static const unsigned long unknown[] = {
		11,
		38,
		43,
		44,
		45,
		46,
		47,
		50,
		51,
		52,
		53,
		54,
		55,
		56,
		63,
		64,
		127,
		128,
		255,
		256,
		1UL << 31,
		1UL << 32,
		1UL << 63,
		-1UL,
		-17UL,
		/* Would be xen_version if only the low half were looked at. */
		1UL << 32 | __HYPERVISOR_xen_version,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		if (!CHECK_EQ(hypercall_raw(unknown[i], 0, 0, 0, 0, 0), -ENOSYS))
			print("hypercall %lx\n", unknown[i]);
	CHECK_EQ(hypercall_raw(__HYPERVISOR_xen_version, 0, 0, 0, 0, 0), hv_xen_version(0, 0));
	/* A stub of the page for a number that is unknown. */
	CHECK_EQ(hypercall(63), -ENOSYS);
	CHECK_EQ(hypercall(127), -ENOSYS);
}

static void commands(void)
{
	static const struct {
		unsigned long nr, a1, a2, a3;
		long answer;
	} calls[] = {
		{ __HYPERVISOR_sched_op, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_event_channel_op, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_memory_op, 60, 0, 0, -ENOSYS },
		{ __HYPERVISOR_vcpu_op, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_vcpu_op, VCPUOP_is_up, 4096, 0, -ENOENT },
		{ __HYPERVISOR_vcpu_op, 99, 4096, 0, -ENOENT },
		{ __HYPERVISOR_grant_table_op, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_physdev_op, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_callback_op, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_nmi_op, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_vm_assist, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_vm_assist, 0, 99, 0, -EINVAL },
		{ __HYPERVISOR_console_io, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_xen_version, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_set_segment_base, 99, 0, 0, -EINVAL },
		{ __HYPERVISOR_set_debugreg, 99, 0, 0, -ENODEV },
		{ __HYPERVISOR_get_debugreg, 99, 0, 0, -ENODEV },
		{ __HYPERVISOR_xsm_op, 99, 0, 0, -ENOSYS },
		{ __HYPERVISOR_hvm_op, 99, 0, 0, -ENOSYS },
		/* Nothing to do is done. */
		{ __HYPERVISOR_mmu_update, 0, 0, 0, 0 },
		{ __HYPERVISOR_mmuext_op, 0, 0, 0, 0 },
		{ __HYPERVISOR_multicall, 0, 0, 0, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (!CHECK_EQ(hypercall(calls[i].nr, calls[i].a1, calls[i].a2, calls[i].a3,
					DOMID_SELF),
			      calls[i].answer))
			print("hypercall %lu(%lu, %lu, %lu)\n", calls[i].nr, calls[i].a1,
			      calls[i].a2, calls[i].a3);
}

static void pointers(void)
{
	unsigned long p;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		p = bad[i];
		if (!(CHECK_EQ(hv_set_trap_table(p), -EFAULT) &
		      CHECK_EQ(hv_mmu_update(p, 1, 0, DOMID_SELF), -EFAULT) &
		      CHECK_EQ(hv_mmuext_op(p, 1, 0, DOMID_SELF), -EFAULT) &
		      CHECK_EQ(hv_set_gdt(p, 512), -EFAULT) &
		      CHECK_EQ(hv_memory_op(3, p), -EFAULT) &
		      CHECK_EQ(hv_multicall(p, 1), -EFAULT) &
		      CHECK_EQ(hv_xen_version(1, p), -EFAULT) &
		      CHECK_EQ(hv_console_io(0, 1, p), -EFAULT) &
		      CHECK_EQ(hv_console_io(1, 1, p), 0) &
		      CHECK_EQ(hv_grant_table_op(6, p, 1), -EFAULT) &
		      CHECK_EQ(hv_vcpu_op(VCPUOP_get_runstate_info, 0, p), -EFAULT) &
		      CHECK_EQ(hv_sched_op(SCHEDOP_shutdown, p), -EFAULT) &
		      CHECK_EQ(hv_sched_op(SCHEDOP_poll, p), -EFAULT) &
		      CHECK_EQ(hv_event_channel_op(4, p), -EFAULT) &
		      CHECK_EQ(hv_callback_op(0, p), -EFAULT) & CHECK_EQ(hv_nmi_op(0, p), -EFAULT) &
		      CHECK_EQ(hv_physdev_op(8, p), -EFAULT) &
		      CHECK_EQ(hv_platform_op(p), -EFAULT) &
		      CHECK_EQ(hypercall(__HYPERVISOR_sysctl, p), -EFAULT) &
		      CHECK_EQ(hypercall(__HYPERVISOR_domctl, p), -EFAULT)))
			print("pointer %lx\n", p);
	}
}

/* Administrative calls carry a version; any other is refused. */
static void interfaces(void)
{
	static uint32_t op[256];

	CHECK_EQ(hypercall(__HYPERVISOR_sysctl, op), -EACCES);
	CHECK_EQ(hypercall(__HYPERVISOR_domctl, op), -EACCES);
	CHECK_EQ(hv_platform_op(op), -EACCES);
}

int test_main(struct start_info *si)
{
	(void)si;
	numbers();
	commands();
	pointers();
	interfaces();
	return 0;
}

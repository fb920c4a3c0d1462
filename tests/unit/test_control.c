/* SPDX-License-Identifier: GPL-2.0-only */
/* The control interface's views: domains, the CPU pool, bitmaps; memory for tools. */
#include "test.h"

#include <string.h>

#include <xen/errno.h>
#include <xen/memory.h>

#include "domain/info.h"
#include "grant/grant.h"
#include "hypercall/bitmap.h"
#include "hypercall/hypercall.h"
#include "hypercall/sysctl.h"
#include "mm/alloc.h"
#include "mm/frame.h"
#include "sched/sched.h"
#include "sim/sim.h"

static struct domain *d0, *d3;
static void *page; /* domain 0's */

static int setup(void **state)
{
	sim_init_cpus(64 << 20, 3, NULL);
	d0 = sim_domain(0, 1, false);
	d3 = sim_domain(3, 4, false);
	sim_become(d0->vcpu[0]);
	page = sim_guest_page(d0);
	return 0;
}

static int teardown(void **state)
{
	sim_exit();
	return 0;
}

static struct xen_domctl_getdomaininfo info_of(struct domain *d)
{
	struct xen_domctl_getdomaininfo info;

	memset(&info, 0xee, sizeof(info));
	domain_info(d, &info);
	return info;
}

static u32 flags_of(struct domain *d)
{
	return info_of(d).flags;
}

static void test_info(void **state)
{
	struct xen_domctl_getdomaininfo info;
	u64 before;

	d3->handle[5] = 7;
	d3->max_pages = 1000;
	info = info_of(d3);
	assert_int_equal(info.domain, 3);
	assert_int_equal(info.max_vcpu_id, 3);
	assert_int_equal(info.nr_online_vcpus, 0);
	assert_int_equal(info.handle[5], 7);
	assert_int_equal(info.max_pages, 1000);
	assert_int_equal(info.tot_pages, d3->tot_pages);
	assert_int_equal(info.shared_info_frame, d3->shared_mfn);
	assert_int_equal(info.cpu_time, 0);
	assert_int_equal(info.outstanding_pages | info.shr_pages | info.paged_pages, 0);
	assert_int_equal(info.arch_config.emulation_flags, 0);
	assert_int_equal(info_of(d0).arch_config.emulation_flags, XEN_X86_EMU_PIT);
	/* No limit is the largest number that tools can count with. */
	assert_int_equal(info_of(d0).max_pages, UINT32_MAX);

	sched_vcpu_up(d3->vcpu[0]);
	sched_vcpu_up(d3->vcpu[2]);
	sim_run();
	before = info_of(d3).cpu_time;
	sim_advance(1000);
	info = info_of(d3);
	assert_int_equal(info.nr_online_vcpus, 2);
	assert_int_equal(info.cpu_time - before, 2000);
}

static void test_flags(void **state)
{
	u32 none = 0xffffu << XEN_DOMINF_shutdownshift;

	/* Nothing is up: all of nothing is blocked. */
	assert_int_equal(flags_of(d3), none | XEN_DOMINF_blocked);
	sched_vcpu_up(d3->vcpu[0]);
	sched_vcpu_up(d3->vcpu[1]);
	sim_run();
	assert_int_equal(flags_of(d3), none | XEN_DOMINF_running);
	d3->vcpu[0]->pause_flags |= VCPU_BLOCKED;
	sched_sleep(d3->vcpu[0]);
	sim_run();
	assert_int_equal(flags_of(d3), none | XEN_DOMINF_running);
	d3->vcpu[1]->pause_flags |= VCPU_BLOCKED;
	sched_sleep(d3->vcpu[1]);
	sim_run();
	assert_int_equal(flags_of(d3), none | XEN_DOMINF_blocked);
	sched_unblock(d3->vcpu[1]);
	sim_run();
	/* Paused is who was paused by tools. */
	domain_pause(d3);
	sim_run();
	assert_int_equal(flags_of(d3), none);
	d3->control_pauses = 1;
	assert_int_equal(flags_of(d3), none | XEN_DOMINF_paused);
	d3->control_pauses = 0;
	domain_unpause(d3);
	sim_run();
	assert_int_equal(flags_of(d3), none | XEN_DOMINF_running);
	domain_shutdown(d3, SHUTDOWN_crash);
	sim_run();
	assert_int_equal(flags_of(d3),
			 SHUTDOWN_crash << XEN_DOMINF_shutdownshift | XEN_DOMINF_shutdown);
	d3->is_dying = true;
	assert_true(flags_of(d3) & XEN_DOMINF_dying);
	d3->is_dying = false;
}

static void test_list(void **state)
{
	struct xen_domctl_getdomaininfo *info = page;
	struct xen_sysctl_getdomaininfolist op = { .max_domains = 10, .buffer.p = info };
	u32 refs = d3->references;

	assert_int_equal(sysctl_getdomaininfolist(&op), 0);
	assert_int_equal(op.num_domains, 2);
	assert_int_equal(info[0].domain, 0);
	assert_int_equal(info[1].domain, 3);
	op.first_domain = 1;
	assert_int_equal(sysctl_getdomaininfolist(&op), 0);
	assert_int_equal(op.num_domains, 1);
	assert_int_equal(info[0].domain, 3);
	op.first_domain = 4;
	assert_int_equal(sysctl_getdomaininfolist(&op), 0);
	assert_int_equal(op.num_domains, 0);
	op.first_domain = DOMID_SELF;
	assert_int_equal(sysctl_getdomaininfolist(&op), 0);
	assert_int_equal(op.num_domains, 0);
	op.first_domain = 0;
	op.max_domains = 1;
	assert_int_equal(sysctl_getdomaininfolist(&op), 0);
	assert_int_equal(op.num_domains, 1);
	op.buffer.p = NULL;
	assert_int_equal(sysctl_getdomaininfolist(&op), -XEN_EFAULT);
	assert_int_equal(d3->references, refs);
}

static void test_bitmap(void **state)
{
	u8 *bits = page;
	struct xenctl_bitmap map = { .bitmap.p = bits, .nr_bits = 64 };
	cpumask_t cpus = 5;

	memset(bits, 0xee, 64);
	assert_int_equal(cpumask_to_guest(&map, 0x8000000000000001), 0);
	assert_int_equal(bits[0], 1);
	assert_int_equal(bits[7], 0x80);
	assert_int_equal(bits[8], 0xee);
	assert_int_equal(cpumask_from_guest(&cpus, &map), 0);
	assert_int_equal(cpus, 0x8000000000000001);
	/* Fewer bits than ours, and not whole bytes. */
	map.nr_bits = 3;
	assert_int_equal(cpumask_to_guest(&map, 0xff), 0);
	assert_int_equal(bits[0], 7);
	assert_int_equal(bits[1], 0);
	bits[0] = 0xff;
	assert_int_equal(cpumask_from_guest(&cpus, &map), 0);
	assert_int_equal(cpus, 7);
	/* More. */
	memset(bits, 0xee, 512);
	map.nr_bits = 2001;
	assert_int_equal(cpumask_to_guest(&map, 2), 0);
	assert_int_equal(bits[0], 2);
	for (unsigned int i = 1; i < 251; i++)
		assert_int_equal(bits[i], 0);
	assert_int_equal(bits[251], 0xee);
	bits[250] = 0xff;
	assert_int_equal(cpumask_from_guest(&cpus, &map), 0);
	assert_int_equal(cpus, 2);
	/* None, absurdly many, nowhere. What cannot be read changes nothing. */
	map.nr_bits = 0;
	assert_int_equal(cpumask_to_guest(&map, 2), 0);
	assert_int_equal(cpumask_from_guest(&cpus, &map), 0);
	assert_int_equal(cpus, 0);
	map.nr_bits = UINT32_MAX;
	assert_int_equal(cpumask_to_guest(&map, 2), -XEN_EINVAL);
	map.nr_bits = 64;
	map.bitmap.p = NULL;
	cpus = 5;
	assert_int_equal(cpumask_to_guest(&map, 2), -XEN_EFAULT);
	assert_int_equal(cpumask_from_guest(&cpus, &map), -XEN_EFAULT);
	assert_int_equal(cpus, 5);
}

static void test_cpupool(void **state)
{
	struct xen_sysctl_cpupool_op op = { .op = XEN_SYSCTL_CPUPOOL_OP_INFO };
	u64 *map = page;

	op.cpumap = (struct xenctl_bitmap){ .bitmap.p = page, .nr_bits = 64 };
	assert_int_equal(sysctl_cpupool_op(&op), 0);
	assert_int_equal(op.n_dom, 2);
	assert_int_equal(op.sched_id, sched_current()->xen_id);
	assert_int_equal(*map, 7);
	op.op = XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN;
	op.domid = 3;
	assert_int_equal(sysctl_cpupool_op(&op), 0);
	op.cpupool_id = 1;
	assert_int_equal(sysctl_cpupool_op(&op), -XEN_ENOENT);
	op.domid = 2;
	assert_int_equal(sysctl_cpupool_op(&op), -XEN_ESRCH);
	op.op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
	op.cpupool_id = XEN_SYSCTL_CPUPOOL_PAR_ANY;
	assert_int_equal(sysctl_cpupool_op(&op), -XEN_EOPNOTSUPP);
	op.op = XEN_SYSCTL_CPUPOOL_OP_RMCPU;
	op.cpupool_id = 0;
	op.cpu = 2;
	assert_int_equal(sysctl_cpupool_op(&op), -XEN_EBUSY);
	op.cpu = 3;
	assert_int_equal(sysctl_cpupool_op(&op), -XEN_EINVAL);
}

static long memory(unsigned int cmd, const void *op, size_t size)
{
	memcpy(page, op, size);
	return sim_hypercall(__HYPERVISOR_memory_op, cmd, (u64)page, 0, 0, 0);
}

static long claim(u16 domid, u64 pages)
{
	struct xen_memory_reservation r = { .domid = domid, .nr_extents = pages };

	return memory(XENMEM_claim_pages, &r, sizeof(r));
}

static void test_claim(void **state)
{
	struct xen_memory_reservation r = { .domid = 3, .nr_extents = 100, .extent_order = 1 };

	d3->max_pages = 1000000;
	assert_int_equal(claim(3, 0), 0);
	assert_int_equal(claim(3, 100), 0);
	assert_int_equal(frames_claimed(), 100 - d3->tot_pages);
	assert_int_equal(info_of(d3).outstanding_pages, 100 - d3->tot_pages);
	assert_int_equal(claim(3, 200), -XEN_EINVAL); /* it has one */
	assert_int_equal(claim(3, 0), 0);
	assert_int_equal(frames_claimed(), 0);
	assert_int_equal(claim(3, d3->tot_pages), -XEN_EINVAL);
	assert_int_equal(claim(3, 1000001), -XEN_EINVAL);
	assert_int_equal(claim(3, 500000), -XEN_ENOMEM);
	assert_int_equal(claim(3, frames_free_count() + d3->tot_pages), 0);
	assert_int_equal(claim(2, 100), -XEN_ESRCH);
	assert_int_equal(claim(3, 0), 0);
	assert_int_equal(memory(XENMEM_claim_pages, &r, sizeof(r)), -XEN_EINVAL);
	sim_become(d3->vcpu[0]);
	assert_int_equal(do_memory_op(XENMEM_claim_pages, sim_guest_page(d3)), -XEN_EPERM);
}

static long acquire(struct xen_mem_acquire_resource op, u32 *nr)
{
	long rc = memory(XENMEM_acquire_resource, &op, sizeof(op));

	if (nr)
		*nr = ((struct xen_mem_acquire_resource *)page)->nr_frames;
	return rc;
}

static void test_acquire(void **state)
{
	xen_pfn_t *list = sim_guest_page(d0);
	struct xen_mem_acquire_resource op = { .domid = 3, .type = XENMEM_resource_grant_table };
	u32 nr;

	assert_int_equal(acquire(op, &nr), 0);
	assert_int_equal(nr, GRANT_MAX_FRAMES);
	op.frame_list.p = list;
	op.nr_frames = 2;
	op.frame = 1;
	assert_int_equal(acquire(op, NULL), 0);
	/* They are d3's, to be mapped as such. */
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(mfn_to_frame(list[i])->owner, 3);
	assert_int_not_equal(list[0], list[1]);
	op.frame = GRANT_MAX_FRAMES - 1;
	assert_int_equal(acquire(op, NULL), -XEN_EINVAL);
	op.frame = 1ull << 32;
	assert_int_equal(acquire(op, NULL), -XEN_EINVAL);
	op.frame = UINT32_MAX;
	assert_int_equal(acquire(op, NULL), -XEN_EINVAL);
	op.frame = 0;
	op.id = 2;
	assert_int_equal(acquire(op, NULL), -XEN_EINVAL);
	op.id = 0;
	op.pad = 1;
	assert_int_equal(acquire(op, NULL), -XEN_EINVAL);
	op.pad = 0;
	op.type = XENMEM_resource_ioreq_server;
	assert_int_equal(acquire(op, NULL), -XEN_EOPNOTSUPP);
	op.type = XENMEM_resource_grant_table;
	op.frame_list.p = NULL;
	assert_int_equal(acquire(op, NULL), -XEN_EINVAL);
	op.frame_list.p = (void *)d3->shared;
	assert_int_equal(acquire(op, NULL), -XEN_EFAULT);
	op.domid = 0;
	assert_int_equal(acquire(op, NULL), -XEN_EPERM);
	op.domid = 2;
	assert_int_equal(acquire(op, NULL), -XEN_ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_info, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bitmap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cpupool, setup, teardown),
		cmocka_unit_test_setup_teardown(test_claim, setup, teardown),
		cmocka_unit_test_setup_teardown(test_acquire, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * multicall: several hypercalls in one. Each leaves its own result; the call
 * itself fails only if the list cannot be read.
 */
#include "test.h"
#include <xen/sched.h>
#include "event.h"
#include "mm.h"
#include "smp.h"

static struct multicall_entry calls[512] page_aligned;
static volatile unsigned long page[512] page_aligned, other[512] page_aligned;

static void results(void)
{
	unsigned long version = hv_xen_version(0, 0);

	memset(calls, 0xee, sizeof(calls));
	calls[0] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .result = 77 };
	calls[1] = (struct multicall_entry){ .op = 63, .result = 77 };
	calls[2] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .args = { 99 } };
	calls[3] = (struct multicall_entry){ .op = -1UL, .result = 77 };
	calls[4] =
		(struct multicall_entry){ .op = __HYPERVISOR_sched_op, .args = { SCHEDOP_yield } };
	calls[5] = calls[0];
	CHECK_EQ(hv_multicall(calls, 6), 0);
	CHECK_EQ(calls[0].result, version);
	CHECK_EQ(calls[1].result, -ENOSYS);
	CHECK_EQ(calls[2].result, -ENOSYS);
	CHECK_EQ(calls[3].result, -ENOSYS);
	CHECK_EQ(calls[4].result, 0);
	CHECK_EQ(calls[5].result, version);
	CHECK_EQ(calls[6].result, 0xeeeeeeeeeeeeeeee);
	CHECK_EQ(calls[0].op, __HYPERVISOR_xen_version);
	/* The count is 32 bits wide. */
	calls[0].result = 77;
	CHECK_EQ(hv_multicall(calls, 1UL << 32), 0);
	CHECK_EQ(calls[0].result, 77);
	CHECK_EQ(hv_multicall(calls, 1UL << 32 | 1), 0);
	CHECK_EQ(calls[0].result, version);
}

/* The calls take effect in order. */
static void effects(void)
{
	uint64_t a = mfn_pte(virt_to_mfn(page), PTE_RW), b = mfn_pte(virt_to_mfn(other), PTE_RW);

	page[0] = 1;
	other[0] = 2;
	calls[0] = (struct multicall_entry){ .op = __HYPERVISOR_update_va_mapping,
					     .args = { (unsigned long)page, a, UVMF_INVLPG } };
	calls[1] = (struct multicall_entry){ .op = __HYPERVISOR_update_va_mapping,
					     .args = { (unsigned long)page, b, UVMF_INVLPG } };
	CHECK_EQ(hv_multicall(calls, 2), 0);
	CHECK_EQ(calls[0].result | calls[1].result, 0);
	CHECK_EQ(page[0], 2);
	CHECK_EQ(map_writable(page), 0);
	CHECK_EQ(page[0], 1);
}

/* A call in it cannot be another multicall. */
static void nested(void)
{
	calls[1] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version };
	calls[0] = (struct multicall_entry){ .op = __HYPERVISOR_multicall,
					     .args = { (unsigned long)&calls[1], 1 } };
	CHECK_EQ(hv_multicall(calls, 1), 0);
	CHECK_EQ(calls[0].result, -EINVAL);
}

/* A list that ends in nothing: what could be read was done. */
static void bad_list(void)
{
	struct multicall_entry *last = calls + 512 - 1;

	CHECK_EQ(hv_multicall(0x1000, 1), -EFAULT);
	CHECK_EQ(hv_multicall(HYPERVISOR_VIRT_START, 1), -EFAULT);
	CHECK_EQ(map_mfn((char *)calls + 512 * sizeof(calls[0]) - PAGE_SIZE, 0, 0), 0);
	last -= PAGE_SIZE / sizeof(calls[0]);
	*last = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .result = 77 };
	CHECK_EQ(hv_multicall(last, 2), -EFAULT);
	CHECK_EQ(last->result, hv_xen_version(0, 0));
	/* A list that may be read only: the result has no place. */
	last->result = 77;
	CHECK_EQ(map_readonly(calls), 0);
	CHECK_EQ(hv_multicall(calls, 1), -EFAULT);
	CHECK_EQ(map_writable(calls), 0);
}

/* Long lists are interrupted and go on; events arrive in between. */
static void many(void)
{
	unsigned int i, good = 0, port = event_bind_ipi(0);

	CHECK_EQ(map_writable((char *)calls + sizeof(calls) - PAGE_SIZE), 0);
	events_enable();
	for (i = 0; i < 512; i++)
		calls[i] =
			(struct multicall_entry){ .op = __HYPERVISOR_event_channel_op,
						  .args = { EVTCHNOP_send, (unsigned long)&port },
						  .result = 77 };
	CHECK_EQ(hv_multicall(calls, 512), 0);
	for (i = 0; i < 512; i++)
		good += calls[i].result == 0;
	CHECK_EQ(good, 512);
	CHECK(event_count[port] >= 1);
	events_disable();
	CHECK_EQ(event_close(port), 0);
}

int test_main(struct start_info *si)
{
	(void)si;
	results();
	effects();
	nested();
	bad_list();
	many();
	return 0;
}

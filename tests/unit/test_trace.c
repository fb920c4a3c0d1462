/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace buffers: the ring, its end, what is lost, and readers that lie. The source
 * is a part of this file, which so sees its inside; the core is built without it.
 */
#include "test.h"

#include <string.h>

#define CONFIG_TRACE
#include "debug/trace.c"

#include "mm/pagetable.h"
#include "sim/sim.h"

#define FRAMES 1

static struct domain *d0;
static u32 *records;

static long control_op(u32 cmd, u32 size)
{
	struct xen_sysctl_tbuf_op op = { .cmd = cmd, .size = size, .evt_mask = TRC_ALL };

	return trace_control(&op);
}

static int setup(void **state)
{
	sim_init_cpus(64 << 20, 2, NULL);
	d0 = sim_domain(0, 1, false);
	sim_become(d0->vcpu[0]);
	event_mask = TRC_ALL;
	cpu_mask = ~0ull;
	assert_int_equal(control_op(XEN_SYSCTL_TBUFOP_set_size, FRAMES), 0);
	assert_int_equal(control_op(XEN_SYSCTL_TBUFOP_enable, 0), 0);
	records = (u32 *)trace_cpus[0].records;
	return 0;
}

static int teardown(void **state)
{
	trace_on = false;
	/* As if they had not been shown. */
	for (mfn_t m = 0; m < max_mfn; m++)
		if (mfn_to_frame(m)->owner == DOMID_XEN)
			*mfn_to_frame(m) = (struct frame){ .ref = FRAME_ALLOCATED | 1,
							   .owner = DOMID_INVALID };
	buffers_free(buffer_frames);
	buffer_frames = 0;
	sim_exit();
	return 0;
}

static struct t_buf *buf(void)
{
	return trace_cpus[0].buf;
}

static void event(u32 n)
{
	TRACE(TRC_MEM_PAGE_GRANT_MAP, n);
}

#define EVENT_BYTES 16

/* Read a record as domain 0 does: its event, and its first word of data. */
static u32 read_one(u32 *word)
{
	u32 at = buf()->cons % ring_bytes / 4, words;
	bool timed;

	assert_int_not_equal(buf()->cons, buf()->prod);
	timed = TRC_HD_INCLUDES_CYCLE_COUNT(records[at]);
	words = 1 + TRC_HD_EXTRA(records[at]) + (timed ? 2 : 0);
	assert_true(at * 4 + words * 4 <= ring_bytes);
	*word = records[at + (timed ? 3 : 1)];
	buf()->cons = (buf()->cons + words * 4) % (2 * ring_bytes);
	return TRC_HD_TO_EVENT(records[at]);
}

static void test_record(void **state)
{
	u32 word;

	assert_int_equal(buf()->prod, 0);
	sim_advance(0x123456789);
	event(42);
	assert_int_equal(buf()->prod, EVENT_BYTES);
	assert_int_equal(records[0], 0x90000000u | TRC_MEM_PAGE_GRANT_MAP);
	assert_int_equal(records[1] | (u64)records[2] << 32, now());
	assert_int_equal(read_one(&word), TRC_MEM_PAGE_GRANT_MAP);
	assert_int_equal(word, 42);
	/* Nobody wants it. */
	event_mask = TRC_SCHED;
	event(43);
	event_mask = TRC_MEM & ~0xf000u; /* no subclass */
	event(43);
	event_mask = TRC_ALL;
	cpu_mask = 2;
	event(43);
	cpu_mask = 1;
	trace_on = false;
	event(43);
	assert_int_equal(buf()->prod, EVENT_BYTES);
}

/* Every size of record at every place before the end. */
static void test_end(void **state)
{
	u32 words[TRACE_EXTRA_MAX], word, sum = 0;

	for (u32 i = 0; i < 20000; i++) {
		u32 n = i % (TRACE_EXTRA_MAX + 1), got;

		memset(words, i, sizeof(words));
		trace_record(TRC_MEM_PAGE_GRANT_UNMAP, n, words);
		got = read_one(&word);
		if (got == TRC_TRACE_WRAP_BUFFER) {
			sum++;
			assert_int_equal(buf()->cons % ring_bytes, 0);
			got = read_one(&word);
		}
		assert_int_equal(got, TRC_MEM_PAGE_GRANT_UNMAP);
		if (n)
			assert_int_equal(word, words[0]);
		assert_int_equal(buf()->cons, buf()->prod);
	}
	assert_true(sum > 50);
}

static void test_lost(void **state)
{
	u32 word, n = 0, i;

	for (i = 0; i < 1000; i++)
		event(i);
	while (buf()->cons != buf()->prod) {
		assert_int_equal(read_one(&word), TRC_MEM_PAGE_GRANT_MAP);
		assert_int_equal(word, n++);
	}
	assert_true(n >= ring_bytes / EVENT_BYTES - 1 && n < 1000);
	event(1000);
	if (ring_bytes - buf()->cons % ring_bytes < HEADER + LOST_WORDS * WORD)
		assert_int_equal(read_one(&word), TRC_TRACE_WRAP_BUFFER);
	assert_int_equal(read_one(&word), TRC_LOST_RECORDS);
	assert_int_equal(word, 1000 - n);
	assert_int_equal(read_one(&word), TRC_MEM_PAGE_GRANT_MAP);
	assert_int_equal(word, 1000);
	assert_int_equal(buf()->cons, buf()->prod);
}

static void test_liar(void **state)
{
	static const u32 lies[] = { 0xffffffff, 0x80000000, 3, 4080, 8175, 8176, 8177 };
	u32 seed = 1;

	/* Just too far: as if nothing had been read, and all were full. */
	buf()->cons = 2 * ring_bytes;
	event(1);
	assert_int_equal(trace_cpus[0].prod, 0);
	buf()->cons = 2 * ring_bytes - 4;
	event(1);
	assert_int_not_equal(trace_cpus[0].prod, 0);
	for (u32 i = 0; i < 100000; i++) {
		seed = seed * 1664525 + 1013904223;
		buf()->cons = i % 3 ? lies[seed >> 8 & 7 ? (seed >> 8) % ARRAY_SIZE(lies) : 0] :
				      seed >> 3;
		buf()->prod = seed;
		/* AddressSanitizer does not know where the buffer ends: we look. */
		trace_record(TRC_MEM_PAGE_GRANT_MAP, seed % 8, lies);
		assert_true(trace_cpus[0].prod < 2 * ring_bytes);
		assert_true(trace_cpus[0].prod % 4 == 0);
	}
	for (u32 i = 0; i < PAGE_SIZE; i++)
		assert_int_equal(((char *)buf())[FRAMES * PAGE_SIZE + i], 0);
}

static void test_virq(void **state)
{
	unsigned int before;
	u32 word;

	/* Once at the half, and again after it was read. */
	for (unsigned int round = 0; round < 3; round++) {
		before = sim_count.softirqs;
		while (bytes_waiting(&trace_cpus[0]) < ring_bytes / 2 - EVENT_BYTES)
			event(1);
		assert_int_equal(sim_count.softirqs, before);
		for (u32 i = 0; i < 20; i++)
			event(2);
		assert_int_equal(sim_count.softirqs, before + 1);
		while (buf()->cons != buf()->prod)
			read_one(&word);
		event(3);
	}
}

static void test_control(void **state)
{
	struct xen_sysctl_tbuf_op op = { .cmd = XEN_SYSCTL_TBUFOP_get_info };
	const u32 *list;

	assert_int_equal(control_op(XEN_SYSCTL_TBUFOP_set_size, FRAMES), -XEN_EBUSY);
	assert_int_equal(control_op(XEN_SYSCTL_TBUFOP_set_size, FRAMES + 1), -XEN_EINVAL);
	assert_int_equal(control_op(XEN_SYSCTL_TBUFOP_set_size, 0), -XEN_EINVAL);
	assert_int_equal(control_op(17, 0), -XEN_EINVAL);
	assert_int_equal(trace_control(&op), 0);
	assert_int_equal(op.evt_mask, TRC_ALL);
	assert_int_equal(op.size, PAGE_SIZE);
	assert_ptr_equal(map_frame(op.buffer_mfn), info);
	assert_int_equal(info->tbuf_size, FRAMES);
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		list = (const u32 *)info + info->mfn_offset[cpu];
		assert_int_equal(list[0], virt_to_mfn(trace_cpus[cpu].buf));
	}
	assert_int_equal(info->mfn_offset[2], 0);
}

/* Too much for the memory there is: nothing is kept. */
static void test_no_memory(void **state)
{
	u64 before;

	teardown(NULL);
	sim_init_cpus(16 << 20, 2, NULL);
	before = frames_free_count();
	assert_int_equal(control_op(XEN_SYSCTL_TBUFOP_enable, 0), -XEN_EINVAL);
	assert_int_equal(control_op(XEN_SYSCTL_TBUFOP_set_size, 100000), -XEN_EINVAL);
	assert_int_equal(control_op(XEN_SYSCTL_TBUFOP_set_size, 4096), -XEN_ENOMEM);
	assert_int_equal(frames_free_count(), before);
	assert_null(info);
	assert_int_equal(control_op(XEN_SYSCTL_TBUFOP_set_size, 3), 0);
	buffer_frames = 3;
}

/* Domain 0 maps them as DOMID_XEN's: buffers writable, the list not. */
static void test_map(void **state)
{
	u64 *table = sim_guest_page(d0);
	struct mmu_update u;
	mfn_t b = virt_to_mfn(buf());
	struct {
		mfn_t mfn;
		u64 flags;
		u16 domid;
		long rc;
	} tries[] = {
		{ b, 7, DOMID_XEN, 0 },
		{ b, 5, DOMID_XEN, 0 },
		{ virt_to_mfn(info), 5, DOMID_XEN, 0 },
		{ virt_to_mfn(info), 7, DOMID_XEN, -XEN_EBUSY },
		{ b, 5, DOMID_SELF, -XEN_EBUSY },
		{ b, 7, DOMID_SELF, -XEN_EBUSY },
	};
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = virt_to_mfn(table) };
	struct mmuext_op *ext = sim_guest_page(d0);
	struct mmu_update *up = sim_guest_page(d0);

	*ext = pin;
	assert_int_equal(sim_hypercall(__HYPERVISOR_mmuext_op, (u64)ext, 1, 0, DOMID_SELF, 0), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(tries); i++) {
		u.ptr = (virt_to_mfn(table) << PAGE_SHIFT) + 8 * i;
		u.val = tries[i].mfn << PAGE_SHIFT | tries[i].flags;
		*up = u;
		assert_int_equal(sim_hypercall(__HYPERVISOR_mmu_update, (u64)up, 1, 0,
					       tries[i].domid, 0),
				 tries[i].rc);
	}
	ext->cmd = MMUEXT_UNPIN_TABLE;
	assert_int_equal(sim_hypercall(__HYPERVISOR_mmuext_op, (u64)ext, 1, 0, DOMID_SELF, 0), 0);
	/* Nobody counted: nothing has changed. */
	assert_int_equal(mfn_to_frame(b)->ref, FRAME_SHARED);
	assert_int_equal(mfn_to_frame(b)->type, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_record, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_liar, setup, teardown),
		cmocka_unit_test_setup_teardown(test_virq, setup, teardown),
		cmocka_unit_test_setup_teardown(test_control, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Trace buffers: made, mapped, filled with what the hypervisor sees of us, read.
 * Wrong operands on the way. A hypervisor that was built without them says so.
 */
#include "test.h"
#include <xen/sysctl.h>
#include <xen/trace.h>
#include "mm.h"

#define BUFFER_FRAMES 4

static struct xen_sysctl op;

static long tbuf(unsigned int cmd)
{
	op.cmd = XEN_SYSCTL_tbuf_op;
	op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	op.u.tbuf_op.cmd = cmd;
	return hypercall(__HYPERVISOR_sysctl, &op);
}

static long map_of_xen(volatile void *va, unsigned long mfn, uint64_t flags)
{
	struct mmu_update u = { .ptr = pt_entry_maddr(va, 1), .val = mfn_pte(mfn, flags) };
	long rc = hv_mmu_update(&u, 1, 0, DOMID_XEN);

	hv_update_va_mapping(va, u.val, UVMF_NONE); /* refused; and the TLB is old */
	mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0);
	return rc;
}

static page_aligned char info_page[PAGE_SIZE], pages[BUFFER_FRAMES][PAGE_SIZE];
static struct t_buf *const buf = (struct t_buf *)pages;
static const unsigned int ring = sizeof(pages) - sizeof(struct t_buf);

static void map_buffers(void)
{
	const struct t_info *info = (void *)info_page;
	const unsigned int *list;

	op.u.tbuf_op.cpu_mask.nr_bits = 0;
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_get_info), 0);
	CHECK(op.u.tbuf_op.size >= PAGE_SIZE && op.u.tbuf_op.size % PAGE_SIZE == 0);
	REQUIRE(op.u.tbuf_op.buffer_mfn != 0);
	/* To be read, not to be written; and not as if it were ours. */
	CHECK(map_of_xen(info_page, op.u.tbuf_op.buffer_mfn, PTE_RW) < 0);
	CHECK(map_mfn(info_page, op.u.tbuf_op.buffer_mfn, PTE_RO) < 0);
	REQUIRE(map_of_xen(info_page, op.u.tbuf_op.buffer_mfn, PTE_RO) == 0);
	CHECK_EQ(info->tbuf_size, BUFFER_FRAMES);
	REQUIRE(info->mfn_offset[0] != 0);
	list = (const unsigned int *)info_page + info->mfn_offset[0];
	for (unsigned int i = 0; i < BUFFER_FRAMES; i++)
		REQUIRE(map_of_xen(pages[i], list[i], PTE_RW) == 0);
}

/* Records of kinds that we look for, found in what there is to read. */
static struct {
	unsigned int hypercalls, traps, others, lost, wraps, bad;
	unsigned long last_tsc;
} seen;

static void record(const unsigned int *r)
{
	unsigned int event = TRC_HD_TO_EVENT(r[0]);
	unsigned long tsc;

	if (event == TRC_TRACE_WRAP_BUFFER) {
		seen.wraps++;
		return;
	}
	if (TRC_HD_INCLUDES_CYCLE_COUNT(r[0])) {
		tsc = r[1] | (unsigned long)r[2] << 32;
		seen.bad += tsc < seen.last_tsc;
		seen.last_tsc = tsc;
	}
	if (event == TRC_PV_HYPERCALL_V2 && (r[3] & 0xfffff) == __HYPERVISOR_xen_version)
		seen.hypercalls++;
	else if (event == (TRC_PV_TRAP | TRC_64_FLAG) && (r[5] & 0x7fff) == 3)
		seen.traps++;
	else if (event == TRC_LOST_RECORDS)
		seen.lost += r[3];
	else
		seen.others++;
}

static void read_all(void)
{
	memset(&seen, 0, sizeof(seen));
	while (buf->cons != *(volatile unsigned int *)&buf->prod) {
		unsigned int at = buf->cons % ring, words;
		const unsigned int *r = (const unsigned int *)(buf + 1) + at / 4;

		words = 1 + TRC_HD_EXTRA(*r) + (TRC_HD_INCLUDES_CYCLE_COUNT(*r) ? 2 : 0);
		if (!CHECK(at + words * 4 <= ring, "at %u", at))
			break;
		record(r);
		buf->cons = (buf->cons + words * 4) % (2 * ring);
	}
	CHECK_EQ(seen.bad, 0);
}

static void make_events(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		hv_xen_version(0, 0);
}

static void trace(void)
{
	static unsigned char cpus;

	/* Xen begins as soon as there are buffers. */
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_disable), 0);
	read_all();
	make_events(5);
	read_all();
	CHECK_EQ(seen.hypercalls, 0);

	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_enable), 0);
	make_events(5);
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_disable), 0);
	make_events(5);
	read_all();
	CHECK_EQ(seen.hypercalls, 5);

	/* Of one class only, which is not ours. */
	op.u.tbuf_op.evt_mask = TRC_MEM;
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_set_evt_mask), 0);
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_enable), 0);
	make_events(5);
	read_all();
	CHECK_EQ(seen.hypercalls, 0);
	op.u.tbuf_op.evt_mask = TRC_PV;
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_set_evt_mask), 0);
	make_events(5);
	read_all();
	CHECK_EQ(seen.hypercalls, 5);

	/* Of no CPU. */
	op.u.tbuf_op.cpu_mask.nr_bits = 8;
	op.u.tbuf_op.cpu_mask.bitmap.p = &cpus;
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_set_cpu_mask), 0);
	read_all();
	make_events(5);
	read_all();
	CHECK_EQ(seen.hypercalls, 0);
	cpus = 0xff;
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_set_cpu_mask), 0);
	op.u.tbuf_op.cpu_mask.bitmap.p = (void *)0x1000;
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_set_cpu_mask), -EFAULT);

	/* Round the ring, read often. */
	for (unsigned int i = 0, total = 0; i < 100; i++) {
		make_events(20);
		read_all();
		total += seen.hypercalls;
		CHECK_EQ(seen.hypercalls, 20);
		CHECK_EQ(seen.lost, 0);
	}
	/* Not read: some get lost, and that is told when there is room again. */
	make_events(3000);
	read_all();
	CHECK(seen.hypercalls > 100 && seen.hypercalls < 3000, "%u", seen.hypercalls);
	{
		unsigned int first = seen.hypercalls;

		make_events(1);
		read_all();
		CHECK(seen.lost + first + seen.others >= 3000 - 1, "%u + %u", seen.lost, first);
		CHECK_EQ(seen.hypercalls, 1);
	}
	/* A reader that lies about what it has read gets nothing it should not. */
	buf->cons = 0x12345678;
	make_events(100);
	buf->cons = -4;
	make_events(100);
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_disable), 0);
}

int test_main(struct start_info *si)
{
	(void)si;
	if (tbuf(XEN_SYSCTL_TBUFOP_get_info) == -ENOSYS) {
		print("skipped: this hypervisor has no trace buffers (trace=y)\n");
		return 0;
	}
	CHECK_EQ(op.u.tbuf_op.size, 0);
	CHECK_EQ(op.u.tbuf_op.buffer_mfn, 0);
	CHECK_EQ(op.u.tbuf_op.evt_mask, TRC_ALL);
	CHECK_EQ(tbuf(99), -EINVAL);
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_enable), -EINVAL); /* of what? */
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_disable), 0);
	op.u.tbuf_op.size = 0;
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_set_size), -EINVAL);
	op.u.tbuf_op.size = BUFFER_FRAMES;
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_set_size), 0);
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_set_size), -EBUSY);
	op.u.tbuf_op.size = BUFFER_FRAMES + 1;
	CHECK_EQ(tbuf(XEN_SYSCTL_TBUFOP_set_size), -EINVAL);
	map_buffers();
	trace();
	return 0;
}

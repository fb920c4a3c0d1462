/* Other domains, made by a test guest. */
#include "domain.h"
#include <xen/memory.h>
#include <xen/sched.h>
#include "clock.h"
#include "event.h"
#include "mm.h"
#include "test.h"
#include "trap.h"

/* r12: the page of data. */
__asm__(".pushsection .rodata\n"
	"child_code:\n"
	"1:	incq (%r12)\n"
	"	cmpq $0, 8(%r12)\n"
	"	je 1b\n"
	"	movq 16(%r12), %rax\n"
	"	cmpl $-1, %eax\n"
	"	je 2f\n"
	"	movq 24(%r12), %rdi\n"
	"	movq 32(%r12), %rsi\n"
	"	movq 40(%r12), %rdx\n"
	"	movq 48(%r12), %r10\n"
	"	movq 56(%r12), %r8\n"
	"	syscall\n"
	"3:	movq %rax, 64(%r12)\n"
	"	movq $0, 8(%r12)\n"
	"	jmp 1b\n"
	"2:	movq 24(%r12), %rdx\n"
	"	xorl %eax, %eax\n"
	"	inb %dx, %al\n"
	"	jmp 3b\n"
	"child_code_end:\n"
	".popsection");
extern const char child_code[], child_code_end[];

long domctl(unsigned int cmd, unsigned int domid, struct xen_domctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = domid;
	return hypercall(__HYPERVISOR_domctl, op);
}

void child_config(struct xen_domctl *op)
{
	memset(op, 0, sizeof(*op));
	op->u.createdomain.max_vcpus = 1;
	op->u.createdomain.max_evtchn_port = 1023;
	op->u.createdomain.max_grant_frames = 4;
	op->u.createdomain.max_maptrack_frames = 4;
	op->u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(2);
}

/* Map a frame of the child's over a page of ours; 0 or -errno. */
static long map_page(const struct child *c, void *window, unsigned long mfn)
{
	return hv_update_va_mapping_otherdomain(window, mfn_pte(mfn, PTE_RW), UVMF_INVLPG, c->id);
}

static void write_entry(uint64_t *table, unsigned long va, int level, unsigned long mfn,
			uint64_t flags)
{
	table[table_index(va, level)] = mfn_pte(mfn, flags);
}

/* What page i of the child has in it, written to p. */
static void fill_page(const struct child *c, unsigned int i, void *p)
{
	memset(p, 0, PAGE_SIZE);
	switch (i) {
	case CHILD_L4:
	case CHILD_L3:
	case CHILD_L2:
		write_entry(p, CHILD_CODE, 4 - i, c->mfn[i + 1], PTE_TABLE);
		break;
	case CHILD_L1:
		write_entry(p, CHILD_CODE, 1, c->mfn[CHILD_CODE_PAGE], PTE_RO);
		write_entry(p, CHILD_DATA, 1, c->mfn[CHILD_DATA_PAGE], PTE_RW);
		break;
	case CHILD_CODE_PAGE:
		memcpy(p, child_code, child_code_end - child_code);
		break;
	}
}

static bool take_memory(struct child *c)
{
	struct xen_memory_reservation r = { .nr_extents = CHILD_PAGES, .domid = c->id };
	struct xen_domctl op;

	op.u.max_mem.max_memkb = CHILD_PAGES * 4;
	if (!CHECK_EQ(domctl(XEN_DOMCTL_max_mem, c->id, &op), 0))
		return false;
	for (unsigned int i = 0; i < CHILD_PAGES; i++)
		c->mfn[i] = i;
	r.extent_start.p = c->mfn;
	return CHECK_EQ(hv_memory_op(XENMEM_populate_physmap, &r), CHILD_PAGES);
}

static bool set_context(struct child *c)
{
	static struct vcpu_guest_context context;
	struct xen_domctl op;

	memset(&context, 0, sizeof(context));
	context.flags = VGCF_in_kernel | VGCF_online;
	context.user_regs.rip = CHILD_CODE;
	context.user_regs.r12 = CHILD_DATA;
	context.user_regs.rflags = FLAG_IF;
	context.user_regs.cs = FLAT_KERNEL_CS;
	context.user_regs.ss = FLAT_KERNEL_SS;
	context.kernel_ss = FLAT_KERNEL_SS;
	context.kernel_sp = CHILD_DATA + PAGE_SIZE;
	context.ctrlreg[3] = xen_pfn_to_cr3(c->mfn[CHILD_L4]);
	op.u.vcpucontext.vcpu = 0;
	op.u.vcpucontext.ctxt.p = &context;
	return CHECK_EQ(domctl(XEN_DOMCTL_setvcpucontext, c->id, &op), 0);
}

/* It was told the time of day. */
static bool has_time(const struct child *c)
{
	static char page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
	const struct shared_info *shared = (const void *)page;
	struct xen_domctl op;
	bool ok;

	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, c->id, &op), 0);
	CHECK_EQ(map_page(c, page, op.u.getdomaininfo.shared_info_frame), 0);
	ok = CHECK(shared->wc_sec + 60 > shared_info->wc_sec);
	CHECK_EQ(map_writable(page), 0);
	return ok;
}

bool child_create(struct child *c, void *window)
{
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE };
	struct xen_domctl op;

	child_config(&op);
	if (!CHECK_EQ(domctl(XEN_DOMCTL_createdomain, 0, &op), 0))
		return false;
	c->id = op.domain;
	op.u.max_vcpus.max = 1;
	if (!CHECK_EQ(domctl(XEN_DOMCTL_max_vcpus, c->id, &op), 0) || !take_memory(c))
		return false;
	/* Its events are masked until it can take them. */
	CHECK_EQ(domctl(XEN_DOMCTL_getdomaininfo, c->id, &op), 0);
	if (!CHECK_EQ(map_page(c, window, op.u.getdomaininfo.shared_info_frame), 0))
		return false;
	((struct shared_info *)window)->vcpu_info[0].evtchn_upcall_mask = 1;
	c->data = window;
	for (unsigned int i = 0; i < CHILD_PAGES; i++) {
		if (!CHECK_EQ(map_page(c, window, c->mfn[i]), 0))
			return false;
		fill_page(c, i, window);
	}
	/* No table may be mapped writable; the data, which came last, stays. */
	pin.arg1.mfn = c->mfn[CHILD_L4];
	return CHECK_EQ(hv_mmuext_op(&pin, 1, 0, c->id), 0) && set_context(c) && has_time(c);
}

void child_unmap(struct child *c)
{
	CHECK_EQ(map_writable(c->data), 0);
	c->data = NULL;
}

void rest(void)
{
	static evtchn_port_t port;
	struct sched_poll poll = { .nr_ports = 1 };

	if (!port)
		port = event_alloc_unbound(DOMID_SELF, 0);
	poll.ports.p = &port;
	poll.timeout = clock_now() + MILLISECOND;
	hv_sched_op(SCHEDOP_poll, &poll);
}

void child_tell(struct child *c, unsigned int nr, uint64_t a1, uint64_t a2, uint64_t a3,
		uint64_t a4)
{
	c->data->nr = nr;
	c->data->args[0] = a1;
	c->data->args[1] = a2;
	c->data->args[2] = a3;
	c->data->args[3] = a4;
	c->data->go = 1;
}

long child_hypercall(struct child *c, unsigned int nr, uint64_t a1, uint64_t a2, uint64_t a3,
		     uint64_t a4)
{
	uint64_t end = clock_now() + 10 * SECOND;

	child_tell(c, nr, a1, a2, a3, a4);
	while (c->data->go && clock_now() < end)
		rest();
	REQUIRE(!c->data->go);
	return c->data->result;
}

long child_inb(struct child *c, uint16_t port)
{
	return child_hypercall(c, CHILD_INB, port, 0, 0, 0);
}

long child_destroy(struct child *c)
{
	struct xen_domctl op;
	long rc;

	do
		rc = domctl(XEN_DOMCTL_destroydomain, c->id, &op);
	while (rc == -EAGAIN);
	return rc;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes become what two domains do to memory: page-table updates by every way
 * there is, pins and roots, frames given back, taken and exchanged, descriptor
 * tables, contexts for VCPUs, and stores to whatever memory they may write. Long
 * operations are stopped where the input says, and then continued, abandoned, or
 * continued after another CPU has done something else.
 *
 * After each step the audit recounts everything (invariants 1 and 3), and
 * sim/reach.c walks what each CPU can reach and what its TLB may hold (2). At the
 * end both domains are destroyed and every frame must have come back (5).
 *
 * Domain 0 is privileged, so what it does to domain 1's tables is tried, too. Each
 * has two VCPUs; CPU n runs VCPU n of either.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xen/errno.h>
#include <xen/memory.h>
#include <xen/vcpu.h>

#include "cpu/descriptors.h"
#include "cpu/guest_mode.h"
#include "cpu/traps.h"
#include "domain/vcpu_op.h"
#include "hypercall/hypercall.h"
#include "mm/alloc.h"
#include "mm/audit.h"
#include "mm/frame.h"
#include "mm/pagetable.h"
#include "sim/reach.h"
#include "sim/sim.h"

#define RAM_FRAMES 320
#define CPUS 2
#define POOL 48	      /* frames that a domain knows of */
#define TREE 9	      /* the first of them: two trees of tables */
#define ARG_ORDER 3   /* pages for operands, for each VCPU */
#define MAX_CALLS 400 /* an input */

static const uint8_t *bytes;
static size_t bytes_left;
static unsigned int calls_left;
static u64 calls_made;
static struct timespec started;

static struct domain *dom[2];
static mfn_t pool[2][POOL];
static char *arg[2][2]; /* by domain and VCPU */

static u8 byte(void)
{
	if (!bytes_left)
		return 0;
	bytes_left--;
	return *bytes++;
}

static u64 word(void)
{
	u64 w = 0;

	for (unsigned int i = 0; i < 8; i++)
		w = w << 8 | byte();
	return w;
}

/* Operands are written here, whatever becomes of the frame: so nothing may. */
static bool is_arg(mfn_t mfn)
{
	for (unsigned int i = 0; i < 4; i++)
		if (mfn - virt_to_mfn(arg[i / 2][i % 2]) < 1u << ARG_ORDER)
			return true;
	return false;
}

/* Names of frames: mostly ours, those with tables first; now and then whatever. */
static unsigned int whose;

static mfn_t any_mfn(void)
{
	unsigned int d = whose;
	u8 b = byte();

	if (b < 128)
		return pool[d][b % (2 * TREE)];
	if (b < 240)
		return pool[d][b % POOL];
	switch (b & 7) {
	case 0:
		return virt_to_mfn(dom[d]->shared);
	case 2:
		return byte() % RAM_FRAMES;
	case 3:
		return RAM_FRAMES + byte();
	case 4:
		return word() >> (byte() & 63);
	case 5:
		return virt_to_mfn(dom[!d]->shared);
	default:
		return pool[!d][byte() % POOL];
	}
}

static mfn_t some_mfn(void)
{
	mfn_t mfn = any_mfn();

	return is_arg(mfn) ? 0 : mfn;
}

/* Entries of page tables: mostly such as kernels make. */
static u64 some_pte(void)
{
	static const u64 flags[] = {
		PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY,
		PTE_PRESENT | PTE_RW | PTE_USER,
		PTE_PRESENT | PTE_USER | PTE_ACCESSED,
		PTE_PRESENT | PTE_USER,
		PTE_PRESENT | PTE_RW | PTE_NX,
		PTE_PRESENT | PTE_GLOBAL | PTE_RW,
		0,
	};
	u8 b = byte();

	if (b >= 0xfe) {
		pte_t e = b & 1 ? word() :
				  pte_make(some_mfn(), PTE_PRESENT | PTE_RW | PTE_USER) ^
					  1ull << (byte() & 63);

		return is_arg(pte_mfn(e)) ? 0 : e;
	}
	return pte_make(some_mfn(), flags[b % ARRAY_SIZE(flags)]);
}

static unsigned int some_slot(void)
{
	static const u16 slots[] = { 0, 1, 2, 3, 4, 255, 256, 260, 271, 272, 511 };
	u8 b = byte();

	return b & 0x80 ? b * 2 : slots[b % ARRAY_SIZE(slots)];
}

static u64 some_va(void)
{
	u8 b = byte(), c;
	u64 va = (u64)(b & 31) << L1_SHIFT | (u64)(b >> 5 & 1) << L2_SHIFT;

	if (b < 192)
		return va;
	c = byte();
	return va | (u64)(c & 3) << L3_SHIFT | (u64)(c >> 2 & 3) << L4_SHIFT | (u64)(c >> 4) << 44;
}

/* The foreigndom operand; only a privileged domain gets anywhere with most. */
static u64 some_foreign(void)
{
	static const u16 ids[] = { DOMID_SELF, 0, 1, DOMID_IO, DOMID_XEN, 7, DOMID_INVALID };
	u8 b = byte();
	u64 pg, pt;

	if (b < (current->domain->is_privileged ? 128 : 224))
		return DOMID_SELF;
	if (b < 192)
		return 1;
	pg = ids[b % ARRAY_SIZE(ids)];
	pt = ids[byte() % ARRAY_SIZE(ids)];
	return pg | (pt == DOMID_SELF ? 0 : (pt + 1) << 16);
}

/* What a guest can do without asking: store to memory that it can map writable. */
static void store(mfn_t mfn, unsigned int slot, u64 value)
{
	struct frame *f = mfn_to_frame(mfn);

	if (!mfn_valid(mfn) || !frame_get_writable(f, current->domain->id))
		return;
	sim_check_store(mfn);
	((u64 *)map_frame(mfn))[slot] = value;
	frame_put_writable(f);
}

/* Hypercalls: each fills in an entry, with operands from *p on. */

static void mmu_update(struct multicall_entry *e, char **p)
{
	struct mmu_update *u = (void *)*p;
	unsigned int n = byte() % 4 + 1, self = current->domain->id;
	u64 foreign = some_foreign();

	for (unsigned int i = 0; i < n; i++) {
		u8 cmd = byte();

		whose = foreign >> 16 == 2 ? 1 : self;
		u[i].ptr = some_mfn() << PAGE_SHIFT | some_slot() * 8 |
			   (cmd < 200 ? 0 :
			    cmd < 225 ? 2 :
			    cmd < 250 ? 1 :
					3);
		whose = (foreign & 0xffff) == 1 ? 1 : self;
		u[i].val = some_pte();
		if (current->domain->is_privileged && foreign >> 16)
			sim_reach_allow(pte_mfn(u[i].val));
	}
	whose = self;
	*p += n * sizeof(*u);
	e->op = __HYPERVISOR_mmu_update;
	e->args[0] = (u64)u;
	e->args[1] = n;
	e->args[2] = byte() & 1 ? (u64)*p : 0;
	e->args[3] = foreign;
	*p += 8;
}

static void update_va(struct multicall_entry *e, char **p)
{
	e->op = __HYPERVISOR_update_va_mapping;
	e->args[0] = some_va();
	e->args[1] = some_pte();
	e->args[2] = byte() % 8;
	if (byte() >= (current->domain->is_privileged ? 128 : 240)) {
		e->op = __HYPERVISOR_update_va_mapping_otherdomain;
		e->args[3] = some_foreign() & 0xffff;
		whose = e->args[3] == 1 ? 1 : current->domain->id;
		e->args[1] = some_pte();
		whose = current->domain->id;
	}
}

static void mmuext(struct multicall_entry *e, char **p)
{
	struct mmuext_op *op = (void *)*p;
	unsigned int n = byte() % 3 + 1;

	memset(op, 0, n * sizeof(*op));
	for (unsigned int i = 0; i < n; i++) {
		op[i].cmd = byte() % 24;
		op[i].arg1.mfn = some_mfn();
		switch (op[i].cmd) {
		case MMUEXT_SET_LDT:
			op[i].arg1.linear_addr = some_va() & PAGE_MASK;
			op[i].arg2.nr_ents = byte() * 33;
			break;
		case MMUEXT_COPY_PAGE:
			op[i].arg2.src_mfn = some_mfn();
			break;
		case MMUEXT_NEW_BASEPTR:
		case MMUEXT_NEW_USER_BASEPTR:
			if (byte() == 0)
				op[i].arg1.mfn = 0;
			break;
		case MMUEXT_TLB_FLUSH_MULTI:
		case MMUEXT_INVLPG_MULTI:
			op[i].arg2.vcpumask.p = op;
			break;
		}
	}
	*p += n * sizeof(*op);
	e->op = __HYPERVISOR_mmuext_op;
	e->args[0] = (u64)op;
	e->args[1] = n;
	e->args[2] = byte() & 1 ? (u64)*p : 0;
	e->args[3] = some_foreign();
	*p += 8;
}

/* Where the frames of the last memory_op will be found. */
static u64 *answers;
static unsigned int nr_answers, answer_order;

static void memory_op(struct multicall_entry *e, char **p)
{
	static const u8 cmds[] = { XENMEM_decrease_reservation, XENMEM_populate_physmap,
				   XENMEM_increase_reservation, XENMEM_exchange };
	struct xen_memory_exchange *x = (void *)*p;
	u64 *in, *out;
	unsigned int n = byte() % 4 + 1, order, out_order;
	u8 b = byte();

	*p += sizeof(*x);
	in = (void *)*p;
	*p += 8 * sizeof(u64);
	out = (void *)*p;
	*p += 8 * sizeof(u64);
	memset(x, 0, sizeof(*x));
	order = b >> 6 == 3 ? 1 : 0;
	for (unsigned int i = 0; i < 8; i++) {
		in[i] = some_mfn();
		if (is_arg(in[i] + order))
			in[i] = 0;
		out[i] = i;
	}
	e->op = __HYPERVISOR_memory_op;
	e->args[0] = cmds[b % ARRAY_SIZE(cmds)];
	e->args[1] = (u64)x;
	x->in.extent_start.p = in;
	x->in.nr_extents = n;
	x->in.extent_order = order;
	x->in.mem_flags = b & 0x20 ? byte() : 0;
	x->in.domid = b & 0x10 ? byte() & 1 : DOMID_SELF;
	answers = in;
	nr_answers = e->args[0] == XENMEM_decrease_reservation ? 0 : n;
	answer_order = order;
	if (e->args[0] != XENMEM_exchange)
		return;
	out_order = b & 4 ? 1 : order;
	x->out = x->in;
	x->out.extent_start.p = out;
	x->out.extent_order = out_order;
	if (out_order > order)
		x->in.nr_extents = n * 2;
	answers = out;
	answer_order = out_order;
}

static void set_gdt(struct multicall_entry *e, char **p)
{
	u64 *mfns = (void *)*p;
	unsigned int n = byte() % 3;

	for (unsigned int i = 0; i < n; i++)
		mfns[i] = some_mfn();
	*p += n * sizeof(u64);
	e->op = __HYPERVISOR_set_gdt;
	e->args[0] = (u64)mfns;
	e->args[1] = n * 512 + byte() / 254 * 9000;
}

static u64 some_descriptor(void)
{
	static const u64 kinds[] = { 0x00cff3000000ffff, 0x00af9b000000ffff, 0x0000ec0000080000,
				     0x0000820000000000, 0 };
	u8 b = byte();

	return b == 0xff ? word() : kinds[b % ARRAY_SIZE(kinds)] ^ (b & 0x40 ? 1ull << 47 : 0);
}

static void update_descriptor(struct multicall_entry *e, char **p)
{
	e->op = __HYPERVISOR_update_descriptor;
	e->args[0] = some_mfn() << PAGE_SHIFT | some_slot() * 8;
	e->args[1] = some_descriptor();
}

static void vcpu_op(struct multicall_entry *e, char **p)
{
	struct vcpu_guest_context *c = (void *)(((u64)*p + 63) & ~63ul);
	struct vcpu_register_vcpu_info *info = (void *)c;

	e->op = __HYPERVISOR_vcpu_op;
	e->args[1] = byte() & 1;
	e->args[2] = (u64)c;
	if (byte() >= 224) {
		e->args[0] = VCPUOP_register_vcpu_info;
		info->mfn = some_mfn();
		info->offset = byte() * 64;
		*p = (char *)(info + 1);
		return;
	}
	e->args[0] = VCPUOP_initialise;
	memset(c, 0, sizeof(*c));
	c->flags = byte() < 192 ? VGCF_in_kernel | VGCF_i387_valid : 0;
	c->ctrlreg[3] = some_mfn() << PAGE_SHIFT;
	c->ctrlreg[1] = byte() & 1 ? some_mfn() << PAGE_SHIFT : 0;
	c->gdt_ents = byte() % 3 * 512;
	for (unsigned int i = 0; i < 2; i++)
		c->gdt_frames[i] = some_mfn();
	c->ldt_base = some_va() & PAGE_MASK;
	c->ldt_ents = byte() * 2;
	*p = (char *)(c + 1);
}

static void one_call(struct multicall_entry *e, char **p)
{
	static void (*const kinds[])(struct multicall_entry *, char **) = {
		mmu_update, mmu_update, mmu_update, mmuext,  mmuext,  mmuext,
		update_va,  update_va,	memory_op,  set_gdt, vcpu_op, update_descriptor,
	};

	memset(e, 0, sizeof(*e));
	nr_answers = 0;
	kinds[byte() % ARRAY_SIZE(kinds)](e, p);
}

static void check(void)
{
	for (unsigned int d = 0; d < 2; d++)
		BUG_ON(spin_is_locked(&dom[d]->mmu_lock) || spin_is_locked(&dom[d]->page_lock));
	if (audit()) {
		/* Once more, for people. */
		sim_verbose = true;
		audit();
		BUG();
	}
	sim_check_reach();
}

/* Preemption: the input's pattern, over and over. */
static u8 preempt_pattern;
static unsigned int preempt_at;

static bool preempt(void)
{
	return preempt_pattern >> (preempt_at++ & 7) & 1;
}

static void step(unsigned int depth);

static void hypercall(unsigned int depth)
{
	unsigned int d = current->domain->id, cpu = sim_cpu, nr;
	struct guest_regs *r = &current->regs;
	char *p = arg[d][cpu] + 64 * 64, *end = arg[d][cpu] + (PAGE_SIZE << ARG_ORDER);
	struct multicall_entry *list = (void *)arg[d][cpu], *e = list;
	unsigned int n = byte() % 8;
	u64 *mine;
	unsigned int mine_n, mine_order;
	long rc;

	n = n > 4 ? n - 3 : 1;
	for (unsigned int i = 0; i < n; i++)
		one_call(&e[i], &p);
	BUG_ON(p > end);
	mine = answers;
	mine_n = n == 1 ? nr_answers : 0;
	mine_order = answer_order;
	if (n == 1) {
		nr = e->op;
		r->rdi = e->args[0];
		r->rsi = e->args[1];
		r->rdx = e->args[2];
		r->r10 = e->args[3];
		r->r8 = e->args[4];
	} else {
		nr = __HYPERVISOR_multicall;
		r->rdi = (u64)list;
		r->rsi = n;
	}
	preempt_pattern = byte();
	for (;;) {
		bool done;
		u8 b;

		calls_made++;
		done = sim_hypercall_step(&nr, &rc);
		BUG_ON(current->in_multicall || current->multicall_restarted);
		if (done)
			break;
		check();
		b = byte();
		if (b >= 0xf0)
			return; /* the guest has gone elsewhere */
		if (b >= 0xc0 && depth == 0) {
			sim_cpu ^= 1;
			step(depth + 1);
			sim_cpu = cpu;
			if (current->domain->id != d)
				return;
		}
	}
	/* The guest learns what it got. */
	for (unsigned int i = 0; i < mine_n && rc >= 0 && i < POOL; i++)
		for (unsigned int j = 0; j < 1u << mine_order; j++)
			if (mine[i] && mine[i] + j < RAM_FRAMES && !is_arg(mine[i] + j) &&
			    mfn_to_frame(mine[i] + j)->owner == d)
				pool[d][(i * 2 + j + byte()) % POOL] = mine[i] + j;
}

/* A store to a table that faults. */
static void writable_pt(void)
{
	static const u8 code[][4] = {
		{ 0x48, 0x89, 0x07 },	    /* mov %rax,(%rdi) */
		{ 0x48, 0x87, 0x07 },	    /* xchg %rax,(%rdi) */
		{ 0x48, 0x0f, 0xb1, 0x0f }, /* cmpxchg %rcx,(%rdi) */
		{ 0x48, 0x21, 0x07 },	    /* and %rax,(%rdi) */
		{ 0x88, 0x07 },		    /* mov %al,(%rdi) */
		{ 0x0f, 0xb0, 0x0f },	    /* cmpxchg %cl,(%rdi) */
		{ 0x48, 0xab },		    /* stos */
	};
	struct guest_regs *r = &current->regs;
	char *page = arg[current->domain->id][sim_cpu];
	u64 rip = r->rip;
	u8 b = byte();

	if (b == 0xff)
		for (unsigned int i = 0; i < 15; i++)
			page[i] = byte();
	else
		memcpy(page, code[b % ARRAY_SIZE(code)], 4);
	r->rip = (u64)page;
	r->rax = some_pte();
	r->rcx = some_pte();
	b = byte();
	writable_pt_fault(current,
			  some_va() | (b & 15) * sizeof(pte_t) | (b & 0x80 ? b >> 4 & 7 : 0),
			  PF_PRESENT | PF_WRITE | PF_USER);
	r->rip = rip;
}

/* The other domain has its turn on this CPU. */
static void switch_vcpu(void)
{
	struct vcpu *v = dom[!current->domain->id]->vcpu[sim_cpu];

	if (v->initialised)
		sim_become(v);
}

static void step(unsigned int depth)
{
	u8 b = byte();
	u64 seen;

	if (calls_left == 0)
		return;
	calls_left--;
	if (current->is_idle) {
		/* The second VCPUs have to be brought up first. */
		if (!dom[b & 1]->vcpu[sim_cpu]->initialised)
			return;
		sim_become(dom[b & 1]->vcpu[sim_cpu]);
	}
	whose = current->domain->id;
	switch (b >> 3 & 15) {
	case 0:
	case 1:
	case 2:
		for (unsigned int i = byte() % 4; i < 4; i++) {
			mfn_t mfn = some_mfn();
			unsigned int slot = some_slot();

			store(mfn, slot, b & 7 ? some_pte() : some_descriptor());
		}
		break;
	case 3:
		writable_pt();
		break;
	case 4:
		descriptors_fault(current, vcpu_ldt_virt(current) + byte() % 20 * PAGE_SIZE, &seen);
		break;
	case 5:
		if (depth == 0)
			switch_vcpu();
		break;
	case 6:
		/* To user mode and back. */
		if (!current->kernel_mode || current->user_l4)
			sim_toggle_mode(current);
		break;
	default:
		if (!current->kernel_mode)
			sim_toggle_mode(current);
		hypercall(depth);
		break;
	}
	check();
}

/*
 * Tables number 0: L4; 1, 2: L3; 3, 4, 5: L2; 6, 7, 8: L1. The L1 tables map memory
 * that is no table.
 */
static void plant(const mfn_t *mfn, const mfn_t *data)
{
	static const struct {
		u8 from, slot, to;
	} entries[] = { { 0, 0, 1 }, { 0, 1, 2 }, { 1, 0, 3 }, { 1, 1, 4 }, { 2, 0, 5 },
			{ 3, 0, 6 }, { 3, 1, 7 }, { 4, 0, 7 }, { 5, 0, 8 }, { 5, 1, 6 } };
	const u64 flags = PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED;

	for (unsigned int i = 0; i < ARRAY_SIZE(entries); i++)
		((u64 *)map_frame(mfn[entries[i].from]))[entries[i].slot] =
			pte_make(mfn[entries[i].to], flags);
	for (unsigned int i = 0; i < 12; i++)
		((u64 *)map_frame(mfn[6 + i % 3]))[i] = pte_make(data[i], flags);
}

/* Every domain runs on tables, and has more to work with. */
static void start(unsigned int id)
{
	struct domain *d = dom[id] = sim_domain(id, 2, false);
	struct mmuext_op *op;

	for (unsigned int v = 0; v < 2; v++)
		arg[id][v] = frame_to_virt(domain_frames_alloc(d, ARG_ORDER, 0));
	for (unsigned int i = 0; i < POOL; i++)
		pool[id][i] = virt_to_mfn(sim_guest_page(d));
	d->max_pages = d->tot_pages + 8;
	d->vcpu[1]->initialised = false;
	sim_cpu = 0;
	sim_become(d->vcpu[0]);
	for (unsigned int i = 0; i < 2; i++)
		plant(&pool[id][i * TREE], &pool[id][2 * TREE]);
	/* It sees its tables. */
	for (unsigned int i = 0; i < TREE; i++)
		((u64 *)map_frame(pool[id][6]))[16 + i] =
			pte_make(pool[id][i], PTE_PRESENT | PTE_USER);
	for (unsigned int i = 0; i < 2; i++) {
		op = (void *)arg[id][0];
		memset(op, 0, sizeof(*op));
		op->cmd = i ? MMUEXT_NEW_BASEPTR : MMUEXT_PIN_L4_TABLE;
		op->arg1.mfn = pool[id][0];
		BUG_ON(sim_hypercall(__HYPERVISOR_mmuext_op, (u64)op, 1, 0, DOMID_SELF, 0));
	}
}

static void report(void)
{
	struct timespec t;
	double s;

	clock_gettime(CLOCK_MONOTONIC, &t);
	s = (double)(t.tv_sec - started.tv_sec) + (double)(t.tv_nsec - started.tv_nsec) / 1e9;
	fprintf(stderr, "%lu hypercalls, %.0f a second, each audited\n", calls_made,
		(double)calls_made / s);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	clock_gettime(CLOCK_MONOTONIC, &started);
	atexit(report);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bytes = data;
	bytes_left = size;
	calls_left = MAX_CALLS;
	sim_init_cpus(RAM_FRAMES << PAGE_SHIFT, CPUS, NULL);
	sim_reach_reset();
	start(0);
	start(1);
	preempt_at = 0;
	sim_preempt = preempt;
	check();
	while (bytes_left && calls_left) {
		sim_cpu = byte() & 1;
		step(0);
	}
	/* On the way out, too, everything stops half-way. */
	preempt_pattern = byte();
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		sim_cpu = cpu;
		if (!current->is_idle)
			sim_become(idle_domain->vcpu[cpu]);
	}
	sim_cpu = 0;
	sim_exit();
	return 0;
}

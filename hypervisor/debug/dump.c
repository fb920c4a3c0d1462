/* SPDX-License-Identifier: GPL-2.0-only */
/* What an engineer wants to see when something has crashed. */
#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/layout.h"
#include "cpu/selectors.h"
#include "cpu/traps.h"
#include "domain/domain.h"
#include "machine.h"
#include "mm/frame.h"
#include "mm/paging.h"

#define STACK_WORDS 16
#define CODE_BEFORE 16
#define CODE_BYTES 32
#define TRACE_DEPTH 32

extern char __text_start[], __text_end[];

static void dump_registers(const struct guest_regs *r)
{
	log_error("rip %04lx:%016lx  rsp %04lx:%016lx  rflags %08lx",
		  r->cs & 0xffff, r->rip, r->ss & 0xffff, r->rsp, r->rflags);
	log_error("rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx", r->rax,
		  r->rbx, r->rcx, r->rdx);
	log_error("rsi %016lx  rdi %016lx  rbp %016lx  r8  %016lx", r->rsi,
		  r->rdi, r->rbp, r->r8);
	log_error("r9  %016lx  r10 %016lx  r11 %016lx  r12 %016lx", r->r9,
		  r->r10, r->r11, r->r12);
	log_error("r13 %016lx  r14 %016lx  r15 %016lx", r->r13, r->r14, r->r15);
	if (r->vector == VECTOR_SYSCALL)
		log_error("in a hypercall, or on the way of SYSCALL and SYSRET");
	else
		log_error("vector %u error %04x", r->vector, r->error_code);
}

static const char *type_name(u64 type)
{
	static const char *const names[] = { "none", "L1",	"L2",
					     "L3",   "L4",	"descriptors",
					     "writable" };

	type >>= FRAME_TYPE_SHIFT;
	return type < ARRAY_SIZE(names) ? names[type] : "?";
}

void dump_page_tables(u64 root_mfn, u64 va)
{
	mfn_t mfn = root_mfn;

	if (!root_mfn)
		return;
	log_error("page tables for %016lx:", va);
	for (unsigned int level = 4; level > 0; level--) {
		const pte_t *table = map_frame(mfn);
		pte_t e = table[pt_index(va, level)];
		const struct frame *f;

		log_error("  L%u[%03lx] = %016lx", level, pt_index(va, level),
			  e);
		if (!(e & PTE_PRESENT))
			return;
		mfn = pte_mfn(e);
		if (!mfn_valid(mfn) || mfn_to_frame(mfn)->owner == DOMID_IO) {
			log_error("    not RAM");
			return;
		}
		f = mfn_to_frame(mfn);
		log_error("    frame %lx (pfn %lx): owner %u, %lu references, "
			  "type %s, %lu uses",
			  mfn, machine_to_phys[mfn], f->owner,
			  (u64)(f->ref & FRAME_REF_MASK), type_name(f->type),
			  (u64)(f->type & FRAME_TYPE_COUNT));
		if (e & PTE_PSE && level > 1)
			return;
	}
}

static void dump_guest_code(const struct guest_regs *r)
{
	u8 code[CODE_BYTES];

	if (copy_from_guest(code, (void *)(r->rip - CODE_BEFORE),
			    sizeof(code))) {
		log_error("code at rip is not readable");
		return;
	}
	printk(LOG_ERROR, "code:");
	for (unsigned int i = 0; i < CODE_BYTES; i++)
		printk(LOG_ERROR, i == CODE_BEFORE ? " <%02x>" : " %02x",
		       code[i]);
	printk(LOG_ERROR, "\n");
}

static void dump_guest_stack(const struct guest_regs *r)
{
	log_error("stack:");
	for (unsigned int i = 0; i < STACK_WORDS; i += 4) {
		u64 w[4];

		if (copy_from_guest(w, (void *)(r->rsp + i * 8), sizeof(w))) {
			log_error("  %016lx: not readable", r->rsp + i * 8);
			return;
		}
		log_error("  %016lx: %016lx %016lx %016lx %016lx",
			  r->rsp + i * 8, w[0], w[1], w[2], w[3]);
	}
}

void dump_guest(struct vcpu *v)
{
	log_error("Domain %u VCPU %u on CPU %u, %s mode:", v->domain->id, v->id,
		  this_cpu_id(), v->kernel_mode ? "kernel" : "user");
	dump_registers(&v->regs);
	log_error("cr2 %016lx  kernel L4 %lx  user L4 %lx  events %s%s",
		  v->info->arch.cr2, v->kernel_l4, v->user_l4,
		  v->info->evtchn_upcall_mask ? "masked" : "open",
		  v->info->evtchn_upcall_pending ? ", pending" : "");
	dump_guest_code(&v->regs);
	dump_guest_stack(&v->regs);
	dump_page_tables(v->cr3 >> PAGE_SHIFT, v->regs.rip);
	dump_page_tables(v->cr3 >> PAGE_SHIFT, v->info->arch.cr2);
}

static bool in_text(u64 a)
{
	return a >= (u64)__text_start && a < (u64)__text_end;
}

/* Debug builds have frame pointers; in others every text address is shown. */
static void stack_trace(const struct guest_regs *r)
{
	u64 area = (u64)this_cpu() - CPU_AREA_CPU;
	const u64 *sp = (const u64 *)r->rsp;
	unsigned int shown = 0;

	log_error("call trace (addr2line -fe xenolith-syms ADDRESS):");
	log_error("  %016lx", r->rip);
	for (; (u64)sp >= area && (u64)sp < area + CPU_AREA_SIZE &&
	       ((u64)sp & ~PAGE_MASK) <= PAGE_SIZE - 8 && shown < TRACE_DEPTH;
	     sp++) {
		if (in_text(*sp)) {
			log_error("  %016lx", *sp);
			shown++;
		}
		if (((u64)sp & (CPU_AREA_SIZE - 1)) >= CPU_AREA_SIZE - 16)
			break;
	}
}

void dump_hypervisor(const struct guest_regs *r)
{
	log_error("Xenolith %s on CPU %u:", XENOLITH_VERSION, this_cpu_id());
	dump_registers(r);
	log_error("cr0 %016lx  cr2 %016lx  cr3 %016lx  cr4 %016lx", read_cr0(),
		  read_cr2(), read_cr3(), read_cr4());
	stack_trace(r);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A CPU's area (cpu/layout.h has the map): memory for it, the SYSCALL stub in it,
 * and the registers that point there.
 */
#include <stddef.h>

#include "cpu/area.h"
#include "cpu/asm.h"
#include "cpu/cpu.h"
#include "cpu/descriptors.h"
#include "cpu/idt.h"
#include "cpu/layout.h"
#include "cpu/offsets.h"
#include "cpu/selectors.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "machine.h"
#include "mm/alloc.h"
#include "mm/paging.h"

_Static_assert(offsetof(struct vcpu, stack) == VCPU_STACK, "");
_Static_assert(offsetof(struct vcpu, regs) == VCPU_REGS, "");
_Static_assert(offsetof(struct vcpu, regs.rax) == VCPU_RAX, "");
_Static_assert(offsetof(struct vcpu, regs.vector) == VCPU_VECTOR, "");
_Static_assert(offsetof(struct vcpu, regs.rip) == VCPU_RIP, "");
_Static_assert(offsetof(struct vcpu, regs.rsp) == VCPU_RSP, "");
_Static_assert(sizeof(struct guest_regs) + VCPU_REGS == VCPU_REGS_END, "");
_Static_assert(VCPU_REGS_END % 16 == 0, "the CPU aligns its stack");
_Static_assert(offsetof(struct vcpu, info) == VCPU_INFO, "");
_Static_assert(offsetof(struct vcpu, kernel_mode) == VCPU_KERNEL_MODE, "");
_Static_assert(offsetof(struct cpu, scratch) == CPU_SCRATCH, "");
_Static_assert(offsetof(struct cpu, regs_end) == CPU_REGS_END, "");
_Static_assert(offsetof(struct cpu, running) == CPU_CURRENT, "");
_Static_assert(offsetof(struct cpu, softirq_pending) == CPU_SOFTIRQ_PENDING, "");
_Static_assert(sizeof(struct cpu) <= PAGE_SIZE, "");

extern char syscall_stub[], syscall_stub_end[], syscall_stub_jump[];
extern char syscall_entry[], syscall32_entry[];

struct cpu *cpus[NR_CPUS];
unsigned int cpu_count;
cpumask_t cpus_online;

static u64 area_virt(unsigned int id)
{
	return CPU_AREA_VIRT + (u64)id * CPU_AREA_SIZE;
}

u64 cpu_stack_top(const struct cpu *c)
{
	return (u64)c - CPU_AREA_CPU + CPU_AREA_STACK - 16;
}

/* Pages of an area that exist; the others are guards. */
static bool page_exists(u64 offset)
{
	return offset < 0x3000 || offset >= 0xc000 || offset == 0x4000 ||
	       offset == 0x6000 || offset == 0x8000 || offset == 0xa000;
}

static bool stub_init(u64 area)
{
	char *page = page_alloc();
	s64 distance = (s64)syscall_entry -
		       (s64)(area + (syscall_stub_end - syscall_stub));
	s32 rel = distance;

	if (!page)
		return false;
	memcpy(page, syscall_stub, syscall_stub_end - syscall_stub);
	BUG_ON(rel != distance);
	memcpy(page + (syscall_stub_jump - syscall_stub), &rel, sizeof(rel));
	map_pages(area + CPU_AREA_STUB, virt_to_mfn(page) << PAGE_SHIFT,
		  PAGE_SIZE, HV_RX, false);
	return true;
}

struct cpu *cpu_area_create(unsigned int id)
{
	u64 area = area_virt(id);
	struct cpu *c = (struct cpu *)(area + CPU_AREA_CPU);
	mfn_t gdt = 0;

	if (!stub_init(area))
		return NULL;
	for (u64 offset = PAGE_SIZE; offset < CPU_AREA_SIZE;
	     offset += PAGE_SIZE) {
		void *page;

		if (!page_exists(offset))
			continue;
		page = page_alloc();
		if (!page)
			return NULL;
		if (offset == CPU_AREA_GDT)
			gdt = virt_to_mfn(page);
		map_pages(area + offset, virt_to_mfn(page) << PAGE_SHIFT,
			  PAGE_SIZE, HV_RW, false);
	}
	c->id = id;
	c->gdt_mfn = gdt;
	c->tss.ist[IST_NMI - 1] = area + CPU_AREA_NMI_STACK;
	c->tss.ist[IST_DB - 1] = area + CPU_AREA_DB_STACK;
	c->tss.ist[IST_MCE - 1] = area + CPU_AREA_MCE_STACK;
	c->tss.ist[IST_DF - 1] = area + CPU_AREA_DF_STACK;
	c->tss.rsp[0] = cpu_stack_top(c);
	descriptors_init_cpu(c);
	cpus[id] = c;
	return c;
}

void cpu_area_load(struct cpu *c)
{
	descriptors_load_cpu(c);
	wrmsr(MSR_STAR, (u64)XL_CS << 32 | (u64)GUEST_CS32 << 48);
	wrmsr(MSR_LSTAR, (u64)c - CPU_AREA_CPU + CPU_AREA_STUB);
	wrmsr(MSR_CSTAR, (u64)syscall32_entry);
	/* Cleared on SYSCALL: no interrupts, no single steps, string ops up. */
	wrmsr(MSR_SYSCALL_MASK, RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_NT |
					RFLAGS_AC | RFLAGS_IOPL | RFLAGS_RF);
}

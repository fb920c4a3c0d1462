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

/* entry.S: what is copied, where in it instructions enter, and their jumps. */
extern char stubs[], stubs_end[];
extern char syscall_stub[], syscall_stub_jump[], syscall_entry[];
extern char syscall32_stub[], syscall32_stub_jump[], syscall32_entry[];
extern char sysenter_stub[], sysenter_stub_jump[], sysenter_entry[];

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

/* page will be at va; the operand of a jump in there, for it to reach target. */
static void stub_jump(char *page, u64 va, const char *operand, const char *target)
{
	u64 offset = operand - stubs;
	s64 distance = (s64)target - (s64)(va + offset + sizeof(s32));
	s32 rel = distance;

	BUG_ON(rel != distance);
	memcpy(page + offset, &rel, sizeof(rel));
}

static bool stubs_init(u64 area)
{
	u64 va = area + CPU_AREA_STUB;
	char *page = page_alloc();

	if (!page)
		return false;
	memcpy(page, stubs, stubs_end - stubs);
	stub_jump(page, va, syscall_stub_jump, syscall_entry);
	stub_jump(page, va, syscall32_stub_jump, syscall32_entry);
	stub_jump(page, va, sysenter_stub_jump, sysenter_entry);
	map_pages(va, virt_to_mfn(page) << PAGE_SHIFT,
		  PAGE_SIZE, HV_RX, false);
	return true;
}

struct cpu *cpu_area_create(unsigned int id)
{
	u64 area = area_virt(id);
	struct cpu *c = (struct cpu *)(area + CPU_AREA_CPU);
	mfn_t gdt = 0;

	if (!stubs_init(area))
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

/* CPUs of AMD have no SYSENTER in long mode; elsewhere, as Xen does, none either. */
static bool has_sysenter(void)
{
	return strcmp(cpu_features.vendor, "AuthenticAMD") != 0 &&
	       strcmp(cpu_features.vendor, "HygonGenuine") != 0;
}

void cpu_area_load(struct cpu *c)
{
	u64 at = (u64)c - CPU_AREA_CPU + CPU_AREA_STUB;

	descriptors_load_cpu(c);
	wrmsr(MSR_STAR, (u64)XL_CS << 32 | (u64)GUEST_CS32 << 48);
	wrmsr(MSR_LSTAR, at + (syscall_stub - stubs));
	wrmsr(MSR_CSTAR, at + (syscall32_stub - stubs));
	/* With a selector of 0 SYSENTER is a general protection fault. */
	wrmsr(MSR_SYSENTER_CS, has_sysenter() ? XL_CS : 0);
	wrmsr(MSR_SYSENTER_ESP, cpu_stack_top(c));
	wrmsr(MSR_SYSENTER_EIP, at + (sysenter_stub - stubs));
	/* Cleared on SYSCALL: no interrupts, no single steps, string ops up. */
	wrmsr(MSR_SYSCALL_MASK, RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_NT |
					RFLAGS_AC | RFLAGS_IOPL | RFLAGS_RF);
}

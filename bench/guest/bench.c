/*
 * What operations cost, in instructions. Boot with QEMU's -icount shift=0 and
 * one CPU: then the TSC counts executed instructions, the guest's and the
 * hypervisor's together, and a measurement repeats exactly.
 *
 * An operation is one function, run() in the table at the end; what it costs is
 * the least of several runs, less what an empty function costs in its place. So
 * loading the arguments and the stub in the hypercall page count as part of it.
 *
 * The command line "profile=<name>" runs that operation alone between two marks
 * that bench/profile waits for.
 */
#include <stdint.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/sched.h>
#include <xen/xen.h>
#include "clock.h"
#include "event.h"
#include "mm.h"
#include "smp.h"
#include "test.h"
#include "trap.h"

#define WARM_UP 3
#define RUNS 16
#define BATCH 32 /* entries of an mmu_update or multicall of "32" */
#define ENTRIES 512 /* of a page table */

struct bench {
	const char *name;
	long (*setup)(void); /* once, before anything; -ENOSYS: not built */
	void (*prepare)(void); /* before each run, not measured */
	long (*run)(void); /* measured: 0, or an error */
	bool (*effect)(void); /* after each run: did it do what it should? */
};

/* Two frames, and two pages to map them at by turns. */
static volatile unsigned long page[PAGE_SIZE / 8] page_aligned;
static volatile unsigned long other[PAGE_SIZE / 8] page_aligned;
static volatile unsigned long absent[PAGE_SIZE / 8] page_aligned; /* mapped nowhere */
static uint64_t to_page, to_other;
static volatile uint64_t *slot; /* the L1 entry of page, mapped read-only */

static void *read_only_page(void)
{
	void *table = page_alloc();

	CHECK_EQ(map_readonly(table), 0);
	return table;
}

/* Hypercalls that do nothing much. */

static long run_nothing(void)
{
	return 0;
}

static long run_null(void)
{
	return hv_xen_version(0, 0) < 0;
}

static struct multicall_entry calls[BATCH] page_aligned;

static void prepare_multicall(void)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++)
		calls[i] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version,
						     .result = -1UL };
}

static long run_multicall(void)
{
	return hv_multicall(calls, BATCH);
}

static bool effect_multicall(void)
{
	unsigned int i, good = 0;

	for (i = 0; i < BATCH; i++)
		good += calls[i].result == (unsigned long)hv_xen_version(0, 0);
	return good == BATCH;
}

static char other_stack[64] __attribute__((aligned(16)));

static long run_stack_switch(void)
{
	return hv_stack_switch(FLAT_KERNEL_SS, other_stack + sizeof(other_stack));
}

static unsigned long at_fs_base = 0x5eb45e;

static void prepare_segment_base(void)
{
	hv_set_segment_base(SEGBASE_FS, 0);
}

static long run_segment_base(void)
{
	return hv_set_segment_base(SEGBASE_FS, &at_fs_base);
}

static bool effect_segment_base(void)
{
	unsigned long word;

	__asm__ volatile("movq %%fs:0, %0" : "=r"(word));
	return word == at_fs_base;
}

static void prepare_fpu(void)
{
	hv_fpu_taskswitch(0);
}

static long run_fpu(void)
{
	return hv_fpu_taskswitch(1);
}

static long run_fpu0(void)
{
	return hv_fpu_taskswitch(0);
}

static bool effect_fpu(void)
{
	return TRY("fnop") && trap_seen.vector == TRAP_NM;
}

static long run_yield(void)
{
	return hv_sched_op(SCHEDOP_yield, 0);
}

/* Traps. */

extern char bench_trap_entry[], bench_fault_entry[], bench_int3_entry[];

static long setup_ud(void)
{
	return trap_set(TRAP_UD, 0, (unsigned long)bench_trap_entry);
}

static long run_ud(void)
{
	__asm__ volatile("ud2" : : : "rcx", "r11", "memory");
	return 0;
}

static long setup_int3(void)
{
	return trap_set(TRAP_BP, 3, (unsigned long)bench_int3_entry);
}

static long run_int3(void)
{
	__asm__ volatile("int3" : : : "rcx", "r11", "memory");
	return 0;
}

static long setup_de(void)
{
	return trap_set(TRAP_DE, 0, (unsigned long)bench_trap_entry);
}

static long run_de(void)
{
	__asm__ volatile("divl %%ecx" : : "c"(0) : "rax", "rdx", "r11", "memory");
	return 0;
}

static long setup_fault(void)
{
	long rc = trap_set(TRAP_PF, 0, (unsigned long)bench_fault_entry);

	return rc ?: map_mfn(absent, 0, 0);
}

static void prepare_fault(void)
{
	vcpu_info(0)->arch.cr2 = 0;
}

static long run_fault(void)
{
	__asm__ volatile("movb (%%rdi), %%al" : : "D"(absent) : "rax", "rcx", "r11", "memory");
	return 0;
}

static long run_fault0(void)
{
	__asm__ volatile("movb (%%rdi), %%al" : : "D"(0) : "rax", "rcx", "r11", "memory");
	return 0;
}

static bool effect_fault(void)
{
	return vcpu_info(0)->arch.cr2 == (unsigned long)absent;
}

static uint32_t cpuid_leaf[4];

static long run_cpuid(void)
{
	__asm__ volatile(XEN_EMULATE_PREFIX "cpuid"
			 : "=a"(cpuid_leaf[0]), "=b"(cpuid_leaf[1]), "=c"(cpuid_leaf[2]),
			   "=d"(cpuid_leaf[3])
			 : "0"(0), "2"(0));
	return 0;
}

static bool effect_cpuid(void)
{
	return cpuid_leaf[0] && cpuid_leaf[1] && cpuid_leaf[2] && cpuid_leaf[3];
}

#define MSR_EFER 0xc0000080
#define EFER_LMA 0x400

static uint32_t efer, efer_high;

static long run_rdmsr(void)
{
	__asm__ volatile("rdmsr" : "=a"(efer), "=d"(efer_high) : "c"(MSR_EFER));
	return 0;
}

static long run_rdmsr1b(void)
{
	__asm__ volatile("rdmsr" : "=a"(efer), "=d"(efer_high) : "c"(0x1b));
	return 0;
}

static long run_rdmsr10(void)
{
	__asm__ volatile("rdmsr" : "=a"(efer), "=d"(efer_high) : "c"(0x10));
	return 0;
}
static long run_rdmsr1a0(void)
{
	__asm__ volatile("rdmsr" : "=a"(efer), "=d"(efer_high) : "c"(0x1a0));
	return 0;
}
static long run_rdmsr100(void)
{
	__asm__ volatile("rdmsr" : "=a"(efer), "=d"(efer_high) : "c"(0xc0000100));
	return 0;
}

static bool effect_rdmsr(void)
{
	return efer & EFER_LMA;
}

/* Page tables: an entry goes from one frame to another, both writable. */

static long setup_entry(void)
{
	map_writable(page);
	page[0] = 1;
	other[0] = 2;
	return hv_vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
}

static void prepare_entry(void)
{
	map_mfn(page, to_page >> 12, PTE_RW);
}

static long run_update_va(void)
{
	return hv_update_va_mapping(page, to_other, UVMF_INVLPG);
}

static long run_update_va_noflush(void)
{
	return hv_update_va_mapping(page, to_other, 0);
}

static bool effect_entry(void)
{
	mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)page);
	return page[0] == 2;
}

static void prepare_entry0(void)
{
	map_mfn(page, 0, 0);
}

static bool effect_ro(void)
{
	return 1;
}

static long run_update_va_ro(void)
{
	return hv_update_va_mapping(page, to_page & ~2ul, UVMF_INVLPG);
}

static void prepare_flag(void)
{
	map_mfn(page, to_page >> 12, PTE_RW);
}

static long run_update_va_flag(void)
{
	return hv_update_va_mapping(page, to_page ^ 0x40, UVMF_INVLPG);
}

static long run_update_va_0(void)
{
	return hv_update_va_mapping(page, 0, UVMF_INVLPG);
}

static long run_trapped_write(void)
{
	*slot = to_other;
	return 0;
}
static long run_trapped_write_ro(void)
{
	*slot = to_page & ~2ul;
	return 0;
}
static long run_trapped_write_0(void)
{
	*slot = 0;
	return 0;
}

/* A table apart, of a page mapped over and over. */
static volatile uint64_t *table;
static struct mmu_update updates[BATCH];

static long setup_mmu_update(void)
{
	if (!table) {
		table = read_only_page();
		CHECK_EQ(mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table)), 0);
	}
	return 0;
}

static void set_updates(uint64_t value)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++)
		updates[i] = (struct mmu_update){ .ptr = virt_to_maddr(&table[i]), .val = value };
}

static void prepare_mmu_update(void)
{
	set_updates(to_page);
	CHECK_EQ(hv_mmu_update(updates, BATCH, 0, DOMID_SELF), 0);
	set_updates(to_other);
}

static void prepare_mmu_update0(void)
{
	set_updates(0);
	CHECK_EQ(hv_mmu_update(updates, BATCH, 0, DOMID_SELF), 0);
	set_updates(to_other);
}

static void prepare_mmu_update0ro(void)
{
	set_updates(0);
	CHECK_EQ(hv_mmu_update(updates, BATCH, 0, DOMID_SELF), 0);
	set_updates(to_other & ~2ul);
}

static void prepare_mmu_update_ro(void)
{
	set_updates(to_page);
	CHECK_EQ(hv_mmu_update(updates, BATCH, 0, DOMID_SELF), 0);
	set_updates(to_page & ~2ul);
}

static long run_mmu_update_1(void)
{
	return hv_mmu_update(updates, 1, 0, DOMID_SELF);
}

static long run_mmu_update_32(void)
{
	return hv_mmu_update(updates, BATCH, 0, DOMID_SELF);
}

static bool effect_mmu_update_1(void)
{
	return table[0] >> 12 << 12 == to_other >> 12 << 12;
}

static bool effect_mmu_update_32(void)
{
	unsigned int i, good = 0;

	for (i = 0; i < BATCH; i++)
		good += table[i] >> 12 << 12 == to_other >> 12 << 12;
	return good == BATCH;
}

/* Pinning: a table that maps as many pages as it can, all different. */
static uint64_t *full_table;
static struct mmuext_op pin, unpin;

static long setup_pin(void)
{
	/* Frames behind the initial mapping, that nothing maps so far. */
	unsigned long pfn = start_info->nr_pages - ENTRIES;
	unsigned int i;

	full_table = page_alloc();
	for (i = 0; i < ENTRIES; i++)
		full_table[i] = mfn_pte(p2m[pfn + i], PTE_RW);
	pin = (struct mmuext_op){ .cmd = MMUEXT_PIN_L1_TABLE,
				  .arg1.mfn = virt_to_mfn(full_table) };
	unpin = pin;
	unpin.cmd = MMUEXT_UNPIN_TABLE;
	return map_readonly(full_table);
}

static long setup_pin_ro(void)
{
	unsigned int i;

	CHECK_EQ(map_writable(full_table), 0);
	for (i = 0; i < ENTRIES; i++)
		full_table[i] &= ~2ul;
	return map_readonly(full_table);
}

static long setup_pin_one(void)
{
	unsigned int i;

	CHECK_EQ(map_writable(full_table), 0);
	for (i = 0; i < ENTRIES; i++)
		full_table[i] = to_page;
	return map_readonly(full_table);
}
static long setup_pin_one_ro(void)
{
	unsigned int i;

	CHECK_EQ(map_writable(full_table), 0);
	for (i = 0; i < ENTRIES; i++)
		full_table[i] = to_page & ~2ul;
	return map_readonly(full_table);
}

static long run_pin_unpin(void)
{
	return hv_mmuext_op(&pin, 1, 0, DOMID_SELF) ?: hv_mmuext_op(&unpin, 1, 0, DOMID_SELF);
}

/* TLB and base pointer. */

static struct mmuext_op flush = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };
static struct mmuext_op invlpg = { .cmd = MMUEXT_INVLPG_LOCAL };
static struct mmuext_op baseptr = { .cmd = MMUEXT_NEW_BASEPTR };
static unsigned long l4_mfn[2];

static long setup_mmuext(void)
{
	uint64_t *l4 = (uint64_t *)start_info->pt_base, *copy = page_alloc();
	unsigned int i;

	invlpg.arg1.linear_addr = (unsigned long)page;
	for (i = 0; i < ENTRIES; i++)
		copy[i] = i >= 256 && i < 272 ? 0 : l4[i];
	l4_mfn[0] = virt_to_mfn(l4);
	l4_mfn[1] = virt_to_mfn(copy);
	CHECK_EQ(map_readonly(copy), 0);
	return mmuext(MMUEXT_PIN_L4_TABLE, l4_mfn[1]);
}

static long run_flush(void)
{
	return hv_mmuext_op(&flush, 1, 0, DOMID_SELF);
}

static long run_invlpg(void)
{
	return hv_mmuext_op(&invlpg, 1, 0, DOMID_SELF);
}

static void prepare_baseptr(void)
{
	CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, l4_mfn[0]), 0);
	baseptr.arg1.mfn = l4_mfn[1];
}

static void prepare_baseptr_same(void)
{
	CHECK_EQ(mmuext(MMUEXT_NEW_BASEPTR, l4_mfn[0]), 0);
	baseptr.arg1.mfn = l4_mfn[0];
}

static long run_baseptr(void)
{
	return hv_mmuext_op(&baseptr, 1, 0, DOMID_SELF);
}

/* Events: masked, so that sending is measured and not the upcall. */

static struct evtchn_send self;

static long setup_event(void)
{
	long port = event_bind_ipi(0);

	self.port = port;
	return port < 0 ? port : 0;
}

static void prepare_event(void)
{
	volatile struct vcpu_info *info = vcpu_info(0);

	event_clear(self.port);
	info->evtchn_pending_sel = 0;
	info->evtchn_upcall_pending = 0;
}

static void prepare_event_pend(void)
{
}

static long run_event(void)
{
	return hv_event_channel_op(EVTCHNOP_send, &self);
}

static bool effect_event(void)
{
	return event_pending(self.port);
}

/* Grants: of our own frame, to ourselves. */

static struct grant_entry_v1 grants[PAGE_SIZE / sizeof(struct grant_entry_v1)] page_aligned;
static struct gnttab_map_grant_ref map;
static struct gnttab_unmap_grant_ref unmap;

static long setup_grant(void)
{
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = 1 };
	const unsigned int ref = GNTTAB_NR_RESERVED_ENTRIES;
	xen_pfn_t frame;
	long rc;

	set_xen_guest_handle(op.frame_list, &frame);
	rc = hv_grant_table_op(GNTTABOP_setup_table, &op, 1);
	if (rc)
		return rc;
	CHECK_EQ(op.status, GNTST_okay);
	CHECK_EQ(map_mfn(grants, frame, PTE_RW), 0);
	grants[ref].domid = 0;
	grants[ref].frame = virt_to_mfn(other);
	barrier();
	grants[ref].flags = GTF_permit_access;
	map.host_addr = unmap.host_addr = (unsigned long)page;
	map.flags = GNTMAP_host_map;
	map.ref = ref;
	return 0;
}

static void prepare_grant(void)
{
	map_mfn(page, 0, 0);
	map.status = unmap.status = GNTST_general_error;
}

static long run_grant(void)
{
	long rc = hv_grant_table_op(GNTTABOP_map_grant_ref, &map, 1);

	unmap.handle = map.handle;
	return rc ?: hv_grant_table_op(GNTTABOP_unmap_grant_ref, &unmap, 1);
}

static bool effect_grant(void)
{
	return map.status == GNTST_okay && unmap.status == GNTST_okay;
}


#define VA(name, prep, val) static void prep_##name(void) { map_mfn(page, 0, 0); hv_update_va_mapping(page, prep, UVMF_INVLPG); } static long run_##name(void) { return hv_update_va_mapping(page, val, UVMF_INVLPG); } \
static void mprep_##name(void) { set_updates(prep); CHECK_EQ(hv_mmu_update(updates, BATCH, 0, DOMID_SELF), 0); set_updates(val); } \
static void tprep_##name(void) { map_mfn(page, 0, 0); hv_update_va_mapping(page, prep, UVMF_INVLPG); } static long trun_##name(void) { *slot = val; return 0; }
VA(roA_roB, to_page & ~2ul, to_other & ~2ul)
VA(roA_rwB, to_page & ~2ul, to_other)
VA(rwA_roB, to_page , to_other & ~2ul)
VA(roA_rwA, to_page & ~2ul, to_page)
VA(zero_roA, 0, to_page&~2ul)
VA(roA_zero, to_page&~2ul, 0)
VA(zero_zero, 0, 0)

static bool step(struct regs *r) { r->rip += 0; return true; }
static bool step2(struct regs *r) { r->rip += 2; return true; }
static long setup_lib(void) { trap_handler(TRAP_BP, step); trap_handler(TRAP_DE, step2); trap_handler(TRAP_UD, step2); trap_handler(TRAP_PF, step2); return map_mfn(absent,0,0); }
#define CPUID(name, leaf, sub) static long run_cpuid_##name(void) { __asm__ volatile(XEN_EMULATE_PREFIX "cpuid" : "=a"(cpuid_leaf[0]), "=b"(cpuid_leaf[1]), "=c"(cpuid_leaf[2]), "=d"(cpuid_leaf[3]) : "0"(leaf), "2"(sub)); return 0; }
CPUID(1, 1, 0)
CPUID(7, 7, 0)
CPUID(d, 0xd, 0)
CPUID(4h, 0x40000000, 0)
CPUID(4h1, 0x40000001, 0)
CPUID(8h, 0x80000000, 0)
CPUID(8h1, 0x80000001, 0)
static void prep_ev1(void) { event_clear(self.port); }
static void prep_ev2(void) { prepare_event(); event_mask(self.port); }
static void prep_ev3(void) { prepare_event(); vcpu_info(0)->evtchn_pending_sel=1; }
static void prep_ev4(void) { prepare_event(); vcpu_info(0)->evtchn_upcall_pending=1; }
static long run_try3(void) { TRY("int3"); return 0; }
static long run_tryud(void) { TRY("ud2"); return 0; }
static long run_trypf(void) { TRY("movb (%%rdi), %%al", : "D"(absent) : "rax"); return 0; }
static long setup_try(void) { trap_handler(TRAP_BP, 0); trap_handler(TRAP_UD, 0); trap_handler(TRAP_PF, 0); return 0; }
static const struct bench benches[] = {
{"try_int3", setup_try, 0, run_try3},
{"try_ud", setup_try, 0, run_tryud},
{"try_fault", setup_fault, 0, run_fault},
{"try_fault", setup_try, 0, run_trypf},
{"va_roA_roB", setup_entry, prep_roA_roB, run_roA_roB},
{"mmu1_roA_roB", setup_mmu_update, mprep_roA_roB, run_mmu_update_1},{"mmu32_roA_roB", setup_mmu_update, mprep_roA_roB, run_mmu_update_32},{"trap_roA_roB", setup_entry, tprep_roA_roB, trun_roA_roB},
{"va_roA_rwB", setup_entry, prep_roA_rwB, run_roA_rwB},
{"mmu1_roA_rwB", setup_mmu_update, mprep_roA_rwB, run_mmu_update_1},{"mmu32_roA_rwB", setup_mmu_update, mprep_roA_rwB, run_mmu_update_32},{"trap_roA_rwB", setup_entry, tprep_roA_rwB, trun_roA_rwB},
{"va_rwA_roB", setup_entry, prep_rwA_roB, run_rwA_roB},
{"mmu1_rwA_roB", setup_mmu_update, mprep_rwA_roB, run_mmu_update_1},{"mmu32_rwA_roB", setup_mmu_update, mprep_rwA_roB, run_mmu_update_32},{"trap_rwA_roB", setup_entry, tprep_rwA_roB, trun_rwA_roB},
{"va_roA_rwA", setup_entry, prep_roA_rwA, run_roA_rwA},
{"mmu1_roA_rwA", setup_mmu_update, mprep_roA_rwA, run_mmu_update_1},{"mmu32_roA_rwA", setup_mmu_update, mprep_roA_rwA, run_mmu_update_32},{"trap_roA_rwA", setup_entry, tprep_roA_rwA, trun_roA_rwA},
{"va_zero_roA", setup_entry, prep_zero_roA, run_zero_roA},
{"mmu1_zero_roA", setup_mmu_update, mprep_zero_roA, run_mmu_update_1},{"mmu32_zero_roA", setup_mmu_update, mprep_zero_roA, run_mmu_update_32},{"trap_zero_roA", setup_entry, tprep_zero_roA, trun_zero_roA},
{"va_roA_zero", setup_entry, prep_roA_zero, run_roA_zero},
{"mmu1_roA_zero", setup_mmu_update, mprep_roA_zero, run_mmu_update_1},{"mmu32_roA_zero", setup_mmu_update, mprep_roA_zero, run_mmu_update_32},{"trap_roA_zero", setup_entry, tprep_roA_zero, trun_roA_zero},
{"va_zero_zero", setup_entry, prep_zero_zero, run_zero_zero},
{"mmu1_zero_zero", setup_mmu_update, mprep_zero_zero, run_mmu_update_1},{"mmu32_zero_zero", setup_mmu_update, mprep_zero_zero, run_mmu_update_32},{"trap_zero_zero", setup_entry, tprep_zero_zero, trun_zero_zero},
{"cpuid_1",0,0,run_cpuid_1},
{"cpuid_7",0,0,run_cpuid_7},
{"cpuid_d",0,0,run_cpuid_d},
{"cpuid_4h",0,0,run_cpuid_4h},
{"cpuid_4h1",0,0,run_cpuid_4h1},
{"cpuid_8h",0,0,run_cpuid_8h},
{"cpuid_8h1",0,0,run_cpuid_8h1},
{"lib_int3",setup_lib,0,run_int3},
{"lib_de",setup_lib,0,run_de},
{"lib_ud",setup_lib,0,run_ud},
{"lib_fault",setup_lib,0,run_fault},
{"ev1",setup_event,prep_ev1,run_event},{"ev2",setup_event,prep_ev2,run_event},{"ev3",setup_event,prep_ev3,run_event},{"ev4",setup_event,prep_ev4,run_event},
	{ "null_hypercall", 0, 0, run_null },
	{ "multicall_32", 0, prepare_multicall, run_multicall, effect_multicall },
	{ "x_exception_de", setup_de, 0, run_de },
	{ "x_exception_int3", setup_int3, 0, run_int3 },
	{ "x_page_fault0", setup_fault, prepare_fault, run_fault0},
	{ "page_fault", setup_fault, prepare_fault, run_fault, effect_fault },
	{ "update_va_mapping", setup_entry, prepare_entry, run_update_va, effect_entry },
	{ "x_update_va_mapping_noflush", setup_entry, prepare_entry, run_update_va_noflush, effect_entry },
	{ "x_update_va_mapping_ro", setup_entry, prepare_entry, run_update_va_ro, effect_ro },
	{ "x_update_va_mapping_0to1", setup_entry, prepare_entry0, run_update_va, effect_ro },
	{ "x_update_va_mapping_1to0", setup_entry, prepare_entry, run_update_va_0, effect_ro },
	{ "x_update_va_mapping_flag", setup_entry, prepare_flag, run_update_va_flag, effect_ro },
	{ "mmu_update_1", setup_mmu_update, prepare_mmu_update, run_mmu_update_1,
	  effect_mmu_update_1 },
	{ "mmu_update_32", setup_mmu_update, prepare_mmu_update, run_mmu_update_32,
	  effect_mmu_update_32 },
	{ "x_mmu_update_1_0", setup_mmu_update, prepare_mmu_update0, run_mmu_update_1,
	  effect_mmu_update_1 },
	{ "x_mmu_update_32_0", setup_mmu_update, prepare_mmu_update0, run_mmu_update_32,
	  effect_mmu_update_32 },
	{ "x_mmu_update_1_0ro", setup_mmu_update, prepare_mmu_update0ro, run_mmu_update_1,
	  effect_mmu_update_1 },
	{ "x_mmu_update_32_0ro", setup_mmu_update, prepare_mmu_update0ro, run_mmu_update_32,
	  effect_mmu_update_32 },
	{ "x_mmu_update_1_ro", setup_mmu_update, prepare_mmu_update_ro, run_mmu_update_1 },
	{ "x_mmu_update_32_ro", setup_mmu_update, prepare_mmu_update_ro, run_mmu_update_32 },
	{ "trapped_write", setup_entry, prepare_entry, run_trapped_write, effect_entry },
	{ "x_trapped_write_0to1", setup_entry, prepare_entry0, run_trapped_write, effect_entry },
	{ "x_trapped_write_ro", setup_entry, prepare_entry, run_trapped_write_ro },
	{ "x_trapped_write_1to0", setup_entry, prepare_entry, run_trapped_write_0 },
	{ "pin_unpin_l1", setup_pin, 0, run_pin_unpin },
	{ "x_pin_unpin_l1_ro", setup_pin_ro, 0, run_pin_unpin },
	{ "x_pin_unpin_l1_one", setup_pin_one, 0, run_pin_unpin },
	{ "x_pin_unpin_l1_one_ro", setup_pin_one_ro, 0, run_pin_unpin },
	{ "mmuext_tlb_flush", setup_mmuext, 0, run_flush },
	{ "mmuext_invlpg", setup_mmuext, 0, run_invlpg },
	{ "mmuext_new_baseptr", setup_mmuext, prepare_baseptr, run_baseptr },
	{ "x_mmuext_same_baseptr", setup_mmuext, prepare_baseptr_same, run_baseptr },
	{ "stack_switch", 0, 0, run_stack_switch },
	{ "set_segment_base", 0, prepare_segment_base, run_segment_base, effect_segment_base },
	{ "fpu_taskswitch", 0, prepare_fpu, run_fpu, effect_fpu },
	{ "x_fpu_taskswitch0", 0, prepare_fpu, run_fpu0 },
	{ "cpuid", 0, 0, run_cpuid, effect_cpuid },
	{ "rdmsr", 0, 0, run_rdmsr, effect_rdmsr },
	{ "x_rdmsr1b", 0, 0, run_rdmsr1b },
	{ "x_rdmsr10", 0, 0, run_rdmsr10 },
	{ "x_rdmsr1a0", 0, 0, run_rdmsr1a0 },
	{ "x_rdmsr100", 0, 0, run_rdmsr100 },
	{ "yield", 0, 0, run_yield },
	{ "event_send", setup_event, prepare_event, run_event, effect_event },
	{ "x_event_send_pending", setup_event, prepare_event_pend, run_event, effect_event },
	{ "grant_map_unmap", setup_grant, prepare_grant, run_grant, effect_grant },
	{ "exception", setup_ud, 0, run_ud },
};

static uint64_t overhead;

/* Where bench/profile sets its breakpoints. */
void bench_begin(void);
void bench_end(void);

__attribute__((noinline)) void bench_begin(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void bench_end(void)
{
	__asm__ volatile("");
}

/* One run, checked. Ticks, or 0 after an error, which is left in *error. */
static uint64_t measure(const struct bench *b, long *error)
{
	uint64_t start, end;

	if (b->prepare)
		b->prepare();
	start = rdtsc();
	*error = b->run();
	end = rdtsc();
	if (!*error && b->effect && !b->effect())
		*error = -EINVAL;
	return *error ? 0 : end - start;
}

/* The least of several runs after the first few. */
static uint64_t least(const struct bench *b, long *error)
{
	uint64_t best = -1UL, ticks;
	int i;

	*error = b->setup ? b->setup() : 0;
	for (i = 0; i < WARM_UP + RUNS && !*error; i++) {
		ticks = measure(b, error);
		if (i >= WARM_UP && ticks < best)
			best = ticks;
	}
	trap_init();
	return best;
}

static void report(const struct bench *b)
{
	long error;
	uint64_t ticks = least(b, &error);

	if (error == -ENOSYS)
		print("BENCH %s not-built\n", b->name);
	else if (error)
		test_fail(__FILE__, __LINE__, "%s: %ld", b->name, error);
	else
		print("BENCH %s %lu\n", b->name, ticks - overhead);
}

static void profile(const struct bench *b)
{
	long error;

	least(b, &error);
	REQUIRE(!error);
	if (b->prepare)
		b->prepare();
	bench_begin();
	error = b->run();
	bench_end();
	CHECK_EQ(error, 0);
}

int test_main(struct start_info *si)
{
	static const struct bench nothing = { "nothing", 0, 0, run_nothing };
	static const char word[] = "profile=";
	const char *args = (const char *)si->cmd_line;
	unsigned int i;
	long error;

	slot = pt_entry(page, 1);
	to_page = mfn_pte(virt_to_mfn(page), PTE_RW);
	to_other = mfn_pte(virt_to_mfn(other), PTE_RW);
	overhead = least(&nothing, &error);
	for (i = 0; i < ARRAY_SIZE(benches); i++) {
		if (strncmp(args, word, strlen(word)))
			report(&benches[i]);
		else if (!strcmp(args + strlen(word), benches[i].name))
			profile(&benches[i]);
	}
	return 0;
}

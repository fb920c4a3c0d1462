/*
 * What operations cost, in instructions. Boot with QEMU's -icount shift=0 and
 * one CPU: then the TSC counts executed instructions, the guest's and the
 * hypervisor's together, and a measurement repeats exactly.
 *
 * An operation is one function, run() in the table at the end. What it costs is
 * the least of several runs, less what an empty function costs in its place. So
 * loading the arguments and the stub in the hypercall page count as part of it.
 * One line an operation is printed for bench/run:
 *
 *	BENCH <name> <instructions>
 *	BENCH <name> not-built		the hypervisor answered -ENOSYS
 *
 * The command line "profile=<name>" is from bench/profile: that operation alone,
 * and some more runs of it at the end, each between two marks.
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
#define PROFILED 4  /* runs for bench/profile, which takes the shortest */
#define BATCH 32    /* entries of a long mmu_update or multicall */
#define ENTRIES 512 /* of a page table */
#define MSR_EFER 0xc0000080
#define EFER_LMA 0x400 /* in long mode: set whenever we run */

struct bench {
	const char *name;
	long (*setup)(void);   /* once, before anything */
	void (*prepare)(void); /* before each run, not measured */
	long (*run)(void);     /* measured; 0, or an error */
	bool (*effect)(void);  /* after each run: did it do what it should? */
};

/* A page to map, a frame to map there instead, and a page that is not mapped. */
static volatile unsigned long page[PAGE_SIZE / 8] page_aligned;
static volatile unsigned long other[PAGE_SIZE / 8] page_aligned;
static volatile unsigned long absent[PAGE_SIZE / 8] page_aligned;

/* Calls that do nothing, or not much. */

static long run_nothing(void)
{
	return 0;
}

static long run_null(void)
{
	return hv_xen_version(0, 0) < 0;
}

static struct multicall_entry calls[BATCH];

static void prepare_multicall(void)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++)
		calls[i] =
			(struct multicall_entry){ .op = __HYPERVISOR_xen_version, .result = -1UL };
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

static char kernel_stack[64] __attribute__((aligned(16)));

static long run_stack_switch(void)
{
	return hv_stack_switch(FLAT_KERNEL_SS, kernel_stack + sizeof(kernel_stack));
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

static bool effect_fpu(void)
{
	return TRY("fnop") && trap_seen.vector == TRAP_NM;
}

static long run_yield(void)
{
	return hv_sched_op(SCHEDOP_yield, 0);
}

/* Traps: to the library's handler, which saves all registers, and back. */

static long run_exception(void)
{
	return !TRY("int3");
}

static bool effect_exception(void)
{
	return trap_seen.vector == TRAP_BP;
}

static long setup_page_fault(void)
{
	return map_mfn(absent, 0, 0);
}

static long run_page_fault(void)
{
	return !TRY("movb (%0), %%al", : "r"(absent) : "rax");
}

static bool effect_page_fault(void)
{
	return trap_seen.vector == TRAP_PF && trap_seen.cr2 == (unsigned long)absent;
}

static uint32_t cpuid_edx;

static long run_cpuid(void)
{
	uint32_t eax = 1, ebx, ecx = 0;

	__asm__ volatile(XEN_EMULATE_PREFIX "cpuid"
			 : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(cpuid_edx));
	return 0;
}

static bool effect_cpuid(void)
{
	return cpuid_edx & 1; /* there is an FPU */
}

static uint32_t efer;

static long run_rdmsr(void)
{
	uint32_t high;

	__asm__ volatile("rdmsr" : "=a"(efer), "=d"(high) : "c"(MSR_EFER));
	return 0;
}

static bool effect_rdmsr(void)
{
	return efer & EFER_LMA;
}

/* One page-table entry, by hypercall and by a plain store. */

static volatile uint64_t *slot; /* the entry of page, mapped read-only */
static uint64_t new_entry;

static long setup_entry(void)
{
	map_writable(page);
	page[0] = 1;
	other[0] = 2;
	slot = pt_entry(page, 1);
	return hv_vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
}

static void prepare_read_only(void)
{
	map_readonly(page);
	new_entry = mfn_pte(virt_to_mfn(other), PTE_RO);
}

static void prepare_writable(void)
{
	map_writable(page);
	new_entry = mfn_pte(virt_to_mfn(other), PTE_RW);
}

static long run_update_va_mapping(void)
{
	return hv_update_va_mapping(page, new_entry, UVMF_INVLPG);
}

static long run_trapped_write(void)
{
	*slot = new_entry;
	return 0;
}

static bool effect_entry(void)
{
	mmuext(MMUEXT_INVLPG_LOCAL, (unsigned long)page);
	return page[0] == 2;
}

/* Entries of a table that is pinned but not in use: take away writing. */

static volatile uint64_t *table;
static struct mmu_update updates[BATCH];

static void set_updates(uint64_t value)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++)
		updates[i] = (struct mmu_update){ .ptr = virt_to_maddr(&table[i]), .val = value };
}

static long setup_mmu_update(void)
{
	if (table)
		return 0;
	table = page_alloc();
	CHECK_EQ(map_readonly(table), 0);
	return mmuext(MMUEXT_PIN_L1_TABLE, virt_to_mfn(table));
}

static void prepare_mmu_update(void)
{
	set_updates(mfn_pte(virt_to_mfn(other), PTE_RW));
	CHECK_EQ(hv_mmu_update(updates, BATCH, 0, DOMID_SELF), 0);
	set_updates(mfn_pte(virt_to_mfn(other), PTE_RO));
}

static long run_mmu_update_1(void)
{
	return hv_mmu_update(updates, 1, 0, DOMID_SELF);
}

static long run_mmu_update_32(void)
{
	return hv_mmu_update(updates, BATCH, 0, DOMID_SELF);
}

static bool changed(unsigned int count)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++)
		if (!(table[i] & PTE_W) != (i < count))
			return false;
	return true;
}

static bool effect_mmu_update_1(void)
{
	return changed(1);
}

static bool effect_mmu_update_32(void)
{
	return changed(BATCH);
}

/* A table that maps as many pages as it can, all different, read-only. */

static struct mmuext_op pin = { .cmd = MMUEXT_PIN_L1_TABLE };
static struct mmuext_op unpin = { .cmd = MMUEXT_UNPIN_TABLE };

static long setup_pin(void)
{
	unsigned long pfn = start_info->nr_pages - ENTRIES;
	uint64_t *full = page_alloc();
	unsigned int i;

	for (i = 0; i < ENTRIES; i++)
		full[i] = mfn_pte(p2m[pfn + i], PTE_RO);
	pin.arg1.mfn = unpin.arg1.mfn = virt_to_mfn(full);
	return map_readonly(full);
}

static long run_pin_unpin(void)
{
	return hv_mmuext_op(&pin, 1, 0, DOMID_SELF) ?: hv_mmuext_op(&unpin, 1, 0, DOMID_SELF);
}

/* The TLB, and the table in use: the same again, so only the load is measured. */

static struct mmuext_op flush = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };
static struct mmuext_op invlpg = { .cmd = MMUEXT_INVLPG_LOCAL };
static struct mmuext_op baseptr = { .cmd = MMUEXT_NEW_BASEPTR };

static long setup_mmuext(void)
{
	invlpg.arg1.linear_addr = (unsigned long)page;
	baseptr.arg1.mfn = virt_to_mfn((void *)start_info->pt_base);
	return 0;
}

static long run_flush(void)
{
	return hv_mmuext_op(&flush, 1, 0, DOMID_SELF);
}

static long run_invlpg(void)
{
	return hv_mmuext_op(&invlpg, 1, 0, DOMID_SELF);
}

static long run_baseptr(void)
{
	return hv_mmuext_op(&baseptr, 1, 0, DOMID_SELF);
}

/* Events are masked for the VCPU: the sending is measured, not the upcall. */

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

static long run_event(void)
{
	return hv_event_channel_op(EVTCHNOP_send, &self);
}

static bool effect_event(void)
{
	return event_pending(self.port) && vcpu_info(0)->evtchn_upcall_pending;
}

/* A frame of our own, granted to ourselves: there is no other domain. */

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

/* The order and the names are those of bench/run. */
static const struct bench benches[] = {
	{ "null", 0, 0, run_null },
	{ "multicall_32", 0, prepare_multicall, run_multicall, effect_multicall },
	{ "exception", 0, 0, run_exception, effect_exception },
	{ "page_fault", setup_page_fault, 0, run_page_fault, effect_page_fault },
	{ "update_va_mapping", setup_entry, prepare_read_only, run_update_va_mapping,
	  effect_entry },
	{ "mmu_update_1", setup_mmu_update, prepare_mmu_update, run_mmu_update_1,
	  effect_mmu_update_1 },
	{ "mmu_update_32", setup_mmu_update, prepare_mmu_update, run_mmu_update_32,
	  effect_mmu_update_32 },
	{ "trapped_write", setup_entry, prepare_writable, run_trapped_write, effect_entry },
	{ "pin_unpin", setup_pin, 0, run_pin_unpin },
	{ "tlb_flush", setup_mmuext, 0, run_flush },
	{ "invlpg", setup_mmuext, 0, run_invlpg },
	{ "new_baseptr", setup_mmuext, 0, run_baseptr },
	{ "stack_switch", 0, 0, run_stack_switch },
	{ "set_segment_base", 0, prepare_segment_base, run_segment_base, effect_segment_base },
	{ "fpu_taskswitch", 0, prepare_fpu, run_fpu, effect_fpu },
	{ "cpuid", 0, 0, run_cpuid, effect_cpuid },
	{ "rdmsr", 0, 0, run_rdmsr, effect_rdmsr },
	{ "yield", 0, 0, run_yield },
	{ "event_send", setup_event, prepare_event, run_event, effect_event },
	{ "grant_map_unmap", setup_grant, prepare_grant, run_grant, effect_grant },
};

static const struct bench nothing = { "nothing", 0, 0, run_nothing };

/* What bench/profile looks for. */
void profile_begin(void);
void profile_end(void);
void profile_done(void);

#define MARK(name)                                \
	__attribute__((noinline)) void name(void) \
	{                                         \
		__asm__ volatile("");             \
	}
MARK(profile_begin)
MARK(profile_end)
MARK(profile_done)

/* One run, checked. Without meaning if it left an error. */
static uint64_t run_once(const struct bench *b, long *error)
{
	uint64_t start, end;

	if (b->prepare)
		b->prepare();
	start = rdtsc();
	*error = b->run();
	end = rdtsc();
	if (!*error && b->effect && !b->effect())
		*error = -EINVAL;
	return end - start;
}

/* The least of several runs after the first few; stops at the first error. */
static uint64_t measure(const struct bench *b, long *error)
{
	uint64_t least = -1UL, ticks;
	int i;

	*error = b->setup ? b->setup() : 0;
	for (i = 0; i < WARM_UP + RUNS && !*error; i++) {
		ticks = run_once(b, error);
		if (i >= WARM_UP && ticks < least)
			least = ticks;
	}
	return least;
}

static void report(const struct bench *b, uint64_t overhead)
{
	long error;
	uint64_t ticks = measure(b, &error);

	if (error == -ENOSYS)
		print("BENCH %s not-built\n", b->name);
	else if (error)
		test_fail(__FILE__, __LINE__, "%s: error %ld", b->name, error);
	else
		print("BENCH %s %lu\n", b->name, ticks - overhead);
}

static void profile(const struct bench *b)
{
	long error;
	int i;

	measure(b, &error);
	if (error == -ENOSYS)
		test_fail(__FILE__, __LINE__, "%s is not built", b->name);
	REQUIRE(!error);
	for (i = 0; i < PROFILED; i++) {
		if (b->prepare)
			b->prepare();
		profile_begin();
		b->run();
		profile_end();
	}
	profile_done();
}

int test_main(struct start_info *si)
{
	static const char word[] = "profile=";
	const char *args = (const char *)si->cmd_line;
	uint64_t overhead;
	unsigned int i;
	long error;

	overhead = measure(&nothing, &error);
	for (i = 0; i < ARRAY_SIZE(benches); i++) {
		if (strncmp(args, word, strlen(word)))
			report(&benches[i], overhead);
		else if (!strcmp(args + strlen(word), benches[i].name))
			profile(&benches[i]);
	}
	return 0;
}

/*
 * Page faults: the error code, the address in arch.cr2, the frame. A guest
 * kernel runs in ring 3, but its faults must look like a kernel's: the error
 * code has the user bit clear.
 */
#include "test.h"
#include "mm.h"
#include "smp.h"
#include "trap.h"

#define PF_P 1
#define PF_W 2
#define PF_U 4
#define PF_RSVD 8
#define PF_I 16

static char pages[2 * PAGE_SIZE] page_aligned;
static char *const page = pages + PAGE_SIZE;
static char code[PAGE_SIZE] page_aligned;

static void check_pf(int line, unsigned long address, unsigned long error)
{
	if (trap_seen.vector != TRAP_PF || trap_seen.error != error || trap_seen.cr2 != address)
		test_fail(__FILE__, line, "trap %ld error 0x%lx cr2 %lx, not 14, 0x%lx, %lx",
			  trap_seen.vector, trap_seen.error, trap_seen.cr2, error, address);
}

#define CHECK_PF(address, error, what, ...)                          \
	do {                                                         \
		TRY(what, __VA_ARGS__);                              \
		check_pf(__LINE__, (unsigned long)(address), error); \
		CHECK_EQ(trap_seen.regs.rip, trap_seen.insn);        \
	} while (0)

#define CHECK_READ_PF(address, error) \
	CHECK_PF(address, error, "movb (%0), %%al", : "r"(address) : "rax")
#define CHECK_WRITE_PF(address, error) CHECK_PF(address, error, "movb $1, (%0)", : "r"(address))

static void not_present(void)
{
	CHECK_EQ(map_mfn(page, 0, 0), 0);
	CHECK_READ_PF(page, 0);
	CHECK_READ_PF(page + 123, 0);
	CHECK_WRITE_PF(page + PAGE_SIZE - 1, PF_W);
	/* An access that begins on the page before faults on the first byte beyond. */
	CHECK_PF(page, 0, "movq (%0), %%rax", : "r"(page - 4) : "rax");
	CHECK_EQ(map_writable(page), 0);
	CHECK_NO_TRAP("movb $1, (%0)", : "r"(page));
	/* No table at any level. */
	CHECK_READ_PF(0UL, 0);
	CHECK_READ_PF(0x1000UL, 0);
	CHECK_WRITE_PF(0x7fffffffffffUL, PF_W);
	CHECK_READ_PF(0xffff888000000000UL, 0);
	CHECK_READ_PF(VIRT_BASE - 1, 0);
}

static void read_only(void)
{
	CHECK_EQ(map_readonly(page), 0);
	CHECK_NO_TRAP("movb (%0), %%al", : "r"(page) : "rax");
	CHECK_WRITE_PF(page + 5, PF_P | PF_W);
	CHECK_PF(page, PF_P | PF_W, "lock incl (%0)", : "r"(page));
	CHECK_EQ(map_writable(page), 0);
	CHECK_NO_TRAP("movb $1, (%0)", : "r"(page));
}

static void no_execute(void)
{
	memset(code, 0xc3, sizeof(code));
	CHECK_EQ(map_mfn(code, virt_to_mfn(code), PTE_RO), 0);
	CHECK_NO_TRAP("call *%0", : "r"(code));
	CHECK_EQ(map_mfn(code, virt_to_mfn(code), PTE_RO | PTE_NX), 0);
	TRY("jmp *%0", : "r"(code + 7));
	check_pf(__LINE__, (unsigned long)code + 7, PF_P | PF_I);
	CHECK_EQ(trap_seen.regs.rip, code + 7);
	CHECK_EQ(map_mfn(code, 0, 0), 0);
	TRY("jmp *%0", : "r"(code + 9));
	check_pf(__LINE__, (unsigned long)code + 9, PF_I);
	CHECK_EQ(map_writable(code), 0);
}

/* The hypervisor's own range: the tables can be read, nothing else. */
static void hypervisor_range(void)
{
	volatile unsigned long *table = (void *)MACH2PHYS_VIRT_START;

	CHECK_NO_TRAP("movq (%0), %%rax", : "r"(table) : "rax");
	CHECK_WRITE_PF(table, PF_P | PF_W);
	CHECK_READ_PF(MACH2PHYS_VIRT_START + (1UL << 37), 0);
	CHECK(TRY("movb (%0), %%al", : "r"(0xffff82d040000000UL) : "rax"));
	CHECK_EQ(trap_seen.vector, TRAP_PF);
	CHECK_EQ(trap_seen.cr2, 0xffff82d040000000UL);
	CHECK_EQ(trap_seen.error & ~PF_P, 0);
	CHECK(TRY("movb $0, (%0)", : "r"(0xffff830000000000UL)));
	CHECK_EQ(trap_seen.vector, TRAP_PF);
	CHECK_EQ(trap_seen.error & ~PF_P, PF_W);
}

/* The page tables are read-only for ordinary writes of 1 byte, too. */
static void table_pages(void)
{
	uint64_t *l4 = (uint64_t *)start_info->pt_base;

	CHECK_WRITE_PF(l4, PF_P | PF_W);
	CHECK_PF(l4 + 1, PF_P | PF_W, "movq $0, (%0)", : "r"(l4 + 1));
}

/* cr2 is read from the shared page; mov from %cr2 is emulated to the same. */
static void cr2_register(void)
{
	unsigned long cr2;

	CHECK_READ_PF(0x5678UL, 0);
	__asm__ volatile("movq %%cr2, %0" : "=r"(cr2));
	CHECK_EQ(cr2, 0x5678);
	__asm__ volatile("movq %0, %%cr2" : : "r"(0xabcdUL));
	CHECK_EQ(vcpu_info(0)->arch.cr2, 0xabcd);
}

/* Events are left as they are unless the trap table says otherwise. */
static uint8_t mask_seen;

static bool note_mask(struct regs *regs)
{
	(void)regs;
	mask_seen = vcpu_info(0)->evtchn_upcall_mask;
	return false;
}

static void masking(void)
{
	trap_handler(TRAP_PF, note_mask);
	events_enable();
	CHECK_READ_PF(0x1000UL, 0);
	CHECK_EQ(mask_seen, 0);
	CHECK_EQ(trap_set(TRAP_PF, TI_MASK_EVENTS, trap_entry(TRAP_PF)), 0);
	CHECK_READ_PF(0x1000UL, 0);
	CHECK_EQ(mask_seen, 1);
	CHECK_EQ(trap_seen.regs.saved_mask, 0);
	CHECK_EQ(vcpu_info(0)->evtchn_upcall_mask, 0);
	events_disable();
	trap_handler(TRAP_PF, NULL);
}

int test_main(struct start_info *si)
{
	(void)si;
	not_present();
	read_only();
	no_execute();
	hypervisor_range();
	table_pages();
	cr2_register();
	masking();
	return 0;
}

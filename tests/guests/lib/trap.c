/*
 * The trap table and what happens when a trap arrives: a handler if there is
 * one, else the end of a TRY(), else the guest has failed.
 */
#include "trap.h"
#include "event.h"
#include "smp.h"
#include "test.h"
#include "user.h"

extern const struct {
	unsigned long vector, entry;
} trap_entries[];
extern char event_entry[], failsafe_entry[], syscall_entry[];

struct trap_seen trap_seen;
unsigned long trap_resume, trap_insn;

static trap_handler_t handlers[TRAP_LAST + 1];

unsigned long trap_entry(unsigned int vector)
{
	int i;

	for (i = 0; trap_entries[i].entry; i++)
		if (trap_entries[i].vector == vector)
			return trap_entries[i].entry;
	return 0;
}

long trap_set(unsigned int vector, unsigned int flags, unsigned long entry)
{
	struct trap_info table[2] = {
		{ .vector = vector, .flags = flags, .cs = FLAT_KERNEL_CS, .address = entry },
	};

	return hv_set_trap_table(table);
}

void trap_init(void)
{
	static struct trap_info table[32];
	int i;

	for (i = 0; trap_entries[i].entry; i++) {
		/* The guest runs in ring 3: int3, into and int n need a DPL of 3. */
		unsigned int vector = trap_entries[i].vector;
		bool soft = vector == TRAP_BP || vector == TRAP_OF || vector == 128;

		table[i].vector = vector;
		table[i].flags = soft ? 3 : 0;
		table[i].cs = FLAT_KERNEL_CS;
		table[i].address = trap_entries[i].entry;
	}
	hv_set_trap_table(table);
	hv_set_callbacks(event_entry, failsafe_entry, syscall_entry);
}

void trap_handler(unsigned int vector, trap_handler_t handler)
{
	handlers[vector] = handler;
}

void trap_arm(void)
{
	trap_seen.vector = -1;
	trap_seen.error = 0;
	trap_seen.cr2 = 0;
}

void trap_check(const char *file, int line, const char *insn, long vector, unsigned long error)
{
	if (trap_seen.vector != vector)
		test_fail(file, line, "%s: trap %ld error 0x%lx, not trap %ld", insn,
			  trap_seen.vector, trap_seen.error, vector);
	else if (trap_seen.error != error)
		test_fail(file, line, "%s: trap %ld with error 0x%lx, not 0x%lx", insn, vector,
			  trap_seen.error, error);
}

static void fatal(struct regs *regs)
{
	print("trap %lu error 0x%lx rip %lx rsp %lx rflags %lx cs %x ss %lx cr2 %lx\n",
	      regs->vector, regs->error, regs->rip, regs->rsp, regs->rflags, regs->cs, regs->ss,
	      vcpu_info(smp_id())->arch.cr2);
	print("rax %lx rbx %lx rcx %lx rdx %lx rsi %lx rdi %lx rbp %lx r8 %lx r9 %lx\n", regs->rax,
	      regs->rbx, regs->rcx, regs->rdx, regs->rsi, regs->rdi, regs->rbp, regs->r8, regs->r9);
	test_fail(__FILE__, __LINE__, "unexpected trap %ld error 0x%lx at %lx", regs->vector,
		  regs->error, regs->rip);
	test_done();
}

/* Called by trap_common in start.S. */
void trap_handle(struct regs *regs)
{
	if (regs->vector <= TRAP_LAST && handlers[regs->vector] && handlers[regs->vector](regs))
		return;
	if (regs->vector == TRAP_EVENT) {
		event_upcall(regs);
		return;
	}
	if ((regs->cs & 3) == 3 && user_trap(regs))
		return;
	if (!trap_resume)
		fatal(regs);

	trap_seen.vector = regs->vector;
	trap_seen.error = regs->error;
	trap_seen.cr2 = shared_info ? vcpu_info(smp_id())->arch.cr2 : 0;
	trap_seen.insn = trap_insn;
	trap_seen.regs = *regs;
	regs->rip = trap_resume;
	trap_resume = 0;
}

void events_disable(void)
{
	vcpu_info(smp_id())->evtchn_upcall_mask = 1;
	barrier();
}

void events_enable(void)
{
	volatile struct vcpu_info *info = vcpu_info(smp_id());

	barrier();
	info->evtchn_upcall_mask = 0;
	barrier();
	/* Unmasking is only a store: what came while masked must be asked for. */
	if (info->evtchn_upcall_pending)
		hv_xen_version(0, 0);
}

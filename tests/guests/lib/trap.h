/*
 * Traps: the frame, handlers, and TRY() - run one instruction that may fault
 * and look at what arrived.
 */
#ifndef LIB_TRAP_H
#define LIB_TRAP_H

#include <stdbool.h>
#include <stdint.h>

enum {
	TRAP_DE = 0,
	TRAP_DB = 1,
	TRAP_NMI = 2,
	TRAP_BP = 3,
	TRAP_OF = 4,
	TRAP_BR = 5,
	TRAP_UD = 6,
	TRAP_NM = 7,
	TRAP_DF = 8,
	TRAP_TS = 10,
	TRAP_NP = 11,
	TRAP_SS = 12,
	TRAP_GP = 13,
	TRAP_PF = 14,
	TRAP_MF = 16,
	TRAP_AC = 17,
	TRAP_MC = 18,
	TRAP_XM = 19,
	/* Not vectors: the callbacks, in the same numbering for the same code. */
	TRAP_EVENT = 256,
	TRAP_FAILSAFE = 257,
	TRAP_SYSCALL = 258,
	TRAP_SYSENTER = 259,
	TRAP_NMI_CALLBACK = 260,
	TRAP_LAST = 260,
};

/* What trap_common in start.S leaves on the stack. */
struct regs {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector, error;
	uint64_t rip;
	/* The high half of the word with %cs is the event mask at the time. */
	uint16_t cs, cs_pad;
	uint8_t saved_mask, mask_pad[3];
	uint64_t rflags, rsp, ss;
};

#define FLAG_CF 0x1UL
#define FLAG_TF 0x100UL
#define FLAG_IF 0x200UL
#define FLAG_DF 0x400UL
#define FLAG_IOPL 0x3000UL
#define FLAG_NT 0x4000UL
#define FLAG_RF 0x10000UL
#define FLAG_AC 0x40000UL
#define FLAG_ID 0x200000UL

/* Set in an entry of the trap table: clear the event enable flag on the way. */
#define TI_MASK_EVENTS 4

/* Give the hypervisor a trap table with every vector of start.S. */
void trap_init(void);
/* The stub for a vector, 0 when start.S has none. */
unsigned long trap_entry(unsigned int vector);
/* Set one entry of the trap table. flags: DPL, or'ed with TI_MASK_EVENTS. */
long trap_set(unsigned int vector, unsigned int flags, unsigned long entry);

/*
 * A handler owns its vector until it is taken away with NULL. It returns true
 * when it dealt with the trap; false leaves it to TRY() or to be fatal.
 */
typedef bool (*trap_handler_t)(struct regs *regs);
void trap_handler(unsigned int vector, trap_handler_t handler);

/* What the last TRY() ran into. vector is -1 if its instruction completed. */
struct trap_seen {
	long vector;
	unsigned long error;
	unsigned long cr2;  /* as left by the hypervisor in arch.cr2; #PF only */
	unsigned long insn; /* address of the instruction under test */
	struct regs regs;
};
extern struct trap_seen trap_seen;

/* Private to TRY(): where to go on, and whether a trap is expected at all. */
extern unsigned long trap_resume, trap_insn;

/*
 * TRY("instructions", outputs : inputs : clobbers): run them, and go on after
 * the last even if one traps. True when one did; see trap_seen.
 */
#define TRY(insn, ...)                                       \
	({                                                   \
		trap_arm();                                  \
		__asm__ volatile("movq $771f, trap_insn\n\t" \
				 "movq $772f, trap_resume\n" \
				 "771:\n\t" insn "\n"        \
				 "772:\n\t"                  \
				 "movq $0, trap_resume"      \
				 : __VA_ARGS__);             \
		__asm__ volatile("" : : : "memory");         \
		trap_seen.vector >= 0;                       \
	})

/* As TRY(), and check the vector and the error code. */
#define CHECK_TRAP(vec, err, insn, ...)                         \
	do {                                                    \
		TRY(insn, __VA_ARGS__);                         \
		trap_check(__FILE__, __LINE__, insn, vec, err); \
	} while (0)
#define CHECK_NO_TRAP(insn, ...) CHECK_TRAP(-1, 0, insn, __VA_ARGS__)

void trap_arm(void);
void trap_check(const char *file, int line, const char *insn, long vector, unsigned long error);

/* Resume at the frame (in start.S); for guests that build one themselves. */
void trap_return(void) __attribute__((noreturn));

/* The virtual interrupt flag of this VCPU. */
void events_disable(void);
void events_enable(void);

#endif

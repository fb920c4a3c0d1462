/*
 * User mode: a page table of its own with one page of code and one of data,
 * and a way to run a piece of code there until it traps.
 *
 * Kernel and user both run in ring 3. The hypervisor keeps two page tables and
 * two GS bases apart, and switches between them on the way in and out.
 */
#ifndef LIB_USER_H
#define LIB_USER_H

#include <stddef.h>
#include "trap.h"

#define USER_CODE 0x400000UL
#define USER_DATA 0x600000UL
#define USER_STACK (USER_DATA + 4096) /* grows down through the data page */

/* The two pages as the kernel sees them. */
extern char user_code_page[], user_data_page[];
extern uint64_t user_l4[512], user_l1_code[512], user_l1_data[512];

/* Build the tables and hand them to the hypervisor. */
void user_init(void);
/* Registers for user mode with the code at USER_CODE and an empty stack. */
void user_regs(struct regs *regs);
/*
 * Go to user mode with these registers. Returns with the registers at the
 * trap that ended it; events are handled on the way and end nothing.
 */
void user_run(struct regs *regs);
/* user_regs() and user_run() for a piece of code. */
void user_exec(struct regs *regs, const void *code, size_t size);
/* Leave user mode; called by the trap handler. */
bool user_trap(struct regs *regs);

/* Code for user mode: USER_CODE_IS(name, "instructions"), position-independent. */
#define USER_CODE_IS(name, text)                                                          \
	__asm__(".pushsection .rodata\n" #name ": " text "\n" #name "_end: .popsection"); \
	extern const char name[], name##_end[]
#define USER_EXEC(regs, name) user_exec(regs, name, name##_end - name)

#endif
